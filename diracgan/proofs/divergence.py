"""Divergence from an explicit set of starts where hγ > 1: simultaneous and alternating descent, minimax with R1.

Let e = hγ - 1 > 0, c₀ = max u/(1 + e^u), θ >= a, ψ <= -1 with a = max(2.2, 1/(0.9he) + 0.31). There u = θψ <= -2.2, so
that q = f'(u) >= 0.9, and a round gives, for both algorithms (the second player's θ is the new one, and larger),

    θ₁ >= θ + 0.9h|ψ|,   ψ₁ >= e|ψ| + 0.9hθ > 0.

Now θ₁ψ₁ > 0, and q u <= c₀ bounds what the next round takes back:

    θ₂ = θ₁ - hψ₁q >= θ₁ - hc₀/θ₁,   ψ₂ <= -eψ₁ + hc₀/ψ₁.

(for alternating descent the last term is hθ₂q, with θ₂ > 0, and the same bound). So θ₂ >= θ + h(0.9 - c₀/2.2), and
-ψ₂ >= 0.9hea - c₀/(0.9a), which is 1 or more since a(0.9hea - 1) >= a·0.9he·0.31 >= 0.31 >= c₀/0.9. Two rounds lead
back into the set, with θ larger by more than 0.77h: θ grows without bound.
"""

from __future__ import annotations

import numpy as np

from diracgan.proofs.lyapunov import PEAK, slope
from diracgan.proofs.records import Record
from diracgan.tracing.boxes import Boxes


def diverging(gamma: float, h: float) -> tuple[float, float]:
    """(a, b) such that every start with θ >= a and ψ <= -b diverges, for hγ > 1; `ValueError` otherwise.

    >>> from diracgan.proofs.divergence import diverging
    >>> diverging(gamma=1.0, h=1.5)
    (2.2, 1.0)
    """
    if not h * gamma > 1:
        raise ValueError(f"divergence from far out is known for hγ > 1; hγ = {h * gamma:g} was given")
    return max(2.2, 1 / (0.9 * h * (h * gamma - 1)) + 0.31), 1.0


def constants() -> Record:
    """The numbers in the argument, by intervals."""
    c0, nine = Boxes(PEAK), Boxes(np.nextafter(0.9, 0), np.nextafter(0.9, 1))
    far = slope(Boxes(-2.2)).low >= nine.high
    # With a >= 1/(0.9he) + 0.31: a(0.9he)a - a >= 0.31 >= c₀/0.9, hence 0.9hea - c₀/(0.9a) >= 1.
    slack = (c0 / nine).high <= 0.31
    grows = (nine - c0 / 2.2).low > 0.77
    return Record(
        name="divergence",
        statement="Simultaneous and alternating descent on the minimax GAN with R1 diverge for hγ > 1 from every start "
        "with θ >= max(2.2, 1/(0.9h(hγ - 1)) + 0.31) and ψ <= -1.",
        closed=bool(far and slack and grows),
        constants={"c0": PEAK, "b": 1.0},
        boxes=3,
        depth=0,
        evaluated="the three numerical inequalities of an argument by hand (docs/global-convergence.md)",
    )
