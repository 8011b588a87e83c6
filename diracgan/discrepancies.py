"""Where papers and published code are wrong or mean different things by the same letter, each with its proof.

This is the one room where erroneous formulas are written down: they are quoted, marked as such, and compared with what
the package derives from the objectives.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import AltGD, SimGD
from diracgan.catalogue import method
from diracgan.fields import FunctionField
from diracgan.games import DiracGAN
from diracgan.losses import Minimax, Wasserstein
from diracgan.penalties import R1, ZeroCentred
from diracgan.spectrum import eigenvalues, jacobian, multipliers
from diracgan.trajectories import simulate


@dataclasses.dataclass(frozen=True)
class Fact:
    """One number of a proof: the value that is derived, the value that the publication gives, and what must hold."""

    what: str
    derived: float
    published: float
    ok: bool


@dataclasses.dataclass(frozen=True)
class Discrepancy:
    """One error or ambiguity: where it is, what is claimed, what holds, and the numbers that show it."""

    id: str
    where: str
    claimed: str
    holds: str
    facts: tuple[Fact, ...]

    @property
    def ok(self) -> bool:
        """Whether every number came out as stated."""
        return all(fact.ok for fact in self.facts)

    def record(self) -> dict[str, Any]:
        """A dictionary that JSON can hold."""
        return {**dataclasses.asdict(self), "facts": [dataclasses.asdict(fact) for fact in self.facts], "ok": self.ok}


def discrepancies() -> tuple[Discrepancy, ...]:
    """Every known discrepancy with its proof, computed now in float64 (a few seconds).

    >>> [one.id for one in dg.discrepancies()][:3]
    ['E1', 'E2', 'E3']
    """
    with jax.enable_x64(True):
        return tuple(
            Discrepancy(name, where, claimed, holds, tuple(proof()))
            for name, (where, claimed, holds, proof) in _TABLE.items()
        )


def text(found: tuple[Discrepancy, ...]) -> str:
    """The discrepancies for a terminal."""
    lines = []
    for one in found:
        lines += [f"{'ok  ' if one.ok else 'FAIL'}  {one.id}  {one.where}"]
        lines += [f"      claimed: {one.claimed}", f"      holds:   {one.holds}"]
        lines += [
            f"      {'' if fact.ok else 'FAIL '}{fact.what}: derived {fact.derived:.6g}, published {fact.published:.6g}"
            for fact in one.facts
        ]
    failed = sum(not one.ok for one in found)
    return "\n".join([*lines, f"{len(found)} discrepancies, {failed} without proof"])


def _near(value: float, expected: float, tolerance: float = 1e-6) -> bool:
    return bool(abs(value - expected) <= tolerance * max(1.0, abs(expected)))


def _fact(what: str, derived: Any, published: Any, expected: tuple[float, float], tolerance: float = 1e-6) -> Fact:
    """A fact that holds when both values are the expected ones."""
    derived, published = float(derived), float(published)
    ok = _near(derived, expected[0], tolerance) and _near(published, expected[1], tolerance)
    return Fact(what, derived, published, ok)


def _slope(t: float) -> float:
    return 1 / (1 + math.exp(t))


def _coded_gradient(theta: float, psi: float) -> np.ndarray:
    """What the published code subtracts, QUOTED WITH ITS MISTAKE: the factor 0.5 before the second term is wrong."""
    first, second = _slope(theta * psi), -_slope(theta * psi) * _slope(-theta * psi)
    square = theta**2 + psi**2
    return np.array(
        [
            theta * first**2 + 0.5 * psi * square * first * second,
            psi * first**2 + 0.5 * theta * square * first * second,
        ]
    )


def _consensus() -> list[Fact]:
    gan = method("gan")

    def derived(x: Any) -> np.ndarray:
        return np.asarray(gan(x)) - np.asarray(method("consensus", gamma=1.0)(x))

    def curl(gradient: Callable[[Any], np.ndarray], step: float = 1e-5) -> float:
        theta, psi = 1.3, 0.4
        along = (gradient((theta + step, psi)) - gradient((theta - step, psi)))[1]
        across = (gradient((theta, psi + step)) - gradient((theta, psi - step)))[0]
        return float(along - across) / (2 * step)

    def coded(x: Any) -> np.ndarray:
        return _coded_gradient(*x)

    def end(gamma: float, legacy: bool, algorithm: Any, rounds: int) -> float:
        path = simulate(method("consensus", gamma=gamma, legacy=legacy), algorithm, (1.0, 1.0), rounds, rounds)
        return float(np.linalg.norm(path[-1]))

    def escapes(what: str, gamma: float, algorithm: Any, rounds: int, radius: float) -> Fact:
        right, wrong = end(gamma, False, algorithm, rounds), end(gamma, True, algorithm, rounds)
        return Fact(what, right, wrong, _near(right, radius, 5e-3) and wrong < 1e-6)

    five = AltGD(h=0.2, n_d=5)
    return [
        _fact("∂_θ ½|v|² at (1, 1)", derived((1.0, 1.0))[0], coded((1.0, 1.0))[0], (-0.033425, 0.019452), 1e-6),
        _fact("curl of what is subtracted, at (1.3, 0.4)", curl(derived), curl(coded), (0, 0.133394), 1e-6),
        _fact(
            "Re μ at the equilibrium, γ = 1",
            eigenvalues(method("consensus"))[0].real,
            eigenvalues(method("consensus", legacy=True))[0].real,
            (-0.25, -0.25),
        ),
        escapes("distance after 20500 rounds of SimGD(0.2) from (1, 1), γ = 2", 2.0, SimGD(h=0.2), 20500, 17.18),
        escapes("distance after 20500 rounds of SimGD(0.2) from (1, 1), γ = 5", 5.0, SimGD(h=0.2), 20500, 13.96),
        escapes("distance after 500 rounds of AltGD(0.2, n_d=5) from (1, 1), γ = 1", 1.0, five, 500, 10.97),
    ]


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(low) * function(middle) > 0 else (low, middle)
    return (low + high) / 2


def _critical() -> list[Fact]:
    slope = float(jacobian(method("gan"))[1, 0])

    def discriminant(gamma: float) -> float:
        J = np.asarray(jacobian(method("r1", gamma=gamma)))
        return float(np.trace(J) ** 2 / 4 - np.linalg.det(J))

    def printed(gamma: float) -> float:
        # Quoted: √(γ²/4 - f'(0)) in place of √(γ²/4 - f'(0)²).
        return gamma**2 / 4 - slope

    return [
        _fact(
            "γ at which both eigenvalues meet", _root(discriminant, 0, 3), _root(printed, 0, 3), (1, math.sqrt(2)), 1e-9
        ),
        _fact("γ²/4 - (…) at γ = 1.2", discriminant(1.2), printed(1.2), (0.11, -0.14), 1e-12),
    ]


def _half() -> list[Fact]:
    def damping(penalty: Any) -> float:
        return -float(jacobian(DiracGAN(Minimax(), (penalty,)))[1, 1])

    return [
        _fact(
            "γ of reg_param = 10 in the training code", damping(ZeroCentred(10.0)), damping(R1(10.0)), (20, 10), 1e-12
        ),
        _fact(
            "slowest rate of the flow",
            np.max(np.asarray(eigenvalues(method("zero-gp", gamma=10.0))).real),
            np.max(np.asarray(eigenvalues(method("r1", gamma=10.0))).real),
            (-10 + math.sqrt(99.75), -5 + math.sqrt(24.75)),
            1e-9,
        ),
    ]


def _fakeness() -> list[Fact]:
    # The training code minimises (2t - 1) mean D with t = 1 for "real": D falls on real points. Quoted as a field of
    # (θ, ψ), and beside it the usual orientation, in which D rises on real points.
    x = (1.3, 0.4)
    coded = FunctionField(lambda x: jnp.stack([-x[1], x[0]]))
    usual = FunctionField(lambda x: jnp.stack([x[1], -x[0]]))
    ours = DiracGAN(Wasserstein())
    return [
        _fact("v_ψ at (1.3, 0.4), this package and the code", ours(x)[1], coded(x)[1], (1.3, 1.3), 1e-12),
        _fact("v_ψ at (1.3, 0.4), this package and the usual orientation", ours(x)[1], usual(x)[1], (1.3, -1.3), 1e-12),
        _fact("Im μ in both orientations", eigenvalues(coded)[0].imag, eigenvalues(usual)[0].imag, (1, 1), 1e-12),
    ]


def _aliasing() -> list[Fact]:
    def stored(in_place: bool) -> list[np.ndarray]:
        x, path = np.array([1.0, 1.0]), []
        for _ in range(3):
            path.append(x)
            v = np.array([-x[1], x[0]])
            if in_place:
                x += 0.2 * v  # Quoted: `theta += ...` changes the array that the path already holds.
            else:
                x = x + 0.2 * v
        return path

    right, wrong = stored(False), stored(True)
    legacy, gp = method("wgan-gp", legacy=True), method("wgan-gp")
    kinds = (issubclass(NotImplementedError, BaseException), isinstance(NotImplemented, BaseException))
    third = ((1 + 0.2j) ** 3 * (1 + 1j)).real
    return [
        _fact("θ of the stored start after three steps", right[0][0], wrong[0][0], (1.0, third), 1e-12),
        _fact("can be raised: NotImplementedError, NotImplemented", kinds[0], kinds[1], (1, 0)),
        _fact(
            "v_ψ at θ = 0: beside ψ = 0, and at it with sign(0) = 0",
            gp((0.0, -1e-9))[1],
            legacy((0.0, 0.0))[1],
            (-0.7, 0),
        ),
    ]


def _locus() -> list[Fact]:
    right = np.sort(np.asarray(eigenvalues(method("r1", gamma=2.0))).real)
    wrong = np.sort(np.asarray(eigenvalues(method("r1", gamma=1.5))).real)
    return [
        _fact("lower end of the locus", right[0], wrong[0], (-1 - math.sqrt(0.75), -0.75 - math.sqrt(0.3125)), 1e-9),
        _fact("upper end of the locus", right[1], wrong[1], (-1 + math.sqrt(0.75), -0.75 + math.sqrt(0.3125)), 1e-9),
    ]


def _perturbation() -> list[Fact]:
    # Quoted: x + 0.5 · std(batch) · U[0, 1). The mid-points of equal cells average U exactly.
    uniform = (np.arange(1000) + 0.5) / 1000
    gaussian, weights = np.polynomial.hermite_e.hermegauss(8)
    return [
        _fact(
            "spread of the perturbed points for a batch at one place", 1.0, 0.5 * np.std([0.7, 0.7, 0.7]), (1, 0), 1e-12
        ),
        _fact(
            "mean perturbation for a batch at ±1",
            gaussian @ weights / weights.sum(),
            np.mean(0.5 * np.std([-1.0, 1.0]) * uniform),
            (0, 0.25),
            1e-12,
        ),
    ]


def _reflected() -> list[Fact]:
    theta, psi = 1.3, 0.4
    gan = method("gan")
    # Quoted: σ(u) as the derivative of f(u) = -log(1 + e^-u), which is σ(-u).
    coded = np.array([-psi, theta]) * _slope(-theta * psi)
    # Turned by a quarter, (θ, ψ) → (-ψ, θ), u changes its sign: that is the coded field.
    turned = np.asarray(gan((-psi, theta)))
    turned = np.array([turned[1], -turned[0]])
    return [
        _fact("v_ψ at (1.3, 0.4)", gan((theta, psi))[1], coded[1], (1.3 * _slope(0.52), 1.3 * _slope(-0.52)), 1e-12),
        _fact("v_ψ of the derived field, turned by a quarter", turned[1], coded[1], (coded[1], coded[1]), 1e-12),
        _fact("v_θ of the derived field, turned by a quarter", turned[0], coded[0], (coded[0], coded[0]), 1e-12),
    ]


def _undamped() -> list[Fact]:
    step, damping = 0.01, 2.0
    game = method("wgan-r1", gamma=damping)
    right = np.max(np.abs(np.asarray(multipliers(game, AltGD(h=step)))))
    # Quoted: ψ ← ψ + Δt θ - damping ψ, the damping without its Δt, as a penalty of weight damping/Δt would be.
    wrong = np.max(np.abs(np.asarray(multipliers(game.replace(gamma=damping / step), AltGD(h=step)))))
    closed = step**2 / 2 + math.sqrt(1 + step**4 / 4)
    return [
        Fact(
            "largest |λ| at Δt = 0.01",
            float(right),
            float(wrong),
            bool(right < 1) and _near(float(wrong), closed, 1e-12),
        )
    ]


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
        _fact("|Im μ| of LSGAN", abs(eigenvalues(method("lsgan"))[0].imag), abs(eigenvalues(port)[0]), (1, 0), 1e-9),
        _fact("entry ∂v_ψ/∂θ of LSGAN", jacobian(method("lsgan"))[1, 0], jacobian(port)[1, 0], (1, 0), 1e-12),
        _fact(
            "penalty's force on ψ at (1.3, 0.4), λ = 0.3",
            u2(x)[1] - gan(x)[1],
            misplaced(x)[1] - gan(x)[1],
            (-0.6 * 0.4 * 1.3**2, 0),
            1e-12,
        ),
        _fact(
            "Re μ of consensus optimisation, γ = 1",
            eigenvalues(consensus)[0].real,
            eigenvalues(one)[0].real,
            (-0.25, -0.125),
        ),
    ]


def _conventions() -> list[Fact]:
    def damping(name: str) -> float:
        return -float(jacobian(method(name, gamma=10.0))[1, 1])

    noise = -float(jacobian(method("instance-noise", sigma=math.sqrt(10.0), nodes=256))[1, 1])
    return [
        _fact(
            "damping of ψ: γ/2 (R1) and λ (penalty without ½), both 10",
            damping("r1"),
            damping("zero-gp"),
            (10, 20),
            1e-9,
        ),
        _fact("damping of ψ: R1 and the noise-induced penalty, both 10", damping("r1"), damping("roth"), (10, 5), 1e-9),
        _fact("damping of ψ: noise-induced penalty and noise of variance 10", damping("roth"), noise, (5, 5), 1e-9),
    ]


_TABLE: dict[str, tuple[str, str, str, Callable[[], list[Fact]]]] = {
    "E1": (
        "the published Dirac-GAN code, consensus optimisation",
        "the coded gradient of ½(θ² + ψ²)f'(ψθ)² has a factor 0.5 before its second term",
        "the factor is 1; the coded field is not a gradient, and it hides that consensus optimisation can diverge "
        "(legacy=True reproduces it)",
        _consensus,
    ),
    "E2": (
        "R3GAN, appendix, eigenvalues of the Dirac-GAN",
        "-γ/2 ± √(γ²/4 - f'(0))",
        "-γ/2 ± √(γ²/4 - f'(0)²), as the determinant printed with it says: the critical γ is 2|f'(0)| = 1",
        _critical,
    ),
    "E3": (
        "the published training code, R1",
        "the paper's penalty is (γ/2) E|∇D|²; the code adds reg_param · E|∇D|²",
        "γ = 2 reg_param, so that reg_param = 10 is γ = 20 (λ of WGAN-GP and DRAGAN likewise)",
        _half,
    ),
    "E4": (
        "the published training code, 'wgan' loss",
        "(2t - 1) mean D, which falls on real points: D is a fakeness score",
        "consistent for both players and opposite to the usual orientation; spectra are the same",
        _fakeness,
    ),
    "E5": (
        "the published simulation code",
        "theta += ..., raise NotImplemented, sign(0) = 0",
        "arrays are changed in place, so that the stored path loses its start; NotImplementedError is meant; (0, 0) "
        "becomes a fixed point of WGAN-GP that the method does not have (legacy=True reproduces it)",
        _aliasing,
    ),
    "E6": (
        "the published notebook, eigenvalue plot",
        "the end of the axis is labelled 2γ_crit",
        "the arrays stop at γ = 3f'(0) = 1.5γ_crit",
        _locus,
    ),
    "E7": (
        "the published DRAGAN code",
        "real points are perturbed by 0.5 · std(batch) · U[0, 1)",
        "the noise of the paper is said to be Gaussian with mean 0; this one is one-sided, and has no spread for a "
        "batch at one point (a linear discriminator does not see the difference)",
        _perturbation,
    ),
    "E8": (
        "a published textbook notebook of the Dirac-GAN",
        "the derivative of -log(1 + e^-u) is σ(u)",
        "it is σ(-u); the coded field is the right one turned by a quarter, u → -u",
        _reflected,
    ),
    "E9": (
        "the published Dirac simulation of CLC-GAN",
        "ψ ← ψ + Δt θ - damping ψ with damping = 2 converges",
        "the damping lacks its Δt: λ² + Δt²λ - 1 = 0, |λ| = 1 + Δt²/2 + … > 1; with it the map contracts",
        _undamped,
    ),
    "E10": (
        "third-party ports",
        "LSGAN with a generator that maximises (D - 1)², an output penalty on the generator, consensus of one player",
        "other methods: the first has a nilpotent Jacobian, the second leaves the discriminator unpenalised, the third "
        "has half the damping",
        _variants,
    ),
    "E11": (
        "papers and code, notation",
        "γ, λ and σ² name the weight of a penalty; D may be a fakeness or a realness score",
        "the same number means different dampings: γ for γ/2, 2λ for λ, γ/2 for the noise-induced penalty",
        _conventions,
    ),
}
