"""Candidates for Lyapunov functions, by linear programs on samples, in floats: nothing rests on how they are found."""

from __future__ import annotations

import numpy as np

from diracgan.proofs.cells import Cell, bounds
from diracgan.proofs.lyapunov import PEAK, TERMS, columns

# D = {θ² + ψ² - 2βθψ <= r²}: r² over the square of the largest point of K, and β.
SHAPES = ((1.5, 0.0), (1.6, 0.3), (2.0, 0.5), (2.6, 0.6), (3.2, 0.7), (4.5, 0.5))
_EDGE = 0.85  # a set S that reaches beyond this part of r² needs a larger D
_LARGEST, _PRICE = 40.0, 0.005  # of a coefficient


class Samples:
    """A cell's samples: directions and sizes in D, one round of each at the corners, and points of K."""

    def __init__(self, cell: Cell, shape: tuple[float, float], angles: int = 32, sizes: int = 14) -> None:
        height, rate = bounds(cell, 1)
        self.shape, self.top = shape, shape[0] * (height + PEAK * rate)
        angle = np.pi * (np.arange(angles) + 0.5) / angles
        self.size, angle = (part.ravel() for part in np.meshgrid(np.linspace(0.03, 1, sizes) ** 2, angle))
        x, y = np.cos(angle), np.sin(angle)
        self.R = self.size * self.top / (1 - 2 * shape[1] * x * y)
        self.before = columns(x, y, self.R)
        self.parts = [self._part(cell, x, y, gamma, h) for gamma, h in cell.corners()]
        self.weights = sorted({1.0} if cell.alternating else set(cell.gamma))
        t, size = (part.ravel() for part in np.meshgrid(np.linspace(0, rate / 2, 12), height * np.linspace(0.2, 1, 6)))
        t = np.minimum(t, np.sqrt(rate * PEAK / size))
        self.start, self.start_base = columns(t, np.ones_like(t), size) * size[:, None], size * (1 + t * t)

    def _part(self, cell: Cell, x: np.ndarray, y: np.ndarray, gamma: float, h: float) -> tuple[np.ndarray, np.ndarray]:
        """The changes of Σ fᵢmᵢ and of x² + y² in one round, over hγ."""
        a = x - h * y / (1 + np.exp(self.R * x * y))
        seen = a if cell.alternating else x
        b = (1 - h * gamma) * y + h * seen / (1 + np.exp(self.R * seen * y))
        weight = 1.0 if cell.alternating else gamma
        return weight * (columns(a, b, self.R) - self.before) / (h * gamma), (a * a + b * b - 1) / (h * gamma)

    def values(self, coefficients: np.ndarray) -> np.ndarray:
        """V at the samples, one row for each weight."""
        return np.stack([self.R * (1 + w * (self.before @ coefficients)) for w in self.weights])

    def level(self, coefficients: np.ndarray) -> float:
        """A little above the largest V at the points of K."""
        return 1.02 * max(float(np.max(self.start_base + w * (self.start @ coefficients))) for w in self.weights)

    def fits(self, coefficients: np.ndarray, level: float) -> bool:
        """Whether no sample with V <= level comes near the edge of D."""
        inside = np.any(self.values(coefficients) <= level, axis=0)
        return bool(np.max(self.size[inside]) < _EDGE)

    def decreases(self, coefficients: np.ndarray, level: float) -> bool:
        """Whether V decreases at the samples with V <= level."""
        inside = np.any(self.values(coefficients) <= level, axis=0)
        return bool(all(np.all((part @ coefficients + base)[inside] < 0) for part, base in self.parts))


def found(samples: Samples) -> np.ndarray | None:
    """Coefficients with the largest decrease per hγ, first on D, then on the set S of the last ones."""
    inside, edge = np.ones(len(samples.R), bool), samples.size > _EDGE - 0.1
    best = None
    for _ in range(4):
        done = _program(samples, inside, edge)
        if done is None:
            break
        best, margin = done
        now = np.any(samples.values(best) <= 1.1 * samples.level(best), axis=0)
        if margin > 0 and not inside.all():
            break
        inside, edge = now, ~now
    return best


def _program(samples: Samples, inside: np.ndarray, edge: np.ndarray) -> tuple[np.ndarray, float] | None:
    """V with the largest decrease at the samples inside, at most a level on K, above it at the samples of an edge."""
    from scipy.optimize import linprog

    def padded(rows: np.ndarray, margin: float, level: float) -> np.ndarray:
        return np.hstack([rows, -rows, np.tile([margin, level], (len(rows), 1))])

    rows = [padded(part[inside], 1.0, 0.0) for part, _ in samples.parts]
    limits = [-base[inside] for _, base in samples.parts]
    for w in samples.weights:
        rows.append(padded(-w * samples.before, 0.0, 0.0))
        limits.append(np.full(len(samples.R), 0.9))
        rows += [
            padded(w * samples.start, 0.0, -1.0),
            padded(-w * (samples.before * samples.R[:, None])[edge], 0.0, 1.08),
        ]
        limits += [-samples.start_base, samples.R[edge]]
    # Wild functions cost boxes: a coefficient has its price, and is the difference of two that are not negative.
    done = linprog(
        np.concatenate([np.full(2 * TERMS, _PRICE), [-1.0, 0.0]]),
        A_ub=np.concatenate(rows),
        b_ub=np.concatenate(limits),
        bounds=[(0, _LARGEST)] * (2 * TERMS) + [(None, 5), (0, None)],
        method="highs",
    )
    return (done.x[:TERMS] - done.x[TERMS : 2 * TERMS], float(done.x[-2])) if done.status == 0 else None
