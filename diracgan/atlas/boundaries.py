"""The curves in a plane of two parameters on which an equilibrium of a map loses its stability."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from diracgan.dynamics.linearisation import linearised
from diracgan.dynamics.system import System

CURVES = ("neimark-sacker", "flip", "fold")
_GRID = 64  # samples along each side between which changes of sign are looked for
_APART = 1e-6  # of the central differences that give the direction of a correction, in units of the side

Test = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Boundary:
    """A curve on which stability ends: `points` has shape `(k, 2)` in the order of the map's axes.

    `kind` is "neimark-sacker", "flip" or "fold"; the points satisfy its equation to about 1e-10.
    """

    kind: str
    points: np.ndarray


def crossings(matrices: np.ndarray) -> np.ndarray:
    """Three functions that vanish where multipliers cross the unit circle; shape `(..., N, N)` to `(..., 3)`.

    det(M ∧ M - I) = Π_{i<j}(λ_iλ_j - 1) for a Neimark-Sacker, det(M + I) for a flip, det(M - I) for a fold; M ∧ M is
    the second compound matrix, made of the 2×2 minors.
    """
    size = matrices.shape[-1]
    p, q = np.triu_indices(size, 1)
    minors = (
        matrices[..., p[:, None], p] * matrices[..., q[:, None], q]
        - matrices[..., p[:, None], q] * matrices[..., q[:, None], p]
    )
    one, many = np.eye(size), np.eye(len(p))
    with np.errstate(over="ignore", invalid="ignore"):
        parts = [np.linalg.det(minors - many), np.linalg.det(matrices + one), np.linalg.det(matrices - one)]
    return np.stack(parts, axis=-1)


def boundaries(system: System, axes: Mapping[str, np.ndarray]) -> tuple[Boundary, ...]:
    """Every curve through the box of the two axes that has the spectral radius 1 on it.

    The curves of `crossings` are found between the samples of a grid and corrected by Newton's method. Parts of them
    on which another multiplier lies outside the unit circle bound no stability and are left out.
    """
    low = np.array([axis.min() for axis in axes.values()])
    high = np.array([axis.max() for axis in axes.values()])
    if np.any(high <= low):
        return ()

    def test(unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The three functions and the spectral radius at points of the unit square, shape `(k, 2)`."""
        at = low + np.clip(unit, 0, 1) * (high - low)
        found = linearised(system.at(**dict(zip(axes, at.T, strict=True))), often=True)
        return crossings(found.matrix), found.size

    line = np.linspace(0, 1, _GRID)
    grid = np.stack(np.meshgrid(line, line), axis=-1)
    values = test(grid.reshape(-1, 2))[0].reshape(_GRID, _GRID, 3)
    found = []
    for index, kind in enumerate(CURVES):
        for curve in _zero_lines(line, values[..., index]):
            points = _corrected(lambda unit, i=index: test(unit)[0][:, i], curve)  # type: ignore[misc]
            on = np.abs(test(points)[1] - 1) < 1e-6
            found += [Boundary(kind, low + part * (high - low)) for part in _runs(points, on)]
    return tuple(found)


def _zero_lines(line: np.ndarray, values: np.ndarray) -> list[np.ndarray]:
    """Polygons along which a sampled function changes its sign, in the unit square."""
    from contourpy import contour_generator

    # The functions grow like powers of the learning rate: compressed, straight lines between samples come close.
    lines: Any = contour_generator(line, line, np.ma.masked_invalid(np.arcsinh(values))).lines(0.0)
    return [polygon for polygon in lines if len(polygon) > 1]


def _corrected(value: Callable[[np.ndarray], np.ndarray], points: np.ndarray) -> np.ndarray:
    """The points of the curve value = 0 near the given ones, by Newton's method along the gradient."""
    steps = _APART * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
    for _ in range(6):
        inside = np.clip(points, _APART, 1 - _APART)
        at = value((inside + steps[:, None]).reshape(-1, 2)).reshape(5, len(points))
        gradient = np.stack([at[1] - at[2], at[3] - at[4]], axis=-1) / (2 * _APART)
        size = np.sum(gradient**2, axis=-1)
        known = np.isfinite(at[0]) & (size > 1e-24)
        move = np.where(known, at[0] / np.where(known, size, 1), 0)[:, None] * gradient
        points = inside - np.clip(np.nan_to_num(move), -1 / _GRID, 1 / _GRID)
        if np.max(np.abs(move)) < 1e-13:
            break
    return points


def _runs(curve: np.ndarray, on: np.ndarray) -> list[np.ndarray]:
    """The stretches of consecutive points that are `on`, of two points or more."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    return [curve[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= 2]
