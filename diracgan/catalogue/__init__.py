"""Every named method: objective, hyper-parameters, references and the settings of the published figures.

The tables, the command line, the figures, the documents and the contract tests iterate this list.
"""

from diracgan.catalogue import published, links, regularisers, transformed, continuous  # noqa: F401, I001  (their order is the list's)
from diracgan.catalogue.published import PUBLISHED
from diracgan.catalogue.registry import cite, entry, method, methods, register, seal

__all__ = ["PUBLISHED", "cite", "entry", "method", "methods", "register"]

seal()
