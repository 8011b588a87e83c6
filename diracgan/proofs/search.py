"""Branch and bound: a box is halved until a statement holds on every part, many parts at a time.

The work list is a stack, so that the deepest parts come first: it holds at most a chunk for each depth. Nothing depends
on time or on chance, and two runs visit the same boxes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from diracgan.tracing.boxes import Boxes

CHUNK = 1 << 14


@dataclasses.dataclass(frozen=True)
class Cover:
    """What a search did: the boxes that were looked at, the deepest halving, and the boxes left open, `(k, axes)`."""

    boxes: int
    depth: int
    open: Boxes
    volume: float

    @property
    def closed(self) -> bool:
        """Whether the statement holds everywhere."""
        return not len(self.open.low)

    @property
    def share(self) -> float:
        """The share of the volume in which it was proved."""
        return 1 - float(np.prod(self.open.width, axis=1).sum()) / self.volume


# What a box looks like to the statement: one `Boxes` for each axis. The answer is whether it was proved, box by box.
Statement = Callable[..., np.ndarray]


def cover(statement: Statement, root: Boxes, depth: int, patience: int = 0, scale: np.ndarray | None = None) -> Cover:
    """Halve the boxes of `root`, shape `(n, axes)`, until the statement is proved on each part.

    Args:
        statement: called with one `Boxes` of shape `(k,)` per axis; which of the k boxes are proved. What is not a
            number counts as not proved.
        root: where the search begins.
        depth: how often a box is halved at most; what is not proved then stays open.
        patience: give up when more boxes than this are open: then parts that were not looked at count as open, too.
        scale: the length of each axis in which halves are compared; that of the first box by default. The axis that is
            longest in these units is halved.

    >>> square = Boxes([[0.0, 0.0]], [[1.0, 1.0]])
    >>> cover(lambda x, y: (x * y).high < 1.1, square, depth=20).closed
    True
    >>> cover(lambda x, y: (x * y).high < 0.9, square, depth=12).share > 0.9
    True
    """
    volume = float(np.prod(root.width, axis=1).sum())
    scale = np.maximum(root.width[0], 1e-300) if scale is None else np.asarray(scale, np.float64)
    work = [(root, 0)]
    boxes, deepest, count = 0, 0, 0
    left: list[Boxes] = []
    with np.errstate(all="ignore"):
        while work and count <= patience:
            part, level = work.pop()
            if len(part.low) > CHUNK:
                work.append((part[CHUNK:], level))
                part = part[:CHUNK]
            boxes, deepest = boxes + len(part.low), max(deepest, level)
            proved = np.broadcast_to(statement(*(part[:, axis] for axis in range(len(scale)))), len(part.low))
            part = part[~proved]
            if not len(part.low):
                continue
            if level == depth:
                left.append(part)
                count += len(part.low)
            else:
                work.append((_halved(part, scale), level + 1))
    left += [part for part, _ in work]
    none = np.zeros((0, len(scale)))
    ends = (np.concatenate([none, *(getattr(part, end) for part in left)]) for end in ("low", "high"))
    return Cover(boxes, deepest, Boxes(*ends), volume)


def _halved(part: Boxes, scale: np.ndarray) -> Boxes:
    rows, axis = np.arange(len(part.low)), np.argmax(part.width / scale, axis=1)
    middle = part.middle[rows, axis]
    high, low = part.high.copy(), part.low.copy()
    high[rows, axis] = middle
    low[rows, axis] = middle
    return Boxes(np.concatenate([part.low, low]), np.concatenate([high, part.high]))
