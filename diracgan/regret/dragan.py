"""DRAGAN on the Dirac-GAN: its one-sided points, when they capture the training, and the cycles below that."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import SimGD
from diracgan.catalogue import method
from diracgan.catalogue.methods import Method
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.spectrum import eigenvalues, jacobian
from diracgan.dynamics.trajectories import simulate
from diracgan.games.inputs import Scalar, as_choice
from diracgan.games.parameters import RATE, Parameter
from diracgan.games.states import as_float64

NAMES = ("dragan", "dragan-ns")
# The three steps that lead to the penalty, as methods of the catalogue.
STEPS = ("dragan-zero-centred", "dragan-dead-zone", "dragan")
_GAMMA = Parameter("gamma", "γ", "weight of the penalty", 1.0, (0.0, 1e6), open_low=True)
_TARGET = Parameter("target", "k", "slope that the penalty asks for", 1.0, (0.0, 1e6), open_low=True)
_DIGITS = Parameter("tolerance", "tol", "width of the bracket at the end", 1e-5, (1e-12, 1.0))
_ROUNDS = Parameter("rounds", "N", "number of rounds", 80_000, (1, 10**8), kind=int)
# Shortest run, in the time of the flow: its second half is then some turns of a cycle.
_LONG = 80.0
# So far above ψ = 0 a state stands for (θ, 0+).
_BESIDE = 1e-12


@dataclasses.dataclass(frozen=True, eq=False)
class OneSided:
    """The rest point (`theta`, 0+) of the half plane ψ > 0, mirrored by (-θ, 0-); the field itself jumps there.

    `kind` is "node" or "focus" by the one-sided `eigenvalues`. A node captures from its side; a focus does not: the
    path crosses ψ = 0, where the other half plane takes over.
    """

    theta: float
    eigenvalues: np.ndarray
    kind: str

    def __repr__(self) -> str:
        return f"OneSided({self.kind} at θ = {self.theta:.6g})"


@in_float64
def one_sided(gamma: Scalar, target: Any = 1.0, name: str = "dragan") -> OneSided:
    """The one-sided point of DRAGAN, derived from its field beside ψ = 0: v_ψ(θ, 0+) = 0.

    `gamma` is γ, `target` k, and `name` a method of the catalogue with this penalty.

    Raises `TypeError` and `ValueError` for an unknown name and for values out of range: 0 < γ, k <= 10⁶.

    >>> dg.regret.one_sided(0.7)
    OneSided(node at θ = -1.4)
    """
    field = _field(name, gamma, target)
    # v_ψ(θ, 0+) is linear in θ.
    ahead = float(field((0.0, _BESIDE))[1])
    theta = -ahead / float(jacobian(field, (0.0, _BESIDE))[1, 0])
    values = np.asarray(eigenvalues(field, (theta, _BESIDE)))
    return OneSided(theta, values, "focus" if np.any(values.imag != 0) else "node")


def node_threshold(target: Any = 1.0, name: str = "dragan") -> float:
    """The γ from which the one-sided point is a node: the derived (tr J)² - 4 det J passes 0 (Brent's method).

    `target` is k, and `name` a method of the catalogue with this penalty. For k = 1 it is (√5 - 1)/2. Raises
    `TypeError` and `ValueError` for values out of range.

    >>> round(dg.regret.node_threshold(), 6)
    0.618034
    """
    from scipy.optimize import brentq

    target, name = _TARGET.number(target), as_choice(name, "name", NAMES)

    @in_float64
    def apart(gamma: float) -> float:
        at = (one_sided(gamma, target, name).theta, _BESIDE)
        matrix = np.asarray(jacobian(_field(name, gamma, target), at))
        return float(np.trace(matrix) ** 2 - 4 * np.linalg.det(matrix))

    # It falls like 1/k for large k.
    scale = max(1.0, target)
    return float(brentq(apart, 1e-3 / scale, 4.0 / scale, xtol=1e-13 / scale))


def captured(
    gamma: Scalar,
    target: Any = 1.0,
    name: str = "dragan",
    start: ArrayLike = (1.0, 1.0),
    h: float = 0.005,
    rounds: int = 80_000,
) -> bool:
    """Whether SimGD with a small step goes to a one-sided point, and not to a cycle across ψ = 0.

    `gamma` is γ, `target` k, and `name` a method of the catalogue with this penalty. Captured is: ψ keeps its sign in
    the second half of the run, which is many turns of a cycle long. Both can be stable at once above the threshold:
    which one it is depends on the start. A run that diverges is not captured.

    Raises `ValueError` for a run too short to tell, h·rounds < 80, and for values out of range.

    >>> [dg.regret.captured(gamma, rounds=16_000) for gamma in (0.3, 1.5)]
    [False, True]
    """
    field = _field(name, gamma, target)
    return _captured(field, *_run(start, h, rounds))


def capture_threshold(
    target: Any = 1.0, name: str = "dragan", start: ArrayLike = (1.0, 1.0), h: float = 0.005, tolerance: float = 1e-5
) -> float:
    """The γ between 0.1 and 4 from which on a run from `start` is captured, by bisection on whole runs.

    `target` is k, `name` a two-sided penalty of the catalogue with a kink, `h` the step of SimGD, and `tolerance` how
    far the bisection goes. It is not below `node_threshold`; between the two a stable cycle coexists with the node. It
    tends to that of the flow as h → 0. Raises `ValueError` where the threshold does not lie between 0.1 and 4.

    >>> dg.regret.capture_threshold(h=0.02, tolerance=0.1) > dg.regret.node_threshold()
    True
    """
    target, name, tolerance = _TARGET.number(target), as_choice(name, "name", NAMES), _DIGITS.number(tolerance)
    run = _run(start, h, 80_000)
    return _bisected(lambda gamma: _captured(_field(name, gamma, target), *run), 0.1, 4.0, tolerance)


def _run(start: ArrayLike, h: Scalar, rounds: Any) -> tuple[np.ndarray, float, int]:
    start, rate, rounds = as_float64(start, 2), RATE.number(h), _ROUNDS.convert(rounds)
    if rate * rounds < _LONG:
        raise ValueError(
            f"h·rounds must be at least {_LONG:g}, so that the second half of the run would be some turns of a cycle; "
            f"h={rate:g} and rounds={rounds} were given: take more rounds or a larger h"
        )
    return start, rate, rounds


@in_float64
def _captured(field: Method, start: np.ndarray, rate: float, rounds: int) -> bool:
    path = np.asarray(simulate(field, SimGD(rate), start, rounds, 20))
    late = path[len(path) // 2 :, 1]
    return bool(np.all(np.isfinite(late)) and (np.all(late > 0) or np.all(late < 0)))


def _field(name: str, gamma: Scalar, target: Any) -> Method:
    name = as_choice(name, "name", NAMES)
    return method(name, gamma=_GAMMA.number(gamma), target=_TARGET.number(target))


def _bisected(holds: Any, low: float, high: float, tolerance: float) -> float:
    if holds(low) or not holds(high):
        raise ValueError(f"the change does not lie between {low:g} and {high:g}; choose another target or start")
    while high - low > tolerance:
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return (low + high) / 2
