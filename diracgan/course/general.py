"""Mistakes that can be made in any exercise: a sign, a factor, an inverse, a square."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diracgan.course.exercise import Exercise, Mistake

# Kind, what it makes of the right answer, and what to think of.
GENERAL: tuple[tuple[str, Callable[[np.ndarray], np.ndarray], str], ...] = (
    ("sign", np.negative, "The size is right, the sign is not: who minimises, and who maximises?"),
    ("conjugate", np.conj, "The real part is right; the imaginary part has the other sign."),
    ("modulus", np.abs, "That is the modulus. The number itself was asked for."),
    ("real part", np.real, "That is the real part. The number itself was asked for."),
    ("factor 2", lambda x: 2 * x, "Exactly twice too large: look for a ½, of the penalty, of f'(0), or of a mean."),
    ("factor 1/2", lambda x: x / 2, "Exactly half of it: look for a factor 2, or a ½ that was used twice."),
    ("factor 4", lambda x: 4 * x, "Exactly four times too large: f'(0)² = ¼ for the GAN, 1 for the WGAN."),
    ("factor 1/4", lambda x: x / 4, "Exactly a quarter of it: f'(0)² = ¼ for the GAN, 1 for the WGAN."),
    ("square", np.square, "That is the square of it."),
    ("root", lambda x: np.sqrt(x + 0j), "That is the square root of it."),
    ("inverse", lambda x: 1 / x, "That is one over it."),
)


def general(exercise: Exercise, values: np.ndarray) -> list[tuple[Mistake, np.ndarray]]:
    """Those that lead to another answer than the right one, each with that answer at all points."""
    if values.dtype.kind == "U" or not np.all(values):
        return []
    made = [(Mistake(kind, exercise.truth, hint), change(values)) for kind, change, hint in GENERAL]
    return [(mistake, wrong) for mistake, wrong in made if not exercise.agree(wrong, values)]
