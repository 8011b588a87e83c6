"""Spectra against LAPACK and finite differences, and verdicts against measured decay."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

import diracgan as dg
from diracgan.dynamics.matrices import eigenvalues_2x2, growth
from diracgan.dynamics.spectrum import update_jacobian

entries = st.floats(-1e3, 1e3).map(lambda x: x if abs(x) > 1e-100 else 0.0)
closed = jax.jit(eigenvalues_2x2)


def ordered(values):
    return np.sort_complex(np.round(np.asarray(values), 12))


@given(entries, entries, entries, entries)
def test_two_by_two_eigenvalues_solve_the_characteristic_equation(a, b, c, d):
    pair = np.asarray(closed(jnp.array([[a, b], [c, d]])))
    size = max(map(abs, (a, b, c, d)), default=0.0)
    assert abs(pair.sum() - (a + d)) <= 1e-14 * size
    assert abs(pair.prod() - (a * d - b * c)) <= 1e-14 * size**2
    assert (pair[0] == pair[1].conjugate()) or np.all(pair.imag == 0)
    assert (pair[0].imag, pair[0].real) >= (pair[1].imag, pair[1].real)


def test_two_by_two_eigenvalues_against_lapack():
    matrices = np.random.default_rng(0).normal(size=(2000, 2, 2))
    derived = jax.jit(jax.vmap(eigenvalues_2x2))(matrices)
    expected = np.linalg.eigvals(matrices)
    error = np.abs(np.sort_complex(derived) - np.sort_complex(expected)).max(axis=1)
    gap = np.abs(expected[:, 0] - expected[:, 1])
    assert np.all(error <= 1e-14 / np.minimum(gap, 1))
    assert 500 < np.sum(expected.imag[:, 0] != 0) < 1500, "both kinds occur"
    radii = jax.jit(jax.vmap(growth))(matrices)
    np.testing.assert_allclose(radii, np.abs(expected).max(axis=1), rtol=1e-13)


def test_larger_spectra_against_lapack():
    matrix = np.random.default_rng(2).normal(size=(4, 4))

    class Linear(dg.VectorField):
        dimension = 4

        def velocity(self, x):
            return jnp.asarray(matrix, x.dtype) @ x

    expected = np.linalg.eigvals(matrix)
    np.testing.assert_allclose(ordered(dg.eigenvalues(Linear())), ordered(expected))
    np.testing.assert_allclose(ordered(dg.multipliers(Linear(), dg.SimGD(h=0.1))), ordered(1 + 0.1 * expected))
    radius = dg.spectral_radius(Linear(), dg.SimGD(h=0.1))
    assert float(radius) == pytest.approx(np.abs(1 + 0.1 * expected).max(), rel=1e-13)
    assert dg.verdict(Linear()).number == pytest.approx(expected.real.max(), rel=1e-13)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 2.5])
def test_lemma_of_the_gradient_penalty(gamma):
    expected = -gamma / 2 + np.array([1, -1]) * np.sqrt(complex(gamma**2 / 4 - 0.25))
    np.testing.assert_allclose(dg.eigenvalues(dg.method("r1", gamma=gamma)), expected, atol=1e-15)
    np.testing.assert_allclose(dg.jacobian(dg.method("r1", gamma=gamma)), [[0, -0.5], [0.5, -gamma]], atol=1e-16)


def test_a_double_eigenvalue_has_a_finite_gradient():
    def slowest(gamma):
        return dg.eigenvalues(dg.method("r1", gamma=gamma))[0].real

    assert slowest(1.0) == -0.5
    assert jax.grad(slowest)(1.0) == -0.5
    radius = lambda gamma: dg.spectral_radius(dg.method("r1", gamma=gamma), dg.SimGD(h=0.2))
    assert math.isfinite(jax.grad(radius)(1.0))
    assert math.isfinite(jax.grad(lambda h: dg.spectral_radius(dg.method("r1", gamma=1.0), dg.SimGD(h=h)))(2.0))
    for gamma in (0.999, 1.001):
        root = math.sqrt(abs(gamma**2 / 4 - 0.25))
        expected = -0.5 if gamma < 1 else -0.5 + gamma / 4 / root
        assert jax.grad(slowest)(gamma) == pytest.approx(expected, rel=1e-10)


def test_spectra_vmap_over_hyper_parameters():
    gammas = np.linspace(0.0, 2.5, 11)
    batch = jax.vmap(lambda gamma: dg.eigenvalues(dg.method("r1", gamma=gamma)))(gammas)
    np.testing.assert_allclose(batch, [dg.eigenvalues(dg.method("r1", gamma=g)) for g in gammas], atol=1e-15)
    rates = np.array([0.1, 0.5, 2.0])
    table = jax.vmap(lambda h: dg.multipliers(dg.method("r1"), dg.AltGD(h=h)))(rates)
    np.testing.assert_allclose(table, [dg.multipliers(dg.method("r1"), dg.AltGD(h=h)) for h in rates], atol=1e-15)


def fields_by_hand(gamma):
    slope = lambda x: 1 / (1 + np.exp(x[0] * x[1]))
    return {
        "r1": lambda x: (-x[1] * slope(x), x[0] * slope(x) - gamma * x[1]),
        "wgan-gp": lambda x: (-x[1], x[0] - gamma * (abs(x[1]) - 1) * np.sign(x[1])),
        "nsgan-r1": lambda x: (-x[1] * slope((-x[0], x[1])), x[0] * slope(x) - gamma * x[1]),
    }


def difference(fn, x, step=1e-6):
    return np.stack([(fn(x + e) - fn(x - e)) / (2 * step) for e in step * np.eye(len(x))], axis=1)


@pytest.mark.parametrize("name", ["r1", "wgan-gp", "nsgan-r1"])
@pytest.mark.parametrize("inner", [None, (1, 1), (1, 5), (3, 2), (2, 11)], ids=str)
def test_multipliers_against_a_differenced_loop(name, inner):
    v, x = fields_by_hand(0.4)[name], np.array([0.6, -0.8])

    def one_round(x):
        theta, psi = x
        if inner is None:
            return x + 0.3 * np.array(v(x))
        for _ in range(inner[0]):
            theta = theta + 0.3 * v((theta, psi))[0]
        for _ in range(inner[1]):
            psi = psi + 0.2 * v((theta, psi))[1]
        return np.array([theta, psi])

    algorithm = dg.SimGD(h=0.3) if inner is None else dg.AltGD(h_g=0.3, h_d=0.2, n_g=inner[0], n_d=inner[1])
    method, matrix = dg.method(name, gamma=0.4), difference(one_round, x)
    np.testing.assert_allclose(update_jacobian(method, algorithm, at=x), matrix, atol=1e-9)
    np.testing.assert_allclose(
        ordered(dg.multipliers(method, algorithm, at=x)), ordered(np.linalg.eigvals(matrix)), atol=1e-8
    )
    radius = np.abs(np.linalg.eigvals(matrix)).max()
    np.testing.assert_allclose(dg.spectral_radius(method, algorithm, at=x), radius, atol=1e-8)


@pytest.mark.parametrize(("n_g", "n_d"), [(1, 1), (1, 5), (2, 3)])
@pytest.mark.parametrize("h", [0.2, 1.0, 2.5])
def test_lemma_of_alternating_descent(h, n_g, n_d):
    # λ = 1 - a²/2 ± √((1 - a²/2)² - 1) with a = √(n_g n_d) h/2; on the unit circle when a <= 2.
    a2 = n_g * n_d * h**2 / 4
    root = np.sqrt(complex((1 - a2 / 2) ** 2 - 1))
    derived = dg.multipliers(dg.method("gan"), dg.AltGD(h=h, n_g=n_g, n_d=n_d))
    np.testing.assert_allclose(ordered(derived), ordered([1 - a2 / 2 + root, 1 - a2 / 2 - root]), atol=1e-12)
    kind = dg.verdict(dg.method("gan"), dg.AltGD(h=h, n_g=n_g, n_d=n_d)).kind
    assert kind == ("neutral" if a2 <= 4 else "unstable")


@pytest.mark.parametrize(("gamma", "h"), [(0.3, 0.2), (0.8, 1.1), (1.6, 0.4), (2.5, 0.9)])
def test_gradient_of_the_spectral_radius(gamma, h):
    def by_hand(gamma, h):
        if gamma < 1:
            return math.sqrt(1 - h * gamma + h**2 / 4)
        return max(abs(1 + h * (-gamma / 2 + s * math.sqrt(gamma**2 / 4 - 0.25))) for s in (1, -1))

    radius = lambda gamma, h: dg.spectral_radius(dg.method("r1", gamma=gamma), dg.SimGD(h=h))
    assert float(radius(gamma, h)) == pytest.approx(by_hand(gamma, h), rel=1e-14)
    by_gamma, by_h = jax.grad(radius, (0, 1))(gamma, h)
    e = 1e-6
    assert float(by_gamma) == pytest.approx((by_hand(gamma + e, h) - by_hand(gamma - e, h)) / 2e-6, rel=1e-8)
    assert float(by_h) == pytest.approx((by_hand(gamma, h + e) - by_hand(gamma, h - e)) / 2e-6, rel=1e-8)
    if gamma < 1:
        assert float(by_gamma) == pytest.approx(-h / (2 * by_hand(gamma, h)), rel=1e-13)


@pytest.mark.parametrize("name", ["wgan-gp", "dragan", "dragan-ns"])
def test_no_jacobian_at_a_kink(name):
    method = dg.method(name)
    for call in (dg.jacobian, dg.eigenvalues):
        with pytest.raises(ValueError, match=r"not differentiable at \[0.0, 0.0\]; ask for .* side=1 or side=-1$"):
            call(method)
        with pytest.raises(ValueError, match=r"side must be one of None, 1, -1; 2 was given"):
            call(method, side=2)
        call(method, at=(0.3, 1e-3))
    for call in (dg.multipliers, dg.spectral_radius):
        with pytest.raises(ValueError, match="so that the update has no multipliers there"):
            call(method, dg.SimGD(h=0.2))


@pytest.mark.parametrize("theta", [0.0, 0.7, -1e3])
@pytest.mark.parametrize("side", [1, -1])
def test_one_sided_jacobians(side, theta):
    derived = dg.jacobian(dg.method("wgan-gp", gamma=0.7), at=(theta, 0.0), side=side)
    np.testing.assert_allclose(derived, [[0, -1], [1, -0.7]], atol=1e-15)


@pytest.mark.parametrize("side", [1, -1])
def test_one_sided_jacobian_where_the_sides_differ(side):
    # A penalty (γ/2)(|ψ| - g₀)² whose weight depends on the side, through an own field with a declared kink.
    class Bent(dg.VectorField):
        def velocity(self, x):
            return jnp.stack([-x[1], x[0] - jnp.where(x[1] > 0, 2.0, 3.0) * x[1] + jnp.sign(x[1])])

        def kinks(self, x):
            return (x[1],)

    slope = {1: -2.0, -1: -3.0}[side]
    np.testing.assert_allclose(dg.jacobian(Bent(), side=side), [[0, -1], [1, slope]], atol=1e-15)
    expected = slope / 2 + np.array([1, -1]) * np.sqrt(complex(slope**2 / 4 - 1))
    np.testing.assert_allclose(dg.eigenvalues(Bent(), side=side), expected, atol=1e-7)
    assert dg.verdict(Bent()).kind == "not differentiable"
    # Away from the kink the side is not asked for, and giving it changes nothing.
    np.testing.assert_array_equal(dg.jacobian(Bent(), at=(0.0, 0.5), side=side), dg.jacobian(Bent(), at=(0.0, 0.5)))


def spurious(gamma=1.0):
    """The saddle of consensus optimisation: 2uσ(u) = 1, r⁴ = 4u² + 1/(γ f''(u))²."""
    sigma = lambda t: 1 / (1 + math.exp(-t))
    u = brentq(lambda u: 2 * u * sigma(u) - 1, 0.5, 1.0, xtol=1e-15)
    bend = -sigma(u) * sigma(-u)
    r2 = math.sqrt(4 * u**2 + 1 / (gamma * bend) ** 2)
    phi = math.atan2(2 * u / r2, 1 / (gamma * r2 * bend)) / 2
    return math.sqrt(r2) * math.cos(phi), math.sqrt(r2) * math.sin(phi)


SITUATIONS = [
    ("gan", {}, None, None, "neutral", 0.0),
    ("gan", {}, dg.SimGD(h=0.2), None, "unstable", math.hypot(1, 0.1)),
    ("gan", {}, dg.AltGD(h=0.2), None, "neutral", 1.0),
    ("gan", {}, dg.AltGD(h=4.0), None, "neutral", 1.0),
    ("gan", {}, dg.AltGD(h=4.4), None, "unstable", 2.42 - 1 + math.sqrt(1.42**2 - 1)),
    ("nsgan", {}, None, None, "neutral", 0.0),
    ("wgan", {}, dg.SimGD(h=0.2), None, "unstable", math.hypot(1, 0.2)),
    ("wgan-gp", {}, None, None, "not differentiable", math.nan),
    ("wgan-gp", {}, dg.SimGD(h=0.2), None, "not differentiable", math.nan),
    ("dragan", {}, dg.AltGD(h=0.2), None, "not differentiable", math.nan),
    ("wgan-gp", {}, None, (0.3, 0.4), "not an equilibrium", math.nan),
    ("r1", {}, dg.SimGD(h=0.2), (0.3, 0.0), "not an equilibrium", math.nan),
    ("r1", {"gamma": 0.3}, None, None, "stable", -0.15),
    ("r1", {"gamma": 1.0}, None, None, "stable", -0.5),
    ("r1", {"gamma": 0.0}, None, None, "neutral", 0.0),
    ("r1", {"gamma": 0.3}, dg.SimGD(h=0.2), None, "stable", math.sqrt(1 - 0.06 + 0.01)),
    ("r1", {"gamma": 0.3}, dg.SimGD(h=1.2), None, "neutral", 1.0),
    ("r1", {"gamma": 0.3}, dg.SimGD(h=1.2 + 1e-9), None, "unstable", math.sqrt(1 + (2 * 1.2 / 4 - 0.3) * 1e-9)),
    ("r1", {"gamma": 0.3}, dg.SimGD(h=1.2 - 1e-9), None, "stable", math.sqrt(1 - (2 * 1.2 / 4 - 0.3) * 1e-9)),
    ("r1", {"gamma": 1.0}, dg.SimGD(h=2.0), None, "stable", 0.0),
    ("instance-noise", {"sigma": 0.7}, None, None, "stable", -0.1225),
    ("consensus", {"gamma": 1.0}, dg.SimGD(h=0.2), None, "stable", abs(complex(0.95, 0.1))),
    ("consensus", {"gamma": 1.0}, None, spurious(), "unstable", None),
]


@pytest.mark.parametrize(("name", "values", "algorithm", "at", "kind", "number"), SITUATIONS)
def test_verdicts(name, values, algorithm, at, kind, number):
    verdict = dg.verdict(dg.method(name, **values), algorithm, at=at)
    assert verdict.kind == kind
    if number is not None:
        assert verdict.number == pytest.approx(number, rel=1e-10, abs=1e-15, nan_ok=True)
    assert (verdict.half_life < math.inf) == (kind == "stable")
    assert str(verdict) == f"{kind}: {verdict.reason} [{verdict.condition}]"
    if kind == "neutral":
        assert verdict.reason == "the spectrum lies on the boundary: linearisation cannot decide"
        assert "holds only with equality" in verdict.condition
    if kind in ("stable", "unstable"):
        assert ("< 1" if verdict.condition.startswith("|") else "tr J < 0 < det J") in verdict.condition
        assert {"stable": " holds: ", "unstable": " fails: "}[kind] in verdict.condition


def test_the_numbers_of_a_verdict_are_its_condition():
    flow = dg.verdict(dg.method("r1", gamma=0.3))
    assert flow.condition == "tr J < 0 < det J holds: tr J = -0.3, det J = 0.25"
    step = dg.verdict(dg.method("r1", gamma=0.3), dg.SimGD(h=0.2))
    assert step.condition == "|tr M| < 1 + det M < 2 holds: |tr M| = 1.94, 1 + det M = 1.95"


def test_a_spurious_equilibrium_is_an_equilibrium():
    x = spurious()
    assert np.abs(dg.method("consensus", gamma=1.0)(x)).max() < 1e-14
    values = np.sort(np.asarray(dg.eigenvalues(dg.method("consensus", gamma=1.0), at=x)).real)
    assert values[0] < -0.01 < 0.01 < values[1]


DECAYS = [("r1", {"gamma": 0.3}), ("r1", {"gamma": 1.5}), ("consensus", {"gamma": 0.5}), ("instance-noise", {})]


@pytest.mark.parametrize(("name", "values"), DECAYS)
@pytest.mark.parametrize("algorithm", [dg.SimGD(h=0.5), dg.AltGD(h=0.5)], ids=["sim", "alt"])
def test_half_life_of_an_algorithm_is_measured(name, values, algorithm):
    # For a spiral the area spanned by two paths shrinks by the square of the modulus, free of the oscillation; for
    # a node the slow direction remains.
    method = dg.method(name, **values)
    half_life = dg.verdict(method, algorithm).half_life
    start, rounds = 1e-5 * np.eye(2), int(4 * half_life) + 20
    paths = np.asarray(dg.simulate(method, algorithm, start, steps=400))
    if np.iscomplexobj(np.linalg.eigvals(np.asarray(update_jacobian(method, algorithm)))):
        size = np.sqrt(np.abs(np.linalg.det(paths.swapaxes(0, 1))))
    else:
        size = np.linalg.norm(paths[0], axis=1)
    early = min(100, rounds)
    measured = early * math.log(2) / math.log(size[50] / size[50 + early])
    assert measured == pytest.approx(half_life, rel=1e-6)


def test_half_life_of_a_flow_is_measured():
    for gamma in (0.3, 1.5):
        method = dg.method("r1", gamma=gamma)
        paths = np.asarray(dg.flow(method, 1e-5 * np.eye(2), times=[0.0, 20.0, 40.0]))
        if gamma < 1:
            size = np.sqrt(np.abs(np.linalg.det(paths.swapaxes(0, 1))))
        else:
            size = np.linalg.norm(paths[0], axis=1)
        measured = 20 * math.log(2) / math.log(size[1] / size[2])
        assert measured == pytest.approx(dg.verdict(method).half_life, rel=2e-5)


def test_dead_beat_has_no_half_life():
    # γ = 2f'(0), h = 1/f'(0): the linearised update is nilpotent.
    verdict = dg.verdict(dg.method("r1", gamma=1.0), dg.SimGD(h=2.0))
    assert (verdict.kind, verdict.half_life) == ("stable", 0.0)
    matrix = np.asarray(update_jacobian(dg.method("r1", gamma=1.0), dg.SimGD(h=2.0)))
    np.testing.assert_array_equal(matrix @ matrix, np.zeros((2, 2)))


def test_points_are_checked():
    with pytest.raises(ValueError, match="at must be finite"):
        dg.jacobian(dg.method("gan"), at=(math.nan, 0.0))
    with pytest.raises(ValueError, match=r"at must have shape \(2,\); use jax.vmap for many; shape \(3,\)"):
        dg.eigenvalues(dg.method("gan"), at=(1.0, 2.0, 3.0))


@pytest.mark.parametrize("name", dg.methods())
def test_jacobians_against_finite_differences(name):
    method, x = dg.method(name), np.array([0.6, -0.8])
    expected = difference(lambda y: np.asarray(method(y)), x, 1e-5)
    np.testing.assert_allclose(dg.jacobian(method, at=x), expected, rtol=1e-8, atol=1e-9)


def test_a_plain_function_has_a_spectrum():
    turn = lambda x: jnp.stack([-x[1], x[0]])
    np.testing.assert_allclose(dg.jacobian(turn), [[0, -1], [1, 0]])
    np.testing.assert_allclose(dg.jacobian(turn, at=(1.0, 2.0)), [[0, -1], [1, 0]])
    np.testing.assert_allclose(dg.eigenvalues(turn), [1j, -1j])
    np.testing.assert_allclose(np.abs(dg.multipliers(turn, dg.AltGD(0.2))), 1)
    assert float(dg.spectral_radius(turn, dg.SimGD(0.2))) == pytest.approx(math.sqrt(1.04))


@pytest.mark.parametrize("wide", [True, False])
def test_a_verdict_is_as_fine_as_float64(wide):
    with jax.enable_x64(wide):
        judged = lambda *given: dg.verdict(*given).kind
        assert judged(dg.method("r1"), dg.SimGD(h=1e-3)) == "stable"
        assert judged(dg.method("gan"), dg.SimGD(h=1e-4)) == "unstable"
        assert judged(dg.method("gan"), dg.Optimistic(5e-4)) == "stable"
        assert judged(dg.method("gan"), dg.HeavyBall(1e-4, 0.5)) == "unstable"
        assert judged(dg.method("gan"), dg.HeavyBall(0.3, 0.0, alternating=True)) == "neutral"
        assert judged(dg.method("r1", gamma=300.0)) == "stable"
        assert dg.verdict(dg.method("r1", gamma=1e8)).number == pytest.approx(-2.5e-9, rel=1e-6)
        assert judged(dg.method("gan")) == judged(dg.method("gan"), dg.AltGD(h=0.2)) == "neutral"
        # The numbers are told with the digits in which they differ.
        assert dg.verdict(dg.method("gan"), dg.SimGD(h=1e-4)).condition.endswith("1 + det M = 2.0000000025")


@pytest.mark.parametrize(
    ("name", "given", "same"),
    [
        ("wgan-gp", {"target": 0.0, "gamma": 0.7}, ("wgan-r1", {"gamma": 1.4})),
        ("wgan-lp", {"target": 0.0, "gamma": 0.7}, ("wgan-r1", {"gamma": 1.4})),
        ("wgan-gp", {"gamma": 0.0}, ("wgan-r1", {"gamma": 0.0})),
        ("dragan", {"gamma": 0.0}, ("gan", {})),
    ],
)
def test_without_a_target_there_is_no_kink(name, given, same):
    field, smooth = dg.method(name, **given), dg.method(same[0], **{k: v / 2 for k, v in same[1].items()})
    assert field.kinks(jnp.zeros(2))[0] == 1
    np.testing.assert_allclose(dg.jacobian(field), dg.jacobian(smooth), atol=1e-15)
    assert dg.verdict(field).kind == dg.verdict(smooth).kind


def test_the_hinge_of_a_noisy_game_has_a_kink_at_every_node():
    game = dg.DiracGAN(dg.Hinge(), noise=dg.GaussianNoise(0.7, nodes=16))
    kinks = np.array([float(kink) for kink in game.kinks(jnp.array([1.0, 1.0]))])
    nodes = 0.7 * np.polynomial.hermite_e.hermegauss(16)[0]
    np.testing.assert_allclose(kinks, [*(1 - (1 + nodes)), *(1 + nodes)], atol=1e-12)
    # Not at the mean score, which is 1 here.
    assert np.all(np.isfinite(dg.jacobian(game, at=(1.0, 1.0))))


def test_huge_settings_have_a_verdict():
    # Every entry beyond 1e154 overflows when it is squared; that is a verdict all the same.
    assert dg.verdict(dg.method("r1"), dg.SimGD(h=1e200)).kind == "unstable"
    assert dg.verdict(dg.method("r1", gamma=1e200), dg.AltGD(h=1.0)).kind == "unstable"
    assert dg.verdict(dg.method("distortion", gamma=1e200), dg.SimGD(h=1.0)).kind == "unstable"
    with pytest.raises(ValueError, match="at must be finite"):
        dg.verdict(dg.method("r1"), at=(math.nan, 0.0))
    pair = eigenvalues_2x2(jnp.array([[0.0, -1e200], [1e200, 0.0]]))
    np.testing.assert_allclose(pair, [1e200j, -1e200j])
    np.testing.assert_allclose(dg.eigenvalues(dg.method("r1", gamma=1e300)).real, [0, -1e300], atol=1e284)
