"""One comparison of a derived value with its closed form."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np

from diracgan.theory import NONE_KNOWN


@dataclasses.dataclass(frozen=True)
class Check:
    """One comparison of a derived value with its closed form; every field can be written as JSON.

    `derived` and `closed_form` are the values of the worst of all cases tried, which `case` names (complex numbers as
    [re, im]); `error` is the difference there, relative to the closed form where that exceeds 1, and `ok` says that
    it is a number not above `tolerance`.
    """

    name: str
    derived: Any
    closed_form: Any
    error: float
    tolerance: float
    ok: bool
    source: str
    case: str = ""


def compare(name: str, derived: Any, closed: Any, tolerance: float, source: str, cases: Any = ("",)) -> Check:
    """The worst of several cases, the first axis of both arrays; complex numbers (at most six) are compared as sets."""
    derived, closed = np.asarray(derived), np.asarray(closed)
    derived, closed = (np.broadcast_to(a, np.broadcast_shapes(derived.shape, closed.shape)) for a in (derived, closed))
    derived, closed = (a.reshape(len(cases), -1) for a in (derived, closed))
    scale = np.maximum(1, np.abs(closed))
    if np.iscomplexobj(closed):
        derived = np.take_along_axis(derived, _matching(derived, closed), axis=1)
    errors = np.max(np.abs(derived - closed) / scale, axis=1)
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    error = float(errors[worst])
    return Check(
        name, _plain(derived[worst]), _plain(closed[worst]), error, tolerance, error <= tolerance, source, cases[worst]
    )


def _matching(derived: np.ndarray, closed: np.ndarray) -> np.ndarray:
    """For every row the order of `derived` with the least largest distance to `closed`."""
    count = closed.shape[1]
    if count > 6:
        raise ValueError(f"sets of at most six complex numbers are compared; {count} were given")
    orders = np.array(list(itertools.permutations(range(count))))
    distances = np.abs(derived[:, None, :] - closed[:, :, None])
    worst = np.max([distances[:, place, orders[:, place]] for place in range(count)], axis=0)
    return orders[np.argmin(np.nan_to_num(worst, nan=np.inf), axis=1)]


def none_known(name: str) -> Check:
    """The line that says that there is nothing to compare a derived value with."""
    return Check(name, "by autodiff only", NONE_KNOWN, 0.0, 0.0, True, NONE_KNOWN)


def _plain(values: np.ndarray) -> Any:
    pairs = [[z.real, z.imag] for z in values.tolist()] if np.iscomplexobj(values) else values.tolist()
    return pairs[0] if len(pairs) == 1 else pairs
