"""Polynomials in one unknown against NumPy's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from diracgan.tracing.powers import Powers, cells, powers

UNKNOWN = cells(Powers((0.0, 1.0)))


def test_products_are_those_of_numpy_for_each_of_many_systems():
    a = np.array([0.5, -2.0])
    program = jax.make_jaxpr(lambda a, h: (1 + a * h) ** 3 - 2 * h)(0.0, 0.0)
    (found,) = powers(program, cells(a), UNKNOWN)
    for k, value in enumerate(a):
        expected = np.polynomial.Polynomial([1, value]) ** 3 - np.polynomial.Polynomial([0, 2])
        terms = [np.broadcast_to(c, (2,))[k] for c in found.item().coefficients]
        np.testing.assert_allclose(terms, expected.coef, rtol=1e-6)


def test_functions_and_branches_of_what_is_known():
    def function(a, h):
        return jnp.where(a > 1, jnp.sqrt(a) * h, jnp.exp(a)) / a

    (found,) = powers(jax.make_jaxpr(function)(0.0, 0.0), cells(np.array([4.0, 0.5])), UNKNOWN)
    constant, linear = found.item().coefficients
    np.testing.assert_allclose(constant, [0, np.exp(0.5) / 0.5], rtol=1e-6)
    np.testing.assert_allclose(linear, [0.5, 0])


@pytest.mark.parametrize(
    "function", [jnp.exp, lambda h: 1 / (1 + h), lambda h: jnp.where(h > 0, h, 0), lambda h: h**70]
)
def test_what_is_no_polynomial_is_refused(function):
    with pytest.raises(NotImplementedError):
        powers(jax.make_jaxpr(function)(0.0), UNKNOWN)
