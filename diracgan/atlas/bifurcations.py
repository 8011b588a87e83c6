"""Bifurcation diagrams: the attractor and the equilibria over one hyper-parameter, and folds of cycles."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.atlas import closed
from diracgan.atlas.cycles import Cycle
from diracgan.atlas.equilibria import fixed_points
from diracgan.displays.pictures import picture
from diracgan.dynamics.compiling import in_float64, running
from diracgan.dynamics.engine import flat_map
from diracgan.dynamics.judging import of_maps
from diracgan.dynamics.spectrum import at_kink, round_jacobian
from diracgan.dynamics.system import Map, trained
from diracgan.games.fields import FieldLike, as_planar
from diracgan.games.inputs import as_box, as_kind, as_numbers, as_text, fits
from diracgan.games.parameters import Parameter
from diracgan.games.states import as_float64

_TRANSIENT = Parameter("transient", "N", "rounds before the first that is kept", 2000, (0, 2**31 - 1), kind=int)
_KEEP = Parameter("keep", "k", "rounds that are kept", 64, (1, 2**31 - 1), kind=int)
_STEP = Parameter("step", "δ", "step in the hyper-parameter", 0.01, (-1000.0, 1000.0))


@dataclasses.dataclass(frozen=True, eq=False)
class Bifurcation:
    """What is left after a transient, over the `values` of one hyper-parameter (`over`).

    `points` `(values, keep, n)` are the positions of the rounds that were kept, `radius` `(values, keep)` their
    distances to the equilibrium; both NaN from where an orbit diverged. `equilibria` has for every value the pair of
    an array `(k, n)` and of `k` words, "stable", "neutral" or "unstable" for the algorithm: those of `verdict`.
    """

    over: str
    values: np.ndarray
    points: np.ndarray
    radius: np.ndarray
    equilibria: list[tuple[np.ndarray, list[str]]]

    def _repr_png_(self) -> bytes:
        return picture("bifurcation_diagram", self)


@in_float64
def bifurcation(
    field: FieldLike,
    algorithm: Algorithm,
    over: str = "h",
    values: ArrayLike | None = None,
    start: ArrayLike = (1.0, 1.0),
    transient: int = 2000,
    keep: int = 64,
    box: ArrayLike | None | None = None,
) -> Bifurcation:
    """The rounds `transient` + 1 … `transient` + `keep` from one start, for every value of a hyper-parameter.

    Args:
        field: a method, or for `over` a parameter of the algorithm any field.
        algorithm: for example `AltGD(h=0.2)`.
        over: a hyper-parameter of the method, or a parameter of the algorithm such as "h".
        values: shape `(m,)`, all of them in one compiled program.
        start: shape `(n,)`, the same for every value.
        transient, keep: numbers of rounds.
        box: where to look for all equilibria of a planar field (see `fixed_points`); None: the declared one.

    Raises `ValueError` for an unknown name or a value out of bounds.

    >>> from diracgan.atlas.bifurcations import bifurcation
    >>> found = bifurcation(dg.method("r1", gamma=0.5), dg.AltGD(h=1.0), values=[1.0, 2.55])
    >>> found.points.shape, [kinds for _, kinds in found.equilibria]
    ((2, 64, 2), [['stable'], ['unstable']])
    """
    chosen, over = trained(field, algorithm), as_text(over, "over")
    transient, keep = _TRANSIENT.convert(transient), _KEEP.convert(keep)
    if box is not None:
        as_planar(chosen.field)
        box = as_box(box)
    if values is None:
        raise ValueError(
            f"values must be a sequence of numbers, such as np.linspace(0.5, 3, 400) for {over}; none given"
        )
    values = np.atleast_1d(as_numbers(values, "values", (), ("m",)))
    fits(2 * 8 * values.size * keep * chosen.field.dimension, f"{keep} rounds at each of {values.size} values")
    given = [chosen.at(**{over: value}) for value in values]
    x = as_float64(start, chosen.field.dimension)
    points = np.asarray(_attractors(chosen, x, jnp.asarray(values), over, transient, keep))
    equilibria = [_stability(setting, box) for setting in given]
    centres = np.stack([np.asarray(setting.field.equilibrium, np.float64) for setting in given])
    with np.errstate(invalid="ignore", over="ignore"):
        radius = np.linalg.norm(points - centres[:, None], axis=-1)
    lost = ~(radius < 1e6)
    return Bifurcation(
        over, values, np.where(lost[..., None], np.nan, points), np.where(lost, np.nan, radius), equilibria
    )


@functools.partial(running, static=("over", "keep"))
def _attractors(system: Map, x: jax.Array, values: jax.Array, over: str, transient: int, keep: int) -> jax.Array:
    def one(value: jax.Array) -> jax.Array:
        setting = system.at(**{over: value}).cast(x.dtype)
        rule = flat_map(setting, x)
        state = jax.lax.fori_loop(0, transient, lambda k, z: rule.step(z, k), rule.start)

        def save(z: jax.Array, k: jax.Array) -> tuple[jax.Array, jax.Array]:
            z = rule.step(z, k)
            return z, rule.position(z)

        return jax.lax.scan(save, state, transient + jnp.arange(keep))[1]

    return jax.vmap(one)(values)


def _stability(system: Map, box: ArrayLike | None) -> tuple[np.ndarray, list[str]]:
    field = system.field
    x = np.asarray(field.equilibrium, np.float64)[None]
    if box is not None:
        x = fixed_points(field, box, n=8, certify=False).x
    smooth = np.array([not at_kink(field, jnp.asarray(point)) for point in x], bool)
    zero = np.array([float(np.linalg.norm(field(point))) <= 1e-10 for point in x], bool)
    x = x[smooth & zero]
    matrices = [np.asarray(round_jacobian(system, point)) for point in x]
    return x, [judged.kind for judged in of_maps(np.stack(matrices))] if matrices else []


@in_float64
def fold(field: FieldLike, algorithm: Algorithm, at: Cycle, over: str = "h", step: float = 0.01) -> float:
    """The value of a hyper-parameter at which a cycle of an algorithm is born: it meets its unstable partner.

        F^p(x; h) = x,   det(DF^p(x; h) - I) = 0

    The cycle is followed over the hyper-parameter `over` from the value that `field` and `algorithm` carry, in steps of
    `step` (of its sign), until it cannot be followed; from the last one Newton's method solves both equations.

    Raises `ValueError` when the cycle is not exact, or when Newton's method finds no fold.

    >>> from diracgan.atlas.bifurcations import fold
    >>> from diracgan.atlas.cycles import cycle
    >>> field, algorithm = dg.method("r1", gamma=0.1), dg.AltGD(h=2.2)
    >>> round(fold(field, algorithm, cycle(field, algorithm, (0.03, 1.2)), step=-0.02), 4)
    2.1386
    """
    chosen, over = trained(field, algorithm), as_text(over, "over")
    field, algorithm = chosen.field, chosen.algorithm
    at, step = as_kind(at, "at", Cycle, "dg.cycle(field, algorithm)"), _STEP.number(step)
    if abs(step) < 1e-9:
        raise ValueError(f"step must be at least 1e-9 or at most -1e-9, or it leads nowhere; {step} was given")
    if not at.exact:
        raise ValueError("a fold is one of an exact periodic orbit; this cycle is a closed curve")
    period = int(at.period)
    chosen.declared([over])
    found = getattr(field, "values", {}).get(over, None)
    found = getattr(algorithm, "rate" if over == "h" else over, None) if found is None else found
    if found is None:
        raise ValueError(f"{over} has no value to begin with in {field!r} and {algorithm!r}; give it one")
    value = float(found)
    x = np.asarray(at.points[0], np.float64)
    orbit = _orbit(chosen.at(**{over: value}), x)
    if len(orbit.state) != len(x):
        raise ValueError(f"folds are found for algorithms without memory; {algorithm!r} has a larger state")
    for _ in range(1000):
        ahead = _orbit(chosen.at(**{over: value + step}), x).close(x, period, reach=1.0)
        if ahead is None or ahead[1] != period:
            break
        x, value = ahead[0], value + step
    return _meet(chosen, over, x, value, period, 20 * abs(step))


def _orbit(system: Map, x: np.ndarray) -> closed.Orbit:
    return closed.Orbit(system.field, system.algorithm, jnp.asarray(x))


def _meet(system: Map, over: str, x: np.ndarray, value: float, period: int, reach: float) -> float:
    unknowns = np.append(x, value)
    for _ in range(50):
        gap, slope = (np.asarray(part) for part in _fold_equations(system, unknowns, period, over))
        move = np.linalg.lstsq(slope, -gap, rcond=None)[0]
        unknowns = unknowns + move * min(1.0, 0.3 / max(float(np.abs(move).max()), 1e-300))
        if not np.all(np.isfinite(unknowns)):
            break
        if np.abs(move).max() <= 1e-11 and abs(unknowns[-1] - value) <= reach:
            return float(unknowns[-1])
    raise ValueError(f"no fold of the cycle near {over} = {value:.6g}: follow it with a smaller step")


@functools.partial(running, static=("over",))
def _fold_equations(system: Map, unknowns: jax.Array, period: Any, over: str) -> tuple[jax.Array, jax.Array]:
    def equations(y: jax.Array) -> jax.Array:
        x = y[:-1]
        setting = system.at(**{over: y[-1]}).cast(x.dtype)
        rule = flat_map(setting, x)

        def one(_: object, carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            z, matrix = carry
            return rule.step(z, 0), jax.jacfwd(lambda q: rule.step(q, 0))(z) @ matrix

        identity = jnp.eye(x.size, dtype=x.dtype)
        after, matrix = jax.lax.fori_loop(0, period, one, (x, identity))
        (a, b), (c, d) = matrix - identity
        return jnp.append(after - x, a * d - b * c)

    return equations(unknowns), jax.jacfwd(equations)(unknowns)
