"""Online learning on the Dirac-GAN: regret, averages, and DRAGAN's hypothesis (Kodali et al. 2017) in numbers.

The body of the paper could not be read here: what is taken from memory of it says "reported" in every output.
"""

from diracgan.regret.averages import average, running_averages
from diracgan.regret.learners import follow_the_regularised_leader, online_gradient
from diracgan.regret.players import Regret, regret
from diracgan.regret.rates import Rate, rates

__all__ = [
    "Rate",
    "Regret",
    "average",
    "follow_the_regularised_leader",
    "online_gradient",
    "rates",
    "regret",
    "running_averages",
]
