"""The normal form of a map at a critical learning rate: whether stability ends softly or hard."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from diracgan.atlas.rounds import EPS
from diracgan.dynamics.compiling import answering, in_float64
from diracgan.dynamics.system import Map
from diracgan.games.parameters import cast


def coefficient(system: Map, kind: str) -> float:
    """The normal form coefficient by Kuznetsov's formulas, from the map's derivatives up to the third."""
    A, B, C = _derivatives(system)
    two = lambda u, v: np.einsum("ijk,j,k->i", B, u, v)
    three = lambda u, v, w: np.einsum("ijkl,j,k,l->i", C, u, v, w)
    wanted = -1 if kind == "flip" else None
    value, q = _critical_vector(A, wanted)
    # Near 1, where small rates have their multipliers, every power is near 1: only beyond that is it a resonance.
    if kind != "flip" and min(abs(value**k - 1) for k in (2, 3, 4)) < 1e-5 * abs(value - 1):
        return math.nan
    _, p = _critical_vector(A.T, np.conj(value))
    overlap = np.vdot(p, q)
    # A double multiplier with one eigenvector, where a flip meets a Neimark-Sacker: neither normal form applies.
    if abs(overlap) < 1e-5:
        return math.nan
    p = p / np.conj(overlap)
    one = np.eye(len(A))
    if kind == "flip":
        q, p = q.real, p.real
        return _projected(p, -1, three(q, q, q) / 6, -two(q, np.linalg.solve(A - one, two(q, q))) / 2)
    resonant = np.linalg.solve(value**2 * one - A, two(q, q))
    steady = np.linalg.solve(one - A, two(q, np.conj(q)))
    return _projected(p, value, three(q, q, np.conj(q)) / 2, two(q, steady), two(np.conj(q), resonant) / 2)


def _projected(p: np.ndarray, value: complex, *terms: np.ndarray) -> float:
    """Re λ̄⟨p, Σ terms⟩, for a flip up to its sign; 0 where it is the rounding of terms that cancel."""
    total = (np.vdot(p, sum(terms)) * np.conj(value)).real * (-1 if value == -1 else 1)
    size = np.linalg.norm(p) * sum(float(np.linalg.norm(term)) for term in terms)
    return float(total) if abs(total) > size * (1e-13 + 2 * EPS / abs(value - 1)) else 0.0


@in_float64
@answering
def _derivatives(system: Map) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The first three derivatives of one round at the equilibrium."""
    x = jnp.asarray(system.field.equilibrium, jnp.float64)
    field, algorithm = cast((system.field, system.algorithm), x.dtype)
    state, unravel = ravel_pytree(algorithm.init(field, x))

    def step(flat: jax.Array) -> jax.Array:
        return ravel_pytree(algorithm.step(field, unravel(flat), 0))[0]

    first = jax.jacfwd(step)
    second = jax.jacfwd(first)
    return first(state), second(state), jax.jacfwd(second)(state)


def _critical_vector(A: np.ndarray, wanted: complex | None) -> tuple[complex, np.ndarray]:
    """The eigenvalue nearest to `wanted`, or the one on the unit circle with Im > 0, and its unit eigenvector."""
    values, vectors = np.linalg.eig(A.astype(complex))
    if wanted is None:
        distance = np.abs(np.abs(values) - 1) + np.where(values.imag > 1e-12, 0, 10)
    else:
        distance = np.abs(values - wanted)
    best = int(np.argmin(distance))
    return complex(values[best]), vectors[:, best] / np.linalg.norm(vectors[:, best])
