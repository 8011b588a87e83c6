"""The players as online learners: gradient steps in a box, or the leader of all rounds so far."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.fields import VectorField, as_field
from diracgan.games.inputs import Scalar, fits
from diracgan.games.parameters import RATE, Parameter, cast
from diracgan.games.states import as_float64

_BOX = Parameter("bound", "B", "half width of the box", 1.0, open_low=True)
_ROUNDS = Parameter("rounds", "N", "number of rounds", 500, (1, 10**8), kind=int)


def online_gradient(
    field: Any, h: Scalar, start: ArrayLike = (1.0, 1.0), rounds: int = 500, bound: object = None
) -> np.ndarray:
    """Both players by projected online gradient descent, x ← P(x + h v(x)): SimGD in the box |x| <= bound.

    Its regret on convex losses is at most (u - x₀)²/2h + (h/2)Σ|g_t|² against any u in the box (Zinkevich 2003).
    Returns the path, shape `(rounds + 1, n)`, in float64; without a bound there is no box.

    >>> dg.regret.online_gradient(dg.method("wgan", clip=9.0), 0.5, (1.0, 0.0), 2, bound=1.0).tolist()
    [[1.0, 0.0], [1.0, 0.5], [0.75, 1.0]]
    """
    return _play(field, h, start, rounds, bound, lazy=False)


def follow_the_regularised_leader(
    field: Any, h: Scalar, start: ArrayLike = (1.0, 1.0), rounds: int = 500, bound: object = None
) -> np.ndarray:
    """Both players follow the regularised leader: x_{t+1} = P(x₀ + h Σ v(x_s)), the sum over all rounds so far.

    It is the minimiser of the linearised losses so far plus |x - x₀|²/2h over the box of half-width `bound`. Without a
    box it is online gradient descent, and so SimGD; in one it remembers how far it was pushed against a face. Returns
    the path, shape `(rounds + 1, n)`, in float64.

    >>> leader = dg.regret.follow_the_regularised_leader(dg.method("gan"), 0.2, rounds=50)
    >>> bool(np.allclose(leader, dg.regret.online_gradient(dg.method("gan"), 0.2, rounds=50), atol=1e-12))
    True
    """
    return _play(field, h, start, rounds, bound, lazy=True)


def _play(field: Any, h: Scalar, start: ArrayLike, rounds: int, bound: object, lazy: bool) -> np.ndarray:
    game: VectorField = as_field(field)
    rate, rounds = RATE.number(h), _ROUNDS.convert(rounds)
    size = np.inf if bound is None else _BOX.number(bound)
    x = as_float64(start, game.dimension)
    if np.any(np.abs(x) > size):
        raise ValueError(f"the box must hold the start {x.tolist()}; bound={size:g} was given")
    fits(8.0 * (rounds + 1) * len(x), f"a path of {rounds} rounds")
    return np.asarray(_rounds(game, rate, x, size, rounds, lazy))


@in_float64
@functools.partial(answering, static=("rounds", "lazy"))
def _rounds(game: Any, h: Scalar, start: jax.Array, bound: float, rounds: int, lazy: bool) -> jax.Array:
    game = cast(game, start.dtype)

    def step(pushed: jax.Array, _: object) -> tuple[jax.Array, jax.Array]:
        x = jnp.clip(pushed, -bound, bound)
        pushed = (pushed if lazy else x) + h * game.velocity(x)
        return pushed, jnp.clip(pushed, -bound, bound)

    return jnp.concatenate([start[None], jax.lax.scan(step, start, None, rounds)[1]])
