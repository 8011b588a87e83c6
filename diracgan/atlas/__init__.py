"""The atlas: many runs, many settings, and what divides them: stability, basins, critical steps, cycles, optima."""

from diracgan.atlas.basins import Basin, basin
from diracgan.atlas.bifurcations import Bifurcation, bifurcation, fold
from diracgan.atlas.criticality import CriticalStep, critical_step
from diracgan.atlas.cycles import Cycle, cycle
from diracgan.atlas.equilibria import FixedPoints, fixed_points
from diracgan.atlas.noise import stationary_covariance
from diracgan.atlas.runs import final_states
from diracgan.atlas.saddles import Manifolds, manifolds
from diracgan.atlas.settings import convergence_map
from diracgan.atlas.stability import StabilityMap, stability_map
from diracgan.atlas.tuning import Optimum, optimal

__all__ = [
    "Basin",
    "Bifurcation",
    "CriticalStep",
    "Cycle",
    "FixedPoints",
    "Manifolds",
    "Optimum",
    "StabilityMap",
    "basin",
    "bifurcation",
    "convergence_map",
    "critical_step",
    "cycle",
    "final_states",
    "fixed_points",
    "fold",
    "manifolds",
    "optimal",
    "stability_map",
    "stationary_covariance",
]
