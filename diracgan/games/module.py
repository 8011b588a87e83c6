"""Frozen dataclasses that are pytrees: what fields, losses, penalties and algorithms are made of.

Equinox has a richer `Module`, but importing it costs as much as a third of importing JAX, which every command and every
notebook would pay for these few lines. Its modules and its `eqx.field` work inside these as they are.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, dataclass_transform

import jax
import numpy as np


def attribute(*, converter: Callable[[Any], object] | None = None, static: bool = False, **options: Any) -> Any:
    """A field of a `Module`.

    Args:
        converter: what turns a given value into the stored one; applied to defaults, too.
        static: whether the value is part of the structure (compared by `jit`) and no leaf.
        **options: those of `dataclasses.field`.

    >>> class Scaled(Module):
    ...     factor: float = attribute(default=2, converter=float)
    >>> jax.tree.leaves(Scaled())
    [2.0]
    """
    metadata = {"static": static} | ({} if converter is None else {"converter": converter})
    return dataclasses.field(metadata=metadata, **options)


# Set while an instance is made: until then `__post_init__` may assign.
_OPEN = "_open"


@dataclass_transform(field_specifiers=(attribute, dataclasses.field))
class _Built(type):
    """Makes every class a frozen dataclass and a pytree, and every instance converted and checked."""

    def __init__(cls: Any, name: str, bases: tuple[type, ...], namespace: dict[str, object], **options: object) -> None:
        super().__init__(name, bases, namespace, **options)
        dataclasses.dataclass(eq=False, repr=False)(cls)
        declared = dataclasses.fields(cls)
        leaves = tuple(field.name for field in declared if not field.metadata.get("static"))
        static = tuple(field.name for field in declared if field.metadata.get("static"))
        keys = tuple(jax.tree_util.GetAttrKey(name) for name in leaves)

        def flatten(module: object) -> tuple[list[object], tuple[object, ...]]:
            values = module.__dict__
            return [values[name] for name in leaves], tuple(values[name] for name in static)

        def with_keys(module: object) -> tuple[list[tuple[jax.tree_util.GetAttrKey, object]], tuple[object, ...]]:
            children, structure = flatten(module)
            return list(zip(keys, children, strict=True)), structure

        def unflatten(structure: tuple[object, ...], children: Iterable[object]) -> object:
            # Past `__init__`: JAX puts tracers, shapes and markers in the place of leaves.
            module = object.__new__(cls)
            module.__dict__.update(zip(leaves, children, strict=True))
            module.__dict__.update(zip(static, structure, strict=True))
            return module

        jax.tree_util.register_pytree_with_keys(cls, with_keys, unflatten, flatten)

    @property
    def __signature__(cls: Any) -> inspect.Signature:
        """That of the fields; `inspect` would show the one of `__call__` below."""
        shown = inspect.signature(cls.__init__)
        return shown.replace(parameters=list(shown.parameters.values())[1:])

    def __call__(cls: Any, *given: Any, **options: Any) -> Any:
        made = cls.__new__(cls)
        made.__dict__[_OPEN] = True
        made.__init__(*given, **options)
        for field in dataclasses.fields(cls):
            if (converter := field.metadata.get("converter")) is not None:
                made.__dict__[field.name] = converter(made.__dict__[field.name])
        for kind in reversed(cls.__mro__):
            if (check := vars(kind).get("__check_init__")) is not None:
                check(made)
        del made.__dict__[_OPEN]
        return made


class Module(metaclass=_Built):
    """A frozen dataclass that is a pytree: every field is a subtree, except those declared `attribute(static=True)`.

    Subclasses declare fields as dataclasses do. `__check_init__`, where a class defines it, is called on every new
    instance after the converters have run.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if _OPEN not in self.__dict__:
            raise dataclasses.FrozenInstanceError(f"{type(self).__name__} is frozen: make another one")
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"{type(self).__name__} is frozen; its {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        mine, here = jax.tree.flatten(self)
        theirs, there = jax.tree.flatten(other)
        same: bool = here == there  # type: ignore[operator]
        return same and all(a is b or np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))

    def __hash__(self) -> int:
        return hash((type(self), jax.tree.structure(self)))

    def __repr__(self) -> str:
        values = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self))
        return f"{type(self).__name__}({values})"


class Arrays(Module):
    """Arrays that are no hyper-parameters: data, weights. Their shape is not that of a batch of settings."""


M = TypeVar("M")


def replace(module: M, **changes: object) -> M:
    """The same module with some fields changed, past converters and checks; the others may be traced."""
    made = object.__new__(type(module))
    made.__dict__.update({**module.__dict__, **changes})
    return made
