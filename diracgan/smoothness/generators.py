"""Generators that move a cloud of points, on the line or in ℝᵏ: those of this room, and those of any game."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.general import GAN
from diracgan.games.inputs import as_kind
from diracgan.games.measures import Discrete
from diracgan.games.module import Module, attribute
from diracgan.games.parameters import Parameter
from diracgan.smoothness.divergences import cloud

_COUNT = Parameter("count", "N", "number of particles", 1, (1, 10_000), kind=int)


class Generator(Module):
    """f_θ(z): from parameters θ, shape `(d,)`, and a latent point to a point. Subclasses define `points`."""

    @property
    def dimension(self) -> int:
        """d."""
        raise NotImplementedError(f"{type(self).__name__} must define dimension")

    def points(self, theta: jax.Array) -> jax.Array:
        """All generated points, shape `(n,)` on the line and `(n, k)` beyond it."""
        raise NotImplementedError(f"{type(self).__name__} must define points(theta)")

    def measure(self, theta: jax.Array) -> Discrete:
        """The generated points with their weights: equal ones, unless a subclass has others."""
        points = self.points(theta)
        return Discrete(points, jnp.full(len(points), 1 / len(points), points.dtype))


class Particles(Generator):
    """n free points, f_θ(i) = θ_i: A = 1/√n, B = 0. With n = 1 the Dirac-GAN's generator.

    >>> dg.smoothness.Particles(4).dimension
    4
    """

    count: int = attribute(default=1, converter=_COUNT.convert, static=True)

    @property
    def dimension(self) -> int:
        """n."""
        return self.count

    def points(self, theta: jax.Array) -> jax.Array:
        """θ itself."""
        return theta


class Cloud(Generator):
    """f_θ(z) = θ₀ + θ₁z + θ₂ tanh(θ₃z + θ₄): a shift, a scale and a two-layer map of a fixed cloud, so that B > 0.

    `latent` are the points z of the cloud, shape `(n,)`.
    """

    latent: Any = attribute(converter=lambda points: cloud("latent", points))

    @property
    def dimension(self) -> int:
        """5."""
        return 5

    def points(self, theta: jax.Array) -> jax.Array:
        """The moved cloud."""
        shift, scale, out, weight, bias = theta
        z = jnp.asarray(self.latent)
        return shift + scale * z + out * jnp.tanh(weight * z + bias)


class Played(Generator):
    """The generator of a game with the game's own latent measure (and noise): θ is its flat parameters.

    The game's loss, penalties and discriminator play no part: an optimal discriminator of another class takes their
    place. Raises `TypeError` for what is no `dg.GAN`, `ValueError` for a game that draws minibatches.

    >>> from diracgan.beyond import problems
    >>> circle = dg.smoothness.Played(problems()[2].game)
    >>> circle.dimension, circle.points(circle.parameters).shape
    (4, (32, 2))
    """

    game: Any = attribute(converter=lambda game: as_kind(game, "game", GAN, "dg.beyond.problems()[0].game"))

    def __check_init__(self) -> None:
        if self.game.changing:
            raise ValueError(
                f"{self.game.changing}: no one cloud of points belongs to its parameters; give the latent and the data "
                "as points, not as samplers"
            )

    @property
    def dimension(self) -> int:
        """The number of the generator's parameters."""
        return self.game.generator_size

    @property
    def parameters(self) -> np.ndarray:
        """Those that the game was built from, shape `(d,)`."""
        return np.asarray(self.game.generator.flat)

    @property
    def data(self) -> Discrete:
        """The real points (with the game's noise)."""
        return self.game.play(jnp.asarray(self.game.equilibrium))[1]

    def points(self, theta: jax.Array) -> jax.Array:
        """The generated points (with the game's noise)."""
        return self.measure(theta).points

    def measure(self, theta: jax.Array) -> Discrete:
        """The generated points with the weights of the latent ones."""
        score = jnp.asarray(self.game.discriminator.flat, theta.dtype)
        return self.game.play(jnp.concatenate([theta, score]))[2]
