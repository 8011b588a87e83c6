"""The checks of one training algorithm: its multipliers on linear games, and where they leave the unit circle."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from diracgan import theory
from diracgan.algorithms import ALGORITHMS, Algorithm
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.spectrum import update_jacobian
from diracgan.games.fields import VectorField
from diracgan.reproduction.lemmas.comparison import Check, compare, none_known


class Linear(VectorField):
    """v = Jx, the linearisation of a method: all that the multipliers at its equilibrium depend on."""

    matrix: jax.Array

    def velocity(self, x: jax.Array) -> jax.Array:
        """Jx."""
        return self.matrix @ x


# The settings at which every algorithm is compared: what the closed form takes beside the two rates.
SETTINGS: dict[str, tuple[dict[str, Any], ...]] = {
    "altgd": ({"n_g": 1, "n_d": 5},),
    "heavy-ball": tuple({"beta": b, "alternating": a} for a in (False, True) for b in (0.5, -0.5)),
    "nesterov": tuple({"beta": b, "alternating": a} for a in (False, True) for b in (0.5, -0.5)),
    "runge-kutta": tuple({"order": order} for order in (2, 3, 4)),
    "lookahead": ({"k": 2, "alpha": 0.3}, {"k": 5, "alpha": 0.5}, {"k": 3, "alpha": 0.5, "inner": "altgd"}),
    "averaged": ({"average": 0.9}, {"average": 0.9, "inner": "altgd"}),
}


def built(name: str, setting: dict[str, Any], h_g: Any, h_d: Any) -> Algorithm:
    """The algorithm at a setting; the inner one of a wrapper takes the rates."""
    own = dict(setting)
    if name not in ("lookahead", "averaged"):
        return ALGORITHMS[name](h_g=h_g, h_d=h_d, **own)
    inner = ALGORITHMS[own.pop("inner", "simgd")]
    return ALGORITHMS[name](inner(h_g=h_g, h_d=h_d), **own)


def _games() -> tuple[list[str], np.ndarray, np.ndarray]:
    """A rotation, R1 below and above its critical weight, consensus optimisation, and three drawn games."""
    random = np.random.default_rng(0)
    forms = theory.CLOSED_FORMS
    games: list[tuple[str, Any]] = [
        ("gan", forms["gan"].jacobian()),  # type: ignore[misc]
        ("r1, gamma=0.3", forms["r1"].jacobian(gamma=0.3)),  # type: ignore[misc]
        ("r1, gamma=3", forms["r1"].jacobian(gamma=3.0)),  # type: ignore[misc]
        ("consensus, gamma=1", forms["consensus"].jacobian(gamma=1.0)),  # type: ignore[misc]
        *((f"drawn game {k}", random.normal(size=(2, 2))) for k in range(3)),
    ]
    rates = np.array([(0.2, 0.2) if k % 2 else (0.3, 0.7) for k in range(len(games))])
    cases = [f"{title}, h_g={h[0]}, h_d={h[1]}" for (title, _), h in zip(games, rates, strict=True)]
    return cases, np.array([matrix for _, matrix in games]), rates


def rule_checks(name: str) -> Iterator[Check]:
    """Multipliers and limits of one algorithm; or that nothing is known."""
    form = theory.ALGORITHMS.get(name)
    if form is None:
        yield none_known(f"{name}: multipliers")
        return
    cases, matrices, rates = _games()
    for setting in SETTINGS.get(name, ({},)):
        words = "".join(f", {key}={value}" for key, value in setting.items())
        rotation = _rotation_limit(form, setting)
        edges = rotation * np.array([0.999, 1.0, 1.001]) if rotation and math.isfinite(rotation) else np.zeros(3) + 0.01
        turns = np.broadcast_to(np.array(((0.0, -1.0), (1.0, 0.0))), (3, 2, 2))
        derive = _derivation(name, setting)
        rounds = np.asarray(
            derive(np.concatenate([matrices, turns]), np.concatenate([rates, np.stack([edges] * 2, 1)]))
        )
        found = np.linalg.eigvals(rounds)
        closed = [form.multipliers(matrix, *h, **setting) for matrix, h in zip(matrices, rates, strict=True)]
        yield compare(f"{name}: multipliers{words}", found[: len(cases)], closed, 1e-12, form.source, cases)
        if rotation is None:
            yield none_known(f"{name}: limit of the learning rate on a rotation{words}")
        else:
            yield _edge_check(f"{name}: limit of hc on a rotation{words}", form, setting, rotation, found[len(cases) :])


def _rotation_limit(form: theory.AlgorithmForm, setting: dict[str, Any]) -> float | None:
    return None if form.rotation is None or "inner" in setting else form.rotation(**setting)


def _derivation(name: str, setting: dict[str, Any]) -> Callable[[np.ndarray, np.ndarray], jax.Array]:
    """The Jacobians of one round on several linear games, with their rates, as one program."""

    @answering
    @jax.vmap
    def derive(matrix: jax.Array, h: jax.Array) -> jax.Array:
        return update_jacobian(Linear(matrix), built(name, setting, h[0], h[1]))

    return derive


def _edge_check(
    name: str, form: theory.AlgorithmForm, setting: dict[str, Any], limit: float, found: np.ndarray
) -> Check:
    """The spectral radius: 1 at the limit, at most 1 below it, larger beyond; NaN when it is not so."""
    below, radius, beyond = np.max(np.abs(found), axis=1)
    if limit == 0:
        right, radius = min(below, radius, beyond) > 1, 1.0
    elif limit == math.inf:
        right, radius = max(below, radius, beyond) < 1, 1.0
    else:
        # Two multipliers that meet on the circle are only as accurate as the square root of the rounding.
        right = below <= 1 + 1e-7 and beyond > 1
    return compare(name, [radius if right else math.nan], [1.0], 1e-7, form.source, [f"hc={limit:.6g}"])
