"""Every entry of the catalogue keeps the same promises; a new entry is tested by being there."""

import functools
import math
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan import fields, spectrum, trajectories

NAMES = dg.methods()
HYPER = [(name, p) for name in NAMES for p in dg.entry(name).parameters]
FLOATS = [(name, p) for name, p in HYPER if p.kind is float]
ALGORITHMS = [dg.SimGD(h=0.02), dg.AltGD(h=0.02), dg.AltGD(h=0.02, n_d=5)]
# Off the kink ψ = 0, inside every default bound, and within reach of the default quadrature.
STATES = jnp.array([[0.9, 0.7], [-0.6, 0.4], [0.3, -0.8], [1.4, -0.5], [0.0, 0.25]])
START = jnp.array([1.2, 0.95])

each_name = pytest.mark.parametrize("name", NAMES)
each_float = pytest.mark.parametrize(("name", "parameter"), FLOATS, ids=[f"{n}-{p.name}" for n, p in FLOATS])
each_hyper = pytest.mark.parametrize(("name", "parameter"), HYPER, ids=[f"{n}-{p.name}" for n, p in HYPER])
each_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=["sim", "alt", "alt5"])


def setting(parameter):
    """A value that is nobody's default, so that an ignored hyper-parameter shows."""
    return 0.9 * parameter.default


def end(method, algorithm):
    return dg.simulate(method, algorithm, START, steps=12)[-1]


@functools.cache
def sensitivities(name, key):
    """The compiled field, its jvp and its derivative in one hyper-parameter, shared by the tests below."""
    at = lambda value, x: dg.method(name, **{key: value})(x)
    return jax.jit(jax.vmap(at, (None, 0))), jax.jit(jax.vmap(jax.jacfwd(at), (None, 0)))


@each_name
def test_pytree_round_trip(name):
    given = {p.name: setting(p) for p in dg.entry(name).parameters if p.kind is float}
    method = dg.method(name, **given)
    leaves, structure = jax.tree.flatten(method)
    assert len(leaves) == len(given)
    assert sorted(map(float, leaves)) == sorted(given.values())
    again = jax.tree.unflatten(structure, leaves)
    assert repr(again) == repr(method)
    assert structure == jax.tree.structure(dg.method(name))
    np.testing.assert_array_equal(again(STATES[0]), method(STATES[0]))


@each_name
def test_repr_evaluates_back(name):
    given = {p.name: setting(p) / 3 if p.kind is float else p.default - 1 for p in dg.entry(name).parameters}
    method = dg.method(name, **given)
    again = eval(repr(method), {"method": dg.method})
    assert jax.tree.structure(again) == jax.tree.structure(method)
    assert jax.tree.leaves(again) == jax.tree.leaves(method)


@each_name
def test_jit_equals_eager(name):
    method = dg.method(name)
    with jax.disable_jit():
        eager = method.velocity(STATES[0])
    np.testing.assert_allclose(method(STATES[0]), eager, rtol=1e-13, atol=1e-15)


@each_name
def test_vmap_over_states_equals_loop(name):
    method = dg.method(name)
    np.testing.assert_allclose(jax.vmap(method)(STATES), [method(x) for x in STATES], rtol=1e-13, atol=1e-15)


@each_float
def test_vmap_over_a_hyper_parameter_equals_loop(name, parameter):
    values = parameter.default * np.array([0.5, 0.9, 1.0, 1.1])
    build = lambda value: dg.method(name, **{parameter.name: value})
    x = STATES[0]
    loop = [build(value)(x) for value in values]
    np.testing.assert_allclose(jax.vmap(lambda value: build(value)(x))(values), loop, rtol=1e-13, atol=1e-15)
    if len(jax.tree.leaves(build(1.0))) == 1:
        np.testing.assert_allclose(jax.vmap(lambda m: m(x))(build(values)), loop, rtol=1e-13, atol=1e-15)


@each_float
def test_gradient_of_the_field_equals_finite_difference(name, parameter):
    field, derivative = sensitivities(name, parameter.name)
    value, step = setting(parameter), 1e-5 * parameter.default
    difference = (field(value + step, STATES) - field(value - step, STATES)) / (2 * step)
    np.testing.assert_allclose(derivative(value, STATES), difference, rtol=1e-8, atol=1e-9)


@each_float
def test_gradient_of_a_trajectory_equals_finite_difference(name, parameter):
    algorithm = ALGORITHMS[1]
    final = jax.jit(lambda value: end(dg.method(name, **{parameter.name: value}), algorithm))
    value, step = setting(parameter), 1e-5 * parameter.default
    difference = (final(value + step) - final(value - step)) / (2 * step)
    derivative = jax.jacfwd(final)(value)
    np.testing.assert_allclose(derivative, difference, rtol=1e-7, atol=1e-9)
    assert np.any(np.abs(derivative) > 1e-6), "the hyper-parameter has no effect"


@each_name
def test_reverse_mode_equals_forward_mode(name):
    loss = lambda m: jnp.dot(jnp.array([1.0, -2.0]), end(m, ALGORITHMS[1]))
    method = dg.method(name)
    gradient = jax.tree.leaves(jax.grad(loss)(method))
    tangents = [jax.jvp(loss, (method,), (one,))[1] for one in _directions(method)]
    np.testing.assert_allclose(gradient, tangents, rtol=1e-10, atol=1e-12)


def _directions(method):
    leaves, structure = jax.tree.flatten(method)
    for i in range(len(leaves)):
        yield jax.tree.unflatten(structure, [np.asarray(float(i == j)) for j in range(len(leaves))])


@each_algorithm
@each_name
def test_trajectory_equals_a_loop_over_the_field(name, algorithm):
    method = dg.method(name)
    h, inner = 0.02, getattr(algorithm, "n_d", 1)
    bound = next((p.default for p in dg.entry(name).parameters if p.name == "clip"), math.inf)
    clip = lambda x: np.array([x[0], np.clip(x[1], -bound, bound)])
    v = lambda x: np.asarray(method(x))
    x = clip(np.asarray(START))
    path = [x]
    for _ in range(12):
        if isinstance(algorithm, dg.SimGD):
            x = clip(x + h * v(x))
        else:
            x = clip(x + h * v(x) * [1, 0])
            for _ in range(inner):
                x = clip(x + h * v(x) * [0, 1])
        path.append(x)
    np.testing.assert_allclose(dg.simulate(method, algorithm, START, steps=12), path, rtol=1e-12)


@each_float
def test_one_trace_for_many_values(name, parameter):
    values = [setting(parameter) * (1 + k / 64) for k in range(5)]
    # A Python float, NumPy and JAX scalars of either width, and a defaulted value must all look alike.
    values = [*values, np.float32(values[1]), np.float64(values[2]), jnp.asarray(values[3]), np.asarray(values[4])]
    x = jnp.array([0.25, 0.5])
    compiled = (fields._evaluate, trajectories._simulate, spectrum._update_jacobian)

    def use(value, h):
        method = dg.method(name, **{parameter.name: value})
        method(x)
        dg.simulate(method, dg.AltGD(h=h), START, steps=12)
        spectrum._update_jacobian(method, dg.SimGD(h=h), x, 0)

    use(parameter.default, 0.02)
    before = [function._cache_size() for function in compiled]
    for k, value in enumerate(values):
        use(value, 0.02 + k / 1000)
    assert [function._cache_size() for function in compiled] == before


@each_name
def test_the_equilibrium_is_a_zero_or_a_declared_kink(name):
    method = dg.method(name)
    x = np.asarray(method.equilibrium, dtype=float)
    assert x.shape == (method.dimension,)
    kind = dg.verdict(method).kind
    if any(abs(float(kink)) == 0 for kink in method.kinks(jnp.asarray(x))):
        assert kind == "not differentiable"
        beside = [np.asarray(method(x + [0, side * 1e-12])) for side in (1, -1)]
        assert np.linalg.norm(beside[0] - beside[1]) > 0.1, "declared as a kink, but the field does not jump"
    else:
        np.testing.assert_allclose(method(x), 0, atol=1e-15)
        assert kind in ("stable", "neutral", "unstable")
        spread = [np.asarray(method(x + [0, side * 1e-9])) for side in (1, -1)]
        np.testing.assert_allclose(spread, 0, atol=1e-7, err_msg="the field jumps at an undeclared kink")


@each_name
def test_references(name):
    keys = dg.entry(name).references
    records = dg.cite(name).split("\n\n")
    assert keys
    assert len(records) == len(keys)
    for key, record in zip(keys, records, strict=True):
        assert record.startswith(f"@misc{{{key},")
        assert re.search(r"\n  eprint = \{\d{4}\.\d{4,5}\},\n  archivePrefix = \{arXiv\}\n\}$", record)
        assert re.search(r"\n  year = \{20\d\d\},\n", record)


@each_name
def test_the_entry_describes_itself(name):
    entry = dg.entry(name)
    assert entry.name == name
    assert entry.title
    assert entry.objective
    for parameter in entry.parameters:
        assert parameter.symbol
        assert parameter.help
        assert parameter.convert(parameter.default) == parameter.default
        low, high = parameter.span
        assert parameter.bounds[0] <= low < high <= parameter.bounds[1]
        assert low <= parameter.default <= high
    for title, settings in entry.published.items():
        assert title
        dg.method(name, **settings)


@each_name
def test_float32_stays_float32_and_agrees(name):
    method, algorithm = dg.method(name), ALGORITHMS[0]
    x, start = STATES[0].astype(jnp.float32), START.astype(jnp.float32)
    value, path = method(x), dg.simulate(method, algorithm, start, steps=12)
    J, spectra = dg.jacobian(method, at=x), dg.multipliers(method, algorithm, at=x)
    assert (value.dtype, path.dtype, J.dtype, spectra.dtype) == (jnp.float32,) * 3 + (jnp.complex64,)
    np.testing.assert_allclose(value, method(STATES[0]), rtol=2e-6, atol=2e-6)
    np.testing.assert_allclose(path, dg.simulate(method, algorithm, START, steps=12), rtol=1e-5)
    np.testing.assert_allclose(J, dg.jacobian(method, at=STATES[0]), rtol=1e-5, atol=2e-6)


@each_hyper
def test_bounds_are_enforced(name, parameter):
    low, high = parameter.bounds
    bad = [low - 1, math.nan, math.inf]
    if parameter.open_low:
        bad.append(low)
    if math.isfinite(high):
        bad.append(high + 1)
    if parameter.kind is int:
        bad.append(parameter.default + 0.5)
    for value in bad:
        with pytest.raises(ValueError, match=rf"^{parameter.name} must be .*; {re.escape(f'{value}')} was given$"):
            dg.method(name, **{parameter.name: value})
    for value in (None, "1", True, [], object()):
        with pytest.raises((TypeError, ValueError), match=rf"^{parameter.name} must be "):
            dg.method(name, **{parameter.name: value})
    with pytest.raises(ValueError, match=rf"^{parameter.name} must be "):
        dg.method(name).replace(**{parameter.name: low - 1})


@each_name
def test_unknown_hyper_parameters_are_named(name):
    with pytest.raises(ValueError, match=rf"unknown hyper-parameter 'gama'.* of '{name}' are: ") as raised:
        dg.method(name, gama=1.0)
    for parameter in dg.entry(name).parameters:
        assert parameter.name in str(raised.value)


@each_float
def test_construction_from_a_tracer(name, parameter):
    value, x = setting(parameter), STATES[1]
    build = lambda v: dg.method(name, **{parameter.name: v})
    np.testing.assert_allclose(jax.jit(lambda v: build(v)(x))(value), build(value)(x), rtol=1e-13, atol=1e-15)
    replaced = jax.jit(lambda v: dg.method(name).replace(**{parameter.name: v})(x))(value)
    np.testing.assert_allclose(replaced, build(value)(x), rtol=1e-13, atol=1e-15)


def test_unknown_method_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown method 'wgan-pg' \(did you mean 'wgan-gp'\?\)") as raised:
        dg.method("wgan-pg")
    for name in NAMES:
        assert name in str(raised.value)


def test_registered_methods_join_and_built_in_ones_stay():
    build = lambda gamma: dg.DiracGAN(dg.Wasserstein(), (dg.R1(gamma),))
    dg.register("contract-wgan-r1", build, (dg.Parameter("gamma", "γ", "weight", 0.5),))
    try:
        assert "contract-wgan-r1" in dg.methods()
        method = dg.method("contract-wgan-r1", gamma=0.25)
        np.testing.assert_array_equal(method((1.0, 2.0)), [-2.0, 0.5])
    finally:
        from diracgan import catalogue

        del catalogue._ENTRIES["contract-wgan-r1"]
    with pytest.raises(ValueError, match="built-in"):
        dg.register("r1", build)
    with pytest.raises(ValueError, match="lower-case"):
        dg.register("R1 new", build)
    with pytest.raises(ValueError, match="unknown reference"):
        dg.register("new", build, references=("nobody1900",))
    with pytest.raises(TypeError, match="build must be a function"):
        dg.register("new", 3)
