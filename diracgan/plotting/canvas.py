"""What every drawing shares: themes, colours, Axes, and the part of the plane that is shown."""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import Callable, Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from diracgan.games.inputs import as_box, as_choice, as_text, told

_BASE: dict[str, object] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "axes.grid": False,
    "axes.spines.top": True,
    "axes.spines.right": True,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "svg.hashsalt": "diracgan",
}


@dataclasses.dataclass(frozen=True)
class Palette:
    """The colours of one background: those of Okabe and Ito for what carries meaning, greys for the rest.

    Each is a colour that matplotlib knows: `ink` of text and axes, `paper` of the background, `arrow` of the field,
    `shade` of what is excluded, `path` and `start` of a run, `theta` and `psi` of the two nullclines.
    """

    ink: str
    paper: str
    arrow: str
    shade: str
    path: str
    start: str
    theta: str
    psi: str

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            colour = as_text(getattr(self, field.name), field.name)
            if not mpl.colors.is_color_like(colour):
                raise ValueError(
                    f"{field.name} must be a colour that matplotlib knows, such as '#0072B2'; {told(colour)} was given"
                )


LIGHT = Palette("#1a1a1a", "#ffffff", "#9a9a9a", "#e9e9e9", "#0072B2", "#D55E00", "#CC79A7", "#009E73")
DARK = Palette("#e6e6e6", "#14171a", "#70777e", "#262b30", "#56B4E9", "#E69F00", "#CC79A7", "#12b886")


@contextlib.contextmanager
def theme(name: str = "light") -> Iterator[None]:
    """Fonts, line widths and colours for print ("light") or for a dark page ("dark"), inside a `with` block.

    Matplotlib's settings are as they were after the block. The drawing functions take their colours from the
    background of the Axes they draw on, so that they also fit a theme of your own.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> with plotting.theme("dark"):
    ...     ax = plotting.vector_field(dg.method("gan"), Figure().add_subplot())
    >>> plotting.palette(ax) == plotting.DARK
    True
    """
    name = as_choice(name, "theme", ("light", "dark"))
    p = LIGHT if name == "light" else DARK
    ink = ("text.color", "axes.edgecolor", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color")
    paper = ("figure.facecolor", "axes.facecolor", "savefig.facecolor")
    labels = dict.fromkeys(("xtick.labelcolor", "ytick.labelcolor"), "inherit")
    settings: Any = _BASE | dict.fromkeys(ink, p.ink) | dict.fromkeys(paper, p.paper) | labels
    with mpl.rc_context(settings):
        yield


def palette(ax: Axes) -> Palette:
    """The colours that are legible on the background of `ax`.

    >>> from diracgan import plotting
    >>> from matplotlib.figure import Figure
    >>> plotting.palette(Figure().add_subplot()) == plotting.LIGHT
    True
    """
    as_axes(ax, optional=False)
    for background in (ax.get_facecolor(), ax.figure.get_facecolor()):
        red, green, blue, alpha = mpl.colors.to_rgba(background)
        if alpha > 0.5:
            return LIGHT if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else DARK
    return LIGHT


def shades(ax: Axes) -> ListedColormap:
    """Viridis without the end that fades into the background of `ax`."""
    low, high = (0.0, 0.88) if palette(ax) is LIGHT else (0.25, 1.0)
    return ListedColormap(mpl.colormaps["viridis"](np.linspace(low, high, 256)))


def scale(ax: Axes, coloured: ScalarMappable, label: str) -> None:
    """A colour bar as tall as `ax`, to its right; a label of one letter stands above it."""
    bar = ax.figure.colorbar(coloured, cax=axes(ax.inset_axes((1.03, 0.0, 0.035, 1.0))))
    bar.outline.set_linewidth(0.6)
    if len(label) == 1:
        bar.ax.set_title(label, style="italic")
    else:
        bar.set_label(label)


def as_axes(ax: object, optional: bool = True) -> Any:
    """`ax` itself, or None for a new figure; `TypeError` for anything else."""
    if not isinstance(ax, Axes) and not (optional and ax is None):
        raise TypeError(f"ax must be a matplotlib Axes{' or None' * optional}; {told(ax)} was given")
    return ax


def axes(ax: Axes | None) -> Axes:
    """`ax` itself, or that of a new pyplot figure; `TypeError` for anything else."""
    if as_axes(ax) is None:
        from matplotlib import pyplot

        ax = pyplot.figure(layout="constrained").add_subplot()
    assert ax is not None
    for axis in (ax.xaxis, ax.yaxis):
        # Ticks are made when they are first looked at and take their colour from the settings of that moment, which
        # may be after the `with theme(...)` block.
        axis.get_major_ticks(1)
    return ax


def png(draw: Callable[[Any, Axes], object], answer: object) -> bytes:
    """The picture of an answer that `draw(answer, ax)` makes, for a notebook's cell."""
    with theme("light"):
        figure = Figure(figsize=(5.6, 4.2), layout="constrained")
        draw(answer, figure.add_subplot())
        written = io.BytesIO()
        figure.savefig(written, format="png", dpi=100)
    return written.getvalue()


def view(box: ArrayLike) -> tuple[float, float, float, float]:
    """The limits of a picture of `box`: one twentieth more on each side, so that arrows on its edge are whole."""
    x0, x1, y0, y1 = as_box(box)
    margin = 0.05 * max(x1 - x0, y1 - y0)
    return x0 - margin, x1 + margin, y0 - margin, y1 + margin


def phase_plane(ax: Axes | None, box: ArrayLike) -> Axes:
    """Axes of the phase plane: θ to the right, ψ upwards, one unit as long on both, showing `box`."""
    x0, x1, y0, y1 = view(box)
    ax = axes(ax)
    ax.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal")
    ax.set_xlabel("θ", style="italic")
    ax.set_ylabel("ψ", style="italic", rotation=0, labelpad=6)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    return ax
