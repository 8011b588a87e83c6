"""Formulas: what SymPy makes of the traced objectives equals what JAX computes."""

import re
import subprocess
import sys
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

import diracgan as dg
from diracgan.formulas.derivations import derive
from diracgan.games.noise import hermite
from diracgan.games.uniform import legendre
from diracgan.tracing import Arithmetic, Unsupported, evaluate
from diracgan.tracing.expressions import mean, meaning, slope
from diracgan.tracing.loops import read_scan

POINTS = np.random.default_rng(7).uniform(-1.7, 1.7, (6, 2))


def settings(name):
    """Hyper-parameters that are not the defaults, so that a symbol with the wrong place is noticed."""
    declared = dg.entry(name).parameters
    return {p.name: (p.default or 0.1) * (1.1 + 0.07 * i) for i, p in enumerate(declared) if p.kind is float}


def numbers(derived, values):
    return {symbol: values[key] for key, symbol in derived.parameters.items()}


def average(function, normals, state, nodes=64):
    """The expectation of an integrand in at most two random variables, with the rule that the fields use."""
    if not normals:
        return function(*state)
    z, w = (legendre if normals[0].name.startswith("U") else hermite)(nodes)
    first, second = np.meshgrid(z, z, indexing="ij")
    weights = np.outer(w, w)
    return [np.sum(weights * (part + 0 * first)) for part in function(*state, first, second)]


@pytest.mark.parametrize("name", dg.methods())
def test_formulas_agree_with_autodiff(name):
    values = settings(name)
    m, derived = dg.method(name, **values), derive(name)
    put = numbers(derived, values)
    assert derived.normals == () or len(derived.normals) == 2
    field = sp.lambdify([*derived.state, *derived.normals], [meaning(part.subs(put)) for part in derived.field])
    expected = np.asarray(jax.vmap(m.velocity)(jnp.asarray(POINTS)))
    got = [average(field, derived.normals, point) for point in POINTS]
    np.testing.assert_allclose(np.array(got, float), expected, rtol=1e-12, atol=1e-12)
    assert set(derived.objectives) == {"L_D", "L_G"}
    for side, matrix in derived.jacobians.items():
        jacobian = np.array(matrix.subs(put).evalf(20), float)
        atol = 1e-12 if side == 0 else 1e-9  # a one-sided Jacobian is taken a few roundings beside the kink
        np.testing.assert_allclose(jacobian, dg.jacobian(m, side=side or None), atol=atol)
        eigenvalues = np.array([complex(sp.N(value.subs(put), 20)) for value in derived.eigenvalues[side]])
        expected = np.asarray(dg.eigenvalues(m, side=side or None))
        assert np.allclose(np.sort_complex(eigenvalues), np.sort_complex(expected), atol=max(atol, 1e-12))


@pytest.mark.parametrize("name", dg.methods())
def test_every_method_has_a_formula_and_a_kink_says_so(name):
    text = dg.latex(name)
    assert text.startswith("\\begin{aligned}") and text.endswith("\\end{aligned}")
    assert text.count("{") == text.count("}")
    kink = dg.verdict(dg.method(name)).kind == "not differentiable"
    assert ("not differentiable" in text) == kink
    assert (r"J\left(0, 0^{+}\right)" in text) == kink
    assert ("mu_{1" in text) and "0.6931" not in text


def test_the_formula_of_the_paper():
    text = dg.latex("r1")
    assert r"\mu_{1,2} &= - \frac{\gamma}{2} \pm \sqrt{\frac{\gamma^{2}}{4} - \frac{1}{4}}" in text
    assert r"- \gamma \psi + \theta f'\left(\psi \theta\right)" in text
    assert r"\mu_{1,2} &= - \frac{\gamma}{4} \pm \frac{i}{2}" in dg.latex("consensus")
    noise = dg.latex("instance-noise")
    assert r"\mu_{1,2} &= - \frac{\sigma^{2}}{4} \pm \sqrt{\frac{\sigma^{4}}{16} - \frac{1}{4}}" in noise
    assert r"\mathbb{E}\left[f'" in noise
    assert r"\mu_{1,2} &= - \frac{1}{4} \pm \frac{\sqrt{3} i}{4}" in dg.latex("r1", gamma=0.5)


def test_data_elsewhere_is_noise():
    """Data at a gives the Jacobian of instance noise σ = a up to the location: trace -a²/2, determinant 1/4."""
    derived = derive("gan", data=1.0)
    assert derived.equilibrium == (1, 0)
    assert derived.jacobians[0] == sp.Matrix([[0, -sp.Rational(1, 2)], [sp.Rational(1, 2), -sp.Rational(1, 2)]])


def test_a_larger_state_prints_its_spectrum_or_its_polynomial():
    assert r"\mu &\in \left\{" in dg.latex("lecam", moving=True)
    assert r"0 &= " in dg.latex("r1", bias=True, data=2.0)


def test_means_are_exact_moments():
    z, y = sp.symbols("z y", real=True)
    assert mean(z**4 + 3 * z**3 + y**2 * z**2 + 5, [z, y]) == 3 + 1 + 5
    u = sp.Symbol("U'", real=True)
    assert mean(z**2 * u**4 + u**3 + u**2, [u, z]) == sp.Rational(1, 5) + sp.Rational(1, 3)
    assert slope(sp.S.Zero) == sp.Rational(1, 2)
    assert sp.diff(slope(z), z).subs(z, 0) == -sp.Rational(1, 4)


def test_a_transform_of_an_expectation_is_refused():
    noisy = dg.DiracGAN(dg.Minimax(), noise=dg.GaussianNoise(0.5))
    dg.register(
        "noisy-consensus", lambda gamma: dg.Consensus(noisy, gamma), (dg.Parameter("gamma", "γ", "weight", 1.0),)
    )
    try:
        with pytest.raises(ValueError, match="not linear"):
            dg.latex("noisy-consensus")
    finally:
        dg.catalogue.registry._ENTRIES.pop("noisy-consensus")


def test_bad_names_and_missing_sympy():
    with pytest.raises(ValueError, match="did you mean 'r1'"):
        dg.latex("r11")
    with pytest.raises(ValueError, match="unknown hyper-parameter"):
        dg.latex("r1", sigma=1.0)
    script = "import sys; sys.modules['sympy'] = None; import diracgan; diracgan.latex('gan')"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "pip install 'diracgan[latex]'" in run.stderr


class Interval(tuple):
    """A closed interval, to show that scalars may be sequences and that a table is all that another kind needs."""


FLOATS = Arithmetic(
    {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "neg": lambda a: -a,
        "exp": lambda a: float(np.exp(a)),
        "tanh": lambda a: float(np.tanh(a)),
        "integer_pow": lambda a, n: a**n,
        "max": max,
        "min": min,
        "lt": lambda a, b: a < b,
        "ge": lambda a, b: a >= b,
        "select_n": lambda which, *cases: cases[int(which)],
    },
    float,
)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: jnp.stack([*x, x[0]]) + jnp.concatenate([*jnp.outer(x, x)])[4],
        lambda x: jnp.pad(x, (2, 1))[1:-1] * 2,
        lambda x: jax.lax.pad(x, 0.5, [(-1, 2, 1)]),
        lambda x: jnp.stack([x, x + 1])[::-1].T.reshape(-1),
        lambda x: jax.lax.scan(lambda c, y: (c * y + 1, c), x[0], x)[1],
        lambda x: jax.lax.scan(lambda c, y: (c * y + 1, c), x[0], x, reverse=True)[1],
        lambda x: jax.lax.fori_loop(0, 3, lambda i, y: y * 0.5 + i, x),
        lambda x: jax.lax.while_loop(lambda s: s[0] < 4, lambda s: (s[0] + 1, s[1] * 2 - 1), (0, x))[1],
        lambda x: jnp.outer(x, x) @ x,
        lambda x: jnp.einsum("i,ij,j", x, jnp.ones((3, 3)), x),
        lambda x: jnp.einsum("ij,ij->i", jnp.outer(x, x), jnp.ones((3, 3))),
        lambda x: jnp.sum(jnp.outer(x, x + 1), axis=0) + jnp.arange(3),
        lambda x: jnp.max(jnp.outer(x, x), axis=(0, 1)),
        lambda x: jnp.where(x < 0.5, x**3, jnp.exp(-x)),
        lambda x: jax.lax.dynamic_slice(x, (1,), (2,)),
        lambda x: jax.lax.dynamic_update_slice(x, x[:2] * 2, (1,)),
        lambda x: x[jnp.array([2, 0, 0])] - x.at[jnp.array([1, 2])].set(x[:2]),
        lambda x: jnp.take(x, jnp.array([1, 7]), mode="fill", fill_value=2.5) + x[0],
        lambda x: jax.lax.pad(jnp.outer(x, x), 0.5, [(-1, 1, 0), (1, -2, 2)]),
        lambda x: jnp.stack(jnp.split(jnp.outer(x, x[:2]).reshape(6), [2, 4])[::-1], axis=1),
        lambda x: jnp.broadcast_to(x[:, None], (2, 3, 4)).transpose(2, 0, 1)[1:3, ::-1, ::2],
        lambda x: jax.lax.cond(x.size > 2, lambda y: y + 1, lambda y: y - 1, x),
        lambda x: jax.lax.fori_loop(0, 2, lambda i, y: jax.lax.switch(i, [jnp.negative, jnp.square], y), x),
        lambda x: jax.nn.sigmoid(x) + jnp.square(x) + jnp.clip(x, -0.5, 1.0) + x**-2,
        lambda x: jax.lax.exp2(x) + jax.vmap(jax.grad(jnp.tanh))(x),
        lambda x: jnp.prod(jnp.outer(x, x), axis=1) - jnp.min(x),
        lambda x: jnp.expand_dims(x, 0).squeeze() / 3 - x,
        lambda x: jax.checkpoint(jax.nn.relu)(x),
    ],
)
def test_the_interpreter_does_what_jax_does(function):
    x = jnp.array([0.3, -0.7, 1.9])
    program = jax.make_jaxpr(function)(x)
    (got,) = evaluate(program, FLOATS, np.array(x.tolist(), object))
    assert got.shape == function(x).shape
    np.testing.assert_allclose(got.astype(float), function(x), rtol=1e-14)


def test_other_scalars_and_missing_operations():
    intervals = Arithmetic(
        {
            "add": lambda a, b: Interval((a[0] + b[0], a[1] + b[1])),
            "mul": lambda a, b: Interval((min(p := [x * y for x in a for y in b]), max(p))),
        },
        lambda value: Interval((value, value)),
    )
    box = np.empty(2, object)
    box[:] = [Interval((0.0, 1.0)), Interval((-1.0, 2.0))]
    program = jax.make_jaxpr(lambda x: x[0] * x[1] + 0.5)(jnp.zeros(2))
    assert evaluate(program, intervals, box)[0].item() == (-0.5, 2.5)
    with pytest.raises(NotImplementedError, match="'sin'"):
        evaluate(jax.make_jaxpr(jnp.sin)(0.0), FLOATS, np.array(0.5, object))
    unknown = Arithmetic({**FLOATS.operations, "lt": lambda a, b: "unknown"}, float)
    looped = jax.make_jaxpr(lambda x: jax.lax.while_loop(lambda y: y < 4, lambda y: y + 1, x))(0.0)
    with pytest.raises(ValueError, match="must not depend on an unknown"):
        evaluate(looped, unknown, np.array(0.5, object))
    halves = evaluate(jax.make_jaxpr(lambda x: x / 4)(1.0), Arithmetic(FLOATS.operations, Fraction), boxed_fraction())
    assert halves[0].item() == Fraction(1, 12)


def boxed_fraction():
    box = np.empty((), object)
    box[()] = Fraction(1, 3)
    return box


def test_a_scan_that_is_not_understood_names_the_version_of_jax():
    params = {"jaxpr": None, "length": 3, "reverse": False, "sizes": (0, 1)}
    with pytest.raises(Unsupported, match=re.escape(f"jax {jax.__version__} describes it by jaxpr, length")):
        read_scan(params, [], evaluate)
