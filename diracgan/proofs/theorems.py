"""Every statement on global behaviour that the package knows, with what it rests on."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator

from diracgan.games.inputs import as_flag, as_text, told
from diracgan.games.parameters import unknown
from diracgan.proofs import coexistence, divergence, flows, halfplanes, simultaneous, spurious
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
        lambda quick: coexistence.windows(15, coexistence.WINDOWS[1:2] if quick else coexistence.WINDOWS),
    ),
    _proved(
        "simultaneous",
        "Simultaneous descent on the minimax GAN with R1 converges from every start for 0.7 <= γ <= 3, h < 1/γ, and in "
        "the other regions of `simultaneous.PROVED`.",
        simultaneous.globally,
    ),
    _proved(
        "divergence",
        "Simultaneous and alternating descent on the minimax GAN with R1 diverge for hγ > 1 from an explicit set of "
        "starts.",
        lambda quick: divergence.constants(),
    ),
    _proved(
        "consensus",
        "Consensus optimisation of the minimax GAN has two saddles away from the solution for every γ > 0: it does not "
        "converge from every start.",
        lambda quick: spurious.saddles((0.5, 2.0) if quick else spurious.GAMMAS),
    ),
    _proved(
        "wgan-gp",
        "The flow of WGAN-GP converges to one cycle for γ < 2, to one of two points off the solution for γ >= 2, from "
        "every start with ψ ≠ 0.",
        lambda quick: halfplanes.cycles(),
    ),
    _proved(
        "flows",
        "The flows of thirteen methods, with R1, R2, the penalty of Roth et al., LeCam, or the non-saturating loss, "
        "converge from every start.",
        lambda quick: flows.flows(flows.STATEMENTS[::4] if quick else flows.STATEMENTS),
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
    """Run proofs again, those named or all, and yield their records.

    `ValueError` for an unknown name and `TypeError` for what is none, at once and not when the first record is asked
    for.

    >>> next(prove(("coexistence",))).closed
    True
    """
    known = {one.name: one.run for one in _THEOREMS if one.run is not None}
    if not isinstance(names, (tuple, list)):
        raise TypeError(f"names must be several names of theorems, such as ('coexistence',); {told(names)} was given")
    for name in names:
        if as_text(name, "the name of a theorem") not in known:
            raise ValueError(unknown("theorem", name, known))
    quick = as_flag(quick, "quick")
    return (timed(functools.partial(known[name], quick)) for name in names or known)
