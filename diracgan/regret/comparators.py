"""What both players pay along a run, and the best fixed choice in a box for either: the comparators of the regret."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.games.dirac import Game
from diracgan.games.parameters import cast

# Comparators of one number that are tried first, and then around the best of them.
_GRID, _FINER = 129, 17
# Random places from which a comparator of several numbers is sought, beside the run's own.
_STARTS = 6


@dataclasses.dataclass(frozen=True, eq=False)
class Best:
    """The largest mean gain that a fixed choice in the box has, and the choice: a number, or an array."""

    gain: float
    choice: Any


@answering
def payoffs(game: Any, states: jax.Array) -> tuple[jax.Array, jax.Array]:
    """L_G and L_D at every state, shapes `(T,)`."""
    game = cast(game, states.dtype)
    return jax.vmap(game.generator_objective)(states), jax.vmap(game.discriminator_objective)(states)


def best_generator(game: Game, states: np.ndarray, bound: float) -> Best:
    """The fixed θ of the least mean L_G; its gain is minus that."""
    return _best(_generator, game, states, states[:, : game.generator_size], bound)


def best_discriminator(game: Game, states: np.ndarray, bound: float) -> Best:
    """The fixed ψ of the largest mean L_D."""
    return _best(_discriminator, game, states, states[:, game.generator_size :], bound)


def _best(of: Any, game: Game, states: np.ndarray, own: np.ndarray, bound: float) -> Best:
    if own.shape[1] == 1:
        return _on_a_line(functools.partial(of, game, states, slopes=False), bound)
    return _in_a_box(functools.partial(of, game, states, slopes=True), own, bound)


# Both are maximised: what the generator pays with the other sign, averaged over the rounds.
@functools.partial(answering, static=("slopes",))
def _generator(game: Any, states: jax.Array, choices: jax.Array, slopes: bool) -> Any:
    game, size = cast(game, states.dtype), game.generator_size

    def mean(theta: jax.Array) -> jax.Array:
        return -jnp.mean(jax.vmap(lambda x: game.generator_objective(jnp.concatenate([theta, x[size:]])))(states))

    return jax.lax.map(jax.value_and_grad(mean) if slopes else mean, choices)


@functools.partial(answering, static=("slopes",))
def _discriminator(game: Any, states: jax.Array, choices: jax.Array, slopes: bool) -> Any:
    game, size = cast(game, states.dtype), game.generator_size

    def mean(psi: jax.Array) -> jax.Array:
        return jnp.mean(jax.vmap(lambda x: game.discriminator_objective(jnp.concatenate([x[:size], psi])))(states))

    return jax.lax.map(jax.value_and_grad(mean) if slopes else mean, choices)


def _on_a_line(gains: Callable[[np.ndarray], Any], bound: float) -> Best:
    """A grid that holds both ends, refined around its best."""
    choices = np.linspace(-bound, bound, _GRID)
    best = Best(-np.inf, 0.0)
    for _ in range(8):
        found = np.asarray(gains(choices[:, None]))
        top = int(np.argmax(found))
        if found[top] > best.gain:
            best = Best(float(found[top]), float(choices[top]))
        low, high = choices[max(top - 1, 0)], choices[min(top + 1, len(choices) - 1)]
        choices = np.linspace(low, high, _FINER)
    return best


def _in_a_box(gains: Callable[[np.ndarray], tuple[Any, Any]], own: np.ndarray, bound: float) -> Best:
    """L-BFGS-B from the run's own choices and random ones: the maximum where the gain is concave, else from below."""
    from scipy.optimize import minimize

    random = np.random.default_rng(0).uniform(-bound, bound, (_STARTS, own.shape[1]))
    starts = np.clip(np.concatenate([[own[0], own.mean(axis=0), own[-1]], random]), -bound, bound)

    def cost(choice: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = gains(choice[None])
        return -float(value[0]), -np.nan_to_num(np.asarray(slope[0]))

    box = [(-bound, bound)] * own.shape[1]
    options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 500}
    found = [minimize(cost, start, jac=True, method="L-BFGS-B", bounds=box, options=options) for start in starts]
    top = min(found, key=lambda one: one.fun)
    return Best(-float(top.fun), np.asarray(top.x))
