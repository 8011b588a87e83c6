"""Docstrings as Markdown: paragraphs, formulas, the list of arguments, examples."""

from __future__ import annotations

import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from building.words import paragraphs, plain

_ARGUMENT = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*): ?(.*)$")


@dataclasses.dataclass(frozen=True)
class Doc:
    """The parts of a docstring: blocks of text, of the description of each argument, and of examples."""

    blocks: tuple[str, ...]
    arguments: dict[str, str]
    examples: str

    @property
    def summary(self) -> str:
        """The first paragraph in one line."""
        return " ".join(self.blocks[0].split()) if self.blocks else ""


def read(thing: Any) -> Doc:
    """The docstring of an object in its parts."""
    blocks: list[str] = []
    arguments: dict[str, str] = {}
    examples: list[str] = []
    for block in re.split(r"\n\s*\n", inspect.getdoc(thing) or ""):
        if block.lstrip().startswith(">>>"):
            examples.append(textwrap.dedent(block))
        elif block.startswith("Args:"):
            arguments |= _arguments(block.partition("\n")[2])
        elif block.strip():
            blocks.append(block.rstrip())
    return Doc(tuple(blocks), arguments, "\n".join(examples))


def _arguments(block: str) -> dict[str, str]:
    """Name, or names between commas, → what is said of them."""
    found: dict[str, list[str]] = {}
    names = ""
    for line in textwrap.dedent(block).splitlines():
        head = _ARGUMENT.match(line)
        if head and not line.startswith(" "):
            names = head[1]
            found[names] = [head[2]]
        elif names:
            found[names].append(line.strip())
    return {names: " ".join(lines) for names, lines in found.items()}


def text(doc: Doc, skip: int = 0) -> str:
    """The blocks of text; what is indented in the docstring is a formula or a table, and is shown as it stands."""
    return paragraphs(piece for block in doc.blocks[skip:] for piece in _pieces(block)).rstrip()


def _pieces(block: str) -> Iterator[str]:
    """A block may go from prose to an indented formula without an empty line."""
    lines: list[str] = []
    for line in [*block.splitlines(), None]:
        if lines and (line is None or line.startswith("    ") != lines[0].startswith("    ")):
            yield _piece(lines)
            lines = []
        if line is not None:
            lines.append(line)


def _piece(lines: list[str]) -> str:
    if lines[0].startswith("    "):
        return "```text\n" + textwrap.dedent("\n".join(lines)) + "\n```"
    listed = all(line.startswith(("- ", "  ")) for line in lines)
    return "\n".join(line[:2] * listed + plain(line[2 * listed :]) for line in lines)


def examples(doc: Doc) -> str:
    """What the suite runs, in one block."""
    return f"```pycon\n{doc.examples}\n```" if doc.examples else ""
