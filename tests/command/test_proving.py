"""`diracgan prove`: records, their status, and the exit code."""

import importlib
import json

from diracgan.command.main import main
from diracgan.proofs.records import Record

module = importlib.import_module("diracgan.proofs.theorems")


def test_a_proof_is_run_again_and_told(capsys):
    assert main(["prove", "coexistence", "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["closed"] and record["boxes"] > 0 and "jax" in record["versions"]
    assert main(["prove", "coexistence"]) == 0
    assert capsys.readouterr().out.startswith("proved coexistence: ")


def test_the_statements_say_what_they_rest_on(capsys):
    assert main(["prove", "--list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["status"] for row in rows} == {"proved", "reported", "conjecture"}
    assert all(bool(row["command"]) == (row["status"] == "proved") for row in rows)


def test_an_open_proof_is_exit_code_1(capsys, monkeypatch):
    left = Record("mine", "1 < 0", False, {}, 3, 2, "nothing")
    monkeypatch.setattr(module, "_THEOREMS", (module._proved("mine", "1 < 0", lambda quick, workers: left),))
    assert main(["prove"]) == 1
    assert capsys.readouterr().out.startswith("OPEN   mine: 1 < 0")


def test_an_unknown_theorem_is_refused(capsys):
    assert main(["prove", "coexistense"]) == 2
    assert "did you mean 'coexistence'?" in capsys.readouterr().err
