"""What the two players optimise, as functions of the discriminator and the two distributions.

The discriminator output is a *fakeness* score: training drives it up on generated and down on real points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from diracgan.measures import Measure

Discriminator = Callable[[Any], Any]


@jax.custom_jvp
def sigmoid(t: jax.Array) -> jax.Array:
    """1 / (1 + e^-t), with a derivative σ(t)σ(-t) that keeps its relative accuracy in both tails.

    The usual form σ(1 - σ) rounds to 0 for t > 37; a learning-rate analysis far out needs the e^-t.
    """
    return 1 / (1 + jnp.exp(-t))


@sigmoid.defjvp
def _(primals, tangents):
    (t,), (dt,) = primals, tangents
    value = sigmoid(t)
    return value, value * sigmoid(-t) * dt


@jax.custom_jvp
def log_sigmoid(t: jax.Array) -> jax.Array:
    """-log(1 + e^-t), finite for every finite t; its derivative is exactly one sigmoid.

    Differentiating through `log1p(exp(-t))` costs two more exponentials and is NaN once e^-t overflows.
    """
    return jnp.minimum(t, 0) - jnp.log1p(jnp.exp(-jnp.abs(t)))


@log_sigmoid.defjvp
def _(primals, tangents):
    (t,), (dt,) = primals, tangents
    return log_sigmoid(t), sigmoid(-t) * dt


class Loss(eqx.Module):
    """Both objectives of a GAN. The default is the zero-sum game of a link f:

        L = E f(D(fake)) + E f(-D(real)),  minimised by the generator, maximised by the discriminator.

    A subclass gives `link`, and overrides `generator` when the game is not zero-sum.
    """

    def link(self, t: jax.Array) -> jax.Array:
        """f(t), a scalar function of a discriminator output."""
        raise NotImplementedError(f"{type(self).__name__} must define link(t), or both objectives")

    def discriminator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """What the discriminator maximises."""
        return fake.expect(lambda x: self.link(D(x))) + real.expect(lambda x: self.link(-D(x)))

    def generator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """What the generator minimises."""
        return self.discriminator(D, real, fake)


class Minimax(Loss):
    """The original game, f(t) = -log(1 + e^-t) (Goodfellow et al. 2014).

    >>> float(dg.Minimax().link(0.0))
    -0.6931471805599453
    """

    def link(self, t: jax.Array) -> jax.Array:
        """f(t) = -log(1 + e^-t); f'(0) = 1/2, f''(0) = -1/4."""
        return log_sigmoid(t)


class NonSaturating(Minimax):
    """The minimax discriminator with the generator that minimises -E f(-D(fake)) (Goodfellow et al. 2014)."""

    def generator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """-E f(-D(fake))."""
        return -fake.expect(lambda x: self.link(-D(x)))


class Wasserstein(Loss):
    """The Wasserstein game, f(t) = t (Arjovsky et al. 2017)."""

    def link(self, t: jax.Array) -> jax.Array:
        """f(t) = t."""
        return t
