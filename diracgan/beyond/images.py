"""Games of images: a set of labelled pictures, two dense networks, and the methods that are compared on them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Adam, Algorithm, Averaged, RMSProp
from diracgan.dynamics.compiling import running
from diracgan.games.general import GAN
from diracgan.games.inputs import as_choice, as_key, as_kind, as_numbers
from diracgan.games.losses import NonSaturating, Wasserstein
from diracgan.games.measures import Minibatch
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import AVERAGE, RATE, Parameter
from diracgan.games.penalties import DRAGAN, R1, GradientNorm

LATENT = Parameter("latent", "d", "entries of a latent point", 16, (1, 4096), kind=int)
WIDTH = Parameter("width", "w", "units of every hidden layer", 64, (1, 65536), kind=int)
BATCH = Parameter("batch", "n", "points of a minibatch", 64, (1, 10**6), kind=int)
ROUNDS = Parameter("rounds", "N", "rounds of training", 10_000, (1, 2**31 - 1), kind=int)
SEEDS = Parameter("seeds", "m", "runs of every method", 3, (1, 1000), kind=int)
_LEAST = 10  # images of a class, without which no classifier is trained


@dataclasses.dataclass(frozen=True)
class ImageSet:
    """Grey or coloured pictures with classes.

    Attributes:
        images: shape `(n, height, width)` or `(n, height, width, channels)`, with entries in [-1, 1].
        labels: the class of each, integers 0, 1, ... , shape `(n,)`, every class at least ten times.
        name: what the set is called in file names and titles.

    Raises `TypeError` and `ValueError` for what is none of these.

    >>> ImageSet(np.zeros((20, 8, 8)), np.arange(20) % 2, "flat").shape
    (8, 8)
    """

    images: np.ndarray
    labels: np.ndarray
    name: str = "images"

    def __post_init__(self) -> None:
        axes = ("n", "height", "width")
        images = as_numbers(self.images, "images", axes, (*axes, "channels"))
        labels = as_numbers(self.labels, "labels", ("n",))
        if np.max(np.abs(images)) > 1:
            raise ValueError(f"the entries of images must be in [-1, 1]; up to {np.max(np.abs(images)):g} were given")
        if len(labels) != len(images):
            raise ValueError(f"there must be one label per image; {len(labels)} for {len(images)} images were given")
        counts = np.bincount(labels.astype(int)) if np.all((labels >= 0) & (labels < len(labels))) else np.zeros(1)
        if np.any(labels != labels.astype(int)) or np.any(counts < _LEAST):
            raise ValueError(
                f"labels must be the integers 0, 1, ..., each at least {_LEAST} times; those given have the counts "
                f"{counts.astype(int).tolist()}"
            )
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ValueError(f"the name of a set is a part of file names, such as 'digits'; {self.name!r} was given")
        object.__setattr__(self, "images", images.astype(np.float32))
        object.__setattr__(self, "labels", labels.astype(np.int32))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one image."""
        return self.images.shape[1:]

    @property
    def flat(self) -> np.ndarray:
        """The images as vectors, shape `(n, entries)`."""
        return self.images.reshape(len(self.images), -1)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.labels.max()) + 1


def digits() -> ImageSet:
    """The 1797 handwritten digits of 8x8 pixels that scikit-learn ships; `ImportError` names the extra without it."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError("the handwritten digits need scikit-learn: pip install 'diracgan[images]'") from None
    loaded = load_digits()
    return ImageSet(loaded.images / 8 - 1, loaded.target, "digits")


@dataclasses.dataclass(frozen=True)
class Plan:
    """How the games of a set of images are played; the same for every method.

    `seeds` runs of `rounds` rounds on minibatches of `batch` points, by the networks of `width` units and the algorithm
    named `algorithm` ("rmsprop" or "adam") with the rate `h`. With `average` in (0, 1) what is looked at are running
    means of the weights, x̄ ← βx̄ + (1 - β)x, and 0 is the weights themselves.
    """

    rounds: int = 10_000
    seeds: int = 3
    width: int = 64
    latent: int = 16
    batch: int = 64
    h: float = 1e-3
    algorithm: str = "rmsprop"
    average: float = 0.0

    def __post_init__(self) -> None:
        for parameter in (ROUNDS, SEEDS, WIDTH, LATENT, BATCH):
            parameter.convert(getattr(self, parameter.name))
        RATE.number(self.h)
        as_choice(self.algorithm, "algorithm", tuple(_RULES))
        if AVERAGE.number(self.average) == 1:
            raise ValueError("average must be less than 1, with which a mean never moves; 1 was given")

    @property
    def milestones(self) -> tuple[int, ...]:
        """The rounds at which samples are looked at: about every doubling or trebling, the last round among them."""
        shares = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
        return tuple(sorted({max(1, round(share * self.rounds)) for share in shares}))

    def trainer(self) -> Algorithm:
        """The algorithm, with the running mean around it where one is asked for."""
        inner = _RULES[self.algorithm](self.h)
        return Averaged(inner, self.average) if self.average else inner


_RULES: Mapping[str, Any] = {
    "rmsprop": lambda h: RMSProp(h=h, decay=0.99),
    "adam": lambda h: Adam(h=h, beta1=0.0, beta2=0.99),
}

# Loss and penalties of what is compared; γ is twice the λ = 10 of WGAN-GP and DRAGAN.
METHODS: Mapping[str, tuple[Any, Any]] = {
    "none": (NonSaturating(), ()),
    "r1": (NonSaturating(), (R1(1.0),)),
    "wgan-gp": (Wasserstein(), (GradientNorm(20.0, 1.0),)),
    "dragan": (NonSaturating(), (DRAGAN(20.0, 1.0, GaussianNoise(0.3)),)),
}
TITLES = {"none": "no penalty", "r1": "R1, γ = 1", "wgan-gp": "WGAN-GP, λ = 10", "dragan": "DRAGAN, λ = 10"}


def game(method: str, images: ImageSet, plan: Plan, seed: int = 0) -> GAN:
    """The game of a method of `METHODS`, with the networks of a seed.

    The generator maps `latent` normal numbers to an image with entries in (-1, 1) and the discriminator an image to a
    score, both with two hidden layers. The networks of a seed are the same for every method.
    """
    as_choice(method, "method", tuple(METHODS))
    as_kind(images, "images", ImageSet, "digits()")
    import equinox as eqx

    keys = jax.random.split(jax.random.key(seed))
    size, leaky = images.flat.shape[1], functools.partial(jax.nn.leaky_relu, negative_slope=0.2)
    loss, penalties = METHODS[method]
    return GAN(
        loss,
        penalties,
        generator=eqx.nn.MLP(plan.latent, size, plan.width, 2, jax.nn.relu, jnp.tanh, key=keys[0]),
        discriminator=eqx.nn.MLP(size, "scalar", plan.width, 2, leaky, key=keys[1]),
        latent=functools.partial(jax.random.normal, shape=(plan.batch, plan.latent), dtype=jnp.float32),
        data=Minibatch(images.flat, plan.batch),
        key=as_key(seed),
    )


def starts(method: str, images: ImageSet, plan: Plan) -> np.ndarray:
    """The networks of every seed as states, shape `(seeds, n)`, in float32."""
    made = [game(method, images, plan, seed).equilibrium for seed in range(plan.seeds)]
    return np.stack(made).astype(np.float32)


@running
def _generated(played: GAN, states: jax.Array, latent: jax.Array) -> jax.Array:
    size, parts = played.generator_size, played.generator
    return jax.vmap(lambda x: jax.vmap(parts.bound(parts.parts(x[:size])))(latent))(states)


def samples(played: GAN, states: Any, count: int, seed: int = 1) -> np.ndarray:
    """`count` images of every state's generator, shape `(m, count, entries)`, from the same latent points.

    `states` has shape `(m, n)`.
    """
    latent = jax.random.normal(jax.random.key(seed), (count, played.latent(jax.random.key(0)).shape[1]), jnp.float32)
    return np.asarray(_generated(played, jnp.asarray(states, jnp.float32), latent))


def whole_game(played: GAN, images: ImageSet, count: int = 64, seed: int = 2) -> GAN:
    """The game on `count` fixed real and latent points in place of minibatches: it has one Jacobian."""
    width = played.latent(jax.random.key(0)).shape[1]
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(images.flat), min(count, len(images.flat)), replace=False)
    return played.replace(latent=rng.normal(size=(count, width)), data=images.flat[chosen])
