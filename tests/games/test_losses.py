"""The losses against mpmath at 60 digits, far into both tails, and the cost of their derivatives."""

import re

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

import diracgan as dg
from diracgan.games.losses import log_sigmoid, sigmoid

SPREAD = np.concatenate([[0.0], np.geomspace(1e-6, 700, 40)])
POINTS = np.concatenate([-SPREAD[:0:-1], SPREAD])


def derivatives(fn, orders=4):
    """fn, fn', fn'', ... each vectorised and compiled."""
    functions = [fn]
    for _ in range(orders - 1):
        functions.append(jax.grad(functions[-1]))
    return [jax.jit(jax.vmap(function)) for function in functions]


def exact(t):
    """f, f', f'', f''' of f(t) = -log(1 + e^-t), to double precision."""
    with mp.workdps(60 + int(abs(t))):
        t = mp.mpf(float(t))
        up, down = 1 / (1 + mp.exp(-t)), 1 / (1 + mp.exp(t))
        values = -mp.log1p(mp.exp(-t)), down, -up * down, up * down * (up - down)
        return [float(value) for value in values]


EXACT = np.array([exact(t) for t in POINTS]).T


def test_the_closed_forms_typed_here_are_derivatives_of_the_loss():
    for t in (-3.0, 0.25, 2.0):
        with mp.workdps(40):
            by_mpmath = [float(mp.diff(lambda s: -mp.log1p(mp.exp(-s)), t, k)) for k in range(4)]
        np.testing.assert_allclose(by_mpmath, exact(t), rtol=1e-14)


@pytest.mark.parametrize("order", range(4))
def test_derivatives_against_mpmath(order):
    # Relative accuracy everywhere, except near the zero of the third derivative; exp(t) has an error of |t| eps.
    derived = derivatives(dg.Minimax().link)[order](POINTS)
    error = np.abs(derived - EXACT[order])
    allowed = 2e-13 * np.abs(EXACT[order])
    assert np.all(error <= np.where((order == 3) & (np.abs(POINTS) < 1), 1e-16, allowed))


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
@pytest.mark.parametrize("order", range(4))
def test_no_nan_far_out(order, dtype):
    t = jnp.array([-1e4, -800.0, -100.0, -50.0, 0.0, 50.0, 100.0, 800.0, 1e4], dtype)
    derived = derivatives(dg.Minimax().link)[order](t)
    assert derived.dtype == dtype
    with mp.workdps(30):
        expected = np.array([exact(float(x))[order] for x in t])
    tiny = float(jnp.finfo(dtype).tiny)
    np.testing.assert_allclose(derived, expected, rtol=1e-5 if dtype == jnp.float32 else 1e-12, atol=tiny)


def test_forward_mode_agrees_with_reverse_mode():
    t = jnp.array([-40.0, -1.0, 0.0, 2.0, 40.0])
    second = jax.vmap(jax.jacfwd(jax.jacfwd(log_sigmoid)))(t)
    np.testing.assert_allclose(second, derivatives(log_sigmoid)[2](t), rtol=1e-14)


def test_sigmoid_and_its_derivative_keep_relative_accuracy_in_both_tails():
    with mp.workdps(800):
        value = [float(1 / (1 + mp.exp(-mp.mpf(float(t))))) for t in POINTS]
    np.testing.assert_allclose(sigmoid(jnp.asarray(POINTS)), value, rtol=2e-13)
    np.testing.assert_allclose(jax.vmap(jax.grad(sigmoid))(POINTS), -EXACT[2], rtol=2e-13)


def test_the_other_links():
    t = jnp.array([-2.0, 0.5, 3.0])
    value, slope, curvature = derivatives(dg.Wasserstein().link, 3)
    np.testing.assert_array_equal([value(t), slope(t), curvature(t)], [t, np.ones(3), np.zeros(3)])
    with pytest.raises(NotImplementedError, match=r"Loss must define link\(t\)"):
        dg.Loss().link(0.0)


s = lambda t: 1 / (1 + np.exp(-t))
FIELDS = {
    dg.Minimax(): lambda theta, psi: (-psi * s(-theta * psi), theta * s(-theta * psi)),
    dg.NonSaturating(): lambda theta, psi: (-psi * s(theta * psi), theta * s(-theta * psi)),
    dg.Wasserstein(): lambda theta, psi: (-psi, theta),
}


@pytest.mark.parametrize("loss", FIELDS, ids=lambda loss: type(loss).__name__)
def test_fields_of_the_losses_against_the_published_formulas(loss):
    states = np.random.default_rng(0).normal(size=(64, 2)) * 4
    derived = jax.jit(jax.vmap(dg.DiracGAN(loss)))(states)
    np.testing.assert_allclose(derived, np.array([FIELDS[loss](*x) for x in states]), rtol=1e-13)


def test_an_own_loss_needs_only_its_link():
    class LeastSquares(dg.Loss):
        def link(self, t):
            return -((t - 1) ** 2) / 2

    field, (theta, psi) = dg.DiracGAN(LeastSquares()), (0.5, -1.5)
    slope = 1 - theta * psi
    np.testing.assert_allclose(field((theta, psi)), [-psi * slope, theta * slope], rtol=1e-15)


def exponentials(fn, *args):
    """How many exponentials the compiled program evaluates."""
    return len(re.findall(r" exponential\(", jax.jit(fn).lower(*args).compile().as_text()))


def _sigma(t):
    return 1 / (1 + jnp.exp(-t))


def _consensus(x, gamma):
    theta, psi = x
    u = theta * psi
    slope, bend = _sigma(-u), -_sigma(u) * _sigma(-u)
    r2 = theta**2 + psi**2
    return jnp.stack(
        [
            -psi * slope - gamma * (theta * slope**2 + psi * r2 * slope * bend),
            theta * slope - gamma * (psi * slope**2 + theta * r2 * slope * bend),
        ]
    )


BY_HAND = {
    "gan": lambda x: jnp.stack([-x[1], x[0]]) * _sigma(-x[0] * x[1]),
    "nsgan": lambda x: jnp.stack([-x[1] * _sigma(x[0] * x[1]), x[0] * _sigma(-x[0] * x[1])]),
    "wgan": lambda x: jnp.stack([-x[1], x[0]]),
    "wgan-gp": lambda x: jnp.stack([-x[1], x[0] - 0.7 * (jnp.abs(x[1]) - 1) * jnp.sign(x[1])]),
    "r1": lambda x: jnp.stack([-x[1], x[0]]) * _sigma(-x[0] * x[1]) - jnp.stack([jnp.zeros_like(x[1]), 0.3 * x[1]]),
    "consensus": lambda x: _consensus(x, 1.0),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_the_derived_field_costs_no_more_exponentials_than_one_written_by_hand(name):
    method, x = dg.method(name), jnp.array([0.3, 0.8])
    np.testing.assert_allclose(method(x), BY_HAND[name](x), rtol=1e-14, atol=1e-16)
    derived = exponentials(lambda m, x: m.velocity(x), method, x)
    assert derived <= exponentials(BY_HAND[name], x)
    assert derived == {"gan": 1, "nsgan": 2, "wgan": 0, "wgan-gp": 0, "r1": 1, "consensus": 2}[name]


def test_the_data_at_the_origin_cost_nothing():
    x = jnp.array([0.3, 0.8])
    game = dg.DiracGAN(dg.Minimax())
    objective = lambda x: game.discriminator_objective(x)
    value = float(objective(x))
    assert value == pytest.approx(exact(0.24)[0] + exact(0.0)[0], rel=1e-15)
    assert exponentials(jax.grad(objective), x) == 1


def test_noisy_data_cost_one_exponential_for_each_distribution():
    assert exponentials(lambda m, x: m.velocity(x), dg.method("instance-noise"), jnp.array([0.3, 0.8])) == 2
