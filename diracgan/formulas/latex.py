"""Formulas of a method in LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from diracgan.catalogue import method
from diracgan.formulas.derivations import Derivation, derive, sympy
from diracgan.games.fields import as_field

if TYPE_CHECKING:
    from sympy import Expr


def latex(name: str, **hyper_parameters: Any) -> str:
    r"""The formulas of a method: objectives, vector field, Jacobian at the equilibrium and its eigenvalues.

    They are derived, not stored: the objectives and the velocity are traced, read as SymPy expressions and
    differentiated by SymPy. f is the link f(t) = -log(1 + e^-t). Hyper-parameters that are given are printed as
    numbers, the others as symbols (positive where their declaration says so). At a kink the one-sided Jacobians take
    the place of the Jacobian; an expectation over instance noise is printed as one, over standard normal Z (generated)
    and Z' (real), one over uniform data over U and U' on [-1, 1].

    Args:
        name: a method of the catalogue.
        hyper_parameters: numbers for some of its hyper-parameters.

    Returns a LaTeX `aligned` environment, to be set in mathematics mode. Raises `ImportError` without SymPy, and
    `ValueError` for an unknown name or hyper-parameter and for a transform of a game with noise.

    >>> print(dg.latex("r1").splitlines()[-2])
    \mu_{1,2} &= - \frac{\gamma}{2} \pm \sqrt{\frac{\gamma^{2}}{4} - \frac{1}{4}}
    """
    as_field(method(name, **hyper_parameters))
    sp, expressions = sympy()
    derived = derive(name, **hyper_parameters)

    def shown(expression: Expr, average: bool = True) -> str:
        if average and derived.normals:
            expression = expressions.mean(expression, derived.normals)
        return str(sp.latex(expression))

    arguments = ", ".join(shown(symbol) for symbol in derived.state)
    lines = []
    written = [*derived.objectives.values(), *derived.field]
    if any(sp.sympify(part).has(expressions.link, expressions.slope) for part in written):
        lines.append(r"f(t) &= -\log\left(1 + e^{-t}\right)")
    lines += [f"{label} &= {shown(sp.sympify(value))}" for label, value in derived.objectives.items()]
    lines += _field_lines(sp, derived, shown, arguments)
    for side, matrix in derived.jacobians.items():
        at = ", ".join(
            shown(value) + {1: "^{+}", -1: "^{-}"}.get(side if i == 1 else 0, "")
            for i, value in enumerate(derived.equilibrium)
        )
        if side == 1:
            lines.append(
                rf"&\text{{not differentiable at }} \left({at.replace('^{+}', '')}\right)\text{{; one-sided:}}"
            )
        lines.append(rf"J\left({at}\right) &= {shown(matrix, False)}")
        lines.append(_eigenvalue_line(sp, expressions, derived, side, shown))
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(lines), r"\end{aligned}"])


def _field_lines(sp: ModuleType, derived: Derivation, shown: Callable[..., str], arguments: str) -> list[str]:
    """The field; a long one with its common parts named first."""
    field = [_plainer(sp, part) for part in derived.field]
    parts: list[Expr] = []
    if (
        not derived.normals
        and not any(part.has(sp.Piecewise) for part in field)
        and max(len(shown(part)) for part in field) > 240
    ):
        parts, field = sp.cse(field, sp.numbered_symbols("s_", start=1))
    column = r" \\ ".join(shown(part) for part in field)
    lines = [rf"v\left({arguments}\right) &= \begin{{pmatrix}}{column}\end{{pmatrix}}"]
    if parts:
        lines[0] += r"\quad\text{with}"
        lines += [rf"{shown(symbol)} &= {shown(part)}" for symbol, part in parts]
    return lines


def _plainer(sp: ModuleType, expression: Expr) -> Expr:
    """The same function in fewer letters, when there is a quick way to that."""
    if 1 < expression.count(sp.Piecewise) <= 3:
        expression = sp.piecewise_fold(expression)
    if expression.count_ops() > 40:
        return expression
    return min(expression, sp.simplify(expression), key=lambda form: len(sp.latex(form)))


def _eigenvalue_line(
    sp: ModuleType, expressions: ModuleType, derived: Derivation, side: int, shown: Callable[..., str]
) -> str:
    values, matrix = derived.eigenvalues[side], derived.jacobians[side]
    if matrix.shape != (2, 2):
        found = (
            None
            if values is None
            else rf"\mu &\in \left\{{{', '.join(shown(value, False) for value in values)}\right\}}"
        )
        if found is not None and len(found) < 400:
            return found
        # The roots of a cubic are no formula that anybody reads; its coefficients are.
        mu = sp.Symbol("mu")
        return rf"0 &= {shown(sp.factor(matrix.charpoly(mu).as_expr()), False)}"
    centre, discriminant = expressions.pair(matrix)
    if discriminant == 0:
        return rf"\mu_{{1,2}} &= {shown(centre, False)}"
    root = sp.sqrt(sp.factor(discriminant))
    if root.is_Rational:
        return rf"\mu_{{1}} &= {shown(centre + root, False)},\quad \mu_{{2}} = {shown(centre - root, False)}"
    root = root if not root.has(sp.Pow) or root.as_coeff_Mul()[1].is_Symbol else sp.sqrt(discriminant)
    middle = "" if centre == 0 else f"{shown(centre, False)} "
    return rf"\mu_{{1,2}} &= {middle}\pm {shown(root, False)}"
