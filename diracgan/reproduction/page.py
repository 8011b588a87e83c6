"""The report as one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from diracgan.reproduction.figures import FIGURES

_KINDS = {
    "stable": "converges locally",
    "neutral": "neutral: linearisation cannot decide",
    "unstable": "diverges locally",
    "not differentiable": "no Jacobian: kink at the equilibrium",
    "not an equilibrium": "no equilibrium",
}

# A page shows the first of these that was written.
_SHOWN = {".png": "png", ".svg": "svg+xml", ".gif": "gif", ".jpg": "jpeg", ".webp": "webp"}


def page(results: dict[str, Any], directory: Path) -> str:
    """The report's HTML: every picture inline, Table 1, the checks, versions and run time."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("diracgan.reproduction", "."), autoescape=True, undefined=StrictUndefined
    )
    return templates.get_template("report.html").render(
        results,
        figures=[_figure(figure, directory) for figure in results["figures"]],
        failed=sum(not check["ok"] for check in results["checks"]),
        kinds=_KINDS,
    )


def _figure(written: dict[str, Any], directory: Path) -> dict[str, Any]:
    """What the page says of one figure."""
    spec = FIGURES.get(written["name"])
    title = spec.title if spec else written["name"]
    return {
        **written,
        "title": title,
        "caption": f"{title}. {spec.caption}" if spec else title,
        "single": bool(spec and spec.single),
        "picture": _picture(written["files"], directory),
    }


def _picture(files: list[str], directory: Path) -> str | None:
    """A written picture as a data URI; None when there is none that a page can show."""
    by_suffix = {Path(file).suffix: file for file in files}
    for suffix, kind in _SHOWN.items():
        if suffix in by_suffix:
            data = base64.b64encode((directory / by_suffix[suffix]).read_bytes()).decode()
            return f"data:image/{kind};base64,{data}"
    return None
