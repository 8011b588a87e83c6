"""`diracgan reproduce` and `verify`: the papers again, and whether what is derived agrees with what is known."""

from __future__ import annotations

import argparse
import json

from diracgan.command.parsing import MADE, Commands, add_command, json_flag, number


def declare(commands: Commands) -> None:
    """Add both sub-commands."""
    about = "figures, tables and lemma checks of Mescheder et al. 2018, as a report"
    examples = ("", "--only figure-3 --format png,pdf", "--animations", "--plane --quick")
    one = add_command(commands, "reproduce", about, *examples)
    one.add_argument(
        "--out", default="reproduction", metavar="DIR", help=f"where to write (default: reproduction); {MADE}"
    )
    one.add_argument("--only", nargs="+", metavar="NAME", help="only these figures")
    one.add_argument("--format", default="png", metavar="png,svg,pdf", help="comma-separated (default: png)")
    one.add_argument("--animations", action="store_true", help="also write a film of every method's trajectory")
    one.add_argument(
        "--plane",
        action="store_true",
        help="in place of the report: small networks on a Gaussian, a line, a circle and four lines, in the manner of "
        "the paper, with settings of ours; goes on where an earlier call was stopped, into DIR/plane",
    )
    one.add_argument("--quick", action="store_true", help="with --plane: a small part of it, into DIR/plane-quick")
    one.add_argument("--images", action="store_true", help="an image model of handwritten digits, and nothing else")
    one.add_argument(
        "--running-mean",
        type=number,
        default=0.0,
        metavar="β",
        help="with --images: look at running means of the weights",
    )
    one.set_defaults(run=reproduce)

    one = add_command(commands, "verify", "check every derived value against its closed form", "", "--json")
    json_flag(one)
    one.set_defaults(run=verify)


def reproduce(options: argparse.Namespace) -> int:
    """Write the report, or what its flags ask for in its place; 1 where a check failed."""
    formats = tuple(part.strip() for part in options.format.split(","))
    if options.plane:
        if options.only is not None or options.animations or options.images:
            raise ValueError("--plane stands in place of the report: it goes with --out, --format and --quick alone")
        from diracgan.reproduction.plane import reproduce_plane

        return reproduce_plane(options.out, options.quick, formats)
    if options.quick:
        raise ValueError("--quick goes with --plane")
    if options.images:
        from diracgan.reproduction.images import reproduce_images

        return reproduce_images(options.out, average=options.running_mean)
    from diracgan.reproduction import report

    return report.reproduce(options.out, options.only, formats, options.animations)


def verify(options: argparse.Namespace) -> int:
    """Print every check; 1 where one failed."""
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
