"""`diracgan sweep`: one number per point of a grid of any size."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from diracgan.command.choosing import axes, check_steady, for_grid, given
from diracgan.command.parsing import MADE, method_parser, number, over_flag
from diracgan.games.inputs import fits


def declare(commands: Any) -> None:
    """Add the sub-command."""
    about = "one number per point of a grid of any size, streamed to a store"
    example = "r1 --over gamma=0:3:1000 --over h=0.01:4:1000 --store maps.zarr"
    one = method_parser(commands, "sweep", about, "simgd", example, f"{example} --resume")
    over_flag(one)
    one.add_argument("--quantity", default="radius", help="radius, distance or verdict (default: radius)")
    one.add_argument("--start", nargs="+", type=number, default=(1.0, 1.0), metavar="θ ψ", help="default: 1 1")
    one.add_argument("--steps", type=number, default=1000, help="rounds for distance and verdict (default: 1000)")
    one.add_argument("--chunk", type=number, metavar="EDGE", help="points of a chunk along each axis")
    one.add_argument("--store", required=True, metavar="DIR", help=f"the Zarr store to write; {MADE}")
    one.add_argument("--resume", action="store_true", help="go on with the store where it was left")
    group = one.add_argument_group("several processes")
    group.add_argument("--coordinator", metavar="HOST:PORT", help="the address of process 0")
    group.add_argument("--processes", type=number, metavar="N", help="how many processes there are")
    group.add_argument("--process", type=number, metavar="I", help="the number of this one, from 0")
    group.add_argument("--distributed", action="store_true", help="inside a cluster whose variables JAX knows")
    one.set_defaults(run=sweep)


def sweep(options: argparse.Namespace) -> int:
    """Write a store, alone or as one of several processes."""
    from diracgan.sweeps.cluster import checked_cluster, join
    from diracgan.sweeps.manifest import check_place
    from diracgan.sweeps.store import sweep_to_store

    chosen, algorithm = for_grid(options)
    if options.quantity == "radius":
        check_steady(algorithm)
    _check_size(options)
    over = axes(options)
    asked = given(options, ("quantity", "start", "steps", "chunk", "resume"))
    by_hand = [getattr(options, name) for name in ("coordinator", "processes", "process")]
    if not options.distributed and by_hand == [None, None, None]:
        done = sweep_to_store(chosen, algorithm, over, options.store, **asked)
    else:
        cluster = None if options.distributed else checked_cluster(*by_hand)
        # Before anybody can have begun the store: joining waits until all processes have come this far.
        check_place(Path(options.store), options.resume)
        done = sweep_to_store(chosen, algorithm, over, options.store, process=join(cluster), **asked)
    print(f"{options.quantity} of {done.points} points, {done.computed} of {done.chunks} chunks now: {options.store}")
    return 0


def _check_size(options: argparse.Namespace) -> None:
    """Raise `ValueError` where the axes, a chunk or the names of all chunks do not fit into the memory."""
    from diracgan.sweeps.store import CHUNK, edges

    lengths = [count for *_, count in options.over]
    sides = edges(lengths, None if options.chunk is None else CHUNK.convert(options.chunk))
    chunks = math.prod(-(-length // side) for length, side in zip(lengths, sides, strict=True))
    fits(40.0 * sum(lengths), f"axes of {sum(lengths)} values")
    fits(130.0 * math.prod(sides), f"a chunk of {' × '.join(map(str, sides))} points (--chunk makes it smaller)")
    fits(400.0 * chunks, f"the names of {chunks} chunks (--chunk makes them larger)")
