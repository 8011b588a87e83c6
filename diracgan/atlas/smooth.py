"""The smooth field between two events of a planar flow, and its integration up to the next event.

Close to a rest point the position is followed relative to it: an orbit may pass it at a distance far below the
rounding of the position itself, and the time that takes depends on the ratio of the distances before and after.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.atlas.sides import held, increment, kink_values, look, sided_velocity, slope_at, speed, speed_at
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.integrator import integrate
from diracgan.dynamics.tableau import advanced
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar
from diracgan.games.recorded import recorded

RELATIVE, _ABSOLUTE = 1e-12, np.full(9, 1e-14)
_ABSOLUTE_BESIDE = np.array([1e-90] * 2 + [1e-14] * 7)
# Steps on one piece of the orbit before the search gives up, and its longest time.
_STEPS, _LONGEST = 8192, 1e9
# As far as this from the equilibrium an orbit has diverged; at this distance it has arrived at a rest point.
FAR, ARRIVED = 1e4, 1e-60
# A value of this size at the beginning of a piece is a 0 that was rounded.
_ROUNDED = 1e-13


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
    fn = lambda z: sided_velocity(field, z, place.sides, slides)
    x = y[:2] if place.rest is None else place.rest + y[:2]
    v, J = jax.vmap(lambda unit: jax.jvp(fn, (x,), (unit,)), out_axes=(None, 1))(np.eye(2))
    v = v if place.rest is None else increment(fn, place.rest, y[:2])
    square = jnp.sum((x - place.centre) ** 2)
    turned = jnp.sum(J[:, :, None] * y[2:6].reshape(2, 2), axis=1)
    return jnp.concatenate([v, turned.ravel(), jnp.stack([jnp.sqrt(square), square, jnp.trace(J)])])


def _boundaries(field: VectorField, x: jax.Array, place: Place) -> jax.Array:
    """What is positive on a piece: every kink on its side, and the distance to a clip face or the force on it."""
    if place.rest is None:
        values = kink_values(field, x)
    else:
        # Not even its sign would be left of a distance of 1e-20 to a kink through the rest point.
        at = kink_values(field, place.rest)
        at = jnp.where(jnp.abs(at) <= 1e-14 * (1 + jnp.max(jnp.abs(place.rest))), 0.0, at)
        values = at + increment(lambda z: kink_values(field, z), place.rest, x)
    values = place.sides * values
    if field.domain.bound is None:
        return values
    at = x if place.rest is None else place.rest + x
    held = place.face * sided_velocity(field, at, place.sides, False)[1]
    inside = jnp.asarray(field.domain.bound, x.dtype) - jnp.abs(at[1])
    return jnp.append(values, jnp.where(place.face != 0, held, inside))


@functools.partial(jax.jit, inline=True)
def _events(field: VectorField, x: jax.Array, place: Place) -> tuple[jax.Array, jax.Array]:
    """What ends a piece by rising through 0, and at which rate the section and the boundaries do."""
    v = speed_at(field, x, place.sides, place.face != 0, place.rest)

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


# Without the optimisation of loops: an orbit takes some hundred steps, and compiling takes half the time.
@answering
def _piece(field: VectorField, y: jax.Array, place: Place, first: Scalar, rtol: Scalar, atol: Scalar) -> Any:
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
        rtol=rtol,
        atol=atol,
        events=lambda y: _events(field, y[:2], place)[0],
        values=values,
        keep=_STEPS,
        entries=2,
    )
    return Piece(found.x, found.time, found.crossed, found.times, found.states, found.kept, found.step)


@answering
def _positions(field: VectorField, states: jax.Array, lengths: jax.Array, place: Place) -> jax.Array:
    """The positions `(m, 2)` after one step from each state, shape `(m, 2)`."""
    field = recorded(field, states)
    velocity = lambda x: speed_at(field, x, place.sides, place.face != 0, place.rest)
    return advanced(jax.vmap(velocity), states, lengths)


# So many positions at a time.
_LANES = 640


@dataclasses.dataclass(frozen=True)
class Curve:
    """The positions on one piece, from the steps on it."""

    field: VectorField
    place: Place
    times: np.ndarray
    states: np.ndarray

    def __call__(self, times: np.ndarray) -> np.ndarray:
        """The positions at these times, counted from the beginning of the piece; shape `(m, 2)`."""
        blocks = []
        for k in range(0, len(times), _LANES):
            wanted = times[np.minimum(np.arange(k, k + _LANES), len(times) - 1)]
            at = np.clip(np.searchsorted(self.times, wanted, side="right") - 1, 0, len(self.times) - 1)
            done = _positions(self.field, self.states[at], wanted - self.times[at], self.place)
            blocks.append(np.asarray(done)[: len(times) - k])
        positions = np.concatenate([self.states[:0], *blocks])
        return positions if self.place.rest is None else positions + self.place.rest


def follow(
    field: VectorField, y: np.ndarray, place: Place, first: float, rtol: float = RELATIVE
) -> tuple[int, np.ndarray, Curve, Piece]:
    """Go on from `y` until something ends the piece: its number, the end, the curve, and all there is to know.

    The events are: 0 the section, then the kinks, then the clip face if there is one, then slowness (the end of a rest
    point's neighbourhood), distance (arrival at the rest point), then the turning points of the boundaries.
    """
    atol = _ABSOLUTE if place.rest is None else _ABSOLUTE_BESIDE
    done = Piece(*(np.asarray(part) for part in _piece(field, y, place, first, rtol, atol)))
    curve = Curve(field, place, done.times[: int(done.kept)], done.states[: int(done.kept)])
    if not done.crossed.any():
        at = done.y[:2] if place.rest is None else place.rest + done.y[:2]
        raise ValueError(
            f"the orbit has not returned to its section after {int(done.kept)} steps: at time {float(done.time):.4g} "
            f"it is at {at.tolist()} with speed {np.linalg.norm(velocity_at(field, done.y[:2], place)):.2g}"
        )
    return int(np.argmax(done.crossed)), done.y.copy(), curve, done


def velocity_at(field: VectorField, x: np.ndarray, place: Place) -> np.ndarray:
    """The velocity at a position of a piece, relative to its rest point if it has one."""
    if place.rest is not None:
        return np.asarray(speed(field, x, place.sides, place.face != 0, place.rest))
    return held(look(field, x, place.sides).speeds[0], place.face != 0)


def rest_near(field: VectorField, x: np.ndarray, sides: np.ndarray, slides: bool, centre: np.ndarray) -> Any:
    """The rest point that Newton's method finds close to `x`; None where there is none, or a line of them."""
    rest, size = x, 1 + float(np.linalg.norm(x))
    velocity = lambda x: held(look(field, x, sides).speeds[0], slides)
    for _ in range(20):
        slope = np.asarray(slope_at(field, rest, sides, slides))
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
