"""The checks of one catalogue entry: everything derived of it in one program, against its closed form."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
import math
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from diracgan import theory
from diracgan.algorithms import ALGORITHMS
from diracgan.catalogue import entry, method
from diracgan.dynamics.compiling import answering, running
from diracgan.dynamics.spectrum import eigenvalues, jacobian, multipliers
from diracgan.dynamics.verdicts import verdict
from diracgan.games.fields import VectorField
from diracgan.games.transforms import Transform
from diracgan.reproduction.lemmas.comparison import Check, compare, none_known
from diracgan.reproduction.lemmas.rules import Linear

# The rounds whose multipliers are compared: the algorithm's name and its numbers of updates.
ROUNDS: dict[str, tuple[str, dict[str, int]]] = {
    "SimGD": ("simgd", {}),
    "AltGD(1, 1)": ("altgd", {"n_g": 1, "n_d": 1}),
    "AltGD(1, 5)": ("altgd", {"n_g": 1, "n_d": 5}),
    "AltGD(2, 3)": ("altgd", {"n_g": 2, "n_d": 3}),
}
_RATES = ((0.05, 0.05), (0.2, 0.2), (0.3, 0.7))
# Just below, at and just beyond the limit of the learning rate.
_EDGE = (0.999, 1.0, 1.001)
# Where "never stable" and "always stable" are put to the test.
_EXTREMES = {0.0: 0.01, math.inf: 1e6}
_ROWS = len(_RATES) + len(_EDGE)
_TINY = 1e-30


@running
def _velocity(field: VectorField, x: jax.Array) -> jax.Array:
    return field.velocity(x)


class _Traced(Transform):
    """The same field, traced once: an alternating round asks for it six times, and tracing would dominate."""

    def velocity(self, x: jax.Array) -> jax.Array:
        return _velocity(self.field, x)


@functools.partial(answering, static=("smooth",))
def _derive(settings: Any, states: jax.Array, at: jax.Array, rates: dict[str, jax.Array], smooth: bool) -> Any:
    """Everything that the package derives of one method, row by row: one setting, state and set of rates in each."""

    def one(setting: Any, state: jax.Array, at: jax.Array, rates: dict[str, jax.Array]) -> dict[str, Any]:
        field = _Traced(setting)
        derived: dict[str, Any] = {"field": field(state)}
        if smooth:
            derived["jacobian"] = jacobian(field, at)
        return derived | {label: _multipliers(field, label, h) for label, h in rates.items()}

    return jax.vmap(one)(settings, states, at, rates)


def _multipliers(field: VectorField, label: str, h: jax.Array) -> jax.Array:
    kind, counts = ROUNDS[label]
    return multipliers(field, ALGORITHMS[kind](h_g=h[0], h_d=h[1], **counts))


@answering
@jax.vmap
def _derive_linear(matrix: jax.Array, rates: dict[str, jax.Array]) -> dict[str, jax.Array]:
    """The eigenvalues and multipliers of the linearisation; one program for all methods."""
    field = Linear(matrix)
    return {"eigenvalues": eigenvalues(field)} | {label: _multipliers(field, label, h) for label, h in rates.items()}


@dataclasses.dataclass(frozen=True)
class _Trial:
    """One setting of a method: its hyper-parameters in the closed form, the method itself, and where to try it."""

    hyper: dict[str, Any]
    method: Any
    states: np.ndarray
    at: np.ndarray
    rates: dict[str, np.ndarray]

    def case(self, **more: float) -> str:
        """The setting in words."""
        return ", ".join(f"{key}={value:.6g}" for key, value in {**self.hyper, **more}.items())


def _limit(kind: str, matrix: Any, counts: dict[str, int]) -> float:
    limit = theory.ALGORITHMS[kind].limit
    assert limit is not None
    return limit(matrix, **counts)


def _families(name: str, form: theory.ClosedForm) -> list[list[_Trial]]:
    """The trials at each combination of the switches that the closed form knows; each is one program."""
    known, symbols = entry(name), inspect.signature(form.field).parameters
    switches = [p for p in known.parameters if p.kind is bool and p.name in symbols]
    combinations = itertools.product(*([bool(p.default), not p.default] for p in switches))
    names = [p.name for p in switches]
    return [_trials(name, form, dict(zip(names, chosen, strict=True))) for chosen in combinations]


def _trials(name: str, form: theory.ClosedForm, switches: dict[str, bool]) -> list[_Trial]:
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
        states, at, rates = random.uniform((-4, -reach), (4, reach), (_ROWS, 2)), np.zeros(2), {}
        if form.side is not None:
            at = np.array([form.side(**hyper)[0], 0.0])
            states[:2] = (at[0], _TINY), (at[0], -_TINY)
        if form.jacobian is not None:
            for label, (kind, counts) in ROUNDS.items():
                limit = _limit(kind, form.jacobian(**hyper), counts)
                h = _EXTREMES.get(limit, limit)
                rates[label] = np.array([*_RATES, *((h * factor, h * factor) for factor in _EDGE)])
        trials.append(_Trial(hyper, method(name, **setting), states, at, rates))
    return trials


def entry_checks(name: str) -> Iterator[Check]:
    """Field, energy law, Jacobian, eigenvalues, multipliers and limits of one method; or that nothing is known."""
    form = theory.CLOSED_FORMS.get(name)
    if form is None:
        yield none_known(f"{name}: closed form")
        return
    families = _families(name, form)
    direct = ("SimGD", "AltGD(1, 1)") if entry(name).published else ()
    parts = [_derived(trials, form.jacobian is not None, direct) for trials in families]
    trials = [trial for family in families for trial in family]
    derived = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    yield from _field_checks(name, form, trials, derived)
    if form.jacobian is not None:
        yield from _spectrum_checks(name, form, trials, derived)
    elif form.side is not None:
        yield from _kink_checks(name, form, trials, derived)
    else:
        yield none_known(f"{name}: Jacobian")


def _derived(trials: list[_Trial], smooth: bool, direct: tuple[str, ...]) -> dict[str, np.ndarray]:
    """What the package derives of each trial, shape (trials, rows, ...).

    The multipliers of the rounds in `direct` come from the method itself, the others from its linearisation: compiling
    four rounds of every method would take longer than all the rest.
    """
    rows = [
        (trial.method, trial.states[k], trial.at, {label: h[k] for label, h in trial.rates.items() if label in direct})
        for trial in trials
        for k in range(_ROWS)
    ]
    found = _derive(*jax.tree.map(lambda *leaves: np.stack(leaves), *rows), smooth)
    found = {key: np.asarray(value).reshape(len(trials), _ROWS, *value.shape[1:]) for key, value in found.items()}
    if not smooth:
        return found
    linear = [_derive_linear(found["jacobian"][k], trial.rates) for k, trial in enumerate(trials)]
    return {key: np.stack([part[key] for part in linear]) for key in linear[0]} | found


def _field_checks(name: str, form: theory.ClosedForm, trials: list[_Trial], derived: Any) -> Iterator[Check]:
    places = [(trial, *state) for trial in trials for state in trial.states]
    cases = [trial.case(theta=theta, psi=psi) for trial, theta, psi in places]
    velocity, states = derived["field"].reshape(-1, 2), np.concatenate([trial.states for trial in trials])
    closed = [form.field(theta, psi, **trial.hyper) for trial, theta, psi in places]
    yield compare(f"{name}: field", velocity, closed, 1e-12, form.source, cases)
    if form.energy is not None:
        closed = [form.energy(theta, psi, **trial.hyper) for trial, theta, psi in places]
        yield compare(f"{name}: d/dt ½(θ² + ψ²)", np.sum(states * velocity, axis=1), closed, 1e-12, "derived", cases)


def _spectrum_checks(name: str, form: theory.ClosedForm, trials: list[_Trial], derived: Any) -> Iterator[Check]:
    assert form.jacobian is not None
    matrices = [form.jacobian(**trial.hyper) for trial in trials]
    found, cases = derived["jacobian"][:, 0], [trial.case() for trial in trials]
    yield compare(f"{name}: Jacobian at the equilibrium", found, matrices, 1e-12, form.source, cases)
    invariants = [(np.trace(matrix), np.linalg.det(matrix)) for matrix in found]
    closed: list[Any] = [(a + d, a * d - b * c) for (a, b), (c, d) in matrices]
    yield compare(f"{name}: trace and determinant", invariants, closed, 1e-12, form.source, cases)
    if form.eigenvalues is not None:
        closed = [form.eigenvalues(**trial.hyper) for trial in trials]
        yield from _pair_checks(name, "eigenvalues", derived["eigenvalues"][:, 0], closed, form.source, cases)
    for label, (kind, counts) in ROUNDS.items():
        known = theory.ALGORITHMS[kind]
        closed = [known.multipliers(matrix, *h, **counts) for matrix in matrices for h in _RATES]
        cases = [trial.case(h_g=h_g, h_d=h_d) for trial in trials for h_g, h_d in _RATES]
        found = derived[label][:, : len(_RATES)].reshape(-1, 2)
        yield from _pair_checks(name, f"multipliers of {label}", found, closed, known.source, cases)
        limits = [_limit(kind, matrix, counts) for matrix in matrices]
        yield _limit_check(name, label, matrices, limits, derived[label][:, len(_RATES) :], trials)


def _pair_checks(
    name: str, what: str, found: np.ndarray, closed: list[Any], source: str, cases: list[str]
) -> Iterator[Check]:
    """Where two eigenvalues meet, each is only as accurate as the square root of the rounding."""
    apart = np.array([abs(first - second) > 1e-4 for first, second in closed])
    for mask, title, tolerance in ((apart, what, 1e-12), (~apart, f"double {what}", 1e-7)):
        if mask.any():
            chosen = [case for case, keep in zip(cases, mask, strict=True) if keep]
            yield compare(f"{name}: {title}", found[mask], np.array(closed)[mask], tolerance, source, chosen)


def _limit_check(
    name: str, label: str, matrices: list[Any], limits: list[float], found: np.ndarray, trials: list[_Trial]
) -> Check:
    """The spectral radius: 1 at the closed form's limit, at most 1 below it, larger beyond; NaN when it is not so."""
    radii, cases = [], []
    for matrix, limit, multiplier, trial in zip(matrices, limits, found, trials, strict=True):
        below, radius, beyond = np.max(np.abs(multiplier), axis=1)
        first, second = multiplier[1]
        if abs(first - second) < 1e-6:
            # A double multiplier blurs the radius; Jury's conditions on sum and product stay sharp.
            total, product = (first + second).real, (first * second).real
            radius = 1 - min(1 - product, 1 + product - abs(total))
        neutral = matrix[0][0] + matrix[1][1] == 0
        # A nilpotent Jacobian leaves both multipliers at 1 whatever the rate: never stable, and never unstable.
        if limit == 0:
            right, radius = min(below, radius, beyond) > 1 or below == radius == beyond == 1, 1.0
        elif limit == math.inf:
            right, radius = max(below, radius, beyond) < 1 or below == radius == beyond == 1, 1.0
        else:
            right = (below <= 1 + 1e-12 if neutral else below < 1) and beyond > 1
        radii.append(radius if right else math.nan)
        cases.append(trial.case(h=limit))
    source = theory.ALGORITHMS[ROUNDS[label][0]].source
    return compare(f"{name}: limit of the learning rate of {label}", radii, np.ones(len(radii)), 1e-10, source, cases)


def _kink_checks(name: str, form: theory.ClosedForm, trials: list[_Trial], derived: Any) -> Iterator[Check]:
    assert form.side is not None
    cases, jumps = [trial.case() for trial in trials], derived["field"][:, 0, 1] - derived["field"][:, 1, 1]
    closed: list[Any] = [2 * trial.hyper["gamma"] * trial.hyper["target"] for trial in trials]
    yield compare(f"{name}: jump of v_ψ across ψ = 0", jumps, closed, 1e-12, form.source, cases)
    closed = [form.side(**trial.hyper)[1] for trial in trials]
    title = f"{name}: one-sided Jacobian at (-γg₀/c, 0+)"
    # Taken a few roundings away from the kink.
    found = [np.asarray(jacobian(trial.method, trial.at, side=1)) for trial in trials]
    yield compare(title, found, closed, 1e-10, "derived", cases)
    kind, expected = verdict(trials[0].method).kind, "not differentiable"
    right = kind == expected
    yield Check(f"{name}: verdict", kind, expected, float(not right), 0.0, right, form.source, cases[0])
