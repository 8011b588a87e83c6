"""How good generated images are: the Fréchet distance in a classifier's features, and the classes that occur."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.beyond.images import ImageSet
from diracgan.dynamics.compiling import running

FEATURES = 32
# Of the samples: a class that occurs less often than this share of its due counts as missing.
_PRESENT = 0.25


class Classifier(NamedTuple):
    """A network with two hidden layers, the second of which are the features; `accuracy` on images held out."""

    network: Any
    accuracy: float

    def features(self, points: Any) -> np.ndarray:
        """The features of images, shape `(n, 32)`, from `(n, entries)`, in float64."""
        return np.asarray(_forward(self.network, jnp.asarray(points, jnp.float32))[0], np.float64)

    def classes(self, points: Any) -> np.ndarray:
        """The most likely class of every image, shape `(n,)`."""
        return np.argmax(np.asarray(_forward(self.network, jnp.asarray(points, jnp.float32))[1]), axis=1)


def split(images: ImageSet, seed: int = 0) -> tuple[ImageSet, ImageSet]:
    """Four fifths of a set for training, and one fifth held out, with every class in both."""
    order = np.random.default_rng(seed).permutation(len(images.labels))
    place = np.empty(len(order), int)
    for label in range(images.classes):
        members = order[images.labels[order] == label]
        place[members] = np.arange(len(members))
    held = place % 5 == 0
    parts = (ImageSet.__new__(ImageSet), ImageSet.__new__(ImageSet))
    for part, mask in zip(parts, (~held, held), strict=True):
        given = {"images": images.images[mask], "labels": images.labels[mask], "name": images.name}
        for name, value in given.items():
            object.__setattr__(part, name, value)
    return parts


def _forward(network: Any, points: jax.Array) -> tuple[jax.Array, jax.Array]:
    (w1, b1), (w2, b2), (w3, b3) = network
    features = jnp.tanh(jnp.tanh(points @ w1 + b1) @ w2 + b2)
    return features, features @ w3 + b3


def trained_classifier(training: ImageSet, held_out: ImageSet, seed: int = 0, steps: int = 1500) -> Classifier:
    """A classifier of a set's images by Adam on the cross-entropy, minibatches of 128, and its accuracy."""
    network = _fitted(
        jax.random.key(seed), jnp.asarray(training.flat), jnp.asarray(training.labels), training.classes, steps
    )
    made = Classifier(network, 0.0)
    return made._replace(accuracy=float(np.mean(made.classes(held_out.flat) == held_out.labels)))


@functools.partial(running, static=("classes", "steps"))
def _fitted(key: jax.Array, points: jax.Array, labels: jax.Array, classes: int, steps: int) -> Any:
    import optax

    sizes = (points.shape[1], 64, FEATURES, classes)
    keys = jax.random.split(key, 4)
    layers = [
        (jax.random.normal(k, (n, m), points.dtype) / np.sqrt(n).astype(np.float32), jnp.zeros(m, points.dtype))
        for k, n, m in zip(keys, sizes, sizes[1:], strict=False)
    ]
    rule = optax.adam(2e-3)

    def error(network: Any, chosen: jax.Array) -> jax.Array:
        scores = _forward(network, points[chosen])[1]
        return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(scores, labels[chosen]))

    def step(state: Any, k: jax.Array) -> tuple[Any, None]:
        network, moments = state
        chosen = jax.random.randint(jax.random.fold_in(keys[3], k), (128,), 0, len(points), jnp.int32)
        change, moments = rule.update(jax.grad(error)(network, chosen), moments)
        return (optax.apply_updates(network, change), moments), None

    return jax.lax.scan(step, (layers, rule.init(layers)), jnp.arange(steps))[0][0]


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """The Fréchet distance |m - m'|² + tr(C + C' - 2(CC')^½) of Gaussians with the moments of two sets of features.

    Both have shape `(n, d)`; what is not finite gives infinity. It is the square of the Wasserstein distance between
    the two Gaussians, and what is called FID where the features are those of the Inception network.

    >>> round(frechet(np.eye(3)[[0, 1, 2]], 2 + np.eye(3)[[0, 1, 2]]), 12)
    12.0
    """
    if not (np.all(np.isfinite(first)) and np.all(np.isfinite(second))):
        return float("inf")
    apart = np.sum((first.mean(0) - second.mean(0)) ** 2)
    C, other = (np.cov(part, rowvar=False) for part in (first, second))
    values, vectors = np.linalg.eigh(C)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    crossed = np.linalg.eigvalsh(root @ other @ root)
    return float(apart + np.trace(C) + np.trace(other) - 2 * np.sum(np.sqrt(np.maximum(crossed, 0))))


def coverage(predicted: np.ndarray, labels: np.ndarray) -> float:
    """The share of the classes of `labels` that occur among the predicted ones at least a quarter as often as there."""
    classes = int(labels.max()) + 1
    due, found = (np.bincount(part, minlength=classes)[:classes] / len(part) for part in (labels, predicted))
    return float(np.mean(found >= _PRESENT * due))
