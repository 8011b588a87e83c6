"""Critical steps against closed forms, at every scale, and against matrices written out with NumPy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import diracgan as dg


def exact_r1(gamma, alternating):
    """The critical step of R1 with f'(0) = 1/2: a flip, or for SimGD with γ <= 1 a Neimark-Sacker."""
    if alternating:
        return 4 / (gamma + math.hypot(gamma, 1))
    return 4 * gamma if gamma <= 1 else 4 / (gamma + math.sqrt((gamma - 1) * (gamma + 1)))


@settings(max_examples=60, deadline=None)
@given(exponent=st.floats(-6, 6), alternating=st.booleans())
def test_critical_steps_at_every_scale(exponent, alternating):
    gamma = 10**exponent
    found = dg.critical_step(dg.method("r1", gamma=gamma), (dg.AltGD if alternating else dg.SimGD)(0.2))
    # Where both roots of the flip meet, at γ = 1, half of the digits are lost.
    rel = 1e-11 if abs(gamma - 1) > 1e-4 else 1e-7
    assert found.h == pytest.approx(exact_r1(gamma, alternating), rel=rel)
    if abs(gamma - 1) > 1e-9:
        assert found.kind == ("neimark-sacker" if gamma < 1 and not alternating else "flip")


@pytest.mark.parametrize("gamma", [1e-5, 1 - 1e-9, 1.000001, 1 + 1e-10, 3e4])
def test_critical_steps_where_two_roots_meet_or_scales_part(gamma):
    found = dg.critical_step(dg.method("r1", gamma=gamma), dg.SimGD(0.2))
    # At a double root half of the digits are lost.
    assert found.h == pytest.approx(exact_r1(gamma, False), rel=1e-9)
    assert found.kind == ("neimark-sacker" if gamma < 1 else "flip")


@pytest.mark.parametrize("gamma", [1e-4, 0.01, 0.3])
def test_the_coefficient_of_small_penalties(gamma):
    # At h = 4γ(1 + ε) the cycle has r² = (4/(3γ))ε and |λ| - 1 = 2γ²ε; with r² = 2(|λ| - 1)/|a| that is a = -3γ³.
    found = dg.critical_step(dg.method("r1", gamma=gamma), dg.SimGD(0.2))
    assert found.coefficient == pytest.approx(-3 * gamma**3, rel=1e-5)
    assert found.criticality == "supercritical"


def with_memory(first, second):
    """The matrix of x ← first x + second y beside y ← x."""
    first, second, one = np.broadcast_arrays(first, second, np.eye(2))
    upper, lower = np.concatenate([first, second], -1), np.concatenate([one, 0 * one], -1)
    return np.concatenate([upper, lower], -2)


def first_unstable(matrices, rates):
    """The least rate at which a spectral radius exceeds 1, found on a grid and then to all digits."""
    excess = lambda h: np.max(np.abs(np.linalg.eigvals(matrices(np.atleast_1d(h)))), axis=-1) - 1
    first = int(np.argmax(excess(rates) > 1e-11))
    return brentq(lambda h: excess(h)[0], rates[first - 1], rates[first], xtol=1e-13)


def matrix_of(name, J, h):
    """The matrices of one round on the linear field Jx, written out with NumPy, for rates `h` of shape (B,)."""
    h = np.asarray(h)[:, None, None]
    n, one = len(J), np.eye(len(J))
    if name == "extragradient":
        return one + h * J + h**2 * J @ J
    if name == "runge-kutta":
        return sum(np.linalg.matrix_power(h * J, k) / math.factorial(k) for k in range(5))
    if name == "optimistic":
        return with_memory(one + 2 * h * J, -h * J)
    if name == "heavy-ball":
        return with_memory(1.3 * one + h * J, -0.3 * one)
    if name == "lookahead":
        return 0.5 * one + 0.5 * np.linalg.matrix_power(one + h * J, 5)
    assert (name, n) == ("altgd", 2)
    generator, discriminator = one + h * np.diag([1.0, 0.0]) @ J, one + h * np.diag([0.0, 1.0]) @ J
    return np.linalg.matrix_power(discriminator, 3) @ generator


WRITTEN_OUT = {
    "extragradient": dg.ExtraGradient(0.2),
    "runge-kutta": dg.RungeKutta(0.2, order=4),
    "optimistic": dg.Optimistic(0.2),
    "heavy-ball": dg.HeavyBall(0.2, 0.3),
    "lookahead": dg.Lookahead(dg.SimGD(0.2), k=5),
    "altgd": dg.AltGD(0.2, n_d=3),
}


@pytest.mark.parametrize("gamma", [0.03, 0.7, 40.0])
@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_critical_steps_against_a_scan_of_written_out_matrices(name, gamma):
    J = np.array([[0, -0.5], [0.5, -gamma]])
    expected = first_unstable(lambda h: matrix_of(name, J, h), np.geomspace(1e-4, 1e3, 20_000))
    assert dg.critical_step(dg.method("r1", gamma=gamma), WRITTEN_OUT[name]).h == pytest.approx(expected, rel=1e-8)


def test_a_double_multiplier_that_touches_minus_one_together():
    # Two equal real multipliers 1 - hκ: det(M + I) has no change of sign at h = 2/κ.
    game = dg.MovingAnchors(dg.DiracGAN(dg.Minimax(), (dg.R1(1.0),)), gamma=0.3, anchor_rate=1.0)
    found = dg.critical_step(game, dg.SimGD(0.2))
    assert (found.h, found.kind) == (pytest.approx(2, rel=1e-9), "flip")


@pytest.mark.parametrize("alternating", [False, True])
def test_a_critical_step_for_each_of_a_thousand_penalties(alternating):
    gamma = np.linspace(0.01, 4, 1000)
    found = dg.critical_step(dg.method("r1", gamma=gamma), (dg.AltGD if alternating else dg.SimGD)(0.2))
    expected = [exact_r1(value, alternating) for value in gamma]
    np.testing.assert_allclose(found.h, expected, rtol=1e-12)
    hopf = (gamma < 1) & (not alternating)
    assert found.kind.tolist() == np.where(hopf, "neimark-sacker", "flip").tolist()


def test_hyper_parameters_of_the_algorithm_and_states_with_memory_in_arrays():
    gamma, beta = 0.7, np.array([0.1, 0.3, 0.6])
    found = dg.critical_step(dg.method("r1", gamma=gamma), dg.HeavyBall(0.2, beta))
    J, rates = np.array([[0, -0.5], [0.5, -gamma]]), np.geomspace(1e-3, 1e2, 5000)
    for h, b in zip(found.h, beta, strict=True):
        written = lambda rate, b=b: with_memory((1 + b) * np.eye(2) + rate[:, None, None] * J, -b * np.eye(2))
        assert h == pytest.approx(first_unstable(written, rates), rel=1e-8)


def test_normal_forms_are_computed_when_they_are_asked_for():
    gamma = np.array([1e-4, 0.01, 0.3, 2.0])
    found = dg.critical_step(dg.method("r1", gamma=gamma), dg.SimGD(0.2))
    assert "coefficient" not in vars(found) and repr(found).startswith("CriticalStep(h=array")
    np.testing.assert_allclose(found.coefficient[:3], -3 * gamma[:3] ** 3, rtol=1e-5)
    assert found.criticality.shape == (4,) and set(found.criticality[:3]) == {"supercritical"}
    none = dg.critical_step(dg.method("gan"), dg.AltGD(0.2))
    assert math.isnan(none.coefficient) and none.criticality == "none"


def test_a_batch_of_what_is_never_stable_and_of_what_always_is():
    # |λ|² = 1 - hγ + h²/4: without a penalty nothing is stable; the implicit rule always is.
    found = dg.critical_step(dg.method("r1", gamma=np.array([0.0, 0.5])), dg.SimGD(0.2))
    assert found.kind.tolist() == ["unstable from the start", "neimark-sacker"]
    np.testing.assert_allclose(found.h, [0, 2], rtol=1e-12)
    always = dg.critical_step(dg.method("r1", gamma=np.array([0.5, 1.0])), dg.ImplicitEuler(0.2))
    assert always.h.tolist() == [math.inf, math.inf]


def test_what_beginning_cancels_is_neutral_and_what_follows_decides():
    # On iy the stability function of order 4 has |R|² = 1 - y⁶/72 + y⁸/576, of order 2 |R|² = 1 + y⁴/4.
    found = dg.critical_step(dg.method("gan"), dg.RungeKutta(0.2, order=4))
    assert (found.h, found.kind) == (pytest.approx(2 * math.sqrt(8), rel=1e-12), "neimark-sacker")
    assert dg.critical_step(dg.method("gan"), dg.RungeKutta(0.2, order=2)).kind == "unstable from the start"
    with pytest.raises(ValueError, match="not differentiable"):
        dg.critical_step(dg.method("wgan-gp", gamma=np.array([0.5, 1.0])), dg.SimGD(0.2))


def test_verdicts_of_arrays():
    gamma = np.array([0.04, 0.06, 0.5])
    judged = dg.verdict(dg.method("r1", gamma=gamma), dg.SimGD(0.2))
    assert [one.kind for one in judged] == ["unstable", "stable", "stable"]
    np.testing.assert_allclose([one.number for one in judged], np.sqrt(1 - 0.2 * gamma + 0.01), rtol=1e-12)
