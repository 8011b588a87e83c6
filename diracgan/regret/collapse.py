"""Mode collapse on the line over many seeds: does a penalty on the slope at the data cure it?"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from diracgan.algorithms import Algorithm, AltGD, as_algorithm
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.trajectories import simulate
from diracgan.games.inputs import as_kind, as_numbers, as_text, told
from diracgan.games.losses import Minimax
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import LAMBDA, TARGET, Parameter
from diracgan.games.penalties import R1, Penalty
from diracgan.games.perturbed import PerturbedDeadZone, PerturbedTwoSided, PerturbedZeroCentred
from diracgan.regret.bumps import BumpGame, WeightDecay
from diracgan.regret.landscape import sharpness

_SEEDS = Parameter("seeds", "N", "number of runs", 40, (1, 10_000), kind=int)
_ROUNDS = Parameter("rounds", "N", "rounds of each run", 4000, (1, 10**7), kind=int)
_BUMPS = Parameter("bumps", "K", "number of bumps", 5, (2, 4096), kind=int)
_SPREAD = Parameter("spread", "σ", "deviation of the perturbed points", 0.2)
_NEAR = 0.5


@dataclasses.dataclass(frozen=True, eq=False)
class Collapse:
    """What became of many runs of one game.

    `covered` is the share of runs in which every mode has a particle within half a unit at the end, `error` the
    standard error of that share; `distance` the mean W₁ to the data; `sharpness` the mean over the last half of the
    rounds of |∂D/∂x| at the data, NaN where all runs have diverged.
    """

    name: str
    covered: float
    error: float
    distance: float
    sharpness: float

    def __repr__(self) -> str:
        share = f"covered={self.covered:.2f}±{self.error:.2f}"
        return f"Collapse({self.name}: {share}, W1={self.distance:.3f}, sharpness={self.sharpness:.3g})"


def repairs(gamma: float = 1.0, target: float = 1.0, spread: float = 0.2) -> dict[str, tuple[Penalty, ...]]:
    """The penalties that are compared: none, R1, and the three steps to DRAGAN, each beside a little weight decay.

    `gamma` is the weight of each penalty, `target` the k and `spread` the noise of DRAGAN's. Without any decay most
    weights of D are free, and there are whole families of equilibria.

    >>> list(dg.regret.repairs())[:2]
    ['weight decay only', 'R1']
    """
    gamma, target = LAMBDA.number(gamma), TARGET.number(target)
    noise, little = GaussianNoise(_SPREAD.number(spread), nodes=4), WeightDecay(0.02)
    return {
        "weight decay only": (little,),
        "R1": (little, R1(gamma)),
        "zero-centred, perturbed": (little, PerturbedZeroCentred(gamma, spread=noise)),
        "dead zone": (little, PerturbedDeadZone(gamma, target, spread=noise)),
        "two-sided (DRAGAN)": (little, PerturbedTwoSided(gamma, target, spread=noise)),
    }


def two_modes(penalties: tuple[Penalty, ...], particles: int = 2, bumps: int = 5) -> BumpGame:
    """Modes at ±1 against `particles` points and `bumps` bumps from -2 to 2, as wide as half their spacing.

    `penalties` are what the discriminator pays.

    >>> dg.regret.two_modes((dg.R1(1.0),), particles=2, bumps=5).dimension
    7
    """
    centres = np.linspace(-2.0, 2.0, _BUMPS.convert(bumps))
    return BumpGame([-1.0, 1.0], centres, (centres[1] - centres[0]) / 2, particles, Minimax(), penalties)


@in_float64
def mode_collapse(
    games: Mapping[str, tuple[Penalty, ...]] | None = None,
    seeds: int = 40,
    particles: int = 4,
    algorithm: Algorithm | None = None,
    rounds: int = 4000,
    start: tuple[float, float] = (-1.0, 0.3),
) -> list[Collapse]:
    """Runs from particles that all begin near one of two modes, with D = 0, for each of several penalties.

    Args:
        games: penalties by name; `repairs()` by default.
        seeds: runs of each; the same starts for all penalties.
        particles: generated points, an even number.
        algorithm: `AltGD(h=0.1)` by default.
        rounds: rounds of each run.
        start: mean and standard deviation of the first places.

    Raises `TypeError` and `ValueError` for values out of range, before anything is run.

    >>> (one,) = dg.regret.mode_collapse({"R1": (dg.R1(1.0),)}, seeds=2, particles=2, rounds=100)
    >>> one.name, round(one.distance, 3)
    ('R1', 0.665)
    """
    seeds, rounds = _SEEDS.convert(seeds), _ROUNDS.convert(rounds)
    rule = AltGD(h=0.1) if algorithm is None else as_algorithm(algorithm)
    middle, spread = _start(start)
    named = as_kind(repairs() if games is None else games, "games", Mapping, "dg.regret.repairs()")
    played = {as_text(name, "the name of a game"): two_modes(terms, particles) for name, terms in named.items()}
    found = []
    for name, game in played.items():
        first = np.zeros((seeds, game.dimension))
        first[:, : game.particles] = np.random.default_rng(0).normal(middle, spread, (seeds, game.particles))
        paths = np.asarray(simulate(game, rule, first, rounds, max(1, rounds // 200)))
        found.append(_judged(name, game, paths))
    return found


def _start(given: Any) -> tuple[float, float]:
    middle, spread = as_numbers(given, "start", ("2",)).tolist()
    if spread < 0:
        raise ValueError(f"start must be (mean, deviation) with deviation >= 0; {told(given)} was given")
    return middle, spread


def _judged(name: str, game: BumpGame, paths: np.ndarray) -> Collapse:
    n, data = game.particles, np.asarray(game.data)
    ends = np.sort(paths[:, -1, :n], axis=1)
    goal = np.sort(np.repeat(data, n // len(data)))
    covered = np.all(np.min(np.abs(ends[:, :, None] - data), axis=1) < _NEAR, axis=1)
    late = paths[:, paths.shape[1] // 2 :].reshape(-1, game.dimension)
    late, share = late[np.all(np.isfinite(late), axis=1)], float(covered.mean())
    return Collapse(
        name,
        share,
        float(np.sqrt(share * (1 - share) / len(covered))),
        float(np.mean(np.abs(ends - goal))),
        float(np.mean(sharpness(game, late))) if len(late) else math.nan,
    )
