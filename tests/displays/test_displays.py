"""What a notebook shows of an answer, asked for in the way that IPython asks."""

import struct
import xml.etree.ElementTree as ElementTree

import jax.numpy as jnp
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

import diracgan as dg
from diracgan.displays import tables


def shown(answer):
    """The kinds of data that a notebook is given for an answer."""
    return DisplayFormatter().format(answer)[0]


def cells(answer):
    """The texts of the table that a notebook shows; the HTML must be well-formed."""
    return [node.text for node in ElementTree.fromstring(shown(answer)["text/html"]).iter() if node.text]


def test_a_verdict_says_why_and_how_fast():
    said = cells(dg.verdict(dg.method("r1", gamma=0.3)))
    assert said[0] == "stable"
    assert "tr J < 0 < det J holds: tr J = -0.3, det J = 0.25" in said
    assert f"{np.log(2) / 0.15:.6g}" in said  # |exp(μt)| = ½
    assert "never" in cells(dg.verdict(dg.method("gan")))


def test_an_outcome_and_a_critical_step():
    path = dg.simulate(dg.method("gan"), dg.SimGD(0.5), (1.0, 1.0), 50)
    assert cells(dg.outcome(path))[0] == "bounded"
    rows = cells(dg.critical_step(dg.method("r1", gamma=jnp.asarray([0.3, 2.0])), dg.SimGD(0.1)))
    flip = 4 / (2 + np.sqrt(3))  # 2/|μ| of the larger eigenvalue -(γ + √(γ² - 1))/2
    assert rows[-4:] == ["1.2", "neimark-sacker", f"{flip:.6g}", "flip"]


def test_equilibria_are_listed_and_nothing_is_shown_that_is_only_rounding():
    rows = cells(dg.fixed_points(dg.method("consensus"), n=12))
    assert rows[1:5] == ["(θ, ψ)", "kind", "eigenvalues", "by Krawczyk's test"]
    assert rows[9:13] == ["(0, 0)", "stable focus", "−0.25 ± 0.5i", "proved"]
    assert "e-" not in " ".join(cells(dg.fixed_points(dg.method("r1"), n=8)))


def test_a_cycle():
    rows = cells(dg.cycle(dg.method("r1", gamma=0.1), dg.AltGD(2.2), start=(0.03, 1.2)))
    assert rows[:3] == ["stable cycle", "period", "6"]


def test_what_is_proved():
    assert cells(dg.certificate(dg.method("r1")))[0] == "every start converges"
    assert cells(dg.certificate(dg.method("r1"), dg.SimGD(0.2)))[0] == "proved to converge"
    assert cells(dg.global_step(dg.method("r1", gamma=0.1), dg.AltGD(2.2)))[0] == "coexists"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: dg.stability_map(dg.method("r1"), dg.SimGD(0.2), gamma=[0.5, 1.0], h=[0.5, 1.0]),
        lambda: dg.basin(dg.method("r1"), dg.SimGD(0.2), n=4, steps=50),
        lambda: dg.bifurcation(dg.method("r1"), dg.SimGD(0.2), values=[0.5, 1.0], transient=8, keep=8),
    ],
)
def test_maps_are_pictures(answer):
    png = shown(answer())["image/png"]
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (560, 420)


def test_a_method_is_a_formula():
    assert r"\frac{\gamma \psi^{2}}{2}" in shown(dg.method("r1"))["text/latex"]


def test_a_method_without_formulas_is_shown_as_text():
    def waves(x):
        return jnp.fft.fft(x).real

    dg.register("own-waves", lambda gamma: dg.FunctionField(waves), dg.Parameter("gamma", "γ", "weight", 0.3))
    given = shown(dg.method("own-waves"))
    assert "text/latex" not in given and given["text/plain"] == 'method("own-waves", gamma=0.3)'


def test_words_of_others_are_no_html():
    assert "<script>" not in tables.facts("<script>", [("<script>", "&")])
    assert "<script>" not in tables.table("<script>", ("<script>",), [("<script>",)])
