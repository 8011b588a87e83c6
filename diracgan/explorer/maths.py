"""What the page sets as formulas, in MathML: methods, limits of the learning rate, conditions of stability.

All of it is derived with SymPy, from the rules and the fields that the page computes with. Without SymPy the page says
the same in words and numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm
from diracgan.dynamics.matrices import discriminant, jury, routh_hurwitz
from diracgan.explorer import limits as edges
from diracgan.formulas.derivations import sympy
from diracgan.formulas.mathml import mathml, printed
from diracgan.tracing import evaluate

if TYPE_CHECKING:
    from sympy import Expr

# What the symbols on the page mean.
SYMBOLS = {
    "θ": "the generator: where it puts its point",
    "ψ": "the discriminator: the slope of D(x) = ψx",
    "D": "the discriminator's score of a point: the larger, the more it is taken for generated",
    "G": "the generator",
    "f": "the link of the loss, f(t) = −log(1 + e^−t): what a score t earns; its slope f′(0) is how strongly both pull",
    "L": "what a player maximises (D) or minimises (G)",
    "v": "the field: the direction in which both players move",
    "μ": "an eigenvalue of the field's Jacobian J: Re μ < 0 damps small deviations",
    "λ": "a multiplier of one round: an eigenvalue of the update's Jacobian M; |λ| < 1 damps small deviations",
    "J": "the Jacobian of the field at the equilibrium",
    "M": "the Jacobian of one round at the equilibrium",
    "tr": "the trace: the sum of the eigenvalues",
    "det": "the determinant: the product of the eigenvalues",
    "h": "the learning rate: how far a step goes",
    "γ": "the weight of the penalty",
    "𝔼": "the expectation over noise or data",
    "Z": "a standard normal variable: the noise of the generated point",
    "Z'": "a standard normal variable: the noise of the real point",
}


def _read(rule: Callable[[jax.Array], object], *given: Expr) -> list[Expr]:
    """What a rule of one vector gives for SymPy's symbols, entry by entry."""
    _, expressions = sympy()
    cells = np.empty(len(given), object)
    cells[:] = given
    with jax.enable_x64(True):
        traced = jax.make_jaxpr(rule)(np.ones(len(given)))
    found = evaluate(traced, expressions.SYMPY, cells)
    return [entry for result in found for entry in np.ravel(result)]


def limits() -> dict[str, Expr]:
    """The learning rates and weights at which stability changes for J = [[0, -c], [c, -g]], as SymPy expressions.

    `altgd` and `simgd` are the smallest roots in h of the conditions that give their numbers, `simgd` for a focus and a
    node; `undamped` is |λ|² of SimGD at g = 0, `critical` the weight at which both eigenvalues of the flow meet, `pair`
    that of g = 0.
    """
    sp, _ = sympy()
    c, g = sp.Symbol("c", positive=True), sp.Symbol("g", positive=True)
    h, u = sp.Symbol("h", positive=True), sp.Symbol("u")

    def first(coefficients: Sequence[Expr]) -> Expr:
        roots = sp.solve(sum(b * u ** (2 - k) for k, b in enumerate(coefficients)), u)
        return sp.simplify(1 / max(roots, key=lambda root: root.subs({c: 1, g: 5})))

    def crossing(algorithm: Callable[[jax.Array], Algorithm], kind: str) -> Expr:
        rule = lambda m: edges.conditions(algorithm, edges.normal_form(*m))
        return first(_read(rule, c, g)[edges.CROSSINGS.index(kind) :: len(edges.CROSSINGS)])

    altgd = crossing(edges.altgd, "flip")
    meeting = lambda m: edges.expansion(lambda t: discriminant(edges.normal_form(m[0], t)))
    return {
        "altgd": altgd,
        "altgd0": sp.simplify(altgd.subs(g, 0)),
        "simgd": crossing(edges.simgd, "neimark-sacker"),
        "simgdnode": crossing(edges.simgd, "flip"),
        "undamped": sp.expand(_read(edges.undamped, h, c)[0]),
        "critical": first(_read(meeting, c)),
        "pair": _read(edges.frequency, c)[0],
    }


def conditions() -> dict[str, tuple[Expr, ...]]:
    """The conditions on trace and determinant, or on the eigenvalues, as chains a < b < … of SymPy expressions.

    Those of a plane are read off `matrices.routh_hurwitz` and `matrices.jury`, all of whose entries must be positive.
    """
    sp, _ = sympy()

    def companion(letter: str) -> tuple[Expr, ...]:
        trace, det = (sp.Symbol(f"{word}{letter}", real=True) for word in ("tr", "det"))
        return sp.Integer(0), -det, sp.Integer(1), trace

    def read(rule: Callable[[jax.Array], object], letter: str) -> list[Expr]:
        return _read(lambda m: rule(jnp.reshape(m, (2, 2))), *companion(letter))

    turning, area = read(routh_hurwitz, "J")
    rotating, flipping, folding = read(jury, "M")
    middle = (flipping + folding) / 2
    return {
        "flow": (-turning, sp.Integer(0), area),
        "map": (sp.Abs((flipping - folding) / 2), middle, sp.expand(middle + rotating)),
        "flowmany": (sp.Symbol("maxReμ"), sp.Integer(0)),
        "mapmany": (sp.Symbol("max|λ|"), sp.Integer(1)),
    }


_WORDS = {
    f"{word}{x}": f"<mi>{word}</mi><mspace width='0.2em'/><mi>{x}</mi>" for word in ("tr", "det") for x in "JM"
} | {
    "maxReμ": "<mi>max</mi><mspace width='0.2em'/><mi>Re</mi><mspace width='0.2em'/><mi>μ</mi>",
    "max|λ|": "<mi>max</mi><mspace width='0.2em'/><mo>|</mo><mi>λ</mi><mo>|</mo>",
}


def _spelled(text: str, words: dict[str, str]) -> str:
    for name, row in words.items():
        text = text.replace(f"<mi>{name}</mi>", f"<mrow>{row}</mrow>")
    return text


def formulas(methods: Iterable[str]) -> dict[str, object]:
    """The formulas of the page: {methods, limits, conditions}, each in MathML; empty without SymPy."""
    try:
        sympy()
    except ImportError:
        return {"methods": {}, "limits": {}, "conditions": {}}
    slope = "<msup><mi>f</mi><mo>′</mo></msup><mo>(</mo><mn>0</mn><mo>)</mo>"
    found = {}
    for name in methods:
        # A method that somebody registered need not be derivable: the page then shows what its entry says.
        try:
            found[name] = mathml(name)
        except Exception:
            found[name] = {}
    weights = {"": "<mi>γ</mi>", "_eff": "<msub><mi>γ</mi><mi>eff</mi></msub>"}
    return {
        "methods": found,
        "limits": {
            key + ending: _spelled(printed(limit), {"c": slope, "g": weight})
            for key, limit in limits().items()
            for ending, weight in weights.items()
        },
        "conditions": {
            key: _spelled("<mo>&lt;</mo>".join(map(printed, chain)), _WORDS) for key, chain in conditions().items()
        },
    }
