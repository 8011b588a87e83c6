"""Equilibria in a box, their types and certificates; manifolds of saddles; bifurcation diagrams."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from matplotlib.figure import Figure

import diracgan as dg
from diracgan import theory
from diracgan.atlas import equilibria as module
from diracgan.atlas.bifurcations import bifurcation, fold
from diracgan.atlas.cycles import cycle
from diracgan.atlas.equilibria import fixed_points
from diracgan.atlas.saddles import manifolds
from diracgan.plotting import attractors
from diracgan.tracing.intervals import Interval, enclosure, image


@pytest.mark.parametrize("gamma", [0.3, 1.0, 10.0])
def test_the_saddles_of_consensus_optimisation(gamma):
    found = fixed_points(dg.method("consensus", gamma=gamma), n=12)
    expected = np.array(theory.consensus_spurious_equilibrium(gamma))
    np.testing.assert_allclose(found.x, [-expected, [0, 0], expected], atol=1e-12)
    assert found.kind == ["saddle", "stable focus", "saddle"]
    assert found.certified.all()


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (lambda x: jnp.stack([-x[0], -3 * x[1]]), "stable node"),
        (lambda x: jnp.stack([x[0], 3 * x[1]]), "unstable node"),
        (lambda x: jnp.stack([-x[0] - x[1], x[0] - x[1]]), "stable focus"),
        (lambda x: jnp.stack([x[0] - x[1], x[0] + x[1]]), "unstable focus"),
        (lambda x: jnp.stack([-x[1], x[0]]), "centre (neutral)"),
        (lambda x: jnp.stack([x[0], -x[1]]), "saddle"),
    ],
)
def test_types(field, kind):
    found = fixed_points(field, n=3)
    assert found.kind == [kind]
    np.testing.assert_allclose(found.x, [[0, 0]], atol=1e-14)
    assert found.certified.tolist() == [True]


def test_all_zeros_of_a_polynomial():
    found = fixed_points(lambda x: jnp.stack([x[0] * (x[0] - 1) * (x[0] + 2), x[1] ** 2 - 4]), (-3, 3), n=12)
    expected = sorted((a, b) for a in (-2.0, 0.0, 1.0) for b in (-2.0, 2.0))
    np.testing.assert_allclose(found.x, expected, atol=1e-12)
    assert found.certified.all()


def test_a_curve_of_equilibria_is_degenerate_and_not_certified():
    found = fixed_points(dg.method("lsgan"), (-3, 3), n=16)
    on_curve = np.array([kind == "degenerate" for kind in found.kind])
    assert on_curve.sum() >= 8
    np.testing.assert_allclose(found.x[on_curve].prod(axis=1), 1, atol=1e-7)
    assert not found.certified[on_curve].any()
    assert [kind for kind in found.kind if kind != "degenerate"] == ["centre (neutral)"]


def test_a_jump_is_no_equilibrium():
    found = fixed_points(dg.method("wgan-gp"), n=12)
    assert len(found) == 0
    assert "(0.7, 0)" in found.note and "(-0.7, 0)" in found.note


def test_what_cannot_be_enclosed_is_not_certified():
    found = fixed_points(lambda x: jnp.stack([jnp.tan(x[0]), x[1]]), (-1, 1), n=4)
    assert found.kind == ["unstable node"]
    assert found.certified.tolist() == [False]


def test_a_field_without_a_zero_is_not_certified():
    field = dg.FunctionField(lambda x: x + 1e-6)
    assert module._certified(field, np.zeros((1, 2)), np.eye(2)[None]).tolist() == [False]


RICH = {
    "powers": lambda x: x**2 * x**3 - x**4 + 1 / (2 + x**2),
    "magnitudes": lambda x: jnp.abs(x) * jnp.sign(x) + jnp.square(x),
    "functions": lambda x: jnp.exp(x) * jnp.tanh(x) + jnp.log1p(x**2) - jnp.sqrt(1 + x**2),
    "choices": lambda x: jnp.where((x > 0.3) | ~(x >= -1), x, -2 * x) + jnp.where((x < 1) & (x <= 0.5), 1.0, x),
    "bounds": lambda x: jnp.clip(x, -0.5, 0.75) * jnp.minimum(x, 0.2) - jnp.maximum(x, -0.1),
    "links": lambda x: jax.grad(dg.Minimax().link)(x) + dg.Minimax().link(-x),
}


@pytest.mark.parametrize("name", RICH)
def test_intervals_contain_every_value(name):
    program, rng, box = jax.make_jaxpr(RICH[name])(jnp.zeros(())), np.random.default_rng(5), np.empty((), object)
    for width in (0.0, 0.01, 1.0, 4.0):
        for low in rng.uniform(-3, 3 - width, 12):
            box[()] = Interval(float(low), float(low + width))
            found = image(program, box)[0].item()
            values = np.asarray(jax.vmap(RICH[name])(jnp.linspace(low, low + width, 101)))
            # JAX rounds, too.
            assert found.low - 1e-13 <= values.min() and values.max() <= found.high + 1e-13, (low, width)
            if width == 0:
                assert found.high - found.low < 1e-12


def test_intervals_contain_the_image():
    def function(x):
        return jnp.exp(x[0]) / (2 + x[1] ** 2) + jnp.tanh(x[0] * x[1]) - jax.nn.relu(x[1])

    low, high = np.array([-0.5, -0.2]), np.array([0.3, 0.7])
    box = np.empty(2, object)
    box[:] = [Interval(a, b) for a, b in zip(low, high, strict=True)]
    found = image(jax.make_jaxpr(function)(low), box)[0].item()
    values = jax.vmap(function)(np.random.default_rng(0).uniform(low, high, (2000, 2)))
    assert found.low <= values.min() and values.max() <= found.high
    assert enclosure([1.0])[0] == Interval(1.0, 1.0)


@pytest.mark.parametrize("box", [(1, -1), (0, 1, 2), (0, np.inf)])
def test_boxes_are_checked(box):
    with pytest.raises(ValueError, match="box must be"):
        fixed_points(dg.method("gan"), box)


def test_manifolds_are_invariant():
    field, saddle = dg.method("consensus"), theory.consensus_spurious_equilibrium(1.0)
    found = manifolds(field, saddle, time=20.0, rows=200)
    # One of the two unstable branches leads to the solution; on the stable ones the flow leads back to the saddle.
    assert min(np.linalg.norm(branch[-1]) for branch in found.unstable) < 0.1
    for branch in found.stable:
        start = branch[np.argmin(np.abs(np.linalg.norm(branch - saddle, axis=1) - 0.5))]
        path = np.asarray(dg.flow(field, start, np.linspace(0, 60, 400)))
        assert np.min(np.linalg.norm(path - saddle, axis=1)) < 1e-3
    with pytest.raises(ValueError, match="need a saddle"):
        manifolds(field, (0.0, 0.0))


def test_bifurcation_over_the_learning_rate_and_a_hyper_parameter():
    field = dg.method("r1", gamma=0.5)
    found = bifurcation(field, dg.AltGD(h=1.0), values=[2.0, 2.55], transient=4000, keep=4)
    assert found.radius[0].max() < 1e-9
    expected = cycle(field, dg.AltGD(h=2.55))
    np.testing.assert_allclose(sorted(found.radius[1])[::2], [expected.min_radius, expected.max_radius], rtol=1e-9)
    assert [kinds for _, kinds in found.equilibria] == [["stable"], ["unstable"]]
    over = bifurcation(dg.method("consensus"), dg.SimGD(h=0.2), "gamma", [0.5, 1.8], keep=2, box=(-5, 5))
    assert [len(x) for x, _ in over.equilibria] == [3, 3]
    assert over.radius[0].max() < 1e-9 < 5 < over.radius[1].min()
    with pytest.raises(ValueError, match="unknown continuous parameter 'sigma'"):
        bifurcation(field, dg.AltGD(h=1.0), "sigma", [1.0])


def test_the_fold_at_which_a_cycle_is_born():
    field, algorithm = dg.method("r1", gamma=0.15), dg.AltGD(h=2.7)
    found = cycle(field, algorithm, (0.2, 1.0))
    born = fold(field, algorithm, found, step=-0.01)
    assert born == pytest.approx(2.6247, abs=5e-5)
    # Just above it the cycle is there, with a multiplier that is almost 1; just below it is not.
    beside = cycle(field, dg.AltGD(h=born + 1e-6), found.points[0], period=4)
    assert np.min(np.abs(beside.multipliers - 1)) < 0.05


@pytest.mark.parametrize(
    ("gamma", "h", "period", "expected"), [(0.05, 1.62, 10, 1.6138), (0.1, 2.138, 8, 2.1373), (0.2, 2.815, 4, 2.8108)]
)
def test_the_smallest_folds(gamma, h, period, expected):
    field, algorithm = dg.method("r1", gamma=gamma), dg.AltGD(h=h)
    starts = np.random.default_rng(0).uniform(-4, 4, (4000, 2))
    ends = np.asarray(dg.simulate(field, algorithm, starts, 2000, save_every=2000))[:, -1]
    found = cycle(field, algorithm, ends[np.argmax(np.linalg.norm(ends, axis=1))])
    assert found.period == period
    assert fold(field, algorithm, found, step=-0.002) == pytest.approx(expected, abs=5e-5)


def test_drawing():
    points = fixed_points(dg.method("consensus"), n=8)
    ax = attractors.equilibria(points, Figure().add_subplot())
    assert [line.get_marker() for line in ax.lines] == ["X", "o"]
    found = bifurcation(dg.method("r1"), dg.AltGD(h=1.0), values=np.linspace(1, 4, 7), keep=3)
    ax = attractors.bifurcation_diagram(found, Figure().add_subplot())
    assert ax.get_xlim() == (1.0, 4.0)
    one = cycle(dg.method("wgan", clip=3.0))
    assert attractors.cycle_gallery([one], Figure().add_subplot()).get_aspect() == 1.0
    with pytest.raises(ValueError, match="one to four cycles"):
        attractors.cycle_gallery([])
