"""JAX's primitives as scalar JavaScript: an interpreter of jaxprs whose values are arrays of expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.explorer.arrays import (
    SHORT,
    Cells,
    Tables,
    Unsupported,
    contracted,
    elementwise,
    filled,
    literal,
    long_axis,
    short,
    summed,
)
from diracgan.explorer.graph import Graph, Loop, Node
from diracgan.explorer.opaque import OPAQUE

_OPERATORS = {
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
_MOVES = ("scatter", "gather", "dynamic_slice", "dynamic_update_slice")
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
            if name in _OPERATORS:
                return [elementwise(self.graph, _OPERATORS[name], *inputs)]
            if name in _SAME:
                return list(inputs)
            if name in _INNER:
                inner = params[_INNER[name]]
                return self.run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), inputs)
            if name in OPAQUE:
                return [self._call(OPAQUE[name], inputs)]
            if name in _MOVES:
                return [_moved(self, equation, inputs, shapes)]
            if name in _RULES:
                result = _RULES[name](self, inputs, shapes, out, params)
                return result if isinstance(result, list) else [result]
        except Unsupported as problem:
            raise Unsupported(f"no JavaScript for the primitive {name!r}, used by {self.what}: {problem}") from None
        raise Unsupported(
            f"no JavaScript for the primitive {name!r}, used by {self.what}: "
            "add it to diracgan/explorer/primitives.py, or write the objective with other operations"
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


Rule = Callable[[Interpreter, list[Cells], list[tuple[int, ...]], Any, dict[str, Any]], Any]
_RULES: dict[str, Rule] = {}


def _rule(*names: str) -> Callable[[Rule], Rule]:
    def add(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(names, rule))
        return rule

    return add


@_rule("integer_pow")
def _integer_pow(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
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


@_rule("square")
def _square(run: Interpreter, inputs: list[Cells], *_: Any) -> Cells:
    return elementwise(run.graph, "*", inputs[0], inputs[0])


@_rule("rsqrt")
def _rsqrt(run: Interpreter, inputs: list[Cells], *_: Any) -> Cells:
    return elementwise(
        run.graph, "/", literal(run.graph, run.tables, 1.0), elementwise(run.graph, "Math.sqrt", *inputs)
    )


@_rule("logistic")
def _logistic(run: Interpreter, inputs: list[Cells], *_: Any) -> Cells:
    one = literal(run.graph, run.tables, 1.0)
    falling = elementwise(run.graph, "Math.exp", elementwise(run.graph, "negate", inputs[0]))
    return elementwise(run.graph, "/", one, elementwise(run.graph, "+", one, falling))


@_rule("select_n")
def _select(run: Interpreter, inputs: list[Cells], *_: Any) -> Cells:
    which, no, yes = inputs
    return elementwise(run.graph, "?", which, yes, no)


@_rule("clamp")
def _clamp(run: Interpreter, inputs: list[Cells], *_: Any) -> Cells:
    low, x, high = inputs
    return elementwise(run.graph, "Math.min", elementwise(run.graph, "Math.max", x, low), high)


@_rule("convert_element_type")
def _convert(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
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


@_rule("broadcast_in_dim")
def _broadcast(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    shape = [1] * len(out.shape)
    for source, target in enumerate(params["broadcast_dimensions"]):
        shape[target] = inputs[0].shape[source]
    return np.broadcast_to(inputs[0].reshape(shape), short(out.shape))


@_rule("reshape", "squeeze", "expand_dims")
def _reshape(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    before, after = long_axis(shapes[0]), long_axis(out.shape)
    if (before is None) != (after is None) or (after is not None and shapes[0][before] != out.shape[after]):
        raise Unsupported(f"from shape {shapes[0]} to {out.shape}")
    return inputs[0].reshape(short(out.shape))


@_rule("transpose")
def _transpose(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    return inputs[0].transpose(params["permutation"])


@_rule("slice")
def _slice(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    steps = params["strides"] or [1] * len(out.shape)
    cut = []
    for axis, (low, high, step) in enumerate(zip(params["start_indices"], params["limit_indices"], steps, strict=True)):
        whole = shapes[0][axis] > SHORT
        if whole and (low, high, step) != (0, shapes[0][axis], 1):
            raise Unsupported(f"a part of a long axis of shape {shapes[0]}")
        cut.append(slice(None) if whole else slice(low, high, step))
    return inputs[0][tuple(cut)]


@_rule("split")
def _split(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> list[Cells]:
    edges = np.cumsum(params["sizes"])[:-1]
    if shapes[0][params["axis"]] > SHORT and len(edges):
        raise Unsupported(f"a part of a long axis of shape {shapes[0]}")
    return list(np.split(inputs[0], edges, axis=params["axis"]))


@_rule("concatenate")
def _concatenate(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    axis = params["dimension"]
    if out.shape[axis] > SHORT and len(inputs) > 1:
        raise Unsupported(f"an array of shape {out.shape}, longer than {SHORT}, from parts")
    return np.concatenate(inputs, axis=axis)


@_rule("stack")
def _stack(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    return np.stack(inputs, axis=params.get("axis", params.get("dimension", 0)))


@_rule("unstack")
def _unstack(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> list[Cells]:
    axis = params.get("axis", params.get("dimension", 0))
    if shapes[0][axis] > SHORT:
        raise Unsupported(f"a part of a long axis of shape {shapes[0]}")
    return [
        part.reshape(part.shape[:axis] + part.shape[axis + 1 :])
        for part in np.split(inputs[0], inputs[0].shape[axis], axis)
    ]


@_rule("pad")
def _pad(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    x, value = inputs
    result = filled(out.shape, value[()])
    for place in np.ndindex(x.shape):
        target = tuple(
            low + k * (inside + 1) for k, (low, _, inside) in zip(place, params["padding_config"], strict=True)
        )
        if all(0 <= k < size for k, size in zip(target, result.shape, strict=True)):
            result[target] = x[place]
    if any(size > SHORT and any(config) for size, config in zip(out.shape, params["padding_config"], strict=True)):
        raise Unsupported(f"padding of a long axis, to shape {out.shape}")
    return result


@_rule("rev")
def _rev(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    if any(shapes[0][axis] > SHORT for axis in params["dimensions"]):
        raise Unsupported("the reverse of a long axis")
    return np.flip(inputs[0], params["dimensions"])


@_rule("iota")
def _iota(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    size = out.shape[params["dimension"]]
    if size > SHORT:
        index = run.graph.share("index", (), None, run.graph.lanes(size))
        return filled(out.shape, index)
    return literal(run.graph, run.tables, np.indices(out.shape)[params["dimension"]])


@_rule("reduce_sum")
def _reduce_sum(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    return summed(run.graph, inputs[0], shapes[0], tuple(params["axes"]))


@_rule("dot_general")
def _dot(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    return contracted(run.graph, inputs[0], inputs[1], shapes, params["dimension_numbers"])


def _reduction(op: str) -> Rule:
    def rule(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
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
    _RULES[f"reduce_{_name}"] = _reduction(_op)


def _moved(run: Interpreter, equation: Any, inputs: list[Cells], shapes: Any) -> Cells:
    """Primitives that move entries to known places: JAX itself moves the entries' numbers."""
    name, out = equation.primitive.name, equation.outvars[0].aval
    data = {"scatter": (0, 2), "dynamic_update_slice": (0, 1)}.get(name, (0,))
    if any(size > SHORT for shape in [*shapes, out.shape] for size in shape):
        raise Unsupported("a long axis")
    pool: list[Node] = [run.graph.constant(0.0)]
    arguments: list[Any] = []
    for k, (cells, variable) in enumerate(zip(inputs, equation.invars, strict=True)):
        flat = list(cells.reshape(-1))
        if k in data:
            arguments.append(np.arange(len(pool), len(pool) + len(flat)).reshape(cells.shape).astype(np.float64))
            pool += flat
        elif all(node.constant for node in flat):
            arguments.append(np.array([node.value for node in flat]).reshape(cells.shape).astype(variable.aval.dtype))
        else:
            raise Unsupported("a place that is known only at run time")
    with jax.enable_x64(True), jax.ensure_compile_time_eval():
        places = np.asarray(equation.primitive.bind(*map(jnp.asarray, arguments), **equation.params))
    result = np.empty(places.shape, dtype=object)
    for place in np.ndindex(places.shape):
        result[place] = pool[int(places[place])]
    return result


@_rule("scan")
def _scan(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> list[Cells]:
    consts, carry = inputs[: params["num_consts"]], inputs[params["num_consts"] :]
    if len(carry) != params["num_carry"] or len(params["jaxpr"].jaxpr.outvars) != params["num_carry"]:
        raise Unsupported("a scan over arrays, or one that stacks its results")
    count = run.counts.get(params["length"], run.graph.constant(params["length"]))
    body = params["jaxpr"]
    return _looped(run, count, None, lambda state: run.run(body.jaxpr, body.consts, [*consts, *state]), carry)


@_rule("while")
def _while(run: Interpreter, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> list[Cells]:
    n, m = params["cond_nconsts"], params["body_nconsts"]
    test, body = params["cond_jaxpr"], params["body_jaxpr"]
    return _looped(
        run,
        None,
        lambda state: run.run(test.jaxpr, test.consts, [*inputs[:n], *state])[0],
        lambda state: run.run(body.jaxpr, body.consts, [*inputs[n : n + m], *state]),
        inputs[n + m :],
    )


def _looped(run: Interpreter, count: Node | None, test: Any, body: Any, carry: list[Cells]) -> list[Cells]:
    """A JavaScript loop whose carried variables are the entries of `carry`."""
    graph, outer = run.graph, run.loop
    loop = Loop(outer, count)
    state = []
    for cells in carry:
        variables: Cells = np.empty(cells.shape, dtype=object)
        for place in np.ndindex(cells.shape):
            variables[place] = graph.new("input", (), "carried", loop)
            loop.carried.append(variables[place])
            loop.starts.append(cells[place])
        state.append(variables)
    run.loop = loop
    loop.condition = None if test is None else test(state)[()]
    after = body(state)
    loop.nexts = [node for cells in after for node in cells.reshape(-1)]
    run.loop = outer
    level = max(
        [n.level for n in [*loop.starts, *loop.nexts, *([loop.condition] if loop.condition else [])]], default=0
    )
    results, k = [], 0
    for cells in carry:
        ended: Cells = np.empty(cells.shape, dtype=object)
        for place in np.ndindex(cells.shape):
            ended[place] = graph.new("out", (), (loop, k), outer)
            ended[place].level = level
            k += 1
        results.append(ended)
    return results
