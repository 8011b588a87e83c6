"""Equilibria of a game on its flat state, found by Newton's method and classified; and how sharp D is at the data."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering, in_float64
from diracgan.games.fields import as_field
from diracgan.games.inputs import as_kind, as_numbers, told
from diracgan.games.parameters import Parameter, cast
from diracgan.regret.bumps import BumpGame

_STARTS = Parameter("starts", "N", "random starts of Newton's method", 200, (1, 100_000), kind=int)
_REACH = Parameter("reach", "r", "how far beyond the data the particles start", 2.0, (0.0, 1e6), open_low=True)
_SEED = Parameter("seed", "s", "seed of the starts", 0, (0, 2**31 - 1), kind=int)
# Distances and speeds below which two states are the same and a state is at rest.
_SAME, _REST = 1e-5, 1e-10


@dataclasses.dataclass(frozen=True, eq=False)
class Equilibrium:
    """One zero of the flow of a game: the sorted `particles`, the `weights` of D, and what linearisation says.

    `kind` is "stable", "unstable" or "neutral" by `abscissa`, the largest real part of an eigenvalue; `good` says that
    the particles match the data. `sharpness` is the largest |∂D/∂x| at a datum.
    """

    particles: np.ndarray
    weights: np.ndarray
    kind: str
    abscissa: float
    good: bool
    sharpness: float

    def __repr__(self) -> str:
        at = ", ".join(f"{x:.4g}" for x in self.particles)
        return f"Equilibrium({'good' if self.good else 'bad'}, {self.kind}, ({at}), sharpness={self.sharpness:.3g})"


@in_float64
def equilibria(game: BumpGame, starts: int = 200, reach: float = 2.0, seed: int = 0) -> list[Equilibrium]:
    """The equilibria that Newton's method finds from random starts; particles in any order count as one state.

    The step is -(JᵀJ + |v|²I)⁻¹Jᵀv, halved until the speed falls. Starts are uniform, particles within `reach` of the
    data's range and weights in ±2·`reach`. That none is missed is not proved. Always in float64.

    >>> from diracgan.regret import BumpGame, WeightDecay, equilibria
    >>> game = BumpGame([0.0], [0.0, 0.5], particles=1, penalties=(WeightDecay(0.1),))
    >>> [(one.good, one.kind) for one in equilibria(game, starts=40)][:1]
    [(True, 'stable')]
    """
    as_kind(game, "game", BumpGame, "dg.regret.BumpGame([-1.0, 1.0], [-1.0, 0.0, 1.0])")
    starts, reach, seed = _STARTS.convert(starts), _REACH.number(reach), _SEED.convert(seed)
    random, n = np.random.default_rng(seed), game.particles
    low, high = float(np.min(game.data)) - reach, float(np.max(game.data)) + reach
    theta = random.uniform(low, high, (starts, n))
    psi = random.uniform(-2 * reach, 2 * reach, (starts, game.dimension - n))
    first = np.concatenate([np.concatenate([theta, psi], 1), np.asarray(game.equilibrium)[None]])
    ends, speeds = (np.asarray(part) for part in _newton(game, first))
    inside = np.all(np.isfinite(ends), 1) & (speeds < _REST)
    inside &= np.all((ends[:, :n] >= low) & (ends[:, :n] <= high), 1)
    # A discriminator that grows without bound also slows down: that is no equilibrium.
    inside &= np.max(np.abs(ends[:, n:]), 1, initial=0.0) < 1e3
    ends = ends[inside]
    ends[:, :n] = np.sort(ends[:, :n], axis=1)
    distinct: list[np.ndarray] = []
    for end in ends:
        if all(np.max(np.abs(end - other)) > _SAME for other in distinct):
            distinct.append(end)
    found = [_classified(game, end) for end in distinct]
    return sorted(found, key=lambda one: (not one.good, *one.particles.round(6)))


def _classified(game: BumpGame, x: np.ndarray) -> Equilibrium:
    n, goal = game.particles, np.sort(np.asarray(game.equilibrium)[: game.particles])
    values = np.linalg.eigvals(np.asarray(_jacobian(game, x)))
    abscissa = float(values.real.max())
    kind = "stable" if abscissa < -1e-8 else "unstable" if abscissa > 1e-8 else "neutral"
    good = bool(np.max(np.abs(x[:n] - goal)) < 1e-4)
    return Equilibrium(x[:n], x[n:], kind, abscissa, good, float(_sharpness(game, x[None])[0]))


def sharpness(game: Any, path: Any) -> np.ndarray:
    """The largest |∇ₓD| at a datum, for every state of a path: shape `(T, n)` to `(T,)`.

    For the Dirac-GAN it is |ψ|. Takes any game that has a `play`: a `dg.DiracGAN`, a `dg.GAN`, a `BumpGame`, or a
    method of the catalogue made from the first. Raises `ValueError` for a field without a discriminator, and for a path
    of another shape or one that has diverged.

    >>> dg.regret.sharpness(dg.method("r1"), [[1.0, -0.5], [0.0, 2.0]]).tolist()
    [0.5, 2.0]
    """
    inner: Any = as_field(game)
    while not hasattr(type(inner), "play"):
        inner = getattr(inner, "field", None)
        if inner is None:
            raise ValueError(
                f"sharpness needs a game with a discriminator, such as dg.method('r1') or a dg.GAN; {told(game)} has "
                "none: it was given as a velocity alone"
            )
    states = as_numbers(path, "path", ("T", f"{inner.dimension}"))
    return np.asarray(_sharpness(inner, states))


@in_float64
@answering
def _sharpness(game: Any, states: jax.Array) -> jax.Array:
    game = cast(game, states.dtype)

    def one(x: jax.Array) -> jax.Array:
        D, real, _ = game.play(x)
        slopes = jax.vmap(jax.grad(D))(jnp.atleast_1d(jnp.asarray(real.points, x.dtype)))
        return jnp.sqrt(jnp.max(jnp.sum(slopes.reshape(len(slopes), -1) ** 2, axis=1)))

    return jax.lax.map(one, states)


@answering
def _jacobian(game: Any, x: jax.Array) -> jax.Array:
    return jax.jacfwd(cast(game, x.dtype).velocity)(x)


@answering
def _newton(game: Any, starts: jax.Array) -> tuple[jax.Array, jax.Array]:
    game = cast(game, starts.dtype)
    shares = 0.5 ** jnp.arange(10.0)

    def one(start: jax.Array) -> tuple[jax.Array, jax.Array]:
        def improve(_: Any, x: jax.Array) -> jax.Array:
            v, J = game.velocity(x), jax.jacfwd(game.velocity)(x)
            normal = J.T @ J
            held = normal + (v @ v + 1e-14 * jnp.trace(normal)) * jnp.eye(len(x))
            tried = x - shares[:, None] * jnp.linalg.solve(held, J.T @ v)
            sizes = jax.vmap(lambda y: jnp.sum(game.velocity(y) ** 2))(tried)
            return tried[jnp.argmin(jnp.where(jnp.isfinite(sizes), sizes, jnp.inf))]

        x = jax.lax.fori_loop(0, 100, improve, start)
        return x, jnp.linalg.norm(game.velocity(x))

    return jax.lax.map(one, starts)
