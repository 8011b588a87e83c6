"""Intervals of float64 numbers with outward rounding: enclosures of a traced function on a box.

Every operation rounds its lower end down and its upper end up by at least the error of the float operation, so that the
result contains the exact value for every point of the arguments. Only what an enclosure exists for is in the table;
another primitive raises `NotImplementedError`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from diracgan.tracing import Arithmetic, evaluate

# The library's exp, log and tanh are within one unit in the last place; four are allowed for.
_ULPS = 4


def _down(value: float, ulps: int = 1) -> float:
    for _ in range(ulps):
        value = math.nextafter(value, -math.inf)
    return value


def _up(value: float, ulps: int = 1) -> float:
    for _ in range(ulps):
        value = math.nextafter(value, math.inf)
    return value


@dataclasses.dataclass(frozen=True)
class Interval:
    """All real numbers from `low` to `high`.

    >>> Interval(1.0, 2.0) * Interval(-1.0, 3.0)
    Interval(low=-2.0000000000000004, high=6.000000000000001)
    """

    low: float
    high: float

    def __add__(self, other: Interval) -> Interval:
        return Interval(_down(self.low + other.low), _up(self.high + other.high))

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        # An exact zero stays one, so that what is not there adds nothing.
        if any(part == Interval(0.0, 0.0) for part in (self, other)):
            return Interval(0.0, 0.0)
        return Interval(_down(min(ends)), _up(max(ends)))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise NotImplementedError(f"a division by {other}, which contains 0, has no enclosure")
        return self * Interval(_down(1 / other.high), _up(1 / other.low))

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def enclosure(values: Any) -> np.ndarray:
    """Floats as intervals of no width."""
    given = np.asarray(values, np.float64)
    made = np.empty(given.shape, object)
    for index in np.ndindex(given.shape):
        made[index] = _constant(float(given[index]))
    return made


def _constant(value: float) -> Interval:
    return Interval(value, value)


def _as_interval(value: Any) -> Interval:
    return value if isinstance(value, Interval) else _constant(float(value))


def _increasing(function: Callable[[float], float], low: float = -math.inf) -> Callable[[Any], Interval]:
    def apply(given: Any) -> Interval:
        x = _as_interval(given)
        return Interval(max(_down(function(x.low), _ULPS), low), _up(function(x.high), _ULPS))

    return apply


def _exp(t: float) -> float:
    return math.exp(t) if t < 709 else math.inf


def _sigmoid(t: float) -> float:
    return 1 / (1 + _exp(-t)) if t >= 0 else _exp(t) / (1 + _exp(t))


def _log_sigmoid(t: float) -> float:
    return min(t, 0.0) - math.log1p(_exp(-abs(t)))


def _integer_pow(given: Any, n: int) -> Interval:
    x, out = _as_interval(given), _constant(1.0)
    for _ in range(abs(n)):
        out = out * x
    if n % 2 == 0 and n and 0 in x:
        out = Interval(0.0, out.high)
    return out if n >= 0 else _constant(1.0) / out


def _abs(given: Any) -> Interval:
    x = _as_interval(given)
    if 0 in x:
        return Interval(0.0, max(-x.low, x.high))
    return x if x.low > 0 else -x


def _sign(given: Any) -> Interval:
    x = _as_interval(given)
    return Interval(float(np.sign(x.low)), float(np.sign(x.high)))


def _hull(a: Any, b: Any) -> Interval:
    a, b = _as_interval(a), _as_interval(b)
    return Interval(min(a.low, b.low), max(a.high, b.high))


# A truth value is True, False, or the interval from 0 to 1 where the boxes overlap.
_UNDECIDED = Interval(0.0, 1.0)


def _less(a: Any, b: Any, strict: bool) -> Any:
    a, b = _as_interval(a), _as_interval(b)
    if a.high < b.low or (not strict and a.high <= b.low):
        return True
    return False if a.low > b.high or (strict and a.low >= b.high) else _UNDECIDED


def _equal(a: Any, b: Any) -> Any:
    a, b = _as_interval(a), _as_interval(b)
    if a.low == a.high == b.low == b.high:
        return True
    return False if a.high < b.low or b.high < a.low else _UNDECIDED


def _not(a: Any) -> Any:
    return a if isinstance(a, Interval) else not a


def _and(a: Any, b: Any) -> Any:
    if a is False or b is False:
        return False
    return b if a is True else a


def _select(which: Any, *cases: Any) -> Any:
    if isinstance(which, Interval):
        return _hull(*cases)
    return cases[int(which)]


def _binary(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(a: Any, b: Any) -> Any:
        # Places in an array are counted in integers, which are exact.
        if isinstance(a, int) and isinstance(b, int):
            return operation(a, b)
        return operation(_as_interval(a), _as_interval(b))

    return apply


def _larger(a: Any, b: Any) -> Any:
    return max(a, b) if isinstance(a, int) else Interval(max(a.low, b.low), max(a.high, b.high))


def _smaller(a: Any, b: Any) -> Any:
    return min(a, b) if isinstance(a, int) else Interval(min(a.low, b.low), min(a.high, b.high))


_ARITHMETIC = Arithmetic(
    operations={
        "add": _binary(lambda a, b: a + b),
        "add_any": _binary(lambda a, b: a + b),
        "sub": _binary(lambda a, b: a - b),
        "mul": _binary(lambda a, b: a * b),
        "div": _binary(lambda a, b: a / b),
        "neg": lambda a: -_as_interval(a),
        "exp": _increasing(_exp, 0.0),
        "log1p": _increasing(math.log1p),
        "log": _increasing(math.log),
        "tanh": _increasing(math.tanh),
        "sqrt": _increasing(math.sqrt, 0.0),
        "logistic": _increasing(_sigmoid, 0.0),
        "integer_pow": _integer_pow,
        "square": lambda a: _integer_pow(a, 2),
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
        "copy": lambda a: a,
        "copy_p": lambda a: a,
        "stop_gradient": lambda a: a,
    },
    constant=_constant,
    functions={"sigmoid": _increasing(_sigmoid, 0.0), "log_sigmoid": _increasing(_log_sigmoid)},
)


def image(program: Any, box: np.ndarray) -> list[np.ndarray]:
    """Enclosures of the outputs of a closed jaxpr over a box, an array of `Interval`s.

    >>> import jax
    >>> program = jax.make_jaxpr(lambda x: x[0] * x[1])(np.zeros(2))
    >>> image(program, enclosure([0.5, 4.0]))[0].item().high >= 2.0
    True
    """
    with np.errstate(all="ignore"):
        return evaluate(program, _ARITHMETIC, box)
