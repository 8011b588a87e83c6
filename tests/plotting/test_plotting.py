"""What is drawn is what the theory says: numbers read back from the Axes."""

import subprocess
import sys

import jax
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.quiver import Quiver
from PIL import Image

import diracgan as dg
from diracgan import plotting


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def blank():
    return Figure(figsize=(3, 3)).add_subplot()


def arrows(ax):
    (quiver,) = [c for c in ax.collections if isinstance(c, Quiver)]
    return np.asarray(quiver.XY), np.column_stack([quiver.U, quiver.V])


def line(ax, label):
    (found,) = [one for one in ax.lines if one.get_label() == label]
    return np.column_stack(found.get_data()).astype(float)


def gan(theta, psi, gamma=0.0):
    return np.column_stack([-psi * sigmoid(-theta * psi), theta * sigmoid(-theta * psi) - gamma * psi])


def test_arrows_are_the_field():
    x, v = arrows(plotting.vector_field(dg.method("r1", gamma=0.3), blank(), power=1.0))
    grid = np.linspace(-2, 2, 10)
    assert sorted(map(tuple, x.round(12))) == sorted((a, b) for a in grid.round(12) for b in grid.round(12))
    np.testing.assert_allclose(v, gan(*x.T, gamma=0.3), atol=1e-14)


@pytest.mark.parametrize("power", [0.0, 0.5])
def test_arrow_lengths_follow_the_power_and_directions_stay(power):
    x, v = arrows(plotting.vector_field(dg.method("gan"), blank(), power=power))
    true = gan(*x.T)
    speed = np.hypot(*true.T)
    np.testing.assert_allclose(np.hypot(*v.T), speed**power, rtol=1e-12)
    np.testing.assert_allclose(v[:, 0] * true[:, 1], v[:, 1] * true[:, 0], atol=1e-12)


def test_the_longest_arrow_fits_between_its_neighbours():
    ax = plotting.vector_field(dg.method("consensus"), blank(), n=10)
    (quiver,) = [c for c in ax.collections if isinstance(c, Quiver)]
    assert np.max(np.hypot(quiver.U, quiver.V)) / quiver.scale == pytest.approx(0.95 * 4 / 9)


def test_no_arrow_on_a_kink_and_the_right_one_beside_it():
    m = dg.method("wgan-gp", gamma=0.7, target=1.0)
    x, v = arrows(plotting.vector_field(m, blank(), n=9, power=1.0))
    assert len(x) == 72 and np.all(np.abs(x[:, 1]) > 0.4)
    wanted = np.column_stack([-x[:, 1], x[:, 0] - 0.7 * (np.abs(x[:, 1]) - 1) * np.sign(x[:, 1])])
    np.testing.assert_allclose(v, wanted, atol=1e-14)


def test_no_arrow_outside_the_clip_and_none_leaves_it():
    x, v = arrows(plotting.vector_field(dg.method("wgan", clip=1.0), blank(), n=9, power=1.0))
    assert np.max(np.abs(x[:, 1])) == 1.0
    edge = np.abs(x[:, 1]) == 1.0
    assert np.all(v[edge][:, 1] * x[edge][:, 1] <= 0)
    np.testing.assert_allclose(v[~edge], np.column_stack([-x[~edge][:, 1], x[~edge][:, 0]]))


@pytest.mark.parametrize("clip", [0.3, 1.0])
def test_the_clip_band_lies_between_plus_and_minus_clip(clip):
    ax = plotting.trajectory([(0.5, 0.1)], blank(), field=dg.method("wgan", clip=clip), box=2.0)
    spans = sorted((patch.get_y(), patch.get_y() + patch.get_height()) for patch in ax.patches)
    np.testing.assert_allclose(spans, [(-2.2, -clip), (clip, 2.2)])
    edges = sorted(one.get_ydata()[0] for one in ax.lines if list(one.get_xdata()) == [0, 1])
    assert edges == [-clip, clip]


def test_streamlines_do_not_cross_a_jump():
    ax = plotting.vector_field(dg.method("wgan-gp"), blank(), style="streamlines")
    (streams,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    psi = [segment[:, 1] for segment in streams.get_segments()]
    assert len(psi) > 30 and all(np.all(side > 0) or np.all(side < 0) for side in psi)


def test_arrows_are_the_same_without_x64():
    with jax.enable_x64(False):
        x, v = arrows(plotting.vector_field(dg.method("wgan"), blank(), n=8, power=1.0))
        curve = line(plotting.nullclines(dg.method("wgan"), blank()), "ψ̇ = 0")
    assert len(x) == 32
    np.testing.assert_allclose(v, np.column_stack([-x[:, 1], x[:, 0]]), rtol=1e-6)
    assert np.nanmax(np.abs(curve[:, 0])) < 1e-6 and np.nanmax(np.abs(curve[:, 1])) > 0.95


def test_nullclines_of_r1_are_zeros_of_the_field():
    ax = plotting.nullclines(dg.method("r1", gamma=0.3), blank())
    still_theta, still_psi = line(ax, "θ̇ = 0"), line(ax, "ψ̇ = 0")
    assert np.nanmax(np.abs(still_theta[:, 1])) < 1e-12 and np.nanmax(still_theta[:, 0]) > 2.1
    still_psi = still_psi[np.isfinite(still_psi).all(axis=1)]
    assert len(still_psi) > 100
    np.testing.assert_allclose(gan(*still_psi.T, gamma=0.3)[:, 1], 0, atol=1e-12)


def test_nullcline_ends_at_the_kink_where_the_component_jumps():
    curve = line(plotting.nullclines(dg.method("wgan-gp", gamma=0.7, target=1.0), blank()), "ψ̇ = 0")
    theta, psi = curve[np.isfinite(curve).all(axis=1)].T
    np.testing.assert_allclose(theta, 0.7 * (np.abs(psi) - 1) * np.sign(psi), atol=1e-9)
    # A drawn zero on the jump would be a point with |θ| < γg₀ at ψ = 0.
    assert np.all(np.abs(theta[np.abs(psi) < 1e-3]) > 0.65)
    assert np.min(np.abs(psi)) < 0.05


def test_loss_surface_is_the_objective():
    ax = plotting.loss_surface(dg.method("r1", gamma=0.5), blank())
    filled = ax.collections[0]
    grid = np.linspace(-2.2, 2.2, 200)
    theta, psi = np.meshgrid(grid, grid)
    height = -np.log1p(np.exp(-theta * psi)) - np.log(2) - 0.25 * psi**2
    assert filled.zmin == pytest.approx(height.min(), abs=1e-9)
    assert filled.zmax == pytest.approx(height.max(), abs=1e-9)


@pytest.mark.parametrize("field", [dg.method("consensus"), dg.Consensus(dg.DiracGAN(dg.Minimax()), 1.0), lambda x: -x])
def test_loss_surface_explains_what_has_no_objective(field):
    with pytest.raises(ValueError, match="no discriminator objective"):
        plotting.loss_surface(field, blank())


def test_trajectory_is_the_path_and_marks_both_ends():
    path = np.asarray(dg.simulate(dg.method("nsgan"), dg.SimGD(h=0.2), steps=300))
    ax = plotting.trajectory(path, blank(), box=2.0)
    np.testing.assert_array_equal(np.column_stack(ax.lines[0].get_data()), path)
    marks = {one.get_marker(): np.ravel(one.get_data()) for one in ax.lines[1:]}
    np.testing.assert_array_equal(marks["o"], path[0])
    np.testing.assert_array_equal(marks["s"], path[-1])


def test_a_path_that_leaves_the_picture_is_marked_on_its_edge():
    # (0, 0) -> (4, 2) crosses the frame of [-2.2, 2.2]² at (2.2, 1.1).
    ax = plotting.trajectory([(0, 0), (4, 2)], blank(), box=2.0)
    (mark,) = [one for one in ax.lines if isinstance(one.get_marker(), tuple)]
    np.testing.assert_allclose(np.ravel(mark.get_data()), (2.2, 1.1))
    assert mark.get_marker()[2] == pytest.approx(np.degrees(np.arctan2(2, 4)) - 90)
    assert not ax.texts


def test_a_diverging_path_is_drawn_without_warnings(tmp_path):
    path = [(0, 0), (1, 0.5), (1e200, -1e300), (np.inf, 0), (np.nan, np.nan)]
    ax = plotting.trajectory(path, blank(), box=2.0)
    assert [text.get_text() for text in ax.texts] == ["diverges"]
    ax.figure.savefig(tmp_path / "diverging.png")
    ax = plotting.phase_portrait(dg.method("r1", gamma=3.0), dg.SimGD(h=5.0), ax=blank())
    ax.figure.savefig(tmp_path / "diverging.png")
    plotting.trajectory([(np.nan, np.nan)], blank())
    plotting.distance([(1, 0), (0, 0), (np.inf, 0)], blank())


def test_a_path_alone_is_framed():
    ax = plotting.trajectory([(10, 0), (12, 4)], blank())
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    assert x0 < 10 and x1 > 12 and y0 < 0 and y1 > 4 and x1 - x0 < 4


def test_geometry_is_true_to_scale():
    ax = plotting.phase_portrait(dg.method("gan"), ax=blank(), start=None)
    assert ax.get_aspect() == 1 and ax.get_xlabel() == "θ" and ax.get_ylabel() == "ψ"
    assert plotting.eigenvalue_plane(dg.method("gan"), over=None, ax=blank()).get_aspect() == 1


@pytest.mark.parametrize(
    ("method", "algorithm", "fill"),
    [
        ("r1", dg.SimGD(h=0.2), "full"),
        ("gan", dg.SimGD(h=0.2), "none"),
        ("gan", dg.AltGD(h=0.2), "left"),
        ("gan", None, "left"),
        ("wgan-gp", None, "X"),
        ("r1", dg.SimGD(h=lambda k: 0.2 / (k + 1)), "X"),
    ],
)
def test_equilibrium_shows_its_stability(method, algorithm, fill):
    (mark,) = plotting.equilibrium(dg.method(method), blank(), algorithm).lines
    assert np.ravel(mark.get_data()).tolist() == [0, 0]
    assert (mark.get_marker() if fill == "X" else mark.get_fillstyle()) == fill


@pytest.mark.parametrize("algorithm", [dg.RMSProp(h=0.01), dg.Adam(h=0.01)])
def test_an_algorithm_without_multipliers_has_a_portrait_with_a_cross(algorithm):
    ax = plotting.phase_portrait(dg.method("gan"), algorithm, steps=20, ax=Figure().add_subplot())
    assert ax.lines[-1].get_marker() == "X"


def test_no_equilibrium_is_drawn_where_the_field_does_not_vanish():
    assert not plotting.equilibrium(lambda x: x + 1, blank()).lines


def test_integral_curve_of_the_gan_is_a_circle():
    ax = plotting.phase_portrait(dg.method("gan"), start=[(0.5, 0.0), (1.0, 1.0)], ax=blank(), time=20.0)
    curves = [np.hypot(*one.get_data()) for one in ax.lines if len(one.get_xdata()) > 1]
    np.testing.assert_allclose(curves[0], 0.5, rtol=1e-8)
    np.testing.assert_allclose(curves[1], np.sqrt(2), rtol=1e-8)


def locus(ax):
    branches = [c for c in ax.collections if isinstance(c, LineCollection) and c.get_array() is not None]
    return [np.array([s[0] for s in branch.get_segments()]) @ [1, 1j] for branch in branches]


def test_locus_of_the_flow_is_the_closed_form():
    ax = plotting.eigenvalue_plane(dg.method("r1", gamma=0.3), over="gamma", span=(0, 2), ax=blank(), n=101)
    gamma = np.linspace(0, 2, 101)[:-1].astype(complex)
    upper, lower = locus(ax)
    root = np.sqrt(gamma**2 / 4 - 0.25)
    np.testing.assert_allclose(upper, -gamma / 2 + root, atol=1e-7)
    np.testing.assert_allclose(lower, -gamma / 2 - root, atol=1e-7)
    now = np.array(ax.lines[-1].get_data()).T @ [1, 1j]
    np.testing.assert_allclose(now, -0.15 + np.array([1j, -1j]) * np.sqrt(0.2275), atol=1e-12)
    (half_plane,) = ax.patches
    assert half_plane.get_x() + half_plane.get_width() == pytest.approx(0)


@pytest.mark.parametrize("over", ["gamma", "h"])
def test_locus_of_an_algorithm_lies_where_the_formula_says(over):
    span = (0.1, 1.5)
    ax = plotting.eigenvalue_plane(dg.method("r1", gamma=0.3), dg.SimGD(h=0.2), over, span, blank(), n=57)
    values = np.linspace(*span, 57)[:-1].astype(complex)
    gamma, h = (values, 0.2) if over == "gamma" else (0.3, values)
    root = np.sqrt(gamma**2 / 4 - 0.25 + 0j)
    np.testing.assert_allclose(locus(ax)[0], 1 + h * (-gamma / 2 + root), atol=1e-7)
    circle = np.array(ax.lines[0].get_data()).T @ [1, 1j]
    np.testing.assert_allclose(np.abs(circle), 1)
    assert ax.get_xlim()[0] < -1 and ax.get_ylim()[1] > 1


def test_discriminator_line_and_diracs():
    ax = plotting.discriminator_line((1.2, 0.3), blank(), field=dg.method("gan"))
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(y, 0.3 * x)
    heads = [(note.xy, note.xyann) for note in ax.texts if hasattr(note, "xyann")]
    assert heads[:2] == [((0.0, 1.0), (0.0, 0.0)), ((1.2, 1.0), (1.2, 0.0))]
    v = gan(1.2, 0.3)[0]
    assert heads[2][0][0] - heads[2][1][0] == pytest.approx(2 * v[0])
    assert heads[3][0][1] - heads[3][1][1] == pytest.approx(-1 * 2 * v[1])


def test_distance_and_its_predicted_rate():
    m, algorithm = dg.method("r1", gamma=1.0), dg.SimGD(h=0.2)
    path = dg.simulate(m, algorithm, steps=50, save_every=5)
    ax = plotting.distance(path, blank(), rate=0.9, save_every=5)
    rounds, r = ax.lines[0].get_data()
    np.testing.assert_array_equal(rounds, np.arange(0, 51, 5))
    np.testing.assert_allclose(r, np.linalg.norm(path, axis=1))
    np.testing.assert_allclose(ax.lines[1].get_ydata(), np.sqrt(2) * 0.9**rounds)
    assert ax.get_yscale() == "log"
    assert len(plotting.distance(np.ones((3, 4, 2)), blank()).lines) == 3


def test_theme_colours_everything_and_leaves_no_trace():
    before = dict(mpl.rcParams)
    with plotting.theme("dark"):
        ax = plotting.phase_portrait(dg.method("wgan"), dg.SimGD(h=0.2), ax=blank(), steps=5)
    assert dict(mpl.rcParams) == before
    ax.figure.canvas.draw()
    ink, paper = plotting.DARK.ink, plotting.DARK.paper
    ticks = [tick.label1.get_color() for axis in (ax.xaxis, ax.yaxis) for tick in axis.get_major_ticks()]
    assert set(ticks) == {ink} and ax.xaxis.label.get_color() == ink
    assert mpl.colors.same_color(ax.get_facecolor(), paper)
    assert plotting.palette(ax) == plotting.DARK and plotting.palette(blank()) == plotting.LIGHT


@pytest.mark.parametrize("palette", [plotting.LIGHT, plotting.DARK])
def test_colours_are_told_apart_from_the_background(palette):
    def luminance(colour):
        rgb = np.array(mpl.colors.to_rgb(colour))
        return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    def contrast(a, b):
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    assert contrast(palette.ink, palette.paper) > 12
    for colour in (palette.path, palette.start, palette.theta, palette.psi):
        assert contrast(colour, palette.paper) > 2.8


def test_importing_the_package_imports_no_matplotlib():
    code = "import sys, diracgan; assert 'matplotlib' not in sys.modules; import diracgan.reproduction.figures;"
    code += "assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_axes_is_made_when_none_is_given():
    from matplotlib import pyplot

    mpl.use("agg")
    try:
        ax = plotting.vector_field(dg.method("gan"))
        assert pyplot.gcf() is ax.figure
    finally:
        pyplot.close("all")


def test_animation_has_one_frame_per_saved_round(tmp_path):
    file = plotting.animate(
        dg.method("nsgan"), dg.SimGD(h=0.2), steps=12, file=tmp_path / "a.gif", fps=20, save_every=2
    )
    with Image.open(file) as film:
        assert film.n_frames == 7 and film.info["duration"] == 50
        film.seek(6)
        assert film.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
    assert [one.name for one in tmp_path.iterdir()] == ["a.gif"]


def test_animation_of_a_resting_and_of_a_diverging_path(tmp_path):
    file = plotting.animate(dg.method("gan"), dg.SimGD(h=0.2), (0, 0), 4, tmp_path / "rest.gif")
    with Image.open(file) as film:
        assert film.n_frames == 5
    plotting.animate(lambda x: x**3, dg.SimGD(h=5.0), (1.0, 1.0), 8, tmp_path / "far.gif")


def test_mp4_needs_ffmpeg_and_gets_every_frame(tmp_path):
    field, algorithm, film = dg.method("gan"), dg.SimGD(h=0.2), tmp_path / "a.mp4"
    with (
        mpl.rc_context({"animation.ffmpeg_path": "no-such-program"}),
        pytest.raises(ValueError, match="needs the program"),
    ):
        plotting.animate(field, algorithm, steps=3, file=film)
    stand_in = tmp_path / "ffmpeg"
    stand_in.write_text(f"#!{sys.executable}\nimport sys\nopen(sys.argv[-1], 'wb').write(sys.stdin.buffer.read())\n")
    stand_in.chmod(0o755)
    with mpl.rc_context({"animation.ffmpeg_path": str(stand_in)}):
        plotting.animate(field, algorithm, steps=3, file=film)
    assert film.stat().st_size == 4 * 480 * 480 * 3
    stand_in.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('disk full')\n")
    with mpl.rc_context({"animation.ffmpeg_path": str(stand_in)}), pytest.raises(OSError, match="disk full"):
        plotting.animate(field, algorithm, steps=3, file=film)
    assert film.stat().st_size == 4 * 480 * 480 * 3 and len(list(tmp_path.iterdir())) == 2


GAN, SIM = dg.method("gan"), dg.SimGD(h=0.2)
WRONG = {
    "box": lambda: plotting.vector_field(GAN, blank(), box=-1),
    "box order": lambda: plotting.vector_field(GAN, blank(), box=(1, 0, 0, 1)),
    "box nan": lambda: plotting.vector_field(GAN, blank(), box=np.nan),
    "n": lambda: plotting.vector_field(GAN, blank(), n=1),
    "style": lambda: plotting.vector_field(GAN, blank(), style="lines"),
    "power": lambda: plotting.vector_field(GAN, blank(), power=2.0),
    "batch": lambda: plotting.vector_field(dg.method("r1", gamma=[0.1, 0.2]), blank()),
    "shape": lambda: plotting.vector_field(lambda x: x[0], blank()),
    "noise": lambda: plotting.vector_field(dg.method("instance-noise", nodes=4), blank(), box=20.0),
    "path": lambda: plotting.trajectory(np.ones((2, 3, 2)), blank()),
    "start": lambda: plotting.phase_portrait(GAN, SIM, (1, 2, 3), ax=blank()),
    "time": lambda: plotting.phase_portrait(GAN, time=-1.0, ax=blank()),
    "over": lambda: plotting.eigenvalue_plane(GAN, ax=blank()),
    "over algorithm": lambda: plotting.eigenvalue_plane(dg.method("r1"), over="h", ax=blank()),
    "span": lambda: plotting.eigenvalue_plane(dg.method("r1"), span=(1, 1), ax=blank()),
    "two rates": lambda: plotting.eigenvalue_plane(GAN, dg.SimGD(h_g=0.1, h_d=0.2), "h", ax=blank()),
    "kink": lambda: plotting.eigenvalue_plane(dg.method("wgan-gp"), ax=blank()),
    "state": lambda: plotting.discriminator_line((1, np.inf), blank()),
    "rate": lambda: plotting.distance([(1, 1)], blank(), rate=-1),
    "distance": lambda: plotting.distance([1, 2], blank()),
    "theme": lambda: plotting.theme("blue").__enter__(),
    "film": lambda: plotting.animate(GAN, SIM, file="film.avi"),
    "fps": lambda: plotting.animate(GAN, SIM, file="film.gif", fps=0),
    "starts": lambda: plotting.animate(GAN, SIM, [(0, 1), (1, 0)], file="film.gif"),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_says_what_was_given(name):
    with pytest.raises(ValueError, match=r"given|has|needs|must|differentiable"):
        WRONG[name]()


@pytest.mark.parametrize(
    "call",
    [
        lambda: plotting.vector_field(GAN, ax="axes"),
        lambda: plotting.vector_field("gan", blank()),
        lambda: plotting.phase_portrait(GAN, "simgd", ax=blank()),
    ],
)
def test_wrong_types_are_refused(call):
    with pytest.raises(TypeError):
        call()


class Linear(dg.VectorField):
    """A field of one's own with a matrix as its parameter."""

    matrix: jax.Array

    def velocity(self, x):
        return self.matrix @ x


def test_a_field_of_ones_own():
    x, v = arrows(plotting.vector_field(Linear(np.array([[0.0, 2.0], [-1.0, 0.5]])), blank(), power=1.0))
    np.testing.assert_allclose(v, np.column_stack([2 * x[:, 1], -x[:, 0] + 0.5 * x[:, 1]]), atol=1e-14)


@pytest.mark.parametrize("style", ["arrows", "streamlines"])
def test_nothing_to_draw_is_drawn_as_nothing(style):
    still = plotting.vector_field(lambda x: 0 * x, blank(), style=style)
    outside = plotting.vector_field(dg.method("wgan", clip=0.1), blank(), box=(-1, 1, 1, 2), style=style)
    for ax in (still, outside):
        assert all(len(drawn.get_offsets()) == 0 for drawn in ax.collections if isinstance(drawn, Quiver))
        assert not [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def test_settings_of_a_method_share_one_program():
    from diracgan.plotting.plane import evaluate

    plotting.vector_field(dg.method("r1", gamma=0.11), blank())
    compiled = evaluate._cache_size()
    plotting.vector_field(dg.method("r1", gamma=0.12), blank())
    assert evaluate._cache_size() == compiled


def test_a_film_over_a_hyper_parameter_has_a_frame_per_value(tmp_path):
    from PIL import Image

    file = tmp_path / "film.gif"
    drawn = []

    def draw(ax, gamma):
        drawn.append(gamma)
        plotting.vector_field(dg.method("r1", gamma=gamma), ax)

    assert plotting.film(draw, [0.0, 1.0, 2.0, 3.0], file, size=(2, 2)) == file
    assert drawn == [0.0, 1.0, 2.0, 3.0]
    with Image.open(file) as picture:
        assert picture.n_frames == 4
    with pytest.raises(ValueError, match="at least one value"):
        plotting.film(draw, [], tmp_path / "none.gif")
    with pytest.raises(ValueError, match=r"must end in .gif or .mp4"):
        plotting.film(draw, [1.0], tmp_path / "film.avi")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["film.gif"]


def test_stability_and_basin_pictures_show_their_data():
    chart = dg.stability_map(dg.method("r1"), dg.SimGD(0.2), gamma=np.linspace(0.1, 3, 9), h=np.linspace(0.1, 4, 7))
    ax = plotting.stability(chart, Figure().add_subplot())
    np.testing.assert_allclose(ax.collections[0].get_array().reshape(7, 9), np.clip(chart.radius.T, 0, 2))
    assert {line.get_label() for line in ax.lines} >= {"Neimark-Sacker", "flip"}
    map_ = dg.basin(dg.method("r1", gamma=1.0), dg.SimGD(2.0), n=16)
    ax = plotting.basin(map_, Figure().add_subplot())
    np.testing.assert_array_equal(ax.images[0].get_array(), map_.codes)
    assert ax.images[0].get_extent() == [-5, 5, -5, 5]
    assert ax.get_aspect() == 1
    with pytest.raises(ValueError, match="needs two parameters"):
        plotting.stability(dg.stability_map(dg.method("r1"), dg.SimGD(0.2), gamma=[0.1, 0.2]), Figure().add_subplot())
    ax = plotting.root_locus(dg.method("r1"), dg.SimGD(0.2), Figure().add_subplot())
    assert ax.get_xlabel() == "Re λ"


@pytest.mark.parametrize("alternates", [False, True])
def test_the_plane_of_theorems_shows_what_is_proved(alternates):
    from diracgan.proofs import alternating, simultaneous

    is_proved = (alternating if alternates else simultaneous).is_proved
    ax = plotting.proved_plane(blank(), alternating=alternates)
    blue = [one for one in ax.collections if np.allclose(one.get_facecolor()[0][:3], mpl.colors.to_rgb("#0072B2"))]
    rng = np.random.default_rng(0)
    gamma, h = rng.uniform(0.02, 2.9, 400), rng.uniform(0.01, 4, 400)
    for g, k in zip(gamma, h, strict=True):
        shown = any(path.contains_point((g, k)) for one in blue for path in one.get_paths())
        near = any(is_proved(g * d, k * (1 + e)) != is_proved(g, k) for e in (-0.01, 0.01) for d in (0.99, 1.01))
        assert near or shown == is_proved(g, k)
    # Every window lies below the curve of local stability and below hγ = 1, and above the known folds.
    windows = [np.column_stack(one.get_data()) for one in ax.lines if len(one.get_xdata()) == 2]
    assert len(windows) == (7 if alternates else 0)
    for ends in windows:
        g, k = ends.T
        assert np.all(k * g < 1) and np.all(k < 4 * (np.sqrt(g**2 + 1) - g))
        (dotted,) = (one for one in ax.lines if one.get_linestyle() == ":")
        known = np.column_stack(dotted.get_data())
        known = known[np.isfinite(known[:, 1])]
        assert np.interp(g[0], *known.T) < k[0] + 0.02
