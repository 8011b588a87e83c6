"""Simultaneous and alternating gradient descent: multipliers, limits of the learning rate, plain training loops."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.polynomial import Polynomial

from diracgan.theory.forms import Matrix, pair

_Algebra = TypeVar("_Algebra", float, Polynomial)


def jury_margin(trace: float, det: float) -> float:
    """min(1 - det, 1 + det - |tr|): positive exactly when both roots of λ² - tr λ + det lie inside the unit circle."""
    return min(1 - det, 1 + det - abs(trace))


def simgd_multipliers(jacobian: Matrix, h_g: float, h_d: float) -> tuple[complex, complex]:
    """The eigenvalues of I + diag(h_g, h_d) J; for equal rates 1 + hμ with the eigenvalues μ of J."""
    (a, b), (c, d) = jacobian
    return pair(1 + (h_g * a + h_d * d) / 2, ((h_g * a - h_d * d) / 2) ** 2 + h_g * h_d * b * c)


def simgd_limit(jacobian: Matrix) -> float:
    """h < -tr J / det J (complex eigenvalues), h < 4/(-tr J + √(tr² - 4 det)) (real ones).

    For J = [[0, -c], [c, -γ]]: h < γ/c² when γ < 2c, and h < (γ - √(γ² - 4c²))/c² from there on. Never when tr J >= 0
    or det J <= 0. (From |1 + hμ| < 1, that is h < -2 Re μ/|μ|² for both eigenvalues.)
    """
    (a, b), (c, d) = jacobian
    trace, det, discriminant = a + d, a * d - b * c, (a - d) ** 2 + 4 * b * c
    if trace >= 0 or det <= 0:
        return 0.0
    return -trace / det if discriminant < 0 else 4 / (-trace + math.sqrt(discriminant))


def _powers(x: _Algebra, n: int) -> tuple[_Algebra, _Algebra]:
    """x^n and 1 + x + ... + x^(n-1)."""
    return x**n, sum((x**k for k in range(1, n)), 0 * x + 1)


def altgd_multipliers(jacobian: Matrix, h_g: float, h_d: float, n_g: int = 1, n_d: int = 1) -> tuple[complex, complex]:
    """½tr ± √(¼tr² - det), tr = a^n_g + b^n_d + AB, det = a^n_g b^n_d.

    With a = 1 + h_g J11, b = 1 + h_d J22, S_n(x) = 1 + x + ... + x^(n-1), A = h_g J12 S_{n_g}(a) and
    B = h_d J21 S_{n_d}(b). For J = [[0, -c], [c, 0]] this is 1 - α²/2 ± √((1 - α²/2)² - 1) with α = √(n_g n_d) hc
    (Mescheder et al. 2018).
    """
    (j11, j12), (j21, j22) = jacobian
    (r_g, s_g), (r_d, s_d) = _powers(1 + h_g * j11, n_g), _powers(1 + h_d * j22, n_d)
    coupling = h_g * h_d * j12 * j21 * s_g * s_d
    # ¼tr² - det, expanded so that the leading terms of a small step cancel before they are rounded.
    discriminant = (r_g - r_d) ** 2 / 4 + coupling * (r_g + r_d) / 2 + coupling**2 / 4
    return pair((r_g + r_d + coupling) / 2, discriminant)


def altgd_limit(jacobian: Matrix, n_g: int = 1, n_d: int = 1) -> float:
    """The first h > 0 at which Jury's conditions |tr| < 1 + det < 2 fail.

    For n_g = n_d = 1 and J11, J22 <= 0 > J12 J21 the condition is h < 4/(-tr J + √((J11 - J22)² - 4 J12 J21)): a
    multiplier passes -1. With J = [[0, -c], [c, -γ]] this is h < (√(γ² + 4c²) - γ)/c²; without damping h < 2/c, and
    h √(n_g n_d) < 2/c for more updates. Otherwise it is the smallest root of the conditions as polynomials in h.
    """
    (a, b), (c, d) = jacobian
    if n_g == n_d == 1 and max(a, d) <= 0 > b * c:
        return 4 / (-a - d + math.sqrt((a - d) ** 2 - 4 * b * c))
    h = Polynomial([0.0, 1.0])
    (r_g, s_g), (r_d, s_d) = _powers(1 + a * h, n_g), _powers(1 + d * h, n_d)
    shrinking = (1 - r_g * r_d).trim() // h
    conditions = [
        (a * d - b * c) * s_g * s_d,
        (1 + r_g) * (1 + r_d) + b * c * h**2 * s_g * s_d,
        *([] if not np.any(shrinking.coef) else [shrinking]),
    ]
    roots = np.concatenate([condition.trim().roots() for condition in conditions])
    real = np.unique(roots.real[(np.abs(roots.imag) <= 1e-9 * np.abs(roots)) & (roots.real > 0)])
    # Between two neighbouring roots no condition changes its sign, so that one sample of each interval decides; the
    # golden section is unlikely to hit a double root, where a condition only touches 0.
    for low, high in zip([0.0, *real], [*real, 2 * real[-1] if real.size else 1.0], strict=True):
        if min(condition(low + 0.618034 * (high - low)) for condition in conditions) < 0:
            return float(low)
    return math.inf


def simgd_best_gamma(c: float) -> float:
    """γ = 2c: the zero-centred penalty of least spectral radius, 1 - hc, for any h <= 1/c.

    At h = 1/c the update is nilpotent: two steps of the linearisation reach the equilibrium.
    """
    return 2 * c


def altgd_best_gamma(c: float, h: float) -> float:
    """γ = 2c - hc²: the same for AltGD(1, 1), again with the radius 1 - hc."""
    return 2 * c - h * c**2


Field = Callable[[float, float], tuple[float, float]]


def _clip(psi: float, bound: float) -> float:
    return min(max(psi, -bound), bound)


def simgd_path(field: Field, start: tuple[float, float], h: float, steps: int, bound: float = math.inf) -> np.ndarray:
    """The iterates of θ, ψ ← θ + h v_θ(θ, ψ), clip(ψ + h v_ψ(θ, ψ)); shape (steps + 1, 2), the start first."""
    theta, psi = start[0], _clip(start[1], bound)
    path = [(theta, psi)]
    for _ in range(steps):
        v_theta, v_psi = field(theta, psi)
        theta, psi = theta + h * v_theta, _clip(psi + h * v_psi, bound)
        path.append((theta, psi))
    return np.array(path, dtype=np.float64)


def altgd_path(
    field: Field,
    start: tuple[float, float],
    h: float,
    steps: int,
    n_g: int = 1,
    n_d: int = 1,
    bound: float = math.inf,
) -> np.ndarray:
    """The iterates of n_g times θ ← θ + h v_θ(θ, ψ), then n_d times ψ ← clip(ψ + h v_ψ(θ, ψ)); shape (steps + 1, 2)."""
    theta, psi = start[0], _clip(start[1], bound)
    path = [(theta, psi)]
    for _ in range(steps):
        for _ in range(n_g):
            theta = theta + h * field(theta, psi)[0]
        for _ in range(n_d):
            psi = _clip(psi + h * field(theta, psi)[1], bound)
        path.append((theta, psi))
    return np.array(path, dtype=np.float64)
