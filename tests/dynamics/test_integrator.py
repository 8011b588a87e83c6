"""The Runge-Kutta rule and its adaptive steps against exact solutions and SciPy's implementation of the same pair."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.integrate._ivp import dop853_coefficients

from diracgan.dynamics import tableau
from diracgan.dynamics.integrator import integrate
from diracgan.dynamics.tableau import advanced, step

FINE = {"rtol": 1e-12, "atol": 1e-14}


def gan(x):
    """The minimax GAN's field, θ² + ψ² is conserved."""
    return jnp.stack([-x[1], x[0]]) / (1 + jnp.exp(x[0] * x[1]))


def run(velocity, x, time, **options):
    options = {"first": 1e-2, **FINE, **options}
    return jax.jit(lambda x, time: integrate(velocity, x, time, **options))(jnp.asarray(x), time)


def test_the_coefficients_are_those_of_scipy():
    n = dop853_coefficients.N_STAGES
    np.testing.assert_array_equal(tableau._A_MATRIX, dop853_coefficients.A[:n, :n])
    np.testing.assert_array_equal(tableau._WEIGHTS[0], dop853_coefficients.B)
    # SciPy's error weights have a thirteenth stage, the first of the next step, with the weight 0.
    np.testing.assert_allclose(tableau._WEIGHTS[1], dop853_coefficients.E3[:n], atol=1e-15)
    np.testing.assert_allclose(tableau._WEIGHTS[2], dop853_coefficients.E5[:n], atol=1e-15)


@pytest.mark.parametrize("unroll", [False, True])
def test_the_order_of_convergence(unroll):
    # With fixed steps of a rotation the error falls as the eighth power of their length.
    errors = []
    for steps in (2, 4, 8):
        x = jnp.array([1.0, 0.0])
        for _ in range(steps):
            x = step(lambda x: jnp.stack([-x[1], x[0]]), x, 4.0 / steps, 1e-3, 1e-3, unroll).x
        errors.append(float(jnp.hypot(x[0] - np.cos(4), x[1] - np.sin(4))))
    np.testing.assert_allclose(np.log2(np.array(errors[:-1]) / errors[1:]), 8, atol=0.2)
    assert errors[-1] > 1e-13, "far above rounding"


def test_one_step_from_each_of_many_states_is_the_same_step():
    starts, lengths = jnp.array([[1.0, 0.5], [0.2, -2.0]]), jnp.array([0.3, -0.1])
    done = advanced(jax.vmap(gan), starts, lengths)
    expected = [
        solve_ivp(lambda t, x: np.asarray(gan(x)), (0, h), x, rtol=1e-13, atol=1e-14).y[:, -1]
        for x, h in zip(starts, lengths, strict=True)
    ]
    np.testing.assert_allclose(done, expected, atol=1e-11)


def test_agreement_with_scipy():
    def field(x):
        return jnp.stack([-x[1], x[0] - 0.3 * x[1]]) / (1 + jnp.sum(x**2))

    reached = run(field, [1.0, 2.0], 30.0)
    expected = solve_ivp(lambda t, x: np.asarray(field(x)), (0, 30), [1.0, 2.0], "DOP853", rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(reached.x, expected.y[:, -1], atol=1e-11)
    assert reached.done and float(reached.time) == 30


@pytest.mark.parametrize("time", [200.0, -200.0])
def test_conservation(time):
    reached = run(gan, [1.0, 1.0], time)
    assert float(jnp.sum(reached.x**2)) == pytest.approx(2, rel=1e-11)
    assert np.abs(np.asarray(reached.x) - 1).max() > 0.1, "it moves"


def test_backward_times():
    reached = run(lambda x: -x, [1.0], -3.0)
    assert float(reached.x[0]) == pytest.approx(np.exp(3), rel=1e-12)


def test_nothing_to_do():
    reached = run(gan, [1.0, 1.0], 0.0)
    assert reached.done and reached.x.tolist() == [1.0, 1.0]


def test_float32():
    with jax.enable_x64(False):
        x = jnp.array([1.0, 0.0], jnp.float32)
        reached = run(lambda x: jnp.stack([-x[1], x[0]]), x, 20.0, rtol=1e-5, atol=1e-6, shortest=2e-4)
    assert reached.x.dtype == np.float32 and reached.done
    np.testing.assert_allclose(reached.x, [np.cos(20), np.sin(20)], atol=2e-4)


def test_a_kink_is_crossed():
    # x' = 2 - sign(x): from -1 at rate 3 to 0, then at rate 1.
    reached = run(lambda x: 2 - jnp.sign(x), [-1.0], 1.0, least=1e-15)
    assert float(reached.x[0]) == pytest.approx(2 / 3, abs=1e-10)


@pytest.mark.parametrize(("velocity", "end"), [(lambda x: x**2, 1.0), (lambda x: -jnp.sign(x), 1.0)])
def test_patience_ends_at_a_blow_up_and_on_an_attracting_kink(velocity, end):
    reached = run(velocity, [1.0], 3.0, shortest=1e-6, least=1e-15)
    assert not reached.done
    assert float(reached.time) == pytest.approx(end, abs=1e-2)


@pytest.mark.parametrize("unroll", [False, True])
def test_an_event_is_as_accurate_as_the_steps(unroll):
    # cos t - 1/2 from t = 0: its falling zero is at π/3, the rising one at 5π/3.
    turn, line = (lambda x: jnp.stack([-x[1], x[0]])), (lambda x: x[:1] - 0.5)
    reached = run(turn, [1.0, 0.0], 50.0, events=line, unroll=unroll)
    assert reached.crossed.tolist() == [True] and not reached.done
    assert float(reached.time) == pytest.approx(5 * np.pi / 3, abs=2e-12)
    np.testing.assert_allclose(reached.x, [0.5, -np.sqrt(0.75)], atol=1e-12)


def test_the_first_of_several_events():
    events = lambda x: jnp.stack([x[0] - 0.7, x[0] - 0.3, 1 - x[0]])
    reached = run(lambda x: jnp.ones(1), [0.0], 50.0, events=events)
    assert reached.crossed.tolist() == [False, True, False]
    assert float(reached.time) == pytest.approx(0.3, abs=1e-14)


def test_an_event_that_jumps():
    reached = run(lambda x: jnp.ones(1), [0.0], 50.0, events=lambda x: jnp.where(x > 0.3, 1e6, -1.0))
    assert float(reached.time) == pytest.approx(0.3, abs=1e-14)


def test_no_event():
    reached = run(lambda x: jnp.ones(1), [0.0], 2.0, events=lambda x: x - 3)
    assert reached.done and not reached.crossed.any()


def test_what_the_beginning_of_an_event_is_can_be_said():
    # The start lies on the event, and moves to its lower side first.
    turn = lambda x: jnp.stack([-x[1], x[0]])
    reached = run(turn, [1.0, 0.0], 50.0, events=lambda x: -x[1:], values=jnp.array([-1.0]))
    assert float(reached.time) == pytest.approx(np.pi, abs=2e-12)


def test_the_steps_are_kept():
    reached = run(lambda x: -x, [1.0], 3.0, keep=100)
    kept = int(reached.kept)
    assert 2 < kept < 100 and reached.done
    np.testing.assert_allclose(reached.states[:kept, 0], np.exp(-reached.times[:kept]), rtol=1e-11)
    short = run(lambda x: -x, [1.0], 3.0, keep=2)
    assert int(short.kept) == 2 and not short.done


def test_forward_derivatives():
    end = lambda x, time: integrate(lambda x: -(x**2), x, time, 1e-2, **FINE).x
    x, time = jnp.array([2.0]), jnp.asarray(1.5)
    # x(t) = x/(1 + x t).
    np.testing.assert_allclose(jax.jacfwd(end)(x, time), [[1 / 16]], rtol=1e-10)
    np.testing.assert_allclose(jax.jacfwd(end, 1)(x, time), [-(0.5**2)], rtol=1e-10)
