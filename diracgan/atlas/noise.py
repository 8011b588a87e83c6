"""The stationary spread of training under gradient noise."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm, CompetitiveGradient, ImplicitEuler, Wrapper
from diracgan.atlas.rounds import Linear
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.linearisation import linearised
from diracgan.dynamics.system import Flow, Map, system
from diracgan.dynamics.verdicts import verdict
from diracgan.games.domains import Domain
from diracgan.games.fields import FieldLike, VectorField
from diracgan.games.inputs import told
from diracgan.games.module import attribute
from diracgan.games.parameters import Parameter, cast

if TYPE_CHECKING:
    from jaxtyping import Float64


@in_float64
def stationary_covariance(
    field: FieldLike, algorithm: Algorithm | None = None, noise: ArrayLike = (0.0, 1.0)
) -> Float64[np.ndarray, "n n"]:
    """The covariance of the parameters around the equilibrium when every gradient is noisy.

        v ← v + σ ξ,  ξ standard normal and new at every evaluation:   Σ = M Σ Mᵀ + N Nᵀ

    to first order in the noise, with M the Jacobian of a round F with respect to its state and N that with respect to
    the draws σξ, both by autodiff: for `SimGD` N is h diag(σ), a momentum remembers the noise, five updates of a player
    have five draws. An implicit rule and competitive gradient descent use one gradient in a round and have one draw.
    For the flow (`algorithm` None) dx = v dt + σ dW: JΣ + ΣJᵀ + diag(σ²) = 0; one round of
    size h then corresponds to hΣ.

    Args:
        field: as in `simulate`.
        algorithm: what the noisy gradients are used by; of one player at most eight updates in a round.
        noise: standard deviations of the gradients of the entries of the state, shape `(n,)`.

    Returns shape `(n, n)`. `ValueError` when the equilibrium is not locally stable.

    >>> float(dg.stationary_covariance(dg.method("r1", gamma=0.5), dg.SimGD(0.2))[0, 0].round(10))
    0.2228054826
    """
    from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

    chosen = system(field, algorithm)
    field = chosen.field
    sigma = np.asarray(_SIGMA.convert(noise))
    if sigma.shape != (field.dimension,):
        raise ValueError(f"noise must have {field.dimension} entries, one per parameter; {told(noise)} was given")
    judged = verdict(field, algorithm)
    if judged.kind != "stable":
        raise ValueError(f"a stationary spread needs a stable equilibrium; this one is {judged}")
    J, M = (linearised(each).matrix[0] for each in (Flow(field), chosen))
    if not isinstance(chosen, Map):
        return solve_continuous_lyapunov(J, -np.diag(sigma**2))
    x = jnp.asarray(field.equilibrium, jnp.float64)
    rule = cast(chosen.algorithm, x.dtype)
    state, unravel = ravel_pytree(rule.init(cast(field, x.dtype), x))
    place = np.asarray(jax.jacfwd(lambda flat: rule.position(unravel(flat)))(state))
    kick = _kick(field, J, rule, x, sigma)
    return place @ solve_discrete_lyapunov(M, kick @ kick.T) @ place.T


_SIGMA = Parameter("noise", "σ", "standard deviations")


class _Noisy(Linear):
    """The linear field J(x - x*) plus a draw; each evaluation takes the next one, counted while it is traced."""

    draws: jax.Array
    next: Iterator[int] = attribute(static=True)

    def velocity(self, x: jax.Array) -> jax.Array:
        # Beyond the draws there are, the last one: while they are counted there is one.
        return super().velocity(x) + self.draws[min(next(self.next), len(self.draws) - 1)]


def _kick(field: VectorField, J: np.ndarray, rule: Algorithm, x: jax.Array, sigma: np.ndarray) -> np.ndarray:
    """The derivative of a round with respect to its draws, each of unit variance; shape `(N, draws)`."""

    around = (jnp.asarray(J), x, Domain(), field.generator_size)

    def after(draws: jax.Array, count: Iterator[int]) -> jax.Array:
        noisy = _Noisy(*around, draws, count)
        quiet = _Noisy(*around, jnp.zeros_like(draws), itertools.count())
        return ravel_pytree(rule.step(noisy, rule.init(quiet, x), 0))[0]

    counter = itertools.count()
    program = jax.make_jaxpr(lambda draws: after(draws, counter))(jnp.zeros((1, len(x))))
    innermost = rule
    while isinstance(innermost, Wrapper):
        innermost = innermost.inner
    single = isinstance(innermost, (CompetitiveGradient, ImplicitEuler))
    if not single and any(equation.primitive.name in ("while", "scan") for equation in program.eqns):
        raise ValueError(
            "of one player at most eight updates in a round have their own noise; "
            f"this {type(innermost).__name__} makes more"
        )
    evaluations = 1 if single else next(counter)
    N = jax.jacfwd(lambda draws: after(draws, itertools.count()))(jnp.zeros((evaluations, len(x))))
    return (np.asarray(N) * sigma).reshape(N.shape[0], -1)
