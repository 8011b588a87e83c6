"""Attractors in the phase plane: equilibria by type, cycles, and bifurcation diagrams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm, AltGD
from diracgan.atlas.bifurcations import Bifurcation
from diracgan.atlas.cycles import Cycle, cycle
from diracgan.atlas.equilibria import FixedPoints
from diracgan.catalogue import method
from diracgan.dynamics.trajectories import simulate
from diracgan.games.fields import VectorField
from diracgan.games.inputs import as_box, as_kind, as_text, told
from diracgan.games.parameters import GAMMA, RATE
from diracgan.plotting.canvas import as_axes, axes, palette, phase_plane
from diracgan.plotting.maps import FATES
from diracgan.plotting.path import equilibrium

# Shape and filling by type: full where it attracts, open where it repels, half where linearisation cannot decide.
_MARKS = {
    "stable node": ("D", "full"),
    "stable focus": ("o", "full"),
    "saddle": ("X", "full"),
    "unstable node": ("D", "none"),
    "unstable focus": ("o", "none"),
    "centre (neutral)": ("o", "left"),
    "degenerate": ("s", "left"),
}


def equilibria(points: FixedPoints, ax: Axes | None = None) -> Axes:
    """The equilibria of a flow as markers by type: foci round, nodes diamonds, saddles crosses, degenerate ones square.

    `points` is what `dg.fixed_points` has found. Filled where it attracts, open where it repels, half filled where
    linearisation cannot decide.

    >>> from diracgan.atlas.equilibria import fixed_points
    >>> from diracgan.plotting.attractors import equilibria
    >>> from matplotlib.figure import Figure
    >>> ax = equilibria(fixed_points(dg.method("consensus"), n=8), Figure().add_subplot())
    >>> [line.get_label() for line in ax.lines]
    ['saddle', 'stable focus']
    """
    as_kind(points, "points", FixedPoints, "dg.fixed_points(field)")
    ax = axes(ax)
    p, kinds = palette(ax), np.array(points.kind, str)
    for kind in dict.fromkeys(points.kind):
        marker, fill = _MARKS[kind]
        colour = p.start if kind == "saddle" else p.ink
        style: dict[str, Any] = {"marker": marker, "fillstyle": fill, "markersize": 7 if kind == "saddle" else 5.5}
        edge = p.paper if kind == "saddle" else colour
        ax.plot(
            *points.x[kinds == kind].T,
            color=colour,
            linestyle="none",
            markeredgecolor=edge,
            markeredgewidth=0.7,
            markerfacecoloralt=p.paper,
            zorder=4.2,
            label=kind,
            scalex=False,
            scaley=False,
            **style,
        )
    return ax


def _colours(ax: Axes) -> tuple[str, ...]:
    p = palette(ax)
    return p.path, p.start, p.psi, p.theta


def _closed(ax: Axes, one: Cycle, colour: str, label: str | None) -> None:
    discrete = one.exact and len(one.points) == one.period
    if discrete:
        ring = np.vstack([one.points, one.points[:1]])
        ax.plot(*ring.T, color=colour, linewidth=0.5, alpha=0.6, zorder=3)
        ax.plot(*one.points.T, color=colour, linestyle="none", marker="o", markersize=4.5, zorder=3.5, label=label)
    elif one.exact:
        ring = np.vstack([one.points, one.points[:1]])
        ax.plot(*ring.T, color=colour, linewidth=1.3, zorder=3, label=label)
    else:
        dots: dict[str, Any] = {"marker": "o", "markersize": 1.2, "markeredgewidth": 0}
        ax.plot(*one.points[:4000].T, color=colour, linestyle="none", zorder=3, label=label, **dots)


def cycle_gallery(
    cycles: Iterable[Cycle], ax: Axes | None = None, labels: Iterable[str] | None = None, box: ArrayLike | None = None
) -> Axes:
    """Cycles in one phase plane, each in its colour: rounds as dots, in their order, flows as closed curves.

    Args:
        cycles: from `cycle`; at most four, the number of colours that stay apart.
        ax: where to draw; a new pyplot figure by default.
        labels: one per cycle, for the legend.
        box: what is shown, as for `vector_field`; by default what holds all cycles.

    >>> from diracgan.atlas.cycles import cycle
    >>> from diracgan.plotting.attractors import cycle_gallery
    >>> from matplotlib.figure import Figure
    >>> found = cycle(dg.method("r1", gamma=0.1), dg.AltGD(h=2.6), start=(0.24, 1.06))
    >>> len(cycle_gallery([found], Figure().add_subplot()).lines)
    2
    """
    for what, several in (("cycles", cycles), ("labels", labels if labels is not None else ())):
        if isinstance(several, (str, dict, np.ndarray)) or not isinstance(several, Iterable):
            raise TypeError(f"{what} must be a list of them; {told(several)} was given")
    shown = [as_kind(one, "each of cycles", Cycle, "dg.cycle(field, algorithm)") for one in cycles]
    words = [None] * len(shown) if labels is None else [as_text(label, "each of labels") for label in labels]
    ax, box = as_axes(ax), None if box is None else as_box(box)
    if not 1 <= len(shown) <= 4 or len(words) != len(shown):
        raise ValueError(f"one to four cycles, each with a label or none, are drawn; {len(shown)} were given")
    if box is None:
        box = 1.1 * max(float(np.abs(one.points).max()) for one in shown)
    ax = phase_plane(ax, box)
    for one, colour, label in zip(shown, _colours(ax), words, strict=False):
        _closed(ax, one, colour, label)
    if labels is not None:
        ax.legend()
    return ax


_STYLES: dict[str, Any] = {"stable": "solid", "neutral": (0, (1, 1.5)), "unstable": (0, (4, 2))}


def bifurcation_diagram(found: Bifurcation, ax: Axes | None = None, label: str | None = None) -> Axes:
    """The distances to the equilibrium of the rounds that were kept, over the hyper-parameter, and the equilibria.

    Equilibria are solid where the algorithm is locally stable, dotted where they are neutral (linearisation cannot
    decide), dashed where they are unstable. Diverged orbits are not drawn.

    Args:
        found: from `bifurcation`.
        ax: where to draw; a new pyplot figure by default.
        label: of the horizontal axis; the name of the hyper-parameter by default.

    >>> from diracgan.atlas.bifurcations import bifurcation
    >>> from diracgan.plotting.attractors import bifurcation_diagram
    >>> from matplotlib.figure import Figure
    >>> found = bifurcation(dg.method("r1", gamma=0.5), dg.AltGD(h=1.0), values=np.linspace(2, 3, 5), keep=8)
    >>> bifurcation_diagram(found, Figure().add_subplot()).get_ylabel()
    'r'
    """
    as_kind(found, "found", Bifurcation, "dg.bifurcation(method, algorithm, values=[1, 2])")
    ax, label = as_axes(ax), None if label is None else as_text(label, "label")
    if len(np.unique(found.values)) < 2:
        raise ValueError(f"a bifurcation diagram needs two values or more of {found.over}")
    ax = axes(ax)
    p, keep = palette(ax), found.radius.shape[1]
    x = np.repeat(found.values, keep)
    ax.plot(x, found.radius.ravel(), color=p.path, zorder=3, linestyle="none", marker=".", markersize=1.2)
    order = np.argsort(found.values)
    most = max((len(points) for points, _ in found.equilibria), default=0)
    levels = {kind: np.full((most, len(found.values)), np.nan) for kind in _STYLES}
    for column, index in enumerate(order):
        points, kinds = found.equilibria[index]
        distances = np.linalg.norm(points, axis=1)
        for row, rank in enumerate(np.argsort(distances)):
            levels[kinds[rank]][row, column] = distances[rank]
    for kind, style in _STYLES.items():
        for i, drawn in enumerate(row for row in levels[kind] if not np.all(np.isnan(row))):
            seen = f"{kind} equilibrium" if i == 0 else None
            ax.plot(found.values[order], drawn, color=p.ink, linewidth=1.3, linestyle=style, zorder=4, label=seen)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper left")
    ax.set_xlim(found.values.min(), found.values.max())
    ax.set_xlabel(label or found.over, style="italic")
    ax.set_ylabel("r", style="italic", rotation=0, labelpad=8)
    return ax


def coexisting_attractors(ax: Axes | None = None, gamma: float = 0.1, h: float = 2.2) -> Axes:
    """Two attractors of AltGD with R1 at the same γ (`gamma`) and `h`: the equilibrium, locally stable, and a cycle.

    Two runs that differ in nothing but their start: one ends in the equilibrium, the other on the cycle.

    >>> from diracgan.plotting.attractors import coexisting_attractors
    >>> from matplotlib.figure import Figure
    >>> ax = coexisting_attractors(Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['cycle of 6 rounds', 'to the cycle', 'to the equilibrium']
    """
    ax, gamma, h = as_axes(ax), GAMMA.number(gamma), RATE.number(h)
    field, algorithm = method("r1", gamma=gamma), AltGD(h=h)
    found = cycle(field, algorithm, start=(0.03263182, 1.19772335))
    box = 1.1 * float(np.abs(found.points).max())
    ax, point = phase_plane(ax, box), found.points[0]
    # The colours of a basin picture: blue converges, orange is a cycle.
    _closed(ax, found, FATES["cycle"], f"cycle of {found.period:.0f} rounds")
    # As far outside the cycle as still leads to it, and as far inside it as already leads to the equilibrium.
    outside = point * (1 + 0.1 * 0.8 ** np.arange(24.0))[:, None]
    stays = np.linalg.norm(np.asarray(simulate(field, algorithm, outside, 600))[:, -1], axis=1) > 0.5 * found.min_radius
    _run(ax, field, algorithm, outside[np.argmax(stays)], "#E69F00", "to the cycle")
    _run(ax, field, algorithm, 0.5 * point, FATES["converged"], "to the equilibrium")
    ax.legend(loc="upper left")
    ax.set_title(f"AltGD with R1, γ = {gamma:g}, h = {h:g}")
    return equilibrium(field, ax, algorithm)


def _run(ax: Axes, field: VectorField, algorithm: Algorithm, start: np.ndarray, colour: str, label: str) -> None:
    path = np.asarray(simulate(field, algorithm, start, 60))
    ax.plot(
        *path.T, color=colour, linewidth=0.5, marker="o", markersize=2.2, markeredgewidth=0, zorder=2.8, label=label
    )
    ax.plot(*path[0], color=colour, marker="o", markersize=6, markeredgecolor=palette(ax).paper, zorder=4)
