"""The Wasserstein distance on the line, by distribution functions and by quantiles."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from diracgan.smoothness.divergences import Divergence, Evaluation, cloud, numbers, shares


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

    def between(self, points: ArrayLike, data: ArrayLike = 0.0) -> Evaluation:
        """W₁ by the quantile coupling."""
        points, data = cloud("points", points), cloud("data", data)
        places, generated, real = shares(points, data)
        # Rounding of cumulated masses must not look like a sign.
        gaps = np.cumsum(generated - real)[:-1]
        gaps[np.abs(gaps) < 1e-12] = 0.0
        lengths, between = np.diff(places), -np.sign(gaps)
        heights = np.concatenate([[0.0], np.cumsum(between * lengths)])
        outside = np.concatenate([[0.0], between, [0.0]])

        def slope(x: ArrayLike) -> np.ndarray:
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

    def slopes(self, theta: ArrayLike, x: ArrayLike) -> np.ndarray:
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
