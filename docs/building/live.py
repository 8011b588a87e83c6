"""The explorer inside a page: one file in `_static`, opened at an address that says all of its state."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qsl

from diracgan.explorer.links import fragment_of, parts_of, title_of

PAGE = "_static/explorer.html"


def address(
    method: str, algorithm: str, show: Any = None, controls: Any = None, start: Any = None, **values: Any
) -> str:
    """The address of a view, "#m=…"; arguments and errors are those of `dg.explore`."""
    return fragment_of(method, algorithm, values, start) + parts_of(show, controls, method, algorithm)


# What the parts need below each other in a page as wide as the manual's, measured in a browser, in pixels: by their
# number, and less where two stand beside each other.
_HEIGHTS, _BESIDE = {1: 560, 2: 750, 3: 940}, {frozenset(("plane", "spectrum")): 580}
_MOST = 1190


def height(fragment: str) -> int:
    """How high a view is on a screen that is no phone's; there the style sheet adds to it."""
    named = dict(parse_qsl(fragment.removeprefix("#"))).get("parts")
    if named is None:
        return _MOST
    parts = frozenset(named.split(","))
    return _BESIDE.get(parts) or _HEIGHTS.get(len(parts), _MOST)


def frame(fragment: str, depth: int) -> str:
    """The element that shows a view, in a page `depth` folders below the first; loaded when it comes into sight."""
    source = html.escape("../" * depth + PAGE + fragment)
    name = html.escape(title_of(fragment))
    return (
        f'<iframe class="live" src="{source}" title="{name}" loading="lazy" allow="clipboard-write" '
        f'style="--height: {height(fragment)}px"></iframe>'
    )
