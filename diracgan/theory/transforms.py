"""The closed forms of transformed fields; u = ψθ, p = f'(u), q = f'(-u), g = f' + u f''."""

from __future__ import annotations

import numpy as np

from diracgan.theory.forms import (
    HALF,
    ClosedForm,
    Matrix,
    Real,
    curvature,
    damped,
    mixed,
    pair,
    rotation,
    slope,
    spiral,
)


def _non_saturating_consensus(theta: Real, psi: Real, gamma: float) -> tuple[Real, Real]:
    """v - γ∇H with v = (-ψq, θp) and H = ½(ψ²q² + θ²p²).

    ∇H = (θp² + ψ³q²p - θ²ψp²q, ψq² + θψ²q²p - θ³p²q), from q' = pq and p' = -pq.
    """
    p, q = slope(theta * psi), slope(-theta * psi)
    by_theta = theta * p**2 + psi**3 * q**2 * p - theta**2 * psi * p**2 * q
    by_psi = psi * q**2 + theta * psi**2 * q**2 * p - theta**3 * p**2 * q
    return -psi * q - gamma * by_theta, theta * p - gamma * by_psi


def _non_saturating_consensus_energy(theta: Real, psi: Real, gamma: float) -> Real:
    """-u tanh(u/2) - γ(θ²p² + ψ²q² + 2upq(ψ²q - θ²p))."""
    u = theta * psi
    p, q = slope(u), slope(-u)
    radial = theta**2 * p**2 + psi**2 * q**2 + 2 * u * p * q * (psi**2 * q - theta**2 * p)
    return -u * np.tanh(u / 2) - gamma * radial


def _pulled(theta: Real, psi: Real, weight: Real) -> tuple[Real, Real]:
    """v - weight f'(f' + u f'')(θ, ψ): JARE, SGA and LOLA coincide on a zero-sum game of one parameter each."""
    p, pull = slope(theta * psi), slope(theta * psi) * mixed(theta * psi)
    return -psi * p - weight * theta * pull, theta * p - weight * psi * pull


def _pulled_energy(theta: Real, psi: Real, weight: Real) -> Real:
    """-weight r² f'(f' + u f'')."""
    return -weight * (theta**2 + psi**2) * slope(theta * psi) * mixed(theta * psi)


def _alignment(theta: Real, psi: Real) -> Real:
    """sign(⟨ξ, ∇H⟩⟨Aᵀξ, ∇H⟩ + 1/10) = sign(-f'⁴ f'' g (f' + 2u f'') r⁴ (θ² - ψ²) + 1/10)."""
    u, r2 = theta * psi, theta**2 + psi**2
    p, bend = slope(u), curvature(u)
    product = -(p**4) * bend * mixed(u) * (p + 2 * u * bend) * r2**2 * (theta**2 - psi**2)
    return np.sign(product + 0.1)


def _signed(theta: Real, psi: Real, gamma: float, aligned: bool) -> Real:
    return gamma * _alignment(theta, psi) if aligned else gamma


def _unrolled(theta: Real, psi: Real, eta: float, unroll: int, through: bool) -> tuple[Real, Real]:
    """(-(ψ_k + θ ∂ψ_k/∂θ) f'(θψ_k), θf'(θψ)); without differentiation through the steps ∂ψ_k/∂θ is left out.

    A recursion: ψ_{i+1} = ψ_i + ηθf'(θψ_i) and ∂ψ_{i+1}/∂θ = ∂ψ_i/∂θ + η{f' + θf''(ψ_i + θ ∂ψ_i/∂θ)}.
    """
    ahead: Real = psi
    change: Real = 0.0
    for _ in range(unroll):
        p, bend = slope(theta * ahead), curvature(theta * ahead)
        ahead, change = ahead + eta * theta * p, change + eta * (p + theta * bend * (ahead + theta * change))
    lever = ahead + theta * change if through else ahead
    return -lever * slope(theta * ahead), theta * slope(theta * psi)


def _unrolled_damping(eta: float, unroll: int, through: bool) -> float:
    """2kηc² when the steps are differentiated, kηc² otherwise."""
    return unroll * eta / (2 if through else 4)


def _drift(theta: Real, psi: Real, eta: float, alternating: bool) -> tuple[Real, Real]:
    """v - (η/2)Jv, J = [[-ψ²f'', -g], [g, θ²f'']]; alternating, the sign of the mixed term of v_ψ flips."""
    u = theta * psi
    p, bend, g = slope(u), curvature(u), mixed(u)
    turn = psi * g if alternating else -psi * g
    return (
        -psi * p - eta / 2 * p * (psi**3 * bend - theta * g),
        theta * p - eta / 2 * p * (theta**3 * bend + turn),
    )


def _drift_energy(theta: Real, psi: Real, eta: float, alternating: bool) -> Real:
    """(η/2) r² f'²; alternating -(η/2)f'(u r² f'' + (ψ² - θ²)g)."""
    u, r2 = theta * psi, theta**2 + psi**2
    p = slope(u)
    if not alternating:
        return eta / 2 * r2 * p**2
    return -eta / 2 * p * (u * r2 * curvature(u) + (psi**2 - theta**2) * mixed(u))


def _drift_jacobian(eta: float, alternating: bool) -> Matrix:
    return (eta / 8, -HALF), (HALF, -eta / 8 if alternating else eta / 8)


TRANSFORMS: dict[str, ClosedForm] = {
    "nsgan-consensus": ClosedForm(
        source="derived",
        field=_non_saturating_consensus,
        energy=_non_saturating_consensus_energy,
        jacobian=lambda gamma: spiral(HALF, gamma / 4)[0],
        eigenvalues=lambda gamma: spiral(HALF, gamma / 4)[1],
    ),
    "wgan-consensus": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma: (-psi - gamma * theta, theta - gamma * psi),
        energy=lambda theta, psi, gamma: -gamma * (theta**2 + psi**2),
        jacobian=lambda gamma: spiral(1.0, gamma)[0],
        eigenvalues=lambda gamma: spiral(1.0, gamma)[1],
    ),
    "jare": ClosedForm(
        source="Nie and Patel 2018; spectrum derived",
        field=lambda theta, psi, gamma: _pulled(theta, psi, gamma),
        energy=lambda theta, psi, gamma: _pulled_energy(theta, psi, gamma),
        jacobian=lambda gamma: spiral(HALF, gamma / 4)[0],
        eigenvalues=lambda gamma: spiral(HALF, gamma / 4)[1],
    ),
    "ode-gan": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma: (
            -psi * slope(theta * psi),
            theta * slope(theta * psi) - 2 * gamma * psi * slope(theta * psi) * mixed(theta * psi),
        ),
        energy=lambda theta, psi, gamma: -2 * gamma * psi**2 * slope(theta * psi) * mixed(theta * psi),
        jacobian=lambda gamma: rotation(HALF, gamma / 2),
        eigenvalues=lambda gamma: damped(HALF, gamma / 2),
        critical={"gamma": 2.0},
    ),
    "sga": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma, aligned: _pulled(theta, psi, _signed(theta, psi, gamma, aligned)),
        energy=lambda theta, psi, gamma, aligned: _pulled_energy(theta, psi, _signed(theta, psi, gamma, aligned)),
        jacobian=lambda gamma, aligned: spiral(HALF, gamma / 4)[0],
        eigenvalues=lambda gamma, aligned: spiral(HALF, gamma / 4)[1],
    ),
    "lola": ClosedForm(
        source="derived",
        field=lambda theta, psi, eta: _pulled(theta, psi, eta),
        energy=lambda theta, psi, eta: _pulled_energy(theta, psi, eta),
        jacobian=lambda eta: spiral(HALF, eta / 4)[0],
        eigenvalues=lambda eta: spiral(HALF, eta / 4)[1],
    ),
    "unrolled": ClosedForm(
        source="derived; the field is a recursion",
        field=_unrolled,
        jacobian=lambda eta, unroll, through: ((-_unrolled_damping(eta, unroll, through), -HALF), (HALF, 0.0)),
        eigenvalues=lambda eta, unroll, through: damped(HALF, _unrolled_damping(eta, unroll, through)),
        critical={"eta": 0.4},
    ),
    "drift": ClosedForm(
        source="Rosca et al. 2021; spectrum derived",
        field=_drift,
        energy=_drift_energy,
        jacobian=_drift_jacobian,
        eigenvalues=lambda eta, alternating: (
            pair(0.0, eta**2 / 64 - 1 / 4) if alternating else spiral(HALF, -eta / 8)[1]
        ),
    ),
}
