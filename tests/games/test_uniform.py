"""The two games with absolutely continuous data in the plane: their quadrature, and the general games beside them."""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

import diracgan as dg
from diracgan.beyond import local_convergence, problems
from diracgan.games.uniform import UniformGAN

PROBLEMS = {problem.name: problem.game for problem in problems(penalties=())}
GRID = np.array([[t, p] for t in np.linspace(-1.9, 1.9, 6) for p in (-1.8, -0.6, 0.0, 0.4, 1.9)])


def by_mpmath(theta, psi, gamma):
    """The field of uniform data by adaptive integration over t in [0, 1]; the laws and D are even."""
    s = lambda t: 1 / (1 + mp.exp(-t))
    expect = lambda g: mp.quad(g, [0, mp.mpf(1) / 2, 1])
    fake = lambda t: t**2 * s(-psi * theta**2 * t**2)
    up = theta**2 * expect(fake) - expect(lambda t: t**2 * s(psi * t**2)) - expect(lambda t: 4 * gamma * psi * t**2)
    return float(-2 * theta * psi * expect(fake)), float(up)


@pytest.mark.parametrize(("nodes", "bound"), [(16, 1e-8), (32, 1e-13), (64, 1e-14)])
def test_the_quadrature_against_adaptive_integration(nodes, bound):
    states = [(0.9, 0.7), (-1.4, 1.3), (0.3, -2.0), (1.5, -0.8)]
    found = [dg.method("uniform-data", gamma=0.3, nodes=nodes)(x) for x in states]
    np.testing.assert_allclose(found, [by_mpmath(*x, 0.3) for x in states], rtol=0, atol=bound)


@pytest.mark.parametrize("nodes", [8, 16, 32, 64])
def test_within_reach_the_field_is_right_to_six_digits(nodes):
    reach = UniformGAN(dg.Minimax(), nodes=nodes).reach
    states = [(1.0, sign * 0.99 * reach) for sign in (1, -1)] + [(3.0, 0.99 * reach / 9)]
    field = dg.method("uniform-data", nodes=nodes)
    for x in states:
        np.testing.assert_allclose(field(x), by_mpmath(*x, 0.0), rtol=0, atol=1e-6)
    with pytest.raises(ValueError, match=r"the quadrature of the uniform law needs \|ψ\|max\(1, θ²\) <= "):
        field((1.0, 1.01 * reach))


def test_following_the_advice_helps():
    with pytest.raises(ValueError, match="use nodes=") as raised:
        dg.simulate(dg.method("uniform-data", nodes=8), dg.SimGD(h=0.1), (2.0, 1.5), 3)
    needed = int(str(raised.value).partition("nodes=8; 6 occurs: use nodes=")[2].split()[0])
    assert dg.simulate(dg.method("uniform-data", nodes=needed), dg.SimGD(h=0.1), (2.0, 1.5), 3).shape == (4, 2)
    with pytest.raises(ValueError, match="no node count helps"):
        dg.method("uniform-data")((1e3, 1.0))


@pytest.mark.parametrize("gamma", [0.0, 0.4])
@pytest.mark.parametrize(("name", "problem"), [("uniform-data", "uniform"), ("gaussian-data", "gaussian-shift")])
def test_the_fields_are_those_of_the_general_games(name, problem, gamma):
    own, general = dg.method(name, gamma=gamma), PROBLEMS[problem].replace(penalties=dg.R1(gamma))
    for fn in (lambda field: field, jax.jacfwd):
        found, wanted = (jax.vmap(fn(field))(jnp.asarray(GRID)) for field in (own, general))
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)
    theorem = local_convergence(general)
    np.testing.assert_allclose(np.sort_complex(dg.eigenvalues(own)), np.sort_complex(theorem.spectrum), atol=1e-12)
    assert (theorem.verdict, dg.verdict(own).kind) == ("converges to the manifold", "stable")


def test_wasserstein_has_the_published_eigenvalues():
    # Nagarajan and Kolter with (ρ/2)E|∇D|²: -2ρE x² ± √(4ρ²(E x²)² - 4/9), E x² = 1/3; without it a rotation.
    rho = 0.6
    found = dg.eigenvalues(UniformGAN(dg.Wasserstein(), dg.R1(rho)))
    root = 1j * np.sqrt(4 / 9 - 4 * rho**2 / 9)
    np.testing.assert_allclose(np.sort_complex(found), [-2 * rho / 3 - root, -2 * rho / 3 + root], atol=1e-14)
    assert dg.verdict(UniformGAN(dg.Wasserstein())).kind == "neutral"


def test_a_run_reaches_the_law_of_the_data():
    for name, start in (("uniform-data", (0.4, 0.5)), ("gaussian-data", (1.0, 1.0))):
        field = dg.method(name)
        path = dg.simulate(field, dg.AltGD(h=0.2), start, 2000)
        assert dg.outcome(path, field).kind == "converged"
    # The reflected generator has the same law.
    path = dg.simulate(dg.method("uniform-data"), dg.AltGD(h=0.2), (-0.4, 0.5), 2000)
    np.testing.assert_allclose(path[-1], (-1, 0), atol=1e-8)


def test_no_data_elsewhere():
    with pytest.raises(ValueError, match="built from a DiracGAN"):
        dg.method("uniform-data", data=1.0)((1.0, 0.0))
    with pytest.raises(TypeError, match="loss must be"):
        UniformGAN("gan")
    with pytest.raises(ValueError, match="nodes must be an integer"):
        dg.method("uniform-data", nodes=0)
