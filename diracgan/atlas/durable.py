"""Files that outlast a crash of the machine, and a lock that a killed process loses."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

PARTIAL = ".partial"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is on the disk, whole, before it has its name; its directory is made.

    Raises `OSError` that says what to do, for a full disk above all.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}{PARTIAL}")
    with _explained(path):
        _make(path.parent)
        try:
            with open(temporary, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _flush(path.parent)


def make_directory(path: Path) -> None:
    """Make a directory and what it lies in, durably; `OSError` that says what to do."""
    with _explained(path):
        _make(path)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise OSError(
            f"{str(path)!r} could not be written: {problem.strerror}; what a store holds already is whole: "
            "remove the cause and go on, with resume if it was begun"
        ) from problem


def _make(directory: Path) -> None:
    if not directory.is_dir():
        _make(directory.parent)
        directory.mkdir(exist_ok=True)
        _flush(directory.parent)


def _flush(directory: Path) -> None:
    """Make the names in a directory durable, where the system can open directories."""
    with contextlib.suppress(PermissionError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def locked(path: Path, process: tuple[int, int] = (0, 1)) -> Iterator[None]:
    """Keep other runs away; process i of n shares the lock with the others. A killed process loses it.

    The same process of the same run, begun twice on one machine, is kept away, too.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with contextlib.ExitStack() as held:
        for file, mode in _locks(path, process, fcntl.LOCK_SH, fcntl.LOCK_EX):
            handle = os.open(file, os.O_RDONLY | (0 if file == path else os.O_CREAT))
            held.callback(os.close, handle)
            try:
                fcntl.flock(handle, mode | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OSError(f"another run is writing {str(path)!r}; wait until it has ended, or stop it") from None
            except OSError:
                pass  # A network file system without locks: whole files keep the store readable all the same.
        yield


def _locks(path: Path, process: tuple[int, int], shared: int, exclusive: int) -> Iterator[tuple[Path, int]]:
    """The store itself and, for one of several processes, a file of its own outside: a store holds only its data."""
    yield path, shared if process[1] > 1 else exclusive
    if process[1] > 1:
        store = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
        yield Path(tempfile.gettempdir(), f"diracgan-{store}-{process[0]}.lock"), exclusive
