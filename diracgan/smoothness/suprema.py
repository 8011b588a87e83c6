"""Suprema over boxes: of a function, and of the difference quotients of a function that may jump."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

# A function of points, shape (N, d), to numbers, shape (N,).
Function = Callable[[np.ndarray], np.ndarray]

# Spacing of the finest difference: central quotients then err by about its square.
_FINE = 2e-5
# Beyond it only to tell a jump, whose quotients grow as fast as the spacing shrinks, from a steep slope.
_FINEST = 1e-7


@dataclasses.dataclass(frozen=True)
class Witness:
    """Where a supremum is attained, or how it is seen to be infinite.

    `at` names the coordinates of the place. `sequence` has one row (spacing, quotient) per refinement: where the
    condition fails the quotients grow without bound.
    """

    at: dict[str, float]
    sequence: tuple[tuple[float, float], ...] = ()

    def __str__(self) -> str:
        place = ", ".join(f"{name} = {value:.6g}" for name, value in self.at.items())
        if not self.sequence or (math.isfinite(self.sequence[-1][1]) and self.sequence[-1][1] < 1e3):
            return place
        return f"{place}: " + ", ".join(f"{quotient:.3g} at {spacing:.0e}" for spacing, quotient in self.sequence[-3:])


def supremum(function: Function, limits: object, count: int, zooms: int = 12) -> tuple[float, np.ndarray]:
    """The largest value on a grid of `count` places a side, refined around the largest: (value, place).

    A global maximum narrower than the grid's spacing can be missed: the result is a lower bound.
    """
    limits = np.asarray(limits, np.float64)
    low, high = limits.T
    value, place = -math.inf, low
    sides = count
    for _ in range(zooms):
        grid = _grid(low, high, sides)
        found = function(grid)
        best = int(np.argmax(found))
        if found[best] >= value:
            value, place = float(found[best]), grid[best]
        reach = 2 * (high - low) / (sides - 1)
        low, high, sides = np.maximum(place - reach, limits[:, 0]), np.minimum(place + reach, limits[:, 1]), 17
    return value, place


def _grid(low: np.ndarray, high: np.ndarray, sides: int) -> np.ndarray:
    axes = [np.linspace(a, b, sides) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, len(axes))


def lipschitz(
    function: Function, axis: int, limits: object, count: int, zooms: int = 12
) -> tuple[float, np.ndarray, Any]:
    """The Lipschitz constant in one coordinate: (constant, place, rows of spacing and quotient).

    sup |g(z + ½εe) - g(z - ½εe)|/ε, at spacings ε from that of the grid downwards, so that no jump falls between the
    places; infinite where the quotients go on growing.
    """
    limits = np.asarray(limits, np.float64)
    step = np.zeros(len(limits))

    def quotient(spacing: float) -> Function:
        move = step.copy()
        move[axis] = spacing / 2
        return lambda z: np.abs(function(z + move) - function(z - move)) / spacing

    size = float(limits[axis, 1] - limits[axis, 0])
    first = size / (count - 1)
    spacings = [first * 4.0**-k for k in range(40) if first * 4.0**-k > _FINE]
    # The search shrinks its box at the same pace: a jump stays between two neighbouring places.
    spacings += [_FINE * 4.0**-k for k in range(40) if _FINE * 4.0**-k > _FINEST]
    low, high, sides, rows = limits[:, 0], limits[:, 1], count, []
    fine, place = (0.0, low), low
    for spacing in spacings:
        box = np.stack([low, high], 1)
        value, place = supremum(quotient(spacing), box, sides, 1)
        if spacing == _FINE:
            fine = supremum(quotient(spacing), box, sides, zooms)
        rows.append((spacing, value))
        reach = 2 * (high - low) / (sides - 1)
        low, high, sides = np.maximum(place - reach, limits[:, 0]), np.minimum(place + reach, limits[:, 1]), 17
    if rows[-1][1] > 5 * fine[0]:
        return math.inf, place, tuple(rows)
    return *fine, tuple(rows)
