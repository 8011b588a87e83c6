"""Chapters 4 and 5: WGANs, penalties, noise."""

import math
from typing import Any

from diracgan import theory
from diracgan.course.exercise import Exercise, Mistake

_HALF = 0.5
_FORMS: Any = theory.CLOSED_FORMS


def _r1(gamma: float, c: float = _HALF) -> tuple[tuple[float, float], tuple[float, float]]:
    return ((0.0, -c), (c, -gamma))


EXERCISES = (
    Exercise(
        "clip-invariant",
        4,
        "AltGD with rate h and clipping |ψ| ≤ κ starts far out. On which value of θ² + ψ² - hθψ does it end?",
        lambda kappa, h: theory.wgan_clip_invariant(kappa, h),
        (
            Mistake(
                "flow for map",
                lambda kappa, h: kappa**2,
                "Right for h → 0, the circle of radius κ. The ellipse is tilted, and its highest point is not on the "
                "ψ-axis.",
            ),
            Mistake(
                "f' of the GAN",
                lambda kappa, h: theory.wgan_clip_invariant(kappa, h / 2),
                "That has f'(0) = ½. The WGAN has 1.",
            ),
            Mistake(
                "sign",
                lambda kappa, h: kappa**2 * (1 + h**2 / 4),
                "The ellipse that touches ψ = κ: minimise the form over θ at ψ = κ.",
            ),
        ),
        "κ²(1 - h²/4): the largest ellipse that touches the clip without crossing it.",
        arguments={"kappa": (0.3, 2.0), "h": (0.1, 1.8)},
    ),
    Exercise(
        "gp-jump",
        4,
        "SimGD on WGAN-GP, arbitrarily close to (0, 0) but not on ψ = 0. How far does one step move ψ, for h, γ, g₀?",
        lambda h, gamma, target: h * abs(_FORMS["wgan-gp"].field(0.0, 1e-12, gamma, target)[1]),
        (
            Mistake(
                "factor ½ of the penalty",
                lambda h, gamma, target: h * gamma * target / 2,
                "The penalty is (γ/2)(|ψ| - g₀)²: its derivative has lost the ½.",
            ),
            Mistake(
                "λ for γ",
                lambda h, gamma, target: 2 * h * gamma * target,
                "Right for λ(|ψ| - g₀)², the penalty of the published code. Here the weight is γ/2.",
            ),
            Mistake(
                "no kink",
                lambda h, gamma, target: 0.0,
                "At a smooth equilibrium it would be nothing. The penalty wants |ψ| = g₀, and pulls at full strength "
                "wherever |ψ| is smaller.",
            ),
            Mistake(
                "rate forgotten",
                lambda h, gamma, target: gamma * target,
                "That is the speed. A step is h times that.",
            ),
        ),
        "hγg₀, however close the state is: this is the whole proof that nothing converges to (0, 0).",
        arguments={"h": (0.01, 0.5), "gamma": (0.1, 3.0), "target": (0.2, 2.0)},
    ),
    Exercise(
        "gp-crossing",
        4,
        "Where does the cycle of the flow of WGAN-GP cross ψ = 0? Give |θ| for γ < 2 and g₀.",
        lambda gamma, target: theory.wgan_gp_crossing(gamma, target),
        (
            Mistake(
                "small γ",
                lambda gamma, target: 4 * target / math.pi,
                "That is the limit γ → 0.",
            ),
            Mistake(
                "spurious point",
                lambda gamma, target: gamma * target,
                "That is the centre of the half-plane, (∓γg₀, 0). The cycle runs around both centres.",
            ),
            Mistake(
                "hyperbolic tangent",
                lambda gamma, target: (gamma * target) ** 2 / theory.wgan_gp_crossing(gamma, target),
                "A tanh where a coth belongs: with q = e^(-πγ/2ω), y + γg₀ comes back as q(y + γg₀), "
                "and must be y - γg₀.",
            ),
            Mistake(
                "λ for γ",
                lambda gamma, target: theory.wgan_gp_crossing(gamma / 2, target),
                "Those are the frequency and the damping of half the weight: the Jacobian has -γ, not -γ/2.",
            ),
        ),
        "γg₀ coth(πγ/4ω) with ω = √(1 - γ²/4).",
        arguments={"gamma": (0.2, 1.8), "target": (0.3, 2.0)},
    ),
    Exercise(
        "critical-noise",
        5,
        "Which standard deviation σ of instance noise is critical, that is, makes the GAN's two eigenvalues meet?",
        lambda: _FORMS["instance-noise"].critical["sigma"],
        (
            Mistake("variance", lambda: 2.0, "That is the variance σ². Its root was asked for."),
            Mistake(
                "γ for σ²/2",
                lambda: 1.0,
                "σ² = 1 would be critical if noise were a penalty of weight σ². It is one of weight σ²/2.",
            ),
        ),
        "σ² = f'(0)/|f''(0)| = 2: the noise acts as a penalty of weight σ²/2 = 1.",
    ),
    Exercise(
        "simgd-limit-r1",
        5,
        "Up to which learning rate is SimGD on the GAN with R1 stable, for γ < 1?",
        lambda gamma: theory.simgd_limit(_r1(gamma)),
        (
            Mistake(
                "simultaneous for alternating",
                lambda gamma: theory.altgd_limit(_r1(gamma)),
                "That is the limit of AltGD. SimGD takes both derivatives at the old state.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda gamma: theory.simgd_limit(_r1(gamma, 1.0)),
                "Right for the WGAN, where f'(0) = 1. The GAN has ½, and its square divides.",
            ),
            Mistake(
                "factor ½ of the penalty",
                lambda gamma: theory.simgd_limit(_r1(gamma / 2)),
                "Right for a penalty (γ/4)ψ². The derivative of (γ/2)ψ² is γψ.",
            ),
            Mistake(
                "λ for γ",
                lambda gamma: 8 * gamma,
                "Right for a penalty λψ², without the ½.",
            ),
            Mistake(
                "real eigenvalues",
                lambda gamma: 2 / (gamma / 2),
                "h < 2/|Re μ| would do for real eigenvalues. For complex ones |1 + hμ|² = 1 + 2h Re μ + h²|μ|².",
            ),
        ),
        "-2 Re μ/|μ|² = γ/f'(0)² = 4γ.",
        arguments={"gamma": (0.05, 0.95)},
    ),
    Exercise(
        "altgd-limit-r1",
        5,
        "Up to which learning rate is AltGD (one update each) on the GAN with R1 stable?",
        lambda gamma: theory.altgd_limit(_r1(gamma)),
        (
            Mistake(
                "simultaneous for alternating",
                lambda gamma: theory.simgd_limit(_r1(gamma)),
                "That is the limit of SimGD.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda gamma: theory.altgd_limit(_r1(gamma, 1.0)),
                "Right for the WGAN, where f'(0) = 1.",
            ),
            Mistake(
                "no penalty",
                lambda gamma: theory.altgd_limit(_r1(0.0)),
                "That is the limit without a penalty: R1 makes it smaller.",
            ),
            Mistake(
                "factor ½ of the penalty",
                lambda gamma: theory.altgd_limit(_r1(gamma / 2)),
                "Right for a penalty (γ/4)ψ². The derivative of (γ/2)ψ² is γψ.",
            ),
            Mistake(
                "λ for γ",
                lambda gamma: theory.altgd_limit(_r1(2 * gamma)),
                "Right for a penalty λψ², without the ½.",
            ),
        ),
        "4(√(1 + γ²) - γ): a multiplier leaves through -1, and the sooner the larger γ is.",
        arguments={"gamma": (0.05, 2.0)},
    ),
    Exercise(
        "altgd-best-penalty",
        5,
        "Which γ makes AltGD on the GAN with R1 converge fastest near the equilibrium, for a given h < 2?",
        lambda h: theory.altgd_best_gamma(_HALF, h),
        (
            Mistake(
                "simultaneous for alternating",
                lambda h: theory.simgd_best_gamma(_HALF),
                "γ = 1 is best for SimGD and for the flow.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda h: theory.altgd_best_gamma(1.0, h),
                "Right for the WGAN.",
            ),
            Mistake(
                "sign",
                lambda h: 2 - theory.altgd_best_gamma(_HALF, h),
                "The right distance from γ = 1, on the wrong side: alternation itself lowers the trace.",
            ),
        ),
        "1 - h/4: there the two multipliers meet, at 1 - h/2.",
        arguments={"h": (0.05, 1.9)},
    ),
)
