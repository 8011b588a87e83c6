"""More than two parameters: the convergence theorem of the 2018 paper on general games, and small games to see it on."""

from diracgan.beyond.convergence import LocalConvergence, local_convergence
from diracgan.beyond.toys import Problem, problems

__all__ = ["LocalConvergence", "Problem", "local_convergence", "problems"]
