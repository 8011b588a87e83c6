"""The same for the public functions of the rooms beside `dg`: smoothness, regret, beyond and proofs."""

import functools
import importlib
import inspect
from unittest import mock

import numpy as np
import pytest
from hostile import refusals

import diracgan as dg
from diracgan.beyond import problems

ROOMS = {"smoothness": dg.smoothness, "regret": dg.regret, "beyond": dg.beyond, "plane": dg.beyond.plane}
ROOMS |= {"proofs": dg.proofs, "course": dg.course}
# What the package makes and nobody else.
RESULTS = """
    smoothness.Bound smoothness.Chain smoothness.Constants smoothness.Descent smoothness.Divergence
    smoothness.Evaluation smoothness.GameChain smoothness.Generator smoothness.Row smoothness.Table smoothness.Witness
    regret.Bumps regret.Collapse regret.Equilibrium regret.OneSided regret.Rate regret.Regret
    beyond.LeadingSpectrum beyond.LocalConvergence beyond.Problem beyond.Trained plane.PlaneRun plane.Target
    proofs.Certificate proofs.GlobalStep course.Answer course.Exercise course.Mistake
""".split()
# Those of `dg` by another name.
AGAIN = ["beyond.train", "proofs.certificate", "proofs.global_step"]

MMD, GAME = dg.smoothness.MMD(1.0), dg.method("wgan", clip=9.0)
CURVED = problems()[0].game
SMALL = dg.beyond.plane.Setting(width=2, depth=1, batch=2, points=4)


@functools.cache
def baselines():
    """Name → calls of it that work, which together give every argument."""
    run = {"field": GAME, "path": [[1.0, 0.5], [0.5, 1.0]], "bound": 2.0}
    learner = {"field": GAME, "h": 0.1, "start": (1.0, 1.0), "rounds": 3, "bound": 2.0}
    mild = {"gamma": 1.0, "target": 1.0, "name": "dragan"}
    descent = {"divergence": MMD, "start": 0.5, "rounds": 3}
    return {
        "smoothness.ClippedQuadratic": [{"alpha": 1.0, "gamma": 0.5}],
        "smoothness.Cloud": [{"latent": [0.0, 1.0]}],
        "smoothness.InfConvolution": [
            {"lipschitz": 0.5, "smooth": 0.5, "gamma": 0.5, "tau": 1.0, "link": "linear", "span": (-1.0, 1.0)}
        ],
        "smoothness.LinearR1": [{"gamma": 0.5}],
        "smoothness.MMD": [{"tau": 1.0}],
        "smoothness.Minimax": [{}],
        "smoothness.NonSaturating": [{}],
        "smoothness.Particles": [{"count": 2}],
        "smoothness.Played": [{"game": CURVED}],
        "smoothness.Wasserstein1": [{}],
        "smoothness.chain": [{"gamma": 0.5, "h": 1.0, "loss": "log", "n_d": (1, 2)}],
        "smoothness.constants": [{"divergence": MMD, "box": (-1.0, 1.0), "count": 9, "zooms": 1}],
        "smoothness.descend": [{**descent, "step": 0.1, "box": (-2.0, 2.0)}],
        "smoothness.descend_generator": [
            {**descent, "generator": dg.smoothness.Particles(2), "step": 0.1, "start": (0.1, 0.2), "data": [0.0, 1.0]}
        ],
        "smoothness.descents": [{**descent, "known": dg.smoothness.constants(MMD, count=9, zooms=1)}],
        "smoothness.game_chain": [{"game": CURVED, "at": np.zeros(6), "h": 1.0, "n_d": (1,)}],
        "smoothness.generator_bound": [
            {
                "generator": dg.smoothness.Particles(2),
                "divergence": MMD,
                "data": [0.0, 1.0],
                "box": (-1.0, 1.0),
                "samples": 4,
            }
        ],
        "smoothness.smoothness": [{"alpha": 1.0, "beta1": 0.5, "beta2": 0.5, "A": 1.0, "B": 0.5}],
        "smoothness.table": [{"box": (-1.0, 1.0)}],
        "regret.BumpGame": [
            {
                "data": [-1.0, 1.0],
                "centres": [-1.0, 1.0],
                "width": 0.5,
                "particles": 2,
                "loss": dg.Minimax(),
                "penalties": (dg.R1(0.3),),
            }
        ],
        "regret.WeightDecay": [{"gamma": 0.3}],
        "regret.average": [{"path": run["path"], "kind": "uniform"}],
        "regret.capture_threshold": [
            {"target": 1.0, "name": "dragan", "start": (1.0, 1.0), "h": 0.05, "tolerance": 1.0}
        ],
        "regret.captured": [{**mild, "start": (1.0, 1.0), "h": 0.05, "rounds": 2000}],
        "regret.equilibria": [
            {"game": dg.regret.BumpGame([0.0], [0.0], particles=1), "starts": 2, "reach": 1.0, "seed": 0}
        ],
        "regret.follow_the_regularised_leader": [learner],
        "regret.linearised": [run],
        "regret.mode_collapse": [
            {
                "games": {"none": ()},
                "seeds": 1,
                "particles": 2,
                "algorithm": dg.SimGD(0.1),
                "rounds": 3,
                "start": (-1.0, 0.3),
            }
        ],
        "regret.node_threshold": [{"target": 1.0, "name": "dragan"}],
        "regret.one_sided": [mild],
        "regret.online_gradient": [learner],
        "regret.rates": [{"game": "log-loss", "start": (1.0, 1.0), "rounds": [8, 16], "bound": 50.0}],
        "regret.regret": [run],
        "regret.repairs": [{"gamma": 1.0, "target": 1.0, "spread": 0.2}],
        "regret.running_averages": [{"path": run["path"]}],
        "regret.sharpness": [{"game": GAME, "path": run["path"]}],
        "regret.two_modes": [{"penalties": (), "particles": 2, "bumps": 3}],
        "beyond.leading_spectrum": [
            {
                "game": CURVED,
                "at": np.zeros(6),
                "k": 2,
                "which": "LR",
                "step": 0,
                "tolerance": 1e-8,
                "restarts": 9,
            }
        ],
        "beyond.local_convergence": [
            {"game": CURVED, "at": np.zeros(6), "tolerance": 1e-8, "symmetries": np.eye(6)[:1]}
        ],
        "beyond.problems": [{"penalties": (dg.R1(1.0),), "loss": dg.Minimax()}],
        "plane.Setting": [
            {"width": 2, "depth": 1, "activation": "relu", "batch": 2, "points": 4, "seed": 0},
        ],
        "plane.game": [{"target": "line", "method": "r1", "setting": SMALL, "batch": 2}],
        "plane.run": [
            {
                "target": "line",
                "method": "r1",
                "optimiser": "sgd",
                "seeds": 1,
                "rounds": 2,
                "held": 4,
                "k": 1,
                "setting": SMALL,
            }
        ],
        "plane.wasserstein_1": [{"points": [[0.0, 1.0], [1.0, 0.0]], "others": [[0.0, 1.0], [2.0, 0.0]]}],
        "proofs.prove": [{"names": ("coexistence",), "quick": True, "processes": 1, "keep": "folder"}],
        "proofs.theorems": [{}],
        "course.check": [{"name": "critical-penalty", "answer": 1.0}],
        "course.exercises": [{"chapter": 1}],
    }


def public():
    for name, room in ROOMS.items():
        for one in room.__all__:
            if callable(getattr(room, one)):
                yield f"{name}.{one}"


PUBLIC = sorted(set(public()) - set(RESULTS) - set(AGAIN))


def function_of(name):
    room, one = name.split(".")
    return getattr(ROOMS[room], one)


def test_every_public_name_has_a_call_with_every_argument():
    calls = baselines()
    assert set(calls) == set(PUBLIC)
    for name in PUBLIC:
        named = set(inspect.signature(function_of(name)).parameters)
        assert {argument for call in calls[name] for argument in call} == named, name


# Where an argument means more than its example and its default show.
MORE = {
    ("smoothness.smoothness", name): "infinity, an integer beyond float, an integer beyond words"
    for name in ("alpha", "beta1", "beta2")
} | {
    ("beyond.problems", "loss"): "a loss",
    ("course.check", "answer"): "the ellipsis, complex, a complex array, a decimal",
    ("beyond.problems", "penalties"): "a penalty",
    ("plane.run", "optimiser"): "an algorithm",
    ("regret.BumpGame", "loss"): "a loss",
    ("regret.BumpGame", "penalties"): "a penalty",
    ("regret.two_modes", "penalties"): "a penalty",
}
# Those whose every call costs seconds, with the step that does: each has converted all its arguments when it is taken,
# and there such a call ends here. The tests of their rooms go on.
COSTLY = {
    "plane.run": ("diracgan.beyond.plane.runs", "_trained"),
    "regret.capture_threshold": ("diracgan.regret.dragan", "_bisected"),
    "regret.mode_collapse": ("diracgan.regret.collapse", "simulate"),
    "regret.rates": ("diracgan.regret.rates", "_decreasing"),
    "smoothness.table": ("diracgan.smoothness.overview", "constants"),
}


class Reached(Exception):
    """Every argument has been accepted."""


def reached(*_, **__):
    raise Reached


def only_checked(name):
    """A function of `COSTLY` up to its costly step."""
    module, step = COSTLY[name]

    @functools.wraps(function_of(name))
    def checked(**given):
        with mock.patch.object(importlib.import_module(module), step, reached), pytest.raises(Reached):
            function_of(name)(**given)

    return checked


@pytest.mark.parametrize("name", PUBLIC)
def test_a_right_answer_or_an_error_of_our_own(name):
    function = only_checked(name) if name in COSTLY else function_of(name)
    wrong = refusals(name, function, baselines()[name], MORE, {})
    assert not wrong, f"{len(wrong)} of {name}:\n" + "\n".join(wrong)
