"""Every statement on global behaviour that the package knows, with what it rests on."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from diracgan.games.inputs import as_flag, as_path, as_text, told
from diracgan.games.parameters import unknown
from diracgan.proofs import alternating, coexistence, divergence, flows, halfplanes, noise, simultaneous, spurious
from diracgan.proofs.records import Record, timed
from diracgan.proofs.tasks import Workers
from diracgan.sweeps.cluster import PROCESSES


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
    run: Callable[[bool, Workers], Record] | None = dataclasses.field(default=None, repr=False)


def _proved(name: str, statement: str, run: Callable[[bool, Workers], Record]) -> Theorem:
    return Theorem(name, statement, "proved", f"diracgan prove {name}", run)


_THEOREMS = (
    _proved(
        "coexistence",
        "Alternating descent on the minimax GAN with R1 at γ = 0.1, h = 2.2 has an attracting 6-cycle beside an "
        "attracting equilibrium: local stability does not imply global convergence.",
        lambda quick, workers: coexistence.single(),
    ),
    _proved(
        "coexistence-windows",
        "The same for intervals of learning rates at γ = 0.02, 0.05, 0.1, 0.22 with cycles of 4, 6 and 8 rounds, each "
        "of which begins at an enclosed fold.",
        lambda quick, workers: coexistence.windows(15, coexistence.WINDOWS[1:2] if quick else coexistence.WINDOWS),
    ),
    _proved(
        "simultaneous",
        simultaneous.STATEMENT,
        simultaneous.globally,
    ),
    _proved(
        "alternating",
        alternating.STATEMENT,
        alternating.globally,
    ),
    _proved(
        "divergence",
        "Simultaneous and alternating descent on the minimax GAN with R1 diverge for hγ > 1 from an explicit set of "
        "starts.",
        lambda quick, workers: divergence.constants(),
    ),
    _proved(
        "consensus",
        "Consensus optimisation of the minimax GAN has two saddles away from the solution for every γ > 0: it does not "
        "converge from every start.",
        lambda quick, workers: spurious.saddles((0.5, 2.0) if quick else spurious.GAMMAS),
    ),
    _proved(
        "wgan-gp",
        "The flow of WGAN-GP converges to one cycle for γ < 2, to one of two points off the solution for γ >= 2, from "
        "every start with ψ ≠ 0.",
        lambda quick, workers: halfplanes.cycles(),
    ),
    _proved(
        "instance-noise",
        "The flow of the minimax GAN with instance noise of any strength converges from every start.",
        lambda quick, workers: noise.converges(quick),
    ),
    _proved(
        "flows",
        "The flows of thirteen methods, with R1, R2, the penalty of Roth et al., LeCam, or the non-saturating loss, "
        "converge from every start.",
        lambda quick, workers: flows.flows(flows.STATEMENTS[::4] if quick else flows.STATEMENTS),
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


def prove(
    names: Sequence[str] = (), quick: bool = False, processes: int = 1, keep: str | Path | None = None
) -> Iterator[Record]:
    """Run proofs again, those named or all, and yield their records.

    Args:
        names: of theorems; all by default.
        quick: a smaller part of each proof.
        processes: how many share the parts of the long ones; what is proved does not depend on it.
        keep: a folder for the parts that are done, from which a proof that was stopped goes on. A part counts only for
            the same source text and versions; what the files say is not checked again.

    Raises `ValueError` for an unknown name and `TypeError` for what is none, at once and not when the first record is
    asked for; `OSError` where a part cannot be written to the folder.

    >>> next(prove(("coexistence",))).closed
    True
    """
    known = {one.name: one.run for one in _THEOREMS if one.run is not None}
    if not isinstance(names, (tuple, list)):
        raise TypeError(f"names must be several names of theorems, such as ('coexistence',); {told(names)} was given")
    quick, folder = as_flag(quick, "quick"), None if keep is None else as_path(keep, "keep")
    workers = Workers(PROCESSES.convert(processes), folder)
    for name in names:
        if as_text(name, "the name of a theorem") not in known:
            raise ValueError(unknown("theorem", name, known))
    return (timed(functools.partial(known[name], quick, workers)) for name in names or known)
