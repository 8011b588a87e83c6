"""Everything that the manual derives, written where Sphinx looks for it; what has not changed is left alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import diracgan as dg
from diracgan.algorithms import ALGORITHMS
from diracgan.storage.files import write_text

from building import algorithms, course, errata, methods, performance, portraits, reference, stability, symbols
from building.kept import fingerprint


def write(docs: Path) -> None:
    """Write the pages below `docs`."""
    _written(docs, "api", ".md", reference.pages())
    _written(docs, "course", ".ipynb", course.pages())
    _written(docs, "course", ".md", {"index": course.index()}, sweep=False)
    parts = docs / "_generated" / "parts"
    keep(parts / "symbols.md", symbols.listed() + "\n")
    keep(parts / "performance.md", performance.listed())
    _written(docs, "methods", ".md", methods.pages())
    _written(docs, "algorithms", ".md", algorithms.pages())
    keep(docs / "errata.md", errata.page())
    draw(docs / "_generated" / "static" / "portraits", dg.methods(), ALGORITHMS)


def draw(folder: Path, names: Iterable[str], rules: Iterable[str]) -> None:
    """The still portraits: of methods under AltGD, of algorithms on the minimax GAN."""
    mark = folder / "drawn"
    if mark.exists() and mark.read_text(encoding="utf-8") == fingerprint():
        return
    for name in names:
        portraits.draw(name, "altgd", stability.under("altgd")[name].kind, folder / name)
    for name in rules:
        kind = stability.under(name)[algorithms.SHOWN].kind
        portraits.draw(algorithms.SHOWN, name, kind, folder / f"algorithm-{name}")
    keep(mark, fingerprint())


def _written(docs: Path, folder: str, ending: str, pages: dict[str, str], sweep: bool = True) -> None:
    """Write the pages of a folder, and remove those that are no longer among them."""
    place = docs / folder
    for name, text in pages.items():
        keep(place / f"{name}{ending}", text)
    for file in place.glob(f"*{ending}") if sweep else ():
        if file.stem not in pages:
            file.unlink()


def keep(file: Path, text: str) -> None:
    """Write a file unless it says the same already: Sphinx reads again what is newer than its last build."""
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        write_text(file, text)
