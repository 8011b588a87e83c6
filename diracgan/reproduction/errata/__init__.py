"""Where papers and published code are wrong or mean different things by the same letter, each with its proof.

This is the one room where erroneous formulas are written down: they are quoted, marked as such, and compared with what
the package derives from the objectives.
"""

from diracgan.dynamics.compiling import in_float64
from diracgan.reproduction.errata import notation, simulations, training  # noqa: F401  (they fill the list)
from diracgan.reproduction.errata.facts import Discrepancy, Fact, proved, text

__all__ = ["Discrepancy", "Fact", "discrepancies", "text"]


@in_float64
def discrepancies() -> tuple[Discrepancy, ...]:
    """Every known discrepancy with its proof, computed now in float64 (a few seconds).

    >>> [one.id for one in dg.discrepancies()][:3]
    ['E1', 'E2', 'E3']
    """
    return proved()
