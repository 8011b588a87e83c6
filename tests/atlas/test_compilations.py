"""What is compiled serves other values: of three calls with other hyper-parameters only the first compiles."""

import jax
import numpy as np
import pytest

import diracgan as dg

COMPILED = []
jax.monitoring.register_event_duration_secs_listener(
    lambda name, *_, **__: COMPILED.append(name) if name.endswith("backend_compile_duration") else None
)

ANALYSES = {
    "verdict": lambda g: dg.verdict(dg.method("r1", gamma=g), dg.AltGD(g)),
    "verdict of the flow": lambda g: dg.verdict(dg.method("r1", gamma=g)),
    "critical_step": lambda g: dg.critical_step(dg.method("r1", gamma=g), dg.AltGD(g)).criticality,
    "critical_step with memory": lambda g: dg.critical_step(dg.method("r1", gamma=g), dg.Optimistic(g)),
    "critical_step by sampling": lambda g: dg.critical_step(dg.method("r1", gamma=g), dg.ImplicitEuler(g)),
    "stability_map": lambda g: dg.stability_map(
        dg.method("r1"), dg.SimGD(0.2), gamma=np.linspace(g, 3, 9), h=np.linspace(0.1, 4, 9)
    ),
    "optimal": lambda g: dg.optimal(dg.method("r1", gamma=g), dg.AltGD(g), over="h"),
    "certificate": lambda g: dg.certificate(dg.method("r1", gamma=0.5 + g), dg.SimGD(0.3 + g)),
    "fixed_points": lambda g: dg.fixed_points(dg.method("r1", gamma=g)),
    "basin": lambda g: dg.basin(dg.method("r1", gamma=g), dg.SimGD(4 * g + 0.05), n=4, steps=100 + int(100 * g)),
    "convergence_map": lambda g: dg.convergence_map(
        dg.method("r1"), dg.SimGD(0.2), steps=50, gamma=np.linspace(g, 3, 4), h=np.linspace(0.1, 4, 4)
    ),
    "final_states": lambda g: dg.final_states(dg.method("r1", gamma=g), dg.SimGD(g), np.ones((4, 2)), 50),
}


@pytest.mark.parametrize("name", ANALYSES)
def test_other_values_compile_nothing(name):
    jax.clear_caches()
    counts = []
    for gamma in (0.2, 0.25, 0.31):
        before = len(COMPILED)
        jax.block_until_ready(ANALYSES[name](gamma))
        counts.append(len(COMPILED) - before)
    assert counts[0] > 0 and counts[1:] == [0, 0]
