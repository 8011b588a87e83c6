"""Instance noise: Gaussian, as an exact expectation by quadrature."""

from __future__ import annotations

import functools
from typing import overload

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.inputs import Numbers
from diracgan.games.measures import Discrete, Measure, two_keys
from diracgan.games.module import Module, replace
from diracgan.games.parameters import NODES, SIGMA, described

_PER_ROOT = float(2 * np.pi / np.log(50 / 1e-6))


class GaussianNoise(Module):
    """Gaussian noise of standard deviation `sigma`, as the exact expectation by Gauss-Hermite quadrature.

    For an analytic function of ψ(x + σZ) the error falls like exp(-2π√n / |ψ|σ): the poles of the sigmoid lie at
    distance π from the real axis. `reach` and `needed` turn this into the |ψ|σ and the number of nodes for about six
    correct digits. The constant 50, and the straight line in √n that takes over below 32 nodes, were fitted to the
    error of the field on |θ| <= 2.

    >>> dg.GaussianNoise(0.7)
    GaussianNoise(sigma=0.7, nodes=64)
    """

    sigma: Numbers = SIGMA.field()
    nodes: int = NODES.field(64)

    @overload
    def smear(self, measure: Discrete) -> Discrete: ...

    @overload
    def smear(self, measure: Measure) -> Measure: ...

    def smear(self, measure: Measure) -> Measure:
        """The convolution of a Dirac with the noise, as weighted points.

        A `Discrete` measure on the line is convolved by the same quadrature, one beyond it with `nodes` vectors drawn
        from its key, and drawn points are moved once each.
        """
        if isinstance(measure, Discrete):
            return self._spread(measure)
        if measure.weights is not None:
            raise ValueError("noise is added to a Dirac; this measure already has several points")
        nodes, weights = hermite(self.nodes)
        dtype = jnp.result_type(measure.points)
        spread = jnp.asarray(self.sigma, dtype) * jnp.asarray(nodes, dtype)
        return Measure(measure.points + spread, jnp.asarray(weights, dtype))

    def _spread(self, measure: Discrete) -> Discrete:
        points, dtype = measure.points, measure.points.dtype
        sigma = jnp.asarray(self.sigma, dtype)
        if points.ndim == 1 and not measure.drawn:
            nodes, weights = hermite(self.nodes)
            return measure.moved(sigma * jnp.asarray(nodes, dtype), jnp.asarray(weights, dtype))
        key, rest = two_keys(measure.key)
        if measure.drawn:
            noisy = points + sigma * jax.random.normal(key, points.shape, dtype)
            return Discrete(noisy, measure.weights, rest, drawn=True)
        shifts = sigma * jax.random.normal(key, (self.nodes, *points.shape[1:]), dtype)
        return replace(measure.moved(shifts, jnp.full(self.nodes, 1 / self.nodes, dtype)), key=rest)

    @property
    def reach(self) -> float:
        """The largest |ψ|σ that this number of nodes resolves to about 1e-6."""
        root = float(np.sqrt(self.nodes))
        return max(0.0, min(root * _PER_ROOT, 0.46 * (root - 1.3)))

    def needed(self, slope: float) -> int:
        """The number of nodes that resolves a discriminator slope |ψ| = `slope`."""
        wanted = slope * float(self.sigma)
        return int(np.ceil(max(wanted / _PER_ROOT, wanted / 0.46 + 1.3) ** 2)) if wanted else 1

    __repr__ = described


@functools.lru_cache(maxsize=64)
def hermite(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights, both of shape `(nodes,)`, with Σ w g(z) ≈ E g(Z) for a standard normal Z."""
    from numpy.polynomial.hermite_e import hermegauss

    z, w = hermegauss(nodes)
    return z, w / w.sum()
