"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PARTIAL = ".partial"
_SHORT = 48  # letters of a name that a temporary one repeats, so that it is not too long where the name is not


class Unwritten(OSError):
    """A file could not be written; what it held before is unchanged."""


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """A temporary path; what is written there takes the place of `path` when the block ends without an error.

    A symbolic link stays one, and the file that it leads to is replaced; a file that is there keeps its mode and owner.
    What is no regular file, such as a FIFO or /dev/stdout, is written to and not replaced. Missing directories are
    made, and what killed writers of the same file have left is removed. Raises `Unwritten`, an `OSError`, that names
    `path`.
    """
    target = place(path)
    try:
        with _through(target) if _special(target) else replacing(target) as temporary:
            yield temporary
    except (BrokenPipeError, Unwritten):
        raise
    except OSError as problem:
        raise Unwritten(f"{str(path)!r} could not be written: {problem.strerror or problem}") from problem


@contextlib.contextmanager
def replacing(path: Path, sweep: bool = True) -> Iterator[Path]:
    """`whole` for a regular file, with the errors of the system; without `sweep` nobody's remains are looked for."""
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    if sweep:
        _sweep(target)
    temporary, held = _claimed(target)
    try:
        yield temporary
        os.fsync(held.fileno())
        if fcntl is None:
            held.close()  # Windows renames no open file.
        os.replace(temporary, target)
    finally:
        held.close()
        temporary.unlink(missing_ok=True)


def _claimed(target: Path) -> tuple[Path, BinaryIO]:
    """An empty file beside `target`, with its mode and owner, and a handle; while that is open, the file is locked."""
    while True:
        temporary = target.with_name(f".{target.name[:_SHORT]}-{secrets.token_hex(4)}{PARTIAL}")
        mode = 0o600 if target.exists() else 0o666
        held = os.fdopen(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "r+b")
        with contextlib.suppress(OSError):  # A network file system may have no locks.
            if fcntl is not None:
                fcntl.flock(held, fcntl.LOCK_EX)
        # Somebody who was sweeping up may have been faster than the lock.
        if temporary.exists():
            break
        held.close()
    if target.exists():
        there = target.stat()
        with contextlib.suppress(OSError, AttributeError):
            os.chown(temporary, there.st_uid, there.st_gid)
        temporary.chmod(stat.S_IMODE(there.st_mode))
    return temporary, held


def _sweep(target: Path) -> None:
    """Remove the temporary files of writers of `target` that were killed: nobody holds their locks."""
    if fcntl is None:
        return
    for remains in target.parent.glob(f".{glob.escape(target.name[:_SHORT])}-*{PARTIAL}"):
        with contextlib.suppress(OSError):
            handle = os.open(remains, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remains.unlink()
            finally:
                os.close(handle)


def _special(path: Path) -> bool:
    """Whether `path` is there and is no regular file, or is what standard output goes to."""
    return path.exists() and (is_output(path) or not path.is_file())


def is_output(path: str | Path) -> bool:
    """Whether `path` is what the process writes its standard output to, as /dev/stdout is."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(1))
    except OSError:
        return False


@contextlib.contextmanager
def _through(path: Path) -> Iterator[Path]:
    """A temporary path whose content is written into what `path` is when the block ends without an error."""
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder, path.name)
        yield temporary
        with temporary.open("rb") as source, _opened(path) as sink:
            shutil.copyfileobj(source, sink)


def _opened(path: Path) -> BinaryIO:
    if is_output(path):
        # Opened anew it would begin at its start; what was printed must come before, what will be printed after.
        sys.stdout.flush()
        return os.fdopen(os.dup(1), "wb")
    return os.fdopen(os.open(path, os.O_WRONLY), "wb")


def place(path: str | Path) -> Path:
    """`path` as that of a file that can be written; `OSError` that says why it cannot. Nothing is made."""
    target = Path(path)
    if target.is_dir():
        raise Unwritten(f"{str(path)!r} is a directory: give the name of a file")
    if _special(target):
        return target
    real = Path(os.path.realpath(target))
    there = next(parent for parent in real.parents if parent.exists())
    if not there.is_dir():
        raise Unwritten(f"{str(path)!r} cannot be written: {str(there)!r} is no directory")
    for needed in (there, real):
        if needed.exists() and not os.access(needed, os.W_OK):
            raise Unwritten(f"{str(path)!r} cannot be written: there is no permission to write {str(needed)!r}")
    return target


def write_text(path: str | Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def directory(path: str | Path) -> Path:
    """`path` as a directory that exists, made if need be, and can be written; `OSError` that says so when it cannot."""
    target = Path(path)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=target):
            pass
    except OSError as problem:
        raise Unwritten(
            f"a directory that can be written is needed; {str(path)!r} is none: {problem.strerror}"
        ) from None
    return target


def save_table(path: str | Path) -> Callable[[Mapping[str, Any]], None]:
    """Check that a .csv or .npz file can be written, and return the function that writes columns to it.

    What is no regular file and has no ending, such as /dev/stdout, is given CSV.
    """
    target = place(path)
    ending = target.suffix or (".csv" if _special(target) else "")
    if ending not in (".csv", ".npz"):
        raise ValueError(f"the file must end in .csv or .npz; {str(path)!r} was given")

    def save(columns: Mapping[str, Any]) -> None:
        with whole(target) as temporary, temporary.open("wb") as file:
            if ending == ".npz":
                np.savez(file, **columns)
            else:
                table = np.column_stack(list(columns.values()))
                np.savetxt(file, table, delimiter=",", header=",".join(columns), comments="", fmt="%.17g")

    return save
