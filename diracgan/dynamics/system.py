"""A field under an algorithm, or under the flow: what every analysis is about.

`system` checks both once, at the door of a public function; from there on analyses take a system and ask no more
whether there is an algorithm, which parameters have a name, or in which precision to compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, ClassVar, Self

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.typing import DTypeLike

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.dynamics.matrices import V, abscissa, decay, growth, margin
from diracgan.games.fields import FieldLike, VectorField, as_field
from diracgan.games.inputs import Scalar
from diracgan.games.module import Arrays, Module, replace
from diracgan.games.parameters import Parameter, cast, unknown
from diracgan.games.recorded import recorded


class System(Module):
    """A field and the rule that moves its state; subclasses are the flow and the map of an algorithm.

    Any hyper-parameter may be an array of shape `(B,)`: the system is then a batch of B systems.
    """

    # What a run of it is counted in.
    clock: ClassVar[str]
    field: VectorField

    @property
    def rule(self) -> str:
        """What moves the state, as a person would write it."""
        return "flow"

    @property
    def tunable(self) -> dict[str, Parameter]:
        """The continuous parameters that have a name; a name that field and algorithm share is the field's."""
        return self.field.tunable

    def declared(self, names: Iterable[str]) -> dict[str, Parameter]:
        """The declarations of these parameters; `ValueError` that lists what there is for an unknown one."""
        known = self.tunable
        for name in names:
            if name not in known:
                raise ValueError(unknown("continuous parameter", name, known, f"of {self.described} "))
        return {name: known[name] for name in names}

    def at(self, **values: object) -> Self:
        """The same system at other values of its parameters, which are checked unless they are traced."""
        self.declared(values)
        return self._replaced(values)

    def _replaced(self, values: Mapping[str, object]) -> Self:
        return type(self)(self.field.replace(**values) if values else self.field)

    @property
    def described(self) -> str:
        """The field, and the algorithm if there is one, as a person would write them."""
        return repr(self.field)

    @property
    def batched(self) -> bool:
        """Whether a hyper-parameter is an array."""
        return any(map(varies, jax.tree.leaves(self, is_leaf=is_data)))

    def check_linear(self, step: int | None = None) -> None:
        """`ValueError` when the rule has no linearisation, or one for every round and `step` does not say which."""
        if self.field.changing and step is None:
            raise ValueError(f"there is no one map: {self.field.changing}; give step= for that of a round")

    def in_round(self, k: Scalar) -> Self:
        """The system with the field of round `k`, which is another one only where minibatches are drawn."""
        return self if self.field.changing is None else replace(self, field=self.field.in_round(k))

    def cast(self, dtype: DTypeLike) -> Self:
        """Every number in the type of the state."""
        return cast(self, dtype)

    def recorded(self, x: jax.Array) -> Self:
        """The system in the type of `x`, its velocity traced once, for use within one traced function."""
        return replace(self.cast(x.dtype), field=recorded(self.field, x))

    def state(self, x: jax.Array) -> jax.Array:
        """The flat state of the rule at the position `x`: `x` itself unless the algorithm has a memory."""
        return x

    def jacobian(self, x: jax.Array, k: Scalar = 0) -> jax.Array:
        """The linearisation at the position `x`, shape `(N, N)`; `k` is the round of a schedule."""
        raise NotImplementedError

    def size(self, matrix: V, xp: ModuleType = jnp) -> V:
        """What of the spectrum decides: the largest real part of a flow, the largest modulus of a map.

        With `xp` NumPy, of many matrices at once, shape `(B, N, N)`; so does `margin`.
        """
        raise NotImplementedError

    def margin(self, matrix: V, xp: ModuleType = jnp) -> V:
        """How far the spectrum lies on the stable side: positive is stable, 0 neutral, negative unstable."""
        raise NotImplementedError


class Flow(System):
    """dx/dt = v(x)."""

    clock: ClassVar[str] = "time"

    def jacobian(self, x: jax.Array, k: Scalar = 0) -> jax.Array:
        """∂v/∂x."""
        return jax.jacfwd(self.field.velocity)(x)

    def size(self, matrix: V, xp: ModuleType = jnp) -> V:
        """The spectral abscissa, max Re μ."""
        return abscissa(matrix, xp)

    def margin(self, matrix: V, xp: ModuleType = jnp) -> V:
        """By trace and determinant for two eigenvalues, else -max Re μ."""
        return decay(matrix, xp)


class Map(System):
    """x ← F(x), one round of an algorithm."""

    clock: ClassVar[str] = "step"
    algorithm: Algorithm

    @property
    def rule(self) -> str:
        """The algorithm as a person would write it."""
        return repr(self.algorithm)

    @property
    def tunable(self) -> dict[str, Parameter]:
        """Those of the field and those of the algorithm."""
        return {**self.algorithm.tunable, **self.field.tunable}

    def _replaced(self, values: Mapping[str, object]) -> Self:
        of_field = {name: value for name, value in values.items() if name in self.field.tunable}
        rest = {name: value for name, value in values.items() if name not in of_field}
        return type(self)(
            self.field.replace(**of_field) if of_field else self.field,
            self.algorithm.replace(**rest) if rest else self.algorithm,
        )

    @property
    def described(self) -> str:
        """Field and algorithm."""
        return f"{self.field!r} and {self.algorithm!r}"

    def check_linear(self, step: int | None = None) -> None:
        """`ValueError` for RMSProp and Adam, and for a schedule or minibatches without `step`."""
        if self.algorithm.no_multipliers:
            raise ValueError(f"{self.algorithm!r} has no multipliers: {self.algorithm.no_multipliers}")
        if self.algorithm.scheduled and step is None:
            raise ValueError(f"the map of {self.algorithm!r} depends on the round: give step=")
        super().check_linear(step)

    def state(self, x: jax.Array) -> jax.Array:
        """The algorithm's state at the position `x`, raveled."""
        return ravel_pytree(self.algorithm.init(self.field, x))[0]

    def jacobian(self, x: jax.Array, k: Scalar = 0) -> jax.Array:
        """∂F/∂state."""
        state, unravel = ravel_pytree(self.algorithm.init(self.field, x))
        return jax.jacfwd(lambda flat: ravel_pytree(self.algorithm.step(self.field, unravel(flat), k))[0])(state)

    def size(self, matrix: V, xp: ModuleType = jnp) -> V:
        """The spectral radius, max |λ|."""
        return growth(matrix, xp)

    def margin(self, matrix: V, xp: ModuleType = jnp) -> V:
        """By Jury's conditions for two multipliers, else 1 - max |λ|."""
        return margin(matrix, xp)


def is_data(node: object) -> bool:
    """Whether a part of a system is no hyper-parameter: the weights of a network, the points of a measure."""
    return isinstance(node, Arrays)


def varies(leaf: Any) -> bool:
    """Whether a hyper-parameter has a value for each system of a batch."""
    return not is_data(leaf) and np.ndim(leaf) > 0


def trained(field: FieldLike, algorithm: Algorithm) -> Map:
    """The map of a field under an algorithm, which there must be; errors are those of `as_field` and `as_algorithm`."""
    return Map(as_field(field), as_algorithm(algorithm))


def system(field: FieldLike, algorithm: Algorithm | None = None, batch: bool = False) -> System:
    """The flow of a field, or its map under an algorithm; `TypeError` for what is neither.

    Errors are those of `as_field` and `as_algorithm`; with `batch`, hyper-parameters may be arrays of one length.
    """
    field, algorithm = as_field(field, batch), as_algorithm(algorithm, flow=True, batch=batch)
    chosen = Flow(field) if algorithm is None else Map(field, algorithm)
    shapes = {np.shape(leaf) for leaf in jax.tree.leaves(chosen, is_leaf=is_data) if varies(leaf)}
    if len(shapes) > 1 or any(len(shape) > 1 or not shape[0] for shape in shapes):
        raise ValueError(f"hyper-parameters that are arrays must have one shape (B,); {sorted(shapes)} were given")
    return chosen
