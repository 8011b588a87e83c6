"""Games of any generator and any discriminator: the Dirac-GAN is one of them, and NumPy knows some others."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.algorithms import ALGORITHMS, algorithm_named
from diracgan.games.divergences import DIVERGENCES
from diracgan.games.general import GAN
from diracgan.games.measures import Discrete, Minibatch, between

LOSSES = {
    "minimax": dg.Minimax(),
    "non-saturating": dg.NonSaturating(),
    "wasserstein": dg.Wasserstein(),
    "least-squares": dg.LeastSquares(),
    "least-squares-ns": dg.LeastSquares(0.0, 1.0, 1.0),
    "hinge": dg.Hinge(),
    "relativistic": dg.Relativistic(),
    "relativistic-ns": dg.Relativistic(saturating=False),
    "link": dg.Link(jnp.tanh),
    **{f"f-gan-{name}": dg.FGAN(kind()) for name, kind in DIVERGENCES.items()},
}
PENALTIES = {
    "r1": dg.R1(0.3),
    "r2": dg.R2(0.3),
    "wgan-gp": dg.GradientNorm(0.7, 1.0),
    "dragan": dg.DRAGAN(0.7, 1.0),
    "roth": dg.Roth(0.3),
    "zero-centred": dg.ZeroCentred(0.3),
    "one-sided": dg.OneSidedGradientNorm(0.7, 0.5),
    "lecam": dg.LeCam(0.3, 0.2, -0.1),
}
STATES = [(0.9, 0.7), (-0.6, 0.4), (0.3, -0.8), (1.4, -0.5)]


def line(weight, x):
    return weight * x


def point(theta, z):
    return theta


def dirac(loss=None, penalties=(), **options):
    """The Dirac-GAN as a general game."""
    options.setdefault("data", 0.0)
    loss = dg.Minimax() if loss is None else loss
    return GAN(loss, penalties, generator=(point, 1.0), discriminator=(line, 1.0), **options)


def same(general, own, atol=1e-12):
    for x in STATES:
        np.testing.assert_allclose(general(x), own(x), rtol=0, atol=atol)
        np.testing.assert_allclose(jax.jacfwd(general)(jnp.array(x)), jax.jacfwd(own)(jnp.array(x)), rtol=0, atol=atol)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_that_of_the_dirac_gan(name):
    same(dirac(LOSSES[name]), dg.DiracGAN(LOSSES[name]))


@pytest.mark.parametrize("name", PENALTIES)
def test_every_penalty_is_that_of_the_dirac_gan(name):
    same(dirac(penalties=PENALTIES[name]), dg.DiracGAN(dg.Minimax(), PENALTIES[name]))


def test_noise_data_elsewhere_and_what_the_generator_pays_are_those_of_the_dirac_gan():
    noise = dg.GaussianNoise(0.7, nodes=32)
    same(dirac(noise=noise), dg.DiracGAN(dg.Minimax(), noise=noise))
    same(dirac(penalties=dg.R1(0.3), data=0.5), dg.DiracGAN(dg.Minimax(), dg.R1(0.3), data=0.5))
    same(dirac(distortions=dg.Distortion(0.1)), dg.DiracGAN(dg.Minimax(), distortions=dg.Distortion(0.1)))


def test_runs_clipping_flows_and_verdicts_are_those_of_the_dirac_gan():
    general, own = dirac(dg.Wasserstein(), clip=0.5), dg.DiracGAN(dg.Wasserstein(), clip=0.5)
    for algorithm in (dg.SimGD(h=0.2), dg.AltGD(h=0.1, n_d=3)):
        runs = [dg.simulate(game, algorithm, (1.0, 1.0), 40) for game in (general, own)]
        np.testing.assert_allclose(*runs, rtol=0, atol=1e-13)
    general, own = dirac(penalties=dg.R1(0.3)), dg.DiracGAN(dg.Minimax(), dg.R1(0.3))
    times = np.linspace(0, 5, 6)
    np.testing.assert_allclose(dg.flow(general, (1.0, 0.5), times), dg.flow(own, (1.0, 0.5), times), atol=1e-9)
    assert dg.verdict(general, at=(0.0, 0.0)).number == pytest.approx(-0.15, abs=1e-15)
    assert dg.outcome(dg.simulate(general, dg.SimGD(h=0.5), steps=400), (0.0, 0.0)).kind == "converged"


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_takes_a_general_game(name):
    algorithm = algorithm_named(name)
    runs = [dg.simulate(game, algorithm, (0.6, -0.4), 12) for game in (dirac(), dg.DiracGAN(dg.Minimax()))]
    np.testing.assert_allclose(*runs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "transform",
    [dg.Consensus, dg.JARE, dg.GeneratorGradientPenalty, dg.SymplecticAdjustment, dg.LOLA, dg.Unrolled, dg.Drift],
)
def test_every_transform_takes_a_general_game(transform):
    same(transform(dirac(), 0.3), transform(dg.DiracGAN(dg.Minimax()), 0.3))


# A game that NumPy knows: D(x) = ψᵀAx, one generated point θ in ℝ³, three real points.
A = np.array([[1.0, 0, 0], [0.5, 1, 0], [0, 0.5, 1]])
REAL = np.array([[0.2, -0.1, 0.4], [0.5, 0.3, -0.2], [-0.4, 0.1, 0.1]])
THETA, PSI = np.array([0.7, -0.3, 0.2]), np.array([0.4, 0.8, -0.5])
X = np.concatenate([THETA, PSI])


def bilinear(psi, x):
    return psi @ (jnp.asarray(A, x.dtype) @ x)


def in_space(loss=None, penalties=(), **options):
    options.setdefault("data", REAL)
    loss = dg.Minimax() if loss is None else loss
    return GAN(loss, penalties, generator=(point, jnp.zeros(3)), discriminator=(bilinear, jnp.zeros(3)), **options)


def sigma(t):
    return 1 / (1 + np.exp(-t))


def by_hand(penalty_force):
    """v of the minimax game: -∇_θ L = -f'(ψᵀAθ) Aᵀψ, ∇_ψ L = f'(ψᵀAθ) Aθ - mean f'(-ψᵀAx) Ax, less the penalty's."""
    pull = sigma(-(PSI @ A @ THETA))
    data = np.mean([sigma(PSI @ A @ x) * (A @ x) for x in REAL], axis=0)
    return np.concatenate([-pull * (A.T @ PSI), pull * (A @ THETA) - data - penalty_force])


NORM = np.linalg.norm(A.T @ PSI)
FORCES = {
    # ∇_ψ of the penalty; everywhere ∇ₓD = Aᵀψ, |∇D|² = ψᵀAAᵀψ.
    "r1": 0.3 * A @ A.T @ PSI,
    "r2": 0.3 * A @ A.T @ PSI,
    "zero-centred": 2 * 0.3 * A @ A.T @ PSI,
    "wgan-gp": 0.7 * (NORM - 1.0) / NORM * A @ A.T @ PSI,
    "dragan": 0.7 * (NORM - 1.0) / NORM * A @ A.T @ PSI,
    "one-sided": 0.7 * max(NORM - 0.5, 0) / NORM * A @ A.T @ PSI,
}


@pytest.mark.parametrize("name", FORCES)
def test_penalties_in_three_dimensions_by_hand(name):
    np.testing.assert_allclose(in_space(penalties=PENALTIES[name])(X), by_hand(FORCES[name]), rtol=0, atol=1e-14)


def test_score_penalties_in_three_dimensions_by_finite_differences():
    # In plain NumPy: the sigmoid weights of Roth et al. and the anchored scores of LeCam.
    def roth(psi):
        weights = np.mean([sigma(psi @ A @ x) ** 2 for x in REAL]) + sigma(-(psi @ A @ THETA)) ** 2
        return 0.15 * weights * (psi @ A @ A.T @ psi)

    def lecam(psi):
        return 0.3 * (np.mean([(-(psi @ A @ x) + 0.1) ** 2 for x in REAL]) + (psi @ A @ THETA + 0.2) ** 2)

    for name, value in (("roth", roth), ("lecam", lecam)):
        force = [(value(PSI + 1e-5 * e) - value(PSI - 1e-5 * e)) / 2e-5 for e in np.eye(3)]
        np.testing.assert_allclose(in_space(penalties=PENALTIES[name])(X), by_hand(np.array(force)), atol=1e-9)


def test_distortion_in_three_dimensions_by_hand():
    pulled = in_space(distortions=dg.Distortion(0.1))(X) - in_space()(X)
    np.testing.assert_allclose(pulled[:3], -0.2 * (THETA - REAL.mean(0)), atol=1e-14)


def test_the_gradient_norm_has_its_kink_where_the_gradient_vanishes():
    game = in_space(penalties=dg.GradientNorm(0.7, 1.0))
    assert dg.verdict(game, at=np.zeros(6)).kind == "not differentiable"
    assert float(game.kinks(jnp.asarray(X))[0]) == pytest.approx(NORM, abs=1e-14)
    assert np.all(np.isfinite(game(np.zeros(6))))


def test_noise_in_the_plane_is_seeded_and_tends_to_the_gaussian():
    # D(x) = ψ|x|²: with x = θ + σZ in the plane and the Wasserstein loss v_ψ = |θ|², as the noise of both sides
    # cancels, and (γ/2) E|∇D|² on the real points has the force 4γψ E|σZ|² = 8γψσ².
    game = GAN(
        dg.Wasserstein(),
        dg.R1(0.5),
        dg.GaussianNoise(0.3, nodes=256),
        generator=(point, jnp.zeros(2)),
        discriminator=(lambda psi, x: psi * jnp.sum(x**2), 0.0),
        data=np.zeros((1, 2)),
    )
    x = np.array([0.0, 0.0, 1.5])
    np.testing.assert_array_equal(game(x), game(x))
    assert float(game(x)[2]) == pytest.approx(-8 * 0.5 * 1.5 * 0.09, rel=0.15)
    assert float(game.keyed(1)(x)[2]) != float(game(x)[2])


def test_positions_between_are_a_quadrature_or_drawn():
    real = Discrete(jnp.array([0.0, 1.0]), jnp.array([0.25, 0.75]))
    fake = Discrete(jnp.array([3.0]), jnp.array([1.0]))
    # E x̂² with x̂ uniform on [a, 3]: (a² + 3a + 9)/3.
    assert float(between(real, fake).expect(lambda x: x**2)) == pytest.approx(0.25 * 3 + 0.75 * 13 / 3, abs=1e-13)
    many = [
        Discrete(jnp.full((4000, 2), place), jnp.full(4000, 1 / 4000), jax.random.key(3), True) for place in (0.0, 1.0)
    ]
    drawn = between(*many)
    assert drawn.points.shape == (4000, 2)
    np.testing.assert_array_equal(drawn.points[:, 0], drawn.points[:, 1])
    # Mean and variance of the uniform distribution, within four standard errors.
    assert float(jnp.mean(drawn.points)) == pytest.approx(1 / 2, abs=4 * (1 / 12 / 4000) ** 0.5)
    assert float(jnp.var(drawn.points)) == pytest.approx(1 / 12, abs=4 * (1 / 180 / 4000) ** 0.5)


# Networks, and minibatches.
def networks(**options):
    keys = jax.random.split(jax.random.key(4))
    generator = eqx.nn.MLP(2, 2, 5, 1, key=keys[0])
    discriminator = eqx.nn.MLP(2, "scalar", 6, 1, jnp.tanh, key=keys[1])
    options = {"latent": np.eye(2), "data": 1.5 * np.eye(2), **options}
    return GAN(dg.NonSaturating(), dg.R1(1.0), generator=generator, discriminator=discriminator, **options)


def test_modules_and_pairs_are_the_same_players():
    game = networks()
    generator, discriminator = game.unflatten(game.equilibrium)
    assert isinstance(generator, eqx.nn.MLP)
    np.testing.assert_array_equal(game.flatten(generator, discriminator), game.equilibrium)
    assert game.dimension == 12 + 15 + 18 + 7
    assert game.generator_size == 27

    def dense(parameters, x):
        (w, b), (out, c) = parameters
        return out @ jnp.tanh(w @ x + b) + c

    layers = [(layer.weight, layer.bias) for layer in discriminator.layers]
    pair = game.replace(discriminator=(dense, [layers[0], (layers[1][0][0], layers[1][1][0])]))
    np.testing.assert_allclose(pair(game.equilibrium), game(game.equilibrium), atol=1e-15)
    function, parameters = pair.unflatten(game.equilibrium)[1]
    assert function is dense
    np.testing.assert_array_equal(parameters[0][0], layers[0][0])


def test_the_velocity_of_networks_is_the_gradient_of_both_objectives_by_finite_differences():
    game = networks()
    x = game.equilibrium + 0.1 * np.sin(np.arange(game.dimension))
    real, latent = 1.5 * np.eye(2), np.eye(2)

    def numpy_layers(net, points, activation):
        hidden = activation(points @ np.asarray(net.layers[0].weight).T + np.asarray(net.layers[0].bias))
        return hidden @ np.asarray(net.layers[1].weight).T + np.asarray(net.layers[1].bias)

    def objectives(x):
        generator, D = game.unflatten(x)
        fake = numpy_layers(generator, latent, lambda t: np.maximum(t, 0))
        score = lambda points: numpy_layers(D, points, np.tanh)[:, 0]
        w, out = np.asarray(D.layers[0].weight), np.asarray(D.layers[1].weight)[0]
        slopes = [(out * (1 - np.tanh(w @ y + np.asarray(D.layers[0].bias)) ** 2)) @ w for y in real]
        gain = -np.mean(np.log1p(np.exp(-score(fake)))) - np.mean(np.log1p(np.exp(score(real))))
        return np.mean(np.log1p(np.exp(score(fake)))), gain - np.mean(np.sum(np.square(slopes), 1)) / 2

    v, size = game(x), game.generator_size
    for i in range(0, game.dimension, 3):
        step = np.zeros(game.dimension)
        step[i] = 1e-6
        up, down = objectives(x + step), objectives(x - step)
        wanted = -(up[0] - down[0]) / 2e-6 if i < size else (up[1] - down[1]) / 2e-6
        assert float(v[i]) == pytest.approx(wanted, abs=2e-8)


def test_what_is_no_floating_array_is_part_of_the_function():
    class Indexed(eqx.Module):
        weight: jax.Array
        order: jax.Array
        activation: object

        def __call__(self, x):
            return self.activation(jnp.dot(self.weight, x[self.order]))

    D = Indexed(jnp.array([1.0, 2.0]), jnp.array([1, 0]), jnp.tanh)
    game = GAN(dg.Wasserstein(), generator=(point, jnp.zeros(2)), discriminator=D, data=np.zeros((1, 2)))
    assert game.dimension == 4
    x = game.flatten((point, jnp.array([0.5, 0.25])), D)
    # D = tanh(x₂ + 2x₁): its gradient (2, 1)(1 - tanh²).
    np.testing.assert_allclose(game(x)[:2], -np.array([2.0, 1.0]) * (1 - np.tanh(1.25) ** 2), atol=1e-15)
    assert game.unflatten(x)[1].order.dtype == D.order.dtype


def normal(key):
    # In float32 always: the numbers of a key depend on the type.
    return jax.random.normal(key, (16, 2), jnp.float32)


def test_minibatches_follow_from_the_key_and_the_round():
    game = networks(latent=normal, data=Minibatch(np.random.default_rng(0).normal(size=(40, 2)), 8), key=7)
    x = game.equilibrium
    first, again, other = game.in_round(3)(x), game.in_round(3)(x), game.in_round(4)(x)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    assert not np.allclose(first, game.keyed(8).in_round(3)(x))
    path = dg.simulate(game, dg.SimGD(h=0.1), x, steps=6)
    by_hand = jnp.asarray(x)
    for k in range(6):
        by_hand = by_hand + 0.1 * game.in_round(k)(by_hand)
        np.testing.assert_allclose(path[k + 1], by_hand, atol=1e-13)
    # Thinning counts the rounds, too.
    np.testing.assert_array_equal(dg.simulate(game, dg.SimGD(h=0.1), x, steps=6, save_every=3)[1:], path[3::3])


def test_minibatches_are_unbiased():
    points = np.random.default_rng(0).normal(size=(12, 2))
    game = networks(data=Minibatch(points, 64))
    whole = networks(data=points)
    x = game.equilibrium
    rounds = jax.vmap(lambda k: game.in_round(k)(jnp.asarray(x)))(jnp.arange(400))
    error = np.std(rounds, axis=0) / np.sqrt(400)
    assert np.all(np.abs(np.mean(rounds, axis=0) - whole(x)) <= 5 * error + 1e-15)


def test_a_wrapped_algorithm_and_a_transform_see_every_round():
    game = networks(latent=normal)
    x = game.equilibrium
    inner = dg.simulate(game, dg.SimGD(h=0.1), x, steps=4)
    np.testing.assert_allclose(
        dg.simulate(game, dg.Lookahead(dg.SimGD(h=0.1), k=2, alpha=1.0), x, 2)[1:], inner[2::2], atol=1e-14
    )
    penalised = dg.Consensus(game, 0.1)
    np.testing.assert_array_equal(penalised.in_round(2)(x), dg.Consensus(game.in_round(2), 0.1)(x))
    assert not np.allclose(penalised.in_round(2)(x), penalised.in_round(3)(x))


def test_a_game_of_minibatches_has_no_one_map():
    game = networks(latent=normal)
    reason = "another minibatch in every round"
    for ask in (game, dg.jacobian, dg.verdict, dg.eigenvalues):
        with pytest.raises(ValueError, match=reason):
            ask(game.equilibrium) if ask is game else ask(game)
    with pytest.raises(ValueError, match=reason):
        dg.multipliers(game, dg.SimGD(h=0.1))
    with pytest.raises(ValueError, match=reason):
        dg.multipliers(dg.Consensus(game, 0.1), dg.SimGD(h=0.1))
    # A round has one: I + h ∂v/∂x.
    here = jax.jacfwd(game.in_round(5))(jnp.asarray(game.equilibrium))
    wanted = np.sort(np.abs(np.linalg.eigvals(np.eye(game.dimension) + 0.1 * np.asarray(here))))
    found = np.sort(np.abs(dg.multipliers(game, dg.SimGD(h=0.1), step=5)))
    np.testing.assert_allclose(found, wanted, atol=1e-7)


BAD = {
    "the generator must make points": lambda: in_space(data=np.zeros((4, 2))),
    "must return one number": lambda: networks().replace(discriminator=eqx.nn.MLP(2, 1, 4, 1, key=jax.random.key(0))),
    "the generator given does not take one point": lambda: networks(latent=np.zeros((3, 5))),
    "n >= 1; points of shape": lambda: in_space(data=np.zeros((0, 3))),
    "3 points and weights of shape": lambda: in_space(data=dg.Measure(REAL, np.ones(2) / 2)),
    "their sum is nan": lambda: in_space(data=dg.Measure(REAL, np.array([np.nan, 0.5, 0.5]))),
    "must return floating numbers": lambda: networks(latent=lambda key: jnp.zeros((3, 2), int)),
    "key must be an integer with 0 <=": lambda: dirac(key=2**32),
    "use jax.vmap over them": lambda: dirac(key=jax.random.split(jax.random.key(0))),
    "sum to 1": lambda: in_space(data=dg.Measure(REAL, np.ones(3))),
    "the points of the data must be finite": lambda: in_space(data=np.where(REAL > 0.4, np.nan, REAL)),
    "parameters of the generator must be finite": lambda: dirac().replace(generator=(point, jnp.nan)),
    "has no parameters": lambda: dirac().replace(discriminator=lambda x: x),
    "a sampler of the latent must return points": lambda: networks(latent=lambda key: jax.random.normal(key)),
    "a function of one jax.random key": lambda: networks(latent=lambda: np.zeros((3, 2))),
    "size must be an integer": lambda: Minibatch(REAL, 0),
    "minibatch is drawn from points": lambda: Minibatch(np.zeros((0, 2)), 3),
    "the discriminator must have parameters of shapes": lambda: networks().flatten(
        networks().unflatten(networks().equilibrium)[0], eqx.nn.MLP(2, "scalar", 3, 1, key=jax.random.key(0))
    ),
    r"the state must have shape \(52,\)": lambda: networks()(np.zeros(51)),
    r"shape \(52,\) or": lambda: dg.simulate(networks(), dg.SimGD(h=0.1), np.zeros(7), 3),
}


@pytest.mark.parametrize("said", BAD)
def test_what_does_not_fit_is_one_clear_value_error(said):
    with pytest.raises(ValueError, match=said):
        BAD[said]()


def test_wrong_kinds_are_type_errors():
    for wrong, said in (
        (lambda: dirac().replace(generator=3.0), "callable pytree"),
        (lambda: dirac(loss="gan"), "loss must be"),
        (lambda: dirac(penalties=dg.R1), "the class itself"),
        (lambda: in_space(data="digits"), "data must be a measure"),
    ):
        with pytest.raises(TypeError, match=said):
            wrong()


def test_a_round_of_minibatches_lowers_everywhere_in_float32():
    for algorithm in (dg.HeavyBall(h=0.01), dg.AltGD(h=0.01, n_d=2)):
        with jax.enable_x64(False):
            game = networks(latent=normal, data=Minibatch(np.eye(2, dtype=np.float32), 8))
            x = jnp.asarray(game.equilibrium, jnp.float32)
            state = algorithm.init(game.in_round(0), x)
            round_ = jax.jit(functools.partial(_round, algorithm))
            exported = jax.export.export(round_, platforms=("cpu", "cuda", "tpu"))(game, state, jnp.int32(2))
            moved = jax.jit(exported.call)(game, state, jnp.int32(2))
        assert "f64" not in exported.mlir_module()
        assert "callback" not in exported.mlir_module()
        position = algorithm.position(moved)
        assert position.dtype == np.float32
        start = algorithm.init(game.in_round(0), jnp.asarray(x, jnp.float64))
        double = algorithm.position(round_(game, start, 2))
        np.testing.assert_allclose(position, double, atol=2e-6)


def _round(algorithm, game, state, k):
    dtype = algorithm.position(state).dtype
    from diracgan.algorithms import ready
    from diracgan.games.parameters import cast

    return ready(algorithm, dtype).step(cast(game, dtype).in_round(k), state, k)


def test_new_numbers_compile_nothing_new():
    traced = []

    def counted(psi, x):
        traced.append(1)
        return psi * x

    make = lambda gamma, at: GAN(
        dg.Minimax(), dg.R1(gamma), generator=(point, at), discriminator=(counted, at), data=0.0
    )
    first = make(0.3, 0.1)
    first(STATES[0])
    count = len(traced)
    other = make(0.4, 0.2)
    made = len(traced) - count
    np.testing.assert_allclose(other(STATES[0]), dg.method("r1", gamma=0.4)(STATES[0]), atol=1e-15)
    assert len(traced) == count + made
