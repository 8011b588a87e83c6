"""Small arrays of scalar expressions: what slicing, reshaping and contracting do to them.

An axis longer than `SHORT` stays an axis: it is kept with length 1, and its entries vary in a loop over it. There may
be one such axis in an array.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from diracgan.explorer.graph import Graph, Loop, Node

SHORT = 8
Cells = Any  # a numpy array of objects, each a Node; a long axis has length 1


class Unsupported(ValueError):
    """A primitive, or a use of one, for which there is no JavaScript."""


def filled(shape: tuple[int, ...], node: Node) -> Cells:
    """Cells of one expression."""
    cells = np.empty(short(shape), dtype=object)
    cells.fill(node)
    return cells


def short(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the cells of an array of this shape."""
    if sum(size > SHORT for size in shape) > 1:
        raise Unsupported(f"an array of shape {tuple(shape)}: one axis at most may be longer than {SHORT}")
    return tuple(1 if size > SHORT else size for size in shape)


def long_axis(shape: tuple[int, ...]) -> int | None:
    """The axis that is a loop."""
    return next((axis for axis, size in enumerate(shape) if size > SHORT), None)


def elementwise(graph: Graph, op: str, *arrays: Cells) -> Cells:
    """An operation entry by entry; arrays of one entry are repeated."""
    shaped: Any = np.broadcast_arrays(*arrays, subok=False) if len(arrays) > 1 else arrays
    out = np.empty(shaped[0].shape, dtype=object)
    for place in np.ndindex(out.shape):
        out[place] = graph.apply(op, *(array[place] for array in shaped))
    return out


def literal(graph: Graph, tables: Tables, value: Any) -> Cells:
    """A known array; along a long axis a table."""
    array = np.asarray(value)
    axis = long_axis(array.shape)
    out = np.empty(short(array.shape), dtype=object)
    for place in np.ndindex(out.shape):
        if axis is None:
            entry = array[place]
            out[place] = graph.constant(bool(entry) if array.dtype == bool else float(entry))
        else:
            whole = (*place[:axis], slice(None), *place[axis + 1 :])
            out[place] = tables.entry(graph, array[whole])
    return out


class Tables:
    """The long constant arrays of a kernel, each kept once under a name."""

    def __init__(self) -> None:
        self.known: dict[tuple[float, ...], str] = {}

    def entry(self, graph: Graph, values: Any) -> Node:
        """The entry of a table at the index of the loop over its length."""
        numbers = tuple(float(value) for value in values)
        if len(set(numbers)) == 1:
            return graph.constant(numbers[0])
        name = self.known.setdefault(numbers, f"table{len(self.known) + 1}")
        return graph.share("table", (), name, graph.lanes(len(numbers)))


def summed(graph: Graph, cells: Cells, shape: tuple[int, ...], axes: tuple[int, ...]) -> Cells:
    """Σ over axes of an array of the given true shape."""
    out = np.empty(tuple(size for axis, size in enumerate(cells.shape) if axis not in axes), dtype=object)
    moved = np.moveaxis(cells, axes, range(len(axes)))
    for place in np.ndindex(out.shape):
        terms = moved[(..., *place)].reshape(-1)
        total = terms[0]
        for term in terms[1:]:
            total = graph.apply("+", total, term)
        for axis in axes:
            if shape[axis] > SHORT:
                total = graph.total(graph.lanes(shape[axis], _around(total, shape[axis])), total)
        out[place] = total
    return out


def _around(node: Node, length: int) -> Loop | None:
    """The loop that a sum over a long axis stands in."""
    scope = node.scope
    if scope is not None and scope.count is not None and scope.count.constant and scope.count.value == length:
        return scope.outer
    if scope is None:
        return None
    raise Unsupported("a sum over a long axis inside of a loop")


def contracted(graph: Graph, a: Cells, b: Cells, shapes: Any, numbers: Any) -> Cells:
    """`dot_general`: batch axes first, then the free axes of both."""
    (ca, cb), (ba, bb) = numbers
    free_a = [i for i in range(a.ndim) if i not in (*ca, *ba)]
    free_b = [i for i in range(b.ndim) if i not in (*cb, *bb)]
    a, b = a.transpose(*ba, *free_a, *ca), b.transpose(*bb, *free_b, *cb)
    batch, fa, fb = len(ba), len(free_a), len(free_b)
    sizes = (*a.shape[:batch], *a.shape[batch : batch + fa], *b.shape[batch : batch + fb])
    inner = tuple(shapes[0][i] for i in ca)
    out = np.empty(sizes, dtype=object)
    for place in np.ndindex(out.shape):
        left = a[place[: batch + fa]]
        right = b[(*place[:batch], *place[batch + fa :])]
        product = elementwise(graph, "*", np.asarray(left, dtype=object), np.asarray(right, dtype=object))
        out[place] = summed(graph, product, inner, tuple(range(len(inner))))[()] if inner else product[()]
    return out
