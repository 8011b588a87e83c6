"""The f-GAN family: variational divergences with calibrated output activations (Nowozin, Cseke and Tomioka 2016)."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from diracgan.games.inputs import as_kind
from diracgan.games.losses import Discriminator, Loss, log_sigmoid
from diracgan.games.measures import Measure
from diracgan.games.module import Module, attribute
from diracgan.games.parameters import SATURATING


class Divergence(Module):
    """A convex f with f(1) = 0, by its increasing output activation g and its conjugate f* after g.

    The activation is calibrated, g(0) = f'(1), so that a discriminator that says 0 says "no difference". A realness
    score v enters; the objective is E g(V(real)) - E f*(g(V(fake))).
    """

    def activation(self, v: jax.Array) -> jax.Array:
        """g(v), increasing, into the domain of f*."""
        raise NotImplementedError(f"{type(self).__name__} must define activation(v)")

    def conjugate(self, v: jax.Array) -> jax.Array:
        """f*(g(v)), simplified so that it neither overflows nor cancels."""
        raise NotImplementedError(f"{type(self).__name__} must define conjugate(v)")


class KullbackLeibler(Divergence):
    """f(u) = u log u, f*(t) = e^(t-1), g(v) = 1 + v."""

    def activation(self, v: jax.Array) -> jax.Array:
        """g(v) = 1 + v."""
        return 1 + v

    def conjugate(self, v: jax.Array) -> jax.Array:
        """f*(g(v)) = e^v."""
        return jnp.exp(v)


class ReverseKullbackLeibler(Divergence):
    """f(u) = -log u, f*(t) = -1 - log(-t), g(v) = -e^-v."""

    def activation(self, v: jax.Array) -> jax.Array:
        """g(v) = -e^-v."""
        return -jnp.exp(-v)

    def conjugate(self, v: jax.Array) -> jax.Array:
        """f*(g(v)) = v - 1."""
        return v - 1


class Pearson(Divergence):
    """f(u) = (u - 1)², f*(t) = t + t²/4, g(v) = v."""

    def activation(self, v: jax.Array) -> jax.Array:
        """g(v) = v."""
        return v

    def conjugate(self, v: jax.Array) -> jax.Array:
        """f*(g(v)) = v + v²/4."""
        return v + v**2 / 4


class Neyman(Divergence):
    """f(u) = (1 - u)²/u, f*(t) = 2 - 2√(1 - t), g(v) = 1 - e^-v."""

    def activation(self, v: jax.Array) -> jax.Array:
        """g(v) = 1 - e^-v."""
        return 1 - jnp.exp(-v)

    def conjugate(self, v: jax.Array) -> jax.Array:
        """f*(g(v)) = 2 - 2e^(-v/2)."""
        return 2 - 2 * jnp.exp(-v / 2)


class SquaredHellinger(Divergence):
    """f(u) = (√u - 1)², f*(t) = t/(1 - t), g(v) = 1 - e^-v."""

    def activation(self, v: jax.Array) -> jax.Array:
        """g(v) = 1 - e^-v."""
        return 1 - jnp.exp(-v)

    def conjugate(self, v: jax.Array) -> jax.Array:
        """f*(g(v)) = e^v - 1."""
        return jnp.exp(v) - 1


class JensenShannon(Divergence):
    """f(u) = u log u - (u+1) log((u+1)/2), f*(t) = -log(2 - e^t), g(v) = log 2 - log(1 + e^-v)."""

    def activation(self, v: jax.Array) -> jax.Array:
        """g(v) = log 2σ(v)."""
        return log_sigmoid(v) + jnp.log(2.0).astype(v.dtype)

    def conjugate(self, v: jax.Array) -> jax.Array:
        """f*(g(v)) = -log 2σ(-v)."""
        return -log_sigmoid(-v) - jnp.log(2.0).astype(v.dtype)


class TotalVariation(Divergence):
    """f(u) = |u - 1|/2, f*(t) = t for |t| <= 1/2, g(v) = tanh(v)/2."""

    def activation(self, v: jax.Array) -> jax.Array:
        """g(v) = tanh(v)/2."""
        return jnp.tanh(v) / 2

    def conjugate(self, v: jax.Array) -> jax.Array:
        """f*(g(v)) = tanh(v)/2."""
        return jnp.tanh(v) / 2


def _as_divergence(given: object) -> Divergence:
    return as_kind(given, "divergence", Divergence, "dg.KullbackLeibler()")


class FGAN(Loss):
    """The zero-sum game of a divergence, L = E g(V(real)) - E f*(g(V(fake))), with the realness score V = -D.

    With `saturating` False the generator maximises E g(V(fake)) instead, the trick of the f-GAN paper's section 3.2.

    >>> float(dg.FGAN(dg.KullbackLeibler()).discriminator(lambda x: 0.0 * x, dg.Measure(0.0), dg.Measure(1.0)))
    0.0
    """

    divergence: Divergence = attribute(converter=_as_divergence)
    saturating: bool = SATURATING.field(True)

    def discriminator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """E g(V(real)) - E f*(g(V(fake)))."""
        gained = real.expect(lambda x: self.divergence.activation(-D(x)))
        return gained - fake.expect(lambda x: self.divergence.conjugate(-D(x)))

    def generator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """The same, or -E g(V(fake))."""
        if self.saturating:
            return self.discriminator(D, real, fake)
        return -fake.expect(lambda x: self.divergence.activation(-D(x)))


DIVERGENCES: dict[str, type[Divergence]] = {
    "kl": KullbackLeibler,
    "reverse-kl": ReverseKullbackLeibler,
    "pearson": Pearson,
    "neyman": Neyman,
    "hellinger": SquaredHellinger,
    "js": JensenShannon,
    "tv": TotalVariation,
}
