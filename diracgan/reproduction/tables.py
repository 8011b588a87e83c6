"""Table 1 of Mescheder et al. 2018: the reported entries, and beside them what follows for the Dirac-GAN."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import AltGD, SimGD
from diracgan.catalogue import method
from diracgan.catalogue.methods import Method
from diracgan.dynamics.spectrum import at_kink, eigenvalues
from diracgan.dynamics.trajectories import outcome, simulate
from diracgan.dynamics.verdicts import verdict


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

ROUNDS = 5000


def _too_large(chosen: Method, h: float) -> str:
    """A remark where h|μ| > 2 for a real eigenvalue: the run shows too large a step, and not the method."""
    side = 1 if at_kink(chosen, jnp.asarray(chosen.equilibrium)) else None
    fastest = min(complex(value).real for value in np.asarray(eigenvalues(chosen, side=side)))
    return f"; the step is too large for μ = {fastest:.4g}" if h * abs(fastest) > 2 else ""


def table_1(h: float = 0.2) -> list[dict[str, Any]]:
    """The rows of Table 1, each with the derived verdicts at the equilibrium of the Dirac-GAN.

    Per row: the reported entries, the verdict for the flow, SimGD(h) and AltGD(h), the spectral abscissa of the flow,
    and what became of `ROUNDS` rounds of AltGD(h) from (1, 1), with the distance to the equilibrium that is left: where
    linearisation cannot decide, that run shows what the nonlinear map does.
    """
    rows = []
    for reported in TABLE_1:
        chosen = method(reported.name)
        flow, sim, alt = verdict(chosen), verdict(chosen, SimGD(h)), verdict(chosen, AltGD(h))
        path = np.asarray(simulate(chosen, AltGD(h), (1.0, 1.0), ROUNDS))
        rows.append(
            {
                "row": reported.row,
                "method": repr(chosen),
                "reported_absolutely_continuous": reported.absolutely_continuous,
                "reported_general": reported.general,
                "flow": flow.kind,
                "simgd": sim.kind,
                "altgd": alt.kind,
                "abscissa": None if np.isnan(flow.number) else flow.number,
                "outcome": str(outcome(path, chosen)) + _too_large(chosen, h),
                "distance": float(np.linalg.norm(path[-1])),
            }
        )
    return rows
