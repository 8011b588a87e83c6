"""Interval arithmetic against 60 digits and mpmath's intervals, up to the extremes of the floats."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import diracgan as dg
from diracgan.tracing.intervals import Interval, image

TINY, LARGEST = 5e-324, 1.7976931348623157e308


def exact_sigmoid(t):
    return 1 / (1 + mpmath.exp(-t))


# A traced function, the same with mpmath's numbers, and the domain in which it is asked for.
FUNCTIONS = {
    "exp": (jnp.exp, mpmath.exp, (-800, 800)),
    "exp2": (jnp.exp2, lambda t: mpmath.mpf(2) ** t, (-1100, 1100)),
    "expm1": (jnp.expm1, mpmath.expm1, (-800, 800)),
    "log": (jnp.log, mpmath.log, (TINY, LARGEST)),
    "log1p": (jnp.log1p, mpmath.log1p, (-1 + 2.0**-52, LARGEST)),
    "sqrt": (jnp.sqrt, mpmath.sqrt, (0, LARGEST)),
    "rsqrt": (jax.lax.rsqrt, lambda t: 1 / mpmath.sqrt(t), (TINY, LARGEST)),
    "tanh": (jnp.tanh, mpmath.tanh, (-40, 40)),
    "logistic": (jax.nn.sigmoid, exact_sigmoid, (-800, 800)),
    "sigmoid": (jax.grad(dg.Minimax().link), lambda t: exact_sigmoid(-t), (-800, 800)),
    "log_sigmoid": (dg.Minimax().link, lambda t: -mpmath.log1p(mpmath.exp(-t)), (-800, 800)),
    "sinh": (jnp.sinh, mpmath.sinh, (-800, 800)),
    "cosh": (jnp.cosh, mpmath.cosh, (-800, 800)),
    "asinh": (jnp.arcsinh, mpmath.asinh, (-1e300, 1e300)),
    "atan": (jnp.arctan, mpmath.atan, (-1e300, 1e300)),
    "erf": (jax.scipy.special.erf, mpmath.erf, (-8, 8)),
    "sin": (jnp.sin, mpmath.sin, (-50, 50)),
    "cos": (jnp.cos, mpmath.cos, (-50, 50)),
    "cube": (lambda t: t**3, lambda t: t**3, (-1e103, 1e103)),
    "fourth power": (lambda t: t**4, lambda t: t**4, (-1e78, 1e78)),
    "inverse square": (lambda t: t**-2, lambda t: t**-2, (1e-160, 1e160)),
    "power": (lambda t: t**1.7, lambda t: t ** mpmath.mpf(1.7), (1e-200, 1e200)),
    "one - square": (lambda t: 1 - t * t, lambda t: 1 - t * t, (-1e160, 1e160)),
}


def enclosed(function, *boxes):
    given = [np.empty((), object) for _ in boxes]
    for place, box in zip(given, boxes, strict=True):
        place[()] = box
    stacked = np.array([box.item() for box in given], object)
    return image(jax.make_jaxpr(lambda x: function(*x))(jnp.zeros(len(boxes))), stacked)[0].item()


def spread(rng, low, high, n):
    """Points of a domain at all magnitudes, and its ends."""
    sizes = np.exp(rng.uniform(math.log(TINY), math.log(max(abs(low), abs(high))), n))
    signed = np.concatenate([sizes, -sizes, rng.uniform(max(low, -1e3), min(high, 1e3), n)])
    return np.concatenate([signed[(signed >= low) & (signed <= high)], [low, high]]).astype(float)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_value_escapes(name):
    function, exact, domain = FUNCTIONS[name]
    rng = np.random.default_rng(3)
    points = np.sort(spread(rng, *domain, 60))
    with mpmath.workdps(60):
        for low in points[::2]:
            high = float(points[min(np.searchsorted(points, low) + rng.integers(0, 4), len(points) - 1)])
            found = enclosed(function, Interval(float(low), high))
            for share in (0, 0.3, 0.7, 1):
                inner = min(max(float(low) + share * (high / 2 - float(low) / 2) * 2, float(low)), high)
                value = exact(mpmath.mpf(inner))
                assert mpmath.mpf(found.low) <= value <= mpmath.mpf(found.high), (name, low, high, inner)


NARROW = ["exp", "tanh", "logistic", "sin", "cos", "cube", "fourth power", "log_sigmoid", "erf"]


@pytest.mark.parametrize("name", NARROW)
def test_points_have_narrow_images(name):
    function, exact, _ = FUNCTIONS[name]
    for point in (-3.1, -0.25, 1.0, 7.7):
        found = enclosed(function, Interval(point, point))
        assert found.high - found.low <= 1e-14 * max(1, abs(found.low))
        assert float(exact(mpmath.mpf(point))) in found


def test_arithmetic_contains_what_mpmath_finds_at_all_magnitudes():
    rng = np.random.default_rng(7)
    corners = [0.0, TINY, -TINY, 1.0, -1.0, 2.0**-1022, LARGEST, -LARGEST, 1 / 3]
    numbers = np.concatenate([corners, rng.normal(size=40) * 10.0 ** rng.integers(-300, 300, 40)])
    operations = {"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b}
    quotient = lambda a, b: a / b
    with mpmath.workdps(700):
        for _ in range(300):
            (a, b), (c, d) = np.sort(rng.choice(numbers, (2, 2)), axis=1).tolist()
            divides = {"div": quotient} if c > 0 or d < 0 else {}
            for operation in (*operations.values(), *divides.values()):
                found = operation(Interval(a, b), Interval(c, d))
                for x in (a, b):
                    for y in (c, d):
                        value = operation(mpmath.mpf(x), mpmath.mpf(y))
                        assert mpmath.mpf(found.low) <= value <= mpmath.mpf(found.high), (a, b, c, d)
    with pytest.raises(NotImplementedError, match="contains 0"):
        Interval(1.0, 2.0) / Interval(0.0, 1.0)


def test_composed_functions_contain_the_intervals_of_mpmath_at_the_ends():
    def traced(t):
        return jnp.exp(-t) / (1 + jnp.exp(-t)) + jnp.log1p(t * t) - jnp.sqrt(1 + t**2)

    rng = np.random.default_rng(1)
    mpmath.iv.dps = 40
    for point in rng.uniform(-30, 30, 60).tolist():
        t = mpmath.iv.mpf(point)
        e = mpmath.iv.exp(-t)
        tight = e / (1 + e) + mpmath.iv.log(1 + t * t) - mpmath.iv.sqrt(1 + t**2)
        found = enclosed(traced, Interval(point, point))
        assert mpmath.mpf(found.low) <= tight.a and tight.b <= mpmath.mpf(found.high)
        assert found.high - found.low < 1e-12


def test_half_lines_and_the_largest_numbers():
    line = Interval(-math.inf, math.inf)
    assert enclosed(jnp.exp, Interval(709.0, 709.0)).high < 8.3e307
    beyond = enclosed(jnp.exp, Interval(710.0, 800.0))
    assert 1.79e308 < beyond.low <= LARGEST and beyond.high == math.inf
    assert enclosed(jnp.exp, Interval(-math.inf, 0.0)).low == 0
    assert (enclosed(jnp.tanh, line).low, enclosed(jnp.tanh, line).high) == (-1, 1)
    assert (enclosed(jax.nn.sigmoid, line).low, enclosed(jax.nn.sigmoid, line).high) == (0, 1)
    assert (Interval(0.0, 1.0) * Interval(2.0, math.inf)) == Interval(0.0, math.inf)
    assert (Interval(1.0, 2.0) + Interval(LARGEST, LARGEST)).low <= LARGEST
    assert 0.0 in Interval(1.0, 2.0) / Interval(1.0, math.inf)
    third = enclosed(lambda t: t**3, Interval(-2.0, math.inf))
    assert third.low == pytest.approx(-8) and third.high == math.inf
    # Every real number is below the constant infinity.
    assert enclosed(lambda t: jnp.where(t == jnp.inf, 5.0, 1.0), line) == Interval(1.0, 1.0)
    assert enclosed(lambda t: jnp.clip(t, -1.0, jnp.inf), line) == Interval(-1.0, math.inf)
    with pytest.raises(NotImplementedError, match="only real numbers"):
        enclosed(lambda t: t + jnp.inf, line)


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [(jnp.log, -1.0, 2.0), (jnp.log, 0.0, 2.0), (jnp.sqrt, -1.0, 2.0), (jnp.log1p, -1.0, 0.0), (jnp.log1p, -3.0, -2.0)],
)
def test_beyond_its_domain_a_function_has_no_enclosure(function, low, high):
    with pytest.raises(NotImplementedError, match="has no enclosure: it is defined"):
        enclosed(function, Interval(low, high))
