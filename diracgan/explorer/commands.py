"""What the command line does with the explorer: write the page, open it, export one method."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

from diracgan.catalogue.methods import Method
from diracgan.explorer.compiler import export_js
from diracgan.explorer.page import kept, opened_at
from diracgan.storage.files import is_output, place, write_text


def write_page(out: str | None, shown: bool, fragment: str = "") -> int:
    """Write the page to `out`, or to the user's cache folder, and open it in the browser; no server is started.

    `fragment` is the state it opens with. Where the page is not kept in the cache folder, it is written to
    explorer.html in the working directory.
    """
    target = None if out is None else place(out)
    text, file = kept()
    if target is not None or file is None:
        file = target or Path("explorer.html")
        write_text(file, opened_at(text, fragment))
    return opened(file, shown, fragment)


def opened(file: Path, shown: bool, fragment: str = "") -> int:
    """Say where a page was written, and open it in the browser if it is to be shown."""
    said = sys.stderr if is_output(file) else sys.stdout
    print(file, file=said)
    if shown and file.is_file() and not webbrowser.open(file.resolve().as_uri() + fragment):
        print("no browser was found: open this file yourself", file=said)
    return 0


def write_export(method: Method, out: str | None) -> int:
    """Write a method as a JavaScript module to `out`, or print it."""
    target = None if out is None else place(out)
    text = export_js(method)
    if target is None:
        print(text, end="")
        return 0
    write_text(target, text)
    print(target, file=sys.stderr if is_output(target) else sys.stdout)
    return 0
