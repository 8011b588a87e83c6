"""What linearisation says about a method at a point, in words and with its numbers."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from diracgan.algorithms import Algorithm
from diracgan.fields import as_field
from diracgan.spectrum import at_kink, jacobian, update_jacobian


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


def verdict(field: Any, algorithm: Algorithm | None = None, at: Any = None, step: int | None = None) -> Verdict:
    """What the linearisation decides at an equilibrium, for the flow (`algorithm` None) or for an algorithm.

    A 2×2 spectrum is judged by trace and determinant (Routh-Hurwitz for the flow, Jury for a map), which stay
    well-conditioned at double eigenvalues; larger states by the moduli themselves. A spectrum on the boundary to
    rounding is "neutral": linearisation cannot decide.

    >>> print(dg.verdict(dg.method("gan"), dg.SimGD(h=0.2)).kind)
    unstable
    >>> print(dg.verdict(dg.method("gan")).kind)
    neutral
    """
    field = as_field(field)
    x = np.asarray(field.equilibrium if at is None else at, dtype=np.float64)
    where = "(" + ", ".join(f"{value:g}" for value in np.atleast_1d(x)) + ")"
    probe = np.asarray(field(x))
    eps = float(np.finfo(probe.dtype).eps)
    if at_kink(field, _like(x, probe)):
        return Verdict(
            "not differentiable",
            math.nan,
            "a kink passes through the point",
            f"the field jumps at {where}: no Jacobian exists there, and no linearisation decides",
            math.inf,
        )
    speed = float(np.linalg.norm(probe))
    if not speed <= 64 * eps * max(1.0, float(np.max(np.abs(x)))):
        return Verdict(
            "not an equilibrium",
            math.nan,
            f"|v| = {speed:.3g} > 0",
            f"the field does not vanish at {where}",
            math.inf,
        )
    matrix = np.asarray(jacobian(field, x) if algorithm is None else update_jacobian(field, algorithm, x, step), float)
    return (_of_flow if algorithm is None else _of_map)(matrix, 32 * eps)


def _like(x: np.ndarray, probe: np.ndarray) -> Any:
    import jax.numpy as jnp

    return jnp.asarray(x, probe.dtype)


def _invariants(matrix: np.ndarray) -> tuple[float, float, float]:
    """Trace, determinant and discriminant ((a - d)/2)² + bc of a 2×2 matrix."""
    (a, b), (c, d) = matrix.tolist()
    return a + d, a * d - b * c, ((a - d) / 2) ** 2 + b * c


def _of_flow(J: np.ndarray, tolerance: float) -> Verdict:
    number = float(np.max(np.linalg.eigvals(J).real))
    size = max(float(np.abs(J).max()), np.finfo(float).tiny)
    if J.shape == (2, 2):
        trace, det, discriminant = _invariants(J)
        number = trace / 2 + math.sqrt(max(discriminant, 0.0))
        margin = min(-trace / size, det / size**2)
        numbers = f"tr J = {trace:.6g}, det J = {det:.6g}"
        wanted = "tr J < 0 < det J"
    else:
        # An eigenvalue that is defective or multiple is only known to the square root of the rounding.
        margin, tolerance = -number / size, math.sqrt(tolerance)
        numbers, wanted = f"max Re μ = {number:.6g}", "max Re μ < 0"
    kind = _kind(margin, tolerance)
    half_life = math.log(2) / -number if kind == "stable" else math.inf
    number = 0.0 if kind == "neutral" else number
    return Verdict(kind, number, _condition(kind, wanted, numbers), _REASONS[kind], half_life)


def _of_map(M: np.ndarray, tolerance: float) -> Verdict:
    number = float(np.max(np.abs(np.linalg.eigvals(M))))
    if M.shape == (2, 2):
        trace, det, discriminant = _invariants(M)
        margin = min(1 - det, 1 + det - abs(trace))
        number = math.sqrt(max(det, 0.0)) if discriminant < 0 else abs(trace) / 2 + math.sqrt(discriminant)
        numbers = f"|tr M| = {abs(trace):.6g}, 1 + det M = {1 + det:.6g}"
        wanted = "|tr M| < 1 + det M < 2"
    else:
        margin, tolerance = 1 - number, math.sqrt(tolerance)
        numbers, wanted = f"max |λ| = {number:.6g}", "max |λ| < 1"
    kind = _kind(margin, tolerance)
    half_life = math.inf
    if kind == "stable":
        half_life = math.log(2) / -math.log(number) if number > 0 else 0.0
    number = 1.0 if kind == "neutral" else number
    return Verdict(kind, number, _condition(kind, wanted, numbers), _REASONS[kind], half_life)


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
