"""Critical learning rates: where the equilibrium loses its local stability, and how."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import jax
import numpy as np

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.atlas.losses import first_loss, first_losses
from diracgan.atlas.normalforms import coefficient
from diracgan.atlas.rounds import Rounds, linear, polynomial, with_rate
from diracgan.displays.tables import number, table
from diracgan.dynamics.system import Map, system
from diracgan.games.fields import FieldLike

_NORMAL_FORMS = ("neimark-sacker", "flip")


@dataclasses.dataclass(frozen=True, eq=False)
class CriticalStep:
    """The largest learning rate `h` up to which an equilibrium stays locally stable.

    `kind` says how stability ends: "neimark-sacker" (a complex pair leaves the unit circle), "flip" (a multiplier
    passes -1), "fold" (+1); "unstable from the start" (h = 0, which says nothing of larger rates), "neutral" (h = 0: on
    the unit circle from the start) or "always stable" (h = inf). Both are arrays of shape `(B,)` where a
    hyper-parameter is one, and so is what follows.

    `coefficient` is the first Lyapunov coefficient (Neimark-Sacker; negative: supercritical) or the normal
    form coefficient of the flip (positive: supercritical), NaN where there is none, as at a strong resonance (λ^k = 1
    for a k up to 4); `criticality` says it in a word. They are computed when they are asked for.
    """

    h: Any
    kind: Any
    system: Map = dataclasses.field(repr=False)

    def _repr_html_(self) -> str:
        rows = zip(np.atleast_1d(self.h), np.atleast_1d(self.kind), strict=True)
        return table("critical learning rate", ("h", "stability ends by"), [(number(h), str(kind)) for h, kind in rows])

    @functools.cached_property
    def coefficient(self) -> Any:
        """The normal form coefficient, NaN where there is none."""
        rows = zip(np.atleast_1d(self.h), np.atleast_1d(self.kind), strict=True)
        found = [
            coefficient(with_rate(_one(self.system, i), h), str(kind)) if kind in _NORMAL_FORMS else math.nan
            for i, (h, kind) in enumerate(rows)
        ]
        return np.array(found) if np.ndim(self.h) else found[0]

    @functools.cached_property
    def criticality(self) -> Any:
        """ "supercritical", "subcritical", "degenerate", or "none" where there is no normal form."""
        rows = zip(np.atleast_1d(self.kind), np.atleast_1d(self.coefficient), strict=True)
        words = [_in_a_word(str(kind), float(value)) for kind, value in rows]
        return np.array(words) if np.ndim(self.h) else words[0]


def critical_step(field: FieldLike, algorithm: Algorithm) -> CriticalStep:
    """The critical learning rate of an equilibrium under an algorithm, whatever learning rate that one carries.

    Stability is lost at the first zero of one of the functions

        1 - det M,  det(M + I),  det(M - I)   (two multipliers),      1 - max|λ|   (more)

    of the rate, where M is the matrix of one round; all are positive while the equilibrium is stable. They are scanned
    at rates in geometric progression, from 1e-6 times the least to 1e4 times the largest of the scales 1/|μ| and
    2|Re μ|/|μ|² of the field's eigenvalues μ. Where one changes its sign, or where a minimum could reach below 0 within
    the resolution, the interval is scanned again in the same way. Both players get the same rate, in float64.

    Where the field vanishes, M is that of a round on the linear field, and for most algorithms a polynomial in the
    rate, whose coefficients are derived; those that cancel to rounding are 0. Otherwise M is sampled: without memory
    M - I is known to the relative accuracy of its entries; with memory, what is lost by less than rounding (a margin of
    1e-13) is not seen.

    Hyper-parameters may be arrays of shape `(B,)`: then there are B critical steps, those of two multipliers all at
    once. Raises `ValueError` where there are no multipliers (a kink, RMSProp, Adam).

    >>> dg.critical_step(dg.method("r1", gamma=0.3), dg.SimGD(0.2)).kind
    'neimark-sacker'
    >>> dg.critical_step(dg.method("r1", gamma=np.array([0.3, 0.4])), dg.SimGD(0.2)).h.round(9).tolist()
    [1.2, 1.6]
    """
    chosen = system(field, as_algorithm(algorithm, batch=True), batch=True)
    chosen.check_linear()
    chosen = with_rate(chosen, 1.0)  # type: ignore[arg-type]
    around, at_rest = linear(chosen)
    terms = polynomial(around)
    count = max(len(at_rest), *(len(leaf) for leaf in jax.tree.leaves(chosen) if np.ndim(leaf)), 1)
    at_rest = np.broadcast_to(at_rest, (count,))
    h, kind, sure = np.zeros(count), np.full(count, "neutral", "U23"), np.zeros(count, bool)
    if terms is not None:
        terms = np.broadcast_to(terms, (len(terms), count, *terms.shape[2:]))
        if terms.shape[-1] == 2:
            h, kind, sure = first_losses(terms)
            kind = kind.astype("U23")
    for i in np.flatnonzero(~(sure & at_rest)).tolist():
        one = _one(chosen, i)
        known = terms[:, i] if terms is not None and at_rest[i] and terms.shape[-1] > 2 else None
        h[i], kind[i] = first_loss(Rounds(linear(one)[0] if at_rest[i] else one, known))
    if chosen.batched:
        return CriticalStep(h, kind, chosen)
    return CriticalStep(float(h[0]), str(kind[0]), chosen)


def _one(system: Map, i: int) -> Map:
    """One of a batch of systems; a system itself is each of its batch."""
    return jax.tree.map(lambda leaf: leaf[i] if np.ndim(leaf) else leaf, system)


def _in_a_word(kind: str, value: float) -> str:
    if math.isnan(value) or value == 0:
        return "degenerate" if kind in _NORMAL_FORMS else "none"
    return "supercritical" if (value < 0) == (kind == "neimark-sacker") else "subcritical"
