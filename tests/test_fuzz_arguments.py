"""Every argument of every public function, given what it is not made for: a right answer, or an error of our own.

One argument at a time of a call that works is replaced by each of some fifty values. What comes out must be of the type
that the call has without it, and only for values that the argument could mean; anything else must end in a `ValueError`
or `TypeError` that is raised by a line of this package, not by something deep inside JAX, NumPy or matplotlib.
Warnings are errors here as everywhere in the suite.
"""

import functools
import inspect
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hostile import NEVER, refusals
from matplotlib.figure import Figure

import diracgan as dg
from diracgan import plotting
from diracgan.catalogue import registry
from diracgan.sweeps.progress import Line

R1, STEP = dg.method("r1", gamma=0.4), dg.SimGD(0.2)
GAME = dg.DiracGAN(dg.Minimax())
_AXES = []


@functools.partial
def fresh():
    """Axes on which nothing is drawn: those of the call before, where it was refused."""
    if not _AXES or _AXES[0].get_children() != _AXES[1]:
        ax = Figure().add_subplot()
        _AXES[:] = ax, ax.get_children()
    return _AXES[0]


@functools.cache
def found(what):
    """Results that are arguments of something else."""
    return {
        "path": lambda: np.asarray(dg.simulate(R1, STEP, steps=4)),
        "cycle": lambda: dg.cycle(dg.method("r1", gamma=0.1), dg.AltGD(2.2), (0.03, 1.2)),
        "points": lambda: dg.fixed_points(R1, n=4),
        "bifurcation": lambda: dg.bifurcation(R1, STEP, values=[0.1, 0.2], transient=4, keep=2),
        "map": lambda: dg.stability_map(R1, STEP, gamma=[0.3, 0.4], h=[0.1, 0.2]),
        "basin": lambda: dg.basin(R1, STEP, n=2, steps=8),
    }[what]()


def game_of(gamma):
    return dg.DiracGAN(dg.Minimax(), (dg.R1(gamma),))


def radius_at(gamma):
    return dg.spectral_radius(dg.method("r1", gamma=gamma), STEP)


def linear(weight, x):
    return weight * x


def stretched(parameters, z):
    return parameters[0] + parameters[1] * z


def drawing():
    """A game of minibatches."""
    normal = lambda key: jax.random.normal(key, (4,))
    data = lambda key: 1 + normal(key)
    theta = jnp.array(1.0)
    return dg.GAN(dg.Minimax(), generator=(jnp.add, theta), discriminator=(linear, theta), latent=normal, data=data)


def baselines(folder):
    """Name → a function and calls of it that work; together the calls of a name give every argument."""
    store = folder / "store"
    if not store.exists():
        dg.sweep_to_store(R1, STEP, {"gamma": [0.1, 0.2]}, store)

    @functools.wraps(dg.sweep_to_store)
    def stored(**given):
        try:
            return dg.sweep_to_store(**given)
        finally:
            shutil.rmtree(folder / "new", ignore_errors=True)

    @functools.wraps(dg.train)
    def trained(**given):
        try:
            return dg.train(**given)
        finally:
            for name in ("trained", "ab"):
                shutil.rmtree(folder / name, ignore_errors=True)

    @functools.wraps(plotting.theme)
    def themed(name):
        with plotting.theme(name):
            return name

    rates = ({"h": 0.2}, {"h_g": 0.2, "h_d": 0.1})
    rated = lambda **more: [rate | more for rate in rates]
    run = {"field": R1, "algorithm": STEP}
    drawn = {"field": R1, "ax": fresh, "box": 2.0}
    weight = {"name": "weight", "symbol": "w", "help": "a weight", "default": 0.5, "bounds": (0.0, 1.0)}
    colours = dict.fromkeys(("ink", "paper", "arrow", "shade", "path", "start", "theta", "psi"), "#1a1a1a")
    film = {"draw": lambda ax, value: ax.plot([0, 1]), "values": [1.0], "file": folder / "film.gif", "fps": 5.0}
    portrait = {**drawn, "algorithm": STEP, "start": (1.0, 1.0), "steps": 3, "n": 3, "style": "arrows", "time": 1.0}
    swept = {"over": {"gamma": [0.1, 0.2]}, "store": folder / "new", "quantity": "verdict", "steps": 3, "chunk": 2}
    registered = {"name": "fuzzed", "build": game_of, "parameters": (dg.Parameter("gamma", "γ", "weight", 0.1),)}
    words = {"title": "Fuzzed", "references": ("mao2017",), "objective": "L", "convention": "γ/2", "published": {}}

    core = {
        "Adam": rated(beta1=0.9, beta2=0.999, epsilon=1e-8),
        "AltGD": rated(n_g=1, n_d=1),
        "Averaged": [{"inner": STEP, "average": 0.5}],
        "CompetitiveGradient": rated(),
        "Consensus": [{"field": R1, "gamma": 1.0}],
        "DRAGAN": [{"gamma": 1.0, "target": 1.0, "spread": dg.GaussianNoise(1.0, 4)}],
        "DiracGAN": [
            {
                "loss": dg.Minimax(),
                "penalties": (dg.R1(0.3),),
                "noise": dg.GaussianNoise(0.7),
                "clip": 1.0,
                "distortions": (dg.Distortion(0.1),),
                "reparametrise": jnp.tanh,
                "data": 1.0,
                "bias": False,
            }
        ],
        "Distortion": [{"gamma": 1.0}],
        "Domain": [{"bound": 1.0}],
        "Drift": [{"field": R1, "eta": 0.1, "alternating": False}],
        "ExtraGradient": rated(),
        "FGAN": [{"divergence": dg.KullbackLeibler(), "saturating": True}],
        "FunctionField": [{"function": jnp.negative}],
        "GAN": [
            {
                "loss": dg.Minimax(),
                "penalties": (dg.R1(0.3),),
                "noise": dg.GaussianNoise(0.7, nodes=4),
                "clip": 1.0,
                "distortions": (dg.Distortion(0.1),),
                "generator": (stretched, jnp.ones(2)),
                "discriminator": (linear, jnp.array(0.5)),
                "latent": np.array([0.0, 1.0]),
                "data": np.array([1.0, 2.0]),
                "key": 1,
            }
        ],
        "GaussianNoise": [{"sigma": 0.7, "nodes": 8}],
        "GeneratorGradientPenalty": [{"field": R1, "gamma": 1.0}],
        "GradientNorm": [{"gamma": 1.0, "target": 1.0}],
        "HeavyBall": rated(beta=0.5, alternating=False),
        "ImplicitEuler": rated(),
        "JARE": [{"field": R1, "gamma": 1.0}],
        "LOLA": [{"field": GAME, "eta": 0.1}],
        "LeCam": [{"gamma": 1.0, "anchor_real": 0.1, "anchor_fake": 0.1, "one_sided": False}],
        "LeastSquares": [{"a": -1.0, "b": 1.0, "c": 0.5}],
        "Link": [{"function": jnp.tanh}],
        "Lookahead": [{"inner": STEP, "k": 5, "alpha": 0.5}],
        "Measure": [{"points": np.array([1.0, 2.0]), "weights": np.array([0.5, 0.5])}, {"points": 1.0}],
        "MovingAnchors": [{"game": GAME, "gamma": 1.0, "anchor_rate": 0.1, "one_sided": False}],
        "Nesterov": rated(beta=0.5, alternating=False),
        "OneSidedGradientNorm": [{"gamma": 1.0, "target": 1.0}],
        "Optimistic": rated(),
        "Parameter": [{**weight, "span": (0.0, 1.0), "open_low": False, "kind": float}],
        "PastExtraGradient": rated(),
        "R1": [{"gamma": 1.0}],
        "R2": [{"gamma": 1.0}],
        "RMSProp": rated(decay=0.9, epsilon=1e-8),
        "Relativistic": [{"saturating": True}],
        "Roth": [{"gamma": 1.0}],
        "RungeKutta": rated(order=4),
        "SimGD": rated(),
        "SymplecticAdjustment": [{"field": R1, "gamma": 1.0, "aligned": False}],
        "Transform": [{"field": R1}],
        "Unrolled": [{"field": GAME, "eta": 0.1, "unroll": 2, "through": True}],
        "ZeroCentred": [{"gamma": 1.0}],
        "arrival_time": [{"field": R1, "start": (1.0, 1.0), "radius": 0.9, "max_time": 5.0}],
        "basin": [{**run, "box": (-1.0, 1.0), "n": 2, "steps": 8, "lanes": 4}],
        "bifurcation": [
            {**run, "over": "h", "values": [0.1], "start": (1.0, 1.0), "transient": 4, "keep": 2, "box": None}
        ],
        "certificate": [{"method": R1, "algorithm": STEP}],
        "cite": [{"name": "r1"}],
        "convergence_map": [{"method": R1, "algorithm": STEP, "start": (1.0, 1.0), "steps": 8, "gamma": [0.4]}],
        "critical_step": [run],
        "cycle": [
            {
                "field": dg.method("r1", gamma=0.1),
                "algorithm": dg.AltGD(2.2),
                "start": (0.03, 1.2),
                "period": None,
                "rounds": 4096,
            }
        ],
        "discrepancies": [{}],
        "eigenvalues": [{"field": R1, "at": (0.0, 0.0), "side": 1}],
        "entry": [{"name": "r1"}],
        "explore": [
            {"method": "r1", "algorithm": "altgd", "start": (1.0, 1.0), "steps": 9, "height": 500, "h": 0.2}
            | {"show": ("plane",), "controls": ("h",)}
        ],
        "final_states": [{**run, "starts": [(1.0, 1.0)], "steps": 3, "lanes": 4}],
        "fixed_points": [{"field": R1, "box": (-1.0, 1.0), "n": 4, "certify": True}],
        "flow": [{"field": R1, "start": (1.0, 1.0), "times": [0.0, 0.1], "rtol": 1e-6, "atol": 1e-6}],
        "fold": [
            {
                "field": dg.method("r1", gamma=0.1),
                "algorithm": dg.AltGD(2.2),
                "at": found("cycle"),
                "over": "h",
                "step": -0.02,
            }
        ],
        "global_step": [{"method": R1, "algorithm": STEP}],
        "jacobian": [{"field": R1, "at": (0.0, 0.0), "side": 1}],
        "latex": [{"name": "wgan", "clip": 1.0}],
        "manifolds": [
            {
                "field": lambda x: jnp.stack([x[0], -x[1]]),
                "saddle": (0.0, 0.0),
                "time": 0.1,
                "reach": 1.0,
                "rows": 3,
            }
        ],
        "method": [{"name": "r1", "gamma": 0.3}],
        "methods": [{}],
        "multipliers": [{**run, "at": (0.0, 0.0), "step": 0}],
        "optimal": [{"method": R1, "algorithm": STEP, "over": "h", "spans": {"h": (0.1, 0.2)}}],
        "outcome": [{"path": found("path"), "target": (0.0, 0.0), "near": 1e-3, "far": 1e3, "save_every": 1}],
        "period": [{"field": dg.method("gan"), "start": (1.0, 1.0), "max_time": 5.0}],
        "read_store": [{"path": store}],
        "register": [registered | words],
        "simulate": [{**run, "start": (1.0, 1.0), "steps": 4, "save_every": 2}],
        "spectral_radius": [{**run, "at": (0.0, 0.0), "step": 0}],
        "stability_map": [{"method": R1, "algorithm": STEP, "gamma": [0.4]}],
        "stationary_covariance": [{**run, "noise": (0.0, 1.0)}],
        "sweep": [{"fn": radius_at, "portion": 4, "progress": Line, "gamma": [0.4]}],
        "sweep_to_store": [{**run, **swept, "start": (1.0, 1.0), "resume": False, "process": (0, 1), "progress": Line}],
        "train": [
            {
                "game": drawing(),
                "algorithm": STEP,
                "state": (1.0, 1.0),
                "steps": 4,
                "key": 1,
                "save_every": 2,
                "callback": lambda rounds, x: None,
                "store": folder / "trained",
                "resume": False,
                "progress": Line,
            }
        ],
        "verdict": [{**run, "at": (0.0, 0.0), "step": 0}],
    }
    core |= {name: [{}] for name in ARGUMENTLESS}
    pictures = {
        "Palette": [colours],
        "animate": [
            {**run, "start": (1.0, 1.0), "steps": 1, "file": folder / "a.gif", "fps": 5.0, "box": 2.0, "save_every": 1}
        ],
        "basin": [{"map_": found("basin"), "ax": fresh}],
        "bifurcation_diagram": [{"found": found("bifurcation"), "ax": fresh, "label": "h"}],
        "coexisting_attractors": [{"ax": fresh, "gamma": 0.1, "h": 2.2}],
        "cycle_gallery": [{"cycles": [found("cycle")], "ax": fresh, "labels": ["one"], "box": 2.0}],
        "discriminator_line": [{"x": (1.0, 0.5), "ax": fresh, "field": R1, "span": 2.0}],
        "distance": [
            {
                "path": found("path"),
                "ax": fresh,
                "target": (0.0, 0.0),
                "rate": 0.9,
                "save_every": 1,
                "label": "run",
            }
        ],
        "eigenvalue_plane": [{**run, "over": "h", "span": (0.1, 0.2), "ax": fresh, "n": 3}],
        "equilibria": [{"points": found("points"), "ax": fresh}],
        "equilibrium": [{**run, "ax": fresh, "kind": "stable"}],
        "film": [film | {"size": (1, 1)}],
        "loss_surface": [drawn | {"n": 8}],
        "nullclines": [drawn | {"n": 8}],
        "palette": [{"ax": fresh}],
        "phase_portrait": [portrait | {"nullclines": False}],
        "proved_plane": [{"ax": fresh, "alternating": True}],
        "root_locus": [{"method": R1, "algorithm": STEP, "ax": fresh, "span": (0.1, 0.2)}],
        "stability": [{"chart": found("map"), "ax": fresh}],
        "theme": [{"name": "light"}],
        "trajectory": [{"path": found("path"), "ax": fresh, "field": R1, "box": 2.0, "style": "steps", "label": "run"}],
        "vector_field": [drawn | {"n": 3, "style": "arrows", "power": 0.5}],
    }
    bound = {
        "a field": (R1.__call__, [{"x": (1.0, 1.0)}]),
        "Method.replace": (R1.replace, [{"gamma": 0.3}]),
        "Algorithm.replace": (STEP.replace, [{"h": 0.3}]),
        "Parameter.convert": (dg.Parameter(**weight).convert, [{"value": 0.3}]),
        "Parameter.__call__": (dg.Parameter(**weight).__call__, [{"default": 0.3, "span": (0.0, 1.0), "help": "w"}]),
        "a penalty of none": (dg.DiracGAN, [{"loss": dg.Minimax(), "penalties": dg.R1(0.3)}]),
    }
    instead = {"sweep_to_store": stored, "theme": themed, "train": trained}
    return (
        {name: (instead.get(name, getattr(dg, name)), given) for name, given in core.items()}
        | {f"plotting.{name}": (instead.get(name, getattr(plotting, name)), given) for name, given in pictures.items()}
        | bound
    )


# Base classes, and those that have nothing to be given.
ARGUMENTLESS = """
    Algorithm Divergence Game Hinge JensenShannon KullbackLeibler Loss Minimax Neyman NonSaturating Pearson Penalty
    ReverseKullbackLeibler SquaredHellinger TotalVariation VectorField Wasserstein
""".split()
# What the package makes and nobody else: they are public for the annotations of other people's functions.
RESULTS = {"Outcome", "Verdict"}
# The same function by another name.
AGAIN = {name for name in plotting.__all__ if getattr(dg, name, None) is getattr(plotting, name)}


def public():
    for name in dir(dg):
        thing = getattr(dg, name)
        if callable(thing) and not name.startswith("_") and getattr(thing, "__module__", "").startswith("diracgan"):
            yield name if name not in AGAIN else f"plotting.{name}"
    yield from (f"plotting.{name}" for name in plotting.__all__ if callable(getattr(plotting, name)))


PUBLIC = sorted(set(public()) - RESULTS)
# What is called on an object, or in another way than its signature says.
METHODS = """
    a field, Method.replace, Algorithm.replace, Parameter.convert, Parameter.__call__, a penalty of none
""".strip().split(", ")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def calls(folder):
    return baselines(folder)


def test_every_public_name_has_a_call_with_every_argument(calls):
    assert set(calls) == {*PUBLIC, *METHODS}, "a public function needs a line in `baselines`, and no other has one"
    for name in PUBLIC:
        function, several = calls[name]
        declared = inspect.signature(function).parameters.values()
        named = {one.name for one in declared if one.kind is not one.VAR_KEYWORD}
        given = {argument for call in several for argument in call}
        assert given == named if len(named) == len(declared) else given > named, name


# Where an argument means more than its example and its default show.
MORE = {
    ("Domain", "bound"): "None",
    ("critical_step", "field"): "a batch of methods",
    ("critical_step", "algorithm"): "a batch of algorithms",
    ("verdict", "field"): "a batch of methods",
    ("optimal", "method"): "a batch of methods",
    ("optimal", "algorithm"): "a batch of algorithms",
    ("verdict", "algorithm"): "a batch of algorithms",
    ("Consensus", "field"): "a batch of methods",
    ("Drift", "field"): "a batch of methods",
    ("GeneratorGradientPenalty", "field"): "a batch of methods",
    ("JARE", "field"): "a batch of methods",
    ("SymplecticAdjustment", "field"): "a batch of methods",
    ("Transform", "field"): "a batch of methods",
    ("Averaged", "inner"): "a batch of algorithms",
    ("Lookahead", "inner"): "a batch of algorithms",
    ("DiracGAN", "loss"): "a loss",
    ("DiracGAN", "penalties"): "a penalty",
    ("DiracGAN", "distortions"): "a penalty",
    ("GAN", "loss"): "a loss",
    ("GAN", "penalties"): "a penalty",
    ("GAN", "distortions"): "a penalty",
    ("a penalty of none", "loss"): "a loss",
    ("a penalty of none", "penalties"): "a penalty",
    ("Parameter", "default"): "NaN",
    ("Parameter.__call__", "default"): "NaN",
    # Those of a run that diverged.
    ("Measure", "points"): "NaN, infinity, minus infinity, an integer beyond float, an integer beyond words, "
    "a list with NaN, a list of huge integers",
    ("Measure", "weights"): "a list with NaN, a list of huge integers",
    ("a field", "x"): "a list with NaN",
    ("bifurcation", "box"): "a fraction, an integer beyond int64, one number",
    ("explore", "method"): "a method",
    ("explore", "algorithm"): "an algorithm",
    ("manifolds", "field"): "a method",
    # No starts have no paths.
    ("simulate", "start"): "no rows",
    ("flow", "start"): "no rows",
    ("final_states", "starts"): "no rows",
    ("train", "state"): "no rows",
    ("plotting.phase_portrait", "start"): "None, no rows",
    ("plotting.eigenvalue_plane", "over"): "None",
    ("plotting.equilibrium", "ax"): "None",
    ("outcome", "target"): "a method",
    ("plotting.distance", "target"): "a method",
    ("plotting.root_locus", "span"): "None",
    # One frame for each value of anything.
    ("plotting.film", "values"): ", ".join(NEVER),
    ("plotting.film", "draw"): "a function of numpy",
}
# What somebody's function raises is theirs.
THEIRS = {
    ("plotting.film", "draw"): "a function that raises, a function of numpy",
    ("train", "callback"): "a function that raises, a function of numpy",
    ("sweep", "fn"): "a function that raises",
    ("sweep", "progress"): "a function that raises",
    ("sweep_to_store", "progress"): "a function that raises",
    ("train", "progress"): "a function that raises",
}


@pytest.mark.parametrize("name", [*PUBLIC, *METHODS])
def test_a_right_answer_or_an_error_of_our_own(name, calls, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for own in registry.own():
        # The page of a process that has methods of its own is compiled at every call.
        monkeypatch.delitem(registry._ENTRIES, own)
    wrong = refusals(name, *calls[name], MORE, THEIRS)
    assert not wrong, f"{len(wrong)} of {name}:\n" + "\n".join(wrong)
