"""Gradient descent of the generator on J with an optimal discriminator: on pairs, on clouds, and in any game."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.general import GAN
from diracgan.games.inputs import Scalar, as_interval, as_kind, told
from diracgan.games.measures import Discrete
from diracgan.games.parameters import Parameter
from diracgan.smoothness.bounds import opponents
from diracgan.smoothness.conditions import EDGE, Constants, constants
from diracgan.smoothness.divergences import ASSUMPTION, Divergence, numbers
from diracgan.smoothness.generators import Generator
from diracgan.smoothness.kernels import MMD, discrepancy

STEP = Parameter("step", "h", "step of the gradient descent", 1.0, open_low=True)
START = Parameter("start", "θ", "the first place", 1.0, (-EDGE, EDGE))
_ROUNDS = Parameter("rounds", "N", "number of steps", 200, (1, 10**6), kind=int)

# The three steps that tell stationarity from its failure: as parts of 1/bound and of 1/true.
STEPS = ("1/L", "1.99/L_true", "2.01/L_true")


@dataclasses.dataclass(frozen=True, eq=False)
class Descent:
    """Gradient descent on J: `path` of θ, shape `(rounds + 1,)` or `(rounds + 1, d)`, and `slopes` ∂J/∂θ along it.

    `outcome` is "stationary" where |∂J/∂θ| at the end is below 1e-6, "2-cycle" where the last iterates alternate
    between two places, else "not stationary", which says nothing of longer runs. `values` holds J along the path of a
    generator, and is None for a pair, whose divergence has a `value` of its own.
    """

    step: float
    path: np.ndarray
    slopes: np.ndarray
    values: np.ndarray | None = None
    note: str = ASSUMPTION

    @property
    def outcome(self) -> str:
        """What became of the run."""
        if np.linalg.norm(self.slopes[-1]) < 1e-6:
            return "stationary"
        back = np.linalg.norm(self.path[-1] - self.path[-3]) if len(self.path) > 2 else np.inf
        return "2-cycle" if back < 1e-6 * max(1.0, float(np.linalg.norm(self.path[-1]))) else "not stationary"

    def __repr__(self) -> str:
        end = ", ".join(f"{entry:.6g}" for entry in np.atleast_1d(self.path[-1]))
        return f"Descent(step={self.step:.6g}, {self.outcome} at {f'({end})' if self.path.ndim > 1 else end})"


def descend(divergence: Divergence, step: object, start: float = 1.0, rounds: int = 200, box: object = None) -> Descent:
    """θ ← θ - h dJ/dθ for the pair (δ_θ, δ_0), with an optimal discriminator at every step.

    Args:
        divergence: such as `LinearR1(0.5)`.
        step: h > 0.
        start: the first θ.
        rounds: the number of steps, from 1 to 10⁶.
        box: (low, high) in which the run must stay, since constants were taken over it.

    Raises `ValueError` for a loss without an optimal discriminator, and where the run leaves the box.

    >>> dg.smoothness.descend(dg.smoothness.LinearR1(0.5), 2.5 * 2, rounds=100)
    Descent(step=5, 2-cycle at 0.486776)
    """
    as_kind(divergence, "divergence", Divergence, "dg.smoothness.MMD(1.0)")
    step, rounds, place = STEP.number(step), _ROUNDS.convert(rounds), START.number(start)
    within = None if box is None else as_interval(box, "box", EDGE)
    if not divergence.attained:
        raise ValueError(
            f"descent needs an optimal discriminator at every step, and {divergence!r} has none in its class: the "
            "supremum is not attained and (D1) fails"
        )
    path = [place]
    slopes = [divergence.gradient(path[0])]
    for _ in range(rounds):
        path.append(path[-1] - step * slopes[-1])
        slopes.append(divergence.gradient(path[-1]))
    made = np.array(path)
    if within is not None and (made.min() < within[0] or made.max() > within[1]):
        raise ValueError(
            "the box must hold the run, or the constants taken over it say nothing of it; the run covers "
            f"[{made.min():.6g}, {made.max():.6g}], box={told(box)} was given: make it larger"
        )
    return Descent(step, made, np.array(slopes))


def descents(
    divergence: Divergence, start: float = 1.0, rounds: int = 2000, known: Constants | None = None
) -> dict[str, Descent]:
    """Descent from θ = `start` at the steps 1/L (L the theorem's bound), 1.99/L_true and 2.01/L_true.

    Args:
        divergence: for example `MMD(1.0)`.
        start: θ of the generated point; the datum is at 0.
        rounds: steps of each descent.
        known: the constants of the divergence, where they have been computed before.

    The first is the step of the theorem, and |dJ/dθ| → 0. The second still decreases J; just above 2/L_true the minimum
    repels where its curvature is L_true. Raises `ValueError` where J is not smooth, and `TypeError` for what is no
    divergence.

    >>> found = dg.smoothness.descents(dg.smoothness.LinearR1(0.5), rounds=300)
    >>> found["1/L"].outcome
    'stationary'
    """
    as_kind(divergence, "divergence", Divergence, "dg.smoothness.MMD(1.0)")
    start, rounds = START.number(start), _ROUNDS.convert(rounds)
    if known is None:
        known = constants(divergence)
    as_kind(known, "known", Constants, "dg.smoothness.constants(divergence)")
    if not math.isfinite(known.bound):
        failing = [name for name in ("alpha", "beta1", "beta2") if not math.isfinite(getattr(known, name))]
        raise ValueError(f"J of {divergence!r} is not smooth: {', '.join(failing)} infinite; there is no step 1/L")
    steps = (1 / known.bound, 1.99 / known.true, 2.01 / known.true)
    return {name: descend(divergence, step, start, rounds) for name, step in zip(STEPS, steps, strict=True)}


@in_float64
def descend_generator(
    generator: Generator | GAN,
    divergence: MMD,
    step: object,
    start: ArrayLike,
    rounds: int = 200,
    data: ArrayLike | None = None,
) -> Descent:
    """θ ← θ - h ∇_θ J(f_θ) for ½MMD², with an optimal discriminator at every step, θ of any number of parameters.

    With h = 1/L, L the bound of `generator_bound` over a box that holds the run, every step lowers J by at least
    ½h|∇J|², and ∇J → 0: stationarity, which need not be a minimum.

    Args:
        generator: such as `Particles(8)`, or a game, of which the generator and the measures are taken.
        divergence: an `MMD`.
        step: h > 0.
        start: the first θ, shape `(d,)`.
        rounds: the number of steps.
        data: the real points, shape `(m,)`; 0 by default, and for a game its own.

    Raises `ValueError` for a start of another shape, `TypeError` for what is neither a generator nor a game.

    >>> two, mmd = dg.smoothness.Particles(2), dg.smoothness.MMD(1.0)
    >>> run = dg.smoothness.descend_generator(two, mmd, 1.0, (0.5, -0.4), data=[-1.0, 1.0])
    >>> run.outcome, bool(np.all(np.diff(run.values) <= 1e-15))
    ('stationary', True)
    """
    if not isinstance(as_kind(divergence, "divergence", Divergence, "dg.smoothness.MMD(1.0)"), MMD):
        raise ValueError(f"a generator descends on an MMD, such as dg.smoothness.MMD(1.0); {divergence!r} was given")
    size, rounds = STEP.number(step), _ROUNDS.convert(rounds)
    moved, real, _ = opponents(generator, data)
    theta = numbers("start", start)
    if theta.shape != (moved.dimension,):
        raise ValueError(f"start must have shape ({moved.dimension},); shape {theta.shape} was given")
    path, slopes, values = (np.asarray(part) for part in _descended(moved, divergence.tau, real, size, theta, rounds))
    return Descent(size, path, slopes, values)


@functools.partial(answering, static=("rounds",), loops=True)
def _descended(
    generator: Any, tau: Scalar, real: Discrete, step: object, start: jax.Array, rounds: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    objective = jax.value_and_grad(lambda theta: discrepancy(tau, generator.measure(theta), real))

    def down(theta: jax.Array, _: object) -> tuple[jax.Array, tuple[jax.Array, jax.Array, jax.Array]]:
        value, slope = objective(theta)
        return theta - step * slope, (theta, slope, value)

    return jax.lax.scan(down, jnp.asarray(start), None, rounds + 1)[1]
