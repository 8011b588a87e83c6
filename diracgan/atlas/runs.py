"""The end of many runs, without their paths."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.dynamics.compiling import running
from diracgan.dynamics.engine import block_map
from diracgan.dynamics.fates import FAR, near_squared, squared_distance
from diracgan.dynamics.lanes import LANES, over_lanes
from diracgan.dynamics.system import Map, trained
from diracgan.dynamics.trajectories import STEPS, refuse
from diracgan.games.fields import FieldLike
from diracgan.games.states import finite_state, placed
from diracgan.sweeps.grids import WIDTH

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int8


def final_states(
    field: FieldLike, algorithm: Algorithm, starts: ArrayLike, steps: int, lanes: int = LANES
) -> tuple[Float[Array, "m n"], Int8[Array, " m"]]:
    """Where many runs are after `steps` rounds, and what the last state says.

    The runs go through the cache in blocks of `lanes` and are shared by all local devices (on a CPU there is one unless
    `jax.config.update("jax_num_cpu_devices", n)` came first); no memory is needed beside starts and ends.

    Returns the states, shape `(m, n)`, and codes, shape `(m,)`: 1 converged (r < 1e-6 at the end, or within
    rounding as in `basin`), 2 diverged (r > 1e6 or not finite), 0 neither.

    >>> states, codes = dg.final_states(dg.method("r1", gamma=1.0), dg.SimGD(0.5), [(1.0, 1.0), (2.0, 0.0)], 500)
    >>> codes.tolist()
    [1, 1]
    """
    chosen = trained(field, algorithm)
    field = chosen.field
    steps, lanes = STEPS.convert(steps), WIDTH.convert(lanes)
    starts = finite_state(starts, field.dimension, name="starts")
    if starts.ndim != 2:
        raise ValueError(f"starts must have shape (m, {field.dimension}); shape {tuple(starts.shape)} was given")
    refuse(field, starts)
    return _final(chosen, starts, placed(np.asarray(field.equilibrium)), steps, lanes)


@functools.partial(running, static=("lanes",))
def _final(system: Map, starts: jax.Array, centre: jax.Array, steps: int, lanes: int) -> tuple[jax.Array, jax.Array]:
    system = system.recorded(starts)
    centre = centre.astype(starts.dtype)

    def block(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        run = block_map(lambda _: system, None, x)
        state = jax.lax.fori_loop(0, steps, lambda k, s: run.step(s, k), run.start)
        ends = run.position(state)
        r2 = squared_distance(ends, centre)
        codes = jnp.where(r2 < near_squared(centre, r2.dtype), 1, jnp.where(r2 <= FAR, 0, 2))
        return jnp.stack(ends, axis=1), codes.astype(jnp.int8)

    return over_lanes(block, starts, lanes)
