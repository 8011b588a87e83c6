"""The flow against exact solutions and conservation laws."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import brentq
from scipy.special import i0

import diracgan as dg
from diracgan.dynamics import flows
from diracgan.dynamics.arrivals import arrival_time, period
from diracgan.dynamics.flows import flow

WGAN = dg.method("wgan", clip=5.0)
GAN = dg.method("gan")
R1 = dg.method("r1", gamma=0.3)


class Linear(dg.VectorField):
    """v(x) = A x, with the matrix as a leaf: one compilation serves every matrix."""

    matrix: np.ndarray

    def velocity(self, x):
        return self.matrix @ x


def exact(matrix, start, times):
    return np.array([expm((t - times[0]) * np.asarray(matrix)) @ start for t in times])


def test_the_wasserstein_game_turns():
    times = np.array([0.5, 1.0, 7.0, 100.0])
    x = flow(WGAN, (3.0, 4.0), times)
    t = times - times[0]
    expected = np.stack([3 * np.cos(t) - 4 * np.sin(t), 4 * np.cos(t) + 3 * np.sin(t)], axis=1)
    np.testing.assert_allclose(x, expected, atol=2e-9)


@pytest.mark.parametrize("gamma", [0.3, 2.0, 5.0])
def test_the_penalised_wasserstein_game_is_linear(gamma):
    # Under-, critically and over-damped.
    game = dg.DiracGAN(dg.Wasserstein(), (dg.R1(gamma),))
    times = np.array([0.0, 0.3, 1.0, 12.0])
    x = flow(game, (1.0, -2.0), times)
    np.testing.assert_allclose(x, exact([[0, -1], [1, -gamma]], [1, -2], times), atol=1e-10)


def test_linear_fields_against_the_matrix_exponential():
    matrices = np.random.default_rng(3).normal(size=(5, 2, 2))
    times = np.array([0.0, 0.3, 1.0, 3.0])
    for matrix in matrices:
        x = flow(Linear(matrix), (1.0, -2.0), times)
        np.testing.assert_allclose(x, exact(matrix, [1, -2], times), rtol=1e-9, atol=1e-10)


def test_a_field_given_as_a_function():
    times = np.linspace(0.0, 4.0, 5)
    x = flow(lambda x: jnp.array([1.0, 2.0]) * (1 - x**2), (0.0, 0.0), times)
    np.testing.assert_allclose(x, np.stack([np.tanh(times), np.tanh(2 * times)], axis=1), atol=1e-10)


def test_the_error_follows_the_tolerance():
    matrix, times = [[0, -1], [1, -0.3]], [0.0, 1.0, 5.0, 20.0]
    expected = exact(matrix, [1.0, 1.0], times)
    errors = []
    for rtol in (1e-3, 1e-6, 1e-9):
        x = flow(Linear(np.array(matrix)), (1.0, 1.0), times, rtol=rtol, atol=rtol)
        errors.append(np.abs(x - expected).max())
        assert errors[-1] < 20 * rtol
    assert errors[0] > 1e-6, "a loose tolerance must take long steps"
    assert np.all(np.diff(np.log10(errors)) < -1.5)


@pytest.mark.parametrize("name", ["gan", "r1", "instance-noise"])
def test_backwards_is_the_inverse(name):
    method, start = dg.method(name), np.array([0.8, 0.5])
    times = np.array([0.0, 0.5, 1.5, 4.0])
    there = np.asarray(flow(method, start, times))
    back = np.asarray(flow(method, there[-1], times[::-1]))
    np.testing.assert_allclose(back[::-1], there, atol=1e-8)
    np.testing.assert_allclose(back[0], there[-1])


def test_negative_times_run_backwards_from_the_first():
    x = flow(R1, (0.8, 0.5), [0.0, -0.5, -1.0, -2.0])
    again = flow(R1, x[-1], [3.0, 4.0, 4.5, 5.0])
    np.testing.assert_allclose(again[-1], (0.8, 0.5), atol=1e-9)


def test_energy_of_the_unregularised_gan():
    # θ² + ψ² is conserved for every zero-sum link.
    starts = np.array([[0.1, 0.2], [1.0, 1.0], [-1.5, 1.2], [0.0, 2.5]])
    x = np.asarray(flow(GAN, starts, np.linspace(0.0, 200.0, 101)))
    energy = np.sum(x**2, axis=2)
    np.testing.assert_allclose(energy, np.broadcast_to(np.sum(starts**2, axis=1)[:, None], energy.shape), rtol=1e-9)
    assert np.abs(np.diff(x, axis=1)).max() > 0.5, "it moves"


def test_energy_of_the_penalised_game_falls_as_the_lemma_says():
    # d/dt (θ² + ψ²)/2 = -γ ψ² for R1, integrated along the curve by Simpson's rule.
    times = np.linspace(0.0, 8.0, 401)
    x = np.asarray(flow(R1, (1.0, 1.0), times))
    energy = np.sum(x**2, axis=1) / 2
    loss = 0.3 * x[:, 1] ** 2
    simpson = (times[1] / 3) * (loss[0] + 4 * loss[1:-1:2].sum() + 2 * loss[2:-1:2].sum() + loss[-1])
    assert energy[0] - energy[-1] == pytest.approx(simpson, rel=1e-8)
    # The spacing of the times does not matter.
    np.testing.assert_allclose(x[[0, 50, 150, 400]], flow(R1, (1.0, 1.0), times[[0, 50, 150, 400]]), atol=1e-10)


@pytest.mark.parametrize("radius", [0.05, 1.0, 2.0, 3.0])
def test_period_of_the_unregularised_gan(radius):
    # T(r) = 2π(1 + I₀(r²/2)), whatever the starting angle.
    for angle in (0.0, 1.0, 2.5):
        start = (radius * math.cos(angle), radius * math.sin(angle))
        assert period(GAN, start) == pytest.approx(2 * math.pi * (1 + i0(radius**2 / 2)), rel=1e-9)


def test_periods_of_linear_fields():
    assert period(WGAN, (0.0, -2.0)) == pytest.approx(2 * math.pi, rel=1e-10)
    # A spiral: one revolution takes 2π/ω, here ω = √(1 - 0.3²/4).
    spiral = Linear(np.array([[0.0, -1.0], [1.0, -0.3]]))
    assert period(spiral, (0.4, 0.9)) == pytest.approx(2 * math.pi / math.sqrt(1 - 0.0225), rel=1e-9)
    clockwise = Linear(np.array([[0.0, 3.0], [-3.0, 0.0]]))
    assert period(clockwise, (0.4, 0.9)) == pytest.approx(2 * math.pi / 3, rel=1e-9)
    ellipse = Linear(np.array([[0.0, -4.0], [1.0, 0.0]]))
    assert period(ellipse, (0.4, 0.9)) == pytest.approx(math.pi, rel=1e-9)


def test_no_period():
    node = Linear(np.array([[-1.0, 0.0], [0.0, -2.0]]))
    assert math.isnan(period(node, (1.0, 1.0), max_time=50.0))
    spiral = Linear(np.array([[0.0, -1.0], [1.0, -0.3]]))
    assert math.isnan(period(spiral, (1.0, 1.0), max_time=6.0))
    assert math.isnan(period(Linear(np.zeros((2, 2))), (1.0, 1.0), max_time=6.0))
    with pytest.raises(ValueError, match="start must differ from the equilibrium"):
        period(GAN, (0.0, 0.0))
    with pytest.raises(ValueError, match=r"max_time must be finite and > 0; -1\.0? was given|max_time .* -1 was given"):
        period(GAN, (1.0, 0.0), max_time=-1)


def test_the_cycle_of_wgan_gp():
    # The flow with γ = .7, g₀ = 1 crosses ψ = 0 at |θ| = γ g₀ coth(πγ/4ω) with period 2π/ω, ω = √(1 - γ²/4).
    omega = math.sqrt(1 - 0.49 / 4)
    crossing = 0.7 / math.tanh(math.pi * 0.7 / (4 * omega))
    start = (crossing, 1e-300)
    x = np.asarray(flow(dg.method("wgan-gp", gamma=0.7), start, [0.0, math.pi / omega, 2 * math.pi / omega]))
    np.testing.assert_allclose(x[1], (-crossing, 0.0), atol=1e-8)
    np.testing.assert_allclose(x[2], (crossing, 0.0), atol=1e-8)


def test_arrival_times_of_linear_fields():
    assert arrival_time(Linear(-np.eye(2)), (3.0, 4.0), radius=0.5) == pytest.approx(math.log(10), rel=1e-9)
    matrix = np.array([[0.0, -1.0], [1.0, -0.3]])
    distance = lambda t: np.linalg.norm(expm(t * matrix) @ [1.0, 1.0]) - 0.1
    grid = np.linspace(0, 40, 4001)
    first = next(i for i, t in enumerate(grid) if distance(t) < 0)
    expected = brentq(distance, grid[first - 1], grid[first], xtol=1e-14)
    assert arrival_time(Linear(matrix), (1.0, 1.0), radius=0.1) == pytest.approx(expected, rel=1e-9)


def test_arrival_time_of_the_algebraic_decay():
    # On the diagonal of NSGAN-like symmetric decay dr/dt = -r³: 1/r² = 1/r₀² + 2t, a long wait.
    cubic = lambda x: -x * jnp.sum(x**2)
    assert arrival_time(cubic, (1.0, 0.0), radius=0.01) == pytest.approx((1e4 - 1) / 2, rel=1e-8)


def test_no_arrival():
    assert arrival_time(R1, (1e-4, 0.0)) == 0.0
    assert math.isnan(arrival_time(Linear(-np.eye(2)), (1.0, 1.0), max_time=2.0))
    # A run that leaves the float range ends the search instead of halving the step for ever.
    assert math.isnan(arrival_time(Linear(np.eye(2)), (1.0, 1.0)))


def test_the_projected_flow_ends_on_the_circle():
    method = dg.method("wgan", clip=0.5)
    x = np.asarray(flow(method, [[2.0, 3.0], [-4.0, 0.1], [0.2, 0.1]], np.linspace(0.0, 40.0, 81)))
    assert np.abs(x[:, :, 1]).max() <= 0.5
    assert x[0, 0].tolist() == [2.0, 0.5], "the start is projected"
    radius = np.linalg.norm(x[:, -1], axis=1)
    np.testing.assert_allclose(radius, [0.5, 0.5, math.hypot(0.2, 0.1)], rtol=1e-8)
    # On the boundary only θ moves: θ(t) = 2 - t/2 until it reaches 0.
    sliding = x[0, :8]
    np.testing.assert_allclose(sliding[:, 0], 2 - 0.5 * np.linspace(0.0, 40.0, 81)[:8], atol=1e-9)


def test_no_cap_on_the_number_of_steps():
    times = [0.0, 2e3, 5e3, 1e4]
    x = np.asarray(flow(WGAN, (1.0, 0.0), times))
    np.testing.assert_allclose(x, np.stack([np.cos(times), np.sin(times)], axis=1), atol=2e-7)


@pytest.mark.parametrize(
    ("field", "start", "end", "last"),
    [
        (lambda x: x**2, (1.0, 1.0), 1.0, 0.9),  # x = 1/(1 - t)
        (Linear(np.eye(2)), (1.0, 1.0), math.log(1.79e308), 700.0),
        (dg.method("wgan-gp"), (0.3, 0.2), -0.29, -0.1),
    ],
    ids=["blow-up", "overflow", "attracting kink"],
)
def test_a_curve_that_ends_gives_nan(field, start, end, last):
    x = np.asarray(flow(field, start, [0.0, last, 1.5 * end, 3 * end]))
    assert np.isfinite(x[:2]).all()
    assert np.isnan(x[2:]).all()


def test_stiff_fields_are_not_given_up():
    stiff, times = Linear(np.array([[-1.0, 0.0], [0.0, -1e5]])), [0.0, 0.2, 0.5, 1.0]
    np.testing.assert_allclose(flow(stiff, (1.0, 1.0), times), exact(stiff.matrix, [1, 1], times), atol=1e-8)


def test_a_batch_equals_single_curves():
    starts, times = np.array([[1.0, 1.0], [0.1, -0.4], [2.0, 0.0]]), np.array([0.0, 1.0, 5.0, 30.0])
    batch = flow(R1, starts, times)
    assert batch.shape == (3, 4, 2)
    np.testing.assert_allclose(batch, [flow(R1, start, times) for start in starts], atol=1e-9)


def test_small_inputs():
    np.testing.assert_array_equal(flow(R1, (1.0, 2.0), [3.0]), [[1.0, 2.0]])
    times = [0.0, 1.0, 2.0, 3.0]
    np.testing.assert_array_equal(flow(R1, (1, 2), times), flow(R1, (1.0, 2.0), times))
    np.testing.assert_array_equal(flow(R1, (0.0, 0.0), times), np.zeros((4, 2)))


def test_float32():
    start = jnp.array([1.0, 1.0], jnp.float32)
    times = np.array([0.0, 1.0, 5.0, 30.0])
    x = flow(R1, start, times)
    assert x.dtype == jnp.float32
    np.testing.assert_allclose(x, flow(R1, (1.0, 1.0), times), atol=2e-4)
    # Far out in time a kink needs a step below the resolution of the time itself.
    late = flow(dg.method("wgan-gp"), start, [0.0, 10.0, 100.0, 1000.0])
    assert np.isfinite(late).all()
    np.testing.assert_allclose(
        late[2], flow(dg.method("wgan-gp"), (1.0, 1.0), [0.0, 10.0, 100.0, 1000.0])[2], atol=5e-3
    )
    # The error estimate of the high order would be all rounding here.
    start = jnp.array([0.6, -0.8], jnp.float32)
    assert period(GAN, start) == pytest.approx(2 * math.pi * (1 + i0(0.5)), rel=1e-4)


def test_traced_starts_and_hyper_parameters():
    end = lambda gamma, start: flow(dg.method("r1", gamma=gamma), start, [0.0, 1.0, 5.0, 30.0])[-1]
    starts = np.array([[1.0, 1.0], [0.1, -0.4], [2.0, 0.0]])
    mapped = jax.vmap(end, (None, 0))(0.3, starts)
    np.testing.assert_allclose(mapped, flow(R1, starts, [0.0, 1.0, 5.0, 30.0])[:, -1], atol=1e-12)


def test_one_trace_for_many_values():
    times = np.array([0.0, 1.0, 5.0, 30.0])
    flow(R1, (1.0, 1.0), times)
    flow(WGAN, (1.0, 1.0), times)
    before = flows._flow._cache_size()
    for k in range(3):
        flow(dg.method("r1", gamma=0.1 * k), (1.0, k), times * (k + 1), rtol=10.0 ** -(k + 6), atol=1e-9)
        # So do other numbers of times: what is beyond the end is cut off.
        more = np.linspace(0.0, 3.0, 5 + k)
        x = flow(WGAN, (1.0, 0.0), more)
        np.testing.assert_allclose(x, np.stack([np.cos(more), np.sin(more)], axis=1), atol=1e-9)
    assert flows._flow._cache_size() == before


@pytest.mark.parametrize("times", [[0.0, 1.0, 0.5], [0.0, 0.0], [1.0, 0.0, 0.0], [0.0, math.nan], [0.0, math.inf]])
def test_times_are_monotone(times):
    with pytest.raises(ValueError, match="times must be finite and strictly increasing or strictly decreasing"):
        flow(GAN, (1.0, 1.0), times)


@pytest.mark.parametrize("times", [[], 1.0, [[0.0, 1.0]]])
def test_times_have_one_axis(times):
    with pytest.raises(ValueError, match=r"times must have shape \(T,\) with T >= 1; shape "):
        flow(GAN, (1.0, 1.0), times)


@pytest.mark.parametrize("options", [{"rtol": 0.0}, {"atol": -1.0}, {"rtol": math.nan}, {"atol": math.inf}])
def test_tolerances_are_positive(options):
    with pytest.raises(ValueError, match=r"[ra]tol must be finite and >"):
        flow(GAN, (1.0, 1.0), [0.0, 1.0], **options)


def test_starts_are_checked():
    with pytest.raises(ValueError, match="start must be finite"):
        flow(GAN, (1.0, math.nan), [0.0, 1.0])
    with pytest.raises(ValueError, match=r"start must have shape \(2,\) or \(n, 2\)"):
        flow(GAN, (1.0,), [0.0, 1.0])
    with pytest.raises(ValueError, match=r"start must have shape \(2,\); use jax.vmap for many"):
        period(GAN, np.ones((3, 2)))


def test_forward_derivatives():
    end = lambda gamma: flow(dg.method("r1", gamma=gamma), (1.0, 1.0), [0.0, 10.0])[-1]
    difference = (end(0.3 + 1e-4) - end(0.3 - 1e-4)) / 2e-4
    np.testing.assert_allclose(jax.jacfwd(end)(0.3), difference, rtol=1e-6)


# --- questions are answered in float64, whatever the type of the start


@pytest.mark.parametrize("radius", [2.5, 3.0])
def test_a_period_does_not_depend_on_the_float_type(radius):
    with jax.enable_x64(False):
        measured = period(GAN, jnp.array([radius, 0.0], jnp.float32))
    # T(3) = 116.1206…: nine tenths of it within e^{-4.5} of an axis, at a speed of 1e-4.
    assert measured == pytest.approx(2 * math.pi * (1 + i0(radius**2 / 2)), rel=1e-9)


def test_a_period_begins_in_the_domain():
    # (2, 3) is projected to (2, 1); the face is left at (0, 1) after the time 2, and the ray met again on the circle.
    expected = 2 + 2 * math.pi - (math.pi / 2 - math.atan(0.5))
    assert period(dg.method("wgan", clip=1.0), (2.0, 3.0)) == pytest.approx(expected, rel=1e-9)
    assert period(dg.method("wgan", clip=1.0), (2.0, 1.0)) == pytest.approx(expected, rel=1e-9)


def test_a_revolution_is_a_whole_turn():
    # The orbit of DRAGAN leaves (2, 2) clockwise and goes round counter-clockwise: the time at which its angle,
    # followed by SciPy, has grown by 2π.
    def rates(_, z):
        slope = 1 / (1 + math.exp(z[0] * z[1]))
        v = (-z[1] * slope, z[0] * slope - 0.5 * (z[1] - math.copysign(1, z[1])))
        return [*v, (z[0] * v[1] - z[1] * v[0]) / (z[0] ** 2 + z[1] ** 2)]

    turned = lambda t, z: z[2] - 2 * math.pi
    turned.terminal = True
    done = solve_ivp(rates, (0, 100), (2.0, 2.0, 0.0), "DOP853", events=turned, rtol=1e-12, atol=1e-12, max_step=0.01)
    assert period(dg.method("dragan", gamma=0.5), (2.0, 2.0)) == pytest.approx(done.t[-1], rel=1e-7)


def test_a_fast_rotation_has_a_period():
    fast = Linear(1e8 * np.array([[0.0, -1.0], [1.0, 0.0]]))
    assert period(fast, (2.0, 3.0)) == pytest.approx(2e-8 * math.pi, rel=1e-9)


def test_a_pass_through_the_ball_within_one_step_is_an_arrival():
    # A straight line at unit speed past the origin: the ball is entered √(r² - miss²) before it.
    straight = dg.FunctionField(lambda x: jnp.array([1.0, 0.0]) + 0 * x)
    for miss in (0.0, 5e-4, 0.9999e-3):
        assert arrival_time(straight, (-100.0, miss)) == pytest.approx(100 - math.sqrt(1e-6 - miss**2), abs=1e-9)
    assert math.isnan(arrival_time(straight, (-100.0, 1.0001e-3)))
    assert math.isnan(arrival_time(straight, (100.0, 0.0))), "the line leads away"


def test_arrival_on_an_eccentric_ellipse():
    # (a cos t, b sin t) with b = 1e-3: the ball of radius 2e-3 is entered where cos² t = 3b²/(a² - b²).
    a, b = 1.0, 1e-3
    ellipse = Linear(np.array([[0.0, -a / b], [b / a, 0.0]]))
    expected = math.acos(math.sqrt(3 * b**2 / (a**2 - b**2)))
    assert arrival_time(ellipse, (a, 0.0), radius=2e-3) == pytest.approx(expected, rel=1e-9)
    assert math.isnan(arrival_time(ellipse, (a, 0.0), radius=0.999e-3, max_time=100.0))


def test_arrival_begins_in_the_domain_and_in_float64():
    assert arrival_time(dg.method("wgan", clip=1e-4), (0.0, 5.0)) == 0.0
    with jax.enable_x64(False):
        measured = arrival_time(Linear(-np.eye(2)), jnp.array([3.0, 4.0], jnp.float32), radius=1e-3)
    assert measured == pytest.approx(math.log(5e3), rel=1e-9)


def test_stiff_arrival():
    # The slow eigenvalue of [[0, -1/2], [1/2, -γ]] is -1/(4γ) up to a factor 1 + O(γ⁻²).
    gamma = 1e6
    field = Linear(np.array([[0.0, -0.5], [0.5, -gamma]]))
    assert arrival_time(field, (1.0, 0.0), radius=0.9) == pytest.approx(math.log(1 / 0.9) * 4 * gamma, rel=1e-8)


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
@pytest.mark.parametrize("gamma", [5e4, 1e6, 1e7])
def test_stiff_curves(gamma, x64):
    def rates(_, x):
        slope = 1 / (1 + math.exp(x[0] * x[1]))
        return [-x[1] * slope, x[0] * slope - gamma * x[1]]

    expected = solve_ivp(rates, (0, 1), (1, 0), "Radau", rtol=1e-11, atol=1e-14, t_eval=[0, 0.5, 1]).y.T
    with jax.enable_x64(x64):
        x = np.asarray(flow(dg.method("r1", gamma=gamma), [[1.0, 0.0], [1.0, 0.0]], [0.0, 0.5, 1.0]))
    np.testing.assert_allclose(x[1], expected, rtol=0, atol=1e-11 if x64 else 1.3e-7)
    if gamma == 1e7:
        np.testing.assert_allclose(expected[-1], (1 - 2.5e-8, 5e-8), atol=1e-14)


def test_a_blow_up_beside_a_stiff_curve_stays_nan():
    # x' = x² from 1 ends at time 1, from -1 it rests; y' = -1e8 y is followed on.
    both = lambda x: jnp.stack([jnp.where(x[0] > 0, x[0] ** 2, 0 * x[0]), -1e8 * x[1]])
    x = np.asarray(flow(both, [[1.0, 1.0], [-1.0, 1.0]], [0.0, 0.5, 2.0]))
    np.testing.assert_allclose(x[:, 1], [[2, 0], [-1, 0]], atol=1e-8)
    assert np.isnan(x[0, 2]).all()
    np.testing.assert_allclose(x[1, 2], [-1, 0], atol=1e-10)
