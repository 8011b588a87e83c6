"""Lyapunov functions for descent on the minimax game with R1, relative to R = θ² + ψ².

One round, with q = f'(u) = 1/(1 + e^u), u = θψ, p = hγ, is θ⁺ = θ - hqψ, ψ⁺ = (1 - p)ψ + hq̃θ̃, where simultaneous
descent has θ̃ = θ and alternating descent θ̃ = θ⁺, q̃ = f'(θ̃ψ). With a direction (x, y) = (θ, ψ)/√R everything is
regular at R = 0; a direction need not have length 1. The functions are

    V/R = x² + y² + w Σ fᵢ(z)mᵢ,   z = q - ½,   m = (x², y², xy, Rx⁴, Ry⁴, Rx²y², Rx³y, Rxy³),

the fᵢ polynomials, w = γ for simultaneous descent, whose rounds change θ² + ψ² by O(hγ), and w = 1 for the other. The
change in one round is divided by h, so that h = 0 may be an end of a box: with v = (x⁺ - x, y⁺ - y)/h,

    x⁺² - x² = hvₓ(x + x⁺),   x⁺y⁺ - xy = h(vₓy⁺ + xv_y),   q⁺ - q = -q(1 - q⁺)E(d)d,   E(d) = (1 - e^-d)/d, d = u⁺ - u.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from diracgan.tracing import affine
from diracgan.tracing.affine import Affine, combination, decay
from diracgan.tracing.boxes import Boxes, as_boxes, sigmoid

# max u/(1 + e^u), rounded up; `tests/proofs/test_lyapunov.py` checks it.
PEAK = 0.27846454276107383
# Each coefficient: which m, and its polynomial in z. The quartic ones fade with q(1 - q) = ¼ - z².
_FADING = (0.25, 0.0, -1.0)
BASIS = (
    *((0, power) for power in ((0.0, 1.0), (0.0, 0.0, 1.0))),
    *((m, power) for m in (1, 2) for power in ((1.0,), (0.0, 1.0), (0.0, 0.0, 1.0))),
    *((m, _FADING) for m in (3, 4, 5, 6, 7)),
)
TERMS = len(BASIS)


@dataclasses.dataclass(frozen=True)
class Point:
    """What V and its change need of a box: the direction, R, the parameters, and whether descent alternates."""

    x: Any
    y: Any
    R: Any
    gamma: Any
    h: Any
    p: Any
    alternating: bool = False

    @property
    def weight(self) -> Any:
        """w."""
        return 1.0 if self.alternating else self.gamma


def slope(u: Any) -> Boxes:
    """q = f'(u), on intervals."""
    return sigmoid(-as_boxes(u))


def _tables(c: np.ndarray) -> np.ndarray:
    """The factor of zᵏmᵢ, shape `(k, m)`."""
    table = np.zeros((3, 8))
    for factor, (m, polynomial) in zip(c, BASIS, strict=True):
        table[: len(polynomial), m] += factor * np.array(polynomial)
    return table


def _forms(x: Affine, y: Affine, R: Affine) -> list[Affine]:
    xx, yy, xy = x * x, y * y, x * y
    quartic = [xx * xx, yy * yy, xx * yy, xx * xy, yy * xy]
    return [xx, yy, xy, *(R * one for one in quartic)]


def value(c: np.ndarray, at: Point) -> Affine:
    """V/R."""
    m = _forms(at.x, at.y, at.R)
    z = affine.slope(at.R * m[2]) - 0.5
    bent = [combination(row, m) for row in _tables(c)]
    return m[0] + m[1] + (bent[0] + z * (bent[1] + z * bent[2])) * at.weight


@dataclasses.dataclass(frozen=True)
class Change:
    """Enclosures of (V(x⁺) - V(x))/(hR), and of θ⁺²/R, ψ⁺²/R and θ⁺ψ⁺/R."""

    V: Affine
    xx: Affine
    yy: Affine
    xy: Affine


def change(c: np.ndarray, at: Point) -> Change:
    """What one round does."""
    x, y, R, gamma, h = at.x, at.y, at.R, at.gamma, at.h
    m = _forms(x, y, R)
    xx, yy, xy = m[:3]
    q = affine.slope(R * xy)
    vx = -(q * y)
    x_after = x + h * vx
    seen = affine.slope(R * (x_after * y)) if at.alternating else q
    vy = seen * (x_after if at.alternating else x) - gamma * y
    y_after = y + h * vy
    dxx, dyy, dxy = vx * (x + x_after), vy * (y + y_after), vx * y_after + x * vy
    # 2(xvₓ + yv_y) + h|v|²: what cancels is not computed.
    inner = (seen - q) * xy - h * (seen * q * yy) - gamma * yy if at.alternating else -(gamma * yy)
    both = inner * 2.0 + h * (vx * vx + vy * vy)
    # u⁺ = u + hR dxy, and what the forms change by.
    du = R * dxy
    q_after = affine.slope(R * (xy + h * dxy))
    dz = -(q * (1.0 - q_after)) * decay(h * du) * du
    after = _forms(x_after, y_after, R)
    xx_after, yy_after = after[:2]
    quartic = [
        dxx * (xx + xx_after),
        dyy * (yy + yy_after),
        dxx * yy + xx_after * dyy,
        dxx * xy + xx_after * dxy,
        dyy * xy + yy_after * dxy,
    ]
    dm = [dxx, dyy, dxy, *(R * one for one in quartic)]
    table, z, z_after = _tables(c), q - 0.5, q_after - 0.5
    flat = [combination(row, dm) for row in table]
    bent = flat[0] + z * (flat[1] + z * flat[2])
    bent = bent + dz * (combination(table[1], after) + (z + z_after) * combination(table[2], after))
    return Change(both + bent * at.weight, *after[:3])


def columns(x: np.ndarray, y: np.ndarray, R: np.ndarray) -> np.ndarray:
    """Σ fᵢmᵢ for each coefficient at samples, in floats, shape `(samples, TERMS)`."""
    z = -np.tanh(R * x * y / 2) / 2
    xx, yy, xy = x * x, y * y, x * y
    m = [xx, yy, xy, R * xx * xx, R * yy * yy, R * xx * yy, R * xx * xy, R * yy * xy]
    return np.stack([m[one] * np.polyval(polynomial[::-1], z) for one, polynomial in BASIS], -1)
