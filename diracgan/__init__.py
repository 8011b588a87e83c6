"""An analytic dynamics explorer for the Dirac-GAN.

Write down what the two players optimise; the vector field, its spectrum, trajectories and pictures are derived.
"""

import importlib
from typing import TYPE_CHECKING, Any

# First: from here on Ctrl-C ends the command in one line.
from diracgan.command import interrupt  # isort: split

if TYPE_CHECKING:
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
    from diracgan.beyond.training import train
    from diracgan.catalogue import cite, entry, method, methods, register
    from diracgan.dynamics.arrivals import arrival_time, period
    from diracgan.dynamics.flows import flow
    from diracgan.dynamics.judging import Verdict
    from diracgan.dynamics.outcomes import Outcome, outcome
    from diracgan.dynamics.spectrum import eigenvalues, jacobian, multipliers, spectral_radius
    from diracgan.dynamics.trajectories import simulate
    from diracgan.dynamics.verdicts import verdict
    from diracgan.explorer import explore
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
    from diracgan.games.domains import Domain
    from diracgan.games.fields import FunctionField, VectorField
    from diracgan.games.general import GAN
    from diracgan.games.losses import Hinge, LeastSquares, Link, Loss, Minimax, NonSaturating, Relativistic, Wasserstein
    from diracgan.games.measures import Measure
    from diracgan.games.noise import GaussianNoise
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
    from diracgan.plotting import animate, eigenvalue_plane, nullclines, phase_portrait, vector_field
    from diracgan.proofs import certificate, global_step
    from diracgan.reproduction.errata import discrepancies
    from diracgan.sweeps import read_store, sweep, sweep_to_store

__version__ = "0.1.0"

# A name is imported when somebody asks for it: a spectrum need not wait for what draws, proves and sweeps.
_ROOMS = {
    "algorithms": (
        "Adam Algorithm AltGD Averaged CompetitiveGradient ExtraGradient HeavyBall ImplicitEuler Lookahead "
        "Nesterov Optimistic PastExtraGradient RMSProp RungeKutta SimGD"
    ),
    "atlas": (
        "basin bifurcation convergence_map critical_step cycle final_states fixed_points fold manifolds optimal "
        "stability_map stationary_covariance"
    ),
    "beyond": "",
    "beyond.training": "train",
    "catalogue": "cite entry method methods register",
    "course": "",
    "dynamics.arrivals": "arrival_time period",
    "dynamics.flows": "flow",
    "dynamics.judging": "Verdict",
    "dynamics.outcomes": "Outcome outcome",
    "dynamics.spectrum": "eigenvalues jacobian multipliers spectral_radius",
    "dynamics.trajectories": "simulate",
    "dynamics.verdicts": "verdict",
    "explorer": "explore",
    "formulas.latex": "latex",
    "games.anchored": "MovingAnchors",
    "games.dirac": "DiracGAN Game",
    "games.divergences": (
        "FGAN Divergence JensenShannon KullbackLeibler Neyman Pearson ReverseKullbackLeibler SquaredHellinger "
        "TotalVariation"
    ),
    "games.domains": "Domain",
    "games.fields": "FunctionField VectorField",
    "games.general": "GAN",
    "games.losses": "Hinge LeastSquares Link Loss Minimax NonSaturating Relativistic Wasserstein",
    "games.measures": "Measure",
    "games.noise": "GaussianNoise",
    "games.parameters": "Parameter",
    "games.penalties": "DRAGAN R1 R2 Distortion GradientNorm LeCam OneSidedGradientNorm Penalty Roth ZeroCentred",
    "games.transforms": "JARE LOLA Consensus Drift GeneratorGradientPenalty SymplecticAdjustment Transform Unrolled",
    "plotting": "animate eigenvalue_plane nullclines phase_portrait vector_field",
    "proofs": "certificate global_step",
    "regret": "",
    "reproduction.errata": "discrepancies",
    "smoothness": "",
    "sweeps": "read_store sweep sweep_to_store",
}
_PLACES = {name: room for room, names in _ROOMS.items() for name in names.split()}
__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if any(name == place.partition(".")[0] for place in _ROOMS):
        return importlib.import_module(f"diracgan.{name}")
    if name not in _PLACES:
        raise AttributeError(f"module 'diracgan' has no attribute {name!r}")
    thing = globals()[name] = getattr(importlib.import_module(f"diracgan.{_PLACES[name]}"), name)
    return thing


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
