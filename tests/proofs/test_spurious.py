"""Consensus optimisation's saddles: the algebra against the derived field, closed forms, and wrong constants."""

import jax
import numpy as np

import diracgan as dg
from diracgan.proofs import spurious
from diracgan.proofs.spurious import determinant, points, product_is_enclosed, saddle
from diracgan.theory.orbits import consensus_spurious_equilibrium
from diracgan.tracing.boxes import Boxes


def test_the_points_and_the_determinant_are_those_of_the_derived_field():
    gamma = np.array([0.05, 0.3, 1.0, 5.0, 40.0])
    u = spurious.PRODUCT[0]
    q = 1 / (1 + np.exp(u))
    for g, x in zip(gamma, points(gamma).T, strict=True):
        np.testing.assert_allclose(x, consensus_spurious_equilibrium(g), rtol=1e-5)
        field = dg.method("consensus", gamma=g)
        with jax.enable_x64(True):
            J = np.asarray(jax.jacfwd(field.velocity)(x))
        wanted = (g * q * (x @ x)) ** 2 * determinant(*spurious.PRODUCT).middle
        assert np.linalg.det(J) < 0 and abs(np.linalg.det(J) / wanted - 1) < 1e-4


def test_a_saddle_for_every_gamma_of_a_range():
    record = spurious.saddles((0.5, 2.0))
    assert record.closed and record.boxes >= 64
    # Far outside of the range that the record names, too.
    gamma = np.array([1e-3, 1e3])
    assert saddle(Boxes(gamma, gamma * (1 + 1e-6))).all()


def test_wrong_constants_prove_nothing(monkeypatch):
    assert not product_is_enclosed(0.738834, 0.738835) and not product_is_enclosed(0.738837, 0.74)
    # Where the two terms of the determinant are not those of the equilibrium its sign is another.
    assert determinant(2.0, 2.1).low > determinant(*spurious.PRODUCT).high
    monkeypatch.setattr(spurious, "PRODUCT", (0.5, 0.5001))
    assert not spurious.saddles((0.9, 1.1), depth=2).closed


def test_a_wide_interval_and_another_field_stay_open(monkeypatch):
    assert not saddle(Boxes(np.array([0.5]), np.array([2.0]))).any()
    rounds = spurious.Rounds(dg.method("r1"), dg.SimGD(1.0), np.zeros(2))
    monkeypatch.setattr(spurious, "_rounds", lambda: rounds)
    assert not spurious.saddles((0.9, 1.1), depth=2).closed
