"""When a flow gets somewhere: its period around the equilibrium, its arrival there."""

from __future__ import annotations

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
from numpy.typing import ArrayLike

from diracgan.dynamics.compiling import answering, in_float64, running
from diracgan.dynamics.flows import checked_tolerances, fastest_decay
from diracgan.dynamics.integrator import integrate, projected, shortest_step
from diracgan.dynamics.trajectories import refuse
from diracgan.games.fields import FieldLike, VectorField, as_field, as_planar
from diracgan.games.inputs import Scalar
from diracgan.games.parameters import Parameter
from diracgan.games.recorded import recorded
from diracgan.games.states import as_float64

_STIFF = 1e3  # rate of decay from which on a search goes implicitly from the beginning
_TIME = Parameter("max_time", "T", "longest time to integrate", 1e4, open_low=True)
_RADIUS = Parameter("radius", "r", "distance to the equilibrium", 1e-3, open_low=True)

_Five = tuple[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]


def _first(
    field: VectorField,
    x: jax.Array,
    span: Scalar,
    condition: Callable[[jax.Array], jax.Array],
    rtol: Scalar,
    atol: Scalar,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The state and the time at which a function of the state first rises through 0, and whether it does in `span`."""
    scale = jnp.linalg.norm(x) / jnp.linalg.norm(projected(field, x))
    span = jnp.asarray(span, x.dtype)
    reached = integrate(
        lambda x: projected(field, x),
        field.domain.project(x, field.generator_size),
        span,
        jnp.minimum(span, scale / 100),
        rtol=jnp.asarray(rtol, x.dtype),
        atol=jnp.asarray(atol, x.dtype),
        shortest=shortest_step(jnp.minimum(span, scale), x.dtype),
        events=lambda x: condition(x)[None],
    )
    return reached.x, reached.time, reached.crossed[0]


@in_float64
def period(field: FieldLike, start: ArrayLike, max_time: float = 1e4) -> float:
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
    x = _begin(field, start)
    centre = jnp.asarray(field.equilibrium, x.dtype)
    if field.dimension != 2:
        raise ValueError(f"a period needs a planar field; this one has {field.dimension} entries")
    if not float(jnp.linalg.norm(x - centre)) > 0:
        raise ValueError("start must differ from the equilibrium; the equilibrium was given")
    return float(_period(field, x, centre, max_time, *checked_tolerances(x.dtype, None, None)))


def _begin(field: VectorField, start: ArrayLike) -> jax.Array:
    """One start in float64, in the field's domain."""
    x = jnp.asarray(as_float64(start, field.dimension))
    refuse(field, x)
    return field.domain.project(x, field.generator_size)


@functools.partial(answering, loops=True)
def _period(
    field: VectorField, x: jax.Array, centre: jax.Array, max_time: Scalar, rtol: Scalar, atol: Scalar
) -> jax.Array:
    field, ray = recorded(field, x), x - centre
    across = jnp.stack([-ray[1], ray[0]])

    # The orbit may cross the ray to and fro before it goes round. Half turns are counted, by the crossings of the whole
    # line, whose directions alternate: no event is asked about its own starting point.
    def cross(carry: _Five) -> _Five:
        y, time, half, upwards, _ = carry
        rises = lambda z: upwards * jnp.dot(across, z - centre)
        y, more, happened = _first(field, y, max_time - time, rises, rtol, atol)
        half = half + upwards * jnp.sign(jnp.dot(ray, y - centre))
        # Below the tolerance every field turns.
        going = happened & (jnp.linalg.norm(y - centre) > 1000 * atol)
        return y, time + more, half, -upwards, going

    begins = jnp.where(jnp.dot(across, projected(field, x)) > 0, 0.0, -1.0).astype(x.dtype)
    turned = lambda half: (half >= 2) | (half <= -3)
    begin = (x, jnp.zeros((), x.dtype), begins, 2 * -begins - 1, jnp.array(True))
    end, time, half, _, going = jax.lax.while_loop(lambda carry: carry[4] & ~turned(carry[2]), cross, begin)
    time = time - jnp.dot(across, end - centre) / jnp.dot(across, projected(field, end))
    return jnp.where(going & turned(half), time, jnp.nan)


@in_float64
def arrival_time(field: FieldLike, start: ArrayLike, radius: float = 1e-3, max_time: float = 1e6) -> float:
    """The time at which the flow from `start` first comes within `radius` of the equilibrium; NaN if not by `max_time`.

    A pass through the ball counts, however short; computed in float64.

    >>> round(dg.arrival_time(lambda x: -x, (1.0, 0.0), radius=float(np.exp(-3))), 6)
    3.0
    """
    field = as_field(field)
    radius, max_time = _RADIUS.number(radius), _TIME.number(max_time)
    x = _begin(field, start)
    centre = jnp.asarray(field.equilibrium, x.dtype)
    if float(jnp.linalg.norm(x - centre)) <= radius:
        return 0.0
    stiff = bool(fastest_decay(field, x[None])[0] > _STIFF)
    given = (field, x, centre, radius, max_time, *checked_tolerances(x.dtype, None, None))
    return float(_arrival_stiff(*given) if stiff else _arrival(*given))


def _arrives(
    first: Callable[..., tuple[jax.Array, jax.Array, jax.Array]],
    field: VectorField,
    x: jax.Array,
    centre: jax.Array,
    radius: Scalar,
    max_time: Scalar,
    rtol: Scalar,
    atol: Scalar,
) -> jax.Array:
    field = recorded(field, x)
    depth = lambda y: radius**2 - jnp.sum((y - centre) ** 2)

    def leaving(y: jax.Array) -> jax.Array:
        """The cosine between d and v, which changes its sign where the distance turns."""
        d, v = y - centre, projected(field, y)
        return jnp.dot(d, v) / jnp.maximum(jnp.linalg.norm(d) * jnp.linalg.norm(v), jnp.finfo(y.dtype).tiny)

    # A step may pass through the ball: what rises through 0 first is the depth in it, or the cosine where the distance
    # turns, and from turn to turn the curve is followed. What rounding does to a circle (1e-9) is no turn.
    def leg(carry: _Five) -> _Five:
        x, time, sense, *_ = carry
        turns = lambda z: sense * (leaving(z) - 1e-9)
        either = lambda z: jnp.maximum(depth(z) / radius**2, turns(z))
        y, more, happened = first(field, x, max_time - time, either, rtol, atol)
        time = time + more
        turned = happened & (turns(y) >= depth(y) / radius**2)
        arrived = time + depth(y) / (2 * jnp.dot(y - centre, projected(field, y)))
        return y, time, -sense, jnp.where(happened & ~turned, arrived, jnp.nan), turned

    nothing = jnp.zeros((), x.dtype)
    begin = (x, nothing, nothing + 1, nothing + jnp.nan, jnp.array(True))
    return jax.lax.while_loop(lambda carry: carry[4], leg, begin)[3]


_arrival = answering(functools.partial(_arrives, _first), loops=True)


@functools.partial(running, static=("rtol", "atol"))
def _arrival_stiff(
    field: VectorField, x: jax.Array, centre: jax.Array, radius: Scalar, max_time: Scalar, rtol: float, atol: float
) -> jax.Array:
    from diracgan.dynamics.stiff import first_rise

    return _arrives(first_rise, field, x, centre, radius, max_time, rtol, atol)
