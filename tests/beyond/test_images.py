"""Games of images: sets, networks, and how good what they make is, against SciPy and by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

import diracgan as dg
from diracgan.algorithms import ready
from diracgan.beyond.features import coverage, frechet, split, trained_classifier
from diracgan.beyond.images import METHODS, ImageSet, Plan, digits, game, samples, starts, whole_game
from diracgan.games.parameters import cast


def bars(count=60, seed=0):
    """Three classes of 4x4 images: a bright left half, a bright right half, both dark; with noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    images = np.full((count, 4, 4), -0.7)
    images[labels == 0, :, :2] = images[labels == 1, :, 2:] = 0.7
    return ImageSet(images + rng.uniform(-0.2, 0.2, images.shape), labels, "bars")


SMALL = Plan(rounds=6, seeds=2, width=4, latent=3, batch=8)


def test_the_digits_are_the_digits():
    images = digits()
    assert (images.images.shape, images.classes, images.name) == ((1797, 8, 8), 10, "digits")
    assert (float(images.images.min()), float(images.images.max())) == (-1.0, 1.0)
    assert images.images.dtype == np.float32
    # A zero is empty in the middle and a one is not.
    means = [images.images[images.labels == label].mean(0)[3:5, 3:5].mean() for label in (0, 1)]
    assert means[0] < -0.6 < 0.4 < means[1]


def test_a_split_keeps_every_image_once_and_every_class_in_both():
    images = bars()
    training, held_out = split(images)
    assert (len(training.labels), len(held_out.labels)) == (48, 12)
    together = np.concatenate([training.flat, held_out.flat])
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(images.flat, axis=0))
    assert np.bincount(held_out.labels).tolist() == [4, 4, 4]


BAD = {
    r"must be in \[-1, 1\]; up to 2": lambda: ImageSet(np.full((20, 4, 4), 2.0), np.zeros(20)),
    "one label per image; 3 for 20": lambda: ImageSet(np.zeros((20, 4, 4)), np.zeros(3)),
    "each at least 10 times": lambda: ImageSet(np.zeros((20, 4, 4)), np.arange(20)),
    "labels must be the integers 0, 1": lambda: ImageSet(np.zeros((20, 4, 4)), np.full(20, 0.5)),
    "labels must be the integers": lambda: ImageSet(np.zeros((20, 4, 4)), np.full(20, -1)),
    "images must have shape": lambda: ImageSet(np.zeros((20, 4)), np.zeros(20)),
    "images must be finite": lambda: ImageSet(np.full((20, 4, 4), np.nan), np.zeros(20)),
    "a part of file names": lambda: ImageSet(np.zeros((20, 4, 4)), np.zeros(20), "a b/c"),
    "method must be one of": lambda: game("r3", bars(), SMALL),
    "rounds must be an integer and >= 1": lambda: Plan(rounds=0),
    "algorithm must be one of 'rmsprop', 'adam'": lambda: Plan(algorithm="sgd"),
    "average must be less than 1": lambda: Plan(average=1.0),
    "h must be finite and > 0": lambda: Plan(h=0.0),
}


@pytest.mark.parametrize("said", BAD)
def test_what_does_not_fit_is_one_clear_value_error(said):
    with pytest.raises(ValueError, match=said):
        BAD[said]()


def test_the_frechet_distance_against_the_matrix_root_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(200, 5)) @ rng.normal(size=(5, 5)), rng.normal(size=(300, 5)) + 0.5
    C, other = np.cov(first.T), np.cov(second.T)
    wanted = np.sum((first.mean(0) - second.mean(0)) ** 2)
    wanted += np.trace(C + other - 2 * np.real(scipy.linalg.sqrtm(C @ other)))
    assert frechet(first, second) == pytest.approx(wanted, rel=1e-10)
    assert frechet(second, first) == pytest.approx(wanted, rel=1e-10)
    assert frechet(first, first) == pytest.approx(0, abs=1e-10)
    assert frechet(first, first + 2.0) == pytest.approx(5 * 4.0, rel=1e-10)
    assert frechet(first, np.where(first > 1, np.nan, first)) == np.inf


def test_coverage_counts_the_classes_that_occur():
    labels = np.repeat(np.arange(4), 25)
    assert coverage(labels, labels) == 1.0
    assert coverage(np.zeros(100, int), labels) == 0.25
    # A quarter of its due: 6.25 of 100.
    assert coverage(np.repeat([0, 1, 2, 3], [82, 7, 6, 5]), labels) == 0.5


def test_the_classifier_knows_images_that_it_was_not_trained_on():
    training, held_out = split(bars(300))
    made = trained_classifier(training, held_out, steps=150)
    assert made.accuracy == 1.0
    features = made.features(held_out.flat)
    assert features.shape == (60, 32)
    assert frechet(made.features(training.flat), features) < 0.1 * frechet(
        made.features(training.flat), made.features(-held_out.flat)
    )


def test_every_method_starts_from_the_same_networks_and_makes_images():
    images = bars()
    made = [starts(name, images, SMALL) for name in METHODS]
    for other in made[1:]:
        np.testing.assert_array_equal(other, made[0])
    assert not np.allclose(made[0][0], made[0][1])
    played = game("r1", images, SMALL)
    pictures = samples(played, made[0], 5)
    assert pictures.shape == (2, 5, 16)
    assert np.all(np.abs(pictures) < 1)
    generator, _ = played.unflatten(made[0][1].astype(float))
    latent = jax.random.normal(jax.random.key(1), (5, 3), jnp.float32)
    np.testing.assert_allclose(pictures[1], jax.vmap(generator)(latent), atol=1e-6)
    fixed = whole_game(played, images, 16)
    assert fixed.changing is None
    assert fixed(made[0][0]).shape == (played.dimension,)


def test_running_means_lag_behind_the_weights():
    images = bars()
    played, start = game("none", images, SMALL), starts("none", images, SMALL)
    plain = dg.train(played, SMALL.trainer(), start, 6)
    mean = dg.train(played, Plan(average=0.9).trainer(), start, 6)
    np.testing.assert_allclose(mean.state.inner.x, plain.x, atol=1e-6)
    assert np.linalg.norm(mean.x - start) < 0.6 * np.linalg.norm(plain.x - start)


@pytest.mark.parametrize("name", ["r1", "wgan-gp"])
def test_a_round_of_the_digits_game_lowers_everywhere_in_float32(name):
    # 8x8 images, minibatches of 64, two hidden layers of 64 units: the shapes of `diracgan reproduce --images`.
    rng = np.random.default_rng(0)
    images = ImageSet(rng.uniform(-1, 1, (640, 8, 8)), np.arange(640) % 10)
    with jax.enable_x64(False):
        played = game(name, images, Plan())
        algorithm = Plan().trainer()
        x = jnp.asarray(starts(name, images, Plan(seeds=1))[0])
        state = algorithm.init(played.in_round(0), x)
        round_ = jax.jit(lambda g, s, k: ready(algorithm, s.x.dtype).step(cast(g, s.x.dtype).in_round(k), s, k))
        exported = jax.export.export(round_, platforms=("cpu", "cuda", "tpu"))(played, state, jnp.int32(2))
        moved = jax.jit(exported.call)(played, state, jnp.int32(2))
    assert "f64" not in exported.mlir_module()
    assert "callback" not in exported.mlir_module()
    assert moved.x.dtype == np.float32
    assert np.all(np.isfinite(moved.x))
    if name == "wgan-gp":
        return  # Its positions between two points are other draws in float64.
    wide = algorithm.init(played.in_round(0), jnp.asarray(x, jnp.float64))
    double = algorithm.step(cast(played, jnp.float64).in_round(2), wide, 2)
    # RMSProp's first step is h/√(1 - α) in the direction of the sign: where a gradient is rounding, so is that.
    wrong = np.abs(moved.x - double.x) > 1e-4
    assert np.mean(wrong) < 0.01
