"""Sweeps of any size, streamed to a store on disk chunk by chunk; killed at any instant, they can be resumed."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.dynamics.system import trained
from diracgan.dynamics.trajectories import STEPS
from diracgan.games.fields import FieldLike
from diracgan.games.inputs import as_choice, as_flag, as_path, fits, told
from diracgan.games.parameters import Parameter
from diracgan.games.states import finite_state
from diracgan.sweeps.chunks import Chunks
from diracgan.sweeps.grids import Grid, checked_axes
from diracgan.sweeps.manifest import Index, little_endian, read_manifest
from diracgan.sweeps.progress import Made, begun, checked_progress
from diracgan.sweeps.quantities import QUANTITIES, attributes, block_of, on_grid, try_corners

FORMAT = 1
CHUNK = Parameter("chunk", "edge", "points of a chunk along each axis", 256, (1, 1 << 24), kind=int)
_POINTS = 1 << 16  # of a chunk by default


class Stored(NamedTuple):
    """A sweep on disk: where, how many points and chunks it has, and how many chunks this call computed."""

    path: Path
    points: int
    chunks: int
    computed: int


def sweep_to_store(
    field: FieldLike,
    algorithm: Algorithm,
    over: Mapping[str, Any],
    store: str | Path,
    *,
    quantity: str = "radius",
    steps: int = 1000,
    start: ArrayLike = (1.0, 1.0),
    chunk: int | None = None,
    resume: bool = False,
    process: tuple[int, int] = (0, 1),
    progress: object = None,
) -> Stored:
    """One number per point of a grid of hyper-parameters, streamed to a Zarr store that `xarray.open_zarr` reads.

    Args:
        field, algorithm: as in `simulate`.
        over: the axes, name → values: continuous hyper-parameters of the method or, where it has none of that name, of
            the algorithm; the last axis runs fastest.
        store: a directory, absent or empty, or with `resume` an unfinished store of the same sweep.
        quantity: "radius", the spectral radius of one round at the equilibrium; "distance" to the equilibrium after
            `steps` rounds from `start`; "verdict", int8: 1 where r² < 1e-12 was hit first, 2 where r > 1e6, else 0.
        chunk: points of a chunk along each axis; by default a chunk has about 65 536 points. Memory holds two chunks,
            the axes, and the names of all chunks.
        process: (i, n): this is process i of n, which computes and writes every n-th chunk.
        progress: as in `sweep`; its total are the points that this process has still to compute.

    A chunk is on the disk whole before it has its name, and its checksum after it. A run that was killed and resumed
    gives the same bytes as one that was not. The points of a chunk are dealt out to the local devices.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     axes, place = {"gamma": [0.3, 1.0]}, f"{folder}/radius.zarr"
    ...     stored = dg.sweep_to_store(dg.method("r1"), dg.SimGD(0.2), axes, place)
    ...     grid = dg.read_store(place)
    >>> stored.points, grid.values.round(4).tolist()
    (2, [0.9747, 0.9])

    Raises `FileExistsError` for a store that is there without `resume` (process 0 does: another one cannot tell it from
    one just begun); `ValueError` for one of another sweep or a
    damaged one, and for names and values that are not admissible; `OSError` when the disk is full, the store then
    resumable.
    """
    chosen, axes = trained(field, algorithm), checked_axes(over)
    store, resume = as_path(store, "store"), as_flag(resume, "resume")
    steps, chunk = STEPS.convert(steps), CHUNK.optional(chunk)
    if not (isinstance(process, tuple) and [type(i) for i in process] == [int, int] and 0 <= process[0] < process[1]):
        raise ValueError(f"process must be (i, n) with 0 <= i < n; {told(process)} was given")
    progress = checked_progress(progress)
    quantity = as_choice(quantity, "quantity", tuple(QUANTITIES))
    chosen.declared(axes)
    asked: dict[str, Any] = {"quantity": quantity}
    if quantity != "radius":
        x = finite_state(start, chosen.field.dimension, batch=False)
        asked |= {"steps": steps, "start": np.asarray(x).tolist()}
    try_corners(chosen, axes, asked)
    block = block_of(chosen, asked)
    dtype = np.dtype(jnp.zeros(()).dtype)
    chunks = Chunks(
        path=store,
        name=quantity,
        axes={name: axis.astype(dtype) for name, axis in axes.items()},
        chunk=edges([len(axis) for axis in axes.values()], chunk),
        dtype=np.dtype(np.int8) if quantity == "verdict" else dtype,
        manifest={},
        attributes=attributes(quantity),
    )
    manifest = {"field": repr(chosen.field), "algorithm": chosen.rule, **asked, **_manifest(chunks, block)}
    return _run(dataclasses.replace(chunks, manifest=manifest), block, resume, process, progress)


def _run(chunks: Chunks, block: Any, resume: bool, process: tuple[int, int], progress: Made) -> Stored:
    """Compute and write what is missing; the next chunk is computed while one is written."""
    compute = jax.jit(lambda *columns: on_grid(block, dict(zip(chunks.axes, columns, strict=True))))
    size = int(np.prod(chunks.chunk))
    with chunks.opened(resume, process) as missing, begun(progress, "sweep", len(missing) * size) as bar:
        finished: tuple[Index, jax.Array] | None = None
        for index in [*missing, None]:
            running = None if index is None else (index, compute(*_columns(chunks, index)))
            if finished is not None:
                chunks.write(finished[0], np.asarray(finished[1]))
                bar.update(size)
            finished = running
    return Stored(chunks.path, int(np.prod(chunks.shape)), len(chunks.indices()), len(missing))


def _columns(chunks: Chunks, index: Index) -> list[jax.Array]:
    """The coordinates of a chunk along each axis; beyond the end of an axis its last value."""
    where = [np.arange(i * edge, (i + 1) * edge) for i, edge in zip(index, chunks.chunk, strict=True)]
    # A list: a dictionary would reach the compiled function in the order of its sorted keys, not of the axes.
    return [
        jnp.asarray(axis[np.minimum(along, len(axis) - 1)])
        for axis, along in zip(chunks.axes.values(), where, strict=True)
    ]


def edges(lengths: list[int], chunk: int | None) -> Index:
    """The edge lengths of a chunk of a grid."""
    edge = round(_POINTS ** (1 / len(lengths))) if chunk is None else CHUNK.convert(chunk)
    return tuple(min(edge, length) for length in lengths)


def _manifest(chunks: Chunks, block: Any) -> dict[str, Any]:
    """What makes the numbers what they are, down to the compiled program and the versions of the compiler."""
    import diracgan

    one = {name: jax.ShapeDtypeStruct((1,), axis.dtype) for name, axis in chunks.axes.items()}
    program = jax.jit(block).lower(one).as_text()
    return {
        "format": f"diracgan sweep {FORMAT}",
        "axes": [
            {
                "name": name,
                "count": len(axis),
                "first": float(axis[0]),
                "last": float(axis[-1]),
                "sha256": hashlib.sha256(little_endian(axis)).hexdigest(),
            }
            for name, axis in chunks.axes.items()
        ],
        "chunk": list(chunks.chunk),
        "dtype": chunks.dtype.name,
        "versions": {
            "diracgan": diracgan.__version__,
            "jax": jax.__version__,
            "jaxlib": jaxlib.__version__,
            "platform": jax.local_devices()[0].platform,
        },
        "program": hashlib.sha256(program.encode()).hexdigest(),
    }


def read_store(path: str | Path) -> Grid:
    """A finished store as a `Grid` in memory, every chunk compared with its checksum.

    `path` is the directory that `sweep_to_store` or `diracgan sweep` has written; its example reads one back. For a
    grid larger than the memory use `xarray.open_zarr(path)`, which reads what is asked for.

    Raises `ValueError` for what is not a store, for a damaged one and for an unfinished one.
    """
    path = as_path(path, "path")
    chunks = _described(path, read_manifest(path))
    fits(2 * math.prod(chunks.shape) * chunks.dtype.itemsize, f"the store {str(path)!r} in memory")
    missing = [index for index in chunks.indices() if not chunks.record_file(index).exists()]
    if missing:
        raise ValueError(
            f"{str(path)!r} is unfinished: {len(missing)} of {len(chunks.indices())} chunks are missing; resume it"
        )
    values = np.empty(chunks.shape, chunks.dtype)
    for index in chunks.indices():
        part = values[tuple(slice(i * edge, (i + 1) * edge) for i, edge in zip(index, chunks.chunk, strict=True))]
        part[...] = chunks.read(index)[tuple(map(slice, part.shape))]
    return Grid(dict(chunks.axes), values)


def _described(path: Path, manifest: Mapping[str, Any]) -> Chunks:
    """The chunks that a manifest describes; `ValueError` when it or an axis is not what was written."""
    try:
        if manifest["format"] != f"diracgan sweep {FORMAT}":
            raise ValueError(f"{str(path)!r} has the format {manifest['format']!r}; this version reads {FORMAT}")
        name, dtype = manifest["quantity"], np.dtype(manifest["dtype"])
        axes = {}
        for axis in manifest["axes"]:
            data = (path / axis["name"] / "c" / "0").read_bytes()
            if hashlib.sha256(data).hexdigest() != axis["sha256"]:
                raise ValueError(f"the axis {axis['name']} of {str(path)!r} was altered; delete its chunk and resume")
            kind = np.dtype(f"<f{len(data) // axis['count']}")
            axes[axis["name"]] = np.frombuffer(data, kind)
        return Chunks(path, name, axes, tuple(manifest["chunk"]), dtype, manifest)
    except (KeyError, TypeError, FileNotFoundError) as problem:
        raise ValueError(f"the store {str(path)!r} is damaged: {problem}; resume the sweep, or sweep anew") from None
