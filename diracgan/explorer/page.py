"""The page itself: one HTML file that asks the network for nothing."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import html
import importlib.resources
import json
import re
from pathlib import Path

from diracgan.storage.cache import cache_folder
from diracgan.storage.files import write_text

# What the page and its worker both run, and what belongs to the page alone; each builds on those before it.
_SHARED = (
    "spectra.js",
    "numerics.js",
    "flow.js",
    "engine.js",
    "state.js",
    "verdict.js",
    "contours.js",
    "edges.js",
    "atlas.js",
    "stability.js",
    "paths.js",
    "attractor.js",
    "basin.js",
    "closed.js",
    "limits.js",
    "attractors.js",
    "saddles.js",
    "diagram.js",
    "work.js",
)
_SCRIPTS = (
    "presets.js",
    "library.js",
    "models.js",
    "clock.js",
    "portrait.js",
    "film.js",
    "controls.js",
    "maths.js",
    "about.js",
    "score.js",
    "times.js",
    "fates.js",
    "structures.js",
    "views.js",
    "card.js",
    "describe.js",
    "notices.js",
    "player.js",
    "undo.js",
    "examples.js",
    "stories.js",
    "lecture.js",
    "pictures.js",
    "plane.js",
    "strip.js",
    "parts.js",
    "python.js",
    "handles.js",
    "recording.js",
    "arrangement.js",
    "menus.js",
    "offer.js",
    "keys.js",
    "showing.js",
    "looking.js",
    "main.js",
)


_STYLES = ("style.css", "arrangement.css", "lecture.css", "parts.css")


def asset(name: str) -> str:
    """The text of a file that belongs to the page."""
    return importlib.resources.files("diracgan.explorer").joinpath("assets", name).read_text(encoding="utf-8")


def script(text: str, attributes: str = "") -> str:
    """A script that cannot end its own element, whatever it calls it."""
    harmless = re.sub("<(?=/script|!--)", lambda _: "<" + chr(92), text, flags=re.IGNORECASE)
    return f"<script{attributes}>\n{harmless}\n</script>"


def data(value: object) -> str:
    """JSON in which nothing ends a script or begins a comment in it: titles and names may be anybody's."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("<(?=/?script|!--)", lambda _: "\\u003c", text, flags=re.IGNORECASE)


def _library() -> str:
    """Bokeh for the browser, packed to a third of its size, below its licence; `library.js` unpacks it."""
    from bokeh.resources import Resources

    text = "\n".join(Resources(mode="inline", components=["bokeh"]).js_raw)
    licence = re.search(r"/\*!.*?\*/", text, re.DOTALL)
    packed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    return f'{script(licence[0] if licence else "")}\n<script type="text/plain" id="library">{packed}</script>'


def page() -> str:
    """The whole HTML; it opens with the state that its address says, or that `opened_at` has written into it."""
    from diracgan import __version__
    from diracgan.explorer import figures, kernels, links, maps, maths, plots, rules, stories

    fields, algorithms = kernels.compiled_methods(), kernels.compiled_algorithms()
    body = asset("page.html").replace("{{version}}", html.escape(__version__))
    constants = "\n".join(
        [
            f"const INFO = {data(kernels.described(fields, algorithms))};",
            f"const DOCUMENT = {data(plots.document())};",
            f"const COLOURS = {data(figures.COLOURS)};",
            f"const LIMITS = {data(links.LIMITS)};",
            f"const MATHS = {data(maths.formulas(fields))};",
            f"const SYMBOLS = {data(maths.SYMBOLS)};",
            f"const STORIES = {data(stories.described())};",
            f"const FATES = {data(maps.FATES)};",
            f"const PARTS = {data(list(links.PARTS))};",
            f"const TIMES = {data(maps.scale())};",
            f"const CYCLES = {data(rules.CYCLES)};",
            f'{_MARK}"";',
            f"const RULES = {rules.rules()};",
            f"const KERNELS = {kernels.library(fields, algorithms)};",
        ]
    )
    shared = [script(text, " data-shared") for text in (constants, *map(asset, _SHARED))]
    scripts = [_library(), *shared, *map(script, map(asset, _SCRIPTS))]
    return body.replace("{{style}}", "".join(map(asset, _STYLES))).replace("{{scripts}}", "\n".join(scripts))


def _fingerprint() -> str:
    """What the page depends on: the package's files, the methods, the versions of JAX and Bokeh."""
    import bokeh
    import jax

    from diracgan.catalogue import methods

    digest = hashlib.sha256(f"{jax.__version__} {bokeh.__version__}".encode())
    digest.update(repr(methods()).encode())
    for file in sorted(Path(__file__).parent.parent.rglob("*")):
        if file.suffix in (".py", ".js", ".css", ".html"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


_MARK = "const START = "
_SEAL = "\n<!-- sha256 of what is above: "


def _sealed(text: str) -> str:
    """A page that says at its end what it is, so that a damaged one is noticed."""
    return f"{text}{_SEAL}{hashlib.sha256(text.encode()).hexdigest()} -->\n"


def _read(file: Path) -> str | None:
    """The page that was kept in a file; None when it is absent or not what was written."""
    try:
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    page = text.rpartition(_SEAL)[0]
    return page if _sealed(page) == text else None


def _keep(file: Path, text: str) -> Path | None:
    """Write the page to the cache folder in place of older ones; None where that is impossible."""
    try:
        write_text(file, _sealed(text))
    except OSError:
        return None
    for old in file.parent.glob("explorer-*.html"):
        if old != file:
            with contextlib.suppress(OSError):
                old.unlink()
    return file


def kept() -> tuple[str, Path | None]:
    """The page and where it is kept, compiled when the package has changed or the file is damaged.

    It is kept nowhere with methods of this process only, and where the cache folder cannot be written.
    """
    from diracgan.catalogue.registry import own

    if own():
        return page(), None
    try:
        file = cache_folder() / f"explorer-{_fingerprint()}.html"
    except OSError:
        return page(), None
    text = _read(file)
    if text is not None:
        return text, file
    text = page()
    return text, _keep(file, text)


def cached_page(fragment: str = "") -> str:
    """`page`, compiled once for every state of the package where it can be kept."""
    return opened_at(kept()[0], fragment)


def opened_at(text: str, fragment: str) -> str:
    """The page with the state that it opens with."""
    return text.replace(f'{_MARK}"";', f"{_MARK}{data(fragment)};", 1) if fragment else text
