"""Algorithms that solve for the step: competitive gradient descent and the implicit Euler rule."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms.base import Rated
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar


def solve(matrix: jax.Array, right: jax.Array) -> jax.Array:
    """The solution of a small linear system; Cramer's rule for two unknowns, which every accelerator fuses."""
    if matrix.shape != (2, 2):
        return jnp.linalg.solve(matrix, right)
    (a, b), (c, d) = matrix
    p, q = right
    return jnp.stack([d * p - b * q, a * q - c * p]) / (a * d - b * c)


class CompetitiveGradient(Rated):
    """Competitive gradient descent (Schäfer and Anandkumar 2019): the Nash equilibrium of the local bilinear game.

        Δ = (I - h J̃)⁻¹ h v,   J̃ = the off-diagonal blocks of the Jacobian (each player's mixed derivatives)

    >>> dg.CompetitiveGradient(h=0.2)
    CompetitiveGradient(h=0.2)
    """

    def step(self, field: VectorField, state: jax.Array, k: Scalar = 0) -> jax.Array:
        """P(x + Δ)."""
        h, n = self.rates(field, state, k), state.shape[-1]
        generator = np.arange(n) < field.generator_size
        mixed = jnp.where(generator[:, None] != generator[None, :], jax.jacfwd(field.velocity)(state), 0)
        move = solve(jnp.eye(n, dtype=state.dtype) - h[:, None] * mixed, h * field.velocity(state))
        return field.domain.project(state + move, field.generator_size)


class ImplicitEuler(Rated):
    """The implicit Euler rule (proximal point method): x⁺ = x + h v(x⁺), then the domain's projection.

    Solved by `NEWTON` Newton steps from x. Where the equation has several solutions, or h is so large that Newton's
    method does not converge in them, the result is not the proximal point; it is for h‖J‖ up to about 1.

    >>> dg.ImplicitEuler(h=0.2)
    ImplicitEuler(h=0.2)
    """

    def step(self, field: VectorField, state: jax.Array, k: Scalar = 0) -> jax.Array:
        """P(x⁺)."""
        h, identity = self.rates(field, state, k), jnp.eye(state.shape[-1], dtype=state.dtype)

        def newton(_: object, y: jax.Array) -> jax.Array:
            slope = identity - h[:, None] * jax.jacfwd(field.velocity)(y)
            return y - solve(slope, y - state - h * field.velocity(y))

        return field.domain.project(jax.lax.fori_loop(0, NEWTON, newton, state), field.generator_size)


NEWTON = 12
