"""The spectral radius at 10⁸ settings, streamed to a store: time, throughput and peak memory of the process.

    python benchmarks/long_sweep.py [--side 10000] [--quantity radius] [--store DIR]

Peak memory is that of the whole process, the interpreter and JAX included; a first sweep of one chunk shows that part.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import jax
import numpy as np

import diracgan as dg
from diracgan.sweeps.store import sweep_to_store


def peak():
    """The largest resident size of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def timed(side, quantity, store):
    """Seconds of a side × side sweep."""
    axes = {"gamma": np.linspace(0.0, 3.0, side), "h": np.linspace(0.01, 4.0, side)}
    began = time.perf_counter()
    sweep_to_store(dg.method("r1"), dg.SimGD(0.2), axes, store, quantity=quantity)
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=10_000)
    parser.add_argument("--quantity", default="radius")
    parser.add_argument("--store", help="by default a temporary directory, removed afterwards")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        seconds = timed(256, options.quantity, Path(place) / "one")
        print(f"one chunk:  {256**2:>11} points in {seconds:7.1f} s, peak memory {peak():6.0f} MiB")
        seconds = timed(options.side, options.quantity, options.store or Path(place) / "all")
        points = options.side**2
        print(
            f"all chunks: {points:>11} points in {seconds:7.1f} s, peak memory {peak():6.0f} MiB, "
            f"{points / seconds / 1e6:.1f} million points per second"
        )


if __name__ == "__main__":
    with jax.enable_x64(True):
        main()
