"""Trajectories of training algorithms: the rounds one by one, and what warns of fields that are inaccurate there."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.algorithms.base import State
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.system import Map, trained
from diracgan.games.fields import FieldLike, VectorField
from diracgan.games.inputs import Scalar, fits
from diracgan.games.parameters import Parameter
from diracgan.games.states import finite_state, placed

if TYPE_CHECKING:
    from jaxtyping import Array, Float

# Rounds are counted in int32.
STEPS = Parameter("steps", "N", "number of rounds", 500, (0, 2**31 - 1), (1, 5000), kind=int)
SAVE_EVERY = Parameter("save_every", "k", "keep every k-th state", 1, (1, 2**31 - 1), kind=int)


def simulate(
    field: FieldLike, algorithm: Algorithm, start: ArrayLike = (1.0, 1.0), steps: int = 500, save_every: int = 1
) -> Float[Array, "*m rows n"]:
    """The iterates of a training algorithm, x_{k+1} = F(x_k).

    Args:
        field: a method, a `VectorField`, or a function of the state.
        algorithm: for example `SimGD(h=0.2)`.
        start: shape `(n,)`, or `(m, n)` for m starts at once; projected onto the field's domain.
        steps: the number of rounds; what is compiled for one number serves others.
        save_every: keep every k-th state only; memory does not grow with the rounds between.

    Returns the path, shape `(steps // save_every + 1, n)` with the start first, or `(m, ..., n)`. A diverging run is a
    result: its entries become large, infinite or NaN; see `outcome`.

    Raises `ValueError` for a start that is not finite, and where instance noise has too few nodes for the start.

    >>> path = dg.simulate(dg.method("wgan"), dg.SimGD(h=0.5), start=(1, 0), steps=2)
    >>> path.tolist()
    [[1.0, 0.0], [1.0, 0.5], [0.75, 1.0]]
    """
    chosen = trained(field, algorithm)
    field = chosen.field
    start = finite_state(start, field.dimension)
    steps, save_every = STEPS.convert(steps), SAVE_EVERY.convert(save_every)
    # The path is made, and once copied to put the start in front.
    fits(2 * (steps // save_every + 1) * start.nbytes, f"the path of {steps} rounds with save_every={save_every}")
    refuse(field, start)
    path = _run(chosen, start, steps, save_every)
    warn(field, path)
    return path


def _run(system: Map, start: jax.Array, steps: int, save_every: int) -> jax.Array:
    rows = steps // save_every
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((system, start))):
        return _path(system, start, rows, save_every)
    if start.ndim == 1 and rows > _SHORT:
        return placed(_in_stretches(system, start, rows, save_every))
    spare = _SHORT if start.ndim == 1 else shared_length(rows)
    if start.size * spare > _SPARED:
        return _simulate(system, start, rows, save_every)
    # Rows beyond the end are cut off on the host, where a cut of any length costs nothing to compile.
    path = _simulate(system, start, spare, save_every, rows)
    return path if rows == spare else placed(np.asarray(path)[..., : rows + 1, :])


# Rows of one call; there are two programs, so that neither a short run nor the calls of a long one cost more than the
# rounds themselves.
_SHORT, _LONG = 512, 1 << 15


def _in_stretches(system: Map, start: jax.Array, rows: int, save_every: int) -> np.ndarray:
    """The path, by as many calls of one program as it takes: no other number of rounds compiles another one."""
    length = _SHORT if rows <= _LONG else _LONG
    state = jax.tree.map(lambda leaf: placed(np.zeros(leaf.shape, leaf.dtype)), _begun.eval_shape(system, start)[1])
    parts = []
    for first in range(0, max(rows, 1), length):
        begin, state, path = _stretch(system, start, state, first, rows, save_every, length)
        parts += [np.asarray(begin)[None]] if first == 0 else []
        parts.append(np.asarray(path)[: rows - first])
    return np.concatenate(parts)


@functools.partial(jax.jit, inline=True)
def _begun(system: Map, start: jax.Array) -> tuple[jax.Array, State]:
    """The start in the domain, and the state of the algorithm there."""
    field = system.field
    x = field.domain.project(start, field.generator_size)
    return x, system.algorithm.init(field.in_round(0), x)


@functools.partial(answering, static=("length",), loops=True)
def _stretch(
    system: Map, start: jax.Array, state: State, first: Scalar, wanted: Scalar, save_every: Scalar, length: int
) -> tuple[jax.Array, State, jax.Array]:
    """`length` rows from number `first` on, those from `wanted` on not computed; the state is that of its beginning."""
    system = system.recorded(start)
    x, begin = _begun(system, start)
    state = jax.tree.map(lambda fresh, old: jnp.where(first == 0, fresh, old), begin, state)
    numbers = first + jnp.arange(length)
    return x, *jax.lax.scan(functools.partial(_kept, system, save_every, wanted), state, numbers)


# Entries up to which rounds beyond the end are computed for the sake of a program that is there already.
_SPARED = 1 << 22


def shared_length(count: int) -> int:
    """The next of the lengths 16, 20, 24, 28, 32, 40 ...: at most a quarter more, and few enough to be compiled once.

    >>> [shared_length(count) for count in (0, 16, 500, 1000)]
    [16, 16, 512, 1024]
    """
    if count <= 16:
        return 16
    unit = 1 << (count.bit_length() - 3)
    return -(-count // unit) * unit


def _path(system: Map, start: jax.Array, rows: int, save_every: Scalar, wanted: Scalar = 2**31 - 1) -> jax.Array:
    """`rows` rows after the start, of which those from number `wanted` on need not be computed."""
    system = system.recorded(start)

    def one(x: jax.Array) -> jax.Array:
        x, state = _begun(system, x)
        _, path = jax.lax.scan(functools.partial(_kept, system, save_every, wanted), state, jnp.arange(rows))
        return jnp.concatenate([x[None], path])

    return one(start) if start.ndim == 1 else jax.vmap(one)(start)


def _kept(system: Map, save_every: Scalar, wanted: Scalar, state: State, k: jax.Array) -> tuple[State, jax.Array]:
    """The state and the position after the rounds of row `k`."""
    field, algorithm = system.field, system.algorithm
    if isinstance(save_every, int) and save_every == 1:
        # Without a loop of unknown length the path has reverse derivatives.
        state = algorithm.step(field.in_round(k), state, k)
    else:
        first = k * save_every
        last = jnp.where(k < wanted, first + save_every, first)
        state = jax.lax.fori_loop(first, last, lambda i, s: algorithm.step(field.in_round(i), s, i), state)
    return state, algorithm.position(state)


_simulate = answering(_path, static=("rows",), loops=True)


def refuse(field: VectorField, states: Any) -> None:
    """Raise `ValueError` when the field says that it is inaccurate on these concrete states, once projected."""
    if isinstance(states, jax.core.Tracer) or not field.check(np.asarray(states)):
        return
    inside = field.domain.project(states, field.generator_size)
    if not isinstance(inside, jax.core.Tracer) and (complaint := field.check(np.asarray(inside))):
        raise ValueError(complaint)


def warn(field: VectorField, path: ArrayLike) -> None:
    """Warn, once for a whole run, when it left the states on which the field is accurate."""
    if isinstance(path, jax.core.Tracer) or type(field).check is VectorField.check:
        return
    if complaint := field.check(np.asarray(path)):
        warnings.warn(f"the run left the range where the field is accurate: {complaint}", RuntimeWarning, 3)
