"""The three convex problems behind an optimal score: linear, least-distance, and the log-loss by Newton's method."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.losses import Loss, Minimax, Wasserstein

LINKS: dict[str, Loss] = {"linear": Wasserstein(), "log": Minimax()}


def linear(gain: np.ndarray, rows: np.ndarray, most: np.ndarray) -> np.ndarray:
    """max gain·w subject to |rows w| <= most, by HiGHS."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    both = csr_array(np.concatenate([rows, -rows]))
    done = linprog(-gain, both, np.concatenate([most, most]), bounds=(None, None), method="highs")
    if done.status != 0:
        raise ArithmeticError(f"the linear program of the optimal score was not solved: {done.message}")
    return done.x


def nearest(target: np.ndarray, rows: np.ndarray, most: np.ndarray) -> np.ndarray:
    """The w nearest to `target` with |rows w| <= most: the least-distance problem, solved by NNLS."""
    from scipy.optimize import nnls

    both, room = np.concatenate([rows, -rows]), np.concatenate([most, most])
    room = room - both @ target
    if np.all(room >= 0):
        return target
    # Lawson and Hanson: with y = w - target, -both y >= -room; y is read off the residual.
    matrix = np.concatenate([-both.T, -room[None]])
    right = np.zeros(len(matrix))
    right[-1] = 1.0
    multipliers, _ = nnls(matrix, right, maxiter=50 * matrix.shape[1])
    residual = matrix @ multipliers - right
    return target - residual[:-1] / residual[-1]


def logarithmic(
    fake: np.ndarray, real: np.ndarray, gamma: float, rows: np.ndarray, most: np.ndarray
) -> tuple[np.ndarray, float, float]:
    """The optimal score of the log-loss with a bias, which no norm sees: Newton's method, each step least-distance."""
    fake, real = (np.append(part, np.ones((len(part), 1)), 1) for part in (fake, real))
    rows = np.append(rows, np.zeros((len(rows), 1)), 1)
    ridge = np.append(np.full(fake.shape[1] - 1, gamma), 0.0)
    w = np.zeros(fake.shape[1])

    def objective(w: np.ndarray) -> float:
        gained = price("log", fake @ w)[0].mean() + price("log", -real @ w)[0].mean()
        return float(gained - ridge @ w**2 / 2)

    for _ in range(100):
        (_, up, bent), (_, down, bowed) = price("log", fake @ w), price("log", -real @ w)
        slope = up @ fake / len(fake) - down @ real / len(real) - ridge * w
        curvature = fake.T @ (-bent[:, None] * fake) / len(fake) + real.T @ (-bowed[:, None] * real) / len(real)
        step = _newton_step(w, slope, curvature + np.diag(ridge), rows, most)
        rise = float(slope @ step)
        if rise < 1e-13:
            return w[:-1], float(w[-1]), objective(w)
        here, share = objective(w), 1.0
        while objective(w + share * step) < here + share * rise / 4 and share > 1e-8:
            share /= 2
        w = w + share * step
    raise ArithmeticError("the optimal score of the log-loss was not found in 100 steps of Newton's method")


def _newton_step(
    w: np.ndarray, slope: np.ndarray, curvature: np.ndarray, rows: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """The step that maximises slope·d - ½d·curvature·d subject to |rows(w + d)| <= most."""
    from scipy.linalg import solve_triangular

    # Where all scores saturate there is next to no curvature left: a small multiple of the largest holds the step.
    held = curvature + 1e-9 * max(np.trace(curvature), 1e-6) * np.eye(len(w))
    lower = np.linalg.cholesky(held)
    full = lower.T @ w + solve_triangular(lower, slope, lower=True)
    if len(rows):
        full = nearest(full, solve_triangular(lower, rows.T, lower=True).T, most)
    return solve_triangular(lower.T, full, lower=False) - w


def price(link: str, scores: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """f, f' and f'' at many scores."""
    if link == "linear":
        return np.asarray(scores), np.ones_like(scores), np.zeros_like(scores)
    value, slope, curvature = _log_price(scores)
    return value, slope, curvature


@in_float64
@answering
def _log_price(scores: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    link = LINKS["log"].link
    return link(scores), jax.vmap(jax.grad(link))(scores), jax.vmap(jax.grad(jax.grad(link)))(scores)
