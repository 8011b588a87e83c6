"""Field transforms: a vector field, or a game, made into another one.

Those of a field need only its velocity; those of a game differentiate the players' objectives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from diracgan.games.dirac import Game
from diracgan.games.fields import Delegating, VectorField, as_field
from diracgan.games.inputs import Numbers, as_kind
from diracgan.games.module import attribute
from diracgan.games.parameters import ALIGNED, ALTERNATING, ETA, GAMMA, LAMBDA, THROUGH, UNROLL

if TYPE_CHECKING:
    from jaxtyping import Array, Float


def _as_game(field: VectorField) -> Game:
    return as_kind(field, "field", Game, "dg.DiracGAN(dg.Minimax())")


class Transform(Delegating):
    """A field made from another one; everything but the velocity is the inner field's."""

    field: VectorField = attribute(converter=lambda field: as_field(field, batch=True))

    def players(self, generator: jax.Array, discriminator: jax.Array) -> jax.Array:
        """The generator's entries of one vector and the discriminator's of another."""
        size = self.generator_size
        return jnp.concatenate([generator[:size], discriminator[size:]])

    def half_square(self, x: jax.Array, part: Callable[[jax.Array], jax.Array]) -> jax.Array:
        """∇ ½|part of v|², where `part` selects entries of the velocity."""
        v, pullback = jax.vjp(lambda y: part(self.field.velocity(y)), x)
        return pullback(v)[0]


class Consensus(Transform):
    """Consensus optimisation, v - γ ∇(½|v|²) = v - γ Jᵀv (Mescheder, Nowozin and Geiger 2017).

    The gradient is derived from the inner field. The published Dirac-GAN code types it by hand and halves one of
    its terms, which changes the sign of the field's curvature away from the equilibrium.
    """

    gamma: Numbers = GAMMA.field()

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """v(x) - γ J(x)ᵀ v(x)."""
        return self.field.velocity(x) - self.gamma * self.half_square(x, lambda v: v)


class JARE(Transform):
    """Jacobian regularisation (Nie and Patel 2018): each player descends the half square of the other's velocity.

    v_θ - γ ∂_θ ½|v_ψ|²,  v_ψ - γ ∂_ψ ½|v_θ|²
    """

    gamma: Numbers = GAMMA.field()

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """Both players' regularised velocities."""
        size = self.generator_size
        by_discriminator = self.half_square(x, lambda v: v[size:])
        by_generator = self.half_square(x, lambda v: v[:size])
        return self.field.velocity(x) - self.gamma * self.players(by_discriminator, by_generator)


class GeneratorGradientPenalty(Transform):
    """The regulariser of ODE-GAN (Qin et al. 2020): the discriminator descends λ|∇_θ L_G|² = λ|v_θ|².

    v_θ,  v_ψ - λ ∂_ψ |v_θ|²
    """

    gamma: Numbers = LAMBDA.field()

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """The generator's velocity unchanged, the discriminator's regularised."""
        size = self.generator_size
        regulariser = 2 * self.half_square(x, lambda v: v[:size])
        return self.field.velocity(x) - self.gamma * self.players(jnp.zeros_like(x), regulariser)


class SymplecticAdjustment(Transform):
    """Symplectic gradient adjustment (Balduzzi et al. 2018): v + λ Aᵀv with A the antisymmetric part of the
    Jacobian of the losses' gradient.

    With ξ = -v and A = ½(∇ξ - ∇ξᵀ) = -½(J - Jᵀ) that is v - (λ/2)(Jᵀv - Jv). `aligned` lets the sign of λ follow
    ⟨ξ, ∇H⟩⟨Aᵀξ, ∇H⟩ + ε with H = ½|ξ|² and ε = 1/10, as the paper's alignment criterion does.
    """

    gamma: Numbers = LAMBDA.field()
    aligned: bool = ALIGNED.field(False)

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """v(x) ± (λ/2)(Jv - Jᵀv)."""
        v, along = jax.jvp(self.field.velocity, (x,), (self.field.velocity(x),))
        against = self.half_square(x, lambda u: u)
        adjustment = (along - against) / 2
        if not self.aligned:
            return v + self.gamma * adjustment
        # ∇H = Jᵀv and Aᵀξ = -adjustment; two factors ξ = -v and Aᵀξ each flip the sign once.
        sign = jnp.sign(jnp.dot(v, against) * jnp.dot(adjustment, against) + 0.1)
        return v + self.gamma * sign * adjustment


class Drift(Transform):
    """The modified flow that a descent with rate η follows to second order (Rosca et al. 2021).

    Simultaneous: v - (η/2) Jv. Alternating, generator first: the discriminator sees the moved generator, and the
    sign of its mixed term flips: v_ψ - (η/2)(J_ψψ v_ψ - J_ψθ v_θ).
    """

    eta: Numbers = ETA.field()
    alternating: bool = ALTERNATING.field(False)

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """v(x) - (η/2) J(x) v(x), or its alternating form."""
        v = self.field.velocity(x)
        drift = jax.jvp(self.field.velocity, (x,), (v,))[1]
        if self.alternating:
            own = jax.jvp(self.field.velocity, (x,), (self.players(-v, v),))[1]
            drift = self.players(drift, own)
        return v - self.eta / 2 * drift


class LOLA(Transform):
    """Learning with opponent-learning awareness (Foerster et al. 2017), first order as published.

    Each player adds the effect of its parameters on the other's next step, α (∂_θ v_ψ)ᵀ ∂_ψ L_G for the generator and
    the mirror image for the discriminator.
    """

    field: Game = attribute(converter=_as_game)
    eta: Numbers = ETA.field()

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """Both players' opponent-aware velocities."""
        size = self.generator_size
        v, pullback = jax.vjp(self.field.velocity, x)
        mask = self.players(jnp.ones_like(x), jnp.zeros_like(x))
        by_generator = pullback(jax.grad(self.field.generator_objective)(x) * (1 - mask))[0]
        by_discriminator = pullback(jax.grad(self.field.discriminator_objective)(x) * mask)[0]
        return v + self.eta * jnp.concatenate([-by_generator[:size], by_discriminator[size:]])


class Unrolled(Transform):
    """The unrolled generator (Metz et al. 2016): its objective sees the discriminator `unroll` ascent steps ahead.

    v_θ = -∂_θ L_G(θ, ψ_k) with ψ_{i+1} = ψ_i + η v_ψ(θ, ψ_i). `through` differentiates the inner steps, too;
    without it the looked-ahead discriminator is a constant of the generator.
    """

    field: Game = attribute(converter=_as_game)
    eta: Numbers = ETA.field()
    unroll: int = UNROLL.field(5)
    through: bool = THROUGH.field(True)

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """The generator's unrolled velocity, the discriminator's own."""
        size = self.generator_size

        def ahead(generator: jax.Array) -> jax.Array:
            y = jnp.concatenate([generator, x[size:]])
            for _ in range(self.unroll):
                y = y + self.eta * self.players(jnp.zeros_like(y), self.field.velocity(y))
            return y[size:]

        # Not stop_gradient: it would also hide the inner steps from the Jacobian of this velocity.
        constant = ahead(x[:size])

        def objective(generator: jax.Array) -> jax.Array:
            seen = ahead(generator) if self.through else constant
            return self.field.generator_objective(jnp.concatenate([generator, seen]))

        return jnp.concatenate([-jax.grad(objective)(x[:size]), self.field.velocity(x)[size:]])
