"""Certificates: balls from which convergence is proved, by a quadratic Lyapunov function and interval arithmetic."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from diracgan.algorithms import Algorithm, AltGD, SimGD, as_algorithm
from diracgan.displays.tables import facts, number
from diracgan.games.fields import VectorField, as_field
from diracgan.proofs import alternated
from diracgan.proofs.slopes import LENGTH, Slopes, enclosed
from diracgan.tracing.intervals import Interval

# Levels between which the largest certified one is searched.
_LOWEST, _HIGHEST = 1e-9, 1e6
# Where f' is not monotone its extremes lie inside: what it reaches between 0 and each of these products.
_PRODUCTS = np.append(0, np.geomspace(1e-6, 10 * _HIGHEST, 1000))


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

    def _repr_html_(self) -> str:
        if self.radius == np.inf:
            return facts("every start converges", [("by V(x) =", "xᵀPx, at every level")])
        rows = [("from every start within", number(self.radius)), ("where V(x) = xᵀPx is at most", number(self.level))]
        return facts("proved to converge", rows)


def certificate(method: VectorField, algorithm: Algorithm | None = None) -> Certificate:
    """A radius inside which convergence is proved, for the flow (`algorithm` None), for `SimGD` or for `AltGD`.

    For a zero-sum game of a link with quadratic penalties the field is v(x) = A(q)x with

        A(q) = [[α, -q], [q, δ]],   q = f'(θψ),   α and δ constant (R1: α = 0, δ = -γ)

    **SimGD.** With P = [[1, -β], [-β, 1]] the product θψ lies between -c/(2(1 + β)) and c/(2(1 - β)) on {xᵀPx <= c}. V
    changes in one step by h xᵀ(AᵀP + PA + hAᵀPA)x, which is convex in q: when the matrix is negative definite at both
    ends of an interval that contains f' on that range, V decreases by a fixed share in every step. β and c are searched
    in floats; the result is checked, and c made smaller where needed, in interval arithmetic.

    **AltGD.** The second player sees f' at another product, and the change is convex in each of both slopes: it is
    checked at the four pairs of ends of an interval that contains both (`alternated`).

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
    alternates = type(algorithm) is AltGD and algorithm.n_g == algorithm.n_d == 1
    if algorithm is not None and (not (alternates or type(algorithm) is SimGD) or algorithm.rate is None):
        told = "a certificate is known for the flow, and for SimGD and AltGD with one rate and one update each"
        raise ValueError(f"{told}; {algorithm!r} was given")
    step = 0.0 if algorithm is None else float(algorithm.rate)
    form = Slopes(method)
    try:
        found = _everywhere(form) if algorithm is None else None
        found = found or (_alternating(form, step) if alternates else _largest(form, step))
    except NotImplementedError as problem:
        raise ValueError(f"a certificate needs an enclosure of f'; {method!r} has none: {problem}") from None
    if found is None:
        raise ValueError(f"no quadratic Lyapunov function of this form certifies a ball for {method!r}, {algorithm!r}")
    return found


def _everywhere(form: Slopes) -> Certificate | None:
    """The certificate of a flow whose every start converges; None where this argument does not apply."""
    damped = form.alpha <= 0 and form.delta <= 0 and form.alpha + form.delta < 0
    if not damped or form.image(-1e-6, 1e-6).reaches_zero:
        return None
    # f' is defined wherever it has an image.
    for low, high in ((-math.inf, -1.0), (-1.0, 1.0), (1.0, math.inf)):
        form.image(low, high)
    return Certificate(math.inf, math.inf, np.eye(2), (-math.inf, math.inf))


def _largest(form: Slopes, step: float) -> Certificate | None:
    # Where the extreme of f' at a given level decides, and not the level, only a search with some slack can be checked.
    for slack in (0.0, 1e-3, 1e-2):
        found = _searched(form, step, slack)
        if found is not None:
            return found
    return None


def _searched(form: Slopes, step: float, slack: float) -> Certificate | None:
    betas = np.linspace(0.01, 0.99, 99)
    inner = _table(form)
    for _ in range(4):
        levels = _levels(form, inner, betas, step, slack)
        sizes = levels / (1 + betas)
        best = int(np.argmax(sizes))
        beta, level = float(betas[best]), float(levels[best])
        width = (betas[-1] - betas[0]) / (len(betas) - 1)
        betas = np.linspace(max(beta - width, 1e-6), min(beta + width, 0.999), 41)
    return _checked(functools.partial(_proved, form), beta, level, step)


def _alternating(form: Slopes, step: float) -> Certificate | None:
    betas = np.linspace(0.01, 0.99, 99)
    beta, level = alternated.searched(form, step, betas)
    beta, level = alternated.searched(form, step, np.linspace(max(beta - 0.01, 1e-6), min(beta + 0.01, 0.999), 41))
    return _checked(functools.partial(alternated.proved, form), beta, level, step, 1e-4)


def _checked(
    proved: Callable[[float, float, float], Interval | None],
    beta: float,
    level: float,
    step: float,
    finest: float = 1e-9,
) -> Certificate | None:
    """The certificate of the largest level, at most the one that was found in floats, for which the proof holds."""
    if not level > 0:
        return None
    candidates = [math.inf] if level >= _HIGHEST else []
    candidates += [level * (1 - finest * 4.0**k) for k in range(15) if finest * 4.0**k < 0.5]
    for level in candidates:
        slopes = proved(beta, level, step)
        if slopes is not None:
            radius = math.inf if math.isinf(level) else math.sqrt(level / (1 + beta)) * (1 - 1e-15)
            return Certificate(radius, level, np.array([[1, -beta], [-beta, 1]]), (slopes.low, slopes.high))
    return None


def _table(form: Slopes) -> np.ndarray:
    """f' at ∓`_PRODUCTS`, shape `(2, products)`, in floats: for the search, as what follows."""
    return form(np.concatenate([-_PRODUCTS, _PRODUCTS])).reshape(2, -1)


def _levels(form: Slopes, inner: np.ndarray, betas: np.ndarray, step: float, slack: float) -> np.ndarray:
    """For each β the largest level that holds, 0 where none does."""
    ends = _admissible(form, inner[0, 0], betas, step)
    # A little inside, where the extreme of f' at a given level must not decide.
    width = np.where(np.all(np.isfinite(ends), axis=0), ends[1] - ends[0], 0)
    low, high = ends[0] + slack * width, ends[1] - slack * width
    reached = _reached(form, inner, low, high)
    levels = np.minimum(reached[0] * 2 * (1 + betas), reached[1] * 2 * (1 - betas))
    return np.where(levels < _LOWEST, 0, np.minimum(levels, _HIGHEST))


def _admissible(form: Slopes, centre: float, betas: np.ndarray, step: float) -> np.ndarray:
    """The ends of the interval of q around f'(0) in which V decreases, shape `(2, betas)`; empty where there is none.

    The matrix of the change is convex and quadratic in q, so that its determinant is a polynomial of degree 4: it is
    negative definite at f'(0), and as far as the nearest roots.
    """
    unit = abs(centre) or 1.0
    one = np.ones_like(betas)
    before, here, after = (
        _change(
            _stacked(float(form.alpha) * one, -q * one, q * one, float(form.delta) * one),
            _stacked(one, -betas, -betas, one),
            step,
        )
        for q in (centre - unit, centre, centre + unit)
    )
    (a, b), (_, d) = np.moveaxis(np.stack([here, (after - before) / 2, (after + before) / 2 - here]), (2, 3), (0, 1))
    terms = np.stack([sum(a[i] * d[k - i] - b[i] * b[k - i] for i in range(3) if 0 <= k - i < 3) for k in range(5)])
    fine = (a[0] < 0) & (d[0] < 0) & (terms[0] > 0)
    # The roots' reciprocals, as the leading terms can be 0.
    companion = np.zeros((len(betas), 4, 4))
    companion[:, 0] = np.where(fine, -terms[1:] / np.where(fine, terms[0], 1), 0).T
    companion[:, range(1, 4), range(3)] = 1
    roots = np.linalg.eigvals(companion)
    real = np.where(np.abs(roots.imag) <= 1e-9 * np.abs(roots), roots.real, 0)
    with np.errstate(divide="ignore"):
        below, above = 1 / np.minimum(real.min(axis=1), -0.0), 1 / np.maximum(real.max(axis=1), 0.0)
    return np.where(fine, centre + unit * np.stack([below, above]), np.array([[np.inf], [-np.inf]]))


def _reached(form: Slopes, inner: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far from 0, on either side, f' stays between two bounds for each β, shape `(2, betas)`."""
    outside = (inner[:, None] < low[:, None]) | (inner[:, None] > high[:, None])
    first, leaves = np.argmax(outside, axis=2), np.any(outside, axis=2)
    near, far = _PRODUCTS[np.maximum(first - 1, 0)], _PRODUCTS[first]
    points = LENGTH // near.size
    for _ in range(3):
        line = near[..., None] + (far - near)[..., None] * np.linspace(0, 1, points)
        slope = form((np.array([-1, 1])[:, None, None] * line).ravel()).reshape(line.shape)
        beyond = np.maximum(low[:, None] - slope, slope - high[:, None])
        # The ends are known: inside and outside.
        first = np.maximum(np.argmax(beyond[..., :-1] > 0, axis=2), 1)
        first = np.where(np.any(beyond[..., 1:-1] > 0, axis=2), first, points - 1)
        near, far, inside, past = (
            np.take_along_axis(part, index[..., None], axis=2)[..., 0]
            for part, index in ((line, first - 1), (line, first), (beyond, first - 1), (beyond, first))
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(np.nan_to_num(inside / (inside - past)), 0, 1)
    return np.where(leaves, near + (far - near) * share, np.inf)


def _stacked(a: Any, b: Any, c: Any, d: Any) -> np.ndarray:
    return np.stack([np.stack([a, b], -1), np.stack([c, d], -1)], -2)


def _change(A: np.ndarray, P: np.ndarray, step: Any) -> np.ndarray:
    """AᵀP + PA + hAᵀPA, of floats or of intervals: the change of xᵀPx in one step over h, the derivative for h = 0."""
    transposed = np.swapaxes(A, -1, -2)
    return transposed @ P + P @ A + (transposed @ P @ A) * step


def _proved(form: Slopes, beta: float, level: float, step: float) -> Interval | None:
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
    alpha, delta = (enclosed(value) for value in (form.alpha, form.delta))
    P = np.array([[one, -b], [-b, one]], object)
    for end in (slopes.low, slopes.high):
        q = Interval(end, end)
        (first, mixed), (_, last) = _change(np.array([[alpha, -q], [q, delta]], object), P, h)
        if not (first.high < 0 and last.high < 0 and (first * last - mixed * mixed).low > 0):
            return None
    return slopes
