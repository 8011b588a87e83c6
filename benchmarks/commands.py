"""What the command costs: process time of whole processes, in units of `import jax` and one trivial jit.

    python benchmarks/commands.py [word of a row]

"first" finds an empty cache of compiled programs, "again" the one that the first run has filled.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile

UNIT = "import jax; jax.jit(lambda x: x + 1)(1.0).block_until_ready()"
ROWS = {
    "import diracgan": ("-c", "import diracgan"),
    "diracgan --help": ("-m", "diracgan", "--help"),
    "diracgan spectrum r1 --algorithm altgd --h 0.2": (
        *("-m", "diracgan", "spectrum", "r1"),
        *("--algorithm", "altgd", "--h", "0.2"),
    ),
    "diracgan reproduce": ("-m", "diracgan", "reproduce", "--out", "report"),
}
REPEATED = 5


def seconds(arguments: tuple[str, ...], folder: str) -> float:
    """The process time of a fresh interpreter, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # The folder of the run is not that of the package: it must find it by itself.
    path = os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "XDG_CACHE_HOME": folder, "PYTHONPATH": path}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(names: list[str]) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        unit = statistics.median(seconds(("-c", UNIT), folder) for _ in range(REPEATED))
    print(f"unit: {unit:.2f} s")
    for row, arguments in ROWS.items():
        if names and not any(name in row for name in names):
            continue
        with tempfile.TemporaryDirectory() as folder:
            first = seconds(arguments, folder) / unit
            again = statistics.median(seconds(arguments, folder) for _ in range(1 if first > 10 else REPEATED)) / unit
        print(f"{row:48} first {first:6.2f}   again {again:6.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
