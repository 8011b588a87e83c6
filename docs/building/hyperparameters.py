"""Tables of declared hyper-parameters: symbol, meaning, default, admissible values."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from diracgan.games.parameters import Parameter

from building.words import number, plain, table


def listed(parameters: Iterable[Parameter]) -> str:
    """A table of them."""
    rows = [[f"`{p.name}`", plain(p.symbol), plain(p.help), number(p.default), plain(values(p))] for p in parameters]
    return table(["hyper-parameter", "symbol", "meaning", "default", "values"], rows)


def values(parameter: Parameter) -> str:
    """The admissible values in words."""
    if parameter.kind is bool:
        return "yes or no"
    low, high = parameter.bounds
    lower = "" if math.isinf(low) else f"{'>' if parameter.open_low else '≥'} {low:g}"
    upper = "" if math.isinf(high) else f"≤ {high:g}"
    kind = "integer " if parameter.kind is int else ""
    return (kind + (", ".join(part for part in (lower, upper) if part) or "any number")).strip()


def _parameters(kind: type) -> tuple[Parameter, ...]:
    """What an algorithm says of itself; of a method it is a property."""
    given = getattr(kind, "parameters", ())
    return given if isinstance(given, tuple) else ()


def declared(kind: type) -> dict[str, Parameter]:
    """The attributes of a module that are declared hyper-parameters, by name."""
    if not dataclasses.is_dataclass(kind):
        return {}
    owners = {f.name: getattr(f.metadata.get("converter"), "__self__", None) for f in dataclasses.fields(kind)}
    given = {p.name: p for p in _parameters(kind)}
    return given | {name: owner for name, owner in owners.items() if isinstance(owner, Parameter)}
