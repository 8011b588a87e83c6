"""Outputs of one notebook share one text of the page: the first carries it, the others take it from there.

A page in a frame offers its own text to the document around it, and a frame that carries none is replaced by it. An
output carries the page wherever this might not work: where the frontend does not say which cell is run (nbclient,
Colab), or not as JupyterLab does (VS Code), and in a cell that is run again, so that whatever has lost its page gets
one by running its cell.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping

from diracgan.explorer.page import asset, data, opened_at

# A cell as nbformat names it.
_CELL = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class Shown:
    """What this process has shown: by document and page, the run in which each cell last showed it."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], dict[str, str]] = {}

    def carries(self, page: str, request: Mapping[str, Mapping[str, str]] | None) -> bool:
        """Whether the output of a request to execute a cell carries the page, and note that it was shown.

        >>> shown = Shown()
        >>> def run(cell, n):
        ...     return {"header": {"session": "s", "msg_id": n}, "metadata": {"cellId": cell}}
        >>> [shown.carries("p", run(*one)) for one in (("a", 1), ("a", 1), ("b", 2), ("b", 3), ("a", 4), ("c", 5))]
        [True, False, False, True, True, False]
        """
        header, metadata = (request or {}).get("header", {}), (request or {}).get("metadata", {})
        session, run, cell = header.get("session"), header.get("msg_id"), metadata.get("cellId")
        if not (session and run and isinstance(cell, str) and _CELL.fullmatch(cell)):
            return True
        cells = self._runs.setdefault((session, page), {})
        before, first = cells.get(cell), not cells
        cells[cell] = run
        return first or before not in (None, run)


_SHOWN = Shown()


def request() -> Mapping[str, Mapping[str, str]] | None:
    """The request that this process is executing; None outside of a Jupyter kernel."""
    try:
        from IPython.core.getipython import get_ipython

        found = get_ipython().kernel.get_parent("shell")  # type: ignore[union-attr]
    except (ImportError, AttributeError):
        return None
    return found if isinstance(found, Mapping) else None


def source(text: str, fragment: str) -> str:
    """The attributes of a frame in a notebook that shows a page, `text`, with the view of `fragment`."""
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    if _SHOWN.carries(name, request()):
        inside = opened_at(text, fragment)
    else:
        inside = asset("borrowed.html").replace("{{page}}", data(name)).replace("{{start}}", data(fragment))
    return f'data-diracgan="{html.escape(name)}" srcdoc="{quoted(inside)}"'


def quoted(text: str) -> str:
    """Text in quotes: nothing else means anything there, and a page of tags would grow by a tenth."""
    return text.replace("&", "&amp;").replace('"', "&quot;")
