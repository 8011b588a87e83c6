"""Chapters 10 and 11: smoothness, regret, averages."""

import math

from diracgan import theory
from diracgan.course.exercise import Exercise, Mistake
from diracgan.theory import regret, smoothness

_C = 0.5

EXERCISES = (
    Exercise(
        "response-smoothness",
        10,
        "The discriminator of the GAN is trained to its optimum with R1. What is L = max|J''| of the J that "
        "the generator then descends, as a function of the weight γ?",
        lambda gamma: smoothness.response_smoothness(gamma),
        (
            Mistake(
                "f' of the WGAN",
                lambda gamma: smoothness.response_smoothness(gamma, 1.0),
                "Right for f(t) = t, where c = 1. Here c² = ¼.",
            ),
            Mistake(
                "c for c²",
                lambda gamma: _C / gamma,
                "c enters twice: in the best ψ = cθ/γ, and in the slope cψ that the generator sees.",
            ),
            Mistake(
                "λ for γ",
                lambda gamma: smoothness.response_smoothness(2 * gamma),
                "Right for a penalty γψ². This one is (γ/2)ψ².",
            ),
        ),
        "c²/γ = 1/(4γ): a stronger penalty makes the generator's landscape smoother.",
        arguments={"gamma": (0.2, 3.0)},
    ),
    Exercise(
        "response-limit",
        10,
        "Up to which step h does the generator's descent then converge near 0, as a function of γ?",
        lambda gamma: 2 / smoothness.response_smoothness(gamma),
        (
            Mistake(
                "safe for largest",
                lambda gamma: 1 / smoothness.response_smoothness(gamma),
                "1/L is the step of the fastest guaranteed decrease. It converges up to twice that.",
            ),
            Mistake(
                "one update for the optimum",
                lambda gamma: theory.altgd_limit(((0.0, -_C), (_C, -gamma))),
                "That is AltGD, where the discriminator makes one step. Here it is always at its optimum.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda gamma: 2 / smoothness.response_smoothness(gamma, 1.0),
                "Right for c = 1.",
            ),
        ),
        "2/L = 8γ: the limit of AltGD for n_d → ∞.",
        arguments={"gamma": (0.2, 0.9)},
    ),
    Exercise(
        "huber-limit",
        10,
        "WGAN, clipped at |ψ| ≤ α, with R1 of weight γ, optimal discriminator: J is a Huber function. What is its L?",
        lambda gamma, alpha: float(smoothness.huber_slope(1e-3 * gamma * alpha, alpha, gamma)) / (1e-3 * gamma * alpha),
        (
            Mistake(
                "slope for curvature",
                lambda gamma, alpha: alpha,
                "α is the largest slope of J, not of J'.",
            ),
            Mistake(
                "f' of the GAN",
                lambda gamma, alpha: smoothness.response_smoothness(gamma),
                "That has c = ½. The WGAN has c = 1.",
            ),
        ),
        "1/γ: the clip changes where J is quadratic, not how curved it is there.",
        arguments={"gamma": (0.2, 3.0), "alpha": (0.5, 2.0)},
    ),
    Exercise(
        "average-gap",
        11,
        "WGAN: what is the duality gap of averages (θ̄, ψ̄) when both players may choose in [-B, B]?",
        lambda theta, psi, bound: regret.bilinear_gap((theta, psi), bound),
        (
            Mistake(
                "value for gap",
                lambda theta, psi, bound: theta * psi,
                "That is the value of the game at the averages. The gap lets each player answer best.",
            ),
            Mistake(
                "one player only",
                lambda theta, psi, bound: bound * abs(theta),
                "That is what the discriminator could gain. The generator could gain something too.",
            ),
            Mistake(
                "no absolute values",
                lambda theta, psi, bound: bound * (theta + psi),
                "Each player chooses the sign: a gap is never negative.",
            ),
        ),
        "B(|θ̄| + |ψ̄|), which is also the sum of the regrets, divided by the number of rounds.",
        arguments={"theta": (-1.0, 1.0), "psi": (-1.0, 1.0), "bound": (0.5, 3.0)},
    ),
    Exercise(
        "dragan-threshold",
        11,
        "From which γ on do the one-sided points of DRAGAN (k = 1) attract as nodes?",
        lambda: theory.dragan_node_threshold(1.0),
        (
            Mistake(
                "penalty alone",
                lambda: 1.0,
                "γ = 2c would be the condition at θ = 0. The point lies at θ = ∓2γ, where f'' adds γ² to the damping.",
            ),
            Mistake(
                "WGAN-GP",
                lambda: 2.0,
                "That is WGAN-GP, with f' = 1 and f'' = 0.",
            ),
            Mistake(
                "other root",
                lambda: (math.sqrt(5) + 1) / 2,
                "Nearly: γ + γ² = 1 has its positive root at (√5 - 1)/2.",
            ),
        ),
        "γ + γ²k² = 1, for k = 1 the golden ratio (√5 - 1)/2 = 0.618. The usual weight of the code is γ = 20.",
    ),
    Exercise(
        "average-limit",
        11,
        "AltGD on the WGAN from (1, 1): the mean of θ is (ψ_T - ψ_0)/(hT). Which bound on |ψ_T - ψ_0| holds for all T?",
        lambda h: 1.0 + math.sqrt(float(theory.altgd_invariant(1.0, 1.0, h)) / (1 - h**2 / 4)),
        (
            Mistake(
                "start forgotten",
                lambda h: math.sqrt(float(theory.altgd_invariant(1.0, 1.0, h)) / (1 - h**2 / 4)),
                "That bounds |ψ_T|. The start ψ_0 = 1 counts as well.",
            ),
            Mistake(
                "circle for ellipse",
                lambda h: 1.0 + math.sqrt(2),
                "That takes the circle of the flow. The ellipse of the map is less high.",
            ),
            Mistake(
                "wrong height",
                lambda h: 1.0 + math.sqrt(float(theory.altgd_invariant(1.0, 1.0, h))),
                "The highest point of the ellipse is not on the ψ-axis: complete the square.",
            ),
        ),
        "1 + √(Q/(1 - h²/4)) with Q = 2 - h, that is 1 + 2/√(2 + h): the averages fall like 1/T.",
        arguments={"h": (0.1, 1.5)},
    ),
)
