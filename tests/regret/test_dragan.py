"""DRAGAN's steps, thresholds, equilibria and mode collapse against closed forms, SciPy and plain NumPy."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import diracgan as dg
from diracgan import theory
from diracgan.games.perturbed import PerturbedDeadZone, PerturbedTwoSided, PerturbedZeroCentred
from diracgan.regret import dragan

R = dg.regret
DATA, CENTRES = np.array([-1.0, 1.0]), np.linspace(-2.0, 2.0, 5)


def game(*penalties, particles=2):
    return R.BumpGame(DATA, CENTRES, 0.5, particles, dg.Minimax(), penalties)


def slope(t):
    return 1 / (1 + np.exp(t))


def velocity(x, decay=0.0, r1=0.0, width=0.5):
    """The field of the bump game, by hand: minimax, with weight decay and R1."""
    theta, psi = x[:2], x[2:]

    def bumps(at):
        z = (np.atleast_1d(at)[:, None] - CENTRES) / width
        k = np.exp(-(z**2) / 2)
        return k, -z * k / width

    (on_fake, along), (on_real, at_real) = bumps(theta), bumps(DATA)
    up = slope(on_fake @ psi) @ on_fake / 2 - slope(-on_real @ psi) @ on_real / 2
    return np.concatenate(
        [-slope(on_fake @ psi) * (along @ psi) / 2, up - decay * psi - r1 * (at_real.T @ at_real) @ psi / 2]
    )


@pytest.mark.parametrize("target", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("name", dragan.NAMES)
def test_node_threshold(name, target):
    assert R.node_threshold(target, name) == pytest.approx(theory.dragan_node_threshold(target), abs=1e-9)


def test_the_golden_threshold():
    assert R.node_threshold() == pytest.approx((math.sqrt(5) - 1) / 2, abs=1e-9)
    assert R.one_sided(0.61).kind == "focus"
    assert R.one_sided(0.63).kind == "node"
    assert R.one_sided(20.0).theta == pytest.approx(-40, abs=1e-8)


@pytest.mark.parametrize(("name", "sign"), [("dragan", 1), ("dragan-ns", -1)])
def test_capture_threshold_against_the_flow_of_scipy(name, sign):
    def flow_captured(gamma):
        def field(_, x):
            u = x[0] * x[1]
            return [-x[1] * slope(sign * u), x[0] * slope(u) - gamma * (abs(x[1]) - 1) * np.sign(x[1])]

        late = solve_ivp(field, (0, 120), (1.0, 1.0), rtol=1e-8, atol=1e-10, max_step=0.1).y[1]
        late = late[len(late) // 2 :]
        return np.all(late > 0) or np.all(late < 0)

    # Euler's step moves the threshold by a multiple of itself: extrapolated to h = 0.
    coarse, fine = (R.capture_threshold(name=name, h=h, tolerance=1e-5) for h in (0.005, 0.0025))
    limit = 2 * fine - coarse
    assert not flow_captured(limit - 3e-4)
    assert flow_captured(limit + 3e-4)
    assert limit > R.node_threshold(name=name)


def test_the_cycle_below_the_threshold_against_scipy():
    def field(_, x):
        u = x[0] * x[1]
        return [-x[1] * slope(u), x[0] * slope(u) - 0.3 * (abs(x[1]) - 1) * np.sign(x[1])]

    found = dg.cycle(dg.method("dragan", gamma=0.3), None, start=(1.0, 1.0))
    upwards = lambda t, x: x[1]
    upwards.direction = 1.0
    path = solve_ivp(field, (0, 150), (1.0, 1.0), rtol=1e-9, atol=1e-11, max_step=0.02, events=upwards)
    assert found.kind == "stable"
    assert found.period == pytest.approx(np.diff(path.t_events[0])[-1], rel=1e-4)


def test_the_repairs_remove_the_convergence():
    ends = {}
    for name, values in (("dragan-zero-centred", {}), ("dragan-dead-zone", {"target": 1.0}), ("dragan", {})):
        path = np.asarray(dg.simulate(dg.method(name, gamma=1.0, **values), dg.AltGD(h=0.01), (2.0, 2.0), 20_000))
        ends[name] = np.linalg.norm(path[-2000:], axis=1)
    assert ends["dragan-zero-centred"].max() < 1e-6
    # Neutral circles up to r = √k; from outside the largest of them is approached.
    assert ends["dragan-dead-zone"].min() > 0.98
    assert ends["dragan-dead-zone"].max() < 1.01
    # γ = 1 > 0.736: captured at θ = -γk/c.
    assert np.all(np.abs(ends["dragan"] - 2.0) < 1e-6)


def test_the_first_step_is_r1():
    for state in ((1.2, 0.7), (-0.4, -1.6)):
        first, r1 = dg.method("dragan-zero-centred", gamma=0.8), dg.method("r1", gamma=0.8)
        np.testing.assert_allclose(first(state), r1(state), atol=1e-12)


def test_dead_circles_are_neutral_and_the_jump_is_the_penalty():
    zone = dg.method("dragan-dead-zone", gamma=2.0, target=0.49)
    gan = dg.method("gan")
    np.testing.assert_allclose(zone((0.5, 0.69)), gan((0.5, 0.69)), atol=1e-12)
    beside = [np.asarray(zone((0.5, 0.7 + e)))[1] for e in (-1e-9, 1e-9)]
    assert beside[0] - beside[1] == pytest.approx(2.0 * 0.7, abs=1e-6)


def test_penalties_of_perturbed_points_against_a_quadrature_by_hand():
    psi, spread = np.array([0.3, -0.8, 0.2, 0.9, -0.1]), 0.2
    nodes, weights = np.polynomial.hermite_e.hermegauss(16)
    at = (DATA[:, None] + spread * nodes).ravel()
    z = (at[:, None] - CENTRES) / 0.5
    slopes = (-z * np.exp(-(z**2) / 2) / 0.5) @ psi
    mean = lambda values: np.tile(weights / weights.sum(), 2) @ values / 2
    noise = dg.GaussianNoise(spread, nodes=16)
    x = np.concatenate([[0.1, 0.2], psi])
    played = game().play(x)
    for kind, price in (
        (PerturbedZeroCentred(1.4, spread=noise), slopes**2),
        (PerturbedDeadZone(1.4, 0.3, spread=noise), np.maximum(slopes**2 - 0.3, 0)),
        (PerturbedTwoSided(1.4, 0.3, spread=noise), (np.abs(slopes) - 0.3) ** 2),
    ):
        assert float(kind(*played)) == pytest.approx(0.7 * mean(price), abs=1e-12)


def test_the_field_of_the_bumps_by_hand():
    x = np.array([-0.7, 1.3, 0.4, -0.2, 0.9, 0.1, -0.6])
    found = game(R.WeightDecay(0.1), dg.R1(0.7))(x)
    np.testing.assert_allclose(found, velocity(x, 0.1, 0.7), atol=1e-13)


@pytest.mark.parametrize("r1", [0.0, 1.0])
def test_equilibria_are_zeros_and_their_kinds_those_of_finite_differences(r1):
    decay = 0.1
    found = R.equilibria(game(R.WeightDecay(decay), dg.R1(r1)), starts=60)
    assert found[0].good
    assert found[0].kind == "stable"
    for one in found:
        x = np.concatenate([one.particles, one.weights])
        assert np.linalg.norm(velocity(x, decay, r1)) < 1e-9
        columns = [(velocity(x + e, decay, r1) - velocity(x - e, decay, r1)) / 2e-6 for e in 1e-6 * np.eye(7)]
        abscissa = np.linalg.eigvals(np.array(columns).T).real.max()
        assert one.abscissa == pytest.approx(abscissa, abs=1e-6)


def test_bad_stable_equilibria_exist_and_a_penalty_on_the_data_does_not_remove_them():
    plain, penalised = (R.equilibria(game(R.WeightDecay(0.1), dg.R1(g)), starts=100) for g in (0.0, 5.0))
    bad = [[one for one in found if not one.good and one.kind == "stable"] for found in (plain, penalised)]
    assert bad[0]
    assert bad[1]
    # Both particles at one mode; what the penalty changes is the sharpness.
    for group in bad:
        assert any(np.all(one.particles < 0) or np.all(one.particles > 0) for one in group)
    assert max(one.sharpness for one in bad[1]) < 0.2 * max(one.sharpness for one in bad[0])
    # It is an attractor: a plain training loop beside it goes there.
    x = np.concatenate([bad[0][0].particles + 0.02, bad[0][0].weights])
    for _ in range(6000):
        x = x + 0.1 * velocity(x, 0.1)
    np.testing.assert_allclose(np.sort(x[:2]), bad[0][0].particles, atol=1e-3)


def test_mode_collapse_over_seeds():
    names = ("weight decay only", "R1", "zero-centred, perturbed", "two-sided (DRAGAN)")
    games = {name: R.repairs()[name] for name in names}
    plain, at_data, around, two_sided = R.mode_collapse(games, seeds=24, particles=2, rounds=3000)
    # Two particles: flattening D at the data makes it less sharp and cures nothing; flattening it around the data does.
    assert at_data.sharpness < 0.3 * plain.sharpness
    assert abs(at_data.covered - plain.covered) < 0.3
    assert around.covered > 0.9
    assert two_sided.covered < 0.5


def test_sharpness():
    path = np.asarray(dg.simulate(dg.method("r1"), dg.SimGD(h=0.2), steps=50))
    np.testing.assert_allclose(R.sharpness(dg.method("r1"), path), np.abs(path[:, 1]), atol=1e-14)
    x = np.concatenate([[0.0, 0.0], [0.3, -0.8, 0.2, 0.9, -0.1]])
    z = (DATA[:, None] - CENTRES) / 0.5
    by_hand = np.abs((-z * np.exp(-(z**2) / 2) / 0.5) @ x[2:]).max()
    assert R.sharpness(game(), [x])[0] == pytest.approx(by_hand, abs=1e-14)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: R.BumpGame([], CENTRES), "m >= 1"),
        (lambda: R.BumpGame(DATA, CENTRES, particles=3), "multiple"),
        (lambda: R.BumpGame(DATA, CENTRES, width=-1.0), "width must be"),
        (lambda: R.one_sided(1.0, name="r1"), "name must be one of"),
        (lambda: R.node_threshold(-1.0), "target must be"),
        (lambda: R.one_sided([0.5, 0.7]), "gamma must be one number"),
        (lambda: R.captured(0.7, h=0.1, rounds=100), "h·rounds must be at least"),
        (lambda: R.captured(0.7, start=(1.0, np.nan)), "start must be finite"),
        (lambda: R.capture_threshold(tolerance=1e-20), "tolerance must be"),
        (lambda: R.sharpness(dg.method("r1"), [[1.0, np.nan]]), "path must be finite"),
        (lambda: R.two_modes((), bumps=1), "bumps must be"),
        (lambda: R.repairs(spread=-1.0), "spread must be"),
        (lambda: R.mode_collapse(start=(0.0, -1.0)), "deviation >= 0"),
        (lambda: R.sharpness(dg.method("r1"), [1.0, 2.0]), "shape"),
        (lambda: R.sharpness(dg.FunctionField(lambda x: x), [[1.0, 2.0]]), "needs a game"),
        (lambda: R.equilibria(game(), starts=0), "starts must be"),
        (lambda: R.mode_collapse(seeds=0), "seeds must be"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()
