"""Whether the latent measure, the generator, the data and the discriminator of a game fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from diracgan.games.inputs import told
from diracgan.games.measures import Discrete, Source
from diracgan.games.players import Player

if TYPE_CHECKING:
    from diracgan.games.general import GAN


def check_shapes(game: GAN) -> None:
    """Raise `ValueError` unless the latent, G, the data and D fit together."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(game)):
        return
    data, latent = (_point(source, name) for source, name in ((game.data, "data"), (game.latent, "latent")))
    made = _evaluated(game.generator, latent, "generator")
    if made.shape != data.shape:
        raise ValueError(
            f"the generator must make points like the data's, shape {data.shape}; from a latent point of shape "
            f"{latent.shape} the one given makes shape {made.shape}"
        )
    score = _evaluated(game.discriminator, data, "discriminator")
    if score.shape != ():
        raise ValueError(
            f"the discriminator must return one number, shape (), for one point; shape {score.shape} came out: for "
            'equinox use out_size="scalar", for a function of your own index or sum its result'
        )


def _point(source: Source, name: str) -> jax.ShapeDtypeStruct:
    if isinstance(source, Discrete):
        return jax.ShapeDtypeStruct(source.points.shape[1:], jnp.zeros(()).dtype)
    try:
        # Not the callable itself: some of those that are no functions crash the interpreter in `jax.eval_shape`.
        points = jax.eval_shape(lambda key: source(key), jax.random.key(0))
    except Exception as problem:
        raise ValueError(
            f"the {name} must be a measure, or a function of one jax.random key that JAX can trace; {told(source)} was "
            f"given, which raised {type(problem).__name__}: {told(str(problem))}"
        ) from problem
    if not isinstance(points, jax.ShapeDtypeStruct) or not points.shape or not points.shape[0]:
        raise ValueError(
            f"a sampler of the {name} must return points (n,) or (n, ...), n >= 1; {told(source)} was given, which "
            f"returns {told(points)}"
        )
    if not jnp.issubdtype(points.dtype, jnp.floating):
        raise ValueError(f"a sampler of the {name} must return floating numbers; those of one given are {points.dtype}")
    return jax.ShapeDtypeStruct(points.shape[1:], points.dtype)


def _evaluated(player: Player, point: jax.ShapeDtypeStruct, name: str) -> jax.ShapeDtypeStruct:
    try:
        made = jax.eval_shape(lambda parts, x: player.bound(parts)(x), player.parameters, point)
    except Exception as problem:
        raise ValueError(
            f"the {name} given does not take one point of shape {point.shape} (it is called point by point): "
            f"{type(problem).__name__}: {told(str(problem))}"
        ) from problem
    if not isinstance(made, jax.ShapeDtypeStruct) or not jnp.issubdtype(made.dtype, jnp.floating):
        raise ValueError(f"the {name} must return one array of real numbers; from the one given comes {told(made)}")
    return made
