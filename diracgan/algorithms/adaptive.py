"""RMSProp and Adam, through optax."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

import jax

from diracgan.algorithms.base import Rated
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Numbers, Scalar
from diracgan.games.parameters import BETA1, BETA2, DECAY, EPSILON, Parameter

if TYPE_CHECKING:
    import optax


class WithMoments(NamedTuple):
    """A position and the state of optax's transformation."""

    x: jax.Array
    moments: optax.OptState


class Adaptive(Rated):
    """A step along a gradient that an optax transformation rescales entry by entry."""

    def rescaling(self) -> optax.GradientTransformation:
        """The optax transformation."""
        raise NotImplementedError(f"{type(self).__name__} must define rescaling()")

    def init(self, field: VectorField, x: jax.Array) -> WithMoments:
        """The position with empty moments."""
        return WithMoments(x, self.rescaling().init(x))

    def step(self, field: VectorField, state: WithMoments, k: Scalar = 0) -> WithMoments:
        """P(x + h · rescaled v(x))."""
        # optax mixes Python and array dtypes, which strict promotion would refuse.
        with jax.numpy_dtype_promotion("standard"):
            v, moments = self.rescaling().update(field.velocity(state.x), state.moments)
        return WithMoments(self.moved(field, state.x, v.astype(state.x.dtype), k), moments)


class RMSProp(Adaptive):
    """RMSProp: s ← αs + (1-α)g², x ← P(x + h g/(√s + ε)) with g = v(x), entry by entry (Hinton 2012).

    At an equilibrium √s has no derivative, so that there are no multipliers.

    >>> dg.RMSProp(h=0.01)
    RMSProp(h=0.01, decay=0.99, epsilon=1e-08)
    """

    decay: Numbers = DECAY.field(0.99)
    epsilon: Numbers = EPSILON.field(1e-8)
    parameters: ClassVar[tuple[Parameter, ...]] = (*Rated.parameters, DECAY, EPSILON)
    no_multipliers: ClassVar[str | None] = "the step g/(√s + ε) is not differentiable at an equilibrium, where s = 0"

    def rescaling(self) -> optax.GradientTransformation:
        """optax.scale_by_rms."""
        import optax

        return optax.scale_by_rms(decay=self.decay, eps=self.epsilon, eps_in_sqrt=False)


class Adam(Adaptive):
    """Adam with bias correction (Kingma and Ba 2015).

    Its map depends on the number of steps taken and √s has no derivative at an equilibrium: there are no multipliers.

    >>> dg.Adam(h=0.01)
    Adam(h=0.01, beta1=0.9, beta2=0.999, epsilon=1e-08)
    """

    beta1: Numbers = BETA1.field(0.9)
    beta2: Numbers = BETA2.field(0.999)
    epsilon: Numbers = EPSILON.field(1e-8)
    parameters: ClassVar[tuple[Parameter, ...]] = (*Rated.parameters, BETA1, BETA2, EPSILON)
    no_multipliers: ClassVar[str | None] = (
        "the map depends on the number of steps taken (bias correction), and √s is not differentiable at an equilibrium"
    )

    def rescaling(self) -> optax.GradientTransformation:
        """optax.scale_by_adam."""
        import optax

        return optax.scale_by_adam(b1=self.beta1, b2=self.beta2, eps=self.epsilon)
