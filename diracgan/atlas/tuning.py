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
from diracgan.dynamics.system import Flow, System, system
from diracgan.games.fields import VectorField
from diracgan.games.inputs import as_text, told
from diracgan.games.parameters import unknown

# Samples along a line, passes over ever shorter ones, and lines that are searched at once.
_SCAN, _PASSES, _OUTER = 81, 8, 8


@dataclasses.dataclass(frozen=True)
class Optimum:
    """The best hyper-parameters: `values` by name, and the `rate` there.

    The rate is the spectral radius (algorithm) or the largest real part of an eigenvalue (flow). `smooth` is False
    where two eigenvalues meet at the optimum, so that the rate has a corner there and no gradient vanishes;
    `at_bound` names the parameters that stopped at the end of their span.
    """

    values: Mapping[str, float]
    rate: float
    smooth: bool
    at_bound: tuple[str, ...]
    reason: str


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

    >>> best = dg.optimal(dg.method("r1"), dg.SimGD(0.2), over="gamma")
    >>> round(best.values["gamma"], 9), round(best.rate, 9), best.smooth
    (1.0, 0.9, False)
    """
    chosen = system(method, algorithm)
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
    if len(names) == 1:
        point, best, matrix = (np.asarray(part)[0] for part in _inner(chosen, names, bounds[0], np.zeros(_OUTER)))
    else:
        point, best, matrix = _along_two(chosen, names, bounds)
    smooth = _smooth(chosen, matrix)
    ends = tuple(
        name for name, x, (a, b) in zip(names, point, bounds, strict=True) if min(x - a, b - x) <= 1e-9 * (b - a)
    )
    reason = "the derivative vanishes" if smooth else "two eigenvalues meet: the rate has a corner"
    if ends:
        reason = f"{' and '.join(ends)} stopped at the end of the span"
    return Optimum(dict(zip(names, map(float, point), strict=True)), float(best), smooth, ends, reason)


def _span(system: System, name: str, given: Any) -> tuple[float, float]:
    parameter = system.declared([name])[name]
    span = np.asarray(parameter.convert(parameter.span if given is None else given))
    if span.shape != (2,) or not span[0] < span[1]:
        raise ValueError(f"the span of {name} must be (low, high) with low < high; {told(given)} was given")
    return float(span[0]), float(span[1])


def _along_two(system: System, names: tuple[str, ...], bounds: np.ndarray) -> Any:
    """The outer parameter by ever finer samples of the optimum along the inner one."""
    low, high = bounds[1]
    line = np.linspace(low, high, 6 * _OUTER)
    while True:
        parts = [_inner(system, names, bounds[0], outers) for outers in line.reshape(-1, _OUTER)]
        points, rates, matrices = (np.concatenate(column) for column in zip(*parts, strict=True))
        k = int(np.nanargmin(rates))
        if line[-1] - line[0] <= 1e-11 * (high - low):
            return points[k], rates[k], matrices[k]
        line = np.linspace(line[max(k - 1, 0)], line[min(k + 1, len(line) - 1)], _OUTER)


@functools.partial(answering, static=("names",))
def _inner(system: System, names: tuple[str, ...], bounds: Any, outers: Any) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The optimum of the first parameter at each value of the second: points `(m, names)`, rates, matrices.

    The lowest of `_SCAN` samples, and then ever finer samples between the two where the derivative changes its sign:
    that works at a smooth minimum as well as at the corner where two eigenvalues meet.
    """
    low, high = jnp.asarray(bounds, jnp.float64)

    def best(outer: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        def sloped(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
            return jax.jvp(lambda y: _rate(system, names, y, outer), (x,), (jnp.ones_like(x),), has_aux=True)

        def look(i: Any, carry: tuple[Any, ...]) -> tuple[Any, ...]:
            a, b, *_ = carry
            line = a + (b - a) * np.linspace(0, 1, _SCAN)
            value, slope, matrix = jax.vmap(sloped)(line)
            k = jnp.argmin(jnp.where(jnp.isnan(value), jnp.inf, value))
            # Once the values differ by rounding only, the derivative alone knows where the minimum is.
            turns = (slope[:-1] < 0) & (slope[1:] >= 0) & ((i > 0) | (jnp.abs(np.arange(_SCAN - 1) - k + 0.5) < 1))
            turn, turned = jnp.argmax(turns), jnp.any(turns)
            left = jnp.where(turned, turn, jnp.maximum(k - 1, 0))
            right = jnp.where(turned, turn + 1, jnp.minimum(k + 1, _SCAN - 1))
            here = jnp.where(turned, jnp.where(value[left] < value[right], left, right), k)
            return line[left], line[right], line[here], value[here], matrix[here]

        found = jax.tree.map(jnp.zeros_like, jax.eval_shape(_rate, system, names, low, outer))
        start = (low, high, low, *found)
        _, _, x, value, matrix = jax.lax.fori_loop(0, _PASSES, look, start)
        return jnp.stack([x, outer])[: len(names)], value, matrix

    return jax.vmap(best)(jnp.asarray(outers, jnp.float64))


@functools.partial(jax.jit, static_argnames=("names",), inline=True)
def _rate(system: System, names: tuple[str, ...], x: jax.Array, outer: jax.Array) -> tuple[jax.Array, jax.Array]:
    values = dict(zip(names, (x, outer), strict=False))
    matrix = at_rest(system.at(**values))
    return system.size(matrix), matrix


def _smooth(system: System, matrix: np.ndarray) -> bool:
    """Whether the leading eigenvalue, or conjugate pair, is alone at the optimum."""
    spectrum = np.linalg.eigvals(matrix)
    size = spectrum.real if isinstance(system, Flow) else np.abs(spectrum)
    leading = spectrum[size >= size.max() - 1e-6 * (1 + abs(size.max()))]
    pair = len(leading) == 2 and abs(leading[0] - np.conj(leading[1])) < 1e-9 and abs(leading[0].imag) > 1e-5
    alone = len(leading) == 1 and int(np.sum(np.abs(spectrum - leading[0]) < 1e-5)) == 1
    return bool(pair or alone)
