"""How far long work has come: a line on the error stream, or whatever bar the caller prefers."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from diracgan.games.inputs import as_function


class Progress(Protocol):
    """What is told how far the work has come; the bars of tqdm are such objects."""

    def update(self, n: int) -> Any:
        """`n` more parts are done."""

    def close(self) -> Any:
        """The work has ended, whether or not it is complete."""


class Line:
    """A line on the error stream for work that takes longer than two seconds."""

    def __init__(self, total: int, desc: str):
        self.total, self.desc, self.done = total, desc, 0
        self.began, self.shown = time.monotonic(), 0.0

    def update(self, n: int) -> None:
        """Show the share that is done, twice a second at most."""
        self.done = min(self.total, self.done + n)
        seconds = time.monotonic() - self.began
        if seconds > 2 and (seconds - self.shown > 0.5 or self.done == self.total):
            self.shown = seconds
            left = seconds * (self.total - self.done) / max(self.done, 1)
            line = f"\r{self.desc}: {self.done / self.total:4.0%}, {left:.0f} s left "
            print(line, end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the line where there is one."""
        if self.shown:
            print(file=sys.stderr, flush=True)


class Silent:
    """Nothing is shown."""

    def __init__(self, total: int, desc: str):
        pass

    def update(self, n: int) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


Made = Callable[..., Progress]


def checked_progress(progress: object) -> Made:
    """What makes a `Progress`: called with `total=` and `desc=`; `TypeError` for anything else, None is the line."""
    return Line if progress is None else as_function(progress, "progress", "total= and desc=", total=1, desc="")


@contextlib.contextmanager
def begun(progress: Made, desc: str, total: int) -> Iterator[Progress]:
    """A `Progress` for the block, closed at its end."""
    bar = progress(total=total, desc=desc)
    try:
        yield bar
    finally:
        bar.close()
