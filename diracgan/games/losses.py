"""What the two players optimise, as functions of the discriminator and the two distributions.

The discriminator output is a *fakeness* score: training drives it up on generated and down on real points.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from diracgan.games.inputs import Numbers, as_scalar_function
from diracgan.games.measures import Measure
from diracgan.games.module import Module, attribute
from diracgan.games.parameters import LABEL_A, LABEL_B, LABEL_C, SATURATING

Discriminator = Callable[[jax.Array], jax.Array]


@jax.custom_jvp
def sigmoid(t: jax.Array) -> jax.Array:
    """1 / (1 + e^-t), with a derivative σ(t)σ(-t) that keeps its relative accuracy in both tails.

    The usual form σ(1 - σ) rounds to 0 for t > 37; a learning-rate analysis far out needs the e^-t.
    """
    return 1 / (1 + jnp.exp(-t))


@sigmoid.defjvp
def _(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    (t,), (dt,) = primals, tangents
    value = sigmoid(t)
    return value, value * sigmoid(-t) * dt


@jax.custom_jvp
def log_sigmoid(t: jax.Array) -> jax.Array:
    """-log(1 + e^-t), finite for every finite t; its derivative is exactly one sigmoid.

    Differentiating through `log1p(exp(-t))` costs two more exponentials and is NaN once e^-t overflows.
    """
    return jnp.minimum(t, 0) - jnp.log1p(jnp.exp(-jnp.abs(t)))


@log_sigmoid.defjvp
def _(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    (t,), (dt,) = primals, tangents
    return log_sigmoid(t), sigmoid(-t) * dt


class Loss(Module):
    """Both objectives of a GAN. The default is the zero-sum game of a link f:

        L = E f(D(fake)) + E f(-D(real)),  minimised by the generator, maximised by the discriminator.

    A subclass gives `link`, and overrides `generator` when the game is not zero-sum.
    """

    def link(self, t: jax.Array) -> jax.Array:
        """f(t), a scalar function of a discriminator output."""
        raise NotImplementedError(f"{type(self).__name__} must define link(t), or both objectives")

    def discriminator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """What the discriminator maximises."""
        return fake.expect(lambda x: self.link(D(x))) + real.expect(lambda x: self.link(-D(x)))

    def generator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """What the generator minimises."""
        return self.discriminator(D, real, fake)

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """Scalars whose zeros are the points where an objective is not twice differentiable; none by default."""
        return ()


class Minimax(Loss):
    """The original game, f(t) = -log(1 + e^-t) (Goodfellow et al. 2014).

    >>> float(dg.Minimax().link(0.0))
    -0.6931471805599453
    """

    def link(self, t: jax.Array) -> jax.Array:
        """f(t) = -log(1 + e^-t); f'(0) = 1/2, f''(0) = -1/4."""
        return log_sigmoid(t)


class NonSaturating(Minimax):
    """The minimax discriminator with the generator that minimises -E f(-D(fake)) (Goodfellow et al. 2014)."""

    def generator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """-E f(-D(fake))."""
        return -fake.expect(lambda x: self.link(-D(x)))


class Wasserstein(Loss):
    """The Wasserstein game, f(t) = t (Arjovsky et al. 2017)."""

    def link(self, t: jax.Array) -> jax.Array:
        """f(t) = t."""
        return t


class Link(Loss):
    """The zero-sum game of a user's link f, any scalar function that JAX can differentiate.

    >>> float(dg.DiracGAN(dg.Link(jnp.tanh))((1.0, 0.0))[1])
    1.0
    """

    function: Callable[[jax.Array], jax.Array] = attribute(
        static=True, converter=lambda function: as_scalar_function(function, "a link")
    )

    def link(self, t: jax.Array) -> jax.Array:
        """The user's function."""
        return self.function(t)


class LeastSquares(Loss):
    """Least squares with target labels for the realness score V = -D (Mao et al. 2017).

        L_D = -½E(V(fake) - a)² - ½E(V(real) - b)²,   L_G = ½E(V(fake) - c)²

    With `c` None the game is zero-sum: L_G = L_D.
    """

    a: Numbers = LABEL_A.field(-1.0)
    b: Numbers = LABEL_B.field(1.0)
    c: Numbers | None = attribute(default=None, converter=LABEL_C.optional)

    def discriminator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """-½E(V(fake) - a)² - ½E(V(real) - b)²."""
        return -(fake.expect(lambda x: (D(x) + self.a) ** 2) + real.expect(lambda x: (D(x) + self.b) ** 2)) / 2

    def generator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """½E(V(fake) - c)², or the discriminator's objective."""
        c = self.c
        if c is None:
            return self.discriminator(D, real, fake)
        return fake.expect(lambda x: (D(x) + c) ** 2) / 2


class Hinge(Loss):
    """The hinge game (Lim and Ye 2017): L_D = -E(1 - D(fake))₊ - E(1 + D(real))₊, L_G = E D(fake)."""

    def discriminator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """-E(1 - D(fake))₊ - E(1 + D(real))₊."""
        return -fake.expect(lambda x: jax.nn.relu(1 - D(x))) - real.expect(lambda x: jax.nn.relu(1 + D(x)))

    def generator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """E D(fake)."""
        return fake.expect(D)

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """Where a score reaches its margin; with instance noise, that of each node of the quadrature."""
        return (*fake.zeros(lambda x: 1 - D(x)), *real.zeros(lambda x: 1 + D(x)))


class Relativistic(Loss):
    """The relativistic pairing game L = E f(D(fake) - D(real)) of independent pairs (Jolicoeur-Martineau 2018).

    f is the minimax link. With `saturating` False the generator minimises -E f(D(real) - D(fake)), as the code of
    R3GAN does (Huang et al. 2024).
    """

    saturating: bool = SATURATING.field(True)

    def pairs(self, D: Discriminator, real: Measure, fake: Measure, sign: int) -> jax.Array:
        """E f(±(D(fake) - D(real)))."""
        return fake.expect(lambda x: real.expect(lambda y: log_sigmoid(sign * (D(x) - D(y)))))

    def discriminator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """E f(D(fake) - D(real))."""
        return self.pairs(D, real, fake, 1)

    def generator(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """The same, or -E f(D(real) - D(fake))."""
        return self.pairs(D, real, fake, 1) if self.saturating else -self.pairs(D, real, fake, -1)
