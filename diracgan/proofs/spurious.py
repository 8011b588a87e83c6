"""Consensus optimisation of the minimax GAN has saddles away from the solution, for every γ > 0.

With q = f'(u), s = f''(u) = -q(1 - q), t = f‴(u) = -s(1 - 2q), u = θψ and R = θ² + ψ² the field v - γ∇½|v|² is q·g,

    g = (-ψ - γ(qθ + sRψ), θ - γ(qψ + sRθ)).

At g = 0, θg₁ + ψg₂ = -γR(q + 2us) = 0, so that 2u(1 - q) = 1 unless R = 0: one u* > 0, since u(1 - q) = uσ(u)
increases there, and none for u <= 0. And ψg₂ - θg₁ = 2u - γq(ψ² - θ²) = 0. For u ≠ 0 both together say g = 0: with
θψ = u*, ψ² - θ² = 2u*/(γq) there is exactly one such point with θ > 0 for every γ > 0, and its mirror image. There
R² = 4u*² + 1/(γs)², and in the determinant of the derivative of q·g everything cancels but

    det = (γqR)² (2qt - 6s²),

which is negative at u*, whatever γ is: both points are saddles. A start at one of them never converges to 0.

By computer: u* is enclosed and 2qt - 6s² < 0 there; and, independently of this algebra, on the derived field Krawczyk's
test proves one equilibrium, with a negative determinant, for intervals of γ.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from diracgan.algorithms import SimGD
from diracgan.atlas.krawczyk import Rounds, orbits, shot
from diracgan.catalogue import method
from diracgan.proofs.lyapunov import slope
from diracgan.proofs.records import Record
from diracgan.proofs.search import cover
from diracgan.tracing.boxes import Boxes

PRODUCT = (0.738834, 0.738837)  # u* lies between
# For these γ the derived field itself is looked at.
GAMMAS = (0.02, 50.0)


def product_is_enclosed(low: float, high: float) -> bool:
    """Whether 2uσ(u) passes 1 between two numbers."""
    left, right = ((1 - slope(Boxes(end))) * (2.0 * end) for end in (low, high))
    return bool(left.high < 1 < right.low)


def determinant(low: float, high: float) -> Boxes:
    """2qt - 6s² for u between two numbers: the sign of the determinant at the equilibrium."""
    q = slope(Boxes(low, high))
    s = -(q * (1 - q))
    t = -(s * (1 - 2.0 * q))
    return 2.0 * (q * t) - 6.0 * s.square()


@functools.cache
def _rounds() -> Rounds:
    # One round with h = 1 is x + v(x): its fixed points are the equilibria of the flow.
    return Rounds(method("consensus"), SimGD(1.0), np.zeros(2))


def points(gamma: np.ndarray) -> np.ndarray:
    """(θ, ψ) of the equilibrium with θ > 0, in floats, shape `(2, lanes)`."""
    u = (PRODUCT[0] + PRODUCT[1]) / 2
    q = 1 / (1 + math.exp(u))
    apart = 2 * u / (gamma * q)
    psi = np.sqrt((apart + np.sqrt(apart**2 + 4 * u * u)) / 2)
    return np.stack([u / psi, psi])


def saddle(gamma: Boxes) -> np.ndarray:
    """For which intervals of γ a saddle of the derived field near `points` is proved."""
    rounds = _rounds().at(gamma=gamma, h=Boxes(np.ones(gamma.shape)))
    exact = _rounds().at(gamma=Boxes(gamma.middle), h=Boxes(np.ones(gamma.shape)))
    found = orbits(rounds, shot(exact, points(gamma.middle)[None]))
    M = found.matrix
    det = (M[0, 0] - 1) * (M[1, 1] - 1) - M[0, 1] * M[1, 0]
    return found.proved & (det.high < 0)


def saddles(gammas: tuple[float, float] = GAMMAS, depth: int = 8) -> Record:
    """The constants of the argument, and the derived field for γ in a range."""
    edges = np.geomspace(*gammas, 65)
    done = cover(saddle, Boxes(edges[:-1, None], edges[1:, None]), depth, scale=np.ones(1))
    by_hand = product_is_enclosed(*PRODUCT) and determinant(*PRODUCT).high < 0
    return Record(
        name="consensus",
        statement="Consensus optimisation of the minimax GAN has two saddles away from the solution for every γ > 0: "
        "it does not converge from every start.",
        closed=bool(by_hand and done.closed),
        constants={"u*": PRODUCT, "gammas of the derived field": gammas},
        boxes=done.boxes + 2,
        depth=done.depth,
        evaluated="u* and the sign of the determinant; Krawczyk's test of v(x) = 0 and det v' < 0 on intervals of γ",
    )
