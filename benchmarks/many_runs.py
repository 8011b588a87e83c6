"""A million runs against a kernel written by hand in C, against NumPy; sweeps with early exit; spectra.

    python benchmarks/many_runs.py

needs gcc and a processor with AVX2 and FMA. Prints one table; the ratios are of one run on one machine.
"""

import ctypes
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import jax

jax.config.update("jax_num_cpu_devices", len(os.sched_getaffinity(0)))

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

import diracgan as dg  # noqa: E402
from diracgan.dynamics.engine import block_map  # noqa: E402
from diracgan.dynamics.fates import decide  # noqa: E402
from diracgan.dynamics.lanes import over_lanes  # noqa: E402
from diracgan.dynamics.system import trained  # noqa: E402

STEPS, H, GAMMA = 1000, 0.2, 0.5
THREADS = len(os.sched_getaffinity(0))
SOURCE = pathlib.Path(__file__).with_name("kernel.c")


def kernel():
    library = pathlib.Path(tempfile.mkdtemp()) / "kernel.so"
    flags = ["-O3", "-mavx2", "-mfma", "-ffast-math", "-shared", "-fPIC", "-pthread"]
    subprocess.run(["gcc", *flags, str(SOURCE), "-o", str(library)], check=True)
    return ctypes.CDLL(str(library))


def in_c(library, starts, steps=STEPS):
    single = starts.dtype == np.float32
    number = ctypes.c_float if single else ctypes.c_double
    padded = -(-len(starts) // 64) * 64
    theta, psi = (np.resize(column, padded).copy() for column in starts.T)
    run = library.simgd_r1_f if single else library.simgd_r1_d
    pointers = [array.ctypes.data_as(ctypes.POINTER(number)) for array in (theta, psi)]
    run(*pointers, ctypes.c_int64(padded), ctypes.c_int(steps), number(H), number(GAMMA), ctypes.c_int(THREADS))
    return np.stack([theta, psi], axis=1)[: len(starts)]


def in_numpy(starts, steps):
    theta, psi = starts.T.copy()
    h, gamma = starts.dtype.type(H), starts.dtype.type(GAMMA)
    for _ in range(steps):
        slope = 1 / (1 + np.exp(theta * psi))
        theta, psi = theta - h * psi * slope, psi + h * (theta * slope - gamma * psi)
    return np.stack([theta, psi], axis=1)


def timed(work, repeats=5):
    """Medians of wall and process time in seconds."""
    walls, processes = [], []
    for _ in range(repeats):
        wall, process = time.perf_counter(), time.process_time()
        jax.block_until_ready(work())
        walls.append(time.perf_counter() - wall)
        processes.append(time.process_time() - process)
    return statistics.median(walls), statistics.median(processes)


def line(what, measured, target):
    print(f"{what:72} {measured:>10} {target:>10}", flush=True)


def million_runs(library, dtype, target):
    starts = np.random.default_rng(0).uniform(-2, 2, (1_000_000, 2)).astype(dtype)
    method, algorithm = dg.method("r1", gamma=GAMMA), dg.SimGD(H)
    ours = lambda: dg.final_states(method, algorithm, starts, STEPS)[0]
    # In float32 the runs end in denormals, which both sides round in their own way.
    few = dg.final_states(method, algorithm, starts[:4096], 50)[0]
    np.testing.assert_allclose(few, in_c(library, starts[:4096], 50), atol=2e-5 if dtype == np.float32 else 1e-12)
    ours()
    wall, process = timed(ours)
    limit, limit_process = timed(lambda: in_c(library, starts))
    slow = timed(lambda: in_numpy(starts, 100), 3)[1] * STEPS / 100
    name = np.dtype(dtype).name
    line(f"10⁶ starts × 1000 rounds, {name}: wall time against C with {THREADS} threads", f"{wall / limit:.2f}", target)
    line(f"  the same against whole-array NumPy, process time, {name}", f"{slow / process:.1f}", "≥ 40")
    line(f"    (the C kernel against NumPy, process time: {slow / limit_process:.1f})", "", "")
    line(f"  ns per round and start: ours {wall:.3f}, C {limit:.3f}", "", "")
    return limit


def early_exit(limit):
    """The (γ, h) sweep of 1000 × 1000 points × 1000 rounds, tiled so that a block is decided together."""
    axis = np.linspace(0.01, 3, 1000).astype(np.float32)
    method, algorithm, start = dg.method("r1"), dg.SimGD(H), np.ones(2, np.float32)
    ours = lambda: dg.convergence_map(method, algorithm, start, STEPS, gamma=axis, h=axis)
    tiled = ours()

    @jax.jit
    def flat(gamma, h):
        def block(part):
            build = lambda setting: trained(dg.method("r1", gamma=setting[0]), dg.SimGD(setting[1]))
            return decide(block_map(build, part, jnp.ones((len(part[0]), 2), jnp.float32)), (0.0, 0.0), STEPS)[1:]

        return over_lanes(block, (gamma, h))

    codes, step = flat(*(a.reshape(-1) for a in np.meshgrid(axis, axis, indexing="ij")))
    same = np.array_equal(codes, tiled.values["codes"].reshape(-1)) and np.array_equal(
        step, tiled.values["step"].reshape(-1)
    )
    wall, _ = timed(ours)
    line("1000 × 1000 (γ, h) × 1000 rounds with early exit against C without", f"{wall / limit:.2f}", "≤ 0.6")
    line("  verdicts and deciding rounds identical to the untiled run", str(same), "True")


def spectra():
    axis = np.linspace(0.01, 3, 1000).astype(np.float32)
    gamma, h = (a.reshape(-1) for a in np.meshgrid(axis, axis, indexing="ij"))
    radius = lambda g, h: dg.spectral_radius(dg.method("r1", gamma=g), dg.SimGD(h))
    ours = jax.jit(lambda g, h: over_lanes(jax.vmap(lambda p: radius(*p)), (g, h)))
    matrices = jnp.asarray(np.random.default_rng(0).normal(size=(20_000, 2, 2)).astype(np.float32))
    theirs = jax.jit(lambda m: jnp.max(jnp.abs(jnp.linalg.eigvals(m)), axis=-1))
    jax.block_until_ready((ours(gamma, h), theirs(matrices)))
    _, fast = timed(lambda: ours(gamma, h))
    _, slow = timed(lambda: theirs(matrices))
    line("10⁶ spectral radii against jnp.linalg.eigvals, process time", f"{slow * 50 / fast:.0f}", "≥ 60")


def flows():
    from scipy.integrate import solve_ivp

    starts = np.random.default_rng(1).uniform(-2, 2, (100_000, 2))
    method, times = dg.method("r1", gamma=GAMMA), np.array([0.0, 10.0])
    slope = lambda u: 1 / (1 + np.exp(u))
    by_hand = lambda t, x: np.array([-x[1] * slope(x[0] * x[1]), x[0] * slope(x[0] * x[1]) - GAMMA * x[1]])
    exact = dg.flow(method, starts[:50], times)[:, -1]
    loose = {"rtol": 1e-7, "atol": 1e-9}
    ours = lambda: dg.flow(method, starts, times, **loose)
    error = np.abs(ours()[:50, -1] - exact).max()
    scipy_run = lambda: [solve_ivp(by_hand, (0, 10), x, method="DOP853", **loose).y[:, -1] for x in starts[:50]]
    scipy_error = np.abs(np.array(scipy_run()) - exact).max()
    wall, process = timed(ours, 3)
    slow_process = timed(scipy_run, 3)[1]
    line("flow of 10⁵ starts against a solve_ivp loop, process time", f"{slow_process * 2000 / process:.0f}", "≥ 100")
    line(f"  largest error: ours {error:.1e}, solve_ivp {scipy_error:.1e}; wall {wall:.2f} s", "", "")


if __name__ == "__main__":
    line("", "measured", "target")
    compiled = kernel()
    limit = million_runs(compiled, np.float32, "≤ 1.7")
    early_exit(limit)
    spectra()
    jax.config.update("jax_enable_x64", True)
    million_runs(compiled, np.float64, "≤ 2")
    flows()
