"""Errors in published simulations of the Dirac-GAN."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from diracgan.algorithms import Algorithm, AltGD, SimGD
from diracgan.catalogue import method
from diracgan.dynamics.spectrum import eigenvalues, multipliers
from diracgan.dynamics.trajectories import simulate
from diracgan.reproduction.errata.facts import Fact, discrepancy, fact, near, slope


def _coded_gradient(theta: float, psi: float) -> np.ndarray:
    """What the published code subtracts, QUOTED WITH ITS MISTAKE: the factor 0.5 before the second term is wrong."""
    first, second = slope(theta * psi), -slope(theta * psi) * slope(-theta * psi)
    square = theta**2 + psi**2
    return np.array(
        [
            theta * first**2 + 0.5 * psi * square * first * second,
            psi * first**2 + 0.5 * theta * square * first * second,
        ]
    )


@discrepancy(
    "E1",
    where="the published Dirac-GAN code, consensus optimisation",
    claimed="the coded gradient of ½(θ² + ψ²)f'(ψθ)² has a factor 0.5 before its second term",
    holds="the factor is 1; the coded field is not a gradient, and it hides that consensus optimisation can diverge "
    "(legacy=True reproduces it)",
)
def _consensus() -> list[Fact]:
    gan = method("gan")

    def derived(x: Any) -> np.ndarray:
        return np.asarray(gan(x)) - np.asarray(method("consensus", gamma=1.0)(x))

    def curl(gradient: Callable[[Any], np.ndarray], step: float = 1e-5) -> float:
        theta, psi = 1.3, 0.4
        along = (gradient((theta + step, psi)) - gradient((theta - step, psi)))[1]
        across = (gradient((theta, psi + step)) - gradient((theta, psi - step)))[0]
        return float(along - across) / (2 * step)

    def coded(x: Any) -> np.ndarray:
        return _coded_gradient(*x)

    def end(gamma: float, legacy: bool, algorithm: Algorithm, rounds: int) -> float:
        path = simulate(method("consensus", gamma=gamma, legacy=legacy), algorithm, (1.0, 1.0), rounds, rounds)
        return float(np.linalg.norm(path[-1]))

    def escapes(what: str, gamma: float, algorithm: Algorithm, rounds: int, radius: float) -> Fact:
        right, wrong = end(gamma, False, algorithm, rounds), end(gamma, True, algorithm, rounds)
        return Fact(what, right, wrong, near(right, radius, 5e-3) and wrong < 1e-6)

    five = AltGD(h=0.2, n_d=5)
    return [
        fact("∂_θ ½|v|² at (1, 1)", derived((1.0, 1.0))[0], coded((1.0, 1.0))[0], (-0.033425, 0.019452), 1e-6),
        fact("curl of what is subtracted, at (1.3, 0.4)", curl(derived), curl(coded), (0, 0.133394), 1e-6),
        fact(
            "Re μ at the equilibrium, γ = 1",
            eigenvalues(method("consensus"))[0].real,
            eigenvalues(method("consensus", legacy=True))[0].real,
            (-0.25, -0.25),
        ),
        escapes("distance after 20500 rounds of SimGD(0.2) from (1, 1), γ = 2", 2.0, SimGD(h=0.2), 20500, 17.18),
        escapes("distance after 20500 rounds of SimGD(0.2) from (1, 1), γ = 5", 5.0, SimGD(h=0.2), 20500, 13.96),
        escapes("distance after 500 rounds of AltGD(0.2, n_d=5) from (1, 1), γ = 1", 1.0, five, 500, 10.97),
    ]


@discrepancy(
    "E5",
    where="the published simulation code",
    claimed="theta += ..., raise NotImplemented, sign(0) = 0",
    holds="arrays are changed in place, so that the stored path loses its start; NotImplementedError is meant; (0, 0) "
    "becomes a fixed point of WGAN-GP that the method does not have (legacy=True reproduces it)",
)
def _aliasing() -> list[Fact]:
    def stored(in_place: bool) -> list[np.ndarray]:
        x, path = np.array([1.0, 1.0]), []
        for _ in range(3):
            path.append(x)
            v = np.array([-x[1], x[0]])
            if in_place:
                x += 0.2 * v  # Quoted: `theta += ...` changes the array that the path already holds.
            else:
                x = x + 0.2 * v
        return path

    right, wrong = stored(False), stored(True)
    legacy, gp = method("wgan-gp", legacy=True), method("wgan-gp")
    kinds = (issubclass(NotImplementedError, BaseException), isinstance(NotImplemented, BaseException))
    third = ((1 + 0.2j) ** 3 * (1 + 1j)).real
    return [
        fact("θ of the stored start after three steps", right[0][0], wrong[0][0], (1.0, third), 1e-12),
        fact("can be raised: NotImplementedError, NotImplemented", kinds[0], kinds[1], (1, 0)),
        fact(
            "v_ψ at θ = 0: beside ψ = 0, and at it with sign(0) = 0",
            gp((0.0, -1e-9))[1],
            legacy((0.0, 0.0))[1],
            (-0.7, 0),
        ),
    ]


@discrepancy(
    "E6",
    where="the published notebook, eigenvalue plot",
    claimed="the end of the axis is labelled 2γ_crit",
    holds="the arrays stop at γ = 3f'(0) = 1.5γ_crit",
)
def _locus() -> list[Fact]:
    right = np.sort(np.asarray(eigenvalues(method("r1", gamma=2.0))).real)
    wrong = np.sort(np.asarray(eigenvalues(method("r1", gamma=1.5))).real)
    return [
        fact("lower end of the locus", right[0], wrong[0], (-1 - math.sqrt(0.75), -0.75 - math.sqrt(0.3125)), 1e-9),
        fact("upper end of the locus", right[1], wrong[1], (-1 + math.sqrt(0.75), -0.75 + math.sqrt(0.3125)), 1e-9),
    ]


@discrepancy(
    "E8",
    where="a published textbook notebook of the Dirac-GAN",
    claimed="the derivative of -log(1 + e^-u) is σ(u)",
    holds="it is σ(-u); the coded field is the right one turned by a quarter, u → -u",
)
def _reflected() -> list[Fact]:
    theta, psi = 1.3, 0.4
    gan = method("gan")
    # Quoted: σ(u) as the derivative of f(u) = -log(1 + e^-u), which is σ(-u).
    coded = np.array([-psi, theta]) * slope(-theta * psi)
    # Turned by a quarter, (θ, ψ) → (-ψ, θ), u changes its sign: that is the coded field.
    turned = np.asarray(gan((-psi, theta)))
    turned = np.array([turned[1], -turned[0]])
    return [
        fact("v_ψ at (1.3, 0.4)", gan((theta, psi))[1], coded[1], (1.3 * slope(0.52), 1.3 * slope(-0.52)), 1e-12),
        fact("v_ψ of the derived field, turned by a quarter", turned[1], coded[1], (coded[1], coded[1]), 1e-12),
        fact("v_θ of the derived field, turned by a quarter", turned[0], coded[0], (coded[0], coded[0]), 1e-12),
    ]


@discrepancy(
    "E9",
    where="the published Dirac simulation of CLC-GAN",
    claimed="ψ ← ψ + Δt θ - damping ψ with damping = 2 converges",
    holds="the damping lacks its Δt: λ² + Δt²λ - 1 = 0, |λ| = 1 + Δt²/2 + … > 1; with it the map contracts",
)
def _undamped() -> list[Fact]:
    step, damping = 0.01, 2.0
    game = method("wgan-r1", gamma=damping)
    right = np.max(np.abs(np.asarray(multipliers(game, AltGD(h=step)))))
    # Quoted: ψ ← ψ + Δt θ - damping ψ, the damping without its Δt, as a penalty of weight damping/Δt would be.
    wrong = np.max(np.abs(np.asarray(multipliers(game.replace(gamma=damping / step), AltGD(h=step)))))
    closed = step**2 / 2 + math.sqrt(1 + step**4 / 4)
    return [
        Fact(
            "largest |λ| at Δt = 0.01",
            float(right),
            float(wrong),
            bool(right < 1) and near(float(wrong), closed, 1e-12),
        )
    ]
