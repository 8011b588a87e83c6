"""Algorithms that look ahead before they step: extragradient, optimistic gradient, Popov's method, Runge-Kutta."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import jax

from diracgan.algorithms.base import Rated
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar
from diracgan.games.parameters import ORDER, Parameter


class ExtraGradient(Rated):
    """Extragradient (Korpelevich 1976): x ← P(x + h v(x̂)) with x̂ = P(x + h v(x)).

    >>> dg.ExtraGradient(h=0.2)
    ExtraGradient(h=0.2)
    """

    def step(self, field: VectorField, state: jax.Array, k: Scalar = 0) -> jax.Array:
        """P(x + h v(x̂))."""
        ahead = self.moved(field, state, field.velocity(state), k)
        return self.moved(field, state, field.velocity(ahead), k)


class WithVelocity(NamedTuple):
    """A position and the velocity that the next step remembers."""

    x: jax.Array
    v: jax.Array


class Optimistic(Rated):
    """Optimistic gradient: x ← P(x + 2h v(x) - h v(x⁻)) with the previous position x⁻ (Daskalakis et al. 2018).

    The state holds v(x⁻); the first step is one of `SimGD`.

    >>> dg.Optimistic(h=0.2)
    Optimistic(h=0.2)
    """

    def init(self, field: VectorField, x: jax.Array) -> WithVelocity:
        """The position and its own velocity."""
        return WithVelocity(x, field.velocity(x))

    def step(self, field: VectorField, state: WithVelocity, k: Scalar = 0) -> WithVelocity:
        """P(x + 2h v(x) - h v(x⁻))."""
        v = field.velocity(state.x)
        return WithVelocity(self.moved(field, state.x, 2 * v - state.v, k), v)


class PastExtraGradient(Rated):
    """Popov's method (1980), extragradient with one new velocity per step: x̂ = P(x + h v(x̂⁻)), x ← P(x + h v(x̂)).

    The state holds v(x̂⁻), the velocity at the previous extrapolated point.

    >>> dg.PastExtraGradient(h=0.2)
    PastExtraGradient(h=0.2)
    """

    def init(self, field: VectorField, x: jax.Array) -> WithVelocity:
        """The position and its own velocity."""
        return WithVelocity(x, field.velocity(x))

    def step(self, field: VectorField, state: WithVelocity, k: Scalar = 0) -> WithVelocity:
        """P(x + h v(x̂)), with x̂ from the remembered velocity."""
        v = field.velocity(self.moved(field, state.x, state.v, k))
        return WithVelocity(self.moved(field, state.x, v, k), v)


class RungeKutta(Rated):
    """An explicit Runge-Kutta step of the joint flow: Heun (order 2), Kutta (3) or the classical rule (4).

    ODE-GAN trains with it (Qin et al. 2020). The domain's projection acts on the result of the step.

    >>> dg.RungeKutta(h=0.2, order=4)
    RungeKutta(h=0.2, order=4)
    """

    order: int = ORDER.field(4)
    parameters: ClassVar[tuple[Parameter, ...]] = (*Rated.parameters, ORDER)

    def step(self, field: VectorField, state: jax.Array, k: Scalar = 0) -> jax.Array:
        """P(x + Σ bᵢ kᵢ)."""
        h = self.rates(field, state, k)
        slopes: list[jax.Array] = []
        rows, weights = _TABLEAUS[self.order]
        for row in rows:
            point = state + sum(a * slope for a, slope in zip(row, slopes, strict=True) if a)
            slopes.append(h * field.velocity(point))
        x = state + sum(b * slope for b, slope in zip(weights, slopes, strict=True))
        return field.domain.project(x, field.generator_size)


# Butcher tableaus: the rows of A below the diagonal, and b.
_TABLEAUS = {
    2: (((), (1.0,)), (1 / 2, 1 / 2)),
    3: (((), (1 / 2,), (-1.0, 2.0)), (1 / 6, 2 / 3, 1 / 6)),
    4: (((), (1 / 2,), (0.0, 1 / 2), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)),
}
