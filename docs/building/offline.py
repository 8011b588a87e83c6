"""What pages load beside themselves, from local copies: MathJax and the explorer."""

from __future__ import annotations

import importlib
import importlib.resources
from pathlib import Path

from diracgan.article import article
from diracgan.explorer.page import cached_page

from building.pages import keep

# The package of MathJax has a hyphen in its name.
_MATHJAX = importlib.import_module("sphinx-mathjax-offline")


def write(folder: Path) -> None:
    """Put `mathjax/tex-svg-full.js`, `explorer.html` and `article.html` into a folder of static files."""
    script = "tex-svg-full.js"
    mathjax = importlib.resources.files(_MATHJAX).joinpath("static", "mathjax", script)
    keep(folder / "mathjax" / script, mathjax.read_text(encoding="utf-8"))
    keep(folder / "explorer.html", cached_page())
    keep(folder / "article.html", article("explorer.html"))
