"""What matrices decide about the stability of what they linearise: verdicts on many at once, in words."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from diracgan.displays.tables import facts, number

_EPS = float(np.finfo(np.float64).eps)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The local behaviour at a point.

    `kind` is "stable", "neutral", "unstable", "not an equilibrium" or "not differentiable"; `number` the largest real
    part of an eigenvalue (flow) or modulus of a multiplier (algorithm), NaN where there is none; `condition` the
    inequality the kind rests on, with its numbers; `half_life` the time or rounds in which the distance halves
    (`inf` when it does not).
    """

    kind: str
    number: float
    condition: str
    reason: str
    half_life: float

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason} [{self.condition}]"

    def _repr_html_(self) -> str:
        lasting = "never" if math.isinf(self.half_life) else number(self.half_life)
        return facts(self.kind, [("", self.reason), ("because", self.condition), ("halved after", lasting)])


def _invariants(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trace, determinant and discriminant ((a - d)/2)² + bc of 2×2 matrices, `(B, 2, 2)`."""
    (a, b), (c, d) = np.moveaxis(matrices, 0, -1)
    # Beyond 1e154 products overflow: infinite is what they are for a verdict, and inf - inf is no complex pair.
    with np.errstate(over="ignore", invalid="ignore"):
        trace, det, discriminant = a + d, a * d - b * c, ((a - d) / 2) ** 2 + b * c
    return trace, det, np.nan_to_num(discriminant, nan=np.inf, posinf=np.inf, neginf=-np.inf)


def _uncertain(matrices: np.ndarray, of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """How far rounding moves the largest `of(eigenvalue)`: eps/|y*x| with unit eigenvectors, at most about √eps."""
    values, right = np.linalg.eig(matrices)
    try:
        left = np.linalg.inv(right)
    except np.linalg.LinAlgError:
        # Of one of them, eigenvectors are parallel to the last digit.
        if len(matrices) > 1:
            return np.concatenate([_uncertain(matrix[None], of) for matrix in matrices])
        left = np.full_like(right, np.inf)
    size = np.maximum(1.0, np.linalg.norm(matrices, 2, axis=(1, 2)))[:, None]
    # Where eigenvectors are nearly parallel the square of an entry may overflow: then no overlap is left.
    with np.errstate(over="ignore"):
        overlap = 1 / (np.linalg.norm(left, axis=2) * np.linalg.norm(right, axis=1))
    moved = np.minimum(32 * _EPS * size / np.maximum(overlap, _EPS), math.sqrt(32 * _EPS) * size)
    sizes = of(values)
    leading = sizes >= np.max(sizes, axis=1, keepdims=True) - moved
    return np.max(np.where(leading, moved, 0), axis=1)


def of_flows(J: np.ndarray) -> list[Verdict]:
    """What Jacobians `(B, N, N)` decide."""
    if J.shape[1:] == (2, 2):
        number, margin, numbers = _two_of_flows(J)
        tolerance, wanted = np.ones(len(J)), "tr J < 0 < det J"
    else:
        number = np.max(np.linalg.eigvals(J).real, axis=-1)
        margin, tolerance = -number, _uncertain(J, np.real)
        numbers, wanted = [f"max Re μ = {one:.6g}" for one in number.tolist()], "max Re μ < 0"
    # math.log(2) / -μ is the time in which exp(μt) halves.
    return _worded(number, margin, tolerance, wanted, numbers, 0.0, lambda number: math.log(2) / -number)


def _two_of_flows(J: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The largest real parts, the margins in units of their rounding, and the numbers in words; `(B, 2, 2)`."""
    trace, det, discriminant = _invariants(J)
    root, tiny = np.sqrt(np.maximum(discriminant, 0.0)), np.finfo(float).tiny
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # The smaller of two real roots by their product: nothing cancels.
        number = np.where((trace < 0) & (root > 0), det / (trace / 2 - root), trace / 2 + root)
        # An entry is known to its own rounding, or to that of terms of size 1 that cancelled in it.
        largest = np.abs(J).max(axis=(1, 2), keepdims=True)
        error = 32 * _EPS * np.maximum(np.abs(J), np.minimum(1.0, largest) + tiny)
        of_det = np.sum(error * np.abs(J[:, ::-1, ::-1]), axis=(1, 2))
        margin = np.minimum(-trace / (error[:, 0, 0] + error[:, 1, 1]), det / (of_det + tiny))
    pairs = zip(trace.tolist(), det.tolist(), strict=True)
    return number, margin, [f"tr J = {t:.6g}, det J = {d:.6g}" for t, d in pairs]


def of_maps(M: np.ndarray) -> list[Verdict]:
    """What the matrices of one round, `(B, N, N)`, decide about an equilibrium."""
    if not np.all(np.isfinite(M)):
        raise ValueError(
            "one round multiplies small deviations by more than the largest float, 1.8e308, so that its multipliers "
            "cannot be computed: take a smaller learning rate or fewer updates in a round"
        )
    if M.shape[1:] == (2, 2):
        number, margin, numbers = _two_of_maps(M)
        tolerance, wanted = np.full(len(M), 32 * _EPS), "|tr M| < 1 + det M < 2"
    else:
        number = np.max(np.abs(np.linalg.eigvals(M)), axis=-1)
        margin, tolerance = 1 - number, _uncertain(M, np.abs)
        numbers, wanted = [f"max |λ| = {_apart(one, 1.0)[0]}" for one in number.tolist()], "max |λ| < 1"
    halved = lambda number: math.log(2) / -math.log(number) if number > 0 else 0.0
    return _worded(number, margin, tolerance, wanted, numbers, 1.0, halved)


def _two_of_maps(M: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The largest moduli, Jury's margins, and the numbers in words; `(B, 2, 2)`."""
    trace, det, discriminant = _invariants(M)
    with np.errstate(invalid="ignore", over="ignore"):
        # Of a complex pair the second condition holds anyway, by as little as h².
        margin = np.where(discriminant < -32 * _EPS, 1 - det, np.minimum(1 - det, 1 + det - np.abs(trace)))
        real = np.abs(trace) / 2 + np.sqrt(np.maximum(discriminant, 0.0))
        number = np.where(discriminant < 0, np.sqrt(np.maximum(det, 0.0)), real)
    beyond = ~np.isfinite(discriminant)
    number[beyond] = np.max(np.abs(np.linalg.eigvals(M[beyond])), axis=-1)
    pairs = zip(np.abs(trace).tolist(), (1 + det).tolist(), strict=True)
    apart = [_apart(size, area, 2.0) for size, area in pairs]
    return number, margin, [f"|tr M| = {size}, 1 + det M = {area}" for size, area, _ in apart]


def _worded(
    number: np.ndarray,
    margin: np.ndarray,
    tolerance: np.ndarray,
    wanted: str,
    numbers: list[str],
    neutral: float,
    halved: Callable[[float], float],
) -> list[Verdict]:
    """The verdicts; `neutral` is the number on the boundary, `halved` the half-life of a stable one."""
    made = []
    rows = zip(number.tolist(), margin.tolist(), tolerance.tolist(), numbers, strict=True)
    for one, inside, rounding, text in rows:
        kind = "stable" if inside > rounding else "unstable" if inside < -rounding else "neutral"
        half_life = halved(one) if kind == "stable" else math.inf
        size = neutral if kind == "neutral" else one
        made.append(Verdict(kind, size, f"{wanted} {_SAID[kind]}: {text}", _REASONS[kind], half_life))
    return made


def _apart(*numbers: float) -> list[str]:
    """The numbers with the fewest digits, six at least, that show which of them differ."""
    for digits in (6, 9, 12, 17):
        texts = [f"{number:.{digits}g}" for number in numbers]
        if len(set(texts)) == len(set(numbers)):
            break
    return texts


_SAID = {"stable": "holds", "unstable": "fails", "neutral": "holds only with equality"}
_REASONS = {
    "stable": "every small deviation decays",
    "unstable": "some small deviation grows",
    "neutral": "the spectrum lies on the boundary: linearisation cannot decide",
}
