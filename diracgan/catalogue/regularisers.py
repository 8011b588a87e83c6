"""Methods that differ in what is added to the game: penalties, noise, reparametrisations, distortions."""

from __future__ import annotations

from diracgan.catalogue.registry import register
from diracgan.games.anchored import MovingAnchors
from diracgan.games.dirac import DiracGAN, capped_norm, smooth_lipschitz, spectral_norm
from diracgan.games.fields import VectorField
from diracgan.games.inputs import Numbers
from diracgan.games.losses import Minimax, NonSaturating, Wasserstein
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import (
    ANCHOR_FAKE,
    ANCHOR_RATE,
    ANCHOR_REAL,
    GAMMA,
    LAMBDA,
    MOVING,
    NODES,
    ONE_SIDED,
    SIGMA,
    TARGET,
)
from diracgan.games.penalties import R1, R2, Distortion, LeCam, OneSidedGradientNorm, Roth, ZeroCentred
from diracgan.games.perturbed import PerturbedDeadZone, PerturbedZeroCentred

register(
    "r1-r2",
    lambda gamma: DiracGAN(Minimax(), (R1(gamma), R2(gamma))),
    (GAMMA(0.3),),
    title="R1 + R2",
    references=("mescheder2018", "huang2024"),
    objective="L = f(ψθ) + f(0), R = γψ²",
    convention="γ/2 for each of R1 and R2",
)
register(
    "nsgan-r2",
    lambda gamma: DiracGAN(NonSaturating(), (R2(gamma),)),
    (GAMMA(0.3),),
    title="NSGAN + R2",
    references=("goodfellow2014", "mescheder2018"),
    objective="L_D = f(ψθ) + f(0), L_G = -f(-ψθ), R = (γ/2)ψ²",
    convention="γ/2",
)
register(
    "wgan-r1",
    lambda gamma: DiracGAN(Wasserstein(), (R1(gamma),)),
    (GAMMA(0.3),),
    title="WGAN + R1",
    references=("arjovsky2017", "mescheder2018"),
    objective="L = ψθ, R = (γ/2)ψ²",
    convention="γ/2",
)
register(
    "nsgan-instance-noise",
    lambda sigma, nodes: DiracGAN(NonSaturating(), noise=GaussianNoise(sigma, nodes)),
    (SIGMA(0.7), NODES),
    title="NSGAN + instance noise",
    references=("sonderby2016", "mescheder2018"),
    objective="L_D = E f(ψ(θ + σZ)) + E f(-ψσZ'), L_G = -E f(-ψ(θ + σZ))",
    convention="σ is a standard deviation",
)
register(
    "roth",
    lambda gamma: DiracGAN(Minimax(), (Roth(gamma),)),
    (GAMMA(0.3),),
    title="Noise-induced gradient penalty (Roth et al.)",
    references=("roth2017",),
    objective="L = f(ψθ) + f(0), R = (γ/2)ψ²(¼ + σ(-ψθ)²)",
    convention="γ/2; γ is the variance of the noise that it stands for",
)
register(
    "nsgan-roth",
    lambda gamma: DiracGAN(NonSaturating(), (Roth(gamma),)),
    (GAMMA(0.3),),
    title="NSGAN + noise-induced gradient penalty",
    references=("roth2017",),
    objective="L_D = f(ψθ) + f(0), L_G = -f(-ψθ), R = (γ/2)ψ²(¼ + σ(-ψθ)²)",
    convention="γ/2",
)
register(
    "zero-gp",
    lambda gamma: DiracGAN(Minimax(), (ZeroCentred(gamma),)),
    (LAMBDA(0.15),),
    title="Zero-centred penalty on interpolates",
    references=("thanhtung2019",),
    objective="L = f(ψθ) + f(0), R = λψ²",
    convention="λ, without the factor ½: γ = 2λ",
)
register(
    "wgan-lp",
    lambda gamma, target: DiracGAN(Wasserstein(), (OneSidedGradientNorm(gamma, target),)),
    (GAMMA(0.7), TARGET(1.0)),
    title="WGAN-LP (one-sided penalty)",
    references=("petzka2018",),
    objective="L = ψθ, R = (γ/2)((|ψ| - g₀)₊)²",
    convention="γ/2",
)


def _lecam(
    gamma: Numbers, anchor_real: Numbers, anchor_fake: Numbers, one_sided: bool, moving: bool, anchor_rate: Numbers
) -> VectorField:
    if moving:
        return MovingAnchors(DiracGAN(Minimax()), gamma, anchor_rate, one_sided)
    return DiracGAN(Minimax(), (LeCam(gamma, anchor_real, anchor_fake, one_sided),))


register(
    "lecam",
    _lecam,
    (LAMBDA(0.3), ANCHOR_REAL(0.0), ANCHOR_FAKE(0.0), ONE_SIDED, MOVING, ANCHOR_RATE(0.05)),
    title="LeCam",
    references=("tseng2021",),
    objective="L = f(ψθ) + f(0), R = λ{E(V(real) - α_F)² + E(V(fake) - α_R)²}, V = -D",
    convention="λ, without the factor ½; anchors are realness scores; the published code is one_sided",
)
register(
    "clc",
    lambda gamma: DiracGAN(Minimax(), (LeCam(gamma),)),
    (LAMBDA(0.3),),
    title="CLC-GAN (closed-loop control)",
    references=("xu2019",),
    objective="L = f(ψθ) + f(0), R = λ{E D(real)² + E D(fake)²}",
    convention="λ, without the factor ½",
)
register(
    "spectral-norm",
    lambda: DiracGAN(Minimax(), reparametrise=spectral_norm),
    title="Spectral normalisation",
    references=("miyato2018",),
    objective="L = f(D(θ)) + f(0), D(x) = x ψ/|ψ|",
)
register(
    "spectral-cap",
    lambda: DiracGAN(Minimax(), reparametrise=capped_norm),
    title="Spectral normalisation above 1",
    references=("miyato2018",),
    objective="L = f(D(θ)) + f(0), D(x) = x ψ/max(1, |ψ|)",
)
register(
    "lipschitz",
    lambda: DiracGAN(Minimax(), reparametrise=smooth_lipschitz),
    title="Smooth Lipschitz reparametrisation",
    references=("miyato2018",),
    objective="L = f(D(θ)) + f(0), D(x) = x ψ/√(1 + ψ²)",
)
register(
    "distortion",
    lambda gamma: DiracGAN(Minimax(), distortions=(Distortion(gamma),)),
    (LAMBDA(0.1),),
    title="GAN with a distortion term",
    references=("goodfellow2014",),
    objective="L_D = f(ψθ) + f(0), L_G = L_D + λθ²",
    convention="λ, without the factor ½",
)
register(
    "dragan-zero-centred",
    lambda gamma: DiracGAN(Minimax(), (PerturbedZeroCentred(gamma),)),
    (GAMMA(1.0),),
    title="DRAGAN, first step (zero-centred)",
    references=("kodali2017",),
    objective="L = f(ψθ) + f(0), R = (γ/2)ψ² around the data",
    convention="γ/2; the published λ is γ/2",
)
register(
    "dragan-dead-zone",
    lambda gamma, target: DiracGAN(Minimax(), (PerturbedDeadZone(gamma, target),)),
    (GAMMA(1.0), TARGET(0.25, help="squared gradient norm up to which nothing is paid")),
    title="DRAGAN, second step (dead zone)",
    references=("kodali2017",),
    objective="L = f(ψθ) + f(0), R = (γ/2)(ψ² - k)₊ around the data",
    convention="γ/2; the published λ is γ/2",
)
