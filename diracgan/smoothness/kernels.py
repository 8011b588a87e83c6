"""The maximum mean discrepancy of a Gaussian kernel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.inputs import Scalar
from diracgan.games.measures import Discrete
from diracgan.games.module import attribute
from diracgan.games.parameters import Parameter
from diracgan.smoothness.divergences import Divergence, Evaluation, cloud, numbers

TAU = Parameter("tau", "τ", "bandwidth of the Gaussian kernel", 1.0, open_low=True, span=(0.1, 3.0))


def _bandwidth(value: Any) -> Any:
    try:
        return TAU.number(value)
    except ValueError as problem:
        raise ValueError(f"{problem}: with such a bandwidth the kernel is not positive definite, no MMD") from None


class MMD(Divergence):
    """½MMD² with the kernel k(x, y) = exp(-(x - y)²/2τ²), τ = `tau`: ½E(Φ(X) - Φ(Y)), Φ(x) = E k(x, X) - E k(x, Y).

    `MMD.published()` has the kernel exp(-π|x - y|²) that Chu et al. (2020) are reported to use, τ² = 1/2π.

    >>> round(dg.smoothness.MMD(1.0).value(1.0), 6)
    0.393469
    """

    tau: Any = attribute(default=1.0, converter=_bandwidth)
    title: ClassVar[str] = "½MMD², Gaussian kernel"

    @classmethod
    def published(cls) -> MMD:
        """The kernel exp(-π|x - y|²)."""
        return cls(1 / math.sqrt(2 * math.pi))

    def between(self, points: ArrayLike, data: ArrayLike = 0.0) -> Evaluation:
        """Both means over all pairs of points; n(n + m) kernel values."""
        points, data = cloud("points", points), cloud("data", data)
        value, gradient = _mmd(self.tau, points, data)

        def at(part: int) -> Callable[[Any], np.ndarray]:
            def of(x: ArrayLike) -> np.ndarray:
                x = np.asarray(x, np.float64)
                return np.asarray(_witness(self.tau, points, data, x.ravel())[part]).reshape(x.shape)

            return of

        return Evaluation(float(value), np.asarray(gradient), at(0), at(1))

    def slopes(self, theta: ArrayLike, x: ArrayLike) -> np.ndarray:
        """The derivative of k(x, θ) - k(x, 0)."""
        theta, x = np.broadcast_arrays(numbers("theta", theta), numbers("x", x))
        return np.asarray(_pair_slopes(self.tau, theta.ravel(), x.ravel())).reshape(theta.shape)


def discrepancy(tau: Scalar, fake: Discrete, real: Discrete) -> jax.Array:
    """½MMD² of two measures of weighted points, on the line or in ℝᵏ; the kernel is exp(-|x - y|²/2τ²) in both."""

    def mean(a: Discrete, b: Discrete) -> jax.Array:
        apart = a.points[:, None] - b.points
        squares = jnp.sum(apart.reshape(len(a.points), len(b.points), -1) ** 2, axis=-1)
        return a.weights @ jnp.exp(-squares / (2 * tau**2)) @ b.weights

    return mean(fake, fake) / 2 - mean(fake, real) + mean(real, real) / 2


def _gaussian(tau: Scalar, distance: Any) -> Any:
    return jnp.exp(-(distance**2) / (2 * tau**2))


def _potential(tau: Scalar, points: jax.Array, data: jax.Array, x: jax.Array) -> jax.Array:
    return jnp.mean(_gaussian(tau, x - points)) - jnp.mean(_gaussian(tau, x - data))


@in_float64
@answering
def _witness(tau: Scalar, points: jax.Array, data: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.vmap(jax.value_and_grad(lambda place: _potential(tau, points, data, place)))(x)


@in_float64
@answering
def _mmd(tau: Scalar, points: jax.Array, data: jax.Array) -> tuple[jax.Array, jax.Array]:
    def objective(points: jax.Array) -> jax.Array:
        height = jax.vmap(lambda place: _potential(tau, points, data, place))
        return (jnp.mean(height(points)) - jnp.mean(height(data))) / 2

    return jax.value_and_grad(objective)(points)


@in_float64
@answering
def _pair_slopes(tau: Scalar, theta: jax.Array, x: jax.Array) -> jax.Array:
    return jax.vmap(lambda t, place: jax.grad(lambda y: _potential(tau, t, jnp.zeros(()), y))(place))(theta, x)
