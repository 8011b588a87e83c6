"""A kind of scalars: what it can do with them, and what it takes a loop to be."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from diracgan.tracing.arrays import Cells, Unsupported, elementwise
from diracgan.tracing.loops import Branches, Scan, While

S = TypeVar("S")


@dataclasses.dataclass
class Arithmetic(Generic[S]):
    """What the scalars of one kind can do.

    `operations` maps the names of JAX's element-wise primitives ("add", "exp", "select_n", ...) to functions of
    scalars; "integer_pow" takes the exponent as its second argument. What is made of others (`COMPOSED`) may be left
    out. `functions` does the same for functions with a derivative of their own (`jax.custom_jvp`) and takes precedence
    over their bodies: "log_sigmoid", "sigmoid". `constant` makes a scalar of a float. `primitives` are functions of
    whole arrays. An axis longer than `longest` stays an axis. Loops are unrolled; a kind that can say more about
    them, or about long axes, overrides the methods.
    """

    operations: Mapping[str, Callable[..., S]]
    constant: Callable[[float], S]
    functions: Mapping[str, Callable[..., S]] = dataclasses.field(default_factory=dict)
    primitives: Mapping[str, Callable[..., Cells]] = dataclasses.field(default_factory=dict)
    longest: float = math.inf

    def operation(self, name: str) -> Callable[..., S]:
        """A function of scalars; `Unsupported` where the table has none."""
        if name not in self.operations:
            raise Unsupported(f"has no operation on these scalars; the table has: {', '.join(self.operations)}")
        return self.operations[name]

    def apply(self, name: str, *arrays: Cells) -> Cells:
        """One operation, element by element, with the broadcasting of NumPy."""
        if name in COMPOSED and name not in self.operations:
            return COMPOSED[name](self, *arrays)
        return elementwise(self.operation(name), *arrays)

    def literal(self, values: object) -> Cells:
        """A known array: floats through `constant`, integers and truth values as they are."""
        known = np.asarray(values)
        cells = np.empty(known.shape, object)
        for place in np.ndindex(known.shape):
            value = known[place].item()
            cells[place] = self.constant(value) if isinstance(value, float) else value
        return cells

    def counted(self, shape: tuple[int, ...], axis: int, dtype: DTypeLike) -> Cells:
        """An array whose entries are their places along an axis."""
        return self.literal(np.indices(shape)[axis].astype(dtype))

    def converted(self, scalar: S, dtype: DTypeLike) -> object:
        """A scalar as an entry of an array of another type."""
        if not isinstance(scalar, (bool, int)):
            return scalar
        return (
            self.constant(float(scalar)) if np.issubdtype(dtype, np.floating) else np.dtype(dtype).type(scalar).item()
        )

    def known(self, scalar: S, what: str) -> int | np.bool_ | np.integer:
        """The number that a scalar is; `ValueError` where it depends on an unknown."""
        if not isinstance(scalar, (bool, int, np.bool_, np.integer)):
            raise ValueError(f"{what} must not depend on an unknown; it depends on {scalar}")
        return scalar

    def along(self, name: str, scalar: S, length: int) -> S:
        """A reduction over the entries of a long axis."""
        raise Unsupported("a long axis")

    def scan(self, loop: Scan) -> list[Cells]:
        """A loop of a known length."""
        return loop.unrolled()

    def repeated(self, loop: While) -> list[Cells]:
        """A loop as long as a condition holds."""
        return loop.unrolled(lambda cells: self.known(cells.item(), "the length of a loop"))

    def chosen(self, branches: Branches) -> list[Cells]:
        """One of several programs."""
        return branches.taken(self.known(branches.index.item(), "the choice of a branch"))


def _power(a: Arithmetic[S], x: Cells, exponent: Cells) -> Cells:
    power, result, one = abs(exponent.item()), None, a.literal(1.0)
    while power:  # by squaring, as XLA does
        if power & 1:
            result = x if result is None else a.apply("mul", result, x)
        power >>= 1
        x = a.apply("mul", x, x) if power else x
    result = one if result is None else result
    return a.apply("div", one, result) if exponent.item() < 0 else result


def _polynomial(a: Arithmetic[S], x: Cells, *coefficients: Cells) -> Cells:
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = a.apply("add", a.apply("mul", total, x), coefficient)
    return total


# Primitives as JAX itself computes them from others.
COMPOSED: dict[str, Callable[..., Cells]] = {
    "add_any": lambda a, x, y: a.apply("add", x, y),
    "square": lambda a, x: a.apply("mul", x, x),
    "integer_pow": _power,
    "polynomial": _polynomial,
    "one_minus_square": lambda a, x: a.apply(
        "mul", a.apply("add", a.literal(1.0), x), a.apply("sub", a.literal(1.0), x)
    ),
    "rsqrt": lambda a, x: a.apply("div", a.literal(1.0), a.apply("sqrt", x)),
    "logistic": lambda a, x: a.apply(
        "div", a.literal(1.0), a.apply("add", a.literal(1.0), a.apply("exp", a.apply("neg", x)))
    ),
    "exp2": lambda a, x: a.apply("exp", a.apply("mul", a.literal(math.log(2.0)), x)),
    "log2": lambda a, x: a.apply("div", a.apply("log", x), a.literal(math.log(2.0))),
    "clamp": lambda a, low, x, high: a.apply("min", a.apply("max", x, low), high),
}
