"""The article as one HTML file: the sections, their numbers and tables, and the explorer once for all figures."""

from __future__ import annotations

import importlib.resources
import json
import re

from diracgan.article.figures import FIGURES
from diracgan.article.numbers import numbers
from diracgan.article.tables import proved, updates, verdicts
from diracgan.explorer import as_address
from diracgan.explorer.page import cached_page, script

_FORMULA = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)


def article(explorer: str | None = None) -> str:
    """The HTML of the article.

    Args:
        explorer: the address of a saved page of the explorer, for a site that has one; None: the page is put into the
            article, which then needs nothing beside it.

    Every number in it is computed now. Raises `ImportError` without the packages of the extra `latex`, `TypeError` and
    `ValueError` for what is no address, or one with a "#".

    >>> from diracgan.article import article
    >>> article("explorer.html").count("<figure")
    11
    """
    address = None if explorer is None else as_address(explorer, "explorer")
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    # Numbers and tables are ours, words of the sections are HTML: nothing here comes from anybody else.
    templates = Environment(
        loader=PackageLoader("diracgan.article", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    figure = templates.get_template("figure.html")
    names = sorted(name for name in templates.list_templates() if name.startswith("sections/"))
    told = {
        "n": numbers(),
        "updates": updates(),
        "verdicts": verdicts(),
        "theorems": proved(),
        "figure": lambda name: Markup(figure.render(name=name, figure=FIGURES[name])),
    }
    sections = [with_formulas(templates.get_template(name).render(told)) for name in names]
    page = "null" if address is not None else json.dumps(cached_page())
    return templates.get_template("article.html").render(
        sections=[Markup(text) for text in sections],
        style=Markup(_asset("article.css")),
        scripts=Markup(
            "\n".join([script(f"const PAGE = {page}, ADDRESS = {json.dumps(address)};"), script(_asset("article.js"))])
        ),
    )


def with_formulas(text: str) -> str:
    r"""The text with every \( … \) and \[ … \] set in MathML.

    >>> from diracgan.article.page import with_formulas
    >>> with_formulas(r"at \(h = 2\)").count("<math")
    1
    """
    try:
        from latex2mathml.converter import convert
    except ImportError:
        raise ImportError("the article sets formulas with latex2mathml: pip install 'diracgan[latex]'") from None

    def written(found: re.Match[str]) -> str:
        inline, block = found.groups()
        # Jinja has escaped what stands between the words of a section; a formula is LaTeX.
        latex = (inline or block).replace("−", "-").replace("\u202f", r"\,")
        set_ = str(convert(latex, display="inline" if inline else "block"))
        return set_ if inline else f'<div class="formula">{set_}</div>'

    return _FORMULA.sub(written, text)


def _asset(name: str) -> str:
    return importlib.resources.files("diracgan.article").joinpath(name).read_text(encoding="utf-8")
