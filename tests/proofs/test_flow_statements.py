"""The laws behind the proofs for flows, on derived fields against quadratures and closed forms of their own."""

import dataclasses

import jax
import numpy as np
import pytest

import diracgan as dg
from diracgan.proofs import flows
from diracgan.proofs.flows import STATEMENTS, Split, Statement, converges
from diracgan.tracing.boxes import Boxes

# dV/dt by hand, with q = 1/(1 + e^u).
DECREASE = {
    "r1": lambda u, psi, q: -0.3 * psi**2,
    "roth": lambda u, psi, q: -0.3 * psi**2 * (0.25 + q**2 * (1 - u * (1 - q))),
    "lecam": lambda u, psi, q: -0.6 * u**2,
    "nsgan": lambda u, psi, q: -u * np.tanh(u / 2),
    "nsgan-r1": lambda u, psi, q: -u * np.tanh(u / 2) - 0.3 * psi**2,
}


def velocities(method, x):
    with jax.enable_x64(True):
        return np.asarray(jax.vmap(method.velocity)(x))


def test_the_energy_law_of_instance_noise():
    x, s = np.random.default_rng(0).uniform(-2, 2, (4000, 2)), 0.7
    found = np.sum(x * velocities(dg.method("instance-noise", sigma=s), x), axis=1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    theta, psi = x[:, :1], x[:, 1:]
    bend = lambda t: -1 / (2 + np.exp(t) + np.exp(-t))
    exact = (s * psi[:, 0]) ** 2 * ((bend(psi * (theta + s * nodes)) + bend(psi * s * nodes)) @ weights)
    assert np.max(np.abs(found - exact)) < 1e-6
    away = np.abs(x[:, 1]) > 0.01
    assert np.all(found[away] < 0) and np.all(exact[away] < 0)


def test_the_energy_law_of_r1():
    x = np.random.default_rng(1).uniform(-5, 5, (4000, 2))
    found = np.sum(x * velocities(dg.method("r1", gamma=0.5), x), axis=1)
    assert np.max(np.abs(found + 0.5 * x[:, 1] ** 2)) < 1e-12


@pytest.mark.parametrize("name", DECREASE)
def test_the_formulas_and_the_parts_are_those_of_the_derived_field(name):
    x = np.random.default_rng(2).uniform(-3, 3, (500, 2))
    u, psi = x[:, 0] * x[:, 1], x[:, 1]
    found = np.sum(x * velocities(dg.method(name), x), axis=1)
    np.testing.assert_allclose(found, DECREASE[name](u, psi, 1 / (1 + np.exp(u))), rtol=1e-9, atol=1e-12)
    bend, c = Split(dg.method(name)).at(Boxes(u))
    low, high = u * bend - psi**2 * c, found
    assert np.all(low.low <= high + 1e-9) and np.all(high <= low.high + 1e-9)


def test_all_statements_are_proved_on_a_ball():
    for one in STATEMENTS:
        assert converges(one, dg.method(one.name), 20.0)[0], one.name
    assert flows.flows(STATEMENTS[:1]).closed


def test_what_is_neutral_or_anchored_elsewhere_stays_open():
    for name, damped, bent in (("gan", False, True), ("gan", True, False), ("gan", False, False), ("r1", False, True)):
        assert not converges(Statement(name, "", damped, bent), dg.method(name), 5.0, 8)[0]
    lecam = next(one for one in STATEMENTS if one.name == "lecam")
    assert not converges(lecam, dg.method("lecam", anchor_real=0.5), 5.0, 8)[0]
    # Where a sign is claimed that only the other term has.
    nsgan = dataclasses.replace(next(one for one in STATEMENTS if one.name == "nsgan"), damped=True)
    assert not converges(nsgan, dg.method("nsgan"), 5.0, 8)[0]


def test_fields_of_another_form_are_refused():
    for name in ("consensus", "wgan-gp", "spectral-norm"):
        with pytest.raises(ValueError, match="not of the form"):
            Split(dg.method(name))
