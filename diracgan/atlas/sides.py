"""The smooth field on one side of each kink."""

from __future__ import annotations

import functools
from collections.abc import Callable

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
    inside = x
    for i, _ in enumerate(field.kinks(x)):
        value, slope = jax.value_and_grad(lambda y, i=i: field.kinks(y)[i])(inside)
        least = 4 * jnp.finfo(x.dtype).eps * (1 + jnp.max(jnp.abs(x)))
        gap = jnp.maximum(least - sides[i] * value, 0)
        inside = inside + sides[i] * gap * slope / jnp.maximum(slope @ slope, jnp.finfo(x.dtype).tiny)
    held = jnp.where(slides & (jnp.arange(2) == 1), 0.0, 1.0)
    if not field.kinks(x):
        return field.velocity(x) * held
    inside, d = jax.lax.stop_gradient(inside), x - jax.lax.stop_gradient(inside)

    def along(y: jax.Array) -> jax.Array:
        return jax.jvp(field.velocity, (y,), (d,))[1]

    # A Taylor polynomial about a point of the right side; d = 0, and nothing is added, where x is one itself.
    v = field.velocity(inside) + along(inside) + jax.jvp(along, (inside,), (jax.lax.stop_gradient(d),))[1] / 2
    return v * held


def increment(fn: Callable[[jax.Array], jax.Array], at: jax.Array, d: jax.Array) -> jax.Array:
    """fn(at + d) - fn(at) = ∫ Dfn(at + s d) d ds over 0 < s < 1, without the cancellation of the difference."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    slopes = [jax.jvp(fn, (at + s * d,), (d,))[1] for s in (nodes + 1) / 2]
    return sum(w / 2 * slope for w, slope in zip(weights, slopes, strict=True))


def speed_at(field: VectorField, x: jax.Array, sides: jax.Array, slides: Scalar, rest: jax.Array) -> jax.Array:
    """The velocity at a position, or at one relative to a rest point."""
    fn = lambda z: sided_velocity(field, z, sides, slides)
    return fn(x) if rest is None else increment(fn, rest, x)


@answering
def kinks_of(field: VectorField, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The values of the kinks, shape `(k,)`, and their gradients, shape `(k, 2)`."""
    field = cast(field, jnp.float64)
    return kink_values(field, x), jax.jacfwd(lambda y: kink_values(field, y))(x)


@answering
def _speeds(field: VectorField, xs: jax.Array, sides: jax.Array, slides: Scalar, rest: jax.Array) -> jax.Array:
    field = recorded(field, xs)
    return jax.vmap(lambda x: speed_at(field, x, sides, slides, rest))(xs)


# So many positions at a time, one or all of them wanted: one program for both.
_LANES = 640


def speed(
    field: VectorField, x: np.ndarray, sides: np.ndarray, slides: bool, rest: jax.Array | None = None
) -> np.ndarray:
    """The velocity on the given sides at positions `(..., 2)`; with `rest`, at some relative to that rest point."""
    rows = x.reshape(-1, 2)
    blocks = []
    for k in range(0, len(rows), _LANES):
        block = rows[k : k + _LANES]
        filled = np.concatenate([block, np.broadcast_to(block[-1], (_LANES - len(block), 2))])
        blocks.append(np.asarray(_speeds(field, filled, sides, slides, rest))[: len(block)])
    return np.concatenate([rows[:0], *blocks]).reshape(x.shape)


@answering
def slope_at(field: VectorField, x: jax.Array, sides: jax.Array, slides: Scalar) -> jax.Array:
    """The Jacobian of `sided_velocity`."""
    field = recorded(field, x)
    return jax.jacfwd(lambda z: sided_velocity(field, z, sides, slides))(x)
