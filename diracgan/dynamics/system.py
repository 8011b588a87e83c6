"""A field under an algorithm, or under the flow: what every analysis is about.

`system` checks both once, at the door of a public function; from there on analyses take a system and ask no more
whether there is an algorithm, which parameters have a name, or in which precision to compute. Questions are answered
in float64 whatever type trajectories run in: `linearised` and `velocities` take and return NumPy arrays of float64.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.spectrum import abscissa, decay, growth, margin
from diracgan.games.fields import VectorField, as_field
from diracgan.games.module import Arrays, Module, replace
from diracgan.games.parameters import Parameter, cast, unknown
from diracgan.games.recorded import recorded


class System(Module):
    """A field and the rule that moves its state; subclasses are the flow and the map of an algorithm.

    Any hyper-parameter may be an array of shape `(B,)`: the system is then a batch of B systems.
    """

    field: VectorField

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

    def at(self, **values: Any) -> System:
        """The same system at other values of its parameters, which are checked unless they are traced."""
        self.declared(values)
        return self._replaced(values)

    def _replaced(self, values: Mapping[str, Any]) -> System:
        return type(self)(self.field.replace(**values) if values else self.field)

    @property
    def described(self) -> str:
        """The field, and the algorithm if there is one, as a person would write them."""
        return repr(self.field)

    @property
    def batched(self) -> bool:
        """Whether a hyper-parameter is an array."""
        return any(map(_varies, jax.tree.leaves(self, is_leaf=_is_data)))

    def check_linear(self, step: int | None = None) -> None:
        """`ValueError` when the rule has no linearisation, or one for every round and `step` does not say which."""
        if self.field.changing and step is None:
            raise ValueError(f"there is no one map: {self.field.changing}; give step= for that of a round")

    def in_round(self, k: Any) -> System:
        """The system with the field of round `k`, which is another one only where minibatches are drawn."""
        return self if self.field.changing is None else replace(self, field=self.field.in_round(k))

    def cast(self, dtype: Any) -> System:
        """Every number in the type of the state."""
        return cast(self, dtype)

    def recorded(self, x: jax.Array) -> System:
        """The system in the type of `x`, its velocity traced once, for use within one traced function."""
        return replace(self.cast(x.dtype), field=recorded(self.field, x))

    def state(self, x: jax.Array) -> jax.Array:
        """The flat state of the rule at the position `x`: `x` itself unless the algorithm has a memory."""
        return x

    def jacobian(self, x: jax.Array, k: Any = 0) -> jax.Array:
        """The linearisation at the position `x`, shape `(N, N)`; `k` is the round of a schedule."""
        raise NotImplementedError

    def size(self, matrix: Any, xp: Any = jnp) -> Any:
        """What of the spectrum decides: the largest real part of a flow, the largest modulus of a map.

        With `xp` NumPy, of many matrices at once, shape `(B, N, N)`; so does `margin`.
        """
        raise NotImplementedError

    def margin(self, matrix: Any, xp: Any = jnp) -> Any:
        """How far the spectrum lies on the stable side: positive is stable, 0 neutral, negative unstable."""
        raise NotImplementedError


class Flow(System):
    """dx/dt = v(x)."""

    def jacobian(self, x: jax.Array, k: Any = 0) -> jax.Array:
        """∂v/∂x."""
        return jax.jacfwd(self.field.velocity)(x)

    def size(self, matrix: Any, xp: Any = jnp) -> Any:
        """The spectral abscissa, max Re μ."""
        return abscissa(matrix, xp)

    def margin(self, matrix: Any, xp: Any = jnp) -> Any:
        """By trace and determinant for two eigenvalues, else -max Re μ."""
        return decay(matrix, xp)


class Map(System):
    """x ← F(x), one round of an algorithm."""

    algorithm: Algorithm

    @property
    def tunable(self) -> dict[str, Parameter]:
        """Those of the field and those of the algorithm."""
        return {**self.algorithm.tunable, **self.field.tunable}

    def _replaced(self, values: Mapping[str, Any]) -> System:
        of_field = {name: value for name, value in values.items() if name in self.field.tunable}
        rest = {name: value for name, value in values.items() if name not in of_field}
        return Map(
            self.field.replace(**of_field) if of_field else self.field,
            self.algorithm.replace(**rest) if rest else self.algorithm,
        )

    @property
    def described(self) -> str:
        """Field and algorithm."""
        return f"{self.field!r} and {self.algorithm!r}"

    def check_linear(self, step: int | None = None) -> None:
        """`ValueError` for RMSProp and Adam, and for a schedule or minibatches without `step`."""
        super().check_linear(step)
        if self.algorithm.no_multipliers:
            raise ValueError(f"{self.algorithm!r} has no multipliers: {self.algorithm.no_multipliers}")
        if self.algorithm.scheduled and step is None:
            raise ValueError(f"the map of {self.algorithm!r} depends on the round: give step=")

    def state(self, x: jax.Array) -> jax.Array:
        """The algorithm's state at the position `x`, raveled."""
        return ravel_pytree(self.algorithm.init(self.field, x))[0]

    def jacobian(self, x: jax.Array, k: Any = 0) -> jax.Array:
        """∂F/∂state."""
        state, unravel = ravel_pytree(self.algorithm.init(self.field, x))
        return jax.jacfwd(lambda flat: ravel_pytree(self.algorithm.step(self.field, unravel(flat), k))[0])(state)

    def size(self, matrix: Any, xp: Any = jnp) -> Any:
        """The spectral radius, max |λ|."""
        return growth(matrix, xp)

    def margin(self, matrix: Any, xp: Any = jnp) -> Any:
        """By Jury's conditions for two multipliers, else 1 - max |λ|."""
        return margin(matrix, xp)


def _is_data(node: Any) -> bool:
    # The weights of a network and the points of a measure are no hyper-parameters, whatever their shapes.
    return isinstance(node, Arrays)


def _varies(leaf: Any) -> bool:
    """Whether a hyper-parameter has a value for each system of a batch."""
    return not _is_data(leaf) and np.ndim(leaf) > 0


def system(field: Any, algorithm: Algorithm | None = None, batch: bool = False) -> System:
    """The flow of a field, or its map under an algorithm; `TypeError` for what is neither.

    Errors are those of `as_field` and `as_algorithm`; with `batch`, hyper-parameters may be arrays of one length.
    """
    field, algorithm = as_field(field, batch), as_algorithm(algorithm, flow=True, batch=batch)
    chosen = Flow(field) if algorithm is None else Map(field, algorithm)
    shapes = {np.shape(leaf) for leaf in jax.tree.leaves(chosen, is_leaf=_is_data) if _varies(leaf)}
    if len(shapes) > 1 or any(len(shape) > 1 or not shape[0] for shape in shapes):
        raise ValueError(f"hyper-parameters that are arrays must have one shape (B,); {sorted(shapes)} were given")
    return chosen


class Linearised(NamedTuple):
    """What holds at a point of each of B systems.

    `at` are the points, shape `(B, n)`, `matrix` the Jacobians there, `(B, N, N)`, `size` the deciding number of each
    spectrum and `margin` how far it lies on the stable side, `(B,)`; `speed` is |v| and `kink` the least distance to a
    kink, in units of its scalar, infinite where the field has none.
    """

    at: np.ndarray
    matrix: np.ndarray
    size: np.ndarray
    margin: np.ndarray
    speed: np.ndarray
    kink: np.ndarray


# A batch is cut into pieces of this length and filled up, so that all of them share one program.
_LENGTHS = (1, 4096)


def linearised(system: System, at: Any = None, k: int = 0) -> Linearised:
    """The linearisation of a system, or of a batch of systems, in float64; a single system is a batch of one.

    Args:
        system: its hyper-parameters may have shape `(B,)`.
        at: one state, shape `(n,)`; the declared equilibrium of each system by default.
        k: the round of a schedule.
    """
    leaves, structure = jax.tree.flatten(system, is_leaf=_is_data)
    count = max((len(leaf) for leaf in leaves if _varies(leaf)), default=1)
    point = None if at is None else np.asarray(at, np.float64)
    if point is not None and (problem := system.field.check(point)):
        raise ValueError(problem)
    parts = []
    for first in range(0, count, _LENGTHS[-1]):
        here = min(count - first, _LENGTHS[-1])
        length = next(length for length in _LENGTHS if length >= here)
        where = np.minimum(np.arange(first, first + length), count - 1)
        cut = [np.asarray(leaf, np.float64)[where] if _varies(leaf) else leaf for leaf in leaves]
        with jax.enable_x64(True):
            done = _linearised(jax.tree.unflatten(structure, cut), point, length, k)
        parts.append([np.asarray(part)[:here] for part in done])
    x, matrix, speed, kink = (np.concatenate(column) for column in zip(*parts, strict=True))
    # On the host: half of the program would be the two numbers that are read off the matrices.
    with np.errstate(over="ignore", invalid="ignore"):
        return Linearised(x, matrix, system.size(matrix, np), system.margin(matrix, np), speed, kink)


@functools.partial(answering, static=("length",), loops=True)
def _linearised(batch: System, point: Any, length: int, k: Any) -> Any:
    axes = jax.tree.map(lambda leaf: 0 if _varies(leaf) else None, batch, is_leaf=_is_data)

    def one(system: System, _: Any) -> Any:
        system = system.in_round(k)
        x = jnp.asarray(system.field.equilibrium if point is None else point, jnp.float64)
        system = system.recorded(x)
        matrix, v = system.jacobian(x, k), system.field.velocity(x)
        kink = jnp.stack([jnp.asarray(jnp.inf), *(jnp.abs(kink) for kink in system.field.kinks(x))]).min()
        return x, matrix, jnp.linalg.norm(v), kink

    if not batch.batched:
        return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (length, *leaf.shape)), one(batch, 0))
    return jax.vmap(one, (axes, 0))(batch, jnp.arange(length))


def at_rest(system: System, k: Any = 0) -> jax.Array:
    """The linearisation at the declared equilibrium, inside a traced function; shape `(N, N)`."""
    x = jnp.asarray(system.field.equilibrium, jnp.float64)
    return system.recorded(x).jacobian(x, k)
