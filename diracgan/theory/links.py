"""The closed forms of the losses: least squares, hinge, relativistic pairing and the f-GAN family.

A zero-sum game L = F(ψθ) + const has v = F'(u)(-ψ, θ), u = ψθ: θ² + ψ² is conserved, J = [[0, -F'(0)], [F'(0), 0]].
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from diracgan.theory.forms import HALF, ClosedForm, Matrix, Real, Spectrum, damped, link_field, pair, rotation, slope
from diracgan.theory.published import PUBLISHED


def _least_squares(theta: Real, psi: Real, a: float, c: float) -> tuple[Real, Real]:
    """(-ψ(u + c), -θ(u + a)): labels a of generated points and c that the generator wants, realness score -u."""
    u = theta * psi
    return -psi * (u + c), -theta * (u + a)


def _labels() -> ClosedForm:
    """The least-squares game with three labels; on the Dirac-GAN the label b of real points adds a constant only.

    J = [[0, -c], [-a, 0]] and μ = ±√(ac): a rotation for ac < 0, a saddle for ac > 0, nilpotent for ac = 0.
    """

    def energy(theta: Real, psi: Real, a: float, b: float, c: float) -> Real:
        u = theta * psi
        return -u * (2 * u + a + c)

    def jacobian(a: float, b: float, c: float) -> Matrix:
        return (0.0, -c), (-a, 0.0)

    return ClosedForm(
        source="Mao et al. 2017; spectrum derived",
        field=lambda theta, psi, a, b, c: _least_squares(theta, psi, a, c),
        energy=energy,
        jacobian=jacobian,
        eigenvalues=lambda a, b, c: pair(0.0, a * c),
    )


def _zero_sum(derivative: Callable[[Real], Real], source: str) -> ClosedForm:
    c = float(derivative(0.0))
    return ClosedForm(
        source=source,
        field=link_field(derivative),
        energy=lambda theta, psi: 0 * theta * psi,
        jacobian=lambda: rotation(c),
        eigenvalues=lambda: damped(c, 0.0),
    )


def _hinge(theta: Real, psi: Real) -> tuple[Real, Real]:
    """(-ψ, θ) while u < 1, and (-ψ, 0) beyond the margin."""
    return -psi + 0 * theta, np.where(theta * psi < 1, theta, 0.0)


def _beyond_margin(theta: Real, psi: Real) -> Real:
    """-u where u >= 1, else 0."""
    u = theta * psi
    return np.where(u < 1, 0.0, -u)


# The derivatives F' of the links F(t) = -f*(g(-t)) of the f-GAN family, f* the conjugate and g the activation.
FGAN_SLOPES: dict[str, Callable[[Real], Real]] = {
    "kl": lambda t: np.exp(-t),
    "reverse-kl": lambda t: 1.0 + 0 * t,
    "pearson": lambda t: 1 - t / 2,
    "neyman": lambda t: np.exp(t / 2),
    "hellinger": lambda t: np.exp(-t),
    "js": slope,
    "tv": lambda t: 1 / (2 * np.cosh(t) ** 2),
}

_R3GAN: Spectrum = {
    "jacobian": lambda gamma: rotation(HALF, 2 * gamma),
    "eigenvalues": lambda gamma: damped(HALF, 2 * gamma),
    "critical": {"gamma": HALF},
}

LINKS: dict[str, ClosedForm] = {
    "lsgan": ClosedForm(
        source="Mao et al. 2017; spectrum derived",
        field=lambda theta, psi, a, b: (psi * (theta * psi + a), -theta * (theta * psi + a)),
        energy=lambda theta, psi, a, b: 0 * theta * psi,
        jacobian=lambda a, b: rotation(-a),
        eigenvalues=lambda a, b: damped(a, 0.0),
    ),
    "lsgan-ns": _labels(),
    "lsgan-zero": _labels(),
    "lsgan-01": _labels(),
    "lsgan-r1": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma, a, b: (psi * (theta * psi + a), -theta * (theta * psi + a) - gamma * psi),
        energy=lambda theta, psi, gamma, a, b: -gamma * psi**2,
        jacobian=lambda gamma, a, b: rotation(-a, gamma),
        eigenvalues=lambda gamma, a, b: damped(a, gamma),
        critical={"gamma": 2.0},
    ),
    "hinge": ClosedForm(
        source="Lim and Ye 2017; spectrum derived",
        field=_hinge,
        energy=_beyond_margin,
        jacobian=lambda: rotation(1.0),
        eigenvalues=lambda: (1j, -1j),
    ),
    "hinge-r1": ClosedForm(
        source="derived",
        field=lambda theta, psi, gamma: (_hinge(theta, psi)[0], _hinge(theta, psi)[1] - gamma * psi),
        energy=lambda theta, psi, gamma: _beyond_margin(theta, psi) - gamma * psi**2,
        jacobian=lambda gamma: rotation(1.0, gamma),
        eigenvalues=lambda gamma: damped(1.0, gamma),
        critical={"gamma": 2.0},
    ),
    "rpgan": PUBLISHED["gan"],
    "rpgan-ns": PUBLISHED["nsgan"],
    "r3gan": ClosedForm(
        source="Huang et al. 2024",
        field=lambda theta, psi, gamma: (-psi * slope(theta * psi), theta * slope(theta * psi) - 2 * gamma * psi),
        energy=lambda theta, psi, gamma: -2 * gamma * psi**2,
        **_R3GAN,
    ),
    "r3gan-ns": ClosedForm(
        source="Huang et al. 2024",
        field=lambda theta, psi, gamma: (-psi * slope(-theta * psi), theta * slope(theta * psi) - 2 * gamma * psi),
        energy=lambda theta, psi, gamma: -theta * psi * np.tanh(theta * psi / 2) - 2 * gamma * psi**2,
        **_R3GAN,
    ),
    **{
        f"f-gan-{name}": _zero_sum(derivative, "Nowozin et al. 2016; spectrum derived")
        for name, derivative in FGAN_SLOPES.items()
    },
}


def _turn(radius: float, level: float, value: float) -> float:
    """`value`, or inf when the circle touches the frozen hyperbola θψ = level."""
    return value if radius**2 / 2 < level else math.inf


# T(r) of the circular orbits of the zero-sum links, r the radius; inf where the orbit freezes.
LINK_PERIODS: dict[str, Callable[[float], float]] = {
    "gan": lambda r: float(2 * np.pi * (1 + np.i0(r**2 / 2))),
    "wgan": lambda r: 2 * math.pi,
    "rpgan": lambda r: float(2 * np.pi * (1 + np.i0(r**2 / 2))),
    "lsgan": lambda r: _turn(r, 1.0, 2 * math.pi / math.sqrt(abs(1 - r**4 / 4) or 1)),
    "hinge": lambda r: _turn(r, 1.0, 2 * math.pi),
    "f-gan-kl": lambda r: float(2 * np.pi * np.i0(r**2 / 2)),
    "f-gan-reverse-kl": lambda r: 2 * math.pi,
    "f-gan-pearson": lambda r: _turn(r, 2.0, 2 * math.pi / math.sqrt(abs(1 - r**4 / 16) or 1)),
    "f-gan-neyman": lambda r: float(2 * np.pi * np.i0(r**2 / 4)),
    "f-gan-hellinger": lambda r: float(2 * np.pi * np.i0(r**2 / 2)),
    "f-gan-js": lambda r: float(2 * np.pi * (1 + np.i0(r**2 / 2))),
    "f-gan-tv": lambda r: float(2 * np.pi * (1 + np.i0(r**2))),
}
