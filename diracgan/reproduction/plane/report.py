"""`diracgan reproduce --plane`: the runs, their figures, tables and what is found."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from diracgan.beyond.plane import METHODS, OPTIMISERS, TARGETS
from diracgan.games.inputs import as_flag, as_path
from diracgan.reproduction.plane.grid import FULL, QUICK, Cell, Grid
from diracgan.reproduction.report import versions
from diracgan.storage.files import directory, write_text
from diracgan.sweeps.progress import begun, checked_progress

NOTE = (
    "In the manner of the two-dimensional problems of Mescheder et al. 2018. The paper's own settings could not be "
    "read: those here are ours. All methods have the same networks, minibatches, rounds and learning rate, with "
    "simultaneous updates; no rate was searched for, as a tuned comparison would."
)


def reproduce_plane(
    out: str | Path, quick: bool = False, formats: Sequence[str] = ("png",), progress: object = None
) -> int:
    """Train every method on every target with both optimisers, and write figures, `plane.csv` and `plane.json`.

    All goes to the directory `out`/plane, or with `quick` a small part of it to `out`/plane-quick. Every run is kept
    there whole as soon as it is done: after an interruption the same call makes only those that are missing, and what
    an earlier call wrote stays until it is replaced. `progress`, as in `dg.sweep`, is told of every run; by default it
    is a line on the error stream.

    Prints the table of W₁ and what is found. Returns 0. Raises `ValueError` for unknown formats and `OSError` where
    nothing can be written, both before the first run.
    """
    from diracgan.reproduction.figures import check_formats

    kinds, progress = check_formats(formats), checked_progress(progress)
    grid = QUICK if as_flag(quick, "quick") else FULL
    began = time.perf_counter()
    target = directory(as_path(out, "out") / grid.name)
    runs = _runs(grid, directory(target / "runs"), progress)
    rows = [_row(cell, made) for cell, made in runs.items()]
    said = found(grid, runs)
    _draw(grid, runs, target, kinds)
    write_text(target / "plane.csv", _table(rows))
    record = {
        "note": NOTE,
        "settings": _settings(grid),
        "runs": [_record(cell, made) for cell, made in runs.items()],
        "found": said,
        "versions": versions(),
        "seconds": round(time.perf_counter() - began, 2),
    }
    write_text(target / "plane.json", json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False))
    print(_shown(grid, runs), NOTE, *said, target / "plane.json", sep="\n", flush=True)
    return 0


def _runs(grid: Grid, folder: Path, progress: Any) -> dict[Cell, Any]:
    """Every run of the grid, from its file where there is one."""
    runs = {}
    with begun(progress, "reproduce --plane", len(grid)) as bar:
        for cell in grid:
            made = cell.read(folder)
            if made is None:
                made = cell.computed()
                cell.save(folder, made)
            runs[cell] = made
            bar.update(1)
    return runs


def _draw(grid: Grid, runs: dict[Cell, Any], target: Path, kinds: Sequence[str]) -> None:
    """Write the figures, a line for each."""
    from diracgan.reproduction.figures.kinds import settings
    from diracgan.reproduction.figures.output import save
    from diracgan.reproduction.plane import figures

    with settings(dark=False):
        drawn = {f"plane-{name}": figures.samples(grid, runs, name) for name in grid.optimisers}
        drawn["plane-summary"] = figures.summary(grid, runs)
        for name, figure in drawn.items():
            files = save(figure, [target / f"{name}.{kind}" for kind in kinds])
            print(f"{name}  {', '.join(file.name for file in files)}", flush=True)


def _settings(grid: Grid) -> dict[str, object]:
    """All that was chosen, in words."""
    setting = grid.setting
    networks = f"{setting.depth} hidden layers of {setting.width} {setting.activation} units each"
    return {
        "targets": {name: TARGETS[name].description for name in grid.targets},
        "methods": {name: METHODS[name].title for name in grid.methods},
        "optimisers": {name: repr(OPTIMISERS[name]) for name in grid.optimisers},
        "networks": f"generator from two standard normal latents, and discriminator: {networks}",
        "minibatch": setting.batch,
        "training points": setting.points,
        "held-out points": grid.held,
        "seeds": grid.seeds,
        "rounds": grid.rounds,
    }


def _row(cell: Cell, made: Any) -> dict[str, object]:
    """A line of the table."""
    low, high = made.spread
    leading = made.spectrum[0]
    return {
        "target": cell.target,
        "method": cell.method,
        "optimiser": cell.optimiser,
        "w1_median": made.median,
        "w1_lower_quartile": low,
        "w1_upper_quartile": high,
        "w1_floor": made.floor,
        "leading_real": float(leading.real),
        "leading_imaginary": float(leading.imag),
    }


def _table(rows: list[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _number(value: Any) -> Any:
    """A number as JSON can hold it: its name where it is infinite or none."""
    value = float(value)
    return value if math.isfinite(value) else str(value)


def _record(cell: Cell, made: Any) -> dict[str, object]:
    """A run as JSON: every seed and every eigenvalue."""
    row = {name: value if isinstance(value, str) else _number(value) for name, value in _row(cell, made).items()}
    pairs = [[_number(value.real), _number(value.imag)] for value in made.spectrum]
    return row | {"w1": [_number(value) for value in made.w1], "spectrum": pairs, "file": f"runs/{cell.stem}.npz"}


def _shown(grid: Grid, runs: dict[Cell, Any]) -> str:
    """The medians of W₁ with half the distance of the quartiles, as text."""
    wide = max(map(len, (*grid.methods, "data against data"))) + 2
    lines = []
    for optimiser in grid.optimisers:
        lines.append(f"W1 under {OPTIMISERS[optimiser]!r}".ljust(wide) + "\n" + " " * wide)
        lines[-1] += "".join(f"{target:>18s}" for target in grid.targets)
        for method in grid.methods:
            made = [runs[Cell(grid, target, method, optimiser)] for target in grid.targets]
            spread = [f"{run.median:.3g} ± {(run.spread[1] - run.spread[0]) / 2:.2g}" for run in made]
            lines.append(f"{method:{wide}s}" + "".join(f"{text:>18s}" for text in spread))
    floors = [runs[Cell(grid, target, grid.methods[0], grid.optimisers[0])].floor for target in grid.targets]
    lines.append(f"{'data against data':{wide}s}" + "".join(f"{floor:18.3g}" for floor in floors))
    return "\n".join(lines)


def found(grid: Grid, runs: dict[Cell, Any]) -> list[str]:
    """What the numbers say: the order of the methods under each optimiser, and how far apart they are."""
    lines = []
    for optimiser in grid.optimisers:
        medians = np.array(
            [[runs[Cell(grid, target, method, optimiser)].median for target in grid.targets] for method in grid.methods]
        )
        ranks = medians.argsort(axis=0, kind="stable").argsort(axis=0).mean(axis=1) + 1
        order = ", ".join(f"{grid.methods[i]} {ranks[i]:.3g}" for i in np.argsort(ranks, kind="stable"))
        ratio = medians[grid.methods.index("none")] / medians[grid.methods.index("r1")]
        apart = ", ".join(f"{target} {value:.3g}" for target, value in zip(grid.targets, ratio, strict=True))
        lines.append(f"{optimiser}: mean rank by W1, 1 the best: {order}; W1 without a penalty over W1 of R1: {apart}")
    return lines
