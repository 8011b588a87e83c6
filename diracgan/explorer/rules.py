"""What the page decides by, traced from the package's own rules: `RULES`, functions of numbers in JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import jax
import jax.numpy as jnp

from diracgan.atlas import closed, cycles
from diracgan.dynamics import matrices
from diracgan.dynamics.outcomes import FAR, NEAR, least_distance
from diracgan.explorer import limits
from diracgan.explorer.compiler import traced
from diracgan.explorer.javascript import Tables
from diracgan.explorer.printing import function

# What `dg.cycle` looks for, and when a multiplier is 1 to it.
CYCLES = {"chunk": closed.CHUNK, "longest": closed.LONGEST, "window": closed.WINDOW, "neutral": cycles.NEUTRAL}

T = TypeVar("T")
# What a rule gives: arrays in lists and tuples.
Traced = jax.Array | Sequence[jax.Array]
_MATRIX = ("a", "b", "c", "d")


def _matrix(rule: Callable[[jax.Array], T]) -> Callable[[jax.Array], T]:
    return lambda m: rule(jnp.reshape(m, (2, 2)))


def _settled(m: jax.Array) -> jax.Array:
    """The margin of a spectrum of more than two, from what its eigenvalues leave to the boundary."""
    inside, largest = m
    return matrices.settled(inside, largest, matrices.defective(jnp.float64))


def fate(m: jax.Array) -> list[jax.Array]:
    """One more row of a path for `outcome`: (left, outside, k, distance, size) to the new (left, outside).

    `left` is the first row whose distance exceeds `FAR` or is not finite, -1 before; `outside` the last one that is not
    within `NEAR`, -1 before; `size` is the norm of the target, on which it depends what rounding leaves.
    """
    left, outside, k, distance, size = m
    near = least_distance(float(NEAR.default), size, jnp.float64)
    return [
        jnp.where((left < 0) & ~(distance <= float(FAR.default)), k, left),
        jnp.where(distance < near, outside, k),
    ]


# Name, its arguments, and the function of them, which takes them as one vector.
_FUNCTIONS: tuple[tuple[str, Sequence[str], Callable[[jax.Array], Traced]], ...] = (
    ("map", _MATRIX, _matrix(matrices.margin)),
    ("flow", _MATRIX, _matrix(matrices.decay)),
    ("settled", ("inside", "largest"), _settled),
    ("fate", ("left", "outside", "k", "distance", "size"), fate),
    ("jury", _MATRIX, _matrix(matrices.jury)),
    ("hurwitz", _MATRIX, _matrix(matrices.routh_hurwitz)),
    ("simgd", _MATRIX, limits.limit(limits.simgd)),
    ("altgd", _MATRIX, limits.limit(limits.altgd)),
    ("undamped", ("h", "c"), limits.undamped),
    ("critical", ("c",), limits.critical),
    ("frequency", ("c",), limits.frequency),
)


def rules() -> str:
    """The JavaScript object `{map([a, b, c, d]) {...}, ...}`."""
    tables, texts = Tables(), []
    for name, words, rule in _FUNCTIONS:
        named = [(words, jnp.ones(len(words)))]
        graph, results, shape = traced(lambda m, _, rule=rule: rule(m), named, (), tables, f"the rule {name!r}")
        texts.append(function(graph, name, f"[{', '.join(words)}]", [], results, shape))
    return "{\n" + "\n".join(texts) + "\n}"
