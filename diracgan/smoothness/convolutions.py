"""The inf-convolutions of the construction: a divergence restricted by one, two or three norms of its discriminator.

    J(μ) = max over D of  E_μ f(D) + E_ν f(-D) - (γ/2)‖D‖²_H   subject to  |D'| <= lipschitz,  |D''| <= smooth

With f(t) = t it is the inf-convolution of the Kantorovich-Rubinstein norm, the norm of smooth test functions and the
squared RKHS norm (reported of Chu et al. 2020); with the log-loss the bounds act on the score, as spectral
normalisation and gradient penalties do.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from diracgan.games.inputs import as_choice, as_interval
from diracgan.games.module import attribute, replace
from diracgan.games.parameters import Parameter
from diracgan.smoothness import classes, solvers
from diracgan.smoothness.conditions import EDGE
from diracgan.smoothness.divergences import Divergence, Evaluation, cloud
from diracgan.smoothness.kernels import TAU
from diracgan.smoothness.transport import Wasserstein1

_NORMS = (
    Parameter("lipschitz", "α", "bound on |D'|", open_low=True),
    Parameter("smooth", "β", "bound on |D''|", open_low=True),
    Parameter("gamma", "γ", "weight of the squared RKHS norm, γ/2", open_low=True),
)


def _optional(declared: Parameter) -> Any:
    def converted(value: Any) -> float | None:
        return None if value is None else declared.number(value)

    return attribute(default=None, converter=converted, static=True)


def _link(value: Any) -> str:
    return as_choice(value, "link", tuple(solvers.LINKS))


def _span(value: Any) -> tuple[float, float] | None:
    return None if value is None else as_interval(value, "span", EDGE)


class InfConvolution(Divergence):
    """A divergence over scores with bounded slope, bounded curvature and penalised RKHS norm, or some of the three.

    `lipschitz` bounds the slope, `smooth` the curvature, `gamma` is the weight of half the squared norm in the RKHS of
    the Gaussian kernel of bandwidth `tau`; `link` is "linear" or "log", that of the log-loss, and `span` the part of
    the line that a grid covers, by default as much as the points need.

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
    tau: Any = attribute(default=1.0, converter=TAU.number, static=True)
    link: str = attribute(default="linear", static=True, converter=_link)
    span: tuple[float, float] | None = attribute(default=None, static=True, converter=_span)

    def __check_init__(self) -> None:
        if self.lipschitz is None and self.smooth is None and self.gamma is None:
            raise ValueError(
                "at least one of lipschitz, smooth and gamma must be given: over all scores the supremum is not "
                "attained, and (D1), (D2) and (D3) fail"
            )

    def between(self, points: ArrayLike, data: ArrayLike = 0.0) -> Evaluation:
        """The optimal score for both clouds."""
        points, data = cloud("points", points), cloud("data", data)
        self._bounded(points, data)
        basis = self._basis(np.concatenate([points, data, self.span or ()]))
        weights, bias, value = self._solve(basis, points, data)

        def score(x: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
            if isinstance(basis, classes.Steps):
                return basis.extended(weights, self.lipschitz, x)
            return basis.bend(x, 0) @ weights, basis.bend(x, 1) @ weights

        def potential(x: ArrayLike) -> np.ndarray:
            x = np.asarray(x, np.float64)
            return solvers.price(self.link, score(x.ravel())[0] + bias)[0].reshape(x.shape)

        def slope(x: ArrayLike) -> np.ndarray:
            x = np.asarray(x, np.float64)
            height, rise = score(x.ravel())
            return (solvers.price(self.link, height + bias)[1] * rise).reshape(x.shape)

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
            return solvers.logarithmic(fake, real, gamma, rows, most)
        weights = solvers.linear(gain, rows, most) if gamma == 0 else solvers.nearest(gain / gamma, rows, most)
        return weights, 0.0, float(gain @ weights - gamma / 2 * weights @ weights)

    def slopes(self, theta: ArrayLike, x: ArrayLike) -> np.ndarray:
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
