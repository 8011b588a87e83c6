"""The `diracgan` command: flags come from the declarations of methods and algorithms."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from diracgan.algorithms import ALGORITHMS, Algorithm, algorithm_named
from diracgan.catalogue import entry, method, methods
from diracgan.methods import OPTIONS, Method
from diracgan.parameters import Parameter, unknown


class Parser(argparse.ArgumentParser):
    """argparse with one-line errors, no abbreviations, and negative numbers in scientific notation."""

    def __init__(self, **options: Any):
        super().__init__(**{"allow_abbrev": False, **options})
        # argparse takes "-1e-3" for a flag unless its own pattern for negative numbers knows exponents.
        self._negative_number_matcher = re.compile(r"^-(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$|^-(inf|nan)$")

    def error(self, message: str) -> NoReturn:
        """Print one line and leave with exit code 2."""
        raise SystemExit(_complain(message))


def _complain(message: str) -> int:
    print(f"diracgan: error: {' '.join(str(message).split())}", file=sys.stderr)
    return 2


def _flags(parser: argparse.ArgumentParser, title: str, parameters: dict[str, Parameter]) -> None:
    group = parser.add_argument_group(title)
    for name, parameter in parameters.items():
        group.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            type=_switch if parameter.kind is bool else _number,
            metavar="yes|no" if parameter.kind is bool else parameter.symbol,
            help=f"{parameter.help} ({parameter.requirement})",
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


def _method_parser(commands: Any, name: str, help: str, default: str) -> Parser:
    parser = commands.add_parser(name, help=help, description=f"{help}.")
    parser.add_argument("method", metavar="METHOD", help=f"one of: {', '.join(methods())}")
    parser.add_argument("--algorithm", default=default, help=f"flow, {', '.join(ALGORITHMS)} (default: {default})")
    _flags(parser, "hyper-parameters of the method", _of_methods())
    _flags(parser, "parameters of the algorithm", _of_algorithms())
    return parser


def _of_methods() -> dict[str, Parameter]:
    return {p.name: p for m in methods() for p in (*entry(m).parameters, *OPTIONS)}


def _of_algorithms() -> dict[str, Parameter]:
    # A name that methods use, too ("alternating"), is the method's when the method declares it.
    declared = {p.name: p for a in ALGORITHMS.values() for p in a.parameters}
    return {name: parameter for name, parameter in declared.items() if name not in _of_methods()}


def _start_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--start", nargs=2, type=_number, default=(1.0, 1.0), metavar=("θ", "ψ"), help="default: 1 1")
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
    one.add_argument("--out", default="reproduction", metavar="DIR", help="where to write (default: reproduction)")
    one.add_argument("--only", nargs="+", metavar="NAME", help="only these figures")
    one.add_argument("--format", default="png", metavar="png,svg,pdf", help="comma-separated (default: png)")
    one.add_argument("--animations", action="store_true", help="also write a film of every method's trajectory")

    one = commands.add_parser("verify", help="check every derived value against its closed form")
    one.add_argument("--json", action="store_true", help="print JSON")

    one = commands.add_parser("methods", help="list the catalogue")
    one.add_argument("--json", action="store_true", help="print JSON")

    one = _method_parser(commands, "spectrum", "Jacobian, eigenvalues and verdict at the equilibrium", "flow")
    one.add_argument("--json", action="store_true", help="print JSON")

    one = _method_parser(commands, "trajectory", "Write the path of one training run", "simgd")
    _start_flags(one)
    one.add_argument("--save-every", type=_number, default=1, metavar="K", help="keep every K-th state (default: 1)")
    one.add_argument("--out", required=True, metavar="FILE", help="a .csv or .npz file")

    one = _method_parser(commands, "portrait", "Draw a phase portrait", "flow")
    _start_flags(one)
    one.add_argument("--box", type=_number, default=2.0, help="half width of the drawn square (default: 2)")
    one.add_argument("--out", required=True, metavar="FILE", help="a .png, .svg or .pdf file")
    return parser


def _given(options: argparse.Namespace, names: Any) -> dict[str, Any]:
    return {name: getattr(options, name) for name in names if getattr(options, name, None) is not None}


def _chosen_method(options: argparse.Namespace) -> Method:
    known = {p.name for p in (*entry(options.method).parameters, *OPTIONS)}
    shared = {p.name for a in ALGORITHMS.values() for p in a.parameters}
    given = _given(options, _of_methods())
    return method(options.method, **{k: v for k, v in given.items() if k in known or k not in shared})


def _chosen_algorithm(options: argparse.Namespace) -> Algorithm | None:
    of_method = {p.name for p in entry(options.method).parameters}
    names = {p.name for a in ALGORITHMS.values() for p in a.parameters} - of_method
    given = _given(options, names)
    if options.algorithm == "flow":
        if given:
            raise ValueError(f"the flow takes no {next(iter(given))}: choose --algorithm {', '.join(ALGORITHMS)}")
        return None
    if options.algorithm not in ALGORITHMS:
        raise ValueError(unknown("algorithm", options.algorithm, ["flow", *ALGORITHMS]))
    return algorithm_named(options.algorithm, **given)


def _reproduce(options: argparse.Namespace) -> int:
    from diracgan.report import reproduce

    formats = tuple(part.strip() for part in options.format.split(","))
    return reproduce(options.out, options.only, formats, options.animations)


def _verify(options: argparse.Namespace) -> int:
    from diracgan.lemmas import checks
    from diracgan.report import as_json, check_line

    done = []
    for check in checks():
        done.append(check)
        if not options.json:
            print(check_line(check), flush=True)
    failed = sum(not check.ok for check in done)
    if options.json:
        print(json.dumps(as_json(done), indent=1))
    else:
        print(f"{len(done)} checks, {failed} failed")
    return 1 if failed else 0


def _methods(options: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "title": entry(name).title,
            "objective": entry(name).objective,
            "convention": entry(name).convention,
            "hyper_parameters": {p.name: p.default for p in entry(name).parameters},
            "references": list(entry(name).references),
        }
        for name in methods()
    ]
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        values = ", ".join(f"{k}={v:g}" for k, v in row["hyper_parameters"].items())
        print(f"{row['name']:{width}}  {row['objective']}{'   [' + values + ']' if values else ''}")
    return 0


def _spectrum(options: argparse.Namespace) -> int:
    from diracgan.report import spectrum_record

    record = spectrum_record(_chosen_method(options), _chosen_algorithm(options))
    if options.json:
        print(json.dumps(record, indent=1, ensure_ascii=False))
    else:
        for name, value in record.items():
            print(f"{name:12} {value}")
    return 0


def _path(options: argparse.Namespace, chosen: Method, algorithm: Algorithm | None) -> tuple[Any, Any]:
    """The steps (or times) and states of the run that the options describe."""
    import numpy as np

    from diracgan.flows import flow
    from diracgan.trajectories import SAVE_EVERY, STEPS, simulate

    if algorithm is None:
        length = float(Parameter("time", "T", "length of the curve", open_low=True).convert(options.time))
        times = np.linspace(0.0, length, 501)
        return times, np.asarray(flow(chosen, options.start, times))
    steps, every = STEPS.convert(options.steps), SAVE_EVERY.convert(getattr(options, "save_every", 1))
    path = np.asarray(simulate(chosen, algorithm, options.start, steps, every))
    return np.arange(len(path)) * every, path


def _trajectory(options: argparse.Namespace) -> int:
    from diracgan.files import save_table
    from diracgan.trajectories import outcome

    chosen, algorithm = _chosen_method(options), _chosen_algorithm(options)
    clock = "time" if algorithm is None else "step"
    target = save_table(options.out)
    when, path = _path(options, chosen, algorithm)
    target({clock: when, "theta": path[:, 0], "psi": path[:, 1]})
    ended = outcome(path, chosen.equilibrium)
    first = "" if ended.step is None else f" (from {clock} {when[ended.step]:g})"
    print(f"{ended.kind}{first}: {options.out}")
    return 0


def _portrait(options: argparse.Namespace) -> int:
    from diracgan.figures import save_portrait

    start = tuple(options.start)
    box = float(Parameter("box", "box", "half width", open_low=True).convert(options.box))
    chosen, algorithm = _chosen_method(options), _chosen_algorithm(options)
    print(save_portrait(options.out, chosen, algorithm, start, options.steps, options.time, box))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 1 when a check fails, or 2 for bad input."""
    import jax

    try:
        # Parsed inside the guard: declarations raise the same errors as the functions behind them.
        parser = build_parser()
        options = parser.parse_args(arguments)
        if options.command is None:
            parser.print_help()
            return 0
        with jax.enable_x64(True):
            return _COMMANDS[options.command](options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, TypeError, OSError) as problem:
        return _complain(str(problem))
    except KeyboardInterrupt:
        print("diracgan: interrupted", file=sys.stderr)
        return 130


_COMMANDS = {
    "reproduce": _reproduce,
    "verify": _verify,
    "methods": _methods,
    "spectrum": _spectrum,
    "trajectory": _trajectory,
    "portrait": _portrait,
}
