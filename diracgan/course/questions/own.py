"""Chapter 13: a loss, a penalty and an algorithm of one's own."""

from typing import Any

import numpy as np

from diracgan import theory
from diracgan.course.exercise import Exercise, Mistake

_FORMS: Any = theory.CLOSED_FORMS


def _r1(gamma: float, c: float) -> tuple[tuple[float, float], tuple[float, float]]:
    return ((0.0, -c), (c, -gamma))


EXERCISES = (
    Exercise(
        "quartic-eigenvalues",
        13,
        "The GAN with the penalty (γ/4) E|∇D|⁴, γ = 1: what are the eigenvalues of its flow at the equilibrium?",
        lambda: np.array(_FORMS["gan"].eigenvalues()),
        (
            Mistake(
                "quartic for quadratic",
                lambda: np.array(_FORMS["r1"].eigenvalues(gamma=1.0)),
                "Those belong to R1. The derivative of γψ⁴/4 is γψ³, whose slope at 0 is 0.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda: np.array(_FORMS["wgan"].eigenvalues(clip=1.0)),
                "Those of the WGAN. Here f'(0) = ½.",
            ),
        ),
        "±i/2, as without any penalty: the Jacobian does not see a quartic.",
        ordered=False,
    ),
    Exercise(
        "quartic-time",
        13,
        "With that quartic penalty the flow starts at radius 1. By the averaged law, when does it reach the radius r?",
        lambda r, gamma: 4 / (3 * gamma) * (1 / r**2 - 1),
        (
            Mistake(
                "no average",
                lambda r, gamma: 1 / (2 * gamma) * (1 / r**2 - 1),
                "You took ψ = r all along. The mean of sin⁴ over a turn is 3/8.",
            ),
            Mistake(
                "square of the mean",
                lambda r, gamma: 2 / gamma * (1 / r**2 - 1),
                "The mean of sin⁴ is 3/8, not the square ¼ of the mean of sin².",
            ),
            Mistake(
                "½ of the energy",
                lambda r, gamma: 8 / (3 * gamma) * (1 / r**2 - 1),
                "It is ½r² that falls at the rate γψ⁴: d(r²)/dt is twice that.",
            ),
        ),
        "1/r² grows by 3γ/4 per unit of time.",
        arguments={"r": (0.05, 0.8), "gamma": (0.2, 2.0)},
    ),
    Exercise(
        "tanh-limit",
        13,
        "The loss f(t) = tanh t with R1 of weight γ: up to which h is AltGD stable?",
        lambda gamma: theory.altgd_limit(_r1(gamma, 1.0)),
        (
            Mistake(
                "f' of the GAN",
                lambda gamma: theory.altgd_limit(_r1(gamma, 0.5)),
                "That has f'(0) = ½. The derivative of tanh at 0 is 1.",
            ),
            Mistake(
                "simultaneous for alternating",
                lambda gamma: theory.simgd_limit(_r1(gamma, 1.0)),
                "That is the limit of SimGD.",
            ),
            Mistake(
                "no penalty", lambda gamma: theory.altgd_limit(_r1(0.0, 1.0)), "Without the penalty it would be 2."
            ),
        ),
        "√(γ² + 4) - γ: of a loss, the linearisation knows f'(0) only.",
        arguments={"gamma": (0.1, 1.8)},
    ),
)
