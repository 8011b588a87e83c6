"""Pictures of answers, and their formulas: rooms above make them, and are asked by name when a notebook shows one.

These are the only arrows of the house that point upwards: an answer is computed without what draws it.
"""

from __future__ import annotations

import importlib


def picture(name: str, answer: object) -> bytes:
    """A PNG of what `diracgan.plotting.<name>(answer)` draws."""
    png: bytes = importlib.import_module("diracgan.plotting.canvas").png(
        getattr(importlib.import_module("diracgan.plotting"), name), answer
    )
    return png


def formula(name: str) -> str | None:
    """The formulas of a method of the catalogue in LaTeX; None without SymPy, and where they cannot be derived."""
    try:
        return f"$${importlib.import_module('diracgan.formulas.latex').latex(name)}$$"
    except (ImportError, NotImplementedError, ValueError):
        return None
