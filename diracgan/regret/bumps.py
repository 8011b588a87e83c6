"""Several particles against several modes on the line, with a nonlinear discriminator D(x) = ψ·φ(x) of Gaussian bumps.

Here the discriminator can be sharp at one datum and flat elsewhere, so that bad local equilibria are possible at all.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.dirac import Game, terms
from diracgan.games.inputs import Numbers, as_kind, as_numbers, traced
from diracgan.games.losses import Discriminator, Loss, Minimax
from diracgan.games.measures import Measure
from diracgan.games.module import Module, attribute
from diracgan.games.parameters import LAMBDA, Parameter
from diracgan.games.penalties import Penalty

_PARTICLES = Parameter("particles", "n", "number of generated points", 2, (1, 4096), kind=int)
_WIDTH = Parameter("width", "s", "width of a bump", 0.5, open_low=True)


class Bumps(Module):
    """D(x) = Σ_k ψ_k exp(-(x - c_k)²/2s²), ψ the `weights`, c the `centres`, s the `width`; a fakeness score."""

    weights: jax.Array
    centres: Any
    width: Any

    def __call__(self, point: jax.Array) -> jax.Array:
        """D(point)."""
        return jnp.dot(self.weights, jnp.exp(-(((point - self.centres) / self.width) ** 2) / 2))


class WeightDecay(Penalty):
    """(γ/2)|ψ|² on the weights of the bumps: with it every objective of the discriminator has one maximum."""

    gamma: Numbers = LAMBDA.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) Σ ψ_k²."""
        weights: jax.Array = D.weights  # type: ignore[attr-defined]
        return self.gamma / 2 * jnp.sum(weights**2)


def _points(name: str) -> Any:
    def converted(given: Any) -> Any:
        if traced(given):
            return given
        return np.atleast_1d(as_numbers(given, name, (), ("m",)))

    return attribute(converter=converted)


class BumpGame(Game):
    """n particles θ against data points with equal weights; the state is (θ_1, …, θ_n, ψ_1, …, ψ_K).

    Args:
        data: the data points, shape `(m,)`.
        centres: the centres of the bumps, shape `(K,)`.
        width: their width s.
        particles: n, a multiple of m, so that the particles can match the data.
        loss, penalties: as of a `dg.DiracGAN`; penalties see D itself.

    >>> from diracgan.regret import BumpGame
    >>> game = BumpGame(data=[-1.0, 1.0], centres=[-1.0, 0.0, 1.0], particles=2)
    >>> game.equilibrium.tolist()
    [-1.0, 1.0, 0.0, 0.0, 0.0]
    >>> bool(np.allclose(game(game.equilibrium), 0))
    True
    """

    data: Any = _points("data")
    centres: Any = _points("centres")
    width: Numbers = _WIDTH.field(0.5)
    particles: int = _PARTICLES.field(2)
    loss: Loss = Minimax()
    penalties: tuple[Penalty, ...] = attribute(default=(), converter=terms)

    def __check_init__(self) -> None:
        as_kind(self.loss, "loss", Loss, "dg.Minimax()")
        for term in self.penalties:
            as_kind(term, "a penalty", Penalty, "dg.R1(0.3)")
        if self.particles % len(self.data):
            raise ValueError(
                f"particles must be a multiple of the number of data points, {len(self.data)}, so that there is an "
                f"equilibrium at which they match; particles={self.particles} was given"
            )

    @property
    def dimension(self) -> int:
        """n + K."""
        return self.particles + len(self.centres)

    @property
    def generator_size(self) -> int:
        """n."""
        return self.particles

    @property
    def equilibrium(self) -> np.ndarray | jax.Array:
        """The particles on the data in equal numbers, and D = 0."""
        each = np.repeat(np.asarray(self.data), self.particles // len(self.data))
        return np.concatenate([each, np.zeros(len(self.centres))])

    def play(self, x: jax.Array) -> tuple[Bumps, Measure, Measure]:
        """The discriminator, the real and the generated distribution at a state."""
        theta, psi = x[: self.particles], x[self.particles :]
        real, fake = (Measure(p, jnp.full(p.shape[0], 1 / p.shape[0], x.dtype)) for p in (self.data, theta))
        return Bumps(psi, self.centres, self.width), real, fake

    def generator_objective(self, x: jax.Array) -> jax.Array:
        """The loss's."""
        return self.loss.generator(*self.play(x))

    def discriminator_objective(self, x: jax.Array) -> jax.Array:
        """The loss's less the penalties."""
        played = self.play(x)
        return self.loss.discriminator(*played) - sum(penalty(*played) for penalty in self.penalties)
