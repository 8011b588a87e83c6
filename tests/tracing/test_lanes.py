"""Traced functions carried out by NumPy, against JAX itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.algorithms import ALGORITHMS
from diracgan.algorithms.__init__ import algorithm_named
from diracgan.dynamics import linearisation
from diracgan.dynamics.compiling import answering, by_numpy
from diracgan.dynamics.system import Flow, Map
from diracgan.tracing.arrays import Unsupported
from diracgan.tracing.lanes import carried_out

X = np.array([0.7, -1.3, 2.0])
FUNCTIONS = {
    "elementary": lambda x: jnp.exp(-x) + jnp.log1p(x**2) * jnp.tanh(x) - jnp.expm1(x) / jnp.cosh(x),
    "kinks": lambda x: jnp.where(x > 0, jnp.maximum(x, 1.0), jnp.abs(x)) + jnp.sign(x) + jnp.clip(x, -0.5, 0.5),
    "sigmoid": lambda x: jax.nn.log_sigmoid(x) * jax.nn.sigmoid(3 * x) + jax.nn.softplus(x),
    "moved": lambda x: jnp.concatenate([x[::-1], x[1:] * 2]).reshape(5, 1)[1:4],
    "products": lambda x: jnp.outer(x, x) @ x + jnp.linalg.norm(x) + jnp.prod(x),
    "loop": lambda x: jax.lax.fori_loop(0, 3, lambda i, y: y * jnp.cos(y) + i, x),
    "slopes": jax.jacfwd(jax.grad(lambda x: jnp.sum(jnp.sin(x) ** 3))),
    "counted": lambda x: jnp.arange(3) * x + (x > 0).astype(x.dtype) + jnp.sum(x > 0),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_one_array(name, dtype):
    function, x = FUNCTIONS[name], X.astype(dtype)
    (found,) = carried_out(jax.make_jaxpr(function)(x), x)
    expected = function(jnp.asarray(x))
    assert found.dtype == expected.dtype == dtype and found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=8 * np.finfo(dtype).eps, atol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_many_arrays_at_once(name):
    function, many = FUNCTIONS[name], X * np.linspace(-1, 1, 7)[:, None]
    (found,) = carried_out(jax.make_jaxpr(function)(X), many)
    np.testing.assert_allclose(found, jax.vmap(function)(many), rtol=1e-14, atol=1e-15)


def test_what_is_large_or_unknown_is_left_to_the_compiler():
    large, wild = np.ones((60, 60)), jax.make_jaxpr(lambda x: jax.lax.while_loop(lambda y: y < 9, lambda y: 2 * y, x))
    for program, given in ((jax.make_jaxpr(jnp.sin)(large), large), (wild(1.0), 1.0)):
        with pytest.raises(Unsupported, match="worth it"):
            carried_out(program, given)
    for function, given in ((jnp.sin, large), (jax.scipy.special.erf, X)):
        np.testing.assert_array_equal(by_numpy(answering(function), given), answering(function)(given))


def test_what_others_trace_or_differentiate_is_part_of_their_program():
    program = answering(lambda x: x**3)
    assert jax.grad(lambda x: by_numpy(program, x))(2.0) == 12.0
    assert jax.jit(lambda x: by_numpy(program, x))(2.0) == 8.0


GAN = dg.method("r1", gamma=0.3)
RULES = [algorithm_named(name) for name in ALGORITHMS if name != "implicit-euler"]
SYSTEMS = [Map(GAN, rule) for rule in RULES if rule.no_multipliers is None]
SYSTEMS += [Flow(dg.method(name)) for name in ("wgan-gp", "consensus", "roth", "f-gan-kl", "spectral-norm", "lecam")]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.described[:60])
def test_a_linearisation_is_that_of_the_compiled_program(system):
    for point in (None, np.array([0.4, -0.7])):
        asked = (system, point, 1, 0, True)
        for ours, theirs in zip(linearisation._by_numpy(*asked), linearisation._compiled(*asked), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


def test_a_batch_of_linearisations_is_that_of_the_compiled_program():
    batch = Map(dg.method("r1", gamma=np.linspace(0, 2, 5)), dg.AltGD(0.2))
    found = linearisation._by_numpy(batch, None, 5, 0, False)
    for ours, theirs in zip(found, linearisation._compiled(batch, None, 5, 0, False), strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
