"""Ctrl-C in the command: one line and exit code 130, during the import and in the middle of a computation."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn

CODE = 130
_GRACE = 2.0  # seconds that what was interrupted has for cleaning up


def leave(*_: object) -> NoReturn:
    """Print the line and end the process at once."""
    with contextlib.suppress(OSError):
        os.write(2, b"diracgan: interrupted\n")
    os._exit(CODE)


def _expect() -> None:
    """Leave at Ctrl-C from now on, where this process is the command; in any other one nothing is changed."""
    # While `python -m diracgan` imports the package, the name of the program is still "-m".
    name = os.path.basename(sys.argv[0]).removesuffix(".exe") if sys.argv else ""
    if name in ("diracgan", "-m") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, leave)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Ctrl-C raises `KeyboardInterrupt` in the block; where that does not end it soon, the process is left.

    Python handles signals between two of its own instructions, and a compiled program may run for hours inside one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    receiving, sending = socket.socketpair()
    sending.setblocking(False)
    ended = threading.Event()

    def watch() -> None:
        while number := receiving.recv(1):
            if number[0] == signal.SIGINT and not ended.wait(_GRACE):
                leave()

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.set_wakeup_fd(sending.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGINT, handler)
        sending.close()
        watcher.join()
        receiving.close()


_expect()
