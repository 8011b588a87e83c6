"""Errors in printed formulas, and letters that mean different things in different papers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from diracgan.catalogue import method
from diracgan.dynamics.spectrum import jacobian
from diracgan.reproduction.errata.facts import Fact, discrepancy, fact


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(low) * function(middle) > 0 else (low, middle)
    return (low + high) / 2


@discrepancy(
    "E2",
    where="R3GAN, appendix, eigenvalues of the Dirac-GAN",
    claimed="-γ/2 ± √(γ²/4 - f'(0))",
    holds="-γ/2 ± √(γ²/4 - f'(0)²), as the determinant printed with it says: the critical γ is 2|f'(0)| = 1",
)
def _critical() -> list[Fact]:
    slope = float(jacobian(method("gan"))[1, 0])

    def discriminant(gamma: float) -> float:
        J = np.asarray(jacobian(method("r1", gamma=gamma)))
        return float(np.trace(J) ** 2 / 4 - np.linalg.det(J))

    def printed(gamma: float) -> float:
        # Quoted: √(γ²/4 - f'(0)) in place of √(γ²/4 - f'(0)²).
        return gamma**2 / 4 - slope

    return [
        fact(
            "γ at which both eigenvalues meet", _root(discriminant, 0, 3), _root(printed, 0, 3), (1, math.sqrt(2)), 1e-9
        ),
        fact("γ²/4 - (…) at γ = 1.2", discriminant(1.2), printed(1.2), (0.11, -0.14), 1e-12),
    ]


@discrepancy(
    "E11",
    where="papers and code, notation",
    claimed="γ, λ and σ² name the weight of a penalty; D may be a fakeness or a realness score",
    holds="the same number means different dampings: γ for γ/2, 2λ for λ, γ/2 for the noise-induced penalty",
)
def _conventions() -> list[Fact]:
    def damping(name: str) -> float:
        return -float(jacobian(method(name, gamma=10.0))[1, 1])

    noise = -float(jacobian(method("instance-noise", sigma=math.sqrt(10.0), nodes=256))[1, 1])
    return [
        fact(
            "damping of ψ: γ/2 (R1) and λ (penalty without ½), both 10",
            damping("r1"),
            damping("zero-gp"),
            (10, 20),
            1e-9,
        ),
        fact("damping of ψ: R1 and the noise-induced penalty, both 10", damping("r1"), damping("roth"), (10, 5), 1e-9),
        fact("damping of ψ: noise-induced penalty and noise of variance 10", damping("roth"), noise, (5, 5), 1e-9),
    ]
