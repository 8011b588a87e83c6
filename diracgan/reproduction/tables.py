"""Table 1 of Mescheder et al. 2018: the reported entries, and beside them what follows for games in the plane.

General data are those of the Dirac-GAN. Absolutely continuous ones are in the plane, too: N(θ, s²) against N(0, s²)
with D = ψx, and U(-|θ|, |θ|) against U(-1, 1) with D = ψx².
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import AltGD, SimGD
from diracgan.beyond import problems
from diracgan.catalogue import method
from diracgan.catalogue.methods import Method
from diracgan.dynamics.outcomes import outcome
from diracgan.dynamics.spectrum import at_kink, eigenvalues
from diracgan.dynamics.trajectories import simulate
from diracgan.dynamics.verdicts import verdict
from diracgan.games.losses import Minimax, NonSaturating, Wasserstein
from diracgan.games.noise import GaussianNoise
from diracgan.games.penalties import DRAGAN, R1, R2, GradientNorm
from diracgan.games.transforms import Consensus


@dataclasses.dataclass(frozen=True)
class Reported:
    """A row as reported: local convergence for absolutely continuous data, and for general data.

    The Dirac-GAN is a case of general data. `name` is the method of the catalogue that stands for the row.
    """

    row: str
    name: str
    absolutely_continuous: bool
    general: bool


TABLE_1 = (
    Reported("Unregularised, minimax", "gan", True, False),
    Reported("Unregularised, non-saturating", "nsgan", True, False),
    Reported("WGAN", "wgan", False, False),
    Reported("WGAN-GP", "wgan-gp", False, False),
    Reported("DRAGAN", "dragan-ns", True, False),
    Reported("Instance noise", "instance-noise", True, True),
    Reported("Consensus optimisation", "consensus", True, True),
    Reported("Gradient penalty on real data (R1)", "r1", True, True),
    Reported("Gradient penalty on generated data (R2)", "r2", True, True),
)

# What every method of the table adds to a game with absolutely continuous data; consensus is a transform of it.
_ADDED: Mapping[str, Mapping[str, Any]] = {
    "gan": {"loss": Minimax()},
    "nsgan": {"loss": NonSaturating()},
    "wgan": {"loss": Wasserstein()},
    "wgan-gp": {"loss": Wasserstein(), "penalties": GradientNorm(0.7, 1.0)},
    "dragan-ns": {"loss": NonSaturating(), "penalties": DRAGAN(0.3, 1.0)},
    "instance-noise": {"noise": GaussianNoise(0.7)},
    "consensus": {},
    "r1": {"penalties": R1(0.3)},
    "r2": {"penalties": R2(0.3)},
}
CONTINUOUS = {"gaussian-shift": "N(θ, s²), D = ψx", "uniform": "U(-|θ|, |θ|), D = ψx²"}


def absolutely_continuous(name: str) -> dict[str, str]:
    """The verdict of the flow at the equilibrium of both examples with absolutely continuous data, by problem.

    `name` is that of a method of the table. Noise is added to the data's own: s² = 0.49 becomes 0.98.
    """
    found = {}
    for problem in problems(penalties=()):
        if problem.name in CONTINUOUS:
            added = dict(_ADDED[name])
            if "noise" in added and problem.game.noise is not None:
                added["noise"] = GaussianNoise(np.hypot(problem.game.noise.sigma, added["noise"].sigma))
            game = problem.game.replace(**added)
            found[problem.name] = verdict(Consensus(game, 1.0) if name == "consensus" else game, at=problem.at).kind
    return found


def _remark(reported: Reported, derived: Mapping[str, str]) -> str:
    """Why a derived entry for absolutely continuous data is not the reported one; empty where it is."""
    kinds = set(derived.values())
    if reported.absolutely_continuous == (kinds == {"stable"}):
        return ""
    if kinds == {"not differentiable"}:
        return "D is linear in ψ here: at D = 0 the gradient vanishes, and |∇D| has its kink whatever the data are"
    return "these are two examples, and the reported entry is about all games with such data"


ROUNDS = 5000


def _too_large(chosen: Method, h: float) -> str:
    """A remark where h|μ| > 2 for a real eigenvalue: the run shows too large a step, and not the method."""
    side = 1 if at_kink(chosen, jnp.asarray(chosen.equilibrium)) else None
    fastest = min(complex(value).real for value in np.asarray(eigenvalues(chosen, side=side)))
    return f"; the step is too large for μ = {fastest:.4g}" if h * abs(fastest) > 2 else ""


def table_1(h: float = 0.2) -> list[dict[str, Any]]:
    """The rows of Table 1, each with the derived verdicts at the equilibrium of the Dirac-GAN.

    Per row: the reported entries, the verdict for the flow, SimGD(h) and AltGD(h), the spectral abscissa of the flow,
    what the flow does for absolutely continuous data, with a remark where that is not what is reported,
    and what became of `ROUNDS` rounds of AltGD(h) from (1, 1), with the distance to the equilibrium that is left: where
    linearisation cannot decide, that run shows what the nonlinear map does.
    """
    rows = []
    for reported in TABLE_1:
        chosen = method(reported.name)
        flow, sim, alt = verdict(chosen), verdict(chosen, SimGD(h)), verdict(chosen, AltGD(h))
        continuous = absolutely_continuous(reported.name)
        path = np.asarray(simulate(chosen, AltGD(h), (1.0, 1.0), ROUNDS))
        rows.append(
            {
                "row": reported.row,
                "method": repr(chosen),
                "reported_absolutely_continuous": reported.absolutely_continuous,
                "reported_general": reported.general,
                "continuous": continuous,
                "remark": _remark(reported, continuous),
                "flow": flow.kind,
                "simgd": sim.kind,
                "altgd": alt.kind,
                "abscissa": None if np.isnan(flow.number) else flow.number,
                "outcome": str(outcome(path, chosen)) + _too_large(chosen, h),
                "distance": float(np.linalg.norm(path[-1])),
            }
        )
    return rows
