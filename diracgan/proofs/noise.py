"""The flow with instance noise of any strength converges from every start: the noise need not be small.

With X = θ + σZ, Y = σZ' and f(t) = -log(1 + e^-t) the field is v = (-ψE f'(ψX), E X f'(ψX) + E (-Y) f'(-ψY)), so that

    d/dt ½(θ² + ψ²) = ψσ (E Z f'(ψ(θ + σZ)) + E Z f'(ψσZ)),

as X - θ = σZ, and -Y has the law of σZ. Pair z > 0 with -z: each of the expectations is one over z > 0 of

    z (f'(a + ψσz) - f'(a - ψσz)),   a = ψθ, or a = 0,

which for ψ ≠ 0 has the sign of -ψ, because f' decreases strictly. So ½(θ² + ψ²) falls off ψ = 0, where ψ' = θf'(0): by
LaSalle's principle every start converges. Of the law of Z only its symmetry is used: the same holds for a quadrature
with positive weights whose nodes lie symmetrically around 0, one of them off 0.

By computer: f'' < 0 for the derived slope on |u| <= `REACH` (beyond it by hand, f'' = -f'(1 - f')); the package's nodes
are symmetric; and, independently of the argument, the decrease on the derived field for a range of σ, θ and ψ.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.catalogue import method
from diracgan.dynamics.compiling import answering
from diracgan.games.fields import VectorField
from diracgan.games.noise import hermite
from diracgan.games.parameters import cast
from diracgan.proofs.records import Record
from diracgan.proofs.search import cover
from diracgan.tracing.boxes import Boxes, cell, cells, images

REACH = 30.0
# Where the decrease is checked on the derived field, and with how many nodes.
SIGMAS, THETAS, PSIS, NODES = (0.5, 1.0), (-1.0, 1.0), (0.5, 1.5), 4


def _slope(field: VectorField, u: Any) -> jax.Array:
    """f'(u) = -v₁ at (u, 1) without noise."""
    return -cast(field, np.float64).velocity(jnp.stack([u, jnp.ones_like(u)]))[0]


def _law(field: VectorField, x: jax.Array) -> jax.Array:
    """x·v."""
    return jnp.sum(x * cast(field, np.float64).velocity(x))


_bend = answering(jax.jacfwd(_slope, argnums=1))
_energy = answering(_law)


def concave(name: str = "gan", reach: float = REACH) -> tuple[bool, int, int]:
    """Whether f'' < 0 for |u| <= reach, on the derived field of a game without noise; boxes, and their depth."""
    field = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), method(name))
    known = [cell(Boxes(leaf)) for leaf in jax.tree.leaves(field)]
    with jax.enable_x64(True):
        program = _bend.trace(field, np.zeros(())).jaxpr
    done = cover(lambda u: images(program, *known, cell(u))[0].item().high < 0, Boxes([[-reach]], [[reach]]), 16)
    return done.closed, done.boxes, done.depth


def symmetric(nodes: np.ndarray, weights: np.ndarray) -> bool:
    """Whether a quadrature is one of the argument, to the last digit."""
    mirrored = np.array_equal(nodes, -nodes[::-1]) and np.array_equal(weights, weights[::-1])
    return bool(mirrored and np.all(weights > 0) and np.any(nodes != 0))


def falls(name: str = "instance-noise", psis: tuple[float, float] = PSIS, depth: int = 30) -> tuple[bool, int, int]:
    """Whether ½(θ² + ψ²) falls on the derived field, for every σ, θ and ψ of the ranges; boxes, and their depth."""
    field = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), method(name, nodes=NODES))
    with jax.enable_x64(True):
        program = _energy.trace(field, np.zeros(2)).jaxpr

    def statement(sigma: Boxes, theta: Boxes, psi: Boxes) -> np.ndarray:
        return np.asarray(images(program, cell(sigma), cells(theta, psi))[0].item().high < 0)

    ends = [[end[k] for end in (SIGMAS, THETAS, psis)] for k in (0, 1)]
    done = cover(statement, Boxes([ends[0]], [ends[1]]), depth, limit=600_000)
    return done.closed, done.boxes, done.depth


def converges(quick: bool = False) -> Record:
    """All that is checked."""
    parts = [concave(), falls(psis=(1.0, 1.1) if quick else PSIS)]
    nodes = all(symmetric(*hermite(n)) for n in (NODES, 8, 64))
    return Record(
        name="instance-noise",
        statement="The flow of the minimax GAN with instance noise of any strength σ > 0 converges from every start, "
        "with the exact expectation and with Gauss and Hermite's nodes.",
        closed=nodes and all(part[0] for part in parts),
        constants={"reach": REACH, "sigma": SIGMAS, "theta": THETAS, "psi": PSIS, "nodes": NODES},
        boxes=sum(part[1] for part in parts),
        depth=max(part[2] for part in parts),
        evaluated="f'' < 0 on intervals of u; the symmetry of the nodes; x·v < 0 on boxes of (σ, θ, ψ) of the derived "
        "field; the rest is an argument by hand (diracgan/proofs/noise.py)",
    )
