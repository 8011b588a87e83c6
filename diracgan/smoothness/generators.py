"""Generators that move a cloud of points: how fast (A), how unevenly (B), and what the bound then is worth."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.games.module import Module, attribute
from diracgan.games.parameters import Parameter
from diracgan.smoothness.conditions import constants, smoothness
from diracgan.smoothness.divergences import ASSUMPTION, cloud, numbers
from diracgan.smoothness.kernels import MMD, gaussian

_COUNT = Parameter("count", "N", "number of particles", 1, (1, 10_000), kind=int)


class Generator(Module):
    """f_θ(z): from parameters θ, shape `(d,)`, and a latent point to a point on the line."""

    @property
    def dimension(self) -> int:
        """d."""
        raise NotImplementedError(f"{type(self).__name__} must define dimension")

    def points(self, theta: jax.Array) -> jax.Array:
        """All generated points, shape `(n,)`."""
        raise NotImplementedError(f"{type(self).__name__} must define points(theta)")


class Particles(Generator):
    """n free points, f_θ(i) = θ_i: A = 1/√n, B = 0. With n = 1 the Dirac-GAN's generator.

    >>> dg.smoothness.Particles(4).dimension
    4
    """

    count: int = attribute(default=1, converter=_COUNT.convert, static=True)

    @property
    def dimension(self) -> int:
        """n."""
        return self.count

    def points(self, theta: jax.Array) -> jax.Array:
        """θ itself."""
        return theta


class Cloud(Generator):
    """f_θ(z) = θ₀ + θ₁z + θ₂ tanh(θ₃z + θ₄): a shift, a scale and a two-layer map of a fixed cloud, so that B > 0."""

    latent: Any = attribute(converter=lambda points: cloud("latent", points))

    @property
    def dimension(self) -> int:
        """5."""
        return 5

    def points(self, theta: jax.Array) -> jax.Array:
        """The moved cloud."""
        shift, scale, out, weight, bias = theta
        z = jnp.asarray(self.latent)
        return shift + scale * z + out * jnp.tanh(weight * z + bias)


@dataclasses.dataclass(frozen=True, eq=False)
class Bound:
    """A, B and L = αB + A²(β₁ + β₂) of a generator under MMD, beside the largest ‖∇²J‖ found: `true`.

    A = sup √‖E ∇f ∇fᵀ‖ (the second-moment version of (G1), which the term A²β₁ needs) and B = sup E‖∇²f‖, over θ in
    the box; all of them are lower bounds of the suprema, found by sampling and local ascent.
    """

    A: float
    B: float
    bound: float
    true: float
    note: str = ASSUMPTION

    @property
    def slack(self) -> float:
        """bound/true."""
        return self.bound / self.true


def generator_bound(
    generator: Generator, divergence: MMD, data: Any = 0.0, box: Any = (-3, 3), samples: int = 256
) -> Bound:
    """A, B, the bound and the true smoothness of θ ↦ J(f_θ) for ½MMD², θ in a box.

    α, β₁ and β₂ of pairs (δ_θ, δ_0) serve all clouds here: Φ is linear in μ - ν, and W₁ is attained by couplings. They
    are taken over a box of pairs that holds every optimum.

    Raises `ValueError` for an empty box or empty data.

    >>> made = dg.smoothness.generator_bound(dg.smoothness.Particles(1), dg.smoothness.MMD(1.0))
    >>> made.A, made.B, round(made.slack, 3)
    (1.0, 0.0, 2.446)
    """
    if not isinstance(divergence, MMD):
        raise ValueError(
            f"the constants of pairs bound those of clouds for MMD, whose Φ is linear in the measures; {divergence!r} "
            "was given"
        )
    data, ends = cloud("data", data), numbers("box", box)
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"box must be (low, high) with low < high; {box!r} was given")
    tau = float(divergence.tau)
    pairs = constants(divergence, (-4 * tau, 4 * tau))
    with jax.enable_x64(True):
        functions = [functools.partial(part, generator) for part in (_speed, _bend)]
        functions.append(functools.partial(_curvature, generator, divergence.tau, data))
        A, B, true = (_largest(function, generator.dimension, ends, samples) for function in functions)
    return Bound(A, B, smoothness(pairs.alpha, pairs.beta1, pairs.beta2, A, B), true)


def _largest(function: Any, dimension: int, ends: np.ndarray, samples: int) -> float:
    """The largest value at quasi-random places (and the origin), improved by L-BFGS-B from the best three."""
    from scipy.optimize import minimize
    from scipy.stats import qmc

    count = 2 ** int(np.ceil(np.log2(samples)))
    starts = qmc.scale(qmc.Sobol(dimension, rng=0).random(count), *([end] * dimension for end in ends))
    starts = np.concatenate([starts, np.clip(np.zeros((1, dimension)), *ends)])
    values, _ = function(starts)
    values = np.asarray(values)
    best = float(values.max())

    def cost(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = function(theta[None])
        return -float(value[0]), -np.nan_to_num(np.asarray(slope[0]))

    for start in starts[np.argsort(values)[-3:]]:
        done = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=[tuple(ends)] * dimension)
        best = max(best, -float(done.fun))
    return best


@answering
def _speed(generator: Any, theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    def of(theta: jax.Array) -> jax.Array:
        moved = jax.jacfwd(generator.points)(theta)
        return jnp.linalg.norm(moved, 2) / jnp.sqrt(moved.shape[0])

    return _both(of, theta)


@answering
def _bend(generator: Any, theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    def of(theta: jax.Array) -> jax.Array:
        return jnp.mean(jax.vmap(_spectral)(jax.jacfwd(jax.jacfwd(generator.points))(theta)))

    return _both(of, theta)


@answering
def _curvature(generator: Any, tau: Any, data: jax.Array, theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    def objective(theta: jax.Array) -> jax.Array:
        x = generator.points(theta)
        apart = [jnp.mean(gaussian(tau, a[:, None] - b)) for a, b in ((x, x), (x, data), (data, data))]
        return apart[0] / 2 - apart[1] + apart[2] / 2

    return _both(lambda theta: _spectral(jax.hessian(objective)(theta)), theta)


def _spectral(matrix: jax.Array) -> jax.Array:
    return jnp.max(jnp.abs(jnp.linalg.eigvalsh(matrix)))


def _both(of: Any, theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.lax.map(jax.value_and_grad(of), theta)
