"""Leading eigenvalues without the Jacobian, against all of them."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.beyond import leading as module
from diracgan.beyond import leading_spectrum, problems

RANKS = {"LR": lambda z: z.real, "SR": lambda z: -z.real, "LM": np.abs, "LI": lambda z: np.abs(z.imag)}


def products(d, gamma=0.3):
    """d Dirac-GANs beside each other: -γ/2 ± √(γ²/4 - ¼), each d times."""
    return dg.GAN(
        dg.Minimax(),
        dg.R1(gamma),
        generator=(lambda theta, z: theta, np.zeros(d)),
        discriminator=(lambda psi, x: psi @ x, np.zeros(d)),
        data=np.zeros((1, d)),
    )


def networks(width=10, **options):
    keys = jax.random.split(jax.random.key(0))
    points = np.random.default_rng(0).normal(size=(2, 24, 2))
    return dg.GAN(
        dg.NonSaturating(),
        dg.R1(1.0),
        generator=eqx.nn.MLP(2, 2, width, 2, jnp.tanh, key=keys[0]),
        discriminator=eqx.nn.MLP(2, "scalar", width, 2, jnp.tanh, key=keys[1]),
        **{"latent": points[0], "data": points[1], **options},
    )


def by_differences(game):
    """The Jacobian by central differences of the velocity."""
    x, h = game.equilibrium, 1e-5
    moved = jax.jit(jax.vmap(game.velocity))
    return np.asarray(moved(x + h * np.eye(len(x))) - moved(x - h * np.eye(len(x)))).T / (2 * h)


NETWORKS = networks()
DENSE = {"exact": np.linalg.eigvals(np.asarray(jax.jacfwd(NETWORKS)(jnp.asarray(NETWORKS.equilibrium))))}


@pytest.mark.parametrize("which", RANKS)
def test_leading_eigenvalues_are_those_of_the_jacobian(which):
    found = leading_spectrum(NETWORKS, k=4 if which == "LI" else 6, which=which)
    assert found.converged
    assert NETWORKS.dimension > 200
    rank = RANKS[which]
    wanted = np.sort(rank(DENSE["exact"]))[::-1][: len(found.values)]
    np.testing.assert_allclose(rank(found.values), wanted, rtol=0, atol=1e-8)
    for value in found.values:
        assert np.min(np.abs(DENSE["exact"] - value)) <= 1e-8
    assert np.all(found.residuals <= 1e-10)


def test_the_vectors_are_eigenvectors_of_the_jacobian_by_differences():
    found = leading_spectrum(NETWORKS, k=3)
    J = by_differences(NETWORKS)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(J @ found.vectors, found.vectors * found.values, atol=1e-7)


def test_a_multiple_eigenvalue_is_found_as_often_as_it_was_asked_for():
    game = products(200)
    found = leading_spectrum(game, k=6)
    assert found.converged
    np.testing.assert_allclose(found.values.real, -0.15, atol=1e-12)
    np.testing.assert_allclose(np.abs(found.values.imag), 0.4769696007, atol=1e-10)


def test_beyond_a_thousand_parameters_the_flow_is_the_filter(monkeypatch):
    # 600 different damped pairs; the least damped ones lead.
    d = 600
    rates = np.linspace(0.2, 0.9, d)

    def scaled(psi, x):
        return psi @ (jnp.asarray(np.sqrt(rates)) * x)

    game = products(d, gamma=1.0).replace(discriminator=(scaled, np.zeros(d)))
    assert game.dimension > module.DENSE
    found = leading_spectrum(game, k=4)
    # J of a pair: [[0, -√r/2], [√r/2, -r]].
    values = -rates / 2 + np.sqrt(rates**2 / 4 - rates / 4 + 0j)
    wanted = np.sort(np.concatenate([values.real, values.real]))[::-1][:4]
    np.testing.assert_allclose(found.values.real, wanted, atol=1e-8)
    assert found.converged


def test_small_problems_agree_with_the_closed_forms():
    for problem in problems()[:3]:
        found = leading_spectrum(problem.game, problem.at, k=2)
        wanted = dg.eigenvalues(problem.game, problem.at)
        np.testing.assert_allclose(np.sort(found.values.real)[-2:], np.sort(np.real(wanted))[-2:], atol=1e-8)
    value = leading_spectrum(dg.method("r1", gamma=0.3), k=1).values
    np.testing.assert_allclose(value, [-0.15 + 0.4769696007j], atol=1e-10)


def test_one_product_costs_at_most_six_evaluations():
    # Counted as floating point operations of the compiled programs.
    x = jnp.asarray(NETWORKS.equilibrium)
    one = module._product.lower(NETWORKS, x, x).compile().cost_analysis()["flops"]
    alone = jax.jit(lambda field, x: field.velocity(x)).lower(NETWORKS, x).compile().cost_analysis()["flops"]
    assert one <= 6 * alone


def test_where_arpack_does_not_converge_what_it_found_is_returned():
    found = leading_spectrum(NETWORKS, k=20, restarts=1)
    assert not found.converged
    assert len(found.residuals) == len(found.values) == found.vectors.shape[1]
    assert "not converged" in repr(found)
    # A pair that hardly turns, ±0.00185i, hides among hundreds of real eigenvalues: this is said, too.
    assert not leading_spectrum(NETWORKS, k=6, which="LI").converged


def test_a_round_of_minibatches_has_a_spectrum():
    game = networks(4, latent=lambda key: jax.random.normal(key, (8, 2), jnp.float32))
    found = leading_spectrum(game, k=2, step=3)
    wanted = np.linalg.eigvals(jax.jacfwd(game.in_round(3))(jnp.asarray(game.equilibrium)))
    np.testing.assert_allclose(np.sort(found.values.real)[-1], np.max(wanted.real), atol=1e-8)


BAD = {
    "k must be an integer with 1 <= k < n = 6": lambda: leading_spectrum(problems()[0].game, k=6),
    "k must be an integer": lambda: leading_spectrum(problems()[0].game, k=0),
    "which must be one of 'LR', 'SR', 'LM', 'LI'; 'best'": lambda: leading_spectrum(problems()[0].game, which="best"),
    "tolerance must be finite and > 0": lambda: leading_spectrum(problems()[0].game, k=2, tolerance=0.0),
    "restarts must be an integer and >= 1": lambda: leading_spectrum(problems()[0].game, k=2, restarts=0),
    "step must be an integer and >= 0": lambda: leading_spectrum(problems()[0].game, k=2, step=-1),
    "draws another minibatch": lambda: leading_spectrum(networks(4, latent=lambda key: jax.random.normal(key, (8, 2)))),
    r"at must have shape \(6,\)": lambda: leading_spectrum(problems()[0].game, np.zeros(3), k=2),
}


@pytest.mark.parametrize("said", BAD)
def test_what_cannot_be_asked_is_one_clear_error(said):
    with pytest.raises(ValueError, match=said):
        BAD[said]()
