"""Chapter 8: what holds near the equilibrium, and what holds everywhere."""

from typing import Any

import numpy as np

from diracgan import theory
from diracgan.algorithms import AltGD, SimGD
from diracgan.catalogue import method
from diracgan.course.exercise import Exercise, Mistake
from diracgan.dynamics.trajectories import simulate


def _growth(algorithm: Any, gamma: float) -> float:
    """What two rounds multiply a distance by, far out."""
    far = np.linalg.norm(simulate(method("r1", gamma=gamma), algorithm, (30.0, 30.0), 60), axis=1)
    return float(far[-1] / far[-3])


def _local(gamma: float) -> float:
    return theory.simgd_limit(((0.0, -0.5), (0.5, -gamma)))


EXERCISES = (
    Exercise(
        "verdict-meaning",
        8,
        "What does the verdict 'stable' of an equilibrium say: that all orbits converge, that orbits from close by "
        "converge, or that the loss decreases?",
        lambda: "close by",
        (
            Mistake(
                "local for global",
                lambda: "all orbits",
                "A verdict rests on the Jacobian at one point. AltGD with R1, γ = 0.1, h = 2.2, is stable, and has a "
                "cycle of six rounds beside it.",
            ),
            Mistake(
                "game for minimisation",
                lambda: "loss decreases",
                "There is no loss that both players decrease. The vector field is no gradient.",
            ),
        ),
        "Close by: how close is another question, which a basin or a certificate answers.",
        choices=("all orbits", "close by", "loss decreases"),
    ),
    Exercise(
        "far-limit",
        8,
        "From which h on do orbits of SimGD on the GAN with R1, γ > ½, diverge from far out?",
        lambda gamma: 1 / gamma,
        (
            Mistake(
                "local for global",
                _local,
                "That is where the equilibrium loses its stability. Far out it is earlier.",
            ),
            Mistake(
                "no generator",
                lambda gamma: 2 / gamma,
                "At 2/γ the step ψ → (1 - hγ)ψ alone overshoots for ever. But as soon as 1 - hγ is negative, ψ changes "
                "its sign, and the generator is kicked outwards in every second round.",
            ),
            Mistake(
                "½ of the penalty",
                lambda gamma: 1 / (2 * gamma),
                "Right for a penalty γψ². The derivative of (γ/2)ψ² is γψ.",
            ),
        ),
        "hγ > 1: the discriminator overshoots zero in every round.",
        arguments={"gamma": (0.6, 3.0)},
    ),
    Exercise(
        "far-growth",
        8,
        "SimGD on the GAN with R1, γ = 1, h = 1.2, far out: by which factor does the distance grow in two rounds?",
        lambda: _growth(SimGD(1.2), 1.0),
        (
            Mistake(
                "one round for two",
                lambda: np.sqrt(_growth(SimGD(1.2), 1.0)),
                "That is the mean factor of one round.",
            ),
            Mistake(
                "alternating for simultaneous",
                lambda: _growth(AltGD(1.2), 1.0),
                "That is AltGD, where ψ answers to the new θ in the same round.",
            ),
            Mistake(
                "trace for eigenvalue",
                lambda: 1 + 0.2**2,
                "That is the trace of the matrix of two rounds. Its largest eigenvalue was asked for.",
            ),
        ),
        "The largest eigenvalue of [[1, hp], [h, p²]] with p = hγ - 1 = 0.2.",
        tolerance=2e-3,
    ),
)
