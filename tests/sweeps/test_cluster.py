"""Several real processes on the loopback address that share one sweep."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from diracgan.command.main import main
from diracgan.sweeps.cluster import checked_cluster

SWEEP = "sweep r1 --over gamma=0:3:100 --over h=0.1:4:100 --chunk 5".split()


def tree(place):
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def started(place, count=2):
    """The processes of a cluster, each a command of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    shared = ["--store", str(place), "--coordinator", address, "--processes", str(count), "--process"]
    command = [sys.executable, "-m", "diracgan", *SWEEP, *shared]
    return [
        subprocess.Popen([*command, str(i)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for i in range(count)
    ]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The same sweep by one process."""
    place = tmp_path_factory.mktemp("alone") / "s"
    assert main([*SWEEP, "--store", str(place)]) == 0
    return tree(place)


def test_two_processes_write_what_one_writes(alone, tmp_path):
    running = started(tmp_path / "s")
    for process in running:
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert "200 of 400 chunks now" in out
    assert tree(tmp_path / "s") == alone


@pytest.mark.skipif(os.name == "nt", reason="SIGSTOP and SIGKILL")
def test_a_dropped_process_leaves_a_store_that_resumes(alone, tmp_path):
    first, second = started(tmp_path / "s")
    records = tmp_path / "s" / "records"
    while first.poll() is None and not (records.is_dir() and len(list(records.iterdir())) > 5):
        time.sleep(0.002)
    second.send_signal(signal.SIGKILL)
    second.communicate()
    out, err = first.communicate()
    assert first.returncode == 0, err
    assert "200 of 400 chunks now" in out, "the other one finishes its chunks"
    assert 200 <= len(list(records.iterdir())) < 400
    assert main([*SWEEP, "--store", str(tmp_path / "s"), "--resume"]) == 0
    assert tree(tmp_path / "s") == alone


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("localhost:9000", 2, None), "all three"),
        ((None, 2, 0), "all three"),
        (("localhost", 2, 0), "must be HOST:PORT"),
        (("localhost:http", 2, 0), "must be HOST:PORT"),
        (("localhost:99999", 2, 0), "must be HOST:PORT"),
        (("localhost:9000", 2, 2), "process must be less than processes"),
        (("localhost:9000", 0, 0), "processes must be an integer and >= 1"),
        (("localhost:9000", 2, -1), "process must be an integer and >= 0"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        checked_cluster(*given)


def test_every_process_refuses_a_store_that_is_there(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    cluster = "--coordinator 127.0.0.1:9 --processes 2 --process 1".split()
    assert main([*SWEEP, "--store", str(tmp_path), *cluster]) == 2
    assert "is not a store of a sweep" in capsys.readouterr().err
