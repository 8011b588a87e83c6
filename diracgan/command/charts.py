"""`diracgan atlas`: maps of stability, basins and bifurcations."""

from __future__ import annotations

import argparse
import math

from diracgan.command.choosing import axes, check_steady, for_grid
from diracgan.command.console import written
from diracgan.command.parsing import MADE, Commands, add_command, method_parser, number, over_flag
from diracgan.games.inputs import fits
from diracgan.games.parameters import Parameter

_EDGE = Parameter("box", "box", "edge of a box", 5.0, (-1e100, 1e100))
_CELLS = Parameter("n", "n", "cells along each axis", 256, (1, 1 << 14), kind=int)
_KINDS = {
    "stability": (
        "draw the spectral radius over two parameters, with the curves on which stability ends",
        "r1 --over gamma=0:3:300 --over h=0.01:4:300 --out stability.png",
    ),
    "basin": ("draw what becomes of every start in a box", "r1 --gamma 1 --h 1.01 --out basin.png"),
    "bifurcation": ("draw the attractor over one parameter", "r1 --over h=0.5:3:600 --out bifurcation.png"),
}


def declare(commands: Commands) -> None:
    """Add the sub-command with its three kinds."""
    examples = [f"{kind} {example}" for kind, (_, example) in _KINDS.items()]
    parser = add_command(commands, "atlas", "maps of stability, basins and bifurcations", *examples)
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    for kind, (what, example) in _KINDS.items():
        one = method_parser(kinds, kind, what, "simgd", example)
        over_flag(one, required=kind != "basin")
        one.add_argument("--box", nargs=2, type=number, default=(-5.0, 5.0), metavar=("LOW", "HIGH"), help="of a basin")
        one.add_argument("--n", type=number, default=256, help="cells of a basin along each axis (default: 256)")
        one.add_argument("--steps", type=number, default=20_000, help="rounds of a basin (default: 20000)")
        one.add_argument("--out", required=True, metavar="FILE", help=f"a .png, .svg or .pdf file; {MADE}")
        one.set_defaults(run=chart)


def chart(options: argparse.Namespace) -> int:
    """Draw a chart into a file."""
    from diracgan.reproduction.figures.charts import save_chart

    chosen, algorithm = for_grid(options)
    cells, box = _CELLS.convert(options.n), [float(_EDGE.convert(edge)) for edge in options.box]
    points = math.prod(count for *_, count in options.over)
    if options.kind == "stability":
        check_steady(algorithm)
        fits(130.0 * points, f"a map of {points} points")
    elif options.kind == "bifurcation":
        fits(6000.0 * points, f"a diagram of {points} values")
    else:
        fits(40.0 * (chosen.dimension + 1) * cells**2, f"a basin of {cells} × {cells} cells")
    over = axes(options)
    written(save_chart(options.kind, options.out, chosen, algorithm, over, box, cells, options.steps), options.out)
    return 0
