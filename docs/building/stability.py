"""What linearisation says of every method under every algorithm, in a few compilations.

One round at an equilibrium depends on the field's Jacobian there and on nothing else of the field. All methods without
a kink are therefore judged as one batch of linear fields.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import diracgan as dg
from diracgan.algorithms import ALGORITHMS, algorithm_named
from diracgan.catalogue import overview
from diracgan.games.module import attribute

from building.kept import kept


class Linear(dg.VectorField):
    """v(x) = Jx; each entry of J is a number, or an array with one for each field of a batch."""

    tt: Any = attribute(converter=np.asarray)
    tp: Any = attribute(converter=np.asarray)
    pt: Any = attribute(converter=np.asarray)
    pp: Any = attribute(converter=np.asarray)

    def velocity(self, x: jax.Array) -> jax.Array:
        """Jx."""
        return jnp.stack([self.tt * x[0] + self.tp * x[1], self.pt * x[0] + self.pp * x[1]])


@dataclasses.dataclass(frozen=True)
class Local:
    """What one method does under one algorithm near its equilibrium, at the algorithm's defaults.

    `limit` is the learning rate at which stability ends and `lost` how; `number`, `half_life` and `limit` are None
    where there is no linearisation, for the reason in `reason`.
    """

    kind: str
    reason: str
    number: float | None = None
    half_life: float | None = None
    limit: float | None = None
    lost: str = ""


@functools.cache
def rows() -> dict[str, dict[str, Any]]:
    """The overview of the catalogue by name: objective, Jacobian, eigenvalues and verdicts at the defaults."""
    return kept("rows", lambda: {row["name"]: row for row in overview.rows()})


def under(algorithm: str | None) -> dict[str, Local]:
    """Every method under one algorithm, None for the flow."""
    return everywhere()[algorithm]


@functools.cache
def everywhere() -> dict[str | None, dict[str, Local]]:
    """`under` for the flow and for every algorithm."""
    return kept("verdicts", lambda: {name: _under(name) for name in (None, *ALGORITHMS)})


def _under(algorithm: str | None) -> dict[str, Local]:
    smooth = {name: row for name, row in rows().items() if row["jacobian"]["derived"] != overview.KINK}
    jacobians = np.array([row["jacobian"]["derived"] for row in smooth.values()])
    fields = Linear(*jacobians.reshape(-1, 4).T)
    kinked = Local("kink", "the field has no Jacobian at its equilibrium")
    found = dict.fromkeys(rows(), kinked)
    chosen = None if algorithm is None else algorithm_named(algorithm)
    try:
        verdicts = dg.verdict(fields, chosen)
    except ValueError as problem:
        return dict.fromkeys(rows(), Local("no multipliers", str(problem)))
    limits: list[dict[str, Any]] = [{}] * len(verdicts)
    if chosen is not None:
        critical = dg.critical_step(fields, chosen)
        limits = [{"limit": float(h), "lost": str(kind)} for h, kind in zip(critical.h, critical.kind, strict=True)]
    for name, verdict, limit in zip(smooth, verdicts, limits, strict=True):
        found[name] = Local(verdict.kind, verdict.reason, verdict.number, verdict.half_life, **limit)
    return found
