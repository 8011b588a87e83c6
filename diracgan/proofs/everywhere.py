"""Convergence from every start on a cell of (γ, h): a Lyapunov function around what each orbit comes back to.

Let K be the compact set of the rotation lemma (`simultaneous`, `alternating`), which every orbit that does not tend to
0 visits, D an ellipse around 0, V continuous, S = {V <= c} ∩ D. If

    K ⊂ S,   a round leads from S into D,   V decreases on S ∖ {0},

then S is invariant, such an orbit is in S from some round on, V converges along it, and its limit points form an
invariant subset of S on which V is constant: {0}, and it tends to 0 after all. The conditions are checked box by box in
(direction, R, γ, s) by `search.cover`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from diracgan.proofs.cells import Cell, bounds, heights
from diracgan.proofs.fitting import SHAPES, Samples, found
from diracgan.proofs.lyapunov import PEAK, Point, change, value
from diracgan.proofs.search import cover
from diracgan.tracing.affine import axes
from diracgan.tracing.boxes import Boxes

_DEPTH = 40
_RARELY = 10.0  # the parameters of a cell are halved when the other axes are shorter by this


@dataclasses.dataclass(frozen=True)
class Certified:
    """A cell with the function that proves it: coefficients of V, the level c, and D = {θ² + ψ² - 2βθψ <= size}.

    `depth` says how often a box was halved in the proof.
    """

    cell: Cell
    coefficients: np.ndarray
    level: float
    size: float
    beta: float = 0.0
    depth: int = 0


def certified(cell: Cell, hints: tuple[np.ndarray, ...] = (), limit: int = 50_000) -> tuple[Certified | None, int]:
    """The proof for one cell, with the functions `hints` or one found for it, and the number of boxes; None if open."""
    boxes = 0
    for proof in _candidates(cell, hints):
        ok, count, depth = holds(proof, limit)
        boxes += count
        if ok:
            return dataclasses.replace(proof, depth=depth), boxes
    return None, boxes


def _candidates(cell: Cell, hints: tuple[np.ndarray, ...]) -> Iterator[Certified]:
    """What is worth a search: functions that decrease at samples of S, in the smallest disc that S fits in."""
    samples = [functools.cache(functools.partial(Samples, cell, shape)) for shape in SHAPES]
    for coefficients in hints:
        yield from _placed(cell, coefficients, samples)
    for make in samples:
        best = found(make())
        if best is not None and make().fits(best, make().level(best)):
            yield from _placed(cell, best, [make])
            return


def _placed(cell: Cell, coefficients: np.ndarray, shapes: Sequence[Callable[[], Samples]]) -> Iterator[Certified]:
    for make in shapes:
        one = make()
        level = one.level(coefficients)
        if one.fits(coefficients, level):
            if one.decreases(coefficients, level):
                yield Certified(cell, coefficients, level, one.top, one.shape[1])
            return


def holds(proof: Certified, limit: int) -> tuple[bool, int, int]:
    """Whether the three conditions hold; boxes, and their depth."""
    boxes, depth = 0, 0
    for search in (start_inside, decreases):
        ok, count, deepest = search(proof, limit)
        boxes, depth = boxes + count, max(depth, deepest)
        if not ok:
            return False, boxes, depth
    return True, boxes, depth


def decreases(proof: Certified, limit: int) -> tuple[bool, int, int]:
    """Whether V decreases on S and S is mapped into D, on both charts of the directions; boxes, and their depth."""
    boxes, depth, cell = 0, 0, proof.cell
    # The largest θ², or ψ², in D.
    top = proof.size / (1 - proof.beta**2) * (1 + 1e-12)
    root = _grid((-1.0, 1.0, 8), (0.0, top, 4), (*cell.gamma, 1), (*cell.share, 1))
    scale = np.array([1.0, top / 2, *(_RARELY * (high - low) for low, high in (cell.gamma, cell.share))])
    for chart in (0, 1):
        done = cover(functools.partial(_holds, proof, chart), root, _DEPTH, scale=scale, limit=limit)
        boxes, depth = boxes + done.boxes, max(depth, done.depth)
        if not done.closed:
            return False, boxes, depth
    return True, boxes, depth


def _grid(*sides: tuple[float, float, int]) -> Boxes:
    """A box cut into parts of equal size: (low, high, parts) for each side."""
    edges = [np.linspace(low, high, parts + 1) for low, high, parts in sides]
    low, high = (
        np.meshgrid(*(edge[cut] for edge in edges), indexing="ij") for cut in (slice(None, -1), slice(1, None))
    )
    return Boxes(*(np.stack([part.ravel() for part in ends], -1) for ends in (low, high)))


def _holds(proof: Certified, chart: int, *axis: Boxes) -> np.ndarray:
    t, R, gamma, share = axes(axis)
    one = t * 0.0 + 1.0
    h, p = proof.cell.parameters(gamma, share)
    x, y = (one, t) if chart == 0 else (t, one)
    at = Point(x, y, R, gamma, h, p, proof.cell.alternating)
    outside = (R * value(proof.coefficients, at)).low > proof.level
    done = change(proof.coefficients, at)
    # R counts one entry's square: it is θ² in one chart, ψ² in the other.
    outside |= (R * (1.0 + t * t - t * (2 * proof.beta))).low > proof.size
    stays = (R * (done.xx + done.yy - done.xy * (2 * proof.beta))).high < proof.size
    return outside | ((done.V.high < 0) & stays)


def start_inside(proof: Certified, limit: int) -> tuple[bool, int, int]:
    """Whether K, where θψ >= 0, lies in S: ψ² = R, θ = tψ with 0 <= t <= h/2; boxes, and their depth."""
    cell = proof.cell
    height, rate = bounds(cell)
    root = _grid((0.0, rate / 2, 2), (0.0, height, 2), (*cell.gamma, 1), (*cell.share, 1))

    def inside(*axis: Boxes) -> np.ndarray:
        t, R, gamma, share = axes(axis)
        h, p = cell.parameters(gamma, share)
        at = Point(t, t * 0.0 + 1.0, R, gamma, h, p, cell.alternating)
        below = (R * value(proof.coefficients, at)).high < proof.level
        k, r = (part.box for part in (h, p))
        wide = Boxes(np.maximum(k.low, 0.0), k.high)
        beyond = axis[1].low > heights(axis[2], wide, Boxes(np.maximum(r.low, 0.0), r.high), cell.alternating)
        beyond |= (axis[0].low > 0.5 * wide.high) | ((axis[1] * axis[0].square()).low > (wide * PEAK).high)
        return below | beyond

    done = cover(inside, root, _DEPTH, limit=limit)
    inner = (Boxes(rate) * PEAK + height).high < proof.size
    return bool(done.closed and inner), done.boxes, done.depth


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


def atlas(roots: Sequence[Cell], halvings: int = 3, limit: int = 100_000) -> Atlas:
    """Prove cells, halving what stays open so often at most; the last function that proved one is tried first."""
    work, proved, left, boxes = [(cell, 0) for cell in reversed(roots)], [], [], 0
    hints: tuple[np.ndarray, ...] = ()
    while work:
        cell, halved = work.pop()
        done, count = certified(cell, hints, limit)
        boxes += count
        if done is not None:
            proved.append(done)
            hints = (done.coefficients,)
        elif halved >= halvings:
            left.append(cell)
        else:
            work.extend((half, halved + 1) for half in reversed(cell.halves()))
    return Atlas(tuple(proved), tuple(left), boxes)
