"""What an algorithm is: `init` / `step` on an explicit state, and the two players' learning rates."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from diracgan.games.fields import VectorField
from diracgan.games.inputs import Numbers, Scalar, as_scalar_function, told
from diracgan.games.module import Module, attribute
from diracgan.games.parameters import RATE, RATE_D, RATE_G, Parameter, cast, described, plain, unknown

if TYPE_CHECKING:
    from jaxtyping import Array, Float

# What one round hands to the next: the position of the players, or a named tuple of arrays with it.
State = Any

T = TypeVar("T")


class Algorithm(Module):
    """An update rule. Its state holds everything that one step hands to the next.

    A subclass defines `step`. When the state is more than the position of the players, it is a named tuple with a
    field `x` for the position, and `init` makes it.
    """

    parameters: ClassVar[tuple[Parameter, ...]] = ()
    no_multipliers: ClassVar[str | None] = None

    def init(self, field: VectorField, x: jax.Array) -> State:
        """The state that starts at the position `x`."""
        return x

    def step(self, field: VectorField, state: State, k: Scalar = 0) -> State:
        """The state after round number `k`."""
        raise NotImplementedError(f"{type(self).__name__} must define step(field, state, k)")

    def position(self, state: State) -> jax.Array:
        """The parameters of both players, shape `(n,)`."""
        return state.x if hasattr(state, "_replace") else state

    def reposition(self, state: State, x: jax.Array) -> State:
        """The state moved to another position, its memory kept."""
        return state._replace(x=x) if hasattr(state, "_replace") else x

    @property
    def scheduled(self) -> bool:
        """Whether the map depends on the round number."""
        return False

    @property
    def rate(self) -> Any:
        """The learning rate of both players; None where they differ or a schedule sets them."""
        return None

    @property
    def tunable(self) -> dict[str, Parameter]:
        """The continuous parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters if parameter.kind is float}

    def replace(self, **values: object) -> Algorithm:
        """The same algorithm with some of its parameters changed; names and values are checked."""
        declared = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in declared:
                raise ValueError(unknown("parameter", name, declared, f"of {type(self).__name__} "))
        return type(self)(**{**{field.name: getattr(self, field.name) for field in dataclasses.fields(self)}, **values})

    __repr__ = described


class Schedule(Module):
    """A learning rate that depends on the round: any function of the round number, optax's schedules included."""

    function: Callable[[Scalar], Scalar] = attribute(static=True)

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", "schedule")


def _as_rate(declared: Parameter, h: object) -> Numbers | Schedule:
    if isinstance(h, Schedule):
        return h
    if not callable(h) or isinstance(h, (np.ndarray, jax.Array)):
        return declared.convert(h)
    return Schedule(as_scalar_function(h, f"the schedule {declared.name}", int))


def _rate(declared: Parameter, **options: Any) -> Any:
    return attribute(default=None, converter=lambda h: None if h is None else _as_rate(declared, h), **options)


class Rated(Algorithm):
    """An algorithm with a learning rate for each player: give `h`, or `h_g` and `h_d`.

    Each is a positive number or a schedule (a function of the round); `ValueError` for another combination. Afterwards
    `h` is None and both players' rates are set.
    """

    h: Numbers | Schedule | None = _rate(RATE)
    h_g: Numbers | Schedule = _rate(RATE_G, kw_only=True)
    h_d: Numbers | Schedule = _rate(RATE_D, kw_only=True)
    parameters: ClassVar[tuple[Parameter, ...]] = (RATE, RATE_G, RATE_D)

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in ("h", "h_g", "h_d") if getattr(self, name) is not None}
        if set(given) not in ({"h"}, {"h_g", "h_d"}):
            shown = ", ".join(f"{name}={plain(value)}" for name, value in given.items()) or "nothing"
            raise ValueError(f"{type(self).__name__} needs either h, or both h_g and h_d; {shown} was given")
        if "h" in given:
            self.h = None
            self.h_g = self.h_d = _as_rate(RATE, given["h"])

    @property
    def scheduled(self) -> bool:
        """Whether a rate is a schedule."""
        return isinstance(self.h_g, Schedule) or isinstance(self.h_d, Schedule)

    @property
    def rate(self) -> Any:
        """The learning rate of both players; None where they differ or a schedule sets them."""
        h_g, h_d = self.h_g, self.h_d
        if isinstance(h_g, Schedule) or isinstance(h_d, Schedule):
            return None
        return h_g if np.array_equal(h_g, h_d) else None

    def pair(self, x: jax.Array, k: Scalar) -> tuple[jax.Array, jax.Array]:
        """The learning rates of the generator and of the discriminator in round `k`, in the dtype of `x`."""
        h_g, h_d = (h.function(k) if isinstance(h, Schedule) else h for h in (self.h_g, self.h_d))
        return jnp.asarray(h_g, x.dtype), jnp.asarray(h_d, x.dtype)

    def rates(self, field: VectorField, x: Float[Array, " n"], k: Scalar) -> Float[Array, " n"]:
        """The learning rate of every entry of the state in round `k`, shape `(n,)`."""
        return jnp.where(np.arange(x.shape[-1]) < field.generator_size, *self.pair(x, k))

    def moved(self, field: VectorField, x: Float[Array, " n"], v: Float[Array, " n"], k: Scalar) -> Float[Array, " n"]:
        """P(x + h v), each player with its own rate."""
        # Player by player: the compiler then sees through the concatenation, and a million runs take 0.6 of the time.
        size, (h_g, h_d) = field.generator_size, self.pair(x, k)
        new = jnp.concatenate([x[:size] + h_g * v[:size], x[size:] + h_d * v[size:]])
        return field.domain.project(new, size)

    def replace(self, **values: object) -> Algorithm:
        """The same algorithm with some of its parameters changed; `h` sets both rates."""
        if "h" in values:
            values = {"h_g": None, "h_d": None, **values}
        return super().replace(**values)

    def __repr__(self) -> str:
        h_g, h_d = (h.function if isinstance(h, Schedule) else h for h in (self.h_g, self.h_d))
        same = h_g is h_d or (isinstance(h_g, np.ndarray) and isinstance(h_d, np.ndarray) and np.array_equal(h_g, h_d))
        shown = f"h={plain(self.h_g)}" if same else f"h_g={plain(self.h_g)}, h_d={plain(self.h_d)}"
        names = [field.name for field in dataclasses.fields(self) if field.name not in ("h", "h_g", "h_d")]
        return f"{type(self).__name__}({', '.join([shown, *(f'{n}={plain(getattr(self, n))}' for n in names)])})"


def repeat(update: Callable[[T], T], times: int, state: T) -> T:
    """`update` applied `times` times."""
    # Up to eight updates are written out: XLA then fuses the round into one loop body, which is several times
    # faster than a loop inside the loop; more of them would only make the program long.
    if times <= 8:
        for _ in range(times):
            state = update(state)
        return state
    return jax.lax.fori_loop(0, times, lambda _, y: update(y), state)


def as_algorithm(algorithm: object, flow: bool = False, batch: bool = False) -> Any:
    """`algorithm` itself, or with `flow` None, which stands for the flow.

    `TypeError` for what is no algorithm, `ValueError` for one that holds a batch of parameters, without `batch`.
    """
    if algorithm is None and flow:
        return None
    if not isinstance(algorithm, Algorithm):
        given = f"{told(algorithm)} was given"
        if isinstance(algorithm, type) and issubclass(algorithm, Algorithm):
            given = f"the class itself was given: write {algorithm.__name__}(...)"
        raise TypeError(
            f"an algorithm such as SimGD(h=0.2) is needed{', or None for the flow' if flow else ''}; {given}"
        )
    for parameter in () if batch else algorithm.tunable.values():
        value = getattr(algorithm, parameter.name, None)
        if value is not None and not isinstance(value, Schedule) and jnp.ndim(value):
            raise ValueError(
                f"{parameter.name} must be one number here; shape {jnp.shape(value)} was given: use jax.vmap over the "
                "algorithm, or h_g and h_d for a rate of each player"
            )
    return algorithm


def ready(algorithm: Algorithm, dtype: DTypeLike) -> Algorithm:
    """`as_algorithm` with its numbers in the dtype of the state."""
    return cast(as_algorithm(algorithm), dtype)
