"""The chapters of the course as they were executed, with a live figure where a cell asks for one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from building import live
from building.words import paragraphs

_NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def chapters() -> list[Path]:
    """The executed notebooks, in their order."""
    return sorted(_NOTEBOOKS.glob("[0-9]*.ipynb"))


def pages() -> dict[str, str]:
    """Every chapter by its name without an ending, as the text of a notebook; the index is Markdown."""
    return {path.stem: notebook(path) for path in chapters()}


def index() -> str:
    """The list of chapters."""
    links = "\n".join(path.stem for path in chapters())
    return paragraphs(
        [
            "# Course",
            "Each chapter is a notebook that can be read by itself: a claim, a live figure, the theorem with its "
            "proof, the check by automatic differentiation, one surprise, exercises with hidden solutions. The "
            "numbers in the text are asserted in the cells. To run them, open `notebooks/` of a checkout in Jupyter.",
            f"```{{toctree}}\n:maxdepth: 1\n\n{links}\n```",
        ]
    )


def notebook(path: Path) -> str:
    """A notebook in which the cells that show the explorer have its page as their output."""
    book = json.loads(path.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        view = cell["metadata"].get("diracgan")
        if view is not None:
            cell["outputs"] = [_shown(view)]
    return json.dumps(book, ensure_ascii=False, indent=1)


def _shown(view: dict[str, Any]) -> dict[str, Any]:
    frame = live.frame(view["fragment"], 1)
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": [frame]}}


def title(path: Path) -> str:
    """The first heading of a chapter."""
    book = json.loads(path.read_text(encoding="utf-8"))
    text = "".join("".join(cell["source"]) + "\n" for cell in book["cells"] if cell["cell_type"] == "markdown")
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else path.stem
