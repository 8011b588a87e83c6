"""LeCam regularisation with moving anchors: a game whose state carries the averages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.dirac import DiracGAN
from diracgan.games.domains import Domain
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Numbers, as_kind
from diracgan.games.module import attribute, replace
from diracgan.games.parameters import ANCHOR_RATE, LAMBDA, ONE_SIDED
from diracgan.games.penalties import LeCam

if TYPE_CHECKING:
    from jaxtyping import Array, Float


class _Unanchored(Domain):
    """The domain of a game in a state that ends with two anchors, which are free."""

    def project(self, x: jax.Array, generator_size: int) -> jax.Array:
        """The nearest point of the domain; shape `(..., n)` in and out."""
        return jnp.concatenate([super().project(x[..., :-2], generator_size), x[..., -2:]], axis=-1)

    def tangent(self, x: jax.Array, v: jax.Array, generator_size: int) -> jax.Array:
        """The part of the velocity that does not leave the domain."""
        inside = super().tangent(x[..., :-2], v[..., :-2], generator_size)
        return jnp.concatenate([inside, v[..., -2:]], axis=-1)


class MovingAnchors(VectorField):
    """A game with `LeCam` whose anchors are exponential moving averages of the scores (Tseng et al. 2021).

    The state gains two entries (α_R, α_F) that follow the realness scores, dα/dt = κ(E V - α): a step of size h is the
    moving average with decay 1 - hκ. They are updated with the discriminator, as the published code does.
    """

    game: DiracGAN = attribute(converter=lambda game: as_kind(game, "game", DiracGAN, "dg.DiracGAN(dg.Minimax())"))
    gamma: Numbers = LAMBDA.field()
    anchor_rate: Numbers = ANCHOR_RATE.field()
    one_sided: bool = ONE_SIDED.field(False)

    @property
    def dimension(self) -> int:
        """Two more than the game's."""
        return self.game.dimension + 2

    @property
    def domain(self) -> Domain:
        """The game's, for the game's own entries: scores are not clipped with the weight."""
        return _Unanchored(self.game.clip)

    @property
    def equilibrium(self) -> np.ndarray | jax.Array:
        """The game's, with anchors at 0."""
        place = np.concatenate if isinstance(self.game.equilibrium, np.ndarray) else jnp.concatenate
        return place([self.game.equilibrium, np.zeros(2)])

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """The regularised game's velocity and κ(E V - α)."""
        x, anchors = x[:-2], x[-2:]
        term = LeCam(self.gamma, anchors[0], anchors[1], self.one_sided)
        game = replace(self.game, penalties=(*self.game.penalties, term))
        D, real, fake = game.play(x)
        scores = jnp.stack([jnp.asarray(-side.expect(D), x.dtype) for side in (real, fake)])
        return jnp.concatenate([game.velocity(x), self.anchor_rate * (scores - anchors)])

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """The game's."""
        return self.game.kinks(x[:-2])

    def check(self, states: np.ndarray) -> str | None:
        """The game's."""
        return self.game.check(np.asarray(states)[..., :-2])
