"""Exact polynomials in the entries of a state, with opaque functions of them: identities between traced programs.

A polynomial is a sum of rational coefficients times powers of atoms. An atom is an entry of the state or a function of
polynomials that is not looked into, such as exp(-θψ): two of them are the same if the function and its arguments are.
Equal polynomials are therefore equal as functions of the state, in real arithmetic.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from diracgan.tracing import Arithmetic, evaluate

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr

# Powers by atom: the number of an entry, the name of a symbol, or (function, *terms of its arguments).
Monomial = frozenset[tuple[Any, int]]

_MOST = 400
# What a program works with: counted integers and truth values are no polynomials yet.
Given: TypeAlias = "Polynomial | float"


@dataclasses.dataclass(frozen=True)
class Polynomial:
    """`terms` maps monomials, sets of pairs (atom, power), to rational coefficients, none of them 0."""

    terms: frozenset[tuple[Monomial, Fraction]]

    @classmethod
    def of(cls, terms: dict[Monomial, Fraction]) -> Polynomial:
        """The polynomial without the terms that have cancelled."""
        if len(terms) > _MOST:
            raise NotImplementedError(f"a polynomial of more than {_MOST} terms is not looked into")
        return cls(frozenset((monomial, factor) for monomial, factor in terms.items() if factor))

    def __add__(self, other: Polynomial) -> Polynomial:
        terms = dict(self.terms)
        for monomial, factor in other.terms:
            terms[monomial] = terms.get(monomial, Fraction(0)) + factor
        return Polynomial.of(terms)

    def __neg__(self) -> Polynomial:
        return Polynomial(frozenset((monomial, -factor) for monomial, factor in self.terms))

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + -other

    def __mul__(self, other: Polynomial) -> Polynomial:
        terms: dict[Monomial, Fraction] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                product = _times(left, right)
                terms[product] = terms.get(product, Fraction(0)) + a * b
        return Polynomial.of(terms)

    @property
    def constant(self) -> Fraction | None:
        """The value of a polynomial without atoms; None for another."""
        if not self.terms:
            return Fraction(0)
        ((monomial, factor), *others) = self.terms
        return factor if not monomial and not others else None

    def graded(self) -> dict[int, Polynomial]:
        """The parts by grade, (power of entry 0) - (power of entry 1): those of grade 0 depend on the product only."""
        parts: dict[int, dict[Monomial, Fraction]] = {}
        for monomial, factor in self.terms:
            powers = dict(monomial)
            parts.setdefault(powers.get(0, 0) - powers.get(1, 0), {})[monomial] = factor
        return {grade: Polynomial.of(terms) for grade, terms in parts.items()}


def _times(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return frozenset(powers.items())


def _number(value: float) -> Polynomial:
    if not np.isfinite(value):
        return _atom((repr(value),))
    return Polynomial.of({frozenset(): Fraction(value)})


def _atom(atom: Hashable) -> Polynomial:
    return Polynomial.of({frozenset({(atom, 1)}): Fraction(1)})


def _polynomial(value: Given) -> Polynomial:
    return value if isinstance(value, Polynomial) else _number(float(value))


def _of_the_product(name: str, *given: Given) -> Polynomial:
    """A function that is not looked into, of arguments that depend on the product of the entries only."""
    arguments = [_polynomial(value) for value in given]
    for argument in arguments:
        if set(argument.graded()) - {0}:
            raise NotImplementedError(f"{name} of something other than the product θψ")
    return _atom((name, *(argument.terms for argument in arguments)))


def _ring(operation: Callable[..., Given]) -> Callable[[Given, Given], Given]:
    def apply(a: Given, b: Given) -> Given:
        if isinstance(a, int) and isinstance(b, int):
            return operation(a, b)
        return operation(_polynomial(a), _polynomial(b))

    return apply


def _divided(a: Given, b: Given) -> Polynomial:
    constant = _polynomial(b).constant
    if constant:
        return _polynomial(a) * Polynomial.of({frozenset(): 1 / constant})
    return _polynomial(a) * _of_the_product("reciprocal", b)


def _power(a: Given, n: int) -> Polynomial:
    if n < 0:
        return _divided(1, _power(a, -n))
    out = _number(1.0)
    for _ in range(n):
        out = out * _polynomial(a)
    return out


def _select(which: Given, *cases: Given) -> Given:
    return _of_the_product("select_n", which, *cases) if isinstance(which, Polynomial) else cases[int(which)]


# Piecewise ones among them: an identity between the programs does not look into them either.
_OPAQUE = (
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "tanh",
    "logistic",
    "sinh",
    "cosh",
    "asinh",
    "atan",
    "erf",
    "sin",
    "cos",
    "tan",
    "sqrt",
    "rsqrt",
    "pow",
    "cbrt",
    "abs",
    "sign",
    "max",
    "min",
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "ne",
    "not",
    "and",
    "or",
    "is_finite",
)

_ARITHMETIC = Arithmetic[Given](
    operations={
        **{name: lambda *given, name=name: _of_the_product(name, *given) for name in _OPAQUE},
        "add": _ring(lambda a, b: a + b),
        "add_any": _ring(lambda a, b: a + b),
        "sub": _ring(lambda a, b: a - b),
        "mul": _ring(lambda a, b: a * b),
        "div": _divided,
        "neg": lambda a: -_polynomial(a),
        "integer_pow": _power,
        "square": lambda a: _power(a, 2),
        "one_minus_square": lambda a: _number(1.0) - _power(a, 2),
        "select_n": _select,
        "copy": lambda a: a,
        "copy_p": lambda a: a,
        "stop_gradient": lambda a: a,
    },
    constant=_number,
    functions={name: lambda a, name=name: _of_the_product(name, a) for name in ("sigmoid", "log_sigmoid")},
)


def symbol(name: str) -> np.ndarray:
    """A number without a value, as an argument of `polynomials`."""
    cell = np.empty((), object)
    cell[()] = _atom(name)
    return cell


def _signs(side: int) -> dict[str, Callable[..., Given]]:
    """What is decided where ψ has the sign `side`: the sign of its multiples, and of numbers."""

    def sign(value: Given) -> int:
        value = _polynomial(value)
        ((monomial, factor),) = value.terms or ((frozenset(), Fraction(0)),)
        if set(monomial) - {(1, 1)}:
            raise NotImplementedError("the sign of something other than ψ")
        return (side if monomial else 1) * ((factor > 0) - (factor < 0))

    def apart(a: Given, b: Given) -> int:
        return sign(_polynomial(a) - _polynomial(b))

    return {
        "abs": lambda a: _polynomial(a) * _number(float(sign(a))),
        "sign": lambda a: _number(float(sign(a))),
        "lt": lambda a, b: apart(a, b) < 0,
        "le": lambda a, b: apart(a, b) <= 0,
        "gt": lambda a, b: apart(a, b) > 0,
        "ge": lambda a, b: apart(a, b) >= 0,
        "eq": lambda a, b: apart(a, b) == 0,
        "ne": lambda a, b: apart(a, b) != 0,
    }


def polynomials(program: ClosedJaxpr, *known: np.ndarray, side: int = 0) -> list[Polynomial]:
    """The entries of a traced planar field as polynomials in θ and ψ, the entries 0 and 1 of its state.

    `known` are the program's arguments before the state, arrays of floats or symbols. With `side` 1 or -1 the field is
    looked at where ψ > 0 or ψ < 0 only.

    Raises `NotImplementedError` for a function of anything but the product θψ, and for an unknown primitive.

    >>> import jax
    >>> theta, psi = polynomials(jax.make_jaxpr(dg.method("wgan").velocity)(np.zeros(2)))
    >>> theta.terms, psi.terms
    (frozenset({(frozenset({(1, 1)}), Fraction(-1, 1))}), frozenset({(frozenset({(0, 1)}), Fraction(1, 1))}))
    """
    state = np.empty(2, object)
    state[:] = [_atom(0), _atom(1)]
    decided = _signs(side) if side else {}
    arithmetic = dataclasses.replace(_ARITHMETIC, operations={**_ARITHMETIC.operations, **decided})
    return [_polynomial(value) for value in evaluate(program, arithmetic, *known, state)[0]]
