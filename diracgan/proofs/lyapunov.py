"""Lyapunov functions for simultaneous descent on the minimax game with R1, in polar coordinates.

One round with q = f'(u) = 1/(1 + e^u), u = θψ, p = hγ is θ⁺ = θ - hqψ, ψ⁺ = (1 - p)ψ + hqθ. With R = θ² + ψ² and the
direction (x, y) = (θ, ψ)/√R everything is regular at R = 0:

    V/R = x² A(q) + y² B(q) + xy (C(q) + k L(u)/u),    L(u) = log(1 + e^-u) - log 2

with polynomials A, B of degree 2 and C of degree 1. Its change in one round is divided by h, so that h = 0 may be an
end of a box,

    x⁺² - x² = hq(hqy² - 2xy),   y⁺² - y² = -p(2 - p)y² + hq(2(1 - p)xy + hqx²),
    x⁺y⁺ - xy = -pxy + hq(x² - (1 - p)y² - hqxy),

so that an enclosure loses little. The coefficients are found by a linear program on samples; nothing rests on how.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from diracgan.tracing.boxes import Boxes, absolute, as_boxes, sigmoid, softplus

TERMS = 9
# max u/(1 + e^u), rounded up; `tests/proofs/test_global.py` checks it.
PEAK = 0.27846454276107383
_LOG2 = Boxes(np.nextafter(math.log(2), 0), np.nextafter(math.log(2), 1))


@dataclasses.dataclass(frozen=True)
class Point:
    """What V and its change need of a box: the direction, R, and the parameters."""

    x: Any
    y: Any
    R: Any
    gamma: Any
    h: Any
    p: Any


def slope(u: Any) -> Boxes:
    """q = f'(u)."""
    return sigmoid(-as_boxes(u))


def chord(u: Any) -> Boxes:
    """L(u)/u, which increases: L is convex. Near 0 it lies between L'(0) = -1/2 and L'(u) = -q."""
    u = as_boxes(u)
    ends = []
    for end, pick in ((u.low, "low"), (u.high, "high")):
        at = Boxes(end)
        tangent = -slope(at)
        near = Boxes(np.minimum(-0.5, tangent.low), np.maximum(-0.5, tangent.high))
        small = np.abs(end) < 1e-3
        safe = Boxes(np.where(small, 1.0, end))
        far = (softplus(-safe) - _LOG2) / safe
        ends.append(np.where(small, getattr(near, pick), getattr(far, pick)))
    return Boxes(np.maximum(ends[0], -1.0), np.minimum(ends[1], 0.0))


def value(c: np.ndarray, at: Point) -> Boxes:
    """V/R."""
    u = at.R * (at.x * at.y)
    q = slope(u)
    A, B, C = _coefficients(c, q)
    return _square(at.x) * A + _square(at.y) * B + at.x * at.y * (C + float(c[8]) * chord(u))


def _square(x: Any) -> Boxes:
    return as_boxes(x).square()


def _coefficients(c: np.ndarray, q: Boxes) -> tuple[Boxes, Boxes, Boxes]:
    a, b, d = c[0:3].tolist(), c[3:6].tolist(), c[6:8].tolist()
    return a[0] + q * (a[1] + a[2] * q), b[0] + q * (b[1] + b[2] * q), d[0] + d[1] * q


@dataclasses.dataclass(frozen=True)
class Change:
    """Enclosures of (V(x⁺) - V(x))/(hR), of θ⁺²/R and of ψ⁺²/R."""

    V: Boxes
    x2: Boxes
    y2: Boxes


def change(c: np.ndarray, at: Point) -> Change:
    """What one round does."""
    x, y, gamma, h, p = (as_boxes(part) for part in (at.x, at.y, at.gamma, at.h, at.p))
    xy, xx, yy = x * y, x.square(), y.square()
    u = at.R * xy
    q = slope(u)
    k, rest = h * q, 1 - p
    # Each divided by h.
    dxx = q * (k * yy - 2.0 * xy)
    dyy = q * (2.0 * (rest * xy) + k * xx) - gamma * (2 - p) * yy
    dxy = q * (xx - rest * yy - k * xy) - gamma * xy
    x_after, y_after = x - k * y, rest * y + k * x
    after = (x_after * y_after).meets(xy + h * dxy)
    u_after = at.R * after
    q_after = slope(u_after)
    between = u.hull(u_after)
    dq = ((q_after - q) / h).meets(-(_bend(between) * (at.R * dxy)))
    A, B, C = _coefficients(c, q)
    a, b, d = c[0:3].tolist(), c[3:6].tolist(), c[6:8].tolist()
    both = q + q_after
    dA, dB, dC = dq * (a[1] + a[2] * both), dq * (b[1] + b[2] * both), d[1] * dq
    xx_after, yy_after = x_after.square(), y_after.square()
    V = dxx * A + xx_after * dA + dyy * B + yy_after * dB + dxy * C + after * dC
    # L(u⁺) - L(u) = -q(ξ)(u⁺ - u) with ξ between.
    ends = (after * chord(u_after) - xy * chord(u)) / h
    return Change(V + float(c[8]) * (dxy * -slope(between)).meets(ends), xx_after, yy_after)


def _bend(u: Boxes) -> Boxes:
    """q(1 - q), even in u and decreasing in |u|."""
    size = absolute(u)
    near, far = slope(Boxes(size.low)), slope(Boxes(size.high))
    return Boxes((far * (1 - far)).low, (near * (1 - near)).high)


def columns(x: np.ndarray, y: np.ndarray, R: np.ndarray) -> np.ndarray:
    """V/R for each coefficient at samples, in floats, shape `(samples, TERMS)`."""
    u = R * x * y
    with np.errstate(all="ignore"):
        q = np.where(u > 0, np.exp(-np.abs(u)), 1.0) / (1 + np.exp(-np.abs(u)))
        log = np.where(np.abs(u) < 1e-9, -0.5, (np.logaddexp(0, -u) - math.log(2)) / np.where(u == 0, 1.0, u))
    even = [x * x * q**n for n in (0, 1, 2)] + [y * y * q**n for n in (0, 1, 2)]
    return np.stack([*even, x * y, x * y * q, x * y * log], -1)
