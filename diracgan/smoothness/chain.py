"""The chain that joins the papers: a penalty's weight, the smoothness of J, and alternating training with n_d → ∞."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import AltGD
from diracgan.catalogue import method
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.spectrum import jacobian, multipliers
from diracgan.games.general import GAN
from diracgan.games.inputs import as_choice, as_kind, as_numbers, told
from diracgan.games.parameters import N_D, Parameter
from diracgan.games.states import as_float64
from diracgan.smoothness.descent import STEP
from diracgan.smoothness.divergences import ASSUMPTION
from diracgan.smoothness.responses import ClippedQuadratic, LinearR1, Response

# What an entry of the velocity may be at an equilibrium.
_REST = 1e-6
_H = dataclasses.replace(STEP, name="h")
_WEIGHT = Parameter("gamma", "γ", "weight of the penalty", 0.5, (1e-6, 1e6), (0.05, 3.0))


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class GameChain:
    """The last links of the chain for any game, at an equilibrium: what alternating training becomes as n_d → ∞.

    With B = ∂²L_D/∂ψ∂θ and Q = -∂²L_D/∂ψ² the optimal discriminator moves with θ by Q⁺B, and the Hessian of
    J(θ) = max L_D is ∂²L_D/∂θ² + BᵀQ⁺B. `response` is the norm of Q⁺B, `smoothness` L the largest eigenvalue of the
    Hessian that the generator descends on, `limit` 2/L, the largest stable step of the generator with an optimal
    discriminator; `n_d` numbers of discriminator steps, `multipliers` for each of them the multiplier of AltGD with the
    generator's step `h` that is nearest to `expected` = 1 - hL, and the last of them must be there.
    """

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


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Chain(GameChain):
    """The whole chain on the Dirac-GAN, from the penalty's weight `gamma`: every link is derived, none is typed.

    `response` is |dψ/dθ| of the optimal discriminator at θ = 0, which is β₂ of the score, `smoothness` L of J at its
    minimum. `limit` is 2/L, `n_d` numbers of discriminator steps; `multipliers` holds for each of them the multiplier
    of AltGD with the generator's step `h` that is larger in modulus, which tends to `expected` = 1 - hL.
    """

    gamma: float


@in_float64
def chain(
    gamma: Any = 0.5, h: Any = None, loss: str = "log", n_d: tuple[int, ...] = (1, 2, 3, 5, 10, 20, 50, 100)
) -> Chain:
    """Penalty γ → β₂ = |dψ/dθ| → the largest stable step → the multipliers of AltGD as n_d → ∞.

        Wasserstein: β₂ = 1/γ = L, h < 2γ.     Log-loss: β₂ = c/γ, L = c²/γ, h < 2γ/c², c = ½.

    Args:
        gamma: weight of R1, 10⁻⁶ <= γ <= 10⁶.
        h: step of the generator, 0.9·2/L by default; the discriminator's is 1/2γ, which halves its error at each step.
        loss: "log" or "linear".
        n_d: numbers of discriminator steps in a round, each >= 1.

    Raises `TypeError` and `ValueError` for values out of range.

    >>> made = dg.smoothness.chain(0.5)
    >>> round(made.response, 6), round(made.limit, 6), made.error < 1e-9
    (1.0, 4.0, True)
    """
    weight, counts, loss = _WEIGHT.number(gamma), _counts(n_d), as_choice(loss, "loss", ("log", "linear"))
    step = None if h is None else _H.number(h)
    divergence: Response = LinearR1(weight) if loss == "log" else ClippedQuadratic(1e6, weight)
    # Scores grow like θ/γ and saturate where θ² is no longer small beside γ.
    small = 1e-5 * math.sqrt(weight)
    response = (divergence.score([small]) - divergence.score([-small])) / (2 * small)
    curvature = (divergence.gradient(small) - divergence.gradient(-small)) / (2 * small)
    step = 0.9 * 2 / curvature if step is None else step
    field = method("r1" if loss == "log" else "wgan-r1", gamma=weight)
    rules = [AltGD(h_g=step, h_d=1 / (2 * weight), n_d=n) for n in counts]
    found = [max(np.asarray(multipliers(field, rule)), key=abs) for rule in rules]
    return Chain(
        gamma=weight,
        h=step,
        response=response,
        smoothness=curvature,
        limit=2 / curvature,
        n_d=counts,
        multipliers=np.array(found),
        expected=1 - step * curvature,
    )


def _counts(n_d: Any) -> tuple[int, ...]:
    """Numbers of discriminator steps."""
    return tuple(N_D.convert(n) for n in as_numbers(n_d, "n_d", ("m",)))


# Curvatures of the discriminator's objective below this part of the largest are taken for none.
_FLAT = 1e-9


@in_float64
def game_chain(
    game: GAN, at: ArrayLike | None = None, h: Any = None, n_d: tuple[int, ...] = (1, 2, 5, 10, 20, 50, 100, 500)
) -> GameChain:
    """The smoothness of J at an equilibrium of a game, and AltGD's multipliers on their way to descent on J.

    Args:
        game: a `dg.GAN` whose discriminator objective is curved at the state in every direction that the generator
            moves it in, as R1 makes it.
        at: an equilibrium, shape `(n,)`; the game's own by default.
        h: step of the generator, 0.9·2/L by default; the discriminator's is the inverse of its largest curvature.
        n_d: numbers of discriminator steps in a round.

    Raises `ValueError` at a state that is no equilibrium (there the discriminator is not optimal, and a multiplier says
    nothing), and where no discriminator is optimal: the objective is not concave at the state, or flat along a
    direction in which the generator pushes it.

    >>> from diracgan.beyond import problems
    >>> made = dg.smoothness.game_chain(problems()[0].game)
    >>> round(made.smoothness, 6), made.error < 1e-9
    (0.25, True)
    """
    as_kind(game, "game", GAN, "dg.beyond.problems()[0].game")
    size, counts = game.generator_size, _counts(n_d)
    step = None if h is None else _H.number(h)
    at = _at_rest(game, at)
    whole = np.asarray(jacobian(game, at))
    pull, push, curved = whole[:size, size:], whole[size:, :size], -whole[size:, size:]
    response, largest = _response(curved, push)
    # The generator's own velocity along the optimal discriminator; minus its derivative is the Hessian of J.
    hessian = -(whole[:size, :size] + pull @ response)
    smooth = float(np.max(np.linalg.eigvals(hessian).real))
    if not smooth > 0:
        raise ValueError(f"J has no positive curvature at the state, its largest is {smooth:.3g}: every step is stable")
    step = 0.9 * 2 / smooth if step is None else step
    expected, found = 1 - step * smooth, []
    for n in counts:
        values = np.asarray(multipliers(game, AltGD(h_g=step, h_d=1 / largest, n_d=n), at))
        found.append(values[np.argmin(np.abs(values - expected))])
    return GameChain(
        h=step,
        response=float(np.linalg.norm(response, 2)),
        smoothness=smooth,
        limit=2 / smooth,
        n_d=counts,
        multipliers=np.array(found),
        expected=expected,
    )


def _at_rest(game: GAN, at: ArrayLike | None) -> np.ndarray:
    """A state at which the game's velocity vanishes."""
    if game.changing:
        raise ValueError(f"{game.changing}: it is at rest nowhere; give the latent and the data as points")
    x = as_float64(game.equilibrium if at is None else at, game.dimension, "at")
    speed = float(np.max(np.abs(np.asarray(game(x)))))
    if not speed <= _REST:
        raise ValueError(
            f"at must be an equilibrium, where the discriminator is optimal and neither player moves; an entry of the "
            f"velocity is {speed:.3g} at {told(x)}, which was given: find one by training, or leave at= out"
        )
    return x


def _response(curved: np.ndarray, push: np.ndarray) -> tuple[np.ndarray, float]:
    """Q⁺B, and the largest eigenvalue of Q."""
    values, vectors = np.linalg.eigh((curved + curved.T) / 2)
    largest = float(values[-1])
    flat = values < _FLAT * max(largest, 1e-300)
    pushed = vectors.T @ push
    if largest <= 0 or values[0] < -_FLAT * largest:
        raise ValueError(
            f"an optimal discriminator needs a concave objective; -∂²L_D/∂ψ² has eigenvalues from {values[0]:.3g} to "
            f"{largest:.3g}: add a penalty such as dg.R1(1.0)"
        )
    if np.any(np.abs(pushed[flat]) > 1e-6 * max(1.0, float(np.abs(push).max()))):
        raise ValueError(
            "the objective is flat where the generator pushes the discriminator: no discriminator is optimal"
        )
    inverse = np.where(flat, 0.0, 1 / np.where(flat, 1.0, values))
    return vectors @ (inverse[:, None] * pushed), largest
