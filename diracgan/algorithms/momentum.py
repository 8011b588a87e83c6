"""Algorithms with momentum, simultaneous or alternating, positive or negative."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from diracgan.algorithms.base import Rated
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Numbers, Scalar
from diracgan.games.parameters import ALTERNATING, BETA, Parameter


class WithMomentum(NamedTuple):
    """A position and the displacement x - x⁻ that led to it."""

    x: jax.Array
    m: jax.Array


class HeavyBall(Rated):
    """Polyak's heavy ball: x ← P(x + h v(x) + β(x - x⁻)).

    With `alternating` the generator moves first and the discriminator sees it; then a negative β stabilises
    the unregularised game (Gidel et al. 2019).

    >>> dg.HeavyBall(h=0.2, beta=-0.5, alternating=True)
    HeavyBall(h=0.2, beta=-0.5, alternating=True)
    """

    beta: Numbers = BETA.field(0.9)
    alternating: bool = ALTERNATING.field(False)
    parameters: ClassVar[tuple[Parameter, ...]] = (*Rated.parameters, BETA, ALTERNATING)

    def init(self, field: VectorField, x: jax.Array) -> WithMomentum:
        """At rest."""
        return WithMomentum(x, jnp.zeros_like(x))

    def pull(self, field: VectorField, x: jax.Array, m: jax.Array) -> jax.Array:
        """The velocity that acts on a particle at `x` with momentum `m`."""
        return field.velocity(x)

    def step(self, field: VectorField, state: WithMomentum, k: Scalar = 0) -> WithMomentum:
        """P(x + h v(x) + β(x - x⁻)), player by player when alternating."""
        x, m = state
        h = self.rates(field, x, k)
        size = field.generator_size
        if not self.alternating:
            new = x + h * self.pull(field, x, m) + self.beta * m
        else:
            first = x + h * self.pull(field, x, m.at[size:].set(0)) + self.beta * m
            half = field.domain.project(jnp.concatenate([first[:size], x[size:]]), size)
            second = half + h * self.pull(field, half, m.at[:size].set(0)) + self.beta * m
            new = jnp.concatenate([half[:size], second[size:]])
        new = field.domain.project(new, size)
        return WithMomentum(new, new - x)


class Nesterov(HeavyBall):
    """Nesterov's momentum: y = x + β(x - x⁻), x ← P(y + h v(y)).

    With `alternating` each player extrapolates its own parameters only and sees the other one where it is.

    >>> dg.Nesterov(h=0.2, beta=0.5)
    Nesterov(h=0.2, beta=0.5, alternating=False)
    """

    def pull(self, field: VectorField, x: jax.Array, m: jax.Array) -> jax.Array:
        """v(x + βm)."""
        return field.velocity(x + self.beta * m)
