"""Divergence from far out: runs from the edge of the set, and what the answers name."""

import numpy as np
import pytest

import diracgan as dg
from diracgan.proofs.divergence import constants, diverging


def rounds(theta, psi, gamma, h, alternating, n):
    for _ in range(n):
        after = theta - h * psi / (1 + np.exp(theta * psi))
        seen = after if alternating else theta
        psi = psi + h * (seen / (1 + np.exp(seen * psi)) - gamma * psi)
        theta = after
    return theta, psi


@pytest.mark.parametrize("alternating", [False, True])
def test_two_rounds_lead_back_into_the_set(alternating):
    assert constants().closed
    rng, n = np.random.default_rng(0), 20_000
    gamma = np.exp(rng.uniform(np.log(0.05), np.log(5), n))
    h = (1 + np.exp(rng.uniform(-6, 0.5, n))) / gamma
    a = np.array([diverging(float(g), float(k))[0] for g, k in zip(gamma, h, strict=True)])
    theta, psi = a + rng.exponential(1, n) * (rng.uniform(size=n) < 0.7), -1 - rng.exponential(1, n)
    psi = np.where(rng.uniform(size=n) < 0.3, -1.0, psi)
    with np.errstate(over="ignore"):
        after, below = rounds(theta, psi, gamma, h, alternating, 2)
    assert np.all(after >= theta + 0.77 * h) and np.all(below <= -1)


def test_the_answer_names_the_theorem_and_a_start_that_diverges():
    found = dg.global_step(dg.method("r1", gamma=1.0), dg.AltGD(1.1))
    assert (found.verdict, found.theorem) == ("diverges", "divergence")
    a, b = diverging(1.0, 1.1)
    assert f"{a:.6g}" in found.reason
    with np.errstate(over="ignore"):
        assert rounds(np.float64(a), -b, 1.0, 1.1, True, 200)[0] > 50
    with pytest.raises(ValueError, match="hγ > 1"):
        diverging(1.0, 0.9)
    assert dg.global_step(dg.method("r1", gamma=1.0), dg.SimGD(0.9)).theorem == "simultaneous"
    assert dg.global_step(dg.method("r1", gamma=0.3), dg.AltGD(2.0)).verdict == "unknown"
