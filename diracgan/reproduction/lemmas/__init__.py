"""The machine check: what the package derives against the closed forms of `diracgan.theory`.

One pass over the catalogue (field, energy law, Jacobian, eigenvalues, multipliers and limits of the learning rate of
every entry that has a closed form), one over the algorithms, one over the lemmas that concern whole orbits, and one
over the companions on smoothness (c20-*) and on regret and DRAGAN (k17-*).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from diracgan.algorithms import ALGORITHMS
from diracgan.catalogue import methods
from diracgan.dynamics.compiling import in_float64
from diracgan.games.parameters import unknown
from diracgan.reproduction.lemmas.companions import COMPANIONS
from diracgan.reproduction.lemmas.comparison import Check
from diracgan.reproduction.lemmas.entries import entry_checks
from diracgan.reproduction.lemmas.orbits import ORBITS
from diracgan.reproduction.lemmas.rules import rule_checks

__all__ = ["COMPANIONS", "Check", "checks"]


def checks(only: str | tuple[str, ...] | None = None) -> Iterator[Check]:
    """All comparisons, or those of the methods and companions named in `only`, one by one.

    `ValueError` for an unknown name; the companions' are those of `COMPANIONS`, such as "c20-chain".

    What has no closed form, a method or an algorithm, is listed with the text "none known". The comparisons run in
    float64 whatever the global configuration, which stays as it is.

    >>> all(check.ok for check in checks("wgan-gp"))
    True
    """
    known = (*methods(), *COMPANIONS)
    chosen = known if only is None else (only,) if isinstance(only, str) else tuple(only)
    for name in chosen:
        if name not in known:
            raise ValueError(unknown("method", name, known))
    tasks = [(c, name) for name in methods() if name in chosen for c in (entry_checks, ORBITS.get(name)) if c]
    tasks += [(rule_checks, name) for name in ALGORITHMS if only is None]
    tasks += [(check, name) for name, check in COMPANIONS.items() if name in chosen]
    # Nearly all the time goes into compiling, which two threads do side by side.
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(_done, tasks):
            yield from found


@in_float64
def _done(task: tuple[Callable[[str], Iterator[Check]], str]) -> list[Check]:
    checks_of, name = task
    return list(checks_of(name))
