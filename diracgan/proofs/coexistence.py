"""Attracting cycles beside an attracting equilibrium: alternating descent on the minimax game with R1.

The cycles are symmetric under x → -x, so that half of one is a zero of -F^m(x) - x, m = period/2. Krawczyk's test
proves existence and uniqueness in a box, for an interval of learning rates at once; where Jury's conditions

    |tr M| < 1 + det M < 2

hold for every matrix M of the enclosure of (-F^m)' on that box, the cycle attracts. The equilibrium attracts where they
hold for F'(0).
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import AltGD
from diracgan.atlas import closed
from diracgan.atlas.krawczyk import Rounds, orbits, reached, shot
from diracgan.catalogue import method
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.engine import flat_map
from diracgan.dynamics.system import Map
from diracgan.proofs.records import Record
from diracgan.proofs.search import Cover, cover
from diracgan.tracing.boxes import Boxes, cell, cells, images

# Learning rates at which a window's cycle is followed to its ends.
_NODES = 33


@dataclasses.dataclass(frozen=True)
class Window:
    """Learning rates with an attracting cycle beside the equilibrium: what is proved for each of `rates`.

    A rate inside and a point near the cycle there only tell where to look: what is proved does not rest on them.
    """

    gamma: float
    period: int
    h: float
    point: tuple[float, float]
    rates: tuple[float, float]


WINDOWS = (
    Window(0.1, 6, 2.2, (-0.03263182, -1.19772335), (2.1395, 2.2056)),
    Window(0.1, 4, 2.6, (-0.23684557, -1.0567359), (2.58, 2.7)),
    Window(0.05, 8, 1.72, (1.0072642, 1.32309547), (1.7094, 1.7393)),
    Window(0.05, 6, 2.0, (1.13261682, 0.80546496), (1.993, 2.0344)),
    Window(0.05, 4, 2.6, (0.92691157, 0.85007315), (2.597, 2.6598)),
    Window(0.02, 8, 1.6, (-1.19555382, -0.53592977), (1.5944, 1.602)),
    Window(0.22, 4, 3.06, (0.21027174, 0.86344637), (3.0515, 3.0955)),
)
# Where the unstable cycle lies with which the first one disappears at the fold.
PARTNER = (-1.15966385, -1.21357317)


def decimal(value: float) -> Boxes:
    """An interval around the decimal number that a float is written as."""
    return Boxes(np.nextafter(value, -np.inf), np.nextafter(value, np.inf))


def jury(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether every matrix of an enclosure has both eigenvalues inside the unit circle; one real one outside."""
    trace = matrix[0, 0] + matrix[1, 1]
    determinant = matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]
    edge = determinant + 1
    stable = (determinant.high < 1) & (trace.high < edge.low) & (-trace.low < edge.low)
    return stable, (trace.low > edge.high) | (-trace.high > edge.high)


def rounds(gamma: Boxes, h: Boxes) -> Rounds:
    """The rounds of alternating descent on minimax with R1, for intervals of both hyper-parameters."""
    return _program().at(gamma=gamma, h=h)


@functools.cache
def _program() -> Rounds:
    return Rounds(method("r1"), AltGD(1.0), np.zeros(2))


@functools.lru_cache(maxsize=32)
def followed(window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Learning rates between the ends of a window and the cycle's points there, in floats; shapes `(k,)`, `(k, 2)`."""
    field, found = method("r1", gamma=window.gamma), {}

    def closing(h: float, start: np.ndarray) -> np.ndarray | None:
        orbit = closed.Orbit(field, AltGD(h), jnp.asarray(start))
        done = orbit.close(np.asarray(start), window.period, 0.2)
        if done is None or done[1] != window.period:
            return None
        inside = np.max(np.abs(np.linalg.eigvals(orbit.once(*done)[1]))) < 1
        return np.asarray(done[0]) if inside else None

    with jax.enable_x64(True):
        middle = closing(window.h, np.array(window.point))
        if middle is None:
            raise ValueError(f"there is no attracting cycle of {window.period} rounds at h = {window.h:g}")
        found[window.h] = middle
        for side in (-1.0, 1.0):
            h, point, step = window.h, middle, side * 0.004
            while abs(step) > 1e-6:
                after = closing(h + step, point)
                if after is None:
                    step /= 2
                else:
                    h, point = h + step, after
                    found[h] = after
    rates = np.array(sorted(found))
    return rates, np.array([found[h] for h in rates])


def _points(window: Window, h: np.ndarray) -> np.ndarray:
    """Half of the cycle at learning rates inside of a window, by interpolation and Newton's method, `(m, 2, lanes)`."""
    rates, points = followed(window)
    exact = rounds(Boxes(window.gamma), Boxes(h))
    chain = [np.stack([np.interp(h, rates, points[:, entry]) for entry in (0, 1)])]
    for _ in range(window.period // 2 - 1):
        chain.append(np.stack([part.middle for part in exact.step(cells(*chain[-1]))]))
    return shot(exact, np.array(chain), -1)


def attracting(window: Window, gamma: Boxes, h: Boxes) -> np.ndarray:
    """For which intervals of learning rates a unique attracting cycle beside an attracting equilibrium is proved."""
    both = rounds(gamma, h)
    found = orbits(both, _points(window, h.middle), sign=-1)
    return found.proved & jury(found.matrix)[0] & jury(both.slope(cells(0.0, 0.0)))[0]


def covered(window: Window, depth: int) -> Cover:
    """The search for a proof of coexistence at all learning rates of a window."""
    root = Boxes([[window.rates[0]]], [[window.rates[1]]])
    return cover(lambda h: attracting(window, decimal(window.gamma), h), root, depth, patience=1 << 20)


def single() -> Record:
    """At γ = 0.1, h = 2.2: the 6-cycle attracts, so does the equilibrium, and a saddle of the same period exists."""
    window = WINDOWS[0]
    both, widths = rounds(decimal(0.1), decimal(2.2)), np.logspace(-12, -1, 34)
    points = _points(window, np.array([2.2]))
    found = orbits(both, np.repeat(points, len(widths), 2), widths, -1)
    stable = found.proved & jury(found.matrix)[0]
    first = np.array(PARTNER)[:, None]
    chain = [first]
    for _ in range(2):
        chain.append(np.stack([part.middle for part in both.step(cells(*chain[-1]))]))
    partner = orbits(both, shot(both, np.array(chain), -1), sign=-1)
    saddle = bool((partner.proved & jury(partner.matrix)[1]).all())
    rest = jury(both.slope(cells(0.0, 0.0)))[0]
    trace = found.matrix[0, 0] + found.matrix[1, 1]
    determinant = found.matrix[0, 0] * found.matrix[1, 1] - found.matrix[0, 1] * found.matrix[1, 0]
    least = int(np.argmax(stable))
    return Record(
        name="coexistence",
        statement="Alternating descent on the minimax GAN with R1 at γ = 0.1, h = 2.2 has an attracting 6-cycle beside "
        "an attracting equilibrium, and a saddle 6-cycle: local stability does not imply global convergence.",
        closed=bool(stable.any() and np.all(rest) and saddle),
        constants={
            "gamma": 0.1,
            "h": 2.2,
            "points": points[:, :, 0],
            "half-widths": (widths[stable].min(), widths[stable].max()) if stable.any() else (),
            "trace of (F³)'": (trace.low[least], trace.high[least]),
            "determinant of (F³)'": (determinant.low[least], determinant.high[least]),
            "a point near the saddle": PARTNER,
        },
        boxes=len(widths) + 2,
        depth=0,
        evaluated="Krawczyk's test of -F³(x) = x and Jury's conditions, γ and h within a float of the decimals",
    )


def windows(depth: int, chosen: tuple[Window, ...] = WINDOWS) -> Record:
    """Coexistence at every learning rate of some windows, and the folds at which the cycles are born."""
    rows: list[dict[str, Any]] = []
    boxes, deepest = 0, 0
    for window in chosen:
        done, ends = covered(window, depth), followed(window)[0][[0, -1]]
        boxes, deepest = boxes + done.boxes, max(deepest, done.depth)
        rows.append(
            {
                "gamma": window.gamma,
                "period": window.period,
                "rates": window.rates,
                "fold": fold(window),
                "closed": done.closed,
                "ends": tuple(ends.tolist()),
            }
        )
    told = "; ".join(f"γ = {row['gamma']:g}, {row['rates'][0]:g} <= h <= {row['rates'][1]:g}" for row in rows)
    # At the ends the cycle is born, or stops attracting: a sliver that no search decides.
    widths = [[row[name][1] - row[name][0] for row in rows] for name in ("rates", "ends")]
    return Record(
        name="coexistence-windows",
        statement="Alternating descent on the minimax GAN with R1 has an attracting cycle beside an attracting "
        f"equilibrium for {told}; each cycle is born at an enclosed fold.",
        closed=all(row["closed"] and row["fold"] for row in rows),
        constants={"windows": rows},
        boxes=boxes,
        depth=deepest,
        evaluated="Krawczyk's test of -F^m(x) = x with Jury's conditions on intervals of h, and of the fold",
        share=sum(widths[0]) / sum(widths[1]),
    )


def _folding(field: Any, algorithm: Any, half: int, z: jax.Array) -> jax.Array:
    """-F^m(x) - x and the determinant of its derivative, at z = (x, h): both are 0 at a fold."""

    def gap(x: jax.Array) -> jax.Array:
        rule, moved = flat_map(Map(field, algorithm.replace(h=z[2])).cast(x.dtype), x), x
        for _ in range(half):
            moved = rule.step(moved, 0)
        return -moved - x

    slope = jax.jacfwd(gap)(z[:2])
    return jnp.concatenate([gap(z[:2]), (slope[0, 0] * slope[1, 1] - slope[0, 1] * slope[1, 0])[None]])


folding = answering(_folding, static=("half",))
folding_slope = answering(jax.jacfwd(_folding, argnums=3), static=("half",))


def fold(window: Window) -> tuple[float, float] | None:
    """An interval of learning rates in which the window's cycle has its fold, by Krawczyk's test; None if it fails."""
    rates, points = followed(window)
    gamma, half = decimal(window.gamma), window.period // 2
    z = np.array([*points[0], rates[0]])
    with jax.enable_x64(True):
        field = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), method("r1", gamma=window.gamma))
        algorithm = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), AltGD(rates[0]))
        for _ in range(12):
            slope = np.asarray(folding_slope(field, algorithm, half, z))
            z = z - np.linalg.solve(slope, np.asarray(folding(field, algorithm, half, z)))
        programs = [program.trace(field, algorithm, half, z).jaxpr for program in (folding, folding_slope)]
    known = [cell(gamma), *(cell(leaf) for leaf in jax.tree.leaves(algorithm))]
    widths = np.full((1, 3), 1e-9)
    box = [Boxes(c - 1e-9, c + 1e-9) for c in z]
    gap, slope = images(programs[0], *known, cells(*z))[0], images(programs[1], *known, cells(*box))[0]
    radius = reached(
        Boxes(*([[getattr(part, end) for part in gap]] for end in ("low", "high"))),
        Boxes(*([[[getattr(part, end) for part in row] for row in slope]] for end in ("low", "high"))),
        widths,
    )
    # The box itself is narrower than 1e-9 by a rounding: the radius must not come near it.
    if not np.all(radius < 0.9 * widths):
        return None
    return float(z[2] - radius[0, 2] * 1.1), float(z[2] + radius[0, 2] * 1.1)
