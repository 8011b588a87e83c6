"""`diracgan spectrum`, `trajectory` and `portrait`: one method under one algorithm."""

from __future__ import annotations

import argparse
import json

import numpy as np

from diracgan.algorithms import Algorithm
from diracgan.catalogue.methods import Method
from diracgan.command.choosing import check_steady, chosen_algorithm, chosen_method
from diracgan.command.console import written
from diracgan.command.parsing import MADE, Commands, json_flag, method_parser, number
from diracgan.games.inputs import fits
from diracgan.games.parameters import Parameter

_HALF_WIDTH = Parameter("box", "box", "half width", 2.0, (0.0, 1e100), open_low=True)
_LENGTH = Parameter("time", "T", "length of the curve", open_low=True)


def declare(commands: Commands) -> None:
    """Add the three sub-commands."""
    about = "Jacobian, eigenvalues and verdict at the equilibrium"
    one = method_parser(commands, "spectrum", about, "flow", "r1", "r1 --gamma 0.5 --algorithm altgd --h 0.2")
    json_flag(one)
    one.set_defaults(run=spectrum)

    about = "write the path of one training run"
    one = method_parser(commands, "trajectory", about, "simgd", "nsgan --steps 2000 --out path.csv")
    _start_flags(one)
    one.add_argument("--save-every", type=number, default=1, metavar="K", help="keep every K-th state (default: 1)")
    one.add_argument("--out", required=True, metavar="FILE", help=f"a .csv or .npz file; {MADE}")
    one.set_defaults(run=trajectory)

    about = "draw a phase portrait"
    one = method_parser(commands, "portrait", about, "flow", "wgan-gp --algorithm altgd --h 0.2 --out gp.svg")
    _start_flags(one)
    one.add_argument("--box", type=number, default=2.0, help="half width of the drawn square (default: 2)")
    one.add_argument("--out", required=True, metavar="FILE", help=f"a .png, .svg or .pdf file; {MADE}")
    one.set_defaults(run=portrait)


def _start_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--start", nargs="+", type=number, default=(1.0, 1.0), metavar="θ ψ", help="every entry of the state: 1 1"
    )
    parser.add_argument("--steps", type=number, default=500, help="rounds of the algorithm (default: 500)")
    parser.add_argument("--time", type=number, default=100.0, help="length of a flow's curve (default: 100)")


def spectrum(options: argparse.Namespace) -> int:
    """Print the linearisation at the equilibrium."""
    from diracgan.catalogue.spectra import record_text, spectrum_record

    chosen, algorithm = chosen_method(options), chosen_algorithm(options)
    if algorithm is not None:
        check_steady(algorithm)
    record = spectrum_record(chosen, algorithm)
    print(json.dumps(record, indent=1) if options.json else record_text(record))
    return 0


def trajectory(options: argparse.Namespace) -> int:
    """Write a run to a file, and print what became of it."""
    from diracgan.dynamics.outcomes import outcome
    from diracgan.dynamics.system import system
    from diracgan.storage.files import save_table

    chosen, algorithm = chosen_method(options), chosen_algorithm(options)
    clock = system(chosen, algorithm).clock
    target = save_table(options.out)
    _check_length(options, chosen, algorithm, copies=3)
    when, path = _path(options, chosen, algorithm)
    names = ["theta", "psi", *(f"x{k}" for k in range(2, path.shape[1]))]
    target({clock: when, **dict(zip(names, path.T, strict=True))})
    ended = outcome(path, chosen.equilibrium)
    first = "" if ended.step is None else f" (from {clock} {when[ended.step]:g})"
    written(f"{ended.kind}{first}: {options.out}", options.out)
    return 0


def portrait(options: argparse.Namespace) -> int:
    """Draw a portrait into a file."""
    from diracgan.reproduction.figures import save_portrait

    start, box = tuple(options.start), float(_HALF_WIDTH.convert(options.box))
    chosen, algorithm = chosen_method(options), chosen_algorithm(options)
    _check_length(options, chosen, algorithm, copies=9)
    written(save_portrait(options.out, chosen, algorithm, start, options.steps, options.time, box), options.out)
    return 0


_FEWER = {"trajectory": "--save-every keeps fewer", "portrait": "--steps makes fewer"}


def _check_length(options: argparse.Namespace, chosen: Method, algorithm: Algorithm | None, copies: int) -> None:
    """Raise `ValueError` where `copies` times the states of the run do not fit into the memory."""
    from diracgan.dynamics.trajectories import SAVE_EVERY, STEPS

    if algorithm is not None:
        every = SAVE_EVERY.convert(getattr(options, "save_every", 1))
        rows = STEPS.convert(options.steps) // every + 1
        fits(8.0 * copies * (chosen.dimension + 1) * rows, f"a path of {rows} states ({_FEWER[options.command]})")


def _path(options: argparse.Namespace, chosen: Method, algorithm: Algorithm | None) -> tuple[np.ndarray, np.ndarray]:
    """The steps (or times) and states of the run that the options describe."""
    from diracgan.dynamics.flows import flow
    from diracgan.dynamics.trajectories import SAVE_EVERY, STEPS, simulate

    if algorithm is None:
        times = np.linspace(0.0, float(_LENGTH.convert(options.time)), 501)
        return times, np.asarray(flow(chosen, options.start, times))
    steps, every = STEPS.convert(options.steps), SAVE_EVERY.convert(options.save_every)
    path = np.asarray(simulate(chosen, algorithm, options.start, steps, every))
    return np.arange(len(path)) * every, path
