"""The image models as a report: files, going on after an interruption, and the statement that the numbers decide."""

import json
import shutil

import numpy as np
import pytest

from diracgan.beyond.images import ImageSet, Plan
from diracgan.command.main import build_parser
from diracgan.reproduction import images as module
from diracgan.reproduction.images import reproduce_images, statement

PLAN = Plan(rounds=10, seeds=2, width=4, latent=3, batch=8)


def bars(shape=(4, 4), count=120):
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 3
    images = np.full((count, *shape), -0.7)
    images[labels == 0, :, :2] = images[labels == 1, :, 2:] = 0.7
    return ImageSet(images + rng.uniform(-0.2, 0.2, images.shape), labels, "bars")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    out = tmp_path_factory.mktemp("images")
    assert reproduce_images(out, bars(), PLAN, ("none", "r1")) == 0
    return out / "images"


def test_the_quick_form_writes_everything(done):
    results = json.loads((done / "results.json").read_text())
    assert {path.name for path in done.glob("*.png")} == {"bars-samples.png", "bars-distances.png"}
    rows = results["rows"]
    assert len(rows) == 2 * 2 * len(PLAN.milestones)
    assert all(row["distance"] > 0 and 0 <= row["coverage"] <= 1 for row in rows)
    for found in results["spectra"].values():
        assert len(found["eigenvalues"]) == len(found["residuals"]) == 4
        assert not found["converged"] or all(residual <= 1e-6 for residual in found["residuals"])
    assert results["statement"] == statement(rows)
    assert results["plan"]["rounds"] == PLAN.milestones[-1] == 10


def test_what_was_interrupted_is_gone_on_with_to_the_same_bits(done, tmp_path, capsys):
    cut = tmp_path / "images"
    shutil.copytree(done, cut)
    whole = np.load(done / "r1" / "states-000000010.npy")
    # Killed before the last states were kept, and before its last checkpoint.
    (cut / "r1" / "states-000000010.npy").unlink()
    for file in (cut / "r1" / "run" / "checkpoints").glob("*0010.*"):
        file.unlink()
    reproduce_images(tmp_path, bars(), PLAN, ("none", "r1"))
    np.testing.assert_array_equal(np.load(cut / "r1" / "states-000000010.npy"), whole)
    printed = capsys.readouterr().out
    assert "r1  10 rounds" in printed
    assert "none  " not in printed


def test_a_directory_of_another_plan_is_refused(done):
    for plan, images in ((Plan(**{**vars(PLAN), "h": 2e-3}), bars()), (PLAN, bars(count=150))):
        with pytest.raises(ValueError, match="holds runs with"):
            reproduce_images(done.parent, images, plan)
    with pytest.raises(ValueError, match="a method must be one of"):
        reproduce_images(done.parent, bars(), PLAN, ("r1", "best"))
    with pytest.raises(TypeError, match="images must be an ImageSet"):
        reproduce_images(done.parent, np.zeros((10, 4, 4)), PLAN)


def test_the_statement_is_what_the_numbers_say():
    def rows(**distances):
        return [
            {"method": name, "rounds": rounds, "seed": seed, "distance": value if rounds == 9 else 5.0}
            for name, values in distances.items()
            for rounds in (3, 9)
            for seed, value in enumerate(values)
        ]

    best = rows(none=(2.0, None, 3.0), r1=(1.0, 9.0, 1.5))
    assert statement(best).startswith("After 9 rounds the median Fréchet distance with R1 is no worse than every other")
    assert "(none 3.000, r1 1.500)" in statement(best)
    worse = rows(none=(1.0, 1.0, 9.0), r1=(1.5, 1.5, 1.5), dragan=(0.1, 0.2, 0.3))
    assert "not the best: none, dragan did better" in statement(worse)


def test_the_command_has_the_flags(monkeypatch, tmp_path):
    given = {}
    monkeypatch.setattr(module, "reproduce_images", lambda out, **options: given.update(out=out, **options) or 0)
    options = build_parser().parse_args(["reproduce", "--images", "--running-mean", "0.99", "--out", str(tmp_path)])
    assert options.run(options) == 0
    assert given == {"out": str(tmp_path), "average": 0.99}
