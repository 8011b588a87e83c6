"""JAX's primitives as scalar JavaScript: an interpreter of jaxprs whose values are arrays of expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diracgan.explorer import loops  # noqa: F401  (fills the list of rules)
from diracgan.explorer.arithmetic import OPERATORS
from diracgan.explorer.arrays import Cells, Tables, Unsupported, elementwise, filled, literal
from diracgan.explorer.graph import Graph, Loop, Node
from diracgan.explorer.moves import MOVES, moved
from diracgan.explorer.opaque import OPAQUE
from diracgan.explorer.rules import RULES

_SAME = ("copy", "copy_p", "stop_gradient", "optimization_barrier", "reduce_precision", "pvary")
_INNER = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "remat": "jaxpr",
    "checkpoint": "jaxpr",
}


class Interpreter:
    """Runs a jaxpr on expressions; `counts` are numbers that stand for a count known only at run time."""

    def __init__(
        self, graph: Graph, tables: Tables, counts: dict[int, Node] | None = None, what: str = "this function"
    ):
        self.graph, self.tables, self.counts, self.what = graph, tables, counts or {}, what
        self.loop: Loop | None = None

    def run(self, jaxpr: Any, consts: Sequence[Any], arguments: Sequence[Cells]) -> list[Cells]:
        """The results of a jaxpr; `consts` are known arrays or cells."""
        env: dict[Any, Cells] = {}
        for variable, value in zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *arguments], strict=True):
            env[variable] = value if _is_cells(value) else literal(self.graph, self.tables, value)

        def read(variable: Any) -> Cells:
            return literal(self.graph, self.tables, variable.val) if hasattr(variable, "val") else env[variable]

        for equation in jaxpr.eqns:
            results = self._equation(equation, [read(v) for v in equation.invars])
            for variable, value in zip(equation.outvars, results, strict=True):
                env[variable] = value
        return [read(variable) for variable in jaxpr.outvars]

    def _equation(self, equation: Any, inputs: list[Cells]) -> list[Cells]:
        name, params = equation.primitive.name, equation.params
        shapes = [v.aval.shape for v in equation.invars]
        out = equation.outvars[0].aval if equation.outvars else None
        try:
            if name in OPERATORS:
                return [elementwise(self.graph, OPERATORS[name], *inputs)]
            if name in _SAME:
                return list(inputs)
            if name in _INNER:
                inner = params[_INNER[name]]
                return self.run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), inputs)
            if name in OPAQUE:
                return [self._call(OPAQUE[name], inputs)]
            if name in MOVES:
                return [moved(self, equation, inputs, shapes)]
            if name in RULES:
                result = RULES[name](self, inputs, shapes, out, params)
                return result if isinstance(result, list) else [result]
        except Unsupported as problem:
            # Not `Unsupported` again: the primitives around this one, calls and loops, have nothing to add.
            raise ValueError(f"no JavaScript for the primitive {name!r}, used by {self.what}: {problem}") from None
        raise ValueError(
            f"no JavaScript for the primitive {name!r}, used by {self.what}: "
            "add it to diracgan/explorer/arithmetic.py, or write the objective with other operations"
        )

    def _call(self, name: str, inputs: list[Cells]) -> Cells:
        """A call of the field that the algorithm runs on; one call for all entries of its result."""
        args = tuple(node for cells in inputs for node in cells.reshape(-1))
        size = inputs[0].size
        if any(all(node.constant and node.value == 0 for node in cells) for cells in inputs[1:]):
            return filled((size,), self.graph.constant(0.0))
        call = self.graph.share("call", args, (f"field.{name}", *(cells.size for cells in inputs)), self.loop)
        return np.array([self.graph.share("entry", (call,), k, self.loop) for k in range(size)], dtype=object)


def _is_cells(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == object
