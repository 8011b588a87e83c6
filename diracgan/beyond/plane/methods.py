"""The games that are played on the plane: small networks, minibatches, and what each method adds."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp

from diracgan.algorithms import Algorithm, RMSProp, SimGD
from diracgan.beyond.plane.targets import SEED, TARGETS
from diracgan.games.general import GAN
from diracgan.games.inputs import as_choice, as_kind
from diracgan.games.losses import NonSaturating, Wasserstein
from diracgan.games.measures import Minibatch
from diracgan.games.module import Module, attribute
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import Parameter, unknown
from diracgan.games.penalties import DRAGAN, R1, R2, GradientNorm
from diracgan.games.transforms import Consensus

ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = MappingProxyType({"relu": jax.nn.relu, "tanh": jnp.tanh})
_WIDTH = Parameter("width", "w", "units of a hidden layer", 16, (1, 4096), kind=int)
_DEPTH = Parameter("depth", "d", "hidden layers of each network", 2, (0, 32), kind=int)
_BATCH = Parameter("batch", "b", "points of a minibatch", 64, (1, 10**6), kind=int)
_POINTS = Parameter("points", "n", "points of the training set", 4096, (1, 10**7), kind=int)


@dataclasses.dataclass(frozen=True)
class Setting:
    """Networks and data of a game on the plane.

    Generator and discriminator are dense, with `depth` hidden layers of `width` units and one `activation`, "relu" or
    "tanh"; the latent law is the standard normal one on the plane. `points` real points are drawn once with the seed
    2 × `seed`, and `batch` of these, and as many latent ones, in every round; held-out points have the seed
    2 × `seed` + 1. The start of run number i follows from `seed` and i.

    >>> Setting(batch=32).batch
    32
    """

    width: int = 16
    depth: int = 2
    activation: str = "relu"
    batch: int = 64
    points: int = 4096
    seed: int = 0

    def __post_init__(self) -> None:
        for parameter in (_WIDTH, _DEPTH, _BATCH, _POINTS, SEED):
            object.__setattr__(self, parameter.name, parameter.convert(getattr(self, parameter.name)))
        as_choice(self.activation, "activation", tuple(ACTIVATIONS))
        if self.seed > SEED.bounds[1] // 2 - 1:
            raise ValueError(f"seed must be < {SEED.bounds[1] // 2 - 1:.0f} here; {self.seed} was given")

    def networks(self, key: jax.Array) -> tuple[Any, Any]:
        """A generator and a discriminator, equinox modules in float32 with the initial weights that a key draws."""
        from equinox.nn import MLP

        first, second = jax.random.split(key)
        inner = (self.width, self.depth, ACTIVATIONS[self.activation])
        return MLP(2, 2, *inner, key=first, dtype=jnp.float32), MLP(2, "scalar", *inner, key=second, dtype=jnp.float32)


class Normal(Module):
    """A sampler of `size` standard normal points on the plane, in float32."""

    size: int = attribute(static=True)

    def __call__(self, key: jax.Array) -> jax.Array:
        """The points, shape `(size, 2)`."""
        return jax.random.normal(key, (self.size, 2), jnp.float32)


@dataclasses.dataclass(frozen=True)
class Addition:
    """What a method adds to the unpenalised non-saturating game, and how its weights are written."""

    title: str
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    # Consensus optimisation is no change of the game but a field made from it.
    around: Callable[[GAN], Any] = lambda game: game


_SPREAD = 0.3
METHODS: Mapping[str, Addition] = MappingProxyType(
    {
        "none": Addition("unregularised"),
        "wgan": Addition("WGAN, c = 0.1", {"loss": Wasserstein(), "clip": 0.1}),
        "wgan-gp": Addition("WGAN-GP, γ = 2, g₀ = 1", {"loss": Wasserstein(), "penalties": GradientNorm(2.0, 1.0)}),
        "dragan": Addition("DRAGAN, γ = 2, σ = 0.3", {"penalties": DRAGAN(2.0, 1.0, GaussianNoise(_SPREAD, nodes=4))}),
        "instance-noise": Addition("instance noise, σ = 0.3", {"noise": GaussianNoise(_SPREAD, nodes=4)}),
        "consensus": Addition("consensus, γ = 0.1", around=functools.partial(Consensus, gamma=0.1)),
        "r1": Addition("R1, γ = 1", {"penalties": R1(1.0)}),
        "r2": Addition("R2, γ = 1", {"penalties": R2(1.0)}),
    }
)
OPTIMISERS: Mapping[str, Algorithm] = MappingProxyType({"sgd": SimGD(h=0.05), "rmsprop": RMSProp(h=1e-3)})


def known(name: Any, what: str, those: Mapping[str, Any]) -> Any:
    """The entry of that name; `ValueError` that lists them, `TypeError` for what is no name."""
    if not isinstance(name, str):
        return as_choice(name, what, tuple(those))
    if name not in those:
        raise ValueError(unknown(what, name, those))
    return those[name]


def game(target: Any = "circle", method: Any = "r1", setting: Any = None, batch: Any = None) -> Any:
    """The game of a method on the plane: a `GAN`, or with "consensus" the field made from it.

    Args:
        target: a name of `TARGETS`.
        method: a name of `METHODS`. All but the two Wasserstein games are non-saturating.
        setting: a `Setting`; None is that of its defaults.
        batch: points of a minibatch, in place of the setting's.

    Raises `TypeError` and `ValueError` for unknown names and for what is no setting.

    >>> game("line", "r1").dimension
    691
    """
    law, addition = known(target, "target", TARGETS), known(method, "method", METHODS)
    setting = Setting() if setting is None else as_kind(setting, "setting", Setting, "Setting(width=16)")
    batch = setting.batch if batch is None else _BATCH.convert(batch)
    generator, discriminator = setting.networks(jax.random.key(setting.seed))
    measures: dict[str, Any] = {
        "latent": Normal(batch),
        "data": Minibatch(jnp.asarray(law.sample(setting.points, 2 * setting.seed)), batch),
    }
    changes = {"loss": NonSaturating(), **addition.changes}
    return addition.around(GAN(generator=generator, discriminator=discriminator, **measures, **changes))
