"""What the words of a command line choose: a method, an algorithm, the axes of a grid."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

import numpy as np

from diracgan.algorithms import ALGORITHMS, Algorithm, algorithm_named
from diracgan.catalogue import entry, method
from diracgan.catalogue.methods import OPTIONS, Method
from diracgan.command.parsing import of_methods
from diracgan.games.parameters import unknown


def given(options: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Those of the options that have a value."""
    return {name: getattr(options, name) for name in names if getattr(options, name, None) is not None}


def chosen_method(options: argparse.Namespace) -> Method:
    """The method, at the hyper-parameters that were given."""
    known = {p.name for p in (*entry(options.method).parameters, *OPTIONS)}
    shared = {p.name for a in ALGORITHMS.values() for p in a.parameters}
    values = given(options, of_methods())
    return method(options.method, **{k: v for k, v in values.items() if k in known or k not in shared})


def chosen_algorithm(options: argparse.Namespace) -> Algorithm | None:
    """The algorithm, at the parameters that were given; None is the flow."""
    of_method = {p.name for p in entry(options.method).parameters}
    values = given(options, {p.name for a in ALGORITHMS.values() for p in a.parameters} - of_method)
    if options.algorithm == "flow":
        if values:
            raise ValueError(f"the flow takes no {next(iter(values))}: choose --algorithm {', '.join(ALGORITHMS)}")
        return None
    if options.algorithm not in ALGORITHMS:
        raise ValueError(unknown("algorithm", options.algorithm, ["flow", *ALGORITHMS]))
    return algorithm_named(options.algorithm, **values)


def for_grid(options: argparse.Namespace) -> tuple[Method, Algorithm]:
    """The method and the algorithm of a grid, on which there is no flow."""
    chosen, algorithm = chosen_method(options), chosen_algorithm(options)
    if algorithm is None:
        raise ValueError(f"the {options.command} needs an algorithm: choose --algorithm {', '.join(ALGORITHMS)}")
    return chosen, algorithm


def check_steady(algorithm: Algorithm) -> None:
    """`ValueError` for an algorithm whose map depends on the round."""
    if algorithm.scheduled:
        raise ValueError(
            f"the map of {algorithm!r} depends on the round and has no one spectrum: choose another --algorithm"
        )


def axes(options: argparse.Namespace) -> dict[str, np.ndarray]:
    """The values along each axis of the grid."""
    names = [name for name, *_ in options.over]
    for name in names:
        if names.count(name) > 1 or getattr(options, name, None) is not None:
            raise ValueError(f"{name} must be given once; as an axis it takes its values from --over alone")
    return {name: np.linspace(low, high, count) for name, low, high, count in options.over}
