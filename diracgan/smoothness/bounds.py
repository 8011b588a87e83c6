"""How fast (A) and how unevenly (B) a generator moves its points, and what the theorem's bound is then worth."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.general import GAN
from diracgan.games.inputs import Scalar, as_interval, as_kind
from diracgan.games.measures import Discrete
from diracgan.games.parameters import Parameter, cast
from diracgan.smoothness.conditions import EDGE, constants, smoothness
from diracgan.smoothness.divergences import ASSUMPTION, Divergence, cloud
from diracgan.smoothness.generators import Generator, Played
from diracgan.smoothness.kernels import MMD, discrepancy

_SAMPLES = Parameter("samples", "N", "places that are tried first", 256, (1, 2**20), kind=int)


@dataclasses.dataclass(frozen=True, eq=False)
class Bound:
    """`A`, `B` and L = αB + A²(β₁ + β₂), the `bound`, of a generator under MMD, beside the largest ‖∇²J‖ found: `true`.

    A = sup √‖E ∇f ∇fᵀ‖ (the second-moment version of (G1), which the term A²β₁ needs) and B = sup E‖D²f‖, over θ in
    the box, with ‖D²f‖ = √λmax(Σ H_k²) over the Hessians of f's entries, which is no smaller than the norm of the
    bilinear map and equal to it on the line. All are found by sampling and local ascent, and so from below.
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


@in_float64
def generator_bound(
    generator: Generator | GAN,
    divergence: MMD,
    data: ArrayLike | None = None,
    box: object = (-3, 3),
    samples: int = 256,
) -> Bound:
    """A, B, the bound and the true smoothness of θ ↦ J(f_θ) for ½MMD², θ in a box.

    α, β₁ and β₂ of pairs (δ_θ, δ_0) on the line serve all clouds, in ℝᵏ too: Φ is linear in μ - ν, W₁ is attained by
    couplings, and the Hessian of a radial kernel has no eigenvalue that its profile does not have on the line.

    Args:
        generator: such as `Cloud([-1.0, 1.0])`, or a game, of which the generator and the measures are taken.
        divergence: an `MMD`.
        data: the real points, shape `(m,)`; 0 by default, and for a game its own.
        box: (low, high) of every parameter; for a game of every parameter less the one that it was built from.
        samples: quasi-random places that are tried before the best three are improved.

    Raises `ValueError` for an empty box or empty data, `TypeError` for what is neither a generator nor a game, or no
    divergence.

    >>> made = dg.smoothness.generator_bound(dg.smoothness.Particles(1), dg.smoothness.MMD(1.0))
    >>> made.A, made.B, round(made.slack, 3)
    (1.0, 0.0, 2.446)
    """
    if not isinstance(as_kind(divergence, "divergence", Divergence, "dg.smoothness.MMD(1.0)"), MMD):
        raise ValueError(
            f"the constants of pairs bound those of clouds for MMD, whose Φ is linear in the measures; {divergence!r} "
            "was given"
        )
    given, samples, tau = as_interval(box, "box", EDGE), _SAMPLES.convert(samples), float(divergence.tau)
    moved, real, centre = opponents(generator, data)
    pairs = constants(divergence, (-4 * tau, 4 * tau))
    ends = centre[:, None] + np.array(given)
    functions = [functools.partial(part, moved) for part in (_speed, _bend)]
    functions.append(functools.partial(_curvature, moved, divergence.tau, real))
    A, B, true = (_largest(function, ends, samples) for function in functions)
    return Bound(A, B, smoothness(pairs.alpha, pairs.beta1, pairs.beta2, A, B), true)


def opponents(generator: Generator | GAN, data: ArrayLike | None) -> tuple[Generator, Discrete, np.ndarray]:
    """The generator, the real points and the parameters around which a box is laid."""
    if isinstance(generator, GAN):
        generator = Played(generator)
    as_kind(generator, "generator", Generator, "dg.smoothness.Particles(4), or a game")
    if isinstance(generator, Played):
        if data is not None:
            raise ValueError("a game brings its own data; leave out data=")
        return generator, cast(generator.data, np.dtype(np.float64)), generator.parameters
    points = cloud("data", 0.0 if data is None else data)
    return generator, Discrete(points, np.full(len(points), 1 / len(points))), np.zeros(generator.dimension)


_Rated = Callable[[np.ndarray], tuple[Any, Any]]


def _largest(function: _Rated, ends: np.ndarray, samples: int) -> float:
    """The largest value at quasi-random places and the middle, improved by L-BFGS-B from the best three."""
    from scipy.optimize import minimize
    from scipy.stats import qmc

    count = 2 ** int(np.ceil(np.log2(samples)))
    starts = qmc.scale(qmc.Sobol(len(ends), rng=0).random(count), *ends.T)
    starts = np.concatenate([starts, ends.mean(axis=1, keepdims=True).T])
    values = np.asarray(function(starts)[0])
    best = float(values.max())

    def cost(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = function(theta[None])
        return -float(value[0]), -np.nan_to_num(np.asarray(slope[0]))

    for start in starts[np.argsort(values)[-3:]]:
        done = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=ends)
        best = max(best, -float(done.fun))
    return best


@answering
def _speed(generator: Any, theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    def of(theta: jax.Array) -> jax.Array:
        moved = jax.jacfwd(generator.points)(theta)
        roots = jnp.sqrt(generator.measure(theta).weights)
        weighted = roots.reshape(-1, *(1,) * (moved.ndim - 1)) * moved
        return jnp.linalg.norm(weighted.reshape(-1, len(theta)), 2)

    return _both(of, theta)


@answering
def _bend(generator: Any, theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    def of(theta: jax.Array) -> jax.Array:
        bent = jax.jacfwd(jax.jacfwd(generator.points))(theta)
        entries = bent.reshape(len(bent), -1, len(theta), len(theta))
        squares = jnp.sum(entries @ entries, axis=1)
        return generator.measure(theta).weights @ jax.vmap(_root)(squares)

    return _both(of, theta)


def _root(square: jax.Array) -> jax.Array:
    """√λmax, with the slope 0 where there is no curvature at all."""
    largest = jnp.max(jnp.linalg.eigvalsh(square))
    return jnp.where(largest > 0, jnp.sqrt(jnp.where(largest > 0, largest, 1.0)), 0.0)


@answering
def _curvature(generator: Any, tau: Scalar, real: Discrete, theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    def of(theta: jax.Array) -> jax.Array:
        hessian = jax.hessian(lambda t: discrepancy(tau, generator.measure(t), real))(theta)
        return jnp.max(jnp.abs(jnp.linalg.eigvalsh(hessian)))

    return _both(of, theta)


def _both(of: Callable[[jax.Array], jax.Array], theta: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.lax.map(jax.value_and_grad(of), theta)
