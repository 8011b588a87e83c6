"""Small pieces of Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\*_$<>\[\]{}|~#])")
# Code between backticks, and words that stars emphasise; x* is the equilibrium.
_MARKED = re.compile(r"(`[^`\n]+`|(?<![\w*])\*{1,2}\w(?:[^*\n]*[\w.,:])?\*{1,2}(?![\w*]))")


def plain(text: str) -> str:
    """Text in which nothing is Markdown except code between backticks and emphasised words."""
    parts = _MARKED.split(text)
    return "".join(part if i % 2 else _SPECIAL.sub(r"\\\1", part) for i, part in enumerate(parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, which a page may scroll by itself where it is wider than the screen."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    """A bar ends a cell even inside of code."""
    return re.sub(r"(?<!\\)\|", r"\|", text.replace("\n", " "))


def number(value: float | None, digits: int = 4) -> str:
    """A number in a table; a dash for none."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞"
    return f"{value:.{digits}g}"


def verdict(kind: str) -> str:
    """A verdict with the class that colours it."""
    return f"[{kind}]{{.verdict .{kind.replace(' ', '-')}}}"


def paragraphs(parts: Iterable[str]) -> str:
    """Blocks with an empty line between them; empty ones are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"
