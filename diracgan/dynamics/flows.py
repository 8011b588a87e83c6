"""Integral curves of a field: the limit of infinitely small learning rates."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from numpy.typing import ArrayLike

from diracgan.dynamics.compiling import answering, running
from diracgan.dynamics.integrator import integrate, projected, shortest_step
from diracgan.dynamics.lanes import over_lanes
from diracgan.dynamics.trajectories import refuse, shared_length, warn
from diracgan.games.fields import FieldLike, VectorField, as_field
from diracgan.games.inputs import Scalar, as_numbers, fits, told, traced
from diracgan.games.parameters import Parameter
from diracgan.games.recorded import recorded
from diracgan.games.states import finite_state, placed

if TYPE_CHECKING:
    from jaxtyping import Array, Float

_BLOCK = 1024
# From so many curves on it pays to write the stages of a step out.
_FEW = 16
_RTOL = Parameter("rtol", "rtol", "relative tolerance of a step", bounds=(1e-15, 1.0))
_ATOL = Parameter("atol", "atol", "absolute tolerance of a step", open_low=True)


def flow(
    field: FieldLike, start: ArrayLike, times: Any, rtol: float | None = None, atol: float | None = None
) -> Float[Array, "*m T n"]:
    """The integral curve dx/dt = v(x) through `start` at `times[0]`.

    Args:
        field: a method, a `VectorField`, or a function of the state. With a domain it is the projected flow: the part
            of the velocity that leaves the domain is dropped at its boundary.
        start: shape `(n,)`, or `(m, n)` for m curves.
        times: shape `(T,)`, strictly monotone; decreasing times run backwards.
        rtol, atol: tolerances of the adaptive step; 1e-10 and 1e-12 in float64, 1e-5 and 1e-6 in float32.

    Returns shape `(T, n)` or `(m, T, n)`, NaN from where a curve ends: at a blow-up, at the range of the float type, or
    on a kink that attracts from both sides (WGAN-GP backwards). There is no cap on the number of steps. The rule is
    Dormand and Prince's of order 8(5, 3). A stiff field, for which its steps become too short, is integrated by
    diffrax's implicit Kvaerno 5(4); under `jit`, `vmap` or a derivative, where that cannot be seen, its curve is NaN.
    Derivatives are forward ones: `jax.jvp` and `jax.jacfwd` work, `jax.grad` does not.

    >>> x = dg.flow(dg.method("wgan", clip=3.0), start=(1.0, 0.0), times=[0.0, 2 * np.pi])
    >>> x[-1].round(8).tolist()
    [1.0, -0.0]
    """
    field = as_field(field)
    start = finite_state(start, field.dimension)
    rtol, atol = (None if given is None else kind.number(given) for kind, given in ((_RTOL, rtol), (_ATOL, atol)))
    times = times if traced(times) else as_numbers(times, "times", ("T",), finite=False)
    fits(2 * len(times) * start.nbytes, f"a flow at {len(times)} times")
    instants = jnp.asarray(times, start.dtype) if traced(times) else times.astype(start.dtype)
    if instants.ndim != 1 or instants.size == 0:
        raise ValueError(f"times must have shape (T,) with T >= 1; shape {tuple(instants.shape)} was given")
    if not isinstance(instants, jax.core.Tracer):
        gaps = np.diff(np.asarray(instants)) if np.all(np.isfinite(instants)) else np.array([np.nan])
        if not (np.all(gaps > 0) or np.all(gaps < 0)):
            raise ValueError(
                f"times must be finite and strictly increasing or strictly decreasing; {told(times)} was given"
            )
    refuse(field, start)
    tolerances = checked_tolerances(start.dtype, rtol, atol)
    path = _curves(field, start, instants, *tolerances)
    if not isinstance(path, jax.core.Tracer) and _ends_in_stiffness(field, path, instants):
        from diracgan.dynamics.stiff import implicit

        path = jnp.where(jnp.isnan(path), implicit(field, start, instants, *tolerances), path)
    warn(field, path)
    return path


def checked_tolerances(dtype: DTypeLike, rtol: float | None, atol: float | None) -> tuple[float, float]:
    """Those given, or those of the float type; `ValueError` unless both are positive."""
    default = (1e-10, 1e-12) if dtype == jnp.float64 else (1e-5, 1e-6)
    chosen = default[0] if rtol is None else rtol, default[1] if atol is None else atol
    if not all(math.isfinite(value) and value > 0 for value in chosen):
        raise ValueError(f"rtol and atol must be positive; rtol={rtol}, atol={atol} was given")
    return chosen


@answering
def _slopes(field: VectorField, states: jax.Array) -> jax.Array:
    """The Jacobian at every state."""
    field = recorded(field, states)
    return jax.vmap(jax.jacfwd(lambda x: projected(field, x)))(states)


def fastest_decay(field: FieldLike, states: ArrayLike, sense: float = 1.0) -> np.ndarray:
    """The fastest rate at which deviations from the curves through these states decay, shape `(m,)`."""
    slopes = np.asarray(_slopes(field, states), np.float64)
    slopes = np.where(np.all(np.isfinite(slopes), axis=(1, 2), keepdims=True), slopes, 0)
    return np.max(-sense * np.linalg.eigvals(slopes).real, axis=-1)


def _ends_in_stiffness(field: VectorField, path: jax.Array, times: jax.Array) -> bool:
    """Whether a curve became NaN where the explicit rules are unstable with the shortest step, and nothing else is."""
    rows = np.asarray(path).reshape(-1, *path.shape[-2:])
    length = np.sum(np.all(np.isfinite(rows), axis=2), axis=1)
    ended = np.flatnonzero((length > 0) & (length < rows.shape[1]))
    if not ended.size:
        return False
    span = float(times[-1] - times[0])
    decay = fastest_decay(field, jnp.asarray(rows[ended, length[ended] - 1]), np.sign(span))
    return bool(np.any(decay * float(shortest_step(abs(span), path.dtype)) > 1))


# State, time, the step to be tried, and whether the curve goes on.
_Along = tuple[jax.Array, jax.Array, jax.Array, jax.Array]


def _explicit(
    field: VectorField, start: jax.Array, times: jax.Array, rtol: Scalar, atol: Scalar, unroll: bool = False
) -> jax.Array:
    field = recorded(field, start)
    velocity = lambda x: projected(field, x)
    shortest = shortest_step(jnp.abs(times[-1] - times[0]), start.dtype)
    rtol, atol = (jnp.asarray(tolerance, start.dtype) for tolerance in (rtol, atol))

    # Every time is stepped to, because a dense output would be less accurate than the steps.
    def one(x: jax.Array) -> jax.Array:
        x = field.domain.project(x, field.generator_size)

        def advance(carry: _Along, until: jax.Array) -> tuple[_Along, jax.Array]:
            x, t, length, going = carry
            # The field does not know the time: counted from 0 its resolution stays fine.
            gap = jnp.where(going, until - t, 0)
            size = jax.lax.stop_gradient(jnp.abs(gap))
            reached = integrate(
                velocity,
                x,
                gap,
                jnp.where(size > 0, jnp.minimum(length, size), length),
                rtol=rtol,
                atol=atol,
                least=4 * jnp.finfo(x.dtype).eps * size,
                shortest=shortest,
                unroll=unroll,
            )
            going &= reached.done
            x = jnp.where(going, field.domain.project(reached.x, field.generator_size), jnp.nan)
            return (x, until, reached.step, going), x

        speed = jnp.linalg.norm(velocity(x))
        first = jax.lax.stop_gradient((1 + jnp.linalg.norm(x)) / (1 + speed) / 100)
        _, path = jax.lax.scan(advance, (x, times[0], first, jnp.array(True)), times[1:])
        return jnp.concatenate([x[None], path])

    if start.ndim == 1:
        return one(start)
    # The curves of a block advance together, as many steps as the slowest of them needs.
    return over_lanes(jax.vmap(one), start, _BLOCK) if len(start) > _BLOCK else jax.vmap(one)(start)


_flow = answering(_explicit, static=("unroll",), loops=True)
_flows = running(functools.partial(_explicit, unroll=True))


def _curves(field: VectorField, start: jax.Array, times: jax.Array, rtol: Scalar, atol: Scalar) -> jax.Array:
    """By a program that other numbers of times share, unless it becomes a part of somebody else's."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((field, start, times))):
        return _explicit(field, start, times, rtol, atol)
    instants = np.asarray(times)
    spare = shared_length(len(instants))
    padded = np.concatenate([instants, np.full(spare - len(instants), instants[-1])])
    path = (_flow if len(np.atleast_2d(start)) <= _FEW else _flows)(field, start, padded, rtol, atol)
    return placed(np.asarray(path)[..., : len(instants), :])
