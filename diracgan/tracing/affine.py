"""Many first-order enclosures at once: linear in the axes of a box, with a remainder, rounded outward.

An interval forgets how two numbers depend on the same axis; here a quantity on a box is enclosed by

    c + Σ gᵢεᵢ + [-e, e],   |εᵢ| <= 1 the place on axis i,

so that what cancels at first order cancels, and the overestimate falls with the square of the box. What is assumed of
NumPy is what `boxes` assumes; every operation adds a bound of its own rounding errors, of relative size `UNIT`, to e.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diracgan.tracing.boxes import Boxes, absolute, sigmoid

UNIT = 2.0**-53
_TINY = 1e-300


class Affine:
    """Quantities on k boxes with n axes: `c` and `e` of shape `(k,)`, `g` of shape `(n, k)`.

    >>> x, y = axes([Boxes([0.9], [1.1]), Boxes([1.9], [2.1])])
    >>> bool((x * y - y * x).radius[0] < 1e-14) and bool((x * y).high[0] >= 2.31)
    True
    """

    __slots__ = ("_radius", "c", "e", "g")
    # NumPy must leave `array * affine` to this class.
    __array_ufunc__ = None

    def __init__(self, c: np.ndarray, g: np.ndarray, e: np.ndarray) -> None:
        self.c, self.g, self.e = c, g, e
        self._radius: np.ndarray | None = None

    @property
    def radius(self) -> np.ndarray:
        """Σ|gᵢ|, rounded: what the axes do."""
        if self._radius is None:
            self._radius = np.abs(self.g).sum(axis=0)
        return self._radius

    @property
    def spread(self) -> np.ndarray:
        """At least the largest distance from c."""
        return (self.radius + self.e) * (1 + 8 * UNIT) + _TINY

    @property
    def high(self) -> np.ndarray:
        """An upper bound."""
        spread = self.spread
        return self.c + spread + 2 * UNIT * (np.abs(self.c) + spread)

    @property
    def low(self) -> np.ndarray:
        """A lower bound."""
        spread = self.spread
        return self.c - spread - 2 * UNIT * (np.abs(self.c) + spread)

    @property
    def box(self) -> Boxes:
        """As intervals."""
        return Boxes(self.low, self.high)

    def __add__(self, other: Any) -> Affine:
        if not isinstance(other, Affine):
            c = self.c + other
            return Affine(c, self.g, (self.e + 2 * UNIT * np.abs(c)) * (1 + 4 * UNIT) + _TINY)
        c, g = self.c + other.c, self.g + other.g
        error = self.e + other.e + 2 * UNIT * (np.abs(c) + np.abs(g).sum(axis=0))
        return Affine(c, g, error * (1 + 8 * UNIT) + _TINY)

    __radd__ = __add__

    def __neg__(self) -> Affine:
        return Affine(-self.c, -self.g, self.e)

    def __sub__(self, other: Any) -> Affine:
        return self + -other

    def __rsub__(self, other: Any) -> Affine:
        return -self + other

    def __mul__(self, other: Any) -> Affine:
        if not isinstance(other, Affine):
            size = np.abs(other)
            error = size * self.e + 2 * UNIT * size * (np.abs(self.c) + self.radius)
            return Affine(self.c * other, self.g * other, error * (1 + 8 * UNIT) + _TINY)
        # εᵢ² lies in [0, 1]: half of its factor is part of the centre.
        both = self.g * other.g
        mine, theirs = self.radius, other.radius
        c = self.c * other.c + both.sum(axis=0) / 2
        a, b = np.abs(self.c), np.abs(other.c)
        error = a * other.e + b * self.e + mine * theirs - np.abs(both).sum(axis=0) / 2
        error = error + mine * other.e + self.e * theirs + self.e * other.e
        error = error + 16 * UNIT * (a + mine + self.e) * (b + theirs + other.e)
        return Affine(c, self.c * other.g + other.c * self.g, error * (1 + 16 * UNIT) + _TINY)

    __rmul__ = __mul__

    def square(self) -> Affine:
        """x²."""
        return self * self

    def applied(self, value: Any, slope: Any, second: Boxes, error: Any) -> Affine:
        """f of the quantity: f(c), f'(c) as floats, f'' on the whole of it, and what f(c) and f'(c) may be wrong by.

        The remainder of the linear part is f''(ξ)r²/2, 0 <= r <= `spread`.
        """
        spread = self.spread
        half = spread * spread / 4
        low, high = np.minimum(second.low, 0.0) * half, np.maximum(second.high, 0.0) * half
        e = np.abs(slope) * self.e + (high - low) + error * (1 + spread)
        c = value + (low + high)
        e = e + 16 * UNIT * (np.abs(value) + np.abs(slope) * spread + high - low)
        return Affine(c, self.g * slope, e * (1 + 16 * UNIT) + _TINY)

    def unless_wider(self, box: Boxes) -> Affine:
        """Where a known enclosure is clearly narrower, that, without a linear part."""
        middle = box.middle
        width = np.maximum(box.high - middle, middle - box.low) * (1 + 4 * UNIT) + _TINY
        worse = ~(self.spread <= 1.5 * width)
        if not worse.any():
            return self
        return Affine(np.where(worse, middle, self.c), np.where(worse, 0.0, self.g), np.where(worse, width, self.e))


def axes(intervals: Sequence[Boxes]) -> list[Affine]:
    """The places on each axis of boxes, from one `Boxes` of shape `(k,)` for each."""
    made = []
    for axis, one in enumerate(intervals):
        c = one.middle
        g = np.zeros((len(intervals), len(c)))
        g[axis] = np.maximum(one.high - c, c - one.low) * (1 + 4 * UNIT) + _TINY
        made.append(Affine(c, g, np.zeros(len(c))))
    return made


def combination(factors: Any, quantities: list[Affine]) -> Affine:
    """Σ factorᵢ·quantityᵢ with floats as factors."""
    size = sum(abs(f) * (np.abs(one.c) + one.radius) for f, one in zip(factors, quantities, strict=True))
    c = sum(f * one.c for f, one in zip(factors, quantities, strict=True))
    g = sum(f * one.g for f, one in zip(factors, quantities, strict=True))
    e = sum(abs(f) * one.e for f, one in zip(factors, quantities, strict=True))
    rounding = (4 + 2 * len(quantities)) * UNIT
    return Affine(np.asarray(c), np.asarray(g), (e + rounding * size) * (1 + 2 * rounding) + _TINY)


def reciprocal(x: Affine) -> Affine:
    """1/x for x > 0; not a number elsewhere."""
    low = np.where(x.low > 0, x.low, np.nan)
    value = 1 / x.c
    second = Boxes(np.zeros_like(low), 2 / low**3 * (1 + 16 * UNIT))
    return x.applied(value, -value * value, second, 8 * UNIT * (value + value * value))


def slope(u: Affine) -> Affine:
    """q = 1/(1 + e^u)."""
    ends = sigmoid(-u.box)
    e = np.exp(-np.abs(u.c))
    value = np.where(u.c > 0, e, 1.0) / (1 + e)
    bend = ends * (1 - ends)
    second = bend * (1 - 2.0 * ends)
    made = u.applied(value, -value * (1 - value), second, 128 * UNIT)
    return made.unless_wider(ends)


def decay(d: Affine) -> Affine:
    """E(d) = (1 - e^-d)/d = ∫₀¹ e^-td dt."""
    box = d.box
    c = d.c
    near = np.abs(c) < 0.02
    safe = np.where(near, 1.0, c)
    e = np.exp(-safe)
    # Taylor's polynomials where |c| < 0.02: what is left out is below c⁵/720 and c⁵/840 there.
    value = np.where(near, 1 - c / 2 + c**2 / 6 - c**3 / 24 + c**4 / 120, -np.expm1(-safe) / safe)
    tangent = np.where(near, -1 / 2 + c / 3 - c**2 / 8 + c**3 / 30 - c**4 / 144, (e - value) / safe)
    # E'' = ∫ t² e^-td dt.
    lowest = np.minimum(1.0, np.exp(-box.high)) * ((1 - 1e-12) / 3)
    highest = np.maximum(1.0, np.exp(-box.low)) * ((1 + 1e-12) / 3)
    return d.applied(value, tangent, Boxes(lowest, highest), 1e-11 * np.maximum(1.0, np.exp(-c)))


def magnitude(x: Affine) -> Boxes:
    """|x| as intervals."""
    return absolute(x.box)
