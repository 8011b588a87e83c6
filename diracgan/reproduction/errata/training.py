"""Errors and surprises in published training code, seen on the Dirac-GAN."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.catalogue import method
from diracgan.dynamics.spectrum import eigenvalues, jacobian
from diracgan.games.dirac import DiracGAN
from diracgan.games.fields import FunctionField
from diracgan.games.losses import Minimax, Wasserstein, sigmoid
from diracgan.games.penalties import R1, Penalty, ZeroCentred
from diracgan.reproduction.errata.facts import Fact, discrepancy, fact


@discrepancy(
    "E3",
    where="the published training code, R1",
    claimed="the paper's penalty is (γ/2) E|∇D|²; the code adds reg_param · E|∇D|²",
    holds="γ = 2 reg_param, so that reg_param = 10 is γ = 20 (λ of WGAN-GP and DRAGAN likewise)",
)
def _half() -> list[Fact]:
    def damping(penalty: Any) -> float:
        return -float(jacobian(DiracGAN(Minimax(), (penalty,)))[1, 1])

    return [
        fact(
            "γ of reg_param = 10 in the training code", damping(ZeroCentred(10.0)), damping(R1(10.0)), (20, 10), 1e-12
        ),
        fact(
            "slowest rate of the flow",
            np.max(np.asarray(eigenvalues(method("zero-gp", gamma=10.0))).real),
            np.max(np.asarray(eigenvalues(method("r1", gamma=10.0))).real),
            (-10 + math.sqrt(99.75), -5 + math.sqrt(24.75)),
            1e-9,
        ),
    ]


@discrepancy(
    "E4",
    where="the published training code, 'wgan' loss",
    claimed="(2t - 1) mean D, which falls on real points: D is a fakeness score",
    holds="consistent for both players and opposite to the usual orientation; spectra are the same",
)
def _fakeness() -> list[Fact]:
    # The training code minimises (2t - 1) mean D with t = 1 for "real": D falls on real points. Quoted as a field of
    # (θ, ψ), and beside it the usual orientation, in which D rises on real points.
    x = (1.3, 0.4)
    coded = FunctionField(lambda x: jnp.stack([-x[1], x[0]]))
    usual = FunctionField(lambda x: jnp.stack([x[1], -x[0]]))
    ours = DiracGAN(Wasserstein())
    return [
        fact("v_ψ at (1.3, 0.4), this package and the code", ours(x)[1], coded(x)[1], (1.3, 1.3), 1e-12),
        fact("v_ψ at (1.3, 0.4), this package and the usual orientation", ours(x)[1], usual(x)[1], (1.3, -1.3), 1e-12),
        fact("Im μ in both orientations", eigenvalues(coded)[0].imag, eigenvalues(usual)[0].imag, (1, 1), 1e-12),
    ]


@discrepancy(
    "E7",
    where="the published DRAGAN code",
    claimed="real points are perturbed by 0.5 · std(batch) · U[0, 1)",
    holds="the noise of the paper is said to be Gaussian with mean 0; this one is one-sided, and has no spread for a "
    "batch at one point (a linear discriminator does not see the difference)",
)
def _perturbation() -> list[Fact]:
    # Quoted: x + 0.5 · std(batch) · U[0, 1). The mid-points of equal cells average U exactly.
    uniform = (np.arange(1000) + 0.5) / 1000
    gaussian, weights = np.polynomial.hermite_e.hermegauss(8)
    return [
        fact(
            "spread of the perturbed points for a batch at one place", 1.0, 0.5 * np.std([0.7, 0.7, 0.7]), (1, 0), 1e-12
        ),
        fact(
            "mean perturbation for a batch at ±1",
            gaussian @ weights / weights.sum(),
            np.mean(0.5 * np.std([-1.0, 1.0]) * uniform),
            (0, 0.25),
            1e-12,
        ),
    ]


@discrepancy(
    "E10",
    where="third-party ports",
    claimed="LSGAN with a generator that maximises (D - 1)², an output penalty on the generator, consensus of one "
    "player",
    holds="other methods: the first has a nilpotent Jacobian, the second leaves the discriminator unpenalised, the "
    "third has half the damping",
)
def _variants() -> list[Fact]:
    # Quoted: real label -1, generated label 0, and a generator that maximises (D - 1)².
    port = FunctionField(lambda x: jnp.stack([x[1] * (x[1] * x[0] - 1), -x[0] * (x[1] * x[0])]))
    # Quoted: the output penalty λu² on the generator, and consensus optimisation of the discriminator only.
    u2 = method("clc", gamma=0.3)
    misplaced = FunctionField(lambda x: method("gan").velocity(x) - 0.6 * x[1] * x[0] * jnp.stack([x[1], 0 * x[0]]))
    gan, consensus = method("gan"), method("consensus", gamma=1.0)
    one = FunctionField(lambda x: jnp.stack([gan.velocity(x)[0], consensus.velocity(x)[1]]))
    x = (1.3, 0.4)
    return [
        fact("|Im μ| of LSGAN", abs(eigenvalues(method("lsgan"))[0].imag), abs(eigenvalues(port)[0]), (1, 0), 1e-9),
        fact("entry ∂v_ψ/∂θ of LSGAN", jacobian(method("lsgan"))[1, 0], jacobian(port)[1, 0], (1, 0), 1e-12),
        fact(
            "penalty's force on ψ at (1.3, 0.4), λ = 0.3",
            u2(x)[1] - gan(x)[1],
            misplaced(x)[1] - gan(x)[1],
            (-0.6 * 0.4 * 1.3**2, 0),
            1e-12,
        ),
        fact(
            "Re μ of consensus optimisation, γ = 1",
            eigenvalues(consensus)[0].real,
            eigenvalues(one)[0].real,
            (-0.25, -0.125),
        ),
    ]


class _SigmoidPenalty(Penalty):
    """λ E|∇σ(D)|² on the real points, QUOTED: the penalty of ports that differentiate the output and not the logit."""

    weight: float = 10.0

    def __call__(self, D: Any, real: Any, fake: Any) -> Any:
        return self.weight * real.expect(lambda x: jax.grad(lambda y: sigmoid(D(y)))(x) ** 2)


@discrepancy(
    "E12",
    where="third-party ports of DRAGAN, and the 2-D code of the zero-centred penalty",
    claimed="λ E|∇D|², with the gradient of the sigmoid output in place of the logit's",
    holds="at the equilibrium σ'(0)² = 1/16 of it is left: γ = 2λ on logits is λ/8 on outputs, so that λ = 10 is 1.25, "
    "not 20",
)
def _outputs() -> list[Fact]:
    def damping(penalty: Any) -> float:
        return -float(jacobian(DiracGAN(Minimax(), (penalty,)))[1, 1])

    def slowest(penalty: Any) -> float:
        return float(np.max(np.asarray(eigenvalues(DiracGAN(Minimax(), (penalty,)))).real))

    logit, output = ZeroCentred(10.0), _SigmoidPenalty(10.0)
    return [
        fact("damping of ψ for λ = 10", damping(logit), damping(output), (20, 1.25), 1e-12),
        fact(
            "slowest rate of the flow",
            slowest(logit),
            slowest(output),
            (-10 + math.sqrt(99.75), -0.625 + math.sqrt(0.625**2 - 0.25)),
            1e-9,
        ),
    ]
