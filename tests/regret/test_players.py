"""Regret, averages and learners against identities of the bilinear game, NumPy, and bounds of online learning."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import diracgan as dg
from diracgan.regret import comparators
from diracgan.regret.comparators import duality_gaps
from diracgan.regret.players import objectives
from diracgan.theory import regret as theory

R = dg.regret
BILINEAR = dg.method("wgan", clip=1e3)


def run(field, algorithm, steps, start=(1.0, 1.0)):
    return np.asarray(dg.simulate(field, algorithm, start, steps))


def loss(theta, psi):
    """The log-loss, by hand."""
    return -np.logaddexp(0, -np.asarray(theta) * psi) - math.log(2)


@pytest.mark.parametrize(
    "algorithm", [dg.SimGD(h=0.02), dg.AltGD(h=0.2), dg.ExtraGradient(h=0.2), dg.Optimistic(h=0.2)], ids=repr
)
def test_identity_of_the_bilinear_game(algorithm):
    found = R.regret(BILINEAR, run(BILINEAR, algorithm, 300), bound=6.0)
    assert found.rounds == 301
    assert found.mean == pytest.approx(found.gap, abs=1e-12)
    assert found.gap == pytest.approx(theory.bilinear_gap(found.averages, 6.0), abs=1e-12)


def test_regret_by_hand():
    path = run(BILINEAR, dg.AltGD(h=0.3), 50)
    theta, psi = path.T
    found = R.regret(BILINEAR, path, bound=2.0)
    assert found.generator == pytest.approx(np.sum(theta * psi) + 2 * abs(np.sum(psi)), abs=1e-10)
    assert found.discriminator == pytest.approx(2 * abs(np.sum(theta)) - np.sum(theta * psi), abs=1e-10)


def test_regret_of_the_log_loss_against_a_scalar_optimiser():
    path = run(dg.method("gan"), dg.AltGD(h=0.2), 200)
    theta, psi = path.T
    found = R.regret(dg.method("gan"), path, bound=3.0)
    # Concave in θ: the best fixed θ is an end of the box. Concave in ψ: one maximum inside.
    best_theta = min(np.sum(loss(end, psi)) for end in (-3.0, 3.0))
    best_psi = -minimize_scalar(lambda p: -np.sum(loss(theta, p)), bounds=(-3, 3), method="bounded").fun
    played = np.sum(loss(theta, psi))
    assert found.generator == pytest.approx(played - best_theta, rel=1e-9)
    assert found.discriminator == pytest.approx(best_psi - played, rel=1e-6)
    assert abs(found.comparators[0]) == 3.0


def test_regret_dominates_the_gap_of_a_convex_concave_game():
    # L = ψθ - ½ψ² is linear in θ and concave in ψ; for L = ψθ + ½θ² - ½ψ² both players are curved.
    class Curved(dg.DiracGAN):
        def generator_objective(self, x):
            return self.discriminator_objective(x)

        def discriminator_objective(self, x):
            return x[0] * x[1] + x[0] ** 2 / 2 - x[1] ** 2 / 2

    game = Curved(dg.Wasserstein())
    found = R.regret(game, run(game, dg.SimGD(h=0.1), 60), bound=2.0)
    assert found.mean > found.gap + 1e-3
    theta, psi = found.averages
    # max_ψ L(θ̄, ψ) - min_θ L(θ, ψ̄) = θ̄² + ψ̄².
    assert found.gap == pytest.approx(theta**2 + psi**2, abs=1e-9)


def test_no_regret_does_not_mean_convergence_for_the_log_loss():
    field, box = dg.method("gan"), 3.0
    for rounds in (1600, 25_600):
        h = rounds**-0.5
        path = R.online_gradient(field, h, rounds=rounds, bound=box)[:-1]
        slope = path[:, 1] / (1 + np.exp(path[:, 0] * path[:, 1]))
        linear = np.sum(slope * path[:, 0]) + box * abs(np.sum(slope))
        assert R.linearised(field, path, box)[0] == pytest.approx(linear, rel=1e-9)
        # The linearised losses, which are all that a gradient step sees, are played without regret: O(√T) in T rounds.
        assert linear <= theory.online_gradient_bound(1.0, -box * np.sign(np.sum(slope)), h, slope) + 1e-9
        # L is concave in θ: the true regret per round stays, and the iterates circle.
        assert R.regret(field, path, bound=box).generator / rounds > 0.9
        assert np.linalg.norm(path[-1]) > 1.0
    assert linear / rounds < 0.02
    # And yet the averages go to 0, by the symmetry of the orbit.
    assert np.max(np.abs(R.average(path))) < 0.02


def test_the_discriminator_of_the_log_loss_plays_without_regret():
    # Against a fixed ψ its losses are concave: R_D <= |u - ψ₀|²/2h + (h/2)Σ g².
    field, h, u = dg.method("gan"), 0.05, 2.0
    path = R.online_gradient(field, h, rounds=1000, bound=3.0)[:-1]
    theta, psi = path.T
    slopes = theta / (1 + np.exp(theta * psi))
    lost = np.sum(loss(theta, u)) - np.sum(loss(theta, psi))
    assert lost <= theory.online_gradient_bound(1.0, u, h, slopes) + 1e-9


def test_average_of_simultaneous_descent():
    path = run(BILINEAR, dg.SimGD(h=0.1), 200)
    np.testing.assert_allclose(R.average(path[:120]), theory.simgd_average((1.0, 1.0), 0.1, 120), atol=1e-12)
    np.testing.assert_allclose(R.running_averages(path)[119], R.average(path[:120]), atol=1e-13)
    for rounds in (100, 1000):
        average = theory.simgd_average((1.0, 1.0), rounds**-0.5, rounds)
        assert np.linalg.norm(average) <= theory.simgd_average_bound((1.0, 1.0), rounds)


def test_kinds_of_averages():
    path = np.arange(10.0)[:, None] ** 2
    squares = np.arange(10.0) ** 2
    assert R.average(path, "tail")[0] == pytest.approx(squares[5:].mean())
    assert R.average(path, "weighted")[0] == pytest.approx(np.average(squares, weights=np.arange(1, 11)))


def test_learners_are_the_algorithms_of_the_package():
    plain = run(dg.method("gan"), dg.SimGD(h=0.2), 100)
    for learner in (R.online_gradient, R.follow_the_regularised_leader):
        np.testing.assert_allclose(learner(dg.method("gan"), 0.2, rounds=100), plain, atol=1e-12)


def test_the_leader_remembers_how_far_it_was_pushed():
    agile = R.online_gradient(BILINEAR, 0.5, (1.0, 0.9), 12, bound=1.0)
    lazy = R.follow_the_regularised_leader(BILINEAR, 0.5, (1.0, 0.9), 12, bound=1.0)
    by_hand, total = [np.array([1.0, 0.9])], np.array([1.0, 0.9])
    for _ in range(12):
        theta, psi = by_hand[-1]
        total = total + 0.5 * np.array([-psi, theta])
        by_hand.append(np.clip(total, -1, 1))
    np.testing.assert_allclose(lazy, by_hand, atol=1e-13)
    assert np.max(np.abs(lazy - agile)) > 0.1


def test_fitted_rates():
    for rate in R.rates("bilinear", rounds=[400, 1600, 6400]):
        assert rate.slope == pytest.approx(rate.expected, abs=0.12), rate
    concave = R.rates("log-loss", rounds=[400, 1600])
    assert all(rate.expected is None for rate in concave)
    assert all(rate.slope < -0.8 for rate in concave[1:])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: R.regret(BILINEAR, [[1.0, 1.0]]), "unbounded"),
        (lambda: R.regret(BILINEAR, [[1.0, 1.0]], bound=0.5), "box must hold the run"),
        (lambda: R.regret(BILINEAR, [[1.0, 1.0]], bound=-1.0), "bound must be"),
        (lambda: R.regret(BILINEAR, [1.0, 1.0], bound=2.0), "shape"),
        (lambda: R.regret(BILINEAR, [[np.inf, 1.0]], bound=2.0), "finite"),
        (lambda: R.regret(dg.method("consensus"), [[1.0, 1.0]], bound=2.0), "two objectives"),
        (lambda: R.average([[1.0, 1.0]], "median"), "kind must be"),
        (lambda: R.average(np.zeros((0, 2))), "shape"),
        (lambda: R.online_gradient(BILINEAR, 0.1, bound=0.5), "box must hold the start"),
        (lambda: R.rates("hinge"), "game must be"),
        (lambda: R.rates(rounds=[5]), "rounds must be"),
        (lambda: R.rates(rounds=[8, 8]), "two different numbers"),
        (lambda: R.rates(start=(1.0,)), "start must have shape"),
        (lambda: R.average([[1.0, np.nan]]), "path must be finite"),
        (lambda: R.online_gradient(BILINEAR, [0.1, 0.2]), "h must be one number"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_the_gaps_of_many_points_are_those_of_each():
    points = np.random.default_rng(1).uniform(-2, 2, (5, 2))
    bilinear = dg.method("wgan", clip=9.0)
    # L = θψ: the best θ and ψ within ±B gain B|ψ| and B|θ|.
    np.testing.assert_allclose(duality_gaps(objectives(bilinear), points, 3.0), 3 * np.abs(points).sum(axis=1))
    curved = dg.method("r1", gamma=0.4)
    single = [dg.regret.regret(curved, point[None], 3.0).gap for point in points]
    np.testing.assert_allclose(duality_gaps(objectives(curved), points, 3.0), single, rtol=1e-12)


def test_runs_of_all_lengths_share_their_programs():
    path = dg.simulate(dg.method("r1"), dg.AltGD(0.1), steps=1100)
    dg.regret.regret(dg.method("r1"), path[:1030], 3.0)
    before = comparators._payoffs._cache_size()
    for count in (1025, 1100):
        dg.regret.regret(dg.method("r1", gamma=0.3), path[:count], 3.0)
    assert comparators._payoffs._cache_size() == before
