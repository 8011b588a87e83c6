"""The Dirac-GAN: a loss, penalties and noise become two objectives, and by autodiff a vector field.

This is the only room that knows what the entries of the state mean: θ, ψ and, with a bias, b.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from diracgan.fields import Domain, VectorField
from diracgan.losses import Loss
from diracgan.measures import GaussianNoise, Measure
from diracgan.parameters import CLIP, NODES
from diracgan.penalties import Penalty


class LinearDiscriminator(eqx.Module):
    """D(x) = ψ x, a fakeness score."""

    weight: jax.Array

    def __call__(self, point: Any) -> Any:
        """D(point); for the literal 0 a constant."""
        # D(0) does not depend on ψ. A tracer cannot drop 0·σ(0) by itself (0·∞ would be NaN), so that the data at
        # the origin would cost every field a second exponential: a concrete zero gives a constant instead.
        if isinstance(point, np.ndarray) and not point.any():
            return np.zeros_like(point)
        return self.weight * point


class DiracGAN(VectorField):
    """The two-parameter GAN: generator δ_θ, data δ_0, discriminator D(x) = ψ x.

        v(θ, ψ) = (-∂L_G/∂θ, +∂L_D/∂ψ),   L_D = loss.discriminator - Σ penalties,   L_G = loss.generator

    `noise` is added to both distributions; `clip` bounds |ψ| after every update (WGAN).

    >>> dg.DiracGAN(dg.Minimax(), penalties=(dg.R1(0.3),))((1.0, 0.0)).tolist()
    [-0.0, 0.5]
    """

    loss: Loss
    penalties: tuple[Penalty, ...] = ()
    noise: GaussianNoise | None = None
    clip: Any = eqx.field(default=None, converter=lambda value: None if value is None else CLIP.convert(value))

    @property
    def domain(self) -> Domain:
        """|ψ| <= clip, or the plane."""
        return Domain(self.clip)

    def measures(self, theta: jax.Array) -> tuple[Measure, Measure]:
        """The real and the generated distribution at the generator parameter θ."""
        real, fake = Measure(np.zeros((), theta.dtype)), Measure(theta)
        return (real, fake) if self.noise is None else (self.noise.smear(real), self.noise.smear(fake))

    def generator_objective(self, theta: jax.Array, psi: jax.Array) -> jax.Array:
        """L_G, which the generator minimises over θ."""
        return self.loss.generator(LinearDiscriminator(psi), *self.measures(theta))

    def discriminator_objective(self, theta: jax.Array, psi: jax.Array) -> jax.Array:
        """L_D, which the discriminator maximises over ψ."""
        D, (real, fake) = LinearDiscriminator(psi), self.measures(theta)
        return self.loss.discriminator(D, real, fake) - sum(penalty(D, real, fake) for penalty in self.penalties)

    def velocity(self, x: jax.Array) -> jax.Array:
        """(-∂L_G/∂θ, +∂L_D/∂ψ)."""
        theta, psi = x
        return jnp.stack(
            [
                -jax.grad(self.generator_objective, 0)(theta, psi),
                jax.grad(self.discriminator_objective, 1)(theta, psi),
            ]
        )

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """Those of the penalties."""
        theta, psi = x
        D, (real, fake) = LinearDiscriminator(psi), self.measures(theta)
        return tuple(kink for penalty in self.penalties for kink in penalty.kinks(D, real, fake))

    def check(self, states: np.ndarray) -> str | None:
        """Whether the quadrature of the noise resolves every slope |ψ| among the states."""
        if self.noise is None or isinstance(self.noise.sigma, jax.core.Tracer) or np.ndim(self.noise.sigma):
            return None
        slope = float(np.max(np.abs(np.asarray(states)[..., 1]), initial=0.0, where=np.isfinite(states[..., 1])))
        if slope * float(self.noise.sigma) <= self.noise.reach:
            return None
        needed = self.noise.needed(slope)
        remedy = f"use nodes={needed} or more" if needed <= NODES.bounds[1] else "no node count helps that far out"
        return (
            f"the quadrature of the instance noise needs |ψ|σ <= {self.noise.reach:.3g} with nodes={self.noise.nodes}; "
            f"|ψ|σ = {slope * float(self.noise.sigma):.3g} occurs: {remedy}"
        )
