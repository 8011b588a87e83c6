"""Global convergence of both kinds of descent: each step of the proofs against plain floats, and attacks on them."""

import dataclasses
import functools
import itertools

import mpmath
import numpy as np
import pytest

import diracgan as dg
from diracgan.proofs import alternating, simultaneous
from diracgan.proofs.cells import Cell, bounds, heights
from diracgan.proofs.coexistence import WINDOWS, fold
from diracgan.proofs.everywhere import atlas, certified, decreases, holds, start_inside
from diracgan.proofs.folds import area, closed_in, curve, smallest_fold, unrefuted
from diracgan.proofs.lyapunov import PEAK, TERMS, Point, change, columns, value
from diracgan.proofs.strips import Strip, proved_limit
from diracgan.tracing.affine import axes
from diracgan.tracing.boxes import Boxes

BOTH = pytest.mark.parametrize("alternates", [False, True])
THEOREMS = {False: simultaneous, True: alternating}


def step(theta, psi, gamma, h, alternates):
    """One round on minimax with R1, by hand."""
    with np.errstate(over="ignore"):
        after = theta - h * psi / (1 + np.exp(theta * psi))
        seen = after if alternates else theta
        return after, psi + h * (seen / (1 + np.exp(seen * psi)) - gamma * psi)


def drawn(rng, n):
    gamma = np.exp(rng.uniform(np.log(0.02), np.log(3), n))
    return gamma, rng.uniform(0.02, 1, n) * np.minimum(4 * gamma, 1 / gamma)


@BOTH
def test_the_round_is_that_of_the_package(alternates):
    for gamma, h in ((0.7, 0.5), (1.3, 0.7), (3.0, 0.3)):
        algorithm = (dg.AltGD if alternates else dg.SimGD)(h)
        run = dg.simulate(dg.method("r1", gamma=gamma), algorithm, (0.8, -1.3), steps=5)
        x = np.array([0.8, -1.3])
        for found in np.asarray(run)[1:]:
            x = np.array(step(*x, gamma, h, alternates))
            np.testing.assert_allclose(found, x, rtol=1e-5, atol=1e-6)


def test_the_peak_is_above_the_largest_value():
    with mpmath.workdps(40):
        w = mpmath.lambertw(1 / mpmath.e)  # u/(1 + e^u) is largest at 1 + w, where it is w
        assert w.real <= mpmath.mpf(PEAK) <= w.real + mpmath.mpf(1e-15)


@BOTH
def test_orbits_leave_the_quadrant_only_where_the_lemma_says(alternates):
    rng, n = np.random.default_rng(0), 4000
    gamma, h = drawn(rng, n)
    h = np.where(rng.uniform(size=n) < 0.5, rng.uniform(0.3, 1, n) / gamma, h) if alternates else h
    h = np.minimum(h, 4.0)
    theta, psi = rng.normal(size=(2, n)) * np.exp(rng.uniform(-1, 4, n))
    entered, exits, tight = np.zeros(n, bool), 0, 0.0
    bound = heights(gamma, h, h * gamma, alternates)
    inside = (theta > 0) & (psi >= 0) | (theta < 0) & (psi <= 0)
    for _ in range(400):
        a, b = step(theta, psi, gamma, h, alternates)
        after = (a > 0) & (b >= 0) | (a < 0) & (b <= 0)
        # From one quadrant to the opposite one in a single round is a leaving, too.
        leaves = inside & (~after | (np.sign(a) != np.sign(theta))) & entered & (np.abs(theta) > 1e-12)
        exits += leaves.sum()
        assert np.all(theta[leaves] ** 2 <= h[leaves] * PEAK * (1 + 1e-9))
        assert np.all(np.abs(theta[leaves]) <= h[leaves] * np.abs(psi[leaves]) / 2 * (1 + 1e-9))
        assert np.all(psi[leaves] ** 2 <= bound[leaves] * (1 + 1e-9))
        tight = max(tight, np.max(psi[leaves] ** 2 / bound[leaves], initial=0.0))
        entered |= after & (~inside | (np.sign(a) != np.sign(theta)))
        theta, psi, inside = a, b, after
    assert exits > 1000 and tight > 0.5


@BOTH
@pytest.mark.parametrize("width", [1e-9, 1e-3, 0.1])
def test_the_change_is_that_of_a_round(alternates, width):
    rng, n = np.random.default_rng(1), 30_000
    c = rng.normal(size=TERMS)
    gamma, h = drawn(rng, n)
    middle = np.stack([rng.uniform(-1, 1, n), rng.uniform(0, 6, n), gamma, h])
    size = width * np.minimum(1, middle.clip(0.01, None)) * np.array([1, 1, 0.5, 0.5])[:, None]
    low, high = middle - size * rng.uniform(size=(4, n)), middle + size * rng.uniform(size=(4, n))
    low[1:] = np.maximum(low[1:], 1e-9)
    t, R, g, k = axes([Boxes(*ends) for ends in zip(low, high, strict=True)])
    for chart in (0, 1):
        one = t * 0.0 + 1.0
        x, y = (one, t) if chart == 0 else (t, one)
        at = Point(x, y, R, g, k, g * k, alternates)
        found, V = change(c, at), value(c, at)
        for share in (0.0, rng.uniform(size=(4, n)), 1.0):
            t_, R_, g_, k_ = low + share * (high - low)
            a, b = (np.ones(n), t_)[:: 1 - 2 * chart]
            root, w = np.sqrt(R_), 1.0 if alternates else g_
            after = step(root * a, root * b, g_, k_, alternates)
            before = a * a + b * b + w * (columns(a, b, R_) @ c)
            p, q = (part / root for part in after)
            later = p * p + q * q + w * (columns(p, q, R_) @ c)
            slack = 1e-12 * (1 + np.abs(before)) / k_
            assert np.all(found.V.low <= (later - before) / k_ + slack)
            assert np.all((later - before) / k_ - slack <= found.V.high)
            for enclosed, exact in ((V, before), (found.xx, p * p), (found.yy, q * q), (found.xy, p * q)):
                assert np.all((enclosed.low <= exact + 1e-12) & (exact - 1e-12 <= enclosed.high))
    assert np.median(found.V.e) < 200 * width**2 + 1e-9


CELLS = {False: Cell((1.0, 1.05), (0.8, 0.85)), True: Cell((0.9, 0.95), (0.8, 0.85), True)}


@functools.cache
def proof(alternates):
    done, boxes = certified(CELLS[alternates])
    assert done is not None and boxes < 20_000 and done.depth < 20
    return done


def V(done, theta, psi, gamma):
    R = theta**2 + psi**2
    x, y = theta / np.sqrt(R), psi / np.sqrt(R)
    return R * (1 + (1.0 if done.cell.alternating else gamma) * (columns(x, y, R) @ done.coefficients))


@BOTH
def test_a_million_points_of_a_proved_cell_satisfy_every_condition(alternates):
    done, rng, n = proof(alternates), np.random.default_rng(2), 1_000_000
    gamma, share = rng.uniform(*done.cell.gamma, n), rng.uniform(*done.cell.share, n)
    h, p = done.cell.parameters(gamma, share)
    assert np.allclose(h * gamma, p)
    reach = np.sqrt(done.size / (1 - done.beta**2))
    theta, psi = rng.uniform(-reach, reach, (2, n))
    D = lambda theta, psi: theta**2 + psi**2 - 2 * done.beta * theta * psi
    before = V(done, theta, psi, gamma)
    inside = (before <= done.level) & (D(theta, psi) <= done.size)
    assert inside.mean() > 0.05
    a, b = step(*(part[inside] for part in (theta, psi, gamma, h)), alternates)
    assert np.all(V(done, a, b, gamma[inside]) < before[inside]) and np.all(D(a, b) < done.size)
    # The start K.
    psi = np.sqrt(rng.uniform(0, 1, n) * heights(gamma, h, p, alternates))
    theta = np.minimum(np.sqrt(h * PEAK), h * psi / 2) * rng.uniform(0.001, 1, n)
    assert np.all(V(done, theta, psi, gamma) <= done.level) and np.all(D(theta, psi) < done.size)


@BOTH
@pytest.mark.parametrize("place", [0, 1])
def test_beyond_the_limit_nothing_is_proved(alternates, place):
    # Not even locally stable; for the alternating one also inside a window of attracting cycles, and at its fold.
    cells = {
        False: (Cell((0.3, 0.301), (1.02, 1.021)), Cell((0.1, 0.101), (1.1, 1.101))),
        True: (Cell((0.1, 0.1001), (1.095, 1.105), True), Cell((0.05, 0.0501), (0.999, 1.01), True)),
    }
    cell = cells[alternates][place]
    assert certified(cell, limit=3_000)[0] is None
    # Nor with a function that is right elsewhere.
    assert certified(cell, (proof(alternates).coefficients,), limit=3_000)[0] is None


@BOTH
def test_wrong_functions_levels_and_sets_stay_open(alternates):
    done = proof(alternates)
    assert holds(done, 20_000)[0]
    wrong = done.coefficients.copy()
    wrong[2] += 4.0
    for changed in (
        {"coefficients": wrong},
        {"coefficients": -done.coefficients - 3.0},
        {"level": 30 * done.level},
        {"size": done.size / 4},
        {"cell": dataclasses.replace(done.cell, share=(1.2, 2.2))},
    ):
        other = dataclasses.replace(done, **changed)
        assert not (decreases(other, 5_000)[0] and start_inside(other, 5_000)[0])
    assert not start_inside(dataclasses.replace(done, level=done.level / 2), 20_000)[0]
    assert not start_inside(dataclasses.replace(done, size=bounds(done.cell)[0] * 0.9), 20_000)[0]


@BOTH
def test_the_area_of_a_cell_is_that_of_its_region(alternates):
    rng = np.random.default_rng(3)
    for cell in (Cell((0.3, 0.4), (0.2, 0.5), alternates), Cell((0.6, 2.0), (0.3, 0.9), alternates)):
        gamma, h = rng.uniform(*cell.gamma, 200_000), rng.uniform(0, 2, 200_000)
        share = h / np.minimum(2.0 if alternates else 4 * gamma, 1 / gamma)
        sampled = np.mean((cell.share[0] < share) & (share < cell.share[1])) * 2 * np.diff(cell.gamma)[0]
        assert cell.area == pytest.approx(sampled, rel=0.02)
        assert sum(half.area for half in cell.halves()) == pytest.approx(cell.area)
        for gamma, h in cell.corners():
            assert h == pytest.approx(h) and 0 < h * gamma < 1.2


def test_an_atlas_counts_what_stays_open():
    found = atlas([Cell((1.0, 1.1), (0.5, 0.7)), Cell((0.3, 0.303), (1.03, 1.04))], 1, 3_000)
    assert len(found.proved) == 1 and len(found.open) == 2 and 0.5 < found.share < 1
    assert all(cell.share[0] >= 1.03 for cell in found.open)


@BOTH
def test_no_sampled_run_escapes_from_a_proved_region(alternates):
    rng, theorem = np.random.default_rng(5), THEOREMS[alternates]
    known = [one for one in theorem.STRIPS if one.gamma[0] >= 0.1]
    strips = [known[i] for i in rng.integers(len(known), size=2000)]
    gamma = np.array([rng.uniform(*one.gamma) for one in strips])
    top = np.array([one.limit(g) for one, g in zip(strips, gamma, strict=True)])
    h = top * np.where(rng.uniform(size=2000) < 0.3, 0.9999, rng.uniform(0.3, 1, 2000))
    assert all(theorem.is_proved(g, k) for g, k in zip(gamma, h, strict=True))
    # Where hγ is almost 1 a start far out hardly moves: θ falls by an exponentially small part of itself in a round.
    theta, psi = rng.uniform(-1, 1, size=(2, 2000))
    for _ in range(12_000):
        theta, psi = step(theta, psi, gamma, h, alternates)
    # Near the largest h of simultaneous descent a round gains little.
    assert np.max(np.hypot(theta, psi)) < 0.05


def test_no_sampled_run_escapes_below_the_known_folds():
    rng = np.random.default_rng(6)
    gamma = np.repeat([0.03, 0.05, 0.1, 0.2, 0.3, 0.4], 300)
    h = rng.uniform(0.5, 0.995, gamma.size) * unrefuted(gamma)
    theta, psi = rng.uniform(-2, 2, size=(2, gamma.size))
    for _ in range(5000):
        theta, psi = step(theta, psi, gamma, h, True)
    assert np.max(np.hypot(theta, psi)) < 0.05


@BOTH
def test_the_limit_that_is_proved(alternates):
    theorem = THEOREMS[alternates]
    assert not theorem.is_proved(1.0, 1.001) and not theorem.is_proved(0.01, 0.001)
    assert theorem.is_proved(3.0, 0.3) and not theorem.is_proved(3.0, 0.3, slack=1e-6)
    # Strips do not overlap, and at an edge between two the better one counts.
    for first, second in itertools.pairwise(sorted(theorem.STRIPS, key=lambda one: one.gamma)):
        assert first.gamma[1] <= second.gamma[0]
        assert 0.5 not in first.gamma or first.gamma[0] == 0.5 or first.gamma[1] == 0.5
    two = (Strip((1.0, 2.0), (0.0, 1.0), alternates), Strip((2.0, 3.0), (0.0, 0.5), alternates))
    # What is rounded stays inside.
    assert 0.5 - 1e-9 < proved_limit(two, 2.0) < 0.5 and 0.2 - 1e-9 < proved_limit(two, 2.5) < 0.2
    assert proved_limit(two, 3.1) == 0
    assert proved_limit(two, 2.0, 1e-6) == pytest.approx(0.25, rel=1e-5)


def test_nothing_is_proved_above_a_known_fold():
    for gamma in np.geomspace(0.02, 3, 300):
        assert proved_limit(alternating.STRIPS, gamma) <= unrefuted(gamma) * (1 + 1e-12)
        assert proved_limit(simultaneous.STRIPS, gamma) <= min(4 * gamma, 1 / gamma) * (1 + 1e-12)


def test_the_curves_of_the_folds_pass_through_those_that_are_proved():
    for window in (WINDOWS[0], WINDOWS[6]):
        low, high = fold(window)
        assert low - 1e-9 <= float(np.interp(window.gamma, *curve(window))) <= high + 1e-9
    # Windows with the same number of rounds lie on one curve; between its points it is a straight line.
    for gamma, period in ((0.1, 4), (0.22, 4), (0.1, 6), (0.05, 6)):
        values = [np.interp(gamma, *curve(one)) for one in WINDOWS if one.period == period]
        assert np.ptp(values) < 0.01
    # At γ = 0.1 that of the cycle of 8 rounds lies a little below the one that is proved, of 6.
    assert 2.137 < smallest_fold(0.1) < 2.13859457865 and smallest_fold(1.0) == np.inf
    assert closed_in(0.1, 3, np.array([30.0, 40.0, 5.0])) is None
    # The area of what is neither refuted nor unstable, by another rule.
    gamma = np.geomspace(0.02, 3, 3001)
    assert area() == pytest.approx(np.sum(unrefuted(np.sqrt(gamma[1:] * gamma[:-1])) * np.diff(gamma)), rel=1e-3)
