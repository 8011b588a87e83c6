"""The discriminator as a line over the data, and distances over the rounds."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from diracgan.dynamics.outcomes import as_states, as_target
from diracgan.dynamics.trajectories import SAVE_EVERY
from diracgan.games.fields import FieldLike, as_planar
from diracgan.games.inputs import as_text
from diracgan.games.parameters import Parameter
from diracgan.games.states import finite_state
from diracgan.plotting.canvas import as_axes, axes, palette

_SPAN = Parameter("span", "x", "half-width of the data axis", 2.0, open_low=True)
_RATE = Parameter("rate", "ρ", "predicted factor per round", 1.0, open_low=True)


def discriminator_line(x: ArrayLike, ax: Axes | None = None, field: FieldLike | None = None, span: float = 2.0) -> Axes:
    """D(x) = ψx over the data axis, with the data (a Dirac at 0) and the generated distribution (a Dirac at θ).

    Args:
        x: the state (θ, ψ).
        ax: where to draw; a new pyplot figure by default.
        field: a method; then arrows show where both players move: the generated point by θ̇, the line by x·ψ̇.
        span: half-width of the data axis.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> ax = plotting.discriminator_line((1.0, 0.5), Figure().add_subplot())
    >>> [round(float(y), 3) for y in ax.lines[0].get_ydata()]
    [-1.0, 1.0]
    """
    theta, psi = np.asarray(finite_state(x, 2, batch=False, name="the state"), np.float64).tolist()
    ax, span = as_axes(ax), _SPAN.number(span)
    velocity = np.zeros(2) if field is None else np.asarray(as_planar(field)((theta, psi)), np.float64)
    ax = axes(ax)
    p = palette(ax)
    ax.set(xlim=(-span, span), ylim=(-0.85 * span, 0.85 * span), xlabel="x")
    ax.set_ylabel("D(x) = ψx", labelpad=1)
    ends = np.array([-span, span])
    ax.plot(ends, psi * ends, color=p.start, linewidth=1.6, label="discriminator", zorder=2)
    ax.axhline(0, color=p.arrow, linewidth=0.6, zorder=0.5)
    # Both points have mass 1, so that both arrows are equally long; they may coincide.
    _arrow(ax, (0.0, 0.0), (0.0, 0.5 * span), p.psi, 3.6)
    _arrow(ax, (theta, 0.0), (theta, 0.5 * span), p.path, 1.6)
    left, above = psi >= 0, psi * theta < 0
    ax.text(0, 0.53 * span, "data ", color=p.psi, ha="right" if left else "left", va="bottom")
    side = "center" if abs(theta) > 0.5 * span else "left" if left != above else "right"
    place = (0.53 * span, "bottom") if above else (-0.16 * span, "top")
    ax.text(theta, place[0], " generated ", color=p.path, ha=side, va=place[1])
    # Two units of time along the present velocity: of the generated point, and of the line on the other side.
    if abs(velocity[0]) > 1e-12:
        _arrow(ax, (theta, -0.08 * span), (theta + 2 * velocity[0], -0.08 * span), p.path, 1.2)
    if abs(velocity[1]) > 1e-12:
        at = -0.5 * span if theta >= 0 else 0.5 * span
        _arrow(ax, (at, psi * at), (at, (psi + 2 * velocity[1]) * at), p.start, 1.2)
    return ax


def _arrow(ax: Axes, tail: tuple[float, float], head: tuple[float, float], colour: str, width: float) -> None:
    look = {"arrowstyle": "-|>,head_width=0.2,head_length=0.45", "color": colour, "linewidth": width, "shrinkA": 0}
    ax.annotate("", head, tail, arrowprops=look | {"shrinkB": 0, "mutation_scale": 14}, zorder=3)


def distance(
    path: ArrayLike,
    ax: Axes | None = None,
    target: ArrayLike | None = None,
    rate: float | None = None,
    save_every: int = 1,
    label: str | None = None,
) -> Axes:
    """The distance of a path to the equilibrium over the rounds, on a logarithmic axis.

    Args:
        path: shape `(rows, n)`, from `simulate`, or `(m, rows, n)` for several.
        ax: where to draw; a new pyplot figure by default.
        target: the equilibrium, shape `(n,)`; the origin by default.
        rate: the predicted factor per round (a spectral radius): the dashed line is |x₀|·rate^k.
        save_every: the thinning that the path was made with.
        label: for a legend.

    Distances that are 0, infinite or NaN are not drawn.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> m, algorithm = dg.method("r1"), dg.SimGD(h=0.2)
    >>> path = dg.simulate(m, algorithm)
    >>> ax = plotting.distance(path, Figure().add_subplot(), rate=dg.spectral_radius(m, algorithm))
    >>> ax.get_yscale()
    'log'
    """
    path, ax, label = as_states(path), as_axes(ax), None if label is None else as_text(label, "label")
    factor, target = None if rate is None else _RATE.number(rate), as_target(target, path.shape[-1])
    rounds = np.arange(path.shape[-2]) * SAVE_EVERY.convert(save_every)
    with np.errstate(all="ignore"):
        r = np.linalg.norm(path - target, axis=-1)
    r = np.atleast_2d(np.where(np.isfinite(r) & (r > 0), r, np.nan))
    ax = axes(ax)
    p = palette(ax)
    ax.set(yscale="log", xlabel="round k", ylabel="distance to the equilibrium")
    for i, line in enumerate(r):
        ax.plot(rounds, line, linewidth=1.2, label=label if i == 0 else None, color=p.path if len(r) == 1 else None)
    if factor is not None:
        with np.errstate(over="ignore", under="ignore"):
            predicted = r[0, 0] * np.power(factor, rounds.astype(float))
        predicted = np.where(np.isfinite(predicted) & (predicted > 0), predicted, np.nan)
        ax.plot(rounds, predicted, color=p.ink, linewidth=0.9, linestyle=(0, (5, 3)), label=f"{factor:.4g}ᵏ", zorder=3)
        ax.legend(loc="best")
    return ax
