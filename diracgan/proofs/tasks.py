"""The parts of a long proof: over processes, and kept on disk so that a proof that was killed goes on.

What a part leaves depends on the part alone, not on how many processes there are or on which came first.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import functools
import hashlib
import json
import multiprocessing
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from diracgan.storage.durable import write_whole


@dataclasses.dataclass(frozen=True)
class Workers:
    """How many processes share the parts of a proof, and the folder that keeps what is done; None keeps nothing.

    A file of the folder counts only for the same part, source text of the package, and versions of what
    computed it.
    """

    processes: int = 1
    folder: Path | None = None

    def map(self, name: str, function: Callable[[Any], dict[str, Any]], parts: Sequence[Any]) -> list[dict[str, Any]]:
        """The function of each part, in order."""
        places = [self._place(name, part) for part in parts]
        done = [_read(place) for place in places]
        todo = [index for index, one in enumerate(done) if one is None]
        for index, found in self._computed(function, [parts[index] for index in todo]):
            done[todo[index]] = found
            place = places[todo[index]]
            if place is not None:
                write_whole(place, json.dumps(found).encode())
        return [one for one in done if one is not None]

    def _computed(self, function: Callable[[Any], dict[str, Any]], parts: list[Any]) -> Any:
        if self.processes == 1 or len(parts) < 2:
            for index, part in enumerate(parts):
                yield index, function(part)
            return
        # JAX runs threads, which a forked process would not have.
        spawn = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(min(self.processes, len(parts)), spawn) as pool:
            asked = {pool.submit(function, part): index for index, part in enumerate(parts)}
            try:
                for one in concurrent.futures.as_completed(asked):
                    yield asked[one], one.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _place(self, name: str, part: Any) -> Path | None:
        if self.folder is None:
            return None
        key = hashlib.sha256(f"{part!r} {_origin()}".encode()).hexdigest()
        return self.folder / f"{name}-{key[:24]}.json"


def _read(place: Path | None) -> dict[str, Any] | None:
    if place is None:
        return None
    # A file that was damaged is as good as none.
    with contextlib.suppress(FileNotFoundError, ValueError):
        found: dict[str, Any] = json.loads(place.read_bytes())
        return found
    return None


@functools.cache
def _origin() -> str:
    """The source text of the package, whose games are what is proved something of, and the versions of what runs it."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return f"{digest.hexdigest()} numpy {np.__version__}, Python {platform.python_version()}, {platform.machine()}"
