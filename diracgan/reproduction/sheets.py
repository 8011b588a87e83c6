"""The pictures of image models: samples over training, distances and coverage over the rounds, leading eigenvalues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from diracgan.beyond.images import TITLES, ImageSet, Plan
from diracgan.plotting.canvas import theme
from diracgan.reproduction.figures.output import save

# By method: colour of Okabe and Ito, line and marker, so that no curve is told by its colour alone.
STYLES = {
    "none": ("#D55E00", "--", "o"),
    "r1": ("#0072B2", "-", "s"),
    "wgan-gp": ("#009E73", "-.", "^"),
    "dragan": ("#CC79A7", ":", "D"),
}
_COLUMNS, _ROWS = 4, 3


def montage(made: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Twelve images, shape `(12, entries)`, as one of three rows of four with a grey line between, in [0, 1]."""
    height, width, *channels = shape
    tiles = np.nan_to_num(np.clip((made[: _ROWS * _COLUMNS].reshape(-1, *shape) + 1) / 2, 0, 1))
    # Grey between them: paper and ink are both colours of the images.
    sheet = np.full((_ROWS * (height + 1) - 1, _COLUMNS * (width + 1) - 1, *channels), 0.3)
    for i, tile in enumerate(tiles):
        top, left = (i // _COLUMNS) * (height + 1), (i % _COLUMNS) * (width + 1)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def draw_sheet(file: Path, shown: Mapping[str, np.ndarray], images: ImageSet, plan: Plan) -> Path:
    """Samples of the first seed of every method (rows) at every milestone (columns), real images in the first column.

    `shown` holds arrays of shape `(milestones, 12, entries)`; the latent points are the same everywhere.
    """
    with theme("light"):
        columns = len(plan.milestones) + 1
        figure = Figure(figsize=(1.45 * columns, 1.02 * len(shown) + 0.35), layout="constrained")
        axes = figure.subplots(len(shown), columns, squeeze=False)
        # Images of all classes, in the order of the set.
        real = montage(images.flat[:12], images.shape)
        for row, (name, made) in zip(axes, shown.items(), strict=True):
            for ax, picture in zip(row, [real, *(montage(part, images.shape) for part in made)], strict=True):
                ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
                ax.set(xticks=[], yticks=[])
            row[0].set_ylabel(TITLES[name].replace(", ", "\n"))
        for ax, title in zip(axes[0], ["data", *(f"{rounds} rounds" for rounds in plan.milestones)], strict=True):
            ax.set_title(title)
        return save(figure, [file])[0]


def draw_curves(
    file: Path, rows: Sequence[Mapping[str, Any]], spectra: Mapping[str, Any], floor: float, plan: Plan
) -> Path:
    """Distance and coverage over the rounds, median and range over the seeds, and the leading eigenvalues at the end.

    `rows` and `spectra` are those of `results.json`; `floor` is the distance of held-out images.
    """
    with theme("light"):
        figure = Figure(figsize=(9.6, 3.0), layout=ConstrainedLayoutEngine(wspace=0.06))
        axes = figure.subplots(1, 3)
        for ax, key in zip(axes, ("distance", "coverage"), strict=False):
            _over_rounds(ax, rows, key, plan)
        axes[0].axhline(floor, color="#555555", linewidth=0.8)
        axes[0].annotate("held-out images", (plan.milestones[0], floor), (0, 3), textcoords="offset points", fontsize=7)
        axes[0].set(ylabel="Fréchet distance", yscale="log")
        axes[1].set(ylabel="share of the classes that occur", ylim=(-0.03, 1.03))
        _eigenvalues(axes[2], spectra)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(STYLES))
        return save(figure, [file])[0]


def _over_rounds(ax: Any, rows: Sequence[Mapping[str, Any]], key: str, plan: Plan) -> None:
    for name in dict.fromkeys(row["method"] for row in rows):
        colour, line, marker = STYLES[name]
        of = lambda rounds, name=name: [
            np.nan if row[key] is None else row[key]
            for row in rows
            if row["method"] == name and row["rounds"] == rounds
        ]
        values = np.array([of(rounds) for rounds in plan.milestones], float)
        ax.fill_between(plan.milestones, values.min(1), values.max(1), color=colour, alpha=0.15, linewidth=0)
        middle = np.median(values, axis=1)
        ax.plot(plan.milestones, middle, line, color=colour, marker=marker, markersize=3.5, label=TITLES[name])
    ax.set(xlabel="rounds", xscale="log")


def _eigenvalues(ax: Any, spectra: Mapping[str, Any]) -> None:
    ax.axvline(0, color="#9a9a9a", linewidth=0.8)
    for name, found in spectra.items():
        colour, _, marker = STYLES[name]
        values = np.array(found["eigenvalues"], float).reshape(-1, 2)
        # What ARPACK did not find to the tolerance is drawn hollow.
        face = colour if found["converged"] else "none"
        ax.plot(*values.T, marker, color=colour, markerfacecolor=face, markersize=4.5)
    ax.set(xlabel="Re μ, the leading ones at the end", ylabel="Im μ")
    ax.margins(0.15)
