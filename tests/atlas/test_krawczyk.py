"""Certified cycles: against long runs and finite differences, and what must not be certified."""

import numpy as np
import pytest

import diracgan as dg
from diracgan.atlas.krawczyk import Rounds, gershgorin, orbits, shot
from diracgan.tracing.boxes import Boxes, cells


def alternating(x, h, gamma):
    """One round of AltGD on minimax with R1, by hand."""
    theta, psi = x
    theta = theta - h * psi / (1 + np.exp(theta * psi))
    return np.array([theta, psi + h * (theta / (1 + np.exp(theta * psi)) - gamma * psi)])


def multipliers(x, period, h, gamma):
    """Those of the round above, by central differences."""

    def run(y):
        for _ in range(period):
            y = alternating(y, h, gamma)
        return y

    e = 1e-6
    columns = [(run(x + e * unit) - run(x - e * unit)) / (2 * e) for unit in np.eye(2)]
    return np.linalg.eigvals(np.stack(columns, 1))


@pytest.mark.parametrize(("h", "start"), [(2.2, (-0.03263182, -1.19772335)), (2.6, (-0.23684557, -1.0567359))])
def test_an_attracting_cycle_is_certified(h, start):
    found = dg.cycle(dg.method("r1", gamma=0.1), dg.AltGD(h), start=start)
    proof = found.certified
    assert proof.kind == "stable" == found.kind and proof.narrow < 1e-10 < 1e-5 < proof.wide
    x = np.array(start)
    for _ in range(100_000):
        x = alternating(x, h, 0.1)
    assert min(np.max(np.abs(found.points - x), axis=1)) < proof.narrow + 1e-13
    for value in multipliers(x, int(found.period), h, 0.1):
        assert any(abs(value - centre) <= radius + 1e-6 for centre, radius in proof.discs)
    assert found.certified is proof


def test_an_unstable_one_is_where_its_closed_form_is():
    # The exact symmetric 2-cycle: q = √(2hγ - 4)/h, θ² = h q t/2 with t = log(1/q - 1).
    q = np.sqrt(2 * 1.4 * 1.5 - 4) / 1.4
    theta = np.sqrt(1.4 * q * np.log(1 / q - 1) / 2)
    found = dg.cycle(dg.method("r1", gamma=1.5), dg.SimGD(1.4), start=(theta, 2 * theta / (1.4 * q)), period=2)
    assert found.certified.kind == "unstable"
    assert np.max(abs(abs(found.points[:, 0]) - theta)) < found.certified.narrow + 1e-14


def test_what_is_no_cycle_is_not_certified():
    rounds = Rounds(dg.method("r1", gamma=0.1), dg.AltGD(2.2), np.zeros(2))
    points = np.array([[[-0.03], [-1.2]], [[1.26], [1.33]], [[0.8], [1.5]]])
    assert not orbits(rounds, points, np.array([1e-6]), sign=-1).proved.any()
    closed = shot(rounds, points, sign=-1)
    assert orbits(rounds, closed, np.array([1e-6]), sign=-1).proved.all()
    # With the wrong sign, and in boxes too large for uniqueness, there is no proof.
    assert not orbits(rounds, closed, np.array([1e-6]), sign=1).proved.any()
    assert not orbits(rounds, closed, np.array([3.0]), sign=-1).proved.any()
    assert dg.cycle(dg.method("wgan-gp", gamma=0.7)).certified is None


def test_rounds_contain_the_rounds_of_points():
    rng = np.random.default_rng(0)
    x, gamma, h = rng.uniform(-2, 2, (2, 500)), rng.uniform(0.1, 2, 500), rng.uniform(0.1, 2, 500)
    program = Rounds(dg.method("r1"), dg.AltGD(1.0), np.zeros(2))
    width = 1e-3
    boxes = program.at(gamma=Boxes(gamma - width, gamma + width), h=Boxes(h - width, h + width))
    found = boxes.step(cells(*(Boxes(part - width, part + width) for part in x)))
    for _ in range(20):
        shift = rng.uniform(-width, width, (4, 500))
        for box, value in zip(found, alternating(x + shift[:2], h + shift[2], gamma + shift[3]), strict=True):
            assert box.contains(value).all() and np.all(box.width < 0.1)


def test_discs_contain_eigenvalues_of_random_members():
    rng = np.random.default_rng(1)
    for _ in range(5):
        middle, radius = rng.normal(size=(4, 4)), 1e-6
        matrix = np.array([[Boxes([v - radius], [v + radius]) for v in row] for row in middle], object)
        discs = gershgorin(matrix, 0)
        for value in np.linalg.eigvals(middle + rng.uniform(-radius, radius, (4, 4))):
            assert any(abs(value - centre) <= size for centre, size in discs)
