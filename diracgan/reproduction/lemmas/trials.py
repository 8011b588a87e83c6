"""Where a catalogue entry is put to the test: settings, states and learning rates."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from diracgan import theory
from diracgan.catalogue import entry, method

# The rounds whose multipliers are compared: the algorithm's name and its numbers of updates.
ROUNDS: dict[str, tuple[str, dict[str, int]]] = {
    "SimGD": ("simgd", {}),
    "AltGD(1, 1)": ("altgd", {"n_g": 1, "n_d": 1}),
    "AltGD(1, 5)": ("altgd", {"n_g": 1, "n_d": 5}),
    "AltGD(2, 3)": ("altgd", {"n_g": 2, "n_d": 3}),
}
RATES = ((0.05, 0.05), (0.2, 0.2), (0.3, 0.7))
# Just below, at and just beyond the limit of the learning rate.
_EDGE = (0.999, 1.0, 1.001)
# Where "never stable" and "always stable" are put to the test.
_EXTREMES = {0.0: 0.01, math.inf: 1e6}
ROWS = len(RATES) + len(_EDGE)
_TINY = 1e-30


@dataclasses.dataclass(frozen=True)
class Trial:
    """One setting of a method: its hyper-parameters in the closed form, the method itself, and where to try it."""

    hyper: dict[str, Any]
    method: Any
    states: np.ndarray
    at: np.ndarray
    rates: dict[str, np.ndarray]

    def case(self, **more: float) -> str:
        """The setting in words."""
        return ", ".join(f"{key}={value:.6g}" for key, value in {**self.hyper, **more}.items())


def limit_of(kind: str, matrix: ArrayLike, counts: dict[str, int]) -> float:
    """The largest learning rate at which the rule is stable, by its closed form."""
    limit = theory.ALGORITHMS[kind].limit
    assert limit is not None
    return limit(matrix, **counts)


def families_of(name: str, form: theory.ClosedForm) -> list[list[Trial]]:
    """The trials at each combination of the switches that the closed form knows; each is one program."""
    known, symbols = entry(name), inspect.signature(form.field).parameters
    switches = [p for p in known.parameters if p.kind is bool and p.name in symbols]
    combinations = itertools.product(*([bool(p.default), not p.default] for p in switches))
    names = [p.name for p in switches]
    return [_trials(name, form, dict(zip(names, chosen, strict=True))) for chosen in combinations]


def _trials(name: str, form: theory.ClosedForm, switches: dict[str, bool]) -> list[Trial]:
    """The defaults, two seeded draws from the sliders' spans, and the critical setting."""
    random = np.random.default_rng(0)
    known, symbols = entry(name), inspect.signature(form.field).parameters
    free = [p for p in known.parameters if p.kind is float]
    # An integer that the closed form does not know is a resolution: as fine as the slider allows. One that it knows
    # counts steps, and two of them show everything.
    fixed = {p.name: 2 if p.name in symbols else p.span[1] for p in known.parameters if p.kind is int}
    fixed |= switches
    # How far out the quadrature of a noisy game resolves the field.
    reach = 1.0 if any(p.name == "nodes" for p in known.parameters) else 3.0
    drawn = [
        {p.name: float(random.uniform(max(p.span[0], 0.05), p.span[1])) for p in free} for _ in range(2 * bool(free))
    ]
    trials = []
    for values in ({}, *drawn, *([form.critical] if form.critical else [])):
        setting = {**{p.name: float(p.default) for p in free}, **values, **fixed}
        hyper = {key: value for key, value in setting.items() if key in symbols}
        states, at, rates = random.uniform((-4, -reach), (4, reach), (ROWS, 2)), np.zeros(2), {}
        if form.side is not None:
            at = np.array([form.side(**hyper)[0], 0.0])
            states[:2] = (at[0], _TINY), (at[0], -_TINY)
        if form.jacobian is not None:
            for label, (kind, counts) in ROUNDS.items():
                limit = limit_of(kind, form.jacobian(**hyper), counts)
                h = _EXTREMES.get(limit, limit)
                rates[label] = np.array([*RATES, *((h * factor, h * factor) for factor in _EDGE)])
        trials.append(Trial(hyper, method(name, **setting), states, at, rates))
    return trials
