"""What both players pay along a run, and the best fixed choice in a box for either: the comparators of the regret."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.dynamics.trajectories import shared_length
from diracgan.games.dirac import Game
from diracgan.games.parameters import cast

# Comparators of one number that are tried at once, and how often again around the best of them.
_GRID, _REFINED = 129, 5
# States of a run that one call prices.
_BLOCK = 1024
# Random places from which a comparator of several numbers is sought, beside the run's own.
_STARTS = 6


@dataclasses.dataclass(frozen=True, eq=False)
class Best:
    """The largest mean gain that a fixed choice in the box has, and the choice: a number, or an array."""

    gain: float
    choice: Any


def payoffs(game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """L_G and L_D at every state, shapes `(T,)`."""
    found = [np.asarray(_payoffs(game, block))[:, :count] for block, count in _blocks(states)]
    generator, discriminator = np.concatenate(found, axis=1)
    return generator, discriminator


@answering
def _payoffs(game: Game, states: jax.Array) -> jax.Array:
    game = cast(game, states.dtype)
    return jnp.stack([jax.vmap(game.generator_objective)(states), jax.vmap(game.discriminator_objective)(states)])


def _blocks(states: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """The states in blocks of one length, so that runs of all lengths share a program; and how many of a block count.

    What fills up the last block is a state of the run: one that the run never saw may have no payoff.
    """
    size = min(shared_length(len(states)), _BLOCK)
    for first in range(0, len(states), size):
        block = states[first : first + size]
        spare = np.broadcast_to(block[-1], (size - len(block), block.shape[1]))
        yield np.concatenate([block, spare]), len(block)


def best_generator(game: Game, states: np.ndarray, bound: float) -> Best:
    """The fixed θ of the least mean L_G; its gain is minus that."""
    return _best(_generator, game, states, states[:, : game.generator_size], bound)


def best_discriminator(game: Game, states: np.ndarray, bound: float) -> Best:
    """The fixed ψ of the largest mean L_D."""
    return _best(_discriminator, game, states, states[:, game.generator_size :], bound)


def _best(of: Any, game: Game, states: np.ndarray, own: np.ndarray, bound: float) -> Best:
    if own.shape[1] == 1:
        return _on_a_line(functools.partial(_mean, of, game, states, slopes=False), bound)
    return _in_a_box(functools.partial(_mean, of, game, states, slopes=True), own, bound)


def _mean(of: Any, game: Game, states: np.ndarray, choices: np.ndarray, slopes: bool) -> Any:
    """The mean gain of every choice over the run, and its slope."""
    parts = []
    for block, count in _blocks(states):
        weights = (np.arange(len(block)) < count) / len(states)
        parts.append(of(game, block, weights, choices, slopes))
    return jax.tree.map(lambda *found: np.sum(found, axis=0), *parts)


# Both are maximised: what the generator pays with the other sign, a weighted sum over the rounds.
@functools.partial(answering, static=("slopes",))
def _generator(game: Game, states: jax.Array, weights: jax.Array, choices: jax.Array, slopes: bool) -> Any:
    game, size = cast(game, states.dtype), game.generator_size

    def gain(theta: jax.Array) -> jax.Array:
        return -weights @ jax.vmap(lambda x: game.generator_objective(jnp.concatenate([theta, x[size:]])))(states)

    return jax.lax.map(jax.value_and_grad(gain) if slopes else gain, choices)


@functools.partial(answering, static=("slopes",))
def _discriminator(game: Game, states: jax.Array, weights: jax.Array, choices: jax.Array, slopes: bool) -> Any:
    game, size = cast(game, states.dtype), game.generator_size

    def gain(psi: jax.Array) -> jax.Array:
        return weights @ jax.vmap(lambda x: game.discriminator_objective(jnp.concatenate([x[:size], psi])))(states)

    return jax.lax.map(jax.value_and_grad(gain) if slopes else gain, choices)


def _on_a_line(gains: Callable[[np.ndarray], Any], bound: float) -> Best:
    """A grid that holds both ends, refined around its best."""
    choices = np.linspace(-bound, bound, _GRID)
    best = Best(-np.inf, 0.0)
    for _ in range(_REFINED):
        found = np.asarray(gains(choices[:, None]))
        top = int(np.argmax(found))
        if found[top] > best.gain:
            best = Best(float(found[top]), float(choices[top]))
        low, high = choices[max(top - 1, 0)], choices[min(top + 1, len(choices) - 1)]
        choices = np.linspace(low, high, _GRID)
    return best


def duality_gaps(game: Game, points: np.ndarray, bound: float) -> np.ndarray:
    """max L_D(θ, ·) - L_D + L_G - min L_G(·, ψ) at every point (θ, ψ), shape `(K, 2)`, over choices within ±bound.

    All points at once, by the refined grid of `best_generator` and `best_discriminator`.
    """
    at_g, at_d = payoffs(game, points)
    choices = np.broadcast_to(np.linspace(-bound, bound, _GRID), (2, len(points), _GRID))
    best = np.full((2, len(points)), -np.inf)
    for _ in range(_REFINED):
        found = np.asarray(_gains(game, points, *choices))
        top = np.argmax(found, axis=-1)[..., None]
        best = np.maximum(best, np.take_along_axis(found, top, -1)[..., 0])
        low, high = (np.take_along_axis(choices, np.clip(top + side, 0, _GRID - 1), -1)[..., 0] for side in (-1, 1))
        choices = np.linspace(low, high, _GRID, axis=-1)
    gains: np.ndarray = best.sum(axis=0) - at_d + at_g
    return gains


@answering
def _gains(game: Game, points: jax.Array, thetas: jax.Array, psis: jax.Array) -> jax.Array:
    """-L_G(θ', ψ) and L_D(θ, ψ') for each point (θ, ψ) and each of its choices, shape `(2, K, choices)`."""
    game = cast(game, points.dtype)

    def one(point: jax.Array, theta: jax.Array, psi: jax.Array) -> jax.Array:
        generator = jax.vmap(lambda other: -game.generator_objective(point.at[0].set(other)))(theta)
        discriminator = jax.vmap(lambda other: game.discriminator_objective(point.at[1].set(other)))(psi)
        return jnp.stack([generator, discriminator])

    return jax.vmap(one, out_axes=1)(points, thetas, psis)


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
