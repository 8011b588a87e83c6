"""First-order enclosures: they contain what forty digits say, and shrink with the square of the box."""

import mpmath
import numpy as np
import pytest

from diracgan.tracing import affine
from diracgan.tracing.affine import axes, combination
from diracgan.tracing.boxes import Boxes

FUNCTIONS = {
    "slope": (affine.slope, lambda u: 1 / (1 + mpmath.exp(u)), (-40, 40)),
    "decay": (affine.decay, lambda d: (1 - mpmath.exp(-d)) / d if d else mpmath.mpf(1), (-6, 30)),
    "reciprocal": (affine.reciprocal, lambda x: 1 / x, (0.02, 9)),
}


def drawn(rng, low, high, n, width):
    middle = rng.uniform(low, high, n)
    size = width * rng.uniform(size=n) * np.minimum(middle - low, 1.0)
    return Boxes(middle - size, middle + size * rng.uniform(size=n))


def inside(found, k, places, exact):
    """Whether an exact value lies in the enclosure at given places |ε| <= 1 of box k."""
    c = mpmath.mpf(found.c[k]) + sum(mpmath.mpf(g) * e for g, e in zip(found.g[:, k], places, strict=True))
    return abs(exact - c) <= mpmath.mpf(found.e[k])


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("width", [0.0, 1e-12, 1e-4, 0.5, 4.0])
def test_a_function_of_one_axis_in_forty_digits(name, width):
    rng = np.random.default_rng(0)
    function, exact, (low, high) = FUNCTIONS[name]
    x = drawn(rng, low, high, 60, min(width, 0.9) if name == "reciprocal" else width)
    if name == "decay":
        x = Boxes(np.append(x.low, [0.0, -1e-9, -0.02, 0.019]), np.append(x.high, [0.0, 1e-9, 0.02, 0.021]))
    (one,) = axes([x])
    found = function(one)
    with mpmath.workdps(40):
        for k in range(len(x.low)):
            for share in (0.0, 0.3, 1.0):
                at = mpmath.mpf(x.low[k]) + share * (mpmath.mpf(x.high[k]) - mpmath.mpf(x.low[k]))
                radius = mpmath.mpf(one.g[0, k])
                place = (at - mpmath.mpf(one.c[k])) / radius if radius else mpmath.mpf(0)
                assert inside(found, k, [place], exact(at))
                assert mpmath.mpf(float(found.low[k])) <= exact(at) <= mpmath.mpf(float(found.high[k]))


def test_sums_and_products_in_forty_digits():
    rng, n = np.random.default_rng(1), 200
    parts = [drawn(rng, -2, 3, n, width) for width in (1e-9, 0.3, 1.0)]
    x, y, z = axes(parts)
    found = combination((0.3, -1.7), [x * y - z.square(), z * 0.1 + 0.7]) - (x + y) * (y - 2.0) * z
    with mpmath.workdps(40):
        for k in range(n):
            places = [mpmath.mpf(float(e)) for e in rng.choice([-1.0, 1.0, rng.uniform(-1, 1)], 3)]
            a, b, c = (mpmath.mpf(one.c[k]) + mpmath.mpf(one.g[i, k]) * places[i] for i, one in enumerate((x, y, z)))
            exact = mpmath.mpf(0.3) * (a * b - c * c) - mpmath.mpf(1.7) * (c * mpmath.mpf(0.1) + mpmath.mpf(0.7))
            assert inside(found, k, places, exact - (a + b) * (b - 2) * c)


def test_the_overestimate_falls_with_the_square_of_the_box():
    errors = []
    for width in (1e-2, 1e-3, 1e-4):
        x, y = axes([Boxes([0.5 - width], [0.5 + width]), Boxes([-0.7 - width], [-0.7 + width])])
        errors.append(float((affine.slope(x * y) * affine.decay(x - y) - x * y).e[0]))
    assert errors[0] / errors[1] > 90 and errors[1] / errors[2] > 90
    # What cancels leaves only roundings.
    assert (x * y - y * x).radius[0] < 1e-14


def test_what_has_no_enclosure_is_not_below_anything():
    (x,) = axes([Boxes([-1.0, 0.0], [1.0, 0.5])])
    with np.errstate(all="ignore"):
        assert not (affine.reciprocal(x).high < 1e300).any() and not (affine.reciprocal(x).low > -1e300).any()
        (far,) = axes([Boxes([-2000.0], [2000.0])])
        assert not (affine.decay(far).high < 1e300).any()
