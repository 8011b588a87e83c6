"""A function traced once, as a list of operations from which it is evaluated again and again.

What is derived by nested differentiation is slow to trace, and every `jvp`, `vmap` or loop around it goes through all
of it again: tracing is most of what a first answer costs, and a Jacobian takes a fifth of the time from the list. What
nobody uses, such as the value of a loss of which only the slope is wanted, is left out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import jax

if TYPE_CHECKING:
    # Importing it takes as long as a third of this package.
    from jax.extend.core import Jaxpr, Literal, Var
    from typing_extensions import TypeIs

T = TypeVar("T")


def recorded(
    function: Callable[..., object], *like: object
) -> tuple[Jaxpr, list[jax.typing.ArrayLike], jax.tree_util.PyTreeDef]:
    """The operations of a function, the values that they take from around it, and the structure of its result.

    Args:
        function: of pytrees.
        *like: arguments, or their shapes.
    """
    program, shapes = jax.make_jaxpr(function, return_shape=True)(*like)
    return used(program.jaxpr), program.consts, jax.tree.structure(shapes)


def once(function: Callable[..., T], *like: object) -> Callable[..., T]:
    """The function for arguments like these, traced once, to be differentiated, batched or repeated.

    >>> [float(part) for part in once(lambda x, y: (x * y, x), 1.0, 2.0)(3.0, 4.0)]
    [12.0, 3.0]
    """
    operations, consts, structure = recorded(function, *like)
    return lambda *given: jax.tree.unflatten(
        structure, jax.core.eval_jaxpr(operations, consts, *jax.tree.leaves(given))
    )


@functools.lru_cache(maxsize=1024)
def used(operations: Jaxpr) -> Jaxpr:
    """The operations without those whose results nobody needs."""
    needed, kept = set(_variables(operations.outvars)), []
    for operation in reversed(operations.eqns):
        if operation.effects or not needed.isdisjoint(operation.outvars):
            kept.append(operation)
            needed.update(_variables(operation.invars))
    return operations.replace(eqns=kept[::-1])


def is_literal(atom: Var | Literal) -> TypeIs[Literal]:
    """Whether an operand is a number, and no variable."""
    return hasattr(atom, "val")


def _variables(atoms: Iterable[Var | Literal]) -> list[Var]:
    return [atom for atom in atoms if not is_literal(atom)]
