"""Functions of hyper-parameters on a grid with labelled axes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.lanes import LANES, over_lanes
from diracgan.games.inputs import as_function, as_numbers, fits, told, traced_shape
from diracgan.games.parameters import Parameter
from diracgan.sweeps.progress import begun, checked_progress

# Points that one call computes: enough to keep the devices busy, few enough for a progress line every second or so.
PORTION = 1 << 18
_PORTION = Parameter("portion", "portion", "points that are computed at once", PORTION, (1, 2**31 - 1), kind=int)
WIDTH = Parameter("lanes", "lanes", "starts in a block", LANES, (1, 2**31 - 1), kind=int)


@dataclasses.dataclass(frozen=True)
class Grid:
    """Values on a grid: `values` has one axis per entry of `axes`, in its order, before any axes of its own.

    `values` is an array or a pytree of arrays.
    """

    axes: Mapping[str, np.ndarray]
    values: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return tuple(len(axis) for axis in self.axes.values())

    def to_xarray(self) -> Any:
        """The same as an `xarray.Dataset` (extra `sweep`), one variable per leaf of the values."""
        try:
            import xarray
        except ImportError:
            raise ImportError('to_xarray needs xarray: pip install "diracgan[sweep]"') from None
        leaves = jax.tree_util.tree_leaves_with_path(self.values)
        names = list(self.axes)
        variables = {}
        for path, leaf in leaves:
            name = "value" + jax.tree_util.keystr(path) if path else "value"
            own = [f"{name}_{i}" for i in range(leaf.ndim - len(names))]
            variables[name] = ([*names, *own], leaf)
        return xarray.Dataset(variables, coords=dict(self.axes))


def checked_axes(axes: Mapping[str, object]) -> dict[str, np.ndarray]:
    """Every axis as a one-dimensional float64 array; `ValueError` for an empty one or one that is not finite."""
    if not isinstance(axes, Mapping) or not all(isinstance(name, str) for name in axes):
        raise TypeError(f"the axes must be given by name, such as {{'gamma': [0.1, 0.2]}}; {told(axes)} was given")
    if not axes:
        raise ValueError("a sweep needs at least one axis, such as gamma=np.linspace(0, 3, 100); none was given")
    return {name: as_numbers(axis, f"the axis {name}", ("values",)) for name, axis in axes.items()}


def sweep(fn: Callable[..., Any], *, portion: int = PORTION, progress: object = None, **axes: Any) -> Grid:
    """`fn` at every point of a grid: `fn(gamma=..., h=...)` for all combinations of the axes.

    Args:
        fn: a function of scalars, given by the axes' names, that JAX can trace; it returns a scalar, an array or a
            pytree of these.
        portion: how many points are computed at once; memory is bounded by it, the result does not depend on it.
        progress: what shows the progress, made by `progress(total=points, desc="sweep")` and then told by `update(n)`
            and `close()`, such as the class `tqdm.tqdm`; by default a line on the error stream after two seconds.
        **axes: one-dimensional arrays of values.

    The two extreme corners are evaluated first with concrete numbers, so that a value outside the bounds of a
    hyper-parameter is the usual `ValueError` before anything is compiled. The points are dealt out to all local
    devices.

    >>> grid = dg.sweep(lambda gamma: dg.spectral_radius(dg.method("r1", gamma=gamma), dg.SimGD(0.2)), gamma=[0.3, 1.0])
    >>> grid.values.round(4).tolist()
    [0.9747, 0.9]
    """
    arrays, portion, progress = checked_axes(axes), _PORTION.convert(portion), checked_progress(progress)
    fn = as_function(fn, "fn", f"the axes ({', '.join(arrays)})", **arrays)
    for corner in (np.min, np.max):
        fn(**{name: corner(axis) for name, axis in arrays.items()})
    _returns_numbers(fn, arrays)
    shape = tuple(len(axis) for axis in arrays.values())
    names, count = tuple(arrays), int(np.prod(shape))
    portion = max(1, min(portion, count))
    run = jax.jit(lambda points: over_lanes(jax.vmap(lambda point: fn(**dict(zip(names, point, strict=True)))), points))
    parts = []
    with begun(progress, "sweep", count) as bar:
        for first in range(0, count, portion):
            where = np.unravel_index(np.minimum(np.arange(first, first + portion), count - 1), shape)
            points = tuple(jnp.asarray(axis[index]) for axis, index in zip(arrays.values(), where, strict=True))
            parts.append(jax.tree.map(np.asarray, run(points)))
            bar.update(min(portion, count - first))
    flat = jax.tree.map(lambda *leaves: np.concatenate(leaves)[:count], *parts)
    return Grid(arrays, jax.tree.map(lambda leaf: leaf.reshape(*shape, *leaf.shape[1:]), flat))


def _returns_numbers(fn: Callable[..., Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Check what `fn` makes of the axes' names, and that the values of all points fit into the memory."""
    made = traced_shape(fn, "fn", **dict.fromkeys(arrays, jax.ShapeDtypeStruct((), jnp.zeros(()).dtype)))
    leaves = jax.tree.leaves(made)
    if not leaves:
        raise TypeError(f"fn must return numbers, or a pytree of arrays; {told(fn)} was given, which returns none")
    points = math.prod(len(axis) for axis in arrays.values())
    fits(2 * points * sum(leaf.size * leaf.dtype.itemsize for leaf in leaves), f"a sweep of {points:,} points")
