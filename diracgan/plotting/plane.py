"""The phase plane: a field as arrows or streamlines, and what its domain excludes."""

from __future__ import annotations

import jax
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from diracgan.dynamics.compiling import answering
from diracgan.dynamics.trajectories import refuse
from diracgan.games.fields import FieldLike, VectorField, as_planar
from diracgan.games.inputs import as_box, as_choice
from diracgan.games.parameters import Parameter
from diracgan.games.recorded import recorded
from diracgan.games.states import placed
from diracgan.plotting.canvas import as_axes, palette, phase_plane, view

_ARROWS = Parameter("n", "n", "arrows along each side", 10, (2, 200), kind=int)
_POWER = Parameter("power", "p", "exponent of the speed in the length of an arrow", 0.5, (0.0, 1.0))


@answering
def evaluate(field: VectorField, points: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    """Velocities `(m, 2)` and kink scalars, each `(m,)`, at points `(m, 2)`."""
    # The field is an argument, not a closure: every setting of a method shares one compiled program.
    field = recorded(field, points)
    v, kinks = jax.vmap(lambda x: (field.velocity(x), field.kinks(x)))(points)
    if v.shape != points.shape:
        raise ValueError(f"a planar field must return shape (2,) at one state; shape {v.shape[1:]} was given")
    return v, kinks


def lattice(box: ArrayLike, n: int) -> np.ndarray:
    """n × n points that span the box, shape `(n, n, 2)`."""
    x0, x1, y0, y1 = as_box(box)
    return np.stack(np.meshgrid(np.linspace(x0, x1, n), np.linspace(y0, y1, n)), axis=-1)


def sample(field: VectorField, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Velocities on a grid `(n, n, 2)`, the kink scalars `(k, n, n)`, and which points lie in the field's domain.

    On the edge of the domain the velocity is the part that does not leave it.
    """
    refuse(field, grid)
    x, size = placed(grid.reshape(-1, 2)), field.generator_size
    v, kinks = evaluate(field, x)
    inside = np.all(np.asarray(field.domain.project(x, size)) == np.asarray(x), axis=-1).reshape(grid.shape[:2])
    side = np.reshape([np.asarray(kink) for kink in kinks], (len(kinks), *grid.shape[:2]))
    return np.asarray(field.domain.tangent(x, v, size), np.float64).reshape(grid.shape), side, inside


def vector_field(
    field: FieldLike,
    ax: Axes | None = None,
    box: ArrayLike = 2.0,
    n: int = 10,
    style: str = "arrows",
    power: float = 0.5,
) -> Axes:
    """The field as arrows at n × n points of the box, or as streamlines.

    An arrow points along v(x), is centred at x and has a length in proportion to |v(x)|^power; the longest just fits
    between its neighbours. On a kink, where the field has two values, and outside the field's domain, where no state
    can be, nothing is drawn.

    Args:
        field: a method, a `VectorField`, or a function of the state (of two entries).
        ax: where to draw; a new pyplot figure by default.
        box: where the arrows are: a half-width, or (θ₀, θ₁, ψ₀, ψ₁). The picture is one tenth wider and higher.
        n: arrows along each side, 2 to 200; for streamlines their density.
        style: "arrows" or "streamlines".
        power: from 0 (directions only) through 1/2 to 1 (lengths are speeds).

    Returns the Axes. `ValueError` or `TypeError` for another argument, and where instance noise has too few nodes for
    the box.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> ax = plotting.vector_field(dg.method("wgan-gp"), Figure().add_subplot(), n=8)
    >>> len(ax.collections[0].U)
    64
    """
    field, ax, box, n = as_planar(field), as_axes(ax), as_box(box), _ARROWS.convert(n)
    power, style = _POWER.number(power), as_choice(style, "style", ("arrows", "streamlines"))
    ax = phase_plane(ax, box)
    shade_outside(field, ax)
    if style == "arrows":
        _arrows(field, ax, lattice(box, n), power)
    else:
        _streamlines(field, ax, lattice(view(box), 121), n)
    return ax


def _arrows(field: VectorField, ax: Axes, grid: np.ndarray, power: float) -> None:
    v, kinks, inside = sample(field, grid)
    speed = np.hypot(v[..., 0], v[..., 1])
    drawn = inside & np.isfinite(speed) & (speed > 0) & np.all(np.abs(kinks) > 1e-6, axis=0)
    x, v, speed = grid[drawn], v[drawn], speed[drawn]
    arrow = v * speed[:, None] ** (power - 1)
    spacing = min(grid[0, 1, 0] - grid[0, 0, 0], grid[1, 0, 1] - grid[0, 0, 1])
    longest = np.max(speed**power, initial=np.finfo(float).tiny)
    ax.quiver(
        *x.T,
        *arrow.T,
        angles="xy",
        scale_units="xy",
        scale=longest / (0.95 * spacing),
        pivot="mid",
        units="xy",
        width=0.055 * spacing,
        headwidth=4.5,
        headlength=5,
        headaxislength=4.5,
        minlength=0.1,
        minshaft=1.5,
        color=palette(ax).arrow,
        zorder=1,
    )


def _streamlines(field: VectorField, ax: Axes, grid: np.ndarray, n: int) -> None:
    v, kinks, inside = sample(field, grid)
    hidden = ~inside | ~np.all(np.isfinite(v), axis=-1)
    for kink in kinks:
        # A line integrated across a jump would follow neither side: it ends beside it.
        for a, b in (((slice(None, -1),), (slice(1, None),)), ((..., slice(None, -1)), (..., slice(1, None)))):
            jump = kink[a] * kink[b] <= 0
            hidden[a] |= jump
            hidden[b] |= jump
    u, w = (np.ma.array(part, mask=hidden) for part in (v[..., 0], v[..., 1]))
    ax.streamplot(
        grid[0, :, 0],
        grid[:, 0, 1],
        u,
        w,
        density=n / 10,
        color=palette(ax).arrow,
        linewidth=0.7,
        arrowsize=0.7,
        zorder=1,
    )


def shade_outside(field: VectorField, ax: Axes) -> None:
    """Shade what the field's domain excludes, and draw its edges; nothing for a field on the whole plane."""
    if field.domain.bound is None:
        return
    bound, p = float(field.domain.bound), palette(ax)
    low, high = ax.get_ylim()
    for edge, far in ((bound, max(high, bound)), (-bound, min(low, -bound))):
        ax.axhspan(*sorted((edge, far)), color=p.shade, linewidth=0, zorder=0)
        ax.axhline(edge, color=p.ink, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1.5)
