"""What is known of every training algorithm near an equilibrium: multipliers and limits of the learning rate."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

from diracgan.theory.descent import altgd_limit, altgd_multipliers, simgd_limit, simgd_multipliers
from diracgan.theory.updates import (
    averaged_multipliers,
    competitive_multipliers,
    extragradient_multipliers,
    heavy_ball_multipliers,
    implicit_euler_limit,
    implicit_euler_multipliers,
    lookahead_multipliers,
    nesterov_multipliers,
    optimistic_multipliers,
    runge_kutta_multipliers,
)


@dataclasses.dataclass(frozen=True)
class AlgorithmForm:
    """What is known of one algorithm at an equilibrium with the Jacobian J = [[J11, J12], [J21, J22]].

    `multipliers(jacobian, h_g, h_d, **counts)` are the eigenvalues of one round in any order: more than two for an
    algorithm with memory. `limit(jacobian, **counts)` is the learning rate h_g = h_d = h at which stability ends: the
    equilibrium is stable (for Re μ = 0: neutral) for 0 < h < limit. 0 means never and inf always. `rotation(**counts)`
    is the same for J = c[[0, -1], [1, 0]] in the units w = hc, the game without any damping. None is "none known".
    """

    source: str
    multipliers: Callable[..., tuple[complex, ...]]
    limit: Callable[..., float] | None = None
    rotation: Callable[..., float] | None = None


def altgd_rotation_limit(n_g: int = 1, n_d: int = 1) -> float:
    """w√(n_g n_d) < 2: neutral, all multipliers on the unit circle."""
    return 2 / math.sqrt(n_g * n_d)


def extragradient_rotation_limit() -> float:
    """w < 1."""
    return 1.0


def optimistic_rotation_limit() -> float:
    """w < 1/√3, also for Popov's method."""
    return 1 / math.sqrt(3)


def heavy_ball_rotation_limit(beta: float = 0.9, alternating: bool = False) -> float:
    """Never when simultaneous; alternating w < 2(1 + β) for -1 < β < 0, and never for β > 0 (Gidel et al. 2019)."""
    if alternating and beta == 0:
        return altgd_rotation_limit()
    return 2 * (1 + beta) if alternating and -1 < beta < 0 else 0.0


def runge_kutta_rotation_limit(order: int = 4) -> float:
    """Never (order 2), w < √3 (3), w < 2√2 (4)."""
    return {2: 0.0, 3: math.sqrt(3), 4: 2 * math.sqrt(2)}[order]


def lookahead_rotation_limit(k: int = 5, alpha: float = 0.5) -> float:
    """On SimGD: the first w with α = 2(1 - Re q)/|1 - q|², q = (1 + iw)^k; 0 where it fails at once.

    For small w that is α < (k - 1)/k, and for k = 2 it is α < 2/(4 + w²).
    """

    def margin(w: float) -> float:
        q = (1 + 1j * w) ** k
        return 2 * (1 - q.real) - alpha * abs(1 - q) ** 2

    step = 1e-3 / k
    if margin(step) <= 0:
        return 0.0
    low = step
    while margin(low + step) > 0:
        low += step
    high = low + step
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if margin(middle) > 0 else (low, middle)
    return low


ALGORITHMS: dict[str, AlgorithmForm] = {
    "simgd": AlgorithmForm("Mescheder et al. 2018", simgd_multipliers, simgd_limit, lambda: 0.0),
    "altgd": AlgorithmForm(
        "Mescheder et al. 2018; with damping derived", altgd_multipliers, altgd_limit, altgd_rotation_limit
    ),
    "extragradient": AlgorithmForm("derived", extragradient_multipliers, rotation=extragradient_rotation_limit),
    "past-extragradient": AlgorithmForm("derived", optimistic_multipliers, rotation=optimistic_rotation_limit),
    "optimistic": AlgorithmForm("derived", optimistic_multipliers, rotation=optimistic_rotation_limit),
    "heavy-ball": AlgorithmForm("Gidel et al. 2019", heavy_ball_multipliers, rotation=heavy_ball_rotation_limit),
    "nesterov": AlgorithmForm("derived", nesterov_multipliers),
    "competitive": AlgorithmForm("derived", competitive_multipliers, rotation=lambda: math.inf),
    "implicit-euler": AlgorithmForm(
        "derived", implicit_euler_multipliers, implicit_euler_limit, rotation=lambda: math.inf
    ),
    "runge-kutta": AlgorithmForm("derived", runge_kutta_multipliers, rotation=runge_kutta_rotation_limit),
    "lookahead": AlgorithmForm("derived", lookahead_multipliers, rotation=lookahead_rotation_limit),
    "averaged": AlgorithmForm("derived", averaged_multipliers),
}
