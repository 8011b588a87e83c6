"""What is subtracted from the discriminator's objective: functions of `(D, real, fake)`.

A penalty differentiates the callable `D` itself, so it reads as it would for a neural discriminator.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from diracgan.games.inputs import Numbers, as_kind
from diracgan.games.losses import Discriminator, sigmoid
from diracgan.games.measures import Discrete, Measure, between
from diracgan.games.module import Module
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import ANCHOR_FAKE, ANCHOR_REAL, GAMMA, LAMBDA, ONE_SIDED, TARGET, described


def squared(v: jax.Array) -> jax.Array:
    """|v|², of a number or summed over the entries of an array."""
    return v**2 if jnp.ndim(v) == 0 else jnp.sum(v**2)


def magnitude(v: jax.Array) -> jax.Array:
    """|v|, of a number or Euclidean; its derivative at 0 is taken to be 0, as that of `jnp.abs` is."""
    if jnp.ndim(v) == 0:
        return jnp.abs(v)
    square = jnp.sum(v**2)
    # Both branches of a `where` are differentiated: the root never sees a 0.
    return jnp.where(square == 0, 0, jnp.sqrt(jnp.where(square == 0, 1, square)))


def signed(v: jax.Array) -> jax.Array:
    """What vanishes where v does: a number itself, with its sign, or the length of an array."""
    return v if jnp.ndim(v) == 0 else magnitude(v)


class Penalty(Module):
    """A term R(D, real, fake) that the discriminator pays."""

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """The value R of the penalty, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(D, real, fake)")

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """Scalars whose zeros are the points where R is not differentiable; none by default."""
        return ()

    __repr__ = described


class R1(Penalty):
    """(γ/2) E|∇D|² on the real points (Mescheder et al. 2018, eq. 9)."""

    gamma: Numbers = GAMMA.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E_real |∇D(x)|²."""
        return self.gamma / 2 * real.expect(lambda x: squared(jax.grad(D)(x)))


class R2(Penalty):
    """(γ/2) E|∇D|² on the generated points (Mescheder et al. 2018, eq. 10)."""

    gamma: Numbers = GAMMA.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E_fake |∇D(x)|²."""
        return self.gamma / 2 * fake.expect(lambda x: squared(jax.grad(D)(x)))


class GradientNorm(Penalty):
    """The two-sided penalty (γ/2) E(|∇D| - g₀)² of WGAN-GP (Gulrajani et al. 2017, whose λ is γ/2).

    The points are uniform on the segment between a real and a generated one (see `between`); for the linear
    discriminator of the Dirac-GAN the gradient is the same everywhere. At ∇D = 0 the norm has a kink: the field is not
    defined there.
    """

    gamma: Numbers = GAMMA.field()
    target: Numbers = TARGET.field()

    def points(self, real: Measure, fake: Measure) -> Measure:
        """Where the gradient is penalised."""
        return between(real, fake)

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E (|∇D(x)| - g₀)²."""

        # (|∇D| - g₀)² as ∇D² - 2g₀|∇D| + g₀²: with g₀ = 0 it is smooth, and its derivatives are.
        def excess(x: jax.Array) -> jax.Array:
            gradient = jax.grad(D)(x)
            return squared(gradient) - 2 * self.target * magnitude(gradient) + self.target**2

        return self.gamma / 2 * self.points(real, fake).expect(excess)

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """(∇D,): the norm is not differentiable where the gradient vanishes, unless γ or g₀ is 0."""
        gradient = self.points(real, fake).nearest_to_zero(lambda x: signed(jax.grad(D)(x)))
        return (jnp.where(self.gamma * self.target == 0, 1.0, gradient),)


class DRAGAN(GradientNorm):
    """(γ/2) E(|∇D(x + δ)| - k)² around the real points, δ Gaussian (Kodali et al. 2017, whose λ is γ/2).

    `spread` is the standard deviation of δ. It is invisible to a linear discriminator, and kept because a user's
    discriminator need not be linear.
    """

    spread: GaussianNoise = GaussianNoise(1.0, nodes=4)

    def __check_init__(self) -> None:
        as_kind(self.spread, "spread", GaussianNoise, "dg.GaussianNoise(1.0)")

    def points(self, real: Measure, fake: Measure) -> Measure:
        """The real points, perturbed."""
        if real.weights is not None and not isinstance(real, Discrete):
            return real
        return self.spread.smear(real)


class Roth(Penalty):
    """(γ/2) {E_real (1 - σ(V))²|∇V|² + E_fake σ(V)²|∇V|²} with the realness score V = -D (Roth et al. 2017).

    It is the gradient penalty that instance noise of variance γ amounts to, to first order.
    """

    gamma: Numbers = GAMMA.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """The weighted gradient penalty on both distributions."""
        on_real = real.expect(lambda x: sigmoid(D(x)) ** 2 * squared(jax.grad(D)(x)))
        on_fake = fake.expect(lambda x: sigmoid(-D(x)) ** 2 * squared(jax.grad(D)(x)))
        return self.gamma / 2 * (on_real + on_fake)


class ZeroCentred(Penalty):
    """λ E|∇D|² on the segment between a real and a generated point (Thanh-Tung et al. 2019); λ without ½."""

    gamma: Numbers = LAMBDA.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """λ E |∇D(x̂)|²."""
        return self.gamma * between(real, fake).expect(lambda x: squared(jax.grad(D)(x)))


class OneSidedGradientNorm(Penalty):
    """The one-sided penalty (γ/2) E((|∇D| - g₀)₊)² of WGAN-LP (Petzka et al. 2018); differentiable at ∇D = 0."""

    gamma: Numbers = GAMMA.field()
    target: Numbers = TARGET.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """(γ/2) E ((|∇D(x̂)| - g₀)₊)²."""

        def excess(x: jax.Array) -> jax.Array:
            gradient = jax.grad(D)(x)
            # With g₀ = 0 it is smooth, and so are its derivatives.
            return jnp.where(self.target == 0, squared(gradient), jax.nn.relu(magnitude(gradient) - self.target) ** 2)

        return self.gamma / 2 * between(real, fake).expect(excess)

    def kinks(self, D: Discriminator, real: Measure, fake: Measure) -> tuple[jax.Array, ...]:
        """|∇D| - g₀: the velocity is continuous there, its Jacobian is not; none where γ or g₀ is 0."""
        excess = between(real, fake).nearest_to_zero(lambda x: magnitude(jax.grad(D)(x)) - self.target)
        return (jnp.where(self.gamma * self.target == 0, 1.0, excess),)


class LeCam(Penalty):
    """LeCam regularisation λ{E(V(real) - α_F)² + E(V(fake) - α_R)²} with anchors α (Tseng et al. 2021).

    V = -D is the realness score; the anchors are averages of the scores of the *other* distribution. With `one_sided`
    the code of the paper: E(V(real) - α_F)₊² + E(α_R - V(fake))₊², whose second derivative jumps where a score meets
    its anchor; no kink is declared, and a Jacobian there is that of one side. With anchors 0 and two sides it is the
    output penalty of CLC-GAN (Xu et al. 2019).
    """

    gamma: Numbers = LAMBDA.field()
    anchor_real: Numbers = ANCHOR_REAL.field(0.0)
    anchor_fake: Numbers = ANCHOR_FAKE.field(0.0)
    one_sided: bool = ONE_SIDED.field(False)

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """The squared distances of the scores to the anchors."""
        excess = jax.nn.relu if self.one_sided else (lambda t: t)
        on_real = real.expect(lambda x: excess(-D(x) - self.anchor_fake) ** 2)
        on_fake = fake.expect(lambda x: excess(self.anchor_real + D(x)) ** 2)
        return self.gamma * (on_real + on_fake)


class Distortion(Penalty):
    """λ E|x_fake - x_real|², a term that pulls generated to real points, as in learned compression.

    It belongs to the generator: `DiracGAN(..., distortions=(Distortion(0.1),))`.
    """

    gamma: Numbers = LAMBDA.field()

    def __call__(self, D: Discriminator, real: Measure, fake: Measure) -> jax.Array:
        """λ E |x - y|² over independent pairs."""
        return self.gamma * fake.expect(lambda x: real.expect(lambda y: squared(x - y)))
