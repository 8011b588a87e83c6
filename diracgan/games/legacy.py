"""Published mistakes on purpose, so that published pictures can be matched; see `errata`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from diracgan.games.dirac import DiracGAN
from diracgan.games.module import replace
from diracgan.games.transforms import Consensus, Transform

if TYPE_CHECKING:
    from jaxtyping import Array, Float


class PublishedConsensus(Consensus):
    """Consensus optimisation as the published Dirac-GAN code computes it: half of one term of the gradient is lost.

    The zero-sum game L = f(u) + f(0), u = D(θ) = ψθ, has |v|² = |∇u|² f'(u)². By the product rule

        ∇ ½|v|² = f'(u)² ∇ ½|∇u|² + |∇u|² f'(u) f''(u) ∇u

    and the code puts a factor ½ before the second term. With A for the first term and Jᵀv for the whole gradient, its
    field is v - γ(A + ½(Jᵀv - A)) = v - (γ/2)(Jᵀv + A). It is not v minus a gradient; its Jacobian at the equilibrium
    is the right one, as the second term is of third order there. The game's data must be at the origin.
    """

    field: DiracGAN

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """v(x) - (γ/2)(J(x)ᵀv(x) + A(x)), A the gradient of ½|v|² with f'(u) held fixed."""
        game = self.field
        if game.data is not None or game.bias:
            raise ValueError(
                "the published code has its data at 0 and no bias: leave data and bias out with legacy=True"
            )

        def score(y: jax.Array) -> jax.Array:
            D, _, fake = game.play(y)
            return fake.expect(D)

        def slope_of_score(y: jax.Array) -> jax.Array:
            return jnp.sum(jax.grad(score)(y) ** 2) / 2

        frozen = jax.grad(game.loss.link)(score(x)) ** 2 * jax.grad(slope_of_score)(x)
        return game.velocity(x) - self.gamma / 2 * (self.half_square(x, lambda v: v) + frozen)


class SignAtZero(Transform):
    """The convention sign(0) = 0 of NumPy in a penalty (γ/2)(|ψ| - g₀)²: at ψ = 0 exactly, the penalty has no force.

    With θ = 0 the velocity is then 0, and the code rests at an equilibrium that the method does not have: on either
    side of ψ = 0 the penalty pushes away from it with γg₀.
    """

    field: DiracGAN

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """That of the game without penalties where ψ = 0, and the game's own elsewhere."""
        free = replace(self.field, penalties=())
        return jnp.where(x[1] == 0, free.velocity(x), self.field.velocity(x))
