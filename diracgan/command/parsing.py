"""Parsing the words of the command: the parser, the kinds of flags, and the flags that several of its words share."""

from __future__ import annotations

import argparse
import difflib
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

from diracgan.algorithms import ALGORITHMS
from diracgan.catalogue import entry, methods
from diracgan.catalogue.methods import OPTIONS
from diracgan.command.console import complain
from diracgan.games.parameters import Parameter

# One rule for every file and directory that is written.
MADE = "missing directories are made"


class Parser(argparse.ArgumentParser):
    """argparse with one-line errors, no abbreviations, and negative numbers in scientific notation."""

    def __init__(self, **options: Any):
        super().__init__(**{"allow_abbrev": False, **options})
        # argparse takes "-1e-3" for a flag unless its own pattern for negative numbers knows exponents.
        self._negative_number_matcher = re.compile(r"^-(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$|^-(inf|nan)$")

    def error(self, message: str) -> NoReturn:
        """Print one line and leave with exit code 2."""
        known = {name.replace("_", "-") for name in (*of_methods(), *of_algorithms())}
        for flag in re.findall(r"unrecognized arguments:.*?--([\w-]+)", message):
            close = difflib.get_close_matches(flag, known, n=1)
            message += f" (did you mean --{close[0]}?)" if close else ""
        raise SystemExit(complain(message))


def of_methods() -> dict[str, Parameter]:
    """Every hyper-parameter of the catalogue by name."""
    return {p.name: p for m in methods() for p in (*entry(m).parameters, *OPTIONS)}


def of_algorithms() -> dict[str, Parameter]:
    """Every parameter of an algorithm by name."""
    # A name that methods use, too ("alternating"), is the method's when the method declares it.
    declared = {p.name: p for a in ALGORITHMS.values() for p in a.parameters}
    return {name: parameter for name, parameter in declared.items() if name not in of_methods()}


def number(text: str) -> float:
    """Any number; whether it is admissible, its `Parameter` says later."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number is needed; {text!r} was given") from None


def switch(text: str) -> bool:
    """Yes or no."""
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError(f"yes or no is needed; {text!r} was given")
    return text == "yes"


def axis(text: str) -> tuple[str, float, float, int]:
    """An axis as (name, lowest, highest, number of values)."""
    name, _, span = text.partition("=")
    try:
        low, high, count = span.split(":")
        found = name.strip().replace("-", "_"), float(low), float(high), int(count)
    except ValueError:
        found = "", 0.0, 0.0, 0
    if not found[0] or not 0 < found[3] < 1 << 63:
        raise argparse.ArgumentTypeError(f"an axis is NAME=LOW:HIGH:COUNT, such as gamma=0:3:1000; {text!r} was given")
    if not math.isfinite(found[2] - found[1]):
        raise argparse.ArgumentTypeError(f"the ends of an axis must be finite numbers; {text!r} was given")
    return found


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_command(commands: Commands, name: str, help: str, *examples: str, **options: Any) -> Parser:
    """The parser of a sub-command; its help ends with examples of what stands behind its name."""
    lines = "".join(f"  {commands._prog_prefix} {name} {example}\n" for example in examples)
    about = f"{help[0].upper()}{help[1:]}."
    return commands.add_parser(
        name,
        help=help,
        description=about,
        epilog=f"for example:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        **options,
    )


def method_parser(
    commands: Commands, name: str, help: str, default: str, *examples: str, nargs: str | None = None
) -> Parser:
    """The parser of a sub-command about one method under one algorithm, with a flag for each of their parameters."""
    shown = "[METHOD]" if nargs == "?" else "METHOD"
    usage = f"{commands._prog_prefix} {name} {shown} [--algorithm NAME] [parameters of both] [options]"
    parser = add_command(commands, name, help, *examples, usage=usage)
    parser.add_argument("method", metavar="METHOD", nargs=nargs, help=f"one of: {', '.join(methods())}")
    about = f"flow, {', '.join(ALGORITHMS)} (default: {default})"
    parser.add_argument("--algorithm", default=default, metavar="NAME", help=about)
    owners = {m: (*entry(m).parameters, *OPTIONS) for m in methods()}
    _flags(parser, "hyper-parameters of the method", of_methods(), owners, "methods")
    _flags(parser, "parameters of the algorithm", of_algorithms(), _algorithms(), "algorithms")
    return parser


def _algorithms() -> dict[str, tuple[Parameter, ...]]:
    return {name: tuple(kind.parameters) for name, kind in ALGORITHMS.items()}


def _flags(
    parser: argparse.ArgumentParser,
    title: str,
    parameters: dict[str, Parameter],
    owners: Mapping[str, tuple[Parameter, ...]],
    kind: str,
) -> None:
    group = parser.add_argument_group(title)
    for name, parameter in parameters.items():
        having = [owner for owner, declared in owners.items() if name in {p.name for p in declared}]
        whose = ", ".join(having) if len(having) <= 4 else f"{len(having)} of {len(owners)} {kind}"
        bounds = "" if parameter.kind is bool else f"; {parameter.requirement.removeprefix(f'{name} must be ')}"
        group.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            type=switch if parameter.kind is bool else number,
            metavar="yes|no" if parameter.kind is bool else parameter.symbol,
            help=f"{parameter.help} ({whose}{bounds})",
        )


def json_flag(parser: argparse.ArgumentParser) -> None:
    """The flag of what prints a record."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def over_flag(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """The flag that gives an axis of a grid."""
    parser.add_argument(
        "--over",
        action="append",
        required=required,
        default=None if required else [],
        type=axis,
        metavar="NAME=LOW:HIGH:COUNT",
        help="an axis of the grid: a continuous parameter of the method or of the algorithm; once per axis",
    )
