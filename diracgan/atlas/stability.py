"""Maps of the spectral radius over two parameters, with the curves on which stability ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.atlas.criticality import crossings
from diracgan.dynamics.configuration import configured
from diracgan.dynamics.spectrum import growth, margin, update_jacobian
from diracgan.games.fields import VectorField, as_field
from diracgan.sweeps.grids import checked_axes, sweep

KINDS = ("stable", "neutral", "unstable")
_CURVES = ("neimark-sacker", "flip", "fold")


@dataclasses.dataclass(frozen=True)
class Boundary:
    """A curve on which stability ends: `points` has shape `(k, 2)` in the order of the map's axes.

    `kind` is "neimark-sacker", "flip" or "fold"; the points satisfy its equation to about 1e-10.
    """

    kind: str
    points: np.ndarray


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


def stability_map(method: VectorField, algorithm: Algorithm, **axes: Any) -> StabilityMap:
    """The spectral radius and the verdict of the equilibrium on a grid of one or two parameters.

    Args:
        method: a method, or another field, which has no hyper-parameters with a name.
        algorithm: its rate is replaced where `h` is an axis.
        **axes: arrays of values of hyper-parameters of the method (`gamma`) or parameters of the algorithm (`h`).

    The verdict is that of `verdict`: by Jury's conditions for two multipliers. With two axes the curves on which
    stability ends are found by continuation of the equations of `crossings`; parts of them that do not bound the
    stable region are left out.

    >>> chart = dg.stability_map(dg.method("r1"), dg.SimGD(0.2), gamma=[0.3, 0.3001], h=[1.19, 1.21])
    >>> chart.verdict[0].tolist()
    ['stable', 'unstable']
    """
    arrays, method, algorithm = checked_axes(axes), as_field(method), as_algorithm(algorithm)
    if len(arrays) > 2:
        raise ValueError(f"a stability map has one or two axes; {len(arrays)} were given")
    update_jacobian(*configured(method, algorithm, {name: float(axis[0]) for name, axis in arrays.items()}))

    def measures(**values: Any) -> tuple[jax.Array, jax.Array]:
        matrix = update_jacobian(*configured(method, algorithm, values))
        return growth(matrix), 1 - jnp.sign(margin(matrix))

    with jax.enable_x64(True):
        axes_of_any_name: dict[str, Any] = dict(arrays)
        radius, codes = sweep(measures, **axes_of_any_name).values
        boundaries = _boundaries(method, algorithm, arrays) if len(arrays) == 2 else ()
    return StabilityMap(repr(method), repr(algorithm), arrays, radius, codes.astype(np.int8), boundaries)


def _boundaries(method: VectorField, algorithm: Algorithm, axes: dict[str, np.ndarray]) -> tuple[Boundary, ...]:
    """Every curve through the box of the axes that has the spectral radius 1 on it."""
    names = tuple(axes)
    low = np.array([axis.min() for axis in axes.values()])
    high = np.array([axis.max() for axis in axes.values()])
    if np.any(high <= low):
        return ()

    def matrix(unit: jax.Array) -> jax.Array:
        values = dict(zip(names, low + unit * (high - low), strict=True))
        return update_jacobian(*configured(method, algorithm, values))

    tests = jax.jit(lambda unit: crossings(matrix(unit)))
    slopes = jax.jit(jax.jacfwd(lambda unit: crossings(matrix(unit))))
    radius = jax.jit(jax.vmap(lambda unit: growth(matrix(unit))))
    seeds = _seeds(jax.jit(jax.vmap(tests)))
    found = []
    for index, kind in enumerate(_CURVES):
        value = lambda u, i=index: float(tests(u)[i])
        slope = lambda u, i=index: np.asarray(slopes(u)[i])
        for curve in _trace_all(value, slope, seeds[index]):
            on = np.abs(np.asarray(radius(jnp.asarray(curve))) - 1) < 1e-6
            found += [Boundary(kind, low + part * (high - low)) for part in _runs(curve, on)]
    return tuple(found)


def _seeds(tests: Any, n: int = 33) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    """Neighbouring points of a grid of the unit square between which each test function changes its sign."""
    line = np.linspace(0, 1, n)
    points = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1)
    signs = np.sign(np.asarray(tests(jnp.asarray(points.reshape(-1, 2)))).reshape(n, n, 3))
    pairs: list[list[tuple[np.ndarray, np.ndarray]]] = [[], [], []]
    for index in range(3):
        for axis in (0, 1):
            a, b = np.swapaxes(signs[..., index], 0, axis), np.swapaxes(points, 0, axis)
            for i, j in zip(*np.nonzero(a[1:] * a[:-1] < 0), strict=True):
                pairs[index].append((b[i, j], b[i + 1, j]))
    return pairs


def _trace_all(value: Any, slope: Any, pairs: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """The curves through all the sign changes, each traced once."""
    curves: list[np.ndarray] = []
    for a, b in pairs:
        middle = (a + b) / 2
        if any(np.min(np.linalg.norm(curve - middle, axis=1)) < 0.03 for curve in curves):
            continue
        start = _corrected(value, slope, middle)
        if start is not None:
            back, forth = _trace(value, slope, start, -1), _trace(value, slope, start, 1)
            curves.append(np.array([*back[::-1], start, *forth]))
    return curves


def _corrected(value: Any, slope: Any, u: np.ndarray) -> np.ndarray | None:
    """The point of the curve near `u`, by Newton's method along the gradient."""
    for _ in range(20):
        residual, gradient = value(u), slope(u)
        size = float(gradient @ gradient)
        if not np.isfinite(residual) or size < 1e-24:
            return None
        step = residual * gradient / size
        u = u - step
        if np.linalg.norm(step) < 1e-12:
            return u
    return None


def _trace(value: Any, slope: Any, u: np.ndarray, sense: int, step: float = 0.01) -> list[np.ndarray]:
    """Points of the curve from `u` to the edge of the unit square, by a tangent step and a correction."""
    points, gradient = [], slope(u)
    tangent = sense * np.array([-gradient[1], gradient[0]]) / np.linalg.norm(gradient)
    start = u
    for _ in range(2000):
        nearby = _corrected(value, slope, u + step * tangent)
        if nearby is None or not np.all((nearby >= -1e-9) & (nearby <= 1 + 1e-9)):
            break
        gradient = slope(nearby)
        fresh = np.array([-gradient[1], gradient[0]]) / max(np.linalg.norm(gradient), 1e-300)
        tangent = fresh if fresh @ (nearby - u) > 0 else -fresh
        u = nearby
        points.append(u)
        if len(points) > 10 and np.linalg.norm(u - start) < step / 2:
            break
    return points


def _runs(curve: np.ndarray, on: np.ndarray) -> list[np.ndarray]:
    """The stretches of consecutive points that are `on`, of two points or more."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    return [curve[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= 2]
