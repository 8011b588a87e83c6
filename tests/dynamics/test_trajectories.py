"""Paths: thinning, batches, starts, divergence, and what is said of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.dynamics import trajectories
from diracgan.dynamics.system import system

R1 = dg.method("r1")
SIM = dg.SimGD(h=0.2)
ALT = dg.AltGD(h=0.2, n_d=5)
STARTS = np.array([[1.0, 1.0], [-0.5, 2.0], [0.1, -0.3]])
PATH = dg.simulate(R1, SIM, STARTS[0], steps=60)


def test_the_path_of_the_published_setting():
    theta, psi = 1.0, 1.0
    expected = [(theta, psi)]
    for _ in range(60):
        slope = 1 / (1 + np.exp(theta * psi))
        theta, psi = theta - 0.2 * psi * slope, psi + 0.2 * (theta * slope - 0.3 * psi)
        expected.append((theta, psi))
    np.testing.assert_allclose(PATH, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("every", [2, 7, 60, 61])
def test_thinning_equals_slicing(every):
    thinned = dg.simulate(R1, SIM, STARTS[0], steps=60, save_every=every)
    assert thinned.shape == (60 // every + 1, 2)
    np.testing.assert_allclose(thinned, PATH[::every][: 60 // every + 1], rtol=1e-14)


def test_thinning_saves_memory():
    size = lambda every: (
        trajectories._simulate.lower(system(R1, SIM), jnp.ones(2), 10_000 // every, every).compile().memory_analysis()
    )
    thinned = size(1000)
    assert thinned.temp_size_in_bytes + thinned.output_size_in_bytes < 4096
    assert size(1).output_size_in_bytes == 10_001 * 16


@pytest.mark.parametrize("algorithm", [SIM, ALT], ids=["sim", "alt5"])
def test_batched_starts_equal_single_ones(algorithm):
    batch = dg.simulate(R1, algorithm, STARTS, steps=60, save_every=20)
    assert batch.shape == (3, 4, 2)
    single = [dg.simulate(R1, algorithm, start, steps=60, save_every=20) for start in STARTS]
    np.testing.assert_allclose(batch, single, rtol=1e-14)


def test_integer_starts():
    for start in ((1, 1), [1, 1], np.array([1, 1]), np.array([1, 1], np.int8), jnp.array([1, 1])):
        path = dg.simulate(R1, SIM, start, steps=60)
        assert path.dtype == jnp.float64
        np.testing.assert_array_equal(path, PATH)


def test_the_start_is_not_written_to():
    start = np.array([1.0, 1.0])
    dg.simulate(R1, SIM, start, steps=60)
    assert start.tolist() == [1.0, 1.0]


def test_no_steps_gives_the_start():
    np.testing.assert_array_equal(dg.simulate(R1, SIM, (3.0, 4.0), steps=0), [[3.0, 4.0]])
    np.testing.assert_array_equal(dg.simulate(R1, SIM, (3.0, 4.0), steps=4, save_every=5), [[3.0, 4.0]])
    assert dg.simulate(R1, SIM, np.zeros((0, 2)), steps=3).shape == (0, 4, 2)


def test_traced_starts():
    last = lambda start: dg.simulate(R1, SIM, start, steps=60)[-1]
    np.testing.assert_allclose(jax.jit(last)(STARTS[0]), PATH[-1], rtol=1e-12)
    np.testing.assert_allclose(jax.vmap(last)(STARTS)[0], PATH[-1], rtol=1e-13)
    step = 1e-6 * np.eye(2)
    difference = [(last(STARTS[0] + e) - last(STARTS[0] - e)) / 2e-6 for e in step]
    np.testing.assert_allclose(jax.jacfwd(last)(STARTS[0]).T, difference, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(jax.jacrev(last)(STARTS[0]).T, difference, rtol=1e-8, atol=1e-9)


def test_traced_methods_and_rates():
    last = lambda gamma, h: dg.simulate(dg.method("r1", gamma=gamma), dg.SimGD(h=h), (1.0, 1.0), steps=60)[-1]
    np.testing.assert_allclose(jax.jit(last)(0.3, 0.2), PATH[-1], rtol=1e-12)
    grid = jax.vmap(jax.vmap(last, (None, 0)), (0, None))(np.array([0.1, 0.3]), np.array([0.1, 0.2, 0.4]))
    np.testing.assert_allclose(grid[1, 1], PATH[-1], rtol=1e-13)
    np.testing.assert_allclose(grid[0, 2], last(0.1, 0.4), rtol=1e-13)


def test_other_values_and_other_numbers_of_steps_are_no_new_trace():
    dg.simulate(R1, SIM, (1.0, 1.0), steps=60)
    before = trajectories._simulate._cache_size()
    for k in range(5):
        dg.simulate(dg.method("r1", gamma=0.1 * k), dg.SimGD(h=0.1 + 0.01 * k), (k, 1), steps=60 + k)
    assert trajectories._simulate._cache_size() == before


def test_exact_norm_growth_of_the_unregularised_gan():
    # r² grows by the factor 1 + h² f'(θψ)² in every simultaneous step.
    path = np.asarray(dg.simulate(dg.method("gan"), dg.SimGD(h=0.7), (1.0, 1.0), steps=200))
    r2, slope = np.sum(path**2, axis=1), 1 / (1 + np.exp(path.prod(axis=1)))
    np.testing.assert_allclose(r2[1:], (r2 * (1 + 0.49 * slope**2))[:-1], rtol=1e-14)
    assert np.all(np.diff(r2) > 0)


def test_invariant_of_the_alternating_wasserstein_game():
    h = 0.6
    theta, psi = np.asarray(dg.simulate(dg.method("wgan", clip=50.0), dg.AltGD(h=h), (1.0, 0.5), steps=3000)).T
    np.testing.assert_allclose(theta**2 + psi**2 - h * theta * psi, 1.25 - 0.5 * h, rtol=1e-12)
    for h, order in ((1.0, 6), (np.sqrt(2), 4), (np.sqrt(3), 3)):
        path = dg.simulate(dg.method("wgan", clip=50.0), dg.AltGD(h=h), (1.0, 0.5), steps=order)
        np.testing.assert_allclose(path[-1], path[0], atol=1e-14)


def test_a_diverging_run_is_a_result():
    def cubic(x):
        return x**3

    path = np.asarray(dg.simulate(cubic, dg.SimGD(h=0.5), (1.0, -2.0), steps=40))
    x, sizes = np.array([1.0, -2.0]), []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(41):
            sizes.append(float(np.linalg.norm(x)))
            x = x + 0.5 * x**3
    first = next(k for k, size in enumerate(sizes) if not size <= 1e3)
    assert not np.isfinite(path[-1]).all()
    assert dg.outcome(path) == dg.Outcome("diverged", first)
    huge = next(k for k, size in enumerate(sizes) if not size <= 1e200)
    assert dg.outcome(path, far=1e200) == ("diverged", huge)


def test_convergence_is_named_by_its_first_lasting_step():
    path = dg.simulate(R1, SIM, (1.0, 1.0), steps=1000)
    distance = np.linalg.norm(path, axis=1)
    kind, step = dg.outcome(path)
    assert kind == "converged"
    assert np.all(distance[step:] < 1e-3)
    assert distance[step - 1] >= 1e-3
    thinned = dg.outcome(dg.simulate(R1, SIM, (1.0, 1.0), steps=1000, save_every=10), save_every=10)
    assert thinned == ("converged", -(-step // 10) * 10)


@pytest.mark.parametrize(
    ("distances", "expected"),
    [
        ([5.0], ("bounded", None)),
        ([0.0], ("converged", 0)),
        ([1e-3], ("bounded", None)),
        ([1e3], ("bounded", None)),
        ([np.nextafter(1e3, 2e3)], ("diverged", 0)),
        ([1.0, 1e-4, 1.0, 1e-4, 1e-5], ("converged", 3)),
        ([1.0, 1e-4, 1.0], ("bounded", None)),
        ([1.0, 1e4, 1e-9], ("diverged", 1)),
        ([1.0, np.inf, np.nan], ("diverged", 1)),
        ([1.0, np.nan, 1.0], ("diverged", 1)),
        ([1e308, 1.0], ("diverged", 0)),
    ],
)
def test_outcomes_at_the_edges(distances, expected):
    path = np.stack([np.zeros(len(distances)), distances], axis=1)
    assert dg.outcome(path) == expected
    assert dg.outcome(jnp.asarray(path, jnp.float64)) == expected
    assert dg.outcome(path[None]) == [expected]


def test_outcome_about_another_target():
    path = np.array([[1.0, 2.0], [3.0, 4.0], [3.0, 4.0 + 1e-4]])
    assert dg.outcome(path, target=(3, 4)) == ("converged", 1)
    assert dg.outcome(path, target=(3, 4), near=1e-5) == ("bounded", None)
    assert dg.outcome(path, target=(3, 4), far=2.0) == ("diverged", 0)


def test_outcome_refuses_nonsense():
    with pytest.raises(ValueError, match=r"shape \(2,\) was given"):
        dg.outcome(np.zeros(2))
    with pytest.raises(ValueError, match=r"rows >= 1 and n >= 1; shape \(0, 2\) was given"):
        dg.outcome(np.zeros((0, 2)))
    for near, far in ((1.0, 1.0), (2.0, 1.0)):
        with pytest.raises(ValueError, match="near and far must satisfy 0 < near < far"):
            dg.outcome(np.zeros((1, 2)), near=near, far=far)
    for near in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="near must be finite and > 0"):
            dg.outcome(np.zeros((1, 2)), near=near)
    for target in (np.nan, (0.0, np.nan), (1.0, 2.0, 3.0), "r1", 1j):
        with pytest.raises(ValueError, match="target must"):
            dg.outcome(np.zeros((1, 2)), target=target)
    for every in (0, -1, 1.5):
        with pytest.raises(ValueError, match="save_every must be an integer and >= 1"):
            dg.outcome(np.full((3, 2), np.inf), save_every=every)
    with pytest.raises(TypeError, match="path must be real numbers"):
        dg.outcome(np.array([[1j, 1.0]]))


@pytest.mark.parametrize("start", [(np.nan, 1.0), (1.0, np.inf), [[1.0, 1.0], [1.0, np.nan]]])
def test_starts_that_are_not_finite(start):
    with pytest.raises(ValueError, match="start must be finite; "):
        dg.simulate(R1, SIM, start)


@pytest.mark.parametrize("start", [(1.0,), (1.0, 2.0, 3.0), 1.0, np.zeros((2, 2, 2)), "ab", (1j, 0)])
def test_starts_of_another_shape(start):
    with pytest.raises(ValueError, match="start must "):
        dg.simulate(R1, SIM, start)


@pytest.mark.parametrize("steps", [-1, 1.5, np.nan])
def test_steps_are_counted(steps):
    with pytest.raises(ValueError, match=f"steps must be an integer and >= 0 and .*; {steps} was given"):
        dg.simulate(R1, SIM, steps=steps)


@pytest.mark.parametrize("every", [0, -1, 2.5])
def test_thinning_is_counted(every):
    with pytest.raises(ValueError, match=f"save_every must be an integer and >= 1 and <= .*; {every} was given"):
        dg.simulate(R1, SIM, save_every=every)


def test_a_name_is_no_field():
    with pytest.raises(TypeError, match=r"write dg.method\('r1'\)"):
        dg.simulate("r1", SIM)
