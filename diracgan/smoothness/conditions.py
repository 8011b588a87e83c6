"""The conditions of the smoothness theorem as suprema over pairs, with the pair at which each is attained or fails.

(D1) Φ_μ is α-Lipschitz,  (D2) ∇Φ_μ is β₁-Lipschitz,  (D3) μ ↦ ∇Φ_μ is β₂-Lipschitz in W₁
(G1) θ ↦ f_θ is A-Lipschitz,  (G2) θ ↦ Df_θ is B-Lipschitz, in expectation
L = αB + A²(β₁ + β₂)     reported of Chu, Minami and Fukumizu (2020)
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from diracgan.dynamics.compiling import in_float64
from diracgan.games.inputs import as_interval, as_kind, as_numbers, told
from diracgan.games.parameters import Parameter
from diracgan.smoothness.divergences import ASSUMPTION, Divergence
from diracgan.smoothness.suprema import Witness, lipschitz, supremum
from diracgan.smoothness.transport import Wasserstein1

# Beyond it a difference quotient at the finest spacing is rounding.
EDGE = 1e6
_NARROWEST = 1e-3
_COUNT = Parameter("count", "n", "places of the first grid along each side", 121, (2, 4096), kind=int)
_ZOOMS = Parameter("zooms", "z", "refinements around the largest", 12, (1, 60), kind=int)
_RATE_A = Parameter("A", "A", "how fast the generator moves its points", 1.0)
_RATE_B = Parameter("B", "B", "how unevenly it does", 0.0)


@dataclasses.dataclass(frozen=True, eq=False)
class Constants:
    """The constants of (D1)-(D3) over a box of pairs, `inf` where a condition fails.

    `bound` is L = αB + A²(β₁ + β₂) for the generator f_θ = θ (A = 1, B = 0); `true` the Lipschitz constant of
    θ ↦ dJ/dθ itself. `witnesses` holds a `Witness` for each of "alpha", "beta1", "beta2" and "true".
    """

    alpha: float
    beta1: float
    beta2: float
    bound: float
    true: float
    witnesses: dict[str, Witness]
    note: str = ASSUMPTION

    @property
    def slack(self) -> float:
        """bound/true: 1 where the theorem is tight, NaN where both are infinite."""
        return self.bound / self.true if math.isfinite(self.true) else math.nan

    def __repr__(self) -> str:
        names = ("alpha", "beta1", "beta2", "bound", "true")
        return f"Constants({', '.join(f'{name}={getattr(self, name):.6g}' for name in names)})"


def constants(divergence: Divergence, box: object = (-3, 3), count: int = 121, zooms: int = 12) -> Constants:
    """α, β₁, β₂, the bound and the true smoothness of a divergence on the pairs (δ_θ, δ_0), θ and x in a box.

        α = sup |Φ'_θ(x)|,   β₁ = sup |Φ'_θ(x) - Φ'_θ(y)|/|x - y|,   β₂ = sup |Φ'_θ(x) - Φ'_η(x)|/|θ - η|

    Args:
        divergence: such as `MMD(1.0)`.
        box: (low, high) for θ and for x.
        count: places of the first grid along each.
        zooms: how often the largest is refined, each time to a quarter of the spacing.

    The results are suprema over the box: where the closed form's pair lies outside they are smaller. A loss without an
    optimal discriminator has no Φ: its constants are infinite, with a sequence of scores or pairs that shows it.

    Raises `ValueError` for an empty box and one without the datum 0, `TypeError` for what is no divergence.

    >>> dg.smoothness.constants(dg.smoothness.ClippedQuadratic(alpha=1.0, gamma=0.5))
    Constants(alpha=1, beta1=0, beta2=2, bound=2, true=2)
    """
    as_kind(divergence, "divergence", Divergence, "dg.smoothness.MMD(1.0)")
    (low, high), count, zooms = limits(box), _COUNT.convert(count), _ZOOMS.convert(zooms)
    if not divergence.attained:
        return _unattained(divergence, low, high)
    divergence = divergence.spanning(low, high)
    plane = [(low, high), (low, high)]

    def slope(z: np.ndarray) -> np.ndarray:
        return divergence.slopes(z[:, 0], z[:, 1])

    def own(z: np.ndarray) -> np.ndarray:
        return divergence.slopes(z[:, 0], z[:, 0])

    alpha, at = supremum(lambda z: np.abs(slope(z)), plane, count, zooms)
    witnesses = {"alpha": Witness({"θ": float(at[0]), "x": float(at[1])})}
    found: dict[str, float] = {"alpha": alpha}
    for name, function, axis, box_of in (
        ("beta1", slope, 1, plane),
        ("beta2", slope, 0, plane),
        ("true", own, 0, plane[:1]),
    ):
        sides = count if len(box_of) == 2 else 4 * count - 3
        found[name], at, rows = lipschitz(function, axis, box_of, sides, zooms)
        witnesses[name] = Witness(dict(zip(("θ", "x"), at.tolist(), strict=False)), rows)
    if isinstance(divergence, Wasserstein1):
        # Φ of a pair is free outside the segment; around the datum it is not.
        witnesses["beta1"] = _forced_kink(divergence, high)
    bound = smoothness(found["alpha"], found["beta1"], found["beta2"])
    return Constants(alpha, found["beta1"], found["beta2"], bound, found["true"], witnesses)


def smoothness(alpha: float, beta1: float, beta2: float, A: float = 1.0, B: float = 0.0) -> float:
    """The bound L = αB + A²(β₁ + β₂) on the smoothness of the generator's objective.

    `alpha`, `beta1` and `beta2` are the constants of (D1), (D2) and (D3), `A` and `B` those of (G1) and (G2).

    All are >= 0; α, β₁ and β₂ may be infinite, and so may the bound. Raises `TypeError` and `ValueError` for others.

    >>> from diracgan.smoothness import smoothness
    >>> smoothness(1.0, 0.5, 2.0, A=0.5)
    0.625
    """
    alpha, beta1, beta2 = (
        _constant(value, name) for name, value in (("alpha", alpha), ("beta1", beta1), ("beta2", beta2))
    )
    A, B = _RATE_A.number(A), _RATE_B.number(B)
    return _times(B, alpha) + _times(A, _times(A, beta1 + beta2))


def _constant(value: Any, name: str) -> float:
    """A number >= 0, infinite where a condition fails."""
    number = as_numbers(value, name, (), finite=False)
    if not number >= 0:
        raise ValueError(f"{name} must be >= 0, infinite where the condition fails; {told(value)} was given")
    return float(number)


def _times(rate: float, constant: float) -> float:
    """Their product: an infinite α does no harm to a generator without curvature."""
    return rate * constant if rate > 0 else 0.0


def limits(box: object) -> tuple[float, float]:
    """(low, high) of a box that holds the datum at 0; `ValueError` otherwise."""
    low, high = as_interval(box, "box", EDGE)
    if high - low < _NARROWEST:
        raise ValueError(
            f"box must be at least {_NARROWEST:g} wide: constants are found by differences, which would reach beyond a "
            f"narrower one; {told(box)} was given"
        )
    if not low <= 0 <= high:
        raise ValueError(f"box must hold the datum 0 of the pairs (δ_θ, δ_0); {told(box)} was given")
    return low, high


def _forced_kink(divergence: Divergence, high: float) -> Witness:
    """Generated points at ±r around the datum: Φ' jumps from -1 to 1 at 0 whatever the choice of Φ elsewhere."""
    slope = divergence.between([-high or -1.0, high or 1.0], [0.0]).slope
    spacings = np.array([1e-2, 1e-4, 1e-6]) * (high or 1.0)
    quotients = np.abs(slope(spacings / 2) - slope(-spacings / 2)) / spacings
    place = {"θ₁": -high, "θ₂": high, "x": 0.0}
    return Witness(place, tuple(zip(spacings.tolist(), quotients.tolist(), strict=True)))


@in_float64
def _unattained(divergence: Any, low: float, high: float) -> Constants:
    theta = high if high > 0 else low
    sizes = np.array([1e1, 1e3, 1e5])
    # Scores ±s on the pair come within log(1 + e^-s) of the supremum; Φ then falls by s over the distance θ.
    slopes = np.abs(np.asarray(divergence.price(sizes)) - np.asarray(divergence.price(-sizes))) / abs(theta)
    scores = Witness({"θ": theta, "x": theta}, tuple(zip((1 / sizes).tolist(), slopes.tolist(), strict=True)))
    near = np.array([1e-2, 1e-4, 1e-6])
    with np.errstate(invalid="ignore"):
        jumps = np.abs(divergence.value(near) - divergence.value(0.0)) / near
    pairs = Witness({"θ": 0.0}, tuple(zip(near.tolist(), jumps.tolist(), strict=True)))
    witnesses = {"alpha": scores, "beta1": scores, "beta2": scores, "true": pairs}
    return Constants(math.inf, math.inf, math.inf, math.inf, math.inf, witnesses)
