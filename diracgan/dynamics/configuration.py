"""A field and an algorithm with some of their parameters changed, each name going to the one that declares it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diracgan.algorithms import Algorithm
from diracgan.games.fields import VectorField, as_field
from diracgan.games.parameters import Parameter, unknown


def tunable(field: VectorField, algorithm: Algorithm | None, names: Iterable[str]) -> dict[str, Parameter]:
    """The declarations of these continuous parameters of the field and the algorithm (None: the flow has none).

    A name that both declare belongs to the field. `ValueError` that lists what there is for an unknown one.
    """
    known = {**(algorithm.tunable if algorithm is not None else {}), **field.tunable}
    for name in names:
        if name not in known:
            of = f"of {field!r}" + ("" if algorithm is None else f" and {algorithm!r}") + " "
            raise ValueError(unknown("continuous parameter", name, known, of))
    return {name: known[name] for name in names}


def configured(field: Any, algorithm: Any, values: Mapping[str, Any]) -> tuple[Any, Any]:
    """The field and the algorithm at these values, which may be traced; errors are those of `tunable`."""
    field = as_field(field)
    tunable(field, algorithm, values)
    mine = {name: value for name, value in values.items() if name in field.tunable}
    rest = {name: value for name, value in values.items() if name not in field.tunable}
    return field.replace(**mine) if mine else field, algorithm.replace(**rest) if rest else algorithm
