"""What is compiled serves other values: of three calls with other hyper-parameters only the first compiles."""

import inspect

import jax
import numpy as np
import pytest
from matplotlib.figure import Figure

import diracgan as dg

HEARD = []
jax.monitoring.register_event_duration_secs_listener(lambda name, *_, **__: HEARD.append(name.rpartition("/")[2]))

LINE, MANY = np.linspace(0.2, 2, 5), np.linspace(0.1, 1, 7)


def r1(g):
    return dg.method("r1", gamma=g)


def ax():
    return Figure().add_subplot()


def saddle(field):
    return dg.manifolds(field, dg.fixed_points(field, n=8).x[0], time=0.3)


def folded(field, algorithm):
    return dg.fold(field, algorithm, dg.cycle(field, algorithm, (0.03, 1.2)), step=-0.01)


# The first word of each is the public function that it calls.
ANALYSES = {
    "verdict": lambda g: dg.verdict(r1(g), dg.AltGD(g)),
    "verdict of the flow": lambda g: dg.verdict(r1(g)),
    "verdict of many": lambda g: dg.verdict(r1(g + MANY), dg.AltGD(g)),
    "critical_step": lambda g: dg.critical_step(r1(g), dg.AltGD(g)).criticality,
    "critical_step with memory": lambda g: dg.critical_step(r1(g), dg.Optimistic(g)),
    "critical_step by sampling": lambda g: dg.critical_step(r1(g), dg.ImplicitEuler(g)),
    "critical_step of many": lambda g: dg.critical_step(r1(g + MANY), dg.AltGD(g)),
    "stability_map": lambda g: dg.stability_map(
        dg.method("r1"), dg.SimGD(0.2), gamma=np.linspace(g, 3, 9), h=np.linspace(0.1, 4, 9)
    ),
    "optimal": lambda g: dg.optimal(r1(g), dg.AltGD(g), over="h"),
    "certificate": lambda g: dg.certificate(r1(0.5 + g), dg.SimGD(0.3 + g)),
    "global_step": lambda g: dg.global_step(r1(0.5 + g), dg.AltGD(0.3 + g)),
    "fixed_points": lambda g: dg.fixed_points(r1(g)),
    "manifolds": lambda g: saddle(dg.method("consensus", gamma=1 + g)),
    "basin": lambda g: dg.basin(r1(g), dg.SimGD(4 * g + 0.05), n=4, steps=100 + int(100 * g)),
    "convergence_map": lambda g: dg.convergence_map(
        dg.method("r1"), dg.SimGD(0.2), steps=50 + int(100 * g), gamma=np.linspace(g, 3, 4), h=np.linspace(0.1, 4, 4)
    ),
    "final_states": lambda g: dg.final_states(r1(g), dg.SimGD(g), np.ones((4, 2)), 50 + int(100 * g)),
    "cycle": lambda g: dg.cycle(r1(0.1 + g / 1e3), dg.AltGD(2.2 + g / 1e3), start=(0.03, 1.2)),
    "cycle of the flow": lambda g: dg.cycle(dg.method("wgan-gp", gamma=0.5 + g)),
    "bifurcation": lambda g: dg.bifurcation(r1(g), dg.AltGD(1.0), values=2 + LINE, transient=200 + int(9 * g), keep=8),
    "fold": lambda g: folded(r1(0.1 + g / 1e3), dg.AltGD(2.2)),
    "stationary_covariance": lambda g: dg.stationary_covariance(r1(0.5 + g), dg.SimGD(g), np.array([1.0, g])),
    "simulate": lambda g: dg.simulate(r1(g), dg.SimGD(g), steps=490 + int(50 * g)),
    "simulate thinned": lambda g: dg.simulate(r1(g), dg.AltGD(g), steps=900 + int(50 * g), save_every=4),
    "flow": lambda g: dg.flow(r1(g), (1.0, 1.0), np.linspace(0, 5, 197 + int(50 * g)), rtol=g / 1e7),
    "flow of many": lambda g: dg.flow(r1(g), np.ones((20, 2)), np.linspace(0, 5, 197 + int(50 * g)), rtol=g / 1e7),
    "period": lambda g: dg.period(dg.method("wgan", clip=2 + g), (1.0, g), max_time=90 + g),
    "arrival_time": lambda g: dg.arrival_time(r1(g), (1.0, g), radius=g / 10),
    "jacobian": lambda g: dg.jacobian(r1(g), (g, 1.0)),
    "eigenvalues": lambda g: dg.eigenvalues(r1(g), (g, 1.0)),
    "multipliers": lambda g: dg.multipliers(r1(g), dg.AltGD(g)),
    "spectral_radius": lambda g: dg.spectral_radius(r1(g), dg.AltGD(g)),
    "phase_portrait": lambda g: dg.phase_portrait(r1(g), dg.SimGD(g), ax=ax(), steps=100 + int(9 * g)) and None,
    "phase_portrait of the flow": lambda g: dg.phase_portrait(r1(g), ax=ax(), time=50 + g) and None,
    "vector_field": lambda g: dg.vector_field(r1(g), ax(), box=1 + g, style="streamlines") and None,
    "eigenvalue_plane": lambda g: dg.eigenvalue_plane(r1(g), dg.SimGD(g), ax=ax()) and None,
    "nullclines": lambda g: dg.nullclines(r1(g), ax(), n=60) and None,
    "train": lambda g: dg.train(r1(g), dg.SimGD(g), (1.0, g), steps=100 + int(100 * g)),
    "beyond.leading_spectrum": lambda g: dg.beyond.leading_spectrum(r1(g), k=1),
    "beyond.local_convergence": lambda g: dg.beyond.local_convergence(dg.beyond.problems(dg.R1(0.5 + g))[0].game),
}

# Public functions without a program of their own.
OTHERS = {
    "names and words": ("cite", "entry", "method", "methods", "register", "latex", "read_store"),
    "what a path says, by NumPy": ("outcome",),
    "programs of the caller's own function": ("sweep",),
    "one program for a whole store, whose settings are its axes": ("sweep_to_store",),
    "made of other analyses, or of thousands": ("animate", "discrepancies", "explore"),
}


def test_every_public_function_is_counted():
    functions = {name for name in dg.__all__ if inspect.isfunction(getattr(dg, name))}
    counted = {name.split()[0] for name in ANALYSES}
    assert functions - counted == {name for names in OTHERS.values() for name in names}


# What is asked of one system is traced and carried out by NumPy: not even the first call compiles.
CARRIED_OUT = {"verdict", "critical_step", "global_step", "jacobian"}


@pytest.mark.parametrize("name", ANALYSES)
def test_other_values_compile_nothing(name):
    jax.clear_caches()
    compiled, traced = [], []
    for gamma in (0.2, 0.25, 0.31):
        before = len(HEARD)
        jax.block_until_ready(ANALYSES[name](gamma))
        compiled.append(HEARD[before:].count("backend_compile_duration"))
        traced.append(HEARD[before:].count("jaxpr_trace_duration"))
    assert compiled[1:] == [0, 0]
    if compiled[0] == 0:
        assert name.split()[0] in CARRIED_OUT and traced[0] > 0 and traced[1:] == [0, 0]
