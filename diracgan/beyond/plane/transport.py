"""The Wasserstein-1 distance between two samples on the plane, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from diracgan.games.inputs import as_numbers, fits


def wasserstein_1(points: Any, others: Any) -> float:
    """W₁ = min over permutations σ of (1/n) Σ |x_i - y_σ(i)|, between samples of equal size.

    `points` are the x_i and `others` the y_i, each of shape `(n, 2)`.

    An optimal coupling of two uniform laws on n points is a permutation (Birkhoff), which the assignment of
    `scipy.optimize.linear_sum_assignment` finds exactly; the time grows like n³. Between samples of one law it is not
    0: what it is between two samples of the data is the floor that no generator can be expected to pass.

    A point that is not finite, as those of a run that diverged, makes it infinite. Raises `TypeError` for what are no
    numbers, and `ValueError` for other shapes or samples of different size.

    >>> wasserstein_1([[0.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 2.0]])
    1.0
    """
    x = as_numbers(points, "points", ("n", "2"), finite=False)
    y = as_numbers(others, "others", ("n", "2"), finite=False)
    if len(x) != len(y):
        raise ValueError(f"both samples must have one shape (n, 2); shapes {x.shape} and {y.shape} were given")
    fits(32.0 * len(x) ** 2, f"the distances between {len(x)} and {len(y)} points")
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))):
        return float("inf")
    from scipy.optimize import linear_sum_assignment

    with np.errstate(over="ignore"):
        distances = np.hypot(*(x[:, None] - y).transpose(2, 0, 1))
    if not np.all(np.isfinite(distances)):
        return float("inf")
    return float(distances[linear_sum_assignment(distances)].mean())
