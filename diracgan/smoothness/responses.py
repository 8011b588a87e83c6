"""Divergences of a linear discriminator D(x) = ψx that the package's own losses and penalties define.

The best response ψ maximises a strictly concave function of one number: bisection on its derivative, which JAX takes.
"""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.dirac import LinearDiscriminator
from diracgan.games.inputs import Numbers, Scalar
from diracgan.games.losses import Loss, Minimax, Wasserstein
from diracgan.games.measures import Measure
from diracgan.games.module import attribute
from diracgan.games.parameters import Parameter
from diracgan.games.penalties import R1
from diracgan.smoothness.divergences import Divergence, Evaluation, cloud, like, numbers

_GAMMA = Parameter("gamma", "γ", "weight of the penalty, γ/2", 1.0, open_low=True, span=(0.05, 3.0))
_ALPHA = Parameter("alpha", "α", "bound on |ψ|, the Lipschitz constant", 1.0, open_low=True, span=(0.1, 3.0))


def _positive(declared: Parameter, value: Any) -> Any:
    try:
        return declared.number(value)
    except ValueError as problem:
        raise ValueError(f"{problem}: otherwise the class holds no optimal discriminator, and (D3) fails") from None


class Response(Divergence):
    """J(μ) = max over |ψ| <= bound of the discriminator's objective with D(x) = ψx; Φ(x) = f(ψx)."""

    loss: ClassVar[Loss]

    @property
    def weight(self) -> Any:
        """γ."""
        # Declared by the subclasses, each in the order of its own arguments.
        return getattr(self, "gamma")  # noqa: B009

    @property
    def bound(self) -> Any:
        """The largest |ψ| of the class."""
        return np.inf

    def score(self, points: ArrayLike, data: ArrayLike = 0.0) -> float:
        """The optimal ψ."""
        points, data = cloud("points", points), cloud("data", data)
        return float(_response(type(self).loss, self.weight, self.bound, points, data)[0])

    def between(self, points: ArrayLike, data: ArrayLike = 0.0) -> Evaluation:
        """The best response to both clouds."""
        points, data = cloud("points", points), cloud("data", data)
        psi, value = _response(type(self).loss, self.weight, self.bound, points, data)

        def at(part: int, x: ArrayLike) -> np.ndarray:
            x = np.asarray(x, np.float64)
            found = _priced(type(self).loss, np.broadcast_to(psi, x.size), x.ravel())[part]
            return np.asarray(found).reshape(x.shape)

        slope = functools.partial(at, 1)
        return Evaluation(float(value), slope(points) / len(points), functools.partial(at, 0), slope)

    def value(self, theta: ArrayLike) -> Any:
        """J of the pair (δ_θ, δ_0); a number for a number, an array for an array."""
        theta = numbers("theta", theta)
        return like(theta, self._pairs(theta)[1])

    def slopes(self, theta: ArrayLike, x: ArrayLike) -> np.ndarray:
        """∂/∂x f(ψ(θ)x)."""
        theta, x = np.broadcast_arrays(numbers("theta", theta), numbers("x", x))
        places, where = np.unique(theta.ravel(), return_inverse=True)
        psi = self._pairs(places)[0][where]
        return np.asarray(_priced(type(self).loss, psi, x.ravel())[1]).reshape(theta.shape)

    def _pairs(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = _responses(type(self).loss, self.weight, self.bound, theta.ravel())
        psi, value = (np.asarray(part).reshape(theta.shape) for part in found)
        return psi, value


class LinearR1(Response):
    """The log-loss against D(x) = ψx with the penalty (γ/2)ψ², γ = `gamma`: smooth with L = c²/γ = 1/4γ.

    `ValueError` for γ <= 0: then no ψ attains the supremum.

    >>> round(dg.smoothness.LinearR1(0.5).gradient(1e-6) / 1e-6, 9)
    0.5
    """

    title: ClassVar[str] = "Log-loss, linear discriminator + R1"
    loss: ClassVar[Loss] = Minimax()
    gamma: Any = attribute(default=1.0, converter=functools.partial(_positive, _GAMMA))


class ClippedQuadratic(Response):
    """The Wasserstein game with |ψ| <= α (`alpha`) and (γ/2)ψ² (`gamma`): W₁ inf-convolved with a quadratic, Huber's
    function on pairs.

    θ²/2γ for |θ| <= αγ, α|θ| - α²γ/2 beyond. The score is linear: of two clouds it sees the means only.

    >>> dg.smoothness.ClippedQuadratic(alpha=1.0, gamma=0.5).value([0.25, 2.0]).round(12).tolist()
    [0.0625, 1.75]
    """

    title: ClassVar[str] = "W₁ ⊕ quadratic (clipping + penalty)"
    loss: ClassVar[Loss] = Wasserstein()
    alpha: Any = attribute(default=1.0, converter=functools.partial(_positive, _ALPHA))
    gamma: Any = attribute(default=1.0, converter=functools.partial(_positive, _GAMMA))

    @property
    def bound(self) -> Any:
        """α."""
        return self.alpha


def _objective(loss: Loss, gamma: Numbers, psi: jax.Array, points: jax.Array, data: jax.Array) -> jax.Array:
    D = LinearDiscriminator(psi)
    # One weight for each: a datum at the literal 0 would be a constant of the program.
    real, fake = (Measure(at, jnp.full(at.shape, 1 / at.size, at.dtype)) for at in (data, points))
    return loss.discriminator(D, real, fake) - R1(gamma)(D, real, fake)


def _solved(
    loss: Loss, gamma: Numbers, bound: Scalar, points: jax.Array, data: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """The optimal ψ and the value. |f'| <= 1, so that the penalty keeps |ψ| below (E|X| + E|Y|)/γ."""
    reach = jnp.minimum((jnp.mean(jnp.abs(points)) + jnp.mean(jnp.abs(data))) / gamma, bound)
    slope = jax.grad(lambda psi: _objective(loss, gamma, psi, points, data))

    def halve(_: object, ends: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        low, high = ends
        middle = (low + high) / 2
        up = slope(middle) > 0
        return jnp.where(up, middle, low), jnp.where(up, high, middle)

    # 60 halvings reach the rounding of ψ near 0; the Newton step then removes what is left of the bracket.
    low, high = jax.lax.fori_loop(0, 60, halve, (-reach, reach))
    psi = (low + high) / 2
    psi = jnp.clip(psi - slope(psi) / jax.grad(slope)(psi), -reach, reach)
    return psi, _objective(loss, gamma, psi, points, data)


@in_float64
@functools.partial(answering, static=("loss",))
def _response(
    loss: Loss, gamma: Numbers, bound: Scalar, points: jax.Array, data: jax.Array
) -> tuple[jax.Array, jax.Array]:
    return _solved(loss, gamma, bound, points, data)


@in_float64
@functools.partial(answering, static=("loss",))
def _responses(loss: Loss, gamma: Numbers, bound: Scalar, theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.vmap(lambda t: _solved(loss, gamma, bound, t[None], jnp.zeros(1, t.dtype)))(theta)


@in_float64
@functools.partial(answering, static=("loss",))
def _priced(loss: Loss, psi: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.vmap(lambda weight, place: jax.value_and_grad(lambda y: loss.link(weight * y))(place))(psi, x)
