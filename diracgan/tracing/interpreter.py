"""Evaluate a traced function on scalars of any kind: symbols, intervals, rationals, JavaScript.

JAX reduces every method to a list of primitive operations. Here they are carried out on NumPy arrays of objects: what
moves entries or brings them together is the same for every kind of scalar; what an addition or a square root does is a
table.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from diracgan.tracing.arithmetic import Arithmetic, S
from diracgan.tracing.arrays import Cells, Unsupported, boxed, elementwise, shaped
from diracgan.tracing.loops import read_branches, read_scan, read_while
from diracgan.tracing.moves import MOVES, moved
from diracgan.tracing.recording import is_literal
from diracgan.tracing.sums import REDUCTIONS, contracted, reduced

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var


def evaluate(program: ClosedJaxpr, arithmetic: Arithmetic[S], *arguments: object) -> list[Cells]:
    """The outputs of a closed jaxpr on arrays of scalars, as arrays of objects.

    Loops of a known length are unrolled, unless the kind of scalars has loops of its own. Raises `Unsupported`, a
    `NotImplementedError`, that names a primitive which the table lacks, and `ValueError` for a loop or branch that
    depends on an unknown.

    >>> import jax
    >>> from fractions import Fraction
    >>> table = {"mul": lambda a, b: a * b, "add": lambda a, b: a + b}
    >>> program = jax.make_jaxpr(lambda x: x * x[0] + 0.5)(np.ones(2))
    >>> half = np.array([Fraction(1, 3), Fraction(1)], object)
    >>> print(*evaluate(program, Arithmetic(table, Fraction), half)[0])
    11/18 5/6
    """
    return _run(program.jaxpr, program.consts, arithmetic, arguments)


def _run(jaxpr: Jaxpr, consts: Iterable[object], arithmetic: Arithmetic[S], arguments: Iterable[object]) -> list[Cells]:
    values: dict[Var, Cells] = {}

    def read(atom: Var | Literal) -> Cells:
        return arithmetic.literal(atom.val) if is_literal(atom) else values[atom]

    for variable, one in zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *arguments], strict=True):
        values[variable] = one if isinstance(one, np.ndarray) and one.dtype == object else arithmetic.literal(one)
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        try:
            done = _step(name, equation, arithmetic, [read(atom) for atom in equation.invars])
        except Unsupported as problem:
            # The primitives around this one, calls and loops, have nothing to add.
            raise problem if problem.primitive else Unsupported(problem.reason, name) from None
        for variable, value in zip(equation.outvars, done, strict=True):
            values[variable] = value
    return [read(atom) for atom in jaxpr.outvars]


def _step(name: str, equation: JaxprEqn, arithmetic: Arithmetic[S], arrays: list[Cells]) -> list[Cells]:
    if name in arithmetic.primitives:
        return [arithmetic.primitives[name](*arrays)]
    if name in _RULES:
        return _RULES[name](equation, arithmetic, arrays)
    if name in REDUCTIONS:
        shape, axes = shaped(equation.invars[0]).shape, tuple(equation.params["axes"])
        return [reduced(arithmetic, REDUCTIONS[name], arrays[0], shape, axes)]
    return [arithmetic.apply(name, *arrays)]


def _call(equation: JaxprEqn, arithmetic: Arithmetic[S], arrays: list[Cells]) -> list[Cells]:
    params = equation.params
    inner = next(params[key] for key in ("call_jaxpr", "jaxpr", "fun_jaxpr") if key in params)
    jaxpr = getattr(inner, "jaxpr", inner)
    name = str(params.get("name") or jaxpr.debug_info.func_name) if arithmetic.functions else ""
    if name in arithmetic.functions and len(arrays) == len(jaxpr.outvars) == 1:
        return [elementwise(arithmetic.functions[name], *arrays)]
    return _run(jaxpr, getattr(inner, "consts", ()), arithmetic, arrays)


def _inner(arithmetic: Arithmetic[S]) -> Callable[..., list[Cells]]:
    return lambda program, *arguments: evaluate(program, arithmetic, *arguments)


def _convert(equation: JaxprEqn, arithmetic: Arithmetic[S], arrays: list[Cells]) -> list[Cells]:
    dtype = equation.params["new_dtype"]
    return [elementwise(functools.partial(arithmetic.converted, dtype=dtype), *arrays)]


def _iota(equation: JaxprEqn, arithmetic: Arithmetic[S], arrays: list[Cells]) -> list[Cells]:
    params = equation.params
    return [arithmetic.counted(params["shape"], params["dimension"], params["dtype"])]


def _dot(equation: JaxprEqn, arithmetic: Arithmetic[S], arrays: list[Cells]) -> list[Cells]:
    left, right = arrays
    shape, numbers = shaped(equation.invars[0]).shape, equation.params["dimension_numbers"]
    return [contracted(arithmetic, left, right, shape, numbers)]


def _integer_pow(equation: JaxprEqn, arithmetic: Arithmetic[S], arrays: list[Cells]) -> list[Cells]:
    return [arithmetic.apply("integer_pow", *arrays, boxed(int(equation.params["y"])))]


_CALLS = ("jit", "pjit", "closed_call", "core_call", "remat", "remat2", "checkpoint")
_SAME = ("copy", "copy_p", "stop_gradient", "optimization_barrier", "reduce_precision", "pvary")
# Of the equation, the kind of scalars, and the arguments.
_RULES: dict[str, Callable[..., list[Cells]]] = {
    **dict.fromkeys((*_CALLS, "custom_jvp_call", "custom_vjp_call"), _call),
    **dict.fromkeys(_SAME, lambda equation, arithmetic, arrays: arrays),
    **dict.fromkeys(MOVES, moved),
    "scan": lambda equation, a, arrays: a.scan(read_scan(equation.params, arrays, _inner(a))),
    "while": lambda equation, a, arrays: a.repeated(read_while(equation.params, arrays, _inner(a))),
    "cond": lambda equation, a, arrays: a.chosen(read_branches(equation.params, arrays, _inner(a))),
    "convert_element_type": _convert,
    "iota": _iota,
    "dot_general": _dot,
    "integer_pow": _integer_pow,
}
