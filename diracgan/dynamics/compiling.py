"""What is compiled: programs that answer one question, programs that run long, and how many of either are kept.

Of an answer counts how soon it is there, not how fast its program runs.

XLA's CPU compiler spends most of its time on what pays in a loop over a million lanes and never in the 2×2 matrix of
one method. Measured, compiling without it takes a sixth of the time, with the loops it still optimises a third.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import jax
import jaxlib
import numpy as np

from diracgan.tracing.lanes import carried_out

_LEAN: dict[str, bool | int] = {
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
    "xla_cpu_parallel_codegen_split_count": 1,
}
# That of them which leaves the speed and the digits of a long loop as they are: without MLIR's fusions it would compile
# in half of the time, and run three times as long.
_FREE = ("xla_cpu_parallel_codegen_split_count",)
# What two versions of jaxlib are known to understand; of others it is found out, which costs a program.
_UNDERSTOOD = {(0, 10): _LEAN, (0, 12): {name: value for name, value in _LEAN.items() if "fusion" not in name}}

# Programs of one function that are kept: a program holds megabytes, and somebody may ask for a thousand shapes.
_KEPT = 64


@functools.cache
def _understood() -> dict[str, bool | int]:
    """Those of the options that this backend and this version of XLA know."""
    if jax.default_backend() != "cpu":
        return {}
    version = tuple(map(int, jaxlib.__version__.split(".")[:2]))
    if version in _UNDERSTOOD:
        return _UNDERSTOOD[version]
    return _LEAN if _compiles(_LEAN) else {name: value for name, value in _LEAN.items() if _compiles({name: value})}


def _bounded(program: Any) -> Any:
    """The program of a function, which forgets all of its shapes once there are too many of them."""
    if program._cache_size() >= _KEPT:
        program.clear_cache()
    return program


def running(function: Callable[..., Any], static: tuple[str, ...] = ()) -> Answering:
    """`jax.jit` for a program that works on many lanes or for many rounds: optimised as far as XLA can.

    Args:
        function: what is compiled.
        static: names of arguments that are part of the program.

    >>> running(lambda x: x + 1)(1.0).item()
    2.0
    """
    return _program(function, static, lambda: {name: _understood()[name] for name in _FREE if name in _understood()})


def _compiles(options: dict[str, bool | int]) -> bool:
    try:
        jax.jit(lambda x: x, compiler_options=options).lower(1.0).compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True


P = ParamSpec("P")
R = TypeVar("R")


def in_float64(function: Callable[P, R]) -> Callable[P, R]:
    """The function in float64, whatever JAX's default type is.

    Arrays come back as NumPy's: those keep their type where the default is float32.

    >>> in_float64(lambda x: jnp.asarray(x) / 3)(1.0).dtype
    dtype('float64')
    """

    @functools.wraps(function)
    def run(*given: P.args, **named: P.kwargs) -> R:
        with jax.enable_x64(True):
            made = function(*given, **named)
        return _on_the_host(made)

    return run


def _on_the_host(made: Any) -> Any:
    # JAX's own maps over a tree sort the keys of a dictionary.
    if isinstance(made, dict):
        return {name: _on_the_host(part) for name, part in made.items()}
    return jax.tree.map(lambda leaf: np.asarray(leaf) if isinstance(leaf, jax.Array) else leaf, made)


class Answering(Protocol):
    """A compiled program: called as the function it was made of."""

    trace: Callable[..., Any]
    lower: Callable[..., Any]

    def __call__(self, *given: Any, **named: Any) -> Any:
        """The answer."""


def answering(function: Callable[..., Any], static: tuple[str, ...] = (), loops: bool = False) -> Answering:
    """`jax.jit` for a program that answers one question; inside somebody else's `jit` or `vmap` just a part of theirs.

    Args:
        function: what is compiled.
        static: names of arguments that are part of the program.
        loops: whether the program runs long enough for its loops to be optimised.

    The result has the `trace` and `lower` of a function made by `jax.jit`.

    >>> answering(lambda x: x + 1)(1.0).item()
    2.0
    """
    options = lambda: _understood() | {"xla_backend_optimization_level": int(loops)}
    return _program(function, static, lambda: options() if _understood() else {})


def _program(
    function: Callable[..., Any], static: tuple[str, ...], options: Callable[[], dict[str, bool | int]]
) -> Answering:
    plain: Any = jax.jit(function, static_argnames=static)

    @functools.cache
    def compiled() -> Any:
        # Not before the first call, as the options depend on the backend.
        chosen = options()
        return jax.jit(function, static_argnames=static, compiler_options=chosen) if chosen else plain

    @functools.wraps(function)
    def run(*given: object, **named: Any) -> Any:
        if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((given, named))):
            return plain(*given, **named)
        try:
            return _bounded(compiled())(*given, **named)
        except ValueError as problem:
            # With concrete arguments inside another trace: only JAX can tell.
            if "compiler_options" not in str(problem):
                raise
            return plain(*given, **named)

    made: Any = run
    made.trace, made.lower, made._cache_size = plain.trace, plain.lower, lambda: compiled()._cache_size()
    return cast(Answering, made)


def by_numpy(program: Answering, *given: object) -> Any:
    """The answer of a small program of known numbers by NumPy: it takes a hundredth of what compiling takes.

    Whatever is large, or traced by somebody else, is left to the program.

    >>> by_numpy(answering(lambda x: (x + 1, -x)), np.array([1.0, 2.0]))[1].tolist()
    [-1.0, -2.0]
    """
    leaves = jax.tree.leaves(given)
    if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        return program(*given)
    try:
        traced = program.trace(*given)
        done = carried_out(traced.jaxpr, *leaves)
    except (NotImplementedError, ValueError):
        return program(*given)
    return jax.tree.unflatten(jax.tree.structure(traced.out_info), list(map(jax.device_put, done)))
