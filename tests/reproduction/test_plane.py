"""`diracgan reproduce --plane --quick`: interrupted, gone on with, and what it writes."""

import csv
import json

import numpy as np
import pytest

from diracgan.beyond.plane import METHODS, OPTIMISERS, TARGETS, wasserstein_1
from diracgan.command.main import main
from diracgan.reproduction.plane import FULL, QUICK, reproduce_plane


class Stops:
    """A bar at which somebody presses Ctrl-C after three runs."""

    def __init__(self, total, desc):
        self.total, self.done = total, 0

    def update(self, n):
        self.done += n
        if self.done == 3:
            raise KeyboardInterrupt

    def close(self):
        pass


class Counts:
    """A bar that notes what it was told."""

    def __init__(self, total, desc):
        self.told.append(total)

    def update(self, n):
        self.told.append(n)

    def close(self):
        pass


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The directory of a quick reproduction that was stopped after three runs and begun again, and these three."""
    out = tmp_path_factory.mktemp("plane")
    with pytest.raises(KeyboardInterrupt):
        reproduce_plane(out, quick=True, progress=Stops)
    made = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in (out / "plane-quick" / "runs").iterdir()}
    assert not (out / "plane-quick" / "plane.json").exists()
    assert main(["reproduce", "--plane", "--quick", "--out", str(out)]) == 0
    return out, made


def test_a_stopped_reproduction_goes_on_with_the_runs_that_are_missing(written):
    out, made = written
    assert len(made) == 3
    for file, (when, data) in made.items():
        assert (file.stat().st_mtime_ns, file.read_bytes()) == (when, data)
    assert len(list((out / "plane-quick" / "runs").iterdir())) == len(QUICK) == 8


def test_a_damaged_run_and_one_of_other_settings_are_made_again(written, tmp_path):
    folder = written[0] / "plane-quick" / "runs"
    cell, other = list(QUICK)[:2]
    whole = (folder / f"{cell.stem}.npz").read_bytes()
    (tmp_path / f"{cell.stem}.npz").write_bytes(whole[: len(whole) // 2])
    assert cell.read(tmp_path) is None
    (tmp_path / f"{other.stem}.npz").write_bytes(whole)
    assert other.read(tmp_path) is None
    assert cell.read(folder).method == cell.method


def test_tables_and_records_hold_what_the_runs_measured(written):
    folder = written[0] / "plane-quick"
    record = json.loads((folder / "plane.json").read_text())
    rows = list(csv.DictReader((folder / "plane.csv").read_text().splitlines()))
    assert len(rows) == len(record["runs"]) == 8
    for row, run in zip(rows, record["runs"], strict=True):
        with np.load(folder / run["file"]) as kept:
            distances = [wasserstein_1(points, kept["held"]) for points in kept["samples"]]
        assert run["w1"] == distances
        assert float(row["w1_median"]) == run["w1_median"] == np.median(distances)
        assert run["spectrum"][0] == [run["leading_real"], run["leading_imaginary"]]
        assert (row["target"], row["method"], row["optimiser"]) == (run["target"], run["method"], run["optimiser"])
    assert "could not be read" in record["note"]
    assert [line.partition(":")[0] for line in record["found"]] == list(OPTIMISERS)
    assert {"python", "jax", "scipy"} <= set(record["versions"])


def test_there_is_a_figure_for_each_optimiser_and_a_summary(written):
    folder = written[0] / "plane-quick"
    names = {file.name for file in folder.glob("*.png")}
    assert names == {"plane-sgd.png", "plane-rmsprop.png", "plane-summary.png"}
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in names)


def test_a_finished_reproduction_is_there_at_once(written, capsys):
    Counts.told = []
    before = (written[0] / "plane-quick" / "plane.csv").read_text()
    assert reproduce_plane(written[0], quick=True, progress=Counts) == 0
    assert Counts.told == [8, *[1] * 8]
    assert (written[0] / "plane-quick" / "plane.csv").read_text() == before
    shown = capsys.readouterr().out
    assert "data against data" in shown
    assert "mean rank by W1" in shown


def test_the_full_form_is_everything():
    assert {(cell.target, cell.method, cell.optimiser) for cell in FULL} == {
        (target, method, optimiser) for target in TARGETS for method in METHODS for optimiser in OPTIMISERS
    }
    assert len(FULL) == 64
    assert FULL.seeds >= 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--quick"], "--quick goes with --plane"),
        (["--plane", "--only", "figure-1"], "--plane stands in place of the report"),
        (["--plane", "--animations"], "--plane stands in place of the report"),
        (["--plane", "--format", "bmp2"], "formats must be among"),
    ],
)
def test_words_that_do_not_go_together_are_refused(arguments, said, tmp_path, capsys):
    assert main(["reproduce", "--out", str(tmp_path / "new"), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
