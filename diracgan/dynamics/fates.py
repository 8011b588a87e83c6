"""What becomes of many runs at once: converged, diverged, or undecided, by the first round that says so."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from diracgan.dynamics.engine import Block, Columns
from diracgan.dynamics.trajectories import least_distance
from diracgan.games.inputs import Scalar

KINDS = ("unresolved", "converged", "diverged", "cycle")
NEAR = 1e-6  # the distance below which a run has converged, if its float type can tell it apart
FAR = 1e12  # r² above which it has diverged
_CHECKED = 32  # rounds between two looks at whether a whole block is decided


def squared_distance(columns: Columns, centre: Any) -> jax.Array:
    """r² of every lane."""
    return sum((column - c) ** 2 for column, c in zip(columns, centre, strict=True))


def near_squared(centre: Any, dtype: Any) -> Any:
    """r² below which a run in that float type has converged to `centre`, given entry by entry."""
    return least_distance(NEAR, sum(c * c for c in centre) ** 0.5, dtype) ** 2


def decide(run: Block, centre: Any, steps: int) -> tuple[Columns, jax.Array, jax.Array]:
    """Run a block until every lane is decided, or for `steps` rounds: state, codes and the deciding rounds.

    The verdict is defined by the first hit, so that it does not matter how long the other lanes of a block go on: a
    decided lane keeps the state in which it was decided.
    """

    least = near_squared(centre, run.start[0].dtype)

    def undecided(state: Columns) -> jax.Array:
        r2 = squared_distance(run.position(state), centre)
        return (r2 >= least) & (r2 <= FAR)

    # Whether a lane goes on is read off its state again, not carried: one array less in the loop.
    def round_(k: Scalar, carry: tuple[Columns, jax.Array]) -> tuple[Columns, jax.Array]:
        state, step = carry
        going = undecided(state)
        state = tuple(jnp.where(going, new, old) for new, old in zip(run.step(state, k), state, strict=True))
        return state, step + going

    def portion(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        k, *rest = carry
        end = jnp.minimum(k + _CHECKED, steps)
        return (end, *jax.lax.fori_loop(k, end, round_, tuple(rest)))

    start = (jnp.zeros((), jnp.int32), run.start, jnp.zeros(run.start[0].shape, jnp.int32))
    _, state, step = jax.lax.while_loop(lambda c: (c[0] < steps) & jnp.any(undecided(c[1])), portion, start)
    going, near = undecided(state), squared_distance(run.position(state), centre) < least
    codes = jnp.where(going, 0, jnp.where(near, 1, 2)).astype(jnp.int32)
    return state, codes, jnp.where(going, -1, step)
