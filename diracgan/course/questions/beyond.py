"""Chapter 9: more than two parameters."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from diracgan import theory
from diracgan.course.exercise import Exercise, Mistake


def _block(t: float, k: float, c: float = 0.5) -> tuple[tuple[float, float], tuple[float, float]]:
    """One singular value k of the coupling, and the damping t."""
    return ((0.0, -c * k), (c * k, -t))


_GENERATORS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "sum": lambda p: p[:1] + p[1:],
    "product": lambda p: p[:1] * p[1:],
    "pair": lambda p: p,
}


def _rank(name: str) -> int:
    """The rank of the derivative of a generator where its parameters are 0."""
    return int(np.linalg.matrix_rank(jax.jacfwd(_GENERATORS[name])(jnp.zeros(2))))


EXERCISES = (
    Exercise(
        "singular-step",
        9,
        "A pair of directions with the coupling c·k, c = ½, and the damping t: up to which h is AltGD stable?",
        lambda t, k: theory.altgd_limit(_block(t, k)),
        (
            Mistake(
                "simultaneous for alternating",
                lambda t, k: theory.simgd_limit(_block(t, k)),
                "That is the limit of SimGD.",
            ),
            Mistake(
                "f' of the WGAN",
                lambda t, k: theory.altgd_limit(_block(t, k, 1.0)),
                "Right for c = 1. Here f'(0) = ½.",
            ),
            Mistake(
                "k forgotten",
                lambda t, k: theory.altgd_limit(_block(t, 1.0)),
                "A singular value of the coupling multiplies c: the larger it is, the smaller the step.",
            ),
        ),
        "(√(t² + 4c²k²) - t)/(c²k²): the largest singular value decides.",
        arguments={"t": (0.1, 0.9), "k": (1.1, 3.0)},
    ),
    Exercise(
        "data-location",
        9,
        "The unregularised GAN, D(x) = ψx, data at a, 0 < a < 1.4: what is the real part of its eigenvalues?",
        lambda a: theory.data_eigenvalues(a)[0].real,
        (
            Mistake(
                "trace for eigenvalue",
                lambda a: -(a**2) / 2,
                "That is the trace of the Jacobian. Two eigenvalues share it.",
            ),
            Mistake(
                "centre at zero",
                lambda a: 0.0 * a,
                "Right for a = 0 only, where ∇_ψ D = x vanishes on the data. Elsewhere the curvature f'' damps.",
            ),
            Mistake(
                "one of the two points",
                lambda a: -(a**2) / 8,
                "Both the real and the generated point lie at a: f'' comes twice.",
            ),
        ),
        "f''(0)a² = -a²/4: the same as instance noise with σ = a.",
        arguments={"a": (0.2, 1.35)},
    ),
    Exercise(
        "rank",
        9,
        "Three generators for data at 0, at parameters 0: θ = a + b, θ = ab, θ = (a, b). For which does the "
        "theorem not apply: sum, product, pair?",
        lambda: min(_GENERATORS, key=_rank),
        (
            Mistake(
                "manifold for isolated",
                lambda: "sum",
                "a + b = 0 is a line of equilibria: a manifold, along which nothing has to move.",
            ),
            Mistake("nothing wrong", lambda: "pair", "Two parameters for two coordinates: full rank."),
        ),
        "ab = 0 is a cross, no manifold, and the derivative of ab vanishes in its centre.",
        choices=("sum", "product", "pair"),
    ),
)
