"""Critical learning rates: where the equilibrium loses its local stability, how, and what is known globally."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from diracgan.algorithms import Algorithm, as_algorithm, ready
from diracgan.dynamics.spectrum import smooth_point, update_jacobian
from diracgan.games.fields import as_field
from diracgan.games.parameters import cast

_EPS = float(np.finfo(np.float64).eps)
# Rates in one call of the compiled program, and how far beyond the field's own scales they reach.
_RATES, _BELOW, _ABOVE = 1024, 1e-6, 1e4


@dataclasses.dataclass(frozen=True)
class CriticalStep:
    """The largest learning rate `h` up to which an equilibrium stays locally stable.

    `kind` says how stability ends: "neimark-sacker" (a complex pair leaves the unit circle), "flip" (a multiplier
    passes -1), "fold" (+1); "unstable from the start" (h = 0, which says nothing of larger rates), "neutral" (h = 0: on
    the unit circle from the start) or "always stable" (h = inf).

    `coefficient` is the first Lyapunov coefficient (Neimark-Sacker; negative: supercritical) or the normal
    form coefficient of the flip (positive: supercritical), NaN where there is none, as at a strong resonance (λ^k = 1
    for a k up to 4); `criticality` says it in a word.
    """

    h: float
    kind: str
    coefficient: float
    criticality: str


def crossings(matrix: jax.Array) -> jax.Array:
    """Three functions that vanish where multipliers cross the unit circle, shape `(3,)`.

    det(M ∧ M - I) = Π_{i<j}(λ_iλ_j - 1) for a Neimark-Sacker, det(M + I) for a flip, det(M - I) for a fold; M ∧ M is
    the second compound matrix, made of the 2×2 minors.
    """
    size = matrix.shape[0]
    pairs = np.array([(i, j) for i in range(size) for j in range(i + 1, size)])
    p, q = pairs[:, 0], pairs[:, 1]
    minors = matrix[np.ix_(p, p)] * matrix[np.ix_(q, q)] - matrix[np.ix_(p, q)] * matrix[np.ix_(q, p)]
    one, many = np.eye(size), np.eye(len(pairs))
    return jnp.stack([jnp.linalg.det(minors - many), jnp.linalg.det(matrix + one), jnp.linalg.det(matrix - one)])


def critical_step(field: Any, algorithm: Algorithm) -> CriticalStep:
    """The critical learning rate of an equilibrium under an algorithm, whatever learning rate that one carries.

    Stability is lost at the first zero of one of the functions

        1 - det M,  det(M + I),  det(M - I)   (two multipliers),      1 - max|λ|   (more)

    of the rate, where M is the matrix of one round; all are positive while the equilibrium is stable. They are scanned
    at 1024 rates in geometric progression, from 1e-6 times the least to 1e4 times the largest of the scales 1/|μ| and
    2|Re μ|/|μ|² of the field's eigenvalues μ. Where one changes its sign, or where a minimum could reach below 0 within
    the resolution, the interval is scanned again in the same way. Both players get the same rate, in float64. Without
    memory M - I is known to the relative accuracy of its entries; with memory, what is lost by less than rounding
    (a margin of 1e-13) is not seen.

    Raises `ValueError` where there are no multipliers (a kink, RMSProp, Adam).

    >>> dg.critical_step(dg.method("r1", gamma=0.3), dg.SimGD(0.2)).kind
    'neimark-sacker'
    >>> round(dg.critical_step(dg.method("r1", gamma=0.3), dg.SimGD(0.2)).h, 9)
    1.2
    """
    field, algorithm = as_field(field), as_algorithm(algorithm)
    with jax.enable_x64(True):
        smooth_point(field, algorithm)
        rounds = _Rounds(field, algorithm)
        h, kind = _first_loss(rounds)
        coefficient = (
            _coefficient(field, algorithm.replace(h=h), kind) if kind in ("neimark-sacker", "flip") else math.nan
        )
    return CriticalStep(h, kind, coefficient, _in_a_word(kind, coefficient))


@jax.jit
def _matrices(field: Any, algorithm: Any, rates: jax.Array) -> tuple[jax.Array, jax.Array]:
    """M(h) and the mean slope (M(h) - M(0))/h = ∫₀¹ M'(sh) ds for many rates, each of shape `(rates, N, N)`."""
    s, weights = np.polynomial.legendre.leggauss(6)
    shares = np.append((s + 1) / 2, 1)

    def one(h: jax.Array) -> tuple[jax.Array, jax.Array]:
        matrix = lambda rate: update_jacobian(field, algorithm.replace(h=rate))
        matrices, slopes = jax.vmap(lambda rate: jax.jvp(matrix, (rate,), (jnp.ones_like(rate),)))(h * shares)
        return matrices[-1], jnp.tensordot(weights / 2, slopes[:-1], 1)

    return jax.vmap(one)(rates)


class _Rounds:
    """The matrices of one round as functions of the rate, and what is positive while they are stable."""

    def __init__(self, field: Any, algorithm: Algorithm) -> None:
        self.of = lambda rates: [np.asarray(part) for part in _matrices(field, algorithm, jnp.asarray(rates))]
        start, slope = (part[0] for part in self.of(np.zeros(_RATES)))
        self.identity = np.eye(len(start))
        self.forgets = np.array_equal(start, self.identity)
        self.scales = _scales(slope)

    def departures(self, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """M - I and its rounding in units of eps; small ones from the slope, as 1 + hJ has lost digits of hJ."""
        matrices, slopes = self.of(rates)
        small, direct = rates[:, None, None] * slopes, matrices - self.identity
        # Far from 0 the quadrature behind the slope is only exact for polynomials: both must agree to rounding.
        with np.errstate(invalid="ignore"):
            apart = np.max(np.abs(small - direct) + 1e-13 * np.abs(direct), axis=(1, 2), keepdims=True)
        near = self.forgets & (apart < 1e-14)
        departures = np.where(near, small, direct)
        return departures, np.abs(departures) + np.where(near, 0, self.identity)

    def distances(self, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Functions that are positive while all |λ| < 1, and their rounding errors, each `(rates, functions)`."""
        departures, known = self.departures(rates)
        lost = ~np.all(np.isfinite(departures), axis=(1, 2))
        departures[lost], known[lost] = 0, 0
        with np.errstate(over="ignore", invalid="ignore"):
            values, errors = (_jury if len(self.identity) == 2 else _moduli)(departures, known)
        # What overflows has an entry beyond 1e308 in M or in its determinant.
        values[lost] = -np.inf
        return np.where(np.isnan(values), -np.inf, values), errors

    def kind(self, rate: float) -> str:
        """What the multiplier nearest to the unit circle is."""
        values = np.linalg.eigvals(self.departures(np.full(_RATES, rate))[0][0]) + 1
        critical = values[np.argmin(np.abs(np.abs(values) - 1))]
        if abs(critical.imag) > 1e-6:
            return "neimark-sacker"
        return "flip" if critical.real < 0 else "fold"


def _scales(slope: np.ndarray) -> np.ndarray:
    """Rates at which rounds of a linear field can change their character: 1/|μ| and 2|Re μ|/|μ|²."""
    values = np.linalg.eigvals(slope)
    values = values[np.abs(values) > _EPS * np.max(np.abs(values), initial=0)]
    size = np.abs(values)
    damped = np.abs(values.real) > _EPS * size
    scales = np.concatenate([1 / size, 2 * np.abs(values.real[damped]) / size[damped] ** 2])
    return scales if scales.size else np.ones(1)


def _jury(departures: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 - det M, det(M + I) and det(M - I) from A = M - I: nothing cancels but the entries of A with each other."""
    (a, b, c, d), (of_a, of_b, of_c, of_d) = departures.reshape(-1, 4).T, known.reshape(-1, 4).T
    trace, det = a + d, a * d - b * c
    of_trace, of_det = of_a + of_d, of_a * abs(d) + of_d * abs(a) + of_b * abs(c) + of_c * abs(b)
    values = np.stack([-trace - det, 4 + 2 * trace + det, det], axis=1)
    errors = np.stack([of_trace + of_det, 4 + 2 * of_trace + of_det, of_det], axis=1)
    return values, 16 * _EPS * errors


def _moduli(departures: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 - max|λ|, known to the condition of the eigenvectors (Bauer and Fike), of a defective λ to the root of eps."""
    values, vectors = np.linalg.eig(departures + np.eye(departures.shape[-1]))
    rounding = 16 * _EPS * np.maximum(1, np.max(known, axis=(1, 2)))
    errors = np.minimum(rounding * np.linalg.cond(vectors), np.sqrt(rounding))
    return 1 - np.max(np.abs(values), axis=1)[:, None], errors[:, None]


def _first_loss(rounds: _Rounds) -> tuple[float, str]:
    rates = np.geomspace(_BELOW * rounds.scales.min(), _ABOVE * rounds.scales.max(), _RATES)
    values, errors = rounds.distances(rates)
    stable, unstable = np.all(values > errors, axis=1), np.any(values < -errors, axis=1)
    # A margin of order h² is 0 to rounding for the smallest rates: the first one that is not decides.
    told = np.flatnonzero(stable | unstable)
    if not told.size:
        return 0.0, "neutral"
    first = int(told[0])
    if unstable[first]:
        # What is negative here was either never positive, or ended a stretch in which another function was 0.
        ended = np.any((values[first] < -errors[first]) & np.any(values[:first] > errors[:first], axis=0))
        return 0.0, "neutral" if ended else "unstable from the start"
    h = _lost_between(rounds, rates[first:], values[first:])
    return (math.inf, "always stable") if h is None else (h, rounds.kind(h))


def _lost_between(rounds: _Rounds, rates: np.ndarray, values: np.ndarray) -> float | None:
    """The first rate at which one of the functions vanishes, all of them being positive at the first; None: none."""
    before, after, middle = values[:-2], values[2:], values[1:-1]
    # A parabola through three points dips below the middle one by an eighth of its second difference at most.
    dips = (middle > 0) & (middle <= before) & (middle <= after) & (middle < before + after - 2 * middle)
    suspects = {int(i): int(i) + 2 for i in np.flatnonzero(np.any(dips, axis=1))}
    lost = np.flatnonzero(np.any(values <= 0, axis=1))
    if lost.size:
        suspects[int(lost[0]) - 1] = int(lost[0])
    for left, right in sorted(suspects.items()):
        if lost.size and left > lost[0]:
            break
        low, high = rates[left], rates[right]
        if high - low <= 1e-7 * high:
            if right - left == 1 and np.any(values[right] <= 0):
                return _zero(low, high, values[left], values[right])
            continue
        inner = np.linspace(low, high, _RATES)
        found = _lost_between(rounds, inner, rounds.distances(inner)[0])
        if found is not None:
            return found
    return None


def _zero(low: float, high: float, before: np.ndarray, after: np.ndarray) -> float:
    """The first zero of the straight lines between two neighbouring rates."""
    ends = after <= 0
    share = before[ends] / (before[ends] - after[ends])
    return float(low + (high - low) * np.min(share))


def _in_a_word(kind: str, coefficient: float) -> str:
    if math.isnan(coefficient) or coefficient == 0:
        return "degenerate" if kind in ("neimark-sacker", "flip") else "none"
    return "supercritical" if (coefficient < 0) == (kind == "neimark-sacker") else "subcritical"


def _coefficient(field: Any, algorithm: Algorithm, kind: str) -> float:
    """The normal form coefficient by Kuznetsov's formulas, from the map's derivatives up to the third."""
    A, B, C = (np.asarray(part) for part in _derivatives(field, algorithm))
    two = lambda u, v: np.einsum("ijk,j,k->i", B, u, v)
    three = lambda u, v, w: np.einsum("ijkl,j,k,l->i", C, u, v, w)
    wanted = -1 if kind == "flip" else None
    value, q = _critical_vector(A, wanted)
    # Near 1, where small rates have their multipliers, every power is near 1: only beyond that is it a resonance.
    if kind != "flip" and min(abs(value**k - 1) for k in (2, 3, 4)) < 1e-5 * abs(value - 1):
        return math.nan
    _, p = _critical_vector(A.T, np.conj(value))
    overlap = np.vdot(p, q)
    # A double multiplier with one eigenvector, where a flip meets a Neimark-Sacker: neither normal form applies.
    if abs(overlap) < 1e-5:
        return math.nan
    p = p / np.conj(overlap)
    one = np.eye(len(A))
    if kind == "flip":
        q, p = q.real, p.real
        return _projected(p, -1, three(q, q, q) / 6, -two(q, np.linalg.solve(A - one, two(q, q))) / 2)
    resonant = np.linalg.solve(value**2 * one - A, two(q, q))
    steady = np.linalg.solve(one - A, two(q, np.conj(q)))
    return _projected(p, value, three(q, q, np.conj(q)) / 2, two(q, steady), two(np.conj(q), resonant) / 2)


def _projected(p: np.ndarray, value: complex, *terms: np.ndarray) -> float:
    """Re λ̄⟨p, Σ terms⟩, for a flip up to its sign; 0 where it is the rounding of terms that cancel."""
    total = (np.vdot(p, sum(terms)) * np.conj(value)).real * (-1 if value == -1 else 1)
    size = np.linalg.norm(p) * sum(float(np.linalg.norm(term)) for term in terms)
    return float(total) if abs(total) > size * (1e-13 + 2 * _EPS / abs(value - 1)) else 0.0


@jax.jit
def _derivatives(field: Any, algorithm: Any) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The first three derivatives of one round at the equilibrium."""
    x = jnp.asarray(field.equilibrium, jnp.float64)
    field, algorithm = cast(field, x.dtype), ready(algorithm, x.dtype)
    state, unravel = ravel_pytree(algorithm.init(field, x))

    def step(flat: jax.Array) -> jax.Array:
        return ravel_pytree(algorithm.step(field, unravel(flat), 0))[0]

    first = jax.jacfwd(step)
    second = jax.jacfwd(first)
    return first(state), second(state), jax.jacfwd(second)(state)


def _critical_vector(A: np.ndarray, wanted: complex | None) -> tuple[complex, np.ndarray]:
    """The eigenvalue nearest to `wanted`, or the one on the unit circle with Im > 0, and its unit eigenvector."""
    values, vectors = np.linalg.eig(A.astype(complex))
    if wanted is None:
        distance = np.abs(np.abs(values) - 1) + np.where(values.imag > 1e-12, 0, 10)
    else:
        distance = np.abs(values - wanted)
    best = int(np.argmin(distance))
    return complex(values[best]), vectors[:, best] / np.linalg.norm(vectors[:, best])
