"""The two steps before DRAGAN's penalty: zero-centred around the data, then with a dead zone.

Kodali et al. reached theirs in three steps (as their published notes report): E|∇D|², then E(|∇D|² - k)₊, then
E(|∇D| - k)². On the Dirac-GAN the first converges, the second leaves all small circles neutral, the third does not
converge: each repair takes some of the convergence away.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from diracgan.games.inputs import Numbers
from diracgan.games.losses import Discriminator
from diracgan.games.measures import Measure
from diracgan.games.module import attribute
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import GAMMA, TARGET
from diracgan.games.penalties import Penalty


def around(measure: Measure, noise: GaussianNoise) -> Measure:
    """Every atom of a measure smeared by the noise."""
    if measure.weights is None:
        return noise.smear(measure)
    parts = [noise.smear(Measure(point)) for point in measure.points]
    weights = [weight * part.weights for weight, part in zip(measure.weights, parts, strict=True)]
    return Measure(jnp.concatenate([part.points for part in parts]), jnp.concatenate(weights))


class Perturbed(Penalty):
    """A penalty (γ/2) E p(∇D(x + δ)) around the real points, δ Gaussian; a linear discriminator does not see δ.

    `spread` is the standard deviation of δ.
    """

    gamma: Numbers = GAMMA.field()
    spread: GaussianNoise = attribute(default=GaussianNoise(1.0, nodes=4), kw_only=True)

    def mean(self, D: Discriminator, real: Measure, price: Callable[[jax.Array], jax.Array]) -> jax.Array:
        """(γ/2) E price(∇D)."""
        return self.gamma / 2 * around(real, self.spread).expect(lambda x: price(jax.grad(D)(x)))


class PerturbedZeroCentred(Perturbed):
    """(γ/2) E|∇D(x + δ)|², the first step; on the Dirac-GAN it is R1.

    >>> dg.DiracGAN(dg.Minimax(), (PerturbedZeroCentred(2.0),))((0.0, 0.5)).round(12).tolist()
    [-0.25, -1.0]
    """

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E|∇D|²."""
        return self.mean(D, real, lambda slope: slope**2)


class PerturbedDeadZone(Perturbed):
    """(γ/2) E(|∇D(x + δ)|² - k)₊, the second step: nothing below |∇D| = √k, where the velocity jumps by γ√k.

    On the Dirac-GAN the jump at |ψ| = √k attracts from both sides while |θ|f' < γ√k: the flow slides along it, and
    `dg.flow` ends there.

    >>> dg.DiracGAN(dg.Minimax(), (PerturbedDeadZone(2.0, target=1.0),))((0.0, 0.5)).tolist()
    [-0.25, 0.0]
    """

    target: Numbers = TARGET.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E(|∇D|² - k)₊."""
        return self.mean(D, real, lambda slope: jax.nn.relu(slope**2 - self.target))

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """|∇D|² - k at every perturbed point; none where γ or k is 0."""
        free = self.gamma * self.target == 0
        return tuple(jnp.where(free, 1.0, jax.grad(D)(x) ** 2 - self.target) for x in around(real, self.spread).atoms)


class PerturbedTwoSided(PerturbedDeadZone):
    """(γ/2) E(|∇D(x + δ)| - k)², the third step: `DRAGAN` also for data of several points, each perturbed."""

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E(|∇D| - k)²."""
        return self.mean(D, real, lambda slope: slope**2 - 2 * self.target * jnp.abs(slope) + self.target**2)

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """∇D at every perturbed point; none where γ or k is 0."""
        free = self.gamma * self.target == 0
        return tuple(jnp.where(free, 1.0, jax.grad(D)(x)) for x in around(real, self.spread).atoms)
