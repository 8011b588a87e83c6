"""Divergences between generated and real points as objectives with an optimal discriminator.

    J(μ) = max over D of the discriminator's objective,   Φ_μ(x) = what the generator pays for mass at x,   ∇J = E ∇Φ_μ

The pair (δ_θ, δ_0) is what `value` and `gradient` are about; `between` takes clouds of points on the line. Everything
that this room says of a generator's descent assumes an optimal discriminator at each of its steps.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.games.losses import log_sigmoid
from diracgan.games.module import Module, attribute
from diracgan.games.parameters import Parameter, described

ASSUMPTION = "assumes an optimal discriminator at every step of the generator"


@dataclasses.dataclass(frozen=True, eq=False)
class Evaluation:
    """A divergence of two clouds: `value` J, `gradient` ∂J/∂(each generated point), shape `(n,)`, and Φ_μ.

    `potential` and `slope` are Φ_μ and its derivative as functions of an array of places.
    """

    value: float
    gradient: np.ndarray
    potential: Callable[[Any], np.ndarray]
    slope: Callable[[Any], np.ndarray]

    def __repr__(self) -> str:
        return f"Evaluation(value={self.value:.6g}, {len(self.gradient)} points)"


class Divergence(Module):
    """An objective J(μ) of the generated distribution with the discriminator that is optimal for it.

    Subclasses define `between` for clouds, and `slopes` for many pairs (δ_θ, δ_0) at once. `attained` says whether
    the supremum over the class is reached by a discriminator of the class.
    """

    title: ClassVar[str] = ""
    attained: ClassVar[bool] = True

    def between(self, points: Any, data: Any = 0.0) -> Evaluation:
        """J, its gradient and Φ for generated `points` (shape `(n,)`) against `data` (shape `(m,)`), equal weights.

        Raises `ValueError` for an empty cloud or a point that is not finite.
        """
        raise NotImplementedError(f"{type(self).__name__} must define between(points, data)")

    def value(self, theta: Any) -> Any:
        """J of the pair (δ_θ, δ_0); a number for a number, an array for an array."""
        return _each(lambda t: self.between([t]).value, theta)

    def gradient(self, theta: Any) -> Any:
        """dJ/dθ of the pair (δ_θ, δ_0), NaN where J has no derivative; a number or an array as `theta`."""
        theta = numbers("theta", theta)
        return like(theta, self.slopes(theta, theta))

    def slopes(self, theta: Any, x: Any) -> np.ndarray:
        """∂Φ/∂x at the places `x` for the pairs (δ_θ, δ_0); the arrays broadcast."""
        theta, x = np.broadcast_arrays(numbers("theta", theta), numbers("x", x))
        made = np.empty(theta.shape)
        for t in np.unique(theta):
            here = theta == t
            made[here] = self.between([t]).slope(x[here])
        return made

    def spanning(self, low: float, high: float) -> Divergence:
        """The same, made ready for many clouds in a box."""
        return self

    __repr__ = described


def numbers(name: str, given: Any) -> np.ndarray:
    """Finite numbers as float64; `ValueError` for anything else."""
    try:
        array = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers; {given!r} was given") from None
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite; {given!r} was given")
    return array


def like(given: np.ndarray, made: np.ndarray) -> Any:
    """A number for a number, else the array."""
    return float(made) if given.ndim == 0 else made


def _each(function: Callable[[float], float], theta: Any) -> Any:
    theta = numbers("theta", theta)
    return like(theta, np.array([function(t) for t in theta.ravel()]).reshape(theta.shape))


def cloud(name: str, points: Any) -> np.ndarray:
    """Points on the line, shape `(n,)` with n >= 1, float64; `ValueError` for an empty cloud."""
    array = numbers(name, points)
    if array.ndim > 1 or array.size == 0:
        raise ValueError(
            f"{name} must be a cloud of at least one point on the line, shape (n,); shape {array.shape} was given: "
            "an empty cloud is no distribution, and J is not defined"
        )
    return array.ravel()


def shares(points: np.ndarray, data: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct places of both clouds, sorted, with the generated and the real mass at each."""
    places = np.unique(np.concatenate([points, data]))
    generated = np.bincount(np.searchsorted(places, points), minlength=len(places)) / len(points)
    real = np.bincount(np.searchsorted(places, data), minlength=len(places)) / len(data)
    return places, generated, real


class Minimax(Divergence):
    """The original game with a free discriminator: J = E_μ log(μ/(μ+ν)) + E_ν log(ν/(μ+ν)) = 2 JS(μ, ν) - 2 log 2.

    Discontinuous: -2 log 2 where both clouds coincide, 0 as soon as they share no point. There the supremum is not
    attained: scores of ever larger size come ever nearer. (D1)-(D3) fail.

    >>> dg.smoothness.Minimax().value(0.1)
    0.0
    """

    title: ClassVar[str] = "Minimax, free discriminator"
    attained: ClassVar[bool] = False

    def between(self, points: Any, data: Any = 0.0) -> Evaluation:
        """J by the masses at common places; the gradient is 0 for points away from the data and NaN for those on it."""
        points, data = cloud("points", points), cloud("data", data)
        places, generated, real = shares(points, data)
        common = (generated > 0) & (real > 0)
        gradient = np.where(np.isin(points, places[common]), np.nan, 0.0)
        return Evaluation(self._total(generated, real), gradient, self._no_potential, self._no_potential)

    def _total(self, generated: np.ndarray, real: np.ndarray) -> float:
        from scipy.special import xlogy

        both = generated + real
        return float(np.sum(xlogy(generated, generated / both) + xlogy(real, real / both)))

    def slopes(self, theta: Any, x: Any) -> np.ndarray:
        """0 at x = θ != 0 (Φ is free elsewhere), NaN where the pair coincides."""
        theta, x = np.broadcast_arrays(numbers("theta", theta), numbers("x", x))
        if np.any(x != theta):
            self._no_potential(x)
        return np.where(theta == 0, np.nan, 0.0)

    def _no_potential(self, x: Any) -> np.ndarray:
        raise ValueError(
            f"{self!r} has no optimal discriminator in its class: the supremum is approached by scores of unbounded "
            "size, so that (D1) fails; restrict the class, as LinearR1 or InfConvolution do"
        )

    @staticmethod
    def price(score: Any) -> Any:
        """What the generator pays for a point with this score, f(t) = -log(1 + e^-t)."""
        return log_sigmoid(score)


class NonSaturating(Minimax):
    """The non-saturating generator against a free discriminator: Φ = log((μ+ν)/ν), J = 2 KL(½(μ+ν) ‖ ν) + log 2.

    J is log 2 where both clouds coincide, and infinite as soon as a generated point lies off the data. (D1)-(D3) fail.

    >>> dg.smoothness.NonSaturating().value(0.1)
    inf
    """

    title: ClassVar[str] = "Non-saturating, free discriminator"

    def _total(self, generated: np.ndarray, real: np.ndarray) -> float:
        if np.any((real == 0) & (generated > 0)):
            return math.inf
        both = (generated + real) / 2
        return float(2 * np.sum(both * np.log(both / np.where(real > 0, real, 1.0)), where=real > 0)) + math.log(2)

    def between(self, points: Any, data: Any = 0.0) -> Evaluation:
        """J by the masses at common places; there is no derivative anywhere."""
        found = super().between(points, data)
        return dataclasses.replace(found, gradient=np.full(len(found.gradient), np.nan))

    def slopes(self, theta: Any, x: Any) -> np.ndarray:
        """NaN: J is infinite at every θ != 0."""
        return np.full_like(super().slopes(theta, x), np.nan)

    @staticmethod
    def price(score: Any) -> Any:
        """What the generator pays for a point with this score, -f(-t)."""
        return -log_sigmoid(-score)


class Wasserstein1(Divergence):
    """The Wasserstein distance W₁ = ∫|F_μ - F_ν| dx: the maximum of E_μ D - E_ν D over 1-Lipschitz D.

    Φ' = sign(F_ν - F_μ), 0 where the distribution functions agree. The gradient at a point is the mean sign of its
    way from the data it is coupled to; at a kink (a point on its datum) it is the subgradient 0. (D1) holds with
    α = 1. (D2) fails: between two points left and right of the datum Φ = |x|, whatever the choice elsewhere. (D3)
    fails: Φ' flips its sign where θ passes 0.

    >>> dg.smoothness.Wasserstein1().gradient([-2.0, 0.5]).tolist()
    [-1.0, 1.0]
    """

    title: ClassVar[str] = "Wasserstein-1"

    def between(self, points: Any, data: Any = 0.0) -> Evaluation:
        """W₁ by the quantile coupling."""
        points, data = cloud("points", points), cloud("data", data)
        places, generated, real = shares(points, data)
        # Rounding of cumulated masses must not look like a sign.
        gaps = np.cumsum(generated - real)[:-1]
        gaps[np.abs(gaps) < 1e-12] = 0.0
        lengths, between = np.diff(places), -np.sign(gaps)
        heights = np.concatenate([[0.0], np.cumsum(between * lengths)])
        outside = np.concatenate([[0.0], between, [0.0]])

        def slope(x: Any) -> np.ndarray:
            x = np.asarray(x, np.float64)
            # At an atom the mean of both sides.
            left, right = (outside[np.searchsorted(places, x, side)] for side in ("left", "right"))
            return (left + right) / 2

        return Evaluation(
            float(np.sum(np.abs(gaps) * lengths)),
            _quantile_signs(points, data),
            lambda x: np.interp(np.asarray(x, np.float64), places, heights),
            slope,
        )

    def slopes(self, theta: Any, x: Any) -> np.ndarray:
        """sign θ on the segment between 0 and θ, 0 outside; the value at x = θ is that of the gradient."""
        theta, x = np.broadcast_arrays(numbers("theta", theta), numbers("x", x))
        inside = (x * theta >= 0) & (np.abs(x) <= np.abs(theta))
        return np.sign(theta) * inside


def _quantile_signs(points: np.ndarray, data: np.ndarray) -> np.ndarray:
    """∫ sign(x_i - F_ν⁻¹(q)) dq over the quantiles q of each generated point."""
    n, m = len(points), len(data)
    order, targets = np.argsort(points, kind="stable"), np.sort(data)
    # All ends of quantile intervals in units of 1/(nm), where they are whole numbers.
    ends = np.union1d(np.arange(n + 1) * m, np.arange(m + 1) * n)
    starts, widths = ends[:-1], np.diff(ends)
    mine, theirs = order[starts // m], targets[starts // n]
    return np.bincount(mine, np.sign(points[mine] - theirs) * widths / (n * m), minlength=n)


TAU = Parameter("tau", "τ", "bandwidth of the Gaussian kernel", 1.0, open_low=True, span=(0.1, 3.0))


def _bandwidth(value: Any) -> Any:
    try:
        return TAU.convert(value)
    except ValueError as problem:
        raise ValueError(f"{problem}: with such a bandwidth the kernel is not positive definite, no MMD") from None


class MMD(Divergence):
    """½MMD² with the kernel k(x, y) = exp(-(x - y)²/2τ²): ½E(Φ(X) - Φ(Y)), Φ(x) = E k(x, X) - E k(x, Y).

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

    def between(self, points: Any, data: Any = 0.0) -> Evaluation:
        """Both means over all pairs of points; n(n + m) kernel values."""
        points, data = cloud("points", points), cloud("data", data)
        with jax.enable_x64(True):
            value, gradient = _mmd(self.tau, points, data)

        def at(part: int) -> Callable[[Any], np.ndarray]:
            def of(x: Any) -> np.ndarray:
                x = np.asarray(x, np.float64)
                with jax.enable_x64(True):
                    return np.asarray(_witness(self.tau, points, data, x.ravel())[part]).reshape(x.shape)

            return of

        return Evaluation(float(value), np.asarray(gradient), at(0), at(1))

    def slopes(self, theta: Any, x: Any) -> np.ndarray:
        """The derivative of k(x, θ) - k(x, 0)."""
        theta, x = np.broadcast_arrays(numbers("theta", theta), numbers("x", x))
        with jax.enable_x64(True):
            return np.asarray(_pair_slopes(self.tau, theta.ravel(), x.ravel())).reshape(theta.shape)


def gaussian(tau: Any, distance: Any) -> Any:
    """exp(-distance²/2τ²)."""
    return jnp.exp(-(distance**2) / (2 * tau**2))


def _potential(tau: Any, points: jax.Array, data: jax.Array, x: jax.Array) -> jax.Array:
    return jnp.mean(gaussian(tau, x - points)) - jnp.mean(gaussian(tau, x - data))


@answering
def _witness(tau: Any, points: jax.Array, data: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.vmap(jax.value_and_grad(lambda place: _potential(tau, points, data, place)))(x)


@answering
def _mmd(tau: Any, points: jax.Array, data: jax.Array) -> tuple[jax.Array, jax.Array]:
    def objective(points: jax.Array) -> jax.Array:
        height = jax.vmap(lambda place: _potential(tau, points, data, place))
        return (jnp.mean(height(points)) - jnp.mean(height(data))) / 2

    return jax.value_and_grad(objective)(points)


@answering
def _pair_slopes(tau: Any, theta: jax.Array, x: jax.Array) -> jax.Array:
    return jax.vmap(lambda t, place: jax.grad(lambda y: _potential(tau, t, jnp.zeros(()), y))(place))(theta, x)
