"""A built manual: everything it loads and links to is in its folder.

    python docs/building/checks.py docs/_build/html

prints what is missing, and exits with 1 where anything is. Links to other sites are left to the reader; nothing may be
*loaded* from one.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself, by the attribute that says from where.
_LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}


class _Page(HTMLParser):
    """The anchors of a page, what it loads and what it links to."""

    def __init__(self, text: str):
        super().__init__()
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        given = {key: value or "" for key, value in attrs}
        self.anchors |= {given[key] for key in ("id", "name") if key in given}
        if tag in _LOADED and _LOADED[tag] in given and given.get("rel") != "canonical":
            self.loaded.append(given[_LOADED[tag]])
        elif tag == "a" and "href" in given:
            self.linked.append(given["href"])


def missing(folder: Path) -> list[str]:
    """What the pages of a folder load or link to and is not there."""
    pages = {file.resolve(): _Page(file.read_text(encoding="utf-8")) for file in sorted(folder.rglob("*.html"))}
    explorer = {file for file in pages if file.name == "explorer.html"}
    found = []
    for file, page in pages.items():
        if file in explorer:
            continue
        name = file.relative_to(folder.resolve()).as_posix()
        found += [f"{name} loads {place} from elsewhere" for place in page.loaded if _elsewhere(place)]
        for place in (*page.loaded, *page.linked):
            if not _elsewhere(place) and not _there(file, place, pages, explorer):
                found.append(f"{name}: {place} is not there")
    return found


def _elsewhere(place: str) -> bool:
    """Whether an address leaves the folder; what is written into it, as `data:` is, does not."""
    parts = urlsplit(place)
    return bool(parts.netloc) or parts.scheme in ("http", "https", "mailto")


def _there(file: Path, place: str, pages: dict[Path, _Page], explorer: set[Path]) -> bool:
    parts = urlsplit(place)
    if parts.scheme:
        return True
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if target in explorer or not parts.fragment:
        return target.exists()
    return target in pages and unquote(parts.fragment) in pages[target].anchors


if __name__ == "__main__":
    problems = missing(Path(sys.argv[1]))
    print("\n".join(problems) or "everything is there")
    raise SystemExit(bool(problems))
