"""Averages of the iterates of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from diracgan.games.inputs import as_choice, as_numbers

KINDS = ("uniform", "tail", "weighted")


def average(path: ArrayLike, kind: str = "uniform") -> np.ndarray:
    """The average of the states of a run, shape `(T, n)` to `(n,)`.

    Args:
        path: the states, one per round.
        kind: "uniform", the mean of all; "tail", of the last half; "weighted", with weights proportional to 1, …, T.

    Raises `ValueError` for a run that has diverged, which has no average, and `TypeError` for what are no numbers.

    >>> dg.regret.average([[0.0, 0.0], [2.0, 4.0]], "weighted").round(6).tolist()
    [1.333333, 2.666667]
    """
    states, weights = _weights(path, kind)
    return weights @ states / weights.sum()


def running_averages(path: ArrayLike) -> np.ndarray:
    """The uniform average of the first 1, 2, …, T states, shape `(T, n)`.

    >>> dg.regret.running_averages([[0.0], [2.0], [4.0]]).ravel().tolist()
    [0.0, 1.0, 2.0]
    """
    states, _ = _weights(path, "uniform")
    return np.cumsum(states, axis=0) / np.arange(1, len(states) + 1)[:, None]


def _weights(path: ArrayLike, kind: str) -> tuple[np.ndarray, np.ndarray]:
    states, kind = as_numbers(path, "path", ("T", "n")), as_choice(kind, "kind", KINDS)
    rounds = np.arange(len(states))
    known = {"uniform": np.ones(len(states)), "tail": 1.0 * (rounds >= len(states) // 2), "weighted": rounds + 1.0}
    return states, known[kind]
