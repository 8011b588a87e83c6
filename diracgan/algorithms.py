"""Training algorithms as `init` / `step` on an explicit state.

A step is one whole round: with AltGD(n_g, n_d) that is n_g generator updates followed by n_d discriminator updates.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from diracgan.fields import VectorField
from diracgan.parameters import N_D, N_G, RATE, RATE_D, RATE_G, Parameter, cast, plain, unknown


class Schedule(eqx.Module):
    """A learning rate that depends on the round: any function of the round number, optax's schedules included."""

    function: Callable[[jax.Array], Any] = eqx.field(static=True)

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", "schedule")


def _rate(declared: Parameter) -> Any:
    return eqx.field(converter=lambda h: Schedule(h) if callable(h) and not eqx.is_array(h) else declared.convert(h))


def _rates(name: str, h: Any, h_g: Any, h_d: Any) -> tuple[Any, Any]:
    """Both players' rates from `h` alone or from `h_g` and `h_d` together."""
    if (h is None) == (h_g is None and h_d is None) or (h is None and (h_g is None or h_d is None)):
        given = ", ".join(f"{k}={v}" for k, v in (("h", h), ("h_g", h_g), ("h_d", h_d)) if v is not None)
        raise ValueError(f"{name} needs either h, or both h_g and h_d; {given or 'nothing'} was given")
    if h is None:
        return h_g, h_d
    if not callable(h):
        h = RATE.convert(h)
    return h, h


class Algorithm(eqx.Module):
    """An update rule. Its state holds everything that one step hands to the next.

    The base class is written for algorithms whose state is the position itself; others override `init` and
    `position`.
    """

    h_g: eqx.AbstractVar[Any]
    h_d: eqx.AbstractVar[Any]
    parameters: ClassVar[tuple[Parameter, ...]] = (RATE, RATE_G, RATE_D)

    def init(self, field: VectorField, x: jax.Array) -> Any:
        """The state that starts at the position `x`."""
        return x

    def step(self, field: VectorField, state: Any, k: Any = 0) -> Any:
        """The state after round number `k`."""
        raise NotImplementedError(f"{type(self).__name__} must define step(field, state, k)")

    def position(self, state: Any) -> jax.Array:
        """The parameters of both players, shape `(n,)`."""
        return state

    @property
    def scheduled(self) -> bool:
        """Whether the map depends on the round number."""
        return isinstance(self.h_g, Schedule) or isinstance(self.h_d, Schedule)

    def rates(self, field: VectorField, x: jax.Array, k: Any) -> jax.Array:
        """The learning rate of every entry of the state in round `k`, shape `(n,)`."""
        h_g, h_d = (jnp.asarray(h.function(k) if isinstance(h, Schedule) else h, x.dtype) for h in (self.h_g, self.h_d))
        return jnp.where(np.arange(x.shape[-1]) < field.generator_size, h_g, h_d)

    def __repr__(self) -> str:
        h_g, h_d = (h.function if isinstance(h, Schedule) else h for h in (self.h_g, self.h_d))
        same = h_g is h_d or (isinstance(h_g, np.ndarray) and isinstance(h_d, np.ndarray) and np.array_equal(h_g, h_d))
        rates = f"h={plain(self.h_g)}" if same else f"h_g={plain(self.h_g)}, h_d={plain(self.h_d)}"
        names = [field.name for field in dataclasses.fields(self) if field.name not in ("h_g", "h_d")]
        return f"{type(self).__name__}({', '.join([rates, *(f'{n}={plain(getattr(self, n))}' for n in names)])})"


class SimGD(Algorithm):
    """Simultaneous gradient descent, x ← P(x + h v(x)) with the projection P of the field's domain.

    Give `h`, or `h_g` and `h_d`; each a positive number or a schedule (a function of the round).

    >>> dg.SimGD(h=0.2)
    SimGD(h=0.2)
    """

    h_g: Any = _rate(RATE_G)
    h_d: Any = _rate(RATE_D)

    def __init__(self, h: Any = None, *, h_g: Any = None, h_d: Any = None):
        self.h_g, self.h_d = _rates("SimGD", h, h_g, h_d)

    def step(self, field: VectorField, state: jax.Array, k: Any = 0) -> jax.Array:
        """P(x + h v(x))."""
        x = state + self.rates(field, state, k) * field.velocity(state)
        return field.domain.project(x, field.generator_size)


class AltGD(Algorithm):
    """Alternating gradient descent: `n_g` generator updates, then `n_d` discriminator updates that see the new θ.

    The state is projected onto the field's domain after every inner update.

    >>> dg.AltGD(h=0.2, n_d=5)
    AltGD(h=0.2, n_g=1, n_d=5)
    """

    h_g: Any = _rate(RATE_G)
    h_d: Any = _rate(RATE_D)
    n_g: int = N_G.field()
    n_d: int = N_D.field()
    parameters: ClassVar[tuple[Parameter, ...]] = (RATE, RATE_G, RATE_D, N_G, N_D)

    def __init__(self, h: Any = None, n_g: int = 1, n_d: int = 1, *, h_g: Any = None, h_d: Any = None):
        self.h_g, self.h_d = _rates("AltGD", h, h_g, h_d)
        self.n_g, self.n_d = n_g, n_d

    def step(self, field: VectorField, state: jax.Array, k: Any = 0) -> jax.Array:
        """D^{n_d} ∘ G^{n_g}."""
        size = field.generator_size
        rates = self.rates(field, state, k)

        def generator(x: jax.Array) -> jax.Array:
            moved = x[:size] + rates[:size] * field.velocity(x)[:size]
            return field.domain.project(jnp.concatenate([moved, x[size:]]), size)

        def discriminator(x: jax.Array) -> jax.Array:
            moved = x[size:] + rates[size:] * field.velocity(x)[size:]
            return field.domain.project(jnp.concatenate([x[:size], moved]), size)

        return _repeat(discriminator, self.n_d, _repeat(generator, self.n_g, state))


# Up to this many inner updates are written out: XLA then fuses the round into one loop body, which is several
# times faster than a loop inside the loop; more of them would only make the program long.
_WRITTEN_OUT = 8


def _repeat(update: Callable[[jax.Array], jax.Array], times: int, x: jax.Array) -> jax.Array:
    if times <= _WRITTEN_OUT:
        for _ in range(times):
            x = update(x)
        return x
    return jax.lax.fori_loop(0, times, lambda _, y: update(y), x)


def ready(algorithm: Any, dtype: Any) -> Algorithm:
    """`algorithm` with its numbers in the dtype of the state; `TypeError` when it is none."""
    if not isinstance(algorithm, Algorithm):
        raise TypeError(f"an algorithm such as SimGD(h=0.2) is needed; {algorithm!r} was given")
    return cast(algorithm, dtype)


ALGORITHMS: dict[str, type[Algorithm]] = {"simgd": SimGD, "altgd": AltGD}


def algorithm_named(name: str, **parameters: Any) -> Algorithm:
    """An algorithm of `ALGORITHMS` by name; the learning rate of the published figures when none is given.

    Unknown names and parameters raise `ValueError` with the known ones.

    >>> algorithm_named("altgd", n_d=5)
    AltGD(h=0.2, n_g=1, n_d=5)
    """
    if name not in ALGORITHMS:
        raise ValueError(unknown("algorithm", name, ALGORITHMS))
    kind = ALGORITHMS[name]
    declared = [parameter.name for parameter in kind.parameters]
    for given in parameters:
        if given not in declared:
            raise ValueError(unknown("parameter", given, declared, f"of {name!r} "))
    if not {"h", "h_g", "h_d"} & set(parameters):
        parameters["h"] = RATE.default
    return kind(**parameters)
