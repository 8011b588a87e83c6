"""Files that outlast a crash of the machine, and a lock that a killed process loses."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from diracgan.storage.files import PARTIAL, replacing

_PROCESS = ".process-"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is on the disk, whole, before it has its name; its directory is made.

    Raises `OSError` that says what to do, for a full disk above all.
    """
    with _explained(path):
        _make(path.parent)
        # What a killed run left is removed when a store is opened: here it would mean a look at every chunk.
        with replacing(path, sweep=False) as temporary:
            temporary.write_bytes(data)
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

    The same process of the same run, begun twice, is kept away, too: by a file in the store that is removed at the end.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    number, several = process[0], process[1] > 1
    with contextlib.ExitStack() as held:
        handle = os.open(path, os.O_RDONLY)
        held.callback(os.close, handle)
        _lock(path, handle, fcntl.LOCK_SH if several else fcntl.LOCK_EX)
        if several:
            held.enter_context(_alone(path, path / f"{_PROCESS}{number}{PARTIAL}"))
        else:
            for remains in path.glob(f"{_PROCESS}*{PARTIAL}"):
                remains.unlink(missing_ok=True)
        yield


@contextlib.contextmanager
def _alone(store: Path, file: Path) -> Iterator[None]:
    """Hold a file of one's own; another holder of the same file is an error."""
    import fcntl

    while True:
        with open(file, "ab") as held:
            _lock(store, held.fileno(), fcntl.LOCK_EX)
            # The one who held it before may have removed it between the two lines above.
            if file.exists() and os.path.samestat(file.stat(), os.fstat(held.fileno())):
                try:
                    yield
                finally:
                    file.unlink(missing_ok=True)
                return


def _lock(store: Path, handle: int, mode: int) -> None:
    import fcntl

    try:
        fcntl.flock(handle, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(f"another run is writing {str(store)!r}; wait until it has ended, or stop it") from None
    except OSError:
        pass  # A network file system without locks: whole files keep the store readable all the same.
