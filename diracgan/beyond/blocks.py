"""The Jacobian of a GAN at an equilibrium, put together from the blocks of the convergence theorem."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from diracgan.dynamics.compiling import answering
from diracgan.games.losses import Loss
from diracgan.games.measures import Measure
from diracgan.games.parameters import cast
from diracgan.games.penalties import Penalty


class Link(NamedTuple):
    """What a loss is near D = 0, as a function of the scores a of a generated and b of a real point.

    For L = f(a) + f(-b): `slope` and `pull` are f'(0), `curvatures` (f''(0), f''(0), 0), and `balance` is 0.
    """

    slope: jax.Array  # ∂L_D/∂a
    pull: jax.Array  # ∂L_G/∂a
    curvatures: tuple[jax.Array, jax.Array, jax.Array]  # ∂²L_D by aa, bb, ab
    balance: jax.Array  # ∂L_D/∂a + ∂L_D/∂b: not 0 where a discriminator that says 0 is no equilibrium


def link(loss: Loss) -> Link:
    """The derivatives of both objectives at D = 0, by autodiff."""

    def of(objective: Any) -> Any:
        # With D(x) = a + (b - a)x the score is a at 0 and b at 1.
        return lambda a, b: objective(lambda x: a + (b - a) * x, Measure(jnp.ones(())), Measure(jnp.zeros(())))

    zero = jnp.zeros(())
    by_a, by_b = jax.grad(of(loss.discriminator), (0, 1))(zero, zero)
    (aa, ab), (_, bb) = jax.hessian(of(loss.discriminator), (0, 1))(zero, zero)
    return Link(by_a, jax.grad(of(loss.generator))(zero, zero), (aa, bb, ab), by_a + by_b)


def weights(penalty: Penalty) -> tuple[jax.Array, jax.Array]:
    """(γ, κ) of a penalty that is ½(γ E|∇D|² + κ E D²) to second order in D: (γ, 0) for R1 and R2.

    Where the points of the penalty are other ones than those of p_D (between two of them, say) only γ and κ are those
    of the penalty: the assembled Jacobian then differs from the true one, and says so.
    """
    here = Measure(jnp.zeros(()))
    on_line = lambda slope, level: penalty(lambda x: slope * x + level, here, here)
    second = jax.hessian(on_line, (0, 1))(jnp.zeros(()), jnp.zeros(()))
    return second[0][0], second[1][1]


class Blocks(NamedTuple):
    """K_DG, K_DD and L_DD, the Jacobian that they make, and the one by autodiff; Dg and the loss's derivatives."""

    K_DG: jax.Array
    K_DD: jax.Array
    L_DD: jax.Array
    assembled: jax.Array
    jacobian: jax.Array
    slope_of_g: jax.Array
    link: Link


@answering
def blocks(game: Any, x: jax.Array) -> Blocks:
    """The blocks of the Jacobian at a state, and both Jacobians."""
    game, size = cast(game, x.dtype), game.generator_size
    theta, psi = x[:size], x[size:]
    _, real, _ = game.play(x)

    def score(psi: jax.Array, point: Any) -> jax.Array:
        return game.play(jnp.concatenate([theta, psi]))[0](point)

    def g(theta: jax.Array) -> jax.Array:
        fake = game.play(jnp.concatenate([theta, psi]))[2]
        return fake.expect(lambda point: jax.grad(score)(psi, point))

    def square(rows: jax.Array) -> jax.Array:
        return jnp.einsum("n,nij,nik->jk", real.weights, rows, rows)

    d = jax.vmap(lambda point: jax.grad(score)(psi, point))(real.points)
    A = jax.vmap(lambda point: jax.jacfwd(jax.grad(score, 1))(psi, point))(real.points)
    of_scores, of_slopes = square(d[:, None]), square(A.reshape(len(A), -1, len(psi)))
    mean = real.weights @ d

    loss = link(game.loss)
    aa, bb, ab = loss.curvatures
    K_DD = (aa + bb) * of_scores + 2 * ab * jnp.outer(mean, mean)
    L_DD = jnp.zeros_like(K_DD)
    for gamma, kappa in map(weights, game.penalties):
        L_DD += gamma * of_slopes + kappa * of_scores
    slope_of_g = jax.jacfwd(g)(theta)
    K_DG = loss.slope * slope_of_g
    top = jnp.hstack([jnp.zeros((size, size)), -loss.pull * slope_of_g.T])
    assembled = jnp.vstack([top, jnp.hstack([K_DG, K_DD - L_DD])])
    return Blocks(K_DG, K_DD, L_DD, assembled, jax.jacfwd(game.velocity)(x), slope_of_g, loss)
