"""Polynomials in one unknown, with floats or arrays of floats for coefficients: a traced function of it, term by term.

A round of most algorithms is a polynomial in the learning rate. Its coefficients are known to the relative accuracy of
float products, where values at small rates have lost the digits of everything but 1. Arrays as coefficients are many
systems at once.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from diracgan.tracing import Arithmetic, Unsupported, elementwise, evaluate

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr

_HIGHEST = 64
Numbers = float | np.ndarray
# What a program works with: truth values are no polynomials.
Given: TypeAlias = "Powers | float | np.ndarray"


@dataclasses.dataclass(frozen=True)
class Powers:
    """c₀ + c₁t + c₂t² + …; a coefficient is a float or an array.

    >>> (Powers((1.0, 2.0)) * Powers((0.0, 3.0))).coefficients
    (0.0, 3.0, 6.0)
    """

    coefficients: tuple[Numbers, ...]

    @property
    def constant(self) -> Numbers:
        """The value of a polynomial without the unknown; `Unsupported` for another."""
        if len(self.coefficients) > 1:
            raise Unsupported("of something that depends on the unknown")
        return self.coefficients[0]

    def __add__(self, other: Powers) -> Powers:
        short, long = sorted((self.coefficients, other.coefficients), key=len)
        return _trimmed([a + b for a, b in zip(short, long, strict=False)] + list(long[len(short) :]))

    def __neg__(self) -> Powers:
        return Powers(tuple(-c for c in self.coefficients))

    def __mul__(self, other: Powers) -> Powers:
        terms: list[Numbers] = [0.0] * (len(self.coefficients) + len(other.coefficients) - 1)
        if len(terms) > _HIGHEST:
            raise Unsupported(f"a polynomial of degree {len(terms) - 1} in the unknown")
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                terms[i + j] = terms[i + j] + a * b
        return _trimmed(terms)


def _trimmed(terms: list[Numbers]) -> Powers:
    while len(terms) > 1 and not np.any(terms[-1]):
        terms.pop()
    return Powers(tuple(terms))


def _powers(value: Given) -> Powers:
    return value if isinstance(value, Powers) else Powers((value,))


def _ring(operation: Callable[..., Given]) -> Callable[[Given, Given], Given]:
    def apply(a: Given, b: Given) -> Given:
        if isinstance(a, Powers) or isinstance(b, Powers):
            return operation(_powers(a), _powers(b))
        return operation(a, b)

    return apply


def _divided(a: Powers, b: Powers) -> Powers:
    below = b.constant
    return Powers(tuple(c / below for c in a.coefficients))


def _of_constants(function: Callable[..., Numbers]) -> Callable[..., Given]:
    """A function that is not polynomial, of what does not depend on the unknown; one truth value stays bare."""

    def apply(*given: Given) -> Given:
        done = function(*(part.constant if isinstance(part, Powers) else part for part in given))
        bare = np.ndim(done) == 0 and not isinstance(done, (float, np.floating))
        return done if bare else Powers((done,))

    return apply


def _select(which: Given, *cases: Given) -> Given:
    which = which.constant if isinstance(which, Powers) else which
    if np.ndim(which) == 0:
        return cases[int(which)]
    chosen = [_powers(case).coefficients for case in cases]
    longest = max(map(len, chosen))
    filled = [[*terms, *[0.0] * (longest - len(terms))] for terms in chosen]
    return _trimmed([np.choose(np.asarray(which, int), row) for row in zip(*filled, strict=True)])


_SAME = ("copy", "copy_p", "stop_gradient")
_FUNCTIONS: dict[str, Callable[..., Numbers]] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "abs": np.abs,
    "sign": np.sign,
    "pow": np.power,
    "max": np.maximum,
    "min": np.minimum,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "is_finite": np.isfinite,
}
_ARITHMETIC = Arithmetic[Given](
    operations={
        **{name: _of_constants(function) for name, function in _FUNCTIONS.items()},
        **dict.fromkeys(_SAME, lambda a: a),
        "add": _ring(lambda a, b: a + b),
        "sub": _ring(lambda a, b: a + -b),
        "mul": _ring(lambda a, b: a * b),
        "div": _ring(_divided),
        "neg": lambda a: -a,
        "select_n": _select,
    },
    constant=lambda value: Powers((value,)),
)


def powers(program: ClosedJaxpr, *arguments: Given) -> list[np.ndarray]:
    """The outputs of a closed jaxpr, arrays of `Powers`, on arrays of them.

    Raises `NotImplementedError` where the unknown comes into a function that is not polynomial, and `ValueError` for a
    branch that depends on it.

    >>> import jax
    >>> program = jax.make_jaxpr(lambda h: (1 - h) ** 2)(0.0)
    >>> powers(program, cells(Powers((0.0, 1.0))))[0].item().coefficients
    (1.0, -2.0, 1.0)
    """
    with np.errstate(all="ignore"):
        done = evaluate(program, _ARITHMETIC, *arguments)
    return [elementwise(_powers, part) for part in done]


def cells(value: Given, axes: int = 0) -> np.ndarray:
    """A `Powers`, or an array whose last `axes` axes are entries and whose others are many systems, as an argument."""
    if isinstance(value, Powers):
        made = np.empty((), object)
        made[()] = value
        return made
    given = np.asarray(value, np.float64)
    made = np.empty(given.shape[given.ndim - axes :], object)
    for place in np.ndindex(made.shape):
        entry = given[(..., *place)]
        made[place] = Powers((entry if entry.ndim else float(entry),))
    return made
