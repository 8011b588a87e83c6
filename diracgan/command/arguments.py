"""The arguments of the `diracgan` command: flags come from the declarations of methods and algorithms."""

from __future__ import annotations

import argparse
import difflib
import math
import os
import re
import sys
from typing import Any, NoReturn

from diracgan.algorithms import ALGORITHMS
from diracgan.catalogue import entry, methods
from diracgan.catalogue.methods import OPTIONS
from diracgan.games.parameters import Parameter

# One rule for every file and directory that is written.
_MADE = "missing directories are made"


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


def complain(message: str) -> int:
    """Print an error as one line; returns the exit code 2."""
    print(f"diracgan: error: {' '.join(str(message).split())}", file=sys.stderr)
    return 2


def fits(size: float, what: str) -> None:
    """Raise `ValueError` where `size` bytes are more than the machine has, before they are asked for."""
    try:
        memory = float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        memory = 2.0**34  # where the system does not tell
    if size > memory:
        raise ValueError(
            f"{what} would need {size / 2**30:,.1f} GiB of memory, of which the machine has {memory / 2**30:,.1f}"
        )


def _flags(parser: argparse.ArgumentParser, title: str, parameters: dict[str, Parameter]) -> None:
    group = parser.add_argument_group(title)
    for name, parameter in parameters.items():
        group.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            type=_switch if parameter.kind is bool else _number,
            metavar="yes|no" if parameter.kind is bool else parameter.symbol,
            help=parameter.help if parameter.kind is bool else f"{parameter.help} ({parameter.requirement})",
        )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number is needed; {text!r} was given") from None


def _switch(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError(f"yes or no is needed; {text!r} was given")
    return text == "yes"


def _method_parser(commands: Any, name: str, help: str, default: str, nargs: str | None = None) -> Parser:
    parser = commands.add_parser(name, help=help, description=f"{help}.")
    parser.add_argument("method", metavar="METHOD", nargs=nargs, help=f"one of: {', '.join(methods())}")
    parser.add_argument("--algorithm", default=default, help=f"flow, {', '.join(ALGORITHMS)} (default: {default})")
    _flags(parser, "hyper-parameters of the method", of_methods())
    _flags(parser, "parameters of the algorithm", of_algorithms())
    return parser


def of_methods() -> dict[str, Parameter]:
    """Every hyper-parameter of the catalogue by name."""
    return {p.name: p for m in methods() for p in (*entry(m).parameters, *OPTIONS)}


def of_algorithms() -> dict[str, Parameter]:
    """Every parameter of an algorithm by name."""
    # A name that methods use, too ("alternating"), is the method's when the method declares it.
    declared = {p.name: p for a in ALGORITHMS.values() for p in a.parameters}
    return {name: parameter for name, parameter in declared.items() if name not in of_methods()}


def _start_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--start", nargs="+", type=_number, default=(1.0, 1.0), metavar="θ ψ", help="every entry of the state: 1 1"
    )
    parser.add_argument("--steps", type=_number, default=500, help="rounds of the algorithm (default: 500)")
    parser.add_argument("--time", type=_number, default=100.0, help="length of a flow's curve (default: 100)")


def build_parser() -> Parser:
    """The whole command line."""
    from diracgan import __version__

    parser = Parser(prog="diracgan", description="Analytic dynamics explorer for the Dirac-GAN.")
    parser.add_argument("--version", action="version", version=f"diracgan {__version__}")
    commands: Any = parser.add_subparsers(dest="command", metavar="COMMAND")

    one = commands.add_parser(
        "reproduce", help="figures, tables and lemma checks of Mescheder et al. 2018, as a report"
    )
    one.add_argument(
        "--out", default="reproduction", metavar="DIR", help=f"where to write (default: reproduction); {_MADE}"
    )
    one.add_argument("--only", nargs="+", metavar="NAME", help="only these figures")
    one.add_argument("--format", default="png", metavar="png,svg,pdf", help="comma-separated (default: png)")
    one.add_argument("--animations", action="store_true", help="also write a film of every method's trajectory")

    one = commands.add_parser("verify", help="check every derived value against its closed form")
    one.add_argument("--json", action="store_true", help="print JSON")

    one = commands.add_parser(
        "methods", help="the catalogue: objectives, eigenvalues, verdicts, derived and closed form"
    )
    one.add_argument("--format", default="table", metavar="table|markdown|json", help="default: table")
    one.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    one.add_argument(
        "--write", metavar="FILE", help="bring the Markdown table between the markers of a file up to date"
    )

    one = commands.add_parser("discrepancies", help="what papers and published code get wrong, each with a proof")
    one.add_argument("--json", action="store_true", help="print JSON")

    one = _method_parser(commands, "spectrum", "Jacobian, eigenvalues and verdict at the equilibrium", "flow")
    one.add_argument("--json", action="store_true", help="print JSON")

    one = _method_parser(commands, "trajectory", "Write the path of one training run", "simgd")
    _start_flags(one)
    one.add_argument("--save-every", type=_number, default=1, metavar="K", help="keep every K-th state (default: 1)")
    one.add_argument("--out", required=True, metavar="FILE", help=f"a .csv or .npz file; {_MADE}")

    one = _method_parser(commands, "portrait", "Draw a phase portrait", "flow")
    _start_flags(one)
    one.add_argument("--box", type=_number, default=2.0, help="half width of the drawn square (default: 2)")
    one.add_argument("--out", required=True, metavar="FILE", help=f"a .png, .svg or .pdf file; {_MADE}")

    kinds: Any = commands.add_parser("atlas", help="maps of stability, basins and bifurcations").add_subparsers(
        dest="kind", metavar="KIND", required=True
    )
    for kind, what in (
        ("stability", "Draw the spectral radius over two parameters, with the curves on which stability ends"),
        ("basin", "Draw what becomes of every start in a box"),
        ("bifurcation", "Draw the attractor over one parameter"),
    ):
        one = _method_parser(kinds, kind, what, "simgd")
        _over_flag(one, required=kind != "basin")
        one.add_argument(
            "--box", nargs=2, type=_number, default=(-5.0, 5.0), metavar=("LOW", "HIGH"), help="of a basin"
        )
        one.add_argument("--n", type=_number, default=256, help="cells of a basin along each axis (default: 256)")
        one.add_argument("--steps", type=_number, default=20_000, help="rounds of a basin (default: 20000)")
        one.add_argument("--out", required=True, metavar="FILE", help=f"a .png, .svg or .pdf file; {_MADE}")

    one = _method_parser(commands, "sweep", "One number per point of a grid of any size, streamed to a store", "simgd")
    _sweep_flags(one)

    one = _method_parser(commands, "explore", "The interactive page: one file, opened in the browser", "altgd", "?")
    one.add_argument(
        "--out", metavar="FILE", help=f"where to write the page (default: the user's cache folder); {_MADE}"
    )
    one.add_argument("--no-open", action="store_true", help="only write it")

    one = _method_parser(commands, "export-js", "A method as plain JavaScript, compiled from its objectives", "flow")
    one.add_argument("--out", metavar="FILE", help=f"where to write the module (default: print it); {_MADE}")
    return parser


def _over_flag(one: argparse.ArgumentParser, required: bool = True) -> None:
    one.add_argument(
        "--over",
        action="append",
        required=required,
        default=None if required else [],
        type=_axis,
        metavar="NAME=LOW:HIGH:COUNT",
        help="an axis of the grid: a continuous parameter of the method or of the algorithm; once per axis",
    )


def _sweep_flags(one: argparse.ArgumentParser) -> None:
    _over_flag(one)
    one.add_argument("--quantity", default="radius", help="radius, distance or verdict (default: radius)")
    one.add_argument("--start", nargs="+", type=_number, default=(1.0, 1.0), metavar="θ ψ", help="default: 1 1")
    one.add_argument("--steps", type=_number, default=1000, help="rounds for distance and verdict (default: 1000)")
    one.add_argument("--chunk", type=_number, metavar="EDGE", help="points of a chunk along each axis")
    one.add_argument("--store", required=True, metavar="DIR", help=f"the Zarr store to write; {_MADE}")
    one.add_argument("--resume", action="store_true", help="go on with the store where it was left")
    group = one.add_argument_group("several processes")
    group.add_argument("--coordinator", metavar="HOST:PORT", help="the address of process 0")
    group.add_argument("--processes", type=_number, metavar="N", help="how many processes there are")
    group.add_argument("--process", type=_number, metavar="I", help="the number of this one, from 0")
    group.add_argument("--distributed", action="store_true", help="inside a cluster whose variables JAX knows")


def _axis(text: str) -> tuple[str, float, float, int]:
    """An axis as (name, lowest, highest, number of values)."""
    name, _, span = text.partition("=")
    try:
        low, high, count = span.split(":")
        axis = name.strip().replace("-", "_"), float(low), float(high), int(count)
    except ValueError:
        axis = "", 0.0, 0.0, 0
    if not axis[0] or not 0 < axis[3] < 1 << 63:
        raise argparse.ArgumentTypeError(f"an axis is NAME=LOW:HIGH:COUNT, such as gamma=0:3:1000; {text!r} was given")
    if not math.isfinite(axis[2] - axis[1]):
        raise argparse.ArgumentTypeError(f"the ends of an axis must be finite numbers; {text!r} was given")
    return axis
