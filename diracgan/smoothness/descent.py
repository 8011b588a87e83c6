"""Gradient descent of the generator on J with an optimal discriminator, and what that is the limit of."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import numpy as np

from diracgan.algorithms import AltGD
from diracgan.catalogue import method
from diracgan.dynamics.spectrum import multipliers
from diracgan.games.parameters import Parameter
from diracgan.smoothness.conditions import Constants, constants
from diracgan.smoothness.divergences import ASSUMPTION, Divergence, numbers
from diracgan.smoothness.responses import ClippedQuadratic, LinearR1, Response

_STEP = Parameter("step", "h", "step of the gradient descent", 1.0, open_low=True)
_ROUNDS = Parameter("rounds", "N", "number of steps", 200, (1, 10**6), kind=int)

# The three steps that tell stationarity from its failure: as parts of 1/bound and of 1/true.
STEPS = ("1/L", "1.99/L_true", "2.01/L_true")


@dataclasses.dataclass(frozen=True, eq=False)
class Descent:
    """Gradient descent on J: `path` of θ, shape `(rounds + 1,)`, and `slopes` dJ/dθ along it.

    `outcome` is "stationary" where |dJ/dθ| at the end is below 1e-6, "2-cycle" where the last iterates alternate
    between two places, else "not stationary", which says nothing of longer runs.
    """

    step: float
    path: np.ndarray
    slopes: np.ndarray
    note: str = ASSUMPTION

    @property
    def outcome(self) -> str:
        """What became of the run."""
        if abs(self.slopes[-1]) < 1e-6:
            return "stationary"
        back = np.abs(self.path[-1] - self.path[-3]) if len(self.path) > 2 else np.inf
        return "2-cycle" if back < 1e-6 * max(1.0, abs(self.path[-1])) else "not stationary"

    def __repr__(self) -> str:
        return f"Descent(step={self.step:.6g}, {self.outcome} at {self.path[-1]:.6g})"


def descend(divergence: Divergence, step: Any, start: float = 1.0, rounds: int = 200, box: Any = None) -> Descent:
    """θ ← θ - h dJ/dθ for the pair (δ_θ, δ_0), with an optimal discriminator at every step.

    Args:
        divergence: such as `LinearR1(0.5)`.
        step: h > 0.
        start: the first θ.
        rounds: the number of steps.
        box: (low, high) in which the run must stay, since constants were taken over it.

    Raises `ValueError` for a loss without an optimal discriminator, and where the run leaves the box.

    >>> dg.smoothness.descend(dg.smoothness.LinearR1(0.5), 2.5 * 2, rounds=100)
    Descent(step=5, 2-cycle at 0.486776)
    """
    if not divergence.attained:
        raise ValueError(
            f"descent needs an optimal discriminator at every step, and {divergence!r} has none in its class: the "
            "supremum is not attained and (D1) fails"
        )
    step, rounds = float(_STEP.convert(step)), _ROUNDS.convert(rounds)
    path = [float(numbers("start", start))]
    slopes = [divergence.gradient(path[0])]
    for _ in range(rounds):
        path.append(path[-1] - step * slopes[-1])
        slopes.append(divergence.gradient(path[-1]))
    made = np.array(path)
    if box is not None:
        low, high = numbers("box", box)
        if made.min() < low or made.max() > high:
            raise ValueError(
                f"the box must hold the run, or the constants taken over it say nothing of it; the run covers "
                f"[{made.min():.6g}, {made.max():.6g}], box={box!r} was given"
            )
    return Descent(step, made, np.array(slopes))


def descents(
    divergence: Divergence, start: float = 1.0, rounds: int = 2000, known: Constants | None = None
) -> dict[str, Descent]:
    """Descent at the steps 1/L (L the theorem's bound), 1.99/L_true and 2.01/L_true.

    The first is the step of the theorem, and |dJ/dθ| → 0. The second still decreases J; just above 2/L_true the minimum
    repels where its curvature is L_true. Raises `ValueError` where J is not smooth.
    """
    if known is None:
        known = constants(divergence)
    if not math.isfinite(known.bound):
        failing = [name for name in ("alpha", "beta1", "beta2") if not math.isfinite(getattr(known, name))]
        raise ValueError(f"J of {divergence!r} is not smooth: {', '.join(failing)} infinite; there is no step 1/L")
    steps = (1 / known.bound, 1.99 / known.true, 2.01 / known.true)
    return {name: descend(divergence, step, start, rounds) for name, step in zip(STEPS, steps, strict=True)}


@dataclasses.dataclass(frozen=True, eq=False)
class Chain:
    """From the penalty to the limit of alternating training: every link is derived, none is typed.

    `gamma` the weight of the penalty; `response` |dψ/dθ| of the optimal discriminator at θ = 0, which is β₂ of the
    score; `smoothness` L of J at its minimum, `limit` 2/L, the largest stable step of the generator with an optimal
    discriminator; `n_d` numbers of discriminator steps, `multipliers` the larger one in modulus that depends on the
    generator's step h, for each n_d; `expected` 1 - hL, where they must end.
    """

    gamma: float
    h: float
    response: float
    smoothness: float
    limit: float
    n_d: tuple[int, ...]
    multipliers: np.ndarray
    expected: float
    note: str = ASSUMPTION

    @property
    def error(self) -> float:
        """The distance of the last multiplier to 1 - hL."""
        return float(abs(self.multipliers[-1] - self.expected))


def chain(
    gamma: Any = 0.5, h: Any = None, loss: str = "log", n_d: tuple[int, ...] = (1, 2, 3, 5, 10, 20, 50, 100)
) -> Chain:
    """Penalty γ → β₂ = |dψ/dθ| → the largest stable step → the multipliers of AltGD as n_d → ∞.

        Wasserstein: β₂ = 1/γ = L, h < 2γ.     Log-loss: β₂ = c/γ, L = c²/γ, h < 2γ/c², c = ½.

    The generator's step `h` is 0.9·2/L by default; the discriminator's is 1/2γ, which halves its error at each step.

    >>> made = dg.smoothness.chain(0.5)
    >>> round(made.response, 6), round(made.limit, 6), made.error < 1e-9
    (1.0, 4.0, True)
    """
    if loss not in ("log", "linear"):
        raise ValueError(f"loss must be 'log' or 'linear'; {loss!r} was given")
    divergence: Response = LinearR1(gamma) if loss == "log" else ClippedQuadratic(1e6, gamma)
    weight, small = float(divergence.weight), 1e-5
    response = (divergence.score([small]) - divergence.score([-small])) / (2 * small)
    curvature = (divergence.gradient(small) - divergence.gradient(-small)) / (2 * small)
    h = 0.9 * 2 / curvature if h is None else float(_STEP.convert(h))
    field = method("r1" if loss == "log" else "wgan-r1", gamma=weight)
    with jax.enable_x64(True):
        found = [max(np.asarray(multipliers(field, AltGD(h_g=h, h_d=1 / (2 * weight), n_d=n))), key=abs) for n in n_d]
    return Chain(weight, h, response, curvature, 2 / curvature, tuple(n_d), np.array(found), 1 - h * curvature)
