"""What became of a path: converged, diverged, or neither."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from numpy.typing import ArrayLike

from diracgan.displays.tables import facts
from diracgan.dynamics.trajectories import SAVE_EVERY
from diracgan.games.fields import VectorField, as_field
from diracgan.games.inputs import as_numbers
from diracgan.games.parameters import Parameter
from diracgan.games.states import finite_state

NEAR = Parameter("near", "r", "distance below which a path has converged", 1e-3, open_low=True)
FAR = Parameter("far", "R", "distance above which a path has diverged", 1e3, open_low=True)

# How many spacings of the float type rounding may keep a run away from its limit.
_ROUNDING = 32

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
