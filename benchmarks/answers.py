"""What one answer costs: the first call in a fresh process, and the next ones with other values.

    python benchmarks/answers.py

Every figure is process time in units of `import jax` and one trivial jit, measured in the same run; each row has a
process of its own. "again" repeats the call with other values of every hyper-parameter: what is compiled must serve.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

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


def seconds(script: str) -> float:
    """The process time of a fresh interpreter that runs `script`."""
    timed = f"import time\n{script}\nprint(time.process_time())"
    return float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True).stdout)


def main(names: list[str]) -> None:
    """Print the table."""
    unit = statistics.median(seconds(UNIT) for _ in range(3))
    print(f"unit: {unit:.2f} s")
    for name, call in ROWS.items():
        if names and not any(part in name for part in names):
            continue
        done = subprocess.run([sys.executable, "-c", f"CALL = {call!r}\n{SCRIPT}"], capture_output=True, text=True)
        if done.returncode:
            print(f"{name:28} failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        imported, first, *again = json.loads(done.stdout.splitlines()[-1])
        again = statistics.median(again) / unit
        print(f"{name:28} first {first / unit:6.2f}   again {again:7.3f}   import {imported / unit:.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
