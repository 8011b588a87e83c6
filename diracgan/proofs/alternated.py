"""Certificates for alternating descent: two values of f' in one round.

One round of a field v = (αθ - ψq, θq + δψ), q = f'(θψ), is x⁺ = x + hA(q, q̃)x with q̃ = f'(θ⁺ψ) and

    A(q, q̃) = [[α, -q], [q̃(1 + hα), δ - hqq̃]].

The change of V = xᵀPx in a round is convex in q and in q̃, so that V decreases on a set as soon as it does for the four
pairs of ends of an interval that contains f' wherever it is taken. On {xᵀPx <= c}, P = [[1, -β], [-β, 1]], the products
are u = θψ between -c/(2(1 + β)) and c/(2(1 - β)), and θ⁺ψ = (1 + hα)u - hqψ² with 0 <= ψ² <= c/(1 - β²).
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from diracgan.proofs.slopes import LENGTH, Slopes, enclosed
from diracgan.tracing.intervals import Interval

_HIGHEST = 1e6


def point(value: float) -> Interval:
    """A float as an interval."""
    return Interval(value, value)


def hull(*parts: Interval) -> Interval:
    """The smallest interval around some."""
    return Interval(min(part.low for part in parts), max(part.high for part in parts))


def proved(form: Slopes, beta: float, level: float, step: float) -> Interval | None:
    """The range of f' in a round from {xᵀPx <= level} when V is shown to decrease there; else None."""
    one, two, b, h = (point(value) for value in (1.0, 2.0, beta, step))
    alpha, delta = enclosed(form.alpha), enclosed(form.delta)
    products = Interval(-math.inf, math.inf)
    if math.isfinite(level):
        c = point(level)
        products = hull(-(c / (two * (one + b))), c / (two * (one - b)))
        q = form.range(products.low, products.high)
        if not (math.isfinite(q.low) and math.isfinite(q.high)):
            return None
        square = Interval(0.0, (c / (one - b * b)).high)
        products = hull(products, (one + h * alpha) * products - h * q * square)
    slopes = form.range(products.low, products.high)
    if not (math.isfinite(slopes.low) and math.isfinite(slopes.high)):
        return None
    P = np.array([[one, -b], [-b, one]], object)
    for first, second in itertools.product((slopes.low, slopes.high), repeat=2):
        q, after = point(first), point(second)
        A = np.array([[alpha, -q], [after * (one + h * alpha), delta - h * q * after]], object)
        change = A.T @ P + P @ A + (A.T @ P @ A) * h
        if not (change[0, 0].high < 0 and (change[0, 0] * change[1, 1] - change[0, 1] * change[1, 0]).low > 0):
            return None
    return slopes


def searched(form: Slopes, step: float, betas: np.ndarray) -> tuple[float, float]:
    """β and the level whose ball is the largest, in floats; the level is 0 where none was found."""
    table = _Table(form)
    # The largest level that holds, by halving; all β at once.
    low, high = np.full(len(betas), 1e-9), np.full(len(betas), _HIGHEST)
    fine = _decreases(form, table, betas, low, step)
    whole = _decreases(form, table, betas, high, step)
    for _ in range(60):
        middle = np.sqrt(low * high)
        holds = _decreases(form, table, betas, middle, step)
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    levels = np.where(whole, _HIGHEST, np.where(fine, low, 0.0))
    best = int(np.argmax(levels / (1 + betas)))
    return float(betas[best]), float(levels[best])


class _Table:
    """The smallest and the largest f' between 0 and a product on either side, in floats."""

    def __init__(self, form: Slopes) -> None:
        self.products = np.append(0, np.geomspace(1e-9, 40 * _HIGHEST, LENGTH // 2 - 1))
        self.sides = form(np.concatenate([-self.products, self.products])).reshape(2, -1)

    def range(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Between low <= 0 and high >= 0."""

        def extreme(pick: np.ufunc) -> np.ndarray:
            below, above = (
                np.interp(size, self.products, pick.accumulate(side))
                for size, side in zip((-low, high), self.sides, strict=True)
            )
            return np.asarray(pick(below, above))

        return extreme(np.minimum), extreme(np.maximum)


def _decreases(form: Slopes, table: _Table, betas: np.ndarray, levels: np.ndarray, step: float) -> np.ndarray:
    alpha, delta = float(form.alpha), float(form.delta)
    low, high = -levels / (2 * (1 + betas)), levels / (2 * (1 - betas))
    first, last = table.range(low, high)
    square = levels / (1 - betas**2)
    grown = 1 + step * alpha
    seen = [grown * low, grown * high]
    low = np.minimum(low, np.minimum(*seen) - step * np.maximum(last, 0) * square)
    high = np.maximum(high, np.maximum(*seen) - step * np.minimum(first, 0) * square)
    ends = table.range(low, high)
    holds = np.ones(len(betas), bool)
    for q, after in itertools.product(ends, repeat=2):
        a, b, c, d = alpha, -q, after * grown, delta - step * q * after
        # The entries of AᵀP + PA + hAᵀPA.
        xx = 2 * (a - betas * c) + step * (a * a - 2 * betas * a * c + c * c)
        yy = 2 * (d - betas * b) + step * (b * b - 2 * betas * b * d + d * d)
        xy = b - betas * d + c - betas * a + step * (a * b - betas * (a * d + b * c) + c * d)
        holds &= (xx < 0) & (xx * yy > xy * xy)
    return holds
