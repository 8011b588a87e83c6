"""Sweeps on disk: right numbers, readable by others, and whole after whatever happens to the run or the files."""

import errno
import json
import os
import subprocess
import sys
import tracemalloc

import jax
import numpy as np
import pytest

import diracgan as dg
from diracgan.command.main import main
from diracgan.storage import durable
from diracgan.sweeps import chunks
from diracgan.sweeps.store import read_store, sweep_to_store

AXES = {"gamma": np.linspace(0.0, 3.0, 13), "h": np.linspace(0.1, 4.0, 10)}
COMMAND = "sweep r1 --over gamma=0:3:13 --over h=0.1:4:10 --chunk 5 --store".split()


def store(place, over=AXES, chunk=5, method="r1", algorithm=None, **options):
    return sweep_to_store(dg.method(method), algorithm or dg.SimGD(0.2), over, place, chunk=chunk, **options)


def tree(place):
    """Every file below a directory with its bytes."""
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished store; not to be changed."""
    place = tmp_path_factory.mktemp("stores") / "finished"
    done = store(place)
    assert done == (place, 130, 6, 6)
    return place


def copied(finished, place, without=()):
    """A copy of the finished store in which some chunks were not yet computed."""
    for name, data in tree(finished).items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    for index in without:
        (place / "radius" / "c" / index.replace(".", "/")).unlink()
        (place / "records" / f"{index}.json").unlink()
    return place


# What is computed.


def test_the_radius_is_the_spectral_radius(finished):
    grid = read_store(finished)
    assert grid.shape == (13, 10) and list(grid.axes) == ["gamma", "h"]
    for i, j in [(0, 0), (3, 9), (12, 4), (12, 9)]:
        expected = dg.spectral_radius(dg.method("r1", gamma=AXES["gamma"][i]), dg.SimGD(AXES["h"][j]))
        assert grid.values[i, j] == pytest.approx(float(expected), rel=1e-13)


def test_the_distance_is_that_of_the_simulated_run(tmp_path):
    axes = {"h": [0.1, 0.5], "data": [-0.5, 0.0, 1.0], "gamma": [0.3, 1.0]}
    store(tmp_path / "s", axes, chunk=2, quantity="distance", steps=40, start=(0.5, 0.25))
    grid = read_store(tmp_path / "s")
    assert grid.values.shape == (2, 3, 2)
    for i, j, k in np.ndindex(2, 3, 2):
        h, data, gamma = axes["h"][i], axes["data"][j], axes["gamma"][k]
        path = dg.simulate(dg.method("r1", gamma=gamma, data=data), dg.SimGD(h), (0.5, 0.25), 40)
        assert grid.values[i, j, k] == pytest.approx(np.linalg.norm(path[-1] - np.array([data, 0.0])), rel=1e-12)


def test_the_verdict_is_by_first_hit(tmp_path):
    axes = {"beta": [-0.5, 0.0, 0.5], "h": [0.05, 0.9, 40.0]}
    algorithm = dg.HeavyBall(h=0.2, beta=0.0)
    store(tmp_path / "s", axes, chunk=2, algorithm=algorithm, quantity="verdict", steps=600)
    codes = read_store(tmp_path / "s").values
    assert codes.dtype == np.int8
    for i, beta in enumerate(axes["beta"]):
        for j, h in enumerate(axes["h"]):
            path = np.asarray(dg.simulate(dg.method("r1"), algorithm.replace(beta=beta, h=h), steps=600))
            radius = np.hypot(*path.T)
            near, far = radius < 1e-6, ~(radius <= 1e6)
            hits = np.flatnonzero(near | far)
            assert codes[i, j] == (0 if not hits.size else 1 if near[hits[0]] else 2), (beta, h)
    assert set(codes.ravel()) == {0, 1, 2}


def test_the_result_does_not_depend_on_the_chunks(finished, tmp_path):
    store(tmp_path / "s", chunk=None)
    np.testing.assert_array_equal(read_store(tmp_path / "s").values, read_store(finished).values)


def test_wrapped_algorithms_are_swept_inside(tmp_path):
    store(tmp_path / "s", {"alpha": [0.5, 1.0], "h": [0.1, 0.2]}, algorithm=dg.Lookahead(dg.SimGD(0.3), k=2))
    expected = dg.spectral_radius(dg.method("r1"), dg.SimGD(0.2)) ** 2
    assert read_store(tmp_path / "s").values[1, 1] == pytest.approx(float(expected), rel=1e-12)


# Who can read it.


def test_xarray_reads_it(finished):
    xarray = pytest.importorskip("xarray")
    data = xarray.open_zarr(finished)
    np.testing.assert_array_equal(data["radius"].values, read_store(finished).values)
    np.testing.assert_array_equal(data["gamma"].values, AXES["gamma"])
    assert data["radius"].dims == ("gamma", "h")
    assert data.attrs["field"] == repr(dg.method("r1"))


@pytest.mark.parametrize("quantity", ["radius", "verdict"])
def test_the_metadata_are_what_zarr_itself_writes(quantity, tmp_path):
    zarr = pytest.importorskip("zarr")
    store(tmp_path / "s", quantity=quantity, steps=10)
    written = json.loads((tmp_path / "s" / quantity / "zarr.json").read_bytes())
    theirs = zarr.create_array(
        tmp_path / "t",
        shape=(13, 10),
        chunks=(5, 5),
        dtype="int8" if quantity == "verdict" else "float64",
        fill_value=-1 if quantity == "verdict" else float("nan"),
        compressors=None,
        filters=None,
        attributes=written["attributes"],
        dimension_names=["gamma", "h"],
    )
    expected = json.loads((tmp_path / "t" / "zarr.json").read_bytes())
    assert {key: value for key, value in expected.items() if key != "storage_transformers"} == written
    assert theirs.dtype == zarr.open_group(tmp_path / "s", mode="r")[quantity].dtype


# What is refused.


def test_a_store_that_is_there_needs_resume(finished, capsys):
    before = tree(finished)
    assert main([*COMMAND, str(finished)]) == 2
    printed = capsys.readouterr().err
    assert "holds a sweep already" in printed and printed.count("\n") == 1
    assert main([*COMMAND, str(finished), "--resume"]) == 0
    assert "0 of 6 chunks now" in capsys.readouterr().out
    assert tree(finished) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"over": {**AXES, "h": np.linspace(0.1, 4.0, 11)}}, "its axes.1.count is 10, here it is 11"),
        ({"over": {**AXES, "h": np.linspace(0.1, 3.0, 10)}}, "its axes.1.last is 4.0, here it is 3.0"),
        ({"over": {"h": AXES["h"], "gamma": AXES["gamma"]}}, 'its axes.0.name is "gamma", here it is "h"'),
        ({"method": "gan", "over": {"data": AXES["gamma"], "h": AXES["h"]}}, "its field is"),
        ({"algorithm": dg.AltGD(0.2)}, "its algorithm is"),
        ({"quantity": "distance"}, 'its quantity is "radius", here it is "distance"'),
        ({"chunk": 6}, "its chunk.0 is 5, here it is 6"),
    ],
)
def test_the_store_of_another_sweep_is_refused(options, said, finished):
    before = tree(finished)
    with pytest.raises(ValueError, match="holds another sweep") as refused:
        store(finished, **options, resume=True)
    assert said in str(refused.value)
    assert tree(finished) == before


def test_a_program_of_the_same_name_is_told_apart(tmp_path):
    axes = {"h": [0.1, 0.2]}
    half, more = (dg.FunctionField(lambda x, factor=factor: -factor * x) for factor in (0.5, 0.6))
    sweep_to_store(half, dg.SimGD(0.1), axes, tmp_path / "s")
    with pytest.raises(ValueError, match="its program is"):
        sweep_to_store(more, dg.SimGD(0.1), axes, tmp_path / "s", resume=True)


def damage(name, change):
    def apply(place):
        path = place / name
        path.write_bytes(change(path.read_bytes()))

    return apply


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (damage("radius/c/0/1", lambda data: data[:-1]), "has 199 bytes instead of 200"),
        (damage("radius/c/0/1", lambda data: b""), "has 0 bytes instead of 200"),
        (damage("radius/c/0/1", lambda data: bytes([data[0] ^ 1]) + data[1:]), "was altered"),
        (lambda place: (place / "radius/c/0/1").unlink(), "is missing although it was written"),
        (damage("records/0.1.json", lambda data: data[:5]), "cannot be read"),
        (damage("records/0.1.json", lambda data: b"[]"), "cannot be read"),
        (damage("manifest.json", lambda data: data[:50]), "cannot be read"),
        (damage("manifest.json", lambda data: b"\xff\xfe"), "cannot be read"),
        (lambda place: (place / "manifest.json").unlink(), "is not a store of a sweep"),
        (damage("gamma/c/0", lambda data: bytes([data[0] ^ 1]) + data[1:]), "was altered"),
    ],
)
def test_a_damaged_store_is_refused(harm, said, finished, tmp_path):
    place = copied(finished, tmp_path / "s", without=["2.1"])
    harm(place)
    before = tree(place)
    with pytest.raises(ValueError, match=said) as refused:
        store(place, resume=True)
    assert ";" in str(refused.value), "what to do is said"
    assert tree(place) == before
    with pytest.raises(ValueError, match=r"."):
        read_store(place)


def test_the_remedy_for_a_damaged_chunk_works(finished, tmp_path):
    place = copied(finished, tmp_path / "s")
    damage("radius/c/1/0", lambda data: data[:7])(place)
    with pytest.raises(ValueError, match=r"delete .*1\.0\.json.* and resume"):
        store(place, resume=True)
    (place / "records" / "1.0.json").unlink()
    assert store(place, resume=True).computed == 1
    assert tree(place) == tree(finished)


@pytest.mark.parametrize("resume", [False, True])
def test_a_directory_of_something_else_is_refused(resume, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(ValueError, match="is not a store of a sweep"):
        store(tmp_path, resume=resume)
    with pytest.raises(ValueError, match="is a file"):
        store(tmp_path / "thesis.tex", resume=resume)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_unfinished_store_is_not_read(finished, tmp_path):
    with pytest.raises(ValueError, match="2 of 6 chunks are missing; resume"):
        read_store(copied(finished, tmp_path / "s", without=["0.0", "2.1"]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--over", "gamma=1:2"], "an axis is NAME=LOW:HIGH:COUNT"),
        (["--over", "gamma=0:1:0"], "an axis is NAME=LOW:HIGH:COUNT"),
        (["--over", "gamma=0:1:5", "--gamma", "2"], "gamma must be given once"),
        (["--over", "gamma=0:1:5", "--over", "gamma=0:1:5"], "gamma must be given once"),
        (["--over", "gama=0:1:5"], "unknown continuous parameter 'gama' (did you mean 'gamma'?)"),
        (["--over", "gamma=-1:1:5"], "gamma must be finite and >= 0"),
        (["--over", "gamma=nan:1:5"], "the ends of an axis must be finite numbers"),
        (["--over", "h=0:1:5"], "h must be finite and > 0"),
        (["--over", "h=1:2:5", "--quantity", "area"], "quantity must be one of 'radius', 'distance', 'verdict'"),
        (["--over", "h=1:2:5", "--algorithm", "flow"], "the sweep needs an algorithm"),
        (["--over", "h=1:2:5", "--algorithm", "rmsprop"], "has no multipliers"),
        (["--over", "h=1:2:5", "--chunk", "0"], "chunk must be an integer and >= 1"),
        (["--over", "h=1:2:5", "--quantity", "verdict", "--steps", "-1"], "steps must be an integer"),
        (["--over", "h=1:2:5", "--quantity", "verdict", "--start", "1"], "start must have shape (2,)"),
        (["--over", "h=1:2:5", "--processes", "2"], "all three"),
    ],
)
def test_bad_input_is_one_line_and_makes_nothing(arguments, said, tmp_path, capsys):
    try:
        code = main(["sweep", "r1", *arguments, "--store", str(tmp_path / "s")])
    except SystemExit as stop:
        code = stop.code
    printed = capsys.readouterr().err
    assert code == 2 and said in printed and printed.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_two_runs_do_not_write_one_store(tmp_path):
    with durable.locked(tmp_path), pytest.raises(OSError, match="another run is writing"):
        store(tmp_path)
    assert list(tmp_path.iterdir()) == []


# What may happen to a run.


def failing(monkeypatch, call, problem):
    """Let the `call`-th flush to the disk fail."""
    calls, flush = [], os.fsync

    def fsync(handle):
        calls.append(handle)
        if len(calls) == call:
            raise problem
        flush(handle)

    monkeypatch.setattr(durable.os, "fsync", fsync)


@pytest.mark.parametrize("call", [1, 2, 9, 30, 33, 36])
def test_a_full_disk_stops_cleanly(call, finished, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        failing(patch, call, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        assert main([*COMMAND, str(tmp_path / "s")]) == 2
    printed = capsys.readouterr().err
    assert "No space left on device" in printed and "resume" in printed and printed.count("\n") == 1
    assert not [name for name in tree(tmp_path) if name.endswith(durable.PARTIAL)]
    assert main([*COMMAND, str(tmp_path / "s"), "--resume"]) == 0
    assert tree(tmp_path / "s") == tree(finished)


@pytest.mark.parametrize("call", [3, 33])
def test_an_interrupt_leaves_a_store_that_resumes(call, finished, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        failing(patch, call, KeyboardInterrupt())
        assert main([*COMMAND, str(tmp_path / "s")]) == 130
    assert main([*COMMAND, str(tmp_path / "s"), "--resume"]) == 0
    assert tree(tmp_path / "s") == tree(finished)


def test_what_a_killed_run_left_is_removed(finished, tmp_path):
    place = copied(finished, tmp_path / "s", without=["1.1"])
    for name in (".manifest.json-7", "radius/c/1/.1-7", "records/.1.1.json-7", "gamma/c/.0-7"):
        (place / f"{name}{durable.PARTIAL}").write_bytes(b"half")
    assert store(place, resume=True).computed == 1
    assert tree(place) == tree(finished)


def test_processes_share_the_chunks(finished, tmp_path):
    assert store(tmp_path / "s", process=(0, 2)).computed == 3
    assert len(list((tmp_path / "s" / "records").iterdir())) == 3
    assert store(tmp_path / "s", process=(1, 2)).computed == 3
    assert tree(tmp_path / "s") == tree(finished)


KILLED = """
# Imports once, then forks (before JAX has started a thread) one run after the other and kills each of them.
import os, pathlib, random, signal, sys, time
import jax
jax.config.update("jax_enable_x64", True)
import numpy as np
import diracgan as dg
import diracgan.catalogue, diracgan.sweeps.store as stores
from diracgan.sweeps import chunks

place, length = pathlib.Path(sys.argv[1]), 200
axes = {"gamma": np.linspace(0.0, 3.0, 100), "h": np.linspace(0.1, 4.0, 100)}
chance, killed = random.Random(2018), 0

def run(signals=None):
    if signals is not None:
        write = chunks.write_whole
        def told(*arguments):
            os.write(signals, b".")
            write(*arguments)
        chunks.write_whole = told
    stores.sweep_to_store(dg.method("r1"), dg.SimGD(0.2), axes, place, chunk=5, resume=True)

def forked(*arguments):
    child = os.fork()
    if child == 0:
        run(*arguments)
        os._exit(0)
    return child

while killed < 20:
    reading, writing = os.pipe()
    child = forked(writing)
    os.close(writing)
    for _ in range(chance.randrange(1, 36)):
        assert os.read(reading, 1), "the run has ended by itself"
    time.sleep(chance.uniform(0.0, 0.01))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(reading)
    assert os.WIFSIGNALED(status), status
    killed += 1
    for file in place.glob("radius/c/*/[0-9]*"):
        assert file.stat().st_size == length, file
_, status = os.waitpid(forked(), 0)
assert status == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forked to save their start")
def test_killed_at_twenty_random_instants_it_ends_bit_identical(tmp_path):
    axes = {"gamma": np.linspace(0.0, 3.0, 100), "h": np.linspace(0.1, 4.0, 100)}
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    done = subprocess.run([sys.executable, script, tmp_path / "s"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    store(tmp_path / "t", axes)
    assert tree(tmp_path / "s") == tree(tmp_path / "t")


def test_memory_is_bounded_by_the_chunk(tmp_path, monkeypatch):
    """The arrays alive while a chunk is written, and the peak of what NumPy allocates, for 1 and for 64 chunks."""
    chunk, alive = 64 * 64 * 8, []
    write = chunks.Chunks.write

    def watched(self, *arguments):
        alive.append(sum(array.nbytes for array in jax.live_arrays()) - before)
        write(self, *arguments)

    monkeypatch.setattr(chunks.Chunks, "write", watched)
    peaks = []
    for n in (64, 512):
        axes = {"gamma": np.linspace(0.0, 3.0, n), "h": np.linspace(0.1, 4.0, n)}
        before = sum(array.nbytes for array in jax.live_arrays())
        tracemalloc.start()
        store(tmp_path / str(n), axes, chunk=64)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert len(alive) == 65
    assert max(alive) < 4 * chunk
    assert peaks[1] - peaks[0] < 8 * chunk < 512 * 512 * 8 / 4


def test_a_process_is_one_of_several_and_runs_once(tmp_path):
    for process in ((2, 2), (0, 0), (-1, 2), (0,)):
        with pytest.raises(ValueError, match=r"process must be \(i, n\)"):
            store(tmp_path / "none", process=process)
    with durable.locked(tmp_path, (0, 2)):
        with durable.locked(tmp_path, (1, 2)):
            pass
        with pytest.raises(OSError, match="another run is writing"), durable.locked(tmp_path, (0, 2)):
            pass
        with pytest.raises(OSError, match="another run is writing"), durable.locked(tmp_path):
            pass


def test_the_locks_of_processes_live_in_the_store_and_go_with_them(finished, tmp_path):
    place = copied(finished, tmp_path / "s", without=["1.1"])
    with durable.locked(place, (0, 2)), durable.locked(place, (1, 2)):
        assert len(set(tree(place)) - set(tree(finished))) == 2
    assert set(tree(place)) < set(tree(finished))
    # Of a process that was killed the file is left, and the next run is not kept away by it.
    (place / f".process-1{durable.PARTIAL}").touch()
    assert store(place, process=(1, 2), resume=True).computed + store(place, resume=True).computed == 1
    assert tree(place) == tree(finished)
