"""Global convergence of simultaneous descent on the minimax game with R1, by a rotation lemma and branch and bound.

Let p = hγ < 1, Q = {θ > 0, ψ >= 0}, Q' = {θ <= 0, ψ > 0}, q = 1/(1 + e^θψ) and c₀ = max u/(1 + e^u). Every point but 0
lies in Q, Q', -Q or -Q'.

*Rotation.* From Q a round leads to Q or Q', from Q' to Q' or -Q. In Q' the orbit has ψ⁺ <= (1 - p)ψ - h|θ|/2 while |θ|
grows, so that it leaves; in Q θ falls, and an orbit that stays has θ → 0 and ψ → 0. So an orbit that does not tend to 0
leaves ±Q again and again.

*Where it leaves.* When x ∈ Q and x⁺ ∉ Q, hψq >= θ, so that θ <= hψ/2 and θ² <= hc₀. In every earlier round in Q
θ(θ - θ⁺) = h u q <= hc₀, hence θ² - (θ⁺)² <= 2hc₀: k rounds before, θ² <= (1 + 2k)hc₀. The orbit came into Q with
ψ <= hθ, and (ψ⁺)² <= (1 - p)²ψ² + 2h(1 - p)c₀ + h²θ²/4. Summed up, with κ = p(2 - p):

    ψ² <= c₀ (h³e^{p-1}/p + 2(1 - p)h/κ + h³(2 + κ)/(4κ²)).

So each such orbit visits the compact set K of these bounds again and again, *whatever its start*. If V decreases on
S ∖ {0}, S = {V <= c} ∩ D with a box D, S is mapped into D and contains K, then every orbit tends to 0: it is in S from
some round on, and its limit points form an invariant set in S on which V is constant.

The conditions on S are checked box by box in (direction, R, γ, s), where h = s·min(4γ, 1/γ), 0 < s < 1.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from typing import Any

import numpy as np

from diracgan.proofs.lyapunov import PEAK, TERMS, Point, change, columns, value
from diracgan.proofs.records import Record
from diracgan.proofs.search import cover
from diracgan.tracing.boxes import Boxes, exp

KINK = 0.5  # where 4γ = 1/γ
_DEPTH = 40
GAMMAS, SHARES = (0.02, 3.0), (0.0, 1.0)


@dataclasses.dataclass(frozen=True)
class Cell:
    """A box of parameters with γ and s between two numbers, on one side of γ = 1/2."""

    gamma: tuple[float, float]
    share: tuple[float, float]

    @property
    def area(self) -> float:
        """Of the (γ, h) that it stands for."""
        a, b = self.gamma
        return (self.share[1] - self.share[0]) * (2 * (b * b - a * a) if b <= KINK else math.log(b / a))

    def halves(self) -> tuple[Cell, Cell]:
        """Cut across the direction in which h varies more."""
        (a, b), (low, high) = self.gamma, self.share
        if math.log(b / a) > (high - low) / max(high, 0.05):
            middle = math.sqrt(a * b)
            return Cell((a, middle), self.share), Cell((middle, b), self.share)
        middle = (low + high) / 2
        return Cell(self.gamma, (low, middle)), Cell(self.gamma, (middle, high))


@dataclasses.dataclass(frozen=True)
class Certified:
    """A cell with the function that proves it: coefficients of V, the level c, and the half-width of the square D.

    `depth` says how often a box was halved in the proof.
    """

    cell: Cell
    coefficients: np.ndarray
    level: float
    reach: float
    depth: int = 0


def parameters(gamma: Any, share: Any) -> tuple[Any, Any]:
    """h and p = hγ at γ and s."""
    if np.max(gamma.high if isinstance(gamma, Boxes) else gamma) <= KINK:
        return 4.0 * (gamma * share), 4.0 * (gamma * gamma * share)
    return share / gamma, share


def heights(gamma: Any, h: Any, p: Any, exponential: Any = np.exp) -> Any:
    """The bound of ψ² where an orbit leaves Q."""
    kappa, near = p * (2.0 - p), 2.0 - p
    return PEAK * (
        h * h / gamma * exponential(p - 1.0)
        + 2.0 * (1.0 - p) / (gamma * near)
        + 0.25 * h * (2.0 + kappa) / (gamma * gamma * near * near)
    )


def certified(cell: Cell, hints: tuple[np.ndarray, ...] = (), limit: int = 200_000) -> tuple[Certified | None, int]:
    """The proof for one cell, with the functions `hints` or one found for it, and the number of boxes; None if open."""
    h, p = parameters(Boxes(*cell.gamma), Boxes(*cell.share))
    height = float(heights(Boxes(*cell.gamma), h, p, exp).high)
    reach = 1.25 * math.sqrt(height + PEAK * float(h.high))
    boxes = 0
    for attempt in range(len(hints) + 1):
        coefficients = hints[attempt] if attempt < len(hints) else _found(cell, reach, height)
        if coefficients is None:
            continue
        level = 1.02 * float(np.max(_start(cell, height) @ coefficients)) + 1e-6
        if not _plausible(cell, coefficients, reach, level):
            continue
        proof = Certified(cell, coefficients, level, reach)
        inside = _start_inside(proof, height)
        boxes += inside[1]
        if not inside[0]:
            continue
        ok, count, depth = _decreases(proof, limit)
        boxes += count
        if ok:
            return dataclasses.replace(proof, depth=max(depth, inside[2])), boxes
    return None, boxes


@dataclasses.dataclass(frozen=True)
class Atlas:
    """The cells of a region that were proved, those that stayed open, and the number of boxes."""

    proved: tuple[Certified, ...]
    open: tuple[Cell, ...]
    boxes: int

    @property
    def share(self) -> float:
        """Of the area of the region."""
        area = sum(one.cell.area for one in self.proved)
        return area / (area + sum(cell.area for cell in self.open))


def atlas(roots: list[Cell], least: float, limit: int = 200_000) -> Atlas:
    """Prove cells, halving what stays open down to an area of `least`; a neighbour's function is tried first."""
    work, proved, left, boxes = list(reversed(roots)), [], [], 0
    hints: tuple[np.ndarray, ...] = ()
    while work:
        cell = work.pop()
        done, count = certified(cell, hints, limit)
        boxes += count
        if done is not None:
            proved.append(done)
            hints = (done.coefficients,)
        elif cell.area < 2 * least:
            left.append(cell)
        else:
            work.extend(reversed(cell.halves()))
    return Atlas(tuple(proved), tuple(left), boxes)


def region(gammas: tuple[float, ...], shares: tuple[float, ...]) -> list[Cell]:
    """Cells between consecutive numbers."""
    return [
        Cell((a, b), (low, high)) for a, b in itertools.pairwise(gammas) for low, high in itertools.pairwise(shares)
    ]


def _decreases(proof: Certified, limit: int) -> tuple[bool, int, int]:
    """Whether V decreases on S and S is mapped into D, on both charts of the directions; boxes, and their depth."""
    boxes, depth, cell = 0, 0, proof.cell
    root = Boxes(
        [[-1.0, 0.0, cell.gamma[0], cell.share[0]]], [[1.0, proof.reach**2 * (1 + 1e-12), cell.gamma[1], cell.share[1]]]
    )
    scale = np.array([1.0, proof.reach**2 / 2, *(2.0 * (high - low) for low, high in (cell.gamma, cell.share))])
    for chart in (0, 1):
        done = cover(functools.partial(_holds, proof, chart), root, _DEPTH, scale=scale, limit=limit)
        boxes, depth = boxes + done.boxes, max(depth, done.depth)
        if not done.closed:
            return False, boxes, depth
    return True, boxes, depth


def _holds(proof: Certified, chart: int, t: Boxes, R: Boxes, gamma: Boxes, share: Boxes) -> np.ndarray:
    one = Boxes(np.ones(t.shape))
    h, p = parameters(gamma, share)
    x, y = (one, t) if chart == 0 else (t, one)
    at = Point(x, y, R, gamma, h, p)
    outside = (R * value(proof.coefficients, at)).low > proof.level
    done = change(proof.coefficients, at)
    stays = ((R * done.x2).high < proof.reach**2) & ((R * done.y2).high < proof.reach**2)
    return outside | ((done.V.high < 0) & stays)


def _start_inside(proof: Certified, height: float) -> tuple[bool, int, int]:
    """Whether K lies in S: ψ² = R, θ = tψ with 0 <= t <= h/2; boxes, and their depth."""
    h = parameters(Boxes(*proof.cell.gamma), Boxes(*proof.cell.share))[0]
    top = float(h.high)
    root = Boxes([[0.0, 0.0]], [[top / 2, height]])

    def inside(t: Boxes, R: Boxes) -> np.ndarray:
        at = Point(t, Boxes(np.ones(t.shape)), R, h, h, h)
        return ((R * value(proof.coefficients, at)).high < proof.level) | (
            (R * t.square()).low > PEAK * top * (1 + 1e-9)
        )

    done = cover(inside, root, 24)
    return done.closed and height < proof.reach**2 and PEAK * top < proof.reach**2, done.boxes, done.depth


def _samples(reach: float, n: int = 48, m: int = 24) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    angle = np.pi * np.arange(n) / n
    R = (reach * np.linspace(0.02, 1, m)) ** 2
    R, angle = (part.ravel() for part in np.meshgrid(R, angle))
    return np.cos(angle), np.sin(angle), R


def _moved(x: np.ndarray, y: np.ndarray, R: np.ndarray, gamma: float, share: float) -> tuple[Any, Any]:
    h, p = parameters(gamma, share)
    q = 1 / (1 + np.exp(R * x * y))
    return x - h * q * y, (1 - p) * y + h * q * x


def _differences(cell: Cell, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """V/R and its change per h for each coefficient at samples and at the corners of the cell."""
    x, y, R = _samples(reach)
    before, changes = columns(x, y, R), []
    for gamma in cell.gamma:
        for share in cell.share:
            share = max(share, 1e-3 * cell.share[1])
            a, b = _moved(x, y, R, gamma, share)
            changes.append((columns(a, b, R) - before) / parameters(gamma, share)[0])
    return before, np.array(changes), R


def _found(cell: Cell, reach: float, height: float) -> np.ndarray | None:
    """Coefficients by linear programs: the largest decrease per h, first on D, then on the set S of the last ones."""
    before, changes, R = _differences(cell, reach)
    start = _start(cell, height)
    inside = np.ones(len(R), bool)
    best, level = None, np.inf
    for _ in range(4):
        done = _program(before, changes, R, start, inside, level)
        if done is None:
            break
        best, margin = done
        level = 1.02 * float(np.max(start @ best))
        now = R * (before @ best) <= 1.15 * level
        if margin > 0 and now.sum() >= 0.95 * inside.sum():
            break
        inside = now
    return best


def _program(
    before: np.ndarray, changes: np.ndarray, R: np.ndarray, start: np.ndarray, inside: np.ndarray, level: float
) -> tuple[np.ndarray, float] | None:
    """V with the largest decrease at the samples inside, at most `level` on the start, above it outside."""
    from scipy.optimize import linprog

    def padded(rows: np.ndarray, last: float) -> np.ndarray:
        return np.hstack([rows, np.full((len(rows), 1), last)])

    rows = [padded(part[inside], 1.0) for part in changes] + [padded(-before, 0.0)]
    bounds = [np.zeros(inside.sum() * len(changes)), np.full(len(before), -0.05)]
    if not inside.all():
        rows += [padded(start, 0.0), padded(-(before * R[:, None])[~inside], 0.0)]
        bounds += [np.full(len(start), level), np.full((~inside).sum(), -1.1 * level)]
    sums = np.zeros((1, TERMS + 1))
    sums[0, [0, 3]] = 1
    done = linprog(
        np.append(np.zeros(TERMS), -1.0),
        A_ub=np.concatenate(rows),
        b_ub=np.concatenate(bounds),
        A_eq=sums,
        b_eq=[2.0],
        bounds=[(-6, 6)] * TERMS + [(None, None)],
        method="highs",
    )
    return (done.x[:TERMS], float(done.x[-1])) if done.status == 0 else None


def _plausible(cell: Cell, coefficients: np.ndarray, reach: float, level: float) -> bool:
    """Whether V decreases at the samples of S: what fails there need not be searched."""
    before, changes, R = _differences(cell, reach)
    inside = R * (before @ coefficients) <= level
    return bool(np.all(changes[:, inside] @ coefficients < 0))


def _start(cell: Cell, height: float) -> np.ndarray:
    """V for each coefficient at points of K, in floats."""
    h = max(parameters(gamma, share)[0] for gamma in cell.gamma for share in cell.share)
    t, R = (part.ravel() for part in np.meshgrid(np.linspace(0, h / 2, 40), height * np.linspace(0, 1, 30)[1:]))
    kept = R * t * t <= PEAK * h * 1.05
    t, R = t[kept], R[kept]
    return columns(t, np.ones_like(t), R) * R[:, None]


# Where every smaller h is proved: the search begins with cells between these γ and these shares of min(4γ, 1/γ).
_TENTHS = tuple(k / 10 for k in range(10))
_PARTS = (
    (tuple(np.geomspace(0.7, GAMMAS[1], 13).tolist()), (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)),
    ((0.65, 0.7), _TENTHS),
    ((0.6, 0.65), _TENTHS[:9]),
    ((0.55, 0.6), _TENTHS[:7]),
    ((0.5, 0.55), _TENTHS[:6]),
    ((0.475, 0.5), _TENTHS[:7]),
    ((0.45, 0.475), _TENTHS[:6]),
    ((0.4, 0.45), _TENTHS[:5]),
    ((0.3, 0.35, 0.4), _TENTHS[:4]),
    ((0.25, 0.3), _TENTHS[:3]),
    ((0.2, 0.25), _TENTHS[:2]),
)
# (lowest γ, highest γ, largest share).
PROVED = tuple((gammas[0], gammas[-1], shares[-1]) for gammas, shares in _PARTS)
AREA = 2 * (KINK**2 - GAMMAS[0] ** 2) + math.log(GAMMAS[1] / KINK)


def is_proved(gamma: float, h: float, slack: float = 0.0) -> bool:
    """Whether (γ, h) lies in a proved region, and not within a relative `slack` of its boundary."""
    limit = min(4 * gamma, 1 / gamma) * (1 - slack)
    return any(
        low <= gamma * (1 - slack) and gamma * (1 + slack) <= high and h < share * limit for low, high, share in PROVED
    )


def globally(quick: bool) -> Record:
    """Every start converges, in the cells of the atlas."""
    # The quick form: 1.28 <= γ <= 1.64.
    parts = (((_PARTS[0][0][5:8]), _PARTS[0][1]),) if quick else _PARTS
    found = atlas([cell for part in parts for cell in region(*part)], 2e-4, 150_000)
    cells = [
        {"gamma": one.cell.gamma, "s": one.cell.share, "level": one.level, "reach": one.reach, "V": one.coefficients}
        for one in found.proved
    ]
    regions = [(gammas[0], gammas[-1], shares[-1]) for gammas, shares in parts]
    told = "; ".join(f"{low:.6g} <= γ <= {high:.6g}, h < {share:g} min(4γ, 1/γ)" for low, high, share in regions)
    return Record(
        name="simultaneous",
        statement=f"Simultaneous descent on the minimax GAN with R1 converges from every start for {told}.",
        closed=not found.open,
        constants={"c0": PEAK, "regions": regions, "cells": len(found.proved)},
        boxes=found.boxes,
        depth=max((one.depth for one in found.proved), default=0),
        evaluated="ΔV/(hR) < 0, V and R⁺ on boxes of (direction, R, γ, s), V from a linear program for each cell",
        share=sum(one.cell.area for one in found.proved) / AREA,
        details={"cells": cells, "open": [(cell.gamma, cell.share) for cell in found.open]},
    )
