"""Files that outlast a crash of the machine, and a lock that a killed process loses."""

from __future__ import annotations

import contextlib
import os
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
            f"{str(path)!r} could not be written: {problem.strerror}; what the store holds is whole: "
            "remove the cause and resume"
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
def locked(path: Path, shared: bool) -> Iterator[None]:
    """Keep other runs away; the processes of one run share the lock. A killed process loses it."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise OSError(f"another run is writing {str(path)!r}; wait until it has ended, or stop it") from None
    except OSError:
        pass  # A network file system without locks: whole files keep the store readable all the same.
    try:
        yield
    finally:
        os.close(handle)
