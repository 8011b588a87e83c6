"""Every speed that the documentation promises, measured against a plain alternative within one run.

    python benchmarks/run.py             all of them
    python benchmarks/run.py field       those whose name contains a word

Prints a table; exit status 1 when a target is missed.
"""

from __future__ import annotations

import functools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import loops
import numpy as np
from timing import Time, medians

import diracgan as dg
from diracgan.dynamics.matrices import eigenvalues_2x2

jax.config.update("jax_enable_x64", True)

POINTS = 1_000_000


class Row(NamedTuple):
    """What was timed against what, and the figure that the target is about: a ratio of process times, or seconds."""

    measured: str
    ours: Time
    against: str
    theirs: Time | None
    figure: float
    target: float
    faster: bool = False
    unit: str = "×"

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of the target."""
        return self.figure >= self.target if self.faster else self.figure <= self.target

    def cells(self) -> list[str]:
        """The row as text."""
        theirs = ("", "") if self.theirs is None else map(_short, self.theirs)
        target = f"{'≥' if self.faster else '≤'} {self.target:g}{self.unit}"
        times = [*map(_short, self.ours), self.against, *theirs]
        return [self.measured, *times, f"{self.figure:.3g}{self.unit}", target, "yes" if self.met else "NO"]


HEADS = ["measured", "process", "wall", "against", "process", "wall", "figure", "target", "met"]


def faster(measured: str, ours: Time, against: str, theirs: Time, target: float) -> Row:
    """Ours must be at least `target` times faster."""
    return Row(measured, ours, against, theirs, theirs.process / ours.process, target, faster=True)


def slower(measured: str, ours: Time, against: str, theirs: Time, target: float) -> Row:
    """Ours may be at most `target` times slower."""
    return Row(measured, ours, against, theirs, ours.process / theirs.process, target)


def _short(seconds: float) -> str:
    unit, scale = next((u, s) for u, s in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 0.0)) if seconds >= s)
    return f"{seconds / (scale or 1e-9):.3g} {unit}"


def waiting(function: Callable[..., Any], *args: Any) -> Callable[[], Any]:
    """A call that waits for its result."""
    return lambda: function(*args).block_until_ready()


def trajectory() -> Iterator[Row]:
    """One trajectory with its whole path, on a compiled function."""
    method, algorithm = dg.method("gan"), dg.SimGD(h=loops.H)
    compiled = jax.jit(lambda start: dg.simulate(method, algorithm, start, steps=loops.STEPS))
    candidates = {"package": waiting(compiled, jnp.array(loops.START))}
    candidates |= {"scalars": loops.scalars, "textbook": loops.textbook}
    try:
        candidates["numba"] = loops.with_numba()
    except ImportError as problem:
        print(problem, file=sys.stderr)
    for run in candidates.values():
        np.testing.assert_allclose(run(), loops.scalars(), atol=1e-12)
    seen = medians(candidates)
    name = f"trajectory, {loops.STEPS} steps, compiled"
    yield faster(name, seen["package"], "loop over NumPy scalars", seen["scalars"], 12)
    yield faster(name, seen["package"], "textbook loop, length-1 arrays", seen["textbook"], 100)
    if "numba" in seen:
        yield slower(name, seen["package"], "the scalar loop under numba", seen["numba"], 3)


def simulate() -> Iterator[Row]:
    """A call of `dg.simulate` after the first, everything included."""
    run = functools.partial(dg.simulate, dg.method("r1"), dg.SimGD(h=loops.H), loops.START, loops.STEPS)
    seen = medians({"call": waiting(run)})["call"]
    yield Row(f"dg.simulate, {loops.STEPS} steps, second call", seen, "", None, 1e3 * seen.process, 1, unit=" ms")


def field() -> Iterator[Row]:
    """Fields derived by autodiff against fields written by hand, over many points and inside a trajectory."""
    points = jnp.asarray(np.random.default_rng(0).normal(size=(POINTS, 2)))
    for name, by_hand in loops.FIELDS.items():
        derived, written = jax.jit(jax.vmap(dg.method(name))), jax.jit(jax.vmap(by_hand))
        np.testing.assert_allclose(derived(points), written(points), rtol=1e-10, atol=1e-13)
        seen = medians({"derived": waiting(derived, points), "written": waiting(written, points)})
        yield slower(f"{name}: field at 10⁶ points", seen["derived"], "field by hand", seen["written"], 1.2)
    for name, by_hand in loops.FIELDS.items():
        runs = {}
        for kind, velocity in (("derived", dg.method(name)), ("written", by_hand)):
            run = jax.jit(functools.partial(dg.simulate, velocity, dg.SimGD(h=loops.H), steps=loops.STEPS))
            runs[kind] = waiting(run, jnp.array(loops.START))
        seen = medians(runs)
        measured = f"{name}: trajectory, {loops.STEPS} steps"
        yield slower(measured, seen["derived"], "field by hand", seen["written"], 1.2)


def eigenvalues() -> Iterator[Row]:
    """The eigenvalues of many 2×2 matrices."""
    matrices = np.random.default_rng(1).normal(size=(POINTS, 2, 2))
    closed = waiting(jax.jit(jax.vmap(eigenvalues_2x2)), jnp.asarray(matrices))
    seen = medians({"closed": closed, "lapack": lambda: np.linalg.eigvals(matrices)}, rounds=9)
    yield faster("10⁶ pairs of eigenvalues", seen["closed"], "numpy.linalg.eigvals", seen["lapack"], 10)


IMPORT = """
import time
process, wall = time.process_time(), time.perf_counter()
import {}
print(time.process_time() - process, time.perf_counter() - wall)
"""


def imports() -> Iterator[Row]:
    """What the first use of the catalogue adds to `import jax`: `import diracgan` by itself loads nothing."""
    samples: dict[str, list[Time]] = {"jax": [], "jax, diracgan; diracgan.method": []}
    for _ in range(9):
        for statement, seen in samples.items():
            command = [sys.executable, "-c", IMPORT.format(statement)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seen.append(Time(*map(float, done.stdout.split())))
    jax_alone, both = (Time(*map(statistics.median, zip(*seen, strict=True))) for seen in samples.values())
    added = Time(both.process - jax_alone.process, both.wall - jax_alone.wall)
    yield Row(
        "import diracgan and its methods, beyond import jax",
        added,
        "import jax",
        jax_alone,
        added.process,
        0.6,
        unit=" s",
    )


def main(words: list[str]) -> int:
    """Run the chosen benchmarks and print their table."""
    rows: list[Row] = []
    for benchmark in (trajectory, simulate, field, eigenvalues, imports):
        if not words or any(word in benchmark.__name__ for word in words):
            began = time.perf_counter()
            rows += benchmark()
            print(f"{benchmark.__name__}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    table = [HEADS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, ["-" * width for width in widths])
    for line in table:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
