"""The hyper-parameters of the fastest local convergence."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm
from diracgan.dynamics.compiling import answering, in_float64
from diracgan.dynamics.linearisation import at_rest
from diracgan.dynamics.system import Flow, System, is_data, system, varies
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar, as_text, told
from diracgan.games.parameters import unknown
from diracgan.tracing.recording import once

# Samples along a line, passes over ever shorter ones, and values of the outer parameter that are tried at once.
_SCAN, _PASSES, _OUTER = 81, 8, 8
# So many lines are searched at once, whatever was asked for: two programs serve all, and one of them one system. It
# takes some milliseconds to run several times, and half a second to compile.
_FEW, _MANY = _OUTER, 64 * _OUTER


@dataclasses.dataclass(frozen=True)
class Optimum:
    """The best hyper-parameters: `values` by name, and the `rate` there.

    The rate is the spectral radius (algorithm) or the largest real part of an eigenvalue (flow). `smooth` is False
    where two eigenvalues meet at the optimum, so that the rate has a corner there and no gradient vanishes;
    `at_bound` names the parameters that stopped at the end of their span.

    Where a fixed hyper-parameter is an array of shape `(B,)`, the values, the rate, `smooth` and `reason` are arrays of
    that shape, and `at_bound` is a list of B tuples.
    """

    values: Mapping[str, object]
    rate: Scalar
    smooth: bool | np.ndarray
    at_bound: object
    reason: str | np.ndarray


@in_float64
def optimal(
    method: VectorField,
    algorithm: Algorithm | None = None,
    over: str | Sequence[str] = ("gamma", "h"),
    spans: Mapping[str, tuple[float, float]] | None = None,
) -> Optimum:
    """The hyper-parameters with the smallest spectral radius (or, for the flow, the most negative real part).

    Args:
        method: a method, or another field, which has no hyper-parameters with a name.
        algorithm: None is the flow, which has no `h`.
        over: one or two names of hyper-parameters of the method or parameters of the algorithm.
        spans: the range that is searched, by name; the declared span by default.

    Along one parameter the derivative of the rate, by autodiff, is enclosed ever more closely where it changes its
    sign, which works at a smooth minimum as well as at the corner where two eigenvalues meet; for two parameters the
    outer one is searched by ever finer samples of the inner optimum. The minimum is the lowest of those that a scan of
    81 values brackets.

    The hyper-parameters that are not searched may be arrays of one shape `(B,)`, beside single numbers: then there are
    B optima, found together, such as the best rate for each of a thousand penalties.

    >>> best = dg.optimal(dg.method("r1"), dg.SimGD(0.2), over="gamma")
    >>> round(best.values["gamma"], 9), round(best.rate, 9), best.smooth
    (1.0, 0.9, False)
    >>> best = dg.optimal(dg.method("r1", gamma=np.array([0.3, 0.5])), dg.SimGD(0.2), over="h")
    >>> best.values["h"].round(6).tolist()
    [0.6, 1.0]
    """
    chosen = system(method, algorithm, batch=True)
    if not isinstance(over, (str, list, tuple)):
        raise TypeError(f"over must be a name or two, such as ('gamma', 'h'); {told(over)} was given")
    names = (over,) if isinstance(over, str) else tuple(as_text(name, "a name in over") for name in over)
    if spans is not None and not isinstance(spans, Mapping):
        raise TypeError(f"spans must be ranges by name, such as {{'h': (0.1, 2.0)}}; {told(spans)} was given")
    for name in spans or ():
        if name not in names:
            raise ValueError(unknown("parameter", name, names, "to be chosen "))
    if isinstance(chosen, Flow) and not isinstance(over, str):
        names = tuple(name for name in names if name != "h")
    if len(names) not in (1, 2):
        raise ValueError(f"over must name one or two parameters; {over!r} was given")
    bounds = np.array([_span(chosen, name, (spans or {}).get(name)) for name in names])
    chosen.check_linear()
    count = _count(chosen, names)
    if len(names) == 1:
        points, rates, matrices = _optima(chosen, names, bounds[0], np.zeros(count), np.arange(count))
    else:
        points, rates, matrices = _along_two(chosen, names, bounds, count)
    smooth, ends = _smooth(chosen, matrices), _at_ends(names, bounds, points)
    reasons = [_reason(*row) for row in zip(smooth.tolist(), ends, strict=True)]
    if chosen.batched:
        return Optimum(dict(zip(names, points.T, strict=True)), rates, smooth, ends, np.array(reasons))
    values = dict(zip(names, points[0].tolist(), strict=True))
    return Optimum(values, float(rates[0]), bool(smooth[0]), ends[0], reasons[0])


def _count(system: System, names: tuple[str, ...]) -> int:
    """How many systems there are; `ValueError` where the arrays are what is searched."""
    if not system.batched:
        return 1
    fixed = system.at(**dict.fromkeys(names, 1.0))
    if not fixed.batched:
        raise ValueError(
            f"hyper-parameters that are arrays must be others than {' and '.join(names)}, which are searched: give one "
            "number there, or another name in over"
        )
    return max(len(leaf) for leaf in jax.tree.leaves(fixed, is_leaf=is_data) if varies(leaf))


def _at_ends(names: tuple[str, ...], bounds: np.ndarray, points: np.ndarray) -> list[tuple[str, ...]]:
    """Which parameters stopped at the end of their span, for each of the points."""
    low, high = bounds.T
    near = np.minimum(points - low, high - points) <= 1e-9 * (high - low)
    return [tuple(name for name, ends in zip(names, row, strict=True) if ends) for row in near.tolist()]


def _reason(smooth: bool, ends: tuple[str, ...]) -> str:
    if ends:
        return f"{' and '.join(ends)} stopped at the end of the span"
    return "the derivative vanishes" if smooth else "two eigenvalues meet: the rate has a corner"


def _span(system: System, name: str, given: object) -> tuple[float, float]:
    parameter = system.declared([name])[name]
    span = np.asarray(parameter.convert(parameter.span if given is None else given))
    if span.shape != (2,) or not span[0] < span[1]:
        raise ValueError(f"the span of {name} must be (low, high) with low < high; {told(given)} was given")
    return float(span[0]), float(span[1])


def _along_two(system: System, names: tuple[str, ...], bounds: np.ndarray, count: int) -> tuple[np.ndarray, ...]:
    """The outer parameter by ever finer samples of the optimum along the inner one, of all systems in step."""
    low, high = bounds[1]
    rows = np.arange(count)
    lines = np.tile(np.linspace(low, high, 6 * _OUTER), (count, 1))
    while True:
        found = _optima(system, names, bounds[0], lines.ravel(), np.repeat(rows, lines.shape[1]))
        points, rates, matrices = (part.reshape(*lines.shape, *part.shape[1:]) for part in found)
        k = np.argmin(np.where(np.isnan(rates), np.inf, rates), axis=1)
        if np.max(lines[:, -1] - lines[:, 0]) <= 1e-11 * (high - low):
            return points[rows, k], rates[rows, k], matrices[rows, k]
        ends = lines[rows, np.maximum(k - 1, 0)], lines[rows, np.minimum(k + 1, lines.shape[1] - 1)]
        lines = np.linspace(*ends, _OUTER, axis=1)


def _optima(
    system: System, names: tuple[str, ...], bounds: np.ndarray, outers: np.ndarray, owner: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The optimum of the first parameter on m lines: of system `owner[i]` at the value `outers[i]` of the second.

    Points `(m, names)`, rates `(m,)`, matrices `(m, N, N)`.
    """
    leaves, structure = jax.tree.flatten(system, is_leaf=is_data)
    length = _FEW if len(outers) <= 8 * _FEW else _MANY
    parts = []
    for first in range(0, len(outers), length):
        lines = np.minimum(np.arange(first, first + length), len(outers) - 1)
        cut = [np.asarray(leaf, np.float64)[owner[lines]] if varies(leaf) else leaf for leaf in leaves]
        done = _inner(jax.tree.unflatten(structure, cut), names, bounds, outers[lines])
        parts.append([np.asarray(part)[: len(outers) - first] for part in done])
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


@functools.partial(answering, static=("names",))
def _inner(
    batch: System, names: tuple[str, ...], bounds: object, outers: Any
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The optimum of the first parameter on every line.

    The lowest of `_SCAN` samples, and then ever finer samples between the two where the derivative changes its sign:
    that works at a smooth minimum as well as at the corner where two eigenvalues meet.
    """
    low, high = jnp.asarray(bounds, jnp.float64)
    axes = jax.tree.map(lambda leaf: 0 if varies(leaf) else None, batch, is_leaf=is_data)
    outers = jnp.asarray(outers, jnp.float64)
    number = jax.ShapeDtypeStruct((), jnp.float64)
    # Traced once for one system: batched over samples and lines only then, it takes half of the time.
    sloped = once(functools.partial(_sloped, names), _one_of(batch), number, number)

    def look(ends: tuple[Any, ...], i: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The ends of the next, shorter line, and the best of the samples with its rate and matrix."""

        def of_one(system: System, outer: jax.Array, a: jax.Array, b: jax.Array) -> Any:
            line = a + (b - a) * np.linspace(0, 1, _SCAN)
            value, slope, matrix = jax.vmap(lambda x: sloped(system, x, outer))(line)
            k = jnp.argmin(jnp.where(jnp.isnan(value), jnp.inf, value))
            # Once the values differ by rounding only, the derivative alone knows where the minimum is.
            turns = (slope[:-1] < 0) & (slope[1:] >= 0) & ((i > 0) | (jnp.abs(np.arange(_SCAN - 1) - k + 0.5) < 1))
            turn, turned = jnp.argmax(turns), jnp.any(turns)
            left = jnp.where(turned, turn, jnp.maximum(k - 1, 0))
            right = jnp.where(turned, turn + 1, jnp.minimum(k + 1, _SCAN - 1))
            here = jnp.where(turned, jnp.where(value[left] < value[right], left, right), k)
            return (line[left], line[right]), (line[here], value[here], matrix[here])

        return jax.vmap(of_one, (axes, 0, 0, 0))(batch, outers, *ends)

    lines = (jnp.broadcast_to(low, outers.shape), jnp.broadcast_to(high, outers.shape))
    x, value, matrix = (part[-1] for part in jax.lax.scan(look, lines, np.arange(_PASSES))[1])
    return jnp.stack([x, outers], axis=1)[:, : len(names)], value, matrix


def _one_of(batch: System) -> System:
    """The shapes of one system of a batch."""
    shape = lambda leaf: jax.ShapeDtypeStruct(jnp.shape(leaf)[1:] if varies(leaf) else jnp.shape(leaf), leaf.dtype)
    return jax.tree.map(lambda node: jax.tree.map(shape, node), batch, is_leaf=is_data)


def _sloped(names: tuple[str, ...], system: System, x: jax.Array, outer: jax.Array) -> tuple[jax.Array, ...]:
    """The rate, its derivative along the first parameter, and the matrix."""

    def rate(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        matrix = at_rest(system.at(**dict(zip(names, (x, outer), strict=False))))
        return system.size(matrix), matrix

    return jax.jvp(rate, (x,), (jnp.ones_like(x),), has_aux=True)


def _smooth(system: System, matrices: np.ndarray) -> np.ndarray:
    """Whether the leading eigenvalue, or conjugate pair, is alone at the optimum, for each of the matrices."""
    spectra = np.linalg.eigvals(matrices)
    sizes = spectra.real if isinstance(system, Flow) else np.abs(spectra)
    largest = sizes.max(axis=1, keepdims=True)
    leading = sizes >= largest - 1e-6 * (1 + np.abs(largest))
    count, rows = leading.sum(axis=1), np.arange(len(spectra))
    first, last = leading.argmax(axis=1), leading.shape[1] - 1 - leading[:, ::-1].argmax(axis=1)
    one, other = spectra[rows, first], spectra[rows, last]
    pair = (count == 2) & (np.abs(one - np.conj(other)) < 1e-9) & (np.abs(one.imag) > 1e-5)
    alone = (count == 1) & (np.sum(np.abs(spectra - one[:, None]) < 1e-5, axis=1) == 1)
    return np.asarray(pair | alone)
