"""The API reference: every public name with its docstring, and the check that nothing is missing.

A name is public when it is in `diracgan.__all__` or in `__all__` of a room that users import beside it. It stands on
the page of the room that it comes from. What a function returns is shown below it.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import diracgan as dg

from building import docstrings, hyperparameters
from building.glossary import ARGUMENTS
from building.words import paragraphs, plain, table

_PACKAGE = Path(dg.__file__).parent

# Page → title, what it is about, and where its names come from: rooms whose names `dg` has, and rooms beside it.
PAGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "catalogue": ("The catalogue", "Methods by name.", ("catalogue", "formulas", "reproduction")),
    "games": ("Games", "What is played: fields, objectives, penalties, measures.", ("games",)),
    "algorithms": ("Algorithms", "How it is trained: update rules.", ("algorithms",)),
    "dynamics": ("One run", "Trajectories, flows, spectra and verdicts.", ("dynamics",)),
    "atlas": ("Many runs", "Stability, critical steps, basins, cycles, bifurcations, optima, noise.", ("atlas",)),
    "sweeps": ("Sweeps", "Grids of any size, in memory and on disk.", ("sweeps",)),
    "proofs": ("Proofs", "What is proved, in interval arithmetic.", ("proofs", "diracgan.proofs")),
    "plotting": ("Plotting", "Drawing on Axes of matplotlib.", ("plotting", "diracgan.plotting")),
    "explorer": ("The explorer", "The interactive page.", ("explorer", "diracgan.explorer")),
    "beyond": (
        "Beyond two parameters",
        "The convergence theorem on general games, long training runs, networks on the plane.",
        ("beyond", "diracgan.beyond", "diracgan.beyond.plane"),
    ),
    "smoothness": ("Smoothness and stability", "The theory of Chu, Minami and Fukumizu.", ("diracgan.smoothness",)),
    "regret": ("Regret", "Online learning, averages, DRAGAN's hypothesis.", ("diracgan.regret",)),
    "course": ("The course", "Exercises that are checked.", ("diracgan.course",)),
}
# What has no example of its own, and why.
EXCUSED = {
    "dg.smoothness.table": "it would take ten seconds",
    "dg.read_store": "it is in that of `dg.sweep_to_store`",
}


@dataclasses.dataclass(frozen=True)
class Name:
    """A public name: as users write it, the object, and the module it is asked for from."""

    path: str
    thing: Any

    @property
    def short(self) -> str:
        """The last part."""
        return self.path.rpartition(".")[2]


@functools.cache
def rooms() -> tuple[str, ...]:
    """The rooms that users import beside `dg`: those on a page that there are."""
    named = [place for _, _, places in PAGES.values() for place in places if place.startswith("diracgan.")]
    return tuple(place for place in named if importlib.util.find_spec(place) is not None)


def public(module: ModuleType) -> list[str]:
    """The names that a room offers."""
    return [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]


@functools.cache
def placed() -> dict[str, tuple[Name, ...]]:
    """Page → its names; what is in `dg` stands under that name even where its room has it as well."""
    found: dict[str, tuple[Name, ...]] = {}
    for page, (_, _, places) in PAGES.items():
        names = []
        for place in places:
            if place in rooms():
                module = importlib.import_module(place)
                short = place.removeprefix("diracgan.")
                names += [
                    Name(f"dg.{short}.{key}", getattr(module, key)) for key in public(module) if key not in dg.__all__
                ]
            elif not place.startswith("diracgan."):
                names += [Name(f"dg.{key}", getattr(dg, key)) for key in _offered(place)]
        if names:
            found[page] = tuple(names)
    return found


def _offered(room: str) -> list[str]:
    """The names of `dg` that come from a room."""
    return [key for key, place in dg._PLACES.items() if place.partition(".")[0] == room]


def pages() -> dict[str, str]:
    """Every page below `api/`, by its name without an ending."""
    return {"index": index(), **{name: page(name) for name in placed()}}


def index() -> str:
    """Where each name is."""
    parts = [
        "# API reference",
        "Every public name. Examples run as tests with `dg`, `jnp` and `np` imported. Every argument is checked "
        "before anything is compiled: an error is a `TypeError` for what is of the wrong kind and a `ValueError` for "
        "what is out of range, and says what must hold, what was given and what to do. Pages name the errors beyond "
        "that.",
    ]
    for name in placed():
        title, about, _ = PAGES[name]
        rows = [[f"[`{it.path}`]({name}.md#{anchor(it)})", plain(summary(it.thing))] for it in placed()[name]]
        parts += [f"## [{title}]({name}.md)", about, table(["name", "what it is"], rows)]
    links = "\n".join(placed())
    return paragraphs([*parts, f"```{{toctree}}\n:hidden:\n\n{links}\n```"])


def anchor(name: Name) -> str:
    """The fragment of a name on its page."""
    return "api-" + re.sub(r"\W+", "-", name.path.removeprefix("dg.")).lower() + ("-class" if _is_class(name) else "")


def _is_class(name: Name) -> bool:
    return inspect.isclass(name.thing)


def page(name: str) -> str:
    """All names of one room."""
    title, about, _ = PAGES[name]
    return paragraphs([f"# {title}", about, *map(section, placed()[name])])


def section(name: Name) -> str:
    """One name: heading, signature, docstring, arguments, members, examples, where it is defined."""
    doc = docstrings.read(name.thing)
    constant = not callable(name.thing)
    body = [
        docstrings.text(doc) if not constant else plain(_constant(name)),
        _arguments(name.thing, doc) if not constant else "",
        _members(name.thing) if _is_class(name) else "",
        _returned(name.thing),
        docstrings.examples(doc) if not constant else "",
        _source(name.thing),
    ]
    kind = "data" if constant else "class" if _is_class(name) else "function"
    written = name.path if constant else f"{name.path}{signature(name.thing)}"
    inside = paragraphs(body)
    return f"({anchor(name)})=\n## `{name.path}`\n\n`````{{py:{kind}}} {written}\n\n{inside}`````"


def signature(thing: Any) -> str:
    """The signature in one line, without the quotes of annotations that are kept as text."""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return "()"
    if inspect.isclass(thing):
        found = found.replace(return_annotation=inspect.Signature.empty)
    parameters = []
    for parameter in found.parameters.values():
        default = parameter.default
        if default is not parameter.empty and not isinstance(default, (int, float, str, tuple, type(None))):
            parameter = parameter.replace(default=_Written("..."))
        parameters.append(parameter.replace(annotation=_unquoted(parameter.annotation)))
    shown = found.replace(parameters=parameters, return_annotation=_unquoted(found.return_annotation))
    return str(shown)


class _Written:
    """Something whose representation is a given text."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _unquoted(annotation: Any) -> Any:
    return _Written(annotation) if isinstance(annotation, str) else annotation


def summary(thing: Any) -> str:
    """The first paragraph of a docstring; of a constant, what kind it is."""
    return docstrings.read(thing).summary if callable(thing) else _constant(thing)


def _constant(thing: Any) -> str:
    value = thing.thing if isinstance(thing, Name) else thing
    if isinstance(value, dict):
        return f"The names {', '.join(f'`{key}`' for key in value)}."
    if isinstance(value, tuple):
        return f"The names {', '.join(f'`{key}`' for key in value)}."
    return f"`{value!r}`"


_ABOVE = "in the text"


def described(thing: Any, doc: docstrings.Doc) -> dict[str, str]:
    """Every parameter → what is said of it: by its docstring, else by the glossary; "" for nothing at all."""
    try:
        parameters = inspect.signature(thing).parameters
    except (TypeError, ValueError):
        return {}
    own = {key.strip(" *"): words for keys, words in doc.arguments.items() for key in keys.split(",")}
    prose = " ".join(doc.blocks)
    known = hyperparameters.declared(thing) if inspect.isclass(thing) else {}
    hyper = {name: f"{p.symbol}, {p.help}; {hyperparameters.values(p)}" for name, p in known.items()}
    found = {}
    for name in parameters:
        mentioned = re.search(rf"\b{name}\b", prose) is not None
        found[name] = own.get(name) or hyper.get(name) or (_ABOVE if mentioned else ARGUMENTS.get(name, ""))
    return found


def _arguments(thing: Any, doc: docstrings.Doc) -> str:
    """The list of arguments, in the order of the docstring and then of the signature."""
    told = described(thing, doc)
    listed = {key.strip(" *") for keys in doc.arguments for key in keys.split(",")}
    lines = [f"`{keys}`\n: {plain(words)}" for keys, words in doc.arguments.items()]
    lines += [
        f"`{key}`\n: {plain(words)}" for key, words in told.items() if key not in listed and words not in ("", _ABOVE)
    ]
    return paragraphs(["**Arguments**", *lines]).rstrip() if lines else ""


def members(kind: type) -> dict[str, Any]:
    """The public methods and properties that a class defines itself."""
    return {
        key: member
        for key, member in vars(kind).items()
        if not key.startswith("_") and (inspect.isfunction(member) or isinstance(member, (property, classmethod)))
    }


def _members(kind: type) -> str:
    rows = []
    for key, member in members(kind).items():
        written = f".{key}" if isinstance(member, property) else f".{key}()"
        rows.append([f"`{written}`", plain(" ".join((inspect.getdoc(member) or "").split()))])
    return paragraphs(["**Members**", table(["member", "what it is"], rows)]).rstrip() if rows else ""


def result(thing: Any) -> type | None:
    """The class of the package that a function says it returns, where that is no public name itself."""
    if inspect.isclass(thing) or not callable(thing):
        return None
    annotation = inspect.signature(thing).return_annotation
    module = inspect.getmodule(thing)
    kind = getattr(module, annotation, None) if isinstance(annotation, str) else annotation
    if not inspect.isclass(kind) or not kind.__module__.startswith("diracgan"):
        return None
    return None if any(kind is it.thing for names in placed().values() for it in names) else kind


def _returned(thing: Any) -> str:
    kind = result(thing)
    if kind is None:
        return ""
    return paragraphs(
        [f"**Returns** a `{kind.__name__}`: {docstrings.text(docstrings.read(kind))}", _members(kind)]
    ).rstrip()


def _source(thing: Any) -> str:
    try:
        file = Path(inspect.getsourcefile(thing) or "")
    except TypeError:
        return ""
    return f"Defined in `diracgan/{file.relative_to(_PACKAGE).as_posix()}`." if file.is_relative_to(_PACKAGE) else ""


def gaps() -> list[str]:
    """What the reference lacks: names that stand on no page or on several, and what is not said of them."""
    on_pages = [it.path for names in placed().values() for it in names]
    wanted = {f"dg.{name}" for name in dg.__all__}
    for place in rooms():
        short = place.removeprefix("diracgan.")
        wanted |= {f"dg.{short}.{key}" for key in public(importlib.import_module(place)) if key not in dg.__all__}
    found = [f"{path} is on no page" for path in sorted(wanted - set(on_pages))]
    found += [f"{path} is on several pages" for path in sorted({one for one in on_pages if on_pages.count(one) > 1})]
    for names in placed().values():
        for name in names:
            found += _missing(name)
    return found


def _missing(name: Name) -> list[str]:
    """What is not said of one name."""
    if not callable(name.thing):
        return []
    doc = docstrings.read(name.thing)
    generated = doc.summary.startswith(f"{name.short}(")
    found = [] if doc.summary.endswith((".", ":")) and not generated else [f"{name.path} has no summary"]
    found += [
        f"{name.path}: nothing is said of {key}" for key, words in described(name.thing, doc).items() if not words
    ]
    kinds = [kind for kind in (name.thing if _is_class(name) else None, result(name.thing)) if kind is not None]
    for kind in kinds:
        if not docstrings.read(kind).summary:
            found.append(f"{kind.__name__} has no summary")
        found += [
            f"{kind.__name__}.{key} has no summary" for key, it in members(kind).items() if not inspect.getdoc(it)
        ]
    if inspect.isfunction(name.thing) and not doc.examples and name.path not in EXCUSED:
        found.append(f"{name.path} has no example")
    return found
