"""Tables in HTML, which a notebook shows in place of the text of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np


def number(value: complex) -> str:
    """A number for a reader: six digits, a true minus sign, the imaginary part where there is one.

    >>> from diracgan.displays.tables import number
    >>> number(-0.15), number(complex(-0.15, 0.4769696))
    ('−0.15', '−0.15 + 0.47697i')
    """
    value = complex(value)
    real = f"{value.real:.6g}"
    if value.imag:
        sign = "+" if value.imag > 0 else "-"
        real = f"{value.real:.5g} {sign} {abs(value.imag):.5g}i"
    return real.replace("-", "−")


def point(values: Iterable[float]) -> str:
    """A state for a reader: what is 0 to rounding is 0.

    >>> from diracgan.displays.tables import point
    >>> point((-3e-111, 1.5))
    '(0, 1.5)'
    """
    return "(" + ", ".join(number(0.0 if abs(value) < 1e-12 else value) for value in np.asarray(values)) + ")"


def numbers(values: Iterable[complex]) -> str:
    """Several numbers, a conjugate pair as one: −0.15 ± 0.47697i.

    >>> from diracgan.displays.tables import numbers
    >>> numbers([-0.15 + 0.5j, -0.15 - 0.5j]), numbers([0.5, 2.0])
    ('−0.15 ± 0.5i', '0.5, 2')
    """
    given = [complex(value) for value in np.asarray(values)]
    if len(given) == 2 and given[0].imag and np.isclose(given[0], given[1].conjugate()):
        return number(complex(given[0].real, abs(given[0].imag))).replace("+", "±")
    return ", ".join(map(number, given))


def facts(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """A title and what is known, one fact a line; everything is escaped."""
    lines = "".join(
        f'<tr><th style="text-align: left">{escape(name)}</th><td style="text-align: left">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table><caption style='text-align: left; font-weight: bold'>{escape(title)}</caption>{lines}</table>"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a line of column names; everything is escaped."""
    head = "".join(f'<th style="text-align: left">{escape(name)}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align: left">{escape(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    caption = f"<caption style='text-align: left; font-weight: bold'>{escape(title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
