"""How large a step a descent may take at a linearisation, and how fast it then converges."""

from __future__ import annotations

import math

import numpy as np


def simgd_step(J: np.ndarray) -> float:
    """The largest h with |1 + hμ| <= 1 for every eigenvalue μ of a stable J: min -2 Re μ/|μ|²."""
    values = np.linalg.eigvals(J)
    return float(np.min(-2 * values.real / np.abs(values) ** 2, initial=math.inf))


def altgd_step(J: np.ndarray, generator: int) -> float:
    """The largest h for which one round of AltGD, the generator first, has no multiplier outside the unit circle.

    For J = [[0, -Bᵀ], [B, -Q]] with a symmetric Q >= 0 a multiplier λ with its ψ of unit length solves

        (λ - 1)² + h q (λ - 1) + h² b λ = 0,   q = ψ*Qψ >= 0, b = |Bᵀψ|²

    so that it can only leave through -1, where 4 - 2hQ - h²BBᵀ becomes singular: with s = 1/h that is an ordinary
    eigenvalue problem of twice the size. Any other J is searched for its first crossing.
    """
    rotation, damping = J[generator:, :generator], -J[generator:, generator:]
    scale = np.abs(J).max(initial=0.0)
    of_theorem = np.zeros_like(J)
    of_theorem[:generator, generator:], of_theorem[generator:, :generator] = -rotation.T, rotation
    of_theorem[generator:, generator:] = -(damping + damping.T) / 2
    if np.abs(J - of_theorem).max(initial=0.0) > 1e-10 * scale or np.linalg.eigvalsh(damping).min() < -1e-10 * scale:
        return _first_crossing(J, generator)
    n = len(damping)
    companion = np.block([[damping / 2, rotation @ rotation.T / 4], [np.eye(n), np.zeros((n, n))]])
    largest = float(np.max(np.linalg.eigvals(companion).real))
    return 1 / largest if largest > 0 else math.inf


def radius(J: np.ndarray, h: float, generator: int | None = None) -> float:
    """The spectral radius of one round with step h: of SimGD, or of AltGD that moves `generator` entries first."""
    n = len(J)
    if not n:
        return 0.0
    if generator is None:
        return float(np.max(np.abs(np.linalg.eigvals(np.eye(n) + h * J))))
    first, second = np.eye(n), np.eye(n)
    first[:generator] += h * J[:generator]
    second[generator:] += h * J[generator:]
    return float(np.max(np.abs(np.linalg.eigvals(second @ first))))


def _first_crossing(J: np.ndarray, generator: int) -> float:
    from scipy.optimize import brentq

    inside = lambda h: radius(J, h, generator) - 1
    h = 1e-3 / np.linalg.norm(J, 2)
    while h < 1e9 and inside(h * 1.05) < 0:
        h *= 1.05
    return math.inf if h >= 1e9 else float(brentq(inside, h, h * 1.05, xtol=1e-15, rtol=1e-14))
