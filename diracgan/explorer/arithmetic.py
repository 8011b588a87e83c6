"""Primitives that compute: operators, elementary functions, sums and reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from diracgan.explorer.arrays import SHORT, Cells, Unsupported, contracted, elementwise, literal, summed
from diracgan.explorer.graph import Node
from diracgan.explorer.rules import RULES, Rule, Run, rule

OPERATORS = {
    "add": "+",
    "add_any": "+",
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


@rule("integer_pow")
def _integer_pow(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    power = abs(params["y"])
    x, result = inputs[0], None
    while power:  # by squaring, as XLA does
        if power & 1:
            result = x if result is None else elementwise(run.graph, "*", result, x)
        power >>= 1
        x = elementwise(run.graph, "*", x, x) if power else x
    one = literal(run.graph, run.tables, 1.0)
    result = one if result is None else result
    return elementwise(run.graph, "/", one, result) if params["y"] < 0 else result


@rule("square")
def _square(run: Run, inputs: list[Cells], *_: Any) -> Cells:
    return elementwise(run.graph, "*", inputs[0], inputs[0])


@rule("one_minus_square")
def _one_minus_square(run: Run, inputs: list[Cells], *_: Any) -> Cells:
    one = literal(run.graph, run.tables, 1.0)
    factors = elementwise(run.graph, "+", one, *inputs), elementwise(run.graph, "-", one, *inputs)
    return elementwise(run.graph, "*", *factors)


@rule("rsqrt")
def _rsqrt(run: Run, inputs: list[Cells], *_: Any) -> Cells:
    return elementwise(
        run.graph, "/", literal(run.graph, run.tables, 1.0), elementwise(run.graph, "Math.sqrt", *inputs)
    )


@rule("logistic")
def _logistic(run: Run, inputs: list[Cells], *_: Any) -> Cells:
    one = literal(run.graph, run.tables, 1.0)
    falling = elementwise(run.graph, "Math.exp", elementwise(run.graph, "negate", inputs[0]))
    return elementwise(run.graph, "/", one, elementwise(run.graph, "+", one, falling))


@rule("select_n")
def _select(run: Run, inputs: list[Cells], *_: Any) -> Cells:
    which, no, yes = inputs
    return elementwise(run.graph, "?", which, yes, no)


@rule("clamp")
def _clamp(run: Run, inputs: list[Cells], *_: Any) -> Cells:
    low, x, high = inputs
    return elementwise(run.graph, "Math.min", elementwise(run.graph, "Math.max", x, low), high)


@rule("convert_element_type")
def _convert(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    def one(node: Node) -> Node:
        boolean = node.op in ("<", "<=", ">", ">=", "===", "!==", "&&", "||", "!") or isinstance(node.value, bool)
        if boolean and out.dtype != bool:
            return run.graph.apply("number", node)
        if np.issubdtype(out.dtype, np.integer) and node.op != "input":
            return run.graph.apply("Math.trunc", node)
        return run.graph.apply("!==", node, run.graph.constant(0.0)) if out.dtype == bool and not boolean else node

    result = np.empty(inputs[0].shape, dtype=object)
    for place in np.ndindex(result.shape):
        result[place] = one(inputs[0][place])
    return result


@rule("reduce_sum")
def _reduce_sum(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    return summed(run.graph, inputs[0], shapes[0], tuple(params["axes"]))


@rule("dot_general")
def _dot(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    return contracted(run.graph, inputs[0], inputs[1], shapes, params["dimension_numbers"])


def _reduction(op: str) -> Rule:
    def rule(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
        if any(shapes[0][axis] > SHORT for axis in params["axes"]):
            raise Unsupported("a long axis")
        cells = np.moveaxis(inputs[0], params["axes"], range(len(params["axes"])))
        parts = cells.reshape(-1, *cells.shape[len(params["axes"]) :])
        result = parts[0]
        for part in parts[1:]:
            result = elementwise(run.graph, op, np.asarray(result, object), np.asarray(part, object))
        return np.asarray(result, dtype=object)

    return rule


for _name, _op in {"max": "Math.max", "min": "Math.min", "and": "&&", "or": "||", "prod": "*"}.items():
    RULES[f"reduce_{_name}"] = _reduction(_op)
