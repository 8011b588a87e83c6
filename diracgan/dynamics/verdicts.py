"""What linearisation says about a method at a point, in words and with its numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.dynamics.judging import Verdict, of_flows, of_maps
from diracgan.dynamics.linearisation import Linearised, linearised
from diracgan.dynamics.spectrum import ROUND
from diracgan.dynamics.system import Flow, System, system
from diracgan.games.fields import FieldLike
from diracgan.games.states import as_float64

_EPS = float(np.finfo(np.float64).eps)


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
    verdicts = list(map(_without_slope, found.at, found.speed, found.kink))
    rest = [i for i, known in enumerate(verdicts) if known is None]
    if rest:
        system.check_linear(step)
        matrices = found.matrix[rest]
        judged = of_flows(matrices) if isinstance(system, Flow) else of_maps(matrices)
        for i, one in zip(rest, judged, strict=True):
            verdicts[i] = one
    return [one for one in verdicts if one is not None]


def _without_slope(x: np.ndarray, speed: float, kink: float) -> Verdict | None:
    """The verdict at a point that is no equilibrium or lies on a kink; None where the linearisation decides."""
    scale = max(1.0, float(np.abs(x).max()))
    if kink <= 8 * _EPS * scale:
        return Verdict(
            "not differentiable",
            math.nan,
            "a kink passes through the point",
            f"the field is not differentiable at {_written(x)}: there is no Jacobian, and no linearisation decides",
            math.inf,
        )
    if not speed <= 64 * _EPS * scale:
        return Verdict(
            "not an equilibrium",
            math.nan,
            f"|v| = {speed:.3g} > 0",
            f"the field does not vanish at {_written(x)}",
            math.inf,
        )
    return None


def _written(x: np.ndarray) -> str:
    return "(" + ", ".join(f"{value:g}" for value in x) + ")"
