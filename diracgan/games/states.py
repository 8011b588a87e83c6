"""States from what a user gives: flat arrays of finite floats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.inputs import reals, told, traced

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Float64


def placed(array: np.ndarray) -> jax.Array:
    """An array of the host as JAX's, in the type that JAX has for it.

    `jnp.asarray` would compile a program for every shape, which is longer than most of what is asked of the array.
    """
    return jax.device_put(array)


def as_state(x: object, dimension: int, batch: bool = True, name: str = "the state") -> Float[Array, "*m n"]:
    """One state or, with `batch`, several, as a floating array of shape `(dimension,)` or `(n, dimension)`.

    Raises `ValueError` for anything else.
    """
    array = _floats(x)
    if array is None:
        raise ValueError(f"{name} must be {dimension} real numbers; {told(x)} was given")
    if array.shape[-1:] != (dimension,) or array.ndim > (2 if batch else 1):
        shapes = f"({dimension},)" + (f" or (n, {dimension})" if batch else "; use jax.vmap for many")
        raise ValueError(f"{name} must have shape {shapes}; shape {tuple(array.shape)} was given")
    return array


def as_float64(x: object, dimension: int, name: str = "start") -> Float64[np.ndarray, " n"]:
    """One finite state in float64, whatever the default is."""
    with jax.enable_x64(True):
        return np.asarray(finite_state(x, dimension, batch=False, name=name), np.float64)


def _floats(x: object) -> jax.Array | None:
    """An array of floats, in their own type where they have one; None for what is no array of real numbers."""
    if isinstance(x, jax.Array) and x.dtype in (np.float32, np.float64):
        return x
    own = isinstance(x, (np.ndarray, np.generic, jax.Array)) and jnp.issubdtype(x.dtype, jnp.floating)
    if traced(x) or (own and not np.ma.is_masked(x)):
        try:
            array = placed(x) if isinstance(x, np.ndarray) else jnp.asarray(x)
        except (TypeError, ValueError):
            return None
    else:
        given = reals(x)
        if given is None:
            return None
        kind = np.asarray(x).dtype
        if kind.hasobject and not np.all(np.isfinite(given)):
            return None  # Integers beyond the range of floats.
        # Python's floats are of the default type, as integers are, of any size.
        narrow = jnp.issubdtype(kind, jnp.floating) and kind != np.float64
        with np.errstate(over="ignore"):
            array = placed(given.astype(kind) if narrow else given)
    array = array.astype(float) if jnp.issubdtype(array.dtype, jnp.integer) else array
    return array if jnp.issubdtype(array.dtype, jnp.floating) else None


def finite_state(x: object, dimension: int, batch: bool = True, name: str = "start") -> Float[Array, "*m n"]:
    """`as_state`, and `ValueError` when a concrete entry is NaN or infinite."""
    array = as_state(x, dimension, batch, name)
    if not isinstance(array, jax.core.Tracer) and not np.isfinite(np.asarray(array)).all():
        given = reals(x)
        rounded = given is not None and np.all(np.isfinite(given))
        beyond = f", beyond the range of {array.dtype}" if rounded else ""
        raise ValueError(f"{name} must be finite; {told(x)} was given{beyond}")
    return array
