"""Pictures of the atlas: stability maps with their boundaries, basins of attraction, root loci over the rate."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, TwoSlopeNorm
from matplotlib.patches import Patch

from diracgan.algorithms import Algorithm
from diracgan.atlas import Basin, StabilityMap
from diracgan.games.inputs import as_kind
from diracgan.plotting.canvas import as_axes, axes, palette, scale

_SYMBOLS = {"gamma": "γ", "sigma": "σ", "h": "h", "beta": "β", "h_g": "$h_g$", "h_d": "$h_d$", "eta": "η", "alpha": "α"}
_LINES = {"neimark-sacker": "-", "flip": "--", "fold": ":"}
# Okabe and Ito: unresolved, converged, diverged, cycle; they also differ in lightness, for a print in grey.
FATES = {"unresolved": "#999999", "converged": "#0072B2", "diverged": "#F0E442", "cycle": "#D55E00"}


def stability(chart: StabilityMap, ax: Axes | None = None) -> Axes:
    """A stability map, the `chart` of `dg.stability_map`: the spectral radius in colour, blue where stable, and the
    curves on which stability ends.

    The colours are centred on the radius 1 and end at 0 and 2. `ValueError` for a map of other than two parameters.

    >>> from matplotlib.figure import Figure
    >>> from diracgan import plotting
    >>> chart = dg.stability_map(dg.method("r1"), dg.SimGD(0.2), gamma=[0.1, 1.0, 2.0], h=[0.1, 2.0])
    >>> plotting.stability(chart, Figure().add_subplot()).get_xlabel()
    'γ'
    """
    chart, ax = as_kind(chart, "chart", StabilityMap, "dg.stability_map(method, algorithm, ...)"), as_axes(ax)
    if len(chart.axes) != 2:
        raise ValueError(f"a picture of a stability map needs two parameters; {len(chart.axes)} were given")
    if any(len(np.unique(values)) < 2 for values in chart.axes.values()):
        raise ValueError("a picture of a stability map needs two values or more of either parameter")
    ax = axes(ax)
    (x_name, x), (y_name, y) = chart.axes.items()
    norm = TwoSlopeNorm(1.0, 0.0, 2.0)
    shown = np.clip(chart.radius.T, 0, 2)
    image = ax.pcolormesh(x, y, shown, cmap="RdBu_r", norm=norm, shading="nearest", rasterized=True)
    ink = "#1a1a1a"
    for kind, style in _LINES.items():
        curves = [curve for curve in chart.boundaries if curve.kind == kind]
        for i, curve in enumerate(curves):
            label = {"neimark-sacker": "Neimark-Sacker"}.get(kind, kind) if i == 0 else None
            ax.plot(*curve.points.T, style, color=ink, linewidth=1.6, label=label)
    ax.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    ax.set_xlabel(_SYMBOLS.get(x_name, x_name), style="italic")
    ax.set_ylabel(_SYMBOLS.get(y_name, y_name), style="italic", rotation=0, labelpad=8)
    if chart.boundaries:
        ax.legend(loc="upper right", frameon=True, framealpha=0.9, labelcolor=ink, facecolor="#ffffff")
    scale(ax, image, "spectral radius")
    return ax


def basin(map_: Basin, ax: Axes | None = None) -> Axes:
    """A basin picture: the fate of every start in its own colour; darker blue where convergence takes longer.

    >>> from matplotlib.figure import Figure
    >>> from diracgan import plotting
    >>> map_ = dg.basin(dg.method("r1", gamma=1.0), dg.SimGD(0.9), n=8, steps=2000)
    >>> plotting.basin(map_, Figure().add_subplot()).get_ylabel()
    'ψ'
    """
    as_kind(map_, "map_", Basin, "dg.basin(field, algorithm)")
    ax = axes(ax)
    step = (map_.theta[1] - map_.theta[0]) / 2 if len(map_.theta) > 1 else 0.5
    extent = (map_.theta[0] - step, map_.theta[-1] + step, map_.psi[0] - step, map_.psi[-1] + step)
    ax.imshow(
        map_.codes,
        cmap=ListedColormap(list(FATES.values())),
        vmin=-0.5,
        vmax=3.5,
        origin="lower",
        extent=extent,
        zorder=0,
    )
    ax.imshow(_shadow(map_), origin="lower", extent=extent, zorder=1)
    ax.set_aspect("equal")
    ax.set_xlabel("θ", style="italic")
    ax.set_ylabel("ψ", style="italic", rotation=0, labelpad=6)
    patches = [
        Patch(
            facecolor=colour,
            edgecolor=palette(ax).ink,
            linewidth=0.4,
            label=f"{kind} {count / map_.codes.size:.1%}" + (", darker: later" if kind == "converged" else ""),
        )
        for colour, (kind, count) in zip(FATES.values(), map_.counts.items(), strict=True)
        if count
    ]
    ax.legend(handles=patches, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False)
    return ax


def _shadow(map_: Basin) -> np.ndarray:
    """Black of an opacity that grows with the logarithm of the deciding round, on converged cells only."""
    rounds = np.log1p(np.maximum(map_.step, 0).astype(float))
    converged = map_.codes == 1
    shade = np.zeros((*map_.codes.shape, 4))
    if converged.any():
        low, high = rounds[converged].min(), rounds[converged].max()
        shade[..., 3] = np.where(converged, 0.6 * (rounds - low) / max(high - low, 1e-12), 0)
    return shade


def root_locus(
    method: Any, algorithm: Algorithm, ax: Axes | None = None, span: tuple[float, float] = (0.01, 4.0)
) -> Axes:
    """The multipliers over the learning rate in `span`, with the unit circle: `eigenvalue_plane` over "h".

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> plotting.root_locus(dg.method("r1"), dg.SimGD(0.2), Figure().add_subplot()).get_xlabel()
    'Re λ'
    """
    from diracgan.plotting.spectra import eigenvalue_plane

    return eigenvalue_plane(method, algorithm, over="h", span=span, ax=ax)
