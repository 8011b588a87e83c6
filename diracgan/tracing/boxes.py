"""Many intervals at once: arrays of lower and of upper ends, rounded outward, for millions of boxes.

What is assumed: +, -, *, / and the square root of NumPy round correctly (IEEE 754), and its exp, log, log1p, expm1 and
tanh are accurate to `ULPS` units in the last place, about which much less is ever seen (`benchmarks/enclosures.py`
compares with 40 digits). Results are widened by at least that.

Where an argument reaches beyond the domain of a function, or a branch is not decided, the result is the whole line:
nothing is known there. Nothing is raised, since other boxes of the same array may be well inside.
"""

from __future__ import annotations

from collections.abc import Callable
from types import EllipsisType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from diracgan.tracing import Arithmetic, elementwise, evaluate

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr

ULPS = 4
Numbers = float | np.ndarray
# What a program works with: counted integers and truth values are no intervals yet.
Index = int | slice | np.ndarray | tuple[int | slice | np.ndarray | EllipsisType, ...]
Given: TypeAlias = "Boxes | float | np.ndarray"
_TINY, _LARGEST, _EPS = 5e-324, float(np.finfo(np.float64).max), 2.0**-52


def _down(value: Numbers, ulps: int = 1) -> Numbers:
    """Below a float by at least so many units in its last place."""
    value = np.minimum(value, _LARGEST)
    return value - (np.abs(value) * (ulps * _EPS) + 2 * ulps * _TINY)


def _up(value: Numbers, ulps: int = 1) -> Numbers:
    value = np.maximum(value, -_LARGEST)
    return value + (np.abs(value) * (ulps * _EPS) + 2 * ulps * _TINY)


class Boxes:
    """All real numbers from `low` to `high`, entry by entry; the ends are floats or arrays of one shape.

    >>> Boxes(1.0, 2.0) - Boxes([0.0, -1.0], [0.5, 0.5])
    Boxes([0.5 0.5], [2. 3.])
    """

    __slots__ = ("high", "low")
    # NumPy must leave `array * boxes` to this class.
    __array_ufunc__ = None

    def __init__(self, low: ArrayLike, high: ArrayLike | None = None) -> None:
        self.low = np.asarray(low, np.float64)
        self.high = self.low if high is None else np.asarray(high, np.float64)

    def __repr__(self) -> str:
        return f"Boxes({np.round(self.low, 6)}, {np.round(self.high, 6)})"

    @property
    def shape(self) -> tuple[int, ...]:
        """That of both ends."""
        return np.broadcast_shapes(self.low.shape, self.high.shape)

    @property
    def middle(self) -> np.ndarray:
        """A float of each interval, near the middle."""
        return np.clip(self.low / 2 + self.high / 2, self.low, self.high)

    @property
    def width(self) -> np.ndarray:
        """How wide each is, rounded."""
        return self.high - self.low

    @property
    def size(self) -> np.ndarray:
        """The largest absolute value of each."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    @property
    def _unknown(self) -> np.ndarray:
        return np.isnan(self.low) | np.isnan(self.high)

    def __getitem__(self, index: Index) -> Boxes:
        return Boxes(self.low[index], self.high[index])

    def __add__(self, other: Given) -> Boxes:
        other = as_boxes(other)
        with np.errstate(all="ignore"):
            return _rounded(self.low + other.low, self.high + other.high)

    __radd__ = __add__

    def __neg__(self) -> Boxes:
        return Boxes(-self.high, -self.low)

    def __sub__(self, other: Given) -> Boxes:
        return self + -as_boxes(other)

    def __rsub__(self, other: Given) -> Boxes:
        return as_boxes(other) - self

    def __mul__(self, other: Given) -> Boxes:
        other = as_boxes(other)
        with np.errstate(all="ignore"):
            ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        if not all(np.isfinite(end).all() for end in ends):
            # Real numbers without a bound times 0 are 0; what is not known stays so.
            known = ~(self._unknown | other._unknown)
            ends = [np.where(np.isnan(end) & known, 0.0, end) for end in ends]
        low = np.minimum(np.minimum(ends[0], ends[1]), np.minimum(ends[2], ends[3]))
        high = np.maximum(np.maximum(ends[0], ends[1]), np.maximum(ends[2], ends[3]))
        with np.errstate(all="ignore"):
            return _rounded(low, high)

    __rmul__ = __mul__

    def __truediv__(self, other: Given) -> Boxes:
        return self * reciprocal(as_boxes(other))

    def __rtruediv__(self, other: Given) -> Boxes:
        return as_boxes(other) / self

    def square(self) -> Boxes:
        """x², whose ends do not depend on one another as those of x·x would."""
        ends = np.abs(self.low), np.abs(self.high)
        with np.errstate(all="ignore"):
            low = np.where((self.low <= 0) & (self.high >= 0), 0.0, _down(np.minimum(*ends) ** 2))
            return Boxes(np.maximum(low, 0.0), _up(np.maximum(*ends) ** 2))

    def contains(self, value: Given) -> np.ndarray:
        """Whether a float, or a whole interval, lies in each."""
        other = as_boxes(value)
        return (self.low <= other.low) & (other.high <= self.high)

    def meets(self, other: Given) -> Boxes:
        """The numbers of both; empty ones have their ends the wrong way round."""
        other = as_boxes(other)
        return Boxes(np.maximum(self.low, other.low), np.minimum(self.high, other.high))

    def hull(self, other: Given) -> Boxes:
        """The smallest intervals around both."""
        other = as_boxes(other)
        return Boxes(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


def as_boxes(value: Given) -> Boxes:
    """Floats as intervals of no width."""
    return value if isinstance(value, Boxes) else Boxes(value)


def _rounded(low: Numbers, high: Numbers) -> Boxes:
    return Boxes(_down(low), _up(high))


def _unless(refused: np.ndarray, box: Boxes) -> Boxes:
    """The whole line where something is refused or not a number."""
    refused = refused | np.isnan(box.low) | np.isnan(box.high)
    if not refused.any():
        return box
    return Boxes(np.where(refused, -np.inf, box.low), np.where(refused, np.inf, box.high))


def reciprocal(x: Boxes) -> Boxes:
    """1/x; the whole line where 0 is inside."""
    with np.errstate(all="ignore"):
        box = _rounded(1 / x.high, 1 / x.low)
    return _unless(~((x.low > 0) | (x.high < 0)), box)


def _increasing(
    function: Callable[[np.ndarray], np.ndarray], bounds: tuple[float, float] = (-np.inf, np.inf), ulps: int = ULPS
) -> Callable[[Given], Boxes]:
    """The enclosure by an increasing function with its values in `bounds`."""

    def apply(x: Given) -> Boxes:
        x = as_boxes(x)
        with np.errstate(all="ignore"):
            low, high = _down(function(x.low), ulps), _up(function(x.high), ulps)
        return _unless(np.isnan(x.low), Boxes(np.maximum(low, bounds[0]), np.minimum(high, bounds[1])))

    return apply


def _slope(t: np.ndarray) -> np.ndarray:
    """1/(1 + e^-t), on the left as e^t/(1 + e^t): exp, sum and quotient err by less than 8 units."""
    e = np.exp(-np.abs(t))
    return np.where(t >= 0, 1.0, e) / (1 + e)


exp = _increasing(np.exp, (0.0, np.inf))
expm1 = _increasing(np.expm1, (-1.0, np.inf))
tanh = _increasing(np.tanh, (-1.0, 1.0))
sigmoid = _increasing(_slope, (0.0, 1.0), 8)
# log1p(e^-|t|) is concave, so that it does not amplify relative errors: 4 + 4 units, and those of the sum.
softplus = _increasing(lambda t: np.maximum(t, 0) + np.log1p(np.exp(-np.abs(t))), (0.0, np.inf), 12)
_log, _log1p = _increasing(np.log), _increasing(np.log1p)


def log(x: Given) -> Boxes:
    """log x; the whole line where x reaches 0."""
    x = as_boxes(x)
    return _unless(~(x.low > 0), _log(x))


def log1p(x: Given) -> Boxes:
    """log(1 + x); the whole line where x reaches -1."""
    x = as_boxes(x)
    return _unless(~(x.low > -1), _log1p(x))


def sqrt(x: Given) -> Boxes:
    """√x; the whole line where x is negative somewhere."""
    x = as_boxes(x)
    with np.errstate(all="ignore"):
        box = Boxes(np.maximum(_down(np.sqrt(x.low)), 0.0), _up(np.sqrt(x.high)))
    return _unless(~(x.low >= 0), box)


def absolute(x: Given) -> Boxes:
    """|x|."""
    x = as_boxes(x)
    inside = (x.low <= 0) & (x.high >= 0)
    return Boxes(np.where(inside, 0.0, np.minimum(np.abs(x.low), np.abs(x.high))), x.size)


def maximum(x: Given, y: Given) -> Boxes:
    """The larger of two."""
    x, y = as_boxes(x), as_boxes(y)
    return Boxes(np.maximum(x.low, y.low), np.maximum(x.high, y.high))


def minimum(x: Given, y: Given) -> Boxes:
    """The smaller of two."""
    return -maximum(-as_boxes(x), -as_boxes(y))


def _power(x: Given, n: int) -> Boxes:
    x = as_boxes(x)
    if n < 0:
        return reciprocal(_power(x, -n))
    if n < 2:
        return x if n else as_boxes(1.0)
    if n % 2 == 0:
        return _power(x, n // 2).square()
    # Odd powers increase.
    low, high = Boxes(x.low), Boxes(x.high)
    return Boxes((low * _power(low, n - 1)).low, (high * _power(high, n - 1)).high)


def _step(x: Given) -> Boxes:
    """The sign, where it is decided: a jump has no derivative that a proof could use."""
    x = as_boxes(x)
    return _unless(~((x.low > 0) | (x.high < 0) | (x.size == 0)), Boxes(np.sign(x.low), np.sign(x.high)))


def _compared(true: np.ndarray, false: np.ndarray) -> Boxes:
    """A truth value: 1, 0, or the whole line where it is not decided."""
    return _unless(~(true | false), Boxes(np.where(true, 1.0, 0.0)))


def _less(a: Given, b: Given, strict: bool) -> Boxes:
    a, b = as_boxes(a), as_boxes(b)
    return _compared(*((a.high < b.low, a.low >= b.high) if strict else (a.high <= b.low, a.low > b.high)))


def _equal(a: Given, b: Given) -> Boxes:
    # One object is one number of the program: JAX asks for NaN with x != x.
    if a is b:
        return as_boxes(1.0)
    a, b = as_boxes(a), as_boxes(b)
    same = (a.low == a.high) & (b.low == b.high) & (a.low == b.low)
    return _compared(same, (a.high < b.low) | (b.high < a.low))


def _not(a: Given) -> Given:
    return 1 - a if isinstance(a, Boxes) else not a


def _both(a: Given, b: Given) -> Given:
    if isinstance(a, bool) and isinstance(b, bool):
        return a and b
    return minimum(float(a) if isinstance(a, bool) else a, float(b) if isinstance(b, bool) else b)


def _select(which: Given, *cases: Given) -> Given:
    if not isinstance(which, Boxes):
        return cases[int(which)]
    first, second = (as_boxes(case) for case in cases)
    chosen = which.low > 0.5
    box = Boxes(np.where(chosen, second.low, first.low), np.where(chosen, second.high, first.high))
    return _unless(~((which.low > 0.5) | (which.high < 0.5)), box)


def _binary(operation: Callable[..., Given]) -> Callable[[Given, Given], Given]:
    def apply(a: Given, b: Given) -> Given:
        if isinstance(a, int) and isinstance(b, int):
            return operation(a, b)
        return operation(as_boxes(a), as_boxes(b))

    return apply


_ARITHMETIC = Arithmetic[Given](
    operations={
        "add": _binary(lambda a, b: a + b),
        "sub": _binary(lambda a, b: a - b),
        "mul": _binary(lambda a, b: a * b),
        "div": _binary(lambda a, b: a / b),
        "neg": lambda a: -as_boxes(a),
        "exp": exp,
        "expm1": expm1,
        "log": log,
        "log1p": log1p,
        "tanh": tanh,
        "sqrt": sqrt,
        "logistic": sigmoid,
        "integer_pow": _power,
        "square": lambda a: as_boxes(a).square(),
        "one_minus_square": lambda a: 1 - as_boxes(a).square(),
        "abs": absolute,
        "sign": _step,
        "max": maximum,
        "min": minimum,
        "lt": lambda a, b: _less(a, b, True),
        "le": lambda a, b: _less(a, b, False),
        "gt": lambda a, b: _less(b, a, True),
        "ge": lambda a, b: _less(b, a, False),
        "eq": _binary(_equal),
        "ne": lambda a, b: _not(_equal(a, b)),
        "not": _not,
        "and": _both,
        "or": lambda a, b: _not(_both(_not(a), _not(b))),
        "select_n": _select,
        "copy": lambda a: a,
        "copy_p": lambda a: a,
        "stop_gradient": lambda a: a,
    },
    constant=as_boxes,
    functions={"sigmoid": sigmoid, "log_sigmoid": lambda t: -softplus(-as_boxes(t))},
)


def images(program: ClosedJaxpr, *boxes: object) -> list[np.ndarray]:
    """Enclosures of the outputs of a closed jaxpr: arrays of `Boxes` from such arrays, or from known numbers.

    >>> import jax
    >>> program = jax.make_jaxpr(lambda x: x[0] * x[1])(np.zeros(2))
    >>> images(program, cells(Boxes([1.0, 2.0], [2.0, 3.0]), Boxes(3.0)))[0].item()
    Boxes([3. 6.], [6. 9.])
    """
    with np.errstate(all="ignore"):
        return [elementwise(as_boxes, part) for part in evaluate(program, _ARITHMETIC, *boxes)]


def cells(*entries: Given) -> np.ndarray:
    """The entries of a state, each many intervals, as an argument of `images`."""
    made = np.empty(len(entries), object)
    for place, entry in enumerate(entries):
        made[place] = as_boxes(entry)
    return made


def cell(entry: Given) -> np.ndarray:
    """One number, many intervals, as an argument of `images`."""
    made = np.empty((), object)
    made[()] = as_boxes(entry)
    return made
