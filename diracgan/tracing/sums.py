"""Primitives that bring entries of an array together: reductions and products of matrices."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from diracgan.tracing.arithmetic import Arithmetic, S
from diracgan.tracing.arrays import Cells, elementwise

# The axes that are summed, then those of a batch; each of both arrays.
DotNumbers = tuple[tuple[Sequence[int], Sequence[int]], tuple[Sequence[int], Sequence[int]]]

REDUCTIONS = {
    "reduce_sum": "add",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "mul",
    "reduce_and": "and",
    "reduce_or": "or",
}


def reduced(arithmetic: Arithmetic[S], name: str, cells: Cells, shape: tuple[int, ...], axes: tuple[int, ...]) -> Cells:
    """A reduction over axes of an array of the given true shape."""
    operation = arithmetic.operation(name)
    out = np.empty([size for axis, size in enumerate(cells.shape) if axis not in axes], object)
    first = np.moveaxis(cells, axes, range(len(axes)))
    for place in np.ndindex(out.shape):
        total = functools.reduce(operation, first[(..., *place)].reshape(-1))
        for axis in axes:
            if shape[axis] > arithmetic.longest:
                total = arithmetic.along(name, total, shape[axis])
        out[place] = total
    return out


def contracted(arithmetic: Arithmetic[S], a: Cells, b: Cells, shape: tuple[int, ...], numbers: DotNumbers) -> Cells:
    """`dot_general` of arrays, the first of the given true shape: batch axes first, then the free axes of both."""
    (sum_a, sum_b), (batch_a, batch_b) = numbers
    free_a = [axis for axis in range(a.ndim) if axis not in (*sum_a, *batch_a)]
    free_b = [axis for axis in range(b.ndim) if axis not in (*sum_b, *batch_b)]
    a, b = a.transpose(*batch_a, *free_a, *sum_a), b.transpose(*batch_b, *free_b, *sum_b)
    batch, rows, columns = len(batch_a), len(free_a), len(free_b)
    inner = tuple(shape[axis] for axis in sum_a)
    out = np.empty([*a.shape[: batch + rows], *b.shape[batch : batch + columns]], object)
    for place in np.ndindex(out.shape):
        left, right = a[(*place[: batch + rows], ...)], b[(*place[:batch], *place[batch + rows :], ...)]
        products = elementwise(arithmetic.operation("mul"), left, right)
        out[place] = reduced(arithmetic, "add", products, inner, tuple(range(len(inner))))[()]
    return out
