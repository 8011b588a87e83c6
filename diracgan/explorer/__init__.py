"""The interactive page, compiled from the package's own JAX functions."""

from __future__ import annotations

import html
from os import PathLike
from pathlib import Path
from typing import Any

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.catalogue.methods import Method
from diracgan.games.fields import as_field
from diracgan.games.inputs import as_path, as_text, told
from diracgan.games.parameters import Parameter
from diracgan.storage.files import write_text

__all__ = ["Explorer", "explore"]

_HEIGHT = Parameter("height", "height", "height of the cell's output in pixels", 1000, (100, 20_000), kind=int)
# What a page of parts takes.
_LOW = 520


def as_address(src: object, name: str) -> str:
    """The address of a saved page, for views of it to be put behind its "#"; errors are those of `Explorer.embed`."""
    # A `Path` of a URL would lose one of its slashes.
    address = src if isinstance(src, str) and src else as_path(src, name).as_posix()
    if "#" in address:
        raise ValueError(
            f"{name} must be the address of a saved page without a fragment, such as 'explorer.html', since the view "
            f"is put behind its '#'; {told(src)} was given"
        )
    return address


class Explorer:
    """A live page inside a notebook; it needs no server and stays live when the notebook becomes HTML.

    `page` is its text, `height` that of the cell's output in pixels, and `fragment` the end of its address,
    "#m=r1&a=altgd&p.gamma=0.3": every page that was saved opens with the same view at that address. In JupyterLab the
    first output of a notebook carries the text, and the others take it from there.
    """

    def __init__(self, text: str, height: int, fragment: str):
        self._text, self.height, self.fragment = text, height, fragment

    @property
    def page(self) -> str:
        """The text of the page, opened at this view."""
        from diracgan.explorer.page import opened_at

        return opened_at(self._text, self.fragment)

    def _repr_html_(self) -> str:
        from diracgan.explorer.notebooks import source

        return self._frame(source(self._text, self.fragment))

    def embed(self, src: str | PathLike[str]) -> str:
        """The HTML of a frame that shows this view by a page that is saved elsewhere, once for many views.

        Args:
            src: the address of that page as the document refers to it: a path beside it, or a URL with no fragment
                of its own.

        The page of `save` holds the whole catalogue, so that one file serves every view of it; a method of your own is
        in the page that was saved after `dg.register`. The frame loads when it comes into sight. Raises `TypeError`
        for what is no text and no path, `ValueError` for an empty one and one with a "#".

        >>> dg.explore("r1", gamma=0.3, show="plane").embed("explorer.html").split('"')[1]
        'explorer.html#m=r1&amp;a=altgd&amp;p.gamma=0.3&amp;parts=plane'
        """
        address = as_address(src, "src")
        return self._frame(f'src="{html.escape(address + self.fragment)}" loading="lazy"')

    def _frame(self, source: str) -> str:
        from diracgan.explorer.links import title_of

        return (
            f'<iframe {source} title="{html.escape(title_of(self.fragment))}" '
            f'style="width: 100%; height: {self.height}px; border: 0" allow="clipboard-write"></iframe>'
        )

    def save(self, file: str | Path) -> Path:
        """Write the page to a file, which a browser opens without server or network; returns its path."""
        write_text(file, self.page)
        return Path(file)

    def __repr__(self) -> str:
        return 'Explorer(): shown in a notebook; elsewhere .save("explorer.html") writes it'


def explore(
    method: str | Method = "r1",
    algorithm: str | Algorithm = "altgd",
    start: Any = None,
    steps: int | None = None,
    height: int | None = None,
    show: str | tuple[str, ...] | None = None,
    controls: str | tuple[str, ...] | None = None,
    **values: Any,
) -> Explorer:
    """The interactive page in a notebook cell, opened at a method and an algorithm.

    Args:
        method: a name of `dg.methods()`, one of your own among them, or what `dg.method` makes of it.
        algorithm: "flow", the name of an algorithm such as "simgd", or an algorithm.
        start: (θ, ψ) of one trajectory.
        steps: how many steps it takes.
        height: of the cell's output, in pixels; None: 1000, or 520 with `show`.
        show: the parts of the page to show, in place of all of it: "plane" (the phase plane), "parameters" (the map
            over two of them), "spectrum", "verdict", "distance", "series", "discriminator", "attractor" (over the
            slider in hand), "steps" (the buttons that play them). What is moved in one of them moves in all.
        controls: the hyper-parameters whose sliders are shown beside them, such as ("gamma", "h").
        values: hyper-parameters of both, such as `gamma=0.3, h=0.2`.

    Raises `ValueError` for unknown names, values outside their bounds, what the page does not show (a state that is no
    plane, such as that with a bias; numbers beyond 1e6, more than 5000 steps or 64 inner updates; node counts and
    unrolled steps that are not compiled into it), unknown parts and controls, and a method of your own for which there
    is no JavaScript; `TypeError` for parts and controls that are no names.

    >>> page = dg.explore("r1", "altgd", gamma=0.3, show=("plane", "spectrum"), controls=("gamma", "h"))
    >>> page.height
    520
    """
    from diracgan.catalogue.registry import own
    from diracgan.explorer.kernels import compiled_method
    from diracgan.explorer.links import fragment_of, parts_of, said
    from diracgan.explorer.page import kept

    height = _HEIGHT.optional(height)
    if isinstance(algorithm, Algorithm):
        algorithm, given = said(as_algorithm(algorithm))
        values = {**given, **values}
    if isinstance(method, Method):
        as_field(method)
        values = {**method.values, **dict(method.settings), **values}
        method = method.name
    fragment = fragment_of(as_text(method, "method"), as_text(algorithm, "algorithm"), values, start, steps)
    fragment += parts_of(show, controls, method, algorithm)
    if method in own():
        compiled_method(method)
    return Explorer(kept()[0], height or (int(_HEIGHT.default) if show is None else _LOW), fragment)
