"""The published figures: the set is complete, the numbers in the captions are true, files are written whole."""

import gc
import re
import weakref

import jax
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.quiver import Quiver

import diracgan as dg
from diracgan.reproduction import figures

NINE = (
    ("gan", {}),
    ("nsgan", {}),
    ("wgan", {"clip": 1.0}),
    ("wgan-gp", {"gamma": 0.7, "target": 1.0}),
    ("instance-noise", {"sigma": 0.7}),
    ("r1", {"gamma": 0.3}),
    ("r1", {"gamma": 1.0}),
    ("consensus", {"gamma": 1.0}),
    ("nsgan-r1", {"gamma": 0.3}),
)
SETS = {
    "simgd": dg.SimGD(h=0.2),
    "altgd-1": dg.AltGD(h=0.2, n_d=1),
    "altgd-5": dg.AltGD(h=0.2, n_d=5),
}


def radii(model, key):
    return np.linalg.norm(figures.PANELS[model, key].path, axis=1)


def settings(panel):
    return panel.field.name, {name: float(value) for name, value in panel.field.values.items()}


def test_the_set_is_complete():
    published = {
        name: one for name, one in figures.FIGURES.items() if not name.startswith(("c20-", "k17-", "theorems"))
    }
    names = set(published)
    assert {"figure-1", "figure-2", "figure-3", "eigenvalues"} < names
    assert len(names) == 4 + 3 + 27
    assert sum(figure.single for figure in figures.FIGURES.values()) == 27
    for name, figure in published.items():
        assert name == figure.name and "Mescheder et al. 2018" in figure.source
        assert figure.title and figure.caption.endswith(".")


@pytest.mark.parametrize("key", SETS)
def test_a_sheet_has_the_nine_published_settings(key):
    sheet = figures.FIGURES[f"supplement-{key}"]
    assert [settings(panel) for panel in sheet.panels] == [(name, values) for name, values in NINE]
    for panel in sheet.panels:
        assert repr(panel.algorithm) == repr(SETS[key])
        assert (panel.start, panel.steps, panel.box) == ((1.0, 1.0), 500, 2.0)
    alone = [f.panels[0] for n, f in figures.FIGURES.items() if f.single and n.startswith(f"supplement-{key}-")]
    assert all(one is shown for one, shown in zip(alone, sheet.panels, strict=True))


def test_figure_3_has_the_published_panels():
    panels = figures.FIGURES["figure-3"].panels
    names = ["gan", "nsgan", "wgan", "wgan-gp", "consensus", "instance-noise", "r1", "r1"]
    assert [panel.field.name for panel in panels] == names
    assert [panel.algorithm.n_d for panel in panels] == [1, 1, 5, 5, 1, 1, 1, 1]
    assert [float(panel.field.gamma) for panel in panels[-2:]] == [0.3, 1.0]


def test_drawn_paths_and_arrows_are_the_computed_ones():
    page = figures.FIGURES["figure-2"].draw()
    for ax, algorithm in zip(page.axes, (dg.SimGD(h=0.2), dg.AltGD(h=0.2)), strict=True):
        path = np.asarray(dg.simulate(dg.method("gan"), algorithm, (1.0, 1.0), 500))
        (drawn,) = [one for one in ax.lines if len(one.get_xdata()) == 501]
        np.testing.assert_allclose(np.column_stack(drawn.get_data()), path, rtol=1e-12)
        (quiver,) = [one for one in ax.collections if isinstance(one, Quiver)]
        grid = np.linspace(-2, 2, 10)
        np.testing.assert_allclose(np.unique(np.asarray(quiver.XY)[:, 0]), grid)
        theta, psi = np.asarray(quiver.XY).T
        slope = 1 / (1 + np.exp(theta * psi))
        np.testing.assert_allclose(np.hypot(quiver.U, quiver.V) ** 2, np.hypot(theta, psi) * slope, rtol=1e-10)
        assert ax.get_aspect() == 1


def test_figure_1_shows_two_instants_of_one_orbit():
    figure = figures.FIGURES["figure-1"]
    slopes = [ax.lines[0].get_ydata()[1] / 2 for ax in figure.draw().axes]
    path = np.asarray(dg.flow(dg.method("gan"), figure.start, np.linspace(0, 12, 4001)))
    arrival = int(np.argmax(path[:, 0] <= 0))
    assert slopes[0] == pytest.approx(figure.start[1])
    assert slopes[1] == pytest.approx(path[arrival, 1], abs=1e-5) == pytest.approx(path[:, 1].max(), abs=1e-5)


def test_locus_runs_to_twice_the_critical_penalty_and_marks_where_the_published_one_ends():
    ax = figures.FIGURES["eigenvalues"].draw().axes[0]
    marked = sorted(x for one in ax.lines if one.get_marker() == "D" for x in one.get_xdata())
    root = np.sqrt([1.5**2 / 4 - 0.25, 1 - 0.25])
    wanted = sorted([-0.5, -0.5, *(-0.75 + root[0] * np.array([1, -1])), *(-1 + root[1] * np.array([1, -1]))])
    np.testing.assert_allclose(marked, wanted, atol=1e-12)
    assert marked[0] == pytest.approx(-1.866, abs=1e-3) and marked[1] == pytest.approx(-1.309, abs=1e-3)


# Radii over the last 250 rounds, from the theory where there is one and from an independent NumPy run otherwise.
@pytest.mark.parametrize(
    ("model", "key", "low", "high"),
    [
        ("wgan-gp", "simgd", 1.620, 1.965),
        ("wgan-gp", "altgd-1", 1.138, 1.438),
        ("wgan-gp", "altgd-5", 0.675, 1.504),
        ("wgan", "altgd-1", np.sqrt(0.99 / 1.1), np.sqrt(0.99 / 0.9)),
        ("gan", "altgd-1", 1.344, 1.422),
        ("gan", "altgd-5", 1.032, 2.432),
    ],
)
def test_cycles_have_the_radii_of_the_captions(model, key, low, high):
    tail = radii(model, key)[250:]
    assert tail.min() == pytest.approx(low, abs=2e-3) and tail.max() == pytest.approx(high, abs=2e-3)
    numbers = re.findall(r"\d\.\d\d", figures.FIGURES[f"supplement-{key}-{model}"].caption)
    assert len(numbers) < 2 or [float(n) for n in numbers] == pytest.approx([low, high], abs=6e-3)


def test_radii_of_the_other_captions():
    assert radii("gan", "simgd")[-1] == pytest.approx(3.097, abs=1e-3)
    assert radii("nsgan", "simgd")[-100:].mean() == pytest.approx(0.632, abs=0.01)
    assert radii("nsgan", "altgd-1")[-1] ** 2 * 0.2 * 500 / 8 == pytest.approx(1, abs=0.1)
    path = figures.PANELS["wgan", "simgd"].path
    assert np.abs(path[250:]).max(axis=0) == pytest.approx([1.170, 1.0], abs=1e-2)
    assert np.abs(figures.PANELS["wgan", "altgd-5"].path[:, 1]).max() == 1.0


def test_convergence_rounds_of_the_captions():
    said = {
        (model, key): re.search(r"r < 0\.001 from round (\d+) on", figures.FIGURES[f"supplement-{key}-{model}"].caption)
        for model, key in figures.PANELS
    }
    assert sum(found is not None for found in said.values()) == 14
    for place, found in said.items():
        outcome = dg.outcome(figures.PANELS[place].path)
        assert (outcome.kind == "converged") == (found is not None)
        assert found is None or int(found[1]) == outcome.step


def published_consensus(n_d, half):
    """The path's last state with the published code's gradient (`half` 0.5) or the true one (`half` 1)."""

    def slopes(u):
        return 1 / (1 + np.exp(u)), -1 / ((1 + np.exp(u)) * (1 + np.exp(-u)))

    theta = psi = 1.0
    for _ in range(500):
        f1, f2 = slopes(theta * psi)
        square = theta**2 + psi**2
        theta += 0.2 * (-psi * f1 - theta * f1**2 - half * psi * square * f1 * f2)
        for _ in range(n_d):
            f1, f2 = slopes(theta * psi)
            square = theta**2 + psi**2
            psi += 0.2 * (theta * f1 - psi * f1**2 - half * theta * square * f1 * f2)
    return np.array([theta, psi])


def test_consensus_escapes_with_five_discriminator_updates_and_the_published_code_hides_it():
    end = figures.PANELS["consensus", "altgd-5"].path[-1]
    np.testing.assert_allclose(end, published_consensus(5, half=1.0), rtol=1e-9)
    assert np.linalg.norm(end) == pytest.approx(10.97, abs=5e-3)
    assert np.linalg.norm(published_consensus(5, half=0.5)) < 1e-9
    assert figures.PANELS["consensus", "altgd-5"].kind == "stable"


def test_figures_are_float64_whatever_the_configuration_and_leave_it_alone():
    panel = figures.Panel("gan", "GAN", dg.SimGD(h=0.2), "SimGD")
    with jax.enable_x64(False):
        assert panel.path.dtype == np.float64
        figures.FIGURES["figure-1"].draw()
        assert not jax.config.jax_enable_x64
    np.testing.assert_array_equal(panel.path, figures.PANELS["gan", "simgd"].path)


def test_files_are_reproducible_and_independent_of_the_reader_s_settings(tmp_path):
    first = figures.render("figure-1", tmp_path / "a", ("png", "svg", "pdf"))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        second = figures.render("figure-1", tmp_path / "b", ("png", "svg", "pdf"))
        dark = figures.render("figure-1", tmp_path / "c", dark=True)
    assert [file.name for file in first] == ["figure-1.png", "figure-1.svg", "figure-1.pdf"]
    for a, b in zip(first, second, strict=True):
        assert a.read_bytes() == b.read_bytes()
    assert dark[0].read_bytes() != first[0].read_bytes()


def test_drawing_does_not_keep_figures_alive():
    page = weakref.ref(figures.FIGURES["figure-1"].draw())
    gc.collect()
    assert page() is None


def test_format_errors_come_before_any_work(tmp_path):
    class Never(figures.Figure):
        def compose(self):
            raise AssertionError("drawn")

    for formats in (("png", "bmp"), (), "doc", (3,)):
        with pytest.raises(ValueError, match=r"formats must be among .*eps"):
            figures.render(Never("n", "t", "s", "c"), tmp_path, formats)
    with pytest.raises(ValueError, match="did you mean 'figure-1'"):
        figures.render("figure1", tmp_path)
    assert not list(tmp_path.iterdir())
    assert figures.check_formats(["PNG", "svg", "png"]) == ("png", "svg")


def test_a_failed_write_leaves_the_earlier_files(tmp_path, monkeypatch):
    written = figures.render("figure-1", tmp_path, ("png", "svg"))
    before = {file.name: file.read_bytes() for file in written}
    page = figures.FIGURES["figure-1"].draw(dark=True)
    whole = type(page).savefig

    def full(self, file, **options):
        whole(self, file, **options)
        if options["format"] == "svg":
            raise OSError("no space left on device")

    monkeypatch.setattr(type(page), "savefig", full)
    with pytest.raises(OSError, match="no space"):
        figures.render("figure-1", tmp_path, ("png", "svg"), dark=True)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_directory_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OSError):
        figures.render("figure-1", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"


def test_a_portrait_of_ones_own(tmp_path):
    file = figures.save_portrait(tmp_path / "one.svg", dg.method("r1", gamma=0.4), dg.SimGD(h=0.1), steps=10)
    assert file.exists() and b"<svg" in file.read_bytes()
    with pytest.raises(ValueError, match="formats must be among"):
        figures.save_portrait(tmp_path / "one.txt", dg.method("gan"))


def test_films_of_every_method(tmp_path):
    films = figures.films(tmp_path, save_every=250)
    name, file = next(films)
    assert name == "film-gan" and file == tmp_path / "film-gan.gif" and file.exists()
