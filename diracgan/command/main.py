"""The `diracgan` command: its families put together, guarded and dispatched."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import jax
import numpy as np

from diracgan import __version__
from diracgan.command import charts, grids, lists, pages, programs, proving, reports, runs
from diracgan.command.console import complain, plain_streams
from diracgan.command.interrupt import CODE, guarded
from diracgan.command.parsing import Parser

# In the order of the help. Each has a `declare` that adds its sub-commands with their flags and what they `run`.
_FAMILIES = (reports, proving, lists, runs, charts, grids, pages)

_ABOUT = """\
An analytic dynamics explorer for the Dirac-GAN, the two-parameter GAN on which
Mescheder, Geiger and Nowozin (2018) showed which training methods converge."""
_BEGIN = """\
begin with:
  diracgan reproduce                  every figure of the paper, a table, checks
  diracgan explore r1                 the same to play with, in your browser
  diracgan spectrum r1 --algorithm altgd --h 0.2
  diracgan COMMAND --help             what a command takes, with examples
"""


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(
        prog="diracgan",
        description=_ABOUT,
        epilog=f"{_BEGIN}\n{programs.SAID}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"diracgan {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for family in _FAMILIES:
        family.declare(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 1 when a check fails, 2 for bad input, or 130 after Ctrl-C."""
    try:
        with guarded(), plain_streams(), jax.enable_x64(True), np.errstate(all="ignore"):
            # Parsed inside the guard: declarations raise the same errors as the functions behind them.
            parser = build_parser()
            options = parser.parse_args(arguments)
            if options.command is None:
                parser.print_help()
                return 0
            programs.hasten()
            programs.keep()
            code = options.run(options)
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
