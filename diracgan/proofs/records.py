"""What a proof leaves behind: a record that says what was proved, with which constants, by how many boxes."""

from __future__ import annotations

import dataclasses
import os
import platform
from collections.abc import Callable
from typing import Any

import jax
import numpy as np


@dataclasses.dataclass(frozen=True)
class Record:
    """The record of one run of a proof.

    `closed` says that every box was settled, so that the statement is proved, in exact arithmetic; `share` is the part
    of the region (of parameters) that it covers, 1 where nothing is left out. `constants` are those of the statement,
    `evaluated` says what was enclosed on each box. `details` holds what a picture of the proof needs. `seconds` are of
    processor time.
    """

    name: str
    statement: str
    closed: bool
    constants: dict[str, Any]
    boxes: int
    depth: int
    evaluated: str
    share: float = 1.0
    details: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)
    seconds: float = 0.0
    versions: str = ""

    def record(self) -> dict[str, Any]:
        """As a dictionary of what JSON can hold."""
        return _plain(dataclasses.asdict(self))


def timed(build: Callable[[], Record]) -> Record:
    """A record with its time and the versions of what computed it."""
    from diracgan import __version__

    start = _spent()
    done = build()
    told = f"diracgan {__version__}, jax {jax.__version__}, numpy {np.__version__}, Python {platform.python_version()}"
    return dataclasses.replace(done, seconds=round(_spent() - start, 3), versions=told)


def _spent() -> float:
    """Processor time of this process and of those that it started and that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value
