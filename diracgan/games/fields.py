"""Vector fields with two players, the domain they live in, and transforms of one field into another."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.domains import Domain
from diracgan.games.inputs import Scalar, as_function, told, traced_shape
from diracgan.games.module import Arrays, Module, attribute, replace
from diracgan.games.parameters import Parameter, cast, described, unknown
from diracgan.games.states import as_state

if TYPE_CHECKING:
    from jaxtyping import Array, Float


class VectorField(Module):
    """A velocity for a flat state of which the first `generator_size` entries belong to the generator.

    Subclasses define `velocity` for one state. Calling the field checks the state, casts every hyper-parameter to
    the state's dtype, and evaluates under `jit`; use `jax.vmap` for many states.
    """

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """The velocity at one state, shape `(n,)` to `(n,)`."""
        raise NotImplementedError(f"{type(self).__name__} must define velocity(x)")

    def __call__(self, x: object) -> Float[Array, " n"]:
        """The velocity at `x`, shape `(n,)`, in the float type of `x`; `ValueError` for another shape."""
        state = as_state(x, self.dimension, batch=False)
        if not isinstance(state, jax.core.Tracer) and (problem := self.check(np.asarray(state))):
            raise ValueError(problem)
        return _evaluate(self, state)

    @property
    def dimension(self) -> int:
        """The number of entries of the state."""
        return 2

    @property
    def generator_size(self) -> int:
        """How many of them, from the front, belong to the generator."""
        return 1

    @property
    def domain(self) -> Domain:
        """Where the state lives; algorithms project onto it after every update."""
        return Domain()

    @property
    def equilibrium(self) -> np.ndarray | jax.Array:
        """The state that training is meant to reach, shape `(dimension,)`."""
        return np.zeros(self.dimension)

    @property
    def tunable(self) -> dict[str, Parameter]:
        """The continuous hyper-parameters that have a name, by name: those of a named method."""
        return {}

    def replace(self, **values: object) -> VectorField:
        """The same field with some of its hyper-parameters changed; `ValueError` for a name it does not have."""
        for name in values:
            raise ValueError(unknown("hyper-parameter", name, self.tunable, f"of {told(self)} "))
        return self

    @property
    def changing(self) -> str | None:
        """Why the velocity is another one in every round (it draws minibatches); None where it is not."""
        return None

    def in_round(self, k: Scalar) -> VectorField:
        """The field of round number `k`: itself unless it is `changing`."""
        return self

    def keyed(self, key: int | jax.Array | None) -> VectorField:
        """The field with another key for what it draws: itself where it draws nothing."""
        return self

    @property
    def own_key(self) -> jax.Array | None:
        """The key of what it draws; None where it draws nothing."""
        return None

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """Scalars whose zeros are the states where the velocity is not differentiable."""
        return ()

    def check(self, states: np.ndarray) -> str | None:
        """What makes the field inaccurate on these concrete states, shape `(..., n)`; None when nothing does."""
        return None

    __repr__ = described


@functools.partial(jax.jit, inline=True)
def _evaluate(field: VectorField, x: jax.Array) -> jax.Array:
    try:
        velocity = cast(field, x.dtype).velocity(x)
    except (TypeError, ValueError):
        settings = jax.tree.leaves(field, is_leaf=lambda node: isinstance(node, Arrays))
        batched = [leaf.shape for leaf in settings if not isinstance(leaf, Arrays) and jnp.ndim(leaf)]
        if not batched:
            raise
        raise ValueError(
            f"a field is evaluated for one setting of its hyper-parameters; here one has shape {batched[0]}: "
            "use jax.vmap over the method"
        ) from None
    if velocity.shape != x.shape:
        raise ValueError(f"a field must map a state of shape {x.shape} to that shape; {velocity.shape} came out")
    return velocity


class Delegating(VectorField):
    """A field that stands for another one, its `field`: everything but the velocity is that one's."""

    @property
    def _inner(self) -> VectorField:
        # A transform stores its field, a method builds it: a declaration here would make it an entry of both.
        return getattr(self, "field")  # noqa: B009

    @property
    def dimension(self) -> int:
        """That of the inner field."""
        return self._inner.dimension

    @property
    def generator_size(self) -> int:
        """That of the inner field."""
        return self._inner.generator_size

    @property
    def domain(self) -> Domain:
        """That of the inner field."""
        return self._inner.domain

    @property
    def equilibrium(self) -> np.ndarray | jax.Array:
        """That of the inner field."""
        return self._inner.equilibrium

    @property
    def changing(self) -> str | None:
        """That of the inner field."""
        return self._inner.changing

    def in_round(self, k: Scalar) -> VectorField:
        """This around the inner field of that round."""
        return self if self.changing is None else self._around(self._inner.in_round(k))

    @property
    def own_key(self) -> jax.Array | None:
        """That of the inner field."""
        return self._inner.own_key

    def keyed(self, key: int | jax.Array | None) -> VectorField:
        """This around the inner field with that key."""
        return self if self.changing is None else self._around(self._inner.keyed(key))

    def _around(self, field: VectorField) -> VectorField:
        return replace(self, field=field)

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """Those of the inner field."""
        return self._inner.kinks(x)

    def check(self, states: np.ndarray) -> str | None:
        """That of the inner field."""
        return self._inner.check(states)


class FunctionField(VectorField):
    """A field given as a plain function of the state, for experiments in a notebook cell.

    >>> field = dg.FunctionField(lambda x: jnp.stack([-x[1], x[0]]))
    >>> field((1.0, 2.0)).tolist()
    [-2.0, 1.0]
    """

    function: Callable[[jax.Array], jax.Array] = attribute(
        static=True, converter=lambda function: as_function(function, "a field", "the state")
    )

    def __check_init__(self) -> None:
        state = jax.ShapeDtypeStruct((self.dimension,), jnp.zeros(()).dtype)
        made = traced_shape(self.function, "a field", state)
        if not hasattr(made, "shape"):
            raise TypeError(
                f"a field must return an array; {told(self.function)} was given, which returns {told(made)}"
            )
        if made.shape != state.shape:
            raise ValueError(f"a field must map a state of shape {state.shape} to that shape; {made.shape} came out")
        if not jnp.issubdtype(made.dtype, jnp.floating):
            raise TypeError(f"a field must return real numbers; {told(self.function)} was given, which returns {made}")

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """The function's value."""
        return jnp.asarray(self.function(x))


FieldLike = VectorField | Callable[[jax.Array], jax.Array]


def as_field(field: FieldLike, batch: bool = False) -> VectorField:
    """`field` itself, or a plain function of the state as a field.

    `TypeError` for anything else; `ValueError` for a method that holds a batch of hyper-parameters, without `batch`.
    """
    if isinstance(field, str):
        raise TypeError(
            f"a method or a vector field is needed; {told(field)} was given: write dg.method({told(field)})"
        )
    if isinstance(field, type) or not callable(field):
        given = f"the class {field.__name__} was given" if isinstance(field, type) else f"{told(field)} was given"
        raise TypeError(f"a method, a VectorField or a function of the state is needed; {given}")
    if not isinstance(field, VectorField):
        return FunctionField(field)
    for name in () if batch else field.tunable:
        shape = jnp.shape(getattr(field, name, 0.0))
        if shape:
            raise ValueError(f"{name} must be one number here; shape {shape} was given: use jax.vmap over the method")
    return field


def as_planar(field: FieldLike) -> VectorField:
    """`as_field` with a state of two entries; `ValueError` for another dimension."""
    field = as_field(field)
    if field.dimension != 2:
        raise ValueError(f"a field with a state of two entries is needed; {field.dimension} has {told(field)}")
    return field
