"""Evaluate a traced function on scalars of any kind: symbols, intervals, rationals.

JAX reduces every method to a list of primitive operations. Here they are carried out on NumPy arrays of objects: moving
entries about is done once, for every kind of scalar; what an addition or a square root does is a table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
import numpy as np


@dataclasses.dataclass(frozen=True)
class Arithmetic:
    """What the scalars of one kind can do.

    `operations` maps the names of JAX's element-wise primitives ("add", "exp", "select_n", ...) to functions of
    scalars; "integer_pow" takes the exponent as its second argument. `functions` does the same for functions with a
    derivative of their own (`jax.custom_jvp`) and takes precedence over their bodies: "log_sigmoid", "sigmoid".
    `constant` makes a scalar of a float.
    """

    operations: Mapping[str, Callable[..., Any]]
    constant: Callable[[float], Any]
    functions: Mapping[str, Callable[..., Any]] = dataclasses.field(default_factory=dict)

    def apply(self, name: str, *arrays: Any) -> np.ndarray:
        """One operation, element by element, with the broadcasting of NumPy."""
        if name not in self.operations:
            raise NotImplementedError(
                f"the primitive {name!r} has no operation on these scalars; the table has: {', '.join(self.operations)}"
            )
        return elementwise(self.operations[name], *arrays)


def boxed(value: Any) -> np.ndarray:
    """One scalar as an array of shape (); a scalar that is a sequence stays one scalar."""
    box = np.empty((), object)
    box[()] = value
    return box


def elementwise(operation: Callable[..., Any], *arrays: Any) -> np.ndarray:
    """A function of scalars on arrays of objects."""
    done = np.frompyfunc(operation, len(arrays), 1)(*arrays)
    return done if isinstance(done, np.ndarray) else boxed(done)


def objects(values: Any, constant: Callable[[float], Any]) -> np.ndarray:
    """A numeric array as an array of objects: floats through `constant`, integers and truth values as they are."""
    given = np.asarray(values)
    if given.dtype == object:
        return given
    made = np.empty(given.shape, object)
    for index in np.ndindex(given.shape):
        value = given[index].item()
        made[index] = constant(value) if isinstance(value, float) else value
    return made


def evaluate(program: Any, arithmetic: Arithmetic, *arguments: Any) -> list[np.ndarray]:
    """The outputs of a closed jaxpr on arrays of scalars, as arrays of objects.

    Loops of a known length are unrolled. Raises `NotImplementedError` that names a primitive which the table lacks, and
    `ValueError` for a loop or branch that depends on an unknown.

    >>> import jax
    >>> from fractions import Fraction
    >>> table = {"mul": lambda a, b: a * b, "add": lambda a, b: a + b}
    >>> program = jax.make_jaxpr(lambda x: x * x[0] + 0.5)(np.ones(2))
    >>> half = np.array([Fraction(1, 3), Fraction(1)], object)
    >>> print(*evaluate(program, Arithmetic(table, Fraction), half)[0])
    11/18 5/6
    """
    return _run(program.jaxpr, program.consts, arithmetic, arguments)


def _run(jaxpr: Any, consts: Iterable[Any], arithmetic: Arithmetic, arguments: Iterable[Any]) -> list[np.ndarray]:
    values: dict[Any, np.ndarray] = {}

    def read(atom: Any) -> np.ndarray:
        return objects(atom.val, arithmetic.constant) if hasattr(atom, "val") else values[atom]

    for variables, given in ((jaxpr.constvars, consts), (jaxpr.invars, arguments)):
        for variable, value in zip(variables, given, strict=True):
            values[variable] = objects(value, arithmetic.constant)
    for equation in jaxpr.eqns:
        done = _step(equation, arithmetic, [read(atom) for atom in equation.invars])
        for variable, value in zip(equation.outvars, done, strict=True):
            values[variable] = value
    return [read(atom) for atom in jaxpr.outvars]


def _step(equation: Any, arithmetic: Arithmetic, arrays: list[np.ndarray]) -> list[np.ndarray]:
    name, params = equation.primitive.name, equation.params
    if name in _CALLS:
        return _call(params, arithmetic, arrays)
    if name in _CONTROL:
        return _CONTROL[name](params, arithmetic, arrays)
    if name == "split":
        return np.split(arrays[0], np.cumsum(params["sizes"])[:-1], axis=params["axis"])
    if name == "unstack":
        moved = np.moveaxis(arrays[0], params["axis"], 0)
        return [boxed(part) if moved.ndim == 1 else part for part in moved]
    if name in _STRUCTURE:
        return [_STRUCTURE[name](params, *arrays)]
    if name == "convert_element_type":
        return [_convert(params["new_dtype"], arithmetic, arrays[0])]
    if name == "iota":
        return [objects(_iota(params), arithmetic.constant)]
    if name == "dot_general":
        return [_dot(params["dimension_numbers"], arithmetic, *arrays)]
    if name in _REDUCTIONS:
        return [_reduce(_REDUCTIONS[name], params["axes"], arithmetic, arrays[0])]
    if name == "integer_pow":
        return [arithmetic.apply(name, arrays[0], boxed(int(params["y"])))]
    return [arithmetic.apply("add" if name == "add_any" else name, *arrays)]


_CALLS = (
    "jit",
    "pjit",
    "closed_call",
    "core_call",
    "remat",
    "remat2",
    "checkpoint",
    "custom_jvp_call",
    "custom_vjp_call",
)


def _call(params: Mapping[str, Any], arithmetic: Arithmetic, arrays: list[np.ndarray]) -> list[np.ndarray]:
    inner = next(params[key] for key in ("call_jaxpr", "jaxpr", "fun_jaxpr") if key in params)
    jaxpr = getattr(inner, "jaxpr", inner)
    name = str(params.get("name") or jaxpr.debug_info.func_name)
    if name in arithmetic.functions and len(arrays) == len(jaxpr.outvars) == 1:
        return [elementwise(arithmetic.functions[name], *arrays)]
    return _run(jaxpr, getattr(inner, "consts", ()), arithmetic, arrays)


def _known(value: np.ndarray, what: str) -> Any:
    scalar = value.item()
    if not isinstance(scalar, (bool, int, np.bool_, np.integer)):
        raise ValueError(f"{what} must not depend on an unknown; it depends on {scalar}")
    return scalar


def scan_sizes(params: Mapping[str, Any]) -> tuple[int, int]:
    """How many arguments of a `scan` are constants and how many are carried: `ft_in` says so from jax 0.11 on."""
    if "num_consts" in params:
        return params["num_consts"], params["num_carry"]
    try:
        consts, carry, _ = params["ft_in"].unpack()
        return len(consts), len(carry)
    except (KeyError, AttributeError, TypeError, ValueError):
        raise NotImplementedError(
            f"jax {jax.__version__} describes a scan by {', '.join(sorted(params))}, which is not understood here: "
            "use a version of jax that is"
        ) from None


def _scan(params: Mapping[str, Any], arithmetic: Arithmetic, arrays: list[np.ndarray]) -> list[np.ndarray]:
    consts, carried = scan_sizes(params)
    carry, rows = arrays[consts : consts + carried], arrays[consts + carried :]
    steps = range(params["length"])
    made: list[Any] = [None] * params["length"]
    for step in reversed(steps) if params["reverse"] else steps:
        row = [boxed(part[step]) if part.ndim == 1 else part[step] for part in rows]
        done = evaluate(params["jaxpr"], arithmetic, *arrays[:consts], *carry, *row)
        carry, made[step] = done[:carried], done[carried:]
    return [*carry, *(np.stack(column) for column in zip(*made, strict=True))]


def _while(params: Mapping[str, Any], arithmetic: Arithmetic, arrays: list[np.ndarray]) -> list[np.ndarray]:
    of_cond, of_body = params["cond_nconsts"], params["body_nconsts"]
    fixed, moving, state = arrays[:of_cond], arrays[of_cond : of_cond + of_body], arrays[of_cond + of_body :]
    while _known(evaluate(params["cond_jaxpr"], arithmetic, *fixed, *state)[0], "the length of a loop"):
        state = evaluate(params["body_jaxpr"], arithmetic, *moving, *state)
    return state


def _cond(params: Mapping[str, Any], arithmetic: Arithmetic, arrays: list[np.ndarray]) -> list[np.ndarray]:
    branches = params["branches"]
    chosen = min(max(int(_known(arrays[0], "the choice of a branch")), 0), len(branches) - 1)
    return evaluate(branches[chosen], arithmetic, *arrays[1:])


_CONTROL: dict[str, Callable[..., list[np.ndarray]]] = {"scan": _scan, "while": _while, "cond": _cond}


def _slice(params: Mapping[str, Any], array: np.ndarray) -> np.ndarray:
    strides = params["strides"] or (1,) * array.ndim
    return array[tuple(map(slice, params["start_indices"], params["limit_indices"], strides))]


def _dynamic_slice(params: Mapping[str, Any], array: np.ndarray, *starts: np.ndarray) -> np.ndarray:
    index = []
    for start, size, length in zip(starts, params["slice_sizes"], array.shape, strict=True):
        first = min(max(int(_known(start, "the place of a slice")), 0), length - size)
        index.append(slice(first, first + size))
    return array[tuple(index)]


def _broadcast(params: Mapping[str, Any], array: np.ndarray) -> np.ndarray:
    shape = [1] * len(params["shape"])
    for place, size in zip(params["broadcast_dimensions"], array.shape, strict=True):
        shape[place] = size
    return np.broadcast_to(array.reshape(shape), params["shape"])


def _pad(params: Mapping[str, Any], array: np.ndarray, value: np.ndarray) -> np.ndarray:
    config = [tuple(map(int, part)) for part in params["padding_config"]]
    sizes = [low + high + n + inner * max(n - 1, 0) for n, (low, high, inner) in zip(array.shape, config, strict=True)]
    out = np.empty([n + 2 * max(map(abs, part)) for n, part in zip(sizes, config, strict=True)], object)
    out.fill(value.item())
    # Negative padding crops: the array is first laid into a frame that is wide enough on either side.
    frames = [max(map(abs, part)) for part in config]
    place = tuple(
        slice(frame + low, frame + low + (n - 1) * (inner + 1) + 1 if n else frame + low, inner + 1)
        for frame, n, (low, _, inner) in zip(frames, array.shape, config, strict=True)
    )
    out[place] = array
    return out[tuple(slice(frame, frame + size) for frame, size in zip(frames, sizes, strict=True))]


_STRUCTURE: dict[str, Callable[..., np.ndarray]] = {
    "slice": _slice,
    "dynamic_slice": _dynamic_slice,
    "broadcast_in_dim": _broadcast,
    "pad": _pad,
    "squeeze": lambda params, array: array.reshape(np.delete(array.shape, params["dimensions"]).astype(int)),
    "expand_dims": lambda params, array: np.expand_dims(array, params["dimensions"]),
    "reshape": lambda params, array: array.reshape(params["new_sizes"]),
    "transpose": lambda params, array: array.transpose(params["permutation"]),
    "rev": lambda params, array: np.flip(array, params["dimensions"]),
    "concatenate": lambda params, *arrays: np.concatenate(arrays, params["dimension"]),
    "copy": lambda params, array: array,
    "copy_p": lambda params, array: array,
    "stop_gradient": lambda params, array: array,
    "stack": lambda params, *arrays: np.stack(arrays, params.get("axis", 0)),
}


def _iota(params: Mapping[str, Any]) -> np.ndarray:
    shape = [1] * len(params["shape"])
    shape[params["dimension"]] = -1
    steps = np.arange(params["shape"][params["dimension"]], dtype=params["dtype"])
    return np.broadcast_to(steps.reshape(shape), params["shape"])


def _convert(dtype: Any, arithmetic: Arithmetic, array: np.ndarray) -> np.ndarray:
    to_float = np.issubdtype(dtype, np.floating)

    def convert(value: Any) -> Any:
        if isinstance(value, (bool, int)):
            return arithmetic.constant(float(value)) if to_float else np.dtype(dtype).type(value).item()
        return value

    return elementwise(convert, array)


def _reduce(name: str, axes: tuple[int, ...], arithmetic: Arithmetic, array: np.ndarray) -> np.ndarray:
    kept = [axis for axis in range(array.ndim) if axis not in axes]
    parts = array.transpose([*kept, *axes]).reshape([*(array.shape[axis] for axis in kept), -1])
    total = parts[..., 0] if kept else boxed(parts[0])
    for index in range(1, parts.shape[-1]):
        total = arithmetic.apply(name, total, parts[..., index] if kept else boxed(parts[index]))
    return total


_REDUCTIONS = {
    "reduce_sum": "add",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "mul",
    "reduce_and": "and",
    "reduce_or": "or",
}


def _dot(numbers: Any, arithmetic: Arithmetic, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    (sum_left, sum_right), (batch_left, batch_right) = numbers
    free_left = [axis for axis in range(left.ndim) if axis not in (*sum_left, *batch_left)]
    free_right = [axis for axis in range(right.ndim) if axis not in (*sum_right, *batch_right)]
    left = left.transpose([*batch_left, *free_left, *sum_left])
    right = right.transpose([*batch_right, *free_right, *sum_right])
    summed, batch = len(sum_left), len(batch_left)
    left = left.reshape(
        [*left.shape[: batch + len(free_left)], *[1] * len(free_right), *left.shape[left.ndim - summed :]]
    )
    right = right.reshape([*right.shape[:batch], *[1] * len(free_left), *right.shape[batch:]])
    products = arithmetic.apply("mul", left, right)
    return _reduce("add", tuple(range(products.ndim - summed, products.ndim)), arithmetic, products)
