"""One adaptive step rule for flows: Dormand and Prince's explicit Runge-Kutta pair of order 8(5, 3).

    x ← x + s Σ b_i k_i,   k_i = v(x + s Σ_j a_ij k_j),   error = s e₅²/√(e₅² + e₃²/100)

(Hairer, Nørsett, Wanner: Solving Ordinary Differential Equations I, II.5 and the appendix.) The stages are a loop, so
that the compiled program holds the velocity once: a solver with its stages written out takes a second to compile, which
is far longer than any curve in the plane takes to run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

# fmt: off
_A = (
    (0.05260015195876773,),
    (0.0197250569845379, 0.0591751709536137),
    (0.02958758547680685, 0, 0.08876275643042054),
    (0.2413651341592667, 0, -0.8845494793282861, 0.924834003261792),
    (0.037037037037037035, 0, 0, 0.17082860872947386, 0.12546768756682242),
    (0.037109375, 0, 0, 0.17025221101954405, 0.06021653898045596, -0.017578125),
    (0.03709200011850479, 0, 0, 0.17038392571223998, 0.10726203044637328, -0.015319437748624402,
     0.008273789163814023),
    (0.6241109587160757, 0, 0, -3.3608926294469414, -0.868219346841726, 27.59209969944671, 20.154067550477894,
     -43.48988418106996),
    (0.47766253643826434, 0, 0, -2.4881146199716677, -0.590290826836843, 21.230051448181193, 15.279233632882423,
     -33.28821096898486, -0.020331201708508627),
    (-0.9371424300859873, 0, 0, 5.186372428844064, 1.0914373489967295, -8.149787010746927, -18.52006565999696,
     22.739487099350505, 2.4936055526796523, -3.0467644718982196),
    (2.273310147516538, 0, 0, -10.53449546673725, -2.0008720582248625, -17.9589318631188, 27.94888452941996,
     -2.8589982771350235, -8.87285693353063, 12.360567175794303, 0.6433927460157636),
)
_B = (0.054293734116568765, 0, 0, 0, 0, 4.450312892752409, 1.8915178993145003, -5.801203960010585,
 0.3111643669578199, -0.1521609496625161, 0.20136540080403034, 0.04471061572777259)
_E3 = (-0.18980075407240762, 0, 0, 0, 0, 4.450312892752409, 1.8915178993145003, -5.801203960010585,
 -0.4226823213237919, -0.1521609496625161, 0.20136540080403034, 0.02265179219836082)
_E5 = (0.01312004499419488, 0, 0, 0, 0, -1.2251564463762044, -0.4957589496572502, 1.6643771824549864,
 -0.35032884874997366, 0.3341791187130175, 0.08192320648511571, -0.022355307863886294)
# fmt: on
STAGES = len(_B)
_A_MATRIX = np.array([row + (0.0,) * (STAGES - len(row)) for row in ((), *_A)])
_WEIGHTS = np.array([row + (0.0,) * (STAGES - len(row)) for row in (_B, _E3, _E5)])

# An adaptive step that shrinks for ever (at a blow-up, or on a kink that attracts from both sides) is given up when so
# many steps in a row advance less than they should.
_PATIENCE = 1000

Velocity = Callable[[jax.Array], jax.Array]


class Step(NamedTuple):
    """The state after one step, and its error in units of the tolerance."""

    x: jax.Array
    error: jax.Array


def step(velocity: Velocity, x: jax.Array, length: Any, rtol: Any, atol: Any, unroll: int = 1) -> Step:
    """One step of `length` (either sign) from `x`, shape `(n,)`."""
    a, weights = jnp.asarray(_A_MATRIX, x.dtype), jnp.asarray(_WEIGHTS, x.dtype)

    def stage(i: Any, k: jax.Array) -> jax.Array:
        return k.at[i].set(velocity(x + length * (a[i] @ k)))

    k = jax.lax.fori_loop(0, STAGES, stage, jnp.zeros((STAGES, x.size), x.dtype), unroll=unroll)
    change, third, fifth = weights @ k
    new = x + length * change
    scale = atol + rtol * jnp.maximum(jnp.abs(x), jnp.abs(new))
    fifth, third = jnp.sum((fifth / scale) ** 2), jnp.sum((third / scale) ** 2)
    tiny = jnp.finfo(x.dtype).tiny
    error = jnp.abs(length) * fifth / jnp.sqrt(x.size * (fifth + third / 100) + tiny)
    return Step(new, error)


class Reached(NamedTuple):
    """Where an integration ended: the state, the next step's length, and whether it got to the end."""

    x: jax.Array
    step: jax.Array
    done: jax.Array


def integrate(
    velocity: Velocity,
    x: jax.Array,
    time: Any,
    first: Any,
    *,
    rtol: float,
    atol: float,
    least: Any = 0.0,
    shortest: Any = 0.0,
    unroll: int = 1,
) -> Reached:
    """The state a `time` later (earlier, if negative), by steps whose error stays below the tolerances.

    Args:
        velocity: the right-hand side, `(n,)` to `(n,)`.
        first: length of the first step that is tried.
        rtol, atol: of the error per step.
        least: a step of this length is taken whatever its error, without which a kink is never crossed whose error
            exceeds the tolerance.
        shortest: the mean length below which a thousand steps in a row are a failure.
    """
    time = jnp.asarray(time, x.dtype)
    sense, span = jnp.sign(time), jnp.abs(time)

    def going(carry: tuple[Any, ...]) -> jax.Array:
        _, t, _, _, _, well = carry
        return well & (t < span)

    def advance(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        x, t, length, count, since, _ = carry
        # The last step ends exactly at the end.
        last = t + length * (1 + 1e-6) >= span
        length = jnp.where(last, span - t, length)
        tried = step(velocity, x, sense * length, rtol, atol, unroll)
        finite = jnp.all(jnp.isfinite(tried.x)) & jnp.isfinite(tried.error)
        taken = finite & ((tried.error <= 1) | (length <= least))
        factor = jnp.where(finite, 0.9 * jnp.maximum(tried.error, 1e-10) ** -0.125, 0.1)
        after = jnp.where(taken, jnp.where(last, span, t + length), t)
        new = jnp.maximum(length * jnp.clip(factor, 0.1, jnp.where(taken, 10.0, 1.0)), least)
        full = count == _PATIENCE
        well = (~full | (after - since >= _PATIENCE * shortest)) & (length > 0)
        return (
            jnp.where(taken, tried.x, x),
            after,
            new,
            jnp.where(full, 0, count + 1),
            jnp.where(full, after, since),
            well,
        )

    zero = jnp.zeros((), x.dtype)
    start = (x, zero, jnp.asarray(first, x.dtype), jnp.zeros((), jnp.int32), zero, jnp.array(True))
    x, t, length, _, _, _ = jax.lax.while_loop(going, advance, start)
    return Reached(x, length, t >= span)
