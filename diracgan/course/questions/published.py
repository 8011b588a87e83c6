"""Chapter 12: what the published figures and code say."""

import numpy as np

from diracgan.catalogue import method
from diracgan.course.exercise import Exercise, Mistake
from diracgan.dynamics.spectrum import eigenvalues, jacobian

_WEIGHT = 10.0


def _ends(gamma: float) -> np.ndarray:
    """The two eigenvalues of the GAN with R1, the slower one last."""
    return np.asarray(np.sort(np.real(eigenvalues(method("r1", gamma=gamma)))))


EXERCISES = (
    Exercise(
        "locus-end",
        12,
        "What is the slower of the two eigenvalues of the GAN with R1 at twice the critical penalty?",
        lambda: _ends(2.0)[1],
        (
            Mistake(
                "published label",
                lambda: _ends(1.5)[1],
                "That belongs to γ = 1.5, where the published picture ends, labelled 2γ_crit. But γ_crit is 1.",
            ),
            Mistake("fast for slow", lambda: _ends(2.0)[0], "That is the faster one. The slower one decides."),
            Mistake(
                "f' of the WGAN",
                lambda: np.real(eigenvalues(method("wgan-r1", gamma=4.0)))[0],
                "That is twice the critical penalty of the WGAN.",
            ),
        ),
        "-(2 - √3)/2 = -0.134, a quarter of what the critical penalty reaches.",
        tolerance=5e-3,
    ),
    Exercise(
        "published-weight",
        12,
        "Published code adds w E|∇D|² with w = 10 to the discriminator's loss. Which γ of (γ/2) E|∇D|² is that?",
        lambda: -float(jacobian(method("zero-gp", gamma=_WEIGHT))[1][1]),
        (
            Mistake("no ½", lambda: _WEIGHT, "The paper's γ is divided by 2: γ/2 = w."),
            Mistake("½ on the wrong side", lambda: _WEIGHT / 2, "The paper's γ/2 is w, not the other way round."),
        ),
        "γ = 20: a weight that is copied without its convention is wrong by a factor of two.",
    ),
)
