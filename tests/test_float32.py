"""JAX's default type: questions are answered as in float64, maps and paths as far as the type can tell."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.dynamics.outcomes import least_distance

METHODS = {
    "plain": dg.method("r1", gamma=0.3),
    "data": dg.method("r1", gamma=0.3, data=2.0),
    "bias": dg.method("r1", gamma=0.3, data=-1.0, bias=True),
    "clipped": dg.method("wgan", clip=1.0),
    "kinked": dg.method("wgan-gp", gamma=0.7),
    "kinked, data": dg.method("dragan", gamma=0.5, data=2.0),
}
SMOOTH = ("plain", "data", "bias", "clipped")
PLANAR = ("plain", "data", "clipped", "kinked", "kinked, data")
SIM = dg.SimGD(h=0.2)


def both(question):
    """What a question answers in float32 and in float64."""
    with jax.enable_x64(False):
        single = question()
    with jax.enable_x64(True):
        return single, question()


def start_of(method, away=0.5):
    return np.asarray(method.equilibrium, np.float64) + away


def test_a_question_has_one_answer():
    def said(fn):
        try:
            return fn()
        except ValueError as problem:
            return str(problem)

    for name in SMOOTH:
        method = METHODS[name]
        for question in (
            lambda method=method: str(dg.verdict(method, SIM)),
            lambda method=method: str(dg.verdict(method)),
            lambda method=method: said(lambda: repr(dg.critical_step(method, SIM))),
            lambda method=method: said(lambda: dg.stationary_covariance(method, SIM, 0.1).tolist()),
        ):
            single, double = both(question)
            assert single == double, name


@pytest.mark.parametrize("name", PLANAR)
def test_times_of_the_flow(name):
    method = METHODS[name]
    start = start_of(method)
    np.testing.assert_array_equal(*both(lambda: dg.period(method, start, max_time=50.0)))
    np.testing.assert_array_equal(*both(lambda: dg.arrival_time(method, start, radius=0.1, max_time=200.0)))


@pytest.mark.parametrize(
    ("method", "algorithm", "start"),
    [
        (METHODS["clipped"], None, (2.0, 1.0)),
        (METHODS["kinked"], None, (1.0, 1.0)),
        (dg.method("r1", gamma=0.1), dg.AltGD(2.2), (0.03, 1.2)),
    ],
    ids=["clipped", "kinked", "map"],
)
def test_cycles(method, algorithm, start):
    single, double = both(lambda: dg.cycle(method, algorithm, start))
    assert (single.period, single.mean_radius, single.kind) == (double.period, double.mean_radius, double.kind)


def test_fixed_points():
    single, double = both(lambda: dg.fixed_points(dg.method("r1", gamma=1.5), box=(-2, 2), n=8))
    np.testing.assert_array_equal(single.x, double.x)


@pytest.mark.parametrize("name", list(METHODS))
def test_paths_follow_the_type_of_their_state(name):
    method = METHODS[name]
    start = start_of(method)
    single, double = both(lambda: dg.simulate(method, SIM, start, steps=30))
    assert (single.dtype, double.dtype) == (jnp.float32, jnp.float64)
    np.testing.assert_allclose(single, double, atol=2e-5)
    single, double = both(lambda: dg.flow(method, start, [0.0, 0.5, 2.0]))
    np.testing.assert_allclose(single, double, atol=2e-4)


# --- fates


def test_training_on_data_away_from_the_origin_converges():
    # det and trace of the linearisation say so; in float32 a run can come as close as 2·2⁻²³ at best.
    method = METHODS["data"]
    for x64 in (False, True):
        with jax.enable_x64(x64):
            assert dg.basin(method, SIM, box=(1, 3, -1, 1), n=8).counts["converged"] == 64
            chart = dg.convergence_map(method, SIM, start=(2.5, 0.0), steps=2000, gamma=[0.3, 1.0], h=[0.2, 0.5])
            assert chart.values["codes"].tolist() == [[1, 1], [1, 1]]
            assert dg.final_states(method, SIM, [(2.5, 0.0), (1.5, 0.5)], 3000)[1].tolist() == [1, 1]
            path = dg.simulate(method, SIM, (2.5, 0.0), steps=3000)
            assert dg.outcome(path, method, near=1e-6).kind == "converged"


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
@pytest.mark.parametrize("data", [0.0, 2.0])
def test_a_small_cycle_is_a_cycle(data, x64):
    # In polar coordinates about (data, 0): r' = r + r(1 - (r/R)²)/10, the angle grows by 1 (never closing) per round.
    # In float32 at 2 the numbers are 2.4e-7 apart, which leaves a circle of radius 1e-4 some 400 of them.
    radius = 1e-4 if data else 3e-6
    turn = np.array([[np.cos(1.0), -np.sin(1.0)], [np.sin(1.0), np.cos(1.0)]])

    class Circle(dg.VectorField):
        @property
        def equilibrium(self):
            return np.array([data, 0.0])

        def velocity(self, x):
            d = x - jnp.asarray(self.equilibrium, x.dtype)
            grown = 1 + (1 - jnp.sum((d / radius) ** 2)) / 10
            return jnp.asarray(turn, x.dtype) @ d * grown - d

    with jax.enable_x64(x64):
        box = (data - 1.5 * radius, data + 1.5 * radius, -1.5 * radius, 1.5 * radius)
        found = dg.basin(Circle(), dg.SimGD(1.0), box=box, n=4, steps=500)
        assert found.counts["cycle"] == 16
        codes = dg.final_states(Circle(), dg.SimGD(1.0), [(data + radius, 0.0)], 500)[1]
        assert codes.tolist() == [0]
        path = dg.simulate(Circle(), dg.SimGD(1.0), (data + radius, 0.0), steps=500)
        assert dg.outcome(path, Circle(), near=1e-6).kind == "bounded"


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
def test_what_only_creeps_is_no_cycle(x64):
    # At 200 the sigmoid is saturated: a run moves by less than rounding for as long as anybody waits.
    with jax.enable_x64(x64):
        counts = dg.basin(dg.method("r1", gamma=1.0), dg.SimGD(0.9), box=(190, 210), n=4, steps=1000).counts
        assert counts["cycle"] == 0


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
def test_what_rounding_stops_is_no_cycle(x64):
    # With a small rate float32 comes to rest, or trembles, before 32 eps |x*|.
    with jax.enable_x64(x64):
        counts = dg.basin(METHODS["data"], dg.SimGD(0.05), box=(1, 3, -1, 1), n=4).counts
        assert counts["cycle"] == counts["diverged"] == 0
        assert counts["converged"] == (16 if x64 else 0)


@pytest.mark.parametrize(
    ("method", "algorithm", "kind"),
    [
        (dg.method("nsgan"), SIM, "cycle"),
        (dg.method("nsgan"), dg.AltGD(0.2), "unresolved"),
        (dg.method("wgan", clip=9.0), dg.AltGD(1.0), "cycle"),
        (METHODS["bias"], dg.AltGD(0.2), "converged"),
    ],
    ids=["invariant curve", "neutral drift", "rotation of order 6", "bias"],
)
def test_fates_are_those_of_float64(method, algorithm, kind):
    box = (-2.0, 2.0)
    single, double = both(lambda: dg.basin(method, algorithm, box=box, n=4).counts)
    assert single == double
    assert single[kind] == 16


def test_the_distance_that_rounding_leaves():
    assert least_distance(1e-6, 0.0, np.float32) == 1e-6
    assert least_distance(1e-6, 2.0, np.float64) == 1e-6
    # 32 · 2⁻²³ · 2
    assert least_distance(1e-6, 2.0, np.float32) == pytest.approx(2**-17, rel=1e-12)
    path = np.array([[3.0, 4.0], [3.0 + 1.2e-5, 4.0]])
    assert dg.outcome(path, (3.0, 4.0), near=1e-6) == ("bounded", None)
    assert dg.outcome(path.astype(np.float32), (3.0, 4.0), near=1e-6) == ("converged", 0)


def test_a_verdict_takes_a_state_as_it_is_given():
    consensus = dg.method("consensus", gamma=1.0)

    def kind():
        # Rounded to float32 the saddle would be 1e-8 away, and no equilibrium.
        return dg.verdict(consensus, at=tuple(dg.fixed_points(consensus, n=8, certify=False).x[-1])).kind

    assert both(kind) == ("unstable", "unstable")
