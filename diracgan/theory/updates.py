"""The multipliers of the algorithms beyond descent, at an equilibrium with the 2×2 Jacobian J.

K = diag(h_g, h_d) J with the eigenvalues x (hμ for equal rates). A simultaneous algorithm is a polynomial in K, so that
each x gives its multipliers separately; an alternating one mixes the entries of K.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence

import numpy as np

from diracgan.theory.descent import altgd_multipliers, simgd_multipliers
from diracgan.theory.forms import Matrix, pair


def scaled_eigenvalues(jacobian: Matrix, h_g: float, h_d: float) -> tuple[complex, complex]:
    """x ∈ spec K: ½tr ± √(¼(k₁₁ - k₂₂)² + k₁₂k₂₁)."""
    (a, b), (c, d) = jacobian
    return pair((h_g * a + h_d * d) / 2, ((h_g * a - h_d * d) / 2) ** 2 + h_g * h_d * b * c)


def _quadratic(half_trace: complex, det: complex) -> tuple[complex, complex]:
    """Both roots of λ² - 2·half_trace·λ + det, the smaller one from the product, which does not cancel."""
    root = cmath.sqrt(half_trace**2 - det)
    large = half_trace + root if (half_trace.conjugate() * root).real >= 0 else half_trace - root
    return large, det / large if large else 0j


def _each(
    roots: Callable[[complex], Sequence[complex]], jacobian: Matrix, h_g: float, h_d: float
) -> tuple[complex, ...]:
    return tuple(value for x in scaled_eigenvalues(jacobian, h_g, h_d) for value in roots(x))


def extragradient_multipliers(jacobian: Matrix, h_g: float, h_d: float) -> tuple[complex, ...]:
    """1 + x + x²; for x = iw: |λ|² = 1 - w² + w⁴, least (¾) at w² = ½ (Korpelevich 1976)."""
    return _each(lambda x: (1 + x + x**2,), jacobian, h_g, h_d)


def optimistic_multipliers(jacobian: Matrix, h_g: float, h_d: float) -> tuple[complex, ...]:
    """λ² - (1 + 2x)λ + x = 0, that is λ = ½(1 + 2x ± √(1 + 4x²)): optimistic gradient and Popov's method alike.

    For x = iw, w < ½: |λ|² = ½(1 ± √(1 - 4w²)).
    """
    return _each(lambda x: _quadratic((1 + 2 * x) / 2, x), jacobian, h_g, h_d)


def heavy_ball_multipliers(
    jacobian: Matrix, h_g: float, h_d: float, beta: float = 0.9, alternating: bool = False
) -> tuple[complex, ...]:
    """λ² - (1 + β + x)λ + β = 0; alternating p₁(λ) p₂(λ) = k₁₂k₂₁λ³ with p_i = λ² - (1 + β + k_ii)λ + β.

    Alternating on a rotation: (λ - 1)²(λ - β)² + w²λ³ = 0 (Gidel et al. 2019).
    """
    if not alternating:
        return _each(lambda x: _quadratic((1 + beta + x) / 2, beta), jacobian, h_g, h_d)
    (a, b), (c, d) = jacobian
    own = [np.array([1, -(1 + beta + k), beta]) for k in (h_g * a, h_d * d)]
    return _quartic(own, h_g * h_d * b * c)


def nesterov_multipliers(
    jacobian: Matrix, h_g: float, h_d: float, beta: float = 0.9, alternating: bool = False
) -> tuple[complex, ...]:
    """λ² - (1 + β)(1 + x)λ + β(1 + x) = 0; alternating q₁(λ) q₂(λ) = k₁₂k₂₁λ³, q_i the same with x = k_ii."""
    if not alternating:
        return _each(lambda x: _quadratic((1 + beta) * (1 + x) / 2, beta * (1 + x)), jacobian, h_g, h_d)
    (a, b), (c, d) = jacobian
    own = [(1 + k) * np.array([0, -(1 + beta), beta]) + np.array([1, 0, 0]) for k in (h_g * a, h_d * d)]
    return _quartic(own, h_g * h_d * b * c)


def _quartic(own: list[np.ndarray], coupling: float) -> tuple[complex, ...]:
    """The roots of own₁ own₂ - coupling·λ³."""
    polynomial = np.polymul(*own)
    polynomial[1] -= coupling
    return tuple(complex(root) for root in np.concatenate([np.roots(polynomial), np.zeros(4)])[:4])


def competitive_multipliers(jacobian: Matrix, h_g: float, h_d: float) -> tuple[complex, ...]:
    """I + (I - K̃)⁻¹K with the off-diagonal part K̃ of K; 1/(1 - x) for a rotation (Schäfer and Anandkumar 2019).

    (I - K̃)⁻¹ = [[1, k₁₂], [k₂₁, 1]]/(1 - k₁₂k₂₁).
    """
    (a, b), (c, d) = (h_g * jacobian[0][0], h_g * jacobian[0][1]), (h_d * jacobian[1][0], h_d * jacobian[1][1])
    scale = 1 - b * c
    (a, b), (c, d) = ((a + b * c) / scale, b * (1 + d) / scale), (c * (1 + a) / scale, (d + b * c) / scale)
    return pair(1 + (a + d) / 2, ((a - d) / 2) ** 2 + b * c)


def implicit_euler_multipliers(jacobian: Matrix, h_g: float, h_d: float) -> tuple[complex, ...]:
    """1/(1 - x)."""
    return _each(lambda x: (1 / (1 - x),), jacobian, h_g, h_d)


def runge_kutta_multipliers(jacobian: Matrix, h_g: float, h_d: float, order: int = 4) -> tuple[complex, ...]:
    """Σ x^k/k!, k <= order.

    For x = iw: |λ|² = 1 + w⁴/4 (order 2), 1 - w⁴/12 + w⁶/36 (3), 1 - w⁶/72 + w⁸/576 (4).
    """
    return _each(lambda x: (sum(x**k / math.factorial(k) for k in range(order + 1)),), jacobian, h_g, h_d)


_INNER: dict[str, Callable[..., tuple[complex, ...]]] = {"simgd": simgd_multipliers, "altgd": altgd_multipliers}


def lookahead_multipliers(
    jacobian: Matrix, h_g: float, h_d: float, k: int = 5, alpha: float = 0.5, inner: str = "simgd", **counts: int
) -> tuple[complex, ...]:
    """1 - α + αλ^k with the multipliers λ of an inner algorithm without memory (Chavdarova et al. 2020)."""
    return tuple(1 - alpha + alpha * value**k for value in _INNER[inner](jacobian, h_g, h_d, **counts))


def averaged_multipliers(
    jacobian: Matrix, h_g: float, h_d: float, average: float = 0.9, inner: str = "simgd", **counts: int
) -> tuple[complex, ...]:
    """Those of the inner algorithm, and β twice."""
    return (*_INNER[inner](jacobian, h_g, h_d, **counts), complex(average), complex(average))


def implicit_euler_limit(jacobian: Matrix) -> float:
    """inf when no eigenvalue has Re μ > 0, as |1 - hμ| > 1 then holds for every h; 0 otherwise."""
    return math.inf if max(x.real for x in scaled_eigenvalues(jacobian, 1.0, 1.0)) <= 0 else 0.0
