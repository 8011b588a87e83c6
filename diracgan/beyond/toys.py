"""Small games on which the convergence theorem can be watched: what they are, and the state it is about."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.general import GAN
from diracgan.games.losses import Loss, Minimax
from diracgan.games.measures import Measure
from diracgan.games.noise import GaussianNoise
from diracgan.games.penalties import R1, Penalty
from diracgan.games.uniform import legendre

Penalties = tuple[Penalty, ...]


@dataclasses.dataclass(frozen=True)
class Problem:
    """A game and a state `at` where p_θ = p_D and D = 0, with what is to be seen there.

    `equilibria` is M_G × M_D near the state, and `description` what the problem shows, in words.
    """

    name: str
    description: str
    equilibria: str
    game: GAN
    at: np.ndarray

    def __repr__(self) -> str:
        return f"Problem({self.name!r})"


def problems(penalties: Penalties | None = None, loss: Loss | None = None) -> tuple[Problem, ...]:
    """Every problem, with the minimax loss and R1 of weight 1 unless others are given; `penalties=()` is none.

    The state holds the generator's parameters first, in the order that a problem's description names them.

    >>> [problem.name for problem in problems()][:3]
    ['matrix', 'segment', 'circle']
    """
    terms = (R1(1.0),) if penalties is None else penalties
    return tuple(make(Minimax() if loss is None else loss, terms) for make in _PROBLEMS)


_PROBLEMS: list[Callable[[Loss, Penalties], Problem]] = []


def _problem(make: Callable[..., Problem]) -> Callable[..., Problem]:
    _PROBLEMS.append(make)
    return make


def _posed(
    loss: Loss,
    penalties: Penalties,
    name: str,
    generator: tuple[Any, Any],
    discriminator: tuple[Any, Any],
    *,
    description: str,
    equilibria: str,
    **measures: Any,
) -> Problem:
    """A problem whose state is that of the players' own parameters."""
    # Closed over nothing and made once: a second look at a problem compiles nothing.
    sides = [
        (function, jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), parameters))
        for function, parameters in (generator, discriminator)
    ]
    game = GAN(loss, penalties, generator=sides[0], discriminator=sides[1], **measures)
    return Problem(name, description, equilibria, game, np.asarray(game.equilibrium))


def _at(theta: jax.Array, z: jax.Array) -> jax.Array:
    """A generated point."""
    return theta


def _linear(psi: jax.Array, x: jax.Array) -> jax.Array:
    return psi * x


_A = np.array([[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.0, 0.5, 1.0]])


def _bilinear(psi: jax.Array, x: jax.Array) -> jax.Array:
    return psi @ (jnp.asarray(_A, x.dtype) @ x)


@_problem
def _matrix(loss: Loss, penalties: Penalties) -> Problem:
    return _posed(
        loss,
        penalties,
        "matrix",
        (_at, np.zeros(3)),
        (_bilinear, np.zeros(3)),
        data=np.zeros((1, 3)),
        description="a point θ in ℝ³, data at 0, D(x) = ψᵀAx with A = [[1, 0, 0], [½, 1, 0], [0, ½, 1]]",
        equilibria="the state alone",
    )


def _stretched(parameters: tuple[jax.Array, ...], z: jax.Array) -> jax.Array:
    a, b = parameters
    return a + b * z


def _quadratic(psi: jax.Array, x: jax.Array) -> jax.Array:
    return psi @ jnp.stack([x[0], x[1], x[0] ** 2, x[0] * x[1], x[1] ** 2])


@_problem
def _segment(loss: Loss, penalties: Penalties) -> Problem:
    t, w = legendre(16)
    return _posed(
        loss,
        penalties,
        "segment",
        (_stretched, (np.zeros(2), np.array([1.0, 0.0]))),
        (_quadratic, np.zeros(5)),
        latent=Measure(t, w),
        data=Measure(np.stack([t, 0 * t], 1), w),
        description="x = (t, 0) with t uniform on [-1, 1], G(z) = a + bz with a, b in ℝ², D = ψ·(x, y, x², xy, y²)",
        equilibria="D = cy² vanishes with its gradient on the data: one line of discriminators",
    )


_ANGLES = 2 * np.pi * np.arange(32) / 32


def _round(parameters: tuple[jax.Array, ...], z: jax.Array) -> jax.Array:
    centre, radius, phase = parameters
    return centre + radius * jnp.stack([jnp.cos(z + phase), jnp.sin(z + phase)])


def _on_circle(loss: Loss, penalties: Penalties, name: str, discriminator: Any, size: int, **words: str) -> Problem:
    return _posed(
        loss,
        penalties,
        name,
        (_round, (np.zeros(2), 1.0, 0.0)),
        (discriminator, np.zeros(size)),
        latent=_ANGLES,
        data=np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], 1),
        equilibria="the phase: a turned circle is the same circle",
        **words,
    )


def _vanishing(psi: jax.Array, x: jax.Array) -> jax.Array:
    return (jnp.sum(x**2) - 1) * (psi[0] + psi[1] * x[0] + psi[2] * x[1])


@_problem
def _circle(loss: Loss, penalties: Penalties) -> Problem:
    return _on_circle(
        loss,
        penalties,
        "circle",
        _vanishing,
        3,
        description="32 points of the unit circle, G = centre, radius, phase, D = (r² - 1) ψ·(1, x, y)",
    )


def _with_radius(psi: jax.Array, x: jax.Array) -> jax.Array:
    return psi @ jnp.stack([jnp.ones_like(x[0]), x[0], x[1], jnp.sum(x**2)])


@_problem
def _circle_by_radius(loss: Loss, penalties: Penalties) -> Problem:
    return _on_circle(
        loss,
        penalties,
        "circle-radius",
        _with_radius,
        4,
        description="the same circle and generator, D = ψ·(1, x, y, r²): stable without any penalty",
    )


def _affine(parameters: tuple[jax.Array, ...], z: jax.Array) -> jax.Array:
    A, b = parameters
    return A @ z + b


def gaussian_plane(radii: int = 8, angles: int = 32) -> Measure:
    """N(0, I) in the plane: Gauss-Laguerre in ½r², equal angles; a turn moves it as it moves the Gaussian."""
    halves, w = np.polynomial.laguerre.laggauss(radii)
    r, turn = np.sqrt(2 * halves), 2 * np.pi * np.arange(angles) / angles
    points = np.stack([np.outer(r, np.cos(turn)), np.outer(r, np.sin(turn))], -1)
    return Measure(points.reshape(-1, 2), np.repeat(w / angles, angles))


@_problem
def _gaussian(loss: Loss, penalties: Penalties) -> Problem:
    return _posed(
        loss,
        penalties,
        "gaussian",
        (_affine, (np.eye(2), np.zeros(2))),
        (_quadratic, np.zeros(5)),
        latent=gaussian_plane(),
        data=gaussian_plane(),
        description="N(0, I) in the plane, G(z) = Az + b, D = ψ·(x, y, x², xy, y²)",
        equilibria="A may turn: AAᵀ = I",
    )


def _units(parameters: tuple[jax.Array, ...], x: jax.Array) -> jax.Array:
    a, w, b = parameters
    return a @ jnp.tanh(w @ x + b)


@_problem
def _network(loss: Loss, penalties: Penalties) -> Problem:
    angles = 2 * np.pi * np.arange(8) / 8
    units = (np.zeros(8), 1.5 * np.stack([np.cos(angles), np.sin(angles)], 1), np.full(8, 0.5))
    return _posed(
        loss,
        penalties,
        "network",
        (_affine, (np.eye(2), np.zeros(2))),
        (_units, units),
        latent=gaussian_plane(),
        data=gaussian_plane(),
        description="the same Gaussian and generator, D(x) = Σ aᵢ tanh(wᵢ·x + bᵢ), 8 units (a, w, b) "
        "with a = 0, the w on a circle of radius 3/2, b = 1/2",
        equilibria="A may turn, and w and b are free where a = 0: 1 + 24 dimensions",
    )


def _scaled(theta: jax.Array, z: jax.Array) -> jax.Array:
    return theta * z


def _square(psi: jax.Array, x: jax.Array) -> jax.Array:
    return psi * x**2


@_problem
def _uniform(loss: Loss, penalties: Penalties) -> Problem:
    law = Measure(*legendre(32))
    return _posed(
        loss,
        penalties,
        "uniform",
        (_scaled, 1.0),
        (_square, 0.0),
        latent=law,
        data=law,
        description="U(-1, 1) against U(-|θ|, |θ|), D = ψx² (Nagarajan and Kolter 2017), at θ = 1",
        equilibria="the state alone (θ = -1 is another)",
    )


@_problem
def _shifted(loss: Loss, penalties: Penalties) -> Problem:
    return _posed(
        loss,
        penalties,
        "gaussian-shift",
        (_at, 0.0),
        (_linear, 0.0),
        data=0.0,
        noise=GaussianNoise(0.7),
        description="N(θ, s²) against N(0, s²) with s = 0.7, D = ψx: the Dirac-GAN with instance noise",
        equilibria="the state alone",
    )


def _added(parameters: tuple[jax.Array, ...], z: jax.Array) -> jax.Array:
    a, b = parameters
    return a + b


@_problem
def _sum(loss: Loss, penalties: Penalties) -> Problem:
    return _posed(
        loss,
        penalties,
        "sum",
        (_added, (0.5, -0.5)),
        (_linear, 0.0),
        data=0.0,
        description="a point θ = a + b with one parameter too many, data at 0, D = ψx",
        equilibria="the line a + b = 0",
    )


def _multiplied(parameters: tuple[jax.Array, ...], z: jax.Array) -> jax.Array:
    a, b = parameters
    return a * b


@_problem
def _product(loss: Loss, penalties: Penalties) -> Problem:
    return _posed(
        loss,
        penalties,
        "product",
        (_multiplied, (0.0, 0.0)),
        (_linear, 0.0),
        data=0.0,
        description="a point θ = ab at a = b = 0, data at 0, D = ψx: assumption III fails",
        equilibria="ab = 0, two lines that cross: no manifold",
    )


@_problem
def _blind(loss: Loss, penalties: Penalties) -> Problem:
    return _posed(
        loss,
        penalties,
        "blind",
        (_at, 0.0),
        (_square, 0.0),
        data=0.0,
        description="a point θ, data at 0, D = ψx²: assumption III (ii) fails and the Jacobian is 0",
        equilibria="ψ is free at θ = 0",
    )
