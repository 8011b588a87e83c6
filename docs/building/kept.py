"""What takes long to derive, kept from one build to the next for as long as the package is the same."""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import diracgan as dg

FOLDER = Path(__file__).parents[1] / "_generated"

_Value = TypeVar("_Value")


@functools.cache
def fingerprint() -> str:
    """What all of it depends on: the source of the package and of this folder's computations."""
    digest = hashlib.sha256(dg.__version__.encode())
    here = Path(__file__).parent
    for file in (*sorted(Path(dg.__file__).parent.rglob("*.py")), here / "stability.py", here / "portraits.py"):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def kept(name: str, compute: Callable[[], _Value]) -> _Value:
    """The value of `compute`, read from the last build where that was of the same package."""
    file = FOLDER / "kept" / f"{name}-{fingerprint()}.pickle"
    if file.exists():
        return pickle.loads(file.read_bytes())
    value = compute()
    file.parent.mkdir(parents=True, exist_ok=True)
    for old in file.parent.glob(f"{name}-????????????????.pickle"):
        old.unlink()
    file.write_bytes(pickle.dumps(value))
    return value
