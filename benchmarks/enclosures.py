"""How far NumPy's functions are from the exact value, in units in the last place, at a hundred thousand points.

`diracgan.tracing.boxes` assumes `ULPS` units. Run: python benchmarks/enclosures.py [POINTS]
"""

import sys

import mpmath
import numpy as np

from diracgan.tracing.boxes import ULPS, Boxes, sigmoid, softplus

FUNCTIONS = {
    "exp": (np.exp, mpmath.exp, -745.0, 709.7),
    "expm1": (np.expm1, mpmath.expm1, -40.0, 709.7),
    "log": (np.log, mpmath.log, None, None),
    "log1p": (np.log1p, mpmath.log1p, -0.999999, 50.0),
    "tanh": (np.tanh, mpmath.tanh, -25.0, 25.0),
}


def points(low, high, n):
    """Uniform ones, and ones of all magnitudes."""
    rng = np.random.default_rng(0)
    if low is None:
        return np.exp(rng.uniform(-740, 709, n))
    sizes = np.exp(rng.uniform(-30, 0, n // 2))
    return np.concatenate(
        [rng.uniform(low, high, n - n // 2), np.where(rng.uniform(size=n // 2) < 0.5, low, high) * sizes]
    )


def units(found, exact):
    """The distance to the exact value in units in its last place."""
    return float(abs(mpmath.mpf(float(found)) - exact) / np.spacing(abs(float(exact)) or 5e-324))


def main(n):
    """Print the largest error of each; exit with 1 where it exceeds what is assumed."""
    worst = 0.0
    mpmath.mp.dps = 40
    for name, (function, exact, low, high) in FUNCTIONS.items():
        x = points(low, high, n)
        found = max(units(y, exact(mpmath.mpf(float(t)))) for t, y in zip(x, function(x), strict=True))
        worst = max(worst, found)
        print(f"{name:8} {found:6.3f} ulp of {ULPS} assumed, {n} points", flush=True)
    escaped = 0
    x = points(-740.0, 740.0, n)
    for box, exact in (
        (sigmoid(Boxes(x)), lambda t: 1 / (1 + mpmath.exp(-t))),
        (softplus(Boxes(x)), lambda t: mpmath.log1p(mpmath.exp(t))),
    ):
        values = (exact(mpmath.mpf(float(t))) for t in x)
        escaped += sum(not a <= v <= b for a, b, v in zip(box.low, box.high, values, strict=True))
    print(f"sigmoid and softplus: {escaped} of {2 * n} values outside their enclosures")
    return int(worst > ULPS or escaped > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
