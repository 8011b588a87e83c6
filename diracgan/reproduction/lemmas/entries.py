"""The checks of one catalogue entry: everything derived of it in one program, against its closed form."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from diracgan import theory
from diracgan.algorithms import ALGORITHMS
from diracgan.catalogue import entry
from diracgan.dynamics.compiling import answering, running
from diracgan.dynamics.spectrum import eigenvalues, jacobian, multipliers
from diracgan.dynamics.verdicts import verdict
from diracgan.games.fields import VectorField
from diracgan.games.transforms import Transform
from diracgan.reproduction.lemmas.comparison import Check, compare, none_known
from diracgan.reproduction.lemmas.rules import Linear
from diracgan.reproduction.lemmas.trials import RATES, ROUNDS, ROWS, Trial, families_of, limit_of


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


def entry_checks(name: str) -> Iterator[Check]:
    """Field, energy law, Jacobian, eigenvalues, multipliers and limits of one method; or that nothing is known."""
    form = theory.CLOSED_FORMS.get(name)
    if form is None:
        yield none_known(f"{name}: closed form")
        return
    families = families_of(name, form)
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


def _derived(trials: list[Trial], smooth: bool, direct: tuple[str, ...]) -> dict[str, np.ndarray]:
    """What the package derives of each trial, shape (trials, rows, ...).

    The multipliers of the rounds in `direct` come from the method itself, the others from its linearisation: compiling
    four rounds of every method would take longer than all the rest.
    """
    rows = [
        (trial.method, trial.states[k], trial.at, {label: h[k] for label, h in trial.rates.items() if label in direct})
        for trial in trials
        for k in range(ROWS)
    ]
    found = _derive(*jax.tree.map(lambda *leaves: np.stack(leaves), *rows), smooth)
    found = {key: np.asarray(value).reshape(len(trials), ROWS, *value.shape[1:]) for key, value in found.items()}
    if not smooth:
        return found
    linear = [_derive_linear(found["jacobian"][k], trial.rates) for k, trial in enumerate(trials)]
    return {key: np.stack([part[key] for part in linear]) for key in linear[0]} | found


def _field_checks(name: str, form: theory.ClosedForm, trials: list[Trial], derived: Any) -> Iterator[Check]:
    places = [(trial, *state) for trial in trials for state in trial.states]
    cases = [trial.case(theta=theta, psi=psi) for trial, theta, psi in places]
    velocity, states = derived["field"].reshape(-1, 2), np.concatenate([trial.states for trial in trials])
    closed = [form.field(theta, psi, **trial.hyper) for trial, theta, psi in places]
    yield compare(f"{name}: field", velocity, closed, 1e-12, form.source, cases)
    if form.energy is not None:
        energies = [form.energy(theta, psi, **trial.hyper) for trial, theta, psi in places]
        yield compare(f"{name}: d/dt ½(θ² + ψ²)", np.sum(states * velocity, axis=1), energies, 1e-12, "derived", cases)


def _spectrum_checks(name: str, form: theory.ClosedForm, trials: list[Trial], derived: Any) -> Iterator[Check]:
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
        closed = [known.multipliers(matrix, *h, **counts) for matrix in matrices for h in RATES]
        cases = [trial.case(h_g=h_g, h_d=h_d) for trial in trials for h_g, h_d in RATES]
        found = derived[label][:, : len(RATES)].reshape(-1, 2)
        yield from _pair_checks(name, f"multipliers of {label}", found, closed, known.source, cases)
        limits = [limit_of(kind, matrix, counts) for matrix in matrices]
        yield _limit_check(name, label, matrices, limits, derived[label][:, len(RATES) :], trials)


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
    name: str, label: str, matrices: list[Any], limits: list[float], found: np.ndarray, trials: list[Trial]
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


def _kink_checks(name: str, form: theory.ClosedForm, trials: list[Trial], derived: Any) -> Iterator[Check]:
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
