"""Cycles: periodic orbits of training algorithms and of flows, with their periods, radii and Floquet multipliers."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.atlas import closed, krawczyk, returns
from diracgan.displays.tables import facts, number, numbers
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.trajectories import refuse
from diracgan.games.fields import FieldLike, VectorField, as_field
from diracgan.games.parameters import Parameter
from diracgan.games.states import as_float64

_ROUNDS = Parameter("rounds", "N", "rounds after which the search gives up", 200_000, (4096, 2**31 - 1), kind=int)
_PERIOD = Parameter("period", "p", "rounds of the cycle near the start", 2, (1, closed.CHUNK), kind=int)
NEUTRAL = 1e-6


@dataclasses.dataclass(frozen=True, eq=False)
class Cycle:
    """A closed orbit.

    `period` is in rounds (algorithms) or time (flows). The radii are distances to the equilibrium; means are over whole
    periods, of rounds or of time. `multipliers` are those of one period, complex. `kind` is "stable", "unstable" or
    "neutral", which linearisation cannot tell apart. `points` has one row per round, or 400 rows at equal times.
    Where a clip face or a one-sided penalty attracts from one side only (the circle r = κ of the clipped WGAN), the
    multipliers are those of one side, or of an orbit a rounding error away.

    `exact` says that the orbit closes to rounding. Otherwise it is a closed curve on which the rounds never repeat:
    `period` is then the mean number of rounds of one revolution, and `points` are rounds on the curve.
    """

    period: float
    mean_radius: float
    rms_radius: float
    min_radius: float
    max_radius: float
    multipliers: np.ndarray
    kind: str
    points: np.ndarray
    exact: bool
    _proof: Callable[[], krawczyk.Certified | None] | None = dataclasses.field(default=None, repr=False)

    @functools.cached_property
    def certified(self) -> krawczyk.Certified | None:
        """The proof that an algorithm's cycle exists, by Krawczyk's test of F^p; None where it does not go through.

        It does not for a flow, for a closed curve, on a kink, and for long or strongly unstable cycles, whose boxes
        grow too much. See `Certified` in `diracgan.atlas.krawczyk` for what is proved.
        """
        try:
            return self._proof() if self._proof else None
        except NotImplementedError:
            return None

    def __repr__(self) -> str:
        size = f"period={self.period:.6g}, mean_radius={self.mean_radius:.6g}"
        return f"Cycle({self.kind}, {size}, exact={self.exact})"

    def _repr_html_(self) -> str:
        rows = [
            ("period", number(self.period)),
            ("distance to the equilibrium", f"{number(self.min_radius)} to {number(self.max_radius)}"),
            ("multipliers of one period", numbers(self.multipliers)),
        ]
        return facts(f"{self.kind} {'cycle' if self.exact else 'closed curve'}", rows)


@in_float64
def cycle(
    field: FieldLike,
    algorithm: Algorithm | None = None,
    start: ArrayLike = (1.0, 1.0),
    period: int | None = None,
    rounds: int = 200_000,
) -> Cycle:
    """The cycle on which the orbit from `start` ends.

        F^p(x) = x,   multipliers = spec DF^p(x)   (algorithm),     φ_T(x) = x,   multipliers = spec Dφ_T(x)   (flow)

    Of an algorithm: rounds are run until the state recurs, then Newton's method closes the orbit to rounding. What does
    not recur within 1024 rounds but stays on a curve is measured there by weighted means, whose error falls faster than
    any power of the number of rounds (Das et al. 2017). Of the flow: the return map to the ray through the present
    point, by Newton's method; kinks and clip faces are crossed at the event, and the multiplier carries the saltation
    matrix I + (f₊ - f₋)nᵀ/(nᵀf₋); the orbit may pass a rest point, such as that of a penalty's one side, at any
    distance. Always in float64.

    Args:
        field: a method, a `VectorField`, or a function of the state.
        algorithm: for example `AltGD(h=0.2)`; None for the flow, which needs a state of two entries.
        start: shape `(n,)`.
        period: look near `start` for a cycle of exactly this many rounds, stable or not, without running there.
        rounds: how many rounds of an algorithm to run at most.

    Raises `ValueError` that says what happens instead: the orbit converges (where and when), diverges, comes to rest,
    has not settled, or is chaotic; with `period`, on what Newton's method ends in place of such a cycle.

    >>> from diracgan.atlas.cycles import cycle
    >>> found = cycle(dg.method("r1", gamma=0.1), dg.AltGD(h=2.2), start=(0.03, 1.2))
    >>> found.period, found.kind, round(found.max_radius, 8)
    (6.0, 'stable', 1.83426093)
    >>> found.certified.kind
    'stable'
    >>> round(cycle(dg.method("wgan-gp", gamma=0.7)).period, 9)
    6.707432422
    """
    field, algorithm = as_field(field), as_algorithm(algorithm, flow=True)
    rounds, period = _ROUNDS.convert(rounds), _PERIOD.optional(period)
    x = as_float64(start, field.dimension)
    refuse(field, x)
    if algorithm is None:
        if period is not None:
            raise ValueError(f"period counts the rounds of an algorithm; for the flow period={period} was given")
        return _of_flow(field, x)
    if algorithm.scheduled:
        raise ValueError(f"the map of {algorithm!r} depends on the round, so that it has no cycles: give a number")
    return _of_map(field, algorithm, x, period, rounds)


def _of_flow(field: VectorField, x: np.ndarray) -> Cycle:
    if field.dimension != 2:
        raise ValueError(f"a cycle of the flow needs a state of two entries; this field has {field.dimension}")
    found = returns.closed_orbit(field, x)
    return Cycle(
        period=found.time,
        mean_radius=found.first / found.time,
        rms_radius=math.sqrt(found.second / found.time),
        min_radius=found.least,
        max_radius=found.largest,
        # One multiplier of a closed orbit is 1, so that the other is the determinant: exact at a double one as well.
        multipliers=np.array([1.0, found.determinant], complex),
        kind=_kind(abs(found.determinant)),
        points=found.points,
        exact=True,
    )


def _of_map(field: VectorField, algorithm: Algorithm, x: Any, period: int | None, rounds: int) -> Cycle:
    orbit = closed.Orbit(field, algorithm, x)
    if period is not None:
        return _periodic(orbit, *_asked(orbit, period, x.tolist()))
    found = orbit.settle(rounds)
    return _curve(orbit) if found is None else _periodic(orbit, *found)


def _asked(orbit: closed.Orbit, period: int, start: list[float]) -> tuple[np.ndarray, int]:
    """The cycle of exactly so many rounds near the start."""
    found = orbit.close(orbit.state, period, reach=np.inf)
    if found is None:
        raise ValueError(f"no cycle of {period} rounds near {start}: Newton's method does not close")
    state, least = found
    if least != period:
        at = orbit.once(state, least)[0][0]
        ended = "the fixed point" if least == 1 else f"a cycle of {least} rounds through"
        if least == 1 and np.linalg.norm(at - orbit.centre) <= 1e-9 * (1 + np.linalg.norm(orbit.centre)):
            ended, at = "the equilibrium", orbit.centre
        raise ValueError(
            f"no cycle of {period} rounds near {start}: Newton's method ends on {ended} {at.tolist()}; "
            "give a start nearer to the cycle"
        )
    return found


def _periodic(orbit: closed.Orbit, state: np.ndarray, period: int) -> Cycle:
    points, matrix = orbit.once(state, period)
    field, algorithm, x = orbit.given
    radii = np.linalg.norm(points - orbit.centre, axis=1)
    multipliers = np.linalg.eigvals(matrix).astype(complex)
    return Cycle(
        period=float(period),
        mean_radius=math.fsum(radii) / period,
        rms_radius=math.sqrt(math.fsum(radii**2) / period),
        min_radius=float(radii.min()),
        max_radius=float(radii.max()),
        multipliers=multipliers,
        kind=_kind(float(np.max(np.abs(multipliers)))),
        points=points,
        exact=True,
        _proof=functools.partial(krawczyk.certified, field, algorithm, x, state, period),
    )


def _curve(orbit: closed.Orbit) -> Cycle:
    points, rotation, exponents = orbit.measure()
    radii = np.linalg.norm(points - orbit.centre, axis=1)
    if exponents[0] > 1e-2 * rotation:
        raise ValueError(
            f"the orbit is neither periodic (up to {closed.LONGEST} rounds) nor on a closed curve: its largest "
            f"Lyapunov exponent is {exponents[0]:.3g} per round, it is chaotic; plot it with simulate"
        )
    multipliers = np.exp(exponents / rotation)
    # Along the curve nothing contracts.
    multipliers[0] = 1.0
    return Cycle(
        period=1 / rotation,
        mean_radius=closed.weighted(radii),
        rms_radius=math.sqrt(closed.weighted(radii**2)),
        min_radius=float(radii.min()),
        max_radius=float(radii.max()),
        multipliers=multipliers.astype(complex),
        kind="neutral" if len(multipliers) < 2 or multipliers[1] > 1 - 1e-4 else "stable",
        points=points,
        exact=False,
    )


def _kind(largest: float) -> str:
    return "stable" if largest < 1 - NEUTRAL else "unstable" if largest > 1 + NEUTRAL else "neutral"
