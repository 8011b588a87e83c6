"""Trajectories: of an algorithm (`simulate`), of the continuous flow (`flow`), and what became of them (`outcome`)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.algorithms.base import State
from diracgan.displays.tables import facts
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.system import Map, trained
from diracgan.games.fields import FieldLike, VectorField, as_field
from diracgan.games.inputs import Scalar, as_numbers, fits
from diracgan.games.parameters import Parameter
from diracgan.games.states import finite_state, placed

if TYPE_CHECKING:
    from jaxtyping import Array, Float

# Rounds are counted in int32.
STEPS = Parameter("steps", "N", "number of rounds", 500, (0, 2**31 - 1), (1, 5000), kind=int)
SAVE_EVERY = Parameter("save_every", "k", "keep every k-th state", 1, (1, 2**31 - 1), kind=int)
NEAR = Parameter("near", "r", "distance below which a path has converged", 1e-3, open_low=True)
FAR = Parameter("far", "R", "distance above which a path has diverged", 1e3, open_low=True)

# How many spacings of the float type rounding may keep a run away from its limit.
_ROUNDING = 32


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
    known = not any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((system, start)))
    spare = shared_length(rows)
    if not known:
        return _path(system, start, rows, save_every)
    if start.size * spare > _SPARED:
        return _simulate(system, start, rows, save_every)
    # Rows beyond the end are cut off on the host, where a cut of any length costs nothing to compile.
    path = _simulate(system, start, spare, save_every, rows)
    return path if rows == spare else placed(np.asarray(path)[..., : rows + 1, :])


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
    field, algorithm = system.field, system.algorithm

    def one(x: jax.Array) -> jax.Array:
        x = field.domain.project(x, field.generator_size)

        def keep(state: State, k: jax.Array) -> tuple[State, jax.Array]:
            if isinstance(save_every, int) and save_every == 1:
                # Without a loop of unknown length the path has reverse derivatives.
                state = algorithm.step(field.in_round(k), state, k)
            else:
                first = k * save_every
                last = jnp.where(k < wanted, first + save_every, first)
                state = jax.lax.fori_loop(first, last, lambda i, s: algorithm.step(field.in_round(i), s, i), state)
            return state, algorithm.position(state)

        _, path = jax.lax.scan(keep, algorithm.init(field.in_round(0), x), jnp.arange(rows))
        return jnp.concatenate([x[None], path])

    return one(start) if start.ndim == 1 else jax.vmap(one)(start)


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


N = TypeVar("N", float, jax.Array)


def least_distance(near: float, size: N, dtype: DTypeLike) -> N:
    """The distance to a target of norm `size` below which a run in that float type has converged.

    Precision in this package: what answers a question about one system (a period, an arrival time, a critical step, a
    cycle, a fold, fixed points, a verdict) is computed in float64 whatever the type of its arguments; a trajectory and
    a map of many runs follow the type of their state, and their thresholds know what that type can tell apart. Near a
    target away from the origin numbers are eps|target| apart, and rounding ends a run some of them away from it, which
    is as close as a run can come: a smaller `near` is raised to that. At the origin numbers are as fine as one likes,
    and a cycle of any radius above `near` is one.
    """
    rounding = _ROUNDING * float(jnp.finfo(dtype).eps) * size
    return jnp.maximum(near, rounding) if isinstance(rounding, jax.Array) else max(near, rounding)


class Outcome(NamedTuple):
    """What became of a path: `kind` is "converged", "diverged" or "bounded", `step` the first round of it.

    `step` is None for "bounded".
    """

    kind: str
    step: int | None

    def __str__(self) -> str:
        return self.kind if self.step is None else f"{self.kind} from round {self.step} on"

    def _repr_html_(self) -> str:
        return facts(self.kind, [] if self.step is None else [("from round", str(self.step))])


def as_states(path: ArrayLike) -> np.ndarray:
    """A path `(rows, n)`, or several, `(m, rows, n)`, as float64; NaN and infinities are what a diverged one has."""
    return as_numbers(path, "path", ("rows", "n"), ("m", "rows", "n"), finite=False)


def as_target(target: object, dimension: int) -> np.ndarray:
    """The state that a path is meant to reach: given, a method's equilibrium, or the origin (None)."""
    if isinstance(target, VectorField):
        target = as_field(target).equilibrium
    state = np.zeros(dimension) if target is None else target
    return np.asarray(finite_state(state, dimension, batch=False, name="target"), np.float64)


def outcome(
    path: ArrayLike,
    target: ArrayLike | VectorField | None = None,
    near: float = 1e-3,
    far: float = 1e3,
    save_every: int = 1,
) -> Any:
    """Whether a path converged to `target`, diverged, or did neither.

    Converged: from `step` to the end the distance to `target` (the origin by default) stays below `near`. Diverged: at
    `step` the distance exceeds `far` or is not finite. Bounded: neither happened, which says nothing of longer runs.

    Args:
        path: shape `(rows, n)`, or `(m, rows, n)` for a list of m outcomes.
        target: the equilibrium, shape `(n,)`, or the method whose equilibrium is meant.
        near, far: the two thresholds, 0 < near < far; `near` is at least what rounding in the float type of the path
            leaves of a target away from the origin, 32 eps |target|.
        save_every: the thinning that the path was made with; steps are counted in rounds.

    >>> dg.outcome(dg.simulate(dg.method("r1"), dg.SimGD(h=0.2), steps=1000)).kind
    'converged'
    """
    dtype = getattr(path, "dtype", np.dtype(np.float64))
    path, save_every = as_states(path), SAVE_EVERY.convert(save_every)
    near, far, target = NEAR.number(near), FAR.number(far), as_target(target, path.shape[-1])
    if not near < far:
        raise ValueError(f"near and far must satisfy 0 < near < far; near={near}, far={far} was given")
    if jnp.issubdtype(dtype, jnp.floating):
        near = least_distance(near, float(np.linalg.norm(target)), dtype)
    fates = [_fate(one, target, near, far, save_every) for one in path.reshape(-1, *path.shape[-2:])]
    return fates if path.ndim == 3 else fates[0]


def _fate(path: np.ndarray, target: np.ndarray, near: float, far: float, save_every: int) -> Outcome:
    with np.errstate(over="ignore", invalid="ignore"):
        distance = np.linalg.norm(path - target, axis=-1)
    away = ~(distance <= far)
    if away.any():
        return Outcome("diverged", int(np.argmax(away)) * save_every)
    if distance[-1] < near:
        outside = np.flatnonzero(distance >= near)
        return Outcome("converged", (int(outside[-1]) + 1 if outside.size else 0) * save_every)
    return Outcome("bounded", None)
