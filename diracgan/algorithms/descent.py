"""Simultaneous and alternating gradient descent."""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp

from diracgan.algorithms.base import Rated, repeat
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar
from diracgan.games.parameters import N_D, N_G, Parameter


class SimGD(Rated):
    """Simultaneous gradient descent, x ← P(x + h v(x)) with the projection P of the field's domain.

    Give `h`, or `h_g` and `h_d`; each a positive number or a schedule (a function of the round).

    >>> dg.SimGD(h=0.2)
    SimGD(h=0.2)
    """

    def step(self, field: VectorField, state: jax.Array, k: Scalar = 0) -> jax.Array:
        """P(x + h v(x))."""
        return self.moved(field, state, field.velocity(state), k)


class AltGD(Rated):
    """Alternating gradient descent: `n_g` generator updates, then `n_d` discriminator updates that see the new θ.

    The state is projected onto the field's domain after every inner update.

    >>> dg.AltGD(h=0.2, n_d=5)
    AltGD(h=0.2, n_g=1, n_d=5)
    """

    n_g: int = N_G.field(1)
    n_d: int = N_D.field(1)
    parameters: ClassVar[tuple[Parameter, ...]] = (*Rated.parameters, N_G, N_D)

    def step(self, field: VectorField, state: jax.Array, k: Scalar = 0) -> jax.Array:
        """D^{n_d} ∘ G^{n_g}."""
        size = field.generator_size
        rates = self.rates(field, state, k)

        def generator(x: jax.Array) -> jax.Array:
            moved = x[:size] + rates[:size] * field.velocity(x)[:size]
            return field.domain.project(jnp.concatenate([moved, x[size:]]), size)

        def discriminator(x: jax.Array) -> jax.Array:
            moved = x[size:] + rates[size:] * field.velocity(x)[size:]
            return field.domain.project(jnp.concatenate([x[:size], moved]), size)

        return repeat(discriminator, self.n_d, repeat(generator, self.n_g, state))
