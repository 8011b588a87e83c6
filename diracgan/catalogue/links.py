"""Methods that differ in the loss: least squares, hinge, relativistic pairing, the f-GAN family."""

from __future__ import annotations

from diracgan.catalogue.registry import register
from diracgan.games.dirac import DiracGAN
from diracgan.games.divergences import (
    FGAN,
    Divergence,
    JensenShannon,
    KullbackLeibler,
    Neyman,
    Pearson,
    ReverseKullbackLeibler,
    SquaredHellinger,
    TotalVariation,
)
from diracgan.games.losses import Hinge, LeastSquares, Relativistic
from diracgan.games.parameters import GAMMA, LABEL_A, LABEL_B, LABEL_C
from diracgan.games.penalties import R1, R2

_LABELS = "labels of the realness score: a generated, b real, c what the generator wants"

register(
    "lsgan",
    lambda a, b: DiracGAN(LeastSquares(a, b)),
    (LABEL_A(-1.0), LABEL_B(1.0)),
    title="LSGAN (minimax)",
    references=("mao2017",),
    objective="L = -½(u + a)² - ½b², zero-sum",
    convention=_LABELS,
)
register(
    "lsgan-ns",
    lambda a, b, c: DiracGAN(LeastSquares(a, b, c)),
    (LABEL_A(-1.0), LABEL_B(1.0), LABEL_C(1.0)),
    title="LSGAN (non-saturating)",
    references=("mao2017",),
    objective="L_D = -½(u + a)² - ½b², L_G = ½(u + c)²",
    convention=_LABELS,
)
register(
    "lsgan-zero",
    lambda a, b, c: DiracGAN(LeastSquares(a, b, c)),
    (LABEL_A(-1.0), LABEL_B(1.0), LABEL_C(0.0)),
    title="LSGAN (a, b, c) = (-1, 1, 0)",
    references=("mao2017",),
    objective="L_D = -½(u - 1)² - ½, L_G = ½u²",
    convention=_LABELS,
)
register(
    "lsgan-01",
    lambda a, b, c: DiracGAN(LeastSquares(a, b, c)),
    (LABEL_A(0.0), LABEL_B(1.0), LABEL_C(1.0)),
    title="LSGAN (a, b, c) = (0, 1, 1)",
    references=("mao2017",),
    objective="L_D = -½u² - ½, L_G = ½(u + 1)²",
    convention=_LABELS,
)
register(
    "lsgan-r1",
    lambda gamma, a, b: DiracGAN(LeastSquares(a, b), (R1(gamma),)),
    (GAMMA(0.3), LABEL_A(-1.0), LABEL_B(1.0)),
    title="LSGAN + R1",
    references=("mao2017", "mescheder2018"),
    objective="L = -½(u + a)² - ½b², R = (γ/2)ψ²",
    convention="γ/2",
)
register(
    "hinge",
    lambda: DiracGAN(Hinge()),
    title="Hinge",
    references=("lim2017",),
    objective="L_D = -(1 - u)₊ - 1, L_G = u",
)
register(
    "hinge-r1",
    lambda gamma: DiracGAN(Hinge(), (R1(gamma),)),
    (GAMMA(0.3),),
    title="Hinge + R1",
    references=("lim2017", "mescheder2018"),
    objective="L_D = -(1 - u)₊ - 1, L_G = u, R = (γ/2)ψ²",
    convention="γ/2",
)
register(
    "rpgan",
    lambda: DiracGAN(Relativistic()),
    title="RpGAN",
    references=("jolicoeur2018",),
    objective="L = f(D(θ) - D(0))",
)
register(
    "rpgan-ns",
    lambda: DiracGAN(Relativistic(saturating=False)),
    title="RpGAN (non-saturating)",
    references=("jolicoeur2018",),
    objective="L_D = f(D(θ) - D(0)), L_G = -f(D(0) - D(θ))",
)
register(
    "r3gan",
    lambda gamma: DiracGAN(Relativistic(), (R1(gamma), R2(gamma))),
    (GAMMA(0.3),),
    title="R3GAN (RpGAN + R1 + R2)",
    references=("huang2024",),
    objective="L = f(D(θ) - D(0)), R = γψ²",
    convention="γ/2 for each of R1 and R2",
)
register(
    "r3gan-ns",
    lambda gamma: DiracGAN(Relativistic(saturating=False), (R1(gamma), R2(gamma))),
    (GAMMA(0.3),),
    title="R3GAN (published code)",
    references=("huang2024",),
    objective="L_D = f(D(θ) - D(0)), L_G = -f(D(0) - D(θ)), R = γψ²",
    convention="γ/2 for each of R1 and R2",
)


def _family(name: str, title: str, divergence: Divergence, activation: str, generated: str) -> None:
    register(
        f"f-gan-{name}",
        lambda: DiracGAN(FGAN(divergence)),
        title=f"f-GAN, {title}",
        references=("nowozin2016",),
        objective=f"L = E g(-D(real)) + E F(D(fake)), g(v) = {activation}, F(t) = {generated}",
        convention="calibrated activation, g(0) = f'(1)",
    )


_family("kl", "Kullback-Leibler", KullbackLeibler(), "1 + v", "-e^-t")
_family("reverse-kl", "reverse Kullback-Leibler", ReverseKullbackLeibler(), "-e^-v", "1 + t")
_family("pearson", "Pearson χ²", Pearson(), "v", "t - t²/4")
_family("neyman", "Neyman χ²", Neyman(), "1 - e^-v", "2e^(t/2) - 2")
_family("hellinger", "squared Hellinger", SquaredHellinger(), "1 - e^-v", "1 - e^-t")
_family("js", "Jensen-Shannon", JensenShannon(), "log 2 - log(1 + e^-v)", "log 2 - log(1 + e^-t)")
_family("tv", "total variation", TotalVariation(), "½ tanh v", "½ tanh t")
