"""The two players of a general game: functions of one point whose parameters are a pytree of arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.inputs import told
from diracgan.games.module import Arrays, attribute

Parts = tuple[jax.Array, ...]


class Player(Arrays):
    """A generator or a discriminator: a callable pytree, or a function of (parameters, point) with its parameters.

    Its parameters are the floating arrays among the leaves, in the order of the tree; whatever else the tree holds
    (activations, sizes, integers) is part of the function.
    """

    parameters: Parts
    # The rest of the leaves by place, the tree, and the function of a pair.
    constants: tuple[object, ...] = attribute(static=True)
    structure: jax.tree_util.PyTreeDef = attribute(static=True)
    function: Callable[..., Any] | None = attribute(static=True, default=None)

    @property
    def size(self) -> int:
        """How many numbers the parameters are."""
        return sum(int(np.prod(np.shape(part))) for part in self.parameters)

    @property
    def flat(self) -> np.ndarray | jax.Array:
        """The parameters in one vector; in float64 where they are concrete."""
        if any(isinstance(part, jax.core.Tracer) for part in self.parameters):
            return joined(self.parameters)
        return np.concatenate([np.ravel(np.asarray(part, np.float64)) for part in self.parameters] or [np.zeros(0)])

    def parts(self, flat: jax.Array) -> Parts:
        """A vector cut into arrays of the shapes of the parameters."""
        shapes = [np.shape(part) for part in self.parameters]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        # `split` and not slices: the transpose of that is one concatenation, and not a sum of padded vectors.
        return tuple(piece.reshape(shape) for piece, shape in zip(jnp.split(flat, ends), shapes, strict=True))

    def built(self, parts: Parts) -> Any:
        """What was given, with these parameters: a module, or a function and its parameters."""
        rest = iter(parts)
        leaves = [next(rest) if constant is _PARAMETER else _released(constant) for constant in self.constants]
        tree = jax.tree.unflatten(self.structure, leaves)
        return tree if self.function is None else (self.function, tree)

    def bound(self, parts: Parts) -> Callable[[jax.Array], jax.Array]:
        """The function of one point at these parameters."""
        made = self.built(parts)
        return made if self.function is None else functools.partial(*made)

    def __repr__(self) -> str:
        return f"<{self.size} parameters>"


def joined(parts: Iterable[jax.Array]) -> jax.Array:
    """Arrays as one vector."""
    return jnp.concatenate([jnp.ravel(part) for part in parts])


class _Parameter:
    """The place of a parameter among the leaves."""

    def __repr__(self) -> str:
        return "parameter"


_PARAMETER = _Parameter()


class _Held:
    """An array that is no parameter, as a constant that can be compared."""

    def __init__(self, array: np.ndarray | jax.Array) -> None:
        self.array = np.asarray(array)

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, _Held) and self.array.dtype == other.array.dtype
        return same and np.array_equal(self.array, other.array)  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((self.array.shape, self.array.tobytes()))


def _released(constant: object) -> object:
    return constant.array if isinstance(constant, _Held) else constant


def is_pair(given: object) -> TypeGuard[tuple[Callable[..., jax.Array], object]]:
    """Whether this is a function with its parameters, and not a module."""
    return isinstance(given, (tuple, list)) and len(given) == 2 and callable(given[0])


def player(given: object, name: str) -> Player:
    """The generator or the discriminator from what a user gives.

    `TypeError` for what is neither a callable pytree nor a pair (function, parameters); `ValueError` for parameters
    that are not finite.
    """
    if isinstance(given, Player):
        return given
    function, tree = given if is_pair(given) else (None, given)
    if function is None and not callable(tree):
        raise TypeError(
            f"the {name} must be a callable pytree, such as an equinox module, or a pair (function, parameters) with "
            f"function(parameters, point); {told(given)} was given"
        )
    leaves, structure = jax.tree.flatten(tree)
    if function is not None:
        leaves = [jnp.asarray(leaf, float) if isinstance(leaf, float) else leaf for leaf in leaves]
    learned = [_is_learned(leaf) for leaf in leaves]
    parameters = tuple(leaf for leaf, yes in zip(leaves, learned, strict=True) if yes)
    for part in parameters:
        if not isinstance(part, (jax.core.Tracer, jax.ShapeDtypeStruct)) and not np.all(np.isfinite(part)):
            raise ValueError(f"the parameters of the {name} must be finite; an array of shape {part.shape} is not")
    if not parameters:
        raise ValueError(f"the {name} has no parameters: it needs arrays of floating numbers; {told(given)} was given")
    constants = tuple(
        _PARAMETER if yes else _Held(leaf) if isinstance(leaf, (np.ndarray, jax.Array)) else leaf
        for leaf, yes in zip(leaves, learned, strict=True)
    )
    return Player(parameters, constants, structure, function)


def _is_learned(leaf: object) -> bool:
    return isinstance(leaf, (np.ndarray, np.floating, jax.Array)) and jnp.issubdtype(leaf.dtype, jnp.floating)
