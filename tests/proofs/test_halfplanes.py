"""The flow of WGAN-GP: the half turn against integration, the field by exact algebra, and fields that are others."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import diracgan as dg
from diracgan.proofs import halfplanes
from diracgan.proofs.halfplanes import crossing, cycles, linear
from diracgan.theory.orbits import wgan_gp_crossing
from diracgan.tracing.boxes import Boxes


def half_turn(gamma, target, a):
    """Where the orbit from (a, 0) comes back to ψ = 0, by SciPy."""

    def upper(t, x):
        return [-x[1], x[0] - gamma * x[1] + gamma * target]

    def back(t, x):
        return x[1]

    back.terminal, back.direction = True, -1
    found = solve_ivp(upper, (0, 1e4), [a, 0.0], events=back, rtol=1e-11, atol=1e-13)
    return found.y_events[0][0][0]


@pytest.mark.parametrize("gamma", [0.2, 0.7, 1.5])
def test_the_half_turn_is_the_map_of_the_argument(gamma):
    rho, at = (float(part.middle) for part in crossing(Boxes(gamma)))
    for a in (gamma * 0.5 + 0.01, 3.0):
        assert half_turn(gamma, 0.5, a) == pytest.approx(-(rho * a + (1 + rho) * gamma * 0.5), abs=1e-8)
    assert at == pytest.approx(wgan_gp_crossing(gamma, 1.0), rel=1e-12)
    assert cycles().closed


@pytest.mark.parametrize(("gamma", "ends"), [(2.0, True), (3.0, True), (1.9, False)])
def test_from_two_on_runs_end_beside_the_solution(gamma, ends):
    field = dg.method("wgan-gp", gamma=gamma, target=0.5)
    path = np.asarray(dg.flow(field, (0.4, 0.3), np.linspace(0.0, 60.0, 601)))
    gap = np.abs(np.abs(path[-60:, 0]) - gamma * 0.5).max() + np.abs(path[-60:, 1]).max()
    assert (gap < 1e-3) == ends


def test_other_fields_are_not_this_one(monkeypatch):
    assert linear(dg.method("wgan-gp"))
    for name in ("wgan-lp", "wgan-r1", "dragan", "gan"):
        assert not linear(dg.method(name))
    monkeypatch.setattr(halfplanes, "method", lambda name: dg.method("wgan-r1"))
    assert not cycles().closed


def test_beyond_the_bound_the_enclosures_stay_open(monkeypatch):
    monkeypatch.setattr(halfplanes, "_GAMMAS", (1e-3, 2.1))
    assert not cycles().closed
