"""From methods to JavaScript: `method_kernel`.

A field becomes an object with `velocity(x, p)`, `derivative(x, t, p)`, `second(x, t, u, p)`, `jacobian(x, p)`,
`kinks(x, p)`, `bound(p)`, `equilibrium(p)` and, of a Dirac-GAN, `score(x, z, p)`, which is D at the point z[0], and
`slope(x, p)`, f' of the loss at D(θ) where that has a link f. There are as many kernels as fields and algorithms
together, not one for each pair.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr
from jax.interpreters.partial_eval import dce_jaxpr

from diracgan.catalogue.methods import Entry, Method, make, movable, played
from diracgan.explorer.expressions import number
from diracgan.explorer.graph import Graph, Node
from diracgan.explorer.javascript import JavaScript, Tables
from diracgan.explorer.printing import function
from diracgan.games.dirac import DiracGAN
from diracgan.games.inputs import Scalar
from diracgan.games.losses import Loss
from diracgan.games.parameters import DATA, Parameter
from diracgan.tracing import Unsupported, evaluate
from diracgan.tracing.arrays import Cells

# What a traced function returns.
Shapes = jax.ShapeDtypeStruct | Sequence["Shapes"]

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

    def at(values: Sequence[Scalar]) -> Method:
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

    def along(x: jax.Array, t: jax.Array, values: Sequence[Scalar]) -> jax.Array:
        return jax.jvp(at(values).velocity, (x,), (t,))[1]

    def twice(x: jax.Array, t: jax.Array, u: jax.Array, values: Sequence[Scalar]) -> jax.Array:
        return jax.jvp(lambda y: along(y, t, values), (x,), (u,))[1]

    functions: dict[str, tuple[str, Callable[..., object]]] = {
        "velocity": ("x", lambda x, p: at(p).velocity(x)),
        "derivative": ("xt", along),
        "second": ("xtu", twice),
        "jacobian": ("x", lambda x, p: jax.jacfwd(at(p).velocity)(x)),
        "kinks": ("x", lambda x, p: list(at(p).kinks(x))),
        "bound": ("", lambda p: at(p).domain.bound if at(p).domain.bound is not None else jnp.inf),
        "equilibrium": ("", lambda p: jnp.asarray(at(p).equilibrium, jnp.float64)),
    }
    if (game := played(method.field)) is not None:
        if linked(game.loss):
            functions["slope"] = ("x", lambda x, p: slope(played(at(p).field), x))
        functions["score"] = ("xz", lambda x, z, p: jnp.asarray(played(at(p).field).play(x)[0](z[0])))
    texts = []
    for name, (letters, fn) in functions.items():
        named = [(inputs[letter], jnp.ones(len(inputs[letter]))) for letter in letters]
        graph, results, shape = traced(fn, named, names, tables, f"the method {method.name!r}")
        arguments = ", ".join([*letters, "p"])
        texts.append(function(graph, name, arguments, [head[c] for c in (*letters, "p")], results, shape))
    return object_literal(texts, tables)


def linked(loss: Loss) -> bool:
    """Whether a loss has a link f."""
    try:
        jax.eval_shape(loss.link, jnp.ones(()))
    except NotImplementedError:
        return False
    return True


def slope(game: DiracGAN, x: jax.Array) -> jax.Array:
    """f'(D(θ)), the strength with which the discriminator's output at the generated point pulls."""
    return jax.grad(game.loss.link)(jnp.asarray(game.play(x)[0](x[0])))


def traced(
    fn: Callable[..., object],
    named: list[tuple[Sequence[str], jax.Array]],
    values: Sequence[str],
    tables: Tables,
    what: str,
) -> tuple[Graph, list[Node], str]:
    """A function of vectors with entries called `named`, as a graph: its results, and the brackets around them."""
    with jax.enable_x64(True):
        example = [array.astype(np.float64) for _, array in named]
        closed, shape = jax.make_jaxpr(fn, return_shape=True)(*example, [np.float64(1.0) for _ in values])
    graph = Graph()
    cells = [np.array([graph.share("input", (), word) for word in words], dtype=object) for words, _ in named]
    cells += [np.array(graph.share("input", (), _safe(word)), dtype=object) for word in values]
    return graph, results_of(closed, JavaScript(graph, tables), cells, what), shape_of(shape)


def results_of(closed: ClosedJaxpr, javascript: JavaScript, cells: list[Cells], what: str) -> list[Node]:
    """The entries of the results; what they do not need is left out before, loop variables included."""
    live = dce_jaxpr(closed.jaxpr, [True] * len(closed.jaxpr.outvars), instantiate=True)[0]
    try:
        results = evaluate(ClosedJaxpr(live, closed.consts), javascript, *cells)
    except Unsupported as problem:
        reason = f"no JavaScript for the primitive {problem.primitive!r}, used by {what}: {problem.reason}"
        raise ValueError(reason) from None
    return [node for result in results for node in result.reshape(-1)]


def shape_of(shape: Shapes) -> str:
    """Brackets like those of the result, with `{}` for every number."""
    if not isinstance(shape, jax.ShapeDtypeStruct):
        return f"[{', '.join(shape_of(part) for part in shape)}]"

    def nested(sizes: tuple[int, ...]) -> str:
        return "{}" if not sizes else f"[{', '.join([nested(sizes[1:])] * sizes[0])}]"

    return nested(shape.shape)


# What the compiled functions call something else, and the words of JavaScript that Python leaves free.
_TAKEN = re.compile(
    "[xtuzpsaijl]|point|field|bound|round|theta|psi|bias|alpha_[rf]|(i|x|t|c|next_c|dt|du|sum|table)[0-9]+|Math|NaN|Infinity|"
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


def object_literal(functions: list[str], tables: Tables) -> str:
    """The functions as one JavaScript object, with the tables of numbers that they share around it."""
    literal = "{\n" + "\n".join(functions) + "\n}"
    if not tables.known:
        return literal
    lines = [f"  const {name} = [{', '.join(map(number, values))}];" for values, name in tables.known.items()]
    return "(() => {\n" + "\n".join(lines) + f"\n  return {literal};\n}})()"


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


__all__ = ["export_js", "method_kernel"]
