"""The plane of penalty and learning rate with what is proved in it: convergence, coexistence, divergence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from diracgan.games.inputs import as_flag
from diracgan.plotting.canvas import as_axes, axes, palette
from diracgan.plotting.maps import FATES
from diracgan.proofs import alternating as alternation
from diracgan.proofs import coexistence, simultaneous
from diracgan.proofs.folds import smallest_fold
from diracgan.proofs.strips import Strip
from diracgan.theory.descent import altgd_limit, simgd_limit

_GAMMAS, _HIGHEST = (0.015, 3.0), 4.4


def proved_plane(ax: Axes | None = None, alternating: bool = False) -> Axes:
    """What is proved of `SimGD` (of `AltGD` where `alternating`) on the minimax GAN with R1, over γ and h.

    The regions are those of the statements that `diracgan prove` proves; the curve is the closed form of the largest
    locally stable learning rate, the dotted one where the known cycles of `AltGD` begin, followed from folds that are
    proved. Where a colour is missing nothing is known.

    >>> from matplotlib.figure import Figure
    >>> from diracgan.plotting.theorems import proved_plane
    >>> proved_plane(Figure().add_subplot()).get_xscale()
    'log'
    """
    as_flag(alternating, "alternating")
    ax = axes(as_axes(ax))
    ink = palette(ax).ink
    gamma = np.geomspace(*_GAMMAS, 400)
    limit = altgd_limit if alternating else simgd_limit
    local = np.array([limit(((0.0, -0.5), (0.5, -g))) for g in gamma])
    grows, top = 1 / gamma, np.full_like(gamma, _HIGHEST)
    ax.fill_between(gamma, local, np.maximum(local, np.minimum(grows, top)), color="#999999", alpha=0.55, linewidth=0)
    ax.fill_between(gamma, grows, np.maximum(grows, top), color=FATES["diverged"], alpha=0.75, linewidth=0)
    handles: list[Artist] = [
        Patch(color=FATES["diverged"], alpha=0.75, label="diverges from far out (proved)"),
        Patch(color="#999999", alpha=0.55, label="equilibrium unstable"),
    ]
    blue = Patch(color=FATES["converged"], alpha=0.6, label="every start converges (proved)")
    edge = _edge((alternation if alternating else simultaneous).STRIPS)
    ax.fill_between(edge[:, 0], 0, edge[:, 1], color=FATES["converged"], alpha=0.6, linewidth=0)
    handles.insert(0, blue)
    if alternating:
        known = Patch(color=FATES["cycle"], label="attracting cycle beside it (proved)")
        for window in coexistence.WINDOWS:
            ax.plot([window.gamma] * 2, window.rates, color=FATES["cycle"], linewidth=3.5, solid_capstyle="butt")
        begin = np.where(smallest_fold(gamma) < local, smallest_fold(gamma), np.nan)
        (dotted,) = ax.plot(gamma, begin, color=ink, linewidth=1.2, linestyle=":", label="known cycles begin (floats)")
        handles[1:1] = [known, dotted]
    (line,) = ax.plot(gamma, local, color=ink, linewidth=1.2, label="largest locally stable h")
    free = Patch(facecolor="none", edgecolor=ink, linewidth=0.6, label="locally stable, else unknown")
    ax.set(xscale="log", xlim=_GAMMAS, ylim=(0, _HIGHEST))
    ticks = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.set_xlabel("γ", style="italic")
    ax.set_ylabel("h", style="italic", rotation=0, labelpad=8)
    ax.legend(handles=[*handles, free, line], loc="upper center", bbox_to_anchor=(0.5, -0.17), fontsize=7, ncols=1)
    return ax


def _edge(known: Sequence[Strip]) -> np.ndarray:
    """(γ, largest proved h) along strips, 0 between those that do not touch, shape `(points, 2)`."""
    points: list[tuple[float, float]] = []
    for strip in sorted(known, key=lambda one: one.gamma):
        if points and points[-1][0] < strip.gamma[0]:
            points += [(points[-1][0], 0.0), (strip.gamma[0], 0.0)]
        points += [(g, strip.limit(g)) for g in np.geomspace(strip.gamma[0], strip.gamma[1], 20).tolist()]
    return np.array(points)
