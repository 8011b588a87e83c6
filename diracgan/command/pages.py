"""`diracgan explore`, `article` and `export-js`: the interactive page, the long read, one method as JavaScript."""

from __future__ import annotations

import argparse
import sys

from diracgan.command.choosing import chosen_method, given
from diracgan.command.parsing import MADE, Commands, add_command, method_parser, of_algorithms, of_methods
from diracgan.explorer.commands import opened
from diracgan.explorer.links import PARTS, fragment_of, parts_of
from diracgan.storage.files import place, write_text


def declare(commands: Commands) -> None:
    """Add the sub-commands."""
    about = "the interactive page: one file, opened in the browser"
    examples = ("", "r1 --gamma 0.5", "r1 --parts plane,spectrum --controls gamma,h --no-open --out part.html")
    one = method_parser(commands, "explore", about, "altgd", *examples, nargs="?")
    one.add_argument(
        "--out", metavar="FILE", help=f"where to write the page (default: the user's cache folder); {MADE}"
    )
    one.add_argument("--no-open", action="store_true", help="only write it")
    one.add_argument("--parts", metavar="NAME,...", help=f"show only these parts of the page: {', '.join(PARTS)}")
    one.add_argument("--controls", metavar="NAME,...", help="with --parts: the hyper-parameters that have a slider")
    one.set_defaults(run=explore)

    about = "the long read: which training methods converge, with live figures that ask first, in one file"
    one = add_command(commands, "article", about, "", "--no-open --out article.html")
    one.add_argument("--out", metavar="FILE", default="article.html", help=f"(default: article.html); {MADE}")
    one.add_argument("--explorer", metavar="ADDRESS", help="of a saved page of `explore`, in place of one inside")
    one.add_argument("--no-open", action="store_true", help="only write it")
    one.set_defaults(run=write_article)

    about = "a method as plain JavaScript, compiled from its objectives"
    one = method_parser(commands, "export-js", about, "flow", "r1 --gamma 0.5 --out r1.mjs")
    one.add_argument("--out", metavar="FILE", help=f"where to write the module (default: print it); {MADE}")
    one.set_defaults(run=export_js)


def explore(options: argparse.Namespace) -> int:
    """Write the page and open it."""
    from diracgan.explorer.commands import write_page

    values = given(options, {**of_methods(), **of_algorithms()})
    if options.method is None:
        if values:
            raise ValueError(f"--{next(iter(values)).replace('_', '-')} needs a METHOD that it belongs to")
        if options.parts is not None or options.controls is not None:
            raise ValueError("--parts and --controls need a METHOD that they show")
        return write_page(options.out, not options.no_open)
    fragment = fragment_of(options.method, options.algorithm, values)
    show, controls = _listed(options.parts), _listed(options.controls)
    fragment += parts_of(show, controls, options.method, options.algorithm)
    return write_page(options.out, not options.no_open, fragment)


def _listed(text: str | None) -> tuple[str, ...] | None:
    """The names between commas."""
    return None if text is None else tuple(name.strip() for name in text.split(","))


def write_article(options: argparse.Namespace) -> int:
    """Write the article and open it."""
    from diracgan.article import article

    target = place(options.out)
    print("computing what the article says", file=sys.stderr)
    write_text(target, article(options.explorer))
    return opened(target, not options.no_open)


def export_js(options: argparse.Namespace) -> int:
    """Write the module."""
    from diracgan.explorer.commands import write_export

    return write_export(chosen_method(options), options.out)
