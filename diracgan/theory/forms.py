"""What a closed form is, and the functions that all of them share."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import TypedDict

import numpy as np

NONE_KNOWN = "none known"
# A number, or an array of them at once.
Real = float | np.ndarray
Matrix = tuple[tuple[float, float], tuple[float, float]]

# f'(0) of f(t) = -log(1 + e^-t); that of the Wasserstein game f(t) = t is 1.
HALF = 0.5


class Spectrum(TypedDict):
    """What a `ClosedForm` says of the equilibrium (0, 0), shared by several."""

    jacobian: Callable[..., Matrix]
    eigenvalues: Callable[..., tuple[complex, complex]]
    critical: Mapping[str, float]


@dataclasses.dataclass(frozen=True)
class ClosedForm:
    """What is known of one method; every function takes the method's hyper-parameters by keyword.

    `field(theta, psi, **hyper)` is the velocity (v_θ, v_ψ) and `energy(theta, psi, **hyper)` the resulting rate d/dt
    ½(θ² + ψ²) = θ v_θ + ψ v_ψ. `jacobian` and `eigenvalues` are those of the flow at the equilibrium (0, 0), None
    where there is none, or at `equilibrium`; `critical` is the setting at which both eigenvalues coincide, the others
    at their defaults. A method with a kink at ψ = 0 has `side` instead: the θ of the one-sided equilibrium (θ, 0+)
    and the Jacobian there ((-θ, 0-) mirrors it). `bound` is the radius of the domain |ψ| <= bound.
    """

    source: str
    field: Callable[..., tuple[Real, Real]]
    energy: Callable[..., Real] | None = None
    jacobian: Callable[..., Matrix] | None = None
    eigenvalues: Callable[..., tuple[complex, complex]] | None = None
    critical: Mapping[str, float] | None = None
    side: Callable[..., tuple[float, Matrix]] | None = None
    bound: Callable[..., float] | None = None
    equilibrium: tuple[float, float] = (0.0, 0.0)


def sigmoid(t: Real) -> Real:
    """σ(t) = 1/(1 + e^-t) without overflow, accurate in both tails."""
    return np.exp(np.minimum(t, 0)) / (1 + np.exp(-np.abs(t)))


def slope(t: Real) -> Real:
    """f'(t) = σ(-t) of f(t) = -log(1 + e^-t)."""
    return sigmoid(-np.asarray(t))


def curvature(t: Real) -> Real:
    """f''(t) = -σ(t) σ(-t)."""
    return -sigmoid(t) * slope(t)


def pair(mean: float, discriminant: float) -> tuple[complex, complex]:
    """mean ± √discriminant, the roots of λ² - 2 mean λ + mean² - discriminant."""
    root = complex(math.sqrt(discriminant)) if discriminant >= 0 else 1j * math.sqrt(-discriminant)
    return mean + root, mean - root


def rotation(c: float, gamma: float = 0.0) -> Matrix:
    """[[0, -c], [c, -γ]]: the Jacobian of a zero-sum link with f'(0) = c and damping γ of the discriminator."""
    return (0.0, -c), (c, -gamma)


def damped(c: float, gamma: float) -> tuple[complex, complex]:
    """-γ/2 ± √(γ²/4 - c²), the eigenvalues of `rotation`."""
    return pair(-gamma / 2, gamma**2 / 4 - c**2)


def spiral(c: float, rate: float) -> tuple[Matrix, tuple[complex, complex]]:
    """[[-rate, -c], [c, -rate]] and its eigenvalues -rate ± ic."""
    return ((-rate, -c), (c, -rate)), (complex(-rate, c), complex(-rate, -c))


def link_field(derivative: Callable[[Real], Real]) -> Callable[..., tuple[Real, Real]]:
    """F'(u)(-ψ, θ), u = ψθ: the field of the zero-sum game L = F(ψθ) + const."""

    def field(theta: Real, psi: Real) -> tuple[Real, Real]:
        value = derivative(theta * psi)
        return -psi * value, theta * value

    return field


def mixed(u: Real) -> Real:
    """f' + u f'' = ∂²f(ψθ)/∂θ∂ψ, the interaction of the two players of the minimax GAN."""
    return slope(u) + u * curvature(u)
