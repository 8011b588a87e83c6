"""Instance noise: the quadrature against adaptive integration, and the guard's promise."""

import warnings

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

import diracgan as dg
from diracgan.games.noise import hermite

GRID = np.array([[t, p] for t in np.linspace(-2, 2, 9) for p in (-2.0, -0.7, 0.0, 0.3, 1.5, 2.0)])


def trapezoid(states, sigma):
    """The field by the trapezoidal rule on [-14, 14], exact to rounding for these integrands; vectorised by hand."""
    z = np.linspace(-14, 14, 6001)
    weight = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    s = lambda t: 1 / (1 + np.exp(-t))
    rows = []
    for theta, psi in np.asarray(states):
        fake, real = theta + sigma * z, sigma * z
        v_theta = -psi * np.sum(weight * s(-psi * fake))
        v_psi = np.sum(weight * fake * s(-psi * fake)) - np.sum(weight * real * s(psi * real))
        rows.append((v_theta, v_psi))
    return np.array(rows)


def by_mpmath(theta, psi, sigma):
    with mp.workdps(30):
        s = lambda t: 1 / (1 + mp.exp(-t))
        expect = lambda g: mp.quad(lambda z: mp.npdf(z) * g(sigma * z), [-mp.inf, -6, -2, 0, 2, 6, mp.inf])
        v_theta = -psi * expect(lambda y: s(-psi * (theta + y)))
        v_psi = expect(lambda y: (theta + y) * s(-psi * (theta + y))) - expect(lambda y: y * s(psi * y))
        return float(v_theta), float(v_psi)


@jax.jit
def field(sigma, states):
    return jax.vmap(dg.method("instance-noise", sigma=sigma))(states)


def test_the_references_agree():
    states = [(1.0, 1.0), (-0.5, 2.0), (0.3, -4.0)]
    expected = [by_mpmath(*x, 0.7) for x in states]
    np.testing.assert_allclose(trapezoid(states, 0.7), expected, atol=1e-14)


@pytest.mark.parametrize(("sigma", "atol"), [(0.1, 1e-14), (0.3, 1e-14), (0.7, 1e-12), (1.0, 1e-8)])
def test_the_field_with_noise(sigma, atol):
    np.testing.assert_allclose(field(sigma, GRID), trapezoid(GRID, sigma), atol=atol)


def test_the_field_with_noise_against_mpmath():
    for state in [(1.0, 1.0), (-0.5, 2.0)]:
        np.testing.assert_allclose(dg.method("instance-noise")(state), by_mpmath(*state, 0.7), atol=1e-13)


def test_two_hundred_nodes_are_a_reference_too():
    fine = jax.vmap(dg.method("instance-noise", sigma=1.0, nodes=200))(GRID)
    np.testing.assert_allclose(fine, trapezoid(GRID, 1.0), atol=1e-13)


def test_no_noise_is_no_noise():
    np.testing.assert_allclose(field(0.0, GRID), jax.vmap(dg.method("gan"))(GRID), atol=1e-14)


def test_hermite_nodes_integrate_polynomials():
    for n in (4, 64, 256):
        z, w = hermite(n)
        assert z.shape == w.shape == (n,)
        assert w.sum() == pytest.approx(1.0, rel=1e-14)
        np.testing.assert_allclose([w @ z**2, w @ z**4, w @ z**6], [1, 3, 15], rtol=1e-12)
        np.testing.assert_allclose([w @ z, w @ z**3], 0, atol=1e-12)


@pytest.mark.parametrize("nodes", [8, 16, 32, 64, 128])
def test_the_promise_of_the_guard(nodes):
    # Within reach the error stays near 1e-6 for |θ| <= 2; twice as far out it does not, so that the guard has a point.
    build = lambda sigma: dg.DiracGAN(dg.Minimax(), noise=dg.GaussianNoise(sigma, nodes))
    noisy = jax.jit(lambda sigma, states: jax.vmap(build(sigma))(states))
    for sigma in (0.3, 0.7, 1.5):
        noise = dg.GaussianNoise(sigma, nodes)
        error = {}
        for share in (0.25, 0.999, 2.0):
            slope = share * noise.reach / sigma
            states = np.array([[t, s * slope] for t in np.linspace(-2, 2, 9) for s in (1, -1)])
            error[share] = np.abs(noisy(sigma, states) - trapezoid(states, sigma)).max()
        assert error[0.999] <= 2e-6 * max(1, sigma)
        assert error[0.25] <= 1e-9
        assert error[2.0] > 1e-5


def test_the_number_of_nodes_it_asks_for_is_the_least():
    for slope in (0.1, 0.5, 1.2, 2.0, 3.9, 5.6):
        needed = dg.GaussianNoise(1.0).needed(slope)
        assert dg.GaussianNoise(1.0, needed).reach >= slope
        assert needed == 1 or dg.GaussianNoise(1.0, needed - 1).reach < slope


CALLS = {
    "simulate": lambda m, x: dg.simulate(m, dg.SimGD(h=0.2), x, steps=3),
    "flow": lambda m, x: dg.flow(m, x, [0.0, 0.1]),
    "period": lambda m, x: dg.period(m, np.asarray(x)[-1] if np.ndim(x) == 2 else x),
    "arrival_time": lambda m, x: dg.arrival_time(m, np.asarray(x)[-1] if np.ndim(x) == 2 else x),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("start", [(0.1, 8.0), [(0.1, 0.2), (0.1, -8.0)]], ids=["one", "batch"])
def test_a_start_out_of_range_is_an_error_before_tracing(call, start, monkeypatch):
    def traced(*_):
        raise AssertionError("the field was traced")

    monkeypatch.setattr(dg.DiracGAN, "velocity", traced)
    with pytest.raises(ValueError, match=r"^the quadrature of the instance noise needs \|ψ\|σ <= ") as raised:
        CALLS[call](dg.method("instance-noise", sigma=0.5), start)
    needed = dg.GaussianNoise(0.5).needed(8.0)
    assert str(raised.value).endswith(f"<= 2.84 with nodes=64; |ψ|σ = 4 occurs: use nodes={needed} or more"), str(
        raised.value
    )


def test_following_the_advice_helps():
    needed = dg.GaussianNoise(0.5).needed(8.0)
    dg.simulate(dg.method("instance-noise", sigma=0.5, nodes=needed), dg.SimGD(h=0.2), (0.1, 8.0), steps=3)
    with pytest.raises(ValueError, match="no node count helps that far out"):
        dg.simulate(dg.method("instance-noise", sigma=0.5, nodes=256), dg.SimGD(h=0.2), (0.1, 80.0), steps=3)


def test_a_run_that_leaves_the_range_is_flagged():
    method = dg.method("instance-noise", sigma=0.5)
    with pytest.warns(
        RuntimeWarning, match=r"^the run left the range where the field is accurate: .*use nodes="
    ) as seen:
        path = dg.simulate(method, dg.SimGD(h=4.0), (6.0, 0.1), steps=6)
    assert len(seen) == 1
    assert seen[0].filename == __file__, "the warning points at the caller"
    assert np.abs(path[:, 1]).max() * 0.5 > dg.GaussianNoise(0.5).reach
    with pytest.warns(RuntimeWarning, match="left the range"):
        dg.flow(dg.method("instance-noise", sigma=0.5, nodes=8), (2.0, 1.3), [0.0, 1.0, 2.0])


def test_a_run_within_the_range_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = dg.simulate(dg.method("instance-noise"), dg.SimGD(h=0.2), (1.0, 1.0), steps=500)
    assert np.abs(path[:, 1]).max() * 0.7 < dg.GaussianNoise(0.7).reach


def test_clipped_starts_are_judged_inside_the_domain():
    game = dg.DiracGAN(dg.Minimax(), noise=dg.GaussianNoise(0.5), clip=1.0)
    assert dg.simulate(game, dg.SimGD(h=0.2), (0.1, 8.0), steps=3)[0].tolist() == [0.1, 1.0]


def test_traced_values_are_not_judged():
    last = jax.jit(lambda x: dg.simulate(dg.method("instance-noise", sigma=0.5), dg.SimGD(h=0.2), x, steps=3)[-1])
    assert np.isfinite(last(jnp.array([0.1, 8.0]))).all()
    slope = jax.grad(lambda s: dg.simulate(dg.method("instance-noise", sigma=s), dg.SimGD(h=0.2), steps=3)[-1, 0])
    assert np.isfinite(slope(0.5))


def test_expectations_of_a_dirac_and_of_points():
    square = lambda x: x**2
    assert float(dg.Measure(jnp.asarray(3.0)).expect(square)) == 9.0
    noisy = dg.GaussianNoise(0.5).smear(dg.Measure(jnp.asarray(3.0)))
    assert float(noisy.expect(square)) == pytest.approx(9.25, rel=1e-14)
    with pytest.raises(ValueError, match="noise is added to a Dirac"):
        dg.GaussianNoise(0.5).smear(noisy)


def test_the_rate_of_the_lemma():
    # The noise acts like a gradient penalty: J = [[0, -1/2], [1/2, -σ²/2]].
    for sigma in (0.3, 0.7, 1.4):
        derived = dg.jacobian(dg.method("instance-noise", sigma=sigma))
        np.testing.assert_allclose(derived, [[0, -0.5], [0.5, -(sigma**2) / 2]], atol=1e-14)
