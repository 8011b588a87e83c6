"""What one answer costs: the first call in a fresh process, and the next ones with other values.

    python benchmarks/answers.py

Every figure is process time in units of `import jax` and one trivial jit, measured in the same run; each row has a
process of its own. "again" repeats the call with other values of every hyper-parameter: what is compiled must serve.
The package is compiled to bytecode before, as an installer does it; figures are the least of three processes each,
because whatever else the machine does can only add to them. Drawing needs pyplot, whose import has a line of its own.
The last line is a ratio: a call of `simulate` and one of its compiled program, on the same arguments.
"""

from __future__ import annotations

import compileall
import importlib.util
import json
import pathlib
import statistics
import subprocess
import sys

PYPLOT = "import jax, matplotlib.pyplot; jax.jit(lambda x: x + 1)(1.0).block_until_ready()"
UNIT = "import jax; jax.jit(lambda x: x + 1)(1.0).block_until_ready()"

ROWS = {
    "flow r1, 200 times": "dg.flow(dg.method('r1', gamma=g), (1.0, 1.0), np.linspace(0, 20, 200))",
    "phase_portrait of a flow": "portrait(dg.method('r1', gamma=g), start=(1.0, 1.0))",
    "phase_portrait of SimGD": "portrait(dg.method('r1', gamma=g), dg.SimGD(g), start=(1.0, 1.0))",
    "critical_step r1, AltGD": "dg.critical_step(dg.method('r1', gamma=g), dg.AltGD(g))",
    "stability_map 100 x 100": (
        "dg.stability_map(dg.method('r1'), dg.SimGD(.2), gamma=np.linspace(g, 3, 100), h=np.linspace(.01, 4, 100))"
    ),
    "optimal r1, AltGD": "dg.optimal(dg.method('r1', gamma=g), dg.AltGD(g))",
    "certificate r1, SimGD": "dg.certificate(dg.method('r1', gamma=.5 + g), dg.SimGD(.3 + g))",
    "cycle of the wgan-gp flow": "dg.cycle(dg.method('wgan-gp', gamma=.5 + g))",
    "fixed_points r1": "dg.fixed_points(dg.method('r1', gamma=g))",
    "basin 64 x 64": "dg.basin(dg.method('r1', gamma=g), dg.AltGD(g), n=64)",
    "verdict r1, AltGD": "dg.verdict(dg.method('r1', gamma=g), dg.AltGD(g))",
    "simulate 500 rounds": "dg.simulate(dg.method('r1', gamma=g), dg.SimGD(g))",
    "critical_step of 1000 r1": "dg.critical_step(dg.method('r1', gamma=g + np.arange(1000) / 1e3), dg.AltGD(g))",
    "verdict of 1000 r1": "dg.verdict(dg.method('r1', gamma=g + np.arange(1000) / 1e3), dg.AltGD(g))",
    "optimal h of 1000 r1": "dg.optimal(dg.method('r1', gamma=g + np.arange(1000) / 1e3), dg.AltGD(g), over='h')",
}

SCRIPT = """
import json, time
import numpy as np
import jax
jax.jit(lambda x: x + 1)(1.0).block_until_ready()
since = time.process_time()
import diracgan as dg
spent = [time.process_time() - since]

def portrait(*given, **options):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    figure, ax = plt.subplots()
    drawn = dg.phase_portrait(*given, ax=ax, **options)
    plt.close(figure)
    return drawn

if "portrait" in CALL:
    import matplotlib.pyplot
for g in (0.2, 0.21, 0.22, 0.23):
    since = time.process_time()
    jax.block_until_ready(eval(CALL))
    spent.append(time.process_time() - since)
print(json.dumps(spent))
"""


EAGER = """
import time, json
import jax, jax.numpy as jnp
import diracgan as dg
from diracgan.dynamics import trajectories
from diracgan.dynamics.system import trained
field, algorithm, start = dg.method("r1", gamma=.3), dg.SimGD(.2), jnp.ones(2)
kernel = jax.jit(trajectories._path, static_argnames=("rows", "save_every"))

def spent(call, times=300):
    call(), call()
    since = time.process_time()
    for _ in range(times):
        jax.block_until_ready(call())
    return (time.process_time() - since) / times

ratios = []
for _ in range(7):
    alone = spent(lambda: kernel(trained(field, algorithm), start, 500, 1))
    ratios.append(spent(lambda: dg.simulate(field, algorithm, start, 500)) / alone)
print(json.dumps(ratios))
"""


def seconds(script: str) -> float:
    """The process time of a fresh interpreter that runs `script`."""
    timed = f"import time\n{script}\nprint(time.process_time())"
    return float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True).stdout)


def spent(call: str) -> list[float]:
    """Process times of importing the package and of four calls in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", f"CALL = {call!r}\n{SCRIPT}"], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


def main(names: list[str]) -> None:
    """Print the table."""
    package = importlib.util.find_spec("diracgan")
    assert package is not None and package.origin is not None
    compileall.compile_dir(pathlib.Path(package.origin).parent, quiet=2)
    unit = min(seconds(UNIT) for _ in range(5))
    print(f"unit: {unit:.2f} s;  import matplotlib.pyplot beside it: {seconds(PYPLOT) / unit - 1:.2f}")
    for name, call in ROWS.items():
        if names and not any(part in name for part in names):
            continue
        try:
            runs = [spent(call) for _ in range(3)]
        except RuntimeError as problem:
            print(f"{name:28} failed: {problem}")
            continue
        imported, first = (min(run[i] for run in runs) / unit for i in (0, 1))
        again = min(statistics.median(run[2:]) for run in runs) / unit
        print(f"{name:28} first {first:6.2f}   again {again:7.3f}   import {imported:.2f}", flush=True)
    if not names:
        done = subprocess.run([sys.executable, "-c", EAGER], capture_output=True, text=True, check=True)
        ratios = json.loads(done.stdout.splitlines()[-1])
        print(f"simulate, called eagerly, in calls of its compiled program: {statistics.median(ratios):.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
