"""The manifolds of the convergence theorem near a state: where p_θ = p_D, and where D and its gradient vanish.

Both are zero sets of a residual whose Jacobian is known, and their tangent spaces are kernels, found by an SVD. A
kernel is the tangent space of a manifold only if one can move along it: see `integrable`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.games.general import GAN
from diracgan.games.measures import Discrete
from diracgan.games.parameters import cast

_DEGREE = 6
_DEGREE_ON_LINE = 24
_PROBES = 3
_STEP = 1e-2
_NEWTON = 8


class Kernel(NamedTuple):
    """The kernel of a matrix with n columns, by singular values below a tolerance.

    `tangent` has shape `(n, k)` and `normal` shape `(n, n - k)`, orthonormal columns both. `gap` is the smallest
    singular value that was kept and the largest that was taken for 0 (NaN where there is none). The first `declared`
    columns of `tangent` were declared.
    """

    tangent: np.ndarray
    normal: np.ndarray
    gap: tuple[float, float]
    declared: int = 0


def kernel(matrix: np.ndarray, tolerance: float, declared: np.ndarray | None = None) -> Kernel:
    """The directions that a matrix takes to 0, up to `tolerance` times its largest singular value.

    The columns of `declared`, shape `(n, m)`, are taken for such directions whatever the matrix says.
    """
    n = matrix.shape[1]
    known, rest = _split(np.zeros((n, 0)) if declared is None else declared)
    _, sizes, rows = np.linalg.svd(matrix @ rest, full_matrices=True)
    sizes = np.concatenate([sizes, np.zeros(max(0, rest.shape[1] - len(sizes)))])[: rest.shape[1]]
    kept = sizes > tolerance * max(float(np.max(sizes, initial=0.0)), np.finfo(float).tiny)
    gap = (float(sizes[kept][-1]) if kept.any() else math.nan, float(sizes[~kept][0]) if (~kept).any() else math.nan)
    basis = rest @ rows.T
    return Kernel(np.hstack([known, basis[:, ~kept]]), basis[:, kept], gap, known.shape[1])


def _split(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal bases of the span of some columns and of its complement."""
    left, sizes, _ = np.linalg.svd(columns, full_matrices=True)
    rank = int(np.sum(sizes > 1e-10 * np.max(sizes, initial=0.0)))
    return left[:, :rank], left[:, rank:]


class Slices(NamedTuple):
    """Test functions of a distribution: Chebyshev polynomials of `(x - centre)·u / radius` along unit vectors u.

    Polynomials, since the quadratures of Gauss and equal weights on a circle are exact for them: a symmetry of the
    distribution is then one of its quadrature, too.
    """

    directions: np.ndarray
    centre: np.ndarray
    radius: float


def slices(points: np.ndarray, parameters: int) -> tuple[Slices, int]:
    """Test functions for a distribution near these points, `(n, d)`, and their degree; twice as many as parameters."""
    centre = points.mean(0)
    radius = float(np.max(np.linalg.norm(points - centre, axis=1))) or 1.0
    d = points.shape[1]
    if d == 1:
        return Slices(np.ones((1, 1)), centre, radius), min(_DEGREE_ON_LINE, 2 * parameters + 8)
    count = max(math.ceil((2 * parameters + 8) / _DEGREE), 4 * (d + 1))
    directions = np.random.default_rng(0).normal(size=(count, d))
    return Slices(directions / np.linalg.norm(directions, axis=1, keepdims=True), centre, radius), _DEGREE


def _moments(measure: Discrete, test: Slices, degree: int) -> jax.Array:
    """The expectations of the test functions, shape `(degree · directions,)`."""
    points = measure.points.reshape(len(measure.points), -1)
    t = (points - test.centre) @ test.directions.T / test.radius
    values = [jnp.ones_like(t), t]
    for _ in range(degree - 1):
        values.append(2 * t * values[-1] - values[-2])
    return jnp.concatenate([measure.weights @ value for value in values[1:]])


def _difference(game: GAN, x: jax.Array, test: Slices, degree: int) -> jax.Array:
    _, real, fake = game.play(x)
    return _moments(fake, test, degree) - _moments(real, test, degree)


@functools.partial(answering, static=("degree",))
def law(game: GAN, x: jax.Array, test: Slices, degree: int) -> tuple[jax.Array, jax.Array]:
    """E_{p_θ} - E_{p_D} of the test functions, and its derivative by θ."""
    game, size = cast(game, x.dtype), game.generator_size
    residual = lambda theta: _difference(game, jnp.concatenate([theta, x[size:]]), test, degree)
    return residual(x[:size]), jax.jacfwd(residual)(x[:size])


@answering
def score(game: GAN, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """√w (D, ∇ₓD) at every real point of weight w, and its derivative by ψ: h is the sum of its squares."""
    game, size = cast(game, x.dtype), game.generator_size
    real = game.play(x)[1]

    def residual(psi: jax.Array) -> jax.Array:
        D = game.play(jnp.concatenate([x[:size], psi]))[0]
        values, slopes = jax.vmap(jax.value_and_grad(D))(real.points)
        each = jnp.concatenate([values[:, None], slopes.reshape(len(values), -1)], axis=1)
        return (jnp.sqrt(real.weights)[:, None] * each).ravel()

    return residual(x[size:]), jax.jacfwd(residual)(x[size:])


def integrable(
    residual: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], at: np.ndarray, kernel: Kernel
) -> float:
    """How badly the zero set of a residual fails to be a manifold with this tangent space; 0 when it is one.

    Small steps εv along tangent directions v are brought back to the zero set by Newton's method in the normal
    directions alone, as the implicit function theorem says is possible; the largest residual left is returned, in units
    of ε times the size of the derivative. Declared directions are believed.
    """
    worst = 0.0
    random = np.random.default_rng(1)
    found = kernel.tangent[:, kernel.declared :]
    for _ in range(_PROBES if found.shape[1] else 0):
        v = found @ random.normal(size=found.shape[1])
        step = _STEP * max(1.0, float(np.linalg.norm(at))) / math.sqrt(len(at))
        x = at + step * v / np.linalg.norm(v)
        for _ in range(_NEWTON):
            value, slope = residual(x)
            if not kernel.normal.shape[1]:
                break
            correction = np.linalg.lstsq(slope @ kernel.normal, value, rcond=1e-10)[0]
            x = x - kernel.normal @ correction
        value, slope = residual(x)
        scale = max(np.linalg.norm(slope, 2), np.linalg.norm(residual(at)[1], 2))
        if scale > 0:
            worst = max(worst, float(np.linalg.norm(value)) / (step * float(scale)))
    return worst


def flattened(game: GAN, x: np.ndarray) -> np.ndarray:
    """The real points of a game as rows, `(n, d)`."""
    points = np.asarray(game.play(jnp.asarray(x))[1].points)
    return points.reshape(len(points), -1)
