"""What the page sets as formulas, in MathML: methods, limits of the learning rate, conditions of stability.

All of it is derived with SymPy, from the rules and the fields that the page computes with. Without SymPy the page says
the same in words and numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.explorer.rules import altgd_limit, simgd_limit
from diracgan.formulas.derivations import sympy
from diracgan.formulas.mathml import mathml, printed
from diracgan.tracing import evaluate

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


def limits() -> dict[str, Any]:
    """The learning rates and weights at which stability changes for J = [[0, -c], [c, -g]], as SymPy expressions.

    `altgd` and `simgd` are traced from the rules that give their numbers, `simgd` for a focus and a node; `undamped` is
    |λ|² of SimGD at g = 0, `critical` the weight at which both eigenvalues of the flow meet, `pair` that of g = 0.
    """
    sp, expressions = sympy()
    c, g = sp.Symbol("c", positive=True), sp.Symbol("g", positive=True)
    h = sp.Symbol("h", positive=True)

    def read(rule: Any) -> Any:
        given = np.empty(2, object)
        given[:] = [c, g]
        found = evaluate(jax.make_jaxpr(rule)(jnp.ones(2)), expressions.SYMPY, given)[0]
        return found.item() if isinstance(found, np.ndarray) else found

    simgd, altgd, node = read(simgd_limit), read(altgd_limit), g**2 >= 4 * c**2
    jacobian = sp.Matrix([[0, -c], [c, -g]])
    undamped = jacobian.subs(g, 0)
    return {
        "altgd": altgd,
        "altgd0": sp.simplify(altgd.subs(g, 0)),
        "simgd": simgd.subs(node, False),
        "simgdnode": simgd.subs(node, True),
        "undamped": sp.expand((sp.eye(2) + h * undamped).det()),
        "critical": sp.solve(jacobian.trace() ** 2 - 4 * jacobian.det(), g)[-1],
        "pair": c,
    }


def conditions() -> dict[str, tuple[Any, ...]]:
    """The conditions on trace and determinant, or on the eigenvalues, as chains a < b < … of SymPy expressions."""
    sp, _ = sympy()
    J, M = (sp.Symbol(f"tr{x}", real=True) for x in "JM")
    det_j, det_m = (sp.Symbol(f"det{x}", real=True) for x in "JM")
    return {
        "flow": (J, sp.Integer(0), det_j),
        "map": (sp.Abs(M), 1 + det_m, sp.Integer(2)),
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


def formulas(methods: Iterable[str]) -> dict[str, Any]:
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
