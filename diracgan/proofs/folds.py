"""Where the known cycles of alternating descent begin: the folds of `coexistence` followed over γ, in floats.

The fold of a window is proved (`coexistence.fold`); its curve over γ is continued by Newton's method from there and is
observed only. Below the smallest of the curves no cycle is known.
"""

from __future__ import annotations

import functools
import math

import jax
import numpy as np

from diracgan.algorithms import AltGD
from diracgan.catalogue import method
from diracgan.proofs.coexistence import WINDOWS, Window, folding, folding_slope, followed
from diracgan.theory.descent import altgd_limit

GAMMAS = (0.02, 3.0)
_STEPS = (1e-4, 0.02, 0.03)  # of log γ: the smallest, the first, the largest
_JUMP = 0.15  # of (x, h) in one step: another fold
_BEYOND = 0.3


def closed_in(gamma: float, half: int, z: np.ndarray) -> np.ndarray | None:
    """The fold (x, h) near z, by Newton's method; None where it does not end."""
    with jax.enable_x64(True):
        field = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), method("r1", gamma=gamma))
        algorithm = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), AltGD(1.0))
        for _ in range(20):
            gap, slope = (np.asarray(part(field, algorithm, half, z)) for part in (folding, folding_slope))
            if not (np.all(np.isfinite(slope)) and abs(np.linalg.det(slope)) > 1e-12):
                return None
            step = np.linalg.solve(slope, gap)
            z = z - step
            if np.max(np.abs(step)) < 1e-11:
                return z
    return None


@functools.lru_cache(maxsize=64)
def curve(window: Window) -> tuple[np.ndarray, np.ndarray]:
    """γ and the learning rate of the window's fold there, as far as it can be followed within `GAMMAS`."""
    rates, points = followed(window)
    half = window.period // 2
    first = closed_in(window.gamma, half, np.array([*points[0], rates[0]]))
    if first is None:
        raise ValueError(f"the fold of the cycle of {window.period} rounds at γ = {window.gamma:g} was not found")
    found = {window.gamma: first[2]}
    for side in (-1, 1):
        gamma, z, slope, step = window.gamma, first, np.zeros(3), _STEPS[1]
        while step > _STEPS[0] and GAMMAS[0] < gamma < _BEYOND:
            near = max(gamma * math.exp(side * step), GAMMAS[0])
            after = closed_in(near, half, z + slope * step)
            if after is None or np.max(np.abs(after - z)) > _JUMP:
                step /= 2
                continue
            slope, gamma, z = (after - z) / step, near, after
            found[gamma] = z[2]
            step = min(1.3 * step, _STEPS[2])
    gammas = np.array(sorted(found))
    return gammas, np.array([found[gamma] for gamma in gammas])


def smallest_fold(gamma: np.ndarray) -> np.ndarray:
    """The smallest learning rate of a fold that is known at each γ; `inf` where none is."""
    gamma = np.asarray(gamma, np.float64)
    # The windows of one period lie on one curve.
    known = {window.period: window for window in reversed(WINDOWS)}
    return np.min([np.interp(gamma, *curve(one), left=np.inf, right=np.inf) for one in known.values()], axis=0)


def unrefuted(gamma: np.ndarray) -> np.ndarray:
    """Below which h nothing is known to speak against convergence from every start: folds, stability, and 1/γ."""
    gamma = np.asarray(gamma, np.float64)
    local = np.array([altgd_limit(((0.0, -0.5), (0.5, -float(one)))) for one in gamma.ravel()]).reshape(gamma.shape)
    return np.minimum(np.minimum(smallest_fold(gamma), local), 1 / gamma)


@functools.lru_cache(maxsize=64)
def area(points: int = 4000) -> float:
    """Of {γ in `GAMMAS`, h < `unrefuted`}."""
    gamma = np.linspace(*GAMMAS, points)
    return float(np.trapezoid(unrefuted(gamma), gamma))
