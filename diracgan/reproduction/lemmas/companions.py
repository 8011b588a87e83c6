"""The checks of the companions: smoothness (c20-*), and regret and DRAGAN (k17-*), against closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from diracgan import regret, smoothness, theory
from diracgan.algorithms import AltGD, ExtraGradient, SimGD
from diracgan.beyond import problems
from diracgan.catalogue import method
from diracgan.dynamics.trajectories import simulate
from diracgan.reproduction.lemmas.comparison import Check, compare
from diracgan.theory import regret as averaging
from diracgan.theory import smoothness as pairs

_THETA = np.linspace(-3, 3, 61)
_REPORTED = "reported of Chu et al. 2020; derived"


def _values(name: str) -> Iterator[Check]:
    for gamma in (0.1, 0.5, 2.0):
        J, huber = smoothness.LinearR1(gamma), smoothness.ClippedQuadratic(1.0, gamma)
        found = np.stack([J.value(_THETA), J.gradient(_THETA), huber.value(_THETA), huber.gradient(_THETA)])
        closed = np.stack(
            [
                pairs.response_value(_THETA, gamma),
                pairs.response_slope(_THETA, gamma),
                pairs.huber(_THETA, 1.0, gamma),
                pairs.huber_slope(_THETA, 1.0, gamma),
            ]
        )
        yield compare(
            f"{name}: J and J' of log-loss + R1 and of W₁ ⊕ quadratic",
            found.T,
            closed.T,
            1e-12,
            "derived",
            _cases(gamma),
        )
    for tau in (0.4, 1.0):
        mmd = smoothness.MMD(tau)
        found = np.stack([mmd.value(_THETA), mmd.gradient(_THETA)], 1)
        closed = np.stack([pairs.gaussian_mmd(_THETA, tau), pairs.gaussian_mmd_slope(_THETA, tau)], 1)
        yield compare(f"{name}: J and J' of ½MMD²", found, closed, 1e-12, "derived", _cases(tau))


def _cases(value: float) -> list[str]:
    return [f"hyper-parameter {value:g}, theta={theta:g}" for theta in _THETA]


def _constants(name: str) -> Iterator[Check]:
    for tau in (0.4, 1.0):
        closed = pairs.gaussian_mmd_constants(tau)
        made = smoothness.constants(smoothness.MMD(tau))
        found = [getattr(made, key) for key in closed]
        yield compare(
            f"{name}: α, β₁, β₂ and L of ½MMD²", found, list(closed.values()), 1e-6, _REPORTED, [f"tau={tau}"]
        )
    for gamma in (0.1, 0.5, 2.0):
        made = smoothness.constants(smoothness.LinearR1(gamma))
        title = f"{name}: L = c²/γ of log-loss + R1"
        yield compare(title, made.true, pairs.response_smoothness(gamma), 1e-6, "derived", [f"gamma={gamma}"])
        made = smoothness.constants(smoothness.ClippedQuadratic(1.0, gamma))
        title = f"{name}: α, β₁, β₂, bound and L of W₁ ⊕ quadratic, tight"
        found = [made.alpha, made.beta1, made.beta2, made.bound, made.true]
        closed_form = [1.0, 0.0, 1 / gamma, 1 / gamma, 1 / gamma]
        yield compare(title, found, closed_form, 1e-6, _REPORTED, [f"gamma={gamma}"])
    failing = (smoothness.Minimax(), smoothness.NonSaturating(), smoothness.Wasserstein1())
    found = [float(math.isinf(smoothness.constants(J).bound)) for J in failing]
    yield compare(f"{name}: the bound is infinite for W₁ and both free losses", found, [1.0] * 3, 0.0, _REPORTED)


def _chain(name: str) -> Iterator[Check]:
    for loss, c in (("log", 0.5), ("linear", 1.0)):
        for gamma in (0.3, 1.0):
            made = smoothness.chain(gamma, loss=loss)
            found = [made.response, made.smoothness, made.limit]
            closed = [c / gamma, pairs.response_smoothness(gamma, c), 2 * gamma / c**2]
            case = [f"{loss}, gamma={gamma}"]
            yield compare(f"{name}: β₂, L and the largest step", found, closed, 1e-6, "derived", case)
            limit = pairs.response_multiplier(made.h, gamma, c)
            title = f"{name}: AltGD's multiplier for n_d = {made.n_d[-1]} is 1 - hL"
            yield compare(title, np.real(made.multipliers[-1]), limit, 1e-12, "derived", case)
    run = smoothness.descend(smoothness.LinearR1(0.5), 2.2 * 2, rounds=400)
    closed_cycle = pairs.response_two_cycle(2.2 * 2, 0.5)
    yield compare(f"{name}: 2-cycle of descent above 2/L", abs(run.path[-1]), closed_cycle, 1e-9, "derived", ["h=4.4"])


def _games(name: str) -> Iterator[Check]:
    games = {problem.name: problem.game for problem in problems()}
    # ¼Aᵀ(AAᵀ)⁻¹A, and D = ψx² on U(-1, 1): (½·⅔)²/(½·⅕ + 4/3).
    for game, closed in (("matrix", 1 / 4), ("uniform", (1 / 3) ** 2 / (1 / 10 + 4 / 3))):
        made = smoothness.game_chain(games[game], n_d=(60,))
        title = f"{name}: L of the penalised game is that of J, and AltGD's multiplier goes to 1 - hL"
        found = [made.smoothness, float(np.real(made.multipliers[-1]))]
        yield compare(title, found, [closed, made.expected], 1e-9, "derived", [game])
    # E JᵀJ = diag(1, 1, 1, r²) and ΣH² = I + r² on (radius, phase), r <= 2.
    made_bound = smoothness.generator_bound(games["circle"], smoothness.MMD(1.0), box=(-1, 1), samples=16)
    title = f"{name}: A and B of a circle's generator"
    yield compare(title, [made_bound.A, made_bound.B], [2.0, math.sqrt(5)], 1e-6, "derived", ["circle, r <= 2"])
    holds = [float(made_bound.true <= made_bound.bound)]
    yield compare(f"{name}: the bound is no smaller than the true smoothness", holds, [1.0], 0.0, _REPORTED, ["circle"])


def _identity(name: str) -> Iterator[Check]:
    game = method("wgan", clip=1e3)
    for rule in (SimGD(0.02), AltGD(0.2), ExtraGradient(0.2)):
        path = np.asarray(simulate(game, rule, (1.0, 1.0), 500))
        found = regret.regret(game, path, bound=6.0)
        closed = averaging.bilinear_gap(found.averages, 6.0)
        title = f"{name}: (R_G + R_D)/T = B(|θ̄| + |ψ̄|) = gap of the averages"
        yield compare(title, [found.mean, found.gap], [closed, closed], 1e-12, "derived", [repr(rule)])
    average = regret.average(np.asarray(simulate(game, SimGD(0.1), (1.0, 1.0), 199)))
    title = f"{name}: average of SimGD on the bilinear game"
    yield compare(title, average, averaging.simgd_average((1.0, 1.0), 0.1, 200), 1e-11, "derived", ["h=0.1, T=200"])


def _rates(name: str) -> Iterator[Check]:
    for rate in regret.rates("bilinear"):
        title = f"{name}: exponent of the gap of averages, {rate.algorithm} on the bilinear game"
        # A fit over a finite range of rounds.
        yield compare(title, rate.slope, rate.expected, 0.1, "derived", ["T from 400 to 6400"])


def _thresholds(name: str) -> Iterator[Check]:
    for target in (0.5, 1.0, 2.0):
        found = [regret.node_threshold(target, method) for method in ("dragan", "dragan-ns")]
        closed = theory.dragan_node_threshold(target)
        yield compare(
            f"{name}: one-sided node from γ + γ²k² = 1", found, [closed, closed], 1e-9, "derived", [f"k={target}"]
        )
    points = [regret.one_sided(gamma).theta for gamma in (0.5, 20.0)]
    yield compare(f"{name}: one-sided point θ = -γk/c", points, [-1.0, -40.0], 1e-9, "derived", ["k=1"])


def _repairs(name: str) -> Iterator[Check]:
    rule, start = AltGD(0.01), (2.0, 2.0)
    first = np.asarray(simulate(method("dragan-zero-centred", gamma=1.0), rule, start, 10_000))[-1]
    yield compare(f"{name}: the first step, zero-centred, converges", first, [0.0, 0.0], 1e-9, "derived")
    zone = np.asarray(simulate(method("dragan-dead-zone", gamma=1.0, target=1.0), rule, start, 20_000))
    radius = np.linalg.norm(zone[-2000:], axis=1).max()
    # The circle of AltGD is an ellipse of relative width h.
    yield compare(f"{name}: the second, with a dead zone, stays at r = √k", radius, 1.0, 0.01, "derived", ["k=1"])
    third = np.asarray(simulate(method("dragan", gamma=1.0), rule, start, 20_000))[-1]
    yield compare(f"{name}: the third, two-sided, stops at (-γk/c, 0+)", third, [-2.0, 0.0], 1e-9, "derived", ["γ=1"])


COMPANIONS: dict[str, Callable[[str], Iterator[Check]]] = {
    "c20-values": _values,
    "c20-constants": _constants,
    "c20-chain": _chain,
    "c20-games": _games,
    "k17-regret": _identity,
    "k17-rates": _rates,
    "k17-thresholds": _thresholds,
    "k17-repairs": _repairs,
}
