"""Generators of any game under an optimal discriminator, against closed forms."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.beyond import problems

S = dg.smoothness
GAMES = {problem.name: problem for problem in problems()}
UNIT = S.MMD(1.0)


def bound(name, **options):
    return S.generator_bound(GAMES[name].game, UNIT, **{"box": (-1, 1), "samples": 16, **options})


def test_a_point_in_space_is_the_pair_along_every_ray():
    # J = 1 - exp(-|θ|²/2), and k is radial: the constants of the line.
    found = bound("matrix")
    assert pytest.approx((1.0, 0.0), abs=1e-12) == (found.A, found.B)
    assert found.true == pytest.approx(1.0, rel=1e-6)
    assert found.slack == pytest.approx(2 + 2 * math.exp(-1.5), rel=1e-6)


def test_speed_and_bend_of_a_circle():
    # E JᵀJ = diag(1, 1, 1, r²); with ∂r∂φ f = u', ∂φ² f = -ru the Hessians' squares add up to I + r² on (r, φ); r <= 2.
    found = bound("circle")
    assert pytest.approx(2.0, rel=1e-6) == found.A
    assert pytest.approx(math.sqrt(5), rel=1e-6) == found.B
    assert found.true < found.bound


def test_latent_weights_count():
    # f = θz with z uniform on [-1, 1]: A² = E z² = 1/3, by quadrature with unequal weights.
    assert pytest.approx(1 / math.sqrt(3), rel=1e-12) == bound("uniform").A


def test_descent_in_space_by_hand():
    theta, step = np.array([0.5, -0.3, 0.8]), 0.7
    run = S.descend_generator(GAMES["matrix"].game, UNIT, step, theta, 5)
    for k in range(6):
        weight = math.exp(-(theta @ theta) / 2)
        np.testing.assert_allclose(run.path[k], theta, atol=1e-14)
        assert run.values[k] == pytest.approx(1 - weight, abs=1e-14)
        theta = theta - step * weight * theta


@pytest.mark.parametrize("name", ["segment", "circle"])
def test_every_step_of_the_theorem_lowers_the_objective(name):
    game = GAMES[name].game
    step = 1 / bound(name).bound
    start = S.Played(game).parameters + np.array([0.3, -0.2, 0.4, 0.1])
    run = S.descend_generator(game, UNIT, step, start, 500)
    assert np.abs(run.path - S.Played(game).parameters).max() <= 1
    fall = run.values[:-1] - run.values[1:]
    assert np.all(fall >= step / 2 * np.sum(run.slopes[:-1] ** 2, axis=1) - 1e-15)
    assert np.linalg.norm(run.slopes[-1]) < 1e-3 * np.linalg.norm(run.slopes[0])


def test_two_over_the_true_smoothness_is_the_border():
    game, start = GAMES["matrix"].game, (1e-3, 0.0, 0.0)
    assert S.descend_generator(game, UNIT, 1.99, start, 3000).outcome == "stationary"
    # J is flatter further out: just above the border the iterates alternate between two places.
    assert S.descend_generator(game, UNIT, 2.01, start, 3000).outcome == "2-cycle"


def test_particles_on_the_line_descend_as_their_gradient_says():
    points, data = np.array([0.4, -1.0, 0.9]), [0.0, 0.5]
    run = S.descend_generator(S.Particles(3), S.MMD(0.7), 0.6, points, 4, data=data)
    for k in range(5):
        np.testing.assert_allclose(run.path[k], points, atol=1e-14)
        points = points - 0.6 * S.MMD(0.7).between(points, data).gradient


@pytest.mark.parametrize(
    ("name", "smoothness"),
    # BᵀQ⁺B with Q = ½E[∇_ψD ∇_ψDᵀ] + γE[AAᵀ], B = ½∂_θ E ∇_ψD: ¼Aᵀ(AAᵀ)⁻¹A = ¼, and D = ψx² on U(-1, 1).
    [("matrix", 1 / 4), ("uniform", (1 / 3) ** 2 / (1 / 2 / 5 + 4 / 3))],
)
def test_alternating_training_of_a_game_becomes_descent(name, smoothness):
    made = S.game_chain(GAMES[name].game, n_d=(1, 60))
    assert made.smoothness == pytest.approx(smoothness, rel=1e-9)
    assert made.limit == pytest.approx(2 / smoothness, rel=1e-9)
    assert made.expected == pytest.approx(-0.8, abs=1e-12)
    assert made.error < 1e-9


def test_the_chain_of_a_pair_and_of_the_smallest_game_are_one():
    line = dg.GAN(
        dg.Minimax(),
        dg.R1(0.5),
        generator=(lambda theta, z: theta + 0 * z, jnp.array(0.0)),
        discriminator=(lambda psi, x: psi * x, jnp.array(0.0)),
        data=0.0,
    )
    made, pair = S.game_chain(line, n_d=(1, 2)), S.chain(0.5, n_d=(1,))
    assert (made.response, made.smoothness) == pytest.approx((pair.response, pair.smoothness), rel=1e-6)


def drawing():
    return GAMES["segment"].game.replace(latent=lambda key: jax.random.uniform(key, (4,)))


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: S.Played(3), TypeError, "must be a GAN"),
        (lambda: S.Played(drawing()), ValueError, "minibatch"),
        (lambda: S.generator_bound("circle", UNIT), TypeError, "must be a Generator"),
        (lambda: S.generator_bound(GAMES["circle"].game, UNIT, data=0.0), ValueError, "its own data"),
        (lambda: S.generator_bound(GAMES["circle"].game, UNIT, samples=0), ValueError, "samples must be"),
        (lambda: S.descend_generator(GAMES["circle"].game, UNIT, 0.1, (1.0,)), ValueError, r"shape \(4,\)"),
        (lambda: S.descend_generator(GAMES["circle"].game, S.LinearR1(1.0), 0.1, np.ones(4)), ValueError, "an MMD"),
        (lambda: S.game_chain(dg.method("r1")), TypeError, "must be a GAN"),
        (lambda: S.game_chain(GAMES["matrix"].game.replace(penalties=())), ValueError, "concave objective"),
        (lambda: S.game_chain(GAMES["product"].game), ValueError, "no positive curvature"),
        (lambda: S.game_chain(GAMES["matrix"].game, np.full(6, 0.5)), ValueError, "at must be an equilibrium"),
        (lambda: S.game_chain(GAMES["matrix"].game, h=[1.0, 2.0]), ValueError, "h must be one number"),
        (lambda: S.game_chain(GAMES["matrix"].game, n_d=None), TypeError, "n_d must be"),
        (lambda: S.game_chain(GAMES["matrix"].game, n_d=()), ValueError, "m >= 1"),
        (lambda: S.game_chain(GAMES["matrix"].game, n_d=(1, 0)), ValueError, "n_d must be an integer and >= 1"),
    ],
)
def test_bad_input(make, kind, words):
    with pytest.raises(kind, match=words):
        make()
