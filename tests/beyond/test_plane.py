"""Games of networks on the plane: laws, exact transport, seeds at once, and what is refused."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import wasserstein_distance

import diracgan as dg
from diracgan.beyond import plane

SMALL = plane.Setting(width=4, depth=1, batch=8, points=64)


@pytest.mark.parametrize("name", plane.TARGETS)
def test_a_law_has_its_moments(name):
    law, n = plane.TARGETS[name], 40_000
    points = law.sample(n)
    assert points.dtype == np.float32
    # Five standard errors; no entry has a variance of its square beyond 2.
    np.testing.assert_allclose(points.mean(0), law.mean, rtol=0, atol=5 / n**0.5)
    np.testing.assert_allclose(np.cov(points.T), law.covariance, rtol=0, atol=5 * (2 / n) ** 0.5)
    np.testing.assert_array_equal(points, law.sample(n))
    assert not np.array_equal(points[:9], law.sample(9, seed=1))


def test_laws_keep_to_their_curves():
    sample = lambda name: plane.TARGETS[name].sample(1000)
    np.testing.assert_allclose(np.linalg.norm(sample("circle"), axis=1), 1, atol=1e-6)
    assert not sample("line")[:, 1].any()
    assert np.abs(sample("four-lines")).max() <= 1
    np.testing.assert_allclose(np.unique(sample("four-lines")[:, 1]), [-1, -1 / 3, 1 / 3, 1], rtol=1e-6)


def test_transport_is_exact():
    draw = np.random.default_rng(0)
    # On a line in the plane it is that of the sorted samples, which scipy computes by itself.
    x, y = draw.normal(size=(2, 60))
    along = np.array([0.6, 0.8])
    assert plane.wasserstein_1(np.outer(x, along), np.outer(y, along)) == pytest.approx(
        wasserstein_distance(x, y), rel=1e-12
    )
    # Of five points every permutation can be looked at.
    x, y = draw.normal(size=(2, 5, 2))
    each = [np.mean(np.linalg.norm(x - y[list(order)], axis=1)) for order in itertools.permutations(range(5))]
    assert plane.wasserstein_1(x, y) == pytest.approx(min(each), rel=1e-12)
    # A shift moves every point by its length.
    assert plane.wasserstein_1(x, x + np.array([3.0, 4.0])) == pytest.approx(5.0, rel=1e-12)
    assert plane.wasserstein_1(x, np.full((5, 2), np.nan)) == np.inf


@pytest.fixture(scope="module")
def trained():
    return plane.run("circle", "r1", "sgd", seeds=3, rounds=6, held=32, k=2, setting=SMALL)


def test_seeds_at_once_are_the_single_seeds(trained):
    field = plane.game("circle", "r1", SMALL)
    assert trained.states.dtype == np.float32
    assert not np.allclose(trained.states[0], trained.states[1])
    for i in range(3):
        networks = SMALL.networks(jax.random.fold_in(jax.random.key(0), i))
        start = jnp.asarray(field.flatten(*networks), jnp.float32)
        key = jax.random.fold_in(jax.random.key(1), i)
        # Plain Python around the velocity of each round.
        for k in range(6):
            start = start + np.float32(0.05) * field.keyed(key).in_round(k)(start)
        np.testing.assert_allclose(trained.states[i], start, rtol=0, atol=2e-6)


def test_a_record_says_what_was_measured(trained):
    assert trained.samples.shape == (3, 32, 2)
    for points, distance in zip(trained.samples, trained.w1, strict=True):
        assert plane.wasserstein_1(points, trained.held) == distance
    assert trained.median == np.median(trained.w1) == trained.w1[trained.shown]
    assert trained.spread == pytest.approx(tuple(np.quantile(trained.w1, (0.25, 0.75))))
    assert trained.floor < trained.median
    game = plane.game("circle", "r1", SMALL)
    _, discriminator = game.unflatten(trained.states[trained.shown])
    points = np.random.default_rng(0).normal(size=(5, 2))
    np.testing.assert_allclose(trained.scores(points), jax.vmap(discriminator)(np.float32(points)), atol=1e-6)
    # The leading eigenvalues against those of the dense Jacobian of the same round.
    large = plane.game("circle", "r1", SMALL, 256).in_round(0)
    state = jnp.asarray(trained.states[trained.shown], jnp.float64)
    dense = np.linalg.eigvals(np.asarray(jax.jacrev(large.velocity)(state)))
    np.testing.assert_allclose(trained.spectrum.real, np.sort(dense.real)[::-1][:2], rtol=0, atol=1e-8)


def test_every_method_is_a_game_of_its_own():
    fields = {name: plane.game("line", name, SMALL) for name in plane.METHODS}
    state = jnp.asarray(fields["none"].equilibrium) * 0.5
    velocities = [np.asarray(field.in_round(0)(state)) for field in fields.values()]
    for one, other in itertools.combinations(velocities, 2):
        assert np.all(np.isfinite(one))
        assert not np.allclose(one, other)
    assert float(fields["wgan"].domain.bound) == 0.1


def test_a_seed_that_diverges_is_a_result():
    far = plane.run("line", "none", dg.SimGD(h=1e30), seeds=2, rounds=4, held=8, k=1, setting=SMALL)
    assert np.all(np.isinf(far.w1))
    assert far.median == far.spread[1] == np.inf
    assert np.isnan(far.spectrum[0].real)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "cirle"}, "did you mean 'circle'"),
        ({"target": 3}, "target must be one of"),
        ({"method": "r3"}, "the methods are: none, wgan"),
        ({"optimiser": "adam"}, "the optimisers are: sgd, rmsprop"),
        ({"optimiser": 0.1}, "an algorithm such as"),
        ({"seeds": 0}, "seeds must be an integer and >= 1"),
        ({"rounds": -1}, "steps must be an integer and >= 0"),
        ({"held": 0.5}, "n must be an integer"),
        ({"k": 0}, "k must be an integer"),
        ({"setting": {"width": 8}}, "setting must be a Setting"),
    ],
)
def test_what_cannot_be_run_is_refused(change, said):
    with pytest.raises((TypeError, ValueError), match=said):
        plane.run(**change)


def test_a_setting_is_checked():
    for change, said in (
        ({"activation": "gelu"}, "activation must be one of"),
        ({"batch": 0}, "batch must be an integer and >= 1"),
        ({"seed": -1}, "seed must be"),
        ({"seed": 2**30}, "seed must be < "),
    ):
        with pytest.raises(ValueError, match=said):
            plane.Setting(**change)
    for points in (np.zeros((3, 3)), np.zeros(4)):
        with pytest.raises(ValueError, match=r"shape"):
            plane.wasserstein_1(points, points)
