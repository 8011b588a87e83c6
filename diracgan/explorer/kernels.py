"""The compiled catalogue: every method and algorithm as JavaScript, with what the controls need to know of them."""

from __future__ import annotations

import itertools
import json
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping

from diracgan.algorithms import ALGORITHMS
from diracgan.catalogue import entry, methods, references
from diracgan.catalogue.methods import Entry, make
from diracgan.catalogue.registry import own
from diracgan.explorer.compiler import method_kernel, method_parameters
from diracgan.explorer.updates import algorithm_kernel, algorithm_parameters, algorithm_settings
from diracgan.formulas.notation import parts
from diracgan.games.parameters import Parameter

# Integers that fix the shape of a computation cannot slide: these are the values that are compiled.
_CHOICES = {"unroll": (1, 5), "order": (2, 3, 4)}
# What the page shows only at its default, and why.
WITHOUT = {
    "bias": "the page shows a plane, and a bias makes the state three entries long",
    "moving": "the page shows a plane, and moving anchors make the state four entries long",
    "anchor_rate": "it is that of moving anchors, which make the state four entries long, and the page shows a plane",
    "legacy": "the field as it was published has no data that the page could move",
}


def choices(parameter: Parameter) -> tuple[int, ...]:
    """The values at which a setting is compiled for the page; one means that it cannot be changed there."""
    if parameter.name in WITHOUT:
        return (int(parameter.default),)
    if parameter.kind is bool:
        return (0, 1)
    return _CHOICES.get(parameter.name, (int(parameter.default),))


def method_settings(given: Entry) -> tuple[Parameter, ...]:
    """The integer and boolean hyper-parameters."""
    return tuple(parameter for parameter in given.parameters if parameter.kind is not float)


def variants(settings: tuple[Parameter, ...]) -> Iterator[tuple[str, dict[str, int]]]:
    """Every combination of settings that the page offers, with its key `aligned=1,through=0`."""
    for values in itertools.product(*map(choices, settings)):
        given = {parameter.name: value for parameter, value in zip(settings, values, strict=True)}
        yield ",".join(f"{name}={value}" for name, value in given.items()), given


def compiled_method(name: str) -> dict[str, str]:
    """The kernels of one method by the key of their settings; `ValueError` where the page cannot show it."""
    chosen = entry(name)
    if (n := make(chosen, {}).dimension) != 2:
        raise ValueError(f"the page shows a plane, and the state of {name!r} has {n} entries")
    return {key: method_kernel(make(chosen, given)) for key, given in variants(method_settings(chosen))}


def compiled_methods() -> dict[str, dict[str, str]]:
    """The kernels of the catalogue; a method that cannot be compiled is left out with a warning."""
    return _compiled(methods(), compiled_method)


def compiled_algorithms() -> dict[str, dict[str, str]]:
    """The kernels of the algorithms; one that cannot be compiled is left out with a warning."""
    return _compiled(ALGORITHMS, compiled_algorithm)


def _compiled(names: Iterable[str], compiled: Callable[[str], dict[str, str]]) -> dict[str, dict[str, str]]:
    kernels = {}
    for name in names:
        # What one method or algorithm asks of JAX may be new in its latest release: the others are shown.
        try:
            kernels[name] = compiled(name)
        except Exception as problem:
            warnings.warn(f"the page is without {name!r}: {problem}", stacklevel=3)
    return kernels


def compiled_algorithm(name: str) -> dict[str, str]:
    """The kernels of one algorithm by the key of their settings."""
    return {key: algorithm_kernel(name, **given) for key, given in variants(algorithm_settings(name))}


def library(fields: Mapping[str, dict[str, str]], algorithms: Mapping[str, dict[str, str]]) -> str:
    """The JavaScript expression of all kernels: `{methods: {r1: {"": {...}}}, algorithms: {...}}`."""

    def group(named: Mapping[str, dict[str, str]]) -> str:
        return ",\n".join(
            f"{json.dumps(name)}: {{{', '.join(f'{json.dumps(key)}: {text}' for key, text in texts.items())}}}"
            for name, texts in named.items()
        )

    return f"{{methods: {{\n{group(fields)}\n}}, algorithms: {{\n{group(algorithms)}\n}}}}"


def _declared(parameter: Parameter) -> dict[str, object]:
    low, high = parameter.bounds
    return {
        "name": parameter.name,
        "symbol": parameter.symbol,
        "help": parameter.help,
        "default": float(parameter.default),
        "low": low if math.isfinite(low) else None,
        "high": high if math.isfinite(high) else None,
        "open": parameter.open_low,
        "span": list(parameter.span),
        "whole": parameter.kind is int,
    }


def _switchable(settings: tuple[Parameter, ...]) -> list[dict[str, object]]:
    return [
        {**_declared(p), "choices": list(choices(p)), "switch": p.kind is bool, "default": int(p.default)}
        for p in settings
    ]


def described(names: Iterable[str], algorithms: Iterable[str] = tuple(ALGORITHMS)) -> dict[str, object]:
    """What the page says about these methods and algorithms from their declarations, and the names of the others."""
    names, algorithms = list(names), list(algorithms)
    fields = {}
    for name in names:
        chosen = entry(name)
        fields[name] = {
            "title": chosen.title,
            "own": name in own(),
            "objective": _written(chosen),
            "set": [parts(text) for text in (_written(chosen), chosen.convention)],
            "references": [{"title": references.title(key), "link": references.link(key)} for key in chosen.references],
            "parameters": [_declared(p) for p in method_parameters(chosen) if p.name not in WITHOUT],
            "settings": _switchable(method_settings(chosen)),
        }
    steps = {}
    for name in algorithms:
        kind = ALGORITHMS[name]
        doc = (kind.__doc__ or "").strip().splitlines()[0]
        steps[name] = {
            "title": kind.__name__,
            "help": doc,
            "parameters": [_declared(p) for p in algorithm_parameters(name)],
            "settings": _switchable(algorithm_settings(name)),
            "reason": kind.no_multipliers if isinstance(kind.no_multipliers, str) else None,
            "wrapper": hasattr(kind, "inner") or "inner" in getattr(kind, "__dataclass_fields__", {}),
        }
    missing = [name for name in (*methods(), *ALGORITHMS) if name not in (*names, *algorithms)]
    fixed = {name: value for chosen in map(entry, names) for name, value in _fixed(chosen).items()}
    return {"methods": fields, "algorithms": steps, "missing": missing, "fixed": fixed}


def _fixed(given: Entry) -> dict[str, float]:
    """The values of what a field takes at run time but the page does not show."""
    return {p.name: float(p.default) for p in method_parameters(given) if p.name in WITHOUT}


def _written(given: Entry) -> str:
    """The objective in the symbols of the sliders: DRAGAN's papers call their target k."""
    target = next((p.symbol for p in given.parameters if p.name == "target"), "k")
    return given.objective.replace("- k)", f"- {target})")
