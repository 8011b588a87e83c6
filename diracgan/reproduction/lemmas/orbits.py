"""The checks of the lemmas that concern whole orbits: simulated and integrated paths against their laws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan import theory
from diracgan.algorithms import AltGD, SimGD
from diracgan.catalogue import method
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.flows import flow
from diracgan.dynamics.spectrum import multipliers
from diracgan.dynamics.trajectories import simulate
from diracgan.reproduction.lemmas.comparison import Check, compare

_STEPS = 10_000
_PAPER = "Mescheder et al. 2018"


def _gan_orbits(name: str) -> Iterator[Check]:
    field = method(name)
    for h in (0.05, 0.2):
        path = np.asarray(simulate(field, SimGD(h), (1.0, 1.0), _STEPS))
        squares = np.sum(path**2, axis=1)
        growth = theory.simgd_growth(path[:-1, 0] * path[:-1, 1], h)
        cases = [f"h={h}, step {k}" for k in range(_STEPS)]
        title = f"{name}: growth r'²/r² of SimGD over {_STEPS} steps"
        yield compare(title, squares[1:] / squares[:-1], growth, 1e-12, _PAPER, cases)

    @answering
    def turn(radii: jax.Array, periods: jax.Array) -> Any:
        starts = jnp.stack([radii, 0 * radii], axis=1)
        return jax.vmap(lambda x, T: flow(field, x, jnp.stack([0 * T, 0.4 * T, T])))(starts, periods)

    radii = np.array([0.5, 1.0, math.sqrt(2), 2.0])
    closed, cases = np.array([theory.gan_period(radius) for radius in radii]), [f"r={radius:.4g}" for radius in radii]
    ends = np.asarray(turn(radii, closed))
    # The orbit crosses the θ-axis with the velocity v_ψ = θ/2: what is missing in ψ is missing in time.
    periods = closed - ends[:, -1, 1] / (ends[:, -1, 0] / 2)
    yield compare(f"{name}: period 2π(1 + I₀(r²/2))", periods, closed, 1e-9, "derived", cases)
    distances = np.linalg.norm(ends, axis=2)
    yield compare(f"{name}: conserved radius of the flow", distances, radii[:, None], 1e-9, _PAPER, cases)


def _nsgan_orbits(name: str) -> Iterator[Check]:
    closed = theory.nsgan_cycle_radius(0.1)
    path = np.asarray(simulate(method(name), SimGD(0.1), (closed, 0.0), _STEPS))[_STEPS // 2 :]
    radius = float(np.mean(np.linalg.norm(path, axis=1)))
    # The formula is the leading order: at h = 0.1 the true cycle is 2.8e-4 of itself smaller.
    yield compare(f"{name}: limit cycle √(2h) of SimGD, leading order", radius, closed, 5e-4, "derived", ["h=0.1"])


def _wgan_orbits(name: str) -> Iterator[Check]:
    def path(h: float, clip: float, start: tuple[float, float]) -> np.ndarray:
        return np.asarray(simulate(method(name, clip=clip), AltGD(h), start, _STEPS))

    def invariant(orbit: np.ndarray) -> np.ndarray:
        return np.asarray(theory.altgd_invariant(orbit[:, 0], orbit[:, 1], 0.2))

    title = f"{name}: AltGD conserves θ² + ψ² - hθψ over {_STEPS} steps"
    cases = [f"clip=1000, h=0.2, step {k}" for k in range(_STEPS + 1)]
    yield compare(title, invariant(path(0.2, 1e3, (1.0, 1.0))), 1.8 + np.zeros(_STEPS + 1), 1e-10, "derived", cases)
    for q in (3, 4, 6):
        orbit = path(theory.wgan_return_rate(q), 1e3, (1.0, 0.5))
        title = f"{name}: AltGD with h = 2 sin(π/{q}) returns every {q} steps"
        returns = orbit[::q]
        cases = [f"step {q * k}" for k in range(len(returns))]
        yield compare(title, returns, orbit[0] + 0 * returns, 1e-10, "derived", cases)

    closed, title = theory.wgan_clip_invariant(1.0, 0.2), "θ² + ψ² - hθψ = κ²(1 - h²/4)"
    # From outside the orbit is approached like 1/step², from inside it is never touched.
    for start, tail, tolerance, what in (
        ((3.0, 2.0), 100, 1e-7, f"clipped AltGD ends on {title}"),
        ((math.sqrt(closed), 0.0), _STEPS, 1e-10, f"clipped AltGD stays on {title}"),
    ):
        values, cases = invariant(path(0.2, 1.0, start))[-tail:], ["clip=1, h=0.2"] * tail
        yield compare(f"{name}: {what}", values, closed + np.zeros(tail), tolerance, "derived", cases)


def _wgan_gp_orbits(name: str) -> Iterator[Check]:
    gammas, targets, parts = np.array([0.7, 1.5]), np.array([1.0, 0.4]), np.array([0.0, 0.2, 0.4, 0.7, 1.0])
    periods = np.array([theory.wgan_gp_period(gamma) for gamma in gammas])

    def cycle(part: float) -> np.ndarray:
        """The closed form after a part of the period; the lower half mirrors the upper one."""
        sign = 1 if part % 1 < 0.5 else -1
        states = [theory.wgan_gp_cycle(part % 0.5 * p, g, t) for p, g, t in zip(periods, gammas, targets, strict=True)]
        return sign * np.array(states)

    @answering
    @jax.vmap
    def turn(gamma: jax.Array, target: jax.Array, start: jax.Array, period: jax.Array) -> jax.Array:
        return flow(method(name, gamma=gamma, target=target), start, parts * period)

    derived = turn(gammas, targets, cycle(0.05), periods)
    closed = np.stack([cycle(0.05 + part) for part in parts], axis=1)
    cases = [f"gamma={gamma}, target={target}" for gamma, target in zip(gammas, targets, strict=True)]
    yield compare(f"{name}: cycle through |θ| = γg₀ coth(πγ/4ω), ψ = 0", derived, closed, 1e-9, "derived", cases)


def _r1_orbits(name: str) -> Iterator[Check]:
    for label, rule, gamma, h, state in (
        ("SimGD", SimGD, 1.5, 1.45, theory.r1_simgd_two_cycle(1.5, 1.45)),
        ("AltGD(1, 1)", AltGD, 0.5, 2.6, theory.r1_altgd_two_cycle(0.5, 2.6)),
    ):
        after = np.asarray(simulate(method(name, gamma=gamma), rule(h), state, 1))[1]
        title, case = f"{name}: two-cycle F(x) = -x of {label}", f"gamma={gamma}, h={h}"
        yield compare(title, after, -np.array(state), 1e-12, "derived", [case])
    for label, rule, gamma in (
        ("SimGD", SimGD, theory.simgd_best_gamma(0.5)),
        ("AltGD(1, 1)", AltGD, theory.altgd_best_gamma(0.5, 0.8)),
    ):
        radius = np.abs(multipliers(method(name, gamma=gamma), rule(0.8)))
        title, case = f"{name}: the best γ for {label} gives |λ| = 1 - hc twice", f"gamma={gamma:g}, h=0.8"
        yield compare(title, radius, np.full(2, 0.6), 1e-7, "derived", [case])


def _consensus_orbits(name: str) -> Iterator[Check]:
    states = {gamma: theory.consensus_spurious_equilibrium(gamma) for gamma in (0.3, 1.0, 10.0)}
    velocities = [np.asarray(method(name, gamma=gamma)(state)) for gamma, state in states.items()]
    cases = [f"gamma={gamma}, theta={state[0]:.4f}, psi={state[1]:.4f}" for gamma, state in states.items()]
    title = f"{name}: equilibrium away from the solution, 2uσ(u) = 1"
    yield compare(title, velocities, np.zeros((3, 2)), 1e-12, "derived", cases)


ORBITS: dict[str, Callable[[str], Iterator[Check]]] = {
    "gan": _gan_orbits,
    "nsgan": _nsgan_orbits,
    "wgan": _wgan_orbits,
    "wgan-gp": _wgan_gp_orbits,
    "r1": _r1_orbits,
    "consensus": _consensus_orbits,
}
