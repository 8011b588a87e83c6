"""Update rules against plain NumPy loops."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import diracgan as dg
from diracgan.algorithms import Schedule, algorithm_named


def gan(x):
    """The minimax field, typed from the paper."""
    slope = 1 / (1 + np.exp(x[0] * x[1]))
    return np.array([-x[1] * slope, x[0] * slope])


def round_by_hand(v, x, h_g, h_d, n_g, n_d, bound=np.inf):
    theta, psi = np.asarray(x, float)
    for _ in range(n_g):
        theta = theta + h_g * v((theta, psi))[0]
    for _ in range(n_d):
        psi = np.clip(psi + h_d * v((theta, psi))[1], -bound, bound)
    return np.array([theta, psi])


X = jnp.array([0.8, -0.6])


def test_the_generator_moves_first():
    theta, psi = 2.0, 3.0
    after = dg.AltGD(h=0.5).step(dg.method("wgan", clip=9.0), jnp.array([theta, psi]))
    np.testing.assert_allclose(after, [theta - 0.5 * psi, psi + 0.5 * (theta - 0.5 * psi)])


def test_simultaneous_updates_see_the_old_state():
    after = dg.SimGD(h_g=0.5, h_d=0.25).step(dg.method("wgan", clip=9.0), jnp.array([2.0, 3.0]))
    np.testing.assert_allclose(after, [2 - 0.5 * 3, 3 + 0.25 * 2])


# 8 inner updates are written out, 9 are a loop inside the program: both sides of that boundary, for both players.
@pytest.mark.parametrize(("n_g", "n_d"), [(1, 1), (1, 5), (3, 2), (8, 8), (9, 1), (1, 9), (12, 20)])
def test_inner_updates_equal_a_plain_loop(n_g, n_d):
    algorithm = dg.AltGD(n_g=n_g, n_d=n_d, h_g=0.3, h_d=0.2)
    expected = round_by_hand(gan, X, 0.3, 0.2, n_g, n_d)
    np.testing.assert_allclose(algorithm.step(dg.method("gan"), X), expected, rtol=1e-14)
    with jax.disable_jit():
        np.testing.assert_allclose(algorithm.step(dg.method("gan"), X), expected, rtol=1e-14)


def test_many_inner_updates_do_not_make_a_long_program():
    length = lambda n: len(str(jax.make_jaxpr(dg.AltGD(h=0.1, n_d=n).step)(dg.method("gan"), X)))
    assert length(400) <= length(9) + 5
    assert length(8) > length(1)


@pytest.mark.parametrize("n_d", [3, 15])
def test_every_inner_update_is_projected(n_d):
    # Without the inner projections ψ would end at the bound too, but θ of the next round shows the difference.
    method = dg.DiracGAN(dg.Wasserstein(), (dg.R1(3.0),), clip=0.5)
    v = lambda x: np.array([-x[1], x[0] - 3.0 * x[1]])
    algorithm = dg.AltGD(h=0.9, n_d=n_d)
    x, expected = jnp.array([1.0, 0.4]), np.array([1.0, 0.4])
    for _ in range(3):
        x, expected = algorithm.step(method, x), round_by_hand(v, expected, 0.9, 0.9, 1, n_d, 0.5)
        np.testing.assert_allclose(x, expected, rtol=1e-14)
    once = round_by_hand(v, [1.0, 0.4], 0.9, 0.9, 1, n_d)
    assert not np.allclose(np.clip(once[1], -0.5, 0.5), round_by_hand(v, [1.0, 0.4], 0.9, 0.9, 1, n_d, 0.5)[1])


@pytest.mark.parametrize("algorithm", [dg.SimGD(h=0.2), dg.AltGD(h=0.2)], ids=["sim", "alt"])
def test_the_start_is_projected(algorithm):
    path = dg.simulate(dg.method("wgan", clip=0.5), algorithm, (2.0, -3.0), steps=50)
    assert path[0].tolist() == [2.0, -0.5]
    assert np.abs(path[:, 1]).max() == 0.5
    assert np.abs(path[:, 0]).max() > 0.5, "only the discriminator is bounded"


def test_projection_is_the_nearest_point():
    domain = dg.Domain(0.5)
    np.testing.assert_array_equal(domain.project(jnp.array([9.0, 0.7]), 1), [9.0, 0.5])
    np.testing.assert_array_equal(domain.project(jnp.array([9.0, -0.2]), 1), [9.0, -0.2])
    np.testing.assert_array_equal(domain.project(jnp.array([[9.0, 8.0, -7.0]]), 2), [[9.0, 8.0, -0.5]])
    np.testing.assert_array_equal(dg.Domain().project(jnp.array([9.0, 8.0]), 1), [9.0, 8.0])
    inward = domain.tangent(jnp.array([9.0, 0.5]), jnp.array([3.0, -1.0]), 1)
    outward = domain.tangent(jnp.array([9.0, 0.5]), jnp.array([3.0, 1.0]), 1)
    np.testing.assert_array_equal([inward, outward], [[3.0, -1.0], [3.0, 0.0]])


class Three(dg.VectorField):
    """A linear field with two generator entries and one discriminator entry."""

    matrix: np.ndarray

    @property
    def dimension(self):
        return 3

    @property
    def generator_size(self):
        return 2

    def velocity(self, x):
        return self.matrix @ x


def test_the_partition_is_the_fields():
    matrix = np.random.default_rng(1).normal(size=(3, 3))
    field, x = Three(matrix), np.array([1.0, -2.0, 0.5])
    after = dg.AltGD(h_g=0.1, h_d=0.3, n_g=2, n_d=3).step(field, jnp.asarray(x))
    generator, discriminator = np.diag([1.0, 1.0, 0.0]), np.diag([0.0, 0.0, 1.0])
    G, D = np.eye(3) + 0.1 * generator @ matrix, np.eye(3) + 0.3 * discriminator @ matrix
    np.testing.assert_allclose(after, D @ D @ D @ G @ G @ x, rtol=1e-13)
    np.testing.assert_allclose(
        dg.SimGD(h_g=0.1, h_d=0.3).step(field, jnp.asarray(x)), x + [0.1, 0.1, 0.3] * (matrix @ x)
    )


def halving(k):
    return 0.4 * 0.5**k


def test_schedules_give_the_rate_of_the_round():
    path = dg.simulate(dg.method("gan"), dg.AltGD(h=halving, n_d=2), X, steps=6)
    x, expected = np.asarray(X), [np.asarray(X)]
    for k in range(6):
        x = round_by_hand(gan, x, halving(k), halving(k), 1, 2)
        expected.append(x)
    np.testing.assert_allclose(path, expected, rtol=1e-14)
    thinned = dg.simulate(dg.method("gan"), dg.AltGD(h=halving, n_d=2), X, steps=6, save_every=3)
    np.testing.assert_allclose(thinned, expected[::3], rtol=1e-14)


def test_one_player_may_be_scheduled():
    path = dg.simulate(dg.method("gan"), dg.SimGD(h_g=halving, h_d=0.2), X, steps=3)
    x = np.asarray(X)
    for k in range(3):
        x = x + [halving(k), 0.2] * gan(x)
    np.testing.assert_allclose(path[-1], x, rtol=1e-14)


@pytest.mark.parametrize(
    "schedule",
    [optax.cosine_decay_schedule(0.4, 8), optax.exponential_decay(0.4, 2, 0.5), optax.linear_schedule(0.4, 0.1, 8)],
)
def test_optax_schedules(schedule):
    path = dg.simulate(dg.method("gan"), dg.SimGD(h=schedule), X, steps=8)
    x = np.asarray(X)
    for k in range(8):
        x = x + float(schedule(k)) * gan(x)
    np.testing.assert_allclose(path[-1], x, rtol=1e-6)


def test_multipliers_of_a_schedule_need_the_round():
    method, algorithm = dg.method("r1"), dg.SimGD(h=halving)
    with pytest.raises(ValueError, match="depends on the round: give step="):
        dg.multipliers(method, algorithm)
    for k in (0, 2):
        at_k, fixed = dg.multipliers(method, algorithm, step=k), dg.multipliers(method, dg.SimGD(h=halving(k)))
        np.testing.assert_allclose(at_k, fixed, rtol=1e-14)
    assert repr(algorithm) == "SimGD(h=halving)"
    assert isinstance(algorithm.h_g, Schedule)


@pytest.mark.parametrize("kind", [dg.SimGD, dg.AltGD])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "nothing was given"),
        ({"h": 0.1, "h_g": 0.2, "h_d": 0.3}, "h=0.1, h_g=0.2, h_d=0.3 was given"),
        ({"h": 0.1, "h_d": 0.3}, "h=0.1, h_d=0.3 was given"),
        ({"h_g": 0.2}, "h_g=0.2 was given"),
        ({"h_d": 0.2}, "h_d=0.2 was given"),
    ],
)
def test_either_one_rate_or_both(kind, given, said):
    with pytest.raises(ValueError, match=f"^{kind.__name__} needs either h, or both h_g and h_d; {said}$"):
        kind(**given)


@pytest.mark.parametrize("bad", [0.0, -0.2, np.nan, np.inf])
def test_rates_are_positive(bad):
    said = re.escape(f"{bad}")
    with pytest.raises(ValueError, match=f"^h must be finite and > 0; {said} was given$"):
        dg.SimGD(h=bad)
    with pytest.raises(ValueError, match=f"^h_g must be finite and > 0; {said} was given$"):
        dg.AltGD(h_g=bad, h_d=0.1)
    with pytest.raises(ValueError, match=f"^h_d must be finite and > 0; {said} was given$"):
        dg.AltGD(h_g=0.1, h_d=bad)
    with pytest.raises(TypeError, match=r"^h must be a number, finite and > 0; '0.1' was given$"):
        dg.SimGD(h="0.1")


@pytest.mark.parametrize("bad", [0, -1, 1.5, np.inf])
def test_inner_updates_are_counted(bad):
    with pytest.raises(ValueError, match=rf"^n_g must be an integer and >= 1 and <= 1e\+06; {bad} was given$"):
        dg.AltGD(h=0.1, n_g=bad)
    with pytest.raises(ValueError, match=rf"^n_d must be an integer and >= 1 and <= 1e\+06; {bad} was given$"):
        dg.AltGD(h=0.1, n_d=bad)


def test_rates_are_leaves_and_counts_are_structure():
    algorithm = dg.AltGD(h=0.2, n_d=5)
    leaves, structure = jax.tree.flatten(algorithm)
    assert [float(leaf) for leaf in leaves] == [0.2, 0.2]
    assert jax.tree.structure(dg.AltGD(h=0.3, n_d=5)) == structure != jax.tree.structure(dg.AltGD(h=0.3))
    rates = np.array([0.1, 0.2])
    batch = jax.vmap(lambda h: dg.SimGD(h=h).step(dg.method("gan"), X))(rates)
    np.testing.assert_allclose(batch, [X + h * gan(np.asarray(X)) for h in rates], rtol=1e-14)
    slope = jax.jacfwd(lambda h: dg.SimGD(h=h).step(dg.method("gan"), X))(0.2)
    np.testing.assert_allclose(slope, gan(np.asarray(X)), rtol=1e-14)


def test_an_own_algorithm_is_a_class():
    class HeavyBall(dg.Algorithm):
        h_g: float = 0.1
        h_d: float = 0.1
        beta: float = 0.5

        def init(self, field, x):
            return x, jnp.zeros_like(x)

        def position(self, state):
            return state[0]

        def step(self, field, state, k=0):
            x, momentum = state
            momentum = self.beta * momentum + self.h_g * field.velocity(x)
            return x + momentum, momentum

    path = dg.simulate(dg.method("gan"), HeavyBall(), X, steps=5)
    x, momentum = np.asarray(X), np.zeros(2)
    for _ in range(5):
        momentum = 0.5 * momentum + 0.1 * gan(x)
        x = x + momentum
    np.testing.assert_allclose(path[-1], x, rtol=1e-14)
    assert dg.multipliers(dg.method("gan"), HeavyBall()).shape == (4,)


def test_named_algorithms():
    assert repr(algorithm_named("simgd", h=0.1)) == "SimGD(h=0.1)"
    with pytest.raises(ValueError, match="unknown algorithm 'sgd'"):
        algorithm_named("sgd")
    with pytest.raises(ValueError, match="unknown parameter 'n_d'"):
        algorithm_named("simgd", n_d=2)


@pytest.mark.parametrize("bad", [0.2, "simgd", None, dg.SimGD])
def test_what_is_no_algorithm(bad):
    with pytest.raises(TypeError, match=r"an algorithm such as SimGD\(h=0.2\) is needed"):
        dg.simulate(dg.method("gan"), bad, steps=1)
    with pytest.raises(TypeError, match=r"an algorithm such as SimGD\(h=0.2\) is needed"):
        dg.multipliers(dg.method("gan"), bad)
