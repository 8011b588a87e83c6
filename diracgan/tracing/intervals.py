"""Intervals of float64 numbers with outward rounding: enclosures of a traced function on a box.

An interval is a set of real numbers; an infinite end says that it has no bound there. Of every operation the lower end
is rounded down and the upper end up by at least the error of the float operation, so that the result contains the exact
value for all points of the arguments. What is assumed: +, -, *, / and the square root round correctly (IEEE 754), and
the functions of `math` are accurate to two units in the last place.

Where an argument reaches beyond the domain of a function (a division by an interval with 0 in it, the logarithm of
[-1, 2]) there is no enclosure and `NotImplementedError` is raised, as for a primitive that is not in the table: what
has an image is defined on the whole box.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from diracgan.tracing import Arithmetic, evaluate

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr

# Two units in the last place; below a power of two floats lie twice as dense.
_STEPS = 4
# What a program works with: counted integers and truth values are no intervals yet.
Given: TypeAlias = "Interval | float"
_N = TypeVar("_N", int, "Interval")


def _down(value: float, steps: int = 1) -> float:
    for _ in range(steps):
        value = math.nextafter(value, -math.inf)
    return value


def _up(value: float, steps: int = 1) -> float:
    for _ in range(steps):
        value = math.nextafter(value, math.inf)
    return value


@dataclasses.dataclass(frozen=True)
class Interval:
    """All real numbers from `low` to `high`; the point (inf, inf) is the constant infinity, which can only be compared.

    >>> Interval(1.0, 2.0) * Interval(-1.0, 3.0)
    Interval(low=-2.0000000000000004, high=6.000000000000001)
    """

    low: float
    high: float
    # Whether 0 is no value although it can be an end: e^t on a half line comes as near to it as one likes.
    nonzero: bool = dataclasses.field(default=False, compare=False, repr=False)

    @property
    def infinite(self) -> bool:
        """Whether this is the constant inf or -inf, and no set of reals."""
        return self.low == self.high and math.isinf(self.low)

    @property
    def reaches_zero(self) -> bool:
        """Whether 0 is a value, as far as can be told."""
        return self.low <= 0 <= self.high and not (self.nonzero and self.sign)

    @property
    def sign(self) -> int:
        """1 where no number is negative, -1 where none is positive, else 0."""
        return 1 if self.low >= 0 else -1 if self.high <= 0 else 0

    def __add__(self, other: Interval) -> Interval:
        _needs_reals(self, other)
        # A sum that is exact, as with 0, stays so. An infinite one either has no bound or has overflowed: in both
        # cases the largest float is still inside.
        low, high = self.low + other.low, self.high + other.high
        return Interval(
            low if _exact(self.low, other.low, low) else _down(low),
            high if _exact(self.high, other.high, high) else _up(high),
        )

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.nonzero)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        _needs_reals(self, other)
        if any(part == Interval(0.0, 0.0) for part in (self, other)):
            return Interval(0.0, 0.0)
        # Real numbers without a bound times 0 are 0.
        ends = [a * b if a and b else 0.0 for a in (self.low, self.high) for b in (other.low, other.high)]
        product = _outward(min(ends), max(ends), self.sign * other.sign)
        return dataclasses.replace(product, nonzero=not self.reaches_zero and not other.reaches_zero)

    def __truediv__(self, other: Interval) -> Interval:
        if other.reaches_zero:
            raise NotImplementedError(f"a division by {other}, which contains 0, has no enclosure")
        low, high = (1 / end if end else math.inf * other.sign for end in (other.high, other.low))
        return self * dataclasses.replace(_outward(low, high, other.sign), nonzero=True)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def _needs_reals(*parts: Interval) -> None:
    if any(part.infinite or math.isnan(part.low) or math.isnan(part.high) for part in parts):
        raise NotImplementedError(f"arithmetic with {parts} has no enclosure: only real numbers have")


def _exact(a: float, b: float, total: float) -> bool:
    """Whether a + b = total without rounding (Knuth's error of a sum)."""
    if not math.isfinite(total):
        return False
    part = total - a
    return (a - (total - part)) + (b - part) == 0


def _outward(low: float, high: float, sign: int) -> Interval:
    """The interval between two rounded numbers, whose exact values have a certain sign (or 0: none)."""
    low, high = _down(low), _up(high)
    return Interval(max(low, 0.0) if sign > 0 else low, min(high, 0.0) if sign < 0 else high)


def enclosure(values: ArrayLike) -> np.ndarray:
    """Floats as intervals of no width."""
    given = np.asarray(values, np.float64)
    made = np.empty(given.shape, object)
    for index in np.ndindex(given.shape):
        made[index] = _constant(float(given[index]))
    return made


def _constant(value: float) -> Interval:
    return Interval(value, value)


def _as_interval(value: Given) -> Interval:
    return value if isinstance(value, Interval) else _constant(float(value))


def _increasing(
    function: Callable[[float], float],
    domain: float = -math.inf,
    image: tuple[float, float] = (-math.inf, math.inf),
    nonzero: bool = False,
) -> Callable[[Given], Interval]:
    """The enclosure by an increasing function of `math`, defined above `domain`, with its values in `image`."""

    def end(t: float) -> float:
        try:
            return function(t)
        except OverflowError:
            return math.copysign(math.inf, t)
        except ValueError:
            return -math.inf  # log 0

    def apply(given: Given) -> Interval:
        x = _as_interval(given)
        _needs_reals(x)
        if x.low <= domain > -math.inf and not (x.low == domain == 0 and x.nonzero):
            raise NotImplementedError(f"{function.__name__} of {x} has no enclosure: it is defined above {domain:g}")
        return Interval(
            max(_down(end(x.low), _STEPS), image[0]),
            min(_up(end(x.high), _STEPS), image[1]),
            nonzero,
        )

    return apply


_exp = _increasing(math.exp, image=(0.0, math.inf), nonzero=True)
_log1p = _increasing(math.log1p, -1.0)


def _sqrt(given: Given) -> Interval:
    x = _as_interval(given)
    if not x.low >= 0:
        raise NotImplementedError(f"the square root of {x} has no enclosure: it is defined from 0 on")
    return _outward(math.sqrt(x.low), math.sqrt(x.high), 1)


def _by_ends(function: Callable[[Interval], Interval], limits: tuple[float, float]) -> Callable[[Given], Interval]:
    """The enclosure by an increasing function that is itself made of intervals, with its limits at -inf and inf."""

    def apply(given: Given) -> Interval:
        x = _as_interval(given)
        _needs_reals(x)
        low = limits[0] if math.isinf(x.low) else function(_constant(x.low)).low
        high = limits[1] if math.isinf(x.high) else function(_constant(x.high)).high
        return Interval(max(low, limits[0]), min(high, limits[1]), limits == (0.0, 1.0))

    return apply


def _sigmoid_of(t: Interval) -> Interval:
    one = _constant(1.0)
    # On the left as e^t/(1 + e^t), which keeps its relative accuracy.
    return one / (one + _exp(-t)) if t.low >= 0 else _exp(t) / (one + _exp(t))


_sigmoid = _by_ends(_sigmoid_of, (0.0, 1.0))
_log_sigmoid = _by_ends(lambda t: _smaller(t, _constant(0.0)) - _log1p(_exp(-_abs(t))), (-math.inf, 0.0))
_cosh_of = _increasing(math.cosh, image=(1.0, math.inf))


def _waves(function: Callable[[float], float], top: float) -> Callable[[Given], Interval]:
    """The enclosure by sine or cosine, with a maximum at `top` and a minimum half a period later."""

    def reaches(x: Interval, place: float) -> bool:
        # With a slack far above the rounding of these quotients: one extremum too many does no harm.
        turns = (x.low - place) / (2 * math.pi), (x.high - place) / (2 * math.pi)
        return math.floor(turns[1] + 1e-6) >= math.ceil(turns[0] - 1e-6)

    def apply(given: Given) -> Interval:
        x = _as_interval(given)
        _needs_reals(x)
        if not max(abs(x.low), abs(x.high)) <= 1e6:
            return Interval(-1.0, 1.0)
        ends = function(x.low), function(x.high)
        low = -1.0 if reaches(x, top + math.pi) else max(_down(min(ends), _STEPS), -1.0)
        return Interval(low, 1.0 if reaches(x, top) else min(_up(max(ends), _STEPS), 1.0))

    return apply


def _integer_pow(given: Given, n: int) -> Interval:
    x = _as_interval(given)
    if n < 0:
        return _constant(1.0) / _integer_pow(x, -n)
    if n % 2 == 0:
        return _product([_abs(x)] * n)
    # Odd powers increase; without a bound they stay so.
    low, high = (end if math.isinf(end) else _product([_constant(end)] * n) for end in (x.low, x.high))
    return Interval(low if isinstance(low, float) else low.low, high if isinstance(high, float) else high.high)


def _product(parts: list[Interval]) -> Interval:
    out = _constant(1.0)
    for part in parts:
        out = out * part
    return out


def _power(base: Given, exponent: Given) -> Interval:
    """x^y = exp(y log x) for x > 0; for other x only a constant integer y."""
    x, y = _as_interval(base), _as_interval(exponent)
    if x.low > 0:
        return _exp(y * _increasing(math.log, 0.0)(x))
    if y.low == y.high and y.low == int(y.low):
        return _integer_pow(x, int(y.low))
    raise NotImplementedError(f"{x} to the power {y} has no enclosure: the base must be positive")


def _abs(given: Given) -> Interval:
    x = _as_interval(given)
    if 0 in x:
        return Interval(0.0, max(-x.low, x.high))
    return x if x.low > 0 else -x


def _sign(given: Given) -> Interval:
    x = _as_interval(given)
    return Interval(float(np.sign(x.low)), float(np.sign(x.high)))


def _hull(a: Given, b: Given) -> Interval:
    a, b = _as_interval(a), _as_interval(b)
    return Interval(min(a.low, b.low), max(a.high, b.high))


# A truth value is True, False, or the interval from 0 to 1 where the boxes overlap.
_UNDECIDED = Interval(0.0, 1.0)


def _less(a: Given, b: Given, strict: bool) -> Given:
    a, b = _as_interval(a), _as_interval(b)
    # Every real number lies between the constants -inf and inf, even where an interval has no bound.
    if a.infinite != b.infinite:
        return b.low == math.inf or a.high == -math.inf
    if a.high < b.low or (not strict and a.high <= b.low):
        return True
    return False if a.low > b.high or (strict and a.low >= b.high) else _UNDECIDED


def _equal(a: Given, b: Given) -> Given:
    a, b = _as_interval(a), _as_interval(b)
    if a.infinite != b.infinite:
        return False
    # One object is one number of the program (`image` sees to it): JAX asks for NaN with x != x.
    if a is b or a.low == a.high == b.low == b.high:
        return True
    return False if a.high < b.low or b.high < a.low else _UNDECIDED


def _not(a: Given) -> Given:
    return a if isinstance(a, Interval) else not a


def _and(a: Given, b: Given) -> Given:
    if a is False or b is False:
        return False
    return b if a is True else a


def _select(which: Given, *cases: Given) -> Given:
    if isinstance(which, Interval):
        return _hull(*cases)
    return cases[int(which)]


def _binary(operation: Callable[..., Given]) -> Callable[[Given, Given], Given]:
    def apply(a: Given, b: Given) -> Given:
        # Places in an array are counted in integers, which are exact.
        if isinstance(a, int) and isinstance(b, int):
            return operation(a, b)
        return operation(_as_interval(a), _as_interval(b))

    return apply


def _larger(a: _N, b: _N) -> _N:
    return max(a, b) if isinstance(a, int) else Interval(max(a.low, b.low), max(a.high, b.high))


def _smaller(a: _N, b: _N) -> _N:
    return min(a, b) if isinstance(a, int) else Interval(min(a.low, b.low), min(a.high, b.high))


_ARITHMETIC = Arithmetic[Given](
    operations={
        "add": _binary(lambda a, b: a + b),
        "add_any": _binary(lambda a, b: a + b),
        "sub": _binary(lambda a, b: a - b),
        "mul": _binary(lambda a, b: a * b),
        "div": _binary(lambda a, b: a / b),
        "neg": lambda a: -_as_interval(a),
        "exp": _exp,
        "exp2": lambda a: _exp(_as_interval(a) * Interval(_down(math.log(2.0), _STEPS), _up(math.log(2.0), _STEPS))),
        "expm1": _increasing(math.expm1, image=(-1.0, math.inf)),
        "log": _increasing(math.log, 0.0),
        "log1p": _log1p,
        "tanh": _increasing(math.tanh, image=(-1.0, 1.0)),
        "sinh": _increasing(math.sinh),
        "cosh": lambda a: _cosh_of(_abs(a)),
        "asinh": _increasing(math.asinh),
        "atan": _increasing(math.atan),
        "erf": _increasing(math.erf, image=(-1.0, 1.0)),
        "sin": _waves(math.sin, math.pi / 2),
        "cos": _waves(math.cos, 0.0),
        "sqrt": _sqrt,
        "rsqrt": lambda a: _constant(1.0) / _sqrt(a),
        "logistic": _sigmoid,
        "integer_pow": _integer_pow,
        "pow": _power,
        "square": lambda a: _integer_pow(a, 2),
        "one_minus_square": lambda a: _constant(1.0) - _integer_pow(a, 2),
        "abs": _abs,
        "sign": _sign,
        "max": _binary(_larger),
        "min": _binary(_smaller),
        "lt": lambda a, b: _less(a, b, True),
        "le": lambda a, b: _less(a, b, False),
        "gt": lambda a, b: _less(b, a, True),
        "ge": lambda a, b: _less(b, a, False),
        "eq": _equal,
        "ne": lambda a, b: _not(_equal(a, b)),
        "not": _not,
        "and": _and,
        "or": lambda a, b: _not(_and(_not(a), _not(b))),
        "select_n": _select,
        "is_finite": lambda a: not _as_interval(a).infinite,
        "copy": lambda a: a,
        "copy_p": lambda a: a,
        "stop_gradient": lambda a: a,
    },
    constant=_constant,
    functions={"sigmoid": _sigmoid, "log_sigmoid": _log_sigmoid},
)


def image(program: ClosedJaxpr, *boxes: np.ndarray) -> list[np.ndarray]:
    """Enclosures of the outputs of a closed jaxpr over boxes, arrays of `Interval`s, one for each argument.

    >>> import jax
    >>> program = jax.make_jaxpr(lambda x: x[0] * x[1])(np.zeros(2))
    >>> image(program, enclosure([0.5, 4.0]))[0].item().high >= 2.0
    True
    """
    apart = [np.empty(np.shape(box), object) for box in boxes]
    for box, copy in zip(boxes, apart, strict=True):
        for index, number in np.ndenumerate(np.asarray(box)):
            copy[index] = dataclasses.replace(number)
    with np.errstate(all="ignore"):
        return evaluate(program, _ARITHMETIC, *apart)
