"""Figures and films as files, each written whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backend_bases import FigureCanvasBase
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.dynamics.system import system
from diracgan.games.fields import FieldLike
from diracgan.games.parameters import unknown
from diracgan.plotting import animate, phase_portrait
from diracgan.reproduction.figures.kinds import Figure, page, settings
from diracgan.reproduction.figures.published import FIGURES, PANELS
from diracgan.storage.files import directory as writable
from diracgan.storage.files import place, whole

_DPI = 150


def check_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """The file formats in lower case; `ValueError` that lists the possible ones when matplotlib cannot write one.

    >>> from diracgan.reproduction import figures
    >>> figures.check_formats("PNG")
    ('png',)
    """
    given = (formats,) if isinstance(formats, str) else tuple(formats)
    # PGF is written by LaTeX, and with no metadata.
    known = sorted(set(FigureCanvasBase.get_supported_filetypes()) - {"pgf"})
    wrong = [name for name in given if not isinstance(name, str) or name.lower() not in known]
    if wrong or not given:
        raise ValueError(f"formats must be among {', '.join(known)}; {', '.join(map(repr, wrong)) or 'none'} was given")
    return tuple(dict.fromkeys(name.lower() for name in given))


def render(
    figure: Figure | str, directory: str | Path, formats: Sequence[str] = ("png",), dark: bool = False
) -> list[Path]:
    """Draw a figure (or the one of that name in `FIGURES`) and write it to `directory`, one file per format.

    The files are called after the figure and appear, or replace older ones, together and only when all of them are
    complete. Returns their paths. `ValueError` for an unknown name or format before anything is drawn, `OSError` for
    a directory that cannot be written.
    """
    if isinstance(figure, str):
        if figure not in FIGURES:
            raise ValueError(unknown("figure", figure, FIGURES))
        figure = FIGURES[figure]
    kinds = check_formats(formats)
    target = writable(directory)
    drawn = figure.draw(dark)
    # Some sizes are looked up only while the file is written.
    with settings(dark):
        return save(drawn, [target / f"{figure.name}.{kind}" for kind in kinds])


def save(drawn: Any, files: list[Path]) -> list[Path]:
    """Write a drawn figure to files, all of them whole or none; the same figure gives the same bytes."""
    # The same figure gives the same bytes: no dates in the files, no random identifiers.
    undated = {"svg": {"Date": None}, "svgz": {"Date": None}, "pdf": {"CreationDate": None}}
    with contextlib.ExitStack() as stack:
        for file in files:
            partial = stack.enter_context(whole(file))
            kind = file.suffix[1:].lower()
            # Packing a line drawing harder takes longer and makes it no smaller.
            packed = {"pil_kwargs": {"compress_level": 1}} if kind == "png" else {}
            drawn.savefig(partial, format=kind, dpi=_DPI, metadata=undated.get(kind), **packed)
    return files


def save_portrait(
    file: str | Path,
    field: FieldLike,
    algorithm: Algorithm | None = None,
    start: ArrayLike = (1.0, 1.0),
    steps: int = 500,
    time: float = 100.0,
    box: ArrayLike = 2.0,
    dark: bool = False,
) -> Path:
    """A phase portrait as a file, its format told by the name's ending; arguments are those of `phase_portrait`."""
    path = place(file)
    check_formats(path.suffix[1:])
    with settings(dark):
        figure, axes = page(1, 1, 2.9, 2.9, head=0.15)
        ax = phase_portrait(field, algorithm, start, steps, box, axes.flat[0], time=time)
        ax.set_title(f"{field!r}\n{system(field, algorithm).rule}", loc="left", fontsize=7)
        return save(figure, [path])[0]


def films(directory: str | Path, save_every: int = 4) -> Iterator[tuple[str, Path]]:
    """Write a GIF of every method's training by AltGD (n_d = 1), and yield the name and path of each.

    One frame stands for `save_every` rounds.
    """
    target = writable(directory)
    for (model, key), panel in PANELS.items():
        if key == "altgd-1":
            name = f"film-{model}"
            with settings(dark=False):
                file = target / f"{name}.gif"
                yield name, animate(panel.field, panel.algorithm, panel.start, panel.steps, file, save_every=save_every)
