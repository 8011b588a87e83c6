"""One round of an algorithm at an equilibrium, as a function of the learning rate.

Where the field vanishes only its Jacobian J enters: the linearisation of the round is the round on the linear field
J(x - x*), whatever the method. Most algorithms make it a polynomial in the rate, whose coefficients are read off the
traced round. The others are sampled by one compiled program.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.dynamics.linearisation import linearised
from diracgan.dynamics.system import Flow, Map
from diracgan.games.domains import Domain
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Scalar
from diracgan.games.module import attribute
from diracgan.tracing.powers import Powers, cells, powers

if TYPE_CHECKING:
    from jaxtyping import Array, Float

EPS = float(np.finfo(np.float64).eps)
RATES = 1024  # in one call of the compiled program


class Linear(VectorField):
    """v(x) = J(x - x*) in the domain of another field."""

    matrix: Any
    centre: Any
    where: Domain
    players: int = attribute(static=True)

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """J(x - x*)."""
        return self.matrix @ (x - self.centre)

    @property
    def dimension(self) -> int:
        """That of x*."""
        return int(self.centre.shape[-1])

    @property
    def generator_size(self) -> int:
        """That of the other field."""
        return self.players

    @property
    def domain(self) -> Domain:
        """That of the other field."""
        return self.where

    @property
    def equilibrium(self) -> Any:
        """x*."""
        return self.centre


def with_rate(system: Map, h: Any) -> Map:
    """The map at another learning rate."""
    return Map(system.field, system.algorithm.replace(h=h))


def linear(system: Map) -> tuple[Map, np.ndarray]:
    """The map of the linear field at each equilibrium, and where the field vanishes there, as it should.

    Raises `ValueError` at a kink.
    """
    field, flow = system.field, Flow(system.field)
    found = linearised(flow)
    scale = np.maximum(1, np.max(np.abs(found.at), axis=1))
    for x in found.at[found.kink <= 8 * EPS * scale]:
        raise ValueError(
            f"the field is not differentiable at {x.tolist()}, so that the update has no multipliers there"
        )
    matrix, at = (part if flow.batched else part[0] for part in (found.matrix, found.at))
    around = Linear(matrix, at, field.domain, field.generator_size)
    return Map(around, system.algorithm), found.speed <= 64 * EPS * scale


def polynomial(system: Map) -> np.ndarray | None:
    """The coefficients of M(h) for a map of a `Linear` field, shape `(degree + 1, B, N, N)`; None: no polynomial."""
    around: Any = system.field
    leaves, structure = jax.tree.flatten(system)
    entries = {id(around.matrix): 2, id(around.centre): 1}
    arguments = [cells(leaf, entries.get(id(leaf), 0)) for leaf in leaves]
    shapes = jax.tree.unflatten(structure, [np.zeros(part.shape) for part in arguments])
    try:
        program = in_float64(_round.trace)(shapes, 1.0).jaxpr
        matrix: Any = powers(program, *arguments, cells(Powers((0.0, 1.0))))[0]
    except (NotImplementedError, ValueError):
        return None
    batch = np.broadcast_shapes((1,), *(np.shape(c) for entry in matrix.flat for c in entry.coefficients))
    made = np.zeros((max(len(entry.coefficients) for entry in matrix.flat), *batch, *matrix.shape))
    for place in np.ndindex(matrix.shape):
        for k, coefficient in enumerate(matrix[place].coefficients):
            made[(k, slice(None), *place)] = coefficient
    return made


@answering
def _round(system: Map, h: Scalar) -> jax.Array:
    return with_rate(system, h).jacobian(jnp.asarray(system.field.equilibrium))


class Rounds:
    """M(h) for one system: by the coefficients of a polynomial, shape `(degree + 1, N, N)`, or by the program."""

    def __init__(self, system: Map, coefficients: np.ndarray | None = None) -> None:
        self.system, self.coefficients = system, coefficients
        if coefficients is None:
            start, slope = (part[0] for part in self._sampled(np.zeros(1)))
        else:
            start, slope = coefficients[0], coefficients[1] if len(coefficients) > 1 else 0 * coefficients[0]
        self.slope, self.identity = slope, np.eye(len(start))
        self.forgets = np.array_equal(start, self.identity)

    def departures(self, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """M - I and its rounding in units of eps, each `(rates, N, N)`."""
        if self.coefficients is not None:
            terms = self.coefficients.copy()
            terms[0] -= self.identity
            powers = rates ** np.arange(len(terms))[:, None]
            with np.errstate(over="ignore", invalid="ignore"):
                return tuple(np.einsum("kij,kr->rij", part, powers) for part in (terms, np.abs(terms)))
        matrices, slopes = self._sampled(rates)
        # Small ones from the slope, as 1 + hJ has lost digits of hJ.
        small, direct = rates[:, None, None] * slopes, matrices - self.identity
        # Far from 0 the quadrature behind the slope is only exact for polynomials: both must agree to rounding.
        with np.errstate(invalid="ignore"):
            apart = np.max(np.abs(small - direct) + 1e-13 * np.abs(direct), axis=(1, 2), keepdims=True)
        near = self.forgets & (apart < 1e-14)
        departures = np.where(near, small, direct)
        return departures, np.abs(departures) + np.where(near, 0, self.identity)

    def _sampled(self, rates: np.ndarray) -> list[np.ndarray]:
        filled = np.concatenate([rates, np.full(RATES - len(rates), rates[-1])])
        return [part[: len(rates)] for part in _matrices(self.system, filled)]


@in_float64
@functools.partial(answering, loops=True)
def _matrices(system: Map, rates: jax.Array) -> tuple[jax.Array, jax.Array]:
    """M(h) and the mean slope (M(h) - M(0))/h = ∫₀¹ M'(sh) ds for many rates, each of shape `(rates, N, N)`."""
    s, weights = np.polynomial.legendre.leggauss(6)
    shares = np.append((s + 1) / 2, 1)
    x = jnp.asarray(system.field.equilibrium, jnp.float64)
    double: Any = system.recorded(x)

    def one(h: jax.Array) -> tuple[jax.Array, jax.Array]:
        matrix = lambda rate: with_rate(double, rate).jacobian(x)
        matrices, slopes = jax.vmap(lambda rate: jax.jvp(matrix, (rate,), (jnp.ones_like(rate),)))(h * shares)
        return matrices[-1], jnp.tensordot(weights / 2, slopes[:-1], 1)

    return jax.vmap(one)(jnp.asarray(rates, jnp.float64))
