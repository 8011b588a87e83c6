"""What the page sets as formulas, against numbers that do not come from them."""

import itertools

import numpy as np
import pytest
import sympy as sp

from diracgan import theory
from diracgan.explorer.maths import SYMBOLS, conditions, formulas, limits


def number(expression, **values):
    given = {symbol: values[symbol.name] for symbol in expression.free_symbols}
    return float(expression.subs(given))


@pytest.mark.parametrize(("c", "g"), [(0.5, 0.3), (0.5, 1.7), (1.0, 0.4), (0.3, 2.0)])
def test_the_limits_are_those_of_the_theory(c, g):
    found, jacobian = limits(), np.array([[0, -c], [c, -g]])
    simgd = found["simgdnode" if g >= 2 * c else "simgd"]
    assert number(simgd, c=c, g=g) == pytest.approx(theory.simgd_limit(jacobian))
    assert number(found["altgd"], c=c, g=g) == pytest.approx(theory.altgd_limit(jacobian))
    undamped = np.array([[0, -c], [c, 0]])
    assert number(found["altgd0"], c=c) == pytest.approx(theory.altgd_limit(undamped))
    modulus = np.abs(np.linalg.eigvals(np.eye(2) + 0.7 * undamped)) ** 2
    np.testing.assert_allclose(modulus, number(found["undamped"], c=c, h=0.7))
    critical = np.linalg.eigvals(np.array([[0, -c], [c, -number(found["critical"], c=c)]]))
    np.testing.assert_allclose(critical, critical.mean(), atol=1e-6)
    np.testing.assert_allclose(np.abs(np.linalg.eigvals(undamped)), number(found["pair"], c=c))


def test_the_conditions_decide_as_the_eigenvalues_do():
    given = np.random.default_rng(0).normal(size=(200, 2, 2))
    for kind, letter, inside in (
        ("flow", "J", lambda z: np.max(z.real) < 0),
        ("map", "M", lambda z: np.max(np.abs(z)) < 1),
    ):
        chain, decided = conditions()[kind], set()
        for matrix in given:
            values = {f"tr{letter}": np.trace(matrix), f"det{letter}": np.linalg.det(matrix)}
            numbers = [number(sp.sympify(part), **values) for part in chain]
            holds = all(a < b for a, b in itertools.pairwise(numbers))
            assert holds == inside(np.linalg.eigvals(matrix))
            decided.add(holds)
        assert decided == {True, False}


def test_formulas_name_symbols_that_are_explained():
    found = formulas(["r1"])
    assert set(found["methods"]) == {"r1"} and "D" in found["methods"]["r1"]
    assert {"altgd", "altgd_eff", "simgd", "simgdnode", "critical"} <= set(found["limits"])
    for text in (*found["limits"].values(), *found["conditions"].values(), *found["methods"]["r1"].values()):
        for symbol in text.split("<mi>")[1:]:
            assert symbol.split("</mi>")[0] in {*SYMBOLS, "max", "Re", "eff"}
