"""An analytic dynamics explorer for the Dirac-GAN.

Write down what the two players optimise; the vector field, its spectrum, trajectories and pictures are derived.
"""

import importlib
from typing import Any

from diracgan import interrupt  # first: from here on Ctrl-C ends the command in one line
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
from diracgan.anchored import MovingAnchors
from diracgan.atlas import (
    basin,
    bifurcation,
    certificate,
    convergence_map,
    critical_step,
    cycle,
    final_states,
    fixed_points,
    fold,
    global_step,
    manifolds,
    optimal,
    read_store,
    stability_map,
    stationary_covariance,
    sweep,
    sweep_to_store,
)
from diracgan.catalogue import cite, entry, method, methods, register
from diracgan.divergences import (
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
from diracgan.errata import discrepancies
from diracgan.fields import Domain, FunctionField, VectorField
from diracgan.flows import arrival_time, flow, period
from diracgan.games import DiracGAN, Game
from diracgan.latex import latex
from diracgan.losses import Hinge, LeastSquares, Link, Loss, Minimax, NonSaturating, Relativistic, Wasserstein
from diracgan.measures import GaussianNoise, Measure
from diracgan.parameters import Parameter
from diracgan.penalties import (
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
from diracgan.spectrum import eigenvalues, jacobian, multipliers, spectral_radius
from diracgan.trajectories import Outcome, outcome, simulate
from diracgan.transforms import (
    JARE,
    LOLA,
    Consensus,
    Drift,
    GeneratorGradientPenalty,
    SymplecticAdjustment,
    Transform,
    Unrolled,
)
from diracgan.verdicts import Verdict, verdict

__version__ = "0.1.0"

# Drawing needs matplotlib, which is not worth its import time to somebody who computes.
_DRAWN = ("animate", "eigenvalue_plane", "nullclines", "phase_portrait", "vector_field")


def __getattr__(name: str) -> Any:
    if name in _DRAWN:
        return getattr(importlib.import_module("diracgan.plotting"), name)
    if name == "explore":
        return importlib.import_module("diracgan.explorer").explore
    raise AttributeError(f"module 'diracgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_DRAWN, "explore"])
