"""Coexistence: the proofs go through, wrong constants do not, and runs agree."""

import dataclasses

import numpy as np

from diracgan.proofs import coexistence
from diracgan.proofs.coexistence import WINDOWS, attracting, covered, decimal, fold, followed, single
from diracgan.tracing.boxes import Boxes


def run(x, h, gamma, n):
    theta, psi = x
    for _ in range(n):
        theta = theta - h * psi / (1 + np.exp(theta * psi))
        psi = psi + h * (theta / (1 + np.exp(theta * psi)) - gamma * psi)
    return np.array([theta, psi])


def test_the_six_cycle_at_the_published_values():
    record = single()
    assert record.closed and record.constants["half-widths"][1] >= 1e-4
    # The half map's trace and determinant to the digits of an independent run of 25 digits: the square has
    # trace t² - 2d = 0.7504395287902 and determinant d² = 0.2853746735496.
    t, d = (np.mean(record.constants[f"{name} of (F³)'"]) for name in ("trace", "determinant"))
    assert abs(t**2 - 2 * d - 0.7504395287902) < 1e-8 and abs(d**2 - 0.2853746735496) < 1e-8
    point = record.constants["points"][0]
    assert np.max(np.abs(run(point, 2.2, 0.1, 3) + point)) < 1e-12
    assert np.max(np.abs(run((1e-3, 0.0), 2.2, 0.1, 20_000))) < 1e-6


def test_a_window_of_rates_and_random_rates_in_it():
    window = WINDOWS[1]
    done = covered(window, 9)
    assert done.share > 0.7
    rates, points = followed(window)
    rng = np.random.default_rng(0)
    for h in rng.uniform(rates[0] + 0.002, rates[-1] - 0.002, 8):
        if np.any((done.open.low[:, 0] <= h) & (h <= done.open.high[:, 0])):
            continue
        near = [np.interp(h, rates, points[:, entry]) for entry in (0, 1)]
        x = run(near, h, window.gamma, 20_000)
        assert np.max(np.abs(run(x, h, window.gamma, 4) - x)) < 1e-6 < 0.1 < np.max(np.abs(x))


def test_a_window_that_reaches_beyond_the_fold_stays_open():
    window = dataclasses.replace(WINDOWS[1], rates=(WINDOWS[1].rates[0] - 0.002, WINDOWS[1].rates[1]))
    done = covered(window, 10)
    assert not done.closed and np.any(done.open.low[:, 0] < fold(window)[0])


def test_outside_of_the_window_nothing_is_proved():
    window, (low, high) = WINDOWS[0], followed(WINDOWS[0])[0][[0, -1]]
    h = np.array([low - 1e-3, high + 1e-3, (low + high) / 2])
    proved = attracting(window, decimal(window.gamma), Boxes(h, h))
    assert proved.tolist() == [False, False, True]
    # A wide interval of rates is not decided at once.
    assert not attracting(window, decimal(window.gamma), Boxes([low], [high])).any()


def test_the_fold_of_the_six_cycle():
    low, high = fold(WINDOWS[0])
    assert 0 < high - low < 1e-8 and abs(low - 2.1385946) < 1e-6
    # Below it Newton's method has nothing to end on, above it the run stays on the cycle.
    assert followed(WINDOWS[0])[0][0] > low
    x = run(followed(WINDOWS[0])[1][0], high + 1e-4, 0.1, 50_000)
    assert np.max(np.abs(run(x, high + 1e-4, 0.1, 6) - x)) < 1e-6 and np.max(np.abs(x)) > 0.5


def test_a_wrong_partner_is_no_saddle(monkeypatch):
    monkeypatch.setattr(coexistence, "PARTNER", WINDOWS[0].point)
    assert not single().closed
