"""A field whose velocity has been traced once, for programs that differentiate, batch or repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax

from diracgan.games.fields import Delegating, VectorField
from diracgan.games.module import attribute
from diracgan.games.parameters import cast
from diracgan.tracing import recording

if TYPE_CHECKING:
    from jax.extend.core import Jaxpr


class _Recorded(Delegating):
    """Another field, with its velocity at states like the one that it was traced at."""

    field: VectorField
    consts: list[jax.typing.ArrayLike]
    operations: Jaxpr = attribute(static=True)

    def velocity(self, x: jax.Array) -> jax.Array:
        """That of the inner field, which is asked itself about states of another shape or type."""
        if jax.typeof(x) != self.operations.invars[-1].aval:
            return self.field.velocity(x)
        out: jax.Array = jax.core.eval_jaxpr(self.operations, self.consts, *jax.tree.leaves(self.field), x)[0]
        return out


def recorded(field: VectorField, states: jax.Array) -> VectorField:
    """The field with its numbers in the type of these states, `(n,)` or `(m, n)`, for use within one traced function.

    The operations of fields that differ in their numbers are the same object, so that whatever JAX keeps of what is
    derived from them serves every program. A field that changes from round to round is only cast.
    """
    field = cast(field, states.dtype)
    if field.changing is not None:
        return field
    traced = _velocity.trace(field, jax.ShapeDtypeStruct(states.shape[-1:], states.dtype)).jaxpr
    return _Recorded(field, list(traced.consts), recording.used(traced.jaxpr))


_velocity = jax.jit(lambda field, x: field.velocity(x), inline=True)
