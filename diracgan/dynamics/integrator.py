"""The adaptive step rule of flows, and the events that end an integration.

An event is where a function of the state rises through 0. Once a step has passed it, ever shorter steps from the state
before it close in on it: the place is as accurate as the steps, and nothing else has to be compiled.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from diracgan.dynamics.tableau import Function, step
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar

# An adaptive step that shrinks for ever (at a blow-up, or on a kink that attracts from both sides) is given up when so
# many steps in a row advance less than they should.
_PATIENCE = 1000


def projected(field: VectorField, x: jax.Array) -> jax.Array:
    """The velocity of the projected flow: what leaves the domain is dropped at its boundary."""
    inside = field.domain.project(x, field.generator_size)
    return field.domain.tangent(inside, field.velocity(inside), field.generator_size)


def shortest_step(span: Scalar, dtype: DTypeLike) -> jax.Array:
    """The length below which the steps of a curve are not worth going on with, on average over a thousand of them."""
    return jnp.minimum(span, 1) * (1e-6 if dtype == jnp.float64 else 2e-4)


class Reached(NamedTuple):
    """Where an integration ended.

    `x` is the state, `time` how long it took to get there, `step` the length of the next step, and `done` whether the
    whole time has passed. `crossed` says which events have happened, shape `(k,)`; `x` lies just before them. `times`
    and `states` are where the steps that were kept begin, and `kept` is their number.
    """

    x: jax.Array
    time: jax.Array
    step: jax.Array
    done: jax.Array
    crossed: jax.Array
    times: jax.Array
    states: jax.Array
    kept: jax.Array


class _Watch(NamedTuple):
    """What is known of the events; `low` and `high` are their values at both ends of the `bracket`."""

    values: jax.Array
    crossed: jax.Array
    bracket: jax.Array
    least: jax.Array
    low: jax.Array
    high: jax.Array


class _Record(NamedTuple):
    """The steps that were kept."""

    times: jax.Array
    states: jax.Array
    kept: jax.Array


class _Now(NamedTuple):
    """The state of the loop; nothing is carried, or compiled, for events or a record where there is none."""

    x: jax.Array
    time: jax.Array
    step: jax.Array
    tries: jax.Array
    since: jax.Array
    well: jax.Array
    watch: _Watch | None
    record: _Record | None


def integrate(
    velocity: Function,
    x: jax.Array,
    time: Scalar,
    first: Scalar,
    *,
    rtol: Scalar,
    atol: Scalar,
    least: Scalar = 0.0,
    shortest: Scalar = 0.0,
    events: Function | None = None,
    values: jax.Array | None = None,
    keep: int = 0,
    entries: int | None = None,
    unroll: bool = False,
) -> Reached:
    """The state a `time` later (earlier, if negative), by steps whose error stays below the tolerances.

    Args:
        velocity: the right-hand side, `(n,)` to `(n,)`.
        first: length of the first step that is tried.
        rtol, atol: of the error per step.
        least: a step of this length is taken whatever its error, without which a kink is never crossed whose error
            exceeds the tolerance.
        shortest: the mean length below which a thousand steps in a row are a failure.
        events: functions of the state, `(n,)` to `(k,)`; the first one that rises from below 0 ends the integration.
        values: of the events at the beginning, where rounding must not decide on which side of one it lies.
        keep: so many steps at most, all of which are kept.
        entries: so many entries of the states are kept, from the front; all of them by default.
        unroll: write the stages out, which is slow to compile and fast to run on many curves.
    """
    time = jnp.asarray(time, x.dtype)
    task = _Task(
        velocity, events, jnp.sign(time), jnp.abs(time), rtol, atol, least=least, shortest=shortest, unroll=unroll
    )
    watch = None if events is None else _watched(events(x) if values is None else values, x.dtype)
    record = _recorded(x[:entries], keep) if keep else None

    def going(now: _Now) -> jax.Array:
        on = now.well & (now.time < task.span)
        if now.watch is not None:
            on &= ~((now.watch.bracket > 0) & (now.watch.bracket <= now.watch.least))
        return on if now.record is None else on & (now.record.kept < keep)

    end = jax.lax.while_loop(going, lambda now: _advanced(task, now), _begun(x, first, watch, record))
    crossed = jnp.zeros(0, bool) if end.watch is None else end.watch.crossed & (end.watch.bracket > 0)
    return Reached(end.x, end.time, end.step, end.time >= task.span, crossed, *(end.record or _recorded(x, 0)))


class _Task(NamedTuple):
    """What stays the same from step to step; `sense` and `span` are the sign and the size of the time."""

    velocity: Function
    events: Function | None
    sense: jax.Array
    span: jax.Array
    rtol: Scalar
    atol: Scalar
    least: Scalar
    shortest: Scalar
    unroll: bool


def _begun(x: jax.Array, first: Scalar, watch: _Watch | None, record: _Record | None) -> _Now:
    zero = jnp.zeros((), x.dtype)
    return _Now(x, zero, jnp.asarray(first, x.dtype), jnp.zeros((), jnp.int32), zero, jnp.array(True), watch, record)


def _watched(values: jax.Array, dtype: DTypeLike) -> _Watch:
    zero = jnp.zeros((), dtype)
    return _Watch(values, jnp.zeros(values.shape, bool), zero, zero, zero, zero)


def _recorded(x: jax.Array, keep: int) -> _Record:
    return _Record(jnp.zeros(keep, x.dtype), jnp.zeros((keep, x.size), x.dtype), jnp.zeros((), jnp.int32))


def _advanced(task: _Task, now: _Now) -> _Now:
    """After one more step has been tried, taken or not."""
    # The last step ends exactly at the end.
    last = now.time + now.step * (1 + 1e-6) >= task.span
    closing = None if now.watch is None else now.watch.bracket > 0
    length = jnp.where(last, task.span - now.time, now.step)
    if now.watch is not None:
        length = jnp.where(now.watch.bracket > 0, _guess(now.watch, now.tries), length)
    tried = step(task.velocity, now.x, task.sense * length, task.rtol, task.atol, task.unroll)
    finite = jnp.all(jnp.isfinite(tried.x)) & jnp.isfinite(tried.error)
    accurate = (tried.error <= 1) | (length <= task.least)
    accurate = finite & (accurate if closing is None else accurate | closing)
    taken, watch = (accurate, None) if closing is None else _looked(task, now, tried.x, length, accurate)
    factor = jnp.where(finite, 0.9 * jnp.maximum(tried.error, 1e-10) ** -0.125, 0.1)
    longer = length * jnp.clip(factor, 0.1, jnp.where(taken, 10.0, 1.0))
    # What the end of the time cut off says nothing about the length of the next step.
    cut = last if closing is None else last | closing
    longer = jnp.maximum(jnp.where(taken & cut, jnp.maximum(longer, now.step), longer), task.least)
    ended = last if closing is None else last & ~closing
    after = jnp.where(taken, jnp.where(ended, task.span, now.time + length), now.time)
    full = now.tries == _PATIENCE
    return _Now(
        jnp.where(taken, tried.x, now.x),
        after,
        longer if closing is None else jnp.where(closing, now.step, longer),
        jnp.where(full, 0, now.tries + 1),
        jnp.where(full, after, now.since),
        (~full | (after - now.since >= _PATIENCE * task.shortest)) & (length > 0),
        watch,
        None if now.record is None else _remembered(now, now.record, taken),
    )


def _remembered(now: _Now, record: _Record, taken: jax.Array) -> _Record:
    """The kept steps after this one; one that is not taken is overwritten by the next."""
    kept, entries = record.kept, record.states.shape[1]
    times, states = record.times.at[kept].set(now.time), record.states.at[kept].set(now.x[:entries])
    return _Record(times, states, kept + taken)


def _looked(task: _Task, now: _Now, x: jax.Array, length: jax.Array, accurate: jax.Array) -> tuple[jax.Array, _Watch]:
    """Whether the step is taken, which it is up to the first event, and what is known of the events then."""
    assert task.events is not None
    assert now.watch is not None
    watch, values = now.watch, task.events(x)
    crossed = (watch.values < 0) & (values >= 0)
    beyond = accurate & jnp.any(crossed)
    taken = accurate & ~beyond
    narrowed = _narrowed(watch, length, values, beyond, taken & (watch.bracket > 0), crossed)
    return taken, _Watch(jnp.where(taken, values, watch.values), jnp.where(beyond, crossed, watch.crossed), *narrowed)


def _guess(now: _Watch, tries: jax.Array) -> jax.Array:
    """Where the event is expected between the two ends of the bracket: by the secant, and never at an end itself.

    Every third time it is the middle: rounding makes steps of a function whose secant would creep along them.
    """
    share = now.low / jnp.where(now.low < now.high, now.low - now.high, -1)
    share = jnp.where(tries % 3 == 0, 0.5, share)
    return jnp.clip(share * now.bracket, now.least / 2, now.bracket - now.least / 2)


def _narrowed(
    now: _Watch, length: jax.Array, values: jax.Array, beyond: jax.Array, before: jax.Array, crossed: jax.Array
) -> tuple[jax.Array, ...]:
    """The bracket after a step that ends beyond the event or before it, with the values at its ends.

    The value at an end that stays is halved (the Illinois rule), so that in time it is the other end's turn.
    """
    fresh = beyond & (now.bracket == 0)
    bracket = jnp.where(beyond, length, jnp.where(before, now.bracket - length, now.bracket))
    nothing = -jnp.inf
    reached = jnp.max(jnp.where(crossed, values, nothing))
    # Of what was crossed by the step that ends beyond: how far before it everything still is.
    watched = jnp.where(fresh, crossed, now.crossed)
    ahead = jnp.max(jnp.where(watched, jnp.where(before, values, now.values), nothing))
    low = jnp.where(fresh | before, ahead, jnp.where(beyond, now.low / 2, now.low))
    high = jnp.where(beyond, reached, jnp.where(before, now.high / 2, now.high))
    least = jnp.where(fresh, 4 * jnp.finfo(length.dtype).eps * length, now.least)
    return bracket, least, low, high
