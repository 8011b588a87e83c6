"""Several seeds of a game on the plane, trained at once, and what became of them."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.beyond.leading import leading_spectrum
from diracgan.beyond.plane.methods import METHODS, OPTIMISERS, Setting, game, known
from diracgan.beyond.plane.targets import COUNT, TARGETS
from diracgan.beyond.plane.transport import wasserstein_1
from diracgan.beyond.training import train
from diracgan.dynamics.compiling import answering, running
from diracgan.dynamics.trajectories import STEPS
from diracgan.games.general import GAN
from diracgan.games.inputs import as_choice, as_kind, as_numbers
from diracgan.games.parameters import Parameter
from diracgan.games.players import Player, joined, player
from diracgan.sweeps.progress import Silent

_SEEDS = Parameter("seeds", "m", "runs at once", 5, (1, 10**5), kind=int)
_LEADING = Parameter("k", "k", "leading eigenvalues", 4, (1, 100), kind=int)
# Points of the round whose Jacobian is looked at.
_LARGE = 256


@dataclasses.dataclass(frozen=True, eq=False)
class PlaneRun:
    """Where m seeds of a method ended, with n held-out points and as many generated ones of each seed.

    Attributes:
        target, method, optimiser, setting, rounds: what was run; the optimiser as it is written.
        states: the parameters of both players, shape `(m, p)`.
        samples: generated points, shape `(m, n, 2)`.
        held: held-out real points, shape `(n, 2)`.
        w1: W₁ between the two for every seed, shape `(m,)`; infinite for a seed that diverged.
        floor: W₁ between the held-out points and as many other ones of the same law.
        shown: the seed with the (lower) median of W₁.
        spectrum: the eigenvalues with the largest real parts, complex, shape `(k,)`, of the Jacobian ∂v/∂x of that
            seed's state, in a round of 256 points; NaN where it diverged. A positive real part: the flow leaves.
    """

    target: str
    method: str
    optimiser: str
    setting: Setting
    rounds: int
    states: np.ndarray
    samples: np.ndarray
    held: np.ndarray
    w1: np.ndarray
    floor: float
    spectrum: np.ndarray

    @property
    def shown(self) -> int:
        """The seed with the (lower) median of W₁."""
        return int(np.argsort(self.w1, kind="stable")[(len(self.w1) - 1) // 2])

    @property
    def median(self) -> float:
        """The median of W₁ over the seeds."""
        return _between(self.w1, 0.5)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles of W₁ over the seeds."""
        return _between(self.w1, 0.25), _between(self.w1, 0.75)

    def scores(self, points: Any, seed: int | None = None) -> np.ndarray:
        """D, the fakeness score of a seed (the shown one by default), at points `(n, 2)`; shape `(n,)`."""
        points = as_numbers(points, "points", ("n", "2"))
        seed = as_choice(self.shown if seed is None else seed, "seed", range(len(self.states)))
        # In every game the same: what a method adds is not in the networks.
        discriminator = game(self.target, "none", self.setting).discriminator
        return np.asarray(_scored(discriminator, jnp.asarray(self.states[seed]), jnp.asarray(points, jnp.float32)))

    def __repr__(self) -> str:
        return (
            f"PlaneRun({self.target!r}, {self.method!r}, {self.optimiser}, {len(self.w1)} seeds: "
            f"W1 = {self.median:.3g} [{self.spread[0]:.3g}, {self.spread[1]:.3g}], floor {self.floor:.3g})"
        )


def _between(values: np.ndarray, share: float) -> float:
    """A quantile that interpolates nothing towards infinity."""
    low, high = (float(np.quantile(values, share, method=way)) for way in ("lower", "higher"))
    return float(np.quantile(values, share)) if np.isfinite(high) else low if low == high else high


def run(
    target: Any = "circle",
    method: Any = "r1",
    optimiser: Any = "sgd",
    *,
    seeds: Any = 5,
    rounds: Any = 3000,
    held: Any = 512,
    k: Any = 4,
    setting: Any = None,
) -> PlaneRun:
    """Train several seeds of a method on the plane at once, by `vmap`, and measure what they generate.

    Args:
        target: "gaussian", "line", "circle" or "four-lines".
        method: "none", "wgan", "wgan-gp", "dragan", "instance-noise", "consensus", "r1" or "r2".
        optimiser: "sgd", "rmsprop" (both with simultaneous updates), or any algorithm, such as `dg.Adam(h=1e-3)`.
        seeds: how many. Seed i differs from the others by its initial weights and its minibatches.
        rounds: of training, in float32.
        held: how many held-out and generated points.
        k: how many eigenvalues of the Jacobian at the end.
        setting: networks and data, a `Setting`.

    Raises `TypeError` and `ValueError` for unknown names and values out of range. A seed that diverges is a result.

    In the manner of: Mescheder, Geiger and Nowozin 2018, two-dimensional problems; the settings are ours.

    >>> run("line", "r1", seeds=2, rounds=2, held=16, k=1).w1.shape
    (2,)
    """
    law, _ = known(target, "target", TARGETS), known(method, "method", METHODS)
    algorithm = as_algorithm(known(optimiser, "optimiser", OPTIMISERS) if isinstance(optimiser, str) else optimiser)
    seeds, rounds, held, k = _SEEDS.convert(seeds), STEPS.convert(rounds), COUNT.convert(held), _LEADING.convert(k)
    setting = Setting() if setting is None else as_kind(setting, "setting", Setting, "Setting(width=16)")
    played = game(target, method, setting)
    states = _trained(played, algorithm, setting, seeds, rounds)
    real, other = np.split(law.sample(2 * held, 2 * setting.seed + 1), 2)
    samples = np.asarray(_generated(_inner(played).generator, states, jax.random.key(setting.seed), held))
    w1 = np.array([wasserstein_1(points, real) for points in samples])
    measured: dict[str, Any] = {"samples": samples, "held": real, "w1": w1, "floor": wasserstein_1(other, real)}
    unknown = np.full(k, complex(np.nan, np.nan))
    made = PlaneRun(target, method, repr(algorithm), setting, rounds, np.asarray(states), **measured, spectrum=unknown)
    state = states[made.shown]
    if not np.all(np.isfinite(state)):
        return made
    found = leading_spectrum(game(target, method, setting, _LARGE), state, min(k, len(state) - 1), step=0).values
    return dataclasses.replace(made, spectrum=np.concatenate([found, unknown])[:k])


def _inner(field: Any) -> GAN:
    """The game itself, of which consensus optimisation makes a field."""
    return field if isinstance(field, GAN) else field.field


def _trained(played: Any, algorithm: Algorithm, setting: Setting, seeds: int, rounds: int) -> Any:
    """The states after the last round, in float32, shape `(seeds, p)`."""
    # In float32 under x64, too; and as one portion: nothing is looked at on the way.
    starts = _starts(setting, jax.random.key(setting.seed), np.arange(seeds, dtype=np.uint32))
    key = jax.random.key(setting.seed + 1)
    return train(played, algorithm, starts, rounds, key, max(1, rounds), progress=Silent).x


# Drawn once: XLA's costlier passes take eight seconds for it, and change no bit.
@functools.partial(answering, static=("setting",), loops=True)
def _starts(setting: Setting, key: Any, numbers: Any) -> Any:
    """The initial weights of some seeds, one row each."""

    def one(number: Any) -> Any:
        sides = zip(setting.networks(jax.random.fold_in(key, number)), ("generator", "discriminator"), strict=True)
        return joined([part for network, name in sides for part in player(network, name).parameters])

    return jax.vmap(one)(numbers)


@functools.partial(running, static=("count",))
def _generated(generator: Player, states: Any, key: Any, count: int) -> Any:
    """Points of every seed, shape `(m, count, 2)`, from latent points of its own."""

    def one(state: Any, number: Any) -> Any:
        draw = jax.random.fold_in(key, number)
        latent = jax.random.normal(draw, (count, 2), states.dtype)
        return jax.vmap(generator.bound(generator.parts(state[: generator.size])))(latent)

    return jax.vmap(one)(states, jnp.arange(len(states), dtype=jnp.uint32))


@running
def _scored(discriminator: Player, state: Any, points: Any) -> Any:
    """D at points."""
    return jax.vmap(discriminator.bound(discriminator.parts(state[-discriminator.size :])))(points)
