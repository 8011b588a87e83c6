"""Certificates: balls from which convergence is proved, by a quadratic Lyapunov function and interval arithmetic."""

from __future__ import annotations

import dataclasses
import heapq
import math
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm, SimGD, as_algorithm
from diracgan.games.fields import VectorField, as_field
from diracgan.games.parameters import cast
from diracgan.tracing.intervals import Interval, image
from diracgan.tracing.polynomials import Polynomial, polynomials

# Levels between which the largest certified one is searched.
_LOWEST, _HIGHEST = 1e-9, 1e6


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A proof of convergence from a ball: V(x) = xᵀPx decreases strictly on {V <= level} ∖ {0}.

    `radius` is that of a ball inside {V <= level}; `inf` when every level is certified. `slopes` is an interval in
    which f'(θψ) was shown to lie on that set. For the flow with `radius` inf P is the identity, V does not increase,
    and LaSalle's principle completes the proof; `slopes` is then (-inf, inf), of which nothing was needed.
    """

    radius: float
    level: float
    P: np.ndarray
    slopes: tuple[float, float]


def certificate(method: VectorField, algorithm: Algorithm | None = None) -> Certificate:
    """A radius inside which convergence is proved, for the flow (`algorithm` None) or for `SimGD`.

    For a zero-sum game of a link with quadratic penalties the field is v(x) = A(q)x with

        A(q) = [[α, -q], [q, δ]],   q = f'(θψ),   α and δ constant (R1: α = 0, δ = -γ)

    **SimGD.** With P = [[1, -β], [-β, 1]] the product θψ lies between -c/(2(1 + β)) and c/(2(1 - β)) on {xᵀPx <= c}. V
    changes in one step by h xᵀ(AᵀP + PA + hAᵀPA)x, which is convex in q: when the matrix is negative definite at both
    ends of an interval that contains f' on that range, V decreases by a fixed share in every step. β and c are searched
    in floats; the result is checked, and c made smaller where needed, in interval arithmetic.

    **Flow.** V = |x|² changes by 2(αθ² + δψ²) whatever f' is. For α, δ <= 0, not both 0, it does not increase, and
    θ = 0 or ψ = 0 holds for ever only at 0 if f'(0) ≠ 0: every start converges. Otherwise as for SimGD, with h = 0.

    What is proved: convergence of exact (not rounded) arithmetic from every start in the ball. That the field has this
    form is shown by exact algebra on the traced program, the range of f' by interval arithmetic, both of the function
    that the program denotes over the real numbers; hyper-parameters are taken at their float values. Assumed are the
    accuracy of `math` (see `intervals`) and, for the flow, that f' is bounded on bounded sets; where it jumps,
    solutions are those of Filippov.

    Raises `ValueError` when the field is not of this form, f' has no enclosure, or no β certifies any ball.

    >>> round(dg.certificate(dg.method("r1", gamma=0.5), dg.SimGD(0.5)).radius, 3) >= 2.095
    True
    """
    method, algorithm = as_field(method), as_algorithm(algorithm, flow=True)
    if algorithm is not None and (type(algorithm) is not SimGD or algorithm.rate is None):
        raise ValueError(f"a certificate is known for the flow and for SimGD with one rate; {algorithm!r} was given")
    step = 0.0 if algorithm is None else float(algorithm.rate)
    with jax.enable_x64(True):
        form = _Form(method)
        try:
            found = _everywhere(form) if algorithm is None else None
            found = found or _largest(form, step)
        except NotImplementedError as problem:
            raise ValueError(f"a certificate needs an enclosure of f'; {method!r} has none: {problem}") from None
    if found is None:
        raise ValueError(f"no quadratic Lyapunov function of this form certifies a ball for {method!r}, {algorithm!r}")
    return found


class _Form:
    """A field v(x) = A(q)x, shown to be one: the constants α and δ, and f' for floats and for intervals."""

    def __init__(self, method: VectorField) -> None:
        self.alpha, self.delta = _constants(method)
        field, alpha = cast(method, np.float64), float(self.alpha)

        def slope(u: jax.Array) -> jax.Array:
            # v_θ = αθ - ψ f'(θψ) at ψ = 1.
            along = -field.velocity(jnp.stack([u, jnp.ones_like(u)]))[0]
            return along + alpha * u if alpha else along

        self.slope = jax.jit(jax.vmap(slope))
        self._program = jax.make_jaxpr(slope)(jnp.zeros(()))
        # Where f' is not monotone its extremes lie inside: what it reaches between 0 and each of these products.
        self._products = np.geomspace(1e-6, 10 * _HIGHEST, 1000)

    def image(self, low: float, high: float) -> Interval:
        """An interval that contains f' between two products."""
        box = np.empty((), object)
        box[()] = Interval(low, high)
        return image(self._program, box)[0].item()

    def range(self, low: float, high: float) -> Interval:
        """The same, as narrow as halving the interval where an extreme can be makes it."""
        return Interval(-self._highest(low, high, -1), self._highest(low, high, 1))

    def _highest(self, low: float, high: float, sign: int) -> float:
        def bound(a: float, b: float) -> float:
            part = self.image(a, b)
            return part.high if sign > 0 else -part.low

        def reached(at: float) -> float:
            part = self.image(at, at)
            return part.low if sign > 0 else -part.high

        pieces = [(-bound(low, high), low, high)]
        best = max((reached(end) for end in (low, high) if math.isfinite(end)), default=-math.inf)
        for _ in range(400):
            top, a, b = pieces[0]
            if -top - best <= 1e-11 * max(1.0, abs(best)):
                break
            middle = _between(a, b)
            if not a < middle < b:
                break
            best = max(best, reached(middle))
            heapq.heapreplace(pieces, (-bound(a, middle), a, middle))
            heapq.heappush(pieces, (-bound(middle, b), middle, b))
        return -pieces[0][0]

    def reach(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The least and the largest f' between products low < 0 < high, in floats and for a search only."""
        ends = np.asarray(self.slope(jnp.concatenate([jnp.asarray(low), jnp.asarray(high)]))).reshape(2, -1)
        least, most = ends.min(axis=0), ends.max(axis=0)
        for side, limit in ((-1, -low), (1, high)):
            inner = np.asarray(self.slope(jnp.asarray(side * self._products)))
            place = np.searchsorted(self._products, limit)
            least = np.minimum(least, np.append(np.inf, np.minimum.accumulate(inner))[place])
            most = np.maximum(most, np.append(-np.inf, np.maximum.accumulate(inner))[place])
        return least, most


def _between(low: float, high: float) -> float:
    """A number between two ends, which may be infinite."""
    if math.isinf(low) and math.isinf(high):
        return 0.0
    if math.isinf(high):
        return max(2 * low, 1.0)
    if math.isinf(low):
        return min(2 * high, -1.0)
    return low / 2 + high / 2


def _constants(method: VectorField) -> tuple[Fraction, Fraction]:
    """α and δ of a field v = (αθ - ψf'(θψ), θf'(θψ) + δψ), shown on the traced program; `ValueError` for another."""
    refusal = f"a certificate needs a zero-sum game with a quadratic penalty; {method!r} is none"
    if method.dimension != 2 or method.domain.bound is not None:
        raise ValueError(refusal)
    try:
        along, across = (
            part.graded() for part in polynomials(jax.make_jaxpr(cast(method, np.float64).velocity)(np.zeros(2)))
        )
    except NotImplementedError as problem:
        raise ValueError(f"{refusal}: {problem}") from None
    theta, psi = (Polynomial.of({frozenset({(entry, 1)}): Fraction(1)}) for entry in (0, 1))
    zero = Polynomial.of({})
    # v_θ = αθ + ψ(-f'), v_ψ = θf' + δψ: the parts with ψ and with θ are the same f' up to the sign.
    same = along.get(-1, zero) * theta + across.get(1, zero) * psi == zero
    alpha, delta = (_factor(part, entry) for part, entry in ((along.get(1, zero), 0), (across.get(-1, zero), 1)))
    if not same or alpha is None or delta is None or (set(along) | set(across)) - {1, -1}:
        raise ValueError(refusal)
    return alpha, delta


def _factor(part: Polynomial, entry: int) -> Fraction | None:
    """c when the polynomial is c times an entry of the state."""
    terms = dict(part.terms)
    factor = terms.pop(frozenset({(entry, 1)}), Fraction(0))
    return None if terms else factor


def _everywhere(form: _Form) -> Certificate | None:
    """The certificate of a flow whose every start converges; None where this argument does not apply."""
    damped = form.alpha <= 0 and form.delta <= 0 and form.alpha + form.delta < 0
    if not damped or form.image(-1e-6, 1e-6).reaches_zero:
        return None
    # f' is defined wherever it has an image.
    for low, high in ((-math.inf, -1.0), (-1.0, 1.0), (1.0, math.inf)):
        form.image(low, high)
    return Certificate(math.inf, math.inf, np.eye(2), (-math.inf, math.inf))


def _largest(form: _Form, step: float) -> Certificate | None:
    # Where the extreme of f' at a given level decides, and not the level, only a search with some slack can be checked.
    for slack in (0.0, 1e-3, 1e-2):
        found = _searched(form, step, slack)
        if found is not None:
            return found
    return None


def _searched(form: _Form, step: float, slack: float) -> Certificate | None:
    betas = np.linspace(0.01, 0.99, 99)
    for _ in range(4):
        levels = _levels(form, betas, step, slack)
        sizes = levels / (1 + betas)
        best = int(np.argmax(sizes))
        beta, level = float(betas[best]), float(levels[best])
        width = (betas[-1] - betas[0]) / (len(betas) - 1)
        betas = np.linspace(max(beta - width, 1e-6), min(beta + width, 0.999), 41)
    if not level > 0:
        return None
    candidates = [math.inf] if level >= _HIGHEST else []
    candidates += [level * (1 - 1e-9 * 4.0**k) for k in range(15)]
    for level in candidates:
        slopes = _proved(form, beta, level, step)
        if slopes is not None:
            radius = math.inf if math.isinf(level) else math.sqrt(level / (1 + beta)) * (1 - 1e-15)
            return Certificate(radius, level, np.array([[1, -beta], [-beta, 1]]), (slopes.low, slopes.high))
    return None


def _levels(form: _Form, betas: np.ndarray, step: float, slack: float) -> np.ndarray:
    """For each β the largest level that holds in floats, 0 where none does."""
    low, high = np.full(betas.shape, math.log(_LOWEST)), np.full(betas.shape, math.log(_HIGHEST))
    none, every = ~_holds(form, betas, np.exp(low), step, slack), _holds(form, betas, np.exp(high), step, slack)
    for _ in range(60):
        middle = (low + high) / 2
        holds = _holds(form, betas, np.exp(middle), step, slack)
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return np.where(none, 0, np.where(every, _HIGHEST, np.exp(low)))


def _holds(form: _Form, betas: np.ndarray, levels: np.ndarray, step: float, slack: float) -> np.ndarray:
    fine = np.ones(betas.shape, bool)
    least, most = form.reach(-levels / (2 * (1 + betas)), levels / (2 * (1 - betas)))
    wider = slack * (most - least)
    for q in (least - wider, most + wider):
        one, alpha, delta = np.ones_like(q), float(form.alpha), float(form.delta)
        with np.errstate(invalid="ignore", over="ignore"):
            change = _change(_stacked(alpha * one, -q, q, delta * one), _stacked(one, -betas, -betas, one), step)
            (a, b), (_, d) = np.moveaxis(change, 0, -1)
            fine &= (a < 0) & (d < 0) & (a * d - b * b > 0)
    return fine


def _stacked(a: Any, b: Any, c: Any, d: Any) -> np.ndarray:
    return np.stack([np.stack([a, b], -1), np.stack([c, d], -1)], -2)


def _change(A: np.ndarray, P: np.ndarray, step: Any) -> np.ndarray:
    """AᵀP + PA + hAᵀPA, of floats or of intervals: the change of xᵀPx in one step over h, the derivative for h = 0."""
    transposed = np.swapaxes(A, -1, -2)
    return transposed @ P + P @ A + (transposed @ P @ A) * step


def _proved(form: _Form, beta: float, level: float, step: float) -> Interval | None:
    """The range of f' on {xᵀPx <= level} when V is shown to decrease there, in interval arithmetic; else None."""
    one, two = (Interval(value, value) for value in (1.0, 2.0))
    b, c, h = (Interval(value, value) for value in (beta, min(level, 1.0), step))
    if math.isinf(level):
        slopes = form.range(-math.inf, math.inf)
    else:
        c = Interval(level, level)
        slopes = form.range((-c / (two * (one + b))).low, (c / (two * (one - b))).high)
    if not (math.isfinite(slopes.low) and math.isfinite(slopes.high)):
        return None
    alpha, delta = (_enclosed(value) for value in (form.alpha, form.delta))
    P = np.array([[one, -b], [-b, one]], object)
    for end in (slopes.low, slopes.high):
        q = Interval(end, end)
        (first, mixed), (_, last) = _change(np.array([[alpha, -q], [q, delta]], object), P, h)
        if not (first.high < 0 and last.high < 0 and (first * last - mixed * mixed).low > 0):
            return None
    return slopes


def _enclosed(value: Fraction) -> Interval:
    nearest = float(value)
    if Fraction(nearest) == value:
        return Interval(nearest, nearest)
    return Interval(math.nextafter(nearest, -math.inf), math.nextafter(nearest, math.inf))
