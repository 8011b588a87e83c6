"""Instance noise: the energy law by pairs against quadratures, and attacks on what is checked."""

import jax
import numpy as np
import pytest

import diracgan as dg
from diracgan.games.noise import hermite
from diracgan.proofs import noise
from diracgan.proofs.noise import concave, converges, falls, symmetric


@pytest.mark.parametrize("nodes", [2, 3, 64])
@pytest.mark.parametrize("sigma", [0.3, 3.0])
def test_the_energy_law_by_pairs_is_that_of_the_derived_field(sigma, nodes):
    x = np.random.default_rng(0).uniform(-3, 3, (2000, 2))
    with jax.enable_x64(True):
        velocity = np.asarray(jax.vmap(dg.method("instance-noise", sigma=sigma, nodes=nodes).velocity)(x))
    found = np.sum(x * velocity, axis=1)
    z, w = np.polynomial.hermite_e.hermegauss(nodes)
    w = w / w.sum()
    theta, psi = x[:, :1], x[:, 1:]
    q = lambda u: 1 / (1 + np.exp(u))
    pairs = z * psi * sigma * (q(psi * (theta + sigma * z)) - q(psi * (theta - sigma * z)) + 2 * q(psi * sigma * z) - 1)
    wanted = (pairs * w)[:, z > 0].sum(axis=1)
    assert np.max(np.abs(found - wanted)) < 1e-5 * (1 + np.max(np.abs(wanted)))
    away = np.abs(x[:, 1]) > 0.05
    assert np.all(found[away] < 0) and np.all(wanted[away] < 0)


def test_runs_with_strong_noise_converge():
    for sigma in (0.7, 2.0):
        path = dg.flow(dg.method("instance-noise", sigma=sigma), (1.5, -1.0), np.linspace(0.0, 80.0, 5))
        assert np.hypot(*np.asarray(path)[-1]) < 0.05


def test_all_of_it_is_proved():
    record = converges(quick=True)
    assert record.closed and record.boxes > 100
    assert noise.REACH >= 30


def test_attacks_stay_open(monkeypatch):
    # The linear game: its slope does not decrease.
    assert not concave("wgan")[0]
    # Without noise, or where ψ = 0 is reached, nothing falls.
    assert not falls(psis=(0.0, 0.1), depth=8)[0]
    monkeypatch.setattr(noise, "SIGMAS", (0.0, 0.5))
    assert not falls(psis=(1.0, 1.1), depth=10)[0]
    z, w = hermite(4)
    assert symmetric(z, w) and not symmetric(z + 0.1, w) and not symmetric(z, -w) and not symmetric(0 * z, w)
    skewed = w.copy()
    skewed[0] += 1e-12
    assert not symmetric(z, skewed)
    monkeypatch.setattr(noise, "hermite", lambda n: (z + 0.1, w))
    assert not converges(quick=True).closed
