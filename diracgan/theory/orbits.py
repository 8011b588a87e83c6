"""Orbits of the Dirac-GAN: conserved quantities, periods, limit cycles and spurious equilibria."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from diracgan.theory.forms import Real, curvature, pair, sigmoid, slope


def simgd_growth(u: Real, h: float, derivative: Callable[[Real], Real] = slope) -> Real:
    """r'²/r² = 1 + h² f'(u)² > 1: one SimGD step of any zero-sum link f leads outwards.

    (The field f'(u)(-ψ, θ) is orthogonal to the position.) Source: Mescheder et al. 2018.
    """
    return 1 + h**2 * derivative(u) ** 2


def orbit_period(derivative: Callable[[Real], Real], radius: float, nodes: int = 400) -> float:
    """T(r) = ∮ dφ / f'(½ r² sin 2φ), the period of the circular orbit of a zero-sum link with f' > 0.

    By the trapezoidal rule, which converges exponentially for a periodic integrand. Source: derived.
    """
    phi = 2 * np.pi * np.arange(nodes) / nodes
    return float(2 * np.pi * np.mean(1 / derivative(radius**2 * np.sin(2 * phi) / 2)))


def gan_period(radius: float) -> float:
    """T(r) = 2π(1 + I₀(r²/2)) for f(t) = -log(1 + e^-t); 4π for r → 0. Source: derived."""
    return float(2 * np.pi * (1 + np.i0(radius**2 / 2)))


def altgd_invariant(theta: Real, psi: Real, hc: float) -> Real:
    """Q = θ² + ψ² - hc θψ, which AltGD(1, 1) conserves for v = c(-ψ, θ).

    Exactly for the WGAN (c = 1), and for the linearised GAN (c = 1/2). Source: derived.
    """
    return theta**2 + psi**2 - hc * theta * psi


def wgan_return_rate(q: int) -> float:
    """h = 2 sin(π/q): AltGD(1, 1) on the WGAN returns to its start after q rounds. Source: derived."""
    return 2 * math.sin(math.pi / q)


def wgan_clip_invariant(clip: float, h: float) -> float:
    """Q = κ²(1 - h²/4), the orbit on which AltGD(1, 1) on the WGAN with |ψ| <= κ ends from outside. Source: derived."""
    return clip**2 * (1 - h**2 / 4)


def nsgan_flow_radius(time: Real, radius: float) -> Real:
    """r(t) ≈ (1/r(0)² + t/8)^(-1/2) for the flow of the non-saturating GAN: convergence without a rate.

    The average of d/dt ½r² = -u tanh(u/2) over a revolution, to leading order in r. Source: derived.
    """
    return (1 / radius**2 + time / 8) ** -0.5


def nsgan_cycle_radius(h: float) -> float:
    """r ≈ √(2h), the stable limit cycle of SimGD on the non-saturating GAN, to leading order in h. Source: derived."""
    return math.sqrt(2 * h)


def _frequency(gamma: float) -> float:
    if not 0 < gamma < 2:
        raise ValueError(f"WGAN-GP has a cycle for 0 < gamma < 2 only; {gamma} was given")
    return math.sqrt(1 - gamma**2 / 4)


def wgan_gp_crossing(gamma: float, target: float) -> float:
    """|θ| = γg₀ coth(πγ/(4ω)), ω = √(1 - γ²/4): where the cycle of the WGAN-GP flow crosses ψ = 0. Source: derived."""
    return gamma * target / math.tanh(math.pi * gamma / (4 * _frequency(gamma)))


def wgan_gp_period(gamma: float) -> float:
    """2π/ω, the period of that cycle. Source: derived."""
    return 2 * math.pi / _frequency(gamma)


def wgan_gp_cycle(time: Real, gamma: float, target: float) -> tuple[Real, Real]:
    """The state (θ, ψ) on the upper half of that cycle, 0 <= t <= π/ω from the crossing at θ > 0.

    θ + γg₀ = y e^{-γt/2}(cos ωt + γ/(2ω) sin ωt),  ψ = (y/ω) e^{-γt/2} sin ωt,  y = crossing + γg₀. Source: derived.
    """
    omega, y = _frequency(gamma), wgan_gp_crossing(gamma, target) + gamma * target
    decay, sine, cosine = np.exp(-gamma * time / 2), np.sin(omega * time), np.cos(omega * time)
    return y * decay * (cosine + gamma / (2 * omega) * sine) - gamma * target, y / omega * decay * sine


def consensus_spurious_equilibrium(gamma: float) -> tuple[float, float]:
    """A saddle (θ, ψ) of consensus optimisation away from the solution; (-θ, -ψ) is the other one.

    2uσ(u) = 1 gives u = 0.7388, and then r⁴ = 4u² + 1/(γ² f''(u)²), sin 2φ = 2u/r², cos 2φ = 1/(γ r² f''(u)).
    Source: derived.
    """
    u = 0.7388
    for _ in range(6):
        u -= float((2 * u * sigmoid(u) - 1) / (2 * sigmoid(u) - 2 * u * curvature(u)))
    across, along = 2 * u, 1 / (gamma * float(curvature(u)))
    r, phi = (across**2 + along**2) ** 0.25, math.atan2(across, along) / 2
    return r * math.cos(phi), r * math.sin(phi)


def r1_simgd_two_cycle(gamma: float, h: float) -> tuple[float, float]:
    """A state with F(x) = -x for SimGD on the GAN with R1, γ > 1, below the limit of the learning rate.

    q = √(2hγ - 4)/h, t = log(1/q - 1), θ² = hqt/2, ψ = 2θ/(hq): a saddle that bounds the basin. Source: derived.
    """
    q = math.sqrt(2 * h * gamma - 4) / h
    theta = math.sqrt(h * q * math.log(1 / q - 1) / 2)
    return theta, 2 * theta / (h * q)


def r1_altgd_two_cycle(gamma: float, h: float) -> tuple[float, float]:
    """A state with F(x) = -x for AltGD(1, 1) on the GAN with R1, between the limit of the learning rate and 2/γ.

    cosh²(t/2) = h²/(4(4 - 2hγ)), θ² = hσ(-t)t/2, ψ = 2θ/(hσ(-t)). Source: derived.
    """
    t = 2 * math.acosh(h / (2 * math.sqrt(4 - 2 * h * gamma)))
    q = float(slope(t))
    theta = math.sqrt(h * q * t / 2)
    return theta, 2 * theta / (h * q)


def wgan_lp_cycle_radius(gamma: float, target: float, h: float) -> float:
    """The radius r > g₀ of the cycle of SimGD on the WGAN with the one-sided penalty, averaged over a revolution.

    (2γ/π){r²(π/2 - a + ½ sin 2a) - 2g₀ r cos a} = h r² with sin a = g₀/r: what the penalty takes and SimGD adds.
    Source: derived.
    """

    def surplus(r: float) -> float:
        a = math.asin(target / r)
        taken = r**2 * (math.pi / 2 - a + math.sin(2 * a) / 2) - 2 * target * r * math.cos(a)
        return 2 * gamma / math.pi * taken - h * r**2

    if h >= gamma:
        raise ValueError(f"the averaged cycle exists for h < gamma only; h={h}, gamma={gamma} was given")
    low, high = target, 2 * target
    while surplus(high) < 0:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if surplus(middle) > 0 else (middle, high)
    return low


def lecam_flow_radius(time: Real, gamma: float, radius: float) -> Real:
    """r(t) ≈ (1/r(0)² + λt/2)^(-1/2), the flow of LeCam regularisation with anchors 0: convergence without a rate.

    The average of d/dt ½r² = -2λu² over a revolution. Source: derived.
    """
    return (1 / radius**2 + gamma * time / 2) ** -0.5


def lecam_cycle_radius(gamma: float, h: float) -> float:
    """r ≈ √(2hc²/λ), c = ½: the stable limit cycle of SimGD with LeCam, to leading order in h. Source: derived."""
    return math.sqrt(h / (2 * gamma))


def rmsprop_cycle_radius(h: float, decay: float) -> float:
    """r ≈ 2√2 h/√(α(1 - α)): the stable cycle of RMSProp without a penalty, whatever f'(0). Source: derived."""
    return 2 * math.sqrt(2) * h / math.sqrt(decay * (1 - decay))


def lipschitz_invariant(theta: Real, psi: Real) -> Real:
    """½θ² + ½ψ² + ¼ψ⁴, which the flow with the weight p = ψ/√(1 + ψ²) conserves.

    (½θ² + ∫ p/p' dψ for any reparametrisation p.) Source: derived.
    """
    return theta**2 / 2 + psi**2 / 2 + psi**4 / 4


def data_eigenvalues(data: float) -> tuple[complex, complex]:
    """μ = da² ± √(d²a⁴ - c²), c = ½, d = -¼: the minimax GAN with the data at a, at its equilibrium (a, 0).

    J = [[0, -c], [c, 2da²]], that of instance noise with σ = a: locally convergent for a ≠ 0. Source: derived.
    """
    return pair(-(data**2) / 4, data**4 / 16 - 1 / 4)


def bias_characteristic(data: float) -> tuple[float, float, float, float]:
    """The coefficients of λ³ - 2d(1 + a²)λ² + c²λ - 2dc², highest first: the same with D(x) = ψx + b.

    Stable for a ≠ 0 only; at a = 0 the roots are ±ic and 2d. Source: derived.
    """
    return 1.0, (1 + data**2) / 2, 1 / 4, 1 / 8
