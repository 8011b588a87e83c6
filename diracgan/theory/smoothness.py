"""Closed forms of divergences of the pair (δ_θ, δ_0), their smoothness, and what a penalty does to the largest step.

The theorem behind the bound is quoted from Chu, Minami and Fukumizu (2020): L = αB + A²(β₁ + β₂).
"""

from __future__ import annotations

import math

import numpy as np

from diracgan.theory.forms import Real, slope


def smoothness_bound(alpha: float, beta1: float, beta2: float, A: float = 1.0, B: float = 0.0) -> float:
    """αB + A²(β₁ + β₂), the Lipschitz constant of θ ↦ ∇J(μ_θ); a condition that is not needed (B = 0) costs nothing."""
    return (alpha * B if B else 0.0) + A**2 * (beta1 + beta2)


def huber(theta: Real, alpha: float, gamma: float) -> Real:
    """max over |ψ| <= α of ψθ - (γ/2)ψ²: θ²/2γ for |θ| <= αγ, α|θ| - α²γ/2 beyond."""
    size = np.abs(theta)
    return np.where(size <= alpha * gamma, size**2 / (2 * gamma), alpha * size - alpha**2 * gamma / 2)


def huber_slope(theta: Real, alpha: float, gamma: float) -> Real:
    """θ/γ, cut off at ±α."""
    return np.clip(np.asarray(theta) / gamma, -alpha, alpha)


def gaussian_mmd(theta: Real, tau: float) -> Real:
    """½MMD² of δ_θ and δ_0 with the kernel exp(-x²/2τ²): 1 - exp(-θ²/2τ²)."""
    return -np.expm1(-(np.asarray(theta) ** 2) / (2 * tau**2))


def gaussian_mmd_slope(theta: Real, tau: float) -> Real:
    """Its derivative, θ exp(-θ²/2τ²)/τ²."""
    return np.asarray(theta) / tau**2 * np.exp(-(np.asarray(theta) ** 2) / (2 * tau**2))


def gaussian_mmd_constants(tau: float) -> dict[str, float]:
    """α = 2e^(-1/2)/τ, β₁ = (1 + 2e^(-3/2))/τ², β₂ = 1/τ², and 1/τ², the true smoothness; the bound is 2.446/τ²."""
    return {
        "alpha": 2 * math.exp(-1 / 2) / tau,
        "beta1": (1 + 2 * math.exp(-3 / 2)) / tau**2,
        "beta2": 1 / tau**2,
        "true": 1 / tau**2,
    }


def response_score(theta: Real, gamma: float) -> Real:
    """u = ψθ at the optimal linear discriminator of the log-loss with (γ/2)ψ²: u(1 + e^u) = θ²/γ.

    By Newton's method, which decreases from log(1 + θ²/γ): it lies above, and the left side is convex.
    """
    right = np.asarray(theta, float) ** 2 / gamma
    u = np.log1p(right)
    for _ in range(50):
        growth = np.exp(u)
        u = u - (u * (1 + growth) - right) / (1 + growth + u * growth)
    return u


def response_value(theta: Real, gamma: float) -> Real:
    """J = f(u) + f(0) - ½u f'(u) with f(t) = -log(1 + e^-t)."""
    u = response_score(theta, gamma)
    return -np.log1p(np.exp(-u)) - math.log(2) - u * slope(u) / 2


def response_slope(theta: Real, gamma: float) -> Real:
    """J' = u f'(u)/θ, and 0 at θ = 0."""
    theta = np.asarray(theta, float)
    u = response_score(theta, gamma)
    return np.where(theta == 0, 0.0, u * slope(u) / np.where(theta == 0, 1.0, theta))


def response_smoothness(gamma: float, c: float = 0.5) -> float:
    """L = c²/γ: the second derivative of J at 0, its largest; descent converges for steps below 2γ/c²."""
    return c**2 / gamma


def response_multiplier(h: float, gamma: float, c: float = 0.5) -> float:
    """1 - hc²/γ: what is left of AltGD's spectrum when n_d → ∞; the other multiplier is 0."""
    return 1 - h * response_smoothness(gamma, c)


def response_two_cycle(h: float, gamma: float) -> float:
    """θ > 0 of the cycle θ → -θ of descent with step h > 8γ = 2/L: hJ'(θ) = 2θ, that is (1 + e^u)² = h/2γ."""
    u = math.log(math.sqrt(h / (2 * gamma)) - 1)
    return math.sqrt(gamma * u * (1 + math.exp(u)))
