"""What an exercise is: a question, its answer as a function, and what the usual mistakes would answer."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from diracgan.dynamics.compiling import in_float64

# At how many points an answer that is a function is compared.
POINTS = 6


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give: what kind of mistake it is, the answer it leads to, and what to think of."""

    kind: str
    answer: Callable[..., Any]
    hint: str


@dataclasses.dataclass(frozen=True)
class Exercise:
    """One exercise.

    `truth` computes the answer from theory or library: a number, an array, one of the words `choices`, or, where there
    are `arguments` (name → range), a function of them. `ordered` is False where a list of numbers has no order, as with
    eigenvalues. `tolerance` is relative; `remark` is what a right answer is told.
    """

    name: str
    chapter: int
    question: str
    truth: Callable[..., Any]
    mistakes: tuple[Mistake, ...]
    remark: str
    arguments: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=dict)
    choices: tuple[str, ...] = ()
    ordered: bool = True
    tolerance: float = 1e-3

    @property
    def label(self) -> str:
        """How the answer is given, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.arguments:
            return f"a function of ({', '.join(self.arguments)})"
        return "a number or several"

    def points(self) -> tuple[tuple[float, ...], ...]:
        """Where an answer that is a function is compared: drawn from the ranges, always the same; once () without."""
        if not self.arguments:
            return ((),)
        low, high = np.array(list(self.arguments.values())).T
        draws = np.random.default_rng(zlib.crc32(self.name.encode())).uniform(low, high, (POINTS, low.size))
        return tuple(map(tuple, draws.tolist()))

    def values(self, answer: Callable[..., Any]) -> np.ndarray:
        """`truth`, or what a mistake answers, at all points: shape (points, …)."""
        return np.asarray([in_float64(answer)(*point) for point in self.points()])

    def agree(self, given: np.ndarray, values: np.ndarray) -> bool:
        """Whether two answers, (points, …) each, are the same within the tolerance."""
        if given.shape != values.shape:
            return False
        pairs = zip(given, values, strict=True)
        return all(_near(_sorted(one, self.ordered), _sorted(two, self.ordered), self.tolerance) for one, two in pairs)


def _sorted(values: np.ndarray, ordered: bool) -> np.ndarray:
    """Numbers without an order in one, by rounded parts, so that rounding does not exchange neighbours."""
    flat = np.ravel(values)
    if ordered or flat.dtype.kind == "U":
        return flat
    return flat[np.lexsort((np.round(np.imag(flat), 6), np.round(np.real(flat), 6)))]


def _near(given: np.ndarray, values: np.ndarray, tolerance: float) -> bool:
    if values.dtype.kind == "U" or given.dtype.kind == "U":
        return bool(np.all(given == values))
    return bool(np.all(np.abs(given - values) <= tolerance * max(float(np.max(np.abs(values))), 1e-9)))
