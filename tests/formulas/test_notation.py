"""Objectives and conventions of the catalogue as formulas: well-formed, and nothing of them is lost."""

import html
import re
import xml.dom.minidom

import pytest

import diracgan as dg
from diracgan.formulas.notation import parts

# How signs are written here, and how they are set.
SET = {"½": "12", "¼": "14", "²": "2", "³": "3", "ᵀ": "T", "₀": "0", "₊": "+", "-": "−", "E": "𝔼", "'": "′", "√(": "√("}


def characters(text):
    return [c for c in html.unescape(text) if c.isalnum() or c in "+−=≤<|′"]


@pytest.mark.parametrize("name", dg.methods())
def test_all_that_is_written_is_set(name):
    entry = dg.entry(name)
    for text in filter(None, (entry.objective, entry.convention)):
        runs = parts(text)
        assert any(kind == "math" for kind, _ in runs)
        for mathml in (given for kind, given in runs if kind == "math"):
            xml.dom.minidom.parseString(mathml)
        shown = "".join(re.sub("<[^>]*>", "", given) for _, given in runs)
        wanted = text
        for written, meant in SET.items():
            wanted = wanted.replace(written, meant)
        # Letters of words are no expectations, nor are their hyphens and primes signs.
        same = lambda given: [{"𝔼": "E", "−": "-", "′": "'"}.get(c, c) for c in characters(given.replace("-", "−"))]
        assert [c for c in same(shown) if c != "'"] == [c for c in same(wanted) if c != "'"]


def test_scripts_belong_to_what_they_follow():
    ((_, mathml),) = parts("((|ψ| - g₀)₊)²")
    group = "<mrow><mo>|</mo><mi>ψ</mi><mo>|</mo></mrow><mo>−</mo><msub><mi>g</mi><mn>0</mn></msub>"
    assert f"<msub><mrow><mo>(</mo>{group}<mo>)</mo></mrow><mo>+</mo></msub>" in mathml
    assert mathml.startswith("<mrow><msup><mrow>") and mathml.endswith("<mn>2</mn></msup></mrow>")
    ((_, mathml),) = parts("2e^(t/2) - e^-v")
    assert "<msup><mi>e</mi><mrow><mi>t</mi><mo>/</mo><mn>2</mn></mrow></msup>" in mathml
    assert "<msup><mi>e</mi><mrow><mo>−</mo><mi>v</mi></mrow></msup>" in mathml
    ((_, mathml),) = parts("x ψ/√(1 + ψ²)")
    assert "<msqrt><mn>1</mn><mo>+</mo><msup><mi>ψ</mi><mn>2</mn></msup></msqrt>" in mathml


@pytest.mark.parametrize("text", ["|a + b", "x^", "(1", "x_", "<script>", "", "a) & b"])
def test_what_somebody_writes_is_shown_whatever_it_is(text):
    for kind, given in parts(text):
        if kind == "math":
            xml.dom.minidom.parseString(given)
    shown = html.unescape(
        "".join(re.sub("<[^>]*>", "", given) if kind == "math" else given for kind, given in parts(text))
    )
    assert shown.replace(" ", "") == text.replace(" ", "")
