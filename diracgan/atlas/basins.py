"""Basins of attraction: what becomes of every start in a box."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.displays.pictures import picture
from diracgan.dynamics.compiling import answering, running
from diracgan.dynamics.engine import Block, block_map
from diracgan.dynamics.fates import KINDS, decide, recurs
from diracgan.dynamics.lanes import over_lanes
from diracgan.dynamics.system import Map, trained
from diracgan.dynamics.trajectories import STEPS, refuse
from diracgan.games.fields import FieldLike
from diracgan.games.inputs import as_box, fits
from diracgan.games.parameters import Parameter
from diracgan.games.states import placed
from diracgan.sweeps.grids import WIDTH

_CELLS = Parameter("n", "n", "cells along each axis", 256, (1, 1 << 14), kind=int)


@dataclasses.dataclass(frozen=True)
class Basin:
    """The fate of the n × n cell centres of a box.

    `codes` has shape `(n, n)`, rows along ψ and columns along θ, with indices into `KINDS`; `step` the round at which
    it was decided, -1 where it was not; `theta` and `psi` the cell centres.
    """

    theta: np.ndarray
    psi: np.ndarray
    codes: np.ndarray
    step: np.ndarray

    @property
    def verdict(self) -> np.ndarray:
        """The fates as words, shape `(n, n)`."""
        return np.array(KINDS)[self.codes]

    @property
    def counts(self) -> dict[str, int]:
        """How many cells have each fate."""
        return {kind: int(np.sum(self.codes == code)) for code, kind in enumerate(KINDS)}

    def _repr_png_(self) -> bytes:
        return picture("basin", self)


def basin(
    field: FieldLike,
    algorithm: Algorithm,
    box: ArrayLike = (-5.0, 5.0),
    n: int = 256,
    steps: int = 20_000,
    lanes: int = 1024,
) -> Basin:
    """What becomes of training from each of the n × n cell centres of a box.

    A cell is *converged* or *diverged* by the first round at which r < 1e-6 or r > 1e6 (or is not finite), with the
    distance r to the declared equilibrium x*. The float type is JAX's default. A run cannot come closer than rounding
    lets it: 1e-6 is raised to 32 eps |x*| where that is more (float32, |x*| > 0.26), and with small rates in float32 a
    run comes to rest still further out, and is unresolved. What is undecided after `steps` rounds is a *cycle* when it
    returns to itself (or, by symmetry, to its mirror image) within 64 rounds, or travels further than its largest
    radius and keeps mean and largest radius over two windows of 2000 rounds, and in either case moves by more than
    rounding; otherwise it is *unresolved*. The result does not depend on `lanes`, the number of starts in a block.

    Args:
        field, algorithm: as in `simulate`.
        box: (low, high) for both axes, or (θ low, θ high, ψ low, ψ high); further entries start at the equilibrium.
        n: cells along each axis.
        steps: rounds; memory does not grow with them.

    >>> dg.basin(dg.method("r1", gamma=1.0), dg.SimGD(0.9), n=8, steps=2000).counts["converged"]
    64
    """
    chosen, edges = trained(field, algorithm), as_box(box)
    field = chosen.field
    n, steps, lanes = _CELLS.convert(n), STEPS.convert(steps), WIDTH.convert(lanes)
    # Starts on the host and on the device, blocks of them, and what came out.
    fits(n * n * (4 * 8 * field.dimension + 16), f"a basin of {n} × {n} cells")
    theta = edges[0] + (np.arange(n) + 0.5) * (edges[1] - edges[0]) / n
    psi = edges[2] + (np.arange(n) + 0.5) * (edges[3] - edges[2]) / n
    centre = np.asarray(field.equilibrium, np.float64)
    starts = np.tile(centre, (n * n, 1))
    starts[:, 0], starts[:, 1] = np.tile(theta, n), np.repeat(psi, n)
    refuse(field, starts)
    begin, middle = placed(starts), placed(centre)
    state, codes, step = _decided(chosen, begin, middle, steps, lanes)
    codes = np.array(codes)
    # Few cells need the thousands of rounds that show a cycle: they go through a program of their own.
    block = min(lanes * jax.local_device_count(), n * n)
    for cells in _pieces(np.flatnonzero(codes == 0), block):
        around = _recurrent(chosen, begin[cells], state[cells], middle, steps, lanes)
        codes[cells] = np.where(around, KINDS.index("cycle"), 0)
    return Basin(theta, psi, codes.reshape(n, n), np.asarray(step).reshape(n, n))


def _pieces(cells: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The numbers in pieces of one length, the last one filled up with its last number."""
    for first in range(0, len(cells), size):
        yield cells[np.minimum(np.arange(first, first + size), len(cells) - 1)]


# Measured, XLA's costlier passes double the time to compile it, and a million cells go a tenth faster.
@functools.partial(answering, static=("lanes",), loops=True)
def _decided(
    system: Map, starts: jax.Array, centre: jax.Array, steps: int, lanes: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """For each start the state in which it was decided, the code, and the round."""

    def block(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        state, codes, step = decide(_block(system, x), centre, steps)
        return jnp.stack(state, axis=1), codes.astype(jnp.int8), step

    return over_lanes(block, starts, lanes)


@functools.partial(running, static=("lanes",))
def _recurrent(
    system: Map, starts: jax.Array, states: jax.Array, centre: jax.Array, steps: int, lanes: int
) -> jax.Array:
    """Whether orbits that are in these states after `steps` rounds are recurrent."""

    def block(part: tuple[jax.Array, jax.Array]) -> jax.Array:
        x, state = part
        return recurs(_block(system, x), tuple(state.T), centre, steps)

    return over_lanes(block, (starts, states), lanes)


def _block(system: Map, starts: jax.Array) -> Block:
    setting = system.recorded(starts)
    return block_map(lambda _: setting, None, starts)
