"""What is known beyond the linearisation: growth at infinity, and the regions in which convergence is proved."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.algorithms import Algorithm, AltGD, SimGD, as_algorithm
from diracgan.atlas.criticality import critical_step
from diracgan.atlas.intervals import Interval, image
from diracgan.fields import VectorField, as_field
from diracgan.methods import Method
from diracgan.verdicts import verdict


@dataclasses.dataclass(frozen=True)
class GlobalStep:
    """What is known of convergence from everywhere at the algorithm's learning rate `h`.

    `verdict` is "certified" (every start converges: proved), "diverges" (starts far out grow without bound), "unstable"
    (the equilibrium itself is not locally stable) or "unknown". `growth_limit` is the learning rate above which starts
    far out diverge, `local` the critical step of the linearisation, `certified` the largest learning rate up to which
    convergence is proved at this penalty.
    """

    verdict: str
    h: float
    certified: float
    growth_limit: float
    local: float
    reason: str


def global_step(method: VectorField, algorithm: Algorithm) -> GlobalStep:
    """Whether training converges from *every* start, where that is known.

    For the minimax GAN with a zero-centred penalty (`r1`, `r2`, `zero-gp`, `r1-r2`) under `SimGD` or `AltGD` with one
    update each. Far out f' is 0 or 1, and with p = hγ - 1 two rounds multiply by [[1, hp], [h, p²]] (SimGD) or
    [[1, hp], [h, h²p + p²]] (AltGD), whose top eigenvalue exceeds 1 as soon as hγ > 1. Below that, convergence is
    proved by a Lyapunov function in the regions of `certified_limit`; outside of them, and for every other method,
    the answer is "unknown": attracting cycles can coexist with a stable equilibrium.

    >>> dg.global_step(dg.method("r1", gamma=2.0), dg.SimGD(0.45)).verdict
    'certified'
    >>> dg.global_step(dg.method("r1", gamma=0.1), dg.AltGD(2.2)).verdict
    'unknown'
    """
    method, algorithm = as_field(method), as_algorithm(algorithm)
    if algorithm.rate is None:
        raise ValueError(f"a global step needs one learning rate for both players; {algorithm!r} has none")
    h, local = float(algorithm.rate), critical_step(method, algorithm).h
    covered = (type(algorithm) is SimGD or (type(algorithm) is AltGD and algorithm.n_g == algorithm.n_d == 1)) and (
        isinstance(method, Method)
        and method.name in ("r1", "r2", "zero-gp", "r1-r2")
        and not {"data", "bias"} & {*method.values, *dict(method.settings)}
    )
    if not covered:
        judged = "unstable" if verdict(method, algorithm).kind == "unstable" else "unknown"
        return GlobalStep(judged, h, math.nan, math.nan, local, "no analysis of this method and algorithm is known")
    with jax.enable_x64(True):
        gamma = -float(jax.jacfwd(method.velocity)(jnp.asarray(method.equilibrium))[1, 1])
    growth = 1 / gamma if gamma > 0 else math.inf
    certified = certified_limit(gamma, alternating=type(algorithm) is AltGD)
    told = f"hγ = {h * gamma:.6g}"
    if h > local:
        return GlobalStep("unstable", h, certified, growth, local, f"h = {h:g} > {local:.6g}: not even locally stable")
    if h * gamma > 1:
        return GlobalStep(
            "diverges", h, certified, growth, local, f"{told} > 1: two rounds far out multiply by more than 1"
        )
    if h < certified:
        return GlobalStep("certified", h, certified, growth, local, f"h = {h:g} < {certified:.6g}: proved region")
    return GlobalStep("unknown", h, certified, growth, local, f"{told} <= 1, but outside the proved regions")


def certified_limit(gamma: float, alternating: bool) -> float:
    """The learning rate below which every start converges, as proved for the minimax GAN with penalty (γ/2)ψ².

    SimGD: 1/γ for γ >= 1.2; 0.9γ for γ <= 1/2; 0.8 min(1, γ) for γ <= 1.25. AltGD: 1/γ for γ >= 1.3; 3.4γ for γ <= 0.1;
    1.5γ for γ <= 1/2; 0.8γ for γ <= 1. 0 elsewhere: nothing is proved there. The largest of those that apply.
    """
    if alternating:
        regions = [(gamma >= 1.3, 1), *((gamma <= top, k * gamma**2) for top, k in ((0.1, 3.4), (0.5, 1.5), (1, 0.8)))]
    else:
        regions = [(gamma >= 1.2, 1), (gamma <= 0.5, 0.9 * gamma**2), (gamma <= 1.25, 0.8 * gamma * min(1, gamma))]
    return max((product / gamma for holds, product in regions if holds and gamma > 0), default=0.0)


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A proof of convergence from a ball: V(x) = xᵀPx decreases strictly on {V <= level} ∖ {0}.

    `radius` is that of the largest ball inside {V <= level}; `inf` when every level is certified. In that limit V of a
    flow is only known not to increase, and LaSalle's principle completes the proof.
    """

    radius: float
    level: float
    P: np.ndarray
    slopes: tuple[float, float]


def certificate(method: VectorField, algorithm: Algorithm | None = None) -> Certificate:
    """A radius inside which convergence is proved, for the flow (`algorithm` None) or for `SimGD`.

    For a zero-sum game of a link with a quadratic penalty the field is v(x) = A(q)x with A(q) = J + (q - q₀)R, where
    q = f'(θψ), q₀ = f'(0), R = [[0, -1], [1, 0]] and J is the Jacobian at the equilibrium. On {xᵀPx <= c} the product
    θψ stays in c(-P₁₂ ± √(P₁₁P₂₂))/(2 det P), so that q stays in an interval. V decreases on the whole set as soon as
    AᵀP + PA < 0 (flow) or (I + hA)ᵀP(I + hA) - P < 0 (SimGD) at both ends: the first is affine and the second convex in
    q. P = [[1, -β], [-β, 1]]; c is found by bisection and β by a search for the largest ball, radius √(c/(1 + β)). For
    the flow with f' > 0 and γ > 0 every ball is certified, the larger the smaller β is taken: the radius is infinite,
    and P is the limit, the identity.

    f' must be monotone, so that its values at the ends bound it; that is shown by interval arithmetic.

    Raises `ValueError` when the field is not of this form or no β certifies any ball.

    >>> round(dg.certificate(dg.method("r1", gamma=0.5), dg.SimGD(0.5)).radius, 3) >= 2.095
    True
    """
    from scipy.optimize import minimize_scalar

    method, algorithm = as_field(method), as_algorithm(algorithm, flow=True)
    if algorithm is not None and (type(algorithm) is not SimGD or algorithm.rate is None):
        raise ValueError(f"a certificate is known for the flow and for SimGD with one rate; {algorithm!r} was given")
    step = None if algorithm is None else float(algorithm.rate)
    with jax.enable_x64(True):
        J, slope = _linear_form(method)
    if step is None and J[0, 0] == 0 > J[1, 1] and np.all(slope(np.linspace(-700, 700, 2801)) > 0):
        # AᵀP + PA < 0 asks for β < 4qγ/(4q² + γ²): as long as q > 0, a small β certifies a ball of any size.
        return Certificate(math.inf, math.inf, np.eye(2), (0.0, float(np.max(slope(np.linspace(-700, 700, 2801))))))
    best = minimize_scalar(lambda b: -_level(J, slope, b, step) / (1 + b), bounds=(1e-6, 0.999), method="bounded")
    grid = max(np.linspace(0.01, 0.99, 50), key=lambda b: _level(J, slope, b, step) / (1 + b))
    beta = max((float(best.x), float(grid)), key=lambda b: _level(J, slope, b, step) / (1 + b))
    level = _level(J, slope, beta, step)
    if not level > 0:
        raise ValueError(f"no quadratic Lyapunov function of this form certifies a ball for {method!r}, {algorithm!r}")
    P = np.array([[1, -beta], [-beta, 1]])
    radius = math.inf if math.isinf(level) else math.sqrt(level / (1 + beta))
    return Certificate(radius, level, P, _ends(slope, P, level))


def _linear_form(method: VectorField) -> tuple[np.ndarray, Any]:
    """J and the function u ↦ f'(u), both from the derived field; `ValueError` when v(x) = A(q)x does not hold."""
    J = np.asarray(jax.jacfwd(method.velocity)(jnp.zeros(2)))
    velocity = jax.jit(jax.vmap(method.velocity))

    def slope(u: Any) -> np.ndarray:
        # v_θ = -ψ f'(θψ) at ψ = 1.
        u = np.atleast_1d(np.asarray(u, float))
        return -np.asarray(velocity(jnp.stack([jnp.asarray(u), jnp.ones(u.shape)], axis=1)))[:, 0] + J[0, 0] * u

    x = np.random.default_rng(0).uniform(-3, 3, (64, 2))
    q = slope(x[:, 0] * x[:, 1]) - J[1, 0]
    expected = x @ J.T + q[:, None] * np.stack([-x[:, 1], x[:, 0]], axis=1)
    if method.domain.bound is not None or not np.allclose(np.asarray(velocity(jnp.asarray(x))), expected, atol=1e-10):
        raise ValueError(f"a certificate needs a zero-sum game with a quadratic penalty; {method!r} is none")
    if not _monotone(method, J):
        raise ValueError(
            f"a certificate needs a link whose f' is monotone; that of {method!r} could not be shown to be"
        )
    return J, lambda u: slope(u)


def _monotone(method: VectorField, J: np.ndarray) -> bool:
    """Whether f'' keeps its sign on the whole line, shown by interval arithmetic."""

    def slope(u: jax.Array) -> jax.Array:
        return -method.velocity(jnp.stack([u, jnp.ones_like(u)]))[0] + J[0, 0] * u

    program = jax.make_jaxpr(jax.grad(slope))(jnp.zeros(()))
    edges = [-math.inf, *np.linspace(-700, 700, 281).tolist(), math.inf]
    box = np.empty((), object)
    signs = set()
    for low, high in itertools.pairwise(edges):
        box[()] = Interval(low, high)
        try:
            found = image(program, box)[0].item()
        except NotImplementedError:
            return False
        # Outward rounding of a 0 leaves a denormal on its wrong side.
        signs |= {sign for sign, beyond in ((1, found.high > 1e-300), (-1, found.low < -1e-300)) if beyond}
        if len(signs) == 2 or math.isnan(found.low) or math.isnan(found.high):
            return False
    return True


def _ends(slope: Any, P: np.ndarray, level: float) -> tuple[float, float]:
    """The least and the largest f'(θψ) on {xᵀPx <= level}, for a monotone f'."""
    if math.isinf(level):
        level = 1e6
    product = level * (-P[0, 1] + np.array([-1, 1]) * math.sqrt(P[0, 0] * P[1, 1])) / (2 * np.linalg.det(P))
    q = slope(np.clip(product, -700, 700))
    return float(q.min()), float(q.max())


def _level(J: np.ndarray, slope: Any, beta: float, step: float | None) -> float:
    """The largest level that P = [[1, -β], [-β, 1]] certifies; 0 when none, inf when all."""
    P = np.array([[1, -beta], [-beta, 1]])
    R = np.array([[0.0, -1.0], [1.0, 0.0]])

    def holds(level: float) -> bool:
        for q in _ends(slope, P, level):
            A = J + (q - J[1, 0]) * R
            M = np.eye(2) + (0 if step is None else step) * A
            change = A.T @ P + P @ A if step is None else M.T @ P @ M - P
            (a, b), (_, d) = change
            if not (a < 0 > d and a * d - b * b > 1e-12 * abs(a * d)):
                return False
        return True

    if not holds(1e-9):
        return 0.0
    if holds(1e6):
        return math.inf
    low, high = 1e-9, 1e6
    for _ in range(80):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
