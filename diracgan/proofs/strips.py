"""A region of (γ, h) as strips of γ, each proved cell by cell, and the record of such a proof."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

from diracgan.proofs.cells import KINK, Cell
from diracgan.proofs.everywhere import atlas
from diracgan.proofs.lyapunov import PEAK
from diracgan.proofs.records import Record
from diracgan.proofs.tasks import Workers

HALVINGS, LIMIT = 3, 40_000


@dataclasses.dataclass(frozen=True)
class Strip:
    """All h below `shares[-1]` of the unit of `cells`, for γ between two numbers; `shares` are the edges of cells."""

    gamma: tuple[float, float]
    shares: tuple[float, ...]
    alternating: bool

    @property
    def cells(self) -> list[Cell]:
        """Where the search begins."""
        return [Cell(self.gamma, ends, self.alternating) for ends in itertools.pairwise(self.shares)]

    def limit(self, gamma: float) -> float:
        """Below which h is proved, at a γ of the strip."""
        if self.gamma[1] > KINK:
            return self.shares[-1] / gamma
        return self.shares[-1] * (2 if self.alternating else 4 * gamma)


def strips(gammas: Sequence[float], shares: Sequence[float], alternating: bool = False) -> tuple[Strip, ...]:
    """Strips between consecutive γ."""
    return tuple(Strip(ends, tuple(shares), alternating) for ends in itertools.pairwise(gammas))


def proved_limit(known: Sequence[Strip], gamma: float, slack: float = 0.0) -> float:
    """Below which learning rates the strips prove every h at γ (1 ± slack), up to a relative `slack`; 0 for none.

    A part in 10¹² is left out: what is rounded here lies inside of what was proved.
    """
    limits = []
    for near in (gamma * (1 - slack), gamma * (1 + slack)):
        # An edge belongs to the strips on both of its sides.
        limits.append(max((one.limit(near) for one in known if one.gamma[0] <= near <= one.gamma[1]), default=0.0))
    return min(limits) * (1 - slack - 1e-12)


def settled(strip: Strip) -> dict[str, Any]:
    """What a strip's proof leaves, as JSON can hold it: a task of `tasks.Workers`."""
    found = atlas(strip.cells, HALVINGS, LIMIT)
    cells = [
        {
            "gamma": one.cell.gamma,
            "s": one.cell.share,
            "level": one.level,
            "size": one.size,
            "beta": one.beta,
            "V": one.coefficients.tolist(),
            "depth": one.depth,
        }
        for one in found.proved
    ]
    return {"cells": cells, "open": [[cell.gamma, cell.share] for cell in found.open], "boxes": found.boxes}


def area(parts: Sequence[dict[str, Any]], alternating: bool) -> float:
    """Of the cells that were proved."""
    return sum(Cell(tuple(one["gamma"]), tuple(one["s"]), alternating).area for part in parts for one in part["cells"])


def record(name: str, statement: str, chosen: Sequence[Strip], whole: float, workers: Workers) -> Record:
    """The record of the proof for strips, in a region of area `whole`."""
    done = workers.map(name, settled, chosen)
    cells = [one for part in done for one in part["cells"]]
    left = [cell for part in done for cell in part["open"]]
    return Record(
        name=name,
        statement=statement,
        closed=not left,
        constants={
            "c0": PEAK,
            "strips": [(*one.gamma, one.shares[-1]) for one in chosen],
            "cells": len(cells),
        },
        boxes=sum(part["boxes"] for part in done),
        depth=max((one["depth"] for one in cells), default=0),
        evaluated="V <= c on K, and on {V <= c} ΔV/(hR) < 0 and x⁺ in D: first-order enclosures on boxes of "
        "(direction, R, γ, s), V from a linear program",
        share=area(done, chosen[0].alternating) / whole,
        details={"cells": cells, "open": left},
    )
