"""The list of methods: looking up, registering, citing."""

from __future__ import annotations

import copyreg
import math
from collections.abc import Callable, Mapping
from typing import Any

from diracgan.catalogue.methods import Entry, Method, make
from diracgan.catalogue.references import bibtex, records
from diracgan.games.fields import VectorField
from diracgan.games.inputs import as_function, as_text, told
from diracgan.games.parameters import Parameter, unknown

_ENTRIES: dict[str, Entry] = {}
# Looked up while a trajectory is compiled: the built-in entries cannot be replaced, only added to.
_BUILT_IN: set[str] = set()


def methods() -> tuple[str, ...]:
    """The names of all methods, in the order of the catalogue.

    >>> dg.methods()[:3]
    ('gan', 'nsgan', 'wgan')
    """
    return tuple(_ENTRIES)


def own() -> tuple[str, ...]:
    """The names that were registered in this process."""
    return tuple(name for name in _ENTRIES if name not in _BUILT_IN)


def entry(name: str) -> Entry:
    """The catalogue entry of a name; `ValueError` that lists the known names for another one.

    >>> dg.entry("r1").title
    'R1 gradient penalty'
    """
    if not isinstance(name, str):
        raise TypeError(
            f"the name of a method is needed; {told(name)} was given: a field of your own gets a name by dg.register"
        )
    if name not in _ENTRIES:
        raise ValueError(unknown("method", name, _ENTRIES))
    return _ENTRIES[name]


def method(name: str, **hyper_parameters: object) -> Method:
    """A method of the catalogue at given hyper-parameters; the others keep the defaults of the published figures.

    The result is a vector field, a pytree whose leaves are the hyper-parameters. `ValueError` names the known
    methods, hyper-parameters or bounds when one is wrong.

    >>> dg.method("r1", gamma=0.3)
    method("r1", gamma=0.3)
    >>> dg.method("r1", gamma=0.3)((1.0, 0.0)).tolist()
    [-0.0, 0.5]
    """
    return make(entry(name), hyper_parameters)


def _restored(name: str, values: dict[str, object]) -> Method:
    return method(name, **values)


# Entries hold functions that do not pickle: a method is its name and its values.
copyreg.pickle(Method, lambda m: (_restored, (m.name, {**m.values, **dict(m.settings)})))


def register(
    name: str,
    build: Callable[..., VectorField],
    parameters: tuple[Parameter, ...] | Parameter = (),
    *,
    title: str | None = None,
    references: tuple[str, ...] = (),
    objective: str = "",
    convention: str = "",
    published: Mapping[str, Mapping[str, float]] | None = None,
) -> Entry:
    """Add a method to the catalogue of this process: tables, commands and figures then know it.

    `build` takes the hyper-parameters by keyword and returns a vector field; it is tried once with the defaults. A name
    of the built-in catalogue is refused with `ValueError`; an own one may be registered again, as a notebook cell does
    when it is run twice. `TypeError` where `build` is no such function, or a parameter is not declared.

    Args:
        name: what it is called from now on.
        build: makes the vector field from the hyper-parameters.
        parameters: the declaration of each of them.
        title: what pictures say, by default the name.
        references: keys of `references.bib`.
        objective, convention: what is played, and what the weight means, in words and letters.
        published: the values of each panel in which it has appeared, by the panel's title.

    >>> build = lambda gamma: dg.DiracGAN(dg.Minimax(), (dg.R1(10 * gamma),))
    >>> _ = dg.register("r1-strong", build, (dg.Parameter("gamma", "γ", "weight", 0.1),))
    >>> dg.method("r1-strong", gamma=0.2)
    method("r1-strong", gamma=0.2)
    """
    if not isinstance(name, str) or not name or name != name.strip().lower() or " " in name or not name.isprintable():
        raise ValueError(f"a method's name must be lower-case without spaces; {told(name)} was given")
    if name in _BUILT_IN:
        raise ValueError(f"{name!r} is a method of the built-in catalogue; choose another name")
    as_function(build, "build", "the hyper-parameters")
    words = {"title": name if title is None else title, "objective": objective, "convention": convention}
    title, objective, convention = (as_text(text, what) for what, text in words.items())
    declared = _several((parameters,) if isinstance(parameters, Parameter) else parameters, "parameters")
    references = _several(references, "references")
    for parameter in declared:
        if not isinstance(parameter, Parameter):
            raise TypeError(
                'parameters must be declarations such as dg.Parameter("gamma", "γ", "weight", 0.3); '
                f"{told(parameter)} was given"
            )
    missing = [key for key in references if as_text(key, "a reference") not in records()]
    if missing:
        raise ValueError(unknown("reference", missing[0], records()))
    new = Entry(name, title, build, declared, references, objective, convention, _settings(published))
    if _BUILT_IN:
        _try(new)
    _ENTRIES[name] = new
    return new


def _several(given: object, name: str) -> tuple[Any, ...]:
    if not isinstance(given, (tuple, list)):
        raise TypeError(f"{name} must be a tuple of them, which may be empty; {told(given)} was given")
    return tuple(given)


def _settings(published: Any) -> Mapping[str, Mapping[str, float]]:
    given = {} if published is None else published
    if not isinstance(given, Mapping) or not all(
        isinstance(title, str) and isinstance(values, Mapping) for title, values in given.items()
    ):
        raise TypeError(
            'published must give the settings of each panel by its title, such as {"Figure 1": {"gamma": 0.3}}; '
            f"{told(published)} was given"
        )
    return given


def _try(new: Entry) -> None:
    """Build an entry at its defaults: what is wrong with it is said where it is registered, not where it is used."""
    names = ", ".join(parameter.name for parameter in new.parameters)
    # Without a default a value has to be given; the middle of its span will do here.
    needed = {p.name: sum(p.span) / 2 for p in new.parameters if math.isnan(p.default)}
    defaults = make(new, needed)
    for values in new.published.values():
        make(new, {**needed, **values})
    try:
        built = defaults.field
    except Exception as problem:
        raise TypeError(
            f"build must work as build({names}) with the defaults; {told(new.build)} was given, which raised "
            f"{problem!r}"
        ) from problem
    if not isinstance(built, VectorField):
        raise TypeError(
            f"build must return a vector field, such as a dg.DiracGAN; {told(new.build)} was given, which returned "
            f"{told(built)}"
        )


def cite(name: str) -> str:
    """BibTeX of the references of a method, whose `name` is one of `dg.methods()`; `ValueError` for another one.

    >>> print(dg.cite("wgan").splitlines()[0])
    @misc{arjovsky2017,
    """
    return "\n\n".join(bibtex(key) for key in entry(name).references)


def seal() -> None:
    """Protect every entry so far from being replaced."""
    _BUILT_IN.update(_ENTRIES)
