"""What the command prints: to a terminal, into a pipe, and where the encoding has no Greek letters."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diracgan.storage.files import is_output


def complain(message: str) -> int:
    """Print an error as one line; returns the exit code 2."""
    print(f"diracgan: error: {' '.join(str(message).split())}", file=sys.stderr)
    return 2


def written(line: Any, file: str | Path) -> None:
    """Print what became of a file; on the error stream where the file itself is the output."""
    print(line, file=sys.stderr if is_output(file) else sys.stdout)


@contextlib.contextmanager
def plain_streams() -> Iterator[None]:
    """Letters that the streams cannot encode are printed as \\u03bc, and a warning is one line."""
    for stream in (sys.stdout, sys.stderr):
        # Redirected on Windows the encoding is cp1252, and strict.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with warnings.catch_warnings():
        warnings.showwarning = _one_line  # type: ignore[assignment]
        yield


def _one_line(message: Any, *_: object) -> None:
    print(f"diracgan: warning: {' '.join(str(message).split())}", file=sys.stderr)
