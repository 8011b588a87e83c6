"""Games of small networks on the plane, in the manner of the two-dimensional experiments of Mescheder et al. (2018).

That paper's own settings could not be read: the settings here are ours, and so is what comes out.
"""

from diracgan.beyond.plane.methods import METHODS, OPTIMISERS, Setting, game
from diracgan.beyond.plane.runs import PlaneRun, run
from diracgan.beyond.plane.targets import TARGETS, Target
from diracgan.beyond.plane.transport import wasserstein_1

__all__ = ["METHODS", "OPTIMISERS", "TARGETS", "PlaneRun", "Setting", "Target", "game", "run", "wasserstein_1"]
