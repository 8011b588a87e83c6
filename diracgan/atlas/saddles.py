"""The stable and the unstable manifold of a saddle."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import numpy as np
from numpy.typing import ArrayLike

from diracgan.atlas.equilibria import jacobians, kind_of
from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.fields import FieldLike, VectorField, as_planar
from diracgan.games.parameters import Parameter, cast
from diracgan.games.states import as_float64

_TIME = Parameter("time", "T", "length of a branch in time", 50.0, open_low=True)
_REACH = Parameter("reach", "r", "distance from the saddle at which a branch ends", 10.0, open_low=True)
_ROWS = Parameter("rows", "rows", "points of a branch", 1000, (2, 10_000_000), kind=int)


@dataclasses.dataclass(frozen=True, eq=False)
class Manifolds:
    """The branches of a saddle: for each manifold two arrays `(rows, 2)`, which begin at the saddle.

    What starts on the stable one tends to the saddle; the unstable one is made of what comes from it.
    """

    stable: tuple[np.ndarray, np.ndarray]
    unstable: tuple[np.ndarray, np.ndarray]


@in_float64
def manifolds(
    field: FieldLike, saddle: ArrayLike, time: float = 50.0, reach: float = 10.0, rows: int = 1000
) -> Manifolds:
    """The stable and the unstable manifold of a saddle, followed by the flow from x ± 1e-6 e, e an eigenvector.

    The error that the start makes is of the order 1e-12 and shrinks along the branch. A branch ends at the distance
    `reach` from the saddle or, beyond its neighbourhood, after the given time; it is given at `rows` times.

    Raises `ValueError` when `saddle` is not one.

    >>> from diracgan.atlas.saddles import manifolds
    >>> branches = manifolds(lambda x: jnp.stack([x[0], -x[1]]), (0.0, 0.0), time=3.0)
    >>> [bool(np.all(branch[:, 1] == 0)) for branch in branches.unstable]
    [True, True]
    """
    field, time = as_planar(field), _TIME.number(time)
    reach, rows = _REACH.number(reach), _ROWS.convert(rows)
    x = as_float64(saddle, field.dimension, "saddle")
    matrix = np.asarray(jacobians(field, x[None]))[0]
    values, vectors = np.linalg.eig(matrix)
    speed = float(np.linalg.norm(field(x)))
    if field.dimension != 2 or kind_of(matrix) != "saddle" or speed > 1e-6:
        raise ValueError(
            f"manifolds need a saddle of a planar field; at {x.tolist()} the speed is {speed:.2g} and the "
            f"eigenvalues are {', '.join(f'{value:.4g}' for value in values)}: see fixed_points"
        )
    # Those of a saddle are real; NumPy 2.5 gives them as complex numbers all the same.
    values, vectors = values.real, vectors.real
    branches = [
        tuple(_branch(field, x, values[i], sign * vectors[:, i], time, reach, rows) for sign in (1, -1))
        for i in np.argsort(values)
    ]
    return Manifolds(*branches)  # type: ignore[arg-type]


def _branch(
    field: VectorField, x: np.ndarray, value: float, vector: np.ndarray, time: float, reach: float, rows: int
) -> np.ndarray:
    from scipy.integrate import solve_ivp

    def beyond(t: float, y: np.ndarray) -> float:
        return reach - float(np.linalg.norm(y - x))

    away: Any = beyond
    away.terminal = True
    direction = math.copysign(1, value)
    until = math.log(1e6) / abs(value) + time
    done = solve_ivp(
        lambda t, y: direction * np.asarray(_velocity(field, y)),
        (0.0, until),
        x + 1e-6 * vector,
        method="DOP853",
        rtol=1e-10,
        atol=1e-13,
        events=away,
        dense_output=True,
    )
    return np.concatenate([x[None], done.sol(np.linspace(0.0, done.t[-1], rows)).T])


@answering
def _velocity(field: VectorField, x: jax.Array) -> jax.Array:
    return cast(field, x.dtype).velocity(x)
