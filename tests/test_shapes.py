"""The shapes that signatures of the core promise, in jaxtyping's words, checked on calls; nobody else pays for that."""

import functools
import importlib
import inspect
import pathlib
import re
import sys
import types

import beartype
import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
import pytest

import diracgan as dg
from diracgan.games.domains import Domain

PACKAGE = pathlib.Path(dg.__file__).parent
WORDS = {name: getattr(jaxtyping, name) for name in ("Array", "Complex", "Float", "Float64", "Int8")}
R1, STEP = dg.method("r1"), dg.AltGD(h=0.2)
X, XS, TIMES = jnp.ones(2), jnp.ones((3, 2)), np.linspace(0.0, 1.0, 5)


def promised(function):
    """The annotations that name a shape."""
    given = getattr(inspect.unwrap(function), "__annotations__", {})
    return {name: text for name, text in given.items() if re.search(r"\b(Complex|Float|Float64|Int8)\[", str(text))}


def checked(function):
    """The function, with the shapes of what it is given and of what it returns checked."""
    plain = inspect.unwrap(function)
    copy = types.FunctionType(plain.__code__, plain.__globals__, plain.__name__, plain.__defaults__, plain.__closure__)
    copy.__kwdefaults__, copy.__qualname__ = plain.__kwdefaults__, plain.__qualname__
    space = {**vars(sys.modules[plain.__module__]), **WORDS}
    copy.__annotations__ = {name: eval(text, space) for name, text in promised(plain).items()}
    return jaxtyping.jaxtyped(typechecker=beartype.beartype)(copy)


def core():
    """Every function and method of the core whose signature names a shape, by module and name."""
    for room in ("games", "algorithms", "dynamics", "atlas"):
        for file in sorted((PACKAGE / room).glob("*.py")):
            module = importlib.import_module(f"diracgan.{room}.{file.stem}")
            for owner in (module, *(kind for kind in vars(module).values() if isinstance(kind, type))):
                for function in vars(owner).values():
                    if promised(function) and inspect.unwrap(function).__module__ == module.__name__:
                        yield inspect.unwrap(function).__qualname__, function


FUNCTIONS = dict(core())
# Traced, which checks shapes and types as a run does, where a function can be.
CASES = {
    "flow": lambda f: [jax.eval_shape(lambda x: f(R1, x, TIMES), x) for x in (X, XS)],
    "simulate": lambda f: [jax.eval_shape(lambda x: f(R1, STEP, x, steps=4), x) for x in (X, XS)],
    "jacobian": lambda f: jax.eval_shape(lambda x: f(R1, x), X),
    "eigenvalues": lambda f: jax.eval_shape(lambda x: f(R1, x), X),
    "update_jacobian": lambda f: jax.eval_shape(lambda x: f(R1, dg.HeavyBall(h=0.2, beta=0.5), x), X),
    "multipliers": lambda f: jax.eval_shape(lambda x: f(R1, STEP, x), X),
    "spectral_radius": lambda f: jax.eval_shape(lambda x: f(R1, STEP, x), X),
    "eigenvalues_2x2": lambda f: jax.eval_shape(f, jnp.eye(2)),
    "eigenvalues_of": lambda f: [jax.eval_shape(f, jnp.eye(n)) for n in (2, 3)],
    "final_states": lambda f: jax.eval_shape(lambda x: f(R1, STEP, x, 3), XS),
    "stationary_covariance": lambda f: f(R1, dg.SimGD(0.2)),
    "as_state": lambda f: [f(x, 2) for x in ((1, 2), np.ones(2, np.float32), XS)],
    "finite_state": lambda f: [f(x, 2) for x in ((1, 2), np.ones(2, np.float32), XS)],
    "as_float64": lambda f: f((1, 2), 2),
    "Domain.project": lambda f: [f(Domain(bound), x, 1) for bound in (None, 0.5) for x in (X, XS)],
    "Domain.tangent": lambda f: [f(Domain(bound), X, X, 1) for bound in (None, 0.5)],
    "VectorField.__call__": lambda f: f(R1, (1.0, 2.0)),
    "Rated.rates": lambda f: f(STEP, R1, X, 0),
    "Rated.moved": lambda f: f(STEP, R1, X, X, 0),
}
VELOCITIES = sorted(name for name in FUNCTIONS if name.endswith(".velocity"))


def test_every_signature_with_a_shape_has_a_call():
    assert set(FUNCTIONS) == {*CASES, *VELOCITIES}
    assert len(VELOCITIES) > 10


@pytest.mark.parametrize("name", CASES)
def test_what_comes_out_has_the_shape_that_the_signature_says(name):
    CASES[name](checked(FUNCTIONS[name]))


def test_every_velocity_has_the_shape_of_its_state():
    called = set()

    def check(field):
        x = jnp.full(field.dimension, 0.5)
        velocity = type(field).velocity
        called.add(velocity.__qualname__)
        jax.eval_shape(functools.partial(checked(velocity), field), x)
        inner = getattr(field, "field", None)
        if inner is not None:
            check(inner)

    for name in dg.methods():
        check(dg.method(name))
    check(dg.FunctionField(jnp.negative))
    assert len(called) > 8, called


def test_a_wrong_shape_is_found():
    halved = types.SimpleNamespace(function=lambda x: x[:1])
    with pytest.raises(jaxtyping.TypeCheckError):
        checked(FUNCTIONS["FunctionField.velocity"])(halved, X)
