"""The explorer inside a page: one file in `_static`, opened at an address that says all of its state."""

from __future__ import annotations

import html
from typing import Any

from diracgan.explorer.links import fragment_of, parts_of

PAGE = "_static/explorer.html"


def address(
    method: str, algorithm: str, show: Any = None, controls: Any = None, start: Any = None, **values: Any
) -> str:
    """The address of a view, "#m=…"; arguments and errors are those of `dg.explore`."""
    return fragment_of(method, algorithm, values, start) + parts_of(show, controls, method, algorithm)


def frame(fragment: str, title: str, height: int, depth: int) -> str:
    """The element that shows a view, in a page `depth` folders below the first; loaded when it comes into sight."""
    source = html.escape("../" * depth + PAGE + fragment)
    name = html.escape(title)
    return (
        f'<iframe class="live" src="{source}" title="{name}" loading="lazy" allow="clipboard-write" '
        f'style="height: {height}px"></iframe>'
    )
