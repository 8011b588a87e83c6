"""What public functions are given: converters that refuse before anything is computed.

The first lines of a public function pass every argument through one of these, through a `Parameter` (numbers and
counts), or through `as_field`, `as_state` and `as_algorithm`. Each says what must hold, what was given and what to do.
"""

from __future__ import annotations

import inspect
import math
import numbers
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import jax
import jax.numpy as jnp
import jax.typing
import numpy as np

# One number, which may be traced.
Scalar = jax.typing.ArrayLike
# What a hyper-parameter is in a computation, for which `parameters.cast` makes arrays of it in the type of the state.
Numbers = float | jax.Array

T = TypeVar("T")


def told(value: object) -> str:
    """A value as an error names it: one short line, whatever its `repr` does."""
    try:
        text = str(value) if isinstance(value, (np.ndarray, np.generic)) else repr(value)
    except Exception:  # An integer of more than 4300 digits has none, and a class of somebody's may fail.
        text = f"<{type(value).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:100]} … ({len(text)} characters)"


def traced(value: object) -> bool:
    """Whether it is a traced value, which has no number to be checked, or a list with one in it."""
    if isinstance(value, (list, tuple)):
        return any(map(traced, value))
    return isinstance(value, jax.core.Tracer)


def reals(value: object) -> np.ndarray | None:
    """Real numbers of any kind as float64, those beyond its range infinite; None for what is no array of them."""
    if isinstance(value, (bytes, bytearray, memoryview)) or np.ma.is_masked(value):
        return None
    try:
        array = np.asarray(value)
    except Exception:  # Ragged lists, and whatever an object's own conversion raises.
        return None
    if array.dtype == object and all(isinstance(one, numbers.Real) for one in array.flat):
        array = np.array([_float(one) for one in array.flat]).reshape(array.shape)
    if not any(jnp.issubdtype(array.dtype, kind) for kind in (np.integer, np.floating)):
        return None
    with np.errstate(over="ignore"):
        return array.astype(np.float64)


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def as_numbers(value: object, name: str, *shapes: Sequence[str], finite: bool = True) -> np.ndarray:
    """Real numbers as a float64 array of one of these shapes, each the names of its axes, none of them empty.

    An axis whose name is a number has that length. NaN and infinities are accepted where `finite` is False. Raises
    `TypeError` for what is no array of real numbers, `ValueError` for another shape.
    """
    array = reals(value)
    shown = " or ".join(f"({', '.join(axes)}{',' * (len(axes) == 1)})" for axes in shapes)
    if array is None:
        raise TypeError(f"{name} must be real numbers of shape {shown}; {told(value)} was given")
    if not array.size or not any(_shaped(array.shape, axes) for axes in shapes):
        least = " and ".join(f"{axis} >= 1" for axis in shapes[-1] if not axis.isdigit())
        raise ValueError(
            f"{name} must have shape {shown}{' with ' * bool(least)}{least}; shape {array.shape} was given"
        )
    if finite and not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite; {told(value)} was given")
    return array


def _shaped(shape: tuple[int, ...], axes: Sequence[str]) -> bool:
    return len(shape) == len(axes) and all(
        not axis.isdigit() or length == int(axis) for length, axis in zip(shape, axes, strict=True)
    )


def as_interval(value: object, name: str, most: float) -> tuple[float, float]:
    """(low, high) with low < high, both within ±most and apart by more than rounding.

    >>> as_interval((0, 1), "box", 10.0)
    (0.0, 1.0)
    """
    ends = as_numbers(value, name, ("2",))
    size = float(np.max(np.abs(ends)))
    if size > most or not ends[1] - ends[0] > 1e-9 * size:
        raise ValueError(
            f"{name} must be (low, high) with low < high, both within ±{most:g} and apart by more than rounding; "
            f"{told(value)} was given"
        )
    return float(ends[0]), float(ends[1])


# Half the exponent of the largest float: beyond it the square of a distance overflows.
_LARGEST = 1e150


def as_box(box: object) -> tuple[float, float, float, float]:
    """(θ lowest, θ highest, ψ lowest, ψ highest) of a half-width, of (low, high) for both, or of these four numbers.

    >>> as_box(2.0), as_box((0, 1))
    ((-2.0, 2.0, -2.0, 2.0), (0.0, 1.0, 0.0, 1.0))
    """
    given = reals(box)
    edges = np.zeros(0) if given is None or given.ndim > 1 else given.ravel()
    edges = np.array([-edges[0], edges[0]]) if edges.size == 1 else edges
    edges = np.tile(edges, 2) if edges.size == 2 else edges
    if edges.size != 4 or not all(_apart(low, high) for low, high in edges.reshape(2, 2)):
        raise (TypeError if given is None else ValueError)(
            "box must be a positive half-width, (low, high) for both axes, or (θ low, θ high, ψ low, ψ high), with "
            f"low < high, all within ±{_LARGEST:g} and apart by more than rounding; {told(box)} was given"
        )
    low, high, bottom, top = edges.tolist()
    return low, high, bottom, top


def _apart(low: float, high: float) -> bool:
    size = max(abs(low), abs(high))
    return size <= _LARGEST and high - low > max(1e-9 * size, 1 / _LARGEST)


def as_flag(value: object, name: str) -> bool:
    """True or False; `TypeError` or `ValueError` for anything but these and 0 and 1."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    array = None if traced(value) else np.asarray(value) if isinstance(value, jax.Array) else reals(value)
    if array is None:
        raise TypeError(f"{name} must be True or False; {told(value)} was given")
    if array.ndim or array not in (0, 1):
        raise ValueError(f"{name} must be True or False; {told(value)} was given")
    return bool(array)


# The same key whether or not integers have 64 bits.
_SEEDS = 2**32


def as_key(value: object, name: str = "key") -> jax.Array:
    """A key of `jax.random` from one, or from an integer with 0 <= value < 2^32; traced keys pass through."""
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        if value.ndim and not traced(value):
            raise ValueError(f"{name} must be one key; keys of shape {value.shape} were given: use jax.vmap over them")
        return value
    if isinstance(value, jax.core.Tracer) and jnp.issubdtype(value.dtype, jnp.integer):
        return jax.random.key(value)
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        if not 0 <= value < _SEEDS:
            raise ValueError(f"{name} must be an integer with 0 <= {name} < 2^32; {told(value)} was given")
        return jax.random.key(int(value))
    raise TypeError(
        f"{name} must be an integer with 0 <= {name} < 2^32, or a key such as jax.random.key(0); "
        f"{told(value)} was given"
    )


def as_choice(value: object, name: str, known: Sequence[T]) -> T:
    """One of the known words or numbers; `ValueError` that lists them, `TypeError` for another kind of thing."""
    given = value.item() if isinstance(value, np.generic) else value
    # Only of what has a plain equality: an array is compared entry by entry, and True is 1.
    plain = given is None or (isinstance(given, (str, int, float, type)) and not isinstance(given, bool))
    if plain and given in known:
        return cast(T, given)
    words = ", ".join(getattr(one, "__name__", repr(one)) for one in known)
    raise (ValueError if plain else TypeError)(f"{name} must be one of {words}; {told(value)} was given")


def as_text(value: object, name: str) -> str:
    """A string; `TypeError` for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, such as 'gamma'; {told(value)} was given")
    return value


def as_kind(value: object, name: str, kind: type[T], example: str) -> T:
    """An object of a class; `TypeError` that shows how one is made for anything else."""
    if not isinstance(value, kind):
        given = f"{told(value)} was given"
        if isinstance(value, type) and issubclass(value, kind):
            given = f"the class itself was given: write {value.__name__}(...)"
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        raise TypeError(f"{name} must be {article} {kind.__name__}, such as {example}; {given}")
    return value


def as_path(value: object, name: str = "file") -> Path:
    """The path of a file or a directory, from a string or a `Path`."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path, such as 'here' or a pathlib.Path; {told(value)} was given")
    text = os.fspath(value)
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(f"{name} must be a path, a string that is not empty; {told(value)} was given")
    return Path(text)


def as_function(value: object, name: str, of: str, *places: str, **names: object) -> Callable[..., Any]:
    """A function, which can be called with so many arguments and with these keywords where some are given.

    `TypeError` for anything else, and for a module that holds arrays.
    """
    if not callable(value) or ((places or names) and not _takes(value, places, names)):
        raise TypeError(f"{name} must be a function of {of}; {told(value)} was given")
    if any(isinstance(leaf, (np.ndarray, jax.Array)) for leaf in jax.tree.leaves(value)):
        # It would be compared and hashed as part of a compiled program, which arrays cannot be.
        raise TypeError(f"{name} must be a function of {of}; {told(value)} was given, which holds arrays of its own")
    return value


def _takes(function: Callable[..., object], places: Sequence[str], names: Mapping[str, object]) -> bool:
    try:
        inspect.signature(function).bind(*places, **names)
    except (TypeError, ValueError):
        return False
    return True


def traced_shape(
    function: Callable[..., Any], name: str, *arguments: jax.ShapeDtypeStruct, **keywords: jax.ShapeDtypeStruct
) -> Any:
    """The shapes of what a user's function returns, found without computing it; `TypeError` when it cannot be traced.

    The arguments are `jax.ShapeDtypeStruct`s.
    """
    try:
        # Not the callable itself: some of those that are no functions crash the interpreter in `jax.jit`.
        return jax.eval_shape(lambda *a, **k: function(*a, **k), *arguments, **keywords)
    except (jax.errors.TracerArrayConversionError, jax.errors.ConcretizationTypeError) as problem:
        raise TypeError(
            f"{name} must be written with jax.numpy in place of numpy, math and `if`, so that it can be differentiated "
            f"and compiled; {told(function)} was given, which needs the numbers themselves"
        ) from problem
    except Exception as problem:
        takes = [f"an array of shape {one.shape}" if one.shape else "one number" for one in arguments]
        raise TypeError(
            f"{name} must be a function of {', '.join([*takes, *keywords])} that JAX can trace; {told(function)} was "
            f"given, which raised {type(problem).__name__}: {told(str(problem))}"
        ) from problem


def as_scalar_function(value: object, name: str, of: type = float) -> Callable[[Scalar], jax.Array]:
    """A function of one number (of this type) with one number as its value, that JAX can trace.

    One of floats must return floats: it is there to be differentiated.
    """
    function = as_function(value, name, "one number")
    made = traced_shape(function, name, jax.ShapeDtypeStruct((), jnp.zeros((), of).dtype))
    kind = getattr(made, "dtype", object)
    fitting = jnp.issubdtype(kind, jnp.floating) or (of is int and jnp.issubdtype(kind, jnp.integer))
    if getattr(made, "shape", None) != () or not fitting:
        raise TypeError(f"{name} must map one real number to one; {told(value)} was given, which returns {told(made)}")
    return function


def fits(size: float, what: str) -> None:
    """Raise `ValueError` where `size` bytes are more than the machine has, before they are asked for."""
    memory = _memory()
    if size > memory:
        raise ValueError(
            f"{what} would need {size / 2**30:,.1f} GiB of memory, of which the machine has {memory / 2**30:,.1f}: "
            "ask for less at once"
        )


def _memory() -> float:
    """The machine's memory in bytes; where the system does not tell, 16 GiB."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 2.0**34
