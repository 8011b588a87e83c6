"""Integral curves of a field: the limit of infinitely small learning rates, integrated by diffrax."""

from __future__ import annotations

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.fields import VectorField, as_field, finite_state
from diracgan.parameters import Parameter, cast
from diracgan.trajectories import refuse, warn

_TIME = Parameter("max_time", "T", "longest time to integrate", 1e4, open_low=True)
_RADIUS = Parameter("radius", "r", "distance to the equilibrium", 1e-3, open_low=True)


def flow(field: Any, start: Any, times: Any, rtol: float | None = None, atol: float | None = None) -> jax.Array:
    """The integral curve dx/dt = v(x) through `start` at `times[0]`.

    Args:
        field: a method, a `VectorField`, or a function of the state. With a domain it is the projected flow: the part
            of the velocity that leaves the domain is dropped at its boundary.
        start: shape `(n,)`, or `(m, n)` for m curves.
        times: shape `(T,)`, strictly monotone; decreasing times run backwards.
        rtol, atol: tolerances of the adaptive step; 1e-10 and 1e-12 in float64, 1e-5 and 1e-6 in float32.

    Returns shape `(T, n)` or `(m, T, n)`. There is no cap on the number of steps; a curve that leaves the range of the
    float type gives infinities or NaN from there on. The integrator is diffrax's Dormand-Prince 8(7).

    >>> x = dg.flow(dg.method("wgan", clip=3.0), start=(1.0, 0.0), times=[0.0, 2 * np.pi])
    >>> x[-1].round(8).tolist()
    [1.0, -0.0]
    """
    field = as_field(field)
    start = finite_state(start, field.dimension)
    instants = jnp.asarray(times, start.dtype)
    if instants.ndim != 1 or instants.size == 0:
        raise ValueError(f"times must have shape (T,) with T >= 1; shape {tuple(instants.shape)} was given")
    if not isinstance(instants, jax.core.Tracer):
        gaps = np.diff(np.asarray(instants))
        if not np.all(np.isfinite(instants)) or not (np.all(gaps > 0) or np.all(gaps < 0)):
            raise ValueError("times must be finite and strictly increasing or strictly decreasing")
    refuse(field, start)
    path = _flow(field, start, instants, *_tolerances(start.dtype, rtol, atol))
    warn(field, path)
    return path


def _tolerances(dtype: Any, rtol: float | None, atol: float | None) -> tuple[float, float]:
    default = (1e-10, 1e-12) if dtype == jnp.float64 else (1e-5, 1e-6)
    chosen = default[0] if rtol is None else rtol, default[1] if atol is None else atol
    if not all(math.isfinite(value) and value > 0 for value in chosen):
        raise ValueError(f"rtol and atol must be positive; rtol={rtol}, atol={atol} was given")
    return chosen


def _velocity(t: Any, x: jax.Array, field: VectorField) -> jax.Array:
    inside = field.domain.project(x, field.generator_size)
    return field.domain.tangent(inside, field.velocity(inside), field.generator_size)


def _solve(field: VectorField, x: jax.Array, t0: Any, t1: Any, rtol: float, atol: float, **options: Any) -> Any:
    import diffrax

    # `throw=False` is what lets the program be lowered for accelerators: the checks are host callbacks.
    return diffrax.diffeqsolve(
        diffrax.ODETerm(_velocity),
        diffrax.Dopri8(),
        t0=t0,
        t1=t1,
        dt0=None,
        y0=field.domain.project(x, field.generator_size),
        args=field,
        stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol),
        max_steps=None,
        throw=False,
        **options,
    )


@functools.partial(jax.jit, static_argnames=("rtol", "atol"))
def _flow(field: Any, start: jax.Array, times: jax.Array, rtol: float, atol: float) -> jax.Array:
    import diffrax

    field = cast(field, start.dtype)

    def one(x: jax.Array) -> jax.Array:
        if times.size == 1:
            return field.domain.project(x, field.generator_size)[None]
        saved = _solve(field, x, times[0], times[-1], rtol, atol, saveat=diffrax.SaveAt(ts=times)).ys
        return field.domain.project(saved, field.generator_size)

    return one(start) if start.ndim == 1 else jax.vmap(one)(start)


def period(field: Any, start: Any, max_time: float = 1e4) -> float:
    """The time after which the flow through `start` first returns to the half-line it started on.

    The section is the ray from the equilibrium through `start`, crossed in the direction of the flow; for a closed
    orbit the result is its period, for a spiral the time of one revolution. NaN when there is no return within
    `max_time`; `ValueError` at the equilibrium. Defined for states of two entries.

    >>> round(dg.period(dg.method("wgan", clip=3.0), (1.0, 0.0)), 9)
    6.283185307
    """
    field = as_field(field)
    x = finite_state(start, field.dimension, batch=False)
    max_time = float(_TIME.convert(max_time))
    centre = jnp.asarray(field.equilibrium, x.dtype)
    if field.dimension != 2:
        raise ValueError(f"a period needs a planar field; this one has {field.dimension} entries")
    if not float(jnp.linalg.norm(x - centre)) > 0:
        raise ValueError("start must differ from the equilibrium; the equilibrium was given")
    refuse(field, x)
    return float(_period(field, x, centre, max_time, *_tolerances(x.dtype, None, None)))


@functools.partial(jax.jit, static_argnames=("rtol", "atol"))
def _period(field: Any, x: jax.Array, centre: jax.Array, max_time: Any, rtol: float, atol: float) -> jax.Array:
    import diffrax
    import optimistix

    field, ray = cast(field, x.dtype), x - centre
    across = jnp.stack([-ray[1], ray[0]])
    sense = jnp.sign(jnp.dot(across, field.velocity(x)))
    root = optimistix.Newton(rtol, atol)

    def crossing(y: jax.Array, t: Any, rising: bool) -> Any:
        event = diffrax.Event(lambda t, y, args, **_: jnp.dot(across, y - centre) * sense, root, direction=rising)
        return _solve(field, y, t, max_time, rtol, atol, event=event)

    # The first half turn ends where the orbit crosses the opposite ray; only the second one can end on its own ray,
    # so that the event is never asked about its own starting point.
    half = crossing(x, 0.0, False)
    whole = crossing(half.ys[-1], half.ts[-1], True)
    happened = diffrax.is_event(half.result) & diffrax.is_event(whole.result)
    # The event is located on the dense output, which is coarser than the steps: one Newton step on the true curve.
    time = jnp.where(happened, whole.ts[-1], 1)
    end = _solve(field, x, 0.0, time, rtol, atol).ys[-1]
    time = time - jnp.dot(across, end - centre) / jnp.dot(across, field.velocity(end))
    return jnp.where(happened, time, jnp.nan)


def arrival_time(field: Any, start: Any, radius: float = 1e-3, max_time: float = 1e6) -> float:
    """The time at which the flow from `start` first comes within `radius` of the equilibrium; NaN if not by `max_time`.

    >>> round(dg.arrival_time(lambda x: -x, (1.0, 0.0), radius=float(np.exp(-3))), 6)
    3.0
    """
    field = as_field(field)
    x = finite_state(start, field.dimension, batch=False)
    radius, max_time = float(_RADIUS.convert(radius)), float(_TIME.convert(max_time))
    centre = jnp.asarray(field.equilibrium, x.dtype)
    if float(jnp.linalg.norm(x - centre)) <= radius:
        return 0.0
    refuse(field, x)
    return float(_arrival(field, x, centre, radius, max_time, *_tolerances(x.dtype, None, None)))


@functools.partial(jax.jit, static_argnames=("rtol", "atol"))
def _arrival(field: Any, x: jax.Array, centre: Any, radius: Any, max_time: Any, rtol: float, atol: float) -> jax.Array:
    import diffrax
    import optimistix

    event = diffrax.Event(
        lambda t, y, args, **_: jnp.sum((y - centre) ** 2) - radius**2, optimistix.Newton(rtol, atol), direction=False
    )
    solution = _solve(cast(field, x.dtype), x, 0.0, max_time, rtol, atol, event=event)
    return jnp.where(diffrax.is_event(solution.result), solution.ts[-1], jnp.nan)
