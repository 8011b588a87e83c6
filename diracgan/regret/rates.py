"""How fast the duality gap of the averages falls with the number of rounds, beside what theory says."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from diracgan.algorithms import Algorithm, AltGD, ExtraGradient, Lookahead, Optimistic, SimGD
from diracgan.catalogue import method
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.trajectories import simulate
from diracgan.games.dirac import Game
from diracgan.games.inputs import as_choice, as_numbers, told
from diracgan.games.parameters import Parameter
from diracgan.games.states import as_float64
from diracgan.regret.averages import running_averages
from diracgan.regret.comparators import duality_gaps
from diracgan.regret.players import BOUND, objectives, within
from diracgan.theory.regret import BILINEAR_RATES

_ROUNDS = Parameter("rounds", "T", "numbers of rounds", 400, (8, 10**7), kind=int)
GAMES = ("bilinear", "log-loss")


@dataclasses.dataclass(frozen=True, eq=False)
class Rate:
    """One algorithm on one game: `gaps` of the averages after each of `rounds`, and the fitted exponent `slope`.

    `expected` is the exponent that theory gives on the bilinear game; None for the log-loss, where no theorem on
    averages applies (L is concave in θ).
    """

    game: str
    algorithm: str
    rounds: np.ndarray
    gaps: np.ndarray
    expected: float | None

    @property
    def slope(self) -> float:
        """The least-squares slope of log gap over log T."""
        return float(np.polyfit(np.log(self.rounds), np.log(self.gaps), 1)[0])

    def __repr__(self) -> str:
        said = "no theorem" if self.expected is None else f"theory {self.expected:g}"
        return f"Rate({self.game}, {self.algorithm}: slope {self.slope:.3f}, {said})"


@in_float64
def rates(game: str = "bilinear", start: Any = (1.0, 1.0), rounds: Any = None, bound: float = 5.0) -> list[Rate]:
    """The duality gap of the averages against the number of rounds, for five algorithms on the box |x| <= bound.

    SimGD has h = 1/√T (with a fixed h its averages of the bilinear game diverge exponentially), the others h = 0.3. Its
    T are moved to the nearest after which a run has made an odd number of half turns of the bilinear game.
    The oscillation of AltGD's averages within a revolution is smoothed by taking the largest gap between T/2 and T.

    Args:
        game: "bilinear" or "log-loss".
        start: the first state, shape `(2,)`.
        rounds: the numbers of rounds T, each >= 8 and at least two of them; from 400 to 6400 by default.
        bound: half width of the box, which must hold the runs.

    Raises `TypeError` and `ValueError` for others.

    >>> [round(rate.slope, 1) for rate in dg.regret.rates()]
    [-0.5, -1.0, -1.0, -1.0, -1.0]
    """
    game, start, bound = as_choice(game, "game", GAMES), as_float64(start, 2), BOUND.number(bound)
    counts = _counts((400, 800, 1600, 3200, 6400) if rounds is None else rounds)
    field = method("wgan", clip=1e6) if game == "bilinear" else method("gan")
    h = 0.3
    fixed: dict[str, Algorithm] = {
        "AltGD": AltGD(h=h),
        "extragradient": ExtraGradient(h=h),
        "optimistic": Optimistic(h=h),
        "Lookahead": Lookahead(SimGD(h=h), k=5, alpha=0.5),
    }
    first, *others = BILINEAR_RATES
    # h√T turns of SimGD end anywhere; after an odd number of half turns the average is at its largest.
    halves = np.rint((2 * np.rint((np.sqrt(counts) / np.pi - 1) / 2) + 1) ** 2 * np.pi**2).astype(int)
    known = BILINEAR_RATES if game == "bilinear" else {}
    played = objectives(field)
    found = [Rate(game, first, halves, _decreasing(played, start, halves, bound), known.get(first))]
    for name in others:
        found.append(Rate(game, name, counts, _fixed(played, fixed[name], start, counts, bound), known.get(name)))
    return found


def _counts(rounds: Any) -> np.ndarray:
    counts = np.array([_ROUNDS.convert(count) for count in as_numbers(rounds, "rounds", ("m",))])
    if len(np.unique(counts)) < 2:
        raise ValueError(f"rounds must be at least two different numbers, each >= 8; {told(rounds)} was given")
    return counts


def _decreasing(game: Game, start: Any, counts: np.ndarray, bound: float) -> np.ndarray:
    """The gaps of SimGD, a run of its own for each T."""
    means = []
    for count in counts:
        # All go on as long as the longest, whose program serves the others.
        path = np.asarray(simulate(game, SimGD(h=1 / math.sqrt(count)), start, int(counts.max())))
        means.append(within(path[:count], bound).mean(axis=0))
    return duality_gaps(game, np.array(means), bound)


def _fixed(game: Game, algorithm: Algorithm, start: Any, counts: np.ndarray, bound: float) -> np.ndarray:
    """For every T the largest gap of sixteen averages, of the first T/2 … T states of one run."""
    path = np.asarray(simulate(game, algorithm, start, int(counts.max())))
    means = running_averages(path)
    places = np.array([np.linspace(count // 2, count, 16).astype(int) - 1 for count in counts])
    return duality_gaps(game, within(means[places.ravel()], bound), bound).reshape(places.shape).max(axis=1)
