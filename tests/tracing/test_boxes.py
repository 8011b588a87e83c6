"""Many intervals at once, against IEEE 1788 intervals with correctly rounded ends, mpmath and 60 digits."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pyintval
import pytest

import diracgan as dg
from diracgan.tracing import boxes
from diracgan.tracing.boxes import Boxes, cells, images
from diracgan.tracing.intervals import Interval

TINY, LARGEST = 5e-324, 1.7976931348623157e308

# A function of boxes, the same of correctly rounded intervals, and the domain of its arguments.
FUNCTIONS = {
    "exp": (boxes.exp, pyintval.exp, (-800, 800)),
    "expm1": (boxes.expm1, pyintval.expm1, (-800, 800)),
    "log": (boxes.log, pyintval.log, (TINY, LARGEST)),
    "log1p": (boxes.log1p, pyintval.log1p, (-1 + 2.0**-52, LARGEST)),
    "sqrt": (boxes.sqrt, pyintval.sqrt, (0, LARGEST)),
    "tanh": (boxes.tanh, pyintval.tanh, (-40, 40)),
    "square": (lambda x: x.square(), pyintval.sqr, (-LARGEST, LARGEST)),
    "absolute": (boxes.absolute, pyintval.abs, (-LARGEST, LARGEST)),
    "reciprocal": (boxes.reciprocal, pyintval.recip, (TINY, LARGEST)),
}
OPERATIONS = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
}


def spread(rng, low, high, n):
    """Points of a domain at all magnitudes, its ends, and what lies near them."""
    sizes = np.exp(rng.uniform(math.log(TINY), math.log(max(abs(low), abs(high))), n))
    points = np.concatenate([sizes, -sizes, rng.uniform(max(low, -1e3), min(high, 1e3), n), [low, high, 0.0, 1.0]])
    return points[(points >= low) & (points <= high)]


def pairs(rng, low, high, n):
    x, y = (rng.choice(spread(rng, low, high, n), n) for _ in range(2))
    narrow = rng.uniform(size=n) < 0.5
    with np.errstate(over="ignore"):
        y = np.where(narrow, np.clip(x * (1 + 1e-12), low, high), y)
    return Boxes(np.minimum(x, y), np.maximum(x, y))


def scalars(x):
    return [pyintval.Interval(float(a), float(b)) for a, b in zip(x.low, x.high, strict=True)]


def encloses(found, exact, ulps):
    """That it contains the tightest interval, and is wider by some units in the last place at most."""
    for low, high, other in zip(found.low, found.high, exact, strict=True):
        assert low <= other.lo and other.hi <= high
        for end, tight in ((low, other.lo), (high, other.hi)):
            if math.isfinite(tight) and math.isfinite(end):
                assert abs(end - tight) <= ulps * (abs(tight) * 2.0**-52 + 8 * TINY)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_contain_the_tightest_interval(name):
    ours, exact, domain = FUNCTIONS[name]
    x = pairs(np.random.default_rng(1), *domain, 2000)
    encloses(ours(x), [exact(one) for one in scalars(x)], 12)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_contain_the_tightest_interval(name):
    rng = np.random.default_rng(2)
    x, y = pairs(rng, -LARGEST, LARGEST, 3000), pairs(rng, -LARGEST, LARGEST, 3000)
    if name == "/":
        y = boxes.absolute(y) + 1e-300
    found = OPERATIONS[name](x, y)
    encloses(found, [OPERATIONS[name](a, b) for a, b in zip(scalars(x), scalars(y), strict=True)], 8)


def test_half_lines():
    ray = Boxes([0.0, -np.inf, 1.0, -np.inf], [np.inf, 0.0, np.inf, np.inf])
    for name, (ours, exact, _) in FUNCTIONS.items():
        for place, one in enumerate(scalars(ray)):
            found, tight = ours(ray)[place], exact(one)
            assert found.low <= tight.lo and tight.hi <= found.high, (name, place)
    product = ray * Boxes([0.0, -1.0, 0.0, 0.0], [0.0, 2.0, 3.0, 0.0])
    assert product.low[0] <= 0 <= product.high[0] < 1e-300
    assert (product.low[1], product.high[1]) == (-np.inf, np.inf) and product.high[2] == np.inf
    sigmoid = boxes.sigmoid(ray)
    assert np.all(sigmoid.low >= 0) and np.all(sigmoid.high <= 1) and sigmoid.low[0] == pytest.approx(0.5)


def test_one_interval_at_a_time_contains_the_tightest_as_well():
    rng = np.random.default_rng(5)
    for x, y in zip(scalars(pairs(rng, -1e300, 1e300, 500)), scalars(pairs(rng, -1e300, 1e300, 500)), strict=True):
        for operation in OPERATIONS.values():
            if operation is OPERATIONS["/"] and y.lo <= 0 <= y.hi:
                continue
            found, tight = operation(Interval(x.lo, x.hi), Interval(y.lo, y.hi)), operation(x, y)
            assert found.low <= tight.lo and tight.hi <= found.high


def test_sigmoid_and_softplus_in_sixty_digits():
    points = spread(np.random.default_rng(3), -800.0, 800.0, 1500)
    found = {"sigmoid": boxes.sigmoid(Boxes(points)), "softplus": boxes.softplus(Boxes(points))}
    with mpmath.workdps(60):
        exact = {"sigmoid": lambda t: 1 / (1 + mpmath.exp(-t)), "softplus": lambda t: mpmath.log1p(mpmath.exp(t))}
        for name, box in found.items():
            for low, high, t in zip(box.low, box.high, points, strict=True):
                value = exact[name](mpmath.mpf(float(t)))
                assert mpmath.mpf(float(low)) <= value <= mpmath.mpf(float(high)), (name, t)
                assert high - low <= 64 * (2.0**-52 * high + 8 * TINY)


def test_a_composed_expression_agrees_with_mpmaths_intervals():
    rng = np.random.default_rng(4)
    x = pairs(rng, -30.0, 30.0, 300)
    found = (boxes.exp(x) + 1).square() / (boxes.tanh(x) + 2) - boxes.sigmoid(x) * 3
    for place in range(300):
        t = mpmath.iv.mpf([float(x.low[place]), float(x.high[place])])
        e, f = mpmath.iv.exp(t), mpmath.iv.exp(-2 * t)
        # tanh and the sigmoid increase: once per end.
        tanh, sigmoid = (1 - f) / (1 + f), 1 / (1 + mpmath.iv.exp(-t))
        other = (e + 1) ** 2 / (tanh + 2) - sigmoid * 3
        middle = float(x.middle[place])
        value = (math.exp(middle) + 1) ** 2 / (math.tanh(middle) + 2) - 3 / (1 + math.exp(-middle))
        assert found.low[place] <= value * (1 + 1e-13) + 1e-13 and value * (1 - 1e-13) - 1e-13 <= found.high[place]
        # Both contain the same set, so that they meet.
        assert found.low[place] <= float(other.b) and float(other.a) <= found.high[place]


def test_what_is_not_defined_is_the_whole_line():
    x = Boxes([-1.0, 1.0, np.nan], [2.0, 2.0, np.nan])
    for function in (boxes.log, boxes.sqrt, boxes.reciprocal):
        found = function(x)
        assert (found.low[0], found.high[0]) == (-np.inf, np.inf) and np.isfinite(found.low[1])
        assert not found.low[2] > -1e300 and not found.high[2] < 1e300
    jump = images(jax.make_jaxpr(lambda t: jnp.where(t > 0, 1.0, 2.0) + jnp.sign(t))(0.0), boxes.cell(x))[0].item()
    assert jump.low[0] == -np.inf and jump.high[0] == np.inf
    assert jump.low[1] == pytest.approx(2.0) and jump.high[1] == pytest.approx(2.0)


def test_a_derived_field_on_many_boxes():
    rng = np.random.default_rng(6)
    method = dg.method("r1", gamma=0.3)
    with jax.enable_x64(True):
        program = jax.make_jaxpr(lambda x: jnp.stack([*method.velocity(x), *jax.jacfwd(method.velocity)(x).ravel()]))(
            np.zeros(2)
        )
        theta, psi = pairs(rng, -3.0, 3.0, 500), pairs(rng, -3.0, 3.0, 500)
        found = images(program, cells(theta, psi))[0]
        x = np.stack([theta.middle, psi.middle])
        u, gamma = x[0] * x[1], float(np.float32(0.3))
        q, s = 1 / (1 + np.exp(u)), -1 / (2 + np.exp(u) + np.exp(-u))
        exact = [-x[1] * q, x[0] * q - gamma * x[1]]
        exact += [-x[1] * x[1] * s, -q - u * s, q + u * s, x[0] ** 2 * s - gamma]
    for box, value in zip(found, exact, strict=True):
        slack = 1e-6 * (1 + np.abs(value))  # the penalty is a float32 or a float64, by JAX's setting
        assert np.all(box.low - slack <= value) and np.all(value <= box.high + slack)


def test_boxes_that_do_not_meet_and_hulls():
    a, b = Boxes([0.0, 0.0], [1.0, 1.0]), Boxes([0.5, 2.0], [3.0, 3.0])
    assert (a.meets(b).width >= 0).tolist() == [True, False]
    assert a.hull(b).high.tolist() == [3.0, 3.0] and a.contains(0.5).all() and not a.contains(b).any()
    assert a.shape == (2,) and a.size.tolist() == [1.0, 1.0]
