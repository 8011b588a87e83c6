"""What the page decides by, traced from the package's own rules: `RULES`, functions of numbers in JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from diracgan.atlas import closed, cycles
from diracgan.dynamics import matrices
from diracgan.dynamics.outcomes import FAR, NEAR, least_distance
from diracgan.explorer.compiler import traced
from diracgan.explorer.javascript import Tables
from diracgan.explorer.printing import function

# What `dg.cycle` looks for, and when a multiplier is 1 to it.
CYCLES = {"chunk": closed.CHUNK, "longest": closed.LONGEST, "window": closed.WINDOW, "neutral": cycles.NEUTRAL}

_MATRIX = ("a", "b", "c", "d")


def _matrix(rule: Callable[[jax.Array], jax.Array]) -> Callable[..., jax.Array]:
    return lambda m: rule(jnp.reshape(m, (2, 2)))


def _settled(m: Any) -> jax.Array:
    """The margin of a spectrum of more than two, from what its eigenvalues leave to the boundary."""
    inside, largest = m
    return matrices.settled(inside, largest, matrices.defective(jnp.float64))


def fate(m: Any) -> Any:
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


def simgd_limit(m: Any) -> jax.Array:
    """The learning rate at which SimGD on J = [[0, -c], [c, -g]] loses its stability, g > 0."""
    c, g = m
    real = g * g >= 4 * c * c
    return jnp.where(real, 4 / (g + jnp.sqrt(jnp.where(real, g * g - 4 * c * c, 1))), g / (c * c))


def altgd_limit(m: Any) -> jax.Array:
    """The same for AltGD with one update of each player, g >= 0."""
    c, g = m
    return 4 / (g + jnp.sqrt(g * g + 4 * c * c))


# Name, its arguments, and the function of them, which takes them as one vector.
_FUNCTIONS: tuple[tuple[str, Sequence[str], Callable[[Any], Any]], ...] = (
    ("map", _MATRIX, _matrix(matrices.margin)),
    ("flow", _MATRIX, _matrix(matrices.decay)),
    ("settled", ("inside", "largest"), _settled),
    ("fate", ("left", "outside", "k", "distance", "size"), fate),
    ("simgd", ("c", "g"), simgd_limit),
    ("altgd", ("c", "g"), altgd_limit),
)


def rules() -> str:
    """The JavaScript object `{map([a, b, c, d]) {...}, ...}`."""
    tables, texts = Tables(), []
    for name, words, rule in _FUNCTIONS:
        named = [(words, jnp.ones(len(words)))]
        graph, results, shape = traced(lambda m, _, rule=rule: rule(m), named, (), tables, f"the rule {name!r}")
        texts.append(function(graph, name, f"[{', '.join(words)}]", [], results, shape))
    return "{\n" + "\n".join(texts) + "\n}"
