"""Results about whole games that come out of the machinery: cycles, frozen orbits, saddles, moving anchors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize
import scipy.special

import diracgan as dg
from diracgan import theory
from diracgan.games.divergences import DIVERGENCES


def path(name, algorithm, start, steps, **hyper):
    return np.asarray(dg.simulate(dg.method(name, **hyper), algorithm, start, steps))


def radii(name, algorithm, start, steps, **hyper):
    """The distances from the origin in the second half of a run."""
    return np.linalg.norm(path(name, algorithm, start, steps, **hyper)[steps // 2 :], axis=1)


def radius_of(name, algorithm, **hyper):
    return float(dg.spectral_radius(dg.method(name, **hyper), algorithm))


# ---- cycles of simultaneous descent ----


@pytest.mark.parametrize(("h", "mean"), [(0.05, 0.31620), (0.1, 0.44710), (0.2, 0.6317), (0.5, 0.993)])
def test_the_cycle_of_the_non_saturating_game(h, mean):
    for start in (0.7, 1.5):
        found = radii("nsgan", dg.SimGD(h), (start * theory.nsgan_cycle_radius(h), 0.0), 40_000)
        assert found.mean() == pytest.approx(mean, abs=6e-4)
        assert found.mean() == pytest.approx(theory.nsgan_cycle_radius(h), rel=0.03 * h)


def test_the_non_saturating_game_loses_u_tanh_of_half_u():
    x = np.random.default_rng(0).uniform(-3, 3, (200, 2))
    u = x[:, 0] * x[:, 1]
    rate = np.sum(x * np.asarray(jax.vmap(dg.method("nsgan"))(x)), axis=1)
    np.testing.assert_allclose(rate, -u * np.tanh(u / 2), atol=1e-14)


@pytest.mark.parametrize(("h", "low", "high"), [(0.05, 1.3795, 1.521), (0.2, 1.28, 1.88)])
def test_the_hinge_game_keeps_to_the_circle_of_its_margin(h, low, high):
    for start in (0.5, 3.0):
        found = radii("hinge", dg.SimGD(h), (start, 0.0), 40_000)
        assert low - 0.005 < found.min() < found.max() < high + 0.005
        assert found.max() > np.sqrt(2)


def test_the_one_sided_penalty_has_an_averaged_cycle():
    for h, low, high in ((0.01, 1.049, 1.062), (0.05, 1.153, 1.215), (0.2, 1.537, 1.798)):
        found = radii("wgan-lp", dg.SimGD(h), (1.0, 0.0), 20_000, gamma=0.7)
        assert (found.min(), found.max()) == pytest.approx((low, high), abs=2e-3)
        assert theory.wgan_lp_cycle_radius(0.7, 1.0, h) == pytest.approx(found.mean(), rel=0.01)


@pytest.mark.parametrize("h", [0.02, 0.1])
def test_lecam_has_a_cycle_under_simultaneous_descent(h):
    expected = theory.lecam_cycle_radius(0.3, h)
    for name in ("lecam", "clc"):
        found = radii(name, dg.SimGD(h), (1.5 * expected, 0.0), 60_000, gamma=0.3)
        assert found.mean() == pytest.approx(expected, rel=5e-3)


def test_the_flow_of_lecam_converges_without_a_rate():
    end = path("lecam", dg.RungeKutta(0.1), (0.5, 0.0), 40_000, gamma=0.3)[-1]
    assert np.linalg.norm(end) == pytest.approx(theory.lecam_flow_radius(4000.0, 0.3, 0.5), rel=0.02)


@pytest.mark.parametrize(("decay", "ratio"), [(0.9, 8.92), (0.95, 12.63), (0.99, 28.27)])
@pytest.mark.parametrize("name", ["gan", "wgan"])
def test_rmsprop_has_a_cycle_without_a_penalty(decay, ratio, name):
    h = 1e-3
    for start in (0.5, 1.5):
        hyper = {"clip": 10.0} if name == "wgan" else {}
        found = radii(name, dg.RMSProp(h, decay=decay, epsilon=1e-30), (start * ratio * h, 0.0), 40_000, **hyper)
        assert found.mean() / h == pytest.approx(ratio, rel=2e-3)
    assert theory.rmsprop_cycle_radius(1.0, decay) == pytest.approx(ratio, rel=0.06 if decay < 0.99 else 0.006)


# ---- frozen orbits and periods ----


def test_least_squares_freezes_where_the_discriminator_is_right():
    end = path("lsgan", dg.SimGD(0.05), (0.5, 0.5), 20_000)[-1]
    assert end[0] * end[1] == pytest.approx(1.0, abs=1e-9)
    assert np.linalg.norm(end) == pytest.approx(1.4316, abs=2e-2)
    # The stable part of θψ = 1 is |θ| > |ψ|.
    assert abs(end[0]) > abs(end[1])
    np.testing.assert_array_equal(dg.method("lsgan")((1.0, 1.0)), [0, 0])


@pytest.mark.parametrize("name", sorted(theory.LINK_PERIODS))
def test_periods_of_the_links(name):
    closed = theory.LINK_PERIODS[name]
    field, r = theory.CLOSED_FORMS[name].field, 1.2
    hyper = {p.name: p.default for p in dg.entry(name).parameters}
    # The angular velocity of a zero-sum game is F'(u) everywhere on the circle.
    assert closed(r) == pytest.approx(
        theory.orbit_period(lambda u: np.array([field(1.0, value, **hyper)[1] for value in u]), r), rel=1e-12
    )


def test_a_derived_period():
    name = "lsgan"
    assert dg.period(dg.method(name), (1.2, 0.0)) == pytest.approx(theory.LINK_PERIODS[name](1.2), rel=1e-7)


def test_frozen_circles_have_no_period():
    assert theory.LINK_PERIODS["lsgan"](1.5) == theory.LINK_PERIODS["hinge"](1.5) == np.inf
    assert theory.LINK_PERIODS["f-gan-pearson"](2.0) == np.inf > theory.LINK_PERIODS["f-gan-pearson"](1.9)


def test_a_lipschitz_reparametrisation_is_still_a_centre():
    orbit = path("lipschitz", dg.RungeKutta(0.02), (1.5, 0.5), 10_000)
    assert np.ptp(theory.lipschitz_invariant(orbit[:, 0], orbit[:, 1])) < 1e-6


# ---- equilibria elsewhere ----


@pytest.mark.parametrize("gamma", [0.3, 1.0, 3.0])
def test_a_root_search_finds_the_saddles_of_consensus(gamma):
    velocity = dg.method("consensus", gamma=gamma).velocity

    def newton(x, _):
        return x - jnp.linalg.solve(jax.jacfwd(velocity)(x) + 1e-14 * jnp.eye(2), velocity(x)), None

    grid = np.stack(np.meshgrid(*2 * [np.linspace(-4, 4, 25)]), axis=-1).reshape(-1, 2)
    ends = np.asarray(jax.jit(jax.vmap(lambda x: jax.lax.scan(newton, x, length=80)[0]))(grid))
    slow = np.linalg.norm(np.asarray(jax.jit(jax.vmap(velocity))(ends)), axis=1) < 1e-12
    found = np.unique(ends[slow & (np.abs(ends).max(1) < 6)].round(6), axis=0) + 0.0
    saddle = np.array(theory.consensus_spurious_equilibrium(gamma))
    expected = np.array([-saddle, (0, 0), saddle])
    assert found.shape == (3, 2)
    np.testing.assert_allclose(found, expected[np.argsort(expected[:, 0])], atol=1e-5)
    if gamma == 1.0:
        np.testing.assert_allclose(saddle, [0.3412, 2.1651], atol=5e-5)
    assert np.linalg.det(dg.jacobian(dg.method("consensus", gamma=gamma), saddle)) < 0


@pytest.mark.parametrize("gamma", [2.0, 2.5, 3.0])
@pytest.mark.parametrize("algorithm", [dg.SimGD(0.05), dg.AltGD(0.05)], ids=["sim", "alt"])
def test_wgan_gp_with_a_heavy_penalty_converges_elsewhere(gamma, algorithm):
    theta, psi = path("wgan-gp", algorithm, (1.0, 1.0), 8000, gamma=gamma, target=1.0)[-1]
    assert abs(psi) < 1e-9
    assert theta == pytest.approx(-np.sign(psi) * gamma if psi else np.sign(theta) * gamma, abs=1e-6)


def test_wgan_gp_with_a_light_penalty_keeps_turning():
    assert radii("wgan-gp", dg.SimGD(0.05), (1.0, 1.0), 8000, gamma=1.5, target=1.0).min() > 0.2


def test_dragan_is_captured_above_its_threshold():
    assert theory.dragan_node_threshold(1.0) == pytest.approx(0.618, abs=1e-3)
    tail = path("dragan", dg.SimGD(0.005), (1.0, 1.0), 100_000, gamma=0.7)[50_000:]
    assert np.ptp(tail[:, 1]) > 1
    theta, psi = path("dragan", dg.SimGD(0.005), (1.0, 1.0), 100_000, gamma=0.8)[-1]
    assert (abs(theta), abs(psi)) == pytest.approx((1.6, 0.0), abs=1e-4)
    theta, psi = path("dragan", dg.SimGD(0.02), (1.0, 1.0), 200_000, gamma=5.0)[-1]
    assert (theta, psi) == pytest.approx((-10.0, 0.0), abs=1e-4)


# ---- data elsewhere, with and without a bias ----


@pytest.mark.parametrize("data", [0.0, 0.5, 1.0, 2.0])
def test_data_away_from_the_origin_stabilise_the_unregularised_game(data):
    found = np.sort_complex(np.asarray(dg.eigenvalues(dg.method("gan", data=data))))
    np.testing.assert_allclose(found, np.sort_complex(np.array(theory.data_eigenvalues(data))), atol=1e-12)
    assert (found.real.max() < 0) == (data != 0)
    noisy = theory.CLOSED_FORMS["instance-noise"].eigenvalues(sigma=data)
    np.testing.assert_allclose(found, np.sort_complex(np.array(noisy)), atol=1e-12)

    found = np.sort_complex(np.asarray(dg.eigenvalues(dg.method("gan", data=data, bias=True))))
    cubic = np.sort_complex(np.roots(theory.bias_characteristic(data)))
    np.testing.assert_allclose(found, cubic, atol=1e-10)
    assert (found.real.max() < -1e-10) == (data != 0)


def test_simultaneous_descent_lands_on_data_away_from_the_origin():
    end = path("gan", dg.SimGD(0.2), (2.0, 1.0), 5000, data=1.0)[-1]
    np.testing.assert_allclose(end, [1.0, 0.0], atol=1e-12)


# ---- limits of the learning rate on the unregularised game, c = 1/2 ----


@pytest.mark.parametrize(
    ("algorithm", "limit"),
    [
        (dg.ExtraGradient, theory.extragradient_rotation_limit()),
        (dg.Optimistic, theory.optimistic_rotation_limit()),
        (dg.PastExtraGradient, theory.optimistic_rotation_limit()),
        (lambda h: dg.HeavyBall(h, -0.5, True), theory.heavy_ball_rotation_limit(-0.5, True)),
        (lambda h: dg.HeavyBall(h, -0.2, True), theory.heavy_ball_rotation_limit(-0.2, True)),
        (lambda h: dg.RungeKutta(h, order=3), theory.runge_kutta_rotation_limit(3)),
        (lambda h: dg.RungeKutta(h, order=4), theory.runge_kutta_rotation_limit(4)),
        (lambda h: dg.Lookahead(dg.SimGD(h), 5, 0.5), theory.lookahead_rotation_limit(5, 0.5)),
    ],
)
def test_limits_on_the_unregularised_game(algorithm, limit):
    for factor in (0.05, 0.5, 0.999):
        assert radius_of("gan", algorithm(factor * limit / 0.5)) < 1
    assert radius_of("gan", algorithm(1.001 * limit / 0.5)) > 1


def test_half_a_negative_momentum_is_stable_up_to_one():
    assert theory.heavy_ball_rotation_limit(-0.5, True) == 1.0
    for algorithm in (
        dg.HeavyBall(0.2, 0.5, True),
        dg.HeavyBall(0.2, -0.5),
        dg.HeavyBall(0.2, 0.5),
        dg.Nesterov(0.2, 0.5),
    ):
        assert radius_of("gan", algorithm) > 1


def test_lookahead_needs_a_short_way_back():
    for h in (0.2, 1.0):
        edge = 2 / (4 + (h / 2) ** 2)
        assert radius_of("gan", dg.Lookahead(dg.SimGD(h), 2, 0.999 * edge)) < 1
        assert radius_of("gan", dg.Lookahead(dg.SimGD(h), 2, 1.001 * edge)) > 1
        assert radius_of("gan", dg.Lookahead(dg.AltGD(h), 3, 0.9)) < 1


def test_implicit_steps_are_always_stable():
    for h in (0.1, 1.0):
        for algorithm in (dg.CompetitiveGradient(h), dg.ImplicitEuler(h)):
            assert radius_of("gan", algorithm) == pytest.approx((1 + h**2 / 4) ** -0.5, rel=1e-12)


# ---- f-GAN: the activations and conjugates against the definition of the conjugate ----

GENERATORS = {
    "kl": lambda u: scipy.special.xlogy(u, u),
    "reverse-kl": lambda u: -np.log(u),
    "pearson": lambda u: (u - 1) ** 2,
    "neyman": lambda u: (1 - u) ** 2 / u,
    "hellinger": lambda u: (np.sqrt(u) - 1) ** 2,
    "js": lambda u: scipy.special.xlogy(u, u) - (u + 1) * np.log((u + 1) / 2),
    "tv": lambda u: abs(u - 1) / 2,
}


@pytest.mark.parametrize("name", sorted(DIVERGENCES))
@pytest.mark.parametrize("v", [-1.3, -0.4, 0.0, 0.6, 1.1])
def test_conjugates(name, v):
    f, divergence = GENERATORS[name], DIVERGENCES[name]()
    t = float(divergence.activation(jnp.asarray(v)))
    # sup over u > 0 of ut - f(u), on a logarithmic scale and polished.
    found = scipy.optimize.minimize_scalar(
        lambda s: f(np.exp(s)) - t * np.exp(s), bounds=(-12, 5), method="bounded", options={"xatol": 1e-12}
    )
    assert float(divergence.conjugate(jnp.asarray(v))) == pytest.approx(-found.fun, abs=1e-4 if name == "tv" else 1e-9)
    if name != "tv":
        slope = (f(1 + 1e-6) - f(1 - 1e-6)) / 2e-6
        assert float(divergence.activation(jnp.asarray(0.0))) == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("name", sorted(DIVERGENCES))
def test_slopes_of_the_f_gan_links(name):
    divergence = DIVERGENCES[name]()
    t = np.linspace(-2, 2, 9)
    derived = jax.vmap(jax.grad(lambda s: -divergence.conjugate(-s)))(t)
    np.testing.assert_allclose(derived, theory.FGAN_SLOPES[name](t), atol=1e-13)


def test_the_generator_of_the_f_gan_paper_does_not_saturate():
    field = dg.DiracGAN(dg.FGAN(dg.JensenShannon(), saturating=False))
    np.testing.assert_allclose(field((0.7, -1.2)), dg.method("nsgan")((0.7, -1.2)), atol=1e-15)


# ---- games of one's own ----


def test_a_link_of_ones_own():
    game = dg.DiracGAN(dg.Link(lambda t: t - t**2 / 4))
    for state in ((0.7, -1.2), (2.0, 0.3)):
        np.testing.assert_allclose(game(state), dg.method("f-gan-pearson")(state), atol=1e-15)


def test_moving_anchors():
    gamma, kappa = 0.3, 0.05
    for one_sided in (False, True):
        field = dg.method("lecam", gamma=gamma, anchor_rate=kappa, moving=True, one_sided=one_sided)
        for theta, psi, real, fake in np.random.default_rng(1).uniform(-2, 2, (5, 4)):
            u, f1 = theta * psi, theory.slope(theta * psi)
            excess = max(u + real, 0) if one_sided else u + real
            expected = [-psi * f1, theta * f1 - 2 * gamma * theta * excess, -kappa * real, kappa * (-u - fake)]
            np.testing.assert_allclose(field((theta, psi, real, fake)), expected, atol=1e-14)


def test_anchors_decay_with_the_discriminators_rate():
    field, h = dg.method("lecam", moving=True, anchor_rate=0.05), 0.2
    run = np.asarray(dg.simulate(field, dg.AltGD(h), (0.0, 0.0, 0.4, -0.3), 50))
    np.testing.assert_allclose(run[:, 2:], np.outer((1 - h * 0.05) ** np.arange(51), [0.4, -0.3]), rtol=1e-12)
    np.testing.assert_array_equal(run[:, :2], 0)
    found = np.sort_complex(np.asarray(dg.multipliers(field, dg.SimGD(h))))
    expected = [1 - h * 0.05, 1 - h * 0.05, 1 + 0.1j, 1 - 0.1j]
    np.testing.assert_allclose(found, np.sort_complex(expected), atol=1e-12)
    # The player's own radius falls as slowly as with anchors at 0, and the anchors follow it.
    late = np.asarray(dg.simulate(field, dg.AltGD(h), (1.0, 1.0, 0.5, 0.5), 20_000))
    assert np.abs(late[-1, 2]) < 1e-12
    assert np.abs(late[-1]).max() < 0.2 * np.abs(late[100]).max()


def test_looking_ahead_by_nothing_changes_nothing():
    state = (0.7, -1.2)
    for field in (
        dg.method("unrolled", unroll=0),
        dg.method("unrolled", eta=0.0),
        dg.method("lola", eta=0.0),
        dg.method("drift", eta=0.0),
        dg.method("sga", gamma=0.0),
        dg.method("distortion", gamma=0.0),
    ):
        np.testing.assert_allclose(field(state), dg.method("gan")(state), atol=1e-15)


def test_unrolling_damps_the_generator_twice_as_much_when_differentiated():
    damping = [-float(dg.jacobian(dg.method("unrolled", eta=0.2, unroll=4, through=t))[0, 0]) for t in (True, False)]
    assert damping == pytest.approx([2 * 4 * 0.2 / 4, 4 * 0.2 / 4], abs=1e-14)
