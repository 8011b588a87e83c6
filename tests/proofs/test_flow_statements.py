"""The laws behind the proofs for flows, on derived fields against quadratures and closed forms of their own."""

import jax
import numpy as np

import diracgan as dg


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
