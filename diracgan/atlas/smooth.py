"""The smooth field between two events of a planar flow, and its integration up to the next event.

Close to a rest point the position is followed relative to it: an orbit may pass it at a distance far below the
rounding of the position itself, and the time that takes depends on the ratio of the distances before and after.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.fields import VectorField
from diracgan.games.parameters import cast

_TOLERANCE = {"method": "DOP853", "rtol": 1e-12}
_ABSOLUTE, _ABSOLUTE_BESIDE = np.full(9, 1e-14), np.array([1e-90] * 2 + [1e-14] * 7)
# How often the field is evaluated on one piece of the orbit before the search gives up.
_EVALUATIONS = 100_000


@jax.jit
def kinks_of(field: Any, x: jax.Array) -> tuple[jax.Array, jax.Array]:
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


def _increment(fn: Callable[[jax.Array], jax.Array], at: jax.Array, d: jax.Array) -> jax.Array:
    """fn(at + d) - fn(at) = ∫ Dfn(at + s d) d ds over 0 < s < 1, without the cancellation of the difference."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    slopes = [jax.jvp(fn, (at + s * d,), (d,))[1] for s in (nodes + 1) / 2]
    return sum(w / 2 * slope for w, slope in zip(weights, slopes, strict=True))


@jax.jit
def _speed(field: Any, x: jax.Array, sides: jax.Array, slides: Any) -> jax.Array:
    return _velocity(field, x, sides, slides)


@jax.jit
def _slope(field: Any, x: jax.Array, sides: jax.Array, slides: Any) -> jax.Array:
    return jax.jacfwd(lambda z: _velocity(field, z, sides, slides))(x)


@jax.jit
def _speed_beside(field: Any, rest: jax.Array, d: jax.Array, sides: jax.Array, slides: Any) -> jax.Array:
    return _increment(lambda z: _velocity(field, z, sides, slides), rest, d)


@jax.jit
def _kinks_beside(field: Any, rest: jax.Array, d: jax.Array) -> jax.Array:
    return _increment(lambda z: kinks_of(field, z)[0], rest, d)


def _along(field: Any, x: jax.Array, v: jax.Array, y: jax.Array, sides: Any, slides: Any, centre: Any) -> jax.Array:
    """The rates of the position, the monodromy matrix (row by row), ∫ r dt, ∫ r² dt, and ∫ div v dt."""
    J = jax.jacfwd(lambda z: _velocity(field, z, sides, slides))(x)
    square = jnp.sum((x - centre) ** 2)
    rates = [v, (J @ y[2:6].reshape(2, 2)).ravel(), jnp.stack([jnp.sqrt(square), square, jnp.trace(J)])]
    return jnp.concatenate(rates)


@jax.jit
def _rates(field: Any, y: jax.Array, sides: jax.Array, slides: Any, centre: jax.Array) -> jax.Array:
    x = y[:2]
    return _along(field, x, _velocity(field, x, sides, slides), y, sides, slides, centre)


@jax.jit
def _rates_beside(
    field: Any, rest: jax.Array, y: jax.Array, sides: jax.Array, slides: Any, centre: jax.Array
) -> jax.Array:
    """The same with the position relative to a rest point."""
    v = _speed_beside(field, rest, y[:2], sides, slides)
    return _along(field, rest + y[:2], v, y, sides, slides, centre)


@dataclasses.dataclass(frozen=True)
class Smooth:
    """The field between two events, continued beyond them; with `rest`, of positions relative to that rest point."""

    field: VectorField
    centre: np.ndarray
    sides: np.ndarray
    slides: bool
    rest: np.ndarray | None = None

    def velocity(self, x: np.ndarray) -> np.ndarray:
        if self.rest is None:
            return np.asarray(_speed(self.field, x, self.sides, self.slides))
        return np.asarray(_speed_beside(self.field, self.rest, x, self.sides, self.slides))

    def rates(self, y: np.ndarray) -> np.ndarray:
        if self.rest is None:
            return np.asarray(_rates(self.field, y, self.sides, self.slides, self.centre))
        return np.asarray(_rates_beside(self.field, self.rest, y, self.sides, self.slides, self.centre))

    def absolute(self, x: np.ndarray) -> np.ndarray:
        return x if self.rest is None else self.rest + x

    def kink(self, i: int) -> Callable[[np.ndarray], float]:
        """The value of kink `i`, positive on the side that the orbit is on."""
        if self.rest is None:
            return lambda x: float(self.sides[i] * kinks_of(self.field, x)[0][i])
        at = float(kinks_of(self.field, self.rest)[0][i])
        # Not even its sign would be left of a distance of 1e-20 to a kink through the rest point.
        at = 0.0 if abs(at) <= 1e-14 * (1 + np.abs(self.rest).max()) else at
        return lambda d: float(self.sides[i] * (at + _kinks_beside(self.field, self.rest, d)[i]))

    def rest_near(self, x: np.ndarray) -> np.ndarray | None:
        """The rest point that Newton's method finds close to `x`; None where there is none, or a line of them."""
        rest, size = x, 1 + float(np.linalg.norm(x))
        for _ in range(20):
            slope = np.asarray(_slope(self.field, rest, self.sides, self.slides))
            if not abs(np.linalg.det(slope)) > 1e-8 * np.linalg.norm(slope) ** 2:
                return None
            step = np.linalg.solve(slope, -self.velocity(rest))
            rest = rest + step
            if not np.linalg.norm(rest - x) <= 0.1 * size:
                return None
            if np.linalg.norm(step) <= 4e-16 * size:
                break
        # A section through the equilibrium passes through it, and not a rounding error beside it.
        rest = self.centre if np.linalg.norm(rest - self.centre) <= 1e-14 * size else rest
        return rest if np.linalg.norm(self.velocity(rest)) <= 1e-14 * size and np.any(rest != x) else None


Check = Callable[[np.ndarray], float]


def integrate(
    smooth: Smooth, y: np.ndarray, checks: list[tuple[Check, int]], faces: int
) -> tuple[int, float, np.ndarray, Any]:
    """Go on from `y` until a check crosses 0 in its direction; its number, the time, the end and the curve.

    A check is a function of the position. The first one is a section; the next `faces` of them may be crossed twice
    within one step, out and back.
    """
    from scipy.integrate import solve_ivp

    budget = itertools.count(1)
    options: dict[str, Any] = {**_TOLERANCE, "atol": _ABSOLUTE if smooth.rest is None else _ABSOLUTE_BESIDE}

    def rates(t: float, y: np.ndarray) -> np.ndarray:
        if next(budget) > _EVALUATIONS:
            raise ValueError(
                f"the orbit has not returned to its section after {_EVALUATIONS} evaluations of the field: at time "
                f"{t:.4g} it is at {smooth.absolute(y[:2]).tolist()} with speed "
                f"{np.linalg.norm(smooth.velocity(y[:2])):.2g}"
            )
        return smooth.rates(y)

    events = [_event(*check) for check in checks]
    # A first step that goes out and back over the kink on which the piece begins would end where it began.
    for first in (None, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
        done = solve_ivp(rates, (0.0, 1e9), y, events=events, dense_output=True, first_step=first, **options)
        if done.t[-1] > 1e-12:
            break
    if smooth.rest is None and (missed := _missed(events[1 : 1 + faces], done)) is not None:
        # With a step that ends beyond the kink or face the event is seen.
        again = solve_ivp(rates, (0.0, missed), y, events=events, dense_output=True, **options)
        done = again if again.status == 1 else done
    if done.status != 1:
        at = smooth.absolute(done.y[:2, -1]).tolist()
        raise ValueError(f"the orbit ends at {at}, at time {done.t[-1]:.4g}: {done.message}")
    which = next(i for i, times in enumerate(done.t_events) if len(times))
    time = float(done.t[-1])
    # The event was found on the dense output, which is coarser than the steps: Newton's method on the true curve.
    for _ in range(3):
        span = time - done.t[-2]
        end = solve_ivp(rates, (0.0, span), done.y[:, -2], **options).y[:, -1] if span > 0 else done.y[:, -2]
        check, v = checks[which][0], smooth.velocity(end[:2])
        size = float(np.abs(end[:2]).max()) + (smooth.rest is None)
        small = 1e-7 * size / max(float(np.linalg.norm(v)), 1e-300)
        slope = (check(end[:2] + small * v) - check(end[:2] - small * v)) / (2 * small)
        if not abs(slope) > 1e-9 * size:
            break
        time -= check(end[:2]) / slope
    return which, time, end, done.sol


def _event(check: Check, direction: int) -> Any:
    event: Any = lambda t, y: check(y[:2])
    event.terminal, event.direction = True, direction
    return event


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
