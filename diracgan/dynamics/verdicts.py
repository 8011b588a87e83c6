"""What linearisation says about a method at a point, in words and with its numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.displays.tables import facts, number
from diracgan.dynamics.linearisation import Linearised, linearised
from diracgan.dynamics.spectrum import ROUND
from diracgan.dynamics.system import Flow, System, system
from diracgan.games.fields import FieldLike
from diracgan.games.states import as_float64

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


def verdict(
    field: FieldLike, algorithm: Algorithm | None = None, at: ArrayLike | None = None, step: int | None = None
) -> Any:
    """What the linearisation decides at an equilibrium, for the flow (`algorithm` None) or for an algorithm.

    A 2×2 spectrum is judged by trace and determinant (Routh-Hurwitz for the flow, Jury for a map), which stay
    well-conditioned at double eigenvalues; larger states by the moduli themselves. A spectrum on the boundary to
    rounding is "neutral": linearisation cannot decide. Verdicts are computed in float64, whatever type JAX defaults to.

    Returns a `Verdict`, or a list of them when hyper-parameters are arrays of shape `(B,)`.

    >>> print(dg.verdict(dg.method("gan"), dg.SimGD(h=0.2)).kind)
    unstable
    >>> print(dg.verdict(dg.method("gan")).kind)
    neutral
    """
    chosen = system(field, algorithm, batch=True)
    point = None if at is None else as_float64(at, chosen.field.dimension, "at")
    step = ROUND.optional(step)
    if chosen.field.changing:
        chosen.check_linear(step)
    found = judge(chosen, linearised(chosen, point, 0 if step is None else step), step)
    return found if chosen.batched else found[0]


def judge(system: System, found: Linearised, step: int | None = None) -> list[Verdict]:
    """The verdicts on what `linearised` found of each system of a batch."""
    rows = zip(found.at, found.matrix, found.speed, found.kink, strict=True)
    return [_judged(system, step, *row) for row in rows]


def _judged(system: System, step: int | None, x: np.ndarray, matrix: np.ndarray, speed: float, kink: float) -> Verdict:
    where = "(" + ", ".join(f"{value:g}" for value in x) + ")"
    scale = max(1.0, float(np.max(np.abs(x))))
    if kink <= 8 * _EPS * scale:
        return Verdict(
            "not differentiable",
            math.nan,
            "a kink passes through the point",
            f"the field is not differentiable at {where}: there is no Jacobian, and no linearisation decides",
            math.inf,
        )
    if not speed <= 64 * _EPS * scale:
        return Verdict(
            "not an equilibrium",
            math.nan,
            f"|v| = {speed:.3g} > 0",
            f"the field does not vanish at {where}",
            math.inf,
        )
    system.check_linear(step)
    return _of_flow(matrix) if isinstance(system, Flow) else of_map(matrix)


def _invariants(matrix: np.ndarray) -> tuple[float, float, float]:
    """Trace, determinant and discriminant ((a - d)/2)² + bc of a 2×2 matrix."""
    (a, b), (c, d) = matrix
    # Beyond 1e154 products overflow: infinite is what they are for a verdict, and inf - inf is no complex pair.
    with np.errstate(over="ignore", invalid="ignore"):
        trace, det, discriminant = a + d, a * d - b * c, ((a - d) / 2) ** 2 + b * c
    return float(trace), float(det), float(np.nan_to_num(discriminant, nan=np.inf, posinf=np.inf, neginf=-np.inf))


def _uncertain(matrix: np.ndarray, of: Callable[[np.ndarray], np.ndarray]) -> float:
    """How far rounding moves the largest `of(eigenvalue)`: eps/|y*x| with unit eigenvectors, at most about √eps."""
    from scipy.linalg import eig

    values, left, right = eig(matrix, left=True)
    size = max(1.0, float(np.linalg.norm(matrix, 2)))
    overlap = np.abs(np.sum(np.conj(left) * right, axis=0))
    moved = np.minimum(32 * _EPS * size / np.maximum(overlap, _EPS), math.sqrt(32 * _EPS) * size)
    return float(np.max(moved[of(values) >= np.max(of(values)) - moved]))


def _of_flow(J: np.ndarray) -> Verdict:
    number = float(np.max(np.linalg.eigvals(J).real))
    tolerance = 1.0
    if J.shape == (2, 2):
        trace, det, discriminant = _invariants(J)
        root = math.sqrt(max(discriminant, 0.0))
        # The smaller of two real roots by their product: nothing cancels.
        number = det / (trace / 2 - root) if trace < 0 < root else trace / 2 + root
        # An entry is known to its own rounding, or to that of terms of size 1 that cancelled in it.
        error = 32 * _EPS * np.maximum(np.abs(J), min(1.0, float(np.abs(J).max())) + np.finfo(float).tiny)
        of_trace = error[0, 0] + error[1, 1]
        of_det = float(np.sum(error * np.abs(J[::-1, ::-1])))
        margin = min(-trace / of_trace, det / (of_det + np.finfo(float).tiny))
        numbers = f"tr J = {trace:.6g}, det J = {det:.6g}"
        wanted = "tr J < 0 < det J"
    else:
        margin, tolerance = -number, _uncertain(J, np.real)
        numbers, wanted = f"max Re μ = {number:.6g}", "max Re μ < 0"
    kind = _kind(margin, tolerance)
    half_life = math.log(2) / -number if kind == "stable" else math.inf
    number = 0.0 if kind == "neutral" else number
    return Verdict(kind, number, _condition(kind, wanted, numbers), _REASONS[kind], half_life)


def of_map(M: np.ndarray) -> Verdict:
    """What the matrix of one round decides about an equilibrium."""
    if not np.all(np.isfinite(M)):
        raise ValueError(
            "one round multiplies small deviations by more than the largest float, 1.8e308, so that its multipliers "
            "cannot be computed: take a smaller learning rate or fewer updates in a round"
        )
    number = float(np.max(np.abs(np.linalg.eigvals(M))))
    if M.shape == (2, 2):
        trace, det, discriminant = _invariants(M)
        tolerance = 32 * _EPS
        # Of a complex pair the second condition holds anyway, by as little as h².
        margin = 1 - det if discriminant < -tolerance else min(1 - det, 1 + det - abs(trace))
        if math.isfinite(discriminant):
            number = math.sqrt(max(det, 0.0)) if discriminant < 0 else abs(trace) / 2 + math.sqrt(discriminant)
        size, area = _apart(abs(trace), 1 + det, 2.0)[:2]
        numbers = f"|tr M| = {size}, 1 + det M = {area}"
        wanted = "|tr M| < 1 + det M < 2"
    else:
        margin, tolerance = 1 - number, _uncertain(M, np.abs)
        numbers, wanted = f"max |λ| = {_apart(number, 1.0)[0]}", "max |λ| < 1"
    kind = _kind(margin, tolerance)
    half_life = math.inf
    if kind == "stable":
        half_life = math.log(2) / -math.log(number) if number > 0 else 0.0
    number = 1.0 if kind == "neutral" else number
    return Verdict(kind, number, _condition(kind, wanted, numbers), _REASONS[kind], half_life)


def _apart(*numbers: float) -> list[str]:
    """The numbers with the fewest digits, six at least, that show which of them differ."""
    for digits in (6, 9, 12, 17):
        texts = [f"{number:.{digits}g}" for number in numbers]
        if len(set(texts)) == len(set(numbers)):
            break
    return texts


def _kind(margin: float, tolerance: float) -> str:
    return "stable" if margin > tolerance else "unstable" if margin < -tolerance else "neutral"


def _condition(kind: str, wanted: str, numbers: str) -> str:
    said = {"stable": "holds", "unstable": "fails", "neutral": "holds only with equality"}[kind]
    return f"{wanted} {said}: {numbers}"


_REASONS = {
    "stable": "every small deviation decays",
    "unstable": "some small deviation grows",
    "neutral": "the spectrum lies on the boundary: linearisation cannot decide",
}
