"""Global convergence of simultaneous descent: each step of the proof against plain floats, and attacks on it."""

import functools

import mpmath
import numpy as np
import pytest

import diracgan as dg
from diracgan.proofs import simultaneous
from diracgan.proofs.lyapunov import PEAK, Point, change, chord, columns, value
from diracgan.proofs.simultaneous import Cell, atlas, certified, heights, parameters
from diracgan.tracing.boxes import Boxes


def step(theta, psi, gamma, h):
    """One round of SimGD on minimax with R1, by hand."""
    q = 1 / (1 + np.exp(theta * psi))
    return theta - h * psi * q, psi + h * (theta * q - gamma * psi)


def test_the_round_is_that_of_the_package():
    for gamma, h in ((0.7, 0.5), (1.3, 0.7), (3.0, 0.3)):
        run = dg.simulate(dg.method("r1", gamma=gamma), dg.SimGD(h), (0.8, -1.3), steps=5)
        x = np.array([0.8, -1.3])
        for found in np.asarray(run)[1:]:
            x = np.array(step(*x, gamma, h))
            np.testing.assert_allclose(found, x, rtol=1e-5, atol=1e-6)


def drawn(rng, n, top=1.0):
    gamma = np.exp(rng.uniform(np.log(0.02), np.log(3), n))
    return gamma, rng.uniform(0.02, top, n) * np.minimum(4 * gamma, 1 / gamma)


def test_the_peak_is_above_the_largest_value():
    with mpmath.workdps(40):
        w = mpmath.lambertw(1 / mpmath.e)  # u/(1 + e^u) is largest at 1 + w, where it is w
        assert w.real <= mpmath.mpf(PEAK) <= w.real + mpmath.mpf(1e-15)


def test_orbits_leave_the_quadrant_only_where_the_lemma_says():
    rng = np.random.default_rng(0)
    n = 2000
    gamma, h = drawn(rng, n)
    theta, psi = rng.normal(size=(2, n)) * np.exp(rng.uniform(-1, 4, n))
    entered, exits = np.zeros(n, bool), 0
    bound = heights(gamma, h, h * gamma)
    inside = (theta > 0) & (psi >= 0) | (theta < 0) & (psi <= 0)
    with np.errstate(over="ignore"):
        for _ in range(400):
            a, b = step(theta, psi, gamma, h)
            after = (a > 0) & (b >= 0) | (a < 0) & (b <= 0)
            leaves = inside & ~after & entered & (np.abs(theta) > 1e-12)
            exits += leaves.sum()
            assert np.all(theta[leaves] ** 2 <= h[leaves] * PEAK * (1 + 1e-9))
            assert np.all(np.abs(theta[leaves]) <= h[leaves] * np.abs(psi[leaves]) / 2 * (1 + 1e-9))
            assert np.all(psi[leaves] ** 2 <= bound[leaves] * (1 + 1e-9))
            entered |= ~inside & after
            theta, psi, inside = a, b, after
    assert exits > 1000


def test_the_change_is_that_of_a_round():
    rng = np.random.default_rng(1)
    c, n = rng.normal(size=9), 100_000
    gamma, h = drawn(rng, n)
    R, angle = rng.uniform(0, 9, n), rng.uniform(0, 2 * np.pi, n)
    x, y = np.cos(angle), np.sin(angle)
    a, b = step(np.sqrt(R) * x, np.sqrt(R) * y, gamma, h)
    before, after = columns(x, y, R) @ c, columns(a / np.sqrt(R), b / np.sqrt(R), R) @ c
    w = 1e-4
    at = Point(*(Boxes(part - w, part + w) for part in (x, y)), Boxes(R, R), gamma, Boxes(h), h * gamma)
    # Inside the boxes of directions lie the directions themselves.
    found = change(c, at)
    assert np.all(found.V.low <= (after - before) / h + 1e-9) and np.all((after - before) / h - 1e-9 <= found.V.high)
    assert np.all(found.x2.low * R <= a * a + 1e-12) and np.all(b * b <= found.y2.high * R + 1e-12)
    assert value(c, at).contains(before).all() and np.median(found.V.width) < 0.1


def test_the_chord_in_forty_digits():
    points = np.concatenate([[0.0, 1e-12, -1e-9, 5e-4, -9e-4], np.linspace(-30, 30, 300)])
    found = chord(Boxes(points))
    with mpmath.workdps(40):
        for low, high, u in zip(found.low, found.high, points, strict=True):
            t = mpmath.mpf(float(u))
            exact = (mpmath.log1p(mpmath.exp(-t)) - mpmath.log(2)) / t if t else mpmath.mpf(-0.5)
            assert mpmath.mpf(float(low)) <= exact <= mpmath.mpf(float(high)) and high - low < 1e-3


@functools.cache
def proof():
    done, boxes = certified(Cell((1.0, 1.05), (0.8, 0.85)))
    assert done is not None and boxes < 200_000
    # The depth that was reached, not the one that is allowed.
    assert 5 < done.depth < simultaneous._DEPTH
    return done


def test_random_points_of_a_proved_cell_satisfy_every_condition():
    done, rng, n = proof(), np.random.default_rng(2), 100_000
    gamma, share = rng.uniform(*done.cell.gamma, n), rng.uniform(*done.cell.share, n)
    h, p = parameters(gamma, share)
    assert np.allclose(h * gamma, p)
    theta, psi = rng.uniform(-done.reach, done.reach, (2, n))
    a, b = step(theta, psi, gamma, h)
    one = np.ones(n)

    def V(theta, psi):
        return theta**2 * (columns(one, psi / theta, theta**2) @ done.coefficients)

    inside = V(theta, psi) <= done.level
    assert inside.mean() > 0.05 and np.all(V(a, b)[inside] < V(theta, psi)[inside])
    assert np.all(np.maximum(np.abs(a), np.abs(b))[inside] < done.reach)
    # From K, and from far away.
    K_psi = np.sqrt(rng.uniform(0, 1, n) * heights(gamma, h, p))
    K_theta = np.minimum(np.sqrt(h * PEAK), h * K_psi / 2) * rng.uniform(0.001, 1, n)
    assert np.all(V(K_theta, K_psi) <= done.level)
    # Far out θ falls by little more than 1/θ in a round.
    theta, psi = rng.uniform(-2, 2, size=(2, 2000))
    for _ in range(300):
        theta, psi = step(theta, psi, gamma[:2000], h[:2000])
    assert np.max(np.hypot(theta, psi)) < 1e-6


@pytest.mark.parametrize("cell", [Cell((0.3, 0.301), (1.02, 1.021)), Cell((0.1, 0.101), (1.1, 1.101))])
def test_where_the_equilibrium_is_unstable_nothing_is_proved(cell):
    assert certified(cell, limit=5_000)[0] is None
    # Nor with a function that is right elsewhere.
    assert certified(cell, (proof().coefficients,), limit=5_000)[0] is None


def test_a_wrong_function_a_wrong_level_and_a_wrong_lemma_stay_open(monkeypatch):
    done = proof()
    wrong = done.coefficients.copy()
    wrong[8] += 40.0
    for other in (
        simultaneous.Certified(done.cell, wrong, done.level, done.reach),
        simultaneous.Certified(done.cell, -done.coefficients, done.level, done.reach),
        simultaneous.Certified(done.cell, done.coefficients, done.level, done.reach / 3),
    ):
        assert not simultaneous._decreases(other, 30_000)[0]
    height = float(heights(1.0, 0.85, 0.85))
    low = simultaneous.Certified(done.cell, done.coefficients, done.level / 4, done.reach)
    assert simultaneous._start_inside(done, height)[0] and not simultaneous._start_inside(low, height)[0]
    assert not simultaneous._start_inside(done, 40 * height)[0]


def test_the_area_of_a_cell_is_that_of_its_region():
    rng = np.random.default_rng(3)
    for cell in (Cell((0.1, 0.3), (0.2, 0.7)), Cell((0.7, 2.0), (0.0, 1.0))):
        gamma, h = rng.uniform(*cell.gamma, 200_000), rng.uniform(0, 2, 200_000)
        share = h / np.minimum(4 * gamma, 1 / gamma)
        sampled = np.mean((cell.share[0] < share) & (share < cell.share[1])) * 2 * np.diff(cell.gamma)[0]
        assert cell.area == pytest.approx(sampled, rel=0.02)
        assert sum(half.area for half in cell.halves()) == pytest.approx(cell.area)


def test_an_atlas_counts_what_stays_open():
    found = atlas([Cell((1.0, 1.1), (0.5, 0.7)), Cell((0.3, 0.303), (1.03, 1.04))], least=1e-3, limit=20_000)
    assert {one.cell for one in found.proved} and len(found.open) >= 1
    assert 0.5 < found.share < 1 and all(cell.share[0] >= 1.03 for cell in found.open)


def test_no_sampled_run_escapes_from_a_proved_region():
    rng = np.random.default_rng(5)
    for low, high, share in simultaneous.PROVED:
        gamma = rng.uniform(low, high, 2000)
        h = rng.uniform(0.3, 1, 2000) * share * np.minimum(4 * gamma, 1 / gamma)
        assert all(simultaneous.is_proved(g, k) for g, k in zip(gamma, h, strict=True))
        theta, psi = rng.uniform(-2, 2, size=(2, 2000))
        # Near the smallest hγ a round gains a quarter of a percent.
        for _ in range(8000):
            theta, psi = step(theta, psi, gamma, h)
        assert np.max(np.hypot(theta, psi)) < 1e-3
    assert not simultaneous.is_proved(1.0, 1.001) and not simultaneous.is_proved(0.01, 0.001)
    assert simultaneous.is_proved(3.0, 0.3) and not simultaneous.is_proved(3.0, 0.3, slack=1e-6)


def test_the_cells_of_a_proof_fill_their_regions():
    for part, (low, high, share) in zip(simultaneous._PARTS, simultaneous.PROVED, strict=True):
        area = sum(cell.area for cell in simultaneous.region(*part))
        whole = share * (2 * (high**2 - low**2) if high <= 0.5 else np.log(high / low))
        assert area == pytest.approx(whole)
