"""The errors of papers and published code: a page of all, and what concerns one method."""

from __future__ import annotations

import functools

import diracgan as dg
from diracgan.reproduction.errata import Discrepancy

from building.kept import kept
from building.words import number, paragraphs, plain, table

# The methods that each is about; none for what is about code or notation as a whole.
ABOUT: dict[str, tuple[str, ...]] = {
    "E1": ("consensus",),
    "E2": ("r3gan", "r3gan-ns"),
    "E3": ("r1", "wgan-gp", "dragan", "nsgan-r1"),
    "E4": ("wgan",),
    "E5": ("wgan-gp",),
    "E6": ("r1",),
    "E7": ("dragan", "dragan-ns"),
    "E8": ("gan",),
    "E9": ("clc",),
    "E10": ("lsgan", "lsgan-ns", "consensus", "jare", "ode-gan"),
    "E11": ("r1", "zero-gp", "roth", "instance-noise"),
    "E12": ("dragan", "zero-gp", "dragan-zero-centred"),
}


@functools.cache
def known() -> tuple[Discrepancy, ...]:
    """All of them, proved now; `RuntimeError` where a proof fails, since a page would state it."""
    found = kept("errata", dg.discrepancies)
    failed = [one.id for one in found if not one.ok]
    if failed:
        raise RuntimeError(f"the numbers of {', '.join(failed)} do not come out: see `diracgan discrepancies`")
    return found


def of(method: str) -> str:
    """What is wrong in the literature about one method, as a list; "" for nothing known."""
    found = [one for one in known() if method in ABOUT[one.id]]
    lines = [
        f"- [{one.id}](../errata.md#{one.id.lower()}), {plain(one.where)}: claimed is {plain(one.claimed)}; "
        f"{plain(one.holds)}."
        for one in found
    ]
    return "\n".join(lines)


def page() -> str:
    """All of them with their numbers."""
    parts = [
        "# Errors in papers and published code",
        f"{len(known())} places where a paper or published code is wrong, or where two of them mean different things "
        "by the same letter. This page is written from `dg.discrepancies()`, which computes both values of each row; "
        "the build of the manual fails when one of them does not come out as stated. `diracgan discrepancies` prints "
        "the same.",
    ]
    for one in known():
        methods = ", ".join(f"[`{name}`](methods/{name}.md)" for name in ABOUT[one.id])
        parts += [
            f"({one.id.lower()})=\n## {one.id}: {plain(one.where)}",
            f"**Claimed:** {plain(one.claimed)}",
            f"**Holds:** {plain(one.holds)}",
            f"Concerns {methods}." if methods else "",
            table(
                ["number", "derived", "published"],
                ([plain(it.what), number(it.derived, 6), number(it.published, 6)] for it in one.facts),
            ),
        ]
    return paragraphs(parts)
