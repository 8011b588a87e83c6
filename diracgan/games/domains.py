"""Where the parameters live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp

from diracgan.games.inputs import Numbers
from diracgan.games.module import Module, attribute
from diracgan.games.parameters import CLIP, described

if TYPE_CHECKING:
    from jaxtyping import Array, Float


class Domain(Module):
    """The set the parameters live in: the whole space (`bound` is None) or |discriminator entries| <= bound.

    >>> dg.Domain(bound=0.3)
    Domain(bound=0.3)
    """

    bound: Numbers | None = attribute(default=None, converter=CLIP.optional)

    def project(self, x: Float[Array, "*m n"], generator_size: int) -> Float[Array, "*m n"]:
        """The nearest point of the domain; shape `(..., n)` in and out."""
        if self.bound is None:
            return x
        bound = jnp.asarray(self.bound, x.dtype)
        clipped = jnp.clip(x[..., generator_size:], -bound, bound)
        return jnp.concatenate([x[..., :generator_size], clipped], axis=-1)

    def tangent(self, x: Float[Array, "*m n"], v: Float[Array, "*m n"], generator_size: int) -> Float[Array, "*m n"]:
        """The part of the velocity `v` that does not leave the domain at `x`."""
        if self.bound is None:
            return v
        bound = jnp.asarray(self.bound, x.dtype)
        outward = (jnp.abs(x) >= bound) & (jnp.sign(v) == jnp.sign(x)) & (jnp.arange(x.shape[-1]) >= generator_size)
        return jnp.where(outward, 0, v)

    __repr__ = described
