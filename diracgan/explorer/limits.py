"""Where stability ends, in closed form: derived from the update rules and from the conditions on their matrices.

On a linear field v = Jx the conditions of `matrices.jury` on SimGD, and on AltGD with one update of each player, are
polynomials of at most the second degree in h. Their coefficients are derivatives at h = 0, and the smallest root h is
1/u of the largest root u of the polynomial with its coefficients reversed, which has no cancellation.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from diracgan.algorithms import Algorithm, AltGD, SimGD
from diracgan.dynamics import matrices
from diracgan.dynamics.system import Map
from diracgan.games.fields import FunctionField

# What jury's conditions say, in their order.
CROSSINGS = ("neimark-sacker", "flip", "fold")
Rule = Callable[[jax.Array], jax.Array]


def normal_form(c: jax.Array, g: jax.Array) -> jax.Array:
    """[[0, -c], [c, -g]]: a discriminator that is damped and a generator that is not."""
    zero = jnp.zeros_like(c)
    return jnp.stack([jnp.stack([zero, -c]), jnp.stack([c, -g])])


def update(algorithm: Callable[[jax.Array], Algorithm], jacobian: jax.Array, h: jax.Array) -> jax.Array:
    """The matrix of one round at the learning rate h, near an equilibrium with this Jacobian."""
    return Map(FunctionField(lambda x: jacobian @ x), algorithm(h)).jacobian(jnp.zeros(2), 0)


def expansion(f: Rule) -> tuple[jax.Array, ...]:
    """f(0), f'(0) and f''(0)/2: the coefficients of a polynomial of the second degree."""
    at, one = jnp.zeros(()), jnp.ones(())
    (value, first), (_, second) = jax.jvp(lambda t: jax.jvp(f, (t,), (one,)), (at,), (one,))
    return value, first, second / 2


def reciprocals(b: tuple[jax.Array, ...]) -> jax.Array:
    """1/t of the smallest t > 0 with b₀ + b₁t + b₂t² = 0; 0 where there is none."""
    b0, b1, b2 = b
    square = b1 * b1 - 4 * b0 * b2
    real = square >= 0
    root = jnp.sqrt(jnp.where(real, square, 0))
    curved = jnp.where(real, (root - jnp.sign(b0) * b1) / (2 * jnp.where(b0 == 0, 1, jnp.abs(b0))), 0)
    straight = jnp.where(b1 == 0, 0, -b2 / jnp.where(b1 == 0, 1, b1))
    return jnp.where(b0 == 0, straight, curved)


def conditions(algorithm: Callable[[jax.Array], Algorithm], jacobian: jax.Array) -> tuple[jax.Array, ...]:
    """The coefficients of the three conditions in h, in the order of `CROSSINGS`, each of shape `(3,)`."""
    return expansion(lambda h: jnp.stack(matrices.jury(update(algorithm, jacobian, h))))


def limit(algorithm: Callable[[jax.Array], Algorithm]) -> Rule:
    """(a, b, c, d), the entries of J, to the smallest h > 0 at which a condition vanishes, infinite for none."""
    return lambda m: 1 / jnp.maximum(jnp.max(reciprocals(conditions(algorithm, jnp.reshape(m, (2, 2))))), 0)


def undamped(m: jax.Array) -> jax.Array:
    """(h, c) to |λ|² of SimGD on the game without damping, where its multipliers are a complex pair."""
    h, c = m
    return 1 - matrices.jury(update(simgd, normal_form(c, jnp.zeros_like(c)), h))[0]


def critical(m: jax.Array) -> jax.Array:
    """(c,) to the damping g > 0 at which both eigenvalues of the flow meet."""
    (c,) = m
    return 1 / reciprocals(expansion(lambda g: matrices.discriminant(normal_form(c, g))))


def frequency(m: jax.Array) -> jax.Array:
    """(c,) to |Im μ| of the flow without damping."""
    (c,) = m
    return jnp.sqrt(matrices.routh_hurwitz(normal_form(c, jnp.zeros_like(c)))[1])


def simgd(h: jax.Array) -> Algorithm:
    """SimGD at the learning rate h."""
    return SimGD(h)


def altgd(h: jax.Array) -> Algorithm:
    """AltGD at the learning rate h, with one update of each player."""
    return AltGD(h)
