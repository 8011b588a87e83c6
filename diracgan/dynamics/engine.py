"""The maps of many runs at once.

A lane is one start or one setting of the hyper-parameters. The state of a block is carried as one array of lanes per
entry and stacked only to call the algorithm: measured, that costs what a hand-written update costs, while a carry of
shape (lanes, 2) is a third slower.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from diracgan.dynamics.system import Map
from diracgan.games.inputs import Scalar


class Flat(NamedTuple):
    """An algorithm's map on flat states: the start, one round, and the position in it."""

    start: jax.Array
    step: Callable[[jax.Array, Scalar], jax.Array]
    position: Callable[[jax.Array], jax.Array]


def flat_map(system: Map, x: jax.Array) -> Flat:
    """A map on the raveled state of its algorithm, started at the position `x`."""
    field, algorithm = system.field, system.algorithm
    state, unravel = ravel_pytree(algorithm.init(field, field.domain.project(x, field.generator_size)))
    return Flat(
        state,
        lambda flat, k: ravel_pytree(algorithm.step(field, unravel(flat), k))[0],
        lambda flat: algorithm.position(unravel(flat)),
    )


Columns = tuple[jax.Array, ...]

S = TypeVar("S")


class Block(NamedTuple):
    """The same for a block of lanes, each with its own setting; a state is one array of lanes per entry."""

    start: Columns
    step: Callable[[Columns, Scalar], Columns]
    position: Callable[[Columns], Columns]


def block_map(build: Callable[[S], Map], settings: S, starts: jax.Array) -> Block:
    """The maps of a block: `build(setting)` gives that of one lane.

    `settings` is a pytree of arrays `(lanes,)` (or None: the same for all), `starts` has shape `(lanes, n)`.
    """

    def start(setting: S, x: jax.Array) -> jax.Array:
        return flat_map(build(setting), x).start

    def step(setting: S, x: jax.Array, flat: tuple[jax.Array, ...], k: Scalar) -> Columns:
        return tuple(flat_map(build(setting), x).step(jnp.stack(flat), k))

    def position(setting: S, x: jax.Array, flat: tuple[jax.Array, ...]) -> Columns:
        return tuple(flat_map(build(setting), x).position(jnp.stack(flat)))

    along = (None if settings is None else 0, 0)
    first = jax.vmap(start, along)(settings, starts)
    return Block(
        tuple(first.T),
        lambda state, k: jax.vmap(step, (*along, 0, None))(settings, starts, state, k),
        lambda state: jax.vmap(position, (*along, 0))(settings, starts, state),
    )
