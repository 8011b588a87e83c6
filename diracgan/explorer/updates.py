"""From algorithms to JavaScript: `algorithm_kernel`, which runs on any field.

An algorithm becomes an object with `init(field, x, a)`, `step(field, s, round, a)`, `position(s)` and
`jacobian(field, s, round, a)`, where `field` has its hyper-parameters bound; and, in the plane, with the rules of
`dg.basin`: `decide(field, x, centre, rounds, a)`, which gives a state, a code and the round that decided, and
`recurs(field, s, centre, rounds, a)` for what is undecided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from diracgan.algorithms import ALGORITHMS, Algorithm, SimGD, Wrapper
from diracgan.dynamics.engine import Block, block_map
from diracgan.dynamics.fates import decide, recurs
from diracgan.dynamics.system import Map
from diracgan.explorer.compiler import object_literal, results_of, shape_of
from diracgan.explorer.graph import Graph
from diracgan.explorer.javascript import JavaScript, Tables
from diracgan.explorer.opaque import OpaqueField
from diracgan.explorer.printing import function
from diracgan.games.inputs import Numbers, Scalar
from diracgan.games.parameters import Parameter
from diracgan.tracing.arrays import Cells

# The continuous parameters, in the order of their declarations.
Values = Sequence[Numbers]
# Any tree of arrays: every algorithm has its own.
State = Any
# The names of the entries of an array with its shape, or the name of a number.
Input = tuple[Sequence[str], tuple[int, ...]] | str

# Counts that stay variable in the compiled code are traced at a prime that occurs nowhere else.
COUNTS = {"n_g": 9901, "n_d": 9907, "k": 9923}


def algorithm_parameters(name: str) -> tuple[Parameter, ...]:
    """The parameters that the compiled algorithm takes at run time, the two players' rates first."""
    declared = ALGORITHMS[name].parameters
    if issubclass(ALGORITHMS[name], Wrapper):
        declared = (*SimGD.parameters, *declared)
    return tuple(p for p in declared if p.name != "h" and (p.kind is float or p.name in COUNTS))


def algorithm_settings(name: str) -> tuple[Parameter, ...]:
    """The parameters that are fixed in the compiled code: switches, and the order of a rule."""
    return tuple(p for p in ALGORITHMS[name].parameters if p.kind is not float and p.name not in COUNTS)


def _algorithm(name: str, values: Mapping[str, Numbers], settings: Mapping[str, int]) -> Algorithm:
    kind = ALGORITHMS[name]
    rates = {"h_g": values["h_g"], "h_d": values["h_d"]}
    own = {parameter.name for parameter in kind.parameters}
    others = {key: value for key, value in {**values, **settings}.items() if key in own and key not in rates}
    counts = {key: COUNTS[key] for key in own if key in COUNTS}
    if issubclass(kind, Wrapper):
        return kind(SimGD(**rates), **{**others, **counts})
    return kind(**rates, **{**others, **counts})


def algorithm_kernel(name: str, size: int = 2, **settings: int) -> str:
    """The JavaScript object literal of an algorithm on fields of `size` entries, at fixed `settings`."""
    names = [parameter.name for parameter in algorithm_parameters(name)]
    continuous = [parameter.name for parameter in algorithm_parameters(name) if parameter.kind is float]
    tables, n = Tables(), size

    def at(values: Values, bound: jax.Array) -> tuple[Algorithm, OpaqueField]:
        return _algorithm(name, dict(zip(continuous, values, strict=True)), settings), OpaqueField(bound, n)

    template: list[State] = []

    def init(x: jax.Array, values: Values, bound: jax.Array) -> list[jax.Array]:
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

    def unravel(flat: jax.Array) -> State:
        parts, k = [], 0
        for shape, kind in zip(made, kinds, strict=True):
            count = int(np.prod(shape.shape))
            parts.append(jnp.reshape(flat[k : k + count], shape.shape).astype(kind))
            k += count
        return jax.tree.unflatten(structure, parts)

    def ravel(state: State) -> jax.Array:
        return ravel_pytree(jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), state))[0]

    def step(s: jax.Array, k: Scalar, values: Values, bound: jax.Array) -> jax.Array:
        algorithm, field = at(values, bound)
        return ravel(algorithm.step(field, unravel(s), k))

    def position(s: jax.Array, k: Scalar, values: Values, bound: jax.Array) -> jax.Array:
        return at(values, bound)[0].position(unravel(s))

    def slope(s: jax.Array, k: Scalar, values: Values, bound: jax.Array) -> jax.Array:
        return jax.jacfwd(lambda flat: step(flat, k, values, bound))(s)

    def decided(x: jax.Array, centre: jax.Array, rounds: int, values: Values, bound: jax.Array) -> object:
        state, code, step = decide(_alone(*at(values, bound), x), centre, rounds)
        return [column[0] for column in state], code[0], step[0]

    def around(s: jax.Array, centre: jax.Array, rounds: int, values: Values, bound: jax.Array) -> jax.Array:
        return recurs(_alone(*at(values, bound), jnp.zeros(n)), tuple(s[:, None]), centre, rounds)[0]

    head_s = f"const {', '.join(f'{label} = s[{i}]' for i, label in enumerate(labels))};"
    head_x = f"const {', '.join(f'x{i} = x[{i}]' for i in range(n))};"
    head_a = [f"const {{ {', '.join(names)} }} = a;", "const bound = field.bound;"]
    start = ([f"x{i}" for i in range(n)], (n,))
    run = _AlgorithmTracer(names, continuous, tables, f"the algorithm {name!r}")
    texts = [
        run("init", "field, x, a", [head_x, *head_a], [start], init, flatten=True),
        run("step", "field, s, round, a", [head_s, *head_a], [(labels, (len(labels),)), "round"], step),
        run("position", "s", [head_s], [(labels, (len(labels),)), "round"], position),
    ]
    if n == 2:
        head = ["const c0 = centre[0], c1 = centre[1];", *head_a]
        rest: list[Input] = [(["c0", "c1"], (2,)), "rounds"]
        texts += [
            run("decide", "field, x, centre, rounds, a", [head_x, *head], [start, *rest], decided),
            run("recurs", "field, s, centre, rounds, a", [head_s, *head], [(labels, (len(labels),)), *rest], around),
        ]
    if not _algorithm(name, dict.fromkeys(continuous, 0.5), settings).no_multipliers:
        texts.append(
            run("jacobian", "field, s, round, a", [head_s, *head_a], [(labels, (len(labels),)), "round"], slope)
        )
    return object_literal(texts, tables)


def _alone(algorithm: Algorithm, field: OpaqueField, x: jax.Array) -> Block:
    """The map as a block of one lane."""
    return block_map(lambda _: Map(field, algorithm), None, x[None])


class _AlgorithmTracer:
    """Compiles one function of an algorithm; the last arguments are its parameters and the domain's bound."""

    def __init__(self, names: list[str], continuous: list[str], tables: Tables, what: str):
        self.names, self.continuous, self.tables, self.what = names, continuous, tables, what

    def __call__(
        self,
        name: str,
        arguments: str,
        head: list[str],
        inputs: Sequence[Input],
        fn: Callable[..., object],
        flatten: bool = False,
    ) -> str:
        graph = Graph()
        example: list[np.ndarray | np.integer] = []
        cells: list[Cells] = []
        for given in inputs:
            words, shape = given if isinstance(given, tuple) else (given, ())
            nodes = [graph.share("input", (), word) for word in ([words] if shape == () else words)]
            cells.append(np.array(nodes, dtype=object).reshape(shape))
            example.append(np.ones(shape) if shape else np.int32(1) if given == "rounds" else np.int64(1))
        cells += [np.array(graph.share("input", (), word), dtype=object) for word in [*self.continuous, "bound"]]
        with jax.enable_x64(True):
            values = [np.float64(0.5) for _ in self.continuous]
            closed, shape = jax.make_jaxpr(fn, return_shape=True)(*example, values, np.float64(1.0))
        counts = {COUNTS[c]: graph.share("input", (), c) for c in self.names if c in COUNTS}
        flat = results_of(closed, JavaScript(graph, self.tables, counts), cells, self.what)
        brackets = f"[{', '.join(['{}'] * len(flat))}]" if flatten else shape_of(shape)
        return function(graph, name, arguments, head, flat, brackets)


def _labels(state: State) -> list[str]:
    """A readable name for every entry of an algorithm's state: x0, x1, m0, m1."""
    labels = []
    for path, leaf in jax.tree_util.tree_flatten_with_path(state)[0]:
        words = re.findall(r"[A-Za-z_]+", jax.tree_util.keystr(path)) or ["x"]
        size = int(np.prod(leaf.shape)) if leaf.shape else 1
        word = "".join([words[0], *(w.capitalize() for w in words[1:])]) if len(words) > 1 else words[0]
        labels += [f"{word}{k}" if leaf.shape else word for k in range(size)]
    return labels


__all__ = ["algorithm_kernel", "algorithm_parameters", "algorithm_settings"]
