"""`diracgan explore` and `export-js`: the interactive page, and one method in its language."""

from __future__ import annotations

import argparse

from diracgan.command.choosing import chosen_method, given
from diracgan.command.parsing import MADE, Commands, method_parser, of_algorithms, of_methods


def declare(commands: Commands) -> None:
    """Add both sub-commands."""
    one = method_parser(commands, "explore", "The interactive page: one file, opened in the browser", "altgd", "?")
    one.add_argument(
        "--out", metavar="FILE", help=f"where to write the page (default: the user's cache folder); {MADE}"
    )
    one.add_argument("--no-open", action="store_true", help="only write it")
    one.set_defaults(run=explore)

    one = method_parser(commands, "export-js", "A method as plain JavaScript, compiled from its objectives", "flow")
    one.add_argument("--out", metavar="FILE", help=f"where to write the module (default: print it); {MADE}")
    one.set_defaults(run=export_js)


def explore(options: argparse.Namespace) -> int:
    """Write the page and open it."""
    from diracgan.explorer.commands import write_page
    from diracgan.explorer.links import fragment_of

    values = given(options, {**of_methods(), **of_algorithms()})
    if options.method is None:
        if values:
            raise ValueError(f"--{next(iter(values)).replace('_', '-')} needs a METHOD that it belongs to")
        return write_page(options.out, not options.no_open)
    return write_page(options.out, not options.no_open, fragment_of(options.method, options.algorithm, values))


def export_js(options: argparse.Namespace) -> int:
    """Write the module."""
    from diracgan.explorer.commands import write_export

    return write_export(chosen_method(options), options.out)
