"""The atlas: many runs, many settings, and what divides them: stability, basins, critical steps, cycles, optima."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

# One question need not wait for the machinery of the others.
_PLACES = {
    "basins": "Basin basin",
    "bifurcations": "Bifurcation bifurcation fold",
    "criticality": "CriticalStep critical_step",
    "cycles": "Cycle cycle",
    "equilibria": "FixedPoints fixed_points",
    "noise": "stationary_covariance",
    "runs": "final_states",
    "saddles": "Manifolds manifolds",
    "settings": "convergence_map",
    "stability": "StabilityMap stability_map",
    "tuning": "Optimum optimal",
}


def __getattr__(name: str) -> Any:
    for place, names in _PLACES.items():
        if name in names.split():
            thing = globals()[name] = getattr(importlib.import_module(f"{__name__}.{place}"), name)
            return thing
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
