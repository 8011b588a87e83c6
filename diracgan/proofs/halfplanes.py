"""The flow of WGAN-GP, linear on either side of ψ = 0: a cycle for γ < 2, and none for γ >= 2.

Where ψ > 0 the field is θ' = -ψ, ψ' = θ - γψ + γg₀, and the mirror image x → -x where ψ < 0; γ, g₀ > 0. That the
derived field is this one, for every γ and g₀, is exact algebra on the traced program. With X = θ + γg₀, X' = -ψ,

    X'' + γX' + X = 0,   ψ'' + γψ' + ψ = 0.

At ψ = 0 both sides point upwards for θ > γg₀ and downwards for θ < -γg₀: there orbits cross. Between, both sides lead
away, and an orbit that comes from ψ > 0 cannot arrive: where ψ falls to 0, X = ψ' < 0.

*γ < 2*, ω = √(1 - γ²/4). Every solution ψ of the linear equation has zeros, π/ω apart. An orbit with ψ ≠ 0 comes to
ψ = 0 at some |θ| > γg₀ and crosses. From (a, 0), a > γg₀, it returns with X = -(a + γg₀)ρ, ρ = exp(-πγ/(2ω)) < 1, to
(-P(a), 0) with

    P(a) = ρa + (1 + ρ)γg₀ > γg₀.

P contracts by ρ, and its fixed point is a* = γg₀(1 + ρ)/(1 - ρ) = γg₀ coth(πγ/(4ω)): one cycle, symmetric, to which
every orbit with ψ ≠ 0 at its start converges; none of them tends to 0.

*γ >= 2.* A solution ψ ≠ 0 of the linear equation has one zero at most. An orbit crosses ψ = 0 once at most, since from
a crossing on the zero is spent; then it stays on its side, and X, ψ → 0: it converges to (-γg₀, 0) from above, or to
(γg₀, 0) from below. No cycle meets ψ ≠ 0, and again no orbit with ψ ≠ 0 at its start tends to 0.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import jax
import numpy as np

from diracgan.catalogue import method
from diracgan.dynamics.compiling import answering
from diracgan.games.fields import VectorField
from diracgan.games.parameters import cast
from diracgan.proofs.records import Record
from diracgan.proofs.search import cover
from diracgan.tracing.boxes import Boxes, exp, sqrt
from diracgan.tracing.polynomials import Polynomial, polynomials, symbol

_PI = Boxes(np.nextafter(math.pi, 0), np.nextafter(math.pi, 4))


@answering
def _velocity(field: VectorField, x: jax.Array) -> jax.Array:
    return cast(field, np.float64).velocity(x)


def side(field: VectorField, sign: int) -> list[Polynomial]:
    """The derived field where ψ has a sign, a polynomial in θ, ψ and the names of the hyper-parameters."""
    field = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), field)
    names = [str(path[-1]).strip("[]'.") for path, _ in jax.tree_util.tree_flatten_with_path(field)[0]]
    with jax.enable_x64(True):
        program = _velocity.trace(field, np.zeros(2)).jaxpr
    return polynomials(program, *(symbol(name) for name in names), side=sign)


def _expected(sign: int) -> list[Polynomial]:
    def term(factor: int, *atoms: Any) -> Polynomial:
        return Polynomial.of({frozenset((atom, 1) for atom in atoms): Fraction(factor)})

    return [term(-1, 1), term(1, 0) - term(1, "gamma", 1) + term(sign, "gamma", "target")]


def linear(field: VectorField) -> bool:
    """Whether the field beside ψ = 0 is the one of the argument, for all values of γ and g₀."""
    try:
        return all(side(field, sign) == _expected(sign) for sign in (1, -1))
    except NotImplementedError:
        return False


def crossing(gamma: Boxes) -> tuple[Boxes, Boxes]:
    """ρ and a*/g₀ for γ in intervals inside (0, 2)."""
    omega = sqrt(1 - gamma.square() / 4.0)
    rho = exp(-(_PI * gamma / (2.0 * omega)))
    return rho, gamma * (1 + rho) / (1 - rho)


# Between these γ, ρ is enclosed.
_GAMMAS = (1e-3, 1.999)


def _contracts(gamma: Boxes) -> np.ndarray:
    rho = crossing(gamma)[0]
    return (rho.low > 0) & (rho.high < 1)


def cycles() -> Record:
    """Both halves of the theorem."""
    done = cover(_contracts, Boxes([[_GAMMAS[0]]], [[_GAMMAS[1]]]), 24)
    return Record(
        name="wgan-gp",
        statement="The flow of WGAN-GP (any g₀ > 0): for γ < 2 every start with ψ ≠ 0 converges to one cycle through "
        "|θ| = γg₀ coth(πγ/(4√(1 - γ²/4))), ψ = 0; for γ >= 2 there is no cycle and every such start converges to "
        "(-γg₀, 0) or (γg₀, 0). None converges to the solution.",
        closed=linear(method("wgan-gp")) and done.closed,
        constants={"gammas of the enclosures": _GAMMAS},
        boxes=done.boxes + 2,
        depth=done.depth,
        evaluated="exact algebra on the derived field beside ψ = 0; 0 < ρ < 1 on intervals of γ; the rest is "
        "an argument by hand (diracgan/proofs/halfplanes.py)",
    )
