"""Jacobians and eigenvalues of the flow, and the multipliers of an update operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm
from diracgan.dynamics.compiling import answering, by_numpy
from diracgan.dynamics.matrices import eigenvalues_of, growth
from diracgan.dynamics.system import Map, System, trained
from diracgan.games.fields import FieldLike, VectorField, as_field
from diracgan.games.inputs import Scalar, as_choice, traced
from diracgan.games.parameters import Parameter, cast
from diracgan.games.recorded import recorded
from diracgan.games.states import finite_state

if TYPE_CHECKING:
    from jaxtyping import Array, Complex, Float

ROUND = Parameter("step", "k", "number of the round", 0, (0, 2**31 - 1), kind=int)


def jacobian(field: FieldLike, at: ArrayLike | None = None, side: int | None = None) -> Float[Array, "n n"]:
    """The Jacobian ∂v_i/∂x_j at a state, by forward-mode autodiff; shape `(n, n)`.

    Args:
        field: a method, a `VectorField`, or a function of the state.
        at: shape `(n,)`; the declared equilibrium by default.
        side: +1 or -1 for the one-sided Jacobian at a kink: the limit from the side where the kink's scalar (for
            WGAN-GP and DRAGAN: ψ) is positive or negative.

    Raises `ValueError` at a kink when no side is given.

    >>> dg.jacobian(dg.method("r1", gamma=0.5)).tolist()
    [[-0.0, -0.5], [0.5, -0.5]]
    """
    field, side = as_field(field), as_choice(side, "side", (None, 1, -1))
    x = _point(field, at)
    return by_numpy(_jacobian, field, x if side is None and not at_kink(field, x) else _beside(field, x, side))


@answering
def _jacobian(field: VectorField, x: jax.Array) -> jax.Array:
    field = recorded(field, x)
    return _undefined_at_kinks(field, x, jax.jacfwd(field.velocity)(x))


def _undefined_at_kinks(field: VectorField, x: jax.Array, matrix: jax.Array) -> jax.Array:
    # Concrete states on a kink are refused before; inside `vmap` or `jit` only the result can say that there is none.
    near = [jnp.abs(kink) <= _kink_scale(x) for kink in field.kinks(x)]
    return jnp.where(jnp.any(jnp.stack(near)), jnp.nan, matrix) if near else matrix


def _kink_scale(x: jax.Array) -> jax.Array:
    return 8 * jnp.finfo(x.dtype).eps * jnp.maximum(1, jnp.max(jnp.abs(x)))


def _point(field: VectorField, at: ArrayLike | None) -> jax.Array:
    x = finite_state(field.equilibrium if at is None else at, field.dimension, batch=False, name="at")
    if not isinstance(x, jax.core.Tracer) and (problem := field.check(np.asarray(x))):
        raise ValueError(problem)
    return x


def at_kink(field: VectorField, x: jax.Array) -> bool:
    """Whether a concrete state lies on a kink of the field, to rounding; False for traced states."""
    if isinstance(x, jax.core.Tracer) or type(field).kinks is VectorField.kinks:
        return False
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(field)):
        return False
    # Inside somebody's `jit` even concrete values would be traced.
    with jax.ensure_compile_time_eval():
        return any(abs(float(kink)) <= float(_kink_scale(x)) for kink in by_numpy(_kinks, field, x))


@answering
def _kinks(field: VectorField, x: jax.Array) -> tuple[jax.Array, ...]:
    return cast(field, x.dtype).kinks(x)


def _beside(field: VectorField, x: jax.Array, side: int | None) -> jax.Array:
    """The nearest state on one side of the kinks through `x`."""
    if side not in (1, -1):
        raise ValueError(
            f"the field is not differentiable at {np.asarray(x).tolist()}; ask for a one-sided Jacobian with side=1 "
            f"or side=-1{'' if side is None else f' ({side!r} was given)'}"
        )
    gradients, values = by_numpy(_kink_slopes, field, x)
    precision, beside = jnp.finfo(x.dtype), np.asarray(x)
    step = float(precision.eps) * 16 * max(1.0, float(np.max(np.abs(beside))))
    for value, gradient in zip(values, map(np.asarray, gradients), strict=True):
        if abs(float(value)) <= step:
            beside = beside + side * step * gradient / max(float(np.linalg.norm(gradient)), float(precision.tiny))
    return jnp.asarray(beside, x.dtype)


@answering
def _kink_slopes(field: VectorField, x: jax.Array) -> tuple[jax.Array, ...]:
    """The gradient of every kink's scalar, and the scalars."""
    kinks = cast(field, x.dtype).kinks
    return jax.jacfwd(lambda y: (kinks(y), kinks(y)), has_aux=True)(x)


def eigenvalues(field: FieldLike, at: ArrayLike | None = None, side: int | None = None) -> Complex[Array, " n"]:
    """The eigenvalues of the Jacobian, complex, shape `(n,)`: Re < 0 for all means local convergence of the flow.

    Arguments and errors are those of `jacobian`. States of two entries use the closed form, which runs on every
    accelerator; larger ones use `eigvals` on the host.

    >>> [complex(z) for z in dg.eigenvalues(dg.method("gan"))]
    [0.5j, -0.5j]
    """
    return _spectrum(jacobian(field, at, side))


_spectrum = answering(eigenvalues_of)


def update_jacobian(
    field: FieldLike, algorithm: Algorithm, at: ArrayLike | None = None, step: int | None = None
) -> Float[Array, "N N"]:
    """The Jacobian of one round of an algorithm with respect to its whole state, shape `(N, N)`.

    N is the number of entries of the algorithm's state, which is larger than the field's for algorithms with memory.
    `step` names the round when a rate is a schedule. Raises `ValueError` at a kink, where the update is not
    differentiable, and for a schedule, or a game that draws minibatches, without `step`.
    """
    return round_jacobian(trained(field, algorithm), at, step if traced(step) else ROUND.optional(step))


def round_jacobian(system: Map, at: ArrayLike | None = None, step: int | None = None) -> jax.Array:
    """`update_jacobian` of a system."""
    x, k = _point(system.field, at), 0 if step is None else step
    system.check_linear(step)
    system = system.in_round(k)
    if at_kink(system.field, x):
        raise ValueError(
            f"the field is not differentiable at {np.asarray(x).tolist()}, so that the update has no multipliers there"
        )
    return by_numpy(_update_jacobian, system, x, k)


@answering
def _update_jacobian(system: Map, x: jax.Array, step: Scalar) -> jax.Array:
    system = system.recorded(x)
    return _undefined_at_kinks(system.field, x, system.jacobian(x, step))


def multipliers(
    field: FieldLike, algorithm: Algorithm, at: ArrayLike | None = None, step: int | None = None
) -> Complex[Array, " N"]:
    """The eigenvalues of one round of an algorithm, complex, shape `(N,)`: |λ| < 1 for all means local convergence.

    Arguments and errors are those of `update_jacobian`.

    >>> abs(dg.multipliers(dg.method("r1", gamma=1.0), dg.SimGD(h=0.2))).round(12).tolist()
    [0.9, 0.9]
    """
    return _spectrum(update_jacobian(field, algorithm, at, step))


def spectrum(system: System) -> jax.Array:
    """The eigenvalues of a flow, or the multipliers of a map, at the equilibrium: complex, shape `(N,)`."""
    return _spectrum(round_jacobian(system) if isinstance(system, Map) else jacobian(system.field))


def spectral_radius(
    field: FieldLike, algorithm: Algorithm, at: ArrayLike | None = None, step: int | None = None
) -> Float[Array, ""]:
    """The largest |λ| among the multipliers, a scalar that `jax.grad` differentiates in every hyper-parameter.

    >>> round(float(dg.spectral_radius(dg.method("r1"), dg.SimGD(h=0.2))), 4)
    0.9747
    """
    return radius(trained(field, algorithm), at, step if traced(step) else ROUND.optional(step))


def radius(system: Map, at: ArrayLike | None = None, step: int | None = None) -> jax.Array:
    """`spectral_radius` of a system."""
    return _growth(round_jacobian(system, at, step))


_growth = answering(growth)
