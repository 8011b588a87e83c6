"""A grid on disk: a Zarr group (format 3) whose chunks appear whole, each with a record of its checksum.

    manifest.json        what is computed; the first file that is written
    zarr.json            the group, with the metadata of every array, so that a reader need not list the directory
    gamma/, h/           the axes, one chunk each
    radius/c/3/7         a chunk of the values, uncompressed, little-endian, edge chunks filled up
    records/3.7.json     its length and SHA-256, written after the chunk

The files are written here and not through zarr's LocalStore: that one renames whole files into place, too, but does not
flush them to the disk first, and leaves a `.partial` file with a random name when it is killed. Every file's bytes are
determined by the manifest, so that a resumed store is the same, byte for byte, as one written in a single run.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from diracgan.storage.durable import locked, make_directory, write_whole
from diracgan.storage.files import PARTIAL
from diracgan.sweeps.manifest import (
    MANIFEST,
    Index,
    array_metadata,
    as_json,
    check_place,
    differences,
    little_endian,
    read_manifest,
)

_PATIENCE = 120.0  # seconds that a process waits for the first one to begin the store


@dataclasses.dataclass(frozen=True)
class Chunks:
    """The values of one quantity on a grid, in chunks under the directory `path`.

    `axes` are the coordinates, `chunk` the edge lengths of a chunk, `manifest` a JSON object that says what the values
    are, `attributes` go to the readers of the Zarr array.
    """

    path: Path
    name: str
    axes: Mapping[str, np.ndarray]
    chunk: Index
    dtype: np.dtype
    manifest: Mapping[str, object]
    attributes: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def shape(self) -> Index:
        """The lengths of the axes."""
        return tuple(len(axis) for axis in self.axes.values())

    def indices(self) -> list[Index]:
        """The index of every chunk, the last axis fastest."""
        return list(itertools.product(*(range(-(-n // edge)) for n, edge in zip(self.shape, self.chunk, strict=True))))

    def chunk_file(self, index: Index) -> Path:
        """Where a chunk is."""
        return self.path.joinpath(self.name, "c", *map(str, index))

    def record_file(self, index: Index) -> Path:
        """Where the record of a chunk is."""
        return self.path / "records" / f"{'.'.join(map(str, index))}.json"

    def metadata(self) -> dict[Path, bytes]:
        """Every file that is there before the first chunk, the manifest first."""
        arrays = {
            axis: array_metadata(values.shape, values.shape, values.dtype, [axis], {})
            for axis, values in self.axes.items()
        }
        arrays[self.name] = array_metadata(self.shape, self.chunk, self.dtype, list(self.axes), dict(self.attributes))
        shown = {key: value for key, value in self.manifest.items() if isinstance(value, (str, int, float))}
        consolidated = {"kind": "inline", "must_understand": False, "metadata": arrays}
        group = {"zarr_format": 3, "node_type": "group", "attributes": shown, "consolidated_metadata": consolidated}
        files = {self.path / MANIFEST: as_json(self.manifest), self.path / "zarr.json": as_json(group)}
        files |= {self.path / name / "zarr.json": as_json(array) for name, array in arrays.items()}
        files |= {self.path / axis / "c" / "0": little_endian(values) for axis, values in self.axes.items()}
        return files

    @contextlib.contextmanager
    def opened(self, resume: bool, process: tuple[int, int] = (0, 1)) -> Iterator[list[Index]]:
        """The chunks that this process has still to write; the store is begun or checked, and locked meanwhile.

        Raises `ValueError` for a foreign or damaged store, `FileExistsError` for one that is there without `resume`,
        and `OSError` where it cannot be written or another run writes it.
        """
        mine = self.indices()[process[0] :: process[1]]
        if process[0]:
            self._wait()
        else:
            check_place(self.path, resume)
            make_directory(self.path)
        with locked(self.path, process):
            if process[0] == 0:
                check_place(self.path, resume)
                self._begin()
            self._compare()
            missing = self._missing(mine)
            self._sweep_up(missing, process[0] == 0)
            yield missing

    def _wait(self) -> None:
        """Until the first process has begun the store."""
        end = time.monotonic() + _PATIENCE
        while not all(file.exists() for file in self.metadata()):
            if time.monotonic() > end:
                raise OSError(f"process 0 has not begun the store {str(self.path)!r} in {_PATIENCE:g} s; start it, too")
            time.sleep(0.05)

    def _begin(self) -> None:
        if (self.path / MANIFEST).exists():
            self._compare(whole=False)
        for file, data in self.metadata().items():
            if not file.exists():
                write_whole(file, data)

    def _compare(self, whole: bool = True) -> None:
        """Raise `ValueError` unless the store holds this sweep and its metadata are what was written."""
        there, here = read_manifest(self.path), json.loads(as_json(self.manifest))
        for key, then, now in differences(there, here):
            raise ValueError(
                f"the store {str(self.path)!r} holds another sweep: its {key} is {then}, here it is {now}; "
                "give the same settings, or another directory"
            )
        for file, data in self.metadata().items():
            if (whole or file.exists()) and file.read_bytes() != data:
                raise ValueError(f"{str(file)!r} was altered; delete it and resume to have it written again")

    def _missing(self, mine: list[Index]) -> list[Index]:
        """The chunks without a record; those with one are compared with it."""
        try:
            recorded = set(os.listdir(self.path / "records"))
        except FileNotFoundError:
            return mine
        for index in mine:
            if self.record_file(index).name in recorded:
                self.read(index)
        return [index for index in mine if self.record_file(index).name not in recorded]

    def _sweep_up(self, missing: list[Index], first: bool) -> None:
        """Remove what a killed run left of the files that this process will write."""
        own = {self.chunk_file(index) for index in missing} | {self.record_file(index) for index in missing}
        own |= set(self.metadata()) if first else set()
        for directory, _, names in os.walk(self.path):
            for name in names:
                target = Path(directory, name.removesuffix(PARTIAL).rpartition("-")[0][1:])
                if name.endswith(PARTIAL) and target in own:
                    Path(directory, name).unlink(missing_ok=True)

    def write(self, index: Index, values: np.ndarray) -> None:
        """Write a chunk and then its record."""
        data = little_endian(values)
        write_whole(self.chunk_file(index), data)
        write_whole(self.record_file(index), as_json({"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}))

    def read(self, index: Index) -> np.ndarray:
        """A chunk, shape `chunk`; `ValueError` unless it is what its record says."""
        file, record = self.chunk_file(index), self.record_file(index)
        remedy = f"delete {str(record)!r} and resume to have it computed again"
        try:
            written = json.loads(record.read_bytes())
            length, checksum = written["bytes"], written["sha256"]
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"the record {str(record)!r} cannot be read; {remedy}") from None
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            raise ValueError(f"the chunk {str(file)!r} is missing although it was written; {remedy}") from None
        if len(data) != length:
            raise ValueError(f"the chunk {str(file)!r} has {len(data)} bytes instead of {length}; {remedy}")
        if hashlib.sha256(data).hexdigest() != checksum:
            raise ValueError(f"the chunk {str(file)!r} was altered: its SHA-256 is not the recorded one; {remedy}")
        return np.frombuffer(data, self.dtype.newbyteorder("<")).reshape(self.chunk)
