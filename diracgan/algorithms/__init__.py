"""Training algorithms as `init` / `step` on an explicit state.

A step is one whole round: with AltGD(n_g, n_d) that is n_g generator updates followed by n_d discriminator updates.
"""

from __future__ import annotations

from typing import Any

from diracgan.algorithms.adaptive import Adam, RMSProp
from diracgan.algorithms.base import Algorithm, Rated, Schedule, as_algorithm, ready
from diracgan.algorithms.descent import AltGD, SimGD
from diracgan.algorithms.extrapolation import ExtraGradient, Optimistic, PastExtraGradient, RungeKutta
from diracgan.algorithms.implicit import CompetitiveGradient, ImplicitEuler
from diracgan.algorithms.momentum import HeavyBall, Nesterov
from diracgan.algorithms.wrappers import Averaged, Lookahead, Wrapper
from diracgan.games.parameters import ALTERNATING, RATE, unknown

__all__ = [
    "ALGORITHMS",
    "Adam",
    "Algorithm",
    "AltGD",
    "Averaged",
    "CompetitiveGradient",
    "ExtraGradient",
    "HeavyBall",
    "ImplicitEuler",
    "Lookahead",
    "Nesterov",
    "Optimistic",
    "PastExtraGradient",
    "RMSProp",
    "Rated",
    "RungeKutta",
    "Schedule",
    "SimGD",
    "Wrapper",
    "algorithm_named",
    "as_algorithm",
    "ready",
]

ALGORITHMS: dict[str, type[Any]] = {
    "simgd": SimGD,
    "altgd": AltGD,
    "extragradient": ExtraGradient,
    "past-extragradient": PastExtraGradient,
    "optimistic": Optimistic,
    "heavy-ball": HeavyBall,
    "nesterov": Nesterov,
    "competitive": CompetitiveGradient,
    "implicit-euler": ImplicitEuler,
    "runge-kutta": RungeKutta,
    "lookahead": Lookahead,
    "rmsprop": RMSProp,
    "adam": Adam,
    "averaged": Averaged,
}


def algorithm_named(name: str, **parameters: Any) -> Algorithm:
    """An algorithm of `ALGORITHMS` by name; the learning rate of the published figures when none is given.

    Wrappers run around `SimGD`.

    Unknown names and parameters raise `ValueError` with the known ones.

    >>> algorithm_named("altgd", n_d=5)
    AltGD(h=0.2, n_g=1, n_d=5)
    """
    if name not in ALGORITHMS:
        raise ValueError(unknown("algorithm", name, ALGORITHMS))
    kind = ALGORITHMS[name]
    declared = [parameter.name for parameter in kind.parameters]
    if issubclass(kind, Wrapper):
        declared += [parameter.name for parameter in SimGD.parameters]
    for given in parameters:
        if given == "alternating" and given not in declared:
            able = [other for other, kind in ALGORITHMS.items() if ALTERNATING in kind.parameters]
            raise ValueError(f"{name!r} has no alternating form; altgd is one, and {' and '.join(able)} have one")
        if given not in declared:
            raise ValueError(unknown("parameter", given, declared, f"of {name!r} "))
    if issubclass(kind, Wrapper):
        own = {name: parameters.pop(name) for name in [p.name for p in kind.parameters] if name in parameters}
        return kind(SimGD(**(parameters or {"h": RATE.default})), **own)
    if not {"h", "h_g", "h_d"} & set(parameters):
        parameters["h"] = RATE.default
    return kind(**parameters)
