"""The losses against a free discriminator: no optimal one exists where the clouds differ."""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar

import jax
import numpy as np
from numpy.typing import ArrayLike

from diracgan.games.losses import log_sigmoid
from diracgan.smoothness.divergences import Divergence, Evaluation, cloud, numbers, shares


class Minimax(Divergence):
    """The original game with a free discriminator: J = E_μ log(μ/(μ+ν)) + E_ν log(ν/(μ+ν)) = 2 JS(μ, ν) - 2 log 2.

    Discontinuous: -2 log 2 where both clouds coincide, 0 as soon as they share no point. There the supremum is not
    attained: scores of ever larger size come ever nearer. (D1)-(D3) fail.

    >>> dg.smoothness.Minimax().value(0.1)
    0.0
    """

    title: ClassVar[str] = "Minimax, free discriminator"
    attained: ClassVar[bool] = False

    def between(self, points: ArrayLike, data: ArrayLike = 0.0) -> Evaluation:
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

    def slopes(self, theta: ArrayLike, x: ArrayLike) -> np.ndarray:
        """0 at x = θ != 0 (Φ is free elsewhere), NaN where the pair coincides."""
        theta, x = np.broadcast_arrays(numbers("theta", theta), numbers("x", x))
        if np.any(x != theta):
            self._no_potential(x)
        return np.where(theta == 0, np.nan, 0.0)

    def _no_potential(self, x: ArrayLike) -> np.ndarray:
        raise ValueError(
            f"{self!r} has no optimal discriminator in its class: the supremum is approached by scores of unbounded "
            "size, so that (D1) fails; restrict the class, as LinearR1 or InfConvolution do"
        )

    @staticmethod
    def price(score: jax.Array) -> jax.Array:
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

    def between(self, points: ArrayLike, data: ArrayLike = 0.0) -> Evaluation:
        """J by the masses at common places; there is no derivative anywhere."""
        found = super().between(points, data)
        return dataclasses.replace(found, gradient=np.full(len(found.gradient), np.nan))

    def slopes(self, theta: ArrayLike, x: ArrayLike) -> np.ndarray:
        """NaN: J is infinite at every θ != 0."""
        return np.full_like(super().slopes(theta, x), np.nan)

    @staticmethod
    def price(score: jax.Array) -> jax.Array:
        """What the generator pays for a point with this score, -f(-t)."""
        return -log_sigmoid(-score)
