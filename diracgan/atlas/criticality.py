"""Critical learning rates: where the equilibrium loses its local stability, how, and what is known globally."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from diracgan.algorithms import Algorithm, as_algorithm, ready
from diracgan.fields import as_field
from diracgan.parameters import cast
from diracgan.spectrum import margin, update_jacobian

# Learning rates between which a loss of stability is looked for, and how densely.
_LOWEST, _HIGHEST, _SCAN = 1e-4, 1e4, 4001


@dataclasses.dataclass(frozen=True)
class CriticalStep:
    """The largest learning rate `h` up to which an equilibrium stays locally stable.

    `kind` says how stability ends: "neimark-sacker" (a complex pair leaves the unit circle), "flip" (a multiplier
    passes -1), "fold" (+1); "unstable from the start" (h = 0, which says nothing of larger rates), "neutral" (h = 0: on
    the unit circle from the start) or "always stable" (h = inf).

    `coefficient` is the first Lyapunov coefficient (Neimark-Sacker; negative: supercritical) or the normal
    form coefficient of the flip (positive: supercritical), NaN where there is none, as at a strong resonance (λ^k = 1
    for a k up to 4); `criticality` says it in a word.
    """

    h: float
    kind: str
    coefficient: float
    criticality: str


def crossings(matrix: jax.Array) -> jax.Array:
    """Three functions that vanish where multipliers cross the unit circle, shape `(3,)`.

    det(M ∧ M - I) = Π_{i<j}(λ_iλ_j - 1) for a Neimark-Sacker, det(M + I) for a flip, det(M - I) for a fold; M ∧ M is
    the second compound matrix, made of the 2×2 minors.
    """
    size = matrix.shape[0]
    pairs = np.array([(i, j) for i in range(size) for j in range(i + 1, size)])
    p, q = pairs[:, 0], pairs[:, 1]
    minors = matrix[np.ix_(p, p)] * matrix[np.ix_(q, q)] - matrix[np.ix_(p, q)] * matrix[np.ix_(q, p)]
    one, many = np.eye(size), np.eye(len(pairs))
    return jnp.stack([jnp.linalg.det(minors - many), jnp.linalg.det(matrix + one), jnp.linalg.det(matrix - one)])


def critical_step(field: Any, algorithm: Algorithm) -> CriticalStep:
    """The critical learning rate of an equilibrium under an algorithm, whatever learning rate that one carries.

    The spectral radius is scanned over 4001 learning rates from 1e-4 to 1e4 for its first crossing of 1, which Brent's
    method then places on the function of `crossings` that vanishes there. Both players get the same rate.

    Raises `ValueError` where there are no multipliers (a kink, RMSProp, Adam).

    >>> dg.critical_step(dg.method("r1", gamma=0.3), dg.SimGD(0.2)).kind
    'neimark-sacker'
    >>> round(dg.critical_step(dg.method("r1", gamma=0.3), dg.SimGD(0.2)).h, 9)
    1.2
    """
    from scipy.optimize import brentq

    field, algorithm = as_field(field), as_algorithm(algorithm)
    with jax.enable_x64(True):
        update_jacobian(field, algorithm)
        scan = np.geomspace(_LOWEST, _HIGHEST, _SCAN)
        margins = np.asarray(_margins(field, algorithm, jnp.asarray(scan)))
        # A margin of order h² is 0 to rounding for the smallest rates: the first one that is not decides.
        told = np.flatnonzero(margins)
        first = int(told[0]) if told.size else _SCAN
        if not told.size or not margins[first] > 0:
            # What grows from 0 like a power of h hardly changes from one rate to the next; what leaves 0 at once does.
            grows = told.size > 1 and margins[first + 1] > 1.5 * margins[first]
            return CriticalStep(0.0, "unstable from the start" if grows else "neutral", math.nan, "none")
        lost = first + np.flatnonzero(~(margins[first:] > 0))
        if not lost.size:
            return CriticalStep(math.inf, "always stable", math.nan, "none")
        # A sample can lie on the boundary itself; one more interval is sure to bracket the change of sign.
        low, high = scan[lost[0] - 1], scan[min(lost[0] + 1, _SCAN - 1)]
        tests = lambda h: _tests(field, algorithm, h)
        ends = np.asarray(tests(low)), np.asarray(tests(high))
        roots = [
            (brentq(lambda h, i=i: float(tests(h)[i]), low, high, xtol=1e-15, rtol=1e-14), kind)  # type: ignore[misc]
            for i, kind in enumerate(("neimark-sacker", "flip", "fold"))
            if np.sign(ends[0][i]) != np.sign(ends[1][i])
        ]
        if not roots:
            raise ValueError(f"the spectral radius of {algorithm!r} reaches 1 near h = {low:g} without crossing it")
        h, kind = min(roots)
        coefficient = _coefficient(field, algorithm.replace(h=h), kind)
    return CriticalStep(float(h), kind, coefficient, _in_a_word(kind, coefficient))


@jax.jit
def _margins(field: Any, algorithm: Any, rates: jax.Array) -> jax.Array:
    return jax.vmap(lambda h: margin(update_jacobian(field, algorithm.replace(h=h))))(rates)


@jax.jit
def _tests(field: Any, algorithm: Any, h: Any) -> jax.Array:
    return crossings(update_jacobian(field, algorithm.replace(h=h)))


def _in_a_word(kind: str, coefficient: float) -> str:
    if math.isnan(coefficient) or abs(coefficient) < 1e-9:
        return "degenerate" if kind in ("neimark-sacker", "flip") else "none"
    return "supercritical" if (coefficient < 0) == (kind == "neimark-sacker") else "subcritical"


def _coefficient(field: Any, algorithm: Algorithm, kind: str) -> float:
    """The normal form coefficient by Kuznetsov's formulas, from the map's derivatives up to the third."""
    if kind == "fold":
        return math.nan
    x = jnp.asarray(field.equilibrium, jnp.float64)
    field, algorithm = cast(field, x.dtype), ready(algorithm, x.dtype)
    state, unravel = ravel_pytree(algorithm.init(field, x))

    def step(flat: jax.Array) -> jax.Array:
        return ravel_pytree(algorithm.step(field, unravel(flat), 0))[0]

    first = jax.jacfwd(step)
    second = jax.jacfwd(first)
    A, B, C = (np.asarray(jax.jit(derivative)(state)) for derivative in (first, second, jax.jacfwd(second)))
    two = lambda u, v: np.einsum("ijk,j,k->i", B, u, v)
    three = lambda u, v, w: np.einsum("ijkl,j,k,l->i", C, u, v, w)
    wanted = -1 if kind == "flip" else None
    value, q = _critical_vector(A, wanted)
    if kind != "flip" and min(abs(value**k - 1) for k in (1, 2, 3, 4)) < 1e-5:
        return math.nan
    _, p = _critical_vector(A.T, np.conj(value))
    p = p / np.conj(np.vdot(p, q))
    one = np.eye(len(A))
    if kind == "flip":
        q, p = q.real, p.real
        return float(p @ three(q, q, q) / 6 - p @ two(q, np.linalg.solve(A - one, two(q, q))) / 2)
    resonant = np.linalg.solve(value**2 * one - A, two(q, q))
    steady = np.linalg.solve(one - A, two(q, np.conj(q)))
    inner = three(q, q, np.conj(q)) + 2 * two(q, steady) + two(np.conj(q), resonant)
    return float((np.vdot(p, inner) * np.conj(value)).real / 2)


def _critical_vector(A: np.ndarray, wanted: complex | None) -> tuple[complex, np.ndarray]:
    """The eigenvalue nearest to `wanted`, or the one on the unit circle with Im > 0, and its unit eigenvector."""
    values, vectors = np.linalg.eig(A.astype(complex))
    if wanted is None:
        distance = np.abs(np.abs(values) - 1) + np.where(values.imag > 1e-12, 0, 10)
    else:
        distance = np.abs(values - wanted)
    best = int(np.argmin(distance))
    return complex(values[best]), vectors[:, best] / np.linalg.norm(vectors[:, best])
