"""The smooth field on one side of each kink."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar
from diracgan.games.parameters import cast
from diracgan.games.recorded import recorded


def kink_values(field: VectorField, x: jax.Array) -> jax.Array:
    """The scalars of the kinks, shape `(k,)`."""
    kinks = field.kinks(x)
    return jnp.stack(kinks) if kinks else jnp.zeros(0, x.dtype)


@functools.partial(jax.jit, inline=True)
def sided_velocity(field: VectorField, x: jax.Array, sides: jax.Array, slides: Scalar) -> jax.Array:
    """The field on the given side of every kink, continued across it to second order; ψ at rest where it slides."""
    inside, kinks = x, len(field.kinks(x))
    for i in range(kinks):
        value, slope = jax.value_and_grad(lambda y, i=i: field.kinks(y)[i])(inside)
        least = 4 * jnp.finfo(x.dtype).eps * (1 + jnp.max(jnp.abs(x)))
        gap = jnp.maximum(least - sides[i] * value, 0)
        inside = inside + sides[i] * gap * slope / jnp.maximum(slope @ slope, jnp.finfo(x.dtype).tiny)
    moves = jnp.where(slides & (jnp.arange(2) == 1), 0.0, 1.0)
    if not kinks:
        return field.velocity(x) * moves
    inside, d = jax.lax.stop_gradient(inside), x - jax.lax.stop_gradient(inside)

    def along(y: jax.Array) -> jax.Array:
        return jax.jvp(field.velocity, (y,), (d,))[1]

    # A Taylor polynomial about a point of the right side; d = 0, and nothing is added, where x is one itself.
    v = field.velocity(inside) + along(inside) + jax.jvp(along, (inside,), (jax.lax.stop_gradient(d),))[1] / 2
    return v * moves


def increment(fn: Callable[[jax.Array], jax.Array], at: jax.Array, d: jax.Array) -> jax.Array:
    """fn(at + d) - fn(at) = ∫ Dfn(at + s d) d ds over 0 < s < 1, without the cancellation of the difference."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    slopes = [jax.jvp(fn, (at + s * d,), (d,))[1] for s in (nodes + 1) / 2]
    return sum(w / 2 * slope for w, slope in zip(weights, slopes, strict=True))


def speed_at(field: VectorField, x: jax.Array, sides: jax.Array, slides: Scalar, rest: jax.Array) -> jax.Array:
    """The velocity at a position, or at one relative to a rest point."""
    fn = lambda z: sided_velocity(field, z, sides, slides)
    return fn(x) if rest is None else increment(fn, rest, x)


class Look(NamedTuple):
    """What is to be seen at one position.

    The values of the kinks, shape `(k,)`, their gradients, `(k, 2)`, and the velocities with each row of `sides`,
    `(1 + 2k, 2)`: those given, and with every kink in turn on either side.
    """

    values: np.ndarray
    slopes: np.ndarray
    sides: np.ndarray
    speeds: np.ndarray


def look(field: VectorField, x: np.ndarray, sides: np.ndarray) -> Look:
    """What decides at an event, by one call: kinks, gradients, and the velocities on all sides in question."""
    turned = np.repeat(sides[None], 2 * len(sides), axis=0)
    turned[np.arange(len(turned)), np.repeat(np.arange(len(sides)), 2)] = np.tile([1.0, -1.0], len(sides))
    chosen = np.concatenate([sides[None], turned])
    values, slopes, speeds = map(np.asarray, _look(field, x, chosen))
    return Look(values, slopes, chosen, speeds)


@answering
def _look(field: VectorField, x: jax.Array, choices: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    field = recorded(field, x)
    slopes = jax.jacfwd(lambda y: kink_values(field, y))(x)
    speeds = jax.vmap(lambda sides: sided_velocity(field, x, sides, False))(choices)
    return kink_values(field, x), slopes, speeds


def kinks_count(field: VectorField) -> int:
    """How many kinks the field has."""
    return int(_kinks.eval_shape(field, jax.ShapeDtypeStruct((field.dimension,), jnp.float64)).shape[0])


_kinks = jax.jit(lambda field, x: kink_values(cast(field, x.dtype), x), inline=True)


@answering
def speed(field: VectorField, x: jax.Array, sides: jax.Array, slides: Scalar, rest: jax.Array) -> jax.Array:
    """The velocity on the given sides at a position relative to a rest point."""
    return speed_at(recorded(field, x), x, sides, slides, rest)


def held(v: np.ndarray, slides: bool) -> np.ndarray:
    """The velocity with ψ at rest where the orbit slides along a clip face."""
    return v * [1.0, 0.0] if slides else v


@answering
def slope_at(field: VectorField, x: jax.Array, sides: jax.Array, slides: Scalar) -> jax.Array:
    """The Jacobian of `sided_velocity`."""
    field = recorded(field, x)
    return jax.jacfwd(lambda z: sided_velocity(field, z, sides, slides))(x)
