"""The hyper-parameters of the fastest local convergence."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.dynamics.configuration import configured, tunable
from diracgan.dynamics.spectrum import eigenvalues, growth, update_jacobian
from diracgan.games.fields import VectorField, as_field
from diracgan.games.inputs import as_text, told
from diracgan.games.parameters import unknown

_SCAN = 201


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

    Along one parameter the derivative of the rate, by autodiff, is bracketed where it changes its sign and bisected,
    which works at a smooth minimum as well as at the corner where two eigenvalues meet; for two parameters the outer
    one is searched by golden sections over the inner optimum. The minimum is the lowest of those that a scan of 201
    values brackets.

    >>> best = dg.optimal(dg.method("r1"), dg.SimGD(0.2), over="gamma")
    >>> round(best.values["gamma"], 9), round(best.rate, 9), best.smooth
    (1.0, 0.9, False)
    """
    method, algorithm = as_field(method), as_algorithm(algorithm, flow=True)
    if not isinstance(over, (str, list, tuple)):
        raise TypeError(f"over must be a name or two, such as ('gamma', 'h'); {told(over)} was given")
    names = (over,) if isinstance(over, str) else tuple(as_text(name, "a name in over") for name in over)
    if spans is not None and not isinstance(spans, Mapping):
        raise TypeError(f"spans must be ranges by name, such as {{'h': (0.1, 2.0)}}; {told(spans)} was given")
    for name in spans or ():
        if name not in names:
            raise ValueError(unknown("parameter", name, names, "to be chosen "))
    if algorithm is None:
        names = tuple(name for name in names if name != "h") if not isinstance(over, str) else names
    if len(names) not in (1, 2):
        raise ValueError(f"over must name one or two parameters; {over!r} was given")
    bounds = [_span(method, algorithm, name, (spans or {}).get(name)) for name in names]
    with jax.enable_x64(True):
        rate = jax.jit(_rate(method, algorithm, names))
        slope = jax.jit(jax.grad(_rate(method, algorithm, names)))
        scan = jax.jit(jax.vmap(_rate(method, algorithm, names)))
        point = _along_one(slope, scan, bounds) if len(names) == 1 else _along_two(rate, slope, scan, bounds)
        best, smooth = float(rate(jnp.asarray(point))), _smooth(method, algorithm, names, point)
    ends = tuple(
        name for name, x, (a, b) in zip(names, point, bounds, strict=True) if min(x - a, b - x) <= 1e-9 * (b - a)
    )
    reason = "the derivative vanishes" if smooth else "two eigenvalues meet: the rate has a corner"
    if ends:
        reason = f"{' and '.join(ends)} stopped at the end of the span"
    return Optimum(dict(zip(names, map(float, point), strict=True)), best, smooth, ends, reason)


def _span(method: VectorField, algorithm: Algorithm | None, name: str, given: Any) -> tuple[float, float]:
    parameter = tunable(method, algorithm, [name])[name]
    span = np.asarray(parameter.convert(parameter.span if given is None else given))
    if span.shape != (2,) or not span[0] < span[1]:
        raise ValueError(f"the span of {name} must be (low, high) with low < high; {told(given)} was given")
    return float(span[0]), float(span[1])


def _rate(method: VectorField, algorithm: Algorithm | None, names: tuple[str, ...]) -> Callable[[jax.Array], jax.Array]:
    def rate(point: jax.Array) -> jax.Array:
        values = {name: point[i] for i, name in enumerate(names)}
        if algorithm is None:
            return jnp.max(eigenvalues(configured(method, None, values)[0]).real)
        return growth(update_jacobian(*configured(method, algorithm, values)))

    return rate


def _along_one(slope: Any, scan: Any, bounds: list[tuple[float, float]]) -> np.ndarray:
    return np.array([_best_on_line(lambda x: jnp.array([x]), slope, scan, *bounds[0])])


def _along_two(rate: Any, slope: Any, scan: Any, bounds: list[tuple[float, float]]) -> np.ndarray:
    from scipy.optimize import minimize_scalar

    def inner(outer: float) -> float:
        return _best_on_line(lambda x: jnp.array([x, outer]), slope, scan, *bounds[0])

    def best(outer: float) -> float:
        return float(rate(jnp.array([inner(outer), outer])))

    line = np.linspace(*bounds[1], 41)
    values = np.array([best(x) for x in line])
    k = int(np.argmin(values))
    low, high = line[max(k - 1, 0)], line[min(k + 1, len(line) - 1)]
    found = minimize_scalar(best, bounds=(low, high), method="bounded", options={"xatol": 1e-13})
    outer = float(found.x) if found.fun < values[k] else float(line[k])
    return np.array([inner(outer), outer])


def _best_on_line(place: Any, slope: Any, scan: Any, low: float, high: float) -> float:
    """The minimiser on a line: the lowest sample, then a bisection on the sign of the derivative beside it."""
    line = np.linspace(low, high, _SCAN)
    values = np.asarray(scan(jax.vmap(place)(jnp.asarray(line))))
    k = int(np.nanargmin(values))
    a, b = line[max(k - 1, 0)], line[min(k + 1, _SCAN - 1)]
    down = lambda x: float(slope(place(x))[0]) < 0
    if not down(a) or down(b):
        return float(line[k])
    for _ in range(100):
        middle = (a + b) / 2
        a, b = (middle, b) if down(middle) else (a, middle)
    return float((a + b) / 2)


def _smooth(method: VectorField, algorithm: Algorithm | None, names: tuple[str, ...], point: np.ndarray) -> bool:
    """Whether the leading eigenvalue, or conjugate pair, is alone at the optimum."""
    values = dict(zip(names, map(float, point), strict=True))
    if algorithm is None:
        spectrum = np.asarray(eigenvalues(configured(method, None, values)[0]))
        size = spectrum.real
    else:
        spectrum = np.linalg.eigvals(np.asarray(update_jacobian(*configured(method, algorithm, values))))
        size = np.abs(spectrum)
    leading = spectrum[size >= size.max() - 1e-6 * (1 + abs(size.max()))]
    pair = len(leading) == 2 and abs(leading[0] - np.conj(leading[1])) < 1e-9 and abs(leading[0].imag) > 1e-5
    alone = len(leading) == 1 and int(np.sum(np.abs(spectrum - leading[0]) < 1e-5)) == 1
    return bool(pair or alone)
