"""The methods of Mescheder et al. 2018 and DRAGAN, with the settings of the published figures."""

from __future__ import annotations

import jax

from diracgan.catalogue.registry import methods, register
from diracgan.games.dirac import DiracGAN
from diracgan.games.fields import VectorField
from diracgan.games.legacy import PublishedConsensus, SignAtZero
from diracgan.games.losses import Minimax, NonSaturating, Wasserstein
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import CLIP, GAMMA, LEGACY, NODES, SIGMA, TARGET
from diracgan.games.penalties import DRAGAN, R1, R2, GradientNorm
from diracgan.games.transforms import Consensus

register(
    "gan",
    lambda: DiracGAN(Minimax()),
    title="GAN (minimax)",
    references=("goodfellow2014", "mescheder2018"),
    objective="L = f(ψθ) + f(0), f(t) = -log(1 + e^-t)",
    published={"GAN": {}},
)
register(
    "nsgan",
    lambda: DiracGAN(NonSaturating()),
    title="NSGAN (non-saturating)",
    references=("goodfellow2014", "mescheder2018"),
    objective="L_D = f(ψθ) + f(0), L_G = -f(-ψθ)",
    published={"NSGAN": {}},
)
register(
    "wgan",
    lambda clip: DiracGAN(Wasserstein(), clip=clip),
    (CLIP(1.0),),
    title="WGAN (weight clipping)",
    references=("arjovsky2017", "mescheder2018"),
    objective="L = ψθ, |ψ| ≤ c after every update",
    published={"WGAN": {"clip": 1.0}},
)


def _wgan_gp(gamma: jax.Array, target: jax.Array, legacy: bool) -> VectorField:
    game = DiracGAN(Wasserstein(), (GradientNorm(gamma, target),))
    return SignAtZero(game) if legacy else game


register(
    "wgan-gp",
    _wgan_gp,
    (GAMMA(0.7), TARGET(1.0), LEGACY(False, help="sign(0) = 0 at ψ = 0, as in the published code")),
    title="WGAN-GP",
    references=("gulrajani2017", "mescheder2018"),
    objective="L = ψθ, R = (γ/2)(|ψ| - g₀)²",
    convention="γ/2; λ of the WGAN-GP paper is γ/2",
    published={"WGAN-GP": {"gamma": 0.7, "target": 1.0}},
)
register(
    "instance-noise",
    lambda sigma, nodes: DiracGAN(Minimax(), noise=GaussianNoise(sigma, nodes)),
    (SIGMA(0.7), NODES),
    title="Instance noise",
    references=("sonderby2016", "mescheder2018"),
    objective="L = E f(ψ(θ + σZ)) + E f(-ψσZ')",
    convention="σ is a standard deviation",
    published={"Instance noise": {"sigma": 0.7}},
)
register(
    "r1",
    lambda gamma: DiracGAN(Minimax(), (R1(gamma),)),
    (GAMMA(0.3),),
    title="R1 gradient penalty",
    references=("mescheder2018",),
    objective="L = f(ψθ) + f(0), R = (γ/2)ψ² on the data",
    convention="γ/2; the published training code uses γ = 2·reg_param",
    published={"Gradient penalty": {"gamma": 0.3}, "Gradient penalty, critical": {"gamma": 1.0}},
)
register(
    "r2",
    lambda gamma: DiracGAN(Minimax(), (R2(gamma),)),
    (GAMMA(0.3),),
    title="R2 gradient penalty",
    references=("mescheder2018",),
    objective="L = f(ψθ) + f(0), R = (γ/2)ψ² on the generated point",
    convention="γ/2",
)
register(
    "nsgan-r1",
    lambda gamma: DiracGAN(NonSaturating(), (R1(gamma),)),
    (GAMMA(0.3),),
    title="NSGAN + R1",
    references=("goodfellow2014", "mescheder2018"),
    objective="L_D = f(ψθ) + f(0), L_G = -f(-ψθ), R = (γ/2)ψ²",
    convention="γ/2",
    published={"NSGAN + gradient penalty": {"gamma": 0.3}},
)
register(
    "consensus",
    lambda gamma, legacy: (PublishedConsensus if legacy else Consensus)(DiracGAN(Minimax()), gamma),
    (GAMMA(1.0), LEGACY(False, help="halve one term of the gradient, as the published code does")),
    title="Consensus optimisation",
    references=("mescheder2017", "mescheder2018"),
    objective="v - γ∇(½|v|²) of the minimax GAN",
    published={"Consensus optimisation": {"gamma": 1.0}},
)
register(
    "dragan",
    lambda gamma, target: DiracGAN(Minimax(), (DRAGAN(gamma, target),)),
    (GAMMA(20.0, span=(0.0, 25.0)), TARGET(1.0)),
    title="DRAGAN (minimax generator)",
    references=("kodali2017",),
    objective="L = f(ψθ) + f(0), R = (γ/2)(|ψ| - k)²",
    convention="γ/2; the published λ = 10 is γ = 20",
)
register(
    "dragan-ns",
    lambda gamma, target: DiracGAN(NonSaturating(), (DRAGAN(gamma, target),)),
    (GAMMA(20.0, span=(0.0, 25.0)), TARGET(1.0)),
    title="DRAGAN (published code)",
    references=("kodali2017",),
    objective="L_D = f(ψθ) + f(0), L_G = -f(-ψθ), R = (γ/2)(|ψ| - k)²",
    convention="γ/2; the published λ = 10 is γ = 20",
)

# The first room of the catalogue to be filled: so far there are its own entries only.
PUBLISHED = methods()
