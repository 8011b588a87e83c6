"""Integral curves of a field: the limit of infinitely small learning rates, integrated by diffrax."""

from __future__ import annotations

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.lanes import over_lanes
from diracgan.dynamics.trajectories import refuse, warn
from diracgan.games.fields import VectorField, as_field, as_planar, finite_state
from diracgan.games.inputs import as_numbers, fits, told, traced
from diracgan.games.module import Module
from diracgan.games.parameters import Parameter, cast

_BLOCK = 1024
_STIFF = 1e3  # rate of decay from which on a search goes implicitly from the beginning
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
    is diffrax's Dormand-Prince 8(7); in float32 Tsitouras 5(4), whose error estimate survives the rounding. A stiff
    field, for which their steps become too short, is integrated by the implicit Kvaerno 5(4); under `jit`, `vmap` or a
    derivative, where that cannot be seen, its curve is NaN. Derivatives are forward ones: `jax.jvp` and `jax.jacfwd`
    work, `jax.grad` does not.

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
    tolerances = _tolerances(start.dtype, rtol, atol)
    path = _flow(field, start, instants, *tolerances)
    if not isinstance(path, jax.core.Tracer) and _ends_in_stiffness(field, path, instants):
        path = jnp.where(jnp.isnan(path), _flow(field, start, instants, *tolerances, stiff=True), path)
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


def _shortest(span: Any, dtype: Any) -> Any:
    """The length below which the steps of a curve are not worth going on with, on average over a thousand of them."""
    return jnp.minimum(span, 1) * (1e-6 if dtype == jnp.float64 else 1e-4)


@jax.jit
def _slopes(field: Any, states: jax.Array) -> jax.Array:
    """The Jacobian at every state."""
    field = cast(field, states.dtype)
    return jax.vmap(jax.jacfwd(lambda x: _velocity(0, x, field)))(states)


def _decay(field: Any, states: Any, sense: float = 1.0) -> np.ndarray:
    """The fastest rate at which deviations from the curves through these states decay, shape `(m,)`."""
    slopes = np.asarray(_slopes(field, states), np.float64)
    slopes = np.where(np.all(np.isfinite(slopes), axis=(1, 2), keepdims=True), slopes, 0)
    return np.max(-sense * np.linalg.eigvals(slopes).real, axis=-1)


def _ends_in_stiffness(field: VectorField, path: Any, times: Any) -> bool:
    """Whether a curve became NaN where the explicit rules are unstable with the shortest step, and nothing else is."""
    rows = np.asarray(path).reshape(-1, *path.shape[-2:])
    length = np.sum(np.all(np.isfinite(rows), axis=2), axis=1)
    ended = np.flatnonzero((length > 0) & (length < rows.shape[1]))
    if not ended.size:
        return False
    span = float(times[-1] - times[0])
    decay = _decay(field, jnp.asarray(rows[ended, length[ended] - 1]), np.sign(span))
    return bool(np.any(decay * float(_shortest(abs(span), path.dtype)) > 1))


class _Patience(Module):
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
    stiff: bool = False,
) -> Any:
    import diffrax
    import optimistix

    span = jnp.asarray(jnp.abs(t1 - t0) if span is None else span, x.dtype)
    shortest = _shortest(span, x.dtype)
    solver: Any = diffrax.Dopri8() if x.dtype == jnp.float64 else diffrax.Tsit5()
    if stiff:
        solver = diffrax.Kvaerno5(root_finder=diffrax.VeryChord(rtol, atol, optimistix.rms_norm))
    controller: Any = _Patience(diffrax.PIDController(rtol=rtol, atol=atol, dtmin=least), shortest, first)
    # Diffrax checks values at run time by host callbacks, with which a program cannot be lowered for several
    # platforms: therefore `throw=False`, the first step by way of the controller, and no `SaveAt(ts=...)`.
    return diffrax.diffeqsolve(
        diffrax.ODETerm(_velocity),
        solver,
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


@functools.partial(jax.jit, static_argnames=("rtol", "atol", "stiff"))
def _flow(field: Any, start: jax.Array, times: jax.Array, rtol: float, atol: float, stiff: bool = False) -> jax.Array:
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
            solution = _solve(field, x, 0 * t, until - t, rtol, atol, span, jnp.minimum(dt, gap), least, stiff=stiff)
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


def _first(
    field: VectorField, x: jax.Array, span: Any, condition: Any, rtol: float, atol: float, stiff: bool = False
) -> tuple[jax.Array, Any, Any]:
    """The state and the time at which a function of the state first rises through 0, and whether it does in `span`.

    The time is located on the dense output, which is coarser than the steps: the state is that of the true curve at
    that time, which may be a little beside the zero.
    """
    import diffrax
    import optimistix

    bisection: Any = optimistix.Bisection
    root = bisection(rtol, atol, flip=False)
    scale = jnp.linalg.norm(x) / jnp.linalg.norm(_velocity(0, x, field))

    # Two passes through one program, which is compiled once: up to the event, and to its time without an event.
    def run(carry: tuple[Any, ...], searching: Any) -> tuple[tuple[Any, ...], Any]:
        begin, stop = carry
        event = diffrax.Event(lambda t, y, args, **_: jnp.where(searching, condition(y), -1.0), root, direction=True)
        shortest = jnp.minimum(span, scale)
        solution = _solve(field, begin, 0 * stop, stop, rtol, atol, shortest, event=event, stiff=stiff)
        # The mask, not the result: bisection ends with an error where rounding leaves more of the function than `atol`.
        happened, end, time = solution.event_mask, solution.ys[-1], solution.ts[-1]
        return (jnp.where(happened, begin, end), jnp.where(happened, time, 0 * stop)), (end, time, happened)

    _, (ends, times, happened) = jax.lax.scan(run, (x, jnp.asarray(span, x.dtype)), jnp.array([True, False]))
    return ends[1], times[0], happened[0]


def period(field: Any, start: Any, max_time: float = 1e4) -> float:
    """The time after which the flow through `start` has gone once round the equilibrium.

    The section is the ray from the equilibrium through `start`, which is projected onto the field's domain; for a
    closed orbit the result is its period, for a spiral the time of one revolution. NaN when there is no revolution
    within `max_time`, or none before the orbit is so close to the equilibrium (1e-9) that its angle is rounding;
    `ValueError` at the equilibrium. Defined for states of two entries; computed in float64.

    >>> round(dg.period(dg.method("wgan", clip=3.0), (1.0, 0.0)), 9)
    6.283185307
    """
    field = as_planar(field)
    max_time = _TIME.number(max_time)
    with jax.enable_x64(True):
        x = _begin(field, start)
        centre = jnp.asarray(field.equilibrium, x.dtype)
        if field.dimension != 2:
            raise ValueError(f"a period needs a planar field; this one has {field.dimension} entries")
        if not float(jnp.linalg.norm(x - centre)) > 0:
            raise ValueError("start must differ from the equilibrium; the equilibrium was given")
        return float(_period(field, x, centre, max_time, *_tolerances(x.dtype, None, None)))


def _begin(field: VectorField, start: Any) -> jax.Array:
    """One start in float64, in the field's domain."""
    x = finite_state(start, field.dimension, batch=False).astype(jnp.float64)
    refuse(field, x)
    return field.domain.project(x, field.generator_size)


@functools.partial(jax.jit, static_argnames=("rtol", "atol"))
def _period(field: Any, x: jax.Array, centre: jax.Array, max_time: Any, rtol: float, atol: float) -> jax.Array:
    field, ray = cast(field, x.dtype), x - centre
    across = jnp.stack([-ray[1], ray[0]])

    # The orbit may cross the ray to and fro before it goes round. Half turns are counted, by the crossings of the whole
    # line, whose directions alternate: no event is asked about its own starting point.
    def cross(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        y, time, half, upwards, _ = carry
        rises = lambda z: upwards * jnp.dot(across, z - centre)
        y, more, happened = _first(field, y, max_time - time, rises, rtol, atol)
        half = half + upwards * jnp.sign(jnp.dot(ray, y - centre))
        # Below the tolerance every field turns.
        going = happened & (jnp.linalg.norm(y - centre) > 1000 * atol)
        return y, time + more, half, -upwards, going

    begins = jnp.where(jnp.dot(across, _velocity(0, x, field)) > 0, 0.0, -1.0).astype(x.dtype)
    turned = lambda half: (half >= 2) | (half <= -3)
    begin = (x, jnp.zeros((), x.dtype), begins, 2 * -begins - 1, jnp.array(True))
    end, time, half, _, going = jax.lax.while_loop(lambda carry: carry[4] & ~turned(carry[2]), cross, begin)
    time = time - jnp.dot(across, end - centre) / jnp.dot(across, _velocity(0, end, field))
    return jnp.where(going & turned(half), time, jnp.nan)


def arrival_time(field: Any, start: Any, radius: float = 1e-3, max_time: float = 1e6) -> float:
    """The time at which the flow from `start` first comes within `radius` of the equilibrium; NaN if not by `max_time`.

    A pass through the ball counts, however short; computed in float64.

    >>> round(dg.arrival_time(lambda x: -x, (1.0, 0.0), radius=float(np.exp(-3))), 6)
    3.0
    """
    field = as_field(field)
    radius, max_time = _RADIUS.number(radius), _TIME.number(max_time)
    with jax.enable_x64(True):
        x = _begin(field, start)
        centre = jnp.asarray(field.equilibrium, x.dtype)
        if float(jnp.linalg.norm(x - centre)) <= radius:
            return 0.0
        stiff = bool(_decay(field, x[None])[0] > _STIFF)
        return float(_arrival(field, x, centre, radius, max_time, *_tolerances(x.dtype, None, None), stiff))


@functools.partial(jax.jit, static_argnames=("rtol", "atol", "stiff"))
def _arrival(
    field: Any, x: jax.Array, centre: Any, radius: Any, max_time: Any, rtol: float, atol: float, stiff: bool
) -> jax.Array:
    field = cast(field, x.dtype)
    depth = lambda y: radius**2 - jnp.sum((y - centre) ** 2)

    def leaving(y: jax.Array) -> jax.Array:
        """The cosine between d and v, which changes its sign where the distance turns."""
        d, v = y - centre, _velocity(0, y, field)
        return jnp.dot(d, v) / jnp.maximum(jnp.linalg.norm(d) * jnp.linalg.norm(v), jnp.finfo(y.dtype).tiny)

    # A step may pass through the ball: what rises through 0 first is the depth in it, or the cosine where the distance
    # turns, and from turn to turn the curve is followed. What rounding does to a circle (1e-9) is no turn.
    def leg(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        x, time, sense, *_ = carry
        turns = lambda z: sense * (leaving(z) - 1e-9)
        either = lambda z: jnp.maximum(depth(z) / radius**2, turns(z))
        y, more, happened = _first(field, x, max_time - time, either, rtol, atol, stiff)
        time = time + more
        turned = happened & (turns(y) >= depth(y) / radius**2)
        arrived = time + depth(y) / (2 * jnp.dot(y - centre, _velocity(0, y, field)))
        return y, time, -sense, jnp.where(happened & ~turned, arrived, jnp.nan), turned

    nothing = jnp.zeros((), x.dtype)
    begin = (x, nothing, nothing + 1, nothing + jnp.nan, jnp.array(True))
    return jax.lax.while_loop(lambda carry: carry[4], leg, begin)[3]
