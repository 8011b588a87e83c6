"""What becomes of many runs at once: converged, diverged, or undecided, by the first round that says so."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from diracgan.dynamics.engine import Block, Columns
from diracgan.dynamics.outcomes import least_distance
from diracgan.games.inputs import Numbers, Scalar

KINDS = ("unresolved", "converged", "diverged", "cycle")
NEAR = 1e-6  # the distance below which a run has converged, if its float type can tell it apart
FAR = 1e12  # r² above which it has diverged
_WINDOW = 2000  # rounds of a window in which a recurrent orbit must keep its range
_PERIOD = 64  # longest period that is recognised by a return
# Entry by entry.
Point = Sequence[jax.Array] | jax.Array | np.ndarray
# A state, and four numbers of the window so far.
_Range = tuple[Columns, jax.Array, jax.Array, jax.Array, jax.Array]
_CHECKED = 32  # rounds between two looks at whether a whole block is decided


def squared_distance(columns: Columns, centre: Point) -> jax.Array:
    """r² of every lane."""
    return sum((column - c) ** 2 for column, c in zip(columns, centre, strict=True))


def near_squared(centre: Point, dtype: DTypeLike) -> Numbers:
    """r² below which a run in that float type has converged to `centre`, given entry by entry."""
    return least_distance(NEAR, sum(c * c for c in centre) ** 0.5, dtype) ** 2


def decide(run: Block, centre: Point, steps: int) -> tuple[Columns, jax.Array, jax.Array]:
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

    def portion(carry: tuple[jax.Array, Columns, jax.Array]) -> tuple[jax.Array, Columns, jax.Array]:
        k, *rest = carry
        end = jnp.minimum(k + _CHECKED, steps)
        return (end, *jax.lax.fori_loop(k, end, round_, tuple(rest)))

    start = (jnp.zeros((), jnp.int32), run.start, jnp.zeros(run.start[0].shape, jnp.int32))
    _, state, step = jax.lax.while_loop(lambda c: (c[0] < steps) & jnp.any(undecided(c[1])), portion, start)
    going, near = undecided(state), squared_distance(run.position(state), centre) < least
    codes = jnp.where(going, 0, jnp.where(near, 1, 2)).astype(jnp.int32)
    return state, codes, jnp.where(going, -1, step)


def recurs(run: Block, state: Columns, centre: Point, steps: int) -> jax.Array:
    """Whether each lane's orbit, in this state after `steps` rounds, returns to itself or keeps its range."""
    home = run.position(state)
    eps = float(jnp.finfo(home[0].dtype).eps)
    # Returns are told apart down to a few spacings of the numbers, and an orbit that never leaves its place by more
    # than `still` is no cycle: it rests, creeps, or is moved by rounding alone.
    size = sum(c * c for c in centre) + squared_distance(home, centre)
    same = max(1e-9, 4 * eps) ** 2 * size
    still = 64 * same

    def back(k: Scalar, carry: tuple[Columns, jax.Array, jax.Array]) -> tuple[Columns, jax.Array, jax.Array]:
        state, away, found = carry
        state = run.step(state, steps + k)
        now = run.position(state)
        gap = squared_distance(now, home)
        mirrored = sum((a - c + b - c) ** 2 for a, b, c in zip(now, home, centre, strict=True))
        away = jnp.maximum(away, gap)
        return state, away, found | (away > still) & (jnp.minimum(gap, mirrored) < same)

    nothing = jnp.zeros_like(state[0])
    state, _, returned = jax.lax.fori_loop(0, _PERIOD, back, (state, nothing, nothing > 0))

    def window(state: Columns, first: Scalar) -> _Range:
        def round_(k: Scalar, carry: _Range) -> _Range:
            state, total, largest, away, length = carry
            before, state = run.position(state), run.step(state, k)
            now = run.position(state)
            r2 = squared_distance(now, centre)
            away = jnp.maximum(away, squared_distance(now, home))
            moved = length + jnp.sqrt(squared_distance(now, before))
            return state, total + r2, jnp.maximum(largest, r2), away, moved

        return jax.lax.fori_loop(first, first + _WINDOW, round_, (state, nothing, nothing, nothing, nothing))

    state, mean, largest, *_ = window(state, steps + _PERIOD)
    _, later, larger, away, length = window(state, steps + _PERIOD + _WINDOW)
    kept = (jnp.abs(later - mean) <= 1e-3 * mean) & (jnp.abs(larger - largest) <= 1e-3 * largest)
    # An orbit that hardly moves keeps its range, too: what creeps away in saturation is no cycle.
    return returned | kept & (length**2 > largest) & (away > still)
