"""A traced function carried out by NumPy on many systems at once: what is asked once need not be compiled.

A matrix of one method takes a millisecond this way, and a tenth of a second to compile. Numbers are those of the type
that the program was traced in; NumPy's and XLA's exponentials differ in the last digit.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from diracgan.tracing.arithmetic import Arithmetic
from diracgan.tracing.arrays import Cells, Unsupported, shaped
from diracgan.tracing.interpreter import evaluate

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr, Jaxpr

# Entries of all intermediate results together: one takes some microseconds.
_LARGEST = 1500


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """One entry of an array for each of many systems, shape `(B,)`, or one that they share, shape `()`."""

    values: Any


# Truth values and integers that are known stand for themselves.
Given = Lanes | bool | int


def _on(function: Callable[..., Any]) -> Callable[..., Given]:
    def apply(*given: Given) -> Given:
        done = function(*(part.values if isinstance(part, Lanes) else part for part in given))
        return Lanes(done) if isinstance(done, (np.ndarray, np.floating, float)) else done

    return apply


def _select(which: Given, *cases: Given) -> Given:
    if not isinstance(which, Lanes):
        return cases[int(which)]
    rows = [case.values if isinstance(case, Lanes) else case for case in cases]
    return Lanes(np.where(which.values, rows[1], rows[0]) if len(rows) == 2 else np.choose(which.values, rows))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "atan2": np.arctan2,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "pow": np.power,
    "max": np.maximum,
    "min": np.minimum,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "not": np.logical_not,
    "is_finite": np.isfinite,
}


class _Numbers(Arithmetic[Given]):
    """Floats of one type, or arrays of them."""

    def converted(self, scalar: Given, dtype: DTypeLike) -> Given:
        """A scalar as an entry of an array of another type."""
        if isinstance(scalar, Lanes):
            return Lanes(np.asarray(scalar.values).astype(dtype)[()])
        made: Any = np.dtype(dtype).type(scalar)
        known: bool | int = made.item()
        return Lanes(made) if isinstance(made, np.floating) else known


@functools.lru_cache(maxsize=8)
def _numbers(dtype: np.dtype[Any]) -> _Numbers:
    same = dict.fromkeys(("copy", "copy_p", "stop_gradient"), lambda a: a)
    operations = {name: _on(function) for name, function in _FUNCTIONS.items()}
    return _Numbers(operations | same | {"select_n": _select}, lambda value: Lanes(dtype.type(value)))


def carried_out(program: ClosedJaxpr, *arguments: np.ndarray | Sequence[Any]) -> list[np.ndarray]:
    """The outputs of a closed jaxpr, each of its shape, behind an axis of systems where there are several.

    Args:
        program: as `jit(...).trace(...).jaxpr`.
        *arguments: arrays of the shapes that it was traced with; behind an axis of systems, of one length, or not.

    Raises `Unsupported`, a `NotImplementedError`, for a program that is too large to be worth it or whose primitives
    are not all known, and `ValueError` for a loop that depends on the numbers.

    >>> import jax
    >>> program = jax.make_jaxpr(lambda x, y: x * y[0])(1.0, np.ones(2))
    >>> carried_out(program, np.array([1.0, 2.0, 3.0]), np.array([2.0, 5.0]))[0].tolist()
    [2.0, 4.0, 6.0]
    """
    if _entries(program.jaxpr) > _LARGEST:
        raise Unsupported("more entries than are worth it")
    kinds = [getattr(atom.aval, "dtype", np.dtype(bool)) for atom in program.jaxpr.outvars]
    dtype = next((kind for kind in kinds if np.issubdtype(kind, np.floating)), np.dtype(np.float64))
    shapes = [variable.aval.shape for variable in program.jaxpr.invars]
    cells = [_cells(np.asarray(one), shape) for one, shape in zip(arguments, shapes, strict=True)]
    with np.errstate(all="ignore"):
        done = evaluate(program, _numbers(dtype), *cells)
    return [_gathered(part, kind) for part, kind in zip(done, kinds, strict=True)]


@functools.lru_cache(maxsize=1024)
def _entries(jaxpr: Jaxpr) -> float:
    """The entries of all intermediate results; infinite where there is a loop of unknown length."""
    total = 0.0
    for equation in jaxpr.eqns:
        if equation.primitive.name == "while":
            return np.inf
        total += sum(int(np.prod(getattr(variable.aval, "shape", ()))) for variable in equation.outvars)
        if equation.primitive.name == "dot_general":
            total += int(np.prod([*shaped(equation.invars[0]).shape, *shaped(equation.invars[1]).shape]))
        times = equation.params.get("length", 1) if equation.primitive.name == "scan" else 1
        total += times * sum(map(_entries, _inside(equation.params.values())))
    return total


def _inside(params: Iterable[object]) -> list[Jaxpr]:
    """The programs among the parameters of a primitive."""
    nested = [part for param in params for part in (param if isinstance(param, (tuple, list)) else (param,))]
    return [getattr(part, "jaxpr", part) for part in nested if hasattr(getattr(part, "jaxpr", part), "eqns")]


def _cells(values: np.ndarray, shape: tuple[int, ...]) -> Cells:
    made = np.empty(shape, object)
    floating = np.issubdtype(values.dtype, np.floating)
    for place in np.ndindex(shape):
        one = values[(..., *place)][()]
        made[place] = Lanes(one) if floating or np.ndim(one) else one.item()
    return made


def _gathered(cells: Cells, dtype: DTypeLike) -> np.ndarray:
    entries = [part.values if isinstance(part, Lanes) else part for part in cells.reshape(-1)]
    systems = np.broadcast_shapes(*map(np.shape, entries))
    made = np.empty((*systems, len(entries)), dtype)
    for k, entry in enumerate(entries):
        made[..., k] = entry
    return made.reshape((*systems, *cells.shape))
