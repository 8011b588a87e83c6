"""The orbit of a map: where it settles, Newton's method on p rounds, and weighted means along an invariant curve."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm
from diracgan.dynamics.compiling import running
from diracgan.dynamics.engine import Flat, flat_map
from diracgan.dynamics.outcomes import least_distance
from diracgan.dynamics.system import Map
from diracgan.games.fields import VectorField

# The longest period that is looked for, and the rounds that are looked at together.
LONGEST = 1024
CHUNK = 4096
WINDOW = 16_384
_FAR = 1e6


def _map(field: VectorField, algorithm: Algorithm, x: jax.Array) -> Flat:
    return flat_map(Map(field, algorithm).cast(x.dtype), x)


@running
def _start(field: VectorField, algorithm: Algorithm, x: jax.Array) -> jax.Array:
    return _map(field, algorithm, x).start


@running
def _chunk(field: VectorField, algorithm: Algorithm, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The states of the next rounds, and the positions."""
    rule = _map(field, algorithm, x)

    def one(z: jax.Array, _: None) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        z = rule.step(z, 0)
        return z, (z, rule.position(z))

    return jax.lax.scan(one, state, None, length=CHUNK)[1]


@running
def _rounds(
    field: VectorField, algorithm: Algorithm, x: jax.Array, state: jax.Array, p: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """F^p(z) and DF^p(z)."""
    rule = _map(field, algorithm, x)

    def one(_: object, carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        z, matrix = carry
        return rule.step(z, 0), jax.jacfwd(lambda y: rule.step(y, 0))(z) @ matrix

    return jax.lax.fori_loop(0, p, one, (state, jnp.eye(state.size, dtype=state.dtype)))


@running
def _exponents(field: VectorField, algorithm: Algorithm, x: jax.Array, states: jax.Array) -> jax.Array:
    """log |R_ii| of every round of the QR iteration along given states, shape `(rounds, N)`."""
    rule = _map(field, algorithm, x)

    def one(frame: jax.Array, z: jax.Array) -> tuple[jax.Array, jax.Array]:
        frame, triangle = jnp.linalg.qr(jax.jacfwd(lambda y: rule.step(y, 0))(z) @ frame)
        return frame, jnp.log(jnp.maximum(jnp.abs(jnp.diag(triangle)), jnp.finfo(z.dtype).tiny))

    return jax.lax.scan(one, jnp.eye(states.shape[1], dtype=states.dtype), states)[1]


def weighted(values: np.ndarray) -> Any:
    """The mean along a quasi-periodic orbit with the weight exp(-1/(t(1 - t))), 0 < t < 1, of the first axis."""
    t = (np.arange(len(values)) + 0.5) / len(values)
    weight = np.exp(-1 / (t * (1 - t)))
    return np.tensordot(weight / weight.sum(), values, 1)


def _steady(means: list[float]) -> bool:
    """Whether the means of successive chunks have no trend left.

    On a smooth curve they agree to rounding. Where clipping or a kink breaks the curve they scatter: then the latest
    must lie among the earlier ones, which those of a drifting orbit do not.
    """
    if len(means) >= 3 and np.ptp(means[-3:]) <= 1e-9 * means[-1]:
        return True
    earlier, recent = means[-32:-8], means[-8:]
    middle = float(np.median(recent))
    return len(earlier) == 24 and np.ptp(means[-32:]) <= 1e-3 * middle and min(earlier) < middle < max(earlier)


class Orbit:
    """The orbit of one start: its last state, and the positions of the last chunk of rounds."""

    def __init__(self, field: VectorField, algorithm: Algorithm, x: jax.Array) -> None:
        self.given = (field, algorithm, x)
        self.centre = np.asarray(field.equilibrium, np.float64)
        self.state = np.asarray(_start(*self.given))
        self.round = 0

    def advance(self) -> tuple[np.ndarray, np.ndarray]:
        """The states and the positions of the next chunk; `ValueError` when it diverges or arrives."""
        states, positions = (np.asarray(part) for part in _chunk(*self.given, self.state))
        with np.errstate(over="ignore", invalid="ignore"):
            radii = np.linalg.norm(positions - self.centre, axis=1)
        away = ~(radii <= _FAR)
        if away.any():
            when = self.round + int(np.argmax(away)) + 1
            raise ValueError(f"the orbit diverges: its distance to the equilibrium exceeds {_FAR:g} in round {when}")
        near = radii < least_distance(1e-9, float(np.linalg.norm(self.centre)), radii.dtype)
        if near.any():
            when = self.round + int(np.argmax(near)) + 1
            raise ValueError(
                f"the orbit converges to the equilibrium {self.centre.tolist()}: "
                f"it is within 1e-9 of it in round {when}"
            )
        self.state, self.round = states[-1], self.round + len(states)
        return states, positions

    def settle(self, rounds: int) -> tuple[np.ndarray, int] | None:
        """The cycle that the orbit ends on, closed; None on an invariant curve; `ValueError` otherwise."""
        means: list[float] = []
        while True:
            states, positions = self.advance()
            found = self._recurring(states)
            if found is not None:
                if found[1] == 1:
                    at = self.once(*found)[0][0].tolist()
                    raise ValueError(f"the orbit converges to the fixed point {at}: it is there in round {self.round}")
                return found
            radii = np.linalg.norm(positions - self.centre, axis=1)
            means.append(float(weighted(radii)))
            if _steady(means):
                return None
            if self.round >= rounds:
                rate = (means[-1] / means[-2] - 1) / CHUNK if len(means) > 1 else np.nan
                raise ValueError(
                    f"the orbit has not settled after {self.round} rounds: its mean distance to the equilibrium is "
                    f"{means[-1]:.6g} and changes by {rate:.2g} of itself per round; give more rounds or a nearer start"
                )

    def _recurring(self, states: np.ndarray) -> tuple[np.ndarray, int] | None:
        last = states[-1]
        distance = np.linalg.norm(states[-2 : -LONGEST - 2 : -1] - last, axis=1)
        close = np.flatnonzero(distance <= 1e-6 * np.max(np.ptp(states[-2 * LONGEST :], axis=0), initial=1e-9))
        if not close.size:
            return None
        period = int(close[0]) + 1
        return self.close(last, period, reach=1e3 * max(float(distance[period - 1]), 1e-12))

    def close(self, state: np.ndarray, period: int, reach: float) -> tuple[np.ndarray, int] | None:
        """Newton's method on F^p(z) = z from a state: the solution within `reach`, with its least period; or None."""
        z, best, error = state, state, np.inf
        for _ in range(50):
            after, matrix = (np.asarray(part) for part in _rounds(*self.given, z, period))
            gap = after - z
            size = float(np.linalg.norm(gap))
            if not size < error:
                break
            best, error = z, size
            # Where a whole family of cycles is neutral, the least-squares step goes to the nearest of them.
            z = z - np.linalg.lstsq(matrix - np.eye(len(z)), gap, rcond=1e-12)[0]
            if not np.all(np.isfinite(z)):
                break
        scale = max(1.0, float(np.max(np.abs(best))))
        if not error <= 1e-11 * scale or np.linalg.norm(best - state) > reach:
            return None
        for divisor in range(1, period):
            if period % divisor == 0:
                again = np.asarray(_rounds(*self.given, best, divisor)[0])
                if np.linalg.norm(again - best) <= 1e-9 * scale:
                    return best, divisor
        return best, period

    def once(self, state: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray]:
        """The positions of one period, shape `(p, n)`, and DF^p."""
        positions = np.asarray(_chunk(*self.given, state)[1])[:period]
        _, matrix = _rounds(*self.given, state, period)
        # The chunk begins one round on: its last point of the period is the state itself.
        return np.roll(positions, 1, axis=0), np.asarray(matrix)

    def measure(self) -> tuple[np.ndarray, float, np.ndarray]:
        """The positions of a window, revolutions per round, and the Lyapunov exponents, largest first."""
        chunks = [self.advance() for _ in range(WINDOW // CHUNK)]
        states, positions = (np.concatenate(part) for part in zip(*chunks, strict=True))
        z = (positions - self.centre) @ np.array([1, 1j] + [0] * (positions.shape[1] - 2))
        turned = np.angle(z[1:] / z[:-1]) / (2 * np.pi)
        exponents = weighted(np.asarray(_exponents(*self.given, states)))
        return positions, abs(float(weighted(turned))), np.sort(exponents)[::-1]
