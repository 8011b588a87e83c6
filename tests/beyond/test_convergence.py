"""The convergence theorem on games that NumPy and the closed forms know."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan import theory
from diracgan.beyond import local_convergence, problems
from diracgan.beyond.steps import _first_crossing, altgd_step, radius, simgd_step
from diracgan.games.divergences import DIVERGENCES

CONVERGES = "converges to the manifold"
A = np.array([[1.0, 0, 0], [0.5, 1, 0], [0, 0.5, 1]])
PROBLEMS = {problem.name: problem for problem in problems()}
BARE = {problem.name: problem for problem in problems(penalties=())}


@functools.cache
def of(name, penalised=True):
    problem = (PROBLEMS if penalised else BARE)[name]
    return local_convergence(problem.game, problem.at)


def line(weight, x):
    return weight * x


def point(theta, z):
    return theta


def dirac(loss, penalties=(), **options):
    return dg.GAN(loss, penalties, generator=(point, 0.0), discriminator=(line, 0.0), data=0.0, **options)


def by_rank(values):
    return sorted(np.round(values, 9), key=lambda z: (-z.real, abs(z.imag), -z.imag))


def close(found, wanted, atol=1e-10):
    np.testing.assert_allclose(by_rank(np.asarray(found)), by_rank(np.asarray(wanted, complex)), rtol=0, atol=atol)


@pytest.mark.parametrize("gamma", [0.3, 1.0, 2.5])
def test_the_dirac_gan_is_its_smallest_case(gamma):
    found = local_convergence(dirac(dg.Minimax(), dg.R1(gamma)))
    assert found.verdict == CONVERGES
    assert all(found.assumptions.values())
    assert (found.tangent_generator, found.tangent_discriminator) == (0, 0)
    close(found.spectrum, theory.CLOSED_FORMS["r1"].eigenvalues(gamma=gamma))
    jacobian = theory.CLOSED_FORMS["r1"].jacobian(gamma=gamma)
    assert found.step_simgd == pytest.approx(theory.simgd_limit(jacobian), rel=1e-7)
    assert found.step_altgd == pytest.approx(theory.altgd_limit(jacobian), rel=1e-12)


def test_without_a_penalty_the_dirac_gan_is_neutral_and_never_called_divergent():
    found = local_convergence(dirac(dg.Minimax()))
    assert found.verdict == "neutral"
    assert (found.step_simgd, found.step_altgd) == (0.0, 0.0)
    close(found.spectrum, [0.5j, -0.5j])
    assert "numerically" in str(found)
    assert "proved" not in str(found)


def test_instance_noise_is_absolutely_continuous_data():
    close(of("gaussian-shift", False).spectrum, theory.CLOSED_FORMS["instance-noise"].eigenvalues(sigma=0.7))
    assert of("gaussian-shift", False).verdict == CONVERGES
    # f'' = 0 leaves it a rotation.
    bare = local_convergence(PROBLEMS["gaussian-shift"].game.replace(loss=dg.Wasserstein(), penalties=()))
    assert bare.verdict == "neutral"
    assert not bare.assumptions["II"]


def test_the_matrix_problem_against_the_jacobian_by_hand():
    # J = [[0, -Aᵀ/2], [A/2, -γAAᵀ]].
    zero = np.zeros((3, 3))
    for penalised, gamma in ((True, 1.0), (False, 0.0)):
        wanted = np.block([[zero, -A.T / 2], [A / 2, -gamma * A @ A.T]])
        found = of("matrix", penalised)
        np.testing.assert_allclose(found.jacobian, wanted, atol=1e-14)
        np.testing.assert_allclose(found.blocks["J"], wanted, atol=1e-14)
        close(found.spectrum, np.linalg.eigvals(wanted))
    found = of("matrix")
    close(found.spectrum[:2], [-0.232333 + 0.249375j, -0.232333 - 0.249375j], atol=6e-7)
    assert found.step_simgd == pytest.approx(1.241762161, abs=1e-9)
    assert found.step_altgd == pytest.approx(0.938838327, abs=1e-9)
    assert of("matrix", False).verdict == "neutral"
    close(of("matrix", False).spectrum[:2], [0.340832j, -0.340832j], atol=4e-7)


def test_the_segment_against_moments_by_hand():
    # On x = (t, 0), E t² = 1/3, E t⁴ = 1/5: d = (t, 0, t², 0, 0), ∇D = ((1, 0), (0, 1), (2t, 0), (0, t), (0, 0)).
    Dg = np.zeros((5, 4))
    Dg[0, 0], Dg[1, 1], Dg[2, 2], Dg[3, 3] = 1, 1, 2 / 3, 1 / 3
    L = np.diag([1, 1, 4 / 3, 1 / 3, 0])
    K = -np.diag([1 / 3, 0, 1 / 5, 0, 0]) / 2
    for penalised in (True, False):
        J = np.block([[np.zeros((4, 4)), -Dg.T / 2], [Dg / 2, K - penalised * L]])
        found = of("segment", penalised)
        np.testing.assert_allclose(found.jacobian, J, atol=1e-14)
        # y² is free, everything else is normal.
        close(found.spectrum, np.linalg.eigvals(J[:8, :8]), atol=2e-8)
        assert (found.tangent_generator, found.tangent_discriminator) == (0, 1)
        np.testing.assert_allclose(np.abs(found.tangent.ravel()), np.eye(9)[8], atol=1e-12)
    assert of("segment").verdict == CONVERGES
    assert of("segment", False).verdict == "neutral"


def test_the_circles():
    # D = (r² - 1)ψ·(1, x, y) is 0 on the circle, |∇D|² = 4(ψ·(1, x, y))², Dg couples the radius by 2, the centre by 1.
    assert of("circle", False).verdict == "neutral"
    assert (of("circle").tangent_generator, of("circle").tangent_discriminator) == (1, 0)
    pairs = [np.array([[0, -1.0], [1.0, -4.0]]), *2 * [np.array([[0, -0.5], [0.5, -2.0]])]]
    close(of("circle").spectrum, np.concatenate([np.linalg.eigvals(pair) for pair in pairs]))
    # With D = ψ·(1, x, y, r²) no penalty is needed.
    found = of("circle-radius", False)
    assert found.verdict == CONVERGES
    close(found.spectrum[:2], [-0.125 + 0.484122918j] * 2, atol=1e-9)
    found = of("circle-radius")
    assert found.spectrum[0] == pytest.approx(-0.25, abs=1e-12)
    assert found.step_simgd == pytest.approx(0.4614152915, abs=1e-10)


def test_the_gaussian_turns():
    # d = (x, y, x², xy, y²) of N(0, I): E ddᵀ has 1, 1, [[3, 1], [1, 3]], 1; E AAᵀ = diag(1, 1, 4, 2, 4).
    found = of("gaussian")
    of_scores = np.zeros((5, 5))
    of_scores[0, 0] = of_scores[1, 1] = of_scores[3, 3] = 1
    of_scores[np.ix_([2, 4], [2, 4])] = [[3, 1], [1, 3]]
    np.testing.assert_allclose(found.blocks["K_DD"], -of_scores / 2, atol=1e-12)
    np.testing.assert_allclose(found.blocks["L_DD"], np.diag([1.0, 1, 4, 2, 4]), atol=1e-12)
    # g of A and b: ∂E x² = 2 at a₁₁, ∂E xy = 1 at a₁₂ and a₂₁, ∂E y² = 2 at a₂₂.
    Dg = np.zeros((5, 6))
    Dg[0, 4] = Dg[1, 5] = Dg[3, 1] = Dg[3, 2] = 1
    Dg[2, 0] = Dg[4, 3] = 2
    np.testing.assert_allclose(found.blocks["K_DG"], Dg / 2, atol=1e-12)
    assert (found.tangent_generator, found.tangent_discriminator) == (1, 0)
    np.testing.assert_allclose(np.abs(found.tangent[:4, 0]), np.array([0, 1, 1, 0]) / np.sqrt(2), atol=1e-12)


def test_the_network_against_numpy():
    problem, found = PROBLEMS["network"], of("network")
    assert (found.tangent_generator, found.tangent_discriminator) == (1, 24)
    points, weights = np.asarray(problem.game.data.points), np.asarray(problem.game.data.weights)
    w, b = problem.at[14:30].reshape(8, 2), problem.at[30:]
    hidden = np.tanh(points @ w.T + b)
    slopes = (1 - hidden**2)[:, :, None] * w
    K = -np.einsum("n,ni,nj->ij", weights, hidden, hidden) / 2
    L = np.einsum("n,nia,nja->ij", weights, slopes, slopes)
    of_A = np.einsum("n,nia,nb->iab", weights, slopes, points).reshape(8, 4)
    Dg = np.hstack([of_A, np.einsum("n,nia->ia", weights, slopes)])
    J = np.block([[np.zeros((6, 6)), -Dg.T / 2], [Dg / 2, K - L]])
    values = np.linalg.eigvals(J)
    close(found.spectrum, np.delete(values, np.argmin(np.abs(values))), atol=1e-9)


@pytest.mark.parametrize("rho", [0.2, 1.0])
def test_the_example_of_nagarajan_and_kolter(rho):
    # Their eigenvalues with the Wasserstein loss and (ρ/2)E|∇D|²: -2ρE x² ± √(4ρ²(E x²)² - 4/9), E x² = 1/3.
    found = local_convergence(PROBLEMS["uniform"].game.replace(loss=dg.Wasserstein(), penalties=dg.R1(rho)))
    root = np.sqrt(complex(4 * rho**2 / 9 - 4 / 9))
    close(found.spectrum, [-2 * rho / 3 + root, -2 * rho / 3 - root], atol=2e-8)
    assert found.verdict == CONVERGES
    # Minimax without a penalty: K_DG = ½ ∂_θ E(θz)² = 1/3, K_DD = -½ E x⁴ = -1/10.
    close(of("uniform", False).spectrum, np.linalg.eigvals([[0, -1 / 3], [1 / 3, -1 / 10]]))
    assert of("uniform", False).verdict == CONVERGES


def test_one_parameter_too_many_is_a_manifold_or_is_none():
    found = of("sum")
    assert (found.verdict, found.tangent_generator) == (CONVERGES, 1)
    # Across the line a + b = 0 the generator moves √2 times as fast.
    close(found.spectrum, [-0.5 + 0.5j, -0.5 - 0.5j])
    found = of("product")
    assert found.verdict.startswith("the theorem does not apply")
    assert "III" in found.verdict
    assert not found.assumptions["III"]
    assert found.assumptions["I"]
    assert found.residuals["M_G"] > 0.1


def test_what_the_discriminator_does_not_see():
    found = of("blind")
    assert found.verdict.startswith("the theorem does not apply: III (ii)")
    assert found.assumptions == {"I": True, "II": True, "III": False, "III (i)": True, "III (ii)": False}
    assert found.unseen_generator == 1
    np.testing.assert_array_equal(found.jacobian, np.zeros((2, 2)))
    # θ = 0 is a line of equilibria, and a run does reach it: THEORY of D = ψx² says (0, 0.4654) from (0.5, -0.3).
    path = dg.simulate(PROBLEMS["blind"].game.replace(penalties=()), dg.SimGD(h=0.01), (0.5, -0.3), 200_000, 200_000)
    np.testing.assert_allclose(path[-1], (0.0, 0.4654), atol=5e-3)
    # Without f'' a constant costs nothing and moves nothing.
    flat = local_convergence(PROBLEMS["circle-radius"].game.replace(loss=dg.Wasserstein()))
    assert flat.verdict == "neutral"
    np.testing.assert_allclose(np.abs(flat.unseen.ravel()), np.eye(8)[4], atol=1e-10)


def test_a_discriminator_that_vanishes_to_third_order_fails_three_one():
    game = dg.GAN(
        dg.Minimax(), dg.R1(1.0), generator=(point, 0.0), discriminator=(lambda psi, x: psi**3 * x, 0.0), data=0.0
    )
    found = local_convergence(game)
    assert not found.assumptions["III (i)"]
    assert found.verdict.startswith("the theorem does not apply: III (i)")


def test_where_assumption_one_fails():
    found = local_convergence(PROBLEMS["matrix"].game, np.array([0.1, 0, 0, 0, 0, 0]))
    assert found.verdict.startswith("the theorem does not apply: I fails")
    assert not found.assumptions["I"]
    assert found.residuals["p_θ = p_D"] > 1e-3
    # On the segment D = y² vanishes with its gradient, but not in a neighbourhood.
    found = local_convergence(PROBLEMS["segment"].game, PROBLEMS["segment"].at + np.eye(9)[8])
    assert found.residuals["D on the data"] == 0
    assert not found.assumptions["I"]


def test_at_a_kink_there_is_no_spectrum():
    found = local_convergence(PROBLEMS["matrix"].game.replace(penalties=dg.GradientNorm(1.0, 1.0)))
    assert found.verdict.startswith("the theorem does not apply: the field is not differentiable")
    assert len(found.spectrum) == 0
    assert np.isnan(found.step_simgd)


LOSSES = {
    "non-saturating": dg.NonSaturating(),
    "wasserstein": dg.Wasserstein(),
    "least-squares": dg.LeastSquares(),
    "relativistic": dg.Relativistic(),
    "relativistic-ns": dg.Relativistic(saturating=False),
    "link": dg.Link(lambda t: jnp.tanh(t) - t**2),
    **{name: dg.FGAN(kind()) for name, kind in DIVERGENCES.items()},
}


@pytest.mark.parametrize("name", LOSSES)
def test_the_assembled_jacobian_is_the_one_by_autodiff_for_any_loss(name):
    found = local_convergence(PROBLEMS["uniform"].game.replace(loss=LOSSES[name]))
    assert found.residuals["blocks"] <= 1e-13
    assert found.verdict == CONVERGES
    assert found.assumptions["II"] == (name not in ("wasserstein", "tv"))


@pytest.mark.parametrize(
    "penalty", [dg.R2(0.7), dg.Roth(0.7), dg.LeCam(0.7)], ids=lambda penalty: type(penalty).__name__
)
def test_the_assembled_jacobian_is_the_one_by_autodiff_for_other_penalties(penalty):
    found = local_convergence(PROBLEMS["circle-radius"].game.replace(penalties=penalty))
    assert found.residuals["blocks"] <= 1e-13


def test_a_penalty_on_other_points_says_that_the_blocks_are_others():
    found = local_convergence(PROBLEMS["circle-radius"].game.replace(penalties=dg.ZeroCentred(0.5)))
    assert found.residuals["blocks"] > 1e-3
    assert found.verdict == CONVERGES


def test_a_symmetry_that_the_quadrature_breaks_can_be_declared():
    # Four points (±1, ±1) have the second moments of N(0, I), which is all that a quadratic D sees, but do not turn.
    corners = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    game = PROBLEMS["gaussian"].game.replace(latent=corners, data=corners)
    hidden = local_convergence(game)
    assert (hidden.tangent_generator, hidden.assumptions["III (ii)"]) == (0, False)
    turn = np.concatenate([[0, -1, 1, 0], np.zeros(7)])
    declared = local_convergence(game, symmetries=turn)
    assert (declared.tangent_generator, declared.verdict) == (1, CONVERGES)
    assert declared.residuals["J on the tangent space"] <= 1e-14


def numpy_round(J, h, generator, alternating):
    """I + hJ, or one round in which the generator moves first."""
    one = np.eye(len(J))
    if not alternating:
        return one + h * J
    mask = np.arange(len(J)) < generator
    return (one + h * np.where(mask, 0, 1)[:, None] * J) @ (one + h * np.where(mask, 1, 0)[:, None] * J)


STABLE = [(name, penalised) for name in PROBLEMS for penalised in (True, False) if name not in ("product", "blind")]


@pytest.mark.parametrize("alternating", [False, True], ids=["simgd", "altgd"])
@pytest.mark.parametrize(("name", "penalised"), STABLE)
def test_the_measured_contraction_is_the_predicted_one(name, penalised, alternating):
    found, problem = of(name, penalised), (PROBLEMS if penalised else BARE)[name]
    if found.verdict != CONVERGES:
        assert found.verdict == "neutral"
        return
    step = found.step_altgd if alternating else found.step_simgd
    h, size = step / 4, problem.game.generator_size
    algorithm = dg.AltGD(h=h) if alternating else dg.SimGD(h=h)
    values, left = np.linalg.eig(numpy_round(found.jacobian, h, size, alternating).T)
    # The multipliers along the manifold are 1.
    off = np.abs(values - 1) > 1e-9
    leading = np.argmax(np.where(off, np.abs(values), 0))
    start = problem.at + 1e-7 * np.cos(np.arange(len(problem.at)) ** 2)
    path = np.asarray(dg.simulate(problem.game, algorithm, start, steps=10))
    amplitudes = np.abs((path - problem.at) @ left[:, leading])
    assert amplitudes[0] > 1e-10
    predicted = found.rate_altgd if alternating else found.rate_simgd
    assert (amplitudes[10] / amplitudes[0]) ** (1 / 10) == pytest.approx(predicted, rel=1e-6)
    assert found.contraction(h, alternating) == pytest.approx(predicted, rel=1e-12)


@pytest.mark.parametrize(("name", "penalised"), STABLE)
def test_the_largest_steps_are_sharp(name, penalised):
    found = of(name, penalised)
    if found.verdict != CONVERGES:
        return
    J = found.normal.T @ found.jacobian @ found.normal
    first = int(np.sum(np.any(found.normal[: found.normal.shape[0] - len(found.blocks["K_DD"])] != 0, axis=0)))
    for step, alternating in ((found.step_simgd, False), (found.step_altgd, True)):
        below, above = (numpy_round(J, factor * step, first, alternating) for factor in (1 - 1e-6, 1 + 1e-6))
        assert np.max(np.abs(np.linalg.eigvals(below))) < 1
        assert np.max(np.abs(np.linalg.eigvals(above))) > 1


def test_steps_of_any_jacobian_by_search():
    random = np.random.default_rng(0)
    for n in (2, 4, 6):
        B, Q = random.normal(size=(n, n)), random.normal(size=(n, n))
        J = np.block([[np.zeros((n, n)), -B.T], [B, -Q @ Q.T]])
        assert _first_crossing(J, n) == pytest.approx(altgd_step(J, n), rel=1e-9)
    # Damping of both players: (1 + hμ) for SimGD; the other road for AltGD.
    J = np.array([[-0.3, -1.0], [0.7, -0.2]])
    mu = np.linalg.eigvals(J)[0]
    assert simgd_step(J) == pytest.approx(-2 * mu.real / abs(mu) ** 2, rel=1e-14)
    h = altgd_step(J, 1)
    trace, det = np.trace(numpy_round(J, h, 1, True)), np.linalg.det(numpy_round(J, h, 1, True))
    # Jury's conditions hold with equality in one of them.
    assert min(abs(1 - det), abs(1 + det - abs(trace))) <= 1e-12
    assert radius(J, h / 2, 1) < 1


def test_the_precision_of_the_session_does_not_matter():
    with jax.enable_x64(False):
        problem = problems()[0]
        found = local_convergence(problem.game, jnp.asarray(problem.at, jnp.float32))
    np.testing.assert_array_equal(found.spectrum, of("matrix").spectrum)


def sampler(key):
    return jax.random.normal(key, (4, 3))


BAD = {
    "draws another minibatch": lambda: local_convergence(PROBLEMS["matrix"].game.replace(data=sampler)),
    r"at must have shape \(6,\)": lambda: local_convergence(PROBLEMS["matrix"].game, np.zeros(5)),
    "at must be finite": lambda: local_convergence(PROBLEMS["matrix"].game, np.full(6, np.nan)),
    "symmetries must be finite directions": lambda: local_convergence(PROBLEMS["matrix"].game, symmetries=np.ones(4)),
    "tolerance must be finite and > 0 and <= 1; 0.0": lambda: local_convergence(PROBLEMS["matrix"].game, tolerance=0.0),
    "use leading_spectrum": lambda: local_convergence(
        dg.GAN(
            dg.Minimax(),
            generator=(point, np.zeros(1500)),
            discriminator=(lambda psi, x: psi @ x, np.zeros(1500)),
            data=np.zeros((1, 1500)),
        )
    ),
}


@pytest.mark.parametrize("said", BAD)
def test_what_cannot_be_asked_is_one_clear_error(said):
    with pytest.raises(ValueError, match=said):
        BAD[said]()


def test_the_theorem_is_about_a_general_game():
    with pytest.raises(TypeError, match="game must be a GAN"):
        local_convergence(dg.method("r1"))


def test_problems_say_what_they_are():
    names = [problem.name for problem in problems()]
    assert len(set(names)) == len(names) == 11
    for problem in problems():
        assert problem.description
        assert problem.equilibria
        np.testing.assert_array_equal(problem.at, problem.game.equilibrium)
        assert float(jnp.max(jnp.abs(problem.game(problem.at)))) <= 1e-14
