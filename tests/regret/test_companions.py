"""The figures and checks of the two companion papers."""

import math

import jax
import numpy as np
import pytest

from diracgan.reproduction.figures import FIGURES
from diracgan.reproduction.lemmas import COMPANIONS, checks

NAMES = [name for name in FIGURES if name.startswith(("c20-", "k17-"))]


def axes(name):
    return FIGURES[name].draw().axes


def test_the_set_is_complete():
    assert [
        *("c20-landscapes", "c20-conditions", "c20-descent", "c20-chain", "c20-games"),
        *("k17-repairs", "k17-capture", "k17-rates", "k17-modes"),
    ] == NAMES
    for name in NAMES:
        figure = FIGURES[name]
        assert figure.name == name
        assert "companion" in figure.source
        assert figure.caption.endswith(".")
        # Stationarity is worth nothing without this.
        assert ("optimal discriminator at every step" in figure.caption) == name.startswith("c20")


@pytest.mark.parametrize("name", COMPANIONS)
def test_checks(name):
    with jax.enable_x64(False):
        found = list(checks(name))
    assert found
    assert [check for check in found if not check.ok] == []
    assert all(check.name.startswith(f"{name}: ") for check in found)


def test_landscapes():
    free, transport, mmd, *_ = axes("c20-landscapes")
    assert free.lines[0].get_ydata().tolist() == [0.0] * 240
    assert free.lines[1].get_ydata()[0] == pytest.approx(-2 * math.log(2))
    x, y = transport.lines[0].get_data()
    np.testing.assert_allclose(y, np.abs(x), atol=1e-12)
    x, y = mmd.lines[0].get_data()
    np.testing.assert_allclose(y, 1 - np.exp(-(x**2) / 2), atol=1e-12)


def test_chain():
    ends, steps = axes("c20-chain")
    dots = [line for line in ends.lines if line.get_marker() == "."]
    assert [line.get_ydata()[-1] for line in dots] == pytest.approx([0.0, 0.8, 1.1], abs=1e-4)
    marks = [line for line in steps.lines if line.get_marker() in "os"]
    assert len(marks) == 4
    for mark in marks:
        x, y = mark.get_data()
        expected = {"o": (1 / x, 0.5 / x), "s": (2 * x, 8 * x)}[mark.get_marker()]
        assert any(np.allclose(y, one, rtol=1e-6) for one in expected)


def test_games():
    descent, sharpness = axes("c20-games")
    found, promised = (line.get_ydata() for line in descent.lines)
    assert np.all(found <= promised)
    with_penalty, without = (line.get_ydata() for line in sharpness.lines[:2])
    assert with_penalty[-1] < 1e-2 < 1e-1 < without[-1]


def test_repairs():
    ends = [ax.lines[0].get_xydata()[-1] for ax in axes("k17-repairs")]
    np.testing.assert_allclose(ends[0], 0, atol=1e-6)
    assert np.linalg.norm(ends[1]) == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(ends[2], [-2, 0], atol=1e-5)


def test_capture():
    (ax,) = axes("k17-capture")
    for line, threshold in zip(ax.lines[:2], (0.7360, 0.6426), strict=True):
        gamma, size = line.get_data()
        assert np.all((size > 0.1) == (gamma < threshold))


def test_conditions():
    (ax,) = axes("c20-conditions")
    (text,) = [text.get_text() for text in ax.texts]
    assert "reported" in text
    assert "✗ inf" in text
    assert "2.446" in text
