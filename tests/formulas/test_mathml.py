"""MathML of the formulas: well-formed, with the symbols of the method, and equal to what SymPy says of it."""

from xml.dom import minidom

import pytest

import diracgan as dg
from diracgan.formulas.mathml import mathml


def text(node):
    return "".join(part.data if part.nodeType == part.TEXT_NODE else text(part) for part in node.childNodes)


@pytest.mark.parametrize(
    "name", ["gan", "wgan-gp", "instance-noise", "roth", "hinge-r1", "uniform-data", "spectral-norm"]
)
def test_every_formula_is_well_formed(name):
    found = mathml(name)
    assert {"D", "G", "theta", "psi"} <= set(found)
    for formula in found.values():
        assert text(minidom.parseString(formula)).count("=") >= 1
        assert not any(word in formula for word in ("link", "slope", "Piecewise", "True", "&Inv", "&Imag"))


def test_the_formulas_of_r1():
    found = {key: text(minidom.parseString(formula)).replace("\u2062", "") for key, formula in mathml("r1").items()}
    assert found["G"] == "LG=f(0)+f(ψθ)"
    assert found["D"] == "LD=−γψ22+f(0)+f(ψθ)"
    assert found["theta"] == "θ˙=−ψf′(ψθ)"
    assert found["psi"] == "ψ˙=−γψ+θf′(ψθ)"
    assert found["mu"] == "μ=−γ2±γ24−14"


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="unknown method"):
        mathml("r17")
    assert dg.latex("r1")
