"""Smoothness and stability of GANs (Chu, Minami and Fukumizu 2020), computed on the line.

The body of the paper could not be read here: what is taken from memory of it says "reported" in every output.
"""

from diracgan.smoothness.conditions import Constants, constants, smoothness
from diracgan.smoothness.divergences import (
    ASSUMPTION,
    MMD,
    Divergence,
    Evaluation,
    Minimax,
    NonSaturating,
    Wasserstein1,
)
from diracgan.smoothness.responses import ClippedQuadratic, LinearR1

__all__ = [
    "ASSUMPTION",
    "ClippedQuadratic",
    "Constants",
    "Divergence",
    "Evaluation",
    "LinearR1",
    "MMD",
    "Minimax",
    "NonSaturating",
    "Wasserstein1",
    "constants",
    "smoothness",
]
