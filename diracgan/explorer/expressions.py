"""Graphs of scalar expressions as JavaScript: the expressions between the statements of `printing`."""

from __future__ import annotations

import math

from diracgan.explorer.graph import Loop, Node

_BINDING = {"||": 1, "&&": 2, "===": 3, "!==": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6}
_ATOM, _UNARY = 9, 7


def number(value: float | bool) -> str:
    """A literal that JavaScript reads back as exactly this value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value == int(value) and 0 < abs(value) < 1e15 else repr(value).removesuffix(".0")


class Expressions:
    """Prints nodes as expressions, those that have a name by it."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}

    def text(self, node: Node) -> tuple[str, int]:
        """An expression and how tightly its outermost operator binds."""
        if node.id in self.names:
            return self.names[node.id], _ATOM
        if node.op == "constant":
            text = number(node.value)
            return text, _UNARY if text.startswith("-") else _ATOM
        if node.op == "input":
            return node.value, _ATOM
        if node.op == "index":
            assert node.scope is not None
            return self.index(node.scope), _ATOM
        if node.op == "table":
            assert node.scope is not None
            return f"{node.value}[{self.index(node.scope)}]", _ATOM
        return self._operation(node)

    def _operation(self, node: Node) -> tuple[str, int]:
        op, args = node.op, node.args
        if op in _BINDING:
            level = _BINDING[op]
            return f"{self._at(args[0], level)} {op} {self._at(args[1], level + 1)}", level
        if op == "negate":
            return f"-{self._at(args[0], _UNARY + 1)}", _UNARY
        if op == "!":
            return f"!{self._at(args[0], _UNARY)}", _UNARY
        if op == "number":
            return f"({self._at(args[0], 1)} ? 1 : 0)", _ATOM
        if op == "?":
            return f"({self._at(args[0], 1)} ? {self._at(args[1], 1)} : {self._at(args[2], 1)})", _ATOM
        if op == "entry":
            return f"{self.text(args[0])[0]}[{node.value}]", _ATOM
        if op == "call":
            name, *sizes = node.value
            words = iter([self.text(arg)[0] for arg in args])
            return f"{name}({', '.join('[' + ', '.join(next(words) for _ in range(n)) + ']' for n in sizes)})", _ATOM
        return f"{op}({', '.join(self.text(arg)[0] for arg in args)})", _ATOM

    def _at(self, node: Node, level: int) -> str:
        text, own = self.text(node)
        return text if own >= level else f"({text})"

    def index(self, loop: Loop) -> str:
        # No letter that a parameter may have: Lookahead counts to k.
        return "ij"[loop.depth - 1] if loop.depth < 3 else f"i{loop.depth}"
