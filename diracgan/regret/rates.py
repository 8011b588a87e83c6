"""How fast the duality gap of the averages falls with the number of rounds, beside what theory says."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import numpy as np

from diracgan.algorithms import Algorithm, AltGD, ExtraGradient, Lookahead, Optimistic, SimGD
from diracgan.catalogue import method
from diracgan.dynamics.trajectories import simulate
from diracgan.games.dirac import Game
from diracgan.regret.averages import running_averages
from diracgan.regret.comparators import duality_gaps
from diracgan.regret.players import objectives
from diracgan.theory.regret import BILINEAR_RATES

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


def rates(game: str = "bilinear", start: Any = (1.0, 1.0), rounds: Any = None, bound: float = 5.0) -> list[Rate]:
    """The duality gap of the averages against the number of rounds, for five algorithms on the box |x| <= bound.

    SimGD has h = 1/√T (with a fixed h its averages of the bilinear game diverge exponentially), the others h = 0.3. Its
    T are moved to the nearest after which a run has made an odd number of half turns of the bilinear game.
    The oscillation of AltGD's averages within a revolution is smoothed by taking the largest gap between T/2 and T.

    >>> [round(rate.slope, 1) for rate in dg.regret.rates()]
    [-0.5, -1.0, -1.0, -1.0, -1.0]
    """
    if game not in GAMES:
        raise ValueError(f"game must be one of {', '.join(map(repr, GAMES))}; {game!r} was given")
    counts = np.array([400, 800, 1600, 3200, 6400] if rounds is None else rounds)
    if counts.ndim != 1 or len(counts) < 2 or np.any(counts < 8):
        raise ValueError(f"rounds must be at least two numbers from 8 on; {rounds!r} was given")
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
    with jax.enable_x64(True):
        found = [Rate(game, first, halves, _decreasing(played, start, halves, bound), known.get(first))]
        for name in others:
            found.append(Rate(game, name, counts, _fixed(played, fixed[name], start, counts, bound), known.get(name)))
    return found


def _decreasing(game: Game, start: Any, counts: np.ndarray, bound: float) -> np.ndarray:
    """The gaps of SimGD, a run of its own for each T."""
    means = []
    for count in counts:
        # All go on as long as the longest, whose program serves the others.
        path = np.asarray(simulate(game, SimGD(h=1 / math.sqrt(count)), np.asarray(start, float), int(counts.max())))
        means.append(path[:count].mean(axis=0))
    return duality_gaps(game, np.array(means), bound)


def _fixed(game: Game, algorithm: Algorithm, start: Any, counts: np.ndarray, bound: float) -> np.ndarray:
    """For every T the largest gap of sixteen averages, of the first T/2 … T states of one run."""
    path = np.asarray(simulate(game, algorithm, np.asarray(start, float), int(counts.max())))
    means = running_averages(path)
    places = np.array([np.linspace(count // 2, count, 16).astype(int) - 1 for count in counts])
    return duality_gaps(game, means[places.ravel()], bound).reshape(places.shape).max(axis=1)
