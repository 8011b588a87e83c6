"""The catalogue as a table: derived beside closed form, and the copy in the manual."""

import json
import pathlib

import numpy as np
import pytest

import diracgan as dg
from diracgan.catalogue import overview
from diracgan.command.main import main

ROOT = pathlib.Path(dg.__file__).parent.parent


@pytest.fixture(scope="module")
def rows():
    return overview.rows()


def complexes(pairs):
    return np.sort_complex([complex(*pair) for pair in pairs])


def test_derived_and_closed_form_agree(rows):
    assert [row["name"] for row in rows] == list(dg.methods())
    for row in rows:
        for key in ("flow", "simgd", "altgd"):
            assert row[key]["derived"] == row[key]["closed_form"], (row["name"], key)
        for key in ("field", "jacobian"):
            if not isinstance(row[key]["closed_form"], str):
                assert np.allclose(row[key]["derived"], row[key]["closed_form"], atol=1e-11), (row["name"], key)
        if not isinstance(row["eigenvalues"]["closed_form"], str):
            derived, closed = (complexes(row["eigenvalues"][key]) for key in ("derived", "closed_form"))
            assert np.allclose(derived, closed, atol=1e-7), row["name"]


def test_the_rows_are_what_the_package_says(rows):
    for row in (row for row in rows if row["name"] in ("gan", "r1", "wgan", "drift", "lsgan-zero")):
        m = dg.method(row["name"])
        assert np.allclose(complexes(row["eigenvalues"]["derived"]), np.sort_complex(np.asarray(dg.eigenvalues(m))))
        assert row["flow"]["derived"] == dg.verdict(m).kind
        assert row["simgd"]["derived"] == dg.verdict(m, dg.SimGD(h=0.2)).kind
        assert row["altgd"]["derived"] == dg.verdict(m, dg.AltGD(h=0.2)).kind
        assert np.allclose(row["field"]["derived"], m(overview.PROBE))


def test_kinks_are_kinks_with_both_sides(rows):
    kinked = {row["name"]: row for row in rows if row["one_sided"] is not None}
    assert set(kinked) == {"wgan-gp", "dragan", "dragan-ns", "spectral-norm"}
    for row in kinked.values():
        assert {row[key]["derived"] for key in ("jacobian", "eigenvalues", "flow", "simgd", "altgd")} == {"kink"}
    # The linear half-planes of WGAN-GP: -γ/2 ± i√(1 - γ²/4), everywhere.
    expected = complexes([[-0.35, np.sqrt(1 - 0.35**2)], [-0.35, -np.sqrt(1 - 0.35**2)]])
    sided = kinked["wgan-gp"]["one_sided"]
    for pairs in (sided["above"], sided["below"], sided["equilibrium"]["derived"], sided["equilibrium"]["closed_form"]):
        assert np.allclose(complexes(pairs), expected, atol=1e-9)
    far = kinked["dragan"]["one_sided"]["equilibrium"]
    assert far["at"] == [-40.0, 0.0]
    assert np.allclose(complexes(far["derived"]), complexes(far["closed_form"]), rtol=1e-9)
    assert kinked["spectral-norm"]["one_sided"]["equilibrium"] == "none known"


def test_a_method_without_a_closed_form_says_so():
    dg.register("without-theory", lambda: dg.DiracGAN(dg.Minimax()), objective="L")
    try:
        row = overview.row("without-theory")
        assert row["eigenvalues"]["closed_form"] == row["flow"]["closed_form"] == "none known"
        line = overview.table([row]).splitlines()[1]
        assert line.count("none known") == 4
    finally:
        dg.catalogue.registry._ENTRIES.pop("without-theory")


def test_the_table_in_the_manual_is_current(rows):
    text = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    assert overview.written(text, rows) == text, "run: diracgan methods --format markdown --write docs/catalogue.md"


def test_the_markdown_is_a_table(rows):
    lines = overview.markdown(rows).splitlines()
    assert len(lines) == len(rows) + 2
    assert {line.replace(r"\|", "").count("|") for line in lines} == {9}


def test_writing_needs_markers_and_markdown(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(overview, "rows", lambda: [overview.row("r1")])
    file = tmp_path / "page.md"
    file.write_text("before\n<!-- methods -->\nold\n<!-- /methods -->\nafter\n", encoding="utf-8")
    assert main(["methods", "--format", "markdown", "--write", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| `r1` |" in text
    file.write_text("nothing", encoding="utf-8")
    assert main(["methods", "--format", "markdown", "--write", str(file)]) == 2
    assert main(["methods", "--write", str(file)]) == 2
    assert main(["methods", "--format", "xml"]) == 2
    said = capsys.readouterr().err
    assert "<!-- methods -->" in said and "--format markdown" in said and "unknown format 'xml'" in said
    assert main(["methods", "--format", "json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == ["r1"]


def test_the_command_lists_the_catalogue(rows, monkeypatch, capsys):
    monkeypatch.setattr(overview, "rows", lambda: rows)
    assert main(["methods", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == list(dg.methods())
    assert main(["methods"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[0] == "method"
    assert [line.split()[0] for line in lines] == list(dg.methods())


def test_eigenvalues_in_words():
    assert overview.spectrum_text([[0.0, 1.0], [0.0, -1.0]]) == "±i"
    assert overview.spectrum_text([[-0.5, 0.11], [-0.5, -0.11]]) == "-0.5 ± 0.11i"
    assert overview.spectrum_text([[0.0, 11.0], [0.0, -11.0]]) == "±11i"
    assert overview.spectrum_text([[-0.1, 0.0], [-2.0, 0.0], [0.0, 3.0]]) == "-0.1, -2, 0+3i"
