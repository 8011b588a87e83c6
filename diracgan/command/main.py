"""The `diracgan` command: what each of its words does."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Sequence
from typing import Any

from diracgan.algorithms import ALGORITHMS, Algorithm, algorithm_named
from diracgan.catalogue import entry, method
from diracgan.catalogue.methods import OPTIONS, Method
from diracgan.command.arguments import build_parser, complain, fits, of_algorithms, of_methods
from diracgan.command.console import plain_streams, written
from diracgan.command.interrupt import CODE, guarded
from diracgan.dynamics.trajectories import SAVE_EVERY, STEPS
from diracgan.games.parameters import Parameter, unknown

HALF_WIDTH = Parameter("box", "box", "half width", 2.0, (0.0, 1e100), open_low=True)
EDGE = Parameter("box", "box", "edge of a box", 5.0, (-1e100, 1e100))
CELLS = Parameter("n", "n", "cells along each axis", 256, (1, 1 << 14), kind=int)


def _given(options: argparse.Namespace, names: Any) -> dict[str, Any]:
    return {name: getattr(options, name) for name in names if getattr(options, name, None) is not None}


def _chosen_method(options: argparse.Namespace) -> Method:
    known = {p.name for p in (*entry(options.method).parameters, *OPTIONS)}
    shared = {p.name for a in ALGORITHMS.values() for p in a.parameters}
    given = _given(options, of_methods())
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
    from diracgan.reproduction.report import reproduce

    formats = tuple(part.strip() for part in options.format.split(","))
    return reproduce(options.out, options.only, formats, options.animations)


def _verify(options: argparse.Namespace) -> int:
    from diracgan.reproduction.lemmas import checks
    from diracgan.reproduction.report import as_json, check_line

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
    from diracgan.catalogue import overview

    if options.write is None:
        print(overview.shown(options.format))
        return 0
    if options.format != "markdown":
        raise ValueError(f"--write needs --format markdown; {options.format!r} was given")
    overview.write(options.write)
    print(options.write)
    return 0


def _discrepancies(options: argparse.Namespace) -> int:
    from diracgan.reproduction.errata import discrepancies, text

    found = discrepancies()
    if options.json:
        print(json.dumps([one.record() for one in found], indent=1, allow_nan=False))
    else:
        print(text(found))
    return 0 if all(one.ok for one in found) else 1


def _spectrum(options: argparse.Namespace) -> int:
    from diracgan.reproduction.report import spectrum_record, spectrum_text

    chosen, algorithm = _chosen_method(options), _chosen_algorithm(options)
    if algorithm is not None:
        _steady(algorithm)
    record = spectrum_record(chosen, algorithm)
    if options.json:
        print(json.dumps(record, indent=1))
    else:
        print(spectrum_text(record))
    return 0


def _rows(options: argparse.Namespace, chosen: Method, algorithm: Algorithm | None, copies: int) -> None:
    """Raise `ValueError` where `copies` times the states of the run do not fit into the memory."""
    if algorithm is not None:
        every = SAVE_EVERY.convert(getattr(options, "save_every", 1))
        rows = STEPS.convert(options.steps) // every + 1
        fits(8.0 * copies * (chosen.dimension + 1) * rows, f"a path of {rows} states ({_FEWER[options.command]})")


_FEWER = {"trajectory": "--save-every keeps fewer", "portrait": "--steps makes fewer"}


def _path(options: argparse.Namespace, chosen: Method, algorithm: Algorithm | None) -> tuple[Any, Any]:
    """The steps (or times) and states of the run that the options describe."""
    import numpy as np

    from diracgan.dynamics.flows import flow
    from diracgan.dynamics.trajectories import simulate

    if algorithm is None:
        length = float(Parameter("time", "T", "length of the curve", open_low=True).convert(options.time))
        times = np.linspace(0.0, length, 501)
        return times, np.asarray(flow(chosen, options.start, times))
    steps, every = STEPS.convert(options.steps), SAVE_EVERY.convert(options.save_every)
    path = np.asarray(simulate(chosen, algorithm, options.start, steps, every))
    return np.arange(len(path)) * every, path


def _trajectory(options: argparse.Namespace) -> int:
    from diracgan.dynamics.trajectories import outcome
    from diracgan.storage.files import save_table

    chosen, algorithm = _chosen_method(options), _chosen_algorithm(options)
    clock = "time" if algorithm is None else "step"
    target = save_table(options.out)
    _rows(options, chosen, algorithm, copies=3)
    when, path = _path(options, chosen, algorithm)
    names = ["theta", "psi", *(f"x{k}" for k in range(2, path.shape[1]))]
    target({clock: when, **dict(zip(names, path.T, strict=True))})
    ended = outcome(path, chosen.equilibrium)
    first = "" if ended.step is None else f" (from {clock} {when[ended.step]:g})"
    written(f"{ended.kind}{first}: {options.out}", options.out)
    return 0


def _portrait(options: argparse.Namespace) -> int:
    from diracgan.reproduction.figures import save_portrait

    start, box = tuple(options.start), float(HALF_WIDTH.convert(options.box))
    chosen, algorithm = _chosen_method(options), _chosen_algorithm(options)
    _rows(options, chosen, algorithm, copies=9)
    written(save_portrait(options.out, chosen, algorithm, start, options.steps, options.time, box), options.out)
    return 0


def _for_grid(options: argparse.Namespace) -> tuple[Method, Algorithm]:
    chosen, algorithm = _chosen_method(options), _chosen_algorithm(options)
    if algorithm is None:
        raise ValueError(f"the {options.command} needs an algorithm: choose --algorithm {', '.join(ALGORITHMS)}")
    return chosen, algorithm


def _axes(options: argparse.Namespace) -> dict[str, Any]:
    import numpy as np

    names = [name for name, *_ in options.over]
    for name in names:
        if names.count(name) > 1 or getattr(options, name, None) is not None:
            raise ValueError(f"{name} must be given once; as an axis it takes its values from --over alone")
    return {name: np.linspace(low, high, count) for name, low, high, count in options.over}


def _steady(algorithm: Algorithm) -> None:
    if algorithm.scheduled:
        raise ValueError(
            f"the map of {algorithm!r} depends on the round and has no one spectrum: choose another --algorithm"
        )


def _atlas(options: argparse.Namespace) -> int:
    from diracgan.reproduction.figures.charts import save_chart

    chosen, algorithm = _for_grid(options)
    cells, box = CELLS.convert(options.n), [float(EDGE.convert(edge)) for edge in options.box]
    points = math.prod(count for *_, count in options.over)
    if options.kind == "stability":
        _steady(algorithm)
        fits(130.0 * points, f"a map of {points} points")
    elif options.kind == "bifurcation":
        fits(6000.0 * points, f"a diagram of {points} values")
    else:
        fits(40.0 * (chosen.dimension + 1) * cells**2, f"a basin of {cells} × {cells} cells")
    axes = _axes(options)
    written(save_chart(options.kind, options.out, chosen, algorithm, axes, box, cells, options.steps), options.out)
    return 0


def _sweep(options: argparse.Namespace) -> int:
    from pathlib import Path

    from diracgan.sweeps.chunks import check_place
    from diracgan.sweeps.cluster import checked_cluster, join
    from diracgan.sweeps.store import CHUNK, edges, sweep_to_store

    chosen, algorithm = _for_grid(options)
    if options.quantity == "radius":
        _steady(algorithm)
    lengths = [count for *_, count in options.over]
    sides = edges(lengths, None if options.chunk is None else CHUNK.convert(options.chunk))
    chunks = math.prod(-(-length // side) for length, side in zip(lengths, sides, strict=True))
    fits(40.0 * sum(lengths), f"axes of {sum(lengths)} values")
    fits(130.0 * math.prod(sides), f"a chunk of {' × '.join(map(str, sides))} points (--chunk makes it smaller)")
    fits(400.0 * chunks, f"the names of {chunks} chunks (--chunk makes them larger)")
    axes = _axes(options)
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
    from diracgan.explorer.page import fragment_of

    values = _given(options, {**of_methods(), **of_algorithms()})
    if options.method is None:
        if values:
            raise ValueError(f"--{next(iter(values)).replace('_', '-')} needs a METHOD that it belongs to")
        return write_page(options.out, not options.no_open)
    return write_page(options.out, not options.no_open, fragment_of(options.method, options.algorithm, values))


def _export_js(options: argparse.Namespace) -> int:
    from diracgan.explorer.commands import write_export

    return write_export(_chosen_method(options), options.out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 1 when a check fails, 2 for bad input, or 130 after Ctrl-C."""
    import jax
    import numpy as np

    try:
        with guarded(), plain_streams(), jax.enable_x64(True), np.errstate(all="ignore"):
            # Parsed inside the guard: declarations raise the same errors as the functions behind them.
            parser = build_parser()
            options = parser.parse_args(arguments)
            if options.command is None:
                parser.print_help()
                return 0
            code = _COMMANDS[options.command](options)
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, TypeError, OSError) as problem:
        return complain(str(problem))
    except (MemoryError, jax.errors.JaxRuntimeError) as problem:
        return complain(f"the memory does not suffice: {problem or 'ask for less at once'}")
    except KeyboardInterrupt:
        print("diracgan: interrupted", file=sys.stderr)
        return CODE


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
