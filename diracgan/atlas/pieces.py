"""The flow of a planar field in pieces: from one kink, clip face or section to the next.

Between events the field is smooth; each piece is integrated on its own, with the side of every kink held fixed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.fields import VectorField
from diracgan.parameters import cast

_TOLERANCE = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-14}
# How often the field is evaluated on one piece of the orbit before the search gives up.
_EVALUATIONS = 100_000
_FAR, _REST = 1e4, 1e-9


@jax.jit
def _kinks(field: Any, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The values of the kinks, shape `(k,)`, and their gradients, shape `(k, 2)`."""

    def values(y: jax.Array) -> jax.Array:
        kinks = cast(field, y.dtype).kinks(y)
        return jnp.stack(kinks) if kinks else jnp.zeros(0)

    return values(x), jax.jacfwd(values)(x)


def _velocity(field: VectorField, x: jax.Array, sides: jax.Array, slides: Any) -> jax.Array:
    """The field on the given side of every kink, continued across it to second order; ψ at rest where it slides."""
    field, inside = cast(field, x.dtype), x
    for i, _ in enumerate(field.kinks(x)):
        value, slope = jax.value_and_grad(lambda y, i=i: field.kinks(y)[i])(inside)
        least = 4 * jnp.finfo(x.dtype).eps * (1 + jnp.max(jnp.abs(x)))
        gap = jnp.maximum(least - sides[i] * value, 0)
        inside = inside + sides[i] * gap * slope / jnp.maximum(slope @ slope, jnp.finfo(x.dtype).tiny)
    inside, d = jax.lax.stop_gradient(inside), x - jax.lax.stop_gradient(inside)

    def along(y: jax.Array) -> jax.Array:
        return jax.jvp(field.velocity, (y,), (d,))[1]

    # A Taylor polynomial about a point of the right side; d = 0, and nothing is added, where x is one itself.
    v = field.velocity(inside) + along(inside) + jax.jvp(along, (inside,), (jax.lax.stop_gradient(d),))[1] / 2
    return v * jnp.where(slides & (jnp.arange(2) == 1), 0.0, 1.0)


@jax.jit
def _speed(field: Any, x: jax.Array, sides: jax.Array, slides: Any) -> jax.Array:
    return _velocity(field, x, sides, slides)


@jax.jit
def _rates(field: Any, y: jax.Array, sides: jax.Array, slides: Any, centre: jax.Array) -> jax.Array:
    """The rates of the position, of the monodromy matrix (row by row), and of ∫ r dt and ∫ r² dt."""
    x, matrix = y[:2], y[2:6].reshape(2, 2)
    v = _velocity(field, x, sides, slides)
    J = jax.jacfwd(lambda z: _velocity(field, z, sides, slides))(x)
    square = jnp.sum((x - centre) ** 2)
    return jnp.concatenate([v, (J @ matrix).ravel(), jnp.stack([jnp.sqrt(square), square])])


class Flow:
    """The flow of one field; `x` is the position, `sides` the side of every kink, `face` ±1 while it slides there."""

    def __init__(self, field: VectorField, x: np.ndarray) -> None:
        self.field = field
        self.centre = np.asarray(field.equilibrium, np.float64)
        bound = field.domain.bound
        self.bound = math.inf if bound is None else float(bound)
        x = np.asarray(field.domain.project(jnp.asarray(x), 1))
        self.y = np.concatenate([x, np.eye(2).ravel(), np.zeros(2)])
        values, slopes = (np.asarray(part) for part in _kinks(field, x))
        self.sides = np.sign(values)
        for i in np.flatnonzero(np.abs(values) <= 1e-14 * (1 + np.abs(x).max())).tolist():
            self.sides[i] = self._leaving(x, i, slopes[i])
        self.face = 0
        self._land()
        if self.face:
            # What is moved off the face comes back to it: only the part along it stays.
            self.y[2:6] = [1, 0, 0, 0]

    @property
    def x(self) -> np.ndarray:
        """The position."""
        return self.y[:2]

    def velocity(self, x: np.ndarray, face: int | None = None, sides: np.ndarray | None = None) -> np.ndarray:
        """The velocity on the present sides, or on given ones."""
        chosen = self.sides if sides is None else sides
        return np.asarray(_speed(self.field, x, chosen, bool(self.face if face is None else face)))

    def _leaving(self, x: np.ndarray, i: int, slope: np.ndarray) -> float:
        """The side of kink `i` that the flow from a point of it moves into."""
        for side in (1.0, -1.0):
            sides = self.sides.copy()
            sides[i] = side
            if side * float(slope @ self.velocity(x, 0, sides)) > 0:
                return side
        raise ValueError(
            f"the orbit reaches a kink at {x.tolist()} which it leaves on neither side: it comes to rest or slides "
            "along the kink, which is not followed; give a start whose orbit avoids it"
        )

    def _land(self) -> None:
        """Slide on the clip face where the velocity points out of it."""
        if abs(self.x[1]) >= self.bound:
            outward = math.copysign(1, self.x[1])
            self.face = int(outward) if outward * self.velocity(self.x, 0)[1] > 0 else 0

    def _events(self, section: Callable[[np.ndarray], float], direction: int) -> list[Any]:
        def kink(i: int) -> Callable[[np.ndarray], float]:
            return lambda x: float(self.sides[i] * _kinks(self.field, x)[0][i])

        checks: list[tuple[Callable[[np.ndarray], float], int]] = [(section, direction)]
        checks += [(kink(i), -1) for i in range(len(self.sides))]
        if self.face:
            checks.append((lambda x: float(self.face * self.velocity(x, 0)[1]), -1))
        elif math.isfinite(self.bound):
            checks.append((lambda x: self.bound - abs(x[1]), -1))
        checks.append((lambda x: float(np.linalg.norm(self.velocity(x))) - _REST, -1))
        checks.append((lambda x: _FAR - float(np.linalg.norm(x - self.centre)), -1))
        events = []
        for check, sense in checks:
            event: Any = lambda t, y, check=check: check(y[:2])
            event.terminal, event.direction, event.check = True, sense, check
            events.append(event)
        return events

    def piece(self, section: Callable[[np.ndarray], float], direction: int) -> tuple[int, float, Any]:
        """Go on to the next event; its number (0: the section), the time and the curve up to there."""
        from scipy.integrate import solve_ivp

        budget = itertools.count(1)

        def rates(t: float, y: np.ndarray) -> np.ndarray:
            if next(budget) > _EVALUATIONS:
                raise ValueError(
                    f"the orbit has not returned to its section after {_EVALUATIONS} evaluations of the field: at time "
                    f"{t:.4g} it is at {y[:2].tolist()} with speed {np.linalg.norm(self.velocity(y[:2])):.2g}"
                )
            return np.asarray(_rates(self.field, y, self.sides, bool(self.face), self.centre))

        events = self._events(section, direction)
        # A first step that goes out and back over the kink on which the piece begins would end where it began.
        for first in (None, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
            done = solve_ivp(
                rates, (0.0, 1e9), self.y, events=events, dense_output=True, first_step=first, **_TOLERANCE
            )
            if done.t[-1] > 1e-12:
                break
        if (missed := _missed(events[1:-2], done)) is not None:
            # With a step that ends beyond the kink or face the event is seen.
            again = solve_ivp(rates, (0.0, missed), self.y, events=events, dense_output=True, **_TOLERANCE)
            done = again if again.status == 1 else done
        at = done.y[:2, -1].tolist()
        if done.status != 1:
            raise ValueError(f"the orbit ends at {at}, at time {done.t[-1]:.4g}: {done.message}")
        which = next(i for i, times in enumerate(done.t_events) if len(times))
        if which == len(events) - 1:
            raise ValueError(
                f"the orbit diverges: it leaves the disc of radius {_FAR:g} around the equilibrium at {at}"
            )
        if which == len(events) - 2:
            raise ValueError(
                f"the orbit comes to rest at {at}: its speed is below {_REST:g} after time {done.t[-1]:.4g}"
            )
        time = float(done.t[-1])
        # The event was found on the dense output, which is coarser than the steps: Newton's method on the true curve.
        for _ in range(3):
            span = time - done.t[-2]
            y = solve_ivp(rates, (0.0, span), done.y[:, -2], **_TOLERANCE).y[:, -1] if span > 0 else done.y[:, -2]
            check, v = events[which].check, self.velocity(y[:2])
            small = 1e-7 * (1 + np.abs(y[:2]).max()) / max(float(np.linalg.norm(v)), 1e-300)
            slope = (check(y[:2] + small * v) - check(y[:2] - small * v)) / (2 * small)
            if not abs(slope) > 1e-9:
                break
            time -= check(y[:2]) / slope
        self.y = y
        return which, time, done.sol

    def cross(self, which: int) -> None:
        """Pass from one piece to the next, with the saltation matrix of the event."""
        before = self.velocity(self.x)
        if which <= len(self.sides):
            i = which - 1
            normal = np.asarray(_kinks(self.field, self.x)[1])[i]
            self.sides[i] = 0.0
            self.sides[i] = self._leaving(self.x, i, normal)
        elif self.face:
            self.face = 0
            return
        else:
            normal = np.array([0.0, 1.0])
            self.y[1] = math.copysign(self.bound, self.y[1])
            # Where it only touches the face the cycle is that of the interior, and nothing is cut off.
            if abs(before[1]) <= 1e-6 * np.linalg.norm(before):
                return
            self._land()
        jump = self.velocity(self.x) - before
        saltation = np.eye(2) + np.outer(jump, normal) / (normal @ before)
        self.y[2:6] = (saltation @ self.y[2:6].reshape(2, 2)).ravel()

    def go(self, until: tuple[tuple[Callable[[np.ndarray], float], int], ...]) -> tuple[float, list[tuple[float, Any]]]:
        """Go on until the given sections were crossed one after the other; the time and the pieces."""
        total, pieces = 0.0, []
        for section, direction in until:
            which = None
            while which != 0:
                which, time, curve = self.piece(section, direction)
                total += time
                pieces.append((time, curve))
                if len(pieces) > 1000:
                    raise ValueError(f"the orbit does not return: it chatters on a kink near {self.x.tolist()}")
                if which:
                    self.cross(which)
        return total, pieces


def _missed(events: list[Any], done: Any) -> float | None:
    """The time at which the curve is farthest beyond a kink or face that it crosses twice within one step, if any."""
    if not events:
        return None
    times = np.unique(np.concatenate([np.linspace(a, b, 5) for a, b in itertools.pairwise(done.t)]))
    curve = done.sol(times)
    for event in events:
        values = np.array([event(t, y) for t, y in zip(times, curve.T, strict=True)])
        for i in 1 + np.flatnonzero((values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:])):
            a, b, c = values[i - 1 : i + 2]
            at = times[i] + (times[i + 1] - times[i - 1]) / 4 * (a - c) / (a - 2 * b + c)
            if event(at, done.sol(at)) < -1e-11 and at < done.t[-1]:
                return float(at)
    return None
