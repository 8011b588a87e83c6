"""What a sweep computes: the quantities, of a block of settings at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.engine import block_map
from diracgan.dynamics.fates import KINDS, decide, squared_distance
from diracgan.dynamics.lanes import over_lanes
from diracgan.dynamics.spectrum import radius
from diracgan.dynamics.system import Map
from diracgan.dynamics.trajectories import refuse

QUANTITIES = {
    "radius": "spectral radius of one round at the equilibrium",
    "distance": "distance to the equilibrium after the rounds",
    "verdict": "what became of the run after the rounds: "
    + ", ".join(f"{i} {kind}" for i, kind in enumerate(KINDS[:3])),
}
Settings = dict[str, jax.Array]


def on_grid(block: Any, columns: Settings) -> jax.Array:
    """The quantity on the grid of these coordinates, one axis per name."""
    mesh = jnp.meshgrid(*columns.values(), indexing="ij")
    settings = {name: values.ravel() for name, values in zip(columns, mesh, strict=True)}
    return over_lanes(block, settings).reshape(mesh[0].shape)


def try_corners(system: Map, axes: Mapping[str, np.ndarray], asked: Mapping[str, Any]) -> None:
    """Evaluate the extreme corners with concrete numbers: bad values are an error before anything is made."""
    for corner in (np.min, np.max):
        setting = system.at(**{name: corner(axis) for name, axis in axes.items()})
        if asked["quantity"] == "radius":
            radius(setting)
        else:
            refuse(setting.field, np.asarray(asked["start"]))


def block_of(system: Map, asked: Mapping[str, Any]) -> Callable[[Settings], jax.Array]:
    """The quantity for a block of settings, arrays `(lanes,)` in and out."""
    if asked["quantity"] == "radius":
        return jax.vmap(lambda setting: radius(system.at(**setting)))

    def ran(settings: Settings) -> jax.Array:
        first = next(iter(settings.values()))

        def placed(setting: Settings) -> Map:
            return system.at(**setting).cast(first.dtype)

        x = jnp.asarray(asked["start"], first.dtype)
        run = block_map(placed, settings, jnp.broadcast_to(x, (*first.shape, *x.shape)))
        home = jax.vmap(lambda setting: jnp.asarray(placed(setting).field.equilibrium, first.dtype))(settings)
        centre = tuple(home.T)
        if asked["quantity"] == "verdict":
            return decide(run, centre, asked["steps"])[1].astype(jnp.int8)
        state = jax.lax.fori_loop(0, asked["steps"], lambda k, state: run.step(state, k), run.start)
        return jnp.sqrt(squared_distance(run.position(state), centre))

    return ran


def attributes(quantity: str) -> dict[str, Any]:
    """What readers of the Zarr array are told."""
    words = {"long_name": QUANTITIES[quantity]}
    if quantity == "verdict":
        return {**words, "flag_values": [0, 1, 2], "flag_meanings": " ".join(KINDS[:3])}
    return words
