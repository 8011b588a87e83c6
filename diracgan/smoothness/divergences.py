"""Divergences between generated and real points as objectives with an optimal discriminator.

    J(μ) = max over D of the discriminator's objective,   Φ_μ(x) = what the generator pays for mass at x,   ∇J = E ∇Φ_μ

The pair (δ_θ, δ_0) is what `value` and `gradient` are about; `between` takes clouds of points on the line. Everything
that this room says of a generator's descent assumes an optimal discriminator at each of its steps.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from diracgan.games.inputs import reals, told
from diracgan.games.module import Module
from diracgan.games.parameters import described

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

    def between(self, points: ArrayLike, data: ArrayLike = 0.0) -> Evaluation:
        """J, its gradient and Φ for generated `points` (shape `(n,)`) against `data` (shape `(m,)`), equal weights.

        Raises `ValueError` for an empty cloud or a point that is not finite.
        """
        raise NotImplementedError(f"{type(self).__name__} must define between(points, data)")

    def value(self, theta: ArrayLike) -> Any:
        """J of the pair (δ_θ, δ_0); a number for a number, an array for an array."""
        return _each(lambda t: self.between([t]).value, theta)

    def gradient(self, theta: ArrayLike) -> Any:
        """dJ/dθ of the pair (δ_θ, δ_0), NaN where J has no derivative; a number or an array as `theta`."""
        theta = numbers("theta", theta)
        return like(theta, self.slopes(theta, theta))

    def slopes(self, theta: ArrayLike, x: ArrayLike) -> np.ndarray:
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
    """Finite numbers as float64; `TypeError` for what are none, `ValueError` for those that are not finite."""
    array = reals(given)
    if array is None:
        raise TypeError(f"{name} must be real numbers; {told(given)} was given")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite; {told(given)} was given")
    return array


def like(given: np.ndarray, made: np.ndarray) -> Any:
    """A number for a number, else the array."""
    return float(made) if given.ndim == 0 else made


def _each(function: Callable[[float], float], theta: ArrayLike) -> Any:
    theta = numbers("theta", theta)
    return like(theta, np.array([function(t) for t in theta.ravel()]).reshape(theta.shape))


def cloud(name: str, points: ArrayLike) -> np.ndarray:
    """Points on the line, shape `(n,)` with n >= 1, float64; `ValueError` for an empty cloud, as `numbers` else."""
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
