"""Cycles of maps and flows against closed forms and the figures of the theory."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan import theory
from diracgan.atlas import sides, smooth
from diracgan.atlas.cycles import cycle


def nearest(points, state):
    return np.min(np.linalg.norm(points - np.asarray(state), axis=1))


@pytest.mark.parametrize("gamma", [0.3, 0.7, 1.5])
def test_the_cycle_of_the_wgan_gp_flow(gamma):
    found = cycle(dg.method("wgan-gp", gamma=gamma, target=1.0))
    omega = math.sqrt(1 - gamma**2 / 4)
    assert found.period == pytest.approx(theory.wgan_gp_period(gamma), rel=1e-11)
    np.testing.assert_allclose(found.multipliers, [1, math.exp(-math.pi * gamma / omega)], atol=1e-11)
    assert found.kind == "stable" and found.exact
    upper = found.points[found.points[:, 1] > 0]
    # The phase of a point on the closed form by the ratio of its entries, then the point itself.
    ratio = upper[:, 1] / (upper[:, 0] + gamma)
    phase = np.arctan2(np.sign(upper[:, 1]) * np.abs(ratio) * omega, np.sign(ratio) * (1 - ratio * gamma / 2))
    exact = theory.wgan_gp_cycle(np.mod(phase, np.pi) / omega, gamma, 1.0)
    np.testing.assert_allclose(upper.T, exact, atol=1e-9)


def test_one_program_for_the_cycles_of_a_flow():
    cycle(dg.method("wgan-gp", gamma=0.6))
    programs = (smooth._piece, smooth._positions, sides._look)
    before = [program._cache_size() for program in programs]
    for gamma in (0.61, 0.9, 1.2):
        assert cycle(dg.method("wgan-gp", gamma=gamma)).period == pytest.approx(theory.wgan_gp_period(gamma), rel=1e-11)
    assert [program._cache_size() for program in programs] == before


@pytest.mark.parametrize("gamma", [1.985, 1.999])
def test_a_cycle_that_passes_a_rest_point_below_rounding(gamma):
    # The orbit passes (-γ, 0), where the upper half-plane's field vanishes, at a distance of
    # 2γ/(exp(πγ/2ω) - 1), down to 1e-42. It is no rest: the half-plane ends there.
    found = cycle(dg.method("wgan-gp", gamma=gamma))
    omega = math.sqrt(1 - gamma**2 / 4)
    assert found.period == pytest.approx(2 * math.pi / omega, rel=1e-10)
    assert found.multipliers[1].real == pytest.approx(math.exp(-math.pi * gamma / omega), rel=1e-8)
    curve = theory.wgan_gp_cycle(np.linspace(0, np.pi / omega, 20_001), gamma, 1.0)
    assert found.max_radius == pytest.approx(np.linalg.norm(curve, axis=0).max(), rel=1e-6)


def kicked_round(gamma):
    """Half a period of the minimax GAN with (γ/2)(|ψ| - 1)², in SciPy: from (θ, 0+) to where ψ returns to 0."""
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    def rates(_, x):
        slope = 1 / (1 + math.exp(x[0] * x[1]))
        return [-x[1] * slope, x[0] * slope - gamma * (x[1] - 1)]

    returned = lambda t, x: x[1]
    returned.terminal, returned.direction = True, -1

    def half(theta):
        done = solve_ivp(rates, (0, 500), (theta, 1e-300), "DOP853", events=returned, rtol=1e-12, atol=1e-13)
        return done.t[-1], done.y[0, -1]

    theta = brentq(lambda theta: half(theta)[1] + theta, 2 * gamma, 4, xtol=1e-13)
    return 2 * half(theta)[0]


@pytest.mark.parametrize(("gamma", "period"), [(0.3, 14.067594), (0.5, 15.454220), (0.7, 20.290457)])
def test_the_cycle_of_the_dragan_flow_from_where_it_turns_backwards(gamma, period):
    # At (2, 2) the orbit goes round the origin clockwise; the cycle is counter-clockwise.
    found = cycle(dg.method("dragan", gamma=gamma), start=(2.0, 2.0))
    assert (found.kind, found.exact) == ("stable", True)
    assert found.period == pytest.approx(period, abs=5e-7)
    assert found.period == pytest.approx(kicked_round(gamma), rel=1e-8)


def test_a_period_that_is_asked_for_is_the_least_one():
    field, algorithm = dg.method("r1", gamma=0.1), dg.AltGD(h=2.2)
    with pytest.raises(ValueError, match=r"no cycle of 6 rounds near \[0\.001, 0\.0\]: .* equilibrium \[0\.0, 0\.0\]"):
        cycle(field, algorithm, (1e-3, 0.0), period=6)
    with pytest.raises(ValueError, match=r"no cycle of 12 rounds near .* a cycle of 6 rounds through"):
        cycle(field, algorithm, (0.03263182, 1.19772335), period=12)
    assert cycle(field, algorithm, (1e-3, 0.0), period=1).max_radius < 1e-12
    with pytest.raises(ValueError, match="period counts the rounds of an algorithm"):
        cycle(dg.method("gan"), start=(1.0, 0.0), period=3)


@pytest.mark.parametrize(("h", "period", "mean"), [(0.205, 32, 1.2786198794), (0.195, 34, 1.2780328613)])
def test_locked_cycles_of_altgd_on_wgan_gp(h, period, mean):
    found = cycle(dg.method("wgan-gp", gamma=0.7, target=1.0), dg.AltGD(h=h))
    assert (found.period, found.exact, found.kind) == (period, True, "stable")
    assert found.mean_radius == pytest.approx(mean, abs=1e-9)
    assert found.points.shape == (period, 2)


@pytest.mark.parametrize(
    ("gamma", "h", "period", "state"),
    [
        (0.1, 2.2, 6, (0.03263182, 1.19772335)),
        (0.1, 2.6, 4, (0.236846, 1.056736)),
        (0.05, 2.0, 6, (-0.07543319, 1.01810793)),
        (0.22, 3.06, 4, (0.21027174, 0.86344637)),
    ],
)
def test_cycles_that_coexist_with_the_stable_equilibrium(gamma, h, period, state):
    field, algorithm = dg.method("r1", gamma=gamma), dg.AltGD(h=h)
    found = cycle(field, algorithm, state)
    assert (found.period, found.kind) == (period, "stable")
    assert nearest(found.points, state) < 1e-6
    # Whole periods: half of one leads to the mirror image.
    np.testing.assert_allclose(np.roll(found.points, period // 2, axis=0), -found.points, atol=1e-12)
    with pytest.raises(ValueError, match=r"converges to the equilibrium \[0\.0, 0\.0\].* in round"):
        cycle(field, algorithm, (1e-3, 0.0))


@pytest.mark.parametrize(
    ("algorithm", "gamma", "h", "state"),
    [(dg.SimGD, 1.5, 1.45, theory.r1_simgd_two_cycle), (dg.AltGD, 0.5, 2.6, theory.r1_altgd_two_cycle)],
)
def test_symmetric_two_cycles(algorithm, gamma, h, state):
    exact = np.array(state(gamma, h))
    found = cycle(dg.method("r1", gamma=gamma), algorithm(h=h), exact + 1e-3, period=2)
    assert found.kind == "unstable"
    assert max(nearest(found.points, exact), nearest(found.points, -exact)) <= 1e-12
    moduli = np.sort(np.abs(found.multipliers))
    # DF at the mirror image is the same, so that both multipliers are squares.
    single = np.asarray(dg.multipliers(dg.method("r1", gamma=gamma), algorithm(h=h), exact))
    np.testing.assert_allclose(moduli, np.sort(np.abs(single)) ** 2, rtol=1e-9)


def test_multipliers_of_a_map_against_finite_differences():
    field, algorithm = dg.method("r1", gamma=0.1), dg.AltGD(h=2.6)
    found = cycle(field, algorithm, (0.24, 1.06))
    x, small = found.points[0], 1e-6
    ends = [
        np.asarray(dg.simulate(field, algorithm, x + sign * small * e, 4))[-1] for e in np.eye(2) for sign in (1, -1)
    ]
    matrix = np.stack([(ends[0] - ends[1]) / (2 * small), (ends[2] - ends[3]) / (2 * small)], axis=1)
    np.testing.assert_allclose(np.sort(found.multipliers), np.sort(np.linalg.eigvals(matrix)), atol=1e-7)


def test_the_invariant_curve_of_simgd_on_the_nsgan():
    found = cycle(dg.method("nsgan"), dg.SimGD(h=0.05))
    assert not found.exact and found.kind == "stable"
    assert found.mean_radius == pytest.approx(theory.nsgan_cycle_radius(0.05), rel=2e-4)
    assert found.period == pytest.approx(4 * np.pi / 0.05, rel=1e-2)


def test_clipping():
    for h in (0.05, 0.2):
        found = cycle(dg.method("wgan", clip=1.0), dg.SimGD(h=h))
        assert np.abs(found.points[:, 1]).max() == 1.0
        assert np.abs(found.points[:, 0]).max() == pytest.approx(math.exp(math.pi * h / 4), rel=3e-3)
    found = cycle(dg.method("wgan", clip=1.0), dg.AltGD(h=0.2), (2.0, 1.0))
    invariant = theory.altgd_invariant(*found.points.T, 0.2)
    np.testing.assert_allclose(invariant, theory.wgan_clip_invariant(1.0, 0.2), atol=1e-6)


def test_neutral_rotations_of_altgd_on_the_wgan():
    field = dg.method("wgan", clip=9.0)
    for q in (3, 6):
        found = cycle(field, dg.AltGD(h=theory.wgan_return_rate(q)), (1.0, 0.5))
        assert (found.period, found.exact, found.kind) == (q, True, "neutral")
    found = cycle(field, dg.AltGD(h=0.3), (1.0, 0.5))
    # λ = e^{±iφ}, cos φ = 1 - h²/2: a rotation number known in closed form.
    assert found.period == pytest.approx(2 * np.pi / math.acos(1 - 0.045), rel=1e-9)
    assert (found.exact, found.kind) == (False, "neutral")


@pytest.mark.parametrize("start", [(2.0, 1.0), (1.0, 1.0), (-3.0, 0.2)])
def test_the_clipped_flow_ends_on_the_circle(start):
    found = cycle(dg.method("wgan", clip=1.0), start=start)
    np.testing.assert_allclose([found.mean_radius, found.min_radius, found.max_radius], 1, atol=1e-9)
    assert found.period == pytest.approx(2 * np.pi, rel=1e-10)


def test_a_short_excursion_beyond_a_kink_is_not_missed():
    # From outside the flow tends to the circle r = g₀, where the penalty ends: the return map is r - O((r - g₀)^(5/2)).
    found = cycle(dg.method("wgan-lp", target=1.0), start=(2.0, 1.0))
    assert 0 <= found.mean_radius - 1 < 1e-7


def test_neutral_orbits_of_the_flow():
    for radius in (0.5, 2.0):
        found = cycle(dg.method("gan"), start=(radius, 0.0))
        assert found.kind == "neutral"
        assert found.period == pytest.approx(theory.gan_period(radius), rel=1e-11)
        np.testing.assert_allclose([found.mean_radius, found.rms_radius, found.max_radius], radius, rtol=1e-10)


def test_the_van_der_pol_oscillator():
    found = cycle(lambda x: jnp.stack([x[1], (1 - x[0] ** 2) * x[1] - x[0]]))
    # Published: the period at ε = 1; the second multiplier is the mean divergence by Liouville's formula.
    assert found.period == pytest.approx(6.6632868593231, abs=1e-9)
    mean = np.mean(1 - found.points[:, 0] ** 2)
    assert found.multipliers[1].real == pytest.approx(math.exp(mean * found.period), rel=1e-6)


@pytest.mark.parametrize(
    ("field", "algorithm", "start", "words"),
    [
        (dg.method("r1"), None, (1.0, 1.0), "converges to the equilibrium"),
        (dg.method("wgan-gp", gamma=2.5), None, (1.0, 1.0), r"comes to rest at \[-2\.5, 0\.0\]"),
        (dg.method("lsgan"), None, (1.0, 1.0), "must not be an equilibrium"),
        (dg.method("r1", gamma=1.0), dg.SimGD(h=1.2), (10.0, 10.0), "diverges: .* in round"),
        (dg.method("lsgan"), dg.SimGD(h=0.1), (1.0, 1.0), "converges to the fixed point"),
        (dg.method("gan"), dg.AltGD(h=0.2), (1.0, 1.0), "has not settled"),
        (dg.method("gan"), dg.SimGD(h=lambda k: 0.1), (1.0, 1.0), "depends on the round"),
        (dg.method("gan", bias=True), None, (1.0, 1.0, 0.0), "two entries"),
    ],
)
def test_what_has_no_cycle_says_what_happens(field, algorithm, start, words):
    with pytest.raises(ValueError, match=words):
        cycle(field, algorithm, start)
