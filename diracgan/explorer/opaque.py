"""A vector field that an algorithm can be traced with before the field is known.

Its velocity is a primitive of its own, and so are the first and the second derivative along given directions. Traced
with it, one algorithm becomes one JavaScript function that takes any field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad, batching

from diracgan.games.domains import Domain
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Numbers
from diracgan.games.module import attribute

T = TypeVar("T")
Arrays = Sequence[jax.Array]
Tangent = jax.Array | ad.Zero
Tangents = Sequence[Tangent]

_velocity = Primitive("diracgan_velocity")
_derivative = Primitive("diracgan_derivative")
_second = Primitive("diracgan_second")

# The primitives, and the JavaScript functions of a field that they call.
OPAQUE = {"diracgan_velocity": "velocity", "diracgan_derivative": "derivative", "diracgan_second": "second"}


class OpaqueField(VectorField):
    """A field of which nothing is known but the number of its entries and the bound of its domain."""

    bound: Numbers
    size: int = attribute(static=True, default=2)

    @property
    def dimension(self) -> int:
        """As given."""
        return self.size

    @property
    def domain(self) -> Domain:
        """|discriminator entries| <= bound, which may be infinite."""
        return Domain(self.bound)

    def velocity(self, x: jax.Array) -> jax.Array:
        """v(x), to be supplied later."""
        return _velocity.bind(x)


def _like_first(x: T, *_: object) -> T:
    return x


def _of_velocity(primals: Arrays, tangents: Tangents) -> tuple[jax.Array, Tangent]:
    (x,), (dx,) = primals, tangents
    value = _velocity.bind(x)
    return value, (dx if type(dx) is ad.Zero else _derivative.bind(x, dx))


def _of_derivative(primals: Arrays, tangents: Tangents) -> tuple[jax.Array, Tangent]:
    """d (J(x) t) = J(x) dt + v''(x)[t, dx]."""
    (x, t), (dx, dt) = primals, tangents
    terms = []
    if type(dt) is not ad.Zero:
        terms.append(_derivative.bind(x, dt))
    if type(dx) is not ad.Zero:
        terms.append(_second.bind(x, t, dx))
    value = _derivative.bind(x, t)
    return value, (sum(terms[1:], terms[0]) if terms else jnp.zeros_like(value))


def _of_second(primals: Arrays, tangents: Tangents) -> tuple[jax.Array, Tangent]:
    raise NotImplementedError("third derivatives of the field are not compiled: this algorithm has no multipliers here")


def _one_by_one(primitive: Primitive) -> Callable[..., tuple[jax.Array, int]]:
    def batched(arguments: Arrays, dims: Sequence[int | None]) -> tuple[jax.Array, int]:
        size = next(a.shape[d] for a, d in zip(arguments, dims, strict=True) if d is not None)

        def nth(a: jax.Array, d: int | None, k: int) -> jax.Array:
            return a if d is None else jax.lax.index_in_dim(a, k, d, keepdims=False)

        each = [primitive.bind(*(nth(a, d, k) for a, d in zip(arguments, dims, strict=True))) for k in range(size)]
        return jnp.stack(each), 0

    return batched


for _primitive, _rule in ((_velocity, _of_velocity), (_derivative, _of_derivative), (_second, _of_second)):
    _primitive.def_abstract_eval(_like_first)
    ad.primitive_jvps[_primitive] = _rule
    batching.primitive_batchers[_primitive] = _one_by_one(_primitive)
