"""The files of a store as bytes: JSON, arrays and their metadata; and whether a store is there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from diracgan.storage.files import PARTIAL

MANIFEST = "manifest.json"
Index = tuple[int, ...]


def as_json(value: object) -> bytes:
    """JSON that is the same bytes for the same value."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def little_endian(array: np.ndarray) -> bytes:
    """The bytes of an array as they are stored."""
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def array_metadata(shape: Index, chunk: Index, dtype: np.dtype, names: list[str], attributes: Any) -> dict[str, object]:
    """What Zarr's format 3 says of an array."""
    floating = np.issubdtype(dtype, np.floating)
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(shape),
        "data_type": dtype.name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(chunk)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": "NaN" if floating else -1,
        "codecs": [
            {"name": "bytes", "configuration": {"endian": "little"}} if dtype.itemsize > 1 else {"name": "bytes"}
        ],
        "attributes": attributes,
        "dimension_names": names,
    }


def differences(there: Any, here: Any, name: str = "") -> Iterator[tuple[str, str, str]]:
    """The names at which two JSON values differ, with both values as JSON; the absent is null."""
    if isinstance(there, list) and isinstance(here, list):
        there, here = (dict(enumerate(value)) for value in (there, here))
    if isinstance(there, dict) and isinstance(here, dict):
        for key in {**here, **there}:
            yield from differences(there.get(key), here.get(key), f"{name}.{key}" if name else str(key))
    elif there != here:
        yield name, json.dumps(there, ensure_ascii=False), json.dumps(here, ensure_ascii=False)


def check_place(path: Path, resume: bool) -> None:
    """Raise an error unless a store can be begun, or with `resume` continued, at `path`.

    `FileExistsError` for a store that is there without `resume`, `ValueError` for anything else that is not an empty or
    absent directory.
    """
    if not path.exists():
        return
    if not path.is_dir():
        raise ValueError(f"the store must be a directory; {str(path)!r} is a file: give another path")
    if not (path / MANIFEST).exists():
        if any(not name.endswith(PARTIAL) and name != "lost+found" for name in os.listdir(path)):
            raise ValueError(
                f"{str(path)!r} is not a store of a sweep: it holds files but no {MANIFEST}; give an empty directory"
            )
    elif not resume:
        raise FileExistsError(
            f"{str(path)!r} holds a sweep already: go on with it by resume=True (--resume), or give another directory"
        )


def read_manifest(path: Path) -> dict[str, object]:
    """The manifest of a store; `ValueError` when there is none or it cannot be read."""
    file = path / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise ValueError(f"{str(path)!r} is not a store of a sweep: it has no {MANIFEST}") from None
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict):
        raise ValueError(
            f"{str(file)!r} cannot be read: the store is damaged; restore the file, or sweep anew elsewhere"
        )
    return manifest
