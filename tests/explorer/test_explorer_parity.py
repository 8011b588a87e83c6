"""The compiled JavaScript against JAX in float64, for every method, every algorithm, and every pair of them."""

import json
import re
import zlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.algorithms import ALGORITHMS, Wrapper
from diracgan.catalogue.methods import Entry, make
from diracgan.catalogue.registry import _ENTRIES
from diracgan.dynamics import spectrum
from diracgan.explorer import compiler, kernels, updates
from diracgan.explorer.page import cached_page
from diracgan.games.fields import VectorField

racer = pytest.importorskip("py_mini_racer", reason="mini-racer runs the compiled JavaScript")

POINTS, STEPS = 240, 500
# The field's code once for all algorithms.
FAST = {"xla_disable_hlo_passes": "call-inliner"}


class Once(VectorField):
    """A field whose velocity is one compiled function, however often it is called."""

    inner: VectorField

    @property
    def domain(self):
        return self.inner.domain

    def velocity(self, x):
        return _velocity(self.inner, x)


@jax.jit
def _velocity(field, x):
    return field.velocity(x)


def js(engine, function, *arguments):
    """The value of a JavaScript function; numbers that JSON does not know come as text."""
    text = engine.eval(f"JSON.stringify({function}(...{json.dumps(arguments)}), plain)")
    return json.loads(text, object_hook=None, parse_constant=float)


def numbers(value):
    return np.array([float(v) if v is not None else np.nan for v in np.asarray(value, dtype=object).ravel()])


HARNESS = """
const plain = (key, v) => typeof v === 'number' && !Number.isFinite(v) ? String(v) : v;
const bind = (f, p) => ({
  velocity: x => f.velocity(x, p), derivative: (x, t) => f.derivative(x, t, p),
  second: (x, t, u) => f.second(x, t, u, p), bound: f.bound(p)});
function fieldValues(f, xs, ts, us, ps) {
  return xs.map((x, i) => [f.velocity(x, ps[i]), f.derivative(x, ts[i], ps[i]), f.second(x, ts[i], us[i], ps[i]),
    ...f.jacobian(x, ps[i])].flat());
}
const row = (columns, i) =>
  Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, Array.isArray(v) ? v[i] : v]));
// The positions of the first `starts` points after each of `count` rounds.
function steps(f, a, columns, starts, count) {
  return DRAWN.x.slice(0, starts).map((x, i) => {
    const field = bind(f, row(DRAWN.p, i)), values = row(columns, i);
    let s = a.init(field, x, values);
    const path = [];
    for (let k = 0; k < count; k++) { s = a.step(field, s, k, values); path.push(a.position(s)); }
    return path;
  });
}
"""


@pytest.fixture(scope="module")
def engine():
    engine = racer.MiniRacer()
    engine.eval("let DRAWN;" + HARNESS)
    # The kernels that the page runs, taken out of the page.
    engine.eval(re.search(r"^const KERNELS = \{.*?^\}\};$", cached_page(), re.DOTALL | re.MULTILINE)[0])
    engine.eval(
        "const named = group => Object.fromEntries(Object.entries(group).flatMap(([name, texts]) =>"
        "Object.entries(texts).map(([key, kernel]) => [`${name}/${key}`, kernel])));"
        "const ALGORITHMS = named(KERNELS.algorithms), METHODS = named(KERNELS.methods);"
    )
    return engine


def draws(rng, declared, count):
    """Values of every parameter inside its span, away from an excluded end."""
    out = {}
    for p in declared:
        low, high = p.span
        low, high = low + 0.02 * (high - low), (min(high, 1.0) if p.name == "data" else high)
        out[p.name] = rng.integers(*map(int, p.span), size=count) if p.kind is int else rng.uniform(low, high, count)
    return out


def rows(values, i):
    return {name: float(column[i]) for name, column in values.items()}


def relative(got, wanted):
    """The largest distance between rows, relative to the size of the row (at least 1e-3)."""
    got, wanted = np.asarray(got, float), np.asarray(wanted, float)
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.maximum(np.max(np.abs(wanted), axis=-1), 1e-3)
        return np.max(np.abs(got - wanted), axis=-1) / size


CASES = [
    (name, key, given)
    for name in dg.methods()
    for key, given in kernels.variants(kernels.method_settings(dg.entry(name)))
]


def seeded(*words):
    return np.random.default_rng(zlib.crc32("/".join(words).encode()))


@pytest.mark.parametrize(("name", "key", "given"), CASES, ids=[f"{n}-{k}" for n, k, _ in CASES])
def test_fields_and_their_derivatives(engine, name, key, given):
    chosen = dg.entry(name)
    rng = seeded(name, key)
    declared = compiler.method_parameters(chosen)
    values = draws(rng, declared, POINTS)
    x, t, u = rng.uniform(-2, 2, (3, POINTS, 2))

    def all_of(x, t, u, values):
        v = dg.method(name, **given, data=0.0)
        v = Once(type(v)(values, v.settings, v.entry)).velocity
        along = lambda y: jax.jvp(v, (y,), (t,))[1]
        return jnp.concatenate([v(x), along(x), jax.jvp(along, (x,), (u,))[1], jax.jacfwd(v)(x).ravel()])

    run = jax.jit(jax.vmap(all_of), compiler_options=FAST)
    wanted = np.asarray(run(x, t, u, {k: jnp.asarray(v, float) for k, v in values.items()}))
    ps = [rows(values, i) for i in range(len(x))]
    got = js(
        engine,
        f"fieldValues.bind(null, METHODS[{json.dumps(name + '/' + key)}])",
        x.tolist(),
        t.tolist(),
        u.tolist(),
        ps,
    )
    got = np.array([numbers(row) for row in got])
    for part in (slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 10)):
        assert np.max(relative(got[:, part], wanted[:, part])) <= 1e-12


ALL = [(name, key, given) for name in ALGORITHMS for key, given in kernels.variants(updates.algorithm_settings(name))]
STARTS = 4


def built(name, settings, values):
    """The algorithm at given (possibly traced) values."""
    kind = ALGORITHMS[name]
    rates = {"h_g": values["h_g"], "h_d": values["h_d"]}
    rest = {k: v for k, v in values.items() if k not in rates} | settings
    return kind(dg.SimGD(**rates), **rest) if issubclass(kind, Wrapper) else kind(**rates, **rest)


def orbits(name, settings, counts, field, x, values, rounds):
    """The positions after each of `rounds` rounds, at most STEPS; zeros from there on."""
    algorithm = built(name, settings, {**values, **counts})
    x = field.domain.project(x, 1)

    def keep(k, carried):
        state, path = carried
        state = algorithm.step(field, state, k)
        return state, path.at[k].set(algorithm.position(state))

    return jax.lax.fori_loop(0, rounds, keep, (algorithm.init(field, x), jnp.zeros((STEPS, 2))))[1]


def algorithm_values(rng, name, method_name):
    declared = updates.algorithm_parameters(name)
    values = draws(rng, [p for p in declared if p.kind is float], POINTS)
    values["h_g"], values["h_d"] = rng.uniform(0.02, 0.4, (2, POINTS))
    return values, {p.name: int(rng.integers(1, 4)) for p in declared if p.kind is int}


@pytest.mark.parametrize("name", dg.methods())
def test_every_algorithm_on_every_method(engine, name):
    key, given = next(kernels.variants(kernels.method_settings(dg.entry(name))))
    rng = seeded(name, "orbits")
    declared = compiler.method_parameters(dg.entry(name))
    ps = draws(rng, declared, POINTS)
    x = rng.uniform(-1.5, 1.5, (POINTS, 2))
    cases = [
        case
        for case in ALL
        if not case[1]
        or name in ("r1", "wgan-gp")
        or case[2] == {p.name: int(p.default) for p in updates.algorithm_settings(case[0])}
    ]
    drawn = [algorithm_values(rng, case[0], name) for case in cases]

    def one(x, p, floats, rounds):
        field = dg.method(name, **given, data=0.0)
        field = Once(type(field)(p, field.settings, field.entry))
        return [
            orbits(case[0], case[2], counts, field, x, values, rounds)
            for case, (_, counts), values in zip(cases, drawn, floats, strict=True)
        ]

    # One compilation serves a few long orbits and, a few points at a time, the first step from all the points.
    run = jax.jit(jax.vmap(one, in_axes=(0, 0, 0, None)), compiler_options=FAST)
    floats = [values for values, _ in drawn]
    parts = [jax.tree.map(lambda v, at=at: v[at : at + STARTS], (x, ps, floats)) for at in range(0, POINTS, STARTS)]
    stepped = [run(*part, 1) for part in parts]
    first = [np.concatenate([np.asarray(path)[:, 0] for path in paths]) for paths in zip(*stepped, strict=True)]
    wanted = [np.asarray(path) for path in run(*parts[0], STEPS)]
    # An orbit is regular when settings wrong in their 11th digit, which disturb every step as rounding does, hardly
    # change it.
    sizes = (1e-11, -1e-11, 3e-11)
    nearby = [
        run(parts[0][0] + size, *jax.tree.map(lambda v, size=size: v * (1 + size), parts[0][1:]), STEPS)
        for size in sizes
    ]
    spread = [
        np.max([relative(twin, path) for twin in twins], axis=0) for path, *twins in zip(wanted, *nearby, strict=True)
    ]
    engine.eval(f"DRAWN = {json.dumps({'x': x.tolist(), 'p': {k: v.tolist() for k, v in ps.items()}})};")
    regular = 0
    for case, (values, counts), start, path, apart in zip(cases, drawn, first, wanted, spread, strict=True):
        pair = f"METHODS[{json.dumps(name + '/' + key)}], ALGORITHMS[{json.dumps(case[0] + '/' + case[1])}]"
        harness = f"steps.bind(null, {pair})"
        columns = {k: v.tolist() for k, v in values.items()} | counts
        got = numbers(js(engine, harness, columns, POINTS, 1)).reshape(start.shape)
        finite = np.all(np.isfinite(start), axis=-1)  # an exponential overflows at a few points, and must in both
        assert np.mean(finite) > 0.95, case[0]
        np.testing.assert_array_equal(np.all(np.isfinite(got), axis=-1), finite, err_msg=case[0])
        assert np.max(relative(got[finite], start[finite])) <= 1e-12, case[0]
        got = numbers(js(engine, harness, columns, STARTS, STEPS)).reshape(path.shape)
        for orbit, away, mine in zip(path, apart, got, strict=True):
            if np.all(np.isfinite(orbit)) and np.all(away < 1e-7):
                # Near a rest point these divide two numbers that are both rounding errors.
                limit = 1e-7 if case[0] in ("rmsprop", "adam") else 1e-9
                assert np.max(relative(mine, orbit)) <= limit, case[0]
                regular += 1
    # The comparison after 500 rounds means something: not nearly all orbits were chaotic or divergent (most methods
    # keep nine of ten; the penalty of lecam grows too fast for that).
    assert regular > 0.25 * STARTS * len(cases)


def test_an_unknown_primitive_is_named_with_the_method():
    chosen = Entry("lgamma-game", "", lambda: dg.DiracGAN(dg.Link(jax.lax.lgamma)), (), (), "")
    with pytest.raises(
        ValueError, match=r"^no JavaScript for the primitive 'digamma', used by the method 'lgamma-game'"
    ):
        compiler.method_kernel(make(chosen, {}))


def registered(monkeypatch, name, build, *names):
    monkeypatch.setitem(_ENTRIES, name, None)  # taken away again at the end
    return dg.register(name, build, tuple(dg.Parameter(n, n, "a number", 1.0) for n in names))


TABLE = np.cos(np.arange(20.0))
OPERATIONS = {
    "functions": lambda x: jnp.stack([jax.lax.rsqrt(1 + x[0] ** 2), jax.lax.logistic(x[1]) + jnp.cbrt(x[0])]),
    "powers": lambda x: jnp.stack([x[0] ** -3 + jnp.square(x[1]), jnp.hypot(x[0], x[1]) ** 0.5]),
    "choices": lambda x: jnp.clip(x, -0.5, 0.5) + jnp.where((x > 0) & (x < 1), x, -x),
    "truths": lambda x: jnp.stack([jnp.any(x > 0) * x[0], jnp.all(x > 0) + x[1]]),
    "extremes": lambda x: jnp.stack([jnp.max(x) * jnp.prod(x), jnp.min(jnp.abs(x))]),
    "order": lambda x: jnp.flip(x) + jnp.roll(x, 1) + jnp.pad(x, (1, 0))[:2] + jnp.concatenate([x, x])[1:3],
    "matrices": lambda x: jnp.outer(x, jnp.sin(x)).T @ x + jnp.einsum("ij,j->i", jnp.eye(2) + jnp.outer(x, x), x),
    "places": lambda x: jnp.zeros(3).at[1].set(x[0]).at[2].set(x[1])[1:] + x[jnp.array([1, 0])],
    "splits": lambda x: jnp.stack(jnp.split(jnp.repeat(x, 2), 2)).sum(axis=0),
    "loop": lambda x: jax.lax.fori_loop(0, 3, lambda i, y: y + 0.1 * jnp.sin(y) * (i + 1), x),
    "branches": lambda x: jax.lax.cond(x[0] > 0, jnp.sin, lambda y: y * jnp.array([2.0, -1.0]), x),
    "long axes": lambda x: jnp.stack([x @ (TABLE[:, None] * x).T @ TABLE, jnp.sum(jnp.sin(x[1] * jnp.arange(20)))]),
    "filled": lambda x: jnp.take(x, jnp.array([1, 5]), mode="fill", fill_value=0.25),
    "derived": lambda x: jax.lax.exp2(x) + jnp.log2(2 + jnp.tanh(x)) + jax.vmap(jax.grad(jnp.tanh))(x),
    "search": lambda x: jax.lax.while_loop(lambda y: jnp.sum(y**2) > 0.1, lambda y: 0.7 * y, x),
    "whole": lambda x: jnp.floor(3 * x) + jnp.ceil(x) + jnp.trunc(2 * x) + jnp.arange(2),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_that_a_field_of_ones_own_may_use(engine, monkeypatch, name):
    registered(monkeypatch, "operations", lambda: dg.FunctionField(OPERATIONS[name]))
    engine.eval(f"METHODS.operations = {compiler.method_kernel(dg.method('operations'))};")
    for x in np.random.default_rng(8).uniform(-1.5, 1.5, (12, 2)):
        for function, wanted in (("velocity", OPERATIONS[name]), ("jacobian", jax.jacfwd(OPERATIONS[name]))):
            got = np.array(js(engine, f"METHODS.operations.{function}", x.tolist(), {}), float)
            np.testing.assert_allclose(got, wanted(jnp.asarray(x)), rtol=1e-12, atol=1e-14, err_msg=function)


def test_methods_of_ones_own_are_on_the_page(engine, monkeypatch):
    """A field that is no Dirac-GAN has no data to move, and its parameters may be called like words of JavaScript."""
    registered(
        monkeypatch,
        "own",
        lambda new, theta, t1, k: dg.FunctionField(lambda x: jnp.stack([new * x[1] + k, -theta * jnp.sin(t1 * x[0])])),
        *("new", "theta", "t1", "k"),
    )
    engine.eval(f"METHODS.own = {kernels.compiled_method('own')['']};")
    values = {"new": 0.7, "theta": 1.3, "t1": 0.4, "k": 0.2}
    got = js(engine, "METHODS.own.velocity", [0.9, -0.6], values)
    np.testing.assert_allclose(got, dg.method("own", **values)((0.9, -0.6)), rtol=1e-13)
    assert kernels.described(["own"])["methods"]["own"]["own"] is True
    assert [p["name"] for p in kernels.described(["own"])["methods"]["own"]["parameters"]] == list(values)


def test_what_the_page_cannot_show_is_left_out_with_a_warning(monkeypatch):
    registered(monkeypatch, "solid", lambda: dg.method("lecam", moving=True).field)
    registered(monkeypatch, "gamma-game", lambda: dg.DiracGAN(dg.Link(jax.lax.lgamma)))
    monkeypatch.setattr(kernels, "methods", lambda: ("gan", "solid", "gamma-game"))
    with pytest.warns() as said:
        assert list(kernels.compiled_methods()) == ["gan"]
    assert "'solid': the page shows a plane" in str(said[0].message)
    assert "'gamma-game': no JavaScript for the primitive 'digamma'" in str(said[1].message)
    with pytest.raises(ValueError, match="the state of 'solid' has 4 entries"):
        dg.explore("solid")


class Odd(dg.SimGD):
    """Descent with a function of the learning rate that JavaScript does not have."""

    def step(self, field, state, k):
        return super().step(field, state, k) + 0 * jax.lax.lgamma(state)


def test_one_algorithm_that_cannot_be_compiled_does_not_take_the_page_along(monkeypatch):
    monkeypatch.setitem(kernels.ALGORITHMS, "odd", Odd)
    with pytest.warns(UserWarning, match=r"without 'odd': no JavaScript for the primitive 'lgamma'"):
        compiled = kernels.compiled_algorithms()
    assert [*compiled, "odd"] == list(ALGORITHMS)
    told = kernels.described(["gan"], compiled)
    assert "odd" in told["missing"] and "r1" in told["missing"]
    assert list(told["algorithms"]) == list(compiled)


def test_the_update_jacobian_of_the_page_is_that_of_the_package(engine):
    for name, key, given in ALL:
        algorithm = dg.algorithms.algorithm_named(name, h=0.3, **given)
        if algorithm.no_multipliers or algorithm.scheduled:
            continue
        method = dg.method(("r1", "jare", "wgan")[len(name) % 3])
        engine.eval(f"METHODS.now = {compiler.method_kernel(method)};")
        p = {k: float(v) for k, v in method.values.items()} | {"data": 0.0}
        a = {q.name: float(getattr(algorithm, q.name, q.default)) for q in updates.algorithm_parameters(name)}
        a |= {"h_g": 0.3, "h_d": 0.3}
        code = (
            f"JSON.stringify((() => {{ const A = ALGORITHMS[{json.dumps(name + '/' + key)}], "
            f"F = bind(METHODS.now, {json.dumps(p)}), a = {json.dumps(a)}; "
            "return A.jacobian(F, A.init(F, [0, 0], a), 0, a); })())"
        )
        got = np.array(json.loads(engine.eval(code)))
        wanted = np.asarray(spectrum.update_jacobian(method, algorithm))
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12, err_msg=name)
