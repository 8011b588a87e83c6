"""Loops and branches of a jaxpr: what JAX says of them is read here and nowhere else."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, SupportsInt

import jax
import numpy as np

from diracgan.tracing.arrays import Cells, Unsupported, boxed

Body = Callable[..., list[Cells]]  # the results of a program on arrays
Evaluate = Callable[..., list[Cells]]  # of a program and its arguments


@dataclasses.dataclass(frozen=True)
class Scan:
    """`carry, results = body(*carry, *row)`, `length` times; `stacked` is the number of results of one round."""

    body: Body
    length: int
    reverse: bool
    carry: list[Cells]
    rows: list[Cells]
    stacked: int

    def unrolled(self) -> list[Cells]:
        """The carried values after the last round, and the results of all rounds."""
        carry, carried, steps = self.carry, len(self.carry), range(self.length)
        results: list[list[Cells]] = [[] for _ in steps]
        for step in reversed(steps) if self.reverse else steps:
            row = [boxed(part[step]) if part.ndim == 1 else part[step] for part in self.rows]
            done = self.body(*carry, *row)
            carry, results[step] = done[:carried], done[carried:]
        return [*carry, *(np.stack(column) for column in zip(*results, strict=True))]


@dataclasses.dataclass(frozen=True)
class While:
    """`state = body(*state)` as long as `condition(*state)`."""

    condition: Callable[..., Cells]
    body: Body
    state: list[Cells]

    def unrolled(self, known: Callable[[Cells], object]) -> list[Cells]:
        """The state after the last round."""
        state = self.state
        while known(self.condition(*state)):
            state = self.body(*state)
        return state


@dataclasses.dataclass(frozen=True)
class Branches:
    """The program at `index`, on the same arguments for all."""

    index: Cells
    bodies: list[Callable[[], list[Cells]]]

    def taken(self, index: SupportsInt) -> list[Cells]:
        """The results of one of them; the nearest where there is none at the index."""
        return self.bodies[min(max(int(index), 0), len(self.bodies) - 1)]()


def read_scan(params: Mapping[str, Any], arrays: list[Cells], evaluate: Evaluate) -> Scan:
    """What a `scan` carries; from jax 0.11 on `ft_in` says so."""
    program = params["jaxpr"]
    if "num_consts" in params:
        consts, carried = params["num_consts"], params["num_carry"]
    else:
        consts, carried = _sizes(params)
    rest = arrays[consts:]
    return Scan(
        lambda *state: evaluate(program, *arrays[:consts], *state),
        params["length"],
        params["reverse"],
        rest[:carried],
        rest[carried:],
        len(program.jaxpr.outvars) - carried,
    )


def _sizes(params: Mapping[str, Any]) -> tuple[int, int]:
    try:
        consts, carry, _ = params["ft_in"].unpack()
        return len(consts), len(carry)
    except (KeyError, AttributeError, TypeError, ValueError):
        raise Unsupported(
            f"jax {jax.__version__} describes it by {', '.join(sorted(params))}, which is not understood here: "
            "install a version of jax that diracgan is tested with"
        ) from None


def read_while(params: Mapping[str, Any], arrays: list[Cells], evaluate: Evaluate) -> While:
    """The condition and the body, each with its constants."""
    of_condition, of_body = params["cond_nconsts"], params["body_nconsts"]
    fixed, moving = arrays[:of_condition], arrays[of_condition : of_condition + of_body]
    return While(
        lambda *state: evaluate(params["cond_jaxpr"], *fixed, *state)[0],
        lambda *state: evaluate(params["body_jaxpr"], *moving, *state),
        arrays[of_condition + of_body :],
    )


def read_branches(params: Mapping[str, Any], arrays: list[Cells], evaluate: Evaluate) -> Branches:
    """The branches of a `cond` or `switch`."""
    index, *arguments = arrays
    return Branches(index, [functools.partial(evaluate, program, *arguments) for program in params["branches"]])
