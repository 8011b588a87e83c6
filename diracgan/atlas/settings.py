"""What becomes of one start at every setting of two parameters."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.dynamics.compiling import running
from diracgan.dynamics.engine import block_map
from diracgan.dynamics.fates import decide
from diracgan.dynamics.lanes import over_lanes
from diracgan.dynamics.system import Map, trained
from diracgan.dynamics.trajectories import STEPS, refuse
from diracgan.games.fields import VectorField
from diracgan.games.inputs import fits
from diracgan.games.states import finite_state
from diracgan.sweeps.grids import Grid, checked_axes

# Neighbouring settings need about as many rounds: in square tiles, a block is decided together and stops early.
TILE = 32


def tiled(values: jax.Array) -> jax.Array:
    """A grid of one or two axes as the flat sequence of its tiles; the edges are repeated to fill the last ones."""
    filled = jnp.pad(values, [(0, -n % TILE) for n in values.shape], mode="edge")
    if values.ndim == 1:
        return filled
    rows, columns = (n // TILE for n in filled.shape)
    return filled.reshape(rows, TILE, columns, TILE).swapaxes(1, 2).reshape(-1)


def untiled(flat: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """The grid of that shape whose tiles are in the sequence."""
    if len(shape) == 1:
        return flat[: shape[0]]
    rows, columns = (-(-n // TILE) for n in shape)
    square = flat.reshape(rows, columns, TILE, TILE).swapaxes(1, 2).reshape(rows * TILE, columns * TILE)
    return square[: shape[0], : shape[1]]


def convergence_map(
    method: VectorField, algorithm: Algorithm, start: ArrayLike = (1.0, 1.0), steps: int = 1000, **axes: Any
) -> Grid:
    """Whether training from `start` converges, and when, on a grid of one or two parameters.

    Every point is converged (code 1) or diverged (2) by the first round at which r < 1e-6 (or within rounding, as in
    `basin`) or r > 1e6, or undecided (0) after `steps` rounds. The grid is computed in tiles that stop as soon as all
    of their points are decided; the result is that of the plain computation.

    `axes` are one or two continuous hyper-parameters of the method or of the algorithm, name → values.

    Returns a `Grid` whose values are a dictionary of `codes` and `step` (-1 where undecided).

    >>> chart = dg.convergence_map(dg.method("r1"), dg.SimGD(0.2), gamma=[0.3], h=[0.5, 1.3])
    >>> chart.values["codes"].tolist()
    [[1, 0]]
    """
    arrays, chosen = checked_axes(axes), trained(method, algorithm)
    start, steps = finite_state(start, chosen.field.dimension, batch=False), STEPS.convert(steps)
    points = math.prod(len(axis) for axis in arrays.values())
    fits(points * (4 * start.nbytes + 16), f"a convergence map of {points:,} points")
    if len(arrays) > 2:
        raise ValueError(f"a convergence map has one or two axes; {len(arrays)} were given")
    for corner in (np.min, np.max):
        extreme = chosen.at(**{name: float(corner(axis)) for name, axis in arrays.items()}).field
        x = finite_state(start, extreme.dimension, batch=False)
        refuse(extreme, x)
    values = {name: jnp.asarray(axis, x.dtype) for name, axis in arrays.items()}
    codes, step = _map(chosen, x, values, steps)
    return Grid(arrays, {"codes": np.asarray(codes), "step": np.asarray(step)})


@running
def _map(system: Map, x: jax.Array, axes: dict[str, jax.Array], steps: int) -> Any:
    grid = jnp.meshgrid(*axes.values(), indexing="ij")
    points = {name: tiled(values) for name, values in zip(axes, grid, strict=True)}

    def block(part: dict[str, jax.Array]) -> Any:
        lanes = next(iter(part.values())).shape[0]
        build = lambda values: system.at(**values).cast(x.dtype)
        centre = jax.vmap(lambda values: jnp.asarray(build(values).field.equilibrium, x.dtype))(part)
        return decide(block_map(build, part, jnp.broadcast_to(x, (lanes, x.size))), tuple(centre.T), steps)[1:]

    codes, step = over_lanes(block, points, TILE**2)
    shape = grid[0].shape
    return untiled(codes.astype(jnp.int8), shape), untiled(step, shape)
