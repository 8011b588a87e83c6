"""Neutral equilibria in bifurcation diagrams, anchors that are not clipped, memories that survive, chaos."""

import numpy as np
import pytest

import diracgan as dg
from diracgan import plotting


def test_neutral_equilibria_are_neither_stable_nor_unstable():
    # LSGAN has f'(0) = 1: AltGD is on the unit circle for every h <= 2 and leaves it by a flip.
    values = np.linspace(0.05, 3, 40)
    found = dg.bifurcation(dg.method("lsgan"), dg.AltGD(0.2), values=values, transient=5, keep=2)
    assert [kinds[0] for _, kinds in found.equilibria] == ["neutral" if h <= 2 else "unstable" for h in values]
    figure = plotting.bifurcation_diagram(found)
    words = [text.get_text() for text in figure.get_legend().get_texts()]
    assert words == ["neutral equilibrium", "unstable equilibrium"]


def test_anchors_are_not_clipped_with_the_weight():
    game = dg.MovingAnchors(dg.DiracGAN(dg.Minimax(), clip=0.1), gamma=0.3, anchor_rate=0.5)
    x = np.asarray(dg.simulate(game, dg.SimGD(0.2), (8.0, 5.0, 3.0, -2.0), 1))
    assert x[0].tolist() == [8.0, 0.1, 3.0, -2.0]
    # α_F follows the realness score of the generated point, -ψθ = -0.8: -2 + 0.1(-0.8 + 2).
    assert x[1, 2:].tolist() == pytest.approx([2.7, -1.88], rel=1e-12)
    assert abs(x[1, 1]) <= 0.1
    flow = np.asarray(dg.flow(game, (8.0, 0.1, 3.0, -2.0), [0.0, 1.0]))
    assert flow[1, 2] == pytest.approx(3 * np.exp(-0.5), rel=1e-6)


@pytest.mark.parametrize("ask", [lambda m: m((0.1, 8.0)), lambda m: dg.eigenvalues(m, at=(0.1, 8.0))])
def test_single_states_are_guarded_like_runs(ask):
    with pytest.raises(ValueError, match=r"the quadrature of the instance noise needs \|ψ\|σ <= "):
        ask(dg.method("instance-noise", sigma=0.5))


def test_what_lookahead_remembers():
    # Heavy ball inside, on the game ψθ: x steps back, the last displacement m of the fast iterate stays.
    h, beta, alpha = 0.2, 0.5, 0.4
    x, m = np.array([1.0, 1.0]), np.zeros(2)
    path = [x]
    for _ in range(3):
        slow = x
        for _ in range(4):
            new = x + h * np.array([-x[1], x[0]]) + beta * m
            x, m = new, new - x
        x = slow + alpha * (x - slow)
        path.append(x)
    found = dg.simulate(dg.method("wgan", clip=100.0), dg.Lookahead(dg.HeavyBall(h, beta), k=4, alpha=alpha), (1, 1), 3)
    np.testing.assert_allclose(found, path, rtol=1e-12)


@pytest.mark.parametrize(("h", "exponent"), [(2.8, 0.138), (3.0, 0.22)])
def test_r1_becomes_chaotic_beyond_its_critical_step(h, exponent):
    # SimGD, γ = 0.3, in plain NumPy: 40 runs of 3000 rounds, the first 500 of them thrown away.
    gamma, rng = 0.3, np.random.default_rng(0)
    theta, psi = rng.uniform(0.3, 1.5, (2, 40))
    a, b, total = np.ones(40), np.zeros(40), np.zeros(40)
    for step in range(3000):
        q = 1 / (1 + np.exp(theta * psi))
        d = -q * (1 - q)
        cross = h * (q + theta * psi * d)
        a, b = a * (1 - h * psi**2 * d) - cross * b, cross * a + (1 + h * (theta**2 * d - gamma)) * b
        theta, psi = theta - h * psi * q, psi + h * (theta * q - gamma * psi)
        size = np.hypot(a, b)
        a, b = a / size, b / size
        total += np.log(size) * (step >= 500)
    assert np.mean(total / 2500) == pytest.approx(exponent, abs=0.015)


def test_a_round_that_overflows_says_so():
    with pytest.raises(ValueError, match="more than the largest float"):
        dg.verdict(dg.method("lsgan", data=100.0), dg.AltGD(h=4.0, n_d=64))
