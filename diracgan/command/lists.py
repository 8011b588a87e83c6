"""`diracgan methods` and `discrepancies`: what the package knows, as tables."""

from __future__ import annotations

import argparse
import json

from diracgan.command.parsing import Commands, add_command, json_flag


def declare(commands: Commands) -> None:
    """Add both sub-commands."""
    about = "the catalogue: objectives, eigenvalues, verdicts, derived and closed form"
    one = add_command(commands, "methods", about, "", "--json")
    one.add_argument("--format", default="table", metavar="table|markdown|json", help="default: table")
    one.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    one.add_argument(
        "--write", metavar="FILE", help="bring the Markdown table between the markers of a file up to date"
    )
    one.set_defaults(run=methods)

    one = add_command(commands, "discrepancies", "what papers and published code get wrong, each with a proof", "")
    json_flag(one)
    one.set_defaults(run=discrepancies)


def methods(options: argparse.Namespace) -> int:
    """Print the catalogue, or write it into a file."""
    from diracgan.catalogue import overview

    if options.write is None:
        print(overview.shown(options.format))
        return 0
    if options.format != "markdown":
        raise ValueError(f"--write needs --format markdown; {options.format!r} was given")
    overview.write(options.write)
    print(options.write)
    return 0


def discrepancies(options: argparse.Namespace) -> int:
    """Print every discrepancy; 1 where a proof failed."""
    from diracgan.reproduction import errata

    found = errata.discrepancies()
    if options.json:
        print(json.dumps([one.record() for one in found], indent=1, allow_nan=False))
    else:
        print(errata.text(found))
    return 0 if all(one.ok for one in found) else 1
