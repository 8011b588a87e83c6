"""Whether two revisions give the same bytes: results of the report, JavaScript of every method, stores of sweeps.

    python benchmarks/identical.py OLD NEW                     two revisions of git, such as v0.1.0 and HEAD
    python benchmarks/identical.py OLD NEW --parts store       only some of: results, kernels, store

Each revision is exported with `git archive` into a temporary folder, and its own package makes the files there. Prints
what differs (of JSON the first places), or that nothing does; exit status 1 when something does. The one thing left out
is the time that a report took. A store's manifest holds a hash of the compiled program, in which a function's name is
enough to differ: its chunks are the numbers.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_SHOWN = 5  # differences of one file that are listed


def results(out: Path) -> None:
    """`results.json` of a report with one figure: every check, the table and the discrepancies."""
    from diracgan.reproduction.report import reproduce

    report = out / "report"
    reproduce(report, only=("figure-1",))
    found = json.loads((report / "results.json").read_text("utf-8"))
    del found["seconds"]
    (out / "results.json").write_text(json.dumps(found, indent=1), "utf-8")


def kernels(out: Path) -> None:
    """The module that `export-js` writes of every method, and what the page is compiled of."""
    import diracgan as dg
    from diracgan.explorer.compiler import export_js
    from diracgan.explorer.kernels import compiled_algorithms, compiled_methods

    for name in dg.methods():
        text = export_js(dg.method(name))
        (out / f"{name}.js").write_text(text, "utf-8")
    (out / "kernels.json").write_text(json.dumps([compiled_methods(), compiled_algorithms()], indent=1), "utf-8")


def store(out: Path) -> None:
    """A small sweep of every quantity."""
    import numpy as np

    import diracgan as dg

    axes = {"gamma": np.linspace(0.1, 1.5, 6), "h": np.linspace(0.1, 2.0, 7)}
    for quantity in ("radius", "distance", "verdict"):
        dg.sweep_to_store(dg.method("r1"), dg.AltGD(h=0.2), axes, out / quantity, quantity=quantity, steps=50, chunk=4)


PARTS: dict[str, Callable[[Path], None]] = {"results": results, "kernels": kernels, "store": store}


def made(revision: str, parts: list[str], folder: Path) -> dict[str, bytes]:
    """The files that a revision makes, by their names."""
    archive = subprocess.run(["git", "archive", revision, "diracgan"], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(folder, filter="data")
    out = folder / "out"
    environment = os.environ | {"PYTHONPATH": str(folder), "DIRACGAN_COMPILATION_CACHE": "off"}
    for part in parts:
        (out / part).mkdir(parents=True)
        command = [sys.executable, str(Path(__file__).resolve()), "--make", part, str(out / part)]
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{part} of {revision} cannot be made:\n{done.stderr}")
    names = (file for file in sorted(out.rglob("*")) if file.is_file() and "report" not in file.parts)
    return {str(file.relative_to(out)): file.read_bytes() for file in names}


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Where two JSON values differ, and how."""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        old, new = dict(enumerate(old)), dict(enumerate(new))
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old | new:
            yield from differences(old.get(key), new.get(key), f"{place}/{key}")
    elif old != new:
        yield f"{place}: {json.dumps(old)[:100]} → {json.dumps(new)[:100]}"


def compared(old: dict[str, bytes], new: dict[str, bytes]) -> int:
    """Print what differs between two sets of files; the number of files of which something does."""
    changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    for name in changed:
        if name not in old or name not in new:
            print(f"{name}: only in the {'old' if name in old else 'new'} revision")
            continue
        print(f"{name}: differs")
        if name.endswith(".json"):
            places = list(differences(json.loads(old[name]), json.loads(new[name])))
            print(*(f"  {place}" for place in places[:_SHOWN]), sep="\n")
            if len(places) > _SHOWN:
                print(f"  … and {len(places) - _SHOWN} more")
    print(f"{len(old.keys() | new.keys()) - len(changed)} files are the same, byte for byte; {len(changed)} are not")
    return len(changed)


def main() -> int:
    """Make the files of both revisions and compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revisions", nargs=2, metavar="REVISION")
    parser.add_argument("--parts", nargs="+", choices=tuple(PARTS), default=list(PARTS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as old, tempfile.TemporaryDirectory() as new:
        sets = [
            made(revision, options.parts, Path(folder))
            for revision, folder in zip(options.revisions, (old, new), strict=True)
        ]
    return 1 if compared(*sets) else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        PARTS[sys.argv[2]](Path(sys.argv[3]))
    else:
        sys.exit(main())
