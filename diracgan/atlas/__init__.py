"""The atlas: many runs, many settings, and what divides them: stability, basins, critical steps, cycles, optima."""

from diracgan.atlas.basins import Basin, basin
from diracgan.atlas.criticality import CriticalStep, critical_step
from diracgan.atlas.globally import Certificate, GlobalStep, certificate, global_step
from diracgan.atlas.grids import Grid, sweep
from diracgan.atlas.noise import stationary_covariance
from diracgan.atlas.runs import final_states
from diracgan.atlas.settings import convergence_map
from diracgan.atlas.stability import StabilityMap, stability_map
from diracgan.atlas.tuning import Optimum, optimal

__all__ = [
    "Basin",
    "Certificate",
    "CriticalStep",
    "GlobalStep",
    "Grid",
    "Optimum",
    "StabilityMap",
    "basin",
    "certificate",
    "convergence_map",
    "critical_step",
    "final_states",
    "global_step",
    "optimal",
    "stability_map",
    "stationary_covariance",
    "sweep",
]
