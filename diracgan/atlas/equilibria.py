"""Equilibria of a planar flow: all zeros of the field in a box, and their types."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.displays.tables import numbers, point, table
from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.fields import FieldLike, VectorField, as_planar
from diracgan.games.inputs import as_box, as_flag
from diracgan.games.parameters import Parameter, cast
from diracgan.games.recorded import recorded
from diracgan.tracing.intervals import Interval, enclosure, image
from diracgan.tracing.recording import once

_GRID = Parameter("n", "n", "starts along each side of the box", 24, (2, 500), kind=int)
_RADIUS = 1e-7
# The outputs of a traced function on intervals.
Image = Callable[[np.ndarray], list[np.ndarray]]


@dataclasses.dataclass(frozen=True, eq=False)
class FixedPoints:
    """The equilibria of a flow in a box, sorted by θ, then ψ.

    `x` has shape `(k, 2)`; `kind` is "stable node", "stable focus", "saddle", "unstable node", "unstable focus",
    "centre (neutral)" or "degenerate" (a singular Jacobian: where the zeros form a curve, points of it about a cell
    apart); `eigenvalues` `(k, 2)`. `certified` says that an interval-Newton test proves a zero, and only one, near the
    point. `note` says what was left out.
    """

    x: np.ndarray
    kind: list[str]
    eigenvalues: np.ndarray
    certified: np.ndarray
    note: str

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        points = ", ".join(f"{kind} ({a:.6g}, {b:.6g})" for kind, (a, b) in zip(self.kind, self.x, strict=True))
        return f"FixedPoints({points or 'none'})"

    def _repr_html_(self) -> str:
        found = zip(self.x, self.kind, self.eigenvalues, self.certified, strict=True)
        rows = [(point(x), kind, numbers(values), "proved" if sure else "found") for x, kind, values, sure in found]
        return table(self.note or "equilibria", ("(θ, ψ)", "kind", "eigenvalues", "by Krawczyk's test"), rows)


@in_float64
def fixed_points(field: FieldLike, box: ArrayLike = (-5.0, 5.0), n: int = 24, certify: bool = True) -> FixedPoints:
    """All equilibria v(x) = 0 of a planar field that Newton's method finds in a box from n × n starts.

        x ← x - (JᵀJ + |v|²I)⁻¹Jᵀv,   certified when  x - Y v(x) + (I - Y J(X))(X - x) ⊂ int X,  Y ≈ J(x)⁻¹

    The term |v|² vanishes at the solution, where the step is Newton's; where the zeros form a curve it leads to the
    nearest of them. The second line is Krawczyk's test on a box X of half-width 1e-7, with outward rounding. That no
    equilibrium is missed is not proved. Always in float64.

    Args:
        field: a method, a `VectorField`, or a function of the state, of two entries.
        box: (low, high) for both entries, or (θ₀, θ₁, ψ₀, ψ₁).
        n: starts along each side.
        certify: whether to run the interval test.

    Raises `ValueError` for another dimension or an empty box.

    >>> from diracgan.atlas.equilibria import fixed_points
    >>> found = fixed_points(dg.method("consensus", gamma=1.0), n=12)
    >>> found.kind
    ['saddle', 'stable focus', 'saddle']
    >>> found.x[2].round(6).tolist(), found.certified.tolist()
    ([0.341249, 2.16509], [True, True, True])
    """
    field, n, certify = as_planar(field), _GRID.convert(n), as_flag(certify, "certify")
    limits = np.reshape(as_box(box), (2, 2))
    starts = np.stack(np.meshgrid(*(np.linspace(low, high, n) for low, high in limits), indexing="ij"), -1)
    found = _Ends(*(np.asarray(part) for part in _newton(field, starts.reshape(-1, 2), limits)))
    cell = float(np.max(np.ptp(limits, axis=1))) / (n - 1)
    found, note = _kept(found, limits)
    kinds = [kind_of(matrix) for matrix in found.matrix]
    chosen = _distinct(found.x, kinds, cell)
    x, matrices, kinds = found.x[chosen], found.matrix[chosen], [kinds[i] for i in chosen]
    proved = _certified(field, x, matrices) if certify else np.zeros(len(x), bool)
    eigenvalues = np.linalg.eigvals(matrices).astype(complex) if len(x) else np.zeros((0, 2), complex)
    return FixedPoints(x, kinds, eigenvalues, proved, note)


class _Ends(NamedTuple):
    """Where Newton's iteration from each of m starts ended: points, last steps, speeds, Jacobians, and what is there.

    `kink` is the least distance to a kink, `inside` whether the point lies in the field's domain.
    """

    x: np.ndarray
    step: np.ndarray
    speed: np.ndarray
    matrix: np.ndarray
    kink: np.ndarray
    inside: np.ndarray

    def where(self, chosen: np.ndarray) -> _Ends:
        """Some of the points."""
        return _Ends(*(part[chosen] for part in self))


# Round, points, step, the |v|² of before, whether it gains, velocity and Jacobian.
_Round = tuple[int | jax.Array, jax.Array, jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]


@answering
def _newton(field: VectorField, starts: jax.Array, limits: jax.Array) -> tuple[jax.Array, ...]:
    field = recorded(field, starts)
    shares, basis = 0.5 ** np.arange(8.0), np.eye(2)

    def evaluated(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        v, slopes = zip(*(jax.jvp(field.velocity, (x,), (jnp.asarray(e),)) for e in basis), strict=True)
        return v[0], jnp.stack(slopes, axis=1)

    evaluated = once(evaluated, jax.ShapeDtypeStruct((2,), starts.dtype))

    def improve(carry: _Round) -> _Round:
        """The best of the points at shares of the last step, velocity and Jacobian there, and the next step."""
        k, x, step, before, *_ = carry
        tried = x[:, None] + shares[:, None] * step[:, None] * (k > 0)
        v, J = jax.vmap(jax.vmap(evaluated))(tried)
        sizes = jnp.sum(v**2, axis=2)
        best = jnp.argmin(jnp.where(jnp.isfinite(sizes), sizes, jnp.inf), axis=1)
        x, v, J = (part[np.arange(len(starts)), best] for part in (tried, v, J))
        (a, b), (c, d), (f, g) = J[..., 0].T, J[..., 1].T, v.T
        # JᵀJ and Jᵀv. Beside |v|² a multiple of rounding, without which the determinant of a singular matrix is noise.
        p, q, r, s, t = a * a + b * b, a * c + b * d, c * c + d * d, a * f + b * g, c * f + d * g
        size = f * f + g * g
        shift = size + 1e-13 * (p + r) + jnp.finfo(x.dtype).tiny
        p, r = p + shift, r + shift
        step = jnp.stack([q * t - r * s, q * s - p * t], axis=1) / (p * r - q * q)[:, None]
        return k + 1, x, step, size, size < before / 2, v, J

    def going(carry: _Round) -> jax.Array:
        k, x, step, _, gains, *_ = carry
        small = jnp.max(jnp.abs(step), axis=1) <= 1e-14 * (1 + jnp.max(jnp.abs(x), axis=1))
        # What has left the box by its own size creeps on towards infinity.
        near = jnp.all(jnp.abs(x - limits.mean(axis=1)) <= 1.5 * jnp.ptp(limits, axis=1), axis=1)
        # A double zero gains a factor of four in |v|²; what gains less creeps along where there is none.
        return (k < 100) & jnp.any(near & ~small & (gains | (k < 24)))

    nothing = jnp.zeros_like(starts)
    flags = jnp.ones(len(starts), bool)
    start: _Round = (0, starts, nothing + 1, nothing[:, 0] + jnp.inf, flags, nothing, jnp.zeros((*starts.shape, 2)))
    _, x, step, _, _, v, J = jax.lax.while_loop(going, improve, start)
    kinks = jax.vmap(lambda y: jnp.stack([*(jnp.abs(k) for k in field.kinks(y)), jnp.asarray(jnp.inf)]))(x)
    inside = jnp.all(field.domain.project(x, field.generator_size) == x, axis=1)
    return x, jnp.max(jnp.abs(step), axis=1), jnp.linalg.norm(v, axis=1), J, kinks.min(axis=1), inside


@answering
def jacobians(field: VectorField, x: jax.Array) -> jax.Array:
    """Those at the points `(m, 2)`, shape `(m, 2, 2)`."""
    return jax.vmap(jax.jacfwd(recorded(field, x).velocity))(x)


def _kept(found: _Ends, limits: np.ndarray) -> tuple[_Ends, str]:
    """The zeros among the points that lie in the box, in the domain and on no kink, and a note on the others."""
    slack, size = 1e-9 * np.ptp(limits, axis=1), 1 + np.max(np.abs(found.x), axis=1)
    there = np.all((found.x >= limits[:, 0] - slack) & (found.x <= limits[:, 1] + slack), axis=1)
    zero = there & (found.step <= 1e-9 * size) & (found.speed <= 1e-12 * size) & found.inside
    smooth, note = found.kink > 1e-9, ""
    if np.any(zero & ~smooth):
        at = sorted({tuple((np.round(point, 6) + 0.0).tolist()) for point in found.x[zero & ~smooth]})
        shown = ", ".join(f"({a:g}, {b:g})" for a, b in at[:4]) + (", …" if len(at) > 4 else "")
        note = f"left out, because the field jumps there and they are no equilibria: {shown}"
    return found.where(zero & smooth), note


def kind_of(J: np.ndarray) -> str:
    """The type of an equilibrium with this Jacobian."""
    (a, b), (c, d) = J.tolist()
    size = max(float(np.abs(J).max()), np.finfo(float).tiny)
    trace, det, discriminant = a + d, a * d - b * c, ((a - d) / 2) ** 2 + b * c
    if abs(det) <= 1e-9 * size**2:
        return "degenerate"
    if det < 0:
        return "saddle"
    if abs(trace) <= 1e-10 * size:
        return "centre (neutral)"
    shape = "node" if discriminant >= -1e-14 * size**2 else "focus"
    return f"{'stable' if trace < 0 else 'unstable'} {shape}"


def _distinct(x: np.ndarray, kinds: list[str], cell: float) -> list[int]:
    """One index per equilibrium, sorted; of a curve of them one per grid cell."""
    chosen: list[int] = []
    for i in np.lexsort(np.round(x, 9).T[::-1]):
        apart = 0.75 * cell if kinds[i] == "degenerate" else 1e-7
        if all(np.linalg.norm(x[i] - x[j]) > apart for j in chosen):
            chosen.append(int(i))
    return chosen


@answering
def _velocity(field: VectorField, x: jax.Array) -> jax.Array:
    return cast(field, np.float64).velocity(x)


@answering
def _slope(field: VectorField, x: jax.Array) -> jax.Array:
    return jax.jacfwd(lambda y: _velocity(field, y))(x)


@answering
def _kinks(field: VectorField, x: jax.Array) -> tuple[jax.Array, ...]:
    return cast(field, np.float64).kinks(x)


def _certified(field: VectorField, x: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Krawczyk's test at every point; False where it does not prove anything."""
    if field.changing is not None:
        return np.zeros(len(x), bool)
    # Traced with the hyper-parameters as arguments: other values need no trace.
    known = [enclosure(leaf) for leaf in jax.tree.leaves(field)]
    field = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), field)
    velocity, slope, kinks = (
        functools.partial(image, part.trace(field, np.zeros(2)).jaxpr, *known) for part in (_velocity, _slope, _kinks)
    )
    proved = []
    for place, matrix in zip(x, matrices, strict=True):
        try:
            proved.append(_krawczyk(velocity, slope, kinks, place, matrix))
        except (NotImplementedError, ValueError, OverflowError, ZeroDivisionError, np.linalg.LinAlgError):
            proved.append(False)
    return np.array(proved, bool)


def _krawczyk(velocity: Image, jacobian: Image, kinks: Image, point: np.ndarray, matrix: np.ndarray) -> bool:
    box = np.empty(2, object)
    box[:] = [Interval(value - _RADIUS, value + _RADIUS) for value in point]
    if any(0.0 in value.item() for value in kinks(box)):
        return False
    inverse = enclosure(np.linalg.inv(matrix))
    v, J = velocity(enclosure(point))[0], jacobian(box)[0]
    identity, offset = enclosure(np.eye(2)), box - enclosure(point)
    inner = (identity - inverse @ J) @ offset - inverse @ v
    # Contained with a margin: the box around the point was itself rounded.
    return all(value.high < 0.99 * _RADIUS and value.low > -0.99 * _RADIUS for value in inner)
