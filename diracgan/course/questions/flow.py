"""Chapters 1 and 2: eigenvalues, half-lives, periods."""

import math
from typing import Any

import numpy as np

from diracgan import theory
from diracgan.algorithms import AltGD, SimGD
from diracgan.catalogue import method
from diracgan.course.exercise import Exercise, Mistake
from diracgan.dynamics.spectrum import eigenvalues, multipliers
from diracgan.dynamics.verdicts import verdict

_R1, _H = 0.3, 0.2
_FORMS: Any = theory.CLOSED_FORMS


def _half_life(algorithm: AltGD | SimGD) -> float:
    return float(verdict(method("r1", gamma=_R1), algorithm).half_life)


EXERCISES = (
    Exercise(
        "half-life",
        1,
        "After how many rounds of SimGD with h = 0.2 has the distance to the equilibrium halved, for R1 with γ = 0.3?",
        lambda: _half_life(SimGD(_H)),
        (
            Mistake(
                "flow for map",
                lambda: math.log(2) / -float(np.max(eigenvalues(method("r1", gamma=_R1)).real)) / _H,
                "That is the half-life of the flow, divided by h. A round multiplies by |1 + hμ|, not by e^(h Re μ).",
            ),
            Mistake(
                "time for rounds",
                lambda: math.log(2) / -float(np.max(eigenvalues(method("r1", gamma=_R1)).real)),
                "That is the half-life of the flow in units of time. A round is not a unit of time.",
            ),
            Mistake(
                "simultaneous for alternating",
                lambda: _half_life(AltGD(_H)),
                "That is the half-life of AltGD. Take both derivatives at the old state.",
            ),
            Mistake(
                "real part for modulus",
                lambda: math.log(2) / -math.log(float(np.max(multipliers(method("r1", gamma=_R1), SimGD(_H)).real))),
                "You took the real part of the multiplier. The distance is multiplied by its modulus.",
            ),
            Mistake(
                "e-folding for halving",
                lambda: _half_life(SimGD(_H)) / math.log(2),
                "That is when it has fallen to 1/e. Halving takes log 2 of that.",
            ),
        ),
        "log ½ / log |λ| with |λ| = |1 + hμ| = 0.9747 gives 27 rounds.",
        tolerance=5e-3,
    ),
    Exercise(
        "critical-penalty",
        1,
        "For which weight γ of R1 do the eigenvalues of the GAN's flow meet on the real axis?",
        lambda: theory.gamma_critical(0.5),
        (
            Mistake(
                "factor ½ of the penalty",
                lambda: theory.gamma_critical(0.5) / 2,
                "Right for a penalty γψ². This one is (γ/2)ψ², so that its derivative is γψ.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda: theory.gamma_critical(1.0),
                "Right for the WGAN, where f'(0) = 1. The GAN has f'(0) = ½.",
            ),
        ),
        "γ = 2f'(0) = 1: below it the eigenvalues are complex, above it real.",
    ),
    Exercise(
        "gan-eigenvalues",
        2,
        "What are the two eigenvalues of the flow of the unregularised GAN at the equilibrium?",
        lambda: np.array(_FORMS["gan"].eigenvalues()),
        (
            Mistake(
                "f' of the WGAN",
                lambda: np.array(_FORMS["wgan"].eigenvalues(clip=1.0)),
                "Those of the WGAN. For f(t) = -log(1 + e^-t) the slope f'(0) is ½.",
            ),
            Mistake(
                "two minimisers",
                lambda: np.array([0.5, -0.5]),
                "Real ones belong to a symmetric Jacobian, that of two players who descend on the same function. "
                "Here one descends and the other ascends: the off-diagonal entries have opposite signs.",
            ),
            Mistake(
                "map for flow",
                lambda: np.array(theory.simgd_multipliers(_FORMS["gan"].jacobian(), _H, _H)),
                "Those are the multipliers of SimGD with h = 0.2. The flow knows no h.",
            ),
        ),
        "±i/2: a rotation with angular velocity f'(0), and no damping at all.",
        ordered=False,
    ),
    Exercise(
        "gan-period",
        2,
        "How long does the flow of the unregularised GAN take around the circle of radius r?",
        theory.gan_period,
        (
            Mistake(
                "linearisation",
                lambda r: theory.gan_period(0.0),
                "That is the period of the linearised flow, for r → 0. Far out, f' is small on half of the circle.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda r: 2 * math.pi,
                "That is the period of the WGAN, whose f' is 1 everywhere.",
            ),
            Mistake(
                "u on the circle",
                lambda r: theory.gan_period(math.sqrt(2) * r),
                "Nearly: on the circle ψθ = ½ r² sin 2φ, with the factor ½.",
            ),
        ),
        "2π(1 + I₀(r²/2)), with the Bessel function I₀: it grows like e^(r²/2).",
        arguments={"r": (0.5, 2.5)},
    ),
    Exercise(
        "nsgan-time",
        2,
        "The flow of the non-saturating GAN starts at radius 1. By the averaged law, when does it reach the radius r?",
        lambda r: 8 * (1 / r**2 - 1),
        (
            Mistake(
                "forgotten start",
                lambda r: 8 / r**2,
                "Right for r → 0, but the start counts: at r = 1 the answer must be 0.",
            ),
            Mistake(
                "exponential law",
                lambda r: 8 * math.log(1 / r),
                "That would be an exponential decay. The rate -r²/8 itself dies with r: separate the variables of "
                "dr/dt = -r³/16.",
            ),
            Mistake(
                "½ of the energy",
                lambda r: 4 * (1 / r**2 - 1),
                "V is ½r². Its average rate is -r⁴/16, so that d(r²)/dt = -r⁴/8.",
            ),
        ),
        "1/r² grows by 1/8 per unit of time: 792 units of time to r = 0.1, against 7 for R1 at its best.",
        arguments={"r": (0.05, 0.8)},
    ),
)
