"""Weighted points that stand for the real and the generated distribution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.inputs import reals, told, traced
from diracgan.games.module import Arrays, Module, attribute


def _numbers(given: object) -> np.ndarray | jax.Array | float:
    if isinstance(given, jax.core.Tracer):
        return given
    numbers = reals(given)
    if numbers is None:
        raise TypeError(f"a measure is made of real numbers; {told(given)} was given")
    # An array keeps its type.
    return given if isinstance(given, (np.ndarray, jax.Array, float)) else numbers


class Measure(Module):
    """A probability measure: a Dirac (`weights` is None) or weighted points, on the line or in ℝᵈ.

    `points` is a scalar or has shape `(d,)` for a Dirac, and `(n,)` or `(n, d)` otherwise; `weights` then has shape
    `(n,)` and sums to 1.
    """

    points: Any = attribute(converter=_numbers)
    weights: Any = attribute(default=None, converter=lambda weights: None if weights is None else _numbers(weights))

    def __check_init__(self) -> None:
        points, weights = jnp.shape(self.points), None if self.weights is None else jnp.shape(self.weights)
        if weights is None and len(points) <= 1:
            return
        if weights is None or len(weights) != 1 or points[:1] != weights:
            given = "no weights" if weights is None else f"weights of shape {weights}"
            raise ValueError(
                "a measure has one point and no weights, or n points and weights of shape (n,); "
                f"{points[0] if points else 1} points and {given} were given"
            )

    @property
    def atoms(self) -> tuple[jax.Array, ...]:
        """The points one by one."""
        return (self.points,) if self.weights is None else tuple(self.points)

    def expect(self, fn: Callable[[jax.Array], jax.Array]) -> jax.Array:
        """The expectation of a scalar function, E fn(x)."""
        if self.weights is None:
            return fn(self.points)
        if self.weights.shape[0] <= 8:
            # Written out, a few nodes cost nothing where fn does not depend on the point: XLA sees equal expressions.
            return sum(weight * fn(point) for weight, point in zip(self.weights, self.points, strict=True))
        return jnp.dot(self.weights, jax.vmap(fn)(self.points))

    def zeros(self, fn: Callable[[jax.Array], jax.Array]) -> tuple[jax.Array, ...]:
        """Scalars of which one vanishes where fn does at a point: its values."""
        return tuple(fn(point) for point in self.atoms)

    def nearest_to_zero(self, fn: Callable[[jax.Array], jax.Array]) -> jax.Array:
        """The value of fn that is nearest to 0, for an fn with one value everywhere: the slope of a linear score."""
        return self.expect(fn)


class Discrete(Measure, Arrays):
    """Weighted points, of any shape, as a general game has them; expectations are evaluated in one batch.

    `points` has shape `(n,)` on the line and `(n, ...)` beyond it, `weights` shape `(n,)`. `drawn` points are
    independent samples; what is random about them, or about a penalty, follows from `key` (None: the seed 0).

    >>> square = Discrete(jnp.array([[1.0, 1.0], [-1.0, 1.0]]), jnp.array([0.5, 0.5]))
    >>> float(square.expect(jnp.sum))
    1.0
    """

    key: jax.Array | None = None
    drawn: bool = attribute(static=True, default=False)

    def expect(self, fn: Callable[[jax.Array], jax.Array]) -> jax.Array:
        """E fn(x), of a function with values of any shape."""
        return jnp.tensordot(self.weights, jax.vmap(fn)(self.points), 1)

    def zeros(self, fn: Callable[[jax.Array], jax.Array]) -> tuple[jax.Array, ...]:
        """The value nearest to 0 alone: there may be thousands of points."""
        return (self.nearest_to_zero(fn),)

    def nearest_to_zero(self, fn: Callable[[jax.Array], jax.Array]) -> jax.Array:
        """The value of a scalar fn that is nearest to 0, with its sign."""
        values = jax.vmap(fn)(self.points)
        return values[jnp.argmin(jnp.abs(values))]

    def moved(self, shifts: jax.Array, weights: jax.Array) -> Discrete:
        """Every point with every shift added, shapes `(m, ...)` and `(m,)`: the law of the sum of both."""
        points = self.points[:, None] + shifts
        pairs = self.weights[:, None] * weights
        return Discrete(points.reshape(-1, *self.points.shape[1:]), pairs.ravel(), self.key, self.drawn)


class Minibatch(Arrays):
    """A sampler: `size` of the points, shape `(n, ...)`, independently and uniformly, with replacement.

    >>> Minibatch(jnp.arange(10.0), 4)(jax.random.key(0)).shape
    (4,)
    """

    points: np.ndarray | jax.Array
    size: int = attribute(static=True)

    def __check_init__(self) -> None:
        if not jnp.ndim(self.points) or not len(self.points):
            raise ValueError(
                f"a minibatch is drawn from points (n, ...), n >= 1; shape {jnp.shape(self.points)} was given"
            )
        if not isinstance(self.size, int) or self.size < 1:
            raise ValueError(f"size must be an integer and >= 1; {self.size!r} was given")

    def __call__(self, key: jax.Array) -> jax.Array:
        """The points that the key draws, shape `(size, ...)`."""
        # In int32 always: what a key draws depends on the type, which would depend on x64.
        return jnp.asarray(self.points)[jax.random.randint(key, (self.size,), 0, len(self.points), jnp.int32)]


class Sampler(Module):
    """A sampler that is a plain function of the key."""

    function: Callable[[jax.Array], jax.Array] = attribute(static=True)

    def __call__(self, key: jax.Array) -> jax.Array:
        """The function's points."""
        return self.function(key)


# Points, or what draws them with a key.
Source = Discrete | Callable[[jax.Array], jax.Array]


def distribution(given: object, name: str) -> Source:
    """A `Discrete` measure, or a sampler, from what a user gives.

    A point, points `(n,)` or `(n, ...)` of equal weight, a `Measure`, or a function of a key that returns a minibatch
    of points. `ValueError` for no points, weights that do not fit or do not sum to 1, and what is not finite.
    """
    if isinstance(given, (Discrete, Minibatch, Sampler)):
        return given
    if isinstance(given, Measure):
        dirac = given.weights is None
        points, weights = (jnp.asarray(given.points)[None], [1.0]) if dirac else (given.points, given.weights)
    elif callable(given):
        leaves = jax.tree.leaves(given)
        return Sampler(given) if not leaves or leaves[0] is given else given
    else:
        points, weights = given, None
    return _discrete(points, weights, name)


def _discrete(points: Any, weights: Any, name: str) -> Discrete:
    wanted = f"the {name} must be a measure of points (n,) or (n, ...) with weights (n,), or a function of a key"
    if not (isinstance(points, jax.Array) and jnp.issubdtype(points.dtype, jnp.floating)):
        numbers = None if traced(points) else reals(points)
        if numbers is None:
            raise TypeError(f"{wanted}; {told(points)} was given")
        points = numbers
    points = points[None] if points.ndim == 0 else points
    if not points.size:
        raise ValueError(f"{wanted}, n >= 1; points of shape {points.shape} were given")
    n = len(points)
    weights = np.full(n, 1 / n) if weights is None else weights
    if jnp.shape(weights) != (n,):
        raise ValueError(f"{wanted}; {n} points and weights of shape {jnp.shape(weights)} were given")
    if any(isinstance(part, jax.core.Tracer) for part in (points, weights)):
        return Discrete(points, weights)
    if not np.all(np.isfinite(points)):
        raise ValueError(
            f"the points of the {name} must be finite; of those given {np.sum(~np.isfinite(points))} are not"
        )
    total = np.asarray(weights, np.float64)
    if not np.all(total >= 0) or abs(total.sum() - 1) > 1e-5:
        raise ValueError(f"the weights of the {name} must be >= 0 and sum to 1; their sum is {total.sum():.6g}")
    return Discrete(points, weights)


def between(real: Measure, fake: Measure, nodes: int = 2) -> Measure:
    """Uniform points on the segment between a real and a generated point, by Gauss-Legendre quadrature.

    Noisy measures are paired node by node, which is exact for expectations that do not depend on the point, as those
    of a linear discriminator's gradient. The points of `Discrete` measures are all paired with each other, unless they
    are drawn: then one pair is as good as another, and so is one random position between its two points.
    """
    if isinstance(real, Discrete) and isinstance(fake, Discrete):
        return _drawn_between(real, fake) if real.drawn and fake.drawn else _all_between(real, fake, nodes)
    if real.weights is not None:
        return Measure((real.points + fake.points) / 2, fake.weights)
    z, w = np.polynomial.legendre.leggauss(nodes)
    dtype = jnp.result_type(fake.points)
    place = jnp.asarray((z + 1) / 2, dtype)
    return Measure((1 - place) * real.points + place * fake.points, jnp.asarray(w / 2, dtype))


def two_keys(key: jax.Array | None) -> tuple[jax.Array, jax.Array]:
    """A key to use and one for what comes after; None is the key of the seed 0."""
    use, rest = jax.random.split(jax.random.key(0) if key is None else key)
    return use, rest


def _all_between(real: Discrete, fake: Discrete, nodes: int) -> Discrete:
    z, w = np.polynomial.legendre.leggauss(nodes)
    dtype = fake.points.dtype
    place = jnp.asarray((z + 1) / 2, dtype).reshape(-1, 1, 1, *(1,) * (fake.points.ndim - 1))
    points = (1 - place) * real.points[:, None] + place * fake.points
    weights = jnp.asarray(w / 2, dtype)[:, None, None] * real.weights[:, None] * fake.weights
    return Discrete(points.reshape(-1, *fake.points.shape[1:]), weights.ravel(), fake.key)


def _drawn_between(real: Discrete, fake: Discrete) -> Discrete:
    n, m, dtype = len(real.points), len(fake.points), fake.points.dtype
    pair = np.arange(max(n, m))
    key, rest = two_keys(fake.key)
    place = jax.random.uniform(key, (len(pair),), dtype).reshape(-1, *(1,) * (fake.points.ndim - 1))
    points = (1 - place) * real.points[pair % n] + place * fake.points[pair % m]
    return Discrete(points, jnp.full(len(pair), 1 / len(pair), dtype), rest, drawn=True)
