"""The two-parameter game of Nagarajan and Kolter: data with a density, a scale that is learned, a quadratic score."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.dirac import TwoNumbers
from diracgan.games.measures import Measure
from diracgan.games.module import Module
from diracgan.games.parameters import NODES

LEGENDRE_NODES = NODES(64, help="nodes of the Gauss-Legendre quadrature")


class SquareDiscriminator(Module):
    """D(x) = ψ x²; a fakeness score."""

    weight: jax.Array

    def __call__(self, point: jax.Array) -> jax.Array:
        """D(point)."""
        return self.weight * point**2


class UniformGAN(TwoNumbers):
    """Data U(-1, 1), generator U(-|θ|, |θ|), discriminator D(x) = ψx² (Nagarajan and Kolter 2017, section 2).

        v(θ, ψ) = (-∂L_G/∂θ, +∂L_D/∂ψ),   L_D = loss.discriminator - Σ penalties,   L_G = loss.generator

    The equilibrium is (1, 0), and (-1, 0) is the same law. The expectation is a Gauss-Legendre quadrature with `nodes`
    points. σ(qt²), q = |ψ|max(1, θ²), has its poles at t² = iπ/q and beyond, on the ellipse with foci ±1 whose
    semi-axes add up to ρ; the error falls like ρ^(-2 nodes). `reach` is the q up to which it is below 1e-6: 100 for 64
    nodes, with which it is rounding up to q = 9. Penalties are those on real and on generated points.

    Raises `TypeError` for a loss or a penalty that is none; `ValueError` for a state beyond `reach`.

    >>> game = UniformGAN(dg.Minimax(), dg.R1(0.3))
    >>> [f"{value:.6f}" for value in dg.eigenvalues(game).tolist()]
    ['-0.250000+0.220479j', '-0.250000-0.220479j']
    """

    nodes: int = LEGENDRE_NODES.field(64)

    @property
    def equilibrium(self) -> np.ndarray | jax.Array:
        """(1, 0): the generated law is that of the data, and the discriminator says 0 everywhere."""
        return np.array([1.0, 0.0])

    def play(self, x: jax.Array) -> tuple[SquareDiscriminator, Measure, Measure]:
        """D, U(-1, 1) and U(-|θ|, |θ|) at a state."""
        dtype = jnp.result_type(x[0])
        points, weights = (jnp.asarray(part, dtype) for part in legendre(self.nodes))
        return SquareDiscriminator(x[1]), Measure(points, weights), Measure(x[0] * points, weights)

    @property
    def reach(self) -> float:
        """The largest |ψ|max(1, θ²) that this number of nodes resolves to 1e-6."""
        return _reach(self.nodes)

    def check(self, states: np.ndarray) -> str | None:
        """Whether the quadrature resolves every score among the states."""
        theta, psi = np.abs(np.asarray(states, np.float64)[..., :2]).reshape(-1, 2).T
        with np.errstate(over="ignore"):
            steepest = psi * np.maximum(1, theta**2)
        largest = float(np.max(steepest, initial=0.0, where=np.isfinite(steepest)))
        if largest <= self.reach:
            return None
        more = range(self.nodes, int(NODES.bounds[1]) + 1)
        needed = next((n for n in more if _reach(n) >= largest), None)
        return (
            f"the quadrature of the uniform law needs |ψ|max(1, θ²) <= {self.reach:.3g} with nodes={self.nodes}; "
            f"{largest:.3g} occurs: {f'use nodes={needed} or more' if needed else 'no node count helps that far out'}"
        )


def _reach(nodes: int) -> float:
    # The ellipse through √(iπ/q) has ρ with π/q = (ρ² - ρ⁻²)²/4(ρ² + ρ⁻²). The 10 was fitted to the field's error.
    square = float((10 / 1e-6) ** (1 / nodes))
    return float(4 * np.pi * (square + 1 / square) / (square - 1 / square) ** 2)


@functools.lru_cache(maxsize=64)
def legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """The uniform law on [-1, 1] by Gauss-Legendre quadrature: points and weights, shape `(nodes,)`."""
    t, w = np.polynomial.legendre.leggauss(nodes)
    return t, w / 2
