"""The closed forms of the methods of Mescheder et al. 2018 and of DRAGAN."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from diracgan.theory.forms import HALF, ClosedForm, Real, curvature, damped, pair, rotation, slope


def gamma_critical(c: float) -> float:
    """γ = 2|f'(0)|: below it the eigenvalues of a zero-centred penalty are complex, above it real."""
    return 2 * abs(c)


def instance_noise_gamma(sigma: float) -> float:
    """γ = -2 f''(0) σ² = σ²/2: instance noise has the Jacobian of a zero-centred penalty of this weight."""
    return sigma**2 / 2


def dragan_node_threshold(target: float) -> float:
    """The γ from which DRAGAN's one-sided equilibria attract as nodes: γ + γ²k² = 1.

    For k = 1 it is (√5 - 1)/2. (The condition is γ_eff >= 2c with γ_eff = γ + |f''(0)| γ²k²/c².)
    """
    return 2 / (1 + math.sqrt(1 + 4 * target**2))


def noisy_mean(theta: Real, psi: Real, sigma: float, g: Callable[[np.ndarray, np.ndarray], Real]) -> Real:
    """E g(Z, ψ(θ + σZ)) for a standard normal Z, by the trapezoidal rule with 200 nodes.

    The error is of order exp(-2π²/(|ψ|σδ)) with the spacing δ = 0.09: rounding, up to |ψ|σ = 6.
    """
    z = np.linspace(-9, 9, 200)
    weights = np.exp(-(z**2) / 2)
    u = np.asarray(psi)[..., None] * (np.asarray(theta)[..., None] + sigma * z)
    return np.matmul(g(z, u), weights / weights.sum())


def instance_noise_field(theta: Real, psi: Real, sigma: float) -> tuple[Real, Real]:
    """(-ψ E f'(ψX), E X f'(ψX) - E Y f'(-ψY)) with X = θ + σZ, Y = σZ'."""
    theta, psi = np.asarray(theta, float), np.asarray(psi, float)
    drift = -psi * noisy_mean(theta, psi, sigma, lambda z, u: slope(u))
    fake = noisy_mean(theta, psi, sigma, lambda z, u: (theta[..., None] + sigma * z) * slope(u))
    real = noisy_mean(0 * theta, psi, sigma, lambda z, u: sigma * z * slope(-u))
    return drift, fake - real


def instance_noise_energy(theta: Real, psi: Real, sigma: float) -> Real:
    """ψ²σ²(E f''(ψX) + E f''(ψY)), by partial integration (Stein's identity)."""
    fake = noisy_mean(theta, psi, sigma, lambda z, u: curvature(u))
    real = noisy_mean(0 * np.asarray(theta), psi, sigma, lambda z, u: curvature(u))
    return np.asarray(psi) ** 2 * sigma**2 * (fake + real)


def _consensus(theta: Real, psi: Real, gamma: float) -> tuple[Real, Real]:
    """v - γ∇H with H = ½(θ² + ψ²) f'(u)².

    Both terms of ∇H = (θ f'² + ψ r² f'f'', ψ f'² + θ r² f'f'') have the factor 1; the published code halves the second.
    """
    u, r2 = theta * psi, theta**2 + psi**2
    f1, f2 = slope(u), curvature(u)
    return (
        -psi * f1 - gamma * (theta * f1**2 + psi * r2 * f1 * f2),
        theta * f1 - gamma * (psi * f1**2 + theta * r2 * f1 * f2),
    )


def _consensus_energy(theta: Real, psi: Real, gamma: float) -> Real:
    """-γ r² f'(f' + 2u f''), positive far out along the diagonal: the regulariser can push away."""
    u = theta * psi
    return -gamma * (theta**2 + psi**2) * slope(u) * (slope(u) + 2 * u * curvature(u))


PAPER = "Mescheder et al. 2018"

# On the data, or on the generated point: D is linear, and has one slope.
_ON_THE_SLOPE = ClosedForm(
    source=PAPER,
    field=lambda theta, psi, gamma: (-psi * slope(theta * psi), theta * slope(theta * psi) - gamma * psi),
    energy=lambda theta, psi, gamma: -gamma * psi**2,
    jacobian=lambda gamma: rotation(HALF, gamma),
    eigenvalues=lambda gamma: damped(HALF, gamma),
    critical={"gamma": gamma_critical(HALF)},
)

PUBLISHED: dict[str, ClosedForm] = {
    "gan": ClosedForm(
        source=PAPER,
        field=lambda theta, psi: (-psi * slope(theta * psi), theta * slope(theta * psi)),
        energy=lambda theta, psi: 0 * theta * psi,
        jacobian=lambda: rotation(HALF),
        eigenvalues=lambda: (0.5j, -0.5j),
    ),
    "nsgan": ClosedForm(
        source=PAPER,
        field=lambda theta, psi: (-psi * slope(-theta * psi), theta * slope(theta * psi)),
        energy=lambda theta, psi: -theta * psi * np.tanh(theta * psi / 2),
        jacobian=lambda: rotation(HALF),
        eigenvalues=lambda: (0.5j, -0.5j),
    ),
    "wgan": ClosedForm(
        source=PAPER,
        field=lambda theta, psi, clip: (-psi, theta),
        energy=lambda theta, psi, clip: 0 * theta * psi,
        jacobian=lambda clip: rotation(1.0),
        eigenvalues=lambda clip: (1j, -1j),
        bound=lambda clip: clip,
    ),
    "wgan-gp": ClosedForm(
        source=PAPER,
        field=lambda theta, psi, gamma, target: (-psi, theta - gamma * (np.abs(psi) - target) * np.sign(psi)),
        energy=lambda theta, psi, gamma, target: -gamma * np.abs(psi) * (np.abs(psi) - target),
        side=lambda gamma, target: (-gamma * target, rotation(1.0, gamma)),
    ),
    "instance-noise": ClosedForm(
        source=PAPER,
        field=instance_noise_field,
        energy=instance_noise_energy,
        jacobian=lambda sigma: rotation(HALF, instance_noise_gamma(sigma)),
        eigenvalues=lambda sigma: pair(-(sigma**2) / 4, sigma**4 / 16 - 1 / 4),
        critical={"sigma": math.sqrt(2)},
    ),
    "r1": _ON_THE_SLOPE,
    "r2": _ON_THE_SLOPE,
    "nsgan-r1": ClosedForm(
        source=PAPER,
        field=lambda theta, psi, gamma: (-psi * slope(-theta * psi), theta * slope(theta * psi) - gamma * psi),
        energy=lambda theta, psi, gamma: -theta * psi * np.tanh(theta * psi / 2) - gamma * psi**2,
        jacobian=lambda gamma: rotation(HALF, gamma),
        eigenvalues=lambda gamma: damped(HALF, gamma),
        critical={"gamma": gamma_critical(HALF)},
    ),
    "consensus": ClosedForm(
        source="Mescheder, Nowozin and Geiger 2017",
        field=_consensus,
        energy=_consensus_energy,
        jacobian=lambda gamma: ((-gamma / 4, -HALF), (HALF, -gamma / 4)),
        eigenvalues=lambda gamma: (complex(-gamma / 4, 0.5), complex(-gamma / 4, -0.5)),
    ),
    "dragan": ClosedForm(
        source="Kodali et al. 2017; one-sided points derived",
        field=lambda theta, psi, gamma, target: (
            -psi * slope(theta * psi),
            theta * slope(theta * psi) - gamma * (np.abs(psi) - target) * np.sign(psi),
        ),
        energy=lambda theta, psi, gamma, target: -gamma * np.abs(psi) * (np.abs(psi) - target),
        side=lambda gamma, target: (-2 * gamma * target, rotation(HALF, gamma + gamma**2 * target**2)),
    ),
    "dragan-ns": ClosedForm(
        source="Kodali et al. 2017; one-sided points derived",
        field=lambda theta, psi, gamma, target: (
            -psi * slope(-theta * psi),
            theta * slope(theta * psi) - gamma * (np.abs(psi) - target) * np.sign(psi),
        ),
        energy=lambda theta, psi, gamma, target: (
            -theta * psi * np.tanh(theta * psi / 2) - gamma * np.abs(psi) * (np.abs(psi) - target)
        ),
        side=lambda gamma, target: (-2 * gamma * target, rotation(HALF, gamma + gamma**2 * target**2)),
    ),
}
