"""Algorithms around an algorithm: lookahead and iterate averaging."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax

from diracgan.algorithms.base import Algorithm, State, as_algorithm, repeat
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Numbers, Scalar
from diracgan.games.module import attribute, replace
from diracgan.games.parameters import ALPHA, AVERAGE, INNER, Parameter


class Wrapper(Algorithm):
    """An algorithm that runs another one."""

    inner: Algorithm = attribute(converter=lambda inner: as_algorithm(inner, batch=True))

    @property
    def scheduled(self) -> bool:
        """Whether the inner algorithm is."""
        return self.inner.scheduled

    @property
    def rate(self) -> Any:
        """The inner algorithm's."""
        return self.inner.rate

    @property
    def no_multipliers(self) -> str | None:  # type: ignore[override]
        """The inner algorithm's reason."""
        return self.inner.no_multipliers

    @property
    def tunable(self) -> dict[str, Parameter]:
        """The continuous parameters by name, those of the inner algorithm included."""
        return {**self.inner.tunable, **super().tunable}

    def replace(self, **values: object) -> Algorithm:
        """The same with some parameters changed, those of the inner algorithm included."""
        own = {parameter.name for parameter in type(self).parameters}
        inner = {name: value for name, value in values.items() if name not in own}
        changed = super().replace(**{name: value for name, value in values.items() if name in own})
        return replace(changed, inner=self.inner.replace(**inner)) if inner else changed


class Lookahead(Wrapper):
    """Lookahead-minimax (Chavdarova et al. 2020): `k` rounds of the inner algorithm, then a step back.

        x ← x₀ + α (x_k - x₀)

    One step is the whole cycle. Only the position steps back: what the inner algorithm remembers after its k-th round
    survives as it is, momentum and moments of past gradients, the last displacement and the past velocity, although
    they belong to the fast iterate x_k. Rounds of the inner algorithm are counted through the cycles.

    >>> dg.Lookahead(dg.SimGD(h=0.2), k=5, alpha=0.5)
    Lookahead(inner=SimGD(h=0.2), k=5, alpha=0.5)
    """

    k: int = INNER.field(5)
    alpha: Numbers = ALPHA.field(0.5)
    parameters: ClassVar[tuple[Parameter, ...]] = (INNER, ALPHA)

    def init(self, field: VectorField, x: jax.Array) -> State:
        """The inner algorithm's."""
        return self.inner.init(field, x)

    def position(self, state: State) -> jax.Array:
        """The inner algorithm's."""
        return self.inner.position(state)

    def reposition(self, state: State, x: jax.Array) -> State:
        """The inner algorithm's."""
        return self.inner.reposition(state, x)

    def step(self, field: VectorField, state: State, k: Scalar = 0) -> State:
        """k inner rounds and the step back."""
        slow = self.inner.position(state)

        def inner(numbered: tuple[Scalar, State]) -> tuple[Scalar, State]:
            number, inner_state = numbered
            return number + 1, self.inner.step(field.in_round(number), inner_state, number)

        _, state = repeat(inner, self.k, (k * self.k, state))
        x = slow + self.alpha * (self.inner.position(state) - slow)
        return self.inner.reposition(state, field.domain.project(x, field.generator_size))


class WithMean(NamedTuple):
    """The inner algorithm's state and the mean of its positions."""

    inner: State
    x: jax.Array


class Averaged(Wrapper):
    """The average of the iterates of another algorithm, which itself runs undisturbed.

    With `average` = 0 the uniform mean of all iterates, the start included: then the map depends on the round. With
    0 < β < 1 the exponential moving average x̄ ← βx̄ + (1 - β)x.

    >>> dg.Averaged(dg.SimGD(h=0.2))
    Averaged(inner=SimGD(h=0.2), average=0)
    """

    average: Numbers = AVERAGE.field(0.0)
    parameters: ClassVar[tuple[Parameter, ...]] = (AVERAGE,)

    @property
    def scheduled(self) -> bool:
        """Whether the inner algorithm is, or the mean is uniform."""
        concrete = not isinstance(self.average, jax.core.Tracer)
        return self.inner.scheduled or (concrete and not float(self.average) > 0)

    def init(self, field: VectorField, x: jax.Array) -> WithMean:
        """The inner state and its position."""
        return WithMean(self.inner.init(field, x), x)

    def step(self, field: VectorField, state: WithMean, k: Scalar = 0) -> WithMean:
        """An inner step, and its position taken into the mean."""
        inner = self.inner.step(field, state.inner, k)
        weight = jax.numpy.where(self.average > 0, 1 - self.average, 1 / (k + 2)).astype(state.x.dtype)
        return WithMean(inner, state.x + weight * (self.inner.position(inner) - state.x))

    def reposition(self, state: WithMean, x: jax.Array) -> WithMean:
        """Both the inner state and the mean moved to `x`."""
        return WithMean(self.inner.reposition(state.inner, x), x)
