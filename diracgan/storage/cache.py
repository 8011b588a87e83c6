"""The user's cache folder: what is kept between runs and can be deleted at any time."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """The package's part of the user's cache folder, which need not exist; `OSError` without a home."""
    base = os.environ.get("XDG_CACHE_HOME")
    if sys.platform == "win32":
        base = base or os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = base or "~/Library/Caches"
    try:
        return Path(base or "~/.cache").expanduser() / "diracgan"
    except RuntimeError as problem:
        raise OSError(f"there is no cache folder: {problem}") from None
