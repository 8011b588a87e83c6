"""The list of rules that turn one primitive of JAX into expressions, and what a rule is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from diracgan.explorer.arrays import Cells, Tables
from diracgan.explorer.graph import Graph, Loop, Node


class Run(Protocol):
    """The interpreter as a rule sees it: where expressions are made, and how an inner jaxpr is run."""

    graph: Graph
    tables: Tables
    counts: dict[int, Node]
    loop: Loop | None

    def run(self, jaxpr: Any, consts: Sequence[Any], arguments: Sequence[Cells]) -> list[Cells]:
        """The results of a jaxpr."""
        ...


# Of the inputs, the true shapes of the inputs, the first output's shape and type, and the primitive's parameters.
Rule = Callable[[Run, list[Cells], list[tuple[int, ...]], Any, dict[str, Any]], Any]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Put what follows on the list, under the names of its primitives."""

    def add(given: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, given))
        return given

    return add
