"""What the command costs: process time of whole processes, in units of `import jax` and one trivial jit.

    python benchmarks/commands.py [word of a row]

"first" finds an empty cache of compiled programs, "again" the one that the first run has filled. Python's bytecode and
matplotlib's list of fonts are there from the start, as they are for whoever has used an installed package once.
"""

from __future__ import annotations

import compileall
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
FONTS = "import matplotlib.font_manager"


def seconds(arguments: tuple[str, ...], folder: str, fonts: str) -> float:
    """The process time of a fresh interpreter, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # The folder of the run is not that of the package: it must find it by itself.
    path = os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "XDG_CACHE_HOME": folder, "MPLCONFIGDIR": fonts, "PYTHONPATH": path}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(names: list[str]) -> None:
    """Print the table."""
    compileall.compile_dir("diracgan", quiet=1)
    with tempfile.TemporaryDirectory() as fonts:
        seconds(("-c", FONTS), fonts, fonts)
        measured(names, fonts)


def measured(names: list[str], fonts: str) -> None:
    """A line for each row that is wanted."""
    for row, arguments in ROWS.items():
        if names and not any(name in row for name in names):
            continue
        # The unit beside every row: a server is not equally fast all the time.
        with tempfile.TemporaryDirectory() as folder:
            unit = statistics.median(seconds(("-c", UNIT), folder, fonts) for _ in range(REPEATED))
        firsts, agains = [], []
        for _ in range(1 if "reproduce" in row else REPEATED):
            with tempfile.TemporaryDirectory() as folder:
                firsts.append(seconds(arguments, folder, fonts) / unit)
                agains.append(seconds(arguments, folder, fonts) / unit)
        first, again = statistics.median(firsts), statistics.median(agains)
        print(f"{row:48} first {first:6.2f}   again {again:6.2f}   unit {unit:.2f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
