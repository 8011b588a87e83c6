"""What the command line does with the explorer: write the page, open it, export one method."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from diracgan.explorer.compiler import export_js
from diracgan.explorer.page import cached_file, cached_page, page
from diracgan.files import directory, write_text
from diracgan.methods import Method


def write_page(out: str | None, opened: bool, fragment: str = "") -> int:
    """Write the page to `out`, or to the user's cache folder, and open it in the browser; no server is started.

    `fragment` is the state it opens with.
    """
    kept = cached_file()
    file = kept or directory(Path(out).parent if out else Path.cwd()) / (Path(out).name if out else "explorer.html")
    if kept is None:
        write_text(file, page(fragment))
    elif out:
        file = directory(Path(out).parent) / Path(out).name
        write_text(file, cached_page(fragment))
    print(file)
    if opened and not webbrowser.open(file.resolve().as_uri() + fragment):
        print("no browser was found: open this file yourself")
    return 0


def write_export(method: Method, out: str | None) -> int:
    """Write a method as a JavaScript module to `out`, or print it."""
    text = export_js(method)
    if out:
        directory(Path(out).parent)
        write_text(out, text)
        print(out)
    else:
        print(text, end="")
    return 0
