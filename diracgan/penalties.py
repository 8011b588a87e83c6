"""What is subtracted from the discriminator's objective: functions of `(D, real, fake)`.

A penalty differentiates the callable `D` itself, so it reads as it would for a neural discriminator.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from diracgan.losses import Discriminator
from diracgan.measures import GaussianNoise, Measure
from diracgan.parameters import GAMMA, TARGET, described


class Penalty(eqx.Module):
    """A term R(D, real, fake) that the discriminator pays."""

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """The value R of the penalty, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(D, real, fake)")

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """Scalars whose zeros are the points where R is not differentiable; none by default."""
        return ()

    __repr__ = described


class R1(Penalty):
    """(γ/2) E|∇D|² on the real points (Mescheder et al. 2018, eq. 9)."""

    gamma: Any = GAMMA.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E_real |∇D(x)|²."""
        return self.gamma / 2 * real.expect(lambda x: jax.grad(D)(x) ** 2)


class R2(Penalty):
    """(γ/2) E|∇D|² on the generated points (Mescheder et al. 2018, eq. 10)."""

    gamma: Any = GAMMA.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E_fake |∇D(x)|²."""
        return self.gamma / 2 * fake.expect(lambda x: jax.grad(D)(x) ** 2)


class GradientNorm(Penalty):
    """The two-sided penalty (γ/2) E(|∇D| - g₀)² of WGAN-GP (Gulrajani et al. 2017, whose λ is γ/2).

    The points are taken halfway between real and generated ones; for the linear discriminator of the Dirac-GAN
    the gradient is the same everywhere. At ∇D = 0 the norm has a kink: the field is not defined there.
    """

    gamma: Any = GAMMA.field()
    target: Any = TARGET.field()

    def points(self, real: Measure, fake: Measure) -> Measure:
        """Where the gradient is penalised."""
        return fake if fake.weights is not None else Measure((real.points + fake.points) / 2)

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E (|∇D(x)| - g₀)²."""
        points = self.points(real, fake)
        return self.gamma / 2 * points.expect(lambda x: (jnp.abs(jax.grad(D)(x)) - self.target) ** 2)

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """(∇D,): the norm is not differentiable where the gradient vanishes."""
        return (self.points(real, fake).expect(lambda x: jax.grad(D)(x)),)


class DRAGAN(GradientNorm):
    """(γ/2) E(|∇D(x + δ)| - k)² around the real points, δ Gaussian (Kodali et al. 2017, whose λ is γ/2).

    `spread` is the standard deviation of δ. It is invisible to a linear discriminator, and kept because a user's
    discriminator need not be linear.
    """

    spread: GaussianNoise = GaussianNoise(1.0, nodes=4)

    def points(self, real: Measure, fake: Measure) -> Measure:
        """The real points, perturbed."""
        return real if real.weights is not None else self.spread.smear(real)
