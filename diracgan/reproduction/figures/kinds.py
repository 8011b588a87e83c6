"""The kinds of figures: frozen descriptions, and how each is drawn."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import string
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import jax
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Page

from diracgan.algorithms import Algorithm
from diracgan.catalogue import entry, method
from diracgan.catalogue.methods import Method
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.spectrum import eigenvalues
from diracgan.dynamics.trajectories import simulate
from diracgan.dynamics.verdicts import verdict
from diracgan.plotting import (
    discriminator_line,
    eigenvalue_plane,
    equilibrium,
    palette,
    theme,
    trajectory,
    vector_field,
)


@dataclasses.dataclass(frozen=True, eq=False)
class Panel:
    """One phase portrait: a method at its published setting, an algorithm, and the path from `start`."""

    name: str
    published: str
    algorithm: Algorithm
    label: str
    start: tuple[float, float] = (1.0, 1.0)
    steps: int = 500
    box: float = 2.0

    @functools.cached_property
    def field(self) -> Method:
        """The method at the setting with which the paper draws it."""
        return method(self.name, **entry(self.name).published[self.published])

    @property
    def title(self) -> str:
        """The method and its hyper-parameters, such as "WGAN-GP, γ = 0.7, g₀ = 1"."""
        symbols = {parameter.name: parameter.symbol for parameter in self.field.entry.parameters}
        shown = entry(self.name).published[self.published]
        return ", ".join([self.published, *(f"{symbols[name]} = {value:g}" for name, value in shown.items())])

    @functools.cached_property
    def path(self) -> np.ndarray:
        """The iterates, shape `(steps + 1, 2)`, in float64; computed once for all figures that show the panel."""
        return np.asarray(in_float64(simulate)(self.field, self.algorithm, self.start, self.steps))

    @functools.cached_property
    def kind(self) -> str:
        """What linearisation says of the algorithm at the equilibrium."""
        return verdict(self.field, self.algorithm).kind

    def draw(self, ax: Axes) -> None:
        """The portrait on `ax`."""
        vector_field(self.field, ax, self.box)
        trajectory(self.path, ax)
        equilibrium(self.field, ax, self.algorithm, self.kind)


@dataclasses.dataclass(frozen=True, eq=False)
class Figure:
    """A figure of a paper: `name` is its file's stem, `caption` says what to see in it."""

    name: str
    title: str
    source: str
    caption: str

    @property
    def single(self) -> bool:
        """Whether the figure is one portrait that also appears on a sheet."""
        return False

    def draw(self, dark: bool = False) -> Page:
        """The figure as a `matplotlib.figure.Figure` of its own: no pyplot, no backend chosen, float64 throughout."""
        with settings(dark):
            return self.compose()

    def compose(self) -> Page:
        """The drawing itself, in the settings that `draw` has made."""
        raise NotImplementedError(f"{type(self).__name__} must define compose()")


@contextlib.contextmanager
def settings(dark: bool) -> Iterator[None]:
    """A figure is the same whatever the reader's own matplotlib settings are: the defaults, a theme, and float64."""
    with mpl.rc_context(), jax.enable_x64(True):
        mpl.rcdefaults()
        with theme("dark" if dark else "light"):
            yield


def page(
    rows: int, columns: int, width: float, height: float, head: float = 0.0, gap: float = 0.0
) -> tuple[Page, np.ndarray]:
    """A page of `rows` × `columns` Axes, each of `width` × `height` inches, and below a heading of `head` inches."""
    left, right, bottom, top = 0.55, 0.15, 0.42, 0.28
    across, down = columns * width + (columns - 1) * (0.18 + gap), rows * height + (rows - 1) * top * 1.25
    size = (left + across + right + gap, bottom + down + top + head)
    figure = Page(figsize=size)
    axes = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(
        left=left / size[0],
        right=(left + across) / size[0],
        bottom=bottom / size[1],
        top=(bottom + down) / size[1],
        wspace=(0.18 + gap) / width,
        hspace=top * 1.25 / height,
    )
    return figure, axes


@dataclasses.dataclass(frozen=True, eq=False)
class Portraits(Figure):
    """Phase portraits side by side; `titles` are the panels' own by default, and `heading` stands above them all."""

    panels: tuple[Panel, ...] = ()
    columns: int = 1
    heading: str = ""
    titles: tuple[str, ...] = ()

    @property
    def single(self) -> bool:
        """Whether there is one panel only."""
        return len(self.panels) == 1

    def compose(self) -> Page:
        """One Axes for each panel; axis labels on the left and below only."""
        with ThreadPoolExecutor(2) as pool:
            # Compiling leaves the interpreter free: two at a time take little more than half as long.
            list(pool.map(lambda panel: (panel.path, panel.kind), self.panels))
        side = 2.7 if self.single else 2.05
        figure, axes = page(math.ceil(len(self.panels) / self.columns), self.columns, side, side, 0.2)
        figure.suptitle(
            self.heading, x=0.55 / figure.get_figwidth(), y=1 - 0.08 / figure.get_figheight(), ha="left", fontsize=10
        )
        letters = [""] if self.single else [f"({letter}) " for letter in string.ascii_lowercase]
        titles = self.titles or [panel.title for panel in self.panels]
        for letter, title, panel, ax in zip(letters, titles, self.panels, axes.flat, strict=False):
            panel.draw(ax)
            ax.set_title(letter + title, loc="left", fontsize=9 if self.single else 8)
            ax.label_outer()
        return figure


@dataclasses.dataclass(frozen=True, eq=False)
class Mechanism(Figure):
    """The discriminator line and both Diracs, at the start and when the generator first reaches the data."""

    start: tuple[float, float] = (1.2, 0.3)

    def compose(self) -> Page:
        """The two instants side by side."""
        figure, axes = page(1, 2, 2.9, 2.3, gap=0.15)
        # θ² + ψ² is conserved by the flow of the GAN: when θ has come to 0, ψ is the whole radius.
        instants = (self.start, (0.0, math.hypot(*self.start)))
        titles = ("(a) on the way to the data: the slope grows", "(b) at the data: the slope is largest")
        for x, title, ax in zip(instants, titles, axes.flat, strict=True):
            discriminator_line(x, ax, method("gan"))
            ax.set_title(title, loc="left")
            ax.label_outer()
        return figure


@dataclasses.dataclass(frozen=True, eq=False)
class Locus(Figure):
    """The eigenvalues of the gradient penalty as γ grows from 0 to twice its critical value."""

    critical: float = 1.0

    def compose(self) -> Page:
        """The locus, the setting of the published portraits, and the values at which the published picture differs."""
        figure, axes = page(1, 1, 5.4, 2.9, gap=0.45)
        ax = eigenvalue_plane(method("r1"), over="gamma", span=(0.0, 2 * self.critical), ax=axes.flat[0])
        p = palette(ax)
        crit = r"$\gamma_\mathrm{crit}$"
        wrong = f"1.5 {crit}: the published picture\nends here, labelled 2 {crit}"
        for share, text, place in ((1.0, crit, (-0.7, 0.25)), (1.5, wrong, (-1.31, -0.3)), (2.0, f"2 {crit}", None)):
            mu = np.asarray(eigenvalues(method("r1", gamma=share * self.critical)))
            ax.plot(mu.real, mu.imag, "D", markersize=4.5, color=p.paper, markeredgecolor=p.ink, zorder=3)
            at, line = (mu.real.min(), 0.0), {"arrowstyle": "-", "color": p.ink, "linewidth": 0.5, "shrinkB": 3}
            ax.annotate(text, at, place or (at[0], 0.25), arrowprops=line, ha="center", va="center", fontsize=8)
        return figure
