"""Games of networks: a round against the same round written by hand, many seeds against one, and the theorem.

    python benchmarks/games.py

The hand-written round is equinox and optax with a gradient for each player, as a training script has it: the
non-saturating loss, R1, RMSProp, minibatches, float32, on points like 8x8 digits. Runs are taken in turn, so that a
slow moment hits all of them; every figure is a median.
"""

from __future__ import annotations

import functools
import statistics
import time

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

import diracgan as dg
from diracgan.games.measures import Minibatch

ROUNDS, BATCH, H, GAMMA = 400, 64, 1e-3, 1.0


def players(latent: int, points: int, width: int, seed: int = 0) -> tuple[eqx.Module, eqx.Module]:
    """A generator and a discriminator, dense, with two hidden layers."""
    keys = jax.random.split(jax.random.key(seed))
    generator = eqx.nn.MLP(latent, points, width, 2, key=keys[0])
    return generator, eqx.nn.MLP(points, "scalar", width, 2, jax.nn.leaky_relu, key=keys[1])


def by_hand(generator: eqx.Module, discriminator: eqx.Module, data: np.ndarray, latent: int):
    """ROUNDS rounds of simultaneous RMSProp as a function of the networks' arrays, and their start."""
    (g, g_rest), (d, d_rest) = (eqx.partition(net, eqx.is_inexact_array) for net in (generator, discriminator))
    rescale = optax.rmsprop(H, decay=0.99, eps=1e-8)
    points = jnp.asarray(data)

    def gain(d, g, x, z):
        D, G = eqx.combine(d, d_rest), eqx.combine(g, g_rest)
        real, fake = jax.vmap(D)(x), jax.vmap(D)(jax.vmap(G)(z))
        slopes = jax.vmap(jax.grad(D))(x)
        penalty = GAMMA / 2 * jnp.mean(jnp.sum(slopes**2, axis=1))
        return jnp.mean(jax.nn.softplus(-fake)) + jnp.mean(jax.nn.softplus(real)) + penalty

    def loss(g, d, z):
        D, G = eqx.combine(d, d_rest), eqx.combine(g, g_rest)
        return jnp.mean(jax.nn.softplus(jax.vmap(D)(jax.vmap(G)(z))))

    def round_(state, k):
        g, d, g_moments, d_moments = state
        draw, noise = jax.random.split(jax.random.fold_in(jax.random.key(0), k))
        x = points[jax.random.randint(draw, (BATCH,), 0, len(points))]
        z = jax.random.normal(noise, (BATCH, latent))
        of_g, of_d = jax.grad(loss)(g, d, z), jax.grad(gain)(d, g, x, z)
        g_change, g_moments = rescale.update(of_g, g_moments)
        d_change, d_moments = rescale.update(of_d, d_moments)
        return (optax.apply_updates(g, g_change), optax.apply_updates(d, d_change), g_moments, d_moments), None

    run = jax.jit(lambda state: jax.lax.scan(round_, state, jnp.arange(ROUNDS))[0])
    return functools.partial(run, (g, d, rescale.init(g), rescale.init(d)))


def game(generator: eqx.Module, discriminator: eqx.Module, data: np.ndarray, latent: int) -> dg.GAN:
    """The same as a game."""
    return dg.GAN(
        dg.NonSaturating(),
        dg.R1(GAMMA),
        generator=generator,
        discriminator=discriminator,
        latent=functools.partial(jax.random.normal, shape=(BATCH, latent)),
        data=Minibatch(np.asarray(data, np.float32), BATCH),
    )


def seconds(candidates, repeats=7):
    """The median process time of each, taken in turn: other work on the machine does not count."""
    spent = {name: [] for name in candidates}
    for run in candidates.values():
        jax.block_until_ready(run())
    for _ in range(repeats):
        for name, run in candidates.items():
            since = time.process_time()
            jax.block_until_ready(run())
            spent[name].append(time.process_time() - since)
    return {name: statistics.median(times) for name, times in spent.items()}


def rounds() -> None:
    """One round of a digits-sized game, against the hand-written one."""
    for width in (64, 256):
        data = np.random.default_rng(0).normal(size=(1797, 64)).astype(np.float32)
        nets = players(16, 64, width)
        played = game(*nets, data, 16)
        start = jnp.asarray(played.equilibrium, jnp.float32)
        algorithm = dg.RMSProp(h=H)
        train = functools.partial(dg.train, played, algorithm, start, ROUNDS, save_every=ROUNDS)
        found = seconds({"by hand": by_hand(*nets, data, 16), "train": train})
        hand, ours = (found[name] / ROUNDS * 1e3 for name in ("by hand", "train"))
        print(f"width {width:4d}: {ours:8.3f} ms a round, by hand {hand:8.3f} ms, ratio {ours / hand:.2f} (<= 1.3)")


def seeds() -> None:
    """100 seeds of a game on the plane at once, against one."""
    data = np.random.default_rng(0).normal(size=(512, 2)).astype(np.float32)
    played = game(*players(2, 2, 16), data, 2)
    start = jnp.asarray(played.equilibrium, jnp.float32)
    run = lambda x: dg.train(played, dg.RMSProp(h=H), x, steps=200, save_every=200).x
    found = seconds({"one": lambda: run(start), "hundred": lambda: run(jnp.tile(start, (100, 1)))}, repeats=7)
    print(f"100 seeds {found['hundred']:.3f} s, one {found['one']:.3f} s, ratio {found['hundred'] / found['one']:.1f}")


def theorem() -> None:
    """`local_convergence` on every shipped problem, the first and the second time."""
    for problem in dg.beyond.problems():
        spent = []
        for _ in range(2):
            since = time.perf_counter()
            dg.beyond.local_convergence(problem.game, problem.at)
            spent.append(time.perf_counter() - since)
        print(f"{problem.name:15s} first {spent[0]:6.2f} s, second {spent[1]:6.3f} s (<= 2)")


if __name__ == "__main__":
    rounds()
    seeds()
    theorem()
