"""Every entry of the catalogue keeps the same promises; a new entry is tested by being there."""

import functools
import math
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.catalogue.registry import _ENTRIES
from diracgan.dynamics import compiling, spectrum, trajectories
from diracgan.dynamics.system import system
from diracgan.games import fields

NAMES = dg.methods()
HYPER = [(name, p) for name in NAMES for p in dg.entry(name).parameters]
SIM, ALT, ALT5 = dg.SimGD(h=0.02), dg.AltGD(h=0.02), dg.AltGD(h=0.02, n_d=5)
# The methods of the published figures with both alternating algorithms, the others with the richer one; the
# simultaneous one is part of `probe`.
RUNS = [(name, a) for name in NAMES for a in (ALT, ALT5) if a is ALT5 or dg.entry(name).published]
# Off the kinks, inside every default bound, and within reach of the default quadrature.
STATES = np.array([[0.9, 0.7], [-0.6, 0.4], [0.3, -0.8], [1.4, -0.5], [0.0, 0.25]])
START = np.array([1.2, 0.95])
STEPS = 12

each_name = pytest.mark.parametrize("name", NAMES)
each_hyper = pytest.mark.parametrize(("name", "parameter"), HYPER, ids=[f"{n}-{p.name}" for n, p in HYPER])


def floats(name):
    return [p for p in dg.entry(name).parameters if p.kind is float]


def width(parameter):
    return parameter.span[1] - parameter.span[0]


def setting(parameter):
    """A value that is nobody's default, so that an ignored hyper-parameter shows."""
    step = 0.06 * width(parameter)
    return parameter.default + (step if parameter.default + step < parameter.bounds[1] else -step)


def settings(name):
    return {p.name: setting(p) for p in floats(name)}


def switched(name):
    """Every switch of an entry turned over."""
    return {p.name: not p.default for p in dg.entry(name).parameters if p.kind is bool}


def padded(x, method):
    """States of two entries continued by small numbers for a method with more."""
    more = method.dimension - x.shape[-1]
    return np.concatenate([x, np.broadcast_to(0.1 * np.arange(1, more + 1), (*x.shape[:-1], more))], axis=-1)


def probe(name, values, **switches):
    """What a method does, as one vector: its velocity at some states and the end of a short training run."""
    method = dg.method(name, **values, **switches)
    path = dg.simulate(method, SIM, padded(START, method), steps=STEPS)
    return jnp.concatenate([velocities(name, values, **switches), path[-1]])


def velocities(name, values, **switches):
    method = dg.method(name, **values, **switches)
    return jax.vmap(method)(padded(STATES, method)).ravel()


@functools.cache
def compiled(name):
    return jax.jit(functools.partial(probe, name))


@each_name
def test_pytree_round_trip(name):
    given = settings(name)
    method = dg.method(name, **given)
    leaves, structure = jax.tree.flatten(method)
    assert sorted(map(float, leaves)) == sorted(given.values())
    again = jax.tree.unflatten(structure, leaves)
    assert repr(again) == repr(method)
    assert structure == jax.tree.structure(dg.method(name))
    np.testing.assert_array_equal(again(STATES[0]), method(STATES[0]))


@each_name
def test_repr_evaluates_back(name):
    given = {p.name: p.default - 1 for p in dg.entry(name).parameters if p.kind is int}
    given |= switched(name) | {key: value + 1e-9 / 3 for key, value in settings(name).items()}
    method = dg.method(name, **given)
    again = eval(repr(method), {"method": dg.method})
    assert jax.tree.structure(again) == jax.tree.structure(method)
    assert jax.tree.leaves(again) == jax.tree.leaves(method)


@each_name
def test_jit_equals_eager(name):
    method = dg.method(name)
    with jax.disable_jit():
        eager = method.velocity(jnp.asarray(STATES[0]))
    np.testing.assert_allclose(method(STATES[0]), eager, rtol=1e-13, atol=1e-15)


@each_name
def test_built_from_tracers_equals_built_from_numbers(name):
    # The velocities under vmap and the run under jit, from traced hyper-parameters, against one call at a time.
    method = dg.method(name, **settings(name))
    values = np.concatenate([np.ravel([method(x) for x in STATES]), _by_hand(method, SIM)[-1]])
    np.testing.assert_allclose(compiled(name)(settings(name)), values, rtol=1e-11, atol=1e-14)


@each_name
def test_vmap_over_hyper_parameters_equals_loop(name):
    values = {key: value * np.array([0.9, 1.0, 1.05]) for key, value in settings(name).items()}
    if values:
        batch = jax.jit(jax.vmap(functools.partial(probe, name)))(values)
        loop = [compiled(name)({key: value[k] for key, value in values.items()}) for k in range(3)]
        np.testing.assert_allclose(batch, loop, rtol=1e-11, atol=1e-14)
        # A method that holds a batch of hyper-parameters is the same as a batch of methods.
        stacked = jax.vmap(lambda method: method(STATES[0]))(dg.method(name, **values))
        np.testing.assert_allclose(stacked, batch[:, :2], rtol=1e-11, atol=1e-14)


@each_name
def test_gradients_equal_finite_differences(name):
    given = settings(name)
    if not given:
        return
    run = compiled(name)
    forward = jax.jit(jax.jacfwd(functools.partial(probe, name)))(given)
    weights = np.cos(np.arange(len(run(given)) - dg.method(name).dimension))
    reverse = jax.jit(jax.grad(lambda values: weights @ velocities(name, values)))(given)
    for parameter in floats(name):
        key, step = parameter.name, 1e-5 * width(parameter)
        difference = (run({**given, key: given[key] + step}) - run({**given, key: given[key] - step})) / (2 * step)
        np.testing.assert_allclose(forward[key], difference, rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(reverse[key], weights @ forward[key][: len(weights)], rtol=1e-9, atol=1e-12)
        if np.all(np.abs(forward[key]) < 1e-6):
            # It may have its effect only in the other position of a switch, or with the data elsewhere.
            moved = [probe(name, {**given, key: given[key] + shift}, data=0.5) for shift in (0.0, step * 100)]
            turned = [probe(name, {**given, key: given[key] + shift}, **switched(name)) for shift in (0.0, step * 100)]
            # A threshold at which the velocity jumps moves the kink and nothing else.
            at = [{**given, key: given[key] + shift} for shift in (0.0, step * 100)]
            kinks = [np.array(dg.method(name, **values).kinks(START)) for values in at]
            effect = max(np.abs(pair[1] - pair[0]).max(initial=0) for pair in (moved, turned, kinks))
            assert effect > 1e-6, f"{key} has no effect"


def _by_hand(method, algorithm):
    h = 0.02
    size, inner = method.generator_size, getattr(algorithm, "n_d", 1)
    generator = np.arange(method.dimension) < size
    bound = math.inf if method.domain.bound is None else float(method.domain.bound)
    clip = lambda x: np.where(generator, x, np.clip(x, -bound, bound))
    path = [clip(padded(START, method))]
    for _ in range(STEPS):
        x = path[-1]
        if isinstance(algorithm, dg.SimGD):
            path.append(clip(x + h * np.asarray(method(x))))
            continue
        x = clip(x + h * np.where(generator, method(x), 0))
        for _ in range(inner):
            x = clip(x + h * np.where(generator, 0, method(x)))
        path.append(x)
    return np.array(path)


@pytest.mark.parametrize(("name", "algorithm"), RUNS, ids=[f"{n}-{a}" for n, a in RUNS])
def test_trajectory_equals_a_loop_over_the_field(name, algorithm):
    method = dg.method(name)
    path = dg.simulate(method, algorithm, padded(START, method), steps=STEPS)
    np.testing.assert_allclose(path, _by_hand(method, algorithm), rtol=1e-12, atol=1e-15)


@each_name
def test_one_trace_for_many_values(name, monkeypatch):
    # Programs of the methods before it must not fill the number that is kept.
    monkeypatch.setattr(compiling, "_KEPT", 10**6)
    functions = (fields._evaluate, trajectories._simulate, spectrum._update_jacobian)
    x = np.array([0.25, 0.5])

    def use(values, h):
        method = dg.method(name, **values)
        method(x)
        dg.simulate(method, dg.AltGD(h=h, n_d=5), START, steps=STEPS)
        spectrum._update_jacobian(system(method, dg.SimGD(h=h)), jnp.asarray(x), 0)

    use({}, 0.02)
    before = [function._cache_size() for function in functions]
    # A Python float, NumPy and JAX numbers of either width, and a default must all look alike.
    for k, kind in enumerate((float, np.float32, np.float64, np.asarray, jnp.asarray, jnp.float32)):
        use({key: kind(value * (1 - k / 64)) for key, value in settings(name).items()}, kind(0.02 + k / 1000))
    assert [function._cache_size() for function in functions] == before


@each_name
def test_the_equilibrium_is_a_zero_or_a_declared_kink(name):
    method = dg.method(name)
    x = np.asarray(method.equilibrium, dtype=float)
    assert x.shape == (method.dimension,)
    kind = dg.verdict(method).kind
    beside = np.array([np.asarray(method(x + side * e)) for side in (1e-9, -1e-9) for e in np.eye(len(x))])
    if any(abs(float(kink)) == 0 for kink in method.kinks(jnp.asarray(x))):
        assert kind == "not differentiable"
        assert np.abs(beside[:, None] - beside).max() > 0.1, "declared as a kink, but the field does not jump"
    else:
        np.testing.assert_allclose(method(x), 0, atol=1e-15)
        assert kind in ("stable", "neutral", "unstable")
        np.testing.assert_allclose(beside, 0, atol=1e-7, err_msg="the field jumps at an undeclared kink")


@each_name
def test_references(name):
    keys = dg.entry(name).references
    records = dg.cite(name).split("\n\n")
    assert keys
    assert len(records) == len(keys)
    for key, record in zip(keys, records, strict=True):
        assert re.match(rf"@\w+\{{{key},\n  title = ", record)
        number = re.search(r"\n  eprint = \{(\d{4}\.\d{4,5})\},\n  archivePrefix = \{arXiv\},\n", record)[1]
        assert f"\n  doi = {{10.48550/arXiv.{number}}}" in record and record.endswith("\n}")
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
    for title, values in entry.published.items():
        assert title
        dg.method(name, **values)


@each_name
def test_float32_stays_float32(name):
    # That it agrees with float64 is asked where the same programs are lowered for accelerators.
    method = dg.method(name)
    x = jax.ShapeDtypeStruct((method.dimension,), jnp.float32)
    with jax.numpy_dtype_promotion("strict"):
        value, path = jax.eval_shape(lambda x: (method(x), dg.simulate(method, SIM, x, steps=STEPS)), x)
    assert (value.dtype, path.dtype) == (jnp.float32, jnp.float32)


@each_hyper
def test_bounds_are_enforced(name, parameter):
    if parameter.kind is bool:
        for value in (2, None, "yes", 0.5, math.nan):
            with pytest.raises((TypeError, ValueError), match=rf"^{parameter.name} must be True or False; "):
                dg.method(name, **{parameter.name: value})
        return
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
        with pytest.raises(TypeError, match=rf"^{parameter.name} must be "):
            dg.method(name, **{parameter.name: value})
    with pytest.raises(ValueError, match=rf"^{parameter.name} must be "):
        dg.method(name).replace(**{parameter.name: math.nan})


@each_name
def test_unknown_hyper_parameters_are_named(name):
    with pytest.raises(ValueError, match=rf"unknown hyper-parameter 'gama'.* of '{name}' are: ") as raised:
        dg.method(name, gama=1.0)
    for parameter in dg.entry(name).parameters:
        assert parameter.name in str(raised.value)


def test_unknown_method_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown method 'draagan' \(did you mean 'dragan'\?\)") as raised:
        dg.method("draagan")
    for name in NAMES:
        assert name in str(raised.value)


def test_registered_methods_join_and_built_in_ones_stay(monkeypatch):
    build = lambda gamma: dg.DiracGAN(dg.Wasserstein(), (dg.R1(gamma),))
    monkeypatch.setitem(_ENTRIES, "contract-wgan-r1", None)
    dg.register("contract-wgan-r1", build, (dg.Parameter("gamma", "γ", "weight", 0.5),))
    assert "contract-wgan-r1" in dg.methods()
    method = dg.method("contract-wgan-r1", gamma=0.25)
    np.testing.assert_array_equal(method((1.0, 2.0)), [-2.0, 0.5])
    with pytest.raises(ValueError, match="built-in"):
        dg.register("r1", build)
    with pytest.raises(ValueError, match="lower-case"):
        dg.register("R1 new", build)
    with pytest.raises(ValueError, match="unknown reference"):
        dg.register("new", build, references=("nobody1900",))
    with pytest.raises(TypeError, match="build must be a function"):
        dg.register("new", 3)
