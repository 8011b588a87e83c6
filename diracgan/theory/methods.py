"""The closed form of every catalogue entry: field, energy law, Jacobian and eigenvalues, written down by hand."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

NONE_KNOWN = "none known"
Matrix = tuple[tuple[float, float], tuple[float, float]]

# f'(0) of f(t) = -log(1 + e^-t); that of the Wasserstein game f(t) = t is 1.
HALF = 0.5


@dataclasses.dataclass(frozen=True)
class ClosedForm:
    """What is known of one method; every function takes the method's hyper-parameters by keyword.

    `field(theta, psi, **hyper)` is the velocity (v_θ, v_ψ) and `energy(theta, psi, **hyper)` the resulting rate
    d/dt ½(θ² + ψ²) = θ v_θ + ψ v_ψ. `jacobian` and `eigenvalues` are those of the flow at the equilibrium (0, 0), None
    where there is none; `critical` is the setting at which both eigenvalues coincide. A method with a kink at ψ = 0
    has `side` instead: the θ of the one-sided equilibrium (θ, 0+) and the Jacobian there ((-θ, 0-) mirrors it).
    `bound` is the radius of the domain |ψ| <= bound.
    """

    source: str
    field: Callable[..., tuple[Any, Any]]
    energy: Callable[..., Any] | None = None
    jacobian: Callable[..., Matrix] | None = None
    eigenvalues: Callable[..., tuple[complex, complex]] | None = None
    critical: Mapping[str, float] | None = None
    side: Callable[..., tuple[float, Matrix]] | None = None
    bound: Callable[..., float] | None = None


def sigmoid(t: Any) -> Any:
    """σ(t) = 1/(1 + e^-t) without overflow, accurate in both tails."""
    return np.exp(np.minimum(t, 0)) / (1 + np.exp(-np.abs(t)))


def slope(t: Any) -> Any:
    """f'(t) = σ(-t) of f(t) = -log(1 + e^-t)."""
    return sigmoid(-np.asarray(t))


def curvature(t: Any) -> Any:
    """f''(t) = -σ(t) σ(-t)."""
    return -sigmoid(t) * slope(t)


def pair(mean: float, discriminant: float) -> tuple[complex, complex]:
    """mean ± √discriminant, the roots of λ² - 2 mean λ + mean² - discriminant."""
    root = complex(math.sqrt(discriminant)) if discriminant >= 0 else 1j * math.sqrt(-discriminant)
    return mean + root, mean - root


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


def _noise(theta: Any, psi: Any, sigma: float, g: Callable[[Any, Any], Any]) -> Any:
    """E g(Z, ψ(θ + σZ)) for a standard normal Z, by the trapezoidal rule with 200 nodes.

    The error is of order exp(-2π²/(|ψ|σδ)) with the spacing δ = 0.09: rounding, up to |ψ|σ = 6.
    """
    z = np.linspace(-9, 9, 200)
    weights = np.exp(-(z**2) / 2)
    u = np.asarray(psi)[..., None] * (np.asarray(theta)[..., None] + sigma * z)
    return g(z, u) @ (weights / weights.sum())


def _instance_noise(theta: Any, psi: Any, sigma: float) -> tuple[Any, Any]:
    """(-ψ E f'(ψX), E X f'(ψX) - E Y f'(-ψY)) with X = θ + σZ, Y = σZ'."""
    theta, psi = np.asarray(theta, float), np.asarray(psi, float)
    drift = -psi * _noise(theta, psi, sigma, lambda z, u: slope(u))
    fake = _noise(theta, psi, sigma, lambda z, u: (theta[..., None] + sigma * z) * slope(u))
    real = _noise(0 * theta, psi, sigma, lambda z, u: sigma * z * slope(-u))
    return drift, fake - real


def _instance_noise_energy(theta: Any, psi: Any, sigma: float) -> Any:
    """ψ²σ²(E f''(ψX) + E f''(ψY)), by partial integration (Stein's identity)."""
    fake = _noise(theta, psi, sigma, lambda z, u: curvature(u))
    real = _noise(0 * np.asarray(theta), psi, sigma, lambda z, u: curvature(u))
    return np.asarray(psi) ** 2 * sigma**2 * (fake + real)


def _consensus(theta: Any, psi: Any, gamma: float) -> tuple[Any, Any]:
    """v - γ∇H with H = ½(θ² + ψ²) f'(u)².

    Both terms of ∇H = (θ f'² + ψ r² f'f'', ψ f'² + θ r² f'f'') have the factor 1; the published code halves the second.
    """
    u, r2 = theta * psi, theta**2 + psi**2
    f1, f2 = slope(u), curvature(u)
    return (
        -psi * f1 - gamma * (theta * f1**2 + psi * r2 * f1 * f2),
        theta * f1 - gamma * (psi * f1**2 + theta * r2 * f1 * f2),
    )


def _consensus_energy(theta: Any, psi: Any, gamma: float) -> Any:
    """-γ r² f'(f' + 2u f''), positive far out along the diagonal: the regulariser can push away."""
    u = theta * psi
    return -gamma * (theta**2 + psi**2) * slope(u) * (slope(u) + 2 * u * curvature(u))


def _rotation(c: float, gamma: float = 0.0) -> Matrix:
    return (0.0, -c), (c, -gamma)


_PAPER = "Mescheder et al. 2018"

CLOSED_FORMS: dict[str, ClosedForm] = {
    "gan": ClosedForm(
        source=_PAPER,
        field=lambda theta, psi: (-psi * slope(theta * psi), theta * slope(theta * psi)),
        energy=lambda theta, psi: 0 * theta * psi,
        jacobian=lambda: _rotation(HALF),
        eigenvalues=lambda: (0.5j, -0.5j),
    ),
    "nsgan": ClosedForm(
        source=_PAPER,
        field=lambda theta, psi: (-psi * slope(-theta * psi), theta * slope(theta * psi)),
        energy=lambda theta, psi: -theta * psi * np.tanh(theta * psi / 2),
        jacobian=lambda: _rotation(HALF),
        eigenvalues=lambda: (0.5j, -0.5j),
    ),
    "wgan": ClosedForm(
        source=_PAPER,
        field=lambda theta, psi, clip: (-psi, theta),
        energy=lambda theta, psi, clip: 0 * theta * psi,
        jacobian=lambda clip: _rotation(1.0),
        eigenvalues=lambda clip: (1j, -1j),
        bound=lambda clip: clip,
    ),
    "wgan-gp": ClosedForm(
        source=_PAPER,
        field=lambda theta, psi, gamma, target: (-psi, theta - gamma * (np.abs(psi) - target) * np.sign(psi)),
        energy=lambda theta, psi, gamma, target: -gamma * np.abs(psi) * (np.abs(psi) - target),
        side=lambda gamma, target: (-gamma * target, _rotation(1.0, gamma)),
    ),
    "instance-noise": ClosedForm(
        source=_PAPER,
        field=_instance_noise,
        energy=_instance_noise_energy,
        jacobian=lambda sigma: _rotation(HALF, instance_noise_gamma(sigma)),
        eigenvalues=lambda sigma: pair(-(sigma**2) / 4, sigma**4 / 16 - 1 / 4),
        critical={"sigma": math.sqrt(2)},
    ),
    "r1": ClosedForm(
        source=_PAPER,
        field=lambda theta, psi, gamma: (-psi * slope(theta * psi), theta * slope(theta * psi) - gamma * psi),
        energy=lambda theta, psi, gamma: -gamma * psi**2,
        jacobian=lambda gamma: _rotation(HALF, gamma),
        eigenvalues=lambda gamma: pair(-gamma / 2, gamma**2 / 4 - 1 / 4),
        critical={"gamma": gamma_critical(HALF)},
    ),
    "r2": ClosedForm(
        source=_PAPER,
        field=lambda theta, psi, gamma: (-psi * slope(theta * psi), theta * slope(theta * psi) - gamma * psi),
        energy=lambda theta, psi, gamma: -gamma * psi**2,
        jacobian=lambda gamma: _rotation(HALF, gamma),
        eigenvalues=lambda gamma: pair(-gamma / 2, gamma**2 / 4 - 1 / 4),
        critical={"gamma": gamma_critical(HALF)},
    ),
    "nsgan-r1": ClosedForm(
        source=_PAPER,
        field=lambda theta, psi, gamma: (-psi * slope(-theta * psi), theta * slope(theta * psi) - gamma * psi),
        energy=lambda theta, psi, gamma: -theta * psi * np.tanh(theta * psi / 2) - gamma * psi**2,
        jacobian=lambda gamma: _rotation(HALF, gamma),
        eigenvalues=lambda gamma: pair(-gamma / 2, gamma**2 / 4 - 1 / 4),
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
        side=lambda gamma, target: (-2 * gamma * target, _rotation(HALF, gamma + gamma**2 * target**2)),
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
        side=lambda gamma, target: (-2 * gamma * target, _rotation(HALF, gamma + gamma**2 * target**2)),
    ),
}
