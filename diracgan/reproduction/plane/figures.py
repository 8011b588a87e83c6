"""Pictures of runs on the plane: samples over level sets of the discriminator, and a summary of all."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Page
from matplotlib.lines import Line2D

from diracgan.beyond.plane import METHODS, OPTIMISERS, PlaneRun
from diracgan.plotting import palette
from diracgan.reproduction.figures.kinds import page
from diracgan.reproduction.plane.grid import Cell, Grid

_HALF_WIDTHS = {"gaussian": 3.3}
_HALF_WIDTH = 1.7  # of the other targets
_SHOWN = 256  # points of a sample that are drawn
_PIXELS = 81
_MARKERS = "os^D"
# Of the samples, whatever is under them.
_DATA, _MADE, _LEVELS = "#1a1a1a", "#D55E00", "#b0b0b0"
# Letters of a title to an inch, and inches that an entry of a legend takes.
_LETTERS, _ENTRY = 17, 0.8

_FLOOR: dict[str, Any] = {"linestyle": (0, (4, 2)), "linewidth": 0.7}

Runs = Mapping[Cell, PlaneRun]


def samples(grid: Grid, runs: Runs, optimiser: str) -> Page:
    """Targets down, methods across: held-out points, generated ones, and level sets of D, of the median seed."""
    figure, axes = page(len(grid.targets), len(grid.methods), 1.28, 1.28, head=0.5)
    for row, target in zip(axes, grid.targets, strict=True):
        top = target == grid.targets[0]
        for ax, method in zip(row, grid.methods, strict=True):
            made = runs[Cell(grid, target, method, optimiser)]
            _panel(ax, made)
            head = f"{METHODS[method].title}\n" if top else ""
            ax.set_title(f"{head}W₁ {made.w1[made.shown]:.3g}", fontsize=6.5, pad=3)
        row[0].set_ylabel(target, fontsize=7.5)
    _headed(figure, f"{_title(optimiser)}, {grid.rounds} rounds, the median of {grid.seeds} seeds", _key(axes[0, 0]))
    return figure


def _title(optimiser: str) -> str:
    return f"{optimiser}, h = {float(OPTIMISERS[optimiser].rate):g}"


def _key(ax: Axes) -> list[Line2D]:
    """What the colours of a panel mean."""
    dots: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 3}
    return [
        Line2D([], [], color=_DATA, label="held out", **dots),
        Line2D([], [], color=_MADE, label="generated", **dots),
        Line2D([], [], color=_LEVELS, linewidth=0.8, label="level sets of D"),
        Line2D([], [], color=palette(ax).path, linewidth=1.2, label="D = 0"),
    ]


def _headed(figure: Page, title: str, handles: list[Any]) -> None:
    """The title, in as many lines as it takes, and below it the legend, in as many columns as there is room for."""
    width, height = figure.get_size_inches()
    lines = textwrap.wrap(title, int(width * _LETTERS))
    figure.suptitle("\n".join(lines), x=0.08 / width, y=1 - 0.06 / height, ha="left", va="top", fontsize=7)
    columns = next(n for n in range(len(handles), 0, -1) if n == 1 or n * _ENTRY < width)
    below = 1 - (0.1 + 0.13 * len(lines)) / height
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.08 / width, below), ncols=columns, fontsize=6.5,
        handlelength=1.4, columnspacing=1.2, frameon=False, borderaxespad=0, borderpad=0.2, labelspacing=0.25,
    )  # fmt: skip


def _panel(ax: Axes, made: PlaneRun) -> None:
    half = _HALF_WIDTHS.get(made.target, _HALF_WIDTH)
    ax.set(xlim=(-half, half), ylim=(-half, half), aspect="equal", xticks=[], yticks=[])
    seed = made.shown
    if not np.all(np.isfinite(made.states[seed])):
        ax.text(0.5, 0.5, "diverged", ha="center", va="center", transform=ax.transAxes, fontsize=7)
        return
    _level_sets(ax, made, half)
    for points, colour in ((made.held, _DATA), (made.samples[seed], _MADE)):
        ax.plot(*points[:_SHOWN].T, ".", color=colour, markersize=1.6, markeredgewidth=0, zorder=3)


def _level_sets(ax: Axes, made: PlaneRun, half: float) -> None:
    along = np.linspace(-half, half, _PIXELS)
    points = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    scores = made.scores(points).reshape(_PIXELS, _PIXELS)
    low, high = float(scores.min()), float(scores.max())
    # A flat discriminator has none but rounding's.
    if high - low <= 1e-6 * max(abs(low), abs(high), 1e-30):
        return
    levels = np.linspace(low, high, 11)[1:-1]
    ax.contour(along, along, scores, levels, colors=_LEVELS, linewidths=0.5, linestyles="solid")
    if low < 0 < high:
        ax.contour(along, along, scores, [0.0], colors=palette(ax).path, linewidths=0.9)


def summary(grid: Grid, runs: Runs) -> Page:
    """W₁ with its quartiles above, the largest real part of the spectrum below, for every method and target."""
    figure, axes = page(2, len(grid.optimisers), 0.47 * len(grid.methods) + 0.9, 1.9, head=0.5, gap=0.4)
    for column, optimiser in zip(axes.T, grid.optimisers, strict=True):
        for number, target in enumerate(grid.targets):
            made = [runs[Cell(grid, target, method, optimiser)] for method in grid.methods]
            place = np.arange(len(made)) + 0.16 * (number - (len(grid.targets) - 1) / 2)
            _distances(column[0], made, place, number)
            real = [run.spectrum[0].real for run in made]
            column[1].plot(place, real, _MARKERS[number], color=_colour(column[1], number), markersize=3.5)
        _dress(column, grid, _title(optimiser))
    for row in axes:
        lows, highs = zip(*(ax.get_ylim() for ax in row), strict=True)
        for ax in row:
            ax.set_ylim(min(lows), max(highs))
    axes[0, 0].set_ylabel("W₁ to held-out data")
    axes[1, 0].set_ylabel("largest Re μ at the end")
    handles, _ = axes[0, 0].get_legend_handles_labels()
    floor = Line2D([], [], color=palette(axes[0, 0]).ink, label="two samples of the data", **_FLOOR)
    title = f"{grid.rounds} rounds, {grid.seeds} seeds: median and quartiles of W₁, and the spectrum of the median seed"
    _headed(figure, title, [*handles, floor])
    return figure


def _colour(ax: Axes, number: int) -> str:
    p = palette(ax)
    return (p.path, p.start, p.psi, p.theta)[number]


def _distances(ax: Axes, made: list[PlaneRun], place: np.ndarray, number: int) -> None:
    """Median and quartiles of W₁, and its floor; what diverged stays out of the picture."""
    median = np.array([run.median for run in made])
    low, high = np.array([run.spread for run in made]).T
    seen = np.isfinite(median) & np.isfinite(high)
    bars = np.stack([median - low, high - median])[:, seen]
    look: dict[str, Any] = {"color": _colour(ax, number), "fmt": _MARKERS[number], "markersize": 3.5, "linewidth": 0.9}
    ax.axhline(made[0].floor, color=_colour(ax, number), zorder=0, **_FLOOR)
    ax.errorbar(place[seen], median[seen], bars, label=made[0].target, **look)


def _dress(column: Any, grid: Grid, title: str) -> None:
    """Scales and ticks."""
    column[0].set_yscale("log")
    column[0].set_title(title, loc="left", fontsize=7.5)
    column[1].set_yscale("symlog", linthresh=0.1)
    column[1].axhline(0, color=palette(column[1]).ink, linewidth=0.6)
    for ax, names in zip(column, ([""] * len(grid.methods), grid.methods), strict=True):
        ax.set_xticks(range(len(grid.methods)), names, fontsize=6, rotation=12)
        ax.set_xlim(-0.6, len(grid.methods) - 0.4)
        ax.tick_params(axis="y", labelsize=7)
