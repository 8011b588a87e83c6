"""The atlas: grids, blocks, basins, critical steps, maps, optima, covariances, certificates."""

import math
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan import theory
from diracgan.dynamics.lanes import over_lanes
from diracgan.proofs.globally import reported_limit

R1 = dg.method("r1")


def test_blocks_give_what_a_plain_map_gives():
    rows = (jnp.arange(37.0), jnp.arange(74.0).reshape(37, 2))
    fn = lambda part: {"a": part[0] * 2, "b": part[1].sum(axis=1) + part[0]}
    for lanes in (1, 5, 37, 1024):
        out = jax.jit(lambda r, lanes=lanes: over_lanes(fn, r, lanes))(rows)
        np.testing.assert_array_equal(out["a"], 2 * np.arange(37.0))
        np.testing.assert_array_equal(out["b"], rows[1].sum(axis=1) + rows[0])


# --- grids


def test_a_sweep_is_the_function_at_every_point():
    gamma, h = np.linspace(0.1, 3, 7), np.linspace(0.1, 2, 5)
    grid = dg.sweep(lambda gamma, h: dg.spectral_radius(dg.method("r1", gamma=gamma), dg.SimGD(h)), gamma=gamma, h=h)
    expected = [
        [max(abs(1 + b * mu) for mu in theory.CLOSED_FORMS["r1"].eigenvalues(gamma=a)) for b in h] for a in gamma
    ]
    np.testing.assert_allclose(grid.values, expected, atol=1e-12)
    assert grid.shape == (7, 5)
    again = dg.sweep(
        lambda gamma, h: dg.spectral_radius(dg.method("r1", gamma=gamma), dg.SimGD(h)), portion=3, gamma=gamma, h=h
    )
    np.testing.assert_array_equal(again.values, grid.values)


def test_a_sweep_of_several_values_and_its_xarray():
    grid = dg.sweep(lambda a: {"twice": 2 * a, "pair": jnp.stack([a, a**2])}, a=[1.0, 2.0, 3.0])
    np.testing.assert_array_equal(grid.values["twice"], [2, 4, 6])
    np.testing.assert_array_equal(grid.values["pair"][:, 1], [1, 4, 9])
    pytest.importorskip("xarray")
    data = grid.to_xarray()
    assert data["value['twice']"].dims == ("a",)
    assert float(data["value['twice']"].sel(a=3.0)) == 6


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({}, "at least one axis"),
        ({"gamma": []}, r"the axis gamma must have shape \(values,\) with values >= 1; shape \(0,\) was given"),
        ({"gamma": [0.1, np.nan]}, "the axis gamma must be finite"),
        ({"gamma": "lots"}, "the axis gamma must be real numbers"),
        ({"gamma": [-1.0, 0.5]}, r"gamma must be finite and >= 0; -1.0 was given"),
    ],
)
def test_a_sweep_is_validated_before_it_is_traced(axes, said):
    traced = []

    def fn(gamma):
        traced.append(isinstance(gamma, jax.core.Tracer))
        return dg.spectral_radius(dg.method("r1", gamma=gamma), dg.SimGD(0.2))

    with pytest.raises((TypeError, ValueError), match=said):
        dg.sweep(fn, **axes)
    assert not any(traced)


def test_long_work_shows_its_progress(capsys, monkeypatch):
    from diracgan.sweeps import progress

    clock = iter(np.arange(0.0, 100.0, 1.5))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    dg.sweep(lambda a: a, portion=1, a=np.arange(4.0))
    shown = capsys.readouterr().err
    assert "sweep:  75%" in shown
    assert shown.endswith("\n")


# --- basins


@pytest.mark.parametrize(("h", "converged"), [(0.99, 16384), (1.01, None), (2.0, None)])
def test_local_stability_is_not_global(h, converged):
    # The equilibrium is locally stable up to h = 4; far out two rounds multiply by more than 1 as soon as hγ > 1.
    found = dg.basin(dg.method("r1", gamma=1.0), dg.SimGD(h), n=128)
    share = {1.01: 31658 / 65536, 2.0: 3140 / 65536}
    if converged is not None:
        assert found.counts["converged"] == converged
    else:
        assert found.counts["converged"] / 16384 == pytest.approx(share[h], rel=0.02)
        assert found.counts["diverged"] == 16384 - found.counts["converged"]


def test_a_basin_does_not_depend_on_the_blocks_and_agrees_with_plain_loops():
    method, algorithm = dg.method("r1", gamma=1.0), dg.SimGD(1.5)
    one, two = (dg.basin(method, algorithm, n=12, steps=500, lanes=lanes) for lanes in (7, 1024))
    np.testing.assert_array_equal(one.codes, two.codes)
    np.testing.assert_array_equal(one.step, two.step)
    field = lambda t, p: theory.CLOSED_FORMS["r1"].field(t, p, gamma=1.0)
    for i, j in ((0, 0), (5, 6), (3, 8), (11, 0)):
        with np.errstate(all="ignore"):
            path = theory.simgd_path(field, (one.theta[j], one.psi[i]), 1.5, 500)
        r2 = np.sum(path**2, axis=1)
        hits = np.flatnonzero((r2 < 1e-12) | ~(r2 <= 1e12))
        assert one.step[i, j] == (hits[0] if hits.size else -1)
        if hits.size:
            assert one.verdict[i, j] == ("converged" if r2[hits[0]] < 1e-12 else "diverged")


def test_two_attractors_and_one_stable_equilibrium():
    method, algorithm = dg.method("r1", gamma=0.1), dg.AltGD(2.2)
    assert dg.verdict(method, algorithm).kind == "stable"
    found = dg.basin(method, algorithm, box=(-2.0, 2.0), n=48)
    assert found.counts["cycle"] > 50
    assert found.counts["converged"] > 1500
    assert found.counts["cycle"] + found.counts["converged"] == 48**2
    near = (np.abs(found.theta)[None, :] < 0.2) & (np.abs(found.psi)[:, None] < 0.2)
    assert set(found.verdict[near]) == {"converged"}


def test_cycles_and_slow_creeping_are_told_apart():
    kinds = lambda *a: dg.basin(*a, n=4, box=(-2.0, 2.0)).counts
    assert kinds(dg.method("nsgan"), dg.SimGD(0.2))["cycle"] == 16
    assert kinds(dg.method("nsgan"), dg.AltGD(0.2))["unresolved"] == 16
    assert kinds(dg.method("wgan-gp"), dg.AltGD(0.205))["cycle"] == 16


@pytest.mark.parametrize("box", [(1.0, 2.0, 3.0), (2.0, 1.0), (0.0, np.nan), (0, 1, 2, 2), -1.0, 1e308])
def test_a_bad_box_is_refused(box):
    with pytest.raises(ValueError, match="box must be"):
        dg.basin(R1, dg.SimGD(0.2), box=box)


def test_final_states_are_those_of_simulate():
    starts = np.random.default_rng(0).uniform(-2, 2, (50, 2))
    states, codes = dg.final_states(R1, dg.AltGD(0.2, n_d=2), starts, 120, lanes=16)
    np.testing.assert_allclose(states, dg.simulate(R1, dg.AltGD(0.2, n_d=2), starts, 120)[:, -1], atol=1e-14)
    assert not np.any(codes)
    assert np.all(dg.final_states(R1, dg.SimGD(0.2), starts, 2000)[1] == 1)
    with pytest.raises(ValueError, match="starts must have shape"):
        dg.final_states(R1, dg.SimGD(0.2), (1.0, 1.0), 10)


def test_a_convergence_map_in_tiles_is_the_plain_one():
    gamma, h = np.linspace(0.05, 2.5, 41), np.linspace(0.1, 3.0, 35)
    chart = dg.convergence_map(R1, dg.SimGD(0.2), (1.0, 1.0), 400, gamma=gamma, h=h)
    for i, j in ((0, 0), (20, 10), (40, 34), (33, 2), (7, 29)):
        path = np.asarray(dg.simulate(dg.method("r1", gamma=gamma[i]), dg.SimGD(h[j]), steps=400))
        with np.errstate(over="ignore", invalid="ignore"):
            r2 = np.sum(path**2, axis=1)
        hits = np.flatnonzero((r2 < 1e-12) | ~(r2 <= 1e12))
        assert chart.values["step"][i, j] == (hits[0] if hits.size else -1)
    with pytest.raises(ValueError, match="one or two axes"):
        dg.convergence_map(R1, dg.SimGD(0.2), a=[1], b=[1], c=[1])


# --- critical steps


@pytest.mark.parametrize(
    ("gamma", "algorithm", "h", "kind", "criticality"),
    [
        (0.3, dg.SimGD(0.2), 1.2, "neimark-sacker", "supercritical"),
        (0.5, dg.SimGD(9.0), 2.0, "neimark-sacker", "supercritical"),
        (2.0, dg.SimGD(0.2), 1.0717967697244908, "flip", "subcritical"),
        # The cubic coefficient of the alternating flip vanishes: the amplitude grows like the fourth root.
        (0.1, dg.AltGD(0.2), 3.6199502484483563, "flip", "degenerate"),
        (0.5, dg.AltGD(0.2), 2.4721359549995796, "flip", "degenerate"),
    ],
)
def test_critical_steps_of_r1(gamma, algorithm, h, kind, criticality):
    found = dg.critical_step(dg.method("r1", gamma=gamma), algorithm)
    assert found.h == pytest.approx(h, abs=1e-9)
    assert (found.kind, found.criticality) == (kind, criticality)


def test_the_coefficient_predicts_the_amplitude_beyond_the_bifurcation():
    # Beyond h_c = 4γ the cycle of SimGD + R1 has r²_rms → (4/(3γ))(h/(4γ) - 1).
    gamma, excess = 0.5, 1e-3
    path = dg.simulate(dg.method("r1", gamma=gamma), dg.SimGD(2 * (1 + excess)), (0.03, 0.03), 60_000, save_every=3)
    measured = np.mean(np.sum(np.asarray(path)[-8000:] ** 2, axis=1))
    assert measured == pytest.approx(4 / (3 * gamma) * excess, rel=0.04)


def test_what_has_no_critical_step():
    assert dg.critical_step(dg.method("gan"), dg.SimGD(0.2)).kind == "unstable from the start"
    assert dg.critical_step(dg.method("gan"), dg.AltGD(0.2)).kind == "neutral"
    always = dg.critical_step(R1, dg.ImplicitEuler(0.2))
    assert (always.h, always.kind) == (math.inf, "always stable")
    # Extragradient: |λ|² = 1 - w² + w⁴ with w = hc; optimistic gradient: w < 1/√3.
    assert dg.critical_step(dg.method("gan"), dg.ExtraGradient(0.2)).h == pytest.approx(2, abs=1e-9)
    assert dg.critical_step(dg.method("gan"), dg.Optimistic(0.2)).h == pytest.approx(2 / np.sqrt(3), abs=1e-9)
    with pytest.raises(ValueError, match="has no multipliers"):
        dg.critical_step(R1, dg.RMSProp(0.1))
    with pytest.raises(ValueError, match="not differentiable"):
        dg.critical_step(dg.method("wgan-gp"), dg.SimGD(0.1))


# --- maps


def test_the_boundaries_lie_on_the_exact_curves():
    chart = dg.stability_map(R1, dg.SimGD(0.2), gamma=np.linspace(0.05, 3, 30), h=np.linspace(0.05, 5, 40))
    kinds = {curve.kind for curve in chart.boundaries}
    assert kinds == {"neimark-sacker", "flip"}
    for curve in chart.boundaries:
        gamma, h = curve.points.T
        exact = 4 * gamma if curve.kind == "neimark-sacker" else 4 / (gamma + np.sqrt(np.maximum(gamma**2 - 1, 0)))
        np.testing.assert_allclose(h, exact, atol=1e-9)
        assert np.ptp(gamma) > 0.9
    stable = chart.radius < 1 - 1e-9
    np.testing.assert_array_equal(chart.verdict == "stable", stable)


def test_boundaries_without_a_closed_form_have_radius_one():
    chart = dg.stability_map(
        dg.method("gan"),
        dg.HeavyBall(0.2, -0.5, alternating=True),
        beta=np.linspace(-0.9, -0.1, 9),
        h=np.linspace(0.1, 5, 9),
    )
    assert chart.boundaries
    for curve in chart.boundaries:
        # Alternating heavy ball: stable for w < 2(1 + β), w = h/2.
        np.testing.assert_allclose(curve.points[:, 1], 4 * (1 + curve.points[:, 0]), atol=1e-8)


def test_a_map_of_an_unknown_parameter_is_refused():
    with pytest.raises(ValueError, match="unknown continuous parameter 'sigma'"):
        dg.stability_map(R1, dg.SimGD(0.2), sigma=[0.1])


# --- what holds globally


def test_global_answers_are_proved_or_unknown():
    answer = lambda gamma, algorithm: dg.global_step(dg.method("r1", gamma=gamma), algorithm).verdict
    assert answer(2.0, dg.SimGD(0.45)) == "proved"
    assert answer(2.0, dg.AltGD(0.45)) == "proved"
    assert answer(0.3, dg.SimGD(0.2)) == "proved"
    assert answer(1.0, dg.SimGD(1.2)) == "diverges"
    assert answer(0.3, dg.SimGD(1.3)) == "unstable"
    assert answer(0.1, dg.AltGD(2.2)) == "coexists"
    assert answer(0.1, dg.AltGD(2.3)) == "unknown"
    told = dg.global_step(dg.method("r1", gamma=0.01), dg.SimGD(0.005))
    assert told.verdict == "unknown" and "is reported" in told.reason and not told.theorem
    assert dg.global_step(dg.method("nsgan-r1"), dg.SimGD(0.2)).verdict == "unknown"
    assert dg.global_step(dg.method("zero-gp", gamma=1.0), dg.SimGD(0.45)).verdict == "proved"
    assert dg.global_step(dg.method("r1", gamma=2.0), dg.AltGD(0.4, n_d=2)).verdict == "unknown"
    far = dg.simulate(dg.method("r1", gamma=1.0), dg.SimGD(1.2), (10.0, 10.0), 60)
    growth = np.linalg.norm(far[-1]) / np.linalg.norm(far[-3])
    assert growth == pytest.approx(max(np.abs(np.linalg.eigvals([[1, 0.24], [1.2, 0.04]]))), rel=0.01)


@pytest.mark.parametrize(("alternating", "algorithm"), [(False, dg.SimGD), (True, dg.AltGD)])
def test_no_sampled_start_escapes_from_a_reported_region(alternating, algorithm):
    for gamma in (0.1, 0.4, 1.0, 1.5, 3.0):
        h = 0.99 * reported_limit(gamma, alternating)
        if h > 0.05:
            found = dg.basin(dg.method("r1", gamma=gamma), algorithm(h), box=(-8.0, 8.0), n=12)
            assert found.counts["converged"] == 144


def test_a_certificate_is_a_proof():
    found = dg.certificate(dg.method("r1", gamma=0.5), dg.SimGD(0.5))
    # With β = 0.227 the level is 5.39027 and the radius 2.09596; the search finds at least that.
    assert 2.09596 <= found.radius < 2.11
    x = np.random.default_rng(0).normal(size=(4000, 2))
    x *= (found.radius * np.sqrt(np.random.default_rng(1).uniform(size=4000)) / np.linalg.norm(x, axis=1))[:, None]
    after = np.asarray(dg.simulate(dg.method("r1", gamma=0.5), dg.SimGD(0.5), x, 1))[:, 1]
    V = lambda y: np.einsum("ni,ij,nj->n", y, found.P, y)
    assert np.all(V(after) < V(x))
    assert dg.certificate(dg.method("r1", gamma=0.5)).radius == math.inf
    with pytest.raises(ValueError, match="zero-sum game with a quadratic penalty"):
        dg.certificate(dg.method("nsgan-r1"), dg.SimGD(0.2))
    with pytest.raises(ValueError, match="known for the flow, and for SimGD and AltGD"):
        dg.certificate(R1, dg.AltGD(0.2, n_d=2))
    with pytest.raises(ValueError, match="no quadratic Lyapunov function"):
        dg.certificate(dg.method("gan"), dg.SimGD(0.2))


# --- optima


@pytest.mark.parametrize(
    ("algorithm", "gamma", "rate"), [(dg.SimGD(0.2), 1.0, 0.9), (dg.AltGD(0.2), 0.95, 0.9), (None, 1.0, -0.5)]
)
def test_the_best_penalty(algorithm, gamma, rate):
    found = dg.optimal(R1, algorithm, over="gamma")
    assert found.values["gamma"] == pytest.approx(gamma, abs=1e-9)
    assert found.rate == pytest.approx(rate, abs=1e-8)
    assert not found.smooth
    assert found.at_bound == ()


@pytest.mark.parametrize(("algorithm", "gamma"), [(dg.SimGD(0.2), 1.0), (dg.AltGD(0.2), 0.5)])
def test_the_dead_beat_setting(algorithm, gamma):
    found = dg.optimal(R1, algorithm)
    assert found.values["gamma"] == pytest.approx(gamma, abs=1e-6)
    assert found.values["h"] == pytest.approx(2.0, abs=1e-6)
    assert found.rate < 1e-6


def test_a_smooth_optimum_and_one_at_the_bound():
    # Extragradient on the centre: |λ|² = 1 - w² + w⁴ is least, 3/4, at w² = 1/2.
    found = dg.optimal(dg.method("gan"), dg.ExtraGradient(0.2), over="h")
    assert found.smooth
    assert found.values["h"] == pytest.approx(np.sqrt(2), abs=1e-8)
    assert found.rate == pytest.approx(np.sqrt(0.75), abs=1e-12)
    assert dg.optimal(R1, dg.SimGD(0.2), over="gamma", spans={"gamma": (0.0, 0.5)}).at_bound == ("gamma",)
    with pytest.raises(ValueError, match="unknown continuous parameter 'sigma'"):
        dg.optimal(R1, dg.SimGD(0.2), over="sigma")


def test_an_optimum_for_each_of_an_array():
    # Of SimGD with R1 the multipliers at γ = 0.3 and 0.5 are a pair: |λ|² = 1 - hγ + h²/4 is least at h = 2γ.
    gammas = np.array([0.3, 0.5, 0.7])
    found = dg.optimal(dg.method("r1", gamma=gammas), dg.SimGD(0.2), over="h")
    np.testing.assert_allclose(found.values["h"], 2 * gammas, atol=1e-8)
    np.testing.assert_allclose(found.rate, np.sqrt(1 - gammas**2), atol=1e-12)
    assert found.smooth.tolist() == [True] * 3 and found.at_bound == [()] * 3 and found.reason.shape == (3,)
    # An array of the algorithm's, two searched parameters: AltGD with h_d fixed is each time its own problem.
    rates = np.array([0.1, 0.4])
    both = dg.optimal(R1, dg.SimGD(h_g=rates, h_d=0.2), over=("gamma", "h_d"), spans={"h_d": (0.1, 1.0)})
    for i, rate in enumerate(rates):
        one = dg.optimal(R1, dg.SimGD(h_g=rate, h_d=0.2), over=("gamma", "h_d"), spans={"h_d": (0.1, 1.0)})
        assert both.rate[i] == pytest.approx(one.rate, abs=1e-12)
        assert both.values["gamma"][i] == pytest.approx(one.values["gamma"], abs=1e-6)
    with pytest.raises(ValueError, match="others than gamma, which are searched"):
        dg.optimal(dg.method("r1", gamma=gammas), dg.SimGD(0.2), over="gamma")


# --- noise


@pytest.mark.parametrize(("algorithm", "variance"), [(dg.SimGD(0.2), 0.2228054826), (dg.AltGD(0.2), 0.2005277045)])
def test_the_stationary_variance_in_closed_form(algorithm, variance):
    gamma, h, a = 0.5, 0.2, 0.5
    found = dg.stationary_covariance(dg.method("r1", gamma=gamma), algorithm)
    sim = h * (a**2 * h**2 - gamma * h + 2) / ((gamma - a**2 * h) * (a**2 * h**2 - 2 * gamma * h + 4))
    alt = h * (2 - gamma * h) / (gamma * (4 - 2 * gamma * h - a**2 * h**2))
    assert found[0, 0] == pytest.approx(sim if isinstance(algorithm, dg.SimGD) else alt, abs=1e-12)
    assert found[0, 0] == pytest.approx(variance, abs=1e-10)
    np.testing.assert_allclose(found, found.T, atol=1e-15)


def test_the_stationary_variance_of_the_flow_and_of_a_run():
    method = dg.method("wgan-r1", gamma=0.5)
    # Linear, hence exact: Var θ = σ²/(2γ) of the flow with a = 1.
    flow = dg.stationary_covariance(method, noise=(0.0, 1.0))
    assert flow[0, 0] == pytest.approx(1.0, abs=1e-12)
    expected = dg.stationary_covariance(method, dg.SimGD(0.1), noise=(0.3, 1.0))
    M = np.eye(2) + 0.1 * np.array([[0, -1], [1, -0.5]])
    rng, x, total = np.random.default_rng(0), np.zeros((4000, 2)), np.zeros((2, 2))
    for k in range(1200):
        x = x @ M.T + 0.1 * np.array([0.3, 1.0]) * rng.normal(size=x.shape)
        total += (x.T @ x / len(x)) if k >= 400 else 0
    np.testing.assert_allclose(total / 800, expected, rtol=0.02, atol=2e-3)
    with pytest.raises(ValueError, match="needs a stable equilibrium"):
        dg.stationary_covariance(dg.method("gan"), dg.SimGD(0.2))
    with pytest.raises(ValueError, match="noise must have 2 entries"):
        dg.stationary_covariance(R1, dg.SimGD(0.2), noise=(1.0,))


def test_the_memory_of_a_basin_does_not_grow_with_its_rounds():
    from diracgan.atlas import basins
    from diracgan.dynamics.system import system

    # One program serves every number of rounds. It keeps a few copies of the starts, and not a path.
    starts, chosen = jnp.zeros((4096, 2)), system(R1, dg.SimGD(0.2))
    decided = basins._decided.lower(chosen, starts, jnp.zeros(2), 100, 512)
    recurrent = basins._recurrent.lower(chosen, starts, starts, jnp.zeros(2), 100, 512)
    for program in (decided, recurrent):
        assert program.compile().memory_analysis().temp_size_in_bytes < 20 * starts.nbytes
    basins._decided(chosen, starts, jnp.zeros(2), 100, 512)
    before = basins._decided._cache_size()
    basins._decided(chosen, starts, jnp.zeros(2), 101, 512)
    assert basins._decided._cache_size() == before


H = 0.2
SIGMA = np.array([[0.05], [0.1]])


def sampled(round_, size, runs=3000, rounds=1200):
    """The covariance of (θ, ψ) over many runs and rounds of a linear round with noise, in plain NumPy."""
    rng, state, total, kept = np.random.default_rng(3), np.zeros((size, runs)), 0.0, 0
    gradient = lambda x: np.array([[0.0, -0.5], [0.5, -0.5]]) @ x + SIGMA * rng.normal(size=(2, runs))
    for k in range(rounds):
        state = round_(state, gradient)
        if k >= 400:
            total, kept = total + state[:2] @ state[:2].T / runs, kept + 1
    return total / kept


def alternating(n_d):
    def step(x, gradient):
        x = x + H * gradient(x) * [[1], [0]]
        for _ in range(n_d):
            x = x + H * gradient(x) * [[0], [1]]
        return x

    return step


def heavy_ball(z, gradient):
    x, before = z[:2], z[2:]
    return np.concatenate([x + H * gradient(x) + 0.5 * (x - before), x])


def averaged(z, gradient):
    x = z[2:] + H * gradient(z[2:])
    return np.concatenate([0.9 * z[:2] + 0.1 * x, x])


def optimistic(z, gradient):
    v = gradient(z[:2])
    return np.concatenate([z[:2] + H * (2 * v - z[2:]), v])


@pytest.mark.parametrize(
    ("algorithm", "round_", "size"),
    [
        (dg.AltGD(H), alternating(1), 2),
        (dg.AltGD(H, n_d=5), alternating(5), 2),
        (dg.HeavyBall(H, 0.5), heavy_ball, 4),
        (dg.Averaged(dg.SimGD(H), average=0.9), averaged, 4),
        (dg.Optimistic(H), optimistic, 4),
        (dg.ExtraGradient(H), lambda x, gradient: x + H * gradient(x + H * gradient(x)), 2),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, dg.Algorithm) else "",
)
def test_the_spread_is_that_of_many_noisy_runs(algorithm, round_, size):
    found = dg.stationary_covariance(dg.method("r1", gamma=0.5), algorithm, noise=SIGMA[:, 0])
    np.testing.assert_allclose(found, sampled(round_, size), atol=0.012 * np.abs(found).max())


def test_an_implicit_rule_uses_one_gradient():
    # x' = x + h(Jx' + σξ): both M and N are those of (I - hJ)^-1.
    from scipy.linalg import solve_discrete_lyapunov

    A = np.linalg.inv(np.eye(2) - H * np.array([[0.0, -0.5], [0.5, -0.5]]))
    expected = solve_discrete_lyapunov(A, A @ np.diag((H * SIGMA[:, 0]) ** 2) @ A.T)
    found = dg.stationary_covariance(dg.method("r1", gamma=0.5), dg.ImplicitEuler(H), noise=SIGMA[:, 0])
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    with pytest.raises(ValueError, match="at most eight updates"):
        dg.stationary_covariance(R1, dg.AltGD(0.05, n_d=12))


def test_how_stability_is_lost_at_once_or_never():
    gan = dg.method("gan")
    # |λ|² - 1 grows like a power of h: unstable for every h, however small; AltGD stays on the circle up to h = 4.
    for algorithm in (dg.RungeKutta(H, order=2), dg.HeavyBall(H, 0.5)):
        assert dg.critical_step(gan, algorithm).kind == "unstable from the start"
    assert dg.critical_step(gan, dg.AltGD(H)).kind == "neutral"
    # Where a flip and a Neimark-Sacker meet (λ = -1 twice) neither normal form applies.
    assert dg.critical_step(dg.method("r1", gamma=1.0), dg.SimGD(H)).criticality == "degenerate"
    # Unstable for small rates and stable at this one: the answer is that of the rate asked for.
    assert dg.global_step(dg.method("drift"), dg.CompetitiveGradient(0.5)).verdict == "unknown"
    assert dg.global_step(gan, dg.AltGD(H)).verdict == "unknown"


def test_fields_without_names_have_maps_over_the_rate():
    game = dg.DiracGAN(dg.Minimax(), (dg.R1(0.3),))
    chart = dg.stability_map(game, dg.SimGD(H), h=[1.19, 1.21])
    assert chart.verdict.tolist() == ["stable", "unstable"]
    assert dg.optimal(game, dg.SimGD(H), over="h").values["h"] == pytest.approx(0.6, abs=1e-8)
    assert dg.convergence_map(game, dg.SimGD(H), h=[0.5]).values["codes"].tolist() == [1]
    assert dg.global_step(game, dg.SimGD(H)).verdict == "unknown"
    with pytest.raises(ValueError, match=r"unknown continuous parameter 'gamma'.* are: h, h_g, h_d$"):
        dg.stability_map(game, dg.SimGD(H), gamma=[0.3])
    with pytest.raises(ValueError, match="unknown continuous parameter 'n_d'"):
        dg.stability_map(R1, dg.AltGD(H), n_d=[1, 2])
    with pytest.raises(TypeError, match=r"dg\.method\('r1'\)"):
        dg.stability_map("r1", dg.SimGD(H), h=[0.1])
    nested = dg.Lookahead(dg.Lookahead(dg.SimGD(H)))
    assert dg.stability_map(R1, nested, h=[0.2]).verdict.tolist() == ["stable"]


def test_larger_spectra_do_not_lock_up_several_devices():
    script = (
        "import jax; jax.config.update('jax_num_cpu_devices', 2); jax.config.update('jax_enable_x64', True)\n"
        "import numpy as np, diracgan as dg\n"
        "radius = lambda beta, h: dg.spectral_radius(dg.method('wgan'), dg.HeavyBall(h, beta))\n"
        "print(dg.sweep(radius, beta=np.linspace(-0.9, 0.9, 300), h=np.linspace(0.1, 3, 300)).values.max())"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600, check=True)
    # w = 0.9, h = 3: λ² - (1.9 ± 3i)λ + 0.9 = 0.
    assert float(run.stdout) == pytest.approx(max(abs(np.roots([1, -1.9 - 3j, 0.9]))), rel=1e-9)
