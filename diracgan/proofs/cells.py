"""Cells of the plane of penalty and learning rate, and the bounds of the rotation lemma on them.

Simultaneous: h = s·min(4γ, 1/γ), alternating: h = s·min(2, 1/γ); both have their kink at γ = ½, and no cell crosses it.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np

from diracgan.proofs.lyapunov import PEAK
from diracgan.tracing.affine import Affine, reciprocal
from diracgan.tracing.boxes import Boxes, as_boxes, exp

KINK = 0.5


@dataclasses.dataclass(frozen=True)
class Cell:
    """A box of parameters with γ and s between two numbers, on one side of γ = 1/2."""

    gamma: tuple[float, float]
    share: tuple[float, float]
    alternating: bool = False

    @property
    def area(self) -> float:
        """Of the (γ, h) that it stands for."""
        (a, b), share = self.gamma, self.share[1] - self.share[0]
        if b <= KINK:
            return share * (2 * (b - a) if self.alternating else 2 * (b * b - a * a))
        return share * math.log(b / a)

    def halves(self) -> tuple[Cell, Cell]:
        """Cut across the direction in which h or γ varies more."""
        (a, b), (low, high) = self.gamma, self.share
        if math.log(b / a) > 0.8 * (high - low):
            middle = math.sqrt(a * b)
            return dataclasses.replace(self, gamma=(a, middle)), dataclasses.replace(self, gamma=(middle, b))
        middle = (low + high) / 2
        return dataclasses.replace(self, share=(low, middle)), dataclasses.replace(self, share=(middle, high))

    def parameters(self, gamma: Any, share: Any) -> tuple[Any, Any]:
        """h and p = hγ at γ and s."""
        if self.gamma[1] > KINK:
            return share * (reciprocal(gamma) if isinstance(gamma, Affine) else 1.0 / gamma), share
        h = share * 2.0 if self.alternating else gamma * share * 4.0
        return h, h * gamma

    def corners(self) -> list[tuple[float, float]]:
        """(γ, h) at the corners; h > 0."""
        shares = (max(self.share[0], 1e-3 * self.share[1]), self.share[1])
        return [(g, self.parameters(g, s)[0]) for g, s in itertools.product(self.gamma, shares)]


def heights(gamma: Any, h: Any, p: Any, alternating: bool) -> np.ndarray:
    """The bound of ψ² where an orbit leaves Q, on intervals of the parameters with hγ = p <= 1, rounded upward.

    An orbit that leaves Q in the round after it came has ψ² <= h³c₀, and h² >= 2; the others ψ² <= c₀(Ah³ + ...).
    """
    gamma, h, p = (as_boxes(part) for part in (gamma, h, p))
    kappa, near, rest = p * (2.0 - p), 2.0 - p, (1.0 - p).square()
    late = (h * h / gamma * exp(p - 1.0)).high
    # A = max (1 - p)^2N (1 + 2N) over N >= 1 is 3(1 - p)² where each further term is smaller.
    first = np.where(rest.high < 0.6, np.minimum((3.0 * (h * h * h) * rest).high, late), late)
    last = 2.0 - kappa if alternating else 2.0 + kappa
    others = 2.0 * (1.0 - p) / (gamma * near) + 0.25 * h * last / (gamma * near).square()
    many = (PEAK * (others + Boxes(first))).high
    return np.maximum(many, np.where(h.square().high >= 2, (PEAK * (h * h * h)).high, 0.0))


def bounds(cell: Cell, pieces: int = 8) -> tuple[float, float]:
    """The largest bound of ψ² on a cell, and the largest h, rounded upward."""
    edges = [np.linspace(*ends, pieces + 1) for ends in (cell.gamma, cell.share)]
    low = np.meshgrid(*(edge[:-1] for edge in edges))
    high = np.meshgrid(*(edge[1:] for edge in edges))
    gamma, share = (Boxes(a.ravel(), b.ravel()) for a, b in zip(low, high, strict=True))
    h, p = cell.parameters(gamma, share)
    return float(heights(gamma, h, p, cell.alternating).max()), float(h.high.max())
