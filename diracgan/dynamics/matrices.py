"""What a matrix says about the stability of the flow or the map that it linearises."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

if TYPE_CHECKING:
    from jaxtyping import Array, Complex, Float


def eigenvalues_2x2(matrix: Float[Array, "2 2"]) -> Complex[Array, " 2"]:
    """Both eigenvalues of a real 2×2 matrix in closed form: ½tr ± √(¼(a-d)² + bc), complex, shape `(2,)`.

    The one with the larger imaginary (or, when real, larger) part comes first. At a double eigenvalue the true
    derivative is infinite; here it is finite (the derivative of the half trace), so that a gradient through a
    critical penalty is a number and not NaN.
    """
    # Squares of entries beyond the root of the largest float would overflow: those matrices are scaled.
    size = jax.lax.stop_gradient(jnp.max(jnp.abs(matrix)))
    scale = jnp.where(size > jnp.sqrt(jnp.finfo(matrix.dtype).max) / 4, size, 1)
    (a, b), (c, d) = matrix / scale
    mean, discriminant = (a + d) / 2, ((a - d) / 2) ** 2 + b * c
    nonzero = discriminant != 0
    # Both branches of a `where` are differentiated: the root never sees a 0.
    root = jnp.where(nonzero, jnp.sqrt(jnp.where(nonzero, jnp.abs(discriminant), 1)), 0)
    real, imaginary = jnp.where(discriminant > 0, root, 0), jnp.where(discriminant < 0, root, 0)
    pair = [jax.lax.complex(mean + real, imaginary), jax.lax.complex(mean - real, -imaginary)]
    return jnp.stack(pair) * scale


def eigenvalues_of(matrix: Float[Array, "n n"]) -> Complex[Array, " n"]:
    """The eigenvalues, complex, shape `(n,)`: of a 2×2 in closed form."""
    # `eig` has no TPU lowering: states of more than two entries have their spectra computed on the host.
    return eigenvalues_2x2(matrix) if matrix.shape == (2, 2) else jnp.linalg.eigvals(matrix)


V = TypeVar("V", np.ndarray, jax.Array)


def _entries(matrix: Any) -> Any:
    """The rows of a 2×2 matrix, or of each of several, `(..., 2, 2)`."""
    return matrix if matrix.ndim == 2 else np.moveaxis(matrix, (-2, -1), (0, 1))


def _spectra(matrix: np.ndarray | jax.Array, xp: ModuleType) -> np.ndarray | jax.Array:
    """Eigenvalues by LAPACK; NaN for a matrix that is not finite, which NumPy refuses and JAX does not."""
    if xp is jnp:
        return jnp.linalg.eigvals(matrix)
    finite = np.all(np.isfinite(matrix), axis=(-2, -1))
    values = np.linalg.eigvals(np.where(finite[..., None, None], matrix, 0))
    return np.where(finite[..., None], values, np.nan)


def growth(matrix: V, xp: ModuleType = jnp) -> V:
    """The spectral radius of a real matrix, differentiable; for a complex pair of a 2×2 it is √det to rounding.

    With `xp` NumPy, on the host, of many matrices at once, shape `(..., N, N)`; so do the three functions below.
    """
    if matrix.shape[-2:] != (2, 2):
        return xp.max(xp.abs(_spectra(matrix, xp)), axis=-1)
    (a, b), (c, d) = _entries(matrix)
    mean, discriminant, det = (a + d) / 2, ((a - d) / 2) ** 2 + b * c, a * d - b * c
    positive, focus = discriminant > 0, (discriminant < 0) & (det > 0)
    real = xp.abs(mean) + xp.where(positive, xp.sqrt(xp.where(positive, discriminant, 1)), 0)
    return xp.where(focus, xp.sqrt(xp.where(focus, det, 1)), real)


def discriminant(matrix: V) -> V:
    """((a - d)/2)² + bc of a real 2×2 matrix: negative for a complex pair, 0 for a double eigenvalue."""
    (a, b), (c, d) = _entries(matrix)
    return ((a - d) / 2) ** 2 + b * c


def jury(matrix: V) -> tuple[V, V, V]:
    """1 - det, 1 + det + tr, 1 + det - tr of a 2×2 matrix: all positive for eigenvalues inside the unit circle.

    One of them vanishes where an eigenvalue crosses it: as a complex pair, at -1, at +1.
    """
    (a, b), (c, d) = _entries(matrix)
    det = a * d - b * c
    return 1 - det, 1 + det + (a + d), 1 + det - (a + d)


def routh_hurwitz(matrix: V) -> tuple[V, V]:
    """-tr, det of a 2×2 matrix: both positive for eigenvalues with negative real parts.

    One of them vanishes where an eigenvalue crosses the imaginary axis: as a complex pair, at 0.
    """
    (a, b), (c, d) = _entries(matrix)
    return -(a + d), a * d - b * c


def defective(dtype: DTypeLike) -> float:
    """How far rounding moves an eigenvalue that is defective or multiple: the square root of it."""
    return float(np.sqrt(32 * jnp.finfo(dtype).eps))


def settled(inside: V, largest: V, rounding: float, xp: ModuleType = jnp) -> V:
    """A margin, 0 where it is 0 to the rounding of a matrix with this largest entry."""
    return xp.where(xp.abs(inside) <= rounding * xp.maximum(1, largest), 0, inside)


def margin(matrix: V, xp: ModuleType = jnp) -> V:
    """How far the spectrum of a map lies inside the unit circle: positive is stable, 0 neutral, negative unstable.

    For two multipliers by Jury's conditions, min(1 - det, 1 + det - |tr|), which stay well-conditioned at double roots;
    for more 1 - max|λ|. What is 0 to rounding is returned as 0.
    """
    if matrix.shape[-2:] == (2, 2):
        (rotating, flipping, folding), rounding = jury(matrix), 64 * float(jnp.finfo(matrix.dtype).eps)
        # Of a complex pair the other conditions hold anyway, by as little as h².
        pair = discriminant(matrix) < -rounding
        inside = xp.where(pair, rotating, xp.minimum(rotating, xp.minimum(flipping, folding)))
    else:
        inside, rounding = 1 - growth(matrix, xp), defective(matrix.dtype)
    return settled(inside, xp.max(xp.abs(matrix), axis=(-2, -1)), rounding, xp)


def abscissa(matrix: V, xp: ModuleType = jnp) -> V:
    """The largest real part of an eigenvalue of a real matrix, differentiable away from double eigenvalues."""
    if matrix.shape[-2:] != (2, 2):
        return xp.max(_spectra(matrix, xp).real, axis=-1)
    (a, b), (c, d) = _entries(matrix)
    discriminant = ((a - d) / 2) ** 2 + b * c
    positive = discriminant > 0
    return (a + d) / 2 + xp.where(positive, xp.sqrt(xp.where(positive, discriminant, 1)), 0)


def decay(matrix: V, xp: ModuleType = jnp) -> V:
    """How far the spectrum of a flow lies in the left half-plane: positive is stable, 0 neutral, negative unstable."""
    if matrix.shape[-2:] == (2, 2):
        inside = xp.minimum(*routh_hurwitz(matrix))
        rounding = 64 * float(jnp.finfo(matrix.dtype).eps)
    else:
        inside, rounding = -abscissa(matrix, xp), defective(matrix.dtype)
    return settled(inside, xp.max(xp.abs(matrix), axis=(-2, -1)), rounding, xp)
