"""Scalar expressions as a graph with common subexpressions shared, and the loops among them.

A node is made once for each operation and arguments, so that equal expressions are the same object; what nothing refers
to is never printed. Constants are folded, and x·0 is 0: JavaScript differs from JAX there only where x is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

# By the operation: a number, a name, the place of an entry, or a loop with what is wanted of it.
Value = Any


class Loop:
    """A counted or conditional loop with carried variables, or a sum over the entries of tables.

    `count` is the number of rounds (a node), `condition` a node for `while`; `carried` are the variables inside,
    `starts` and `nexts` their values before the first and after each round. `outer` is the loop around it.
    """

    def __init__(self, outer: Loop | None, count: Node | None = None):
        self.outer, self.count = outer, count
        self.depth: int = 1 if outer is None else outer.depth + 1
        self.condition: Node | None = None
        self.carried: list[Node] = []
        self.starts: list[Node] = []
        self.nexts: list[Node] = []


class Node:
    """One scalar: a constant, an input, or an operation on other nodes; `scope` is the innermost loop it varies in."""

    __slots__ = ("args", "id", "level", "op", "scope", "value")

    def __init__(self, id: int, op: str, args: tuple[Node, ...], value: Value, scope: Loop | None, level: int):
        self.id, self.op, self.args, self.value, self.scope, self.level = id, op, args, value, scope, level

    @property
    def constant(self) -> bool:
        """Whether the value is known now."""
        return self.op == "constant"


def _power(x: float, n: int) -> float:
    return float(x) ** n


_FOLD: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "negate": lambda a: -a,
    "power": _power,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "===": lambda a, b: a == b,
    "!==": lambda a, b: a != b,
    "&&": lambda a, b: a and b,
    "||": lambda a, b: a or b,
    "!": lambda a: not a,
    "number": float,
    "Math.abs": abs,
    "Math.max": max,
    "Math.min": min,
    "Math.exp": math.exp,
    "Math.log": math.log,
    "Math.log1p": math.log1p,
    "Math.sqrt": math.sqrt,
    "Math.tanh": math.tanh,
    "Math.sign": lambda a: math.copysign(1.0, a) if a else 0.0,
    "Math.trunc": math.trunc,
}


class Graph:
    """The nodes of one JavaScript function."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Node] = {}
        self._sums: dict[tuple[int, Loop | None], Loop] = {}
        self._count = 0

    def new(self, op: str, args: tuple[Node, ...] = (), value: Value = None, scope: Loop | None = None) -> Node:
        """A node of its own, shared with nothing."""
        scopes = [arg.scope for arg in args if arg.scope is not None] + ([scope] if scope is not None else [])
        self._count += 1
        level = max((arg.level for arg in args), default=0)
        return Node(self._count, op, args, value, max(scopes, key=lambda s: s.depth, default=None), level)

    def share(self, op: str, args: tuple[Node, ...] = (), value: Value = None, scope: Loop | None = None) -> Node:
        """The node of this operation on these arguments; made when it is the first."""
        key: tuple[object, ...] = (op, tuple(arg.id for arg in args), value, type(value), scope)
        if isinstance(value, float) and value == 0:
            key = (*key, math.copysign(1.0, value))
        if key not in self._made:
            self._made[key] = self.new(op, args, value, scope)
        return self._made[key]

    def constant(self, value: float) -> Node:
        """A number or a truth value that is known now."""
        return self.share("constant", value=value if isinstance(value, bool) else float(value))

    def apply(self, op: str, *args: Node) -> Node:
        """An operation, folded or simplified where it can be."""
        if op in _FOLD and all(arg.constant for arg in args):
            try:
                return self.constant(_FOLD[op](*[arg.value for arg in args]))
            except (ArithmeticError, ValueError):
                pass
        simpler = self._simplified(op, args)
        return self.share(op, args) if simpler is None else simpler

    def _simplified(self, op: str, args: tuple[Node, ...]) -> Node | None:
        a = args[0].value if args[0].constant else None
        b = args[1].value if len(args) > 1 and args[1].constant else None
        if op == "+":
            return args[1] if a == 0 else args[0] if b == 0 else self._difference(*args)
        if op == "-":
            return args[0] if b == 0 else self.apply("negate", args[1]) if a == 0 else None
        if op == "*":
            if a == 0 or b == 0:
                return self.constant(0.0)
            if a in (1, -1) or b in (1, -1):
                factor, other = (a, args[1]) if a in (1, -1) else (b, args[0])
                return other if factor == 1 else self.apply("negate", other)
        if op == "/" and (b == 1 or a == 0):
            return args[0]
        if op == "negate" and args[0].op == "negate":
            return args[0].args[0]
        if op == "?":
            return self._chosen(*args)
        return None

    def _difference(self, x: Node, y: Node) -> Node | None:
        """x + (-y) as x - y; exact in floating point."""
        if y.op == "negate":
            return self.apply("-", x, y.args[0])
        return self.apply("-", y, x.args[0]) if x.op == "negate" else None

    def _chosen(self, which: Node, yes: Node, no: Node) -> Node | None:
        if which.constant:
            return yes if which.value else no
        return yes if yes is no else None

    def lanes(self, length: int, scope: Loop | None = None) -> Loop:
        """The loop over the `length` entries of a long axis; one for each surrounding loop."""
        if (length, scope) not in self._sums:
            loop = Loop(scope, self.constant(length))
            self._sums[length, scope] = loop
        return self._sums[length, scope]

    def total(self, loop: Loop, term: Node) -> Node:
        """Σ over a loop of lanes; a term that does not vary in it is multiplied."""
        if term.scope is None or term.scope.depth < loop.depth:
            assert loop.count is not None
            return self.apply("*", loop.count, term)
        key = ("sum", term.id)
        if key not in self._made:
            node = self.new("sum", (), (loop, term), loop.outer)
            node.level = term.level + 1
            self._made[key] = node
        return self._made[key]
