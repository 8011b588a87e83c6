"""Closed orbits of planar flows: the fixed points of the return map to a ray."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from diracgan.atlas.pieces import Flow, Pieces
from diracgan.atlas.smooth import RELATIVE
from diracgan.games.fields import VectorField

_NEAR = 1e-5
_SAMPLES = 400
# So many returns come before Newton's method, all but the first to this accuracy.
_PLAIN, _ROUGH = 3, 1e-8


@dataclasses.dataclass(frozen=True)
class Closed:
    """A closed orbit: its time, ∫ r dt, ∫ r² dt, extreme radii, the determinant of the monodromy, points."""

    time: float
    first: float
    second: float
    least: float
    largest: float
    determinant: float
    points: np.ndarray


@dataclasses.dataclass(frozen=True)
class _Return:
    radius: float
    slope: float
    flow: Flow
    time: float
    pieces: Pieces


def _returned(field: VectorField, ray: np.ndarray, radius: float, rtol: float = RELATIVE) -> _Return:
    """The return map to the ray at one radius, with its derivative."""
    flow = Flow(field, np.asarray(field.equilibrium, np.float64) + radius * ray, rtol)
    time, pieces = flow.turn(ray)
    across, moved, v = np.array([-ray[1], ray[0]]), flow.y[2:6].reshape(2, 2) @ ray, flow.velocity(flow.x)
    landed = moved - v * (across @ moved) / (across @ v)
    return _Return(float(ray @ (flow.x - flow.centre)), float(ray @ landed), flow, time, pieces)


def closed_orbit(field: VectorField, x: np.ndarray) -> Closed:
    """The closed orbit on which the flow from `x` ends; `ValueError` that says what happens instead."""
    flow = Flow(field, x)
    offset, v = flow.x - flow.centre, flow.velocity(flow.x)
    if np.linalg.norm(v) <= 1e-14 * (1 + np.linalg.norm(flow.x)):
        raise ValueError(f"start must not be an equilibrium of the flow; at {flow.x.tolist()} its velocity is 0")
    # On a kink or a face the section would coincide with another event: the ray is that of a point further on.
    turn = math.atan2(offset[1], offset[0]) + math.copysign(0.4, offset[0] * v[1] - offset[1] * v[0])
    across = np.array([-math.sin(turn), math.cos(turn)])
    flow.until(across, 1 if across @ offset < 0 else -1)
    offset = flow.x - flow.centre
    radius = float(np.linalg.norm(offset))
    return _measured(_fixed(field, offset / radius, radius))


def _fixed(field: VectorField, ray: np.ndarray, radius: float) -> _Return:
    """The return map at its fixed point nearest to `radius` in the direction in which the orbit moves."""
    low, high, first = 0.0, math.inf, radius
    for k in range(100):
        if 0 < k < _PLAIN:
            radius = _returned(field, ray, radius, _ROUGH).radius
            continue
        found = _returned(field, ray, radius)
        gap = found.radius - radius
        if abs(gap) <= (1e-13 if abs(1 - found.slope) > 1e-3 else 1e-12) * radius or high - low <= 4e-16 * radius:
            return found
        if k < _PLAIN:
            # What attracts strongly is reached by returns alone, and Newton's method would jump over it from afar.
            radius = found.radius
            continue
        low, high = (max(low, radius), high) if gap > 0 else (low, min(high, radius))
        steps = radius + gap / (1 - found.slope) if found.slope < 1 else math.nan
        proposed = min(max(steps, radius / 3), 3 * radius) if math.isfinite(steps) else found.radius
        # Between a point that moves out and one that moves in lies the cycle: Newton's method must not leave them.
        bracketed = low > 0 and math.isfinite(high)
        radius = (low + high) / 2 if bracketed and not low < proposed < high else proposed
        if radius < _NEAR:
            raise ValueError(
                f"the orbit converges to the equilibrium {np.asarray(field.equilibrium).tolist()}: at every radius "
                f"tried between {first:.4g} and {_NEAR:g} a revolution ends nearer to it"
            )
    raise ValueError(
        f"the return map has no fixed point that Newton's method finds: it moves {gap:.2g} at {radius:.6g}"
    )


def _measured(found: _Return) -> Closed:
    flow, grid = found.flow, np.linspace(0, found.time, _SAMPLES, endpoint=False)
    points, extremes, begin = [], [], 0.0
    for time, curve in found.pieces:
        inside = grid[(grid >= begin) & (grid < begin + time)] - begin
        fine = np.linspace(0, time, _SAMPLES + 1)
        positions = curve(np.concatenate([fine, inside]))
        points.append(positions[len(fine) :])
        extremes.append(_extremes(np.linalg.norm(positions[: len(fine)] - flow.centre, axis=1)))
        begin += time
    least, largest = min(low for low, _ in extremes), max(high for _, high in extremes)
    first, second = flow.y[6:8].tolist()
    return Closed(float(found.time), first, second, least, largest, flow.determinant, np.concatenate(points))


def _extremes(radii: np.ndarray) -> tuple[float, float]:
    """The least and the largest value of a smooth function, by the parabola through three samples."""
    out = []
    for sign in (-1, 1):
        i = int(np.argmax(sign * radii))
        value = radii[i]
        if 0 < i < len(radii) - 1:
            a, b, c = radii[i - 1 : i + 2]
            if abs(a - 2 * b + c) > 0:
                value = b - (a - c) ** 2 / (8 * (a - 2 * b + c))
        out.append(float(value))
    return out[0], out[1]
