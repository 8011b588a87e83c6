"""The report as one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import Any

from diracgan.reproduction.figures import FIGURES

_STYLE = """
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6675; --paper: #fbfbfa; --line: #d9dde3;
  --good: #00664c; --bad: #a33a00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #9aa5b4; --paper: #14181e; --line: #323a46;
    --good: #4fc9a4; --bad: #f0955a; }
  figure img { background: #fff; border-radius: 4px; }
}
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1.2rem; }
nav a { margin-right: 1.2rem; } a { color: inherit; }
figure { margin: 1.8rem 0; } figure img { max-width: 100%; height: auto; }
figcaption { color: var(--soft); max-width: 46rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.2rem; }
.panels figure { margin: 0; } .panels figcaption { font-size: .85rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: var(--paper); } td.number { text-align: right; white-space: nowrap; }
.ok { color: var(--good); } .fail { color: var(--bad); font-weight: 600; }
code { font-size: .9em; } details summary { cursor: pointer; }
"""

_KINDS = {
    "stable": "converges locally",
    "neutral": "neutral: linearisation cannot decide",
    "unstable": "diverges locally",
    "not differentiable": "no Jacobian: kink at the equilibrium",
    "not an equilibrium": "no equilibrium",
}


def page(results: dict[str, Any], directory: Path) -> str:
    """The report's HTML: every picture inline, Table 1, the checks, versions and run time."""
    failed = sum(not check["ok"] for check in results["checks"])
    summary = f"{len(results['checks'])} checks, " + (f"{failed} failed" if failed else "all passed")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<title>Which training methods for GANs do actually converge? A reproduction</title>",
            f"<style>{_STYLE}</style></head><body>",
            "<h1>Which training methods for GANs do actually converge?</h1>",
            "<p>The Dirac-GAN figures, the table and the lemmas of Mescheder, Geiger and Nowozin (2018, "
            "arXiv 1801.04406), recomputed by <code>diracgan reproduce</code>. Every vector field and every Jacobian "
            "is derived from the objectives by automatic differentiation.</p>",
            '<nav><a href="#figures">Figures</a><a href="#table-1">Table 1</a><a href="#checks">Checks</a>'
            '<a href="#discrepancies">Discrepancies</a><a href="#versions">Versions</a></nav>',
            _figures(results["figures"], directory),
            _table(results["table_1"]),
            _checks(results["checks"], summary),
            _discrepancies(results["discrepancies"]),
            _versions(results),
            "</body></html>",
        ]
    )


def _figures(figures: list[dict[str, Any]], directory: Path) -> str:
    whole: list[str] = []
    panels: list[str] = []
    for figure in figures:
        spec = FIGURES.get(figure["name"])
        title = spec.title if spec else figure["name"]
        caption = f"{title}. {spec.caption}" if spec else title
        text = (
            f'<figure id="{html.escape(figure["name"])}">{_picture(figure["files"], directory, title)}'
            f"<figcaption>{html.escape(caption)} <small>({html.escape(figure['source'])})</small></figcaption></figure>"
        )
        (panels if spec and spec.single else whole).append(text)
    single = f'<h3>Panels</h3><div class="panels">{"".join(panels)}</div>' if panels else ""
    return f'<h2 id="figures">Figures</h2>{"".join(whole)}{single}'


def _picture(files: list[str], directory: Path, title: str) -> str:
    shown = {Path(file).suffix: file for file in files}
    for suffix, kind in ((".png", "png"), (".svg", "svg+xml"), (".gif", "gif"), (".jpg", "jpeg"), (".webp", "webp")):
        if suffix in shown:
            data = base64.b64encode((directory / shown[suffix]).read_bytes()).decode()
            return f'<img alt="{html.escape(title)}" src="data:image/{kind};base64,{data}">'
    return f"<p>Written to {html.escape(', '.join(files))}.</p>"


def _row(cells: list[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _table(rows: list[dict[str, Any]]) -> str:
    head = [
        "Method", "Reported, a.c. data", "Reported, general data", "Derived here",
        "Flow", "SimGD, h = 0.2", "AltGD, h = 0.2", "max Re μ", "5000 rounds of AltGD from (1, 1)",
    ]  # fmt: skip
    body = [
        _row(
            [
                html.escape(row["row"]),
                "converges" if row["reported_absolutely_continuous"] else "does not",
                "converges" if row["reported_general"] else "does not",
                f"<code>{html.escape(row['method'])}</code>",
                *(_KINDS[row[name]] for name in ("flow", "simgd", "altgd")),
                "none" if row["abscissa"] is None else _value(row["abscissa"]),
                f"{row['outcome']}, distance {_value(row['distance'])}"
                if isinstance(row["distance"], float)
                else row["outcome"],
            ]
        )
        for row in rows
    ]
    return (
        '<h2 id="table-1">Table 1</h2><p>The paper reports local convergence for absolutely continuous data and for '
        "general data; these two columns are quoted, not checked. The Dirac-GAN is a case of general data, and the "
        "columns to the right are derived from it. “Converges” is a local statement.</p>"
        f'<div class="wide"><table><thead>{_row(head, "th")}</thead><tbody>{"".join(body)}</tbody></table></div>'
    )


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    return f"{value:.5g}" if isinstance(value, float) else html.escape(str(value))


def _checks(checks: list[dict[str, Any]], summary: str) -> str:
    body = [
        _row(
            [
                html.escape(check["name"]),
                _value(check["derived"]),
                _value(check["closed_form"]),
                _value(check["error"]),
                _value(check["tolerance"]),
                '<span class="ok">ok</span>' if check["ok"] else '<span class="fail">FAILED</span>',
                html.escape(check["source"]),
            ]
        )
        for check in checks
    ]
    head = _row(["Check", "Derived", "Closed form", "Error", "Tolerance", "", "Source"], "th")
    return (
        f'<h2 id="checks">Checks</h2><p>{summary}. “Derived” comes from the objectives by autodiff, simulation or '
        "integration; “closed form” from formulas written down by hand.</p><details><summary>All checks</summary>"
        f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(body)}</tbody></table></div></details>'
    )


def _discrepancies(found: list[dict[str, Any]]) -> str:
    body = []
    for one in found:
        proof = "; ".join(
            f"{html.escape(fact['what'])}: {_value(fact['derived'])}, published {_value(fact['published'])}"
            for fact in one["facts"]
        )
        mark = '<span class="ok">shown</span>' if one["ok"] else '<span class="fail">NOT SHOWN</span>'
        body.append(_row([one["id"], *(html.escape(one[key]) for key in ("where", "claimed", "holds")), proof, mark]))
    head = _row(["", "Where", "Claimed", "What holds", "Derived value, and the published one", ""], "th")
    return (
        '<h2 id="discrepancies">Discrepancies</h2><p>What papers and published code get wrong, or mean differently by '
        "the same letter. Both values are computed.</p><details><summary>All discrepancies</summary>"
        f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(body)}</tbody></table></div></details>'
    )


def _versions(results: dict[str, Any]) -> str:
    items = ", ".join(f"{html.escape(name)} {html.escape(version)}" for name, version in results["versions"].items())
    return f'<h2 id="versions">Versions</h2><p>{items}. Run time {results["seconds"]} s.</p>'
