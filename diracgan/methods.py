"""What a named method is: a catalogue entry (data) and the entry at given hyper-parameters (a vector field)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax

from diracgan.fields import Domain, VectorField
from diracgan.parameters import Parameter, plain, unknown


@dataclasses.dataclass(frozen=True, eq=False)
class Entry:
    """One line of the catalogue.

    `build` makes the vector field from the hyper-parameters, given by keyword. `published` are the settings, by
    panel title, with which the method appears in the figures of its paper.
    """

    name: str
    title: str
    build: Callable[..., VectorField]
    parameters: tuple[Parameter, ...]
    references: tuple[str, ...]
    objective: str
    convention: str = ""
    published: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Entry({self.name!r})"


class Method(VectorField):
    """A named method at given hyper-parameters: a pytree whose leaves are the hyper-parameters.

    Everything is delegated to the field that the entry builds, so that `jax.vmap` and `jax.grad` over a
    hyper-parameter need no special support.
    """

    values: dict[str, Any]
    settings: tuple[tuple[str, int], ...] = eqx.field(static=True)
    entry: Entry = eqx.field(static=True)

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return self.entry.name

    @property
    def field(self) -> VectorField:
        """The vector field at these hyper-parameters."""
        return self.entry.build(**self.values, **dict(self.settings))

    def replace(self, **values: Any) -> Method:
        """The same method with some hyper-parameters changed; names and values are checked."""
        return make(self.entry, {**self.values, **dict(self.settings), **values})

    def velocity(self, x: jax.Array) -> jax.Array:
        """The field's."""
        return self.field.velocity(x)

    @property
    def dimension(self) -> int:
        """The field's."""
        return self.field.dimension

    @property
    def generator_size(self) -> int:
        """The field's."""
        return self.field.generator_size

    @property
    def domain(self) -> Domain:
        """The field's."""
        return self.field.domain

    @property
    def equilibrium(self) -> Any:
        """The field's."""
        return self.field.equilibrium

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """The field's."""
        return self.field.kinks(x)

    def check(self, states: Any) -> str | None:
        """The field's."""
        return self.field.check(states)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(f"method has no attribute or hyper-parameter {name!r}") from None

    def __repr__(self) -> str:
        given = "".join(f", {k}={plain(v)}" for k, v in [*self.values.items(), *self.settings])
        return f'method("{self.entry.name}"{given})'


def make(entry: Entry, given: Mapping[str, Any]) -> Method:
    """`entry` at its defaults, overridden by `given`; unknown names and bad values raise `ValueError`/`TypeError`."""
    declared = {parameter.name: parameter for parameter in entry.parameters}
    for name in given:
        if name not in declared:
            raise ValueError(unknown("hyper-parameter", name, declared, f"of {entry.name!r} "))
    values = {name: parameter.convert(given.get(name, parameter.default)) for name, parameter in declared.items()}
    return Method(
        values={name: value for name, value in values.items() if declared[name].kind is float},
        settings=tuple((name, value) for name, value in values.items() if declared[name].kind is int),
        entry=entry,
    )
