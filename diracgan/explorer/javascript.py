"""JavaScript as a kind of scalars: every scalar is a node of a graph, and loops stay loops."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from diracgan.explorer.graph import Graph, Loop, Node
from diracgan.explorer.opaque import OPAQUE
from diracgan.tracing import Arithmetic, Unsupported, boxed, elementwise
from diracgan.tracing.arrays import Cells, long_axis, short
from diracgan.tracing.loops import Branches, Scan, While

SHORT = 8
OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "neg": "negate",
    "exp": "Math.exp",
    "log": "Math.log",
    "log1p": "Math.log1p",
    "expm1": "Math.expm1",
    "tanh": "Math.tanh",
    "sin": "Math.sin",
    "cos": "Math.cos",
    "tan": "Math.tan",
    "atan2": "Math.atan2",
    "asinh": "Math.asinh",
    "sinh": "Math.sinh",
    "cosh": "Math.cosh",
    "sqrt": "Math.sqrt",
    "cbrt": "Math.cbrt",
    "abs": "Math.abs",
    "sign": "Math.sign",
    "floor": "Math.floor",
    "ceil": "Math.ceil",
    "max": "Math.max",
    "min": "Math.min",
    "pow": "Math.pow",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "===",
    "ne": "!==",
    "and": "&&",
    "or": "||",
    "not": "!",
}
_TRUTHS = ("<", "<=", ">", ">=", "===", "!==", "&&", "||", "!")


class Tables:
    """The long constant arrays of a kernel, each kept once under a name."""

    def __init__(self) -> None:
        self.known: dict[tuple[float, ...], str] = {}

    def entry(self, graph: Graph, values: np.ndarray) -> Node:
        """The entry of a table at the index of the loop over its length."""
        numbers = tuple(float(value) for value in values)
        if len(set(numbers)) == 1:
            return graph.constant(numbers[0])
        name = self.known.setdefault(numbers, f"table{len(self.known) + 1}")
        return graph.share("table", (), name, graph.lanes(len(numbers)))


class JavaScript(Arithmetic[Node]):
    """Nodes of a graph as scalars; `counts` are numbers that stand for a count known only at run time."""

    def __init__(self, graph: Graph, tables: Tables, counts: dict[int, Node] | None = None):
        self.graph, self.tables, self.counts = graph, tables, counts or {}
        self.around: Loop | None = None
        super().__init__(
            {name: functools.partial(graph.apply, op) for name, op in OPERATORS.items()} | {"select_n": self._select},
            graph.constant,
            primitives={name: functools.partial(self._call, method) for name, method in OPAQUE.items()},
            longest=SHORT,
        )

    def operation(self, name: str) -> Callable[..., Node]:
        """An operator or a function of `Math`."""
        if name not in self.operations:
            raise Unsupported("add it to diracgan/explorer/javascript.py, or write the objective with other operations")
        return self.operations[name]

    def _select(self, which: Node, *cases: Node) -> Node:
        if len(cases) != 2:
            raise Unsupported(f"a choice of one among {len(cases)}")
        return self.graph.apply("?", which, cases[1], cases[0])

    def _call(self, method: str, *arrays: Cells) -> Cells:
        """A call of the field that the algorithm runs on; one call for all entries of its result."""
        size = arrays[0].size
        if any(all(node.constant and node.value == 0 for node in cells) for cells in arrays[1:]):
            return self.literal(np.zeros(size))
        nodes = tuple(node for cells in arrays for node in cells.reshape(-1))
        call = self.graph.share("call", nodes, (f"field.{method}", *(cells.size for cells in arrays)), self.around)
        return np.array([self.graph.share("entry", (call,), k, self.around) for k in range(size)], object)

    def literal(self, values: object) -> Cells:
        """A known array; along a long axis a table."""
        known = np.asarray(values)
        axis = long_axis(known.shape, SHORT)
        cells = np.empty(short(known.shape, SHORT), object)
        for place in np.ndindex(cells.shape):
            if axis is None:
                entry = known[place]
                cells[place] = self.graph.constant(bool(entry) if known.dtype == bool else float(entry))
            else:
                cells[place] = self.tables.entry(self.graph, known[(*place[:axis], slice(None), *place[axis + 1 :])])
        return cells

    def counted(self, shape: tuple[int, ...], axis: int, dtype: DTypeLike) -> Cells:
        """Places along a long axis are the index of its loop."""
        if shape[axis] <= SHORT:
            return super().counted(shape, axis, dtype)
        cells = np.empty(short(shape, SHORT), object)
        cells.fill(self.graph.share("index", (), None, self.graph.lanes(shape[axis])))
        return cells

    def converted(self, scalar: Node, dtype: DTypeLike) -> Node:
        """Truth values are no numbers, and integers are rounded towards 0."""
        is_truth, to_truth = scalar.op in _TRUTHS or isinstance(scalar.value, bool), np.issubdtype(dtype, np.bool_)
        if is_truth:
            return scalar if to_truth else self.graph.apply("number", scalar)
        if np.issubdtype(dtype, np.integer) and scalar.op != "input":
            return self.graph.apply("Math.trunc", scalar)
        return self.graph.apply("!==", scalar, self.graph.constant(0.0)) if to_truth else scalar

    def known(self, scalar: Node, what: str) -> int | np.bool_ | np.integer:
        """The value of a constant."""
        if not scalar.constant:
            raise Unsupported(f"{what} is known only at run time")
        known: int = scalar.value
        return known

    def along(self, name: str, scalar: Node, length: int) -> Node:
        """A sum over the entries of a long axis is a loop."""
        if name != "add":
            return super().along(name, scalar, length)
        scope = scalar.scope
        if scope is None:
            return self.graph.total(self.graph.lanes(length), scalar)
        if scope.count is None or not scope.count.constant or scope.count.value != length:
            raise Unsupported("a sum over a long axis inside of a loop")
        return self.graph.total(self.graph.lanes(length, scope.outer), scalar)

    def scan(self, loop: Scan) -> list[Cells]:
        """A loop that counts."""
        if loop.rows or loop.stacked:
            raise Unsupported("a scan over arrays, or one that stacks its results")
        count = self.counts.get(loop.length, self.graph.constant(loop.length))
        return self._looped(count, None, loop.body, loop.carry)

    def repeated(self, loop: While) -> list[Cells]:
        """A loop that ends by its condition."""
        return self._looped(None, loop.condition, loop.body, loop.state)

    def chosen(self, branches: Branches) -> list[Cells]:
        """Both branches, and a choice between their results."""
        which = branches.index.item()
        if which.constant:
            return branches.taken(which.value)
        if len(branches.bodies) != 2:
            raise Unsupported(f"a choice of one among {len(branches.bodies)}")
        pairs = zip(*(body() for body in branches.bodies), strict=True)
        return [elementwise(self._select, boxed(which), *pair) for pair in pairs]

    def _looped(
        self,
        count: Node | None,
        test: Callable[..., Cells] | None,
        body: Callable[..., list[Cells]],
        carry: list[Cells],
    ) -> list[Cells]:
        """A JavaScript loop whose carried variables are the entries of `carry`."""
        outer = self.around
        loop = Loop(outer, count)
        state = [elementwise(functools.partial(self._carried, loop), cells) for cells in carry]
        self.around = loop
        loop.condition = None if test is None else test(*state).item()
        loop.nexts = [node for cells in body(*state) for node in cells.reshape(-1)]
        self.around = outer
        ends = [*loop.starts, *loop.nexts, *([loop.condition] if loop.condition else [])]
        level = max([node.level for node in ends], default=0)
        results, k = [], 0
        for cells in carry:
            ended: Cells = np.empty(cells.shape, object)
            for place in np.ndindex(cells.shape):
                ended[place] = out = self.graph.new("out", (), (loop, k), outer)
                out.level = level
                k += 1
            results.append(ended)
        return results

    def _carried(self, loop: Loop, start: Node) -> Node:
        variable = self.graph.new("input", (), "carried", loop)
        loop.carried.append(variable)
        loop.starts.append(start)
        return variable
