"""Regret and sharpness in games of several numbers, against enumeration, identities and NumPy."""

import itertools

import jax
import numpy as np
import pytest
from scipy.optimize import minimize

import diracgan as dg
from diracgan.beyond import problems

R = dg.regret
A = np.array([[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.0, 0.5, 1.0]])
START = np.array([0.6, -0.4, 0.3, 0.2, 0.5, -0.7])


def matrix_game(loss, **options):
    return problems(penalties=(), loss=loss)[0].game.replace(**options)


def run(game, algorithm, rounds):
    with jax.enable_x64(True):
        return np.asarray(dg.simulate(game, algorithm, START, rounds))


def test_identity_of_a_bilinear_game_in_space():
    # L = -ψᵀAθ: the best fixed choice is a corner of the box, and every mean is that of the averages.
    game = matrix_game(dg.Wasserstein())
    path = run(game, dg.AltGD(0.2), 60)
    found = R.regret(game, path, bound=2.0)
    theta, psi = found.averages[:3], found.averages[3:]
    closed = 2.0 * (np.abs(A @ theta).sum() + np.abs(A.T @ psi).sum())
    assert found.gap == pytest.approx(closed, rel=1e-9)
    assert found.mean == pytest.approx(closed, rel=1e-9)
    assert R.linearised(game, path, 2.0) == pytest.approx((found.generator, found.discriminator), rel=1e-9)


def test_regret_of_the_log_loss_in_space_against_enumeration():
    game = matrix_game(dg.Minimax())
    path = run(game, dg.AltGD(0.2), 80)
    found = R.regret(game, path, bound=1.5)
    theta, psi = path[:, :3], path[:, 3:]

    def gain(theta, psi):
        # A fakeness score of 0 at the data: the value of the minimax game up to that constant.
        return np.sum(-np.logaddexp(0, -np.einsum("ti,ij,tj->t", psi, A, theta)))

    def fixed(choice):
        return np.broadcast_to(choice, theta.shape)

    played = gain(theta, psi)
    # Concave in θ: the least is at a corner.
    corners = min(gain(fixed(1.5 * np.array(signs)), psi) for signs in itertools.product((-1, 1), repeat=3))
    assert found.generator == pytest.approx(played - corners, rel=1e-9)
    best = minimize(lambda choice: -gain(theta, fixed(choice)), np.zeros(3), bounds=[(-1.5, 1.5)] * 3, method="SLSQP")
    assert found.discriminator == pytest.approx(-best.fun - played, rel=1e-4)
    assert found.comparators[0].shape == (3,)


def test_sharpness_is_a_norm():
    game = problems()[0].game
    states = np.array([START, 2 * START])
    np.testing.assert_allclose(R.sharpness(game, states), np.linalg.norm(states[:, 3:] @ A, axis=1), rtol=1e-12)


def test_a_penalty_on_the_slope_keeps_a_circle_less_sharp():
    circle, free = (problems(penalties)[2] for penalties in (None, ()))
    start = circle.at + np.array([0.2, 0.1, -0.2, 0.3, 0.4, -0.3, 0.5])
    with jax.enable_x64(True):
        ends = [
            R.sharpness(one.game, np.asarray(dg.simulate(one.game, dg.AltGD(0.2), start, 400))[-50:]).max()
            for one in (circle, free)
        ]
    assert ends[0] < 1e-2 * ends[1]


def test_a_game_that_draws_has_no_regret():
    game = problems()[1].game.replace(latent=lambda key: jax.random.uniform(key, (4,)))
    with pytest.raises(ValueError, match="same in every round"):
        R.regret(game, np.zeros((3, game.dimension)), bound=1.0)
