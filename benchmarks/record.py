"""Runs the benchmarks and keeps what they print, which the manual shows: `benchmarks/results.json`.

    python benchmarks/record.py
    python benchmarks/record.py imports      measures again what is so called, on the same machine

It takes a few minutes, and needs gcc and a processor with AVX2 and FMA, as many_runs.py does.

Ratios are of one run on one machine, whose words stand beside them with the load that it had from other work.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess
import sys

import run

HERE = pathlib.Path(__file__).parent
RESULTS = HERE / "results.json"
VERSIONS = ("jax", "numpy", "scipy", "numba")
WIDTH = 72  # of the first column of many_runs.py


def processor() -> str:
    """The model of the processor, as the system names it."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = {line.partition(":")[2].strip() for line in lines if line.startswith("model name")}
    return ", ".join(sorted(names)) or platform.machine()


def machine() -> dict[str, object]:
    """What the numbers were measured on."""
    versions = {}
    for name in VERSIONS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": versions,
        "load": round(os.getloadavg()[0], 1),
        "date": datetime.date.today().isoformat(),
    }


def single(words: list[str]) -> dict[str, list[list[str]]]:
    """The rows of each benchmark of `run.py` whose name contains one of the words; of all without words."""
    benchmarks = (run.trajectory, run.simulate, run.field, run.eigenvalues, run.imports)
    chosen = [one for one in benchmarks if not words or any(word in one.__name__ for word in words)]
    return {one.__name__: [row.cells() for row in one()] for one in chosen}


def many() -> list[list[str]]:
    """The rows of `many_runs.py` that have a target."""
    command = [sys.executable, str(HERE / "many_runs.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = []
    for line in done.stdout.splitlines()[1:]:
        # What is longer than its column is a remark, and has no target.
        numbers = line[WIDTH:].split(maxsplit=1)
        if len(numbers) == 2 and line[WIDTH] == " ":
            rows.append([line[:WIDTH].strip(), numbers[0], numbers[1].strip()])
    return rows


def main(words: list[str]) -> None:
    """Measure and write; with words, what is not measured stays as it was."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if words else {"single": {}, "many": []}
    measured = {**known["single"], **single(words)}
    found = {"machine": machine(), "heads": run.HEADS, "single": measured, "many": known["many"] if words else many()}
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(RESULTS.relative_to(HERE.parent))


if __name__ == "__main__":
    main(sys.argv[1:])
