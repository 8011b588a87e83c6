"""Data anywhere and a discriminator bias: options of every entry, for every function."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.algorithms import ALGORITHMS, algorithm_named
from diracgan.catalogue.registry import _ENTRIES

sigma = lambda t: 1 / (1 + np.exp(-t))
A = 0.7
# Methods that see how the bias moves.
FELT = "consensus nsgan-consensus wgan-consensus sga jare ode-gan lola drift unrolled".split()


def test_a_law_that_is_stretched_is_not_moved():
    with pytest.raises(ValueError, match="options of methods that are built from a DiracGAN"):
        dg.method("uniform-data", data=A).dimension  # noqa: B018


@pytest.mark.parametrize("name", [name for name in dg.methods() if name != "uniform-data"])
def test_every_entry_takes_both(name):
    there, moved = dg.method(name, data=A, bias=True), dg.method(name, data=A)
    assert there.dimension == 3
    np.testing.assert_allclose(there.equilibrium, [A, 0, 0])
    x = jnp.array([0.4, -0.6, 0.0])
    back, biased = dg.method(name, data=0.0, bias=True), dg.method(name, bias=True)
    # One program for all of them.
    v, flat, shifted, plain, path = jax.jit(
        lambda x: (there(x), moved(x[:2]), back(x), biased(x), dg.simulate(there, dg.AltGD(0.1), start=x, steps=3))
    )(x)
    assert np.all(np.isfinite(v))
    if there.entry.name not in FELT:
        # At b = 0 the bias changes nobody else's objective; transforms also feel how it moves.
        np.testing.assert_allclose(v[:2], flat, atol=1e-12)
    np.testing.assert_allclose(shifted, plain, atol=1e-12)
    assert path.shape == (4, 3)
    kind = dg.verdict(moved).kind
    assert kind in ("stable", "neutral", "unstable", "not differentiable", "not an equilibrium")
    if kind in ("stable", "neutral", "unstable"):
        assert float(jnp.max(jnp.abs(moved(moved.equilibrium)))) < 1e-12


def test_the_minimax_game_with_a_bias_by_hand():
    theta, psi, b = 0.4, -0.6, 0.3
    fake, real = sigma(-(psi * theta + b)), sigma(psi * A + b)
    expected = [-psi * fake, theta * fake - A * real, fake - real]
    np.testing.assert_allclose(dg.method("gan", data=A, bias=True)((theta, psi, b)), expected, atol=1e-14)


@pytest.mark.parametrize("a", [0.0, 0.5, -1.5])
def test_the_counter_example_vanishes_away_from_the_origin(a):
    # μ = da² ± √(d²a⁴ - c²) with c = 1/2, d = -1/4: locally convergent as soon as D is not 0 on the data.
    found = np.sort_complex(np.asarray(dg.eigenvalues(dg.method("gan", data=a))))
    expected = np.sort_complex(-0.25 * a**2 + np.array([1, -1]) * np.emath.sqrt(0.0625 * a**4 - 0.25 + 0j))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert dg.verdict(dg.method("gan", data=a)).kind == ("neutral" if a == 0 else "stable")
    # With a bias the spectrum is that of a cubic, whose roots have negative real parts exactly for a ≠ 0.
    assert dg.verdict(dg.method("gan", data=a, bias=True)).kind == ("neutral" if a == 0 else "stable")


def test_sgd_finds_data_elsewhere():
    path = dg.simulate(dg.method("gan", data=1.0), dg.SimGD(0.2), start=(2.0, 1.0), steps=3000)
    np.testing.assert_allclose(path[-1], [1, 0], atol=1e-12)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_runs_in_three_dimensions(name):
    algorithm = algorithm_named(name)
    method = dg.method("r1", data=0.5, bias=True)
    path = dg.simulate(method, algorithm, start=(0.8, 0.2, 0.1), steps=5)
    assert np.all(np.isfinite(path))
    at = jnp.asarray(method.equilibrium, float)
    state = algorithm.init(method, at)
    np.testing.assert_allclose(algorithm.position(algorithm.step(method, state, 0)), at, atol=1e-9)


def test_moving_anchors_are_options_of_lecam():
    moving = dg.method("lecam", moving=True, data=A, bias=True)
    assert moving.dimension == 5
    np.testing.assert_allclose(moving(moving.equilibrium), 0, atol=1e-12)


def test_a_location_is_differentiable_and_checked(monkeypatch):
    slope = jax.grad(lambda a: dg.eigenvalues(dg.method("gan", data=a))[0].real)(0.5)
    assert float(slope) == pytest.approx(-0.25, abs=1e-12)
    with pytest.raises(ValueError, match="data must be finite"):
        dg.method("gan", data=np.nan)
    with pytest.raises(ValueError, match="bias must be True or False"):
        dg.method("gan", bias=2)
    monkeypatch.setitem(_ENTRIES, "only-a-function", None)  # taken away again at the end
    dg.register("only-a-function", lambda: dg.FunctionField(lambda x: -x))
    with pytest.raises(ValueError, match="built from a DiracGAN"):
        dg.method("only-a-function", data=1.0)(jnp.ones(2))
    with pytest.raises(ValueError, match="'extragradient' has no alternating form; altgd is one, and heavy-ball"):
        algorithm_named("extragradient", alternating=True)
