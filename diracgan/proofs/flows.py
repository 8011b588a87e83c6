"""Flows that converge from every start: V = ½(θ² + ψ²), its derivative, and LaSalle's principle.

Let the field be v = (-ψ a(u), θ b(u) - ψ c(u)), u = θψ. Then dV/dt = u(b - a) - ψ²c. Let

    c >= 0,   u(b - a) <= 0,   a(0) ≠ 0,   b(0) ≠ 0,   and everywhere c > 0, or u(b - a) < 0 for all u ≠ 0.

V does not increase. Where dV/dt = 0, ψ = 0 in the first case (then ψ' = θb(0), which vanishes at θ = 0 only), u = 0 in
the second (there on ψ = 0 the same holds, and on θ = 0 θ' = -ψa(0)): nothing but 0 stays there for ever, and every
orbit in {V <= level} tends to 0. Since |u| <= V, what is shown for |u| <= level is enough for {V <= level}.

The form is shown by exact algebra on the traced program, with it that a(0) = b(0), and for a zero-sum game that a = b;
otherwise a, b and c are derived programs of it,

    a = -v₁(u, 1),   θb = (Ev₂ + v₂)/2,   ψc = (Ev₂ - v₂)/2,   E = θ∂_θ - ψ∂_ψ,

evaluated on intervals of u. Where |u| is small (b - a)' < 0 is used.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.catalogue import method
from diracgan.dynamics.compiling import answering
from diracgan.games.fields import VectorField
from diracgan.games.parameters import cast
from diracgan.proofs.records import Record
from diracgan.proofs.search import cover
from diracgan.tracing.boxes import Boxes, cell, images
from diracgan.tracing.polynomials import Polynomial, polynomials

LEVEL = 200.0
_NEAR = 0.5


@dataclasses.dataclass(frozen=True)
class Statement:
    """The flow of a catalogue entry converges from every start: dV/dt, and why that is not positive.

    `damped` says that c > 0 everywhere, `bent` that u(b - a) < 0 for all u ≠ 0.
    """

    name: str
    decrease: str
    damped: bool
    bent: bool


STATEMENTS = (
    Statement("r1", "-γψ²", True, False),
    Statement("r2", "-γψ²", True, False),
    Statement("r1-r2", "-2γψ²", True, False),
    Statement("zero-gp", "-2λψ²", True, False),
    Statement("r3gan", "-2γψ²", True, False),
    Statement("wgan-r1", "-γψ²", True, False),
    Statement("lsgan-r1", "-γψ²", True, False),
    Statement("roth", "-γψ²(¼ + q²(1 - u(1 - q)))", True, False),
    Statement("lecam", "-2λu²", False, True),
    Statement("clc", "-2λu²", False, True),
    Statement("nsgan", "-u tanh(u/2)", False, True),
    Statement("nsgan-r1", "-u tanh(u/2) - γψ²", True, True),
    Statement("nsgan-r2", "-u tanh(u/2) - γψ²", True, True),
)


def _velocity(field: VectorField, x: Any) -> Any:
    return cast(field, np.float64).velocity(x)


def _parts(field: VectorField, u: jax.Array) -> jax.Array:
    """(b - a, c) at a product; b is looked at where θ = 1, c and a where ψ = 1."""

    def both(x: Any) -> Any:
        across = jax.jvp(lambda y: _velocity(field, y)[1], (x,), (x * jnp.array([1.0, -1.0]),))
        return across[0], across[1]

    one = jnp.ones(())
    value, along = both(jnp.stack([one, u]))
    b = (along + value) / 2
    value, along = both(jnp.stack([u, one]))
    return jnp.stack([b + _velocity(field, jnp.stack([u, one]))[0], (along - value) / 2])


_program = answering(_parts)
_slope = answering(jax.jacfwd(_parts, argnums=1))
_whole = answering(_velocity)


class Split:
    """b - a and c of a field, derived, on intervals of u; `ValueError` for a field that is not of the form."""

    def __init__(self, field: VectorField) -> None:
        field = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), field)
        leaves = jax.tree.leaves(field)
        with jax.enable_x64(True):
            programs = [part.trace(field, np.zeros(())).jaxpr for part in (_program, _slope)]
            whole = _whole.trace(field, np.zeros(2)).jaxpr
        self._programs, self._known = programs, [cell(Boxes(leaf)) for leaf in leaves]
        try:
            along, across = (part.graded() for part in polynomials(whole, *leaves))
        except NotImplementedError as problem:
            raise ValueError(f"{field!r} is not of the form of the argument: {problem}") from None
        if set(along) != {-1} or set(across) - {-1} != {1}:
            raise ValueError(f"{field!r} is not of the form of the argument")
        # Without a part -ψc no enclosure is needed: c = 0.
        self.undamped = -1 not in across
        self.same_at_zero = _at_zero(along[-1], 1) == -_at_zero(across[1], 0) != 0
        theta, psi = (Polynomial.of({frozenset({(entry, 1)}): Fraction(1)}) for entry in (0, 1))
        self.zero_sum = along[-1] * theta + across[1] * psi == Polynomial.of({})

    def at(self, u: Boxes) -> tuple[Boxes, Boxes]:
        """b - a and c."""
        bend, c = images(self._programs[0], *self._known, cell(u))[0]
        return bend, Boxes(0.0) if self.undamped else c

    def slope(self, u: Boxes) -> Boxes:
        """(b - a)'."""
        return images(self._programs[1], *self._known, cell(u))[0][0]


def _at_zero(part: Polynomial, entry: int) -> float:
    """What multiplies an entry of the state where the other is 0, with σ(0) = ½."""
    total = 0.0
    for monomial, factor in part.terms:
        powers = dict(monomial)
        if powers.pop(entry, 0) != 1 or 1 - entry in powers:
            continue
        value = float(factor)
        for (name, *arguments), power in powers.items():
            if name not in ("sigmoid", "logistic") or any(set(_constants(a)) for a in arguments):
                return float("nan")
            value *= 0.5**power
        total += value
    return total


def _constants(terms: Any) -> list[Any]:
    """The terms that do not vanish with the product."""
    return [factor for monomial, factor in terms if not {0, 1} <= {atom for atom, _ in monomial}]


def converges(one: Statement, field: VectorField, level: float = LEVEL, depth: int = 30) -> tuple[bool, int, int]:
    """Whether the conditions hold for |u| <= level; boxes, and their depth."""
    split = Split(field)

    def holds(u: Boxes) -> np.ndarray:
        bend, c = split.at(u)
        fine = (c.low > 0) if one.damped else np.broadcast_to(split.undamped, u.shape)
        if not one.bent:
            return fine
        side = np.where(u.low > 0, bend.high < 0, (u.high < 0) & (bend.low > 0))
        near = (u.size <= _NEAR) & (split.slope(u).high < 0)
        return fine & (side | near)

    # For b = a the bend is 0 by algebra, which no enclosure shows.
    known = split.same_at_zero and (one.bent or split.zero_sum) and (one.damped or one.bent)
    done = cover(holds, Boxes([[-level], [-_NEAR], [_NEAR]], [[-_NEAR], [_NEAR], [level]]), depth, scale=np.ones(1))
    return done.closed and known, done.boxes, done.depth


def flows(chosen: tuple[Statement, ...] = STATEMENTS) -> Record:
    """The table of statements, each checked on the derived field with the hyper-parameters of its entry."""
    rows, boxes, deepest = [], 0, 0
    for one in chosen:
        closed, count, depth = converges(one, method(one.name))
        boxes, deepest = boxes + count, max(deepest, depth)
        rows.append({"name": one.name, "dV/dt": one.decrease, "closed": closed})
    names = ", ".join(one.name for one in chosen)
    return Record(
        name="flows",
        statement=f"Every start converges under the flow of {names}: ½(θ² + ψ²) falls, and nothing but 0 stays where "
        "it does not.",
        closed=all(row["closed"] for row in rows),
        constants={"flows": rows, "level": LEVEL},
        boxes=boxes,
        depth=deepest,
        evaluated="exact algebra, and signs on intervals of u, of the derived fields with their default "
        "hyper-parameters where ½(θ² + ψ²) <= level; beyond it the formulas of dV/dt are by hand",
    )
