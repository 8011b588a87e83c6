"""What the generator is to learn: laws on the plane, as functions of a random generator."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from diracgan.games.inputs import fits
from diracgan.games.parameters import Parameter

COUNT = Parameter("n", "n", "number of points", 512, (1, 10**8), kind=int)
SEED = Parameter("seed", "s", "seed", 0, (0, 2**31 - 1), kind=int)


@dataclasses.dataclass(frozen=True)
class Target:
    """A law on the plane: `mean`, shape `(2,)`, and `covariance`, shape `(2, 2)`, are its exact moments.

    `draw` makes n points from a generator of NumPy; `description` says in words where they lie.

    >>> TARGETS["circle"].sample(4).shape
    (4, 2)
    """

    name: str
    description: str
    covariance: tuple[tuple[float, float], tuple[float, float]]
    draw: Callable[[np.random.Generator, int], np.ndarray]
    mean: tuple[float, float] = (0.0, 0.0)

    def sample(self, n: Any = 512, seed: Any = 0) -> np.ndarray:
        """`n` independent points in float32, shape `(n, 2)`; another seed gives others, independent of these.

        Raises `TypeError` and `ValueError` for what is no count, and for more points than the memory holds.
        """
        n, seed = COUNT.convert(n), SEED.convert(seed)
        fits(64.0 * n, f"{n} points on the plane")
        return self.draw(np.random.default_rng(seed), n).astype(np.float32)

    def __repr__(self) -> str:
        return f"Target({self.name!r})"


def _gaussian(random: np.random.Generator, n: int) -> np.ndarray:
    return random.normal(size=(n, 2))


def _line(random: np.random.Generator, n: int) -> np.ndarray:
    return np.stack([random.uniform(-1, 1, n), np.zeros(n)], axis=1)


def _circle(random: np.random.Generator, n: int) -> np.ndarray:
    angle = random.uniform(0, 2 * np.pi, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


_HEIGHTS = np.array([-1.0, -1 / 3, 1 / 3, 1.0])


def _four_lines(random: np.random.Generator, n: int) -> np.ndarray:
    return np.stack([random.uniform(-1, 1, n), random.choice(_HEIGHTS, n)], axis=1)


TARGETS = {
    target.name: target
    for target in (
        Target("gaussian", "the standard normal law", ((1.0, 0.0), (0.0, 1.0)), _gaussian),
        Target("line", "uniform on the segment from (-1, 0) to (1, 0)", ((1 / 3, 0.0), (0.0, 0.0)), _line),
        Target("circle", "uniform on the unit circle", ((0.5, 0.0), (0.0, 0.5)), _circle),
        Target(
            "four-lines",
            "uniform on the four segments -1 <= x <= 1 at y = -1, -1/3, 1/3, 1",
            ((1 / 3, 0.0), (0.0, 5 / 9)),
            _four_lines,
        ),
    )
}
