"""The smooth field between two events of a planar flow, and its integration up to the next event.

Close to a rest point the position is followed relative to it: an orbit may pass it at a distance far below the
rounding of the position itself, and the time that takes depends on the ratio of the distances before and after.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.dynamics.integrator import advanced, integrate
from diracgan.games.fields import VectorField
from diracgan.games.parameters import cast
from diracgan.games.recorded import recorded

_RELATIVE, _ABSOLUTE = 1e-12, np.full(9, 1e-14)
_ABSOLUTE_BESIDE = np.array([1e-90] * 2 + [1e-14] * 7)
# Steps on one piece of the orbit before the search gives up, and its longest time.
_STEPS, _LONGEST = 8192, 1e9
# As far as this from the equilibrium an orbit has diverged; at this distance it has arrived at a rest point.
FAR, ARRIVED = 1e4, 1e-60
# A value of this size at the beginning of a piece is a 0 that was rounded.
_ROUNDED = 1e-13


def _kinks(field: VectorField, x: jax.Array) -> jax.Array:
    kinks = field.kinks(x)
    return jnp.stack(kinks) if kinks else jnp.zeros(0, x.dtype)


@functools.partial(jax.jit, inline=True)
def _velocity(field: VectorField, x: jax.Array, sides: jax.Array, slides: Any) -> jax.Array:
    """The field on the given side of every kink, continued across it to second order; ψ at rest where it slides."""
    inside = x
    for i, _ in enumerate(field.kinks(x)):
        value, slope = jax.value_and_grad(lambda y, i=i: field.kinks(y)[i])(inside)
        least = 4 * jnp.finfo(x.dtype).eps * (1 + jnp.max(jnp.abs(x)))
        gap = jnp.maximum(least - sides[i] * value, 0)
        inside = inside + sides[i] * gap * slope / jnp.maximum(slope @ slope, jnp.finfo(x.dtype).tiny)
    held = jnp.where(slides & (jnp.arange(2) == 1), 0.0, 1.0)
    if not field.kinks(x):
        return field.velocity(x) * held
    inside, d = jax.lax.stop_gradient(inside), x - jax.lax.stop_gradient(inside)

    def along(y: jax.Array) -> jax.Array:
        return jax.jvp(field.velocity, (y,), (d,))[1]

    # A Taylor polynomial about a point of the right side; d = 0, and nothing is added, where x is one itself.
    v = field.velocity(inside) + along(inside) + jax.jvp(along, (inside,), (jax.lax.stop_gradient(d),))[1] / 2
    return v * held


def _increment(fn: Callable[[jax.Array], jax.Array], at: jax.Array, d: jax.Array) -> jax.Array:
    """fn(at + d) - fn(at) = ∫ Dfn(at + s d) d ds over 0 < s < 1, without the cancellation of the difference."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    slopes = [jax.jvp(fn, (at + s * d,), (d,))[1] for s in (nodes + 1) / 2]
    return sum(w / 2 * slope for w, slope in zip(weights, slopes, strict=True))


def _speed(field: VectorField, x: jax.Array, sides: jax.Array, slides: Any, rest: Any) -> jax.Array:
    """The velocity at a position, or at one relative to a rest point."""
    fn = lambda z: _velocity(field, z, sides, slides)
    return fn(x) if rest is None else _increment(fn, rest, x)


@answering
def kinks_of(field: Any, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The values of the kinks, shape `(k,)`, and their gradients, shape `(k, 2)`."""
    field = cast(field, jnp.float64)
    return _kinks(field, x), jax.jacfwd(lambda y: _kinks(field, y))(x)


@answering
def _speeds(field: Any, xs: jax.Array, sides: jax.Array, slides: Any, rest: Any) -> jax.Array:
    field = recorded(field, xs)
    return jax.vmap(lambda x: _speed(field, x, sides, slides, rest))(xs)


# So many positions at a time, one or all of them wanted: one program for both.
_LANES = 640


def speed(field: VectorField, x: np.ndarray, sides: np.ndarray, slides: bool, rest: Any = None) -> np.ndarray:
    """The velocity on the given sides at positions `(..., 2)`; with `rest`, at some relative to that rest point."""
    rows = x.reshape(-1, 2)
    blocks = []
    for k in range(0, len(rows), _LANES):
        block = rows[k : k + _LANES]
        filled = np.concatenate([block, np.broadcast_to(block[-1], (_LANES - len(block), 2))])
        blocks.append(np.asarray(_speeds(field, filled, sides, slides, rest))[: len(block)])
    return np.concatenate([rows[:0], *blocks]).reshape(x.shape)


@answering
def _slope(field: Any, x: jax.Array, sides: jax.Array, slides: Any) -> jax.Array:
    field = recorded(field, x)
    return jax.jacfwd(lambda z: _velocity(field, z, sides, slides))(x)


class Place(NamedTuple):
    """Where a piece of an orbit runs: what its equations and its ends depend on.

    `sides` and `face` are the sides of the kinks and the clip face it slides on (0 for none); `rest` is the rest point
    that positions are relative to (None for none), `near` at which distance from it that ends, and `slow` below which
    speed a rest point is looked for. The section is where `across` · (x - centre) changes its sign in a direction.
    """

    sides: Any
    face: Any
    centre: Any
    rest: Any
    across: Any
    direction: Any
    slow: Any
    near: Any


def _rates(field: VectorField, y: jax.Array, place: Place) -> jax.Array:
    """The rates of the position, the monodromy matrix (row by row), ∫ r dt, ∫ r² dt, and ∫ div v dt."""
    slides = place.face != 0
    fn = lambda z: _velocity(field, z, place.sides, slides)
    x = y[:2] if place.rest is None else place.rest + y[:2]
    columns = [jax.jvp(fn, (x,), (unit,)) for unit in np.eye(2)]
    v = columns[0][0] if place.rest is None else _increment(fn, place.rest, y[:2])
    J = jnp.stack([column for _, column in columns], axis=1)
    square = jnp.sum((x - place.centre) ** 2)
    return jnp.concatenate([v, (J @ y[2:6].reshape(2, 2)).ravel(), jnp.stack([jnp.sqrt(square), square, jnp.trace(J)])])


def _boundaries(field: VectorField, x: jax.Array, place: Place) -> jax.Array:
    """What is positive on a piece: every kink on its side, and the distance to a clip face or the force on it."""
    if place.rest is None:
        values = _kinks(field, x)
    else:
        # Not even its sign would be left of a distance of 1e-20 to a kink through the rest point.
        at = _kinks(field, place.rest)
        at = jnp.where(jnp.abs(at) <= 1e-14 * (1 + jnp.max(jnp.abs(place.rest))), 0.0, at)
        values = at + _increment(lambda z: _kinks(field, z), place.rest, x)
    values = place.sides * values
    if field.domain.bound is None:
        return values
    at = x if place.rest is None else place.rest + x
    held = place.face * _velocity(field, at, place.sides, False)[1]
    inside = jnp.asarray(field.domain.bound, x.dtype) - jnp.abs(at[1])
    return jnp.append(values, jnp.where(place.face != 0, held, inside))


@functools.partial(jax.jit, inline=True)
def _events(field: VectorField, x: jax.Array, place: Place) -> tuple[jax.Array, jax.Array]:
    """What ends a piece by rising through 0, and at which rate the section and the boundaries do."""
    v = _speed(field, x, place.sides, place.face != 0, place.rest)

    def crossings(x: jax.Array) -> jax.Array:
        offset = x - place.centre if place.rest is None else (place.rest - place.centre) + x
        section = place.direction * (place.across @ offset)
        return jnp.concatenate([section[None], -_boundaries(field, x, place)])

    values, rates = jax.jvp(crossings, (x,), (v,))
    far = jnp.linalg.norm(x - place.centre if place.rest is None else x)
    if place.rest is None:
        ends = [place.slow - jnp.linalg.norm(v), far - FAR]
    else:
        ends = [jnp.log(far / place.near), jnp.log(ARRIVED / far)]
    # A boundary may be passed twice within one step, out and back: where the distance turns, the step ends.
    turns = -rates[1:] if place.rest is None else rates[:0]
    return jnp.concatenate([values, jnp.stack(ends), turns]), rates


class Piece(NamedTuple):
    """The end of a piece: the state, the time, which events it ended by, and the steps on the way."""

    y: Any
    time: Any
    crossed: Any
    times: Any
    states: Any
    kept: Any
    step: Any


@functools.partial(answering, loops=True)
def _piece(field: Any, y: jax.Array, place: Place, first: Any, atol: Any) -> Any:
    field = recorded(field, y[:2])
    values, rates = _events(field, y[:2], place)
    # Where the piece begins on the section or on a boundary, the side is the one it moves to; a turn is behind it.
    side = jnp.where(jnp.append(rates, jnp.zeros(values.size - rates.size)) < 0, -1.0, 1.0)
    begins = jnp.abs(values) <= _ROUNDED * (1 + jnp.max(jnp.abs(y[:2])))
    values = jnp.where(begins, side, values)
    found = integrate(
        lambda y: _rates(field, y, place),
        y,
        _LONGEST,
        first,
        rtol=_RELATIVE,
        atol=atol,
        events=lambda y: _events(field, y[:2], place)[0],
        values=values,
        keep=_STEPS,
    )
    return Piece(found.x, found.time, found.crossed, found.times, found.states, found.kept, found.step)


@dataclasses.dataclass(frozen=True)
class Curve:
    """The positions on one piece, from the steps on it."""

    field: VectorField
    place: Place
    times: np.ndarray
    states: np.ndarray

    def __call__(self, times: np.ndarray) -> np.ndarray:
        """The positions at these times, counted from the beginning of the piece; shape `(m, 2)`."""
        at = np.clip(np.searchsorted(self.times, times, side="right") - 1, 0, len(self.times) - 1)
        field, place = self.field, self.place
        velocity = lambda x: speed(field, x, place.sides, place.face != 0, place.rest)
        positions = advanced(velocity, self.states[at, :2], times - self.times[at])
        return positions if place.rest is None else positions + place.rest


def follow(field: VectorField, y: np.ndarray, place: Place, first: float) -> tuple[int, np.ndarray, Curve, Piece]:
    """Go on from `y` until something ends the piece: its number, the end, the curve, and all there is to know.

    The events are: 0 the section, then the kinks, then the clip face if there is one, then slowness (the end of a rest
    point's neighbourhood), distance (arrival at the rest point), then the turning points of the boundaries.
    """
    atol = _ABSOLUTE if place.rest is None else _ABSOLUTE_BESIDE
    done = Piece(*(np.asarray(part) for part in _piece(field, y, place, first, atol)))
    curve = Curve(field, place, done.times[: int(done.kept)], done.states[: int(done.kept)])
    if not done.crossed.any():
        velocity = speed(field, done.y[:2], place.sides, place.face != 0, place.rest)
        at = done.y[:2] if place.rest is None else place.rest + done.y[:2]
        raise ValueError(
            f"the orbit has not returned to its section after {int(done.kept)} steps: at time {float(done.time):.4g} "
            f"it is at {at.tolist()} with speed {np.linalg.norm(velocity):.2g}"
        )
    return int(np.argmax(done.crossed)), done.y.copy(), curve, done


def rest_near(field: VectorField, x: np.ndarray, sides: np.ndarray, slides: bool, centre: np.ndarray) -> Any:
    """The rest point that Newton's method finds close to `x`; None where there is none, or a line of them."""
    rest, size = x, 1 + float(np.linalg.norm(x))
    velocity = lambda x: speed(field, x, sides, slides)
    for _ in range(20):
        slope = np.asarray(_slope(field, rest, sides, slides))
        if not abs(np.linalg.det(slope)) > 1e-8 * np.linalg.norm(slope) ** 2:
            return None
        move = np.linalg.solve(slope, -velocity(rest))
        rest = rest + move
        if not np.linalg.norm(rest - x) <= 0.1 * size:
            return None
        if np.linalg.norm(move) <= 4e-16 * size:
            break
    # A section through the equilibrium passes through it, and not a rounding error beside it.
    rest = centre if np.linalg.norm(rest - centre) <= 1e-14 * size else rest
    return rest if np.linalg.norm(velocity(rest)) <= 1e-14 * size and np.any(rest != x) else None
