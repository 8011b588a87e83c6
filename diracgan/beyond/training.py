"""Long training runs: rounds in portions, progress, and checkpoints from which a killed run goes on bit for bit."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm, as_algorithm, ready
from diracgan.algorithms.base import State
from diracgan.dynamics.compiling import running
from diracgan.dynamics.trajectories import SAVE_EVERY, STEPS
from diracgan.games.fields import VectorField, as_field
from diracgan.games.inputs import Scalar, as_flag, as_function, as_key, as_path
from diracgan.games.parameters import cast
from diracgan.games.states import finite_state
from diracgan.storage.durable import locked, make_directory, write_whole
from diracgan.storage.files import PARTIAL
from diracgan.sweeps.manifest import MANIFEST, as_json, read_manifest
from diracgan.sweeps.progress import begun, checked_progress

FORMAT = "diracgan training 1"
_KEPT = 2  # checkpoints


class Trained(NamedTuple):
    """Where a run is: the position `x`, `(n,)` or `(m, n)`, the algorithm's whole state, and the number of rounds done.

    `computed` is how many of the rounds this call did itself.
    """

    x: jax.Array
    state: State
    rounds: int
    computed: int


def train(
    game: Any,
    algorithm: Algorithm,
    state: Any = None,
    steps: int = 1000,
    key: int | jax.Array | None = None,
    save_every: int | None = None,
    callback: Callable[[int, jax.Array], object] | None = None,
    *,
    store: str | Path | None = None,
    resume: bool = False,
    progress: object = None,
) -> Trained:
    """A long run of an algorithm, in portions of `save_every` rounds; memory does not grow with the rounds.

    Args:
        game: a `GAN` with minibatches or without, or any other field.
        algorithm: for example `RMSProp(h=1e-3)`.
        state: the position to start from, shape `(n,)`, by default that of the modules the game was built from; or
            `(m, n)` for m runs at once, run i with the key `fold_in(key, i)`.
        steps: the number of rounds in all; a finished run in a store can be resumed with more.
        key: an integer or a `jax.random` key for the minibatches; None is the game's own.
        save_every: rounds of a portion; by default a hundredth of all, at least 1.
        callback: called after every portion with the number of rounds done and the position; `True` ends the run.
        store: a directory for checkpoints, absent or empty, or with `resume` that of the same run.
        progress: what is told of the rounds, as in `dg.sweep`; by default a line on the error stream.

    A checkpoint is on the disk whole before it has its name, and the last two are kept. The program is the same for
    every portion, so that a run that was killed and resumed gives the same bits as one that was not. What takes longer
    than two seconds shows its progress on the error stream. A diverging run is a result.

    Raises `ValueError` for a start that does not fit or is not finite, for a damaged store and for one of another run;
    `FileExistsError` for a store that is there without `resume`; `OSError` where it cannot be written.

    >>> done = train(dg.method("r1"), dg.SimGD(h=0.2), (1.0, 1.0), steps=1000)
    >>> done.rounds, bool(abs(done.x).max() < 1e-9)
    (1000, True)
    """
    field, algorithm = as_field(game), as_algorithm(algorithm)
    x = finite_state(field.equilibrium if state is None else state, field.dimension, name="state")
    steps = STEPS.convert(steps)
    portion = SAVE_EVERY.convert(max(1, steps // 100) if save_every is None else save_every)
    key, resume = None if key is None else as_key(key), as_flag(resume, "resume")
    callback = (
        None if callback is None else as_function(callback, "callback", "the rounds done and the position", "k", "x")
    )
    store = None if store is None else as_path(store, "store")
    shown = checked_progress(progress)
    keys = _keys(field, key, x)
    run = _begun(field, algorithm, keys, x)
    rounds = 0
    with _opened(store, resume, field, algorithm, keys, x) as checkpoints:
        if checkpoints is not None and (found := checkpoints.newest()) is not None:
            rounds, leaves = found
            run = jax.tree.unflatten(jax.tree.structure(run), [jnp.asarray(leaf) for leaf in leaves])
        if rounds > steps:
            raise ValueError(f"the store {str(store)!r} holds {rounds} rounds already; steps={steps} was given")
        first = rounds
        with begun(shown, "train", steps - first) as bar:
            while rounds < steps:
                count = min(portion - rounds % portion, steps - rounds)
                run = _portion(field, algorithm, keys, run, rounds, count)
                rounds += count
                if checkpoints is not None:
                    checkpoints.write(rounds, [np.asarray(leaf) for leaf in jax.tree.leaves(run)])
                bar.update(count)
                if callback is not None and callback(rounds, algorithm.position(run)) is True:
                    break
    return Trained(algorithm.position(run), run, rounds, rounds - first)


def _keys(field: VectorField, key: Any, x: jax.Array) -> jax.Array | None:
    """The key of a run, those of m runs, shape `(m,)`, or None where nothing is drawn."""
    if field.changing is None:
        return None
    key = field.own_key if key is None else key
    return key if x.ndim == 1 else jax.vmap(lambda i: jax.random.fold_in(key, i))(jnp.arange(len(x)))


@running
def _begun(field: VectorField, algorithm: Algorithm, keys: jax.Array | None, x: jax.Array) -> State:
    """The algorithm's state at a position `(n,)`, or at m of them."""
    field, algorithm = cast(field, x.dtype), ready(algorithm, x.dtype)

    def one(key: jax.Array | None, x: jax.Array) -> State:
        own = field.keyed(key).in_round(0)
        return algorithm.init(own, own.domain.project(x, own.generator_size))

    return one(keys, x) if x.ndim == 1 else jax.vmap(one, (None if keys is None else 0, 0))(keys, x)


@running
def _portion(
    field: VectorField, algorithm: Algorithm, keys: jax.Array | None, state: State, first: Scalar, count: Scalar
) -> State:
    """Rounds number `first` to `first + count - 1`."""
    x = algorithm.position(state)
    field, algorithm = cast(field, x.dtype), ready(algorithm, x.dtype)

    def one(key: jax.Array | None, state: State) -> State:
        own = field.keyed(key)
        # A loop whose length is data: one program for every portion, and so the same bits however a run was cut.
        return jax.lax.fori_loop(first, first + count, lambda k, s: algorithm.step(own.in_round(k), s, k), state)

    return one(keys, state) if x.ndim == 1 else jax.vmap(one, (None if keys is None else 0, 0))(keys, state)


class _Checkpoints:
    """The checkpoints of a run in a directory: `checkpoints/ROUND.npz`, each with a record of its checksum."""

    def __init__(self, path: Path):
        self.path = path / "checkpoints"

    def file(self, rounds: int) -> Path:
        return self.path / f"{rounds:012d}.npz"

    def record(self, rounds: int) -> Path:
        return self.path / f"{rounds:012d}.json"

    def rounds(self) -> list[int]:
        """The rounds at which there is a checkpoint."""
        return sorted(int(record.stem) for record in self.path.glob("[0-9]*.json"))

    def write(self, rounds: int, leaves: list[np.ndarray]) -> None:
        """Write a checkpoint and then its record; older ones go, but for the last."""
        buffer = io.BytesIO()
        np.savez(buffer, *leaves)
        data = buffer.getvalue()
        write_whole(self.file(rounds), data)
        record = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        write_whole(self.record(rounds), as_json(record))
        for old in self.rounds()[:-_KEPT]:
            self.record(old).unlink(missing_ok=True)
            self.file(old).unlink(missing_ok=True)

    def newest(self) -> tuple[int, list[np.ndarray]] | None:
        """The last checkpoint; `ValueError` unless it is what its record says."""
        if not (known := self.rounds()):
            return None
        file, record = self.file(known[-1]), self.record(known[-1])
        try:
            data, written = file.read_bytes(), json.loads(record.read_bytes())
            whole = hashlib.sha256(data).hexdigest() == written["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            raise ValueError(
                f"the checkpoint {str(file)!r} is missing or was altered; delete {str(record)!r} and resume to go on "
                "from the one before"
            )
        with np.load(io.BytesIO(data)) as arrays:
            return known[-1], [arrays[name] for name in arrays.files]


@contextlib.contextmanager
def _opened(store: Any, resume: bool, *described: Any) -> Iterator[_Checkpoints | None]:
    """The checkpoints of the run in a store, which is begun or checked, and locked meanwhile; None without a store."""
    if store is None:
        yield None
        return
    path, manifest = Path(store), _manifest(*described)
    _check_place(path, resume)
    make_directory(path)
    with locked(path):
        if (path / MANIFEST).exists():
            _check_place(path, resume)
            _compare(path, read_manifest(path), json.loads(as_json(manifest)))
        else:
            write_whole(path / MANIFEST, as_json(manifest))
        for left in path.rglob(f".*{PARTIAL}"):
            left.unlink(missing_ok=True)
        yield _Checkpoints(path)


def _check_place(path: Path, resume: bool) -> None:
    if path.exists() and not path.is_dir():
        raise ValueError(f"the store must be a directory; {str(path)!r} is a file: give another path")
    if (path / MANIFEST).exists():
        if not resume:
            raise FileExistsError(f"{str(path)!r} holds a run already: go on with it by resume=True, or give another")
    elif path.exists() and any(not entry.name.endswith(PARTIAL) for entry in path.iterdir()):
        raise ValueError(f"{str(path)!r} is no store of a run: it has files but no {MANIFEST}; give an empty directory")


def _compare(path: Path, there: dict[str, object], here: dict[str, object]) -> None:
    for name in {**here, **there}:
        if there.get(name) != here.get(name):
            raise ValueError(
                f"the store {str(path)!r} holds another run: its {name} is {there.get(name)}, here it is "
                f"{here.get(name)}; give the same game, algorithm, start and key, or another directory"
            )


def _manifest(field: VectorField, algorithm: Algorithm, keys: jax.Array | None, x: jax.Array) -> dict[str, object]:
    """What makes the bits what they are, down to the program and the versions of its compiler."""
    import jaxlib

    import diracgan

    state = jax.eval_shape(_begun, field, algorithm, keys, x)
    program = _portion.lower(field, algorithm, keys, state, 0, 1).as_text()
    return {
        "format": FORMAT,
        "field": repr(field),
        "algorithm": repr(algorithm),
        "numbers": _checksum((field, algorithm)),
        "start": _checksum(x),
        "key": _checksum(keys),
        "program": hashlib.sha256(program.encode()).hexdigest(),
        "versions": {
            "diracgan": diracgan.__version__,
            "jax": jax.__version__,
            "jaxlib": jaxlib.__version__,
            "platform": jax.local_devices()[0].platform,
        },
    }


def _checksum(tree: object) -> str:
    sha = hashlib.sha256()
    for leaf in jax.tree.leaves(tree):
        keyed = isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        array = np.asarray(jax.random.key_data(leaf) if keyed else leaf)
        sha.update(f"{array.dtype}{array.shape}".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()
