"""What JAX traces, read again: one interpreter of jaxprs for scalars of any kind.

SymPy expressions, intervals and JavaScript differ by a table of scalar operations and by what a loop means.
"""

from diracgan.tracing.arithmetic import Arithmetic
from diracgan.tracing.arrays import Unsupported, boxed, elementwise
from diracgan.tracing.interpreter import evaluate

__all__ = ["Arithmetic", "Unsupported", "boxed", "elementwise", "evaluate"]
