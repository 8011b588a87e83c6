"""Every statement on global behaviour that the package knows, with what it rests on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from diracgan.games.parameters import unknown
from diracgan.proofs import coexistence
from diracgan.proofs.records import Record, timed


@dataclasses.dataclass(frozen=True)
class Theorem:
    """A statement and its status.

    `status` is "proved" (here: `command` runs the proof again), "reported" (a derivation that is not part of this
    repository) or "conjecture" (observed only). `run` makes the record of the proof, with a smaller search if asked for
    the quick form; None where there is none.
    """

    name: str
    statement: str
    status: str
    command: str = ""
    run: Callable[[bool], Record] | None = dataclasses.field(default=None, repr=False)


def _proved(name: str, statement: str, run: Callable[[bool], Record]) -> Theorem:
    return Theorem(name, statement, "proved", f"diracgan prove {name}", run)


_THEOREMS = (
    _proved(
        "coexistence",
        "Alternating descent on the minimax GAN with R1 at γ = 0.1, h = 2.2 has an attracting 6-cycle beside an "
        "attracting equilibrium: local stability does not imply global convergence.",
        lambda quick: coexistence.single(),
    ),
    _proved(
        "coexistence-windows",
        "The same for intervals of learning rates at γ = 0.02, 0.05, 0.1, 0.22 with cycles of 4, 6 and 8 rounds, each "
        "of which begins at an enclosed fold.",
        lambda quick: coexistence.windows(9, coexistence.WINDOWS[1:2]) if quick else coexistence.windows(14),
    ),
    Theorem(
        "simultaneous-boundary",
        "Simultaneous descent on the minimax GAN with R1 converges from every start for h < min(4γ, 1/γ).",
        "conjecture",
    ),
    Theorem(
        "global-step",
        "The regions of `reported_limit`: every start converges under simultaneous or alternating descent.",
        "reported",
    ),
)


def theorems() -> tuple[Theorem, ...]:
    """All statements, proved ones first.

    >>> sorted({one.status for one in dg.proofs.theorems()})
    ['conjecture', 'proved', 'reported']
    """
    return _THEOREMS


def prove(names: tuple[str, ...] = (), quick: bool = False) -> Iterator[Record]:
    """Run proofs again, those named or all, and yield their records; `ValueError` for an unknown name.

    >>> next(prove(("coexistence",))).closed
    True
    """
    known = {one.name: one.run for one in _THEOREMS if one.run is not None}
    for name in names:
        if name not in known:
            raise ValueError(unknown("theorem", name, known))
    for name in names or known:
        run = known[name]
        yield timed(lambda run=run: run(quick))  # type: ignore[misc]
