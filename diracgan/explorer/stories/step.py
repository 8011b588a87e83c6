"""What a story is made of: steps that ask for a prediction first, and then let the page compute the answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

# What an address holds.
Value = str | float


@dataclasses.dataclass(frozen=True)
class Step:
    """One question about one view.

    `view` is the address of what is seen while the question is open, `then` what changes in it with the answer;
    `right` is the index of the answer that is right. `said` are regular expressions that the page's own verdict must
    match once it is shown, `fates` is what becomes of the paths there, and `holds` is
    true of their points, each of shape (n + 1, 2): no claim stands on its own.
    """

    text: str
    question: str
    answers: tuple[str, ...]
    right: int
    reveal: str
    view: Mapping[str, Value]
    then: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    said: tuple[str, ...] = ()
    fates: tuple[str, ...] = ()
    holds: Callable[[Sequence[np.ndarray]], bool] | None = None


@dataclasses.dataclass(frozen=True)
class Story:
    """Steps in their order, under a title."""

    title: str
    steps: tuple[Step, ...]


def view(method: str, algorithm: str, start: str, steps: int, **values: Value) -> dict[str, Value]:
    """A view whose paths wait at their starts; `p_gamma` and `q_h` are hyper-parameters of method and algorithm."""
    given = {(f"{key[0]}.{key[2:]}" if key[:2] in ("p_", "q_") else key): value for key, value in values.items()}
    return {"m": method, "a": algorithm, "x": start, "n": steps, "k": 1, "show": "arrows", **given}
