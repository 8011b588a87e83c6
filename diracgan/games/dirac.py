"""The Dirac-GAN: a loss, penalties and noise become two objectives, and by autodiff a vector field.

This room alone knows what the entries of the state mean: θ, ψ and, with a bias, b.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.games.domains import Domain
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Numbers, as_kind, as_scalar_function
from diracgan.games.losses import Discriminator, Loss
from diracgan.games.measures import Measure
from diracgan.games.module import Module, attribute
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import BIAS, CLIP, DATA, NODES
from diracgan.games.penalties import Penalty

if TYPE_CHECKING:
    from jaxtyping import Array, Float


def terms(given: object) -> tuple[object, ...]:
    """One penalty, or several, as a tuple."""
    return (given,) if isinstance(given, Penalty) or not isinstance(given, (tuple, list)) else tuple(given)


def _reparametrisation(given: object) -> Callable[[jax.Array], jax.Array] | None:
    return None if given is None else as_scalar_function(given, "reparametrise")


class Game(VectorField):
    """A field that is derived from two objectives: v = (-∂L_G/∂generator, +∂L_D/∂discriminator).

    Subclasses define both objectives as functions of the whole state.
    """

    def generator_objective(self, x: jax.Array) -> jax.Array:
        """L_G, which the generator minimises over its entries of `x`."""
        raise NotImplementedError(f"{type(self).__name__} must define generator_objective(x)")

    def discriminator_objective(self, x: jax.Array) -> jax.Array:
        """L_D, which the discriminator maximises over its entries of `x`."""
        raise NotImplementedError(f"{type(self).__name__} must define discriminator_objective(x)")

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """(-∂L_G/∂generator, +∂L_D/∂discriminator)."""
        generator, discriminator = x[: self.generator_size], x[self.generator_size :]
        down = jax.grad(lambda g: self.generator_objective(jnp.concatenate([g, discriminator])))(generator)
        up = jax.grad(lambda d: self.discriminator_objective(jnp.concatenate([generator, d])))(discriminator)
        return jnp.concatenate([-down, up])


class TwoNumbers(Game):
    """A game of a number θ and a number ψ (and more entries of the discriminator), by what is played at a state.

    Subclasses define `play(x)`, the discriminator, the real and the generated measure at a state (θ, ψ, ...).
    """

    loss: Loss
    penalties: tuple[Penalty, ...] = attribute(default=(), converter=lambda given: terms(given))

    def __check_init__(self) -> None:
        as_kind(self.loss, "loss", Loss, "dg.Minimax()")
        for term in self.penalties:
            as_kind(term, "a penalty", Penalty, "dg.R1(0.3)")

    def play(self, x: jax.Array) -> tuple[Discriminator, Measure, Measure]:
        """The discriminator, the real and the generated distribution at a state."""
        raise NotImplementedError(f"{type(self).__name__} must define play(x)")

    def generator_objective(self, x: jax.Array) -> jax.Array:
        """L_G = loss.generator."""
        return self.loss.generator(*self.play(x))

    def discriminator_objective(self, x: jax.Array) -> jax.Array:
        """L_D = loss.discriminator - Σ penalties."""
        D, real, fake = self.play(x)
        return self.loss.discriminator(D, real, fake) - sum(penalty(D, real, fake) for penalty in self.penalties)

    def velocity(self, x: Float[Array, " n"]) -> Float[Array, " n"]:
        """(-∂L_G/∂θ, +∂L_D/∂ψ), and +∂L_D by what else the discriminator has."""
        # Differentiated entry by entry: over many states the slices and concatenations of the general form keep
        # XLA from fusing the field into one pass, which is several times slower.
        theta, *discriminator = x
        generator_objective: Any = self.generator_objective
        discriminator_objective: Any = self.discriminator_objective
        down = jax.grad(lambda g: generator_objective((g, *discriminator)))(theta)
        up = jax.grad(lambda d: discriminator_objective((theta, *d)))(discriminator)
        return jnp.stack([-down, *up])

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """Those of the loss and the penalties."""
        played = self.play(x)
        terms: tuple[Loss | Penalty, ...] = (self.loss, *self.penalties)
        return tuple(kink for term in terms for kink in term.kinks(*played))


class LinearDiscriminator(Module):
    """D(x) = ψ x, or ψ x + b; a fakeness score."""

    weight: jax.Array
    bias: jax.Array | None = None

    def __call__(self, point: jax.Array) -> jax.Array:
        """D(point); at the literal 0 it does not depend on ψ."""
        # A tracer cannot drop 0·σ(0) by itself (0·∞ would be NaN), so that data at the origin would cost every
        # field a second exponential: a concrete zero gives a constant instead.
        if isinstance(point, np.ndarray) and not point.any():
            return np.zeros_like(point) if self.bias is None else self.bias
        score = self.weight * point
        return score if self.bias is None else score + self.bias


def spectral_norm(weight: jax.Array) -> jax.Array:
    """The weight over its spectral norm, ψ/|ψ| (Miyato et al. 2018): the sign, whose derivative is 0."""
    return jnp.sign(weight)


def capped_norm(weight: jax.Array) -> jax.Array:
    """The weight over its spectral norm where that exceeds 1, ψ/max(1, |ψ|)."""
    return jnp.clip(weight, -1, 1)


def smooth_lipschitz(weight: jax.Array) -> jax.Array:
    """A smooth bound on the Lipschitz constant, ψ/√(1 + ψ²) < 1."""
    return weight / jnp.sqrt(1 + weight**2)


class DiracGAN(TwoNumbers):
    """The two-parameter GAN: generator δ_θ, data δ_a, discriminator D(x) = ψ x (a fakeness score).

        v(θ, ψ) = (-∂L_G/∂θ, +∂L_D/∂ψ),   L_D = loss.discriminator - Σ penalties,   L_G = loss.generator + Σ distortions

    Args:
        loss: both players' objectives.
        penalties: what the discriminator pays.
        distortions: what the generator pays.
        noise: instance noise on both distributions.
        clip: bound on |ψ| (and |b|) after every update (WGAN).
        reparametrise: the effective weight as a function of ψ, for example `spectral_norm`.
        data: the location a; None is the origin, where D does not depend on ψ.
        bias: a third parameter, D(x) = ψx + b.

    >>> dg.DiracGAN(dg.Minimax(), penalties=(dg.R1(0.3),))((1.0, 0.0)).tolist()
    [-0.0, 0.5]
    """

    noise: GaussianNoise | None = None
    clip: Numbers | None = attribute(default=None, converter=CLIP.optional)
    distortions: tuple[Penalty, ...] = attribute(default=(), converter=lambda given: terms(given))
    reparametrise: Callable[[jax.Array], jax.Array] | None = attribute(
        static=True, default=None, converter=_reparametrisation
    )
    data: jax.Array | None = attribute(default=None, converter=DATA.optional)
    bias: bool = BIAS.field(False)

    def __check_init__(self) -> None:
        for term in self.distortions:
            as_kind(term, "a penalty", Penalty, "dg.R1(0.3)")
        if self.noise is not None and (isinstance(self.noise, type) or not hasattr(self.noise, "smear")):
            as_kind(self.noise, "noise", GaussianNoise, "dg.GaussianNoise(0.7)")

    def placed(self, data: object = None, bias: bool = False) -> DiracGAN:
        """The same game with the data elsewhere or with a bias."""
        given = {field: getattr(self, field) for field in self.__dataclass_fields__}
        return DiracGAN(**{**given, "data": self.data if data is None else data, "bias": bias or self.bias})

    @property
    def dimension(self) -> int:
        """2, or 3 with a bias."""
        return 3 if self.bias else 2

    @property
    def domain(self) -> Domain:
        """|ψ| <= clip, or the plane."""
        return Domain(self.clip)

    @property
    def equilibrium(self) -> np.ndarray | jax.Array:
        """The state (a, 0) or (a, 0, 0): the generator sits on the data and the discriminator says 0 everywhere."""
        if self.data is None:
            return np.zeros(self.dimension)
        place = np.concatenate if isinstance(self.data, np.ndarray) else jnp.concatenate
        return place([self.data[None], np.zeros(self.dimension - 1)])

    def play(self, x: jax.Array) -> tuple[LinearDiscriminator, Measure, Measure]:
        """The discriminator, the real and the generated distribution at a state."""
        weight = x[1] if self.reparametrise is None else self.reparametrise(x[1])
        dtype = jnp.result_type(x[0])
        at = np.zeros((), dtype) if self.data is None else jnp.asarray(self.data, dtype)
        real, fake = Measure(at), Measure(x[0])
        if self.noise is not None:
            real, fake = self.noise.smear(real), self.noise.smear(fake)
        return LinearDiscriminator(weight, x[2] if self.bias else None), real, fake

    def generator_objective(self, x: jax.Array) -> jax.Array:
        """L_G = loss.generator + Σ distortions."""
        D, real, fake = self.play(x)
        return self.loss.generator(D, real, fake) + sum(term(D, real, fake) for term in self.distortions)

    def kinks(self, x: jax.Array) -> tuple[jax.Array, ...]:
        """Those of the loss, the penalties and the parametrisation."""
        kinks = super().kinks(x)
        if self.reparametrise is spectral_norm:
            return (*kinks, x[1])
        return (*kinks, jnp.abs(x[1]) - 1) if self.reparametrise is capped_norm else kinks

    def check(self, states: np.ndarray) -> str | None:
        """Whether the quadrature of the noise resolves every slope |ψ| among the states."""
        if self.noise is None or isinstance(self.noise.sigma, jax.core.Tracer) or np.ndim(self.noise.sigma):
            return None
        slope = float(np.max(np.abs(np.asarray(states)[..., 1]), initial=0.0, where=np.isfinite(states[..., 1])))
        if slope * float(self.noise.sigma) <= self.noise.reach:
            return None
        needed = self.noise.needed(slope)
        remedy = f"use nodes={needed} or more" if needed <= NODES.bounds[1] else "no node count helps that far out"
        return (
            f"the quadrature of the instance noise needs |ψ|σ <= {self.noise.reach:.3g} with nodes={self.noise.nodes}; "
            f"|ψ|σ = {slope * float(self.noise.sigma):.3g} occurs: {remedy}"
        )
