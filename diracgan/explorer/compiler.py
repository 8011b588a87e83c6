"""From methods and algorithms to JavaScript: `method_kernel`, `algorithm_kernel`.

A field becomes an object with `velocity(x, p)`, `derivative(x, t, p)`, `second(x, t, u, p)`, `jacobian(x, p)`,
`kinks(x, p)`, `bound(p)`, `equilibrium(p)` and, of a Dirac-GAN, `score(x, z, p)`, which is D at the point z[0]; an
algorithm one with `init(field, x, a)`, `step(field, s, round, a)`, `position(s)` and `jacobian(field, s, round, a)`,
where `field` has its hyper-parameters bound. There are as many kernels as fields and algorithms together, not one for
each pair.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr
from jax.flatten_util import ravel_pytree
from jax.interpreters.partial_eval import dce_jaxpr

from diracgan.algorithms import ALGORITHMS, Algorithm, SimGD, Wrapper
from diracgan.catalogue.methods import Entry, Method, make, movable, played
from diracgan.explorer.graph import Graph, Node
from diracgan.explorer.javascript import JavaScript, Tables
from diracgan.explorer.opaque import OpaqueField
from diracgan.explorer.printing import function, number
from diracgan.games.parameters import DATA, Parameter
from diracgan.tracing import Unsupported, evaluate

# Counts that stay variable in the compiled code are traced at a prime that occurs nowhere else.
COUNTS = {"n_g": 9901, "n_d": 9907, "k": 9923}
_STATES = {2: ("theta", "psi"), 3: ("theta", "psi", "bias"), 4: ("theta", "psi", "alpha_r", "alpha_f")}


def method_parameters(given: Entry) -> tuple[Parameter, ...]:
    """The hyper-parameters that the compiled field takes at run time: the continuous ones, and the data's place."""
    continuous = tuple(p for p in given.parameters if p.kind is float)
    return (*continuous, DATA) if movable(make(given, {}).field) else continuous


def method_kernel(method: Method) -> str:
    """The JavaScript object literal of a method; its integer and boolean hyper-parameters are fixed in it.

    Raises `ValueError` that names the primitive and the method where there is no JavaScript for one.
    """
    declared = method_parameters(method.entry)
    names = [parameter.name for parameter in declared]
    tables = Tables()

    def at(values: Sequence[Any]) -> Method:
        return Method(dict(zip(names, values, strict=True)), method.settings, method.entry)

    n = method.dimension
    states = _STATES.get(n) or tuple(f"x{k}" for k in range(n))
    head = {
        "x": f"const {', '.join(f'{name} = x[{k}]' for k, name in enumerate(states))};",
        "t": f"const {', '.join(f'dt{k} = t[{k}]' for k in range(n))};",
        "u": f"const {', '.join(f'du{k} = u[{k}]' for k in range(n))};",
        "z": "const point = z[0];",
        "p": f"const {{ {', '.join(map(_taken, names))} }} = p;",
    }
    inputs = {"x": states, "t": [f"dt{k}" for k in range(n)], "u": [f"du{k}" for k in range(n)], "z": ["point"]}

    def along(x: Any, t: Any, values: Any) -> Any:
        return jax.jvp(at(values).velocity, (x,), (t,))[1]

    def twice(x: Any, t: Any, u: Any, values: Any) -> Any:
        return jax.jvp(lambda y: along(y, t, values), (x,), (u,))[1]

    functions: dict[str, tuple[str, Callable[..., Any]]] = {
        "velocity": ("x", lambda x, p: at(p).velocity(x)),
        "derivative": ("xt", along),
        "second": ("xtu", twice),
        "jacobian": ("x", lambda x, p: jax.jacfwd(at(p).velocity)(x)),
        "kinks": ("x", lambda x, p: list(at(p).kinks(x))),
        "bound": ("", lambda p: at(p).domain.bound if at(p).domain.bound is not None else jnp.inf),
        "equilibrium": ("", lambda p: jnp.asarray(at(p).equilibrium, jnp.float64)),
    }
    if played(method.field) is not None:
        functions["score"] = ("xz", lambda x, z, p: jnp.asarray(played(at(p).field).play(x)[0](z[0])))
    texts = []
    for name, (letters, fn) in functions.items():
        named = [(inputs[letter], jnp.ones(len(inputs[letter]))) for letter in letters]
        graph, results, shape = traced(fn, named, names, tables, f"the method {method.name!r}")
        arguments = ", ".join([*letters, "p"])
        texts.append(function(graph, name, arguments, [head[c] for c in (*letters, "p")], results, shape))
    return _object(texts, tables)


def traced(
    fn: Callable[..., Any], named: list[tuple[Sequence[str], Any]], values: Sequence[str], tables: Tables, what: str
) -> tuple[Graph, list[Node], str]:
    """A function of vectors with entries called `named`, as a graph: its results, and the brackets around them."""
    with jax.enable_x64(True):
        example = [array.astype(np.float64) for _, array in named]
        closed, shape = jax.make_jaxpr(fn, return_shape=True)(*example, [np.float64(1.0) for _ in values])
    graph = Graph()
    cells = [np.array([graph.share("input", (), word) for word in words], dtype=object) for words, _ in named]
    cells += [np.array(graph.share("input", (), _safe(word)), dtype=object) for word in values]
    return graph, _nodes(closed, JavaScript(graph, tables), cells, what), _shape_of(shape)


def _nodes(closed: Any, javascript: JavaScript, cells: list[Any], what: str) -> list[Node]:
    """The entries of the results; what they do not need is left out before, loop variables included."""
    live = dce_jaxpr(closed.jaxpr, [True] * len(closed.jaxpr.outvars), instantiate=True)[0]
    try:
        results = evaluate(ClosedJaxpr(live, closed.consts), javascript, *cells)
    except Unsupported as problem:
        reason = f"no JavaScript for the primitive {problem.primitive!r}, used by {what}: {problem.reason}"
        raise ValueError(reason) from None
    return [node for result in results for node in result.reshape(-1)]


def _shape_of(shape: Any) -> str:
    """Brackets like those of the result, with `{}` for every number."""
    if isinstance(shape, (list, tuple)):
        return f"[{', '.join(_shape_of(part) for part in shape)}]"

    def nested(sizes: tuple[int, ...]) -> str:
        return "{}" if not sizes else f"[{', '.join([nested(sizes[1:])] * sizes[0])}]"

    return nested(shape.shape)


# What the compiled functions call something else, and the words of JavaScript that Python leaves free.
_TAKEN = re.compile(
    "[xtuzpsaijl]|point|field|bound|round|theta|psi|bias|alpha_[rf]|(x|t|c|next_c|dt|du|sum|table)[0-9]+|Math|NaN|Infinity|"
    "arguments|await|case|catch|const|debugger|default|delete|do|enum|eval|export|extends|false|function|implements|"
    "instanceof|interface|let|new|null|package|private|protected|public|static|super|switch|this|throw|true|typeof|"
    "undefined|var|void"
)


def _safe(name: str) -> str:
    """The name of a hyper-parameter inside of the compiled code."""
    return f"{name}_" if _TAKEN.fullmatch(name) else name


def _taken(name: str) -> str:
    """How the hyper-parameter is taken out of `p`."""
    return name if _safe(name) == name else f"{name}: {_safe(name)}"


def _object(functions: list[str], tables: Tables) -> str:
    literal = "{\n" + "\n".join(functions) + "\n}"
    if not tables.known:
        return literal
    lines = [f"  const {name} = [{', '.join(map(number, values))}];" for values, name in tables.known.items()]
    return "(() => {\n" + "\n".join(lines) + f"\n  return {literal};\n}})()"


def algorithm_parameters(name: str) -> tuple[Parameter, ...]:
    """The parameters that the compiled algorithm takes at run time, the two players' rates first."""
    declared = ALGORITHMS[name].parameters
    if issubclass(ALGORITHMS[name], Wrapper):
        declared = (*SimGD.parameters, *declared)
    return tuple(p for p in declared if p.name != "h" and (p.kind is float or p.name in COUNTS))


def algorithm_settings(name: str) -> tuple[Parameter, ...]:
    """The parameters that are fixed in the compiled code: switches, and the order of a rule."""
    return tuple(p for p in ALGORITHMS[name].parameters if p.kind is not float and p.name not in COUNTS)


def _algorithm(name: str, values: dict[str, Any], settings: dict[str, Any]) -> Algorithm:
    kind = ALGORITHMS[name]
    rates = {"h_g": values["h_g"], "h_d": values["h_d"]}
    own = {parameter.name for parameter in kind.parameters}
    others = {key: value for key, value in {**values, **settings}.items() if key in own and key not in rates}
    counts = {key: COUNTS[key] for key in own if key in COUNTS}
    if issubclass(kind, Wrapper):
        return kind(SimGD(**rates), **{**others, **counts})
    return kind(**rates, **{**others, **counts})


def algorithm_kernel(name: str, size: int = 2, **settings: Any) -> str:
    """The JavaScript object literal of an algorithm on fields of `size` entries, at fixed `settings`."""
    names = [parameter.name for parameter in algorithm_parameters(name)]
    continuous = [parameter.name for parameter in algorithm_parameters(name) if parameter.kind is float]
    tables, n = Tables(), size

    def at(values: Sequence[Any], bound: Any) -> tuple[Algorithm, OpaqueField]:
        return _algorithm(name, dict(zip(continuous, values, strict=True)), settings), OpaqueField(bound, n)

    template: list[Any] = []

    def init(x: Any, values: Any, bound: Any) -> Any:
        algorithm, field = at(values, bound)
        state = algorithm.init(field, field.domain.project(x, 1))
        template[:] = [state]
        return [leaf.astype(jnp.float64) for leaf in jax.tree.leaves(state)]

    with jax.enable_x64(True):
        made = jax.eval_shape(init, jnp.ones(n), [jnp.ones(()) for _ in continuous], jnp.ones(()))
        structure = jax.tree.structure(template[0])
        leaves = jax.tree.leaves(template[0])
        labels = _labels(template[0])
    kinds = [leaf.dtype for leaf in leaves]

    def unravel(flat: Any) -> Any:
        parts, k = [], 0
        for shape, kind in zip(made, kinds, strict=True):
            count = int(np.prod(shape.shape))
            parts.append(jnp.reshape(flat[k : k + count], shape.shape).astype(kind))
            k += count
        return jax.tree.unflatten(structure, parts)

    def ravel(state: Any) -> Any:
        return ravel_pytree(jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), state))[0]

    def step(s: Any, k: Any, values: Any, bound: Any) -> Any:
        algorithm, field = at(values, bound)
        return ravel(algorithm.step(field, unravel(s), k))

    def position(s: Any, k: Any, values: Any, bound: Any) -> Any:
        return at(values, bound)[0].position(unravel(s))

    def slope(s: Any, k: Any, values: Any, bound: Any) -> Any:
        return jax.jacfwd(lambda flat: step(flat, k, values, bound))(s)

    head_s = f"const {', '.join(f'{label} = s[{i}]' for i, label in enumerate(labels))};"
    head_x = f"const {', '.join(f'x{i} = x[{i}]' for i in range(n))};"
    head_a = [f"const {{ {', '.join(names)} }} = a;", "const bound = field.bound;"]
    run = _AlgorithmTracer(names, continuous, tables, f"the algorithm {name!r}")
    texts = [
        run("init", "field, x, a", [head_x, *head_a], [([f"x{i}" for i in range(n)], (n,))], init, flatten=True),
        run("step", "field, s, round, a", [head_s, *head_a], [(labels, (len(labels),)), "round"], step),
        run("position", "s", [head_s], [(labels, (len(labels),)), "round"], position),
    ]
    if not _algorithm(name, dict.fromkeys(continuous, 0.5), settings).no_multipliers:
        texts.append(
            run("jacobian", "field, s, round, a", [head_s, *head_a], [(labels, (len(labels),)), "round"], slope)
        )
    return _object(texts, tables)


class _AlgorithmTracer:
    """Compiles one function of an algorithm; the last arguments are its parameters and the domain's bound."""

    def __init__(self, names: list[str], continuous: list[str], tables: Tables, what: str):
        self.names, self.continuous, self.tables, self.what = names, continuous, tables, what

    def __call__(
        self, name: str, arguments: str, head: list[str], inputs: list[Any], fn: Any, flatten: bool = False
    ) -> str:
        graph = Graph()
        example: list[Any] = []
        cells: list[Any] = []
        for given in inputs:
            words, shape = given if isinstance(given, tuple) else (given, ())
            nodes = [graph.share("input", (), word) for word in ([words] if shape == () else words)]
            cells.append(np.array(nodes, dtype=object).reshape(shape))
            example.append(np.ones(shape) if shape else np.int64(1))
        cells += [np.array(graph.share("input", (), word), dtype=object) for word in [*self.continuous, "bound"]]
        with jax.enable_x64(True):
            values = [np.float64(0.5) for _ in self.continuous]
            closed, shape = jax.make_jaxpr(fn, return_shape=True)(*example, values, np.float64(1.0))
        counts = {COUNTS[c]: graph.share("input", (), c) for c in self.names if c in COUNTS}
        flat = _nodes(closed, JavaScript(graph, self.tables, counts), cells, self.what)
        brackets = f"[{', '.join(['{}'] * len(flat))}]" if flatten else _shape_of(shape)
        return function(graph, name, arguments, head, flat, brackets)


def _labels(state: Any) -> list[str]:
    """A readable name for every entry of an algorithm's state: x0, x1, m0, m1."""
    labels = []
    for path, leaf in jax.tree_util.tree_flatten_with_path(state)[0]:
        words = re.findall(r"[A-Za-z_]+", jax.tree_util.keystr(path)) or ["x"]
        size = int(np.prod(leaf.shape)) if leaf.shape else 1
        word = "".join([words[0], *(w.capitalize() for w in words[1:])]) if len(words) > 1 else words[0]
        labels += [f"{word}{k}" if leaf.shape else word for k in range(size)]
    return labels


def export_js(method: Method) -> str:
    """A module that exports one method, ready for a script of your own."""
    given = {p.name: float(np.asarray(method.values.get(p.name, 0.0))) for p in method_parameters(method.entry)}
    values = ", ".join(f"{name}: {number(value)}" for name, value in given.items())
    fixed = ", ".join(f"{name} = {value}" for name, value in method.settings)
    return "\n".join(
        [
            f"// {method.entry.title}" + (f": {method.entry.objective}" if method.entry.objective else ""),
            f"// Compiled by diracgan from {method!r}; x = [θ, ψ], p = the hyper-parameters below.",
            *([f"// Fixed in this code: {fixed}."] if fixed else []),
            f"export const parameters = {{ {values} }};",
            f"export const field = {method_kernel(method)};",
            "",
        ]
    )


__all__ = ["algorithm_kernel", "algorithm_parameters", "export_js", "method_kernel"]
