"""Existence and uniqueness of periodic points, by Krawczyk's operator on traced rounds in interval arithmetic.

For a zero of g near c, a box X around c and any matrix Y let

    K(X) = c - Y g(c) + (I - Y g'(X))(X - c).

If K(X) lies in the interior of X, there is exactly one zero of g in X (Krawczyk 1969; Moore 1977). Here the unknowns
are all points of an orbit, g_k = F(x_k) - x_{k+1} and g_p = s F(x_p) - x_1 with s = 1, or s = -1 for the half of a
cycle that is symmetric under x → -x: no box goes through more than one round. Rounds and Jacobians are derived by JAX
and evaluated on boxes; many boxes, each with its own hyper-parameters, go through at once.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import jax
import numpy as np

from diracgan.algorithms import Algorithm
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.engine import flat_map
from diracgan.dynamics.system import Map
from diracgan.games.fields import VectorField
from diracgan.tracing.boxes import Boxes, as_boxes, cell, cells, images

# Half-widths of boxes, of which the largest and the smallest that pass are told.
_WIDTHS = np.logspace(-14, -1, 27)
_LONGEST = 200  # unknowns of the test


def _next(field: VectorField, algorithm: Algorithm, x: jax.Array, z: jax.Array) -> jax.Array:
    return flat_map(Map(field, algorithm).cast(x.dtype), x).step(z, 0)


_round = answering(_next)
_slope = answering(jax.jacfwd(_next, argnums=3))


class Rounds:
    """Rounds of an algorithm and their Jacobians on boxes of states and of hyper-parameters.

    Hyper-parameters have their float values, or, after `at`, lie in intervals. Many boxes go through at once: every
    state and interval has the shape `(lanes,)` or none.
    """

    def __init__(self, field: VectorField, algorithm: Algorithm, x: Any) -> None:
        self.rule = _floats(Map(field, algorithm))
        self.x: Any = np.asarray(x, np.float64)
        with jax.enable_x64(True):
            state = np.asarray(_start(self.rule, self.x))
            given = self.rule.field, self.rule.algorithm, self.x, state
            self._next, self._slope = _round.trace(*given).jaxpr, _slope.trace(*given).jaxpr
        self.known = [cell(Boxes(leaf)) for leaf in jax.tree.leaves(self.rule)]

    def at(self, **ranges: Boxes) -> Rounds:
        """The same program for intervals of hyper-parameters."""
        with jax.enable_x64(True):
            ends = (
                jax.tree.leaves(_floats(self.rule.at(**{name: getattr(box, end) for name, box in ranges.items()})))
                for end in ("low", "high")
            )
            other = copy.copy(self)
            other.known = [cell(Boxes(*pair)) for pair in zip(*ends, strict=True)]
        return other

    def step(self, z: np.ndarray) -> np.ndarray:
        """F on a box, an array of `Boxes`."""
        return images(self._next, *self.known, self.x, z)[0]

    def slope(self, z: np.ndarray) -> np.ndarray:
        """An enclosure of F' on a box, a matrix of `Boxes`."""
        return images(self._slope, *self.known, self.x, z)[0]


def _start(rule: Any, x: Any) -> jax.Array:
    return flat_map(rule, x).start


def _floats(rule: Any) -> Any:
    return jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), rule)


@dataclasses.dataclass(frozen=True)
class Orbits:
    """Of each lane, whether one closed orbit and no other was proved to lie in the boxes, and what F^p does to it.

    `widths` are the half-widths of the boxes around the points, `matrix` encloses (F^p)' at the first point of
    the orbit, a matrix of `Boxes`.
    """

    proved: np.ndarray
    widths: np.ndarray
    matrix: np.ndarray


@dataclasses.dataclass(frozen=True)
class _Chain:
    """F(x_k) - x_{k+1} of the p points of an orbit as g, shape `(lanes, pn)`, and its Jacobian, `(lanes, pn, pn)`."""

    gap: Boxes
    slope: Boxes
    matrix: np.ndarray


def _chain(rounds: Rounds, box: Boxes, sign: int, derivatives: Boxes | None = None) -> _Chain:
    """The chain with gaps at `box` and Jacobians on `derivatives`, both of shape `(p, n, lanes)`."""
    p, n, lanes = box.shape
    gap, slope = np.zeros((2, lanes, p * n)), np.zeros((2, lanes, p * n, p * n))
    product: Any = None
    for k in range(p):
        last, after = k == p - 1, (k + 1) % p
        factor = sign if last else 1
        moved = rounds.step(cells(*(box[k, i] for i in range(n))))
        around = box if derivatives is None else derivatives
        matrix = rounds.slope(cells(*(around[k, i] for i in range(n))))
        product = matrix if product is None else matrix @ product
        rows, columns = slice(k * n, (k + 1) * n), slice(after * n, (after + 1) * n)
        slope[:, :, rows, columns] -= np.eye(n)
        for i in range(n):
            part = factor * moved[i] - box[after, i]
            gap[0, :, k * n + i], gap[1, :, k * n + i] = part.low, part.high
            for j in range(n):
                entry = factor * matrix[i, j] + slope[0, :, k * n + i, k * n + j]
                slope[0, :, k * n + i, k * n + j], slope[1, :, k * n + i, k * n + j] = entry.low, entry.high
    return _Chain(Boxes(*gap), Boxes(*slope), product)


def shot(rounds: Rounds, points: np.ndarray, sign: int = 1, steps: int = 6) -> np.ndarray:
    """Newton's method, in floats, on all points of closed orbits at once; `points` has shape `(p, n, lanes)`."""
    for _ in range(steps):
        chain = _chain(rounds, Boxes(points), sign)
        step = np.linalg.solve(_usable(chain.slope.middle), chain.gap.middle[..., None])[..., 0]
        points = points - np.moveaxis(step, 0, -1).reshape(points.shape)
    return points


def orbits(rounds: Rounds, points: np.ndarray, widths: Any = None, sign: int = 1) -> Orbits:
    """Krawczyk's test of closed orbits x₁ → x₂ → … → x_p → sign·x₁ near `points`, shape `(p, n, lanes)`.

    `widths` has shape `(lanes,)`; with None each box is a little larger than what its
    hyper-parameters, which are intervals, move the point.
    """
    points = np.asarray(points, np.float64)
    rough = _chain(rounds, Boxes(points), sign)
    moved = np.abs(np.linalg.inv(_usable(rough.slope.middle))) @ rough.gap.size[..., None]
    chosen = 2 * moved[..., 0] + 1e-13 if widths is None else np.asarray(widths, np.float64)[:, None]
    widths = np.broadcast_to(chosen, moved.shape[:2]).copy()
    reach = np.moveaxis(widths, 0, -1).reshape(points.shape)
    exact = Boxes(points)
    chain = _chain(rounds, exact, sign, exact + Boxes(-reach, reach))
    # NaN compares as not proved.
    return Orbits(np.all(reached(chain.gap, chain.slope, widths) < widths, axis=1), widths, chain.matrix)


def reached(gap: Boxes, slope: Boxes, widths: np.ndarray) -> np.ndarray:
    """How far K(X) reaches from the middle of X, for boxes X of half-widths `widths`, shape `(lanes, n)`.

    `gap` encloses g at the middle, shape `(lanes, n)`, `slope` g' on X, shape `(lanes, n, n)`.
    """
    middle, n = slope.middle, widths.shape[-1]
    inverse = np.linalg.inv(_usable(middle))
    # Sums of n products err by n units at most; what is not negative may be made larger by a share of itself.
    error, more, size = (n + 4) * 2.0**-52, 1 + 1e-10, np.abs(inverse)
    contraction = np.abs(np.eye(n) - inverse @ middle) + size @ _half(slope)
    contraction += error * (size @ np.abs(middle) + np.eye(n))
    moved = np.abs(inverse @ gap.middle[..., None]) + size @ (_half(gap) + error * np.abs(gap.middle))[..., None]
    return (moved + contraction @ widths[..., None])[..., 0] * more + 1e-300


def _half(box: Boxes) -> np.ndarray:
    """Half the width from the middle, rounded up."""
    middle = box.middle
    return np.maximum(box.high - middle, middle - box.low) * (1 + 2.0**-51) + 1e-300


def _usable(matrices: np.ndarray) -> np.ndarray:
    """The same with the identity where a matrix has no inverse: any matrix will do."""
    good = np.all(np.isfinite(matrices), axis=(-2, -1))
    good &= np.abs(np.linalg.det(np.where(good[..., None, None], matrices, 0.0))) > 1e-300
    return np.where(good[..., None, None], matrices, np.eye(matrices.shape[-1]))


@dataclasses.dataclass(frozen=True)
class Certified:
    """A proved cycle: within `narrow` of `Cycle.points`, in every entry, lies one periodic orbit of F.

    There is no other within `wide`. `discs` are pairs (centre, radius) of the complex plane that contain the
    multipliers, and `kind` is "stable" or "unstable" where all or some of them were proved to lie strictly inside or
    outside of the unit circle, else "unknown". Proved is a statement on exact arithmetic, with the hyper-parameters at
    their float values.
    """

    narrow: float
    wide: float
    discs: tuple[tuple[complex, float], ...]
    kind: str


def certified(field: VectorField, algorithm: Algorithm, x: Any, state: Any, period: int) -> Certified | None:
    """The proof of a cycle through a state; None where Krawczyk's test does not pass for any box."""
    if len(state) * period > _LONGEST:
        return None
    rounds, points = Rounds(field, algorithm, x), [cells(*np.asarray(state, np.float64))]
    for _ in range(period - 1):
        points.append(cells(*(part.middle for part in rounds.step(points[-1]))))
    chain = np.array([[[part.middle] for part in point] for point in points], np.float64)
    scale = max(1.0, float(np.max(np.abs(chain))))
    widths = _WIDTHS * scale
    found = orbits(rounds, np.repeat(chain, len(widths), 2), widths)
    passed = np.flatnonzero(found.proved)
    if not passed.size:
        return None
    first = int(passed[0])
    discs = gershgorin(found.matrix, first)
    inside = [abs(centre) + radius < 1 - 1e-12 for centre, radius in discs]
    outside = _separate(discs)
    kind = "stable" if all(inside) else "unstable" if outside else "unknown"
    return Certified(float(widths[first]), float(widths[passed[-1]]), discs, kind)


def _separate(discs: tuple[tuple[complex, float], ...]) -> bool:
    """Whether a group of discs that meets no other lies outside of the unit circle: it contains multipliers."""
    outside = [abs(centre) - radius > 1 + 1e-12 for centre, radius in discs]
    apart = [
        all(abs(a - b) > r + s for (b, s), other in zip(discs, outside, strict=True) if not other) for a, r in discs
    ]
    return any(outside) and all(far for far, out in zip(apart, outside, strict=True) if out)


def gershgorin(matrix: np.ndarray, lane: int) -> tuple[tuple[complex, float], ...]:
    """Discs whose union contains the eigenvalues of every matrix of an enclosure.

    With V the float eigenvectors of the middle and W a float inverse, V⁻¹MV = (WV)⁻¹(WMV): Gershgorin's discs of WMV,
    each wider by ‖(WV)⁻¹ - I‖ ‖WMV‖ <= r/(1 - r) ‖WMV‖ with r = ‖I - WV‖ in the maximum norm.
    """
    n = len(matrix)
    low, high = (
        np.array([[np.broadcast_to(getattr(b, end), _lanes(b, lane))[lane] for b in row] for row in matrix])
        for end in ("low", "high")
    )
    vectors = np.linalg.eig(low / 2 + high / 2)[1].astype(complex)
    if not np.linalg.cond(vectors) < 1e12:
        vectors = np.eye(n, dtype=complex)
    inverse = np.linalg.inv(vectors)
    V, W = _complex(vectors), _complex(inverse)
    M = np.array([[Boxes(low[i, j], high[i, j]) for j in range(n)] for i in range(n)], object)
    zero = np.array([[as_boxes(0.0)] * n for _ in range(n)], object)
    A, unit = _times(_times(W, (M, zero)), V), _times(W, V)
    defect = max(sum(_far(unit, i, j, float(i == j)) for j in range(n)) for i in range(n)) * (1 + 1e-12)
    size = max(sum(_far(A, i, j, 0.0) for j in range(n)) for i in range(n)) * (1 + 1e-12)
    more = defect / (1 - defect) * size * (1 + 1e-12) if defect < 0.5 else np.inf
    discs = []
    for i in range(n):
        centre = complex(A[0][i, i].middle, A[1][i, i].middle)
        rest = sum(_far(A, i, j, 0.0) for j in range(n) if j != i)
        discs.append((centre, float((rest + _far(A, i, i, centre) + more) * (1 + 1e-12) + 1e-300)))
    return tuple(discs)


def _lanes(box: Boxes, lane: int) -> tuple[int, ...]:
    return box.shape or (lane + 1,)


def _complex(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary part as matrices of `Boxes`."""
    real, imaginary = (
        np.array([[as_boxes(float(v)) for v in row] for row in part], object) for part in (values.real, values.imag)
    )
    return real, imaginary


def _times(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return a[0] @ b[0] + -(a[1] @ b[1]), a[0] @ b[1] + a[1] @ b[0]


def _far(a: tuple[np.ndarray, np.ndarray], i: int, j: int, centre: complex) -> float:
    """How far an entry can be from a number; an upper bound up to roundings that the callers add."""
    real, imaginary = a[0][i, j] - complex(centre).real, a[1][i, j] - complex(centre).imag
    return float(real.size + imaginary.size)
