"""The reproduction report: figures, tables and checks as files, JSON and one self-contained page."""

from __future__ import annotations

import importlib.metadata
import json
import math
import platform
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from diracgan.catalogue import PUBLISHED
from diracgan.games.parameters import unknown
from diracgan.reproduction.errata import discrepancies
from diracgan.reproduction.lemmas import COMPANIONS, Check, checks
from diracgan.storage.files import directory, write_text
from diracgan.sweeps.progress import Silent, begun, checked_progress

Record = dict[str, object]
# What the report tells of a theorem.
_TOLD = ("name", "statement", "status", "command")


def reproduce(
    out: str | Path,
    only: Sequence[str] | None = None,
    formats: Sequence[str] = ("png",),
    animations: bool = False,
    progress: object = None,
) -> int:
    """Write every figure, `results.json` and `index.html` to the directory `out`; returns the exit code.

    Everything that can be wrong with the arguments is checked before the first file is written. Prints a line per
    figure and the report's path at the end. The code is 1 when a check failed. `progress`, as in `dg.sweep`, is told of
    every figure, the table, the checks and the discrepancies; by default the lines are all that is shown.
    """
    from diracgan.proofs import theorems
    from diracgan.reproduction.figures import FIGURES, check_formats
    from diracgan.reproduction.page import page
    from diracgan.reproduction.tables import table_1

    began = time.perf_counter()
    check_formats(formats)
    progress = Silent if progress is None else checked_progress(progress)
    for name in only or ():
        if name not in FIGURES:
            raise ValueError(unknown("figure", name, FIGURES))
    target = directory(out)
    names = FIGURES if only is None else dict.fromkeys(only)
    with begun(progress, "reproduce", len(names) + 3) as bar:
        figures = _rendered(names, target, formats, bar)
        if animations:
            figures += _filmed(target)
        table = table_1()
        print("table-1  in the report", flush=True)
        bar.update(1)
        done = _checked()
        bar.update(1)
        errata = discrepancies()
        unproved = [one for one in errata if not one.ok]
        print(f"discrepancies  {len(errata)} of papers and published code, {len(unproved)} without proof", flush=True)
        bar.update(1)
    results = {
        "figures": figures,
        "table_1": [{name: _jsonable(value) for name, value in row.items()} for row in table],
        "checks": as_json(done),
        "discrepancies": [one.record() for one in errata],
        "theorems": [{key: getattr(one, key) for key in _TOLD} for one in theorems()],
        "versions": versions(),
        "seconds": round(time.perf_counter() - began, 2),
    }
    write_text(target / "results.json", json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False))
    write_text(target / "index.html", page(results, target))
    print(target / "index.html")
    return 1 if unproved or not all(check.ok for check in done) else 0


def _rendered(names: Iterable[str], target: Path, formats: Sequence[str], bar: Any) -> list[Record]:
    """Draw the figures, a line for each, and record their files."""
    from diracgan.reproduction.figures import FIGURES, render

    figures: list[Record] = []
    for name in names:
        since = time.perf_counter()
        files = render(FIGURES[name], target, formats)
        figures.append({"name": name, "files": [file.name for file in files], "source": FIGURES[name].source})
        print(f"{name}  {', '.join(file.name for file in files)}  {time.perf_counter() - since:.1f} s", flush=True)
        bar.update(1)
    return figures


def _filmed(target: Path) -> list[Record]:
    """The same for the animations."""
    from diracgan.reproduction.figures import films

    figures: list[Record] = []
    for name, file in films(target):
        figures.append({"name": name, "files": [file.name], "source": "Mescheder et al. 2018, supplement"})
        print(f"{name}  {file.name}", flush=True)
    return figures


def _checked() -> list[Check]:
    """All checks, with a line for each that failed."""
    done = list(checks((*PUBLISHED, *COMPANIONS)))
    failed = [check for check in done if not check.ok]
    for check in failed:
        print(check_line(check), flush=True)
    print(f"checks  {len(done)} done, {len(failed)} failed", flush=True)
    return done


def versions() -> dict[str, str]:
    """The versions of Python and of every package that a number in the report can depend on."""
    packages = ("diracgan", "jax", "jaxlib", "numpy", "scipy", "matplotlib", "diffrax")
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in packages}}


def as_json(done: Sequence[Check]) -> list[dict[str, object]]:
    """The checks as JSON records; a number that JSON cannot hold becomes its name."""
    names = ("name", "derived", "closed_form", "error", "tolerance", "ok", "source")
    return [{name: _jsonable(getattr(check, name)) for name in names} for check in done]


def _jsonable(value: object) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return [_jsonable(part) for part in value] if isinstance(value, (list, tuple)) else value


def check_line(check: Check) -> str:
    """One line for a terminal: name, error, tolerance, verdict."""
    return f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: error {check.error:.2g} (tolerance {check.tolerance:.2g})"
