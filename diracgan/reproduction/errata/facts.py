"""What a discrepancy is, how it is shown, and the list of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class Fact:
    """One number of a proof: the value that is derived, the value that the publication gives, and what must hold."""

    what: str
    derived: float
    published: float
    ok: bool


@dataclasses.dataclass(frozen=True)
class Discrepancy:
    """One error or ambiguity: where it is, what is claimed, what holds, and the numbers that show it."""

    id: str
    where: str
    claimed: str
    holds: str
    facts: tuple[Fact, ...]

    @property
    def ok(self) -> bool:
        """Whether every number came out as stated."""
        return all(fact.ok for fact in self.facts)

    def record(self) -> dict[str, object]:
        """A dictionary that JSON can hold."""
        return {**dataclasses.asdict(self), "facts": [dataclasses.asdict(fact) for fact in self.facts], "ok": self.ok}


Proof = Callable[[], list[Fact]]
_KNOWN: dict[str, tuple[str, str, str, Proof]] = {}


def discrepancy(id: str, where: str, claimed: str, holds: str) -> Callable[[Proof], Proof]:
    """Put what follows, a function that computes the facts, on the list."""

    def add(proof: Proof) -> Proof:
        _KNOWN[id] = (where, claimed, holds, proof)
        return proof

    return add


def proved() -> tuple[Discrepancy, ...]:
    """Every discrepancy on the list in the order of the numbers, with its facts computed now."""
    return tuple(
        Discrepancy(id, where, claimed, holds, tuple(proof()))
        for id, (where, claimed, holds, proof) in sorted(_KNOWN.items(), key=lambda one: int(one[0][1:]))
    )


def text(found: tuple[Discrepancy, ...]) -> str:
    """The discrepancies for a terminal."""
    lines = []
    for one in found:
        lines += [f"{'ok  ' if one.ok else 'FAIL'}  {one.id}  {one.where}"]
        lines += [f"      claimed: {one.claimed}", f"      holds:   {one.holds}"]
        lines += [
            f"      {'' if it.ok else 'FAIL '}{it.what}: derived {it.derived:.6g}, published {it.published:.6g}"
            for it in one.facts
        ]
    failed = sum(not one.ok for one in found)
    return "\n".join([*lines, f"{len(found)} discrepancies, {failed} without proof"])


def near(value: float, expected: float, tolerance: float = 1e-6) -> bool:
    """Whether two numbers agree to a tolerance, which is relative for those above 1."""
    return bool(abs(value - expected) <= tolerance * max(1.0, abs(expected)))


def fact(what: str, derived: Any, published: Any, expected: tuple[float, float], tolerance: float = 1e-6) -> Fact:
    """A fact that holds when both values are the expected ones."""
    derived, published = float(derived), float(published)
    ok = near(derived, expected[0], tolerance) and near(published, expected[1], tolerance)
    return Fact(what, derived, published, ok)


def slope(t: float) -> float:
    """f'(t) of the link f(t) = -log(1 + e^-t)."""
    return 1 / (1 + math.exp(t))
