"""SymPy's arithmetic for traced functions, with the link f(t) = -log(1 + e^-t) and its slope kept as symbols."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from diracgan.tracing import Arithmetic


class link(sp.Function):  # type: ignore[misc]
    """f(t) = -log(1 + e^-t), the log-sigmoid."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """f'(t)."""
        return slope(self.args[0])

    def _latex(self, printer: sp.printing.printer.Printer, exp: str | None = None) -> str:
        return _applied("f", self.args[0], printer, exp)


class slope(sp.Function):  # type: ignore[misc]
    """f'(t) = σ(-t), with f'(0) = 1/2 and f''(t) = -f'(t) f'(-t)."""

    nargs = 1

    @classmethod
    def eval(cls, t: sp.Expr) -> sp.Expr:
        """1/2 at 0."""
        return sp.Rational(1, 2) if t.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """-f'(t) f'(-t)."""
        return -self * slope(-self.args[0])

    def _latex(self, printer: sp.printing.printer.Printer, exp: str | None = None) -> str:
        return _applied("f'", self.args[0], printer, exp)


class Mean(sp.Function):  # type: ignore[misc]
    """The expectation of an expression in standard normal variables, unevaluated."""

    def _latex(self, printer: sp.printing.printer.Printer, exp: str | None = None) -> str:
        shown = rf"\mathbb{{E}}\left[{printer._print(self.args[0])}\right]"
        return shown if exp is None else rf"{shown}^{{{exp}}}"


def _applied(name: str, argument: sp.Expr, printer: sp.printing.printer.Printer, exp: str | None) -> str:
    shown = rf"\left({printer._print(argument)}\right)"
    if exp is None:
        return name + shown
    return rf"{name}^{{{exp}}}{shown}" if name == "f" else rf"{name}{shown}^{{{exp}}}"


def meaning(expression: sp.Expr) -> sp.Expr:
    """The expression with link and slope written out in elementary functions."""
    written = expression.replace(link, lambda t: -sp.log(1 + sp.exp(-t)))
    return written.replace(slope, lambda t: 1 / (1 + sp.exp(t)))


_KNOWN = {math.log(2.0): sp.log(2), math.pi: sp.pi, math.e: sp.E}


def constant(value: float) -> sp.Expr:
    """A float as the number it was meant to be: a fraction with a small denominator, log 2, π or e, else itself."""
    if not math.isfinite(value):
        return {math.inf: sp.oo, -math.inf: -sp.oo}.get(value, sp.nan)
    near = Fraction(value).limit_denominator(10_000)
    if abs(float(near) - value) <= 4e-16 * abs(value):
        return sp.Rational(near.numerator, near.denominator)
    for known, symbol in _KNOWN.items():
        if abs(abs(value) - known) <= 4e-16 * known:
            return symbol if value > 0 else -symbol
    return sp.Float(value, 17)


def _truth(condition: sp.Expr) -> sp.Expr:
    return bool(condition) if condition in (sp.true, sp.false) else condition


def _equal(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    # The derivative of a maximum asks which argument it equals; an inequality says so more plainly.
    for one, other in ((a, b), (b, a)):
        if isinstance(other, (sp.Max, sp.Min)) and one in other.args:
            rest = other.func(*[part for part in other.args if part != one])
            return _truth(sp.Ge(one, rest) if isinstance(other, sp.Max) else sp.Le(one, rest))
    return _truth(sp.Eq(a, b))


def _select(which: sp.Expr, *cases: sp.Expr) -> sp.Expr:
    if isinstance(which, (bool, int)):
        return cases[int(which)]
    if cases[0] == cases[1]:
        return cases[0]
    return sp.Piecewise((cases[1], which), (cases[0], True))


SYMPY = Arithmetic[sp.Expr](
    operations={
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "neg": lambda a: -a,
        "pow": lambda a, b: a**b,
        "integer_pow": lambda a, n: a**n,
        "square": lambda a: a**2,
        "sqrt": sp.sqrt,
        "exp": sp.exp,
        "log": sp.log,
        "log1p": lambda a: sp.log(1 + a),
        "expm1": lambda a: sp.exp(a) - 1,
        "tanh": sp.tanh,
        "sinh": sp.sinh,
        "cosh": sp.cosh,
        "sin": sp.sin,
        "cos": sp.cos,
        "atan2": sp.atan2,
        "erf": sp.erf,
        "logistic": lambda a: slope(-a),
        "abs": sp.Abs,
        "sign": sp.sign,
        "max": sp.Max,
        "min": sp.Min,
        "gt": lambda a, b: _truth(sp.Gt(a, b)),
        "ge": lambda a, b: _truth(sp.Ge(a, b)),
        "lt": lambda a, b: _truth(sp.Lt(a, b)),
        "le": lambda a, b: _truth(sp.Le(a, b)),
        "eq": _equal,
        "ne": lambda a, b: _truth(sp.Not(_equal(a, b))),
        "and": lambda a, b: _truth(sp.And(a, b)),
        "or": lambda a, b: _truth(sp.Or(a, b)),
        "not": lambda a: _truth(sp.Not(a)),
        "select_n": _select,
    },
    constant=constant,
    functions={"log_sigmoid": link, "sigmoid": lambda t: slope(-t)},
)


def mean(expression: sp.Expr, normals: Sequence[sp.Symbol]) -> sp.Expr:
    """E of an expression in independent variables: moments where it is a polynomial in them.

    Those whose names begin with U are uniform on [-1, 1], the others standard normal.
    """
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(expression)):
        present = [z for z in normals if term.has(z)]
        if not present:
            total += term
        elif term.is_polynomial(*present):
            for powers, factor in sp.Poly(term, *present).terms():
                total += factor * sp.prod(map(_moment, present, powers))
        else:
            factor, inside = term.as_independent(*present)
            total += factor * Mean(inside)
    return total


def _moment(variable: sp.Symbol, power: int) -> sp.Expr:
    if power % 2:
        return sp.S.Zero
    return sp.Rational(1, power + 1) if variable.name.startswith("U") else sp.factorial2(power - 1)


def pair(matrix: sp.Matrix) -> tuple[sp.Expr, sp.Expr]:
    """Half the trace and the discriminant ((a - d)/2)² + bc of a 2×2 matrix: the eigenvalues are mean ± √disc."""
    a, b, c, d = matrix
    return sp.simplify((a + d) / 2), sp.expand(sp.simplify(((a - d) / 2) ** 2 + b * c))


def spectrum(matrix: sp.Matrix) -> list[sp.Expr]:
    """The eigenvalues in closed form, with multiplicity; `ValueError` when there is none."""
    if matrix.shape == (2, 2):
        half_trace, discriminant = pair(matrix)
        return [half_trace + sp.sqrt(discriminant), half_trace - sp.sqrt(discriminant)]
    found = matrix.eigenvals(multiple=False)
    if sum(found.values()) != matrix.rows:
        raise ValueError(f"the eigenvalues of a {matrix.rows}×{matrix.rows} Jacobian have no closed form here")
    return [value for value, times in found.items() for _ in range(times)]
