"""Charts of the atlas as files: stability maps, basins of attraction, bifurcation diagrams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.atlas import basin, stability_map
from diracgan.atlas.bifurcations import bifurcation
from diracgan.catalogue.methods import Method
from diracgan.games.parameters import plain
from diracgan.plotting import maps
from diracgan.plotting.attractors import bifurcation_diagram
from diracgan.reproduction.figures.kinds import settings
from diracgan.reproduction.figures.output import check_formats, save
from diracgan.storage.files import place
from diracgan.sweeps.grids import checked_axes

CHARTS = ("stability", "basin", "bifurcation")


def save_chart(
    kind: str,
    file: str | Path,
    method: Method,
    algorithm: Algorithm,
    axes: Mapping[str, Any],
    box: ArrayLike = (-5.0, 5.0),
    n: int = 256,
    steps: int = 20_000,
    dark: bool = False,
) -> Path:
    """A chart of the atlas as a file, its format told by the name's ending.

    `kind` is "stability" (two axes), "basin" (`box`, `n`, `steps`) or "bifurcation" (one axis).
    """
    path = place(file)
    check_formats(path.suffix[1:])
    wanted = {"stability": 2, "basin": 0, "bifurcation": 1}[kind]
    if len(axes) != wanted:
        raise ValueError(f"a {kind} chart has {wanted} axes; {len(axes)} were given")
    with settings(dark):
        figure = Figure(figsize=(5.4, 4.6), layout="constrained")
        ax = figure.add_subplot()
        _DRAW[kind](ax, method, algorithm, dict(axes), box, n, steps)
        ax.set_title(_heading(method, algorithm, axes), loc="left")
        return save(figure, [path])[0]


def _heading(method: Method, algorithm: Algorithm, axes: Mapping[str, Any]) -> str:
    """The method and the algorithm with the parameters that are not an axis."""
    symbols = {p.name: p.symbol for p in method.entry.parameters}
    fixed = [f"{symbols.get(k, k)} = {plain(v)}" for k, v in method.values.items() if k not in axes]
    trained = type(algorithm).__name__ if set(axes) & {p.name for p in algorithm.parameters} else repr(algorithm)
    return ", ".join([method.entry.title, *fixed, trained])


def _stability(ax: Axes, method: Method, algorithm: Algorithm, axes: dict[str, Any], *_: object) -> None:
    maps.stability(stability_map(method, algorithm, **axes), ax)


def _basin(ax: Axes, method: Method, algorithm: Algorithm, _: object, box: jax.Array, n: int, steps: int) -> None:
    maps.basin(basin(method, algorithm, box, n, steps), ax)


def _bifurcation(ax: Axes, method: Method, algorithm: Algorithm, axes: dict[str, Any], *_: object) -> None:
    ((over, values),) = checked_axes(axes).items()
    bifurcation_diagram(bifurcation(method, algorithm, over, values), ax)


_DRAW: dict[str, Any] = {"stability": _stability, "basin": _basin, "bifurcation": _bifurcation}
