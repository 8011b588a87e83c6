"""Compiled programs are kept between commands, in the user's cache folder.

A command computes little and compiles much, and the next one compiles the same again: JAX's persistent compilation
cache keeps every program, however small. Only the command does this: importing the package changes no setting.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import warnings
from pathlib import Path

import jax
import jaxlib

from diracgan.storage.cache import cache_folder

VARIABLE = "DIRACGAN_COMPILATION_CACHE"
SAID = f"Compiled programs are kept in the user's cache folder;\n{VARIABLE}=off in the environment switches that off."
_BYTES = 1 << 28


def hasten() -> None:
    """Settings of a process that traces and compiles much and then ends."""
    # Nobody reads where in the source an operation of the command's programs came from.
    jax.config.update("jax_traceback_in_locations_limit", 0)
    # Tracing makes millions of small objects that live on: looking through them for cycles takes a tenth of the time.
    gc.set_threshold(200_000, 20, 50)


def keep() -> None:
    """Keep what is compiled from now on, unless the environment forbids it or the folder cannot be written."""
    # A folder that the user has chosen for all of JAX stays the one.
    chosen = jax.config.jax_compilation_cache_dir  # type: ignore[attr-defined]
    if chosen or os.environ.get(VARIABLE, "").lower() in ("off", "no", "0"):
        return
    with contextlib.suppress(OSError):
        folder = cache_folder() / f"programs-{_version()}"
        folder.mkdir(parents=True, exist_ok=True)
        _clean(folder)
        if os.access(folder, os.W_OK | os.X_OK):
            _enable(folder)


def _version() -> str:
    from diracgan import __version__

    return f"{__version__}-jax-{jax.__version__}-{jaxlib.__version__}"


def _clean(folder: Path) -> None:
    """Remove the programs of other versions, and the oldest ones where there are too many."""
    for other in folder.parent.glob("programs-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    # JAX's own bound needs the package filelock.
    files = [(file, file.stat()) for file in os.scandir(folder)]
    size = sum(about.st_size for _, about in files)
    if size > _BYTES:
        for file, about in sorted(files, key=lambda one: one[1].st_mtime):
            os.unlink(file)
            size -= about.st_size
            if size < _BYTES / 2:
                break


def _enable(folder: Path) -> None:
    settings = {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": 0,
    }
    for name, value in settings.items():
        jax.config.update(name, value)
    # A program that was kept damaged, or cannot be kept any more, is compiled.
    warnings.filterwarnings("ignore", message=".*persistent compilation cache")
