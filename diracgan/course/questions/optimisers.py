"""Chapter 7: what an optimiser can do about a rotation."""

import math

from diracgan import theory
from diracgan.course.exercise import Exercise, Mistake

_C = 0.5
_FORMS = theory.ALGORITHMS


def _limit(name: str, c: float = _C, **counts: float) -> float:
    """The learning rate up to which an algorithm stands a rotation of angular velocity c."""
    rotation = _FORMS[name].rotation
    assert rotation is not None
    return rotation(**counts) / c


EXERCISES = (
    Exercise(
        "extragradient-limit",
        7,
        "Up to which learning rate is the extragradient method stable on the unregularised GAN?",
        lambda: _limit("extragradient"),
        (
            Mistake(
                "f' of the WGAN", lambda: _limit("extragradient", 1.0), "Right for the WGAN: w = hc, and c = ½ here."
            ),
            Mistake("another method", lambda: _limit("optimistic"), "That is the limit of the optimistic method."),
            Mistake(
                "best for largest",
                lambda: math.sqrt(0.5) / _C,
                "That is the best rate, where |λ|² = 1 - w² + w⁴ is least. The largest stable one was asked for.",
            ),
        ),
        "hc < 1: |λ|² = 1 - w² + w⁴.",
    ),
    Exercise(
        "optimistic-limit",
        7,
        "Up to which learning rate is the optimistic method stable on the unregularised GAN?",
        lambda: _limit("optimistic"),
        (
            Mistake("f' of the WGAN", lambda: _limit("optimistic", 1.0), "Right for the WGAN: w = hc, and c = ½ here."),
            Mistake(
                "another method", lambda: _limit("extragradient"), "That is the limit of the extragradient method."
            ),
            Mistake(
                "half of it",
                lambda: 0.5 / _C,
                "At w = ½ the root in the formula vanishes. The roots stay inside a little longer.",
            ),
        ),
        "hc < 1/√3: it pays for the saved gradient with a smaller range.",
    ),
    Exercise(
        "momentum-sign",
        7,
        "Alternating heavy-ball on the unregularised GAN: momentum of which sign makes it converge?",
        lambda: "negative" if _limit("heavy-ball", beta=-0.5, alternating=True) > 0 else "positive",
        (
            Mistake(
                "minimisation for game",
                lambda: "positive",
                "Positive momentum helps a descent. A rotation it accelerates outwards.",
            ),
            Mistake(
                "simultaneous for alternating",
                lambda: "none",
                "Right for simultaneous updates, where no momentum helps.",
            ),
            Mistake("neutral for stable", lambda: "zero", "Without momentum AltGD is neutral: it does not converge."),
        ),
        "Negative, -1 < β < 0: for β = -½ up to h = 2.",
        choices=("positive", "negative", "zero", "none"),
    ),
    Exercise(
        "rmsprop-radius",
        7,
        "RMSProp (ε → 0) on the unregularised GAN ends on a cycle. On which radius, for a rate h and a decay α?",
        lambda h, decay: theory.rmsprop_cycle_radius(h, decay),
        (
            Mistake(
                "one moment for its root",
                lambda h, decay: 2 * math.sqrt(2) * h / (decay * (1 - decay)),
                "The step is divided by the root of the second moment.",
            ),
            Mistake(
                "f' of the GAN",
                lambda h, decay: theory.rmsprop_cycle_radius(h, decay) / 2,
                "f'(0) cancels: the step does not feel the size of the gradient.",
            ),
            Mistake(
                "old gradients only",
                lambda h, decay: 2 * math.sqrt(2) * h / math.sqrt(1 - decay),
                "Close for α near 1. The new gradient enters the second moment before it is used.",
            ),
        ),
        "2√2 h/√(α(1 - α)), without f'(0).",
        arguments={"h": (0.001, 0.05), "decay": (0.5, 0.95)},
    ),
)
