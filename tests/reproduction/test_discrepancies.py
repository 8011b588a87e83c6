"""Published mistakes: every one is shown by numbers, and on request it is repeated."""

import json
import math
import sys

import jax
import numpy as np
import pytest

import diracgan as dg
from diracgan.command.main import main
from diracgan.reproduction.errata import Discrepancy, Fact, text


@pytest.fixture(scope="module")
def found():
    return {one.id: one for one in dg.discrepancies()}


def facts(one):
    return {fact.what: (fact.derived, fact.published) for fact in one.facts}


def test_every_discrepancy_is_shown(found):
    assert list(found) == [f"E{i}" for i in range(1, 13)]
    assert [f"{one.id}: {fact.what}" for one in found.values() for fact in one.facts if not fact.ok] == []
    assert all(one.where and one.claimed and one.holds and one.facts for one in found.values())


def test_the_numbers_of_the_consensus_error(found):
    values = facts(found["E1"])
    # H = ½(θ² + ψ²)f'(u)² differentiated by hand at (1, 1): f'(1) = σ(-1), f''(1) = -σ(1)σ(-1).
    first = 1 / (1 + math.e)
    second = -first * (1 - first)
    assert values["∂_θ ½|v|² at (1, 1)"] == pytest.approx(
        (first**2 + 2 * first * second, first**2 + first * second), abs=1e-12
    )
    assert values["curl of what is subtracted, at (1.3, 0.4)"][0] == pytest.approx(0, abs=1e-9)
    assert abs(values["curl of what is subtracted, at (1.3, 0.4)"][1]) > 0.13
    escaped, converged = values["distance after 500 rounds of AltGD(0.2, n_d=5) from (1, 1), γ = 1"]
    assert escaped == pytest.approx(10.97, abs=5e-3)
    assert converged < 1e-12


def test_the_other_numbers(found):
    assert facts(found["E2"])["γ at which both eigenvalues meet"] == pytest.approx((1, math.sqrt(2)), abs=1e-9)
    assert facts(found["E6"])["lower end of the locus"] == pytest.approx((-1.866, -1.309), abs=5e-4)
    assert facts(found["E6"])["upper end of the locus"] == pytest.approx((-0.134, -0.191), abs=5e-4)
    contracted, grown = facts(found["E9"])["largest |λ| at Δt = 0.01"]
    assert contracted < 1 < grown == pytest.approx(1.00005, abs=1e-8)


def coded(x, gamma):
    """The field of the published code, quoted."""
    theta, psi = x
    u, square = theta * psi, theta**2 + psi**2
    first = 1 / (1 + np.exp(u))
    second = -first / (1 + np.exp(-u))
    return np.array(
        [
            -psi * first - gamma * (theta * first**2 + 0.5 * psi * square * first * second),
            theta * first - gamma * (psi * first**2 + 0.5 * theta * square * first * second),
        ]
    )


def test_legacy_consensus_is_the_published_field():
    points = np.random.default_rng(3).uniform(-3, 3, (50, 2))
    for gamma in (0.3, 1.0, 5.0):
        m = dg.method("consensus", gamma=gamma, legacy=True)
        got = jax.vmap(m.velocity)(points)
        np.testing.assert_allclose(got, [coded(x, gamma) for x in points], atol=1e-14)
        assert np.abs(np.asarray(jax.vmap(dg.method("consensus", gamma=gamma).velocity)(points)) - got).max() > 0.01
    np.testing.assert_allclose(dg.jacobian(m), dg.jacobian(dg.method("consensus", gamma=5.0)), atol=1e-15)


def test_legacy_consensus_gives_the_published_picture():
    """Alternating descent with five discriminator steps: the published figure converges, the method does not."""
    algorithm = dg.AltGD(h=0.2, n_d=5)
    published = dg.simulate(dg.method("consensus", legacy=True), algorithm)
    assert dg.outcome(published).kind == "converged"
    derived = dg.simulate(dg.method("consensus"), algorithm)
    assert dg.outcome(derived).kind != "converged"
    assert float(np.linalg.norm(derived[-1])) > 10


def test_legacy_consensus_needs_data_at_the_origin():
    with pytest.raises(ValueError, match="data at 0 and no bias"):
        dg.method("consensus", legacy=True, data=1.0)((1.0, 1.0))


def test_legacy_wgan_gp_rests_at_the_origin_and_nowhere_else():
    legacy, m = dg.method("wgan-gp", legacy=True), dg.method("wgan-gp")
    assert np.array_equal(legacy((0.0, 0.0)), [0, 0])
    assert np.abs(np.asarray(m((0.0, 0.0)))).max() > 0.5
    assert np.array_equal(legacy((0.5, 0.0)), [0, 0.5])
    for x in ((0.3, 1e-9), (0.3, -1e-9), (1.0, 2.0), (-1.0, -0.4)):
        assert np.array_equal(legacy(x), m(x))
    assert dg.verdict(legacy).kind == "not differentiable"
    path = dg.simulate(legacy, dg.SimGD(h=0.2), (0.0, 0.0), 10)
    assert np.array_equal(path, np.zeros((11, 2)))


def test_the_command_prints_and_fails(monkeypatch, capsys, found):
    assert main(["discrepancies", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert [record["id"] for record in records] == list(found)
    assert {"where", "claimed", "holds", "facts", "ok"} <= set(records[0])
    wrong = Discrepancy("E0", "here", "1 = 2", "1 = 1", (Fact("one", 1.0, 2.0, False),))
    monkeypatch.setattr(sys.modules["diracgan.reproduction.errata"], "discrepancies", lambda: (wrong,))
    assert main(["discrepancies"]) == 1
    assert "FAIL  E0  here" in capsys.readouterr().out
    assert "1 discrepancies, 1 without proof" in text((wrong,))
    assert "FAIL one: derived 1, published 2" in text((wrong,))
