"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path`; it takes the place of `path` when the block ends without an error."""
    target = Path(path)
    temporary = target.with_name(f".{target.stem}-{os.getpid()}{target.suffix}")
    try:
        yield temporary
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def directory(path: str | Path) -> Path:
    """`path` as a directory that exists and can be written; `OSError` that says so when it cannot."""
    target = Path(path)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=target):
            pass
    except OSError as problem:
        raise OSError(f"a directory that can be written is needed; {str(path)!r} is none: {problem.strerror}") from None
    return target


def save_table(path: str | Path) -> Callable[[Mapping[str, Any]], None]:
    """Check that a .csv or .npz file can be written, and return the function that writes columns to it."""
    target = Path(path)
    if target.suffix not in (".csv", ".npz"):
        raise ValueError(f"the file must end in .csv or .npz; {str(path)!r} was given")
    directory(target.parent)

    def save(columns: Mapping[str, Any]) -> None:
        with whole(target) as temporary:
            if target.suffix == ".npz":
                np.savez(temporary, **columns)
            else:
                table = np.column_stack(list(columns.values()))
                np.savetxt(temporary, table, delimiter=",", header=",".join(columns), comments="", fmt="%.17g")

    return save
