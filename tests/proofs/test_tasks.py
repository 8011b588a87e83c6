"""The parts of a long proof: the same for any number of processes, and kept when one is stopped."""

import json

import pytest

from diracgan.proofs import tasks
from diracgan.proofs.strips import area, settled, strips
from diracgan.proofs.tasks import Workers

STRIPS = (*strips((1.2, 1.5, 1.8), (0.0, 0.25)), *strips((0.9, 1.0), (0.0, 0.2), True))


def test_the_number_of_processes_does_not_matter():
    alone = Workers().map("mine", settled, STRIPS)
    assert json.dumps(Workers(2).map("mine", settled, STRIPS)) == json.dumps(alone)
    assert all(not part["open"] and part["boxes"] > 10 for part in alone)
    assert area(alone[:2], False) == pytest.approx(sum(cell.area for one in STRIPS[:2] for cell in one.cells))


def test_a_proof_that_was_stopped_goes_on(tmp_path):
    asked = []

    def found(part):
        if part == 3 and len(asked) < 4:
            asked.append("stopped")
            raise KeyboardInterrupt
        asked.append(part)
        return {"square": part * part}

    with pytest.raises(KeyboardInterrupt):
        Workers(1, tmp_path).map("mine", found, [1, 2, 3, 4])
    assert asked == [1, 2, "stopped"]
    asked.append("again")
    done = Workers(1, tmp_path).map("mine", found, [1, 2, 3, 4])
    assert [one["square"] for one in done] == [1, 4, 9, 16] and asked[4:] == [3, 4]
    # Another theorem, another part, or another version of the proofs begins anew.
    Workers(1, tmp_path).map("other", found, [1])
    assert asked[6:] == [1]
    # So does what was damaged.
    next(tmp_path.glob("other-*.json")).write_text('{"squ')
    assert Workers(1, tmp_path).map("other", found, [1]) == [{"square": 1}] and asked[7:] == [1]


def test_what_was_kept_by_other_sources_does_not_count(tmp_path, monkeypatch):
    first = Workers(1, tmp_path).map("mine", lambda part: {"is": "old"}, [1])
    monkeypatch.setattr(tasks, "_origin", lambda: "another version")
    assert Workers(1, tmp_path).map("mine", lambda part: {"is": "new"}, [1]) == [{"is": "new"}] != first
    assert len(list(tmp_path.iterdir())) == 2
