"""The inf-convolutions of the construction: a divergence restricted by one, two or three norms of its discriminator.

    J(μ) = max over D of  E_μ f(D) + E_ν f(-D) - (γ/2)‖D‖²_H   subject to  |D'| <= lipschitz,  |D''| <= smooth

With f(t) = t it is the inf-convolution of the Kantorovich-Rubinstein norm, the norm of smooth test functions and the
squared RKHS norm (reported of Chu et al. 2020); with the log-loss the bounds act on the score, as spectral
normalisation and gradient penalties do.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.games.losses import Loss, Minimax, Wasserstein
from diracgan.games.module import attribute, replace
from diracgan.games.parameters import Parameter
from diracgan.smoothness import classes
from diracgan.smoothness.divergences import TAU, Divergence, Evaluation, Wasserstein1, cloud

_NORMS = (
    Parameter("lipschitz", "α", "bound on |D'|", open_low=True),
    Parameter("smooth", "β", "bound on |D''|", open_low=True),
    Parameter("gamma", "γ", "weight of the squared RKHS norm, γ/2", open_low=True),
)
_LINKS: dict[str, Loss] = {"linear": Wasserstein(), "log": Minimax()}


def _optional(declared: Parameter) -> Any:
    def converted(value: Any) -> float | None:
        return None if value is None else float(declared.convert(value))

    return attribute(default=None, converter=converted, static=True)


class InfConvolution(Divergence):
    """A divergence over scores with bounded slope, bounded curvature and penalised RKHS norm, or some of the three.

    `lipschitz` alone is lipschitz·W₁, `gamma` alone MMD²/2γ. Solved as a linear program (HiGHS), a least-distance
    problem (Lawson and Hanson's NNLS, of SciPy) or, with the log-loss, a sequence of them. With an RKHS norm the bounds
    hold at nodes a twelfth of a bandwidth apart; without one a bounded curvature is resolved by a grid.

    Raises `ValueError` where no norm is given, since the supremum is then infinite or not attained.

    >>> J = dg.smoothness.InfConvolution(lipschitz=2.0)
    >>> round(J.value(1.5), 9)
    3.0
    """

    title: ClassVar[str] = "Inf-convolution"
    lipschitz: Any = _optional(_NORMS[0])
    smooth: Any = _optional(_NORMS[1])
    gamma: Any = _optional(_NORMS[2])
    tau: Any = attribute(default=1.0, converter=lambda value: float(TAU.convert(value)), static=True)
    link: str = attribute(default="linear", static=True)
    span: tuple[float, float] | None = attribute(default=None, static=True)

    def __check_init__(self) -> None:
        if self.link not in _LINKS:
            raise ValueError(f"link must be one of {', '.join(map(repr, _LINKS))}; {self.link!r} was given")
        if self.lipschitz is None and self.smooth is None and self.gamma is None:
            raise ValueError(
                "at least one of lipschitz, smooth and gamma must be given: over all scores the supremum is not "
                "attained, and (D1), (D2) and (D3) fail"
            )

    def between(self, points: Any, data: Any = 0.0) -> Evaluation:
        """The optimal score for both clouds."""
        points, data = cloud("points", points), cloud("data", data)
        self._bounded(points, data)
        basis = self._basis(np.concatenate([points, data, self.span or ()]))
        weights, bias, value = self._solve(basis, points, data)

        def score(x: Any) -> tuple[np.ndarray, np.ndarray]:
            if isinstance(basis, classes.Steps):
                return basis.extended(weights, self.lipschitz, x)
            return basis.bend(x, 0) @ weights, basis.bend(x, 1) @ weights

        def potential(x: Any) -> np.ndarray:
            x = np.asarray(x, np.float64)
            return _price(self.link, score(x.ravel())[0] + bias)[0].reshape(x.shape)

        def slope(x: Any) -> np.ndarray:
            x = np.asarray(x, np.float64)
            height, rise = score(x.ravel())
            return (_price(self.link, height + bias)[1] * rise).reshape(x.shape)

        return Evaluation(value, slope(points) / len(points), potential, slope)

    def _bounded(self, points: np.ndarray, data: np.ndarray) -> None:
        """A bound on the curvature alone leaves D free to be any line."""
        unbounded = self.lipschitz is None and self.gamma is None
        if unbounded and self.link == "linear" and abs(points.mean() - data.mean()) > 1e-12:
            raise ValueError(
                "smooth alone needs clouds of equal means, since straight lines have no curvature: the supremum is "
                "infinite and (D1) fails; give lipschitz or gamma, too"
            )

    def _basis(self, atoms: np.ndarray) -> classes.Class:
        if self.gamma is not None:
            return classes.kernel(atoms, self.tau)
        if self.smooth is None:
            return classes.steps(atoms)
        # A linear program takes any number of cells; Newton's method solves a problem of that size at every step.
        return classes.slopes(atoms, 160 if self.link == "linear" else 80)

    def _rows(self, basis: classes.Class) -> tuple[np.ndarray, np.ndarray]:
        """The bounds |rows w| <= most."""
        rows, most = [np.zeros((0, basis.size))], [np.zeros(0)]
        at = basis.knots if isinstance(basis, classes.Slopes) else basis.nodes
        for order, bound, where in ((1, self.lipschitz, at), (2, self.smooth, basis.nodes)):
            if bound is not None:
                rows.append(basis.bend(where, order))
                most.append(np.full(len(where), bound))
        return np.concatenate(rows), np.concatenate(most)

    def _solve(self, basis: classes.Class, points: np.ndarray, data: np.ndarray) -> tuple[np.ndarray, float, float]:
        rows, most = self._rows(basis)
        fake, real = basis.bend(points, 0), basis.bend(data, 0)
        gain, gamma = fake.mean(0) - real.mean(0), self.gamma or 0.0
        if self.link == "log":
            return _logarithmic(fake, real, gamma, rows, most)
        weights = _linear(gain, rows, most) if gamma == 0 else _nearest(gain / gamma, rows, most)
        return weights, 0.0, float(gain @ weights - gamma / 2 * weights @ weights)

    def slopes(self, theta: Any, x: Any) -> np.ndarray:
        """∂Φ/∂x at the places `x` for the pairs (δ_θ, δ_0)."""
        if (self.smooth, self.gamma, self.link) == (None, None, "linear"):
            return self.lipschitz * Wasserstein1().slopes(theta, x)
        return super().slopes(theta, x)

    def spanning(self, low: float, high: float) -> InfConvolution:
        """The same with one grid for all clouds in a box, so that results depend smoothly on the points."""
        return replace(self, span=(low, high))

    def __repr__(self) -> str:
        names = ("lipschitz", "smooth", "gamma", "tau", "link")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if self.gamma is None:
            del given["tau"]
        return f"InfConvolution({', '.join(f'{name}={value!r}' for name, value in given.items())})"


def _linear(gain: np.ndarray, rows: np.ndarray, most: np.ndarray) -> np.ndarray:
    """max gain·w subject to |rows w| <= most, by HiGHS."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    both = csr_array(np.concatenate([rows, -rows]))
    done = linprog(-gain, both, np.concatenate([most, most]), bounds=(None, None), method="highs")
    if done.status != 0:
        raise ArithmeticError(f"the linear program of the optimal score was not solved: {done.message}")
    return done.x


def _nearest(target: np.ndarray, rows: np.ndarray, most: np.ndarray) -> np.ndarray:
    """The w nearest to `target` with |rows w| <= most: the least-distance problem, solved by NNLS."""
    from scipy.optimize import nnls

    both, room = np.concatenate([rows, -rows]), np.concatenate([most, most])
    room = room - both @ target
    if np.all(room >= 0):
        return target
    # Lawson and Hanson: with y = w - target, -both y >= -room; y is read off the residual.
    matrix = np.concatenate([-both.T, -room[None]])
    right = np.zeros(len(matrix))
    right[-1] = 1.0
    multipliers, _ = nnls(matrix, right, maxiter=50 * matrix.shape[1])
    residual = matrix @ multipliers - right
    return target - residual[:-1] / residual[-1]


def _logarithmic(
    fake: np.ndarray, real: np.ndarray, gamma: float, rows: np.ndarray, most: np.ndarray
) -> tuple[np.ndarray, float, float]:
    """The optimal score of the log-loss with a bias, which no norm sees: Newton's method, each step least-distance."""
    fake, real = (np.append(part, np.ones((len(part), 1)), 1) for part in (fake, real))
    rows = np.append(rows, np.zeros((len(rows), 1)), 1)
    ridge = np.append(np.full(fake.shape[1] - 1, gamma), 0.0)
    w = np.zeros(fake.shape[1])

    def objective(w: np.ndarray) -> float:
        gained = _price("log", fake @ w)[0].mean() + _price("log", -real @ w)[0].mean()
        return float(gained - ridge @ w**2 / 2)

    for _ in range(100):
        (_, up, bent), (_, down, bowed) = _price("log", fake @ w), _price("log", -real @ w)
        slope = up @ fake / len(fake) - down @ real / len(real) - ridge * w
        curvature = fake.T @ (-bent[:, None] * fake) / len(fake) + real.T @ (-bowed[:, None] * real) / len(real)
        step = _newton_step(w, slope, curvature + np.diag(ridge), rows, most)
        rise = float(slope @ step)
        if rise < 1e-13:
            return w[:-1], float(w[-1]), objective(w)
        here, share = objective(w), 1.0
        while objective(w + share * step) < here + share * rise / 4 and share > 1e-8:
            share /= 2
        w = w + share * step
    raise ArithmeticError("the optimal score of the log-loss was not found in 100 steps of Newton's method")


def _newton_step(
    w: np.ndarray, slope: np.ndarray, curvature: np.ndarray, rows: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """The step that maximises slope·d - ½d·curvature·d subject to |rows(w + d)| <= most."""
    from scipy.linalg import solve_triangular

    # Where all scores saturate there is next to no curvature left: a small multiple of the largest holds the step.
    held = curvature + 1e-9 * max(np.trace(curvature), 1e-6) * np.eye(len(w))
    lower = np.linalg.cholesky(held)
    full = lower.T @ w + solve_triangular(lower, slope, lower=True)
    if len(rows):
        full = _nearest(full, solve_triangular(lower, rows.T, lower=True).T, most)
    return solve_triangular(lower.T, full, lower=False) - w


def _price(link: str, scores: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """f, f' and f'' at many scores."""
    if link == "linear":
        return np.asarray(scores), np.ones_like(scores), np.zeros_like(scores)
    with jax.enable_x64(True):
        return tuple(np.asarray(part) for part in _log_price(scores))  # type: ignore[return-value]


@answering
def _log_price(scores: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    link = _LINKS["log"].link
    return link(scores), jax.vmap(jax.grad(link))(scores), jax.vmap(jax.grad(jax.grad(link)))(scores)
