"""The eigenvalue plane: where the spectrum lies, and how it moves with a hyper-parameter."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize

from diracgan.algorithms import Algorithm
from diracgan.catalogue.methods import Method
from diracgan.dynamics.spectrum import spectrum
from diracgan.dynamics.system import Map, System, system
from diracgan.games.fields import FieldLike
from diracgan.games.inputs import as_text, told
from diracgan.games.parameters import RATE, Parameter
from diracgan.plotting.canvas import as_axes, axes, palette, scale, shades

_VALUES = Parameter("n", "n", "values along the locus", 201, (2, 100_000), kind=int)


def eigenvalue_plane(
    field: FieldLike,
    algorithm: Algorithm | None = None,
    over: str | None = "gamma",
    span: object = None,
    ax: Axes | None = None,
    n: int = 201,
) -> Axes:
    """The spectrum at the equilibrium as points of the complex plane, and its locus over one hyper-parameter.

    For the flow (`algorithm` None) they are the eigenvalues of the Jacobian, and the stable half plane Re < 0 is
    shaded; for an algorithm the multipliers of one round, and the unit disc is shaded, its circle drawn.

    Args:
        field: a method (for a locus), a `VectorField`, or a function of the state.
        algorithm: for example `AltGD(h=0.2)`.
        over: a hyper-parameter of the method, or "h" for the algorithm's learning rates; None for the points alone.
        span: (lowest, highest) value; by default the span declared for the hyper-parameter.
        ax: where to draw; a new pyplot figure by default.
        n: the number of values along the locus.

    Returns the Axes. `ValueError` for an unknown hyper-parameter and at a kink, where there is no spectrum.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> ax = plotting.eigenvalue_plane(dg.method("r1"), dg.SimGD(h=0.2), ax=Figure().add_subplot())
    >>> ax.get_xlabel()
    'Re λ'
    """
    chosen, ax = system(field, algorithm), as_axes(ax)
    n, over = _VALUES.convert(n), None if over is None else as_text(over, "over")
    current = np.asarray(spectrum(chosen))
    locus = None
    if over is not None:
        declared, now = _declared(chosen, over)
        values = np.linspace(*_span(declared, span), n)
        locus = _locus(chosen, over, jnp.asarray(values))
    ax = axes(ax)
    _plane(ax, isinstance(chosen, Map), current if locus is None else np.vstack([locus, current[None]]))
    if locus is not None:
        _draw_locus(ax, locus, values, declared.symbol)
        label = f"{declared.symbol} = {now:g}"
    else:
        label = None
    p = palette(ax)
    ax.plot(
        current.real,
        current.imag,
        linestyle="none",
        marker="o",
        markersize=6.5,
        color=p.start,
        markeredgecolor=p.paper,
        markeredgewidth=0.8,
        zorder=4,
        label=label,
    )
    if label:
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), handletextpad=0.1, borderaxespad=0.1)
    return ax


def _declared(system: System, over: str) -> tuple[Parameter, float]:
    """The declaration and the present value of what the locus runs over."""
    field, algorithm = system.field, system.algorithm if isinstance(system, Map) else None
    if over == "h" and algorithm is not None and not algorithm.scheduled:
        if algorithm.rate is None:
            raise ValueError(f"a locus over h needs one learning rate; {algorithm!r} has two")
        return RATE, float(algorithm.rate)
    known, values = {}, {}
    if isinstance(field, Method):
        known, values = {p.name: p for p in field.entry.parameters if p.kind is float}, field.values
    if over not in known:
        names = [*known, *(["h"] if algorithm is not None else [])]
        raise ValueError(
            f"over must be a continuous hyper-parameter; {over!r} was given, and {field!r} has: "
            f"{', '.join(names) or 'none (write over=None)'}"
        )
    return known[over], float(values[over])


def _span(declared: Parameter, span: Any) -> tuple[float, float]:
    ends = np.asarray(declared.convert(declared.span if span is None else span))
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"span must be (lowest, highest) with lowest < highest; {told(span)} was given")
    return float(ends[0]), float(ends[1])


def _locus(system: System, over: str, values: jax.Array) -> np.ndarray:
    """The spectra along the values, shape `(n, N)`, each branch continuous."""
    along = jax.vmap(lambda value: spectrum(system.at(**{over: value})))
    return _branches(np.array(along(values)))


def _branches(spectra: np.ndarray) -> np.ndarray:
    """Rows reordered so that every column is a continuous curve: each eigenvalue goes on to the nearest one."""
    from scipy.optimize import linear_sum_assignment

    for before, row in itertools.pairwise(spectra):
        if np.isfinite(row).all() and np.isfinite(before).all():
            row[:] = row[linear_sum_assignment(np.abs(before[:, None] - row))[1]]
    return spectra


def _plane(ax: Axes, discrete: bool, points: np.ndarray) -> None:
    p = palette(ax)
    finite = points[np.isfinite(points)]
    extent = np.concatenate([finite.real, [-1, 1]] if discrete else [finite.real, [0]])
    height = max(float(np.max(np.abs(finite.imag), initial=0)), 1.0 if discrete else 1e-9)
    margin = 0.12 * max(float(np.ptp(extent)), height)
    low, high = float(extent.min()) - margin, float(extent.max()) + margin
    ax.set(xlim=(low, high), ylim=(-height - margin, height + margin), aspect="equal")
    if discrete:
        turn = np.exp(1j * np.linspace(0, 2 * np.pi, 361))
        ax.fill(turn.real, turn.imag, color=p.shade, linewidth=0, zorder=0)
        ax.plot(turn.real, turn.imag, color=p.ink, linewidth=0.8, zorder=1)
    else:
        ax.axvspan(low, 0, color=p.shade, linewidth=0, zorder=0)
        ax.axvline(0, color=p.ink, linewidth=0.8, zorder=1)
    ax.axhline(0, color=p.arrow, linewidth=0.5, zorder=0.5)
    symbol = "λ" if discrete else "μ"
    ax.set(xlabel=f"Re {symbol}", ylabel=f"Im {symbol}")


def _draw_locus(ax: Axes, locus: np.ndarray, values: np.ndarray, symbol: str) -> None:
    colours, norm = shades(ax), Normalize(values[0], values[-1])
    for branch in locus.T:
        points = np.column_stack([branch.real, branch.imag])
        segments: Any = np.stack([points[:-1], points[1:]], axis=1)
        lines = LineCollection(
            segments,
            cmap=colours,
            norm=norm,
            linewidth=2.4,
            capstyle="round",
            zorder=2,
        )
        lines.set_array((values[:-1] + values[1:]) / 2)
        ax.add_collection(lines, autolim=False)
    scale(ax, lines, symbol)
