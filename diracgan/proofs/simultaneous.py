"""Global convergence of simultaneous descent on the minimax game with R1, by a rotation lemma and branch and bound.

Let p = hγ < 1, Q = {θ > 0, ψ >= 0}, Q' = {θ <= 0, ψ > 0}, q = 1/(1 + e^θψ) and c₀ = max u/(1 + e^u). Every point but 0
lies in Q, Q', -Q or -Q'.

*Rotation.* From Q a round leads to Q or Q', from Q' to Q' or -Q. In Q' the orbit has ψ⁺ <= (1 - p)ψ - h|θ|/2 while |θ|
grows, so that it leaves; in Q θ falls, and an orbit that stays has θ → 0 and ψ → 0. So an orbit that does not tend to 0
leaves ±Q again and again.

*Where it leaves.* When x ∈ Q and x⁺ ∉ Q, hψq >= θ, so that θ <= hψ/2 and θ² <= hc₀. In every earlier round in Q
θ(θ - θ⁺) = h u q <= hc₀, hence θ² - (θ⁺)² <= 2hc₀: k rounds before, θ² <= (1 + 2k)hc₀. The orbit came into Q with
ψ <= hθ, and (ψ⁺)² <= (1 - p)²ψ² + 2h(1 - p)c₀ + h²θ²/4. If it leaves in the next round, ψ² <= h²θ² <= h³c₀, and θ <=
hψq <= h²θ/2 requires h² >= 2. Otherwise, summed up over N >= 1 rounds in Q, with κ = p(2 - p),

    ψ² <= c₀ (Ah³ + 2(1 - p)h/κ + h³(2 + κ)/(4κ²)),   A = max (1 - p)^2N (1 + 2N) <= e^{p-1}/p,

and A = 3(1 - p)² where (1 - p)² <= 3/5, since then the terms of the maximum fall.

So each such orbit visits the compact set K of these bounds again and again, *whatever its start*; what has to hold
around K is in `everywhere`. Here h = s·min(4γ, 1/γ), 0 < s < 1.
"""

from __future__ import annotations

import math

from diracgan.proofs.cells import KINK
from diracgan.proofs.records import Record
from diracgan.proofs.strips import proved_limit, record, strips
from diracgan.proofs.tasks import Workers

GAMMAS = (0.02, 3.0)
_HIGH = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0)
_NEAR = (0.0, 0.25, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
_LOW = (0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96)
STRIPS = (
    *strips((0.05, 0.056, 0.063, 0.071, 0.08, 0.09, 0.1), _LOW[:5]),
    *strips((0.1, 0.112), _LOW),
    *strips((0.112, 0.13, 0.15), _LOW[:-1]),
    *strips((0.15, 0.18, 0.21, 0.24, 0.28, 0.325, 0.375, 0.433), (*_LOW, 0.98)),
    *strips((0.433, 0.465, KINK), (*_LOW, 0.97)),
    *strips((KINK, 0.53), _NEAR[:-1]),
    *strips((0.53, 0.56, 0.6), _NEAR),
    *strips((0.6, 0.72, 0.86, 1.03, 1.23, 1.47, 1.76, 2.1, 2.51, 3.0), _HIGH),
)
STATEMENT = (
    "Simultaneous descent on the minimax GAN with R1 converges from every start for 0.53 <= γ <= 3, h < 1/γ, and for h "
    "below 0.75 to 0.98 of min(4γ, 1/γ) where 0.05 <= γ <= 0.53."
)
# Of {γ in GAMMAS, h < min(4γ, 1/γ)}.
AREA = 2 * (KINK**2 - GAMMAS[0] ** 2) + math.log(GAMMAS[1] / KINK)


def is_proved(gamma: float, h: float, slack: float = 0.0) -> bool:
    """Whether (γ, h) lies in a proved region, and not within a relative `slack` of its boundary."""
    return h < proved_limit(STRIPS, gamma, slack)


def globally(quick: bool, workers: Workers) -> Record:
    """Every start converges, in the cells of the strips."""
    return record(
        "simultaneous",
        STATEMENT,
        STRIPS[-8::3] if quick else STRIPS,
        AREA,
        workers,
    )
