"""Chapter 6: consensus optimisation, and the gradient that published code has."""

from typing import Any

from diracgan import theory
from diracgan.catalogue import method
from diracgan.course.exercise import Exercise, Mistake

_FORMS: Any = theory.CLOSED_FORMS


def _slope(**options: bool) -> float:
    """∂H/∂θ at (1, 1), from what consensus adds to the field of the GAN."""
    state = (1.0, 1.0)
    return float(method("gan")(state)[0] - method("consensus", gamma=1.0, **options)(state)[0])


def _score(half: float) -> float:
    """u with uσ(u) = half, by Newton's method."""
    u = 1.0
    for _ in range(30):
        u -= float((u * theory.sigmoid(u) - half) / (theory.sigmoid(u) - u * theory.curvature(u)))
    return u


def _saddle(gamma: float = 1.0) -> float:
    theta, psi = theory.consensus_spurious_equilibrium(gamma)
    return theta * psi


EXERCISES = (
    Exercise(
        "consensus-limit",
        6,
        "Up to which h is SimGD with consensus optimisation on the GAN stable at the equilibrium, as a function of γ?",
        lambda gamma: theory.simgd_limit(_FORMS["consensus"].jacobian(gamma)),
        (
            Mistake(
                "alternating for simultaneous",
                lambda gamma: theory.altgd_limit(_FORMS["consensus"].jacobian(gamma)),
                "That is the limit of AltGD.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda gamma: theory.simgd_limit(_FORMS["wgan-consensus"].jacobian(gamma)),
                "Right for the bilinear game, where f'(0) = 1.",
            ),
            Mistake(
                "real eigenvalues",
                lambda gamma: 8 / gamma,
                "h < 2/|Re μ| would do for real ones. For complex ones h < -2 Re μ/|μ|².",
            ),
            Mistake(
                "one player only",
                lambda gamma: theory.simgd_limit(((0.0, -0.5), (0.5, -gamma / 4))),
                "You damped the discriminator alone. ∇½|v|² damps both players.",
            ),
        ),
        "2γ/(1 + γ²/4): with μ = -γ/4 ± i/2.",
        arguments={"gamma": (0.1, 3.0)},
    ),
    Exercise(
        "consensus-score",
        6,
        "At the equilibria off the solution, which score u = θψ does the discriminator give to the generated point?",
        _saddle,
        (
            Mistake(
                "published gradient",
                lambda: _score(1.0),
                "That is uσ(u) = 1, which belongs to the published code, where one term of the gradient is halved.",
            ),
            Mistake(
                "forgotten 2",
                lambda: _score(0.25),
                "The condition is f' + 2uf'' = 0, with one factor 2: it gives 2uσ(u) = 1.",
            ),
        ),
        "2uσ(u) = 1: the same score for every γ.",
    ),
    Exercise(
        "consensus-slope",
        6,
        "What is ∂H/∂θ of H = ½|v|² at (1, 1), for the GAN?",
        _slope,
        (
            Mistake(
                "published gradient",
                lambda: _slope(legacy=True),
                "That is what published code computes: it halves the second term, and even the sign changes.",
            ),
            Mistake(
                "first term only",
                lambda: float(theory.slope(1.0)) ** 2,
                "That is θf'². But f' depends on θ as well.",
            ),
        ),
        "θf'² + ψr²f'f'' with r² = 2: the second term wins.",
    ),
)
