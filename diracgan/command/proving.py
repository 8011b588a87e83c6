"""`diracgan prove`: the proofs by computer, run again."""

from __future__ import annotations

import argparse
import json
from typing import Any

from diracgan.command.parsing import Commands, add_command, json_flag, number


def declare(commands: Commands) -> None:
    """Add the sub-command."""
    about = "run the proofs by interval arithmetic again; the exit code is 1 where one stays open"
    one = add_command(commands, "prove", about, "--list", "coexistence", "--quick")
    one.add_argument("names", nargs="*", metavar="NAME", help="only these theorems; all by default")
    one.add_argument("--quick", action="store_true", help="a smaller part of each proof")
    one.add_argument("--list", action="store_true", help="only list the statements and their status")
    one.add_argument("--processes", type=number, default=1, metavar="N", help="processes that share a long proof")
    one.add_argument(
        "--keep", metavar="FOLDER", help="keep the parts that are done: a stopped proof goes on from there"
    )
    json_flag(one)
    one.set_defaults(run=prove)


def prove(options: argparse.Namespace) -> int:
    """Print the record of every proof; 1 where a box stays open."""
    from diracgan.proofs.theorems import prove, theorems

    if options.list:
        rows = [
            {"name": t.name, "status": t.status, "statement": t.statement, "command": t.command} for t in theorems()
        ]
        text = "\n".join(f"{row['status']:10} {row['name']}: {row['statement']}" for row in rows)
        print(json.dumps(rows, indent=1) if options.json else text)
        return 0
    done = []
    for record in prove(tuple(options.names), options.quick, options.processes, options.keep):
        done.append(record)
        if not options.json:
            print(_told(record), flush=True)
    if options.json:
        print(json.dumps([record.record() for record in done], indent=1))
    return 0 if all(record.closed for record in done) else 1


def _told(record: Any) -> str:
    verdict = "proved" if record.closed else "OPEN"
    return (
        f"{verdict:7}{record.name}: {record.statement}\n"
        f"       {record.boxes} boxes, depth {record.depth}, covers {100 * record.share:.4g} %, {record.seconds:.3g} s "
        f"({record.versions})\n       evaluated: {record.evaluated}"
    )
