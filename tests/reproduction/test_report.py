"""`diracgan reproduce`: files, results.json and the page."""

import json
import re
from typing import ClassVar

import pytest

import diracgan as dg
from diracgan.command.main import main
from diracgan.reproduction.report import reproduce
from diracgan.reproduction.tables import TABLE_1, table_1


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    assert main(["reproduce", "--out", str(out), "--only", "figure-1", "eigenvalues", "--format", "png,svg"]) == 0
    return out


def test_results_json_has_the_agreed_shape(report):
    results = json.loads((report / "results.json").read_text())
    assert {"figures", "checks", "versions", "seconds"} <= set(results)
    assert [figure["name"] for figure in results["figures"]] == ["figure-1", "eigenvalues"]
    assert results["figures"][0]["files"] == ["figure-1.png", "figure-1.svg"]
    assert all((report / file).stat().st_size > 1000 for figure in results["figures"] for file in figure["files"])
    assert len(results["checks"]) > 100
    assert [one["name"] for one in results["theorems"]] == [one.name for one in dg.proofs.theorems()]
    for check in results["checks"]:
        assert set(check) == {"name", "derived", "closed_form", "error", "tolerance", "ok", "source"}
        assert check["ok"] is True
    assert {"python", "jax", "numpy", "diracgan"} <= set(results["versions"])
    assert 0 < results["seconds"] < 600


class Bar:
    """What tqdm's class looks like from outside; it notes what it is told."""

    said: ClassVar[list] = []

    def __init__(self, total, desc):
        self.said.append(("made", total, desc))

    def update(self, n):
        self.said.append(("update", n))

    def close(self):
        self.said.append(("close",))


def test_a_bar_is_told_of_the_table_the_checks_and_the_discrepancies(tmp_path, monkeypatch):
    # What they contain is seen above.
    for place in ("tables.table_1", "report._checked", "report.discrepancies"):
        monkeypatch.setattr(f"diracgan.reproduction.{place}", list)
    assert reproduce(tmp_path, only=(), progress=Bar) == 0
    assert Bar.said == [("made", 3, "reproduce"), *[("update", 1)] * 3, ("close",)]


def test_the_page_needs_nothing_beside_it(report):
    page = (report / "index.html").read_text()
    assert page.count("data:image/png;base64,") == 2
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "all passed" in page
    assert "Table 1" in page
    assert "<code>diracgan prove coexistence</code>" in page


def test_table_1_reports_and_derives():
    rows = {row["row"]: row for row in table_1()}
    assert set(rows) == {reported.row for reported in TABLE_1}
    gan, r1 = rows["Unregularised, minimax"], rows["Gradient penalty on real data (R1)"]
    assert (gan["reported_general"], gan["flow"], gan["simgd"], gan["altgd"]) == (
        False,
        "neutral",
        "unstable",
        "neutral",
    )
    assert (r1["reported_general"], r1["flow"], r1["simgd"], r1["altgd"]) == (True, "stable", "stable", "stable")
    # -γ/2 for γ = 0.3; and the path that linearisation leaves open for NSGAN creeps in like r² = 8/(hn).
    assert r1["abscissa"] == pytest.approx(-0.15, abs=1e-14)
    assert rows["Unregularised, non-saturating"]["distance"] == pytest.approx((8 / (0.2 * 5000)) ** 0.5, rel=0.05)
    # A row that the paper calls locally convergent for general data is never unstable here, and the other way round.
    for row in rows.values():
        assert (row["flow"] == "stable") == row["reported_general"]


def test_table_1_has_its_other_column():
    for row in table_1():
        derived = set(row["continuous"].values())
        # Both examples agree with each other, and with the paper but for DRAGAN, whose kink does not ask what data are.
        assert len(derived) == 1
        differs = (derived == {"stable"}) != row["reported_absolutely_continuous"]
        assert differs == (row["row"] == "DRAGAN") == bool(row["remark"])
    kinds = {row["row"]: row["continuous"]["uniform"] for row in table_1()}
    assert kinds["WGAN"] == "neutral"
    assert kinds["WGAN-GP"] == kinds["DRAGAN"] == "not differentiable"
