"""The first rate at which an equilibrium loses its stability: one system by scanning, many by polynomials."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from diracgan.atlas.rounds import EPS, RATES, Rounds

# How far beyond the field's own scales the rates reach.
_BELOW, _ABOVE = 1e-6, 1e4
_MANY, _BLOCK = 384, 256  # rates and systems of a scan of many
# Of the terms of a polynomial at its zero, whose rounding is then 1e-12: beyond, they cancel.
_CANCELLED = 4000.0

Values = Callable[[np.ndarray], np.ndarray]


def scales(slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rates to be scanned, from the derivative of M at 0, shape `(B, N, N)`: the lowest and the highest.

    Rounds of a linear field can change their character at 1/|μ| and at 2|Re μ|/|μ|².
    """
    values = np.linalg.eigvals(slopes)
    size = np.abs(values)
    moves = size > EPS * np.max(size, axis=1, keepdims=True)
    damped = moves & (np.abs(values.real) > EPS * size)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        both = np.concatenate([1 / size, 2 * np.abs(values.real) / size**2], axis=1)
    known = np.concatenate([moves, damped], axis=1)
    some = np.any(known, axis=1)
    low = np.where(some, np.min(np.where(known, both, np.inf), axis=1), 1)
    high = np.where(some, np.max(np.where(known, both, 0), axis=1), 1)
    return _BELOW * low, _ABOVE * high


def first_loss(rounds: Rounds) -> tuple[float, str]:
    """The critical rate of one system and how it loses its stability there (see `CriticalStep`)."""
    low, high = (float(end[0]) for end in scales(rounds.slope[None]))
    rates = np.geomspace(low, high, RATES)
    values, errors = _distances(rounds, rates)
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
    h = _lost_between(lambda inner: _distances(rounds, inner)[0], rates[first:], values[first:])
    return (math.inf, "always stable") if h is None else (h, str(kinds(rounds.departures(np.array([h]))[0])[0]))


def kinds(departures: np.ndarray) -> np.ndarray:
    """What the multiplier nearest to the unit circle is, from M - I, shape `(B, N, N)`."""
    multipliers = np.linalg.eigvals(departures) + 1
    nearest = np.argmin(np.abs(np.abs(multipliers) - 1), axis=1)
    critical = np.take_along_axis(multipliers, nearest[:, None], axis=1)[:, 0]
    real = np.where(critical.real < 0, "flip", "fold")
    return np.where(np.abs(critical.imag) > 1e-6, "neimark-sacker", real)


def _distances(rounds: Rounds, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Functions that are positive while all |λ| < 1, and their rounding errors, each `(rates, functions)`."""
    departures, known = rounds.departures(rates)
    lost = ~np.all(np.isfinite(departures), axis=(1, 2))
    departures[lost], known[lost] = 0, 0
    with np.errstate(over="ignore", invalid="ignore"):
        values, errors = (_jury if departures.shape[-1] == 2 else _moduli)(departures, known)
    # What overflows has an entry beyond 1e308 in M or in its determinant.
    values[lost] = -np.inf
    return np.where(np.isnan(values), -np.inf, values), errors


def _jury(departures: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 - det M, det(M + I) and det(M - I) from A = M - I: nothing cancels but the entries of A with each other."""
    (a, b, c, d), (of_a, of_b, of_c, of_d) = departures.reshape(-1, 4).T, known.reshape(-1, 4).T
    trace, det = a + d, a * d - b * c
    of_trace, of_det = of_a + of_d, of_a * abs(d) + of_d * abs(a) + of_b * abs(c) + of_c * abs(b)
    values = np.stack([-trace - det, 4 + 2 * trace + det, det], axis=1)
    errors = np.stack([of_trace + of_det, 4 + 2 * of_trace + of_det, of_det], axis=1)
    return values, 16 * EPS * errors


def _moduli(departures: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 - max|λ|, known to the condition of the eigenvectors (Bauer and Fike), of a defective λ to the root of eps."""
    values, vectors = np.linalg.eig(departures + np.eye(departures.shape[-1]))
    rounding = 16 * EPS * np.maximum(1, np.max(known, axis=(1, 2)))
    errors = np.minimum(rounding * np.linalg.cond(vectors), np.sqrt(rounding))
    return 1 - np.max(np.abs(values), axis=1)[:, None], errors[:, None]


def _dips(values: np.ndarray) -> np.ndarray:
    """Where a function of neighbouring rates, along the last axis, could reach below 0 without showing it."""
    before, after, middle = values[..., :-2], values[..., 2:], values[..., 1:-1]
    # A parabola through three points dips below the middle one by an eighth of its second difference at most.
    return (middle > 0) & (middle <= before) & (middle <= after) & (3 * middle < before + after)


def _lost_between(values_at: Values, rates: np.ndarray, values: np.ndarray) -> float | None:
    """The first rate at which one of the functions vanishes, all of them being positive at the first; None: none."""
    suspects = {int(i): int(i) + 2 for i in np.flatnonzero(np.any(_dips(values.T), axis=0))}
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
        inner = np.linspace(low, high, RATES)
        found = _lost_between(values_at, inner, values_at(inner))
        if found is not None:
            return found
    return None


def _zero(low: float, high: float, before: np.ndarray, after: np.ndarray) -> float:
    """The first zero of the straight lines between two neighbouring rates."""
    ends = after <= 0
    share = before[ends] / (before[ends] - after[ends])
    return float(low + (high - low) * np.min(share))


def first_losses(coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for many systems with two multipliers, from the coefficients of M(h), shape `(degree + 1, B, 2, 2)`.

    Rates, kinds, and whether rounding leaves no doubt, each of shape `(B,)`.
    """
    blocks = np.array_split(coefficients, math.ceil(coefficients.shape[1] / _BLOCK), axis=1)
    done = zip(*(_block(block) for block in blocks), strict=True)
    return tuple(np.concatenate(parts) for parts in done)  # type: ignore[return-value]


def _block(coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    away = coefficients.copy()
    away[0] -= np.eye(2)
    functions, sizes = _jury_of(away)
    # The first term that is not 0 says how each function begins.
    leading = np.take_along_axis(functions, np.argmax(functions != 0, axis=0)[None], axis=0)[0]
    slopes = away[1] if len(away) > 1 else np.zeros_like(away[0])
    low, high = scales(slopes)
    line = np.linspace(0, 1, _MANY)
    rates = np.exp(np.log(low)[:, None] * (1 - line) + np.log(high)[:, None] * line)
    lost, dips = np.zeros(rates.shape, bool), np.zeros((len(rates), _MANY - 2), bool)
    for function in np.moveaxis(functions, 2, 0):
        values = _evaluated(function, rates)
        lost |= ~(values > 0)
        dips |= _dips(values)
    ends, found = np.argmax(lost, axis=1), np.any(lost, axis=1)
    stable = np.all(leading > 0, axis=1) & ~lost[:, 0]
    h = np.where(stable, np.inf, 0.0)
    crossing = stable & found
    h[crossing] = _refined(functions[:, crossing], rates[crossing, ends[crossing] - 1], rates[crossing, ends[crossing]])
    before = np.any(dips & (np.arange(1, _MANY - 1) <= np.where(found, ends, _MANY)[:, None]), axis=1)
    for i in np.flatnonzero(stable & before):
        values_at = lambda given, i=i: np.stack([_evaluated(f[:, None], given[None])[0] for f in functions[:, i].T], 1)
        zero = _lost_between(values_at, rates[i], values_at(rates[i]))
        h[i] = math.inf if zero is None else zero
    unstable = np.any(leading < 0, axis=1) | (np.all(leading > 0, axis=1) & ~stable)
    words = np.where(stable, "always stable", np.where(unstable, "unstable from the start", "neutral"))
    crossing = stable & np.isfinite(h)
    at = np.where(crossing, h, 0) ** np.arange(len(away))[:, None]
    words = np.where(crossing, kinds(np.einsum("kbij,kb->bij", away, at)), words)
    terms = np.max(_evaluated(sizes.reshape(len(sizes), -1), np.repeat(np.where(crossing, h, 0), 3)[:, None]), axis=1)
    return h, words, np.all(terms.reshape(-1, 3) < _CANCELLED, axis=1)


def _jury_of(away: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The three functions of `_jury` as polynomials, and the sizes of what was added: `(degree + 1, B, 3)`.

    Coefficients that are 0 to rounding are 0: what cancels in every game cancels here.
    """
    a, b, c, d = (away[..., i, j] for i in (0, 1) for j in (0, 1))
    det, of_det = _times(a, d) - _times(b, c), _times(abs(a), abs(d)) + _times(abs(b), abs(c))
    trace, of_trace = np.zeros_like(det), np.zeros_like(det)
    trace[: len(a)], of_trace[: len(a)] = a + d, abs(a) + abs(d)
    functions = np.stack([-trace - det, 2 * trace + det, det], axis=-1)
    sizes = np.stack([of_trace + of_det, 2 * of_trace + of_det, of_det], axis=-1)
    functions[np.abs(functions) <= 16 * EPS * sizes] = 0
    functions[0, :, 1] += 4
    sizes[0, :, 1] += 4
    return functions, sizes


def _times(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product of polynomials, degrees along the first axis."""
    product = np.zeros((len(a) + len(b) - 1, *a.shape[1:]))
    for k, factor in enumerate(a):
        product[k : k + len(b)] += factor * b
    return product


def _evaluated(function: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Polynomials `(degree + 1, B)` at rates `(B, R)`, by Horner's rule; NaN is the difference of what overflowed."""
    total = np.zeros(rates.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for k, coefficient in enumerate(function[::-1]):
            if k and np.any(total):
                total *= rates
            if np.any(coefficient):
                total += coefficient[:, None]
    return total


def _refined(functions: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The first zeros between two rates, to the last digit: ever shorter lines of 33 rates."""
    line = np.linspace(0, 1, 33)
    rows = np.arange(len(low))
    for _ in range(12):
        rates = low[:, None] + (high - low)[:, None] * line
        lost = np.zeros(rates.shape, bool)
        for function in np.moveaxis(functions, 2, 0):
            lost |= ~(_evaluated(function, rates) > 0)
        lost[:, 0], lost[:, -1] = False, True
        first = np.argmax(lost, axis=1)
        low, high = rates[rows, first - 1], rates[rows, first]
    return (low + high) / 2
