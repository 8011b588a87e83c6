"""Curves and contours in the phase plane: nullclines, and the discriminator's objective."""

from __future__ import annotations

from typing import Any

import contourpy
import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from diracgan.catalogue.methods import Method
from diracgan.dynamics.compiling import answering
from diracgan.dynamics.trajectories import refuse
from diracgan.games.fields import FieldLike, VectorField, as_planar
from diracgan.games.inputs import as_box
from diracgan.games.parameters import Parameter, cast
from diracgan.games.recorded import recorded
from diracgan.games.states import placed
from diracgan.plotting.canvas import as_axes, palette, phase_plane, scale, shades, view
from diracgan.plotting.plane import evaluate, lattice

_GRID = Parameter("n", "n", "grid points along each side", 200, (8, 2000), kind=int)


def nullclines(field: FieldLike, ax: Axes | None = None, box: ArrayLike = 2.0, n: int = 200) -> Axes:
    """The curves on which θ does not move (v_θ = 0) and those on which ψ does not (v_ψ = 0).

    Every vertex is a zero of that component to rounding: the contour of a grid of n × n points, polished by Newton's
    method. Where a component jumps through 0 at a kink there is no zero, and no curve is drawn.

    Arguments, return value and errors are those of `vector_field`; the curves are the Axes' lines, labelled "θ̇ = 0"
    and "ψ̇ = 0".

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> ax = plotting.nullclines(dg.method("r1"), Figure().add_subplot())
    >>> sorted({line.get_label()[-3:] for line in ax.lines})
    ['= 0']
    """
    field, ax, box, n = as_planar(field), as_axes(ax), as_box(box), _GRID.convert(n)
    ax = phase_plane(ax, box)
    grid = lattice(view(box), n)
    refuse(field, grid)
    v = np.asarray(evaluate(field, placed(grid.reshape(-1, 2)))[0]).reshape(grid.shape)
    cell = max(grid[0, 1, 0] - grid[0, 0, 0], grid[1, 0, 1] - grid[0, 0, 1])
    looks = (("θ̇ = 0", palette(ax).theta, "solid"), ("ψ̇ = 0", palette(ax).psi, (0, (5, 2))))
    for i, (label, colour, dashes) in enumerate(looks):
        contour = contourpy.contour_generator(grid[..., 0], grid[..., 1], np.ma.masked_invalid(v[..., i]))
        gap = np.full((1, 2), np.nan)
        curves = np.concatenate([part for line in contour.lines(0.0) for part in (line, gap)] or [gap])
        ax.plot(
            *_polish(field, i, curves, cell).T, color=colour, linestyle=dashes, linewidth=1.2, label=label, zorder=2
        )
    return ax


def _polish(field: VectorField, i: int, line: np.ndarray, cell: float) -> np.ndarray:
    """Vertices moved onto v_i = 0; NaN for those with no zero within one cell, and outside the field's domain."""
    x = line
    with np.errstate(all="ignore"):
        for _ in range(6):
            value, slope = _component(field, i, x)
            x = x - slope * (value / np.maximum(np.sum(slope**2, axis=1), np.finfo(float).tiny))[:, None]
        value, slope = _component(field, i, x)
        rounding = np.sqrt(jnp.finfo(placed(x).dtype).eps) * cell * np.maximum(np.hypot(*slope.T), 1)
        zero = (np.abs(value) <= rounding) & (np.hypot(*(x - line).T) <= cell)
    at = placed(x)
    inside = np.all(np.asarray(field.domain.project(at, field.generator_size)) == np.asarray(at), axis=1)
    return np.where((zero & inside)[:, None], x, np.nan)


def _component(field: VectorField, i: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """v_i and its gradient at vertices `(m, 2)`."""
    # Lengths are rounded up, so that curves of a hundred different lengths share a few compiled programs.
    padded = placed(np.concatenate([x, np.repeat(x[-1:], -len(x) % 512, axis=0)]))
    value, slope = evaluate(field, padded)[0], _slopes(field, padded)
    return np.asarray(value, np.float64)[: len(x), i], np.asarray(slope, np.float64)[: len(x), i]


@answering
def _slopes(field: VectorField, points: jax.Array) -> jax.Array:
    return jax.vmap(jax.jacfwd(recorded(field, points).velocity))(points)


def loss_surface(field: FieldLike, ax: Axes | None = None, box: ArrayLike = 2.0, n: int = 200) -> Axes:
    """Contours of the objective L_D(θ, ψ) that the discriminator climbs, penalties included.

    The method's field must be a `DiracGAN`: a field transform such as consensus optimisation, or a plain function, has
    velocities but no objective, and raises `ValueError`. `n` values along each side are computed. Other arguments and
    errors: those of `vector_field`.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> ax = plotting.loss_surface(dg.method("r1"), Figure().add_subplot())
    """
    method, ax, box, n = as_planar(field), as_axes(ax), as_box(box), _GRID.convert(n)
    if not hasattr(_game(method), "discriminator_objective"):
        raise ValueError(
            f"{field!r} has no discriminator objective to draw: its field is not a DiracGAN but is made from other "
            "fields or functions; draw the game it is made from, or vector_field instead"
        )
    ax = phase_plane(ax, box)
    grid = lattice(view(box), n)
    refuse(method, grid)
    height = np.asarray(_objective(method, placed(grid.reshape(-1, 2)))).reshape(n, n)
    filled = ax.contourf(grid[..., 0], grid[..., 1], np.ma.masked_invalid(height), levels=16, cmap=shades(ax), zorder=0)
    scale(ax, filled, "discriminator objective")
    return ax


def _game(method: VectorField) -> Any:
    # A transform has an inner field too, but its objective is not what the players of the transform follow.
    return method.field if isinstance(method, Method) else method


@answering
def _objective(method: VectorField, points: jax.Array) -> jax.Array:
    game = _game(cast(method, points.dtype))
    return jax.vmap(game.discriminator_objective)(points)
