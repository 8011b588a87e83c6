"""Chapter 3: learning rates and the unit circle."""

import math

from diracgan import theory
from diracgan.course.exercise import Exercise, Mistake

EXERCISES = (
    Exercise(
        "simgd-growth",
        3,
        "One step of SimGD on the GAN from (1, 1): by which factor does the distance to the origin grow, for a rate h?",
        lambda h: math.sqrt(theory.simgd_growth(1.0, h)),
        (
            Mistake(
                "square of the distance",
                lambda h: theory.simgd_growth(1.0, h),
                "That is the factor of the squared distance.",
            ),
            Mistake(
                "linearisation",
                lambda h: math.sqrt(theory.simgd_growth(0.0, h)),
                "You took f'(0) = ½. At (1, 1) the discriminator gives u = 1, and f'(1) = 0.269.",
            ),
            Mistake(
                "flow for map",
                lambda h: 1.0,
                "The flow keeps the distance. A step along the tangent of a circle does not.",
            ),
            Mistake(
                "argument of f'",
                lambda h: math.sqrt(theory.simgd_growth(-1.0, h)),
                "You took f'(-1). The objective is f(ψθ) + f(0), so that u = ψθ = 1.",
            ),
        ),
        "√(1 + h²f'(u)²) > 1 for every h, at every point: the field is orthogonal to the position.",
        arguments={"h": (0.05, 2.0)},
        tolerance=1e-4,
    ),
    Exercise(
        "altgd-limit-gan",
        3,
        "Up to which h does AltGD with n_d discriminator updates keep the multipliers of the GAN on the unit circle?",
        lambda n_d: theory.altgd_rotation_limit(1, 1) / (0.5 * math.sqrt(n_d)),
        (
            Mistake(
                "f' of the WGAN",
                lambda n_d: theory.altgd_rotation_limit(1, 1) / math.sqrt(n_d),
                "Right for the WGAN, where f'(0) = 1.",
            ),
            Mistake(
                "n_d for its root",
                lambda n_d: 4 / n_d,
                "n_d updates multiply one of the two off-diagonal entries, and the angle feels their geometric mean.",
            ),
            Mistake(
                "number of updates",
                lambda n_d: 4.0,
                "Right for n_d = 1. More discriminator updates are a larger learning rate for one player.",
            ),
            Mistake(
                "simultaneous for alternating",
                lambda n_d: 0.0,
                "Right for SimGD, which leaves the circle at once. Alternation has determinant 1.",
            ),
        ),
        "h√n_d f'(0) < 2: the trace 2 - h²n_d/4 must stay above -2.",
        arguments={"n_d": (1.0, 10.0)},
    ),
    Exercise(
        "altgd-invariant",
        3,
        "Which quadratic form in (θ, ψ), with coefficient 1 at θ², does AltGD with rate h conserve on the WGAN?",
        lambda theta, psi, h: theory.altgd_invariant(theta, psi, h),
        (
            Mistake(
                "order of the players",
                lambda theta, psi, h: theory.altgd_invariant(theta, psi, -h),
                "Right if the discriminator moved first. Here the generator does.",
            ),
            Mistake(
                "flow for map",
                lambda theta, psi, h: theory.altgd_invariant(theta, psi, 0.0),
                "The circle belongs to the flow. The map conserves an ellipse that is tilted by h.",
            ),
            Mistake(
                "f' of the GAN",
                lambda theta, psi, h: theory.altgd_invariant(theta, psi, h / 2),
                "That is conserved by the linearised GAN, where f'(0) = ½. The WGAN has 1.",
            ),
            Mistake(
                "factor 2 of the mixed term",
                lambda theta, psi, h: theory.altgd_invariant(theta, psi, 2 * h),
                "The mixed term is twice too large: a symmetric matrix has it twice.",
            ),
        ),
        "θ² + ψ² - hθψ: an ellipse with axes at ±45°, for h < 2.",
        arguments={"theta": (-2.0, 2.0), "psi": (-2.0, 2.0), "h": (0.1, 1.9)},
    ),
    Exercise(
        "return-rate",
        3,
        "With which h does AltGD on the WGAN come back to its start after exactly q rounds (one turn)?",
        lambda q: 2 * math.sin(math.pi / q),
        (
            Mistake(
                "flow for map",
                lambda q: 2 * math.pi / q,
                "That is the period 2π of the flow, divided by q. A round turns by more than h.",
            ),
            Mistake(
                "half of the angle",
                lambda q: math.sin(2 * math.pi / q),
                "The angle φ of a round has cos φ = 1 - h²/2, that is h = 2 sin(φ/2).",
            ),
        ),
        "2 sin(π/q): h = 1 returns after 6 rounds, √2 after 4, √3 after 3.",
        arguments={"q": (3.0, 12.0)},
        tolerance=1e-4,
    ),
)
