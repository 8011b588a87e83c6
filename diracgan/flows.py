"""Integral curves of a field: the limit of infinitely small learning rates, integrated by diffrax."""

from __future__ import annotations

import functools
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from diracgan.fields import VectorField, as_field, as_planar, finite_state
from diracgan.inputs import as_numbers, fits, told, traced
from diracgan.lanes import over_lanes
from diracgan.parameters import Parameter, cast
from diracgan.trajectories import refuse, warn

_BLOCK = 1024
_TIME = Parameter("max_time", "T", "longest time to integrate", 1e4, open_low=True)
_RADIUS = Parameter("radius", "r", "distance to the equilibrium", 1e-3, open_low=True)
_RTOL = Parameter("rtol", "rtol", "relative tolerance of a step", bounds=(1e-15, 1.0))
_ATOL = Parameter("atol", "atol", "absolute tolerance of a step", open_low=True)


def flow(field: Any, start: Any, times: Any, rtol: float | None = None, atol: float | None = None) -> jax.Array:
    """The integral curve dx/dt = v(x) through `start` at `times[0]`.

    Args:
        field: a method, a `VectorField`, or a function of the state. With a domain it is the projected flow: the part
            of the velocity that leaves the domain is dropped at its boundary.
        start: shape `(n,)`, or `(m, n)` for m curves.
        times: shape `(T,)`, strictly monotone; decreasing times run backwards.
        rtol, atol: tolerances of the adaptive step; 1e-10 and 1e-12 in float64, 1e-5 and 1e-6 in float32.

    Returns shape `(T, n)` or `(m, T, n)`, NaN from where a curve ends: at a blow-up, at the range of the float type, or
    on a kink that attracts from both sides (WGAN-GP backwards). There is no cap on the number of steps. The integrator
    is diffrax's Dormand-Prince 8(7); in float32 Tsitouras 5(4), whose error estimate survives the rounding. Derivatives
    are forward ones: `jax.jvp` and `jax.jacfwd` work, `jax.grad` does not.

    >>> x = dg.flow(dg.method("wgan", clip=3.0), start=(1.0, 0.0), times=[0.0, 2 * np.pi])
    >>> x[-1].round(8).tolist()
    [1.0, -0.0]
    """
    field = as_field(field)
    start = finite_state(start, field.dimension)
    rtol, atol = (None if given is None else kind.number(given) for kind, given in ((_RTOL, rtol), (_ATOL, atol)))
    times = times if traced(times) else as_numbers(times, "times", ("T",), finite=False)
    fits(2 * len(times) * start.nbytes, f"a flow at {len(times)} times")
    instants = jnp.asarray(times, start.dtype)
    if instants.ndim != 1 or instants.size == 0:
        raise ValueError(f"times must have shape (T,) with T >= 1; shape {tuple(instants.shape)} was given")
    if not isinstance(instants, jax.core.Tracer):
        gaps = np.diff(np.asarray(instants)) if np.all(np.isfinite(instants)) else np.array([np.nan])
        if not (np.all(gaps > 0) or np.all(gaps < 0)):
            raise ValueError(
                f"times must be finite and strictly increasing or strictly decreasing; {told(times)} was given"
            )
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


class _Patience(eqx.Module):
    """A step size controller that gives up where a thousand steps of the inner one advance less than they should.

    At a blow-up, at an overflow and on a kink that attracts from both sides, an adaptive step shrinks for ever, and
    there is no cap on the number of steps that would end this.
    """

    inner: Any
    shortest: Any
    first: Any = None

    def wrap(self, direction: Any) -> _Patience:
        return _Patience(self.inner.wrap(direction), self.shortest, self.first)

    def init(self, terms: Any, t0: Any, t1: Any, y0: Any, dt0: Any, *given: Any) -> tuple[Any, Any]:
        end, state = self.inner.init(terms, t0, t1, y0, self.first, *given)
        return end, (state, jnp.zeros((), int), t0)

    def adapt_step_size(self, *given: Any) -> tuple[Any, ...]:
        import diffrax

        state, count, since = given[-1]
        keep, t0, t1, jump, state, result = self.inner.adapt_step_size(*given[:-1], state)
        full = count == 1000
        result = diffrax.RESULTS.where(
            full & (t0 - since < 1000 * self.shortest), diffrax.RESULTS.dt_min_reached, result
        )
        return keep, t0, t1, jump, (state, jnp.where(full, 0, count + 1), jnp.where(full, t0, since)), result


def _solve(
    field: VectorField,
    x: jax.Array,
    t0: Any,
    t1: Any,
    rtol: float,
    atol: float,
    span: Any = None,
    first: Any = None,
    least: Any = None,
    event: Any = None,
) -> Any:
    import diffrax

    span = jnp.asarray(jnp.abs(t1 - t0) if span is None else span, x.dtype)
    shortest = jnp.minimum(span, 1) * (1e-6 if x.dtype == jnp.float64 else 1e-4)
    controller: Any = _Patience(diffrax.PIDController(rtol=rtol, atol=atol, dtmin=least), shortest, first)
    # Diffrax checks values at run time by host callbacks, with which a program cannot be lowered for several
    # platforms: therefore `throw=False`, the first step by way of the controller, and no `SaveAt(ts=...)`.
    return diffrax.diffeqsolve(
        diffrax.ODETerm(_velocity),
        diffrax.Dopri8() if x.dtype == jnp.float64 else diffrax.Tsit5(),
        t0=t0,
        t1=t1,
        dt0=None,
        y0=field.domain.project(x, field.generator_size),
        args=field,
        stepsize_controller=controller,
        max_steps=None,
        throw=False,
        event=event,
        adjoint=diffrax.ForwardMode(),
    )


@functools.partial(jax.jit, static_argnames=("rtol", "atol"))
def _flow(field: Any, start: jax.Array, times: jax.Array, rtol: float, atol: float) -> jax.Array:
    import diffrax

    field = cast(field, start.dtype)
    span = jnp.abs(times[-1] - times[0])

    # Every time is stepped to, because the dense output is less accurate than the steps.
    def one(x: jax.Array) -> jax.Array:
        x = field.domain.project(x, field.generator_size)

        def advance(carry: tuple[Any, ...], until: Any) -> tuple[tuple[Any, ...], Any]:
            x, t, dt, going = carry
            until = jnp.where(going, until, t)
            gap = jnp.abs(until - t)
            # The field does not know the time: counted from 0, its resolution stays fine. A step of `least` is taken
            # whatever its error, without which a kink is never crossed when that error exceeds the tolerance.
            least = 4 * jnp.finfo(x.dtype).eps * gap
            solution = _solve(field, x, 0 * t, until - t, rtol, atol, span, jnp.minimum(dt, gap), least)
            steps = solution.stats["num_accepted_steps"]
            going &= solution.result == diffrax.RESULTS.successful
            x = jnp.where(going, field.domain.project(solution.ys[-1], field.generator_size), jnp.nan)
            dt = jnp.where(steps > 1, gap / jnp.maximum(steps, 1), 2 * dt)
            return (x, until, dt, going), x

        speed = jnp.linalg.norm(_velocity(0, x, field))
        first = (1 + jnp.linalg.norm(x)) / (1 + speed) / 100
        _, path = jax.lax.scan(advance, (x, times[0], first, jnp.array(True)), times[1:])
        return jnp.concatenate([x[None], path])

    if start.ndim == 1:
        return one(start)
    # The curves of a block advance together, as many steps as the slowest of them needs.
    return over_lanes(jax.vmap(one), start, _BLOCK) if len(start) > _BLOCK else jax.vmap(one)(start)


def period(field: Any, start: Any, max_time: float = 1e4) -> float:
    """The time after which the flow through `start` first returns to the half-line it started on.

    The section is the ray from the equilibrium through `start`, crossed in the direction of the flow; for a closed
    orbit the result is its period, for a spiral the time of one revolution. NaN when there is no return within
    `max_time`, or none before the orbit is so close to the equilibrium (1e-9 in float64) that its angle is rounding;
    `ValueError` at the equilibrium. Defined for states of two entries.

    >>> round(dg.period(dg.method("wgan", clip=3.0), (1.0, 0.0)), 9)
    6.283185307
    """
    field = as_planar(field)
    x = finite_state(start, field.dimension, batch=False)
    max_time = _TIME.number(max_time)
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
    root: Any = optimistix.Newton(rtol, atol)

    def crossing(y: jax.Array, t: Any, rising: bool) -> Any:
        event = diffrax.Event(lambda t, y, args, **_: jnp.dot(across, y - centre) * sense, root, direction=rising)
        return _solve(field, y, t, max_time, rtol, atol, event=event)

    # The first half turn ends where the orbit crosses the opposite ray; only the second one can end on its own ray,
    # so that the event is never asked about its own starting point.
    half = crossing(x, 0.0, False)
    whole = crossing(half.ys[-1], half.ts[-1], True)
    happened = diffrax.is_event(half.result) & diffrax.is_event(whole.result)
    # Below the tolerance every field turns.
    for solution in (half, whole):
        happened &= jnp.linalg.norm(solution.ys[-1] - centre) > 1000 * atol
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
    radius, max_time = _RADIUS.number(radius), _TIME.number(max_time)
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
