"""Drawing: functions that draw on a matplotlib Axes, given or made, and return it."""

from diracgan.plotting.animation import animate, film
from diracgan.plotting.attractors import bifurcation_diagram, coexisting_attractors, cycle_gallery, equilibria
from diracgan.plotting.canvas import DARK, LIGHT, Palette, palette, theme
from diracgan.plotting.curves import loss_surface, nullclines
from diracgan.plotting.lines import discriminator_line, distance
from diracgan.plotting.maps import basin, root_locus, stability
from diracgan.plotting.path import equilibrium, phase_portrait, trajectory
from diracgan.plotting.plane import vector_field
from diracgan.plotting.spectra import eigenvalue_plane
from diracgan.plotting.theorems import proved_plane

__all__ = [
    "DARK",
    "LIGHT",
    "Palette",
    "animate",
    "basin",
    "bifurcation_diagram",
    "coexisting_attractors",
    "cycle_gallery",
    "discriminator_line",
    "distance",
    "eigenvalue_plane",
    "equilibria",
    "equilibrium",
    "film",
    "loss_surface",
    "nullclines",
    "palette",
    "phase_portrait",
    "proved_plane",
    "root_locus",
    "stability",
    "theme",
    "trajectory",
    "vector_field",
]
