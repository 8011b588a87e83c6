"""The linearisation of a system, or of a batch of systems, at a point of each: in float64, whatever type runs have."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.dynamics.system import Flow, System, is_data, varies
from diracgan.games.inputs import Scalar
from diracgan.tracing.lanes import carried_out


class Linearised(NamedTuple):
    """What holds at a point of each of B systems.

    `at` are the points, shape `(B, n)`, `matrix` the Jacobians there, `(B, N, N)`, `size` the deciding number of each
    spectrum and `margin` how far it lies on the stable side, `(B,)`; `speed` is |v| and `kink` the least distance to a
    kink, in units of its scalar, infinite where the field has none; `slope` are the Jacobians of the fields themselves,
    `(B, n, n)`, where they were asked for.
    """

    at: np.ndarray
    matrix: np.ndarray
    size: np.ndarray
    margin: np.ndarray
    speed: np.ndarray
    kink: np.ndarray
    slope: np.ndarray | None = None


# A batch is cut into pieces of this length and filled up, so that all of them share one program.
_LENGTHS = (1, 4096)
# From so many systems on a compiled program is faster, the time to compile it included.
_MANY = 2048


def linearised(
    system: System, at: ArrayLike | None = None, k: int = 0, slope: bool = False, often: bool = False
) -> Linearised:
    """The linearisation of a system, or of a batch of systems, in float64; a single system is a batch of one.

    Args:
        system: its hyper-parameters may have shape `(B,)`.
        at: one state, shape `(n,)`; the declared equilibrium of each system by default.
        k: the round of a schedule.
        slope: whether the Jacobian of the field is wanted beside that of the rule, in the same program.
        often: whether it is asked for many times in a row, so that a compiled program is worth it.
    """
    leaves, structure = jax.tree.flatten(system, is_leaf=is_data)
    count = max((len(leaf) for leaf in leaves if varies(leaf)), default=1)
    point = None if at is None else np.asarray(at, np.float64)
    if point is not None and (problem := system.field.check(point)):
        raise ValueError(problem)
    batch: System = jax.tree.unflatten(
        structure, [np.asarray(leaf, float) if varies(leaf) else leaf for leaf in leaves]
    )
    try:
        found = (_compiled if often or count > _MANY else _by_numpy)(batch, point, count, k, slope)
    except (NotImplementedError, ValueError):
        found = _compiled(batch, point, count, k, slope)
    x, matrix, speed, kink, *slopes = found
    # On the host: half of the program would be the two numbers that are read off the matrices.
    with np.errstate(over="ignore", invalid="ignore"):
        return Linearised(x, matrix, system.size(matrix, np), system.margin(matrix, np), speed, kink, *slopes)


def _one(system: System, point: np.ndarray | None, k: Scalar, slope: bool) -> tuple[jax.Array, ...]:
    system = system.in_round(k)
    x = jnp.asarray(system.field.equilibrium if point is None else point, jnp.float64)
    system = system.recorded(x)
    matrix, v = system.jacobian(x, k), system.field.velocity(x)
    kink = jnp.stack([jnp.asarray(jnp.inf), *(jnp.abs(kink) for kink in system.field.kinks(x))]).min()
    slopes = (Flow(system.field).jacobian(x),) if slope else ()
    return x, matrix, jnp.linalg.norm(v), kink, *slopes


_traced = functools.partial(jax.jit, static_argnames=("slope",), inline=True)(_one)


def _by_numpy(batch: System, point: np.ndarray | None, count: int, k: int, slope: bool) -> list[np.ndarray]:
    """What `_one` finds of every system, by a program that is traced and not compiled; as `carried_out`."""
    with jax.enable_x64(True):
        program = _traced.trace(one_of(batch), point, k, slope).jaxpr
    found = carried_out(program, *jax.tree.leaves((batch, point, k)))
    shapes = [(count, *variable.aval.shape) for variable in program.jaxpr.outvars]
    return [np.broadcast_to(part, shape).copy() for part, shape in zip(found, shapes, strict=True)]


def one_of(batch: System) -> System:
    """The shapes of one system of a batch: its data are whole, of a hyper-parameter there is one."""

    def shaped(leaf: Any, alone: bool) -> jax.ShapeDtypeStruct:
        shape = np.shape(leaf)[1:] if alone else np.shape(leaf)
        return jax.ShapeDtypeStruct(shape, jax.dtypes.result_type(leaf))

    def one(node: Any) -> Any:
        return jax.tree.map(lambda leaf: shaped(leaf, varies(node)), node)

    return jax.tree.map(one, batch, is_leaf=is_data)


def _compiled(batch: System, point: np.ndarray | None, count: int, k: int, slope: bool) -> list[np.ndarray]:
    """The same, by a compiled program of a few lengths."""
    leaves, structure = jax.tree.flatten(batch, is_leaf=is_data)
    parts = []
    for first in range(0, count, _LENGTHS[-1]):
        here = min(count - first, _LENGTHS[-1])
        length = next(length for length in _LENGTHS if length >= here)
        where = np.minimum(np.arange(first, first + length), count - 1)
        cut = [leaf[where] if varies(leaf) else leaf for leaf in leaves]
        done = _linearised(jax.tree.unflatten(structure, cut), point, length, k, slope)
        parts.append([part[:here] for part in done])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


@in_float64
@functools.partial(answering, static=("length", "slope"), loops=True)
def _linearised(batch: System, point: np.ndarray | None, length: int, k: Scalar, slope: bool) -> tuple[jax.Array, ...]:
    axes = jax.tree.map(lambda leaf: 0 if varies(leaf) else None, batch, is_leaf=is_data)
    if not batch.batched:
        alone = _one(batch, point, k, slope)
        return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (length, *leaf.shape)), alone)
    return jax.vmap(lambda system, _: _one(system, point, k, slope), (axes, 0))(batch, jnp.arange(length))


def at_rest(system: System, k: Scalar = 0) -> jax.Array:
    """The linearisation at the declared equilibrium, inside a traced function; shape `(N, N)`."""
    x = jnp.asarray(system.field.equilibrium, jnp.float64)
    return system.recorded(x).jacobian(x, k)
