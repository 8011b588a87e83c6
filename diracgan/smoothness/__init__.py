"""Smoothness and stability of GANs (Chu, Minami and Fukumizu 2020), computed on the line and for games.

The body of the paper could not be read here: what is taken from memory of it says "reported" in every output.
"""

from diracgan.smoothness.bounds import Bound, generator_bound
from diracgan.smoothness.chain import Chain, GameChain, chain, game_chain
from diracgan.smoothness.conditions import Constants, constants, smoothness
from diracgan.smoothness.convolutions import InfConvolution
from diracgan.smoothness.descent import Descent, descend, descend_generator, descents
from diracgan.smoothness.divergences import ASSUMPTION, Divergence, Evaluation
from diracgan.smoothness.free import Minimax, NonSaturating
from diracgan.smoothness.generators import Cloud, Generator, Particles, Played
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
    "GameChain",
    "Generator",
    "InfConvolution",
    "LinearR1",
    "MMD",
    "Minimax",
    "NonSaturating",
    "Particles",
    "Played",
    "Row",
    "Table",
    "Wasserstein1",
    "Witness",
    "chain",
    "constants",
    "descend",
    "descend_generator",
    "descents",
    "game_chain",
    "generator_bound",
    "smoothness",
    "table",
]
