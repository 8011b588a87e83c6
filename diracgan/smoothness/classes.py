"""Classes of scores D on the line as finitely many numbers: values, slopes and curvatures are linear in them.

bounded slope: piecewise linear between the atoms (exact for W₁ and its kin)
bounded curvature: D' piecewise linear on a grid
bounded RKHS norm: D = Σ c_j k(·, y_j) on a grid of half the bandwidth, in coordinates w with ‖D‖² = |w|²
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

# Most coefficients of one score: beyond it a solve takes seconds.
_MOST = 400


@dataclasses.dataclass(frozen=True, eq=False)
class Class:
    """Scores D = Σ w_j φ_j: `bend(x, k)` are the k-th derivatives (k = 0, 1, 2) of all φ_j, shape `(len(x), d)`.

    `nodes` are the places where bounds on slope and curvature are imposed.
    """

    size: int
    nodes: np.ndarray

    def bend(self, x: ArrayLike, order: int) -> np.ndarray:
        """The derivatives of the basis."""
        raise NotImplementedError


@dataclasses.dataclass(frozen=True, eq=False)
class Steps(Class):
    """D' constant between neighbouring atoms and 0 outside; D(first atom) = 0."""

    knots: np.ndarray

    def bend(self, x: ArrayLike, order: int) -> np.ndarray:
        """Clipped ramps, and their steps between the atoms. There is no second derivative."""
        x, left, right = np.asarray(x, float)[:, None], self.knots[:-1], self.knots[1:]
        if order == 0:
            return np.clip(x, left, right) - left
        if order == 1:
            return np.asarray((x > left) & (x < right), float)
        raise ValueError("a score with bounded slope alone has no second derivative: (D2) fails")

    def extended(self, weights: np.ndarray, bound: float, x: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """The largest extension min_j D(z_j) + α|x - z_j| of the values at the atoms, and its slope.

        A generated point always presses against the bound from one side. The straight line between two atoms would
        show it the slope of the other side, too; this extension does not. At a kink the mean of both slopes.
        """
        x, at = np.asarray(x, float)[:, None], self.knots
        reach = self.bend(at, 0) @ weights + bound * np.abs(x - at)
        lowest = reach.min(axis=1)
        active = reach <= lowest[:, None] + 1e-9 * (1 + bound * (at[-1] - at[0]))
        right = np.min(np.where(active, np.where(x >= at, bound, -bound), np.inf), axis=1)
        left = np.max(np.where(active, np.where(x > at, bound, -bound), -np.inf), axis=1)
        return lowest, (left + right) / 2


@dataclasses.dataclass(frozen=True, eq=False)
class Slopes(Class):
    """D' piecewise linear with its values at the knots as coefficients, constant outside; D(first knot) = 0."""

    knots: np.ndarray

    def bend(self, x: ArrayLike, order: int) -> np.ndarray:
        """Integrals of hats, hats, and their derivatives."""
        x, t = np.asarray(x, float), self.knots
        inside = np.clip(x, t[0], t[-1])
        cell = np.clip(np.searchsorted(t, inside, "right") - 1, 0, len(t) - 2)
        width = np.diff(t)
        share = (inside - t[cell]) / width[cell]
        rows, made = np.arange(len(x)), np.zeros((len(x), len(t)))
        if order == 1:
            made[rows, cell], made[rows, cell + 1] = 1 - share, share
        elif order == 2:
            off = (x < t[0]) | (x > t[-1])
            made[rows, cell], made[rows, cell + 1] = -1 / width[cell] * ~off, 1 / width[cell] * ~off
        else:
            halves = np.zeros((len(t), len(t)))
            for k, w in enumerate(width):
                halves[k + 1] = halves[k]
                halves[k + 1, [k, k + 1]] += w / 2
            made = halves[cell]
            made[rows, cell] += width[cell] * (share - share**2 / 2)
            made[rows, cell + 1] += width[cell] * share**2 / 2
            beyond = x - inside
            made[rows, np.where(beyond < 0, 0, len(t) - 1)] += beyond
        return made


@dataclasses.dataclass(frozen=True, eq=False)
class Kernel(Class):
    """The span of Gaussian kernels on a grid, orthonormal in the RKHS."""

    tau: float
    centres: np.ndarray
    root: np.ndarray

    def bend(self, x: ArrayLike, order: int) -> np.ndarray:
        """Hermite functions of the distance to the centres."""
        z = (np.asarray(x, float)[:, None] - self.centres) / self.tau
        k = np.exp(-(z**2) / 2)
        shape = (k, -z * k / self.tau, (z**2 - 1) * k / self.tau**2)[order]
        return shape @ self.root


def steps(atoms: np.ndarray) -> Class:
    """Scores with bounded slope between the atoms."""
    knots = np.unique(atoms)
    if len(knots) == 1:
        knots = np.array([knots[0] - 0.5, knots[0] + 0.5])
    return Steps(len(knots) - 1, (knots[:-1] + knots[1:]) / 2, knots)


def slopes(atoms: np.ndarray, cells: int) -> Class:
    """Scores with bounded curvature on a grid of so many cells, an eighth wider than the atoms' range at both ends."""
    low, high = float(np.min(atoms)), float(np.max(atoms))
    pad = max(high - low, 1.0) / 8
    # No knots at the atoms: a knot that moves with a point would make the class depend on it.
    knots = np.linspace(low - pad, high + pad, cells + 1)
    return Slopes(len(knots), (knots[:-1] + knots[1:]) / 2, knots)


def kernel(atoms: np.ndarray, tau: float) -> Class:
    """The RKHS of exp(-|x - y|²/2τ²) on the atoms' range and three bandwidths beyond."""
    low, high = float(np.min(atoms)) - 3 * tau, float(np.max(atoms)) + 3 * tau
    count = int(np.ceil((high - low) / (tau / 2))) + 1
    if count > _MOST:
        raise ValueError(
            f"tau = {tau:g} is too small for clouds that reach over {high - low - 6 * tau:.3g}: {count} kernels would "
            f"be needed, at most {_MOST} are used; rescale the line or choose a larger bandwidth"
        )
    centres = np.linspace(low, high, count)
    gram = np.exp(-(((centres[:, None] - centres) / tau) ** 2) / 2)
    values, vectors = np.linalg.eigh(gram)
    keep = values > 1e-10 * values[-1]
    nodes = np.linspace(low, high, 6 * count)
    return Kernel(int(keep.sum()), nodes, tau, centres, vectors[:, keep] / np.sqrt(values[keep]))
