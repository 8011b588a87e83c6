"""Dormand and Prince's explicit Runge-Kutta pair of order 8(5, 3): one step of it.

    x ← x + s Σ b_i k_i,   k_i = v(x + s Σ_j a_ij k_j),   error = s e₅²/√(e₅² + e₃²/100)

(Hairer, Nørsett, Wanner: Solving Ordinary Differential Equations I, II.5 and the appendix.) The stages are a loop, so
that the compiled program holds the velocity once: a solver with its stages written out takes a second to compile, which
is far longer than any curve in the plane takes to run. Many curves at once are worth it: `unroll`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.inputs import Scalar

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
Function = Callable[[jax.Array], jax.Array]


class Step(NamedTuple):
    """The state after one step, and its error in units of the tolerance."""

    x: jax.Array
    error: jax.Array


def step(velocity: Function, x: jax.Array, length: Scalar, rtol: Scalar, atol: Scalar, unroll: bool = False) -> Step:
    """One step of `length` (either sign) from `x`, shape `(n,)`; `atol` may have one value per entry."""
    if unroll:
        stages: list[jax.Array] = []
        for row in ((), *_A):
            stages.append(velocity(x + length * _combined(row, stages) if row else x))
        change, third, fifth = (_combined(row, stages) for row in (_B, _E3, _E5))
    else:
        change, third, fifth = _weighted(_WEIGHTS, _stages(velocity, x, length))
    new = x + length * change
    scale = atol + rtol * jnp.maximum(jnp.abs(x), jnp.abs(new))
    fifth, third = jnp.sum((fifth / scale) ** 2), jnp.sum((third / scale) ** 2)
    tiny = jnp.finfo(x.dtype).tiny
    # The rule is differentiated, not the choice of its steps.
    error = jax.lax.stop_gradient(jnp.abs(length) * fifth / jnp.sqrt(x.size * (fifth + third / 100) + tiny))
    return Step(new, error)


def _combined(row: tuple[float, ...], stages: list[jax.Array]) -> jax.Array | int:
    return sum(weight * k for weight, k in zip(row, stages, strict=True) if weight)


def advanced(velocity: Function, x: jax.Array, lengths: jax.Array) -> jax.Array:
    """The states `(m, n)` after one step of each of `lengths`; the velocity takes `(m, n)`."""
    return x + lengths[:, None] * _weighted(_WEIGHTS[:1], _stages(velocity, x, lengths[:, None]))[0]


def _stages(velocity: Function, x: jax.Array, length: Scalar) -> jax.Array:
    a = jnp.asarray(_A_MATRIX, x.dtype)

    def stage(i: jax.Array, k: jax.Array) -> jax.Array:
        change = _weighted(jax.lax.dynamic_slice_in_dim(a, i, 1), k)[0]
        return jax.lax.dynamic_update_index_in_dim(k, velocity(x + length * change), i, 0)

    return jax.lax.fori_loop(0, STAGES, stage, jnp.zeros((STAGES, *x.shape), x.dtype))


def _weighted(weights: np.ndarray | jax.Array, stages: jax.Array) -> jax.Array:
    # A product of matrices would be a call of a library, which takes longer than the sum of a few numbers.
    weights = jnp.asarray(weights, stages.dtype).reshape(*weights.shape, *[1] * (stages.ndim - 1))
    return jnp.sum(weights * stages, axis=1)
