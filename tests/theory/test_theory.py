"""The hand-derived oracle against other libraries, and `simulate` against its plain training loops."""

import ast
import functools
import inspect
import math
import pathlib

import mpmath
import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.special

import diracgan as dg
from diracgan import theory

# The fields to test are those of the catalogue at its defaults, less stiff where finite differences need it, and with
# a weight where the default is none.
MILDER = {"dragan": {"gamma": 2.5}, "dragan-ns": {"gamma": 2.5}}
MILDER |= {"uniform-data": {"gamma": 0.3}, "gaussian-data": {"gamma": 0.3}}


def setting(name):
    known = inspect.signature(theory.CLOSED_FORMS[name].field).parameters
    defaults = {p.name: p.default for p in dg.entry(name).parameters if p.name in known}
    return defaults | MILDER.get(name, {})


def scaled(hyper, scale):
    """The real-valued settings times a factor; switches and counts as they are."""
    return {key: scale * value if isinstance(value, float) else value for key, value in hyper.items()}


SETTINGS = {name: setting(name) for name in theory.CLOSED_FORMS}
SMOOTH = sorted(name for name, form in theory.CLOSED_FORMS.items() if form.jacobian is not None)
KINKED = sorted(name for name, form in theory.CLOSED_FORMS.items() if form.side is not None)


def test_theory_imports_nothing_from_the_package():
    for path in pathlib.Path(theory.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                own = module == "diracgan.theory" or module.startswith("diracgan.theory.")
                allowed = {"__future__", "cmath", "collections", "dataclasses", "functools", "math", "numpy", "typing"}
                assert own or module.split(".")[0] in allowed, f"{path.name} imports {module}"


def test_a_closed_form_is_for_the_flow_or_for_one_side():
    for name, form in theory.CLOSED_FORMS.items():
        assert form.source, name
        assert (form.jacobian is None) == (form.eigenvalues is None), name
        # With its norm the discriminator loses its only parameter: there is nothing to linearise.
        assert (form.jacobian is None) != (form.side is None) or name == "spectral-norm", name


def test_every_method_and_every_algorithm_with_multipliers_is_known():
    assert list(theory.CLOSED_FORMS) == [name for name in dg.methods() if name in theory.CLOSED_FORMS]
    assert len(theory.CLOSED_FORMS) == 55
    with_multipliers = {
        name for name, kind in dg.algorithms.ALGORITHMS.items() if not isinstance(kind.no_multipliers, str)
    }
    assert set(theory.ALGORITHMS) == with_multipliers


# ---- the fields ----


@pytest.mark.parametrize("t", [-700.0, -40.0, -1.5, 0.0, 1e-9, 0.7, 38.0, 700.0])
def test_link_derivatives_are_accurate_in_both_tails(t):
    with mpmath.workdps(40):
        exact = 1 / (1 + mpmath.exp(mpmath.mpf(t)))
        assert theory.slope(t) == pytest.approx(float(exact), rel=1e-15)
        assert theory.curvature(t) == pytest.approx(float(-exact * (1 - exact)), rel=1e-14)
        if abs(t) < 10:
            assert theory.slope(t) == pytest.approx(float(mpmath.diff(f, t)), rel=1e-14)
            assert theory.curvature(t) == pytest.approx(float(mpmath.diff(f, t, 2)), rel=1e-14)


def f(t):
    return -mpmath.log(1 + mpmath.exp(-t))


def minimax(a, b):
    return f(a * b) + f(0)


def non_saturating(a, b):
    return -f(-a * b)


def uniform(a, b):
    return mpmath.quad(lambda t: f(b * (a * t) ** 2) + f(-b * t**2), [0, 1])


def noisy(a, b, sigma):
    def density(z):
        return (f(b * (a + sigma * z)) + f(-b * sigma * z)) * mpmath.npdf(z)

    return mpmath.quad(density, [-10, -5, 0, 5, 10])


# (L_G, L_D - its penalty) as the papers write them.
OBJECTIVES = {
    "gan": (lambda a, b: minimax(a, b), lambda a, b: minimax(a, b)),
    "nsgan": (lambda a, b: non_saturating(a, b), lambda a, b: minimax(a, b)),
    "wgan": (lambda a, b, clip: a * b, lambda a, b, clip: a * b),
    "wgan-gp": (
        lambda a, b, gamma, target: a * b,
        lambda a, b, gamma, target: a * b - gamma / 2 * (abs(b) - target) ** 2,
    ),
    "instance-noise": (noisy, noisy),
    "uniform-data": (
        lambda a, b, gamma: uniform(a, b),
        lambda a, b, gamma: uniform(a, b) - gamma / 2 * mpmath.quad(lambda t: (2 * b * t) ** 2, [0, 1]),
    ),
    "gaussian-data": (
        lambda a, b, gamma, sigma: noisy(a, b, sigma),
        lambda a, b, gamma, sigma: noisy(a, b, sigma) - gamma / 2 * b**2,
    ),
    "r1": (lambda a, b, gamma: minimax(a, b), lambda a, b, gamma: minimax(a, b) - gamma / 2 * b**2),
    "r2": (lambda a, b, gamma: minimax(a, b), lambda a, b, gamma: minimax(a, b) - gamma / 2 * b**2),
    "nsgan-r1": (lambda a, b, gamma: non_saturating(a, b), lambda a, b, gamma: minimax(a, b) - gamma / 2 * b**2),
    "dragan": (
        lambda a, b, gamma, target: minimax(a, b),
        lambda a, b, gamma, target: minimax(a, b) - gamma / 2 * (abs(b) - target) ** 2,
    ),
    "dragan-ns": (
        lambda a, b, gamma, target: non_saturating(a, b),
        lambda a, b, gamma, target: minimax(a, b) - gamma / 2 * (abs(b) - target) ** 2,
    ),
}


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_fields_are_the_gradients_of_the_objectives(name):
    form, hyper = theory.CLOSED_FORMS[name], SETTINGS[name]
    generator, discriminator = (functools.partial(objective, **hyper) for objective in OBJECTIVES[name])
    for theta, psi in ((0.9, 1.1), (-1.4, 0.6), (2.0, -0.8), (-0.3, -1.7)):
        expected = -mpmath.diff(generator, (theta, psi), (1, 0)), mpmath.diff(discriminator, (theta, psi), (0, 1))
        assert form.field(theta, psi, **hyper) == pytest.approx([float(e) for e in expected], abs=1e-12)


def test_consensus_subtracts_the_gradient_of_half_the_squared_norm():
    plain, gamma = theory.CLOSED_FORMS["gan"].field, 1.3

    def f1(t):
        return 1 / (1 + mpmath.exp(t))

    def half_square(a, b):
        return (a**2 + b**2) * f1(a * b) ** 2 / 2

    for theta, psi in ((0.9, 1.1), (-1.4, 0.6), (2.0, -0.8)):
        gradient = [float(mpmath.diff(half_square, (theta, psi), order)) for order in ((1, 0), (0, 1))]
        expected = np.array(plain(theta, psi)) - gamma * np.array(gradient)
        assert theory.CLOSED_FORMS["consensus"].field(theta, psi, gamma=gamma) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", sorted(name for name in SETTINGS if theory.CLOSED_FORMS[name].energy))
def test_energy_law_is_the_radial_part_of_the_field(name):
    form, hyper = theory.CLOSED_FORMS[name], SETTINGS[name]
    theta, psi = np.random.default_rng(3).uniform(-2, 2, (2, 50))
    v_theta, v_psi = form.field(theta, psi, **hyper)
    np.testing.assert_allclose(theta * v_theta + psi * v_psi, form.energy(theta, psi, **hyper), atol=1e-13)


@pytest.mark.parametrize("slope", [0.3, 1.0, 4.0])
def test_noise_quadrature_against_adaptive_integration(slope):
    sigma, theta = 1.5, 0.4

    def expect(g):
        nodes = mpmath.linspace(-10, 10, 9)
        return float(mpmath.quad(lambda z: g(z) * mpmath.npdf(z), nodes))

    def f1(t):
        return 1 / (1 + mpmath.exp(t))

    drift = -slope * expect(lambda z: f1(slope * (theta + sigma * z)))
    lift = expect(lambda z: (theta + sigma * z) * f1(slope * (theta + sigma * z)) - sigma * z * f1(-slope * sigma * z))
    found = theory.CLOSED_FORMS["instance-noise"].field(theta, slope, sigma=sigma)
    assert found == pytest.approx([drift, lift], abs=1e-13)


# ---- linearisation ----


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_jacobian_and_eigenvalues(name, scale):
    form, hyper = theory.CLOSED_FORMS[name], scaled(SETTINGS[name], scale)
    step = 1e-4

    def column(dx, dy):
        """Central difference of fourth order."""
        at = lambda k: np.asarray(form.field(form.equilibrium[0] + k * dx, form.equilibrium[1] + k * dy, **hyper))
        near, far = at(1) - at(-1), at(2) - at(-2)
        return (8 * near - far) / (12 * step)

    differences = np.stack([column(step, 0), column(0, step)], axis=1)
    jacobian = np.array(form.jacobian(**hyper))
    np.testing.assert_allclose(jacobian, differences, atol=1e-10)

    def order(values):
        return sorted(values, key=lambda z: (round(z.real, 9), z.imag))

    np.testing.assert_allclose(order(form.eigenvalues(**hyper)), order(np.linalg.eigvals(jacobian)), atol=1e-12)


@pytest.mark.parametrize("name", [name for name in SMOOTH if theory.CLOSED_FORMS[name].critical])
def test_eigenvalues_meet_at_the_critical_setting_and_turn_real_there(name):
    form = theory.CLOSED_FORMS[name]
    key, value = next(iter(form.critical.items()))
    first, second = form.eigenvalues(**{**SETTINGS[name], key: value})
    assert abs(first - second) < 1e-7
    for factor, is_complex in ((0.99, True), (1.01, False)):
        first, second = form.eigenvalues(**{**SETTINGS[name], key: factor * value})
        assert (abs(first.imag) > 0) == is_complex


def test_critical_values():
    assert theory.gamma_critical(0.5) == 1.0
    assert theory.gamma_critical(1.0) == 2.0
    assert theory.instance_noise_gamma(math.sqrt(2)) == pytest.approx(1.0, rel=1e-15)
    assert theory.instance_noise_gamma(0.7) == pytest.approx(0.245, rel=1e-15)
    assert theory.dragan_node_threshold(1.0) == pytest.approx((math.sqrt(5) - 1) / 2, rel=1e-15)
    k = 1.7
    g = theory.dragan_node_threshold(k)
    assert g + g**2 * k**2 == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize("name", KINKED)
@pytest.mark.parametrize("sign", [1, -1])
def test_one_sided_equilibria(name, sign):
    form, hyper = theory.CLOSED_FORMS[name], SETTINGS[name]
    theta, jacobian = form.side(**hyper)

    def field(x, y):
        return np.array(form.field(sign * (theta + x), sign * y, **hyper))

    assert np.abs(field(0.0, 1e-30)).max() < 1e-14
    # One-sided differences of second order, so that no sample crosses the kink.
    step = 1e-5
    along = (field(step, 1e-30) - field(-step, 1e-30)) / (2 * step)
    across = (-3 * field(0.0, 1e-30) + 4 * field(0.0, step) - field(0.0, 2 * step)) / (2 * step)
    np.testing.assert_allclose(sign * np.stack([along, across], axis=1), jacobian, atol=1e-7)
    jump = np.subtract(form.field(0.3, 1e-30, **hyper), form.field(0.3, -1e-30, **hyper))
    np.testing.assert_allclose(jump, [0, 2 * hyper["gamma"] * hyper["target"]], atol=1e-14)


# ---- algorithms ----


def round_matrix(jacobian, h_g, h_d, n_g, n_d):
    """The matrix of one alternating round, as a product of elementary updates."""
    generator, discriminator = np.eye(2), np.eye(2)
    generator[0] += h_g * np.array(jacobian)[0]
    discriminator[1] += h_d * np.array(jacobian)[1]
    return np.linalg.matrix_power(discriminator, n_d) @ np.linalg.matrix_power(generator, n_g)


def radius(matrix):
    return np.max(np.abs(np.linalg.eigvals(matrix)))


def test_multipliers_of_random_linear_games():
    random = np.random.default_rng(0)
    for _ in range(300):
        jacobian, (h_g, h_d) = random.normal(size=(2, 2)), random.uniform(0.01, 1.0, 2)
        n_g, n_d = (int(n) for n in random.integers(1, 6, 2))
        matrix = round_matrix(jacobian, h_g, h_d, n_g, n_d)
        scale = max(1.0, radius(matrix))
        first, second = theory.altgd_multipliers(jacobian, h_g, h_d, n_g, n_d)
        assert abs(first + second - np.trace(matrix)) < 1e-12 * scale
        assert abs(first * second - np.linalg.det(matrix)) < 1e-11 * scale**2
        assert max(abs(first), abs(second)) == pytest.approx(radius(matrix), rel=1e-10)
        matrix = np.eye(2) + np.diag([h_g, h_d]) @ jacobian
        first, second = theory.simgd_multipliers(jacobian, h_g, h_d)
        assert abs(first + second - np.trace(matrix)) < 1e-12
        assert abs(first * second - np.linalg.det(matrix)) < 1e-12


def test_undamped_multipliers_as_in_the_paper():
    jacobian = ((0.0, -0.5), (0.5, 0.0))
    for n_g, n_d, h in ((1, 1, 0.2), (1, 5, 0.7), (2, 3, 1.0)):
        alpha = math.sqrt(n_g * n_d) * h / 2
        root = np.emath.sqrt((1 - alpha**2 / 2) ** 2 - 1)
        expected = 1 - alpha**2 / 2 + root, 1 - alpha**2 / 2 - root
        np.testing.assert_allclose(theory.altgd_multipliers(jacobian, h, h, n_g, n_d), expected, atol=1e-14)
    assert np.abs(theory.simgd_multipliers(jacobian, 0.2, 0.2)) == pytest.approx(math.sqrt(1 + 0.2**2 / 4), rel=1e-15)


def test_jury_margin_is_the_spectral_radius_condition():
    random = np.random.default_rng(1)
    for _ in range(500):
        matrix = random.normal(size=(2, 2))
        assert (theory.jury_margin(np.trace(matrix), np.linalg.det(matrix)) > 0) == (radius(matrix) < 1)


@pytest.mark.parametrize("c", [0.5, 1.0])
@pytest.mark.parametrize("gamma", [0.1, 0.3, 0.9, 1.0, 1.7, 2.0, 3.5])
def test_limits_of_a_zero_centred_penalty(c, gamma):
    jacobian = ((0.0, -c), (c, -gamma))
    expected = gamma / c**2 if gamma < 2 * c else (gamma - math.sqrt(gamma**2 - 4 * c**2)) / c**2
    assert theory.simgd_limit(jacobian) == pytest.approx(expected, rel=1e-13)
    assert theory.altgd_limit(jacobian) == pytest.approx((math.sqrt(gamma**2 + 4 * c**2) - gamma) / c**2, rel=1e-13)


@pytest.mark.parametrize("alpha", [0.05, 0.25, 2.0])
def test_limits_of_consensus(alpha):
    gamma, c = 4 * alpha, 0.5
    jacobian = ((-alpha, -c), (c, -alpha))
    assert theory.simgd_limit(jacobian) == pytest.approx(2 * gamma / (1 + gamma**2 * c**2), rel=1e-14)
    assert theory.altgd_limit(jacobian) == pytest.approx(2 / (c + gamma * c**2), rel=1e-14)


def test_published_figures_of_the_limits():
    def damped(gamma):
        return ((0.0, -0.5), (0.5, -gamma))

    simgd = [theory.simgd_limit(damped(gamma)) for gamma in (0.3, 0.5, 2.0)]
    np.testing.assert_allclose(simgd, [1.2, 2.0, 1.0717967697], rtol=1e-10)
    altgd = [theory.altgd_limit(damped(gamma)) for gamma in (0.1, 0.5)]
    np.testing.assert_allclose(altgd, [3.6199502484, 2.4721359550], rtol=1e-10)


def test_never_and_always():
    rotation, outward, saddle = ((0, -1), (1, 0)), ((0, -1), (1, 0.1)), ((1, 0), (0, -1))
    for jacobian in (rotation, outward, saddle):
        assert theory.simgd_limit(jacobian) == 0
    assert theory.altgd_limit(outward) == theory.altgd_limit(saddle) == 0
    assert theory.altgd_limit(rotation) == 2
    assert theory.altgd_limit(rotation, 1, 5) == pytest.approx(2 / math.sqrt(5), rel=1e-14)
    # Two players that do not touch each other, one of them with nothing to do: the other one's limit.
    assert theory.altgd_limit(((-1, 0), (0, -0.5)), 2, 3) == pytest.approx(2.0, rel=1e-12)
    assert theory.altgd_limit(((0.0, -1e-9), (1e-9, -1e-9))) > 1e8


@pytest.mark.parametrize("counts", [(1, 1), (1, 2), (1, 5), (2, 3), (3, 2), (4, 4)])
def test_limits_are_where_the_spectral_radius_passes_one(counts):
    random = np.random.default_rng(7)
    for _ in range(25):
        alpha, beta, c, d = random.uniform(0, 2, 4)
        jacobian = ((-alpha, -c), (d, -beta))
        limit = theory.altgd_limit(jacobian, *counts)

        def at(h, j=jacobian):
            return radius(round_matrix(j, h, h, *counts))

        assert all(at(limit * s) < 1 for s in np.linspace(0.02, 0.9999, 60))
        assert at(limit * 1.0001) > 1
        if counts == (1, 1):
            limit = theory.simgd_limit(jacobian)

            def at(h, j=jacobian):
                return radius(np.eye(2) + h * np.array(j))

            assert at(limit * 0.9999) < 1 < at(limit * 1.0001)


def test_two_time_scales():
    """h_g < γ/c² and 4 - 2h_dγ + h_g h_d c² > 0 is the stable region of SimGD with two rates."""
    random = np.random.default_rng(5)
    for _ in range(500):
        c, gamma, h_g, h_d = random.uniform(0.05, 3, 4)
        stable = radius(np.eye(2) + np.diag([h_g, h_d]) @ [[0, -c], [c, -gamma]]) < 1
        assert stable == (h_g < gamma / c**2 and 4 - 2 * h_d * gamma + h_g * h_d * c**2 > 0)


@pytest.mark.parametrize("c", [0.5, 1.0])
@pytest.mark.parametrize("h", [0.1, 0.6, 1.0])
def test_best_damping(c, h):
    def simgd(gamma):
        return radius(np.eye(2) + h * np.array([[0, -c], [c, -gamma]]))

    def altgd(gamma):
        return radius(round_matrix([[0, -c], [c, -gamma]], h, h, 1, 1))

    for rho, best in ((simgd, theory.simgd_best_gamma(c)), (altgd, theory.altgd_best_gamma(c, h))):
        assert rho(best) == pytest.approx(1 - h * c, abs=1e-7)
        assert all(rho(best * s) > rho(best) for s in (0.7, 0.9, 1.1, 1.3))
    deadbeat = np.eye(2) + np.array([[0, -c], [c, -theory.simgd_best_gamma(c)]]) / c
    assert np.abs(deadbeat @ deadbeat).max() == 0


# ---- orbits ----


@pytest.mark.parametrize("r", [0.1, 1.0, math.sqrt(2), 2.5])
def test_periods(r):
    assert theory.gan_period(r) == pytest.approx(float(2 * mpmath.pi * (1 + mpmath.besseli(0, r**2 / 2))), rel=1e-14)
    assert theory.orbit_period(theory.slope, r) == pytest.approx(theory.gan_period(r), rel=1e-13)

    def squared(t):
        return np.exp(-t)  # the link 1 - e^-t of the squared Hellinger distance

    expected = 2 * math.pi * scipy.special.i0(r**2 / 2)
    assert theory.orbit_period(squared, r) == pytest.approx(expected, rel=1e-13)
    expected, _ = scipy.integrate.quad(lambda a: 1 + math.exp(r**2 * math.sin(2 * a) / 2), 0, 2 * math.pi, epsabs=1e-12)
    assert theory.orbit_period(theory.slope, r) == pytest.approx(expected, rel=1e-11)


def test_simgd_growth_along_a_path():
    path = theory.simgd_path(theory.CLOSED_FORMS["gan"].field, (1.0, 1.0), 0.2, 300)
    squares = np.sum(path**2, axis=1)
    np.testing.assert_allclose(squares[1:] / squares[:-1], theory.simgd_growth(path[:-1].prod(1), 0.2), rtol=1e-14)
    linear = theory.simgd_path(lambda a, b: (-b, a), (1.0, 0.3), 0.2, 10)
    expected = 1.09 * theory.simgd_growth(0.0, 0.2, lambda u: 1.0) ** 10
    assert np.sum(linear[-1] ** 2) == pytest.approx(expected, rel=1e-14)


def test_wgan_alternating_orbits():
    def rotation(a, b):
        return (-b, a)

    path = theory.altgd_path(rotation, (1.0, 0.4), 0.3, 2000)
    values = theory.altgd_invariant(path[:, 0], path[:, 1], 0.3)
    assert np.ptp(values) < 1e-12
    for q in (3, 4, 5, 6, 12):
        path = theory.altgd_path(rotation, (1.0, 0.4), theory.wgan_return_rate(q), q)
        np.testing.assert_allclose(path[-1], path[0], atol=1e-13)
        assert np.all(np.linalg.norm(path[1:-1] - path[0], axis=1) > 1e-3)
    assert [theory.wgan_return_rate(q) for q in (6, 4, 3)] == pytest.approx([1, math.sqrt(2), math.sqrt(3)])
    clipped = theory.altgd_path(rotation, (3.0, 2.0), 0.3, 20000, bound=1.0)
    assert np.abs(clipped[:, 1]).max() <= 1
    end = theory.altgd_invariant(*clipped[-1], 0.3)
    assert end == pytest.approx(theory.wgan_clip_invariant(1.0, 0.3), abs=1e-8)


def flow(field, start, time, **options):
    options = {"rtol": 1e-11, "atol": 1e-13, "method": "DOP853", **options}
    return scipy.integrate.solve_ivp(lambda t, x: np.array(field(*x)), (0, time), start, **options)


def test_nsgan_laws():
    field = theory.CLOSED_FORMS["nsgan"].field
    end = flow(field, (0.2, 0.0), 2000.0).y[:, -1]
    assert np.linalg.norm(end) == pytest.approx(theory.nsgan_flow_radius(2000.0, 0.2), rel=2e-2)
    for h, tolerance in ((0.2, 2e-3), (0.1, 5e-4)):
        path = theory.simgd_path(field, (theory.nsgan_cycle_radius(h), 0.0), h, 2000)
        assert np.mean(np.linalg.norm(path[1000:], axis=1)) == pytest.approx(
            theory.nsgan_cycle_radius(h), rel=tolerance
        )


@pytest.mark.parametrize(("gamma", "target"), [(0.2, 1.0), (0.7, 1.0), (1.8, 0.3)])
def test_wgan_gp_cycle(gamma, target):
    def field(a, b):
        return theory.CLOSED_FORMS["wgan-gp"].field(a, b, gamma=gamma, target=target)

    start, half = theory.wgan_gp_crossing(gamma, target), theory.wgan_gp_period(gamma) / 2

    def upper(a, b):
        return (-b, a - gamma * (b - target))

    solved = flow(upper, (start, 0.0), half, t_eval=np.linspace(0, half, 7))
    np.testing.assert_allclose(theory.wgan_gp_cycle(solved.t, gamma, target), solved.y, atol=1e-9)
    np.testing.assert_allclose(solved.y[:, -1], [-start, 0], atol=1e-9)
    # It attracts: a fine Euler path of the whole field from elsewhere ends on it.
    path = theory.simgd_path(field, (0.4 * start, 0.5), 2e-3, 40000)[20000:]
    crossings = path[1:][np.sign(path[1:, 1]) != np.sign(path[:-1, 1]), 0]
    assert np.abs(crossings) == pytest.approx(start, rel=1e-2)


def test_wgan_gp_has_no_cycle_beyond_two():
    with pytest.raises(ValueError, match="0 < gamma < 2"):
        theory.wgan_gp_period(2.0)


@pytest.mark.parametrize("gamma", [0.3, 1.0, 10.0])
def test_consensus_has_a_saddle_away_from_the_solution(gamma):
    def field(x):
        return np.array(theory.CLOSED_FORMS["consensus"].field(*x, gamma=gamma))

    x = np.array(theory.consensus_spurious_equilibrium(gamma))
    assert np.abs(field(x)).max() < 1e-14
    assert np.abs(field(-x)).max() < 1e-14
    step = 1e-6 * np.eye(2)
    jacobian = np.stack([(field(x + e) - field(x - e)) / 2e-6 for e in step], axis=1)
    assert np.linalg.det(jacobian) < 0
    if gamma == 1.0:
        np.testing.assert_allclose(x, [0.3412, 2.1651], atol=5e-5)


def test_two_cycles_of_r1():
    r1 = theory.CLOSED_FORMS["r1"]
    for gamma, h in ((1.5, 1.45), (1.2, 1.9)):
        x = theory.r1_simgd_two_cycle(gamma, h)
        path = theory.simgd_path(lambda a, b, g=gamma: r1.field(a, b, gamma=g), x, h, 2)
        np.testing.assert_allclose(path[1:], [np.negative(x), x], atol=1e-14)
        assert h < theory.simgd_limit(r1.jacobian(gamma=gamma))
    for gamma, h in ((0.5, 2.6), (0.3, 4.0)):
        x = theory.r1_altgd_two_cycle(gamma, h)
        path = theory.altgd_path(lambda a, b, g=gamma: r1.field(a, b, gamma=g), x, h, 2)
        np.testing.assert_allclose(path[1:], [np.negative(x), x], atol=1e-13)
        assert theory.altgd_limit(r1.jacobian(gamma=gamma)) < h < 2 / gamma


# ---- simulate against the plain loops ----

SUPPLEMENT = [
    ("gan", {}),
    ("nsgan", {}),
    ("wgan", {"clip": 1.0}),
    ("wgan-gp", {"gamma": 0.7, "target": 1.0}),
    ("instance-noise", {"sigma": 0.7}),
    ("r1", {"gamma": 0.3}),
    ("r1", {"gamma": 1.0}),
    ("consensus", {"gamma": 1.0}),
    ("nsgan-r1", {"gamma": 0.3}),
]


@pytest.mark.parametrize(("name", "hyper"), SUPPLEMENT, ids=lambda value: str(value))
def test_paths_of_the_published_panels(name, hyper):
    form, start = theory.CLOSED_FORMS[name], (1.0, 1.0)
    bound = form.bound(**hyper) if form.bound else math.inf

    def field(theta, psi):
        return form.field(theta, psi, **hyper)

    plain = [
        (dg.SimGD(0.2), theory.simgd_path(field, start, 0.2, 500, bound)),
        (dg.AltGD(0.2), theory.altgd_path(field, start, 0.2, 500, bound=bound)),
        (dg.AltGD(0.2, n_d=5), theory.altgd_path(field, start, 0.2, 500, n_d=5, bound=bound)),
    ]
    for algorithm, expected in plain:
        path = np.asarray(dg.simulate(dg.method(name, **hyper), algorithm, start, 500))
        assert path.shape == expected.shape == (501, 2)
        np.testing.assert_allclose(path, expected, rtol=0, atol=1e-12)
