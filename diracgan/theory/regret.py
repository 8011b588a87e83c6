"""Closed forms of averaging and regret on the bilinear game L = ψθ."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from diracgan.theory.forms import Real


def bilinear_gap(averages: Sequence[float] | np.ndarray, bound: float) -> float:
    """The duality gap B(|θ̄| + |ψ̄|) of the averages of L = ψθ on |θ|, |ψ| <= B; also (R_G + R_D)/T, exactly."""
    theta, psi = averages
    return bound * (abs(theta) + abs(psi))


def simgd_average(start: Sequence[float] | np.ndarray, h: float, rounds: int) -> np.ndarray:
    """The mean of the iterates 0, …, T - 1 of SimGD on L = ψθ: z₀((1 + ih)^T - 1)/(ihT) with z = θ + iψ."""
    mean = complex(*start) * ((1 + 1j * h) ** rounds - 1) / (1j * h * rounds)
    return np.array([mean.real, mean.imag])


def simgd_average_bound(start: Sequence[float] | np.ndarray, rounds: int) -> float:
    """|z̄| <= (√e + 1)|z₀|/√T of SimGD with h = 1/√T."""
    return (math.sqrt(math.e) + 1) * math.hypot(*start) / math.sqrt(rounds)


def online_gradient_bound(start: float, comparator: float, h: float, slopes: Real) -> float:
    """(u - x₀)²/2h + (h/2)Σ g_t², the regret of online gradient descent against u (Zinkevich 2003); convex losses."""
    return (comparator - start) ** 2 / (2 * h) + h / 2 * float(np.sum(np.square(slopes)))


# The exponents p of a duality gap of averages ~ T^p on the bilinear game; those of a fixed step, but for SimGD's.
BILINEAR_RATES = {"SimGD, h = 1/√T": -0.5, "AltGD": -1.0, "extragradient": -1.0, "optimistic": -1.0, "Lookahead": -1.0}
