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
    one.add_argument("--out", required=True, metavar="FILE", help="a .csv or .npz file")

    one = _method_parser(commands, "portrait", "Draw a phase portrait", "flow")
    _start_flags(one)
    one.add_argument("--box", type=_number, default=2.0, help="half width of the drawn square (default: 2)")
    one.add_argument("--out", required=True, metavar="FILE", help="a .png, .svg or .pdf file")

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
        one.add_argument("--out", required=True, metavar="FILE", help="a .png, .svg or .pdf file")

    one = _method_parser(commands, "sweep", "One number per point of a grid of any size, streamed to a store", "simgd")
    _sweep_flags(one)

    one = commands.add_parser("explore", help="the interactive page: one file, opened in the browser")
    one.add_argument("--out", metavar="FILE", help="where to write the page (default: the user's cache folder)")
    one.add_argument("--no-open", action="store_true", help="only write it")

    one = _method_parser(commands, "export-js", "A method as plain JavaScript, compiled from its objectives", "flow")
    one.add_argument("--out", metavar="FILE", help="where to write the module (default: print it)")
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
    one.add_argument("--store", required=True, metavar="DIR", help="the Zarr store to write")
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
    if not axis[0] or axis[3] < 1:
        raise argparse.ArgumentTypeError(f"an axis is NAME=LOW:HIGH:COUNT, such as gamma=0:3:1000; {text!r} was given")
    return axis


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
    from diracgan import overview

    if options.write is None:
        print(overview.shown(options.format))
        return 0
    if options.format != "markdown":
        raise ValueError(f"--write needs --format markdown; {options.format!r} was given")
    overview.write(options.write)
    print(options.write)
    return 0


def _discrepancies(options: argparse.Namespace) -> int:
    from diracgan.discrepancies import discrepancies, text

    found = discrepancies()
    if options.json:
        print(json.dumps([one.record() for one in found], indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print(text(found))
    return 0 if all(one.ok for one in found) else 1


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


def _axes(options: argparse.Namespace) -> dict[str, Any]:
    import numpy as np

    names = [name for name, *_ in options.over]
    for name in names:
        if names.count(name) > 1 or getattr(options, name, None) is not None:
            raise ValueError(f"{name} must be given once; as an axis it takes its values from --over alone")
    return {name: np.linspace(low, high, count) for name, low, high, count in options.over}


def _atlas(options: argparse.Namespace) -> int:
    from diracgan.figures.charts import save_chart

    chosen, algorithm, axes = _chosen_method(options), _chosen_algorithm(options), _axes(options)
    if algorithm is None:
        raise ValueError(f"the atlas needs an algorithm: choose --algorithm {', '.join(ALGORITHMS)}")
    print(save_chart(options.kind, options.out, chosen, algorithm, axes, options.box, options.n, options.steps))
    return 0


def _sweep(options: argparse.Namespace) -> int:
    from pathlib import Path

    from diracgan.atlas.chunks import check_place
    from diracgan.atlas.cluster import checked_cluster, join
    from diracgan.atlas.store import sweep_to_store

    chosen, algorithm, axes = _chosen_method(options), _chosen_algorithm(options), _axes(options)
    if algorithm is None:
        raise ValueError(f"a sweep needs an algorithm: choose --algorithm {', '.join(ALGORITHMS)}")
    given = _given(options, ("quantity", "start", "steps", "chunk", "resume"))
    by_hand = [getattr(options, name) for name in ("coordinator", "processes", "process")]
    if not options.distributed and by_hand == [None, None, None]:
        done = sweep_to_store(chosen, algorithm, axes, options.store, **given)
    else:
        cluster = None if options.distributed else checked_cluster(*by_hand)
        # Before anybody can have begun the store: joining waits until all processes have come this far.
        check_place(Path(options.store), options.resume)
        done = sweep_to_store(chosen, algorithm, axes, options.store, process=join(cluster), **given)
    print(f"{options.quantity} of {done.points} points, {done.computed} of {done.chunks} chunks now: {options.store}")
    return 0


def _explore(options: argparse.Namespace) -> int:
    from diracgan.explorer.commands import write_page

    return write_page(options.out, not options.no_open)


def _export_js(options: argparse.Namespace) -> int:
    from diracgan.explorer.commands import write_export

    return write_export(_chosen_method(options), options.out)


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
    "explore": _explore,
    "export-js": _export_js,
    "reproduce": _reproduce,
    "verify": _verify,
    "methods": _methods,
    "discrepancies": _discrepancies,
    "spectrum": _spectrum,
    "trajectory": _trajectory,
    "portrait": _portrait,
    "atlas": _atlas,
    "sweep": _sweep,
}
