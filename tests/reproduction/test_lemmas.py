"""The machine check passes, covers the catalogue, and notices every wrong closed form."""

import dataclasses
import functools
import json
import math

import jax
import numpy as np
import pytest

import diracgan as dg
from diracgan import catalogue, theory
from diracgan.reproduction import lemmas
from diracgan.reproduction.lemmas import Check, checks


def failures(name):
    return {check.name for check in checks(name) if not check.ok}


@pytest.fixture(scope="module")
def everything():
    with jax.enable_x64(False):
        found = list(checks())
        # The caller's configuration is untouched, between the checks and after them.
        assert not jax.config.jax_enable_x64
    return found


def test_every_check_passes(everything):
    assert [check for check in everything if not check.ok] == []
    assert all(math.isfinite(check.error) and check.error <= check.tolerance for check in everything)


def test_every_entry_is_checked_or_says_that_nothing_is_known(everything):
    for name in dg.methods():
        own = {check.name for check in everything if check.name.startswith(f"{name}: ")}
        form = theory.CLOSED_FORMS.get(name)
        if form is None:
            assert own == {f"{name}: closed form"}
            continue
        assert f"{name}: field" in own
        smooth = ("eigenvalues", "multipliers of AltGD(2, 3)", "limit of the learning rate of SimGD")
        wanted = smooth if form.jacobian else ("verdict",) if form.side else ("Jacobian",)
        assert all(f"{name}: {what}" in own for what in wanted)


def test_every_algorithm_is_checked_or_says_that_nothing_is_known(everything):
    for name in dg.algorithms.ALGORITHMS:
        own = [check for check in everything if check.name.startswith(f"{name}: multipliers")]
        assert own
        unknown = {check.closed_form == theory.NONE_KNOWN for check in own}
        assert unknown == {name not in theory.ALGORITHMS}


def test_what_is_not_known_is_listed(everything):
    unknown = {check.name.split(",")[0] for check in everything if check.closed_form == theory.NONE_KNOWN}
    rotation = "limit of the learning rate on a rotation"
    assert unknown == {
        "spectral-norm: Jacobian",
        "rmsprop: multipliers",
        "adam: multipliers",
        *(f"{name}: {rotation}" for name in ("nesterov", "lookahead", "averaged")),
    }


def test_tolerances_are_tight(everything):
    loose = {check.name.split(": ", 1)[1] for check in everything if check.tolerance > 1e-9}
    # Double eigenvalues, an asymptotic law, and an attractor approached like 1/step².
    known = ("double", "twice", "cycle √(2h)", "ends on", "on a rotation")
    # Suprema of difference quotients, fits over a range of rounds, and an ellipse that is nearly a circle.
    known += ("α, β₁, β₂", "L = c²/γ", "β₂, L and", "A and B of", "exponent of", "stays at r = √k")
    assert all(any(words in name for words in known) for name in loose)


def test_checks_can_be_stored(everything):
    stored = json.loads(json.dumps([dataclasses.asdict(check) for check in everything], allow_nan=False))
    assert [Check(**record) for record in stored] == everything


def test_only_the_named_methods():
    assert {check.name.split(":")[0] for check in checks(("wgan", "nsgan"))} == {"wgan", "nsgan"}
    with pytest.raises(ValueError, match="did you mean 'wgan-gp'"):
        next(checks("wgangp"))


def test_no_closed_form_is_visible():
    dg.register(
        "unheard-of", lambda gamma: dg.DiracGAN(dg.Minimax(), (dg.R1(gamma),)), (dg.Parameter("gamma", "γ", ""),)
    )
    try:
        (only,) = checks("unheard-of")
    finally:
        del catalogue.registry._ENTRIES["unheard-of"]
    assert only.ok
    assert only.closed_form == only.source == theory.NONE_KNOWN


def test_an_algorithm_without_a_closed_form_is_visible(monkeypatch):
    monkeypatch.setattr(lemmas, "methods", tuple)
    monkeypatch.setitem(lemmas.ALGORITHMS, "unheard-of", dg.SimGD)
    assert lemmas.comparison.none_known("unheard-of: multipliers") in list(checks())


# ---- a wrong closed form is noticed ----


def scaled(value):
    """`value` with an error of a hundred-millionth, whatever its structure."""
    if isinstance(value, tuple):
        return tuple(scaled(part) for part in value)
    return value * (1 + 1e-8)


# An energy law that says 0 cannot be scaled.
CONSERVING = ["gan", "wgan", "lsgan", "rpgan", *(name for name in theory.CLOSED_FORMS if name.startswith("f-gan"))]
WRONG = [
    (name, what)
    for name, form in theory.CLOSED_FORMS.items()
    for what in ("field", "energy", "jacobian", "eigenvalues", "side")
    if getattr(form, what) and not (what == "energy" and name in CONSERVING)
]


@pytest.mark.parametrize(("name", "what"), WRONG)
def test_a_wrong_closed_form_fails(monkeypatch, name, what):
    form = theory.CLOSED_FORMS[name]
    right = getattr(form, what)
    # The check reads the names of the hyper-parameters from the signature, which `wraps` keeps.
    wrong = functools.wraps(right)(lambda *args, **hyper: scaled(right(*args, **hyper)))
    monkeypatch.setitem(theory.CLOSED_FORMS, name, dataclasses.replace(form, **{what: wrong}))
    expected = {
        "field": "field",
        "energy": "d/dt ½(θ² + ψ²)",
        "jacobian": "Jacobian at the equilibrium",
        "eigenvalues": "eigenvalues",
        "side": "one-sided Jacobian at (-γg₀/c, 0+)",
    }
    monkeypatch.setattr(lemmas, "ORBITS", {})
    assert f"{name}: {expected[what]}" in failures(name)


@pytest.mark.parametrize("name", CONSERVING)
def test_a_wrong_conservation_law_fails(monkeypatch, name):
    wrong = dataclasses.replace(theory.CLOSED_FORMS[name], energy=lambda theta, psi, **_: 1e-11)
    monkeypatch.setitem(theory.CLOSED_FORMS, name, wrong)
    monkeypatch.setattr(lemmas, "ORBITS", {})
    assert f"{name}: d/dt ½(θ² + ψ²)" in failures(name)


@pytest.mark.parametrize("kind", ["simgd", "altgd"])
@pytest.mark.parametrize("factor", [1 + 1e-8, 1.01])
def test_wrong_multipliers_and_limits_fail(monkeypatch, kind, factor):
    form = theory.ALGORITHMS[kind]
    monkeypatch.setattr(lemmas, "ORBITS", {})
    for what in ("multipliers", "limit"):
        right = getattr(form, what)

        def wrong(*args, right=right, **counts):
            return np.multiply(right(*args, **counts), factor)

        monkeypatch.setitem(theory.ALGORITHMS, kind, dataclasses.replace(form, **{what: wrong}))
        title = {"multipliers": "multipliers of", "limit": "limit of the learning rate of"}[what]
        labels = [label for label, (rule, _) in lemmas.trials.ROUNDS.items() if rule == kind]
        assert {f"consensus: {title} {label}" for label in labels} <= failures("consensus")


RULES = [name for name in theory.ALGORITHMS if name not in ("simgd", "altgd")]


@pytest.mark.parametrize("kind", RULES)
def test_wrong_multipliers_of_an_algorithm_fail(monkeypatch, kind):
    form = theory.ALGORITHMS[kind]
    setting = lemmas.rules.SETTINGS.get(kind, ({},))[-1]
    monkeypatch.setattr(lemmas.rules, "SETTINGS", {kind: (setting,)})

    def wrong(*args, **counts):
        return np.multiply(form.multipliers(*args, **counts), 1 + 1e-8)

    monkeypatch.setitem(theory.ALGORITHMS, kind, dataclasses.replace(form, multipliers=wrong))
    assert not next(lemmas.rules.rule_checks(kind)).ok


@pytest.mark.parametrize("kind", ["extragradient", "optimistic", "heavy-ball", "runge-kutta", "competitive"])
@pytest.mark.parametrize("factor", [0.99, 1.01, 0.0])
def test_a_wrong_limit_of_an_algorithm_fails(monkeypatch, kind, factor):
    form = theory.ALGORITHMS[kind]
    setting = lemmas.rules.SETTINGS.get(kind, ({},))[-1]
    monkeypatch.setattr(lemmas.rules, "SETTINGS", {kind: (setting,)})
    right = 3.0 if kind == "competitive" else form.rotation(**setting)
    monkeypatch.setitem(theory.ALGORITHMS, kind, dataclasses.replace(form, rotation=lambda **_: factor * right))
    assert [check.ok for check in lemmas.rules.rule_checks(kind)] == [True, False]


@pytest.mark.parametrize("factor", [0.0, math.inf])
def test_a_wrong_never_or_always_fails(monkeypatch, factor):
    form = theory.ALGORITHMS["simgd"]
    monkeypatch.setitem(theory.ALGORITHMS, "simgd", dataclasses.replace(form, limit=lambda jacobian: factor))
    assert "r2: limit of the learning rate of SimGD" in failures("r2")


@pytest.mark.parametrize(
    ("lemma", "name", "factor"),
    [
        ("simgd_growth", "gan", 1 + 1e-11),
        ("gan_period", "gan", 1 + 1e-8),
        ("nsgan_cycle_radius", "nsgan", 1.001),
        ("wgan_return_rate", "wgan", 1 + 1e-13),
        ("wgan_clip_invariant", "wgan", 1 + 1e-6),
        ("wgan_gp_crossing", "wgan-gp", 1 + 1e-7),
        ("wgan_gp_period", "wgan-gp", 1 + 1e-8),
        ("consensus_spurious_equilibrium", "consensus", 1 + 1e-10),
        ("r1_simgd_two_cycle", "r1", 1 + 1e-10),
        ("r1_altgd_two_cycle", "r1", 1 + 1e-10),
        ("simgd_best_gamma", "r1", 1.001),
        ("altgd_best_gamma", "r1", 1.001),
    ],
)
def test_a_wrong_lemma_fails(monkeypatch, lemma, name, factor):
    right = getattr(theory, lemma)

    def wrong(*args):
        value = right(*args)
        return tuple(part * factor for part in value) if isinstance(value, tuple) else value * factor

    monkeypatch.setattr(theory, lemma, wrong)
    monkeypatch.setattr(theory.orbits, lemma, wrong, raising=False)
    monkeypatch.setattr(lemmas, "entry_checks", lambda name: iter(()))
    assert failures(name)


def test_a_wrong_invariant_fails(monkeypatch):
    right = theory.altgd_invariant
    monkeypatch.setattr(theory, "altgd_invariant", lambda theta, psi, hc: right(theta, psi, hc * (1 + 1e-8)))
    assert any("conserves" in failure for failure in failures("wgan"))


def test_a_value_that_is_not_a_number_fails():
    check = lemmas.comparison.compare("x", [1.0, np.nan], [1.0, 1.0], 1e3, "none", ("first", "second"))
    assert not check.ok
    assert check.case == "second"


def test_pairs_are_compared_as_sets():
    check = lemmas.comparison.compare("x", [[1j, -1j]], [[-1j, 1j]], 0.0, "none")
    assert check.ok
    assert check.derived == check.closed_form == [[0.0, -1.0], [0.0, 1.0]]
