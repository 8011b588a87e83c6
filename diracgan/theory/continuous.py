"""The closed forms on absolutely continuous data: U(-1, 1) against U(-|θ|, |θ|), and N(0, σ²) against N(θ, σ²)."""

from __future__ import annotations

import numpy as np

from diracgan.theory.forms import HALF, ClosedForm, Real, damped, pair, rotation, slope
from diracgan.theory.published import instance_noise_energy, instance_noise_field, instance_noise_gamma


def uniform_pull(q: Real) -> Real:
    """E U² σ(-qU²) for U uniform on [-1, 1], by Simpson's rule with 4000 intervals on [0, 1].

    The error is of order q²/4000⁴: rounding, up to |q| = 10.
    """
    t = np.linspace(0, 1, 4001)
    weights = np.full(4001, 2.0)
    weights[1::2], weights[[0, -1]] = 4.0, 1.0
    return (t**2 * slope(np.asarray(q, float)[..., None] * t**2)) @ (weights / 12000)


def _uniform(theta: Real, psi: Real, gamma: float) -> tuple[Real, Real]:
    """(-2θψ E U²σ(-ψθ²U²), θ² E U²σ(-ψθ²U²) - E U²σ(ψU²) - 4γψ/3), for E U² = 1/3."""
    theta, psi = np.asarray(theta, float), np.asarray(psi, float)
    pull = uniform_pull(psi * theta**2)
    return -2 * theta * psi * pull, theta**2 * pull - uniform_pull(-psi) - 4 * gamma * psi / 3


def _gaussian(theta: Real, psi: Real, gamma: float, sigma: float) -> tuple[Real, Real]:
    drift, lift = instance_noise_field(theta, psi, sigma)
    return drift, lift - gamma * np.asarray(psi)


CONTINUOUS: dict[str, ClosedForm] = {
    # At (1, 0): ∂v_θ/∂ψ = -E U² = -1/3, ∂v_ψ/∂ψ = 2f''(0)E U⁴ - 4γE U² = -1/10 - 4γ/3.
    "uniform-data": ClosedForm(
        source="Nagarajan and Kolter 2017 with the log-loss; derived",
        field=_uniform,
        jacobian=lambda gamma: rotation(1 / 3, 1 / 10 + 4 * gamma / 3),
        eigenvalues=lambda gamma: damped(1 / 3, 1 / 10 + 4 * gamma / 3),
        critical={"gamma": 17 / 40},
        equilibrium=(1.0, 0.0),
    ),
    "gaussian-data": ClosedForm(
        source="derived",
        field=_gaussian,
        energy=lambda theta, psi, gamma, sigma: instance_noise_energy(theta, psi, sigma) - gamma * np.asarray(psi) ** 2,
        jacobian=lambda gamma, sigma: rotation(HALF, gamma + instance_noise_gamma(sigma)),
        eigenvalues=lambda gamma, sigma: pair(-(gamma + sigma**2 / 2) / 2, (gamma + sigma**2 / 2) ** 2 / 4 - 1 / 4),
        critical={"gamma": 0.755},
    ),
}
