"""The two-dimensional problems of Mescheder et al. 2018, in their manner: runs kept on disk, figures, tables."""

from diracgan.reproduction.plane.grid import FULL, QUICK, Grid
from diracgan.reproduction.plane.report import reproduce_plane

__all__ = ["FULL", "QUICK", "Grid", "reproduce_plane"]
