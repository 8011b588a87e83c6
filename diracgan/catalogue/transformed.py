"""Methods that transform the field of the minimax or the non-saturating GAN."""

from __future__ import annotations

from diracgan.catalogue.registry import register
from diracgan.games.dirac import DiracGAN
from diracgan.games.losses import Minimax, NonSaturating, Wasserstein
from diracgan.games.parameters import ALIGNED, ALTERNATING, ETA, GAMMA, LAMBDA, THROUGH, UNROLL
from diracgan.games.transforms import (
    JARE,
    LOLA,
    Consensus,
    Drift,
    GeneratorGradientPenalty,
    SymplecticAdjustment,
    Unrolled,
)

register(
    "nsgan-consensus",
    lambda gamma: Consensus(DiracGAN(NonSaturating()), gamma),
    (GAMMA(1.0),),
    title="NSGAN + consensus optimisation",
    references=("mescheder2017",),
    objective="v - γ∇(½|v|²) of the non-saturating GAN",
)
register(
    "wgan-consensus",
    lambda gamma: Consensus(DiracGAN(Wasserstein()), gamma),
    (GAMMA(1.0),),
    title="Wasserstein + consensus optimisation",
    references=("mescheder2017",),
    objective="v - γ∇(½|v|²) of the bilinear game",
)
register(
    "jare",
    lambda gamma: JARE(DiracGAN(Minimax()), gamma),
    (GAMMA(1.0),),
    title="JARE (Jacobian regularisation)",
    references=("nie2018",),
    objective="v_θ - γ∂_θ ½|v_ψ|², v_ψ - γ∂_ψ ½|v_θ|²",
    convention="γ/2 on the squares",
)
register(
    "ode-gan",
    lambda gamma: GeneratorGradientPenalty(DiracGAN(Minimax()), gamma),
    (LAMBDA(0.5),),
    title="ODE-GAN's generator-gradient penalty",
    references=("qin2020",),
    objective="v_ψ - λ∂_ψ|v_θ|²",
    convention="λ, without the factor ½",
)
register(
    "sga",
    lambda gamma, aligned: SymplecticAdjustment(DiracGAN(Minimax()), gamma, aligned),
    (LAMBDA(1.0), ALIGNED),
    title="Symplectic gradient adjustment",
    references=("balduzzi2018",),
    objective="v + (λ/2)(Jv - Jᵀv)",
)
register(
    "lola",
    lambda eta: LOLA(DiracGAN(Minimax()), eta),
    (ETA(1.0),),
    title="LOLA (both players)",
    references=("foerster2017",),
    objective="v_θ - η(∂_θ v_ψ)ᵀ∂_ψ L_G, v_ψ + η(∂_ψ v_θ)ᵀ∂_θ L_D",
    convention="η is the opponent's learning rate",
)
register(
    "unrolled",
    lambda eta, unroll, through: Unrolled(DiracGAN(Minimax()), eta, unroll, through),
    (ETA(0.2), UNROLL, THROUGH),
    title="Unrolled discriminator",
    references=("metz2016",),
    objective="L_G(θ, ψ_k), ψ_{i+1} = ψ_i + η v_ψ(θ, ψ_i)",
    convention="η is the inner learning rate",
)
register(
    "drift",
    lambda eta, alternating: Drift(DiracGAN(Minimax()), eta, alternating),
    (ETA(0.2), ALTERNATING),
    title="Discretisation drift",
    references=("rosca2021",),
    objective="v - (η/2)Jv, the flow that a descent of rate η follows",
    convention="η is the learning rate of the descent",
)
