"""Online learning on the Dirac-GAN: regret, averages, and DRAGAN's hypothesis (Kodali et al. 2017) in numbers.

The body of the paper could not be read here: what is taken from memory of it says "reported" in every output.
"""

from diracgan.regret.averages import average, running_averages
from diracgan.regret.bumps import BumpGame, Bumps, WeightDecay
from diracgan.regret.collapse import Collapse, mode_collapse, repairs, two_modes
from diracgan.regret.dragan import OneSided, capture_threshold, captured, node_threshold, one_sided
from diracgan.regret.landscape import Equilibrium, equilibria, sharpness
from diracgan.regret.learners import follow_the_regularised_leader, online_gradient
from diracgan.regret.players import Regret, linearised, regret
from diracgan.regret.rates import Rate, rates

__all__ = [
    "BumpGame",
    "Bumps",
    "Collapse",
    "Equilibrium",
    "OneSided",
    "Rate",
    "Regret",
    "WeightDecay",
    "average",
    "capture_threshold",
    "captured",
    "equilibria",
    "follow_the_regularised_leader",
    "linearised",
    "mode_collapse",
    "node_threshold",
    "one_sided",
    "online_gradient",
    "rates",
    "regret",
    "repairs",
    "running_averages",
    "sharpness",
    "two_modes",
]
