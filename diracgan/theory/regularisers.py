"""The closed forms of penalties, reparametrisations and distortions; u = ψθ, s = σ(-u)."""

from __future__ import annotations

import math

import numpy as np

from diracgan.theory.forms import HALF, ClosedForm, Matrix, Real, Spectrum, damped, pair, rotation, slope
from diracgan.theory.published import PUBLISHED, instance_noise_energy, instance_noise_field, noisy_mean


def _penalised(extra: float, source: str) -> ClosedForm:
    """The minimax GAN with R = (γ/2)·extra·ψ²."""
    return ClosedForm(
        source=source,
        field=lambda theta, psi, gamma: (-psi * slope(theta * psi), theta * slope(theta * psi) - extra * gamma * psi),
        energy=lambda theta, psi, gamma: -extra * gamma * psi**2,
        jacobian=lambda gamma: rotation(HALF, extra * gamma),
        eigenvalues=lambda gamma: damped(HALF, extra * gamma),
        critical={"gamma": 1 / extra},
    )


def _noisy_generator(theta: Real, psi: Real, sigma: float) -> tuple[Real, Real]:
    """(-ψ E f'(-ψX), v_ψ of the minimax game) with X = θ + σZ."""
    drift = -np.asarray(psi, float) * noisy_mean(theta, psi, sigma, lambda z, u: slope(-u))
    return drift, instance_noise_field(theta, psi, sigma)[1]


def _noisy_energy(theta: Real, psi: Real, sigma: float) -> Real:
    """-u E tanh(ψX/2) + ψ²σ²(E f''(ψX) + E f''(ψY))."""
    turning = noisy_mean(theta, psi, sigma, lambda z, u: np.tanh(u / 2))
    return -np.asarray(theta) * np.asarray(psi) * turning + instance_noise_energy(theta, psi, sigma)


def _roth_weight(u: Real) -> Real:
    """¼ + s²(1 - uσ(u)) = (∂R/∂ψ)/(γψ) of R = (γ/2)ψ²(¼ + s²); at least 0.2389."""
    s = slope(u)
    return 1 / 4 + s**2 * (1 - u * slope(-u))


_ROTH_SOURCE = "Roth et al. 2017; spectrum derived"
_ROTH: Spectrum = {
    "jacobian": lambda gamma: rotation(HALF, gamma / 2),
    "eigenvalues": lambda gamma: damped(HALF, gamma / 2),
    "critical": {"gamma": 2.0},
}


def _lecam(
    theta: Real, psi: Real, gamma: float, anchor_real: float, anchor_fake: float = 0.0, one_sided: bool = False
) -> tuple[Real, Real]:
    """(-ψf', θf' - 2λθ(u + α_R)); with one side (u + α_R)₊. On data at 0, α_F adds a constant to R only."""
    u = theta * psi
    excess = np.maximum(u + anchor_real, 0) if one_sided else u + anchor_real
    return -psi * slope(u), theta * slope(u) - 2 * gamma * theta * excess


def _lecam_energy(
    theta: Real, psi: Real, gamma: float, anchor_real: float, anchor_fake: float = 0.0, one_sided: bool = False
) -> Real:
    u = theta * psi
    return -2 * gamma * u * (np.maximum(u + anchor_real, 0) if one_sided else u + anchor_real)


def _lecam_turn(gamma: float, anchor_real: float, one_sided: bool) -> float:
    """½ - 2λα_R: what the anchor leaves of ∂v_ψ/∂θ; a one-sided penalty ignores a negative anchor."""
    return HALF - 2 * gamma * (max(anchor_real, 0.0) if one_sided else anchor_real)


def _lecam_jacobian(gamma: float, anchor_real: float, anchor_fake: float = 0.0, one_sided: bool = False) -> Matrix:
    return (0.0, -HALF), (_lecam_turn(gamma, anchor_real, one_sided), 0.0)


def _cap(theta: Real, psi: Real) -> tuple[Real, Real]:
    """(-wf'(wθ), θf'(wθ)) with w = ψ for |ψ| < 1; beyond, w = sign ψ and ψ stands still."""
    w = np.clip(psi, -1, 1)
    return -w * slope(w * theta), np.where(np.abs(psi) < 1, theta * slope(w * theta), 0.0)


def _smooth(theta: Real, psi: Real) -> tuple[Real, Real]:
    """(-pf'(pθ), p'θf'(pθ)) with p = ψ/√(1 + ψ²), p' = (1 + ψ²)^(-3/2)."""
    p = psi / np.sqrt(1 + psi**2)
    return -p * slope(p * theta), (1 + psi**2) ** -1.5 * theta * slope(p * theta)


def _dead_zone(theta: Real, psi: Real, gamma: float, target: float) -> tuple[Real, Real]:
    """(-ψf', θf' - γψ·1[ψ² > k])."""
    u = theta * psi
    return -psi * slope(u), theta * slope(u) - gamma * psi * (np.square(psi) > target)


REGULARISERS: dict[str, ClosedForm] = {
    "r1-r2": _penalised(2.0, "Mescheder et al. 2018"),
    "nsgan-r2": PUBLISHED["nsgan-r1"],
    "wgan-r1": ClosedForm(
        source="Mescheder et al. 2018",
        field=lambda theta, psi, gamma: (-psi + 0 * theta, theta - gamma * psi),
        energy=lambda theta, psi, gamma: -gamma * psi**2,
        jacobian=lambda gamma: rotation(1.0, gamma),
        eigenvalues=lambda gamma: damped(1.0, gamma),
        critical={"gamma": 2.0},
    ),
    "nsgan-instance-noise": ClosedForm(
        source="derived",
        field=_noisy_generator,
        energy=_noisy_energy,
        jacobian=PUBLISHED["instance-noise"].jacobian,
        eigenvalues=PUBLISHED["instance-noise"].eigenvalues,
        critical={"sigma": math.sqrt(2)},
    ),
    "roth": ClosedForm(
        source=_ROTH_SOURCE,
        field=lambda theta, psi, gamma: (
            -psi * slope(theta * psi),
            theta * slope(theta * psi) - gamma * psi * _roth_weight(theta * psi),
        ),
        energy=lambda theta, psi, gamma: -gamma * psi**2 * _roth_weight(theta * psi),
        **_ROTH,
    ),
    "nsgan-roth": ClosedForm(
        source=_ROTH_SOURCE,
        field=lambda theta, psi, gamma: (
            -psi * slope(-theta * psi),
            theta * slope(theta * psi) - gamma * psi * _roth_weight(theta * psi),
        ),
        energy=lambda theta, psi, gamma: (
            -theta * psi * np.tanh(theta * psi / 2) - gamma * psi**2 * _roth_weight(theta * psi)
        ),
        **_ROTH,
    ),
    "zero-gp": _penalised(2.0, "Thanh-Tung et al. 2019; spectrum derived"),
    "wgan-lp": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma, target: (
            -psi + 0 * theta,
            theta - gamma * np.maximum(np.abs(psi) - target, 0) * np.sign(psi),
        ),
        energy=lambda theta, psi, gamma, target: -gamma * np.abs(psi) * np.maximum(np.abs(psi) - target, 0),
        jacobian=lambda gamma, target: rotation(1.0),
        eigenvalues=lambda gamma, target: (1j, -1j),
    ),
    "lecam": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma, anchor_real, anchor_fake, one_sided: _lecam(
            theta, psi, gamma, anchor_real, anchor_fake, one_sided
        ),
        energy=_lecam_energy,
        jacobian=_lecam_jacobian,
        eigenvalues=lambda gamma, anchor_real, anchor_fake, one_sided: pair(
            0.0, -_lecam_turn(gamma, anchor_real, one_sided) / 2
        ),
    ),
    "clc": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma: _lecam(theta, psi, gamma, 0.0),
        energy=lambda theta, psi, gamma: _lecam_energy(theta, psi, gamma, 0.0),
        jacobian=lambda gamma: rotation(HALF),
        eigenvalues=lambda gamma: (0.5j, -0.5j),
    ),
    "spectral-norm": ClosedForm(
        source="derived",
        field=lambda theta, psi: (-np.sign(psi) * slope(np.sign(psi) * theta), 0.0 * theta),
        energy=lambda theta, psi: -np.sign(psi) * theta * slope(np.sign(psi) * theta),
    ),
    "spectral-cap": ClosedForm(
        source="derived",
        field=_cap,
        energy=lambda theta, psi: np.where(np.abs(psi) < 1, 0.0, -np.sign(psi) * theta * slope(np.sign(psi) * theta)),
        jacobian=lambda: rotation(HALF),
        eigenvalues=lambda: (0.5j, -0.5j),
    ),
    "lipschitz": ClosedForm(
        source="derived",
        field=_smooth,
        energy=lambda theta, psi: -theta * psi**3 * (1 + psi**2) ** -1.5 * slope(theta * psi / np.sqrt(1 + psi**2)),
        jacobian=lambda: rotation(HALF),
        eigenvalues=lambda: (0.5j, -0.5j),
    ),
    "distortion": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma: (-psi * slope(theta * psi) - 2 * gamma * theta, theta * slope(theta * psi)),
        energy=lambda theta, psi, gamma: -2 * gamma * theta**2,
        jacobian=lambda gamma: ((-2 * gamma, -HALF), (HALF, 0.0)),
        eigenvalues=lambda gamma: damped(HALF, 2 * gamma),
        critical={"gamma": HALF},
    ),
    "dragan-zero-centred": _penalised(1.0, "derived"),
    "dragan-dead-zone": ClosedForm(
        source="derived",
        field=_dead_zone,
        energy=lambda theta, psi, gamma, target: -gamma * np.square(psi) * (np.square(psi) > target),
        jacobian=lambda gamma, target: rotation(HALF),
        eigenvalues=lambda gamma, target: (0.5j, -0.5j),
    ),
}
