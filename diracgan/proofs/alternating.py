"""Global convergence of alternating descent on the minimax game with R1, below the known cycles.

One round is θ⁺ = θ - hψq(θψ), ψ⁺ = (1 - p)ψ + hθ⁺q(θ⁺ψ), with q(u) = 1/(1 + e^u), p = hγ < 1. As for simultaneous
descent let Q = {θ > 0, ψ >= 0}, Q' = {θ <= 0, ψ > 0}, c₀ = max u/(1 + e^u); every point but 0 lies in ±Q or ±Q'.

*Rotation.* In Q, θ⁺ > 0 gives ψ⁺ > 0: x⁺ ∈ Q. Otherwise ψ > 0, and x⁺ ∈ Q' or -Q. From Q' a round leads to Q' or -Q,
as θ⁺ < θ <= 0 there; |θ| grows and, as θ⁺ψ < 0, ψ⁺ <= ψ - h|θ⁺|/2, so that the orbit leaves Q'. In Q, θ falls; if the
orbit stays, Σ hψq(u) is finite and θ⁺ψ⁺ <= (1 - p)θψ + hθ², so that u is bounded, ψ → 0, and ψ⁺ - (1 - p)ψ = hθ⁺q → 0
gives θ → 0. So an orbit that does not tend to 0 leaves ±Q again and again.

*Where it leaves.* When x ∈ Q and x⁺ ∉ Q, hψq >= θ, so that θ <= hψ/2 and θ² <= huq <= hc₀. Before, θ(θ - θ⁺) = huq <=
hc₀, hence θ² - (θ⁺)² <= 2hc₀: k rounds before, θ² <= (1 + 2k)hc₀. The orbit came into Q from -Q or from -Q'. In both
ψ < 0 before, so that ψ⁺ = -(1 - p)|ψ| + hθ⁺q <= hθ⁺. In Q, with w = θ⁺ψ >= 0,

    (ψ⁺)² = (1 - p)²ψ² + 2h(1 - p)wq(w) + h²(θ⁺)²q(w)² <= (1 - p)²ψ² + 2h(1 - p)c₀ + h²(θ⁺)²/4.

An orbit that leaves Q in the round after it came has ψ² <= h²θ² <= h³c₀, and θ <= hψq <= h²θ/2 requires h² >= 2.
Otherwise, summed up over N >= 1 rounds in Q, with κ = p(2 - p) and Σ (1 + 2j)(1 - κ)^j <= (2 - κ)/κ²,

    ψ² <= c₀ (Ah³ + 2(1 - p)h/κ + h³(2 - κ)/(4κ²)),   A = max (1 - p)^2N (1 + 2N) <= e^(p-1)/p,

and A = 3(1 - p)² where (1 - p)² <= 3/5, since then the terms of the maximum fall.

What has to hold around the set K of these bounds is in `everywhere`. Here h = s·min(2, 1/γ).
"""

from __future__ import annotations

from diracgan.proofs.cells import KINK
from diracgan.proofs.folds import area
from diracgan.proofs.records import Record
from diracgan.proofs.strips import proved_limit, record, strips
from diracgan.proofs.tasks import Workers

_HIGH = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0)
_LOW = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
STRIPS = (
    *strips((0.05, 0.06, 0.07, 0.085, 0.1), _LOW[:2], True),
    *strips((0.1, 0.11, 0.12, 0.135, 0.15), _LOW[:4], True),
    *strips((0.15, 0.165, 0.18, 0.2), _LOW[:5], True),
    *strips((0.2, 0.225, 0.25), _LOW[:7], True),
    *strips((0.25, 0.3, 0.35), _LOW[:8], True),
    *strips((0.35, 0.4, 0.4457, KINK), _LOW, True),
    *strips((KINK, 0.55, 0.6), _HIGH[:-1], True),
    *strips((0.6, 0.72, 0.86, 1.03, 1.23, 1.47, 1.76, 2.1, 2.51, 3.0), _HIGH, True),
)
STATEMENT = (
    "Alternating descent on the minimax GAN with R1 converges from every start for 0.6 <= γ <= 3, h < 1/γ, and for "
    "smaller h where 0.05 <= γ <= 0.6."
)


def is_proved(gamma: float, h: float, slack: float = 0.0) -> bool:
    """Whether (γ, h) lies in a proved region, and not within a relative `slack` of its boundary."""
    return h < proved_limit(STRIPS, gamma, slack)


def globally(quick: bool, workers: Workers) -> Record:
    """Every start converges, in the cells of the strips; the share is that of what no known cycle refutes."""
    return record(
        "alternating",
        STATEMENT,
        STRIPS[-8::3] if quick else STRIPS,
        area(),
        workers,
    )
