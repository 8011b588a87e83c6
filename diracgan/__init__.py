"""An analytic dynamics explorer for the Dirac-GAN.

Write down what the two players optimise; the vector field, its spectrum, trajectories and pictures are derived.
"""

import importlib
from typing import Any

# First: from here on Ctrl-C ends the command in one line.
from diracgan.command import interrupt  # isort: split

from diracgan.algorithms import (
    Adam,
    Algorithm,
    AltGD,
    Averaged,
    CompetitiveGradient,
    ExtraGradient,
    HeavyBall,
    ImplicitEuler,
    Lookahead,
    Nesterov,
    Optimistic,
    PastExtraGradient,
    RMSProp,
    RungeKutta,
    SimGD,
)
from diracgan.atlas import (
    basin,
    bifurcation,
    convergence_map,
    critical_step,
    cycle,
    final_states,
    fixed_points,
    fold,
    manifolds,
    optimal,
    stability_map,
    stationary_covariance,
)
from diracgan.catalogue import cite, entry, method, methods, register
from diracgan.dynamics.flows import arrival_time, flow, period
from diracgan.dynamics.spectrum import eigenvalues, jacobian, multipliers, spectral_radius
from diracgan.dynamics.trajectories import Outcome, outcome, simulate
from diracgan.dynamics.verdicts import Verdict, verdict
from diracgan.formulas.latex import latex
from diracgan.games.anchored import MovingAnchors
from diracgan.games.dirac import DiracGAN, Game
from diracgan.games.divergences import (
    FGAN,
    Divergence,
    JensenShannon,
    KullbackLeibler,
    Neyman,
    Pearson,
    ReverseKullbackLeibler,
    SquaredHellinger,
    TotalVariation,
)
from diracgan.games.fields import Domain, FunctionField, VectorField
from diracgan.games.losses import Hinge, LeastSquares, Link, Loss, Minimax, NonSaturating, Relativistic, Wasserstein
from diracgan.games.measures import GaussianNoise, Measure
from diracgan.games.parameters import Parameter
from diracgan.games.penalties import (
    DRAGAN,
    R1,
    R2,
    Distortion,
    GradientNorm,
    LeCam,
    OneSidedGradientNorm,
    Penalty,
    Roth,
    ZeroCentred,
)
from diracgan.games.transforms import (
    JARE,
    LOLA,
    Consensus,
    Drift,
    GeneratorGradientPenalty,
    SymplecticAdjustment,
    Transform,
    Unrolled,
)
from diracgan.proofs import certificate, global_step
from diracgan.reproduction.errata import discrepancies
from diracgan.sweeps import read_store, sweep, sweep_to_store

__version__ = "0.1.0"

# Games of networks, and drawing with matplotlib: not worth their import time to somebody who needs neither.
_GENERAL = {"GAN": "diracgan.games.general", "train": "diracgan.beyond.training"}
_DRAWN = ("animate", "eigenvalue_plane", "nullclines", "phase_portrait", "vector_field")

# Rooms of their own, which a lecture on the Dirac-GAN does without.
_ROOMS = ("beyond", "smoothness", "regret")


def __getattr__(name: str) -> Any:
    if name in _DRAWN:
        return getattr(importlib.import_module("diracgan.plotting"), name)
    if name in _ROOMS:
        return importlib.import_module(f"diracgan.{name}")
    if name == "explore":
        return importlib.import_module("diracgan.explorer").explore
    if name in _GENERAL:
        return getattr(importlib.import_module(_GENERAL[name]), name)
    raise AttributeError(f"module 'diracgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_DRAWN, *_GENERAL, *_ROOMS, "explore"])
