"""The page itself: one HTML file that asks the network for nothing."""

from __future__ import annotations

import contextlib
import hashlib
import html
import importlib.resources
import json
from pathlib import Path
from typing import Any

import numpy as np

from diracgan.algorithms import ALGORITHMS, Algorithm, SimGD, algorithm_named, as_algorithm
from diracgan.games.fields import as_field
from diracgan.games.states import finite_state
from diracgan.storage.cache import cache_folder
from diracgan.storage.files import write_text

_SCRIPTS = (
    "numerics.js",
    "contours.js",
    "flow.js",
    "engine.js",
    "state.js",
    "stability.js",
    "presets.js",
    "models.js",
    "portrait.js",
    "views.js",
    "controls.js",
    "notices.js",
    "player.js",
    "pictures.js",
    "python.js",
    "main.js",
)


def asset(name: str) -> str:
    """The text of a file that belongs to the page."""
    return importlib.resources.files("diracgan.explorer").joinpath("assets", name).read_text(encoding="utf-8")


def _script(text: str) -> str:
    """A script that cannot end its own element."""
    return f"<script>\n{text.replace('</script', '<' + chr(92) + '/script')}\n</script>"


def _library() -> str:
    from bokeh.resources import Resources

    inline = Resources(mode="inline", components=["bokeh"])
    return "\n".join(inline.js_raw)


def page() -> str:
    """The whole HTML; it opens with the state that its address says, or that `opened_at` has written into it."""
    from diracgan import __version__
    from diracgan.explorer import kernels, plots

    fields, algorithms = kernels.compiled_methods(), kernels.compiled_algorithms()
    body = asset("page.html").replace("{{version}}", html.escape(__version__))
    data = "\n".join(
        [
            f"const INFO = {json.dumps(kernels.described(fields, algorithms), ensure_ascii=False)};",
            f"const DOCUMENT = {json.dumps(plots.document())};",
            f"const COLOURS = {json.dumps(plots.COLOURS)};",
            f'{_MARK}"";',
            f"const KERNELS = {kernels.library(fields, algorithms)};",
        ]
    )
    scripts = [_library(), data, *map(asset, _SCRIPTS)]
    return body.replace("{{style}}", asset("style.css")).replace("{{scripts}}", "\n".join(map(_script, scripts)))


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
    return text.replace(f'{_MARK}"";', f"{_MARK}{json.dumps(fragment)};", 1) if fragment else text


def said(algorithm: Algorithm) -> tuple[str, dict[str, Any]]:
    """The name of an algorithm and its parameters, as `explore` takes them."""
    name = next((name for name, kind in ALGORITHMS.items() if type(algorithm) is kind), None)
    inner: Any = getattr(algorithm, "inner", algorithm)
    if name is None or (inner is not algorithm and type(inner) is not SimGD) or algorithm.scheduled:
        raise ValueError(
            f"the page has {', '.join(ALGORITHMS)}, the wrappers around SimGD; {algorithm!r} is none of them"
        )
    rates = {"h": inner.rate} if inner.rate is not None else {key: getattr(inner, key) for key in ("h_g", "h_d")}
    others = {p.name: getattr(algorithm, p.name) for p in algorithm.parameters if p.name not in ("h", "h_g", "h_d")}
    return name, {**rates, **others}


def fragment_of(
    method: str, algorithm: str, values: dict[str, Any], start: Any = None, steps: int | None = None
) -> str:
    """The state of the page that shows a method and an algorithm; names and values are checked by their owners."""
    from urllib.parse import urlencode

    from diracgan.catalogue import entry
    from diracgan.catalogue import method as build
    from diracgan.catalogue.methods import OPTIONS
    from diracgan.dynamics.trajectories import STEPS
    from diracgan.games.parameters import unknown

    own = {p.name for p in (*entry(method).parameters, *OPTIONS)}
    of_method = {name: value for name, value in values.items() if name in own}
    of_algorithm = {name: value for name, value in values.items() if name not in own}
    as_field(build(method, **of_method))
    if algorithm != "flow":
        known = [p.name for p in algorithm_named(algorithm).tunable.values()]
        known += [p.name for p in ALGORITHMS[algorithm].parameters if p.name not in known]
        for name in of_algorithm:
            if name not in known:
                names = dict.fromkeys([*own, *known])
                raise ValueError(unknown("parameter", name, names, f"of {method!r} and {algorithm!r} "))
        as_algorithm(algorithm_named(algorithm, **of_algorithm))
    elif of_algorithm:
        raise ValueError(f"the flow takes no {next(iter(of_algorithm))}; name an algorithm=, for example 'altgd'")
    state: dict[str, Any] = {"m": method, "a": algorithm}
    state |= {f"p.{name}": float(value) for name, value in of_method.items()}
    state |= {f"q.{name}": float(value) for name, value in of_algorithm.items()}
    if start is not None:
        theta, psi = np.asarray(finite_state(start, 2, batch=False, name="start"), np.float64).tolist()
        state["x"] = f"{theta:g},{psi:g}"
    if steps is not None:
        state["n"] = STEPS.convert(steps)
    return "#" + urlencode(state, safe=",")
