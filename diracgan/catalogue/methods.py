"""What a named method is: a catalogue entry (data) and the entry at given hyper-parameters (a vector field)."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from diracgan.displays.pictures import formula
from diracgan.games.dirac import DiracGAN
from diracgan.games.fields import Delegating, VectorField
from diracgan.games.module import attribute
from diracgan.games.parameters import BIAS, DATA, Parameter, cast, plain, unknown

if TYPE_CHECKING:
    from jaxtyping import Array, Float

# What every entry takes beside its own hyper-parameters.
OPTIONS = (DATA, BIAS)


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


class Method(Delegating):
    """A named method at given hyper-parameters: a pytree whose leaves are the hyper-parameters.

    Everything is delegated to the field that the entry builds, so that `jax.vmap` and `jax.grad` over a
    hyper-parameter need no special support.
    """

    values: dict[str, Any]
    settings: tuple[tuple[str, int], ...] = attribute(static=True)
    entry: Entry = attribute(static=True)

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return self.entry.name

    @property
    def field(self) -> VectorField:
        """The vector field at these hyper-parameters."""
        # Built once for each instance: an attribute of the object that is no field of the pytree.
        if "_field" not in self.__dict__:
            given = {**self.values, **dict(self.settings)}
            place = {name: given.pop(name) for name in ("data", "bias") if name in given}
            self.__dict__["_field"] = located(self.entry.build(**given), **place)
        return self.__dict__["_field"]

    @property
    def tunable(self) -> dict[str, Parameter]:
        """The continuous hyper-parameters by name, the data's place among them."""
        return {parameter.name: parameter for parameter in (*self.entry.parameters, DATA) if parameter.kind is float}

    def replace(self, **values: object) -> Method:
        """The same method with some hyper-parameters changed; names and values are checked."""
        return make(self.entry, {**self.values, **dict(self.settings), **values})

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """The field's; `ValueError` for a batch of hyper-parameters, which broadcasting would mix up."""
        for name, value in self.values.items():
            if jnp.ndim(value):
                raise ValueError(
                    f"{name} must be one number here; shape {jnp.shape(value)} was given: use jax.vmap over the method"
                )
        return _velocity(self, x)

    def _around(self, field: VectorField) -> VectorField:
        # A method is rebuilt from its values wherever it is used: what it is in one round is the field it built.
        return field

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """The field's."""
        return cast(self.field, x.dtype).kinks(x)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(f"method has no attribute or hyper-parameter {name!r}") from None

    def __repr__(self) -> str:
        values = {**self.values, **dict(self.settings)}
        names = [parameter.name for parameter in (*self.entry.parameters, *OPTIONS) if parameter.name in values]
        given = "".join(f", {name}={plain(values[name])}" for name in names)
        return f'method("{self.entry.name}"{given})'

    def _repr_latex_(self) -> str | None:
        return formula(self.entry.name)


@functools.partial(jax.jit, inline=True)
def _velocity(chosen: Method, x: jax.Array) -> jax.Array:
    # A function of its own, so that a method is traced once however often and wherever its velocity occurs.
    # What `build` adds (a penalty's default, say) is not a leaf of the method and not yet of the state's dtype.
    return cast(chosen.field, x.dtype).velocity(x)


def located(field: VectorField, data: Any = None, bias: bool = False) -> VectorField:
    """The field with every Dirac-GAN in it moved to data at `data` and, with `bias`, given a third parameter."""
    if data is None and not bias:
        return field
    if not movable(field):
        raise ValueError("data and bias are options of methods that are built from a DiracGAN; this one is not")
    return jax.tree.map(lambda node: node.placed(data, bias) if _is_game(node) else node, field, is_leaf=_is_game)


def movable(field: VectorField) -> bool:
    """Whether the field is made from a Dirac-GAN, whose data can be elsewhere."""
    return played(field) is not None


def played(field: VectorField) -> Any:
    """The Dirac-GAN that the field is made from, None where there is none."""
    return next((node for node in jax.tree.leaves(field, is_leaf=_is_game) if _is_game(node)), None)


def _is_game(node: object) -> bool:
    return isinstance(node, DiracGAN)


def make(entry: Entry, given: Mapping[str, Any]) -> Method:
    """`entry` at its defaults, overridden by `given`; unknown names and bad values raise `ValueError`/`TypeError`."""
    declared = {parameter.name: parameter for parameter in (*entry.parameters, *OPTIONS)}
    for name in given:
        if name not in declared:
            raise ValueError(unknown("hyper-parameter", name, declared, f"of {entry.name!r} "))
    own = {parameter.name for parameter in entry.parameters}
    values = {
        name: parameter.convert(given.get(name, parameter.default))
        for name, parameter in declared.items()
        if name in own or name in given
    }
    return Method(
        values={name: value for name, value in values.items() if declared[name].kind is float},
        settings=tuple((name, value) for name, value in values.items() if declared[name].kind is not float),
        entry=entry,
    )
