"""The tables of the article: verdicts of methods, and sizes of multipliers of algorithms."""

from __future__ import annotations

from typing import Any

from diracgan.algorithms import (
    AltGD,
    CompetitiveGradient,
    ExtraGradient,
    HeavyBall,
    ImplicitEuler,
    Optimistic,
    RungeKutta,
    SimGD,
)
from diracgan.article.numbers import GAMMA, H
from diracgan.catalogue import method
from diracgan.dynamics.spectrum import spectral_radius
from diracgan.dynamics.verdicts import verdict
from diracgan.proofs.theorems import theorems

_UPDATES = {
    "simultaneous": SimGD(H),
    "alternating": AltGD(H),
    "alternating, momentum −½": HeavyBall(H, -0.5, alternating=True),
    "extragradient": ExtraGradient(H),
    "optimistic": Optimistic(H),
    "competitive": CompetitiveGradient(H),
    "Runge–Kutta": RungeKutta(H),
    "implicit Euler": ImplicitEuler(H),
}
_METHODS = (
    "gan",
    "nsgan",
    "wgan",
    "wgan-gp",
    "dragan",
    "instance-noise",
    "r1",
    "r2",
    "consensus",
    "spectral-norm",
)
_WORDS = {"not differentiable": "kink"}


def updates() -> list[dict[str, str]]:
    """The largest modulus of a multiplier of each update, without a penalty and with R1."""
    gan, r1 = method("gan"), method("r1", gamma=GAMMA)
    return [
        {"name": name, **{key: f"{float(spectral_radius(m, rule)):.4f}" for key, m in (("gan", gan), ("r1", r1))}}
        for name, rule in _UPDATES.items()
    ]


def verdicts() -> list[dict[str, Any]]:
    """What the linearisation says of each method: under the flow, SimGD and AltGD."""
    rows = []
    for name in _METHODS:
        chosen = method(name)
        kinds = [verdict(chosen, algorithm).kind for algorithm in (None, SimGD(H), AltGD(H))]
        rows.append({"title": chosen.entry.title, "words": [_WORDS.get(kind, kind) for kind in kinds]})
    return rows


def proved() -> list[dict[str, str]]:
    """The theorems that a command proves again, and what is only conjectured."""
    signs = lambda text: text.replace("<=", "≤").replace(">=", "≥")
    return [
        {"statement": signs(one.statement), "command": one.command, "status": one.status}
        for one in theorems()
        if one.status != "reported"
    ]
