"""Arrays of scalars of any kind: NumPy arrays of objects.

An axis that is longer than a kind of scalars can write out stays an axis: it is kept with length 1, and its entries
vary in a loop over it. There may be one such axis in an array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import jax
import numpy as np

if TYPE_CHECKING:
    from jax.extend.core import Literal, Var

Cells = np.ndarray  # of objects


class Unsupported(NotImplementedError):
    """A primitive, or a use of one, that a kind of scalars cannot carry out; `primitive` is its name."""

    def __init__(self, reason: str, primitive: str = ""):
        super().__init__(f"the primitive {primitive!r}: {reason}" if primitive else reason)
        self.reason, self.primitive = reason, primitive


def boxed(value: object) -> Cells:
    """One scalar as an array of shape (); a scalar that is a sequence stays one scalar."""
    box = np.empty((), object)
    box[()] = value
    return box


def elementwise(operation: Callable[..., object], *arrays: Cells) -> Cells:
    """A function of scalars on arrays of objects, with the broadcasting of NumPy."""
    done = np.frompyfunc(operation, len(arrays), 1)(*arrays)
    return done if isinstance(done, np.ndarray) else boxed(done)


def shaped(atom: Var | Literal) -> jax.core.ShapedArray:
    """Shape and type of a variable or a literal of a jaxpr."""
    return cast(jax.core.ShapedArray, atom.aval)


def long_axis(shape: tuple[int, ...], longest: float) -> int | None:
    """The axis that is a loop."""
    return next((axis for axis, size in enumerate(shape) if size > longest), None)


def short(shape: tuple[int, ...], longest: float) -> tuple[int, ...]:
    """The shape of the cells of an array of this shape."""
    if sum(size > longest for size in shape) > 1:
        raise Unsupported(f"an array of shape {tuple(shape)}: one axis at most may be longer than {longest}")
    return tuple(1 if size > longest else size for size in shape)
