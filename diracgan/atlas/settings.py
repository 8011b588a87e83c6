"""What becomes of one start at every setting of two parameters."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm
from diracgan.atlas.basins import decide
from diracgan.atlas.engine import block_map
from diracgan.atlas.grids import Grid, checked_axes
from diracgan.atlas.stability import configured
from diracgan.fields import finite_state
from diracgan.lanes import over_lanes
from diracgan.methods import Method
from diracgan.parameters import cast
from diracgan.trajectories import STEPS, refuse

# Neighbouring settings need about as many rounds: in square tiles, a block is decided together and stops early.
TILE = 32


def tiles(shape: tuple[int, ...]) -> np.ndarray:
    """The flat indices of a grid of one or two axes in the order of its tiles, whose edges are filled by repetition."""
    filled = [np.minimum(np.arange(-(-n // TILE) * TILE), n - 1) for n in shape]
    if len(shape) == 1:
        return filled[0]
    rows, columns = np.meshgrid(*filled, indexing="ij")
    flat = (rows * shape[1] + columns).reshape(len(filled[0]) // TILE, TILE, len(filled[1]) // TILE, TILE)
    return flat.swapaxes(1, 2).reshape(-1)


def convergence_map(
    method: Method, algorithm: Algorithm, start: Any = (1.0, 1.0), steps: int = 1000, **axes: Any
) -> Grid:
    """Whether training from `start` converges, and when, on a grid of one or two parameters.

    Every point is converged (code 1) or diverged (2) by the first round at which r² < 1e-12 or r² > 1e12, or
    undecided (0) after `steps` rounds. The grid is computed in tiles that stop as soon as all of their points are
    decided; the result is that of the plain computation.

    Returns a `Grid` whose values are a dictionary of `codes` and `step` (-1 where undecided).

    >>> chart = dg.convergence_map(dg.method("r1"), dg.SimGD(0.2), gamma=[0.3], h=[0.5, 1.3])
    >>> chart.values["codes"].tolist()
    [[1, 0]]
    """
    arrays = checked_axes(axes)
    if len(arrays) > 2:
        raise ValueError(f"a convergence map has one or two axes; {len(arrays)} were given")
    for corner in (np.min, np.max):
        extreme = configured(method, algorithm, {name: float(corner(axis)) for name, axis in arrays.items()})
        x = finite_state(start, extreme[0].dimension, batch=False)
        refuse(extreme[0], x)
    shape = tuple(len(axis) for axis in arrays.values())
    order = tiles(shape)
    grid = np.meshgrid(*arrays.values(), indexing="ij")
    points = {name: jnp.asarray(values.reshape(-1)[order], x.dtype) for name, values in zip(arrays, grid, strict=True)}
    codes, step = _map(method, algorithm, x, points, STEPS.convert(steps))
    # The repeated edge points of the last tiles write the same values again.
    size = int(np.prod(shape))
    out: dict[str, np.ndarray] = {"codes": np.zeros(size, np.int8), "step": np.zeros(size, np.int32)}
    out["codes"][order], out["step"][order] = np.asarray(codes), np.asarray(step)
    return Grid(arrays, {name: values.reshape(shape) for name, values in out.items()})


def _build(method: Method, algorithm: Algorithm, values: Mapping[str, Any], dtype: Any) -> tuple[Any, Any]:
    return cast(configured(method, algorithm, values), dtype)


@functools.partial(jax.jit, static_argnames="steps")
def _map(method: Method, algorithm: Algorithm, x: jax.Array, points: dict[str, jax.Array], steps: int) -> Any:
    def block(part: dict[str, jax.Array]) -> Any:
        lanes = next(iter(part.values())).shape[0]
        build = lambda values: _build(method, algorithm, values, x.dtype)
        centre = jax.vmap(lambda values: jnp.asarray(build(values)[0].equilibrium, x.dtype))(part)
        return decide(block_map(build, part, jnp.broadcast_to(x, (lanes, x.size))), tuple(centre.T), steps)[1:]

    return over_lanes(block, points, TILE**2)
