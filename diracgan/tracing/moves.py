"""Primitives that only put entries elsewhere: their entries are numbered, and the numbers are moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.tracing.arithmetic import Arithmetic, S
from diracgan.tracing.arrays import Cells, Unsupported, boxed, long_axis, shaped, short

if TYPE_CHECKING:
    from jax.extend.core import JaxprEqn

# Of one primitive, each of its own type.
Params = Mapping[str, Any]


def _broadcast(shape: tuple[int, ...], params: Params, x: np.ndarray) -> np.ndarray:
    new = [axis for axis in range(len(shape)) if axis not in params["broadcast_dimensions"]]
    return np.broadcast_to(np.expand_dims(x, new), shape)


def _slice(shape: tuple[int, ...], params: Params, x: np.ndarray) -> np.ndarray:
    strides = params["strides"] or (1,) * x.ndim
    return x[tuple(map(slice, params["start_indices"], params["limit_indices"], strides))]


def _pad(shape: tuple[int, ...], params: Params, x: np.ndarray, value: np.ndarray) -> np.ndarray:
    # Negative padding crops.
    out = np.full(shape, value)
    config = zip(x.shape, params["padding_config"], strict=True)
    places = [low + np.arange(n) * (inside + 1) for n, (low, _, inside) in config]
    kept = [(place >= 0) & (place < size) for place, size in zip(places, shape, strict=True)]
    out[np.ix_(*(place[keep] for place, keep in zip(places, kept, strict=True)))] = x[np.ix_(*kept)]
    return out


def _reshape(shape: tuple[int, ...], params: Params, x: np.ndarray) -> np.ndarray:
    return x.reshape(shape)


# Of the shape of the result, the primitive's parameters, and the numbered entries. JAX itself would do, but it compiles
# each anew for every shape, some 20 ms a time: that is left to the rare ones, whose rules are long.
_BY_NUMPY: dict[str, Callable[..., np.ndarray | list[np.ndarray]]] = {
    "broadcast_in_dim": _broadcast,
    "reshape": _reshape,
    "squeeze": _reshape,
    "expand_dims": _reshape,
    "slice": _slice,
    "pad": _pad,
    "transpose": lambda shape, params, x: x.transpose(params["permutation"]),
    "rev": lambda shape, params, x: np.flip(x, params["dimensions"]),
    "concatenate": lambda shape, params, *xs: np.concatenate(xs, params["dimension"]),
    "stack": lambda shape, params, *xs: np.stack(xs, params["axis"]),
    "split": lambda shape, params, x: np.split(x, np.cumsum(params["sizes"])[:-1], params["axis"]),
    "unstack": lambda shape, params, x: list(np.moveaxis(x, params["axis"], 0)),
}
# Which of the inputs are moved; the others say where to, or where from.
_BY_JAX = {"gather": (0,), "scatter": (0, 2), "dynamic_slice": (0,), "dynamic_update_slice": (0, 1)}
MOVES = (*_BY_NUMPY, *_BY_JAX)
# The number of an entry of a long axis is that of its cell, and this times its place along the axis, from 1.
_PLACE = 2**24


def moved(equation: JaxprEqn, arithmetic: Arithmetic[S], arrays: list[Cells]) -> list[Cells]:
    """The results of a primitive that moves entries to known places."""
    name, params = equation.primitive.name, equation.params
    data = _BY_JAX.get(name, tuple(range(len(arrays))))
    pool: list[object] = []
    numbers: list[np.ndarray] = []
    for k, (cells, variable) in enumerate(zip(arrays, equation.invars, strict=True)):
        if k in data:
            numbers.append(_numbered(len(pool), cells, shaped(variable).shape, arithmetic.longest))
            pool += list(cells.reshape(-1))
        else:
            known = [arithmetic.known(scalar, "the place of an entry") for scalar in cells.reshape(-1)]
            whole = np.broadcast_to(np.array(known).reshape(cells.shape), shaped(variable).shape)
            numbers.append(whole.astype(shaped(variable).dtype))
    if name in _BY_JAX:
        done: np.ndarray | list[np.ndarray] = _by_jax(equation, data, numbers, pool, arithmetic)
    else:
        done = _BY_NUMPY[name](shaped(equation.outvars[0]).shape, params, *numbers)
    scalars = np.fromiter(pool, object, len(pool))
    return [_picked(scalars, part, arithmetic.longest) for part in (done if isinstance(done, list) else [done])]


def _numbered(first: int, cells: Cells, shape: tuple[int, ...], longest: float) -> np.ndarray:
    numbers = np.arange(first, first + cells.size).reshape(cells.shape)
    axis = long_axis(shape, longest)
    if axis is None:
        return numbers
    return numbers + _PLACE * (1 + np.arange(shape[axis])).reshape([-1 if k == axis else 1 for k in range(len(shape))])


def _picked(scalars: Cells, numbers: np.ndarray, longest: float) -> Cells:
    """The entries with these numbers; those of a long axis must still be in their order, all of them."""
    numbers = np.asarray(numbers)
    axis = long_axis(numbers.shape, longest)
    short(numbers.shape, longest)
    if axis is None:
        first = numbers
        broken = np.any(numbers >= _PLACE)
    else:
        first = np.take(numbers, [0], axis)
        steps = np.arange(numbers.shape[axis]).reshape([-1 if k == axis else 1 for k in range(numbers.ndim)])
        broken = np.any(first >= 2 * _PLACE) or np.any(numbers != first + _PLACE * steps * (first >= _PLACE))
    if broken:
        raise Unsupported(f"a part, or another order, of an axis that is longer than {longest}")
    picked = scalars[first % _PLACE]
    return picked if numbers.ndim else boxed(picked)


def _by_jax(
    equation: JaxprEqn, data: tuple[int, ...], numbers: list[np.ndarray], pool: list[object], arithmetic: Arithmetic[S]
) -> np.ndarray:
    """The numbers moved by the primitive itself; what it fills in comes back as NaN and is put into the pool."""
    params = dict(equation.params)
    fill = params.get("fill_value")
    if fill is not None:
        params["fill_value"] = np.nan
    with jax.enable_x64(True), jax.ensure_compile_time_eval():
        given = [jnp.asarray(part, float) if k in data else jnp.asarray(part) for k, part in enumerate(numbers)]
        places = np.asarray(equation.primitive.bind(*given, **params))
    missing = np.isnan(places)
    if np.any(missing):
        pool.append(arithmetic.literal(fill).item())
    return np.where(missing, len(pool) - 1, places).astype(int)
