"""Draws the pictures of the gallery: `python docs/gallery.py` writes them beside this file."""

import os
import pathlib

import jax

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_num_cpu_devices", len(os.sched_getaffinity(0)))

import numpy as np  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

import diracgan as dg  # noqa: E402
from diracgan import plotting  # noqa: E402
from diracgan.reproduction.figures import FIGURES, render  # noqa: E402

HERE = pathlib.Path(__file__).parent


def coexisting():
    figure = Figure(figsize=(9.6, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    plotting.coexisting_attractors(left)
    plotting.basin(dg.basin(dg.method("r1", gamma=0.1), dg.AltGD(2.2), box=(-2.0, 2.0), n=320), right)
    return figure


def stability():
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    axes = figure.subplots(1, 3)
    gamma, h = np.linspace(0.01, 3, 360), np.linspace(0.01, 5, 360)
    beta = np.linspace(-0.95, 0.5, 360)
    plotting.stability(dg.stability_map(dg.method("r1"), dg.SimGD(0.2), gamma=gamma, h=h), axes[0])
    plotting.stability(dg.stability_map(dg.method("r1"), dg.AltGD(0.2), gamma=gamma, h=h), axes[1])
    ball = dg.HeavyBall(0.2, -0.5, alternating=True)
    plotting.stability(dg.stability_map(dg.method("gan"), ball, beta=beta, h=h), axes[2])
    for ax, title in zip(axes, ("R1, SimGD", "R1, AltGD", "GAN, alternating heavy ball"), strict=True):
        ax.set_title(title, loc="left")
    return figure


def basins():
    figure = Figure(figsize=(13, 4.9), layout="constrained")
    axes = figure.subplots(1, 3)
    for ax, h in zip(axes, (0.99, 1.01, 2.0), strict=True):
        plotting.basin(dg.basin(dg.method("r1", gamma=1.0), dg.SimGD(h), n=384), ax)
        ax.set_title(f"R1, γ = 1, SimGD, h = {h:g}", loc="left")
    return figure


def bifurcations():
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    ax = figure.add_subplot()
    plotting.bifurcation_diagram(dg.bifurcation(dg.method("r1"), dg.SimGD(0.2), values=np.linspace(0.5, 3, 1200)), ax)
    ax.set_title("R1, γ = 0.3, SimGD", loc="left")
    return figure


RUNS = (
    ("simultaneous updates: outwards", dg.method("gan"), dg.SimGD(0.15)),
    ("alternating updates: round and round", dg.method("gan"), dg.AltGD(0.15)),
    ("alternating updates with R1: to the solution", dg.method("r1", gamma=0.3), dg.AltGD(0.15)),
)


def training(file, rounds=range(0, 240, 4)):
    """One start under three ways of training, side by side, as a film."""
    paths = [np.asarray(dg.simulate(m, algorithm, (1.0, 0.6), max(rounds))) for _, m, algorithm in RUNS]

    def draw(ax, k):
        panels = ax.figure.subplots(1, 3)
        ax.remove()
        for panel, (title, m, algorithm), path in zip(panels, RUNS, paths, strict=True):
            plotting.trajectory(path[: k + 1], plotting.vector_field(m, panel, box=2.2))
            plotting.equilibrium(m, panel, algorithm)
            panel.set_title(title, loc="left")

    with plotting.theme("light"):
        plotting.film(draw, list(rounds), file, fps=14, size=(8.4, 3.1))


if __name__ == "__main__":
    for name in ("figure-3", "theorems"):
        render(FIGURES[name], HERE)
    for draw in (coexisting, stability, basins, bifurcations):
        with plotting.theme("light"):
            draw().savefig(HERE / f"{draw.__name__}.png", dpi=110, bbox_inches="tight")
        print(draw.__name__, flush=True)
    training(HERE / "training.gif")
