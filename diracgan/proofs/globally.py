"""What is known beyond the linearisation: divergence from far out, and regions of global convergence."""

from __future__ import annotations

import dataclasses
import math

from diracgan.algorithms import Algorithm, AltGD, SimGD, as_algorithm
from diracgan.atlas.criticality import critical_step
from diracgan.catalogue.methods import Method
from diracgan.displays.tables import facts, number
from diracgan.dynamics.linearisation import linearised
from diracgan.dynamics.system import Flow
from diracgan.dynamics.verdicts import verdict
from diracgan.games.fields import VectorField, as_field
from diracgan.proofs import alternating, coexistence, simultaneous
from diracgan.proofs.divergence import diverging

_ROUNDING = 1e-6


@dataclasses.dataclass(frozen=True)
class GlobalStep:
    """What is known of convergence from everywhere at the algorithm's learning rate `h`.

    `verdict` rests on a theorem that `diracgan prove` proves again, whose name is `theorem`: "proved" (every start
    converges), "diverges" (starts far out grow without bound) or "coexists" (a cycle attracts beside the equilibrium).
    It is "unstable" where the equilibrium itself is not locally stable, and otherwise "unknown": `reason` tells the
    best evidence. `growth_limit` is the learning rate above which starts far out diverge, `local` the critical step of
    the linearisation, `reported` the learning rate below which global convergence is reported at this penalty.
    """

    verdict: str
    h: float
    reported: float
    growth_limit: float
    local: float
    reason: str
    theorem: str = ""

    def _repr_html_(self) -> str:
        rows = [("at h =", number(self.h)), ("because", self.reason), ("theorem", self.theorem or "none")]
        limits = [("locally stable up to", number(self.local)), ("diverges far out beyond", number(self.growth_limit))]
        return facts(self.verdict, rows + limits)


def global_step(method: VectorField, algorithm: Algorithm) -> GlobalStep:
    """Whether training converges from *every* start, where that is known.

    For the minimax GAN with a zero-centred penalty (`r1`, `r2`, `zero-gp`, `r1-r2`) under `SimGD` or `AltGD` with one
    update each. Far out f' is 0 or 1, and with p = hγ - 1 two rounds multiply by [[1, hp], [h, p²]] (SimGD) or
    [[1, hp], [h, h²p + p²]] (AltGD), whose top eigenvalue exceeds 1 as soon as hγ > 1. Below that, both were proved to
    converge from every start in the regions of `simultaneous.STRIPS` and `alternating.STRIPS`; in the windows of
    `coexistence.WINDOWS` AltGD was proved not to. Outside of them, and for every other method, the answer is "unknown".
    A proof from a ball of starts is what `certificate` gives.

    >>> dg.global_step(dg.method("r1", gamma=2.0), dg.SimGD(0.45)).verdict
    'proved'
    >>> dg.global_step(dg.method("r1", gamma=0.1), dg.AltGD(2.2)).verdict
    'coexists'
    """
    method, algorithm = as_field(method), as_algorithm(algorithm)
    if algorithm.rate is None:
        raise ValueError(f"a global step needs one learning rate for both players; {algorithm!r} has none")
    h, local = float(algorithm.rate), critical_step(method, algorithm).h
    covered = (type(algorithm) is SimGD or (type(algorithm) is AltGD and algorithm.n_g == algorithm.n_d == 1)) and (
        isinstance(method, Method)
        and method.name in ("r1", "r2", "zero-gp", "r1-r2")
        and not {"data", "bias"} & {*method.values, *dict(method.settings)}
    )
    if not covered:
        judged = "unstable" if verdict(method, algorithm).kind == "unstable" else "unknown"
        return GlobalStep(judged, h, math.nan, math.nan, local, "no analysis of this method and algorithm is known")
    gamma = -float(linearised(Flow(method)).matrix[0, 1, 1])
    growth = 1 / gamma if gamma > 0 else math.inf
    reported = reported_limit(gamma, alternating=type(algorithm) is AltGD)
    told = f"hγ = {h * gamma:.6g}"
    if h > local:
        return GlobalStep("unstable", h, reported, growth, local, f"h = {h:g} > {local:.6g}: not even locally stable")
    if h * gamma > 1:
        a, b = diverging(gamma, h)
        told = f"{told} > 1: every start with θ >= {a:.6g}, ψ <= -{b:g} diverges"
        return GlobalStep("diverges", h, reported, growth, local, told, "divergence")
    alternates = type(algorithm) is AltGD
    name, theorem = ("alternating", alternating) if alternates else ("simultaneous", simultaneous)
    # Catalogue entries other than R1 scale their weight to γ, in floats: not to the last digit of a boundary.
    if theorem.is_proved(gamma, h, _ROUNDING):
        told = f"γ = {gamma:.6g}, {told} < 1: every start converges"
        return GlobalStep("proved", h, reported, growth, local, told, name)
    window = next((one for one in coexistence.WINDOWS if alternates and _inside(one, gamma, h)), None)
    if window is not None:
        told = f"a cycle of {window.period} rounds attracts beside the equilibrium: not every start converges"
        return GlobalStep("coexists", h, reported, growth, local, told, "coexistence-windows")
    return GlobalStep(
        "unknown", h, reported, growth, local, f"{told} <= 1, not proved; {_evidence(alternates, h, reported)}"
    )


def _inside(window: coexistence.Window, gamma: float, h: float) -> bool:
    """Whether a window's statement is about these parameters; its γ is a decimal number."""
    return gamma == window.gamma and window.rates[0] <= h <= window.rates[1]


def _evidence(alternates: bool, h: float, reported: float) -> str:
    if h < reported:
        return f"h = {h:g} < {reported:.6g}: convergence is reported, by a derivation outside this package"
    if alternates:
        return "for small γ cycles are known that attract beside the equilibrium (`coexistence.WINDOWS`)"
    return "no start is known that does not converge"


def reported_limit(gamma: float, alternating: bool) -> float:
    """The learning rate below which every start is reported to converge, for the minimax GAN with penalty (γ/2)ψ².

    SimGD: 1/γ for γ >= 1.2; 0.9γ for γ <= 1/2; 0.8 min(1, γ) for γ <= 1.25. AltGD: 1/γ for γ >= 1.3; 3.4γ for γ <= 0.1;
    1.5γ for γ <= 1/2; 0.8γ for γ <= 1. 0 elsewhere: nothing is reported there. The derivation is not part of this
    repository; its tests sample starts. The largest of those that apply.
    """
    if alternating:
        regions = [(gamma >= 1.3, 1), *((gamma <= top, k * gamma**2) for top, k in ((0.1, 3.4), (0.5, 1.5), (1, 0.8)))]
    else:
        regions = [(gamma >= 1.2, 1), (gamma <= 0.5, 0.9 * gamma**2), (gamma <= 1.25, 0.8 * gamma * min(1, gamma))]
    return max((product / gamma for holds, product in regions if holds and gamma > 0), default=0.0)
