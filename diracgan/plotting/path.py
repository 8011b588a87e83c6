"""Paths in the phase plane, the point they are meant to reach, and the whole portrait."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.dynamics.flows import flow
from diracgan.dynamics.outcomes import outcome
from diracgan.dynamics.trajectories import STEPS, simulate
from diracgan.dynamics.verdicts import verdict
from diracgan.games.fields import FieldLike, VectorField, as_planar
from diracgan.games.inputs import as_box, as_choice, as_flag, as_numbers, as_text
from diracgan.games.parameters import Parameter
from diracgan.games.states import finite_state
from diracgan.plotting import curves
from diracgan.plotting.canvas import as_axes, axes, palette, phase_plane
from diracgan.plotting.plane import _ARROWS, shade_outside, vector_field

_TIME = Parameter("time", "T", "length of an integral curve", 100.0, open_low=True)
_SAMPLES = 2001


def rows(path: ArrayLike) -> np.ndarray:
    """A path as a float array `(rows, 2)`; `ValueError` for another shape."""
    array = as_numbers(path, "path", ("rows", "2"), finite=False)
    if array.shape[1] != 2:
        raise ValueError(
            f"path must have shape (rows, 2); shape {array.shape} was given: draw several paths one by one"
        )
    return array


def drawable(path: np.ndarray, limits: tuple[float, float, float, float]) -> np.ndarray:
    """The path with far points pulled in along their direction (far outside the limits), non-finite ones NaN.

    Matplotlib's transforms overflow, with a warning, long before float64 does.
    """
    x0, x1, y0, y1 = limits
    centre, reach = np.array([(x0 + x1) / 2, (y0 + y1) / 2]), 1e3 * max(x1 - x0, y1 - y0)
    with np.errstate(over="ignore", invalid="ignore"):
        largest = np.max(np.abs(path - centre), axis=1, keepdims=True)
        pulled = centre + (path - centre) * (reach / np.maximum(largest, reach))
    return np.where(np.isfinite(largest), pulled, np.nan)


def trajectory(
    path: ArrayLike,
    ax: Axes | None = None,
    field: FieldLike | None = None,
    box: ArrayLike | None = None,
    style: str = "steps",
    label: str | None = None,
) -> Axes:
    """A path in the phase plane, its start a filled disc, its end a square.

    A path that ends outside the picture is marked where it last left it by a triangle that points outwards, with
    the word "diverges" when its distance grew beyond all bounds (see `outcome`). Infinite and NaN entries are not
    drawn. With `field`, what its domain excludes is shaded (weight clipping).

    Args:
        path: shape `(rows, 2)`, from `simulate` or `flow`.
        ax: where to draw; a new pyplot figure by default.
        field: the method of the path, for its domain.
        box: what is shown, as for `vector_field`; by default what `ax` shows, or the path itself where that is empty.
        style: "steps" (every iterate a dot) or "curve".
        label: for a legend.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> path = dg.simulate(dg.method("gan"), dg.SimGD(h=0.2), steps=100)
    >>> ax = plotting.trajectory(path, Figure().add_subplot(), box=2.0)
    >>> len(ax.lines[0].get_xdata())
    101
    """
    path, ax, style = rows(path), as_axes(ax), as_choice(style, "style", ("steps", "curve"))
    field, box = None if field is None else as_planar(field), None if box is None else as_box(box)
    label = None if label is None else as_text(label, "label")
    ax = axes(ax)
    if box is not None or not ax.has_data():
        phase_plane(ax, _around(path) if box is None else box)
    if field is not None:
        shade_outside(field, ax)
    limits = (*ax.get_xlim(), *ax.get_ylim())
    shown, colour = drawable(path, limits), palette(ax).path
    marks: dict[str, Any] = {"marker": "o", "markersize": 2.2, "markeredgewidth": 0} if style == "steps" else {}
    width = 0.5 if style == "steps" else 1.3
    ax.plot(*shown.T, color=colour, linewidth=width, zorder=3, label=label, **marks, scalex=False, scaley=False)
    _ends(path, shown, ax, limits)
    return ax


def _around(path: np.ndarray) -> tuple[float, float, float, float]:
    """A box around the finite part of a path, with a margin."""
    finite = path[np.all(np.abs(path) < 1e6, axis=1)]
    low, high = (finite.min(0), finite.max(0)) if len(finite) else (np.full(2, -1.0), np.full(2, 1.0))
    margin = max(0.08 * float(np.max(high - low)), 0.1)
    return (low[0] - margin, high[0] + margin, low[1] - margin, high[1] + margin)


def _ends(path: np.ndarray, shown: np.ndarray, ax: Axes, limits: tuple[float, ...]) -> None:
    p = palette(ax)
    edge: dict[str, Any] = {
        "markeredgecolor": p.paper,
        "markeredgewidth": 0.7,
        "linestyle": "none",
        "scalex": False,
        "scaley": False,
    }
    x0, x1, y0, y1 = limits
    with np.errstate(invalid="ignore"):
        inside = np.all((shown >= (x0, y0)) & (shown <= (x1, y1)), axis=1)
    if inside[-1]:
        ax.plot(*shown[-1], marker="s", markersize=5, color=p.path, zorder=4, **edge)
    elif inside.any() and np.isfinite(shown[np.flatnonzero(inside)[-1] + 1]).all():
        last = np.flatnonzero(inside)[-1]
        a, b = shown[last], shown[last + 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.nanmin(np.where(b != a, (np.where(b > a, (x1, y1), (x0, y0)) - a) / (b - a), np.nan))
        corner = a + share * (b - a)
        angle = np.degrees(np.arctan2(*(b - a)[::-1])) - 90
        ax.plot(*corner, marker=(3, 0, angle), markersize=9, color=p.path, zorder=5, clip_on=False, **edge)
    if outcome(path).kind == "diverged":
        behind = {"color": p.paper, "pad": 1.5}
        ax.text(0.03, 0.03, "diverges", transform=ax.transAxes, color=p.path, fontsize="small", bbox=behind, zorder=5)
    ax.plot(*shown[0], marker="o", markersize=6, color=p.start, zorder=4.5, **edge)


_KINDS = (
    "stable",
    "neutral",
    "unstable",
    "not an equilibrium",
    "not differentiable",
    "depends on the round",
    "no multipliers",
)


def equilibrium(field: FieldLike, ax: Axes, algorithm: Algorithm | None = None, kind: str | None = None) -> Axes:
    """The declared equilibrium, by what linearisation says of it: filled when stable, open when unstable, half filled
    when neutral, and a cross where there is none: at a kink, under an algorithm without multipliers (RMSProp, Adam),
    and when a schedule makes the map depend on the round.

    The verdict is that of the algorithm, or of the flow without one (see `verdict`), unless `kind` gives it. Nothing
    is drawn where the field does not vanish.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> ax = plotting.equilibrium(dg.method("r1"), Figure().add_subplot())
    >>> ax.lines[0].get_fillstyle()
    'full'
    """
    field, ax, algorithm = as_planar(field), axes(ax), as_algorithm(algorithm, flow=True)
    kind = as_choice(kind, "kind", (None, *_KINDS))
    if kind is None:
        kind = _decided(field, algorithm)
    if kind == "not an equilibrium":
        return ax
    ink, paper = palette(ax).ink, palette(ax).paper
    fill = {"stable": "full", "unstable": "none", "neutral": "left"}.get(kind)
    style: dict[str, Any] = {"marker": "X", "markersize": 7, "markeredgecolor": paper, "markeredgewidth": 0.7}
    if fill is not None:
        style = {"marker": "o", "markersize": 6, "fillstyle": fill, "markeredgecolor": ink, "markerfacecoloralt": paper}
    at = np.asarray(field.equilibrium, np.float64)
    ax.plot(*at, color=ink, linestyle="none", zorder=4.2, scalex=False, scaley=False, **style)
    return ax


def _decided(field: VectorField, algorithm: Algorithm | None) -> str:
    """The kind of the verdict, or why there is none."""
    if algorithm is not None and algorithm.no_multipliers:
        return "no multipliers"
    if algorithm is not None and algorithm.scheduled:
        return "depends on the round"
    return str(verdict(field, algorithm).kind)


def phase_portrait(
    field: FieldLike,
    algorithm: Algorithm | None = None,
    start: ArrayLike = (1.0, 1.0),
    steps: int = 500,
    box: ArrayLike = 2.0,
    ax: Axes | None = None,
    n: int = 10,
    style: str = "arrows",
    nullclines: bool = False,
    time: float = 100.0,
) -> Axes:
    """The vector field, the path of an algorithm or of the flow, and the equilibrium with its stability.

    Args:
        field: a method, a `VectorField`, or a function of the state (of two entries).
        algorithm: for example `SimGD(h=0.2)`; None for the integral curve of the flow.
        start: shape `(2,)`, `(m, 2)` for several paths, or None for no path.
        steps: rounds of the algorithm.
        box, ax, n, style: as for `vector_field`.
        nullclines: whether to draw the nullclines too.
        time: length of the integral curve when there is no algorithm.

    Returns the Axes; errors are those of `vector_field`, `simulate` and `flow`.

    >>> from matplotlib.figure import Figure
    >>> from diracgan import plotting
    >>> ax = plotting.phase_portrait(dg.method("nsgan"), dg.SimGD(h=0.2), ax=Figure().add_subplot())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('θ', 'ψ')
    """
    field, algorithm, ax, box = as_planar(field), as_algorithm(algorithm, flow=True), as_axes(ax), as_box(box)
    n, steps, time, nullclines = (
        _ARROWS.convert(n),
        STEPS.convert(steps),
        _TIME.number(time),
        as_flag(nullclines, "nullclines"),
    )
    style = as_choice(style, "style", ("arrows", "streamlines"))
    paths: Any = [] if start is None else _paths(field, algorithm, start, steps, time)
    ax = vector_field(field, ax, box, n, style)
    if nullclines:
        curves.nullclines(field, ax, box)
        ax.legend(*ax.get_legend_handles_labels(), loc="upper right")
    for path in paths:
        trajectory(path, ax, style="curve" if algorithm is None else "steps")
    return equilibrium(field, ax, algorithm)


def _paths(field: VectorField, algorithm: Algorithm | None, start: ArrayLike, steps: int, time: float) -> np.ndarray:
    starts = np.atleast_2d(np.asarray(finite_state(start, 2)))
    if algorithm is not None:
        return np.asarray(simulate(field, algorithm, starts, steps))
    # One curve shares its program with `flow`.
    curves = flow(field, starts[0] if len(starts) == 1 else starts, np.linspace(0.0, time, _SAMPLES))
    return np.asarray(curves).reshape(len(starts), _SAMPLES, 2)
