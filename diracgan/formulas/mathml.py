"""Formulas of a method in MathML, which browsers set without any library; derived as those of `latex` are."""

from __future__ import annotations

import html
from typing import Any

from diracgan.formulas.derivations import Derivation, derive, sympy

# What takes more operations than this is no formula that anybody reads on a screen.
_LONGEST = 90


def printed(expression: Any) -> str:
    """A SymPy expression as presentation MathML, with f and f' for the link and its slope.

    >>> from diracgan.formulas.derivations import derive
    >>> printed(derive("wgan").objectives["L_D"])
    '<mrow><mi>ψ</mi><mo>\u2062</mo><mi>θ</mi></mrow>'
    """
    from sympy import true
    from sympy.printing.mathml import MathMLPresentationPrinter

    class Printer(MathMLPresentationPrinter):  # type: ignore[misc]
        """SymPy's printer, which knows the functions of `tracing.expressions` and the expectation."""

        def _fenced(self, head: Any, expr: Any, fences: str) -> Any:
            row = self.dom.createElement("mrow")
            for part in (head, self._leaf("mo", fences[0]), self._print(expr.args[0]), self._leaf("mo", fences[1])):
                row.appendChild(part)
            return row

        def _leaf(self, kind: str, text: str) -> Any:
            leaf = self.dom.createElement(kind)
            leaf.appendChild(self.dom.createTextNode(text))
            return leaf

        def _print_link(self, expr: Any) -> Any:
            return self._fenced(self._leaf("mi", "f"), expr, "()")

        def _print_slope(self, expr: Any) -> Any:
            head = self.dom.createElement("msup")
            head.appendChild(self._leaf("mi", "f"))
            head.appendChild(self._leaf("mo", "′"))
            return self._fenced(head, expr, "()")

        def _print_Mean(self, expr: Any) -> Any:
            return self._fenced(self._leaf("mi", "𝔼"), expr, "[]")

        def _print_Piecewise(self, expr: Any) -> Any:
            table = self.dom.createElement("mtable")
            for value, condition in expr.args:
                always = condition is true
                when = [self._leaf("mtext", "else")] if always else [self._leaf("mtext", "if "), self._print(condition)]
                row = self.dom.createElement("mtr")
                for parts in ([self._print(value)], when):
                    cell = self.dom.createElement("mtd")
                    for part in parts:
                        cell.appendChild(part)
                    row.appendChild(cell)
                table.appendChild(row)
            whole = self.dom.createElement("mrow")
            whole.appendChild(self._leaf("mo", "{"))
            whole.appendChild(table)
            return whole

    text = html.unescape(Printer().doprint(expression))
    for written, meant in _SIGNS.items():
        text = text.replace(f"<mo>{written}</mo>", f"<mo>{meant}</mo>")
    return text


# SymPy writes signs as programs do, and those of XML as they are.
_SIGNS = {"-": "−", "<": "&lt;", ">": "&gt;", "<=": "≤", ">=": "≥", "&": "∧"}


def equation(left: str, right: str, sign: str = "=") -> str:
    """`left = right` as one row of MathML, both given in MathML."""
    return f"<mrow>{left}<mo>{sign}</mo>{right}</mrow>"


def named(letter: str, index: str = "") -> str:
    """An identifier with an index, in MathML."""
    return f"<msub><mi>{letter}</mi><mi>{index}</mi></msub>" if index else f"<mi>{letter}</mi>"


def mathml(name: str) -> dict[str, str]:
    """The formulas of a method in MathML: its objectives "D" and "G", its field, and its eigenvalues "mu".

    Those that are too long to be read are left out. Errors are those of `latex`.

    >>> sorted(mathml("r1"))
    ['D', 'G', 'mu', 'psi', 'theta']
    """
    _, expressions = sympy()
    derived = derive(name)

    def shown(expression: Any) -> str | None:
        averaged = expressions.mean(expression, derived.normals) if derived.normals else expression
        return printed(averaged) if averaged.count_ops() <= _LONGEST else None

    parts = {key[2:]: (named("L", key[2:]), shown(value)) for key, value in derived.objectives.items()}
    for symbol, part in zip(derived.state, derived.field, strict=True):
        parts[symbol.name] = (f"<mover>{printed(symbol)}<mo>˙</mo></mover>", shown(part))
    parts["mu"] = (named("μ"), _eigenvalues(derived))
    return {key: equation(left, right) for key, (left, right) in parts.items() if right is not None}


def _eigenvalues(derived: Derivation) -> str | None:
    """centre ± root of a smooth 2×2 Jacobian; None for others."""
    sp, expressions = sympy()
    matrix = derived.jacobians.get(0)
    if matrix is None or matrix.shape != (2, 2):
        return None
    centre, discriminant = expressions.pair(matrix)
    root = sp.sqrt(sp.factor(discriminant))
    root = root if not root.has(sp.Pow) or root.as_coeff_Mul()[1].is_Symbol else sp.sqrt(discriminant)
    if discriminant == 0:
        return printed(centre)
    return f"<mrow>{'' if centre == 0 else printed(centre)}<mo>±</mo>{printed(root)}</mrow>"
