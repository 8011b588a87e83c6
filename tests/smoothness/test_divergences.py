"""Divergences of pairs and of clouds against closed forms, SciPy's distances and plain NumPy."""

import math
import time

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

import diracgan as dg
from diracgan.theory import smoothness as theory

S = dg.smoothness
THETA = np.linspace(-3, 3, 61)


def clouds(n=64, m=64, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=n), random.normal(size=m) + 1


def mmd_by_hand(x, y, tau):
    def mean(a, b):
        return np.mean(np.exp(-cdist(a[:, None], b[:, None], "sqeuclidean") / (2 * tau**2)))

    return (mean(x, x) - 2 * mean(x, y) + mean(y, y)) / 2


def test_the_free_discriminator_is_discontinuous():
    assert S.Minimax().value(0.0) == pytest.approx(-2 * math.log(2), abs=1e-15)
    assert S.Minimax().value([1e-9, 1.0]).tolist() == [0.0, 0.0]
    assert S.NonSaturating().value(1e-9) == math.inf
    assert math.isnan(S.Minimax().gradient(0.0))


def test_minimax_of_clouds_is_twice_the_jensen_shannon_divergence():
    x, y = [0.0, 0.0, 1.0, 2.0], [0.0, 1.0, 1.0, 1.0]
    p, q = np.array([2, 1, 1]) / 4, np.array([1, 3, 0]) / 4
    middle = (p + q) / 2
    divergence = sum(np.sum(a[a > 0] * np.log(a[a > 0] / middle[a > 0])) for a in (p, q))
    assert S.Minimax().between(x, y).value == pytest.approx(divergence - 2 * math.log(2), abs=1e-14)
    assert S.NonSaturating().between(x, y).value == math.inf
    within = S.NonSaturating().between([0.0, 1.0], y).value
    half = np.array([(0.5 + 0.25) / 2, (0.5 + 0.75) / 2])
    assert within == pytest.approx(2 * np.sum(half * np.log(half / q[:2])) + math.log(2), abs=1e-14)


@pytest.mark.parametrize("gamma", [0.02, 0.3, 2.0])
def test_linear_r1_matches_its_closed_form(gamma):
    J = S.LinearR1(gamma)
    np.testing.assert_allclose(J.value(THETA), theory.response_value(THETA, gamma), rtol=0, atol=1e-12)
    np.testing.assert_allclose(J.gradient(THETA), theory.response_slope(THETA, gamma), rtol=0, atol=1e-12)


def test_the_response_of_the_log_loss_against_a_root_finder():
    gamma, theta = 0.3, 1.7
    psi = brentq(lambda p: theta / (1 + math.exp(p * theta)) - gamma * p, 0, 10, xtol=1e-15)
    assert S.LinearR1(gamma).score([theta]) == pytest.approx(psi, abs=1e-13)
    assert float(theory.response_score(theta, gamma)) == pytest.approx(psi * theta, abs=1e-12)


@pytest.mark.parametrize(("alpha", "gamma"), [(1.0, 0.5), (0.4, 2.0), (2.0, 0.1)])
def test_clipping_and_a_quadratic_give_hubers_function(alpha, gamma):
    J = S.ClippedQuadratic(alpha=alpha, gamma=gamma)
    np.testing.assert_allclose(J.value(THETA), theory.huber(THETA, alpha, gamma), rtol=0, atol=1e-12)
    np.testing.assert_allclose(J.gradient(THETA), theory.huber_slope(THETA, alpha, gamma), rtol=0, atol=1e-12)


@pytest.mark.parametrize("tau", [0.3, 1.0, 1 / math.sqrt(2 * math.pi)])
def test_mmd_of_pairs(tau):
    np.testing.assert_allclose(S.MMD(tau).value(THETA), theory.gaussian_mmd(THETA, tau), rtol=0, atol=1e-12)
    np.testing.assert_allclose(S.MMD(tau).gradient(THETA), theory.gaussian_mmd_slope(THETA, tau), rtol=0, atol=1e-12)


def test_the_published_kernel():
    assert S.MMD.published().value(0.7) == pytest.approx(1 - math.exp(-math.pi * 0.49), abs=1e-14)


def test_values_of_clouds_are_those_of_scipy():
    x, y = clouds(40, 64)
    assert S.Wasserstein1().between(x, y).value == pytest.approx(wasserstein_distance(x, y), abs=1e-12)
    assert S.MMD(0.7).between(x, y).value == pytest.approx(mmd_by_hand(x, y, 0.7), abs=1e-13)


ALL = [
    S.Wasserstein1(),
    S.MMD(0.7),
    S.LinearR1(0.3),
    S.ClippedQuadratic(1.0, 2.0),
    S.InfConvolution(gamma=0.5, tau=0.7),
    S.InfConvolution(lipschitz=1.0, smooth=3.0),
    S.InfConvolution(lipschitz=0.2, gamma=0.5, tau=0.7),
    S.InfConvolution(lipschitz=0.2, smooth=0.3, gamma=0.5, tau=0.7),
    S.InfConvolution(lipschitz=0.2, smooth=0.3, gamma=0.5, tau=0.7, link="log"),
    S.InfConvolution(lipschitz=1.0, link="log"),
]


@pytest.mark.parametrize("divergence", ALL, ids=repr)
def test_the_gradient_is_the_finite_difference_of_the_value_and_the_slope_that_of_the_potential(divergence):
    x, y = clouds(12, 20, seed=3)
    divergence = divergence.spanning(-4, 5)
    found, step = divergence.between(x, y), 1e-4
    for i in (0, 7):
        ends = [divergence.between(x + sign * step * (np.arange(12) == i), y).value for sign in (1, -1)]
        assert found.gradient[i] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=2e-6)
    places = np.array([-0.613, 0.2717, 1.414])
    rise = (found.potential(places + 1e-6) - found.potential(places - 1e-6)) / 2e-6
    np.testing.assert_allclose(found.slope(places), rise, atol=1e-5)


@pytest.mark.parametrize("divergence", [S.Minimax(), *ALL], ids=repr)
def test_sixty_four_points_take_less_than_a_second_the_second_time(divergence):
    x, y = clouds()
    divergence.between(x, y)
    began = time.process_time()
    divergence.between(x, y)
    assert time.process_time() - began < 1.0


def test_the_norms_alone_are_distances():
    x, y = clouds(30, 50)
    W, M = S.Wasserstein1().between(x, y), S.MMD(0.7).between(x, y)
    alone = S.InfConvolution(lipschitz=2.0).between(x, y)
    assert alone.value == pytest.approx(2 * W.value, abs=1e-10)
    assert S.InfConvolution(gamma=0.5, tau=0.7).between(x, y).value == pytest.approx(M.value / 0.5, abs=1e-8)


def test_all_norms_together_bound_the_potential():
    x, y = clouds()
    found = S.InfConvolution(lipschitz=0.2, smooth=0.3, gamma=0.5, tau=0.7).between(x, y)
    grid = np.linspace(-4, 5, 4001)
    slope = found.slope(grid)
    # The bounds are imposed at nodes a twelfth of a bandwidth apart.
    assert np.max(np.abs(slope)) < 0.2 * 1.005
    assert np.max(np.abs(np.gradient(slope, grid))) < 0.3 * 1.005
    assert np.max(np.abs(slope)) > 0.19


def test_the_least_distance_problem_against_a_general_solver():
    from diracgan.smoothness.solvers import nearest

    random = np.random.default_rng(1)
    target, rows = 3 * random.normal(size=5), random.normal(size=(12, 5))
    most = np.full(12, 0.7)
    found = nearest(target, rows, most)
    done = minimize(
        lambda w: np.sum((w - target) ** 2) / 2,
        np.zeros(5),
        jac=lambda w: w - target,
        constraints={"type": "ineq", "fun": lambda w: np.concatenate([most - rows @ w, most + rows @ w])},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(found, done.x, atol=1e-6)
    assert np.max(np.abs(rows @ found)) <= 0.7 + 1e-12


def test_the_log_loss_with_two_points_against_a_dual_bound():
    # Two points at distance 1 and slope <= 2: D(x) = ±1 by symmetry, J = 2 log σ(1).
    J = S.InfConvolution(lipschitz=2.0, link="log")
    assert J.value(1.0) == pytest.approx(-2 * math.log(1 + math.exp(-1)), abs=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: S.MMD(-1.0), "no MMD"),
        (lambda: S.LinearR1(0.0), "no optimal discriminator"),
        (lambda: S.ClippedQuadratic(0.0, 1.0), "no optimal discriminator"),
        (lambda: S.InfConvolution(), "not\\s+attained"),
        (lambda: S.InfConvolution(gamma=1.0, tau=-1.0), "tau must be"),
        (lambda: S.InfConvolution(gamma=1.0, link="square"), "link must be one of"),
        (lambda: S.InfConvolution(gamma=1.0, tau=1e-3).between([0.0, 5.0]), "too small"),
        (lambda: S.InfConvolution(smooth=1.0).value(1.0), "equal means"),
        (lambda: S.Wasserstein1().between([], [0.0]), "empty cloud"),
        (lambda: S.MMD(1.0).between([0.0], []), "empty cloud"),
        (lambda: S.MMD(1.0).between([0.0], [np.nan]), "finite"),
        (lambda: S.Minimax().between([1.0]).potential(0.3), "no optimal discriminator"),
        (lambda: S.NonSaturating().slopes(1.0, 0.5), "no optimal discriminator"),
        (lambda: S.MMD(1.0).value("far"), "must be real numbers"),
    ],
)
def test_bad_input_says_which_condition_fails(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()
