"""Regret of both players along a run: what each lost against the best fixed choice in a box."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np
from numpy.typing import ArrayLike

from diracgan.catalogue.methods import Method
from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.dirac import Game
from diracgan.games.fields import VectorField, as_field
from diracgan.games.inputs import as_numbers, told
from diracgan.games.parameters import Parameter, cast
from diracgan.regret.averages import average
from diracgan.regret.comparators import best_discriminator, best_generator, payoffs

BOUND = Parameter("bound", "B", "half width of the comparators' box", 1.0, open_low=True)


@dataclasses.dataclass(frozen=True, eq=False)
class Regret:
    """What a run of T states lost, summed over its rounds.

    `generator` Σ L_G(θ_t, ψ_t) - min_θ Σ L_G(θ, ψ_t), `discriminator` max_ψ Σ L_D(θ_t, ψ) - Σ L_D(θ_t, ψ_t), both
    over |θ|, |ψ| <= `bound` (every entry of them); `averages` the mean state, shape `(n,)`, and `gap` its duality gap
    over the same box; `rounds` T; `comparators` the best fixed θ and ψ, numbers or arrays.
    """

    generator: float
    discriminator: float
    gap: float
    averages: np.ndarray
    rounds: int
    bound: float
    comparators: tuple[Any, Any]

    @property
    def mean(self) -> float:
        """(R_G + R_D)/T, equal to `gap` for a bilinear game, not smaller than it for a convex-concave one."""
        return (self.generator + self.discriminator) / self.rounds

    def __repr__(self) -> str:
        numbers = f"generator={self.generator:.6g}, discriminator={self.discriminator:.6g}, gap={self.gap:.6g}"
        return f"Regret({numbers}, rounds={self.rounds})"


@in_float64
def regret(field: Any, path: ArrayLike, bound: object = None) -> Regret:
    """External regret of both players along a run, and the duality gap of its averages.

        R_G = Σ L_G(θ_t, ψ_t) - min_θ Σ L_G(θ, ψ_t),   R_D = max_ψ Σ L_D(θ_t, ψ) - Σ L_D(θ_t, ψ_t)
        gap = max_ψ L_D(θ̄, ψ) - L_D(θ̄, ψ̄) + L_G(θ̄, ψ̄) - min_θ L_G(θ, ψ̄)

    For the bilinear game (R_G + R_D)/T = B(|θ̄| + |ψ̄|) = gap; for a convex-concave zero-sum game (R_G + R_D)/T >= gap.
    The log-loss is concave in θ: there neither holds, and no regret does not mean an equilibrium.

    Args:
        field: a game with objectives, such as `dg.method("wgan", clip=100.0)`, a `dg.GAN` or a `BumpGame`; no
            transform of one, and none that draws minibatches.
        path: shape `(T, n)`, for example of `dg.simulate`; every row is a round.
        bound: B > 0; comparators are sought where every parameter is within ±B (a clip plays no part in it).

    Raises `ValueError` without a bound (the comparators of a bilinear game are unbounded), for a run that leaves the
    box, and for a field without objectives. The best comparator of one number is found on a grid and refined: exact at
    the ends. One of several numbers is found by L-BFGS-B from several places: it is the best one where the player's
    objective is concave in its own parameters (D linear in ψ), and otherwise the regret is found from below.

    >>> game = dg.method("wgan", clip=100.0)
    >>> run = dg.simulate(game, dg.AltGD(h=0.5), start=(1.0, 1.0), steps=400)
    >>> found = dg.regret.regret(game, run, bound=3.0)
    >>> abs(found.mean - found.gap) < 1e-5
    True
    """
    game, states, size = _checked(field, path, bound)
    played_g, played_d = payoffs(game, states)
    mean = average(states)
    at_g, at_d = (float(part[0]) for part in payoffs(game, mean[None]))
    of_run, of_mean = (
        (best_generator(game, among, size), best_discriminator(game, among, size)) for among in (states, mean[None])
    )
    rounds = len(states)
    return Regret(
        float(np.sum(played_g) + rounds * of_run[0].gain),
        float(rounds * of_run[1].gain - np.sum(played_d)),
        float(of_mean[1].gain - at_d + at_g + of_mean[0].gain),
        mean,
        rounds,
        size,
        (of_run[0].choice, of_run[1].choice),
    )


def _checked(field: Any, path: ArrayLike, bound: object) -> tuple[Game, np.ndarray, float]:
    game = objectives(field)
    states = as_numbers(path, "path", ("T", f"{game.dimension}"))
    if bound is None:
        raise ValueError(
            "bound must be given: over all of the line the best comparator of an unbounded game does not exist, and "
            "the regret of a bilinear game is infinite; give bound=B > 0"
        )
    size = BOUND.number(bound)
    return game, within(states, size), size


def within(states: np.ndarray, size: float) -> np.ndarray:
    """The states; `ValueError` where one lies outside of the box of the comparators."""
    furthest = float(np.max(np.abs(states)))
    # Rounding of a projection onto the box itself must not count as leaving it.
    if furthest > size * (1 + 1e-6):
        raise ValueError(
            f"the box must hold the run: |θ| and |ψ| reach {furthest:.6g}, and bound={size:g} was given; a comparator "
            "that may not go where the player went measures nothing"
        )
    return states


def linearised(field: Any, path: ArrayLike, bound: object) -> tuple[float, float]:
    """The regrets of both players on the linearised losses: what online gradient descent keeps small.

        Σ g_t x_t - min_u Σ g_t u = Σ g_t x_t + B|Σ g_t|,  g_t = -v(x_t) of that player's entry

    B is `bound`, the half-width of the box. A convex loss has no more regret than this, a concave one no less: the
    log-loss generator plays without linearised regret, and its true regret grows with every round. Arguments and errors
    are those of `regret`.

    >>> game = dg.method("gan")
    >>> run = dg.regret.online_gradient(game, 0.01, rounds=9999, bound=3.0)
    >>> small, true = dg.regret.linearised(game, run, 3.0)[0], dg.regret.regret(game, run, 3.0).generator
    >>> small / 10_000 < 0.05, true / 10_000 > 0.9
    (True, True)
    """
    game, states, size = _checked(field, path, bound)
    slopes = -np.asarray(_velocities(game, states))
    lost = np.sum(slopes * states, axis=0) + size * np.abs(np.sum(slopes, axis=0))
    own = game.generator_size
    return float(lost[:own].sum()), float(lost[own:].sum())


@in_float64
@answering
def _velocities(game: Game, states: jax.Array) -> jax.Array:
    return jax.vmap(cast(game, states.dtype).velocity)(states)


def objectives(field: Any) -> Game:
    """The game with two objectives behind a field; `ValueError` where there is none."""
    inner: VectorField = as_field(field)
    if isinstance(inner, Method):
        inner = inner.field
    if not isinstance(inner, Game) or inner.changing:
        raise ValueError(
            f"regret needs two objectives that are the same in every round; {told(field)} was given, which has none (a "
            "transformed field has a velocity, and no objective that it descends)"
        )
    return inner
