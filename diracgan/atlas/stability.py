"""Maps of the spectral radius over two parameters, with the curves on which stability ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.atlas.boundaries import Boundary, boundaries
from diracgan.displays.pictures import picture
from diracgan.dynamics.linearisation import linearised
from diracgan.dynamics.system import system
from diracgan.games.fields import VectorField
from diracgan.sweeps.grids import checked_axes

KINDS = ("stable", "neutral", "unstable")


@dataclasses.dataclass(frozen=True)
class StabilityMap:
    """The spectral radius on a grid: `radius` and `codes` (indices into `KINDS`) have one axis per entry of `axes`."""

    method: str
    algorithm: str
    axes: Mapping[str, np.ndarray]
    radius: np.ndarray
    codes: np.ndarray
    boundaries: tuple[Boundary, ...]

    @property
    def verdict(self) -> np.ndarray:
        """The verdicts as words."""
        return np.array(KINDS)[self.codes]

    def _repr_png_(self) -> bytes:
        return picture("stability", self)


def stability_map(method: VectorField, algorithm: Algorithm, **axes: Any) -> StabilityMap:
    """The spectral radius and the verdict of the equilibrium on a grid of one or two parameters.

    Args:
        method: a method, or another field, which has no hyper-parameters with a name.
        algorithm: its rate is replaced where `h` is an axis.
        **axes: arrays of values of hyper-parameters of the method (`gamma`) or parameters of the algorithm (`h`).

    The verdict is that of `verdict`: by Jury's conditions for two multipliers. With two axes the curves on which
    stability ends are the zeros of `crossings`, located on a grid and corrected; parts of them that do not bound the
    stable region are left out.

    >>> chart = dg.stability_map(dg.method("r1"), dg.SimGD(0.2), gamma=[0.3, 0.3001], h=[1.19, 1.21])
    >>> chart.verdict[0].tolist()
    ['stable', 'unstable']
    """
    arrays, chosen = checked_axes(axes), system(method, as_algorithm(algorithm))
    if len(arrays) > 2:
        raise ValueError(f"a stability map has one or two axes; {len(arrays)} were given")
    chosen.check_linear()
    mesh = np.meshgrid(*arrays.values(), indexing="ij")
    found = linearised(
        chosen.at(**{name: values.ravel() for name, values in zip(arrays, mesh, strict=True)}), often=True
    )
    curves = boundaries(chosen, arrays) if len(arrays) == 2 else ()
    radius, codes = (part.reshape(mesh[0].shape) for part in (found.size, 1 - np.sign(found.margin)))
    return StabilityMap(repr(chosen.field), repr(algorithm), arrays, radius, codes.astype(np.int8), curves)
