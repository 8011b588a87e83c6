"""The convergence theorem of the 2018 paper (Mescheder et al., Theorem 4.1) at a state of a given game."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.beyond.blocks import Blocks, blocks
from diracgan.beyond.manifolds import Kernel, flattened, integrable, kernel, law, score, slices
from diracgan.beyond.steps import altgd_step, radius, simgd_step
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.spectrum import at_kink
from diracgan.games.general import GAN
from diracgan.games.inputs import as_kind, reals, told
from diracgan.games.parameters import Parameter
from diracgan.games.states import finite_state

LARGEST = 2000
TOLERANCE = Parameter("tolerance", "ε", "share of the largest singular value", 1e-8, (0.0, 1.0), open_low=True)
_ZERO = 1e-6  # what a residual of assumption I may be
_LEFT = 1e-6  # what may be left of a residual along a manifold


@dataclasses.dataclass(frozen=True)
class LocalConvergence:
    """What the theorem says of a game at a state; every number of it is numerical, nothing is proved.

    With h(ψ) = E_{p_D}[D² + |∇ₓD|²], M_D = {h = 0}, M_G = {p_θ = p_D} and g(θ) = E_{p_θ}[∇_ψD] the theorem assumes

        I        p_θ = p_D, and D = 0 near the data
        II       f'(0) ≠ 0 and f''(0) < 0
        III (i)  ∂²_v h ≠ 0 for every v that is not tangent to M_D
        III (ii) ∂_w g ≠ 0 for every w that is not tangent to M_G
        III      both, and M_D and M_G are manifolds near the state

    Attributes:
        verdict: "converges to the manifold", "neutral", "unstable", or "the theorem does not apply: ..." and which
            assumption fails. II is reported and not asked for: the spectrum decides.
        assumptions: whether each of "I", "II", "III", "III (i)", "III (ii)" holds.
        tangent_generator, tangent_discriminator: the dimensions of the tangent spaces of M_G and M_D.
        spectrum: the eigenvalues of the Jacobian normal to M_G × M_D, by falling real part; empty at a kink.
        step_simgd, step_altgd: the largest stable step of each; 0 where no step is stable, NaN at a kink.
        rate_simgd, rate_altgd: the contraction per round at a quarter of that step.
        blocks: "K_DG", "K_DD", "L_DD", and "J", the Jacobian that they make.
        jacobian: the one by autodiff, shape (n, n).
        tangent, normal: orthonormal columns, shapes (n, k) and (n, n - k).
        unseen: orthonormal columns, shape (n, m): normal directions along which the velocity does not change.
        unseen_generator: how many independent normal directions of the generator the discriminator does not see.
        residuals: of "p_θ = p_D", "D on the data", "D near the data", "velocity", "f'(0)", "f''(0)", the "balance" of
            the loss, "M_G" and "M_D" (0 for manifolds), the smallest singular values "III (i)" and "III (ii)" off the
            tangent spaces, "blocks" (of the assembled Jacobian against autodiff) and "J on the tangent space". Where
            the loss is no link of each score, f'(0) is ∂L_D by a generated score and f''(0) the mean of ∂²L_D by
            a generated and by a real one.
        gaps: for "M_G" and "M_D" the smallest singular value kept and the largest taken for 0.
        tolerance: below this share of the largest a singular value was taken for 0.
    """

    verdict: str
    assumptions: Mapping[str, bool]
    tangent_generator: int
    tangent_discriminator: int
    spectrum: np.ndarray
    step_simgd: float
    step_altgd: float
    rate_simgd: float
    rate_altgd: float
    blocks: Mapping[str, np.ndarray]
    jacobian: np.ndarray
    tangent: np.ndarray
    normal: np.ndarray
    unseen: np.ndarray
    unseen_generator: int
    residuals: Mapping[str, float]
    gaps: Mapping[str, tuple[float, float]]
    tolerance: float

    def contraction(self, h: float, alternating: bool = False) -> float:
        """The factor by which the distance to the manifold shrinks in a round of SimGD or AltGD with step h."""
        across = self.normal.T @ self.jacobian @ self.normal
        size = len(self.blocks["J"]) - len(self.blocks["K_DD"])
        return radius(across, h, _count(self.normal, size) if alternating else None)

    def __str__(self) -> str:
        held = ", ".join(f"{name} {'holds' if holds else 'fails'}" for name, holds in self.assumptions.items())
        leading = f"leading normal eigenvalue {self.spectrum[0]:.6g}" if len(self.spectrum) else "no spectrum"
        return (
            f"{self.verdict} [{held}; dim M_G = {self.tangent_generator}, dim M_D = {self.tangent_discriminator}; "
            f"{leading}; SimGD h < {self.step_simgd:.6g}, AltGD h < {self.step_altgd:.6g}; numerically, ranks at "
            f"{self.tolerance:g}]"
        )

    __repr__ = __str__


@in_float64
def local_convergence(
    game: GAN, at: Any = None, *, symmetries: Any = None, tolerance: float = 1e-8
) -> LocalConvergence:
    """What the convergence theorem for gradient penalties says of a game at a state.

    Args:
        game: a `GAN` of at most 2000 parameters; beyond, ask `leading_spectrum`.
        at: the state, shape `(n,)`; that of the modules the game was built from by default.
        symmetries: directions, shape `(m, n)`, along which the state stays an equilibrium although a quadrature that
            breaks a symmetry, or a kernel, does not show it; they are taken for tangent.
        tolerance: the share of the largest singular value below which one is taken for 0, > 0 and < 1.

    Computed in float64, whatever type JAX defaults to. Raises `TypeError` for what is no `GAN`, and `ValueError` for a
    game that draws minibatches, one that is too large, and a state or symmetries that do not fit.

    Source: Mescheder, Geiger and Nowozin 2018, section 4.

    >>> from diracgan.beyond import problems
    >>> print(local_convergence(problems()[0].game).verdict)
    converges to the manifold
    """
    as_kind(game, "game", GAN, "dg.beyond.problems()[0].game")
    if game.changing:
        raise ValueError(f"{game.changing}: the theorem is about one field; give the measures and no samplers")
    if game.dimension > LARGEST:
        raise ValueError(
            f"all eigenvalues need at most {LARGEST} parameters; the game has {game.dimension}: use leading_spectrum"
        )
    tolerance = TOLERANCE.number(tolerance)
    x = finite_state(game.equilibrium if at is None else at, game.dimension, batch=False, name="at")
    return _examined(game, np.asarray(x, np.float64), _declared(symmetries, game.dimension), tolerance)


def _declared(symmetries: Any, n: int) -> np.ndarray:
    numbers = np.zeros((0, n)) if symmetries is None else reals(symmetries)
    if numbers is None:
        raise TypeError(f"symmetries must be directions of shape (m, {n}), or None; {told(symmetries)} was given")
    given = np.atleast_2d(numbers)
    if given.ndim != 2 or given.shape[1] != n or not np.all(np.isfinite(given)):
        raise ValueError(f"symmetries must be finite directions of shape (m, {n}); shape {given.shape} was given")
    return given


def _examined(game: GAN, x: np.ndarray, symmetries: np.ndarray, tolerance: float) -> LocalConvergence:
    size = game.generator_size
    test, degree = slices(flattened(game, x), size)
    with_theta = lambda theta: np.concatenate([theta, x[size:]])
    with_psi = lambda psi: np.concatenate([x[:size], psi])
    # What is differentiable only on one side (a kink at D = 0) has manifolds, but no Jacobian.
    of_law = lambda theta: _arrays(law(game, jnp.asarray(with_theta(theta)), test, degree))
    of_score = lambda psi: _arrays(score(game, jnp.asarray(with_psi(psi))))
    apart, by_theta = of_law(x[:size])
    value, by_psi = of_score(x[size:])
    M_G = kernel(by_theta, tolerance, symmetries[:, :size].T)
    M_D = kernel(by_psi, tolerance, symmetries[:, size:].T)
    found = blocks(game, jnp.asarray(x))
    seen = np.linalg.svd(np.asarray(found.slope_of_g) @ M_G.normal, compute_uv=False)
    residuals = {
        "p_θ = p_D": float(np.max(np.abs(apart))),
        "D on the data": float(np.max(np.abs(value))),
        "D near the data": _near(game, x, test.radius),
        "velocity": float(np.max(np.abs(np.asarray(game(jnp.asarray(x)))))),
        "f'(0)": float(found.link.slope),
        "f''(0)": float(found.link.curvatures[0] + found.link.curvatures[1]) / 2,
        "balance": float(found.link.balance),
        "M_G": integrable(of_law, x[:size], M_G),
        "M_D": integrable(of_score, x[size:], M_D),
        "III (i)": M_D.gap[0],
        "III (ii)": float(np.min(seen[: M_G.normal.shape[1]], initial=math.inf)),
        "blocks": float(np.max(np.abs(found.assembled - found.jacobian))),
    }
    blind = _blind(np.asarray(found.slope_of_g), M_G.normal, tolerance)
    return _judged(game, x, M_G, M_D, found, residuals, blind, tolerance)


def _arrays(parts: Any) -> Any:
    return tuple(np.asarray(part) for part in parts)


def _near(game: GAN, x: np.ndarray, radius: float) -> float:
    """The largest |D| at points a twentieth of the data's extent away from a real point."""
    D, real, _ = game.play(jnp.asarray(x))
    shifts = np.random.default_rng(2).normal(size=(4, *real.points.shape[1:]))
    nearby = [real.points + 0.05 * radius * shift / np.linalg.norm(shift) for shift in shifts]
    return float(jnp.max(jnp.abs(jax.vmap(D)(jnp.concatenate(nearby)))))


def _blind(slope_of_g: np.ndarray, normal: np.ndarray, tolerance: float) -> int:
    sizes = np.linalg.svd(slope_of_g @ normal, compute_uv=False)
    scale = np.linalg.norm(slope_of_g, 2)
    return normal.shape[1] - int(np.sum(sizes > tolerance * max(float(scale), np.finfo(float).tiny)))


def _assumptions(residuals: Mapping[str, float], blind: int) -> dict[str, bool]:
    met = ("p_θ = p_D", "D on the data", "D near the data", "balance")
    flat = {name: residuals[name] <= _LEFT for name in ("M_G", "M_D")}
    sees = blind == 0 and flat["M_G"]
    return {
        "I": all(abs(residuals[name]) <= _ZERO for name in met) and residuals["velocity"] <= _ZERO,
        "II": residuals["f'(0)"] != 0 and residuals["f''(0)"] < 0,
        "III": flat["M_D"] and flat["M_G"] and sees,
        "III (i)": flat["M_D"],
        "III (ii)": sees,
    }


def _judged(
    game: GAN,
    x: np.ndarray,
    M_G: Kernel,
    M_D: Kernel,
    found: Blocks,
    residuals: dict[str, float],
    blind: int,
    tolerance: float,
) -> LocalConvergence:
    J = np.asarray(found.jacobian)
    tangent, normal = _together(M_G.tangent, M_D.tangent), _together(M_G.normal, M_D.normal)
    across, first = normal.T @ J @ normal, M_G.normal.shape[1]
    kink = at_kink(game, jnp.asarray(x))
    values = np.zeros(0, complex) if kink else ordered(np.linalg.eigvals(across))
    assumptions = _assumptions(residuals, blind)
    kind = "unstable" if kink else _kind(across)
    stable = kind == "converges to the manifold"
    steps = (simgd_step(across), altgd_step(across, first)) if stable else (math.nan, math.nan) if kink else (0.0, 0.0)
    rates = [
        radius(across, step / 4, who) if stable else math.nan for step, who in zip(steps, (None, first), strict=True)
    ]
    return LocalConvergence(
        verdict=_verdict(kink, assumptions, residuals, kind),
        assumptions=assumptions,
        tangent_generator=M_G.tangent.shape[1],
        tangent_discriminator=M_D.tangent.shape[1],
        spectrum=values,
        step_simgd=steps[0],
        step_altgd=steps[1],
        rate_simgd=rates[0],
        rate_altgd=rates[1],
        blocks={name: np.asarray(getattr(found, name)) for name in ("K_DG", "K_DD", "L_DD")}
        | {"J": np.asarray(found.assembled)},
        jacobian=J,
        tangent=tangent,
        normal=normal,
        unseen=normal @ kernel(across, tolerance).tangent if not kink else np.zeros((len(x), 0)),
        unseen_generator=blind,
        residuals=residuals | {"J on the tangent space": float(np.max(np.abs(J @ tangent), initial=0.0))},
        gaps={"M_G": M_G.gap, "M_D": M_D.gap},
        tolerance=tolerance,
    )


def ordered(values: np.ndarray) -> np.ndarray:
    """Eigenvalues by falling real part; of those that differ by rounding the slower turning ones first."""
    values = values.astype(complex)
    grid = 1e-9 * np.max(np.abs(values), initial=np.finfo(float).tiny)
    return values[np.lexsort((-values.imag, np.round(np.abs(values.imag) / grid), -np.round(values.real / grid)))]


def _together(of_generator: np.ndarray, of_discriminator: np.ndarray) -> np.ndarray:
    from scipy.linalg import block_diag

    return block_diag(of_generator, of_discriminator)


def _count(normal: np.ndarray, size: int) -> int:
    """How many normal directions are the generator's."""
    return int(np.sum(np.any(normal[:size] != 0, axis=0)))


def _kind(J: np.ndarray) -> str:
    """By the largest real part; on the axis, up to what rounding moves it, linearisation cannot decide."""
    from scipy.linalg import eig

    if not len(J):
        return "converges to the manifold"
    values, left, right = eig(J, left=True)
    eps, size = np.finfo(float).eps, np.linalg.norm(J, 2)
    overlap = np.abs(np.sum(np.conj(left) * right, axis=0))
    moved = np.minimum(64 * eps * size / np.maximum(overlap, eps), math.sqrt(64 * eps) * size)
    if np.all(values.real < -moved):
        return "converges to the manifold"
    return "unstable" if np.any(values.real > moved) else "neutral"


def _verdict(kink: bool, assumptions: Mapping[str, bool], residuals: Mapping[str, float], kind: str) -> str:
    fails = "the theorem does not apply: "
    if kink:
        return fails + "the field is not differentiable here, a kink of the loss or of a penalty passes through"
    if not assumptions["I"]:
        return (
            fails + f"I fails (p_θ = p_D up to {residuals['p_θ = p_D']:.3g}, |D| <= {residuals['D near the data']:.3g})"
        )
    if assumptions["III"]:
        return kind
    parts = {"M_D": "III (i)", "M_G": "III (ii)"}
    broken = [f"{name} is no manifold here" for name in ("M_G", "M_D") if residuals[name] > _LEFT]
    if not broken:
        return fails + "III (ii) fails (the discriminator does not see a direction that moves p_θ)"
    return fails + " and ".join(sorted({parts[words[:3]] for words in broken})) + f" fails ({', '.join(broken)})"
