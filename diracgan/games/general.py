"""Games of any generator and any discriminator; the Dirac-GAN is the smallest of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.games.dirac import Game, terms
from diracgan.games.domains import Domain
from diracgan.games.fitting import check_shapes
from diracgan.games.inputs import Numbers, Scalar, as_key, as_kind
from diracgan.games.losses import Discriminator, Loss
from diracgan.games.measures import Discrete, Minibatch, Sampler, Source, distribution
from diracgan.games.module import attribute, replace
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import CLIP, cast, plain
from diracgan.games.penalties import Penalty
from diracgan.games.players import Parts, joined, player
from diracgan.games.states import as_state

if TYPE_CHECKING:
    from jaxtyping import Array, Float


class GAN(Game):
    """The game of a generator G and a discriminator D, both any pytree of arrays with a call for one point.

        v = (-∂L_G/∂generator, +∂L_D/∂discriminator),   L_D = loss.discriminator - Σ penalties

    The state is flat: the generator's parameters, then the discriminator's, each as `ravel_pytree` orders them. D is a
    fakeness score, and one point goes in: expectations over the latent and the data measure are taken here.

    Args:
        loss, penalties, noise, clip, distortions: as in `DiracGAN`; every one of them works for points in ℝᵈ. Noise is
            a quadrature on the line, and `noise.nodes` vectors drawn from `key` beyond it.
        generator: an equinox module, or any other callable pytree, or a pair (function, parameters) with
            `function(parameters, z)`; the parameters are the floating arrays.
        discriminator: the same, with one number as its value.
        latent: what G's points are drawn from: a `Measure`, an array of points `(n,)` or `(n, ...)` of equal weight, or
            a sampler, a function of a `jax.random` key that returns a minibatch of points. None is a Dirac at 0.
        data: the real points, likewise.
        key: an integer or a `jax.random` key, from which everything random follows; None is 0.

    With a sampler the velocity is another one in every round, that of `game.in_round(k)`: its minibatch is drawn with
    `fold_in(key, k)`, and all updates of one round see the same. `simulate` and `train` count the rounds; one map, and
    so its multipliers, exists only for a round.

    Raises `TypeError` and `ValueError` for players and measures that do not fit together.

    >>> line = lambda weight, x: weight * x
    >>> point = lambda theta, z: theta + 0 * z
    >>> game = GAN(
    ...     dg.Minimax(), dg.R1(0.3), generator=(point, jnp.array(1.0)), discriminator=(line, jnp.array(0.0)), data=0.0
    ... )
    >>> game((1.0, 0.0)).tolist() == dg.method("r1", gamma=0.3)((1.0, 0.0)).tolist()
    True
    """

    loss: Loss
    penalties: tuple[Penalty, ...] = attribute(default=(), converter=terms)
    noise: GaussianNoise | None = None
    clip: Numbers | None = attribute(default=None, converter=CLIP.optional)
    distortions: tuple[Penalty, ...] = attribute(default=(), converter=terms)
    generator: Any = attribute(converter=lambda given: player(given, "generator"), kw_only=True)
    discriminator: Any = attribute(converter=lambda given: player(given, "discriminator"), kw_only=True)
    latent: Any = attribute(
        default=None, converter=lambda given: distribution(0.0 if given is None else given, "latent"), kw_only=True
    )
    data: Any = attribute(converter=lambda given: distribution(given, "data"), kw_only=True)
    key: jax.Array | None = attribute(
        default=None, converter=lambda given: None if given is None else as_key(given), kw_only=True
    )
    # The key of the round; None until there is one.
    round_key: jax.Array | None = attribute(default=None, init=False)

    def __post_init__(self) -> None:
        self.round_key = None

    def __check_init__(self) -> None:
        as_kind(self.loss, "loss", Loss, "dg.Minimax()")
        for term in (*self.penalties, *self.distortions):
            as_kind(term, "a penalty", Penalty, "dg.R1(0.3)")
        if self.noise is not None:
            as_kind(self.noise, "noise", GaussianNoise, "dg.GaussianNoise(0.7)")
        check_shapes(self)

    def replace(self, **changes: object) -> GAN:
        """The same game with another loss, other penalties, players or measures; all is checked again.

        >>> from diracgan.beyond import problems
        >>> problems()[0].game.replace(penalties=()).penalties
        ()
        """
        given = {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name != "round_key"
        }
        return GAN(**{**given, **changes})

    @property
    def dimension(self) -> int:
        """The number of parameters of both players."""
        return self.generator.size + self.discriminator.size

    @property
    def generator_size(self) -> int:
        """The number of parameters of the generator."""
        return self.generator.size

    @property
    def domain(self) -> Domain:
        """|every parameter of the discriminator| <= clip, or the whole space."""
        return Domain(self.clip)

    @property
    def equilibrium(self) -> np.ndarray | jax.Array:
        """The state of the two players that the game was built from."""
        both = (self.generator.flat, self.discriminator.flat)
        return (np if all(isinstance(part, np.ndarray) for part in both) else jnp).concatenate(both)

    @property
    def changing(self) -> str | None:
        """That it draws a minibatch, if it does."""
        if isinstance(self.data, Discrete) and isinstance(self.latent, Discrete):
            return None
        return "the game draws another minibatch in every round"

    def in_round(self, k: Scalar) -> GAN:
        """The game of round `k`, with the minibatch of `fold_in(key, k)`; itself if it draws none."""
        if self.changing is None:
            return self
        return replace(self, round_key=jax.random.fold_in(self.own_key, k))

    @property
    def own_key(self) -> jax.Array:
        """The key, the integer 0's where none was given."""
        return jax.random.key(0) if self.key is None else self.key

    def keyed(self, key: int | jax.Array | None) -> GAN:
        """The same game with another key; itself where the key is None."""
        if key is None:
            return self
        return replace(self, key=as_key(key), round_key=None)

    def flatten(self, generator: Any, discriminator: Any) -> jax.Array:
        """The state of two players, `(dimension,)`; `ValueError` unless they are built as those of the game are.

        Each is a module like the one given, or the pair (function, parameters).
        """
        sides = ((generator, self.generator, "generator"), (discriminator, self.discriminator, "discriminator"))
        made = [player(given, name) for given, _, name in sides]
        for new, (_, own, name) in zip(made, sides, strict=True):
            shapes = [[np.shape(part) for part in parts] for parts in (new.parameters, own.parameters)]
            if new.structure != own.structure or shapes[0] != shapes[1]:
                raise ValueError(
                    f"the {name} must have parameters of shapes {shapes[1]}, as the game's; {shapes[0]} were given"
                )
        return joined([jnp.asarray(part) for new in made for part in new.parameters])

    def unflatten(self, x: ArrayLike) -> tuple[Any, Any]:
        """The generator and the discriminator at a state, as they were given: modules, or (function, parameters)."""
        generator, discriminator = self._parts(as_state(x, self.dimension, batch=False))
        return self.generator.built(generator), self.discriminator.built(discriminator)

    def _parts(self, x: jax.Array) -> tuple[Parts, Parts]:
        size = self.generator_size
        return self.generator.parts(x[:size]), self.discriminator.parts(x[size:])

    def measures(self) -> tuple[Discrete, Discrete]:
        """The data and the latent measure, those of the round when there are samplers."""
        if self.changing is None:
            key = self.key
            return replace(self.data, key=key), replace(self.latent, key=key)
        if self.round_key is None:
            raise ValueError(f"{self.changing}: there is no one velocity, map or spectrum; use game.in_round(k)")
        sources = (self.data, self.latent)
        keys = jax.random.split(self.round_key, 2 * len(sources)).reshape(len(sources), 2)
        made = [_drawn(source, *pair) for source, pair in zip(sources, keys, strict=True)]
        return made[0], made[1]

    def play(self, x: jax.Array) -> tuple[Discriminator, Discrete, Discrete]:
        """The discriminator, the real and the generated measure at a state."""
        return self._played(*self._parts(x))

    def _played(self, generator: Parts, discriminator: Parts) -> tuple[Discriminator, Discrete, Discrete]:
        # A sampler draws in the default float type, whatever the state's is.
        real, latent = (cast(measure, generator[0].dtype) for measure in self.measures())
        fake = replace(latent, points=jax.vmap(self.generator.bound(generator))(latent.points))
        if self.noise is not None:
            real, fake = self.noise.smear(real), self.noise.smear(fake)
        return self.discriminator.bound(discriminator), real, fake

    def _loss(self, generator: Parts, discriminator: Parts) -> jax.Array:
        played = self._played(generator, discriminator)
        return self.loss.generator(*played) + sum(term(*played) for term in self.distortions)

    def _gain(self, generator: Parts, discriminator: Parts) -> jax.Array:
        played = self._played(generator, discriminator)
        return self.loss.discriminator(*played) - sum(penalty(*played) for penalty in self.penalties)

    def generator_objective(self, x: jax.Array) -> jax.Array:
        """L_G = loss.generator + Σ distortions."""
        return self._loss(*self._parts(x))

    def discriminator_objective(self, x: jax.Array) -> jax.Array:
        """L_D = loss.discriminator - Σ penalties."""
        return self._gain(*self._parts(x))

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """(-∂L_G/∂generator, +∂L_D/∂discriminator)."""
        # In the arrays themselves: the gradient of a cut through the flat state is a copy of it per array. And joined
        # at once: of a negated part of a joined vector XLA makes one loop with the products of matrices in it, ten
        # times slower than those it calls.
        generator, discriminator = self._parts(x)
        down = jax.grad(lambda g: self._loss(g, discriminator))(generator)
        up = jax.grad(lambda d: self._gain(generator, d))(discriminator)
        return joined((*(-part for part in down), *up))

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """Those of the loss and the penalties: of each the value nearest to 0 among the points."""
        played = self.play(x)
        terms: tuple[Loss | Penalty, ...] = (self.loss, *self.penalties)
        return tuple(kink for term in terms for kink in term.kinks(*played))

    def __repr__(self) -> str:
        fields = [field for field in dataclasses.fields(self) if field.name not in ("key", "round_key")]
        values = {field.name: getattr(self, field.name) for field in fields}
        shown = [f"{name}={_shown(value)}" for name, value in values.items() if value is not None and value != ()]
        return f"GAN({', '.join(shown)})"


def _shown(value: object) -> str:
    if isinstance(value, (Minibatch, Sampler)):
        return "<sampler>"
    return f"<points {'x'.join(map(str, value.points.shape))}>" if isinstance(value, Discrete) else plain(value)


def _drawn(source: Source, draw: jax.Array, rest: jax.Array) -> Discrete:
    if isinstance(source, Discrete):
        return replace(source, key=rest)
    points = source(draw)
    return Discrete(points, jnp.full(len(points), 1 / len(points), points.dtype), rest, drawn=True)
