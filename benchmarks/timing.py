"""Medians of process and wall time, with the candidates taken in turn so that a slow moment hits all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Time(NamedTuple):
    """Median seconds of one call."""

    process: float
    wall: float


def medians(candidates: Mapping[str, Callable[[], Any]], rounds: int = 60, block: float = 2e-3) -> dict[str, Time]:
    """The median time of each candidate over `rounds` blocks of calls, each block lasting about `block` seconds."""
    calls = {name: _calls(run, block) for name, run in candidates.items()}
    samples: dict[str, list[Time]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            samples[name].append(_block(run, calls[name]))
    return {name: Time(*map(statistics.median, zip(*seen, strict=True))) for name, seen in samples.items()}


def _calls(run: Callable[[], Any], block: float) -> int:
    run()
    return max(1, round(block / max(_block(run, 3).wall, 1e-7)))


def _block(run: Callable[[], Any], calls: int) -> Time:
    process, wall = time.process_time(), time.perf_counter()
    for _ in range(calls):
        run()
    return Time((time.process_time() - process) / calls, (time.perf_counter() - wall) / calls)
