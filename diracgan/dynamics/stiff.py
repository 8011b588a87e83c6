"""Stiff curves, by diffrax's implicit Kvaerno 5(4): where the explicit steps would be far shorter than the curve is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import optimistix

from diracgan.dynamics.compiling import running
from diracgan.dynamics.integrator import projected, shortest_step
from diracgan.dynamics.lanes import over_lanes
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar
from diracgan.games.module import Module
from diracgan.games.parameters import cast

_BLOCK = 1024
# State, time, the step to be tried, and whether the curve goes on.
# State, and the time that is left.
_Begin = tuple[jax.Array, jax.Array]
_Along = tuple[jax.Array, jax.Array, jax.Array, jax.Array]


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

    def init(self, terms: Any, t0: Any, t1: Any, y0: Any, dt0: Any, *given: object) -> tuple[Any, Any]:
        end, state = self.inner.init(terms, t0, t1, y0, self.first, *given)
        return end, (state, jnp.zeros((), int), t0)

    def adapt_step_size(self, *given: Any) -> tuple[Any, ...]:
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
    time: jax.Array,
    rtol: float,
    atol: float,
    span: jax.Array,
    first: jax.Array | None = None,
    least: Any = None,
    event: Any = None,
) -> Any:
    solver: Any = diffrax.Kvaerno5(root_finder=diffrax.VeryChord(rtol, atol, optimistix.rms_norm))
    inner = diffrax.PIDController(rtol=rtol, atol=atol, dtmin=least)
    controller: Any = _Patience(inner, shortest_step(jnp.asarray(span, x.dtype), x.dtype), first)
    # Diffrax checks values at run time by host callbacks, with which a program cannot be lowered for several
    # platforms: therefore `throw=False`, the first step by way of the controller, and no `SaveAt(ts=...)`.
    return diffrax.diffeqsolve(
        diffrax.ODETerm(lambda t, x, field: projected(field, x)),
        solver,
        t0=0 * time,
        t1=time,
        dt0=None,
        y0=field.domain.project(x, field.generator_size),
        args=field,
        stepsize_controller=controller,
        max_steps=None,
        throw=False,
        event=event,
        adjoint=diffrax.ForwardMode(),
    )


@functools.partial(running, static=("rtol", "atol"))
def implicit(field: VectorField, start: jax.Array, times: jax.Array, rtol: float, atol: float) -> jax.Array:
    """The curves through `start` at `times`, shape `(T, n)` or `(m, T, n)`, NaN from where they end."""
    field = cast(field, start.dtype)
    span = jnp.abs(times[-1] - times[0])

    def one(x: jax.Array) -> jax.Array:
        x = field.domain.project(x, field.generator_size)

        def advance(carry: _Along, until: jax.Array) -> tuple[_Along, jax.Array]:
            x, t, dt, going = carry
            until = jnp.where(going, until, t)
            gap = jnp.abs(until - t)
            least = 4 * jnp.finfo(x.dtype).eps * gap
            solution = _solve(field, x, until - t, rtol, atol, span, jnp.minimum(dt, gap), least)
            steps = solution.stats["num_accepted_steps"]
            going &= solution.result == diffrax.RESULTS.successful
            x = jnp.where(going, field.domain.project(solution.ys[-1], field.generator_size), jnp.nan)
            dt = jnp.where(steps > 1, gap / jnp.maximum(steps, 1), 2 * dt)
            return (x, until, dt, going), x

        speed = jnp.linalg.norm(projected(field, x))
        first = (1 + jnp.linalg.norm(x)) / (1 + speed) / 100
        _, path = jax.lax.scan(advance, (x, times[0], first, jnp.array(True)), times[1:])
        return jnp.concatenate([x[None], path])

    if start.ndim == 1:
        return one(start)
    return over_lanes(jax.vmap(one), start, _BLOCK) if len(start) > _BLOCK else jax.vmap(one)(start)


def first_rise(
    field: VectorField,
    x: jax.Array,
    span: Scalar,
    condition: Callable[[jax.Array], jax.Array],
    rtol: float,
    atol: float,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The state and the time at which a function of the state first rises through 0, and whether it does in `span`.

    The time is located on the dense output, which is coarser than the steps: the state is that of the true curve at
    that time, which may be a little beside the zero.
    """
    bisection: Any = optimistix.Bisection
    root = bisection(rtol, atol, flip=False)
    scale = jnp.linalg.norm(x) / jnp.linalg.norm(projected(field, x))

    # Two passes through one program, which is compiled once: up to the event, and to its time without an event.
    def run(
        carry: tuple[jax.Array, jax.Array], searching: jax.Array
    ) -> tuple[tuple[jax.Array, jax.Array], tuple[jax.Array, ...]]:
        begin, stop = carry
        event = diffrax.Event(lambda t, y, args, **_: jnp.where(searching, condition(y), -1.0), root, direction=True)
        solution = _solve(field, begin, stop, rtol, atol, jnp.minimum(span, scale), event=event)
        # The mask, not the result: bisection ends with an error where rounding leaves more of the function than `atol`.
        happened, end, time = solution.event_mask, solution.ys[-1], solution.ts[-1]
        return (jnp.where(happened, begin, end), jnp.where(happened, time, 0 * stop)), (end, time, happened)

    _, (ends, times, happened) = jax.lax.scan(run, (x, jnp.asarray(span, x.dtype)), jnp.array([True, False]))
    return ends[1], times[0], happened[0]
