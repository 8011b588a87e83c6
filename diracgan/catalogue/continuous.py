"""The minimax GAN on absolutely continuous data, with two parameters: without a penalty or with R1."""

from __future__ import annotations

from diracgan.catalogue.registry import register
from diracgan.games.dirac import DiracGAN
from diracgan.games.losses import Minimax
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import GAMMA, NODES, SIGMA
from diracgan.games.penalties import R1
from diracgan.games.uniform import LEGENDRE_NODES, UniformGAN

register(
    "uniform-data",
    lambda gamma, nodes: UniformGAN(Minimax(), (R1(gamma),), nodes),
    (GAMMA(0.0), LEGENDRE_NODES),
    title="GAN on uniform data",
    references=("nagarajan2017", "goodfellow2014"),
    objective="L = E f(ψθ²U²) + E f(-ψU²), R = (γ/2) E 4ψ²U², U uniform on [-1, 1], at (1, 0)",
    convention="γ/2; 0 is the unregularised GAN",
)
register(
    "gaussian-data",
    lambda gamma, sigma, nodes: DiracGAN(Minimax(), (R1(gamma),), GaussianNoise(sigma, nodes)),
    (GAMMA(0.0), SIGMA(0.7, help="standard deviation of the data"), NODES),
    title="GAN on Gaussian data",
    references=("nagarajan2017", "mescheder2018"),
    objective="L = E f(ψ(θ + σZ)) + E f(-ψσZ'), R = (γ/2)ψ²",
    convention="γ/2; 0 is the unregularised GAN, the Dirac-GAN with instance noise",
)
