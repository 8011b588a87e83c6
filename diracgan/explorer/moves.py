"""Primitives that only put entries elsewhere: shapes, slices, scatter and gather."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.explorer.arrays import SHORT, Cells, Unsupported, filled, literal, long_axis, short
from diracgan.explorer.graph import Node
from diracgan.explorer.rules import Run, rule

MOVES = ("scatter", "gather", "dynamic_slice", "dynamic_update_slice")


@rule("broadcast_in_dim")
def _broadcast(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    shape = [1] * len(out.shape)
    for source, target in enumerate(params["broadcast_dimensions"]):
        shape[target] = inputs[0].shape[source]
    return np.broadcast_to(inputs[0].reshape(shape), short(out.shape))


@rule("reshape", "squeeze", "expand_dims")
def _reshape(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    before, after = long_axis(shapes[0]), long_axis(out.shape)
    if (before is None) != (after is None) or (after is not None and shapes[0][before] != out.shape[after]):
        raise Unsupported(f"from shape {shapes[0]} to {out.shape}")
    return inputs[0].reshape(short(out.shape))


@rule("transpose")
def _transpose(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    return inputs[0].transpose(params["permutation"])


@rule("slice")
def _slice(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    steps = params["strides"] or [1] * len(out.shape)
    cut = []
    for axis, (low, high, step) in enumerate(zip(params["start_indices"], params["limit_indices"], steps, strict=True)):
        whole = shapes[0][axis] > SHORT
        if whole and (low, high, step) != (0, shapes[0][axis], 1):
            raise Unsupported(f"a part of a long axis of shape {shapes[0]}")
        cut.append(slice(None) if whole else slice(low, high, step))
    return inputs[0][tuple(cut)]


@rule("split")
def _split(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> list[Cells]:
    edges = np.cumsum(params["sizes"])[:-1]
    if shapes[0][params["axis"]] > SHORT and len(edges):
        raise Unsupported(f"a part of a long axis of shape {shapes[0]}")
    return list(np.split(inputs[0], edges, axis=params["axis"]))


@rule("concatenate")
def _concatenate(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    axis = params["dimension"]
    if out.shape[axis] > SHORT and len(inputs) > 1:
        raise Unsupported(f"an array of shape {out.shape}, longer than {SHORT}, from parts")
    return np.concatenate(inputs, axis=axis)


@rule("stack")
def _stack(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    return np.stack(inputs, axis=params.get("axis", params.get("dimension", 0)))


@rule("unstack")
def _unstack(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> list[Cells]:
    axis = params.get("axis", params.get("dimension", 0))
    if shapes[0][axis] > SHORT:
        raise Unsupported(f"a part of a long axis of shape {shapes[0]}")
    return [
        part.reshape(part.shape[:axis] + part.shape[axis + 1 :])
        for part in np.split(inputs[0], inputs[0].shape[axis], axis)
    ]


@rule("pad")
def _pad(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    x, value = inputs
    result = filled(out.shape, value[()])
    for place in np.ndindex(x.shape):
        target = tuple(
            low + k * (inside + 1) for k, (low, _, inside) in zip(place, params["padding_config"], strict=True)
        )
        if all(0 <= k < size for k, size in zip(target, result.shape, strict=True)):
            result[target] = x[place]
    if any(size > SHORT and any(config) for size, config in zip(out.shape, params["padding_config"], strict=True)):
        raise Unsupported(f"padding of a long axis, to shape {out.shape}")
    return result


@rule("rev")
def _rev(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    if any(shapes[0][axis] > SHORT for axis in params["dimensions"]):
        raise Unsupported("the reverse of a long axis")
    return np.flip(inputs[0], params["dimensions"])


@rule("iota")
def _iota(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> Cells:
    size = out.shape[params["dimension"]]
    if size > SHORT:
        index = run.graph.share("index", (), None, run.graph.lanes(size))
        return filled(out.shape, index)
    return literal(run.graph, run.tables, np.indices(out.shape)[params["dimension"]])


def moved(run: Run, equation: Any, inputs: list[Cells], shapes: Any) -> Cells:
    """Primitives that move entries to known places: JAX itself moves the entries' numbers."""
    name, out = equation.primitive.name, equation.outvars[0].aval
    data = {"scatter": (0, 2), "dynamic_update_slice": (0, 1)}.get(name, (0,))
    if any(size > SHORT for shape in [*shapes, out.shape] for size in shape):
        raise Unsupported("a long axis")
    pool: list[Node] = [run.graph.constant(0.0)]
    arguments: list[Any] = []
    for k, (cells, variable) in enumerate(zip(inputs, equation.invars, strict=True)):
        flat = list(cells.reshape(-1))
        if k in data:
            arguments.append(np.arange(len(pool), len(pool) + len(flat)).reshape(cells.shape).astype(np.float64))
            pool += flat
        elif all(node.constant for node in flat):
            arguments.append(np.array([node.value for node in flat]).reshape(cells.shape).astype(variable.aval.dtype))
        else:
            raise Unsupported("a place that is known only at run time")
    with jax.enable_x64(True), jax.ensure_compile_time_eval():
        places = np.asarray(equation.primitive.bind(*map(jnp.asarray, arguments), **equation.params))
    result = np.empty(places.shape, dtype=object)
    for place in np.ndindex(places.shape):
        result[place] = pool[int(places[place])]
    return result
