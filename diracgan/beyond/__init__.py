"""More than two parameters: the convergence theorem of the 2018 paper on general games, and small games to try."""

from diracgan.beyond import plane
from diracgan.beyond.convergence import LocalConvergence, local_convergence
from diracgan.beyond.leading import LeadingSpectrum, leading_spectrum
from diracgan.beyond.toys import Problem, problems
from diracgan.beyond.training import Trained, train

__all__ = [
    "LeadingSpectrum",
    "LocalConvergence",
    "Problem",
    "Trained",
    "leading_spectrum",
    "local_convergence",
    "plane",
    "problems",
    "train",
]
