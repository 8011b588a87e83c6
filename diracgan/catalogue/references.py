"""The sources that the catalogue cites, as they stand in `references.bib` beside this file."""

from __future__ import annotations

import functools
import re
from pathlib import Path


@functools.cache
def records() -> dict[str, str]:
    """Every record of the bibliography, key → BibTeX."""
    blocks = Path(__file__).with_name("references.bib").read_text(encoding="utf-8").strip().split("\n\n")
    return {block[block.index("{") + 1 : block.index(",")]: block for block in blocks}


def bibtex(key: str) -> str:
    """The BibTeX record of one source."""
    return records()[key]


def value(key: str, name: str) -> str:
    """One field of a record, braces around the whole taken off: `value("metz2016", "eprint")`; "" where it has none."""
    found = re.search(rf"^\s*{name}\s*=\s*\{{(.*)\}},?$", records()[key], re.MULTILINE)
    return found[1] if found else ""


def title(key: str) -> str:
    """Title and year, for a reader."""
    return f"{value(key, 'title')} ({value(key, 'year')})"


def link(key: str) -> str:
    """Where a source is to be found: its DOI as an address; "" where it has none."""
    doi = value(key, "doi")
    return f"https://doi.org/{doi}" if doi else ""
