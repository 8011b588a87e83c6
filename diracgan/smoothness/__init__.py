"""Smoothness and stability of GANs (Chu, Minami and Fukumizu 2020), computed on the line.

The body of the paper could not be read here: what is taken from memory of it says "reported" in every output.
"""

from diracgan.smoothness.conditions import Constants, constants, smoothness
from diracgan.smoothness.convolutions import InfConvolution
from diracgan.smoothness.descent import Chain, Descent, chain, descend, descents
from diracgan.smoothness.divergences import ASSUMPTION, Divergence, Evaluation
from diracgan.smoothness.free import Minimax, NonSaturating
from diracgan.smoothness.generators import Bound, Cloud, Generator, Particles, generator_bound
from diracgan.smoothness.kernels import MMD
from diracgan.smoothness.overview import Row, Table, table
from diracgan.smoothness.responses import ClippedQuadratic, LinearR1
from diracgan.smoothness.suprema import Witness
from diracgan.smoothness.transport import Wasserstein1

__all__ = [
    "ASSUMPTION",
    "Bound",
    "Chain",
    "ClippedQuadratic",
    "Cloud",
    "Constants",
    "Descent",
    "Divergence",
    "Evaluation",
    "Generator",
    "InfConvolution",
    "LinearR1",
    "MMD",
    "Minimax",
    "NonSaturating",
    "Particles",
    "Row",
    "Table",
    "Wasserstein1",
    "Witness",
    "chain",
    "constants",
    "descend",
    "descents",
    "generator_bound",
    "smoothness",
    "table",
]
