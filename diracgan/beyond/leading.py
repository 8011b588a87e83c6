"""The leading eigenvalues of games of many parameters, without their Jacobian: `jvp` inside ARPACK."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from diracgan.dynamics.compiling import in_float64, running
from diracgan.games.fields import as_field
from diracgan.games.inputs import as_choice, told
from diracgan.games.parameters import Parameter, cast
from diracgan.games.states import finite_state

# How eigenvalues are ordered: the first of `leading_spectrum` is the largest of these.
ORDERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "LR": lambda values: values.real,
    "SR": lambda values: -values.real,
    "LM": np.abs,
    "LI": lambda values: np.abs(values.imag),
}
TOLERANCE = Parameter("tolerance", "ε", "residual in units of the size of J", 1e-10, (0.0, 1.0), open_low=True)
RESTARTS = Parameter("restarts", "N", "restarts of ARPACK", 300, (1, 10**6), kind=int)
ROUND = Parameter("step", "k", "number of the round", 0, (0, 2**31 - 1), kind=int)
DENSE = 1000
_KRYLOV = 40
# Up to this share of the size two passes agree: a defective eigenvalue is known to the root of the rounding only.
_SAME = 1e-7
_PASSES = 12
_SUBSTEPS = 20
_TURNS = 1e-2
# Of the flow that is used as a filter: hμ of every substep, well inside the stability region of the Runge-Kutta rule.
_SUBSTEP = 0.4

Apply = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class LeadingSpectrum:
    """The leading eigenvalues of a Jacobian: `values`, complex, shape `(k,)`; fewer where ARPACK found fewer.

    `residuals` are |Jw - μw| for the eigenvectors w of unit length, in units of the size of J, `vectors` these, shape
    `(n, k)`; `converged` says whether all k were found to the tolerance, `applications` how many products Jw it took.
    """

    values: np.ndarray
    residuals: np.ndarray
    vectors: np.ndarray
    converged: bool
    applications: int

    def __repr__(self) -> str:
        shown = ", ".join(f"{value:.6g}" for value in self.values[:4]) + (", ..." if len(self.values) > 4 else "")
        state = "converged" if self.converged else "not converged"
        return f"LeadingSpectrum([{shown}], {state}, residuals <= {np.max(self.residuals, initial=0.0):.1e})"


@in_float64
def leading_spectrum(
    game: Any,
    at: ArrayLike | None = None,
    k: int = 6,
    which: str = "LR",
    *,
    step: int | None = None,
    tolerance: float = 1e-10,
    restarts: int = 300,
) -> LeadingSpectrum:
    """The k leading eigenvalues of the Jacobian ∂v/∂x of a game, or of any field, by matrix-vector products alone.

    Args:
        game: a `GAN`, a method or another field.
        at: the state, shape `(n,)`; the declared equilibrium by default.
        k: how many, 1 <= k < n; it may cut a complex pair in two.
        which: "LR" the largest real parts, "SR" the smallest, "LM" the largest moduli, "LI" the largest |imaginary|
                (converged only while these are no less than a hundredth of the size of J).
        step: the round of a game that draws minibatches.
        tolerance: of the residuals, in units of the size of J.
        restarts: how often ARPACK may restart before it gives up.

    One product is one `jvp` of the velocity, about three of its evaluations. ARPACK sees a multiple eigenvalue once:
    what was found is deflated and the search repeated until nothing better turns up. Beyond 1000 parameters "LR" is
    found through the flow of J over a short time, whose largest multipliers belong to the largest real parts.

    Computed in float64. Where ARPACK does not converge the result holds what it found, with its residuals and
    `converged` False. Raises `ValueError` for k >= n, for an unknown order, and for a game of minibatches without step.

    >>> leading_spectrum(dg.method("r1", gamma=0.3), k=1).values.round(6).tolist()
    [(-0.15+0.47697j)]
    """
    field = as_field(game)
    n = field.dimension
    which = as_choice(which, "which", tuple(ORDERS))
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k < n:
        raise ValueError(f"k must be an integer with 1 <= k < n = {n}; {told(k)} was given: for all use dg.eigenvalues")
    tolerance, restarts = TOLERANCE.number(tolerance), RESTARTS.convert(restarts)
    step = ROUND.optional(step)
    if field.changing and step is None:
        raise ValueError(f"there is no one Jacobian: {field.changing}; give step= for that of a round")
    x = jnp.asarray(finite_state(field.equilibrium if at is None else at, n, batch=False, name="at"), jnp.float64)
    return _Search(field.in_round(0 if step is None else step), x, int(k), which, tolerance, restarts).run()


@running
def _product(field: Any, x: jax.Array, w: jax.Array) -> jax.Array:
    field = cast(field, x.dtype)
    return jax.jvp(field.velocity, (x,), (w,))[1]


@running
def _flowed(field: Any, x: jax.Array, w: jax.Array, h: jax.Array) -> jax.Array:
    """`_SUBSTEPS` steps of the classical Runge-Kutta rule for dw/dt = Jw: the fourth Taylor polynomial of e^{hJ}."""
    field = cast(field, x.dtype)
    product = jax.linearize(field.velocity, x)[1]

    def substep(_: object, w: jax.Array) -> jax.Array:
        term, total = w, w
        for order in range(1, 5):
            term = h / order * product(term)
            total = total + term
        return total

    return jax.lax.fori_loop(0, _SUBSTEPS, substep, w)


class _Search:
    """Eigenpairs of J, collected as an orthonormal basis of a subspace that J maps to itself."""

    def __init__(self, field: Any, x: jax.Array, k: int, which: str, tolerance: float, restarts: int):
        self.field, self.x, self.k, self.which = field, x, k, which
        self.tolerance, self.restarts = tolerance, restarts
        self.n = len(x)
        self.applications = 0
        self.random = np.random.default_rng(0)

    def product(self, w: np.ndarray) -> np.ndarray:
        """Jw."""
        self.applications += 1
        return np.asarray(_product(self.field, self.x, jnp.asarray(w.real)))

    def run(self) -> LeadingSpectrum:
        """Search, deflate what was found, and search again until nothing found is among the leading ones."""
        # No larger than the Krylov space that ARPACK would ask for.
        if self.n <= max(4 * (self.k + 2), _KRYLOV):
            return self._result(np.eye(self.n), self._images(np.eye(self.n)), True)
        self.size = self._size()
        basis, image = np.zeros((self.n, 0)), np.zeros((self.n, 0))
        done = False
        for _ in range(_PASSES):
            found, complete = self._pass(basis)
            before = self._leading(basis, image)
            basis = self._extended(basis, found)
            image = np.hstack([image, self._images(basis[:, image.shape[1] :])])
            after = self._leading(basis, image)
            # Nothing new among the leading ones, and all of them there: hidden copies would have come up.
            same = len(before) == len(after) and np.allclose(before, after, rtol=0, atol=_SAME * self.size)
            done = complete and len(after) >= self.k and bool(same) and self._outermost(after)
            if done or basis.shape[1] >= self.n - self.k - 4:
                break
        return self._result(basis, image, done)

    def _outermost(self, values: np.ndarray) -> bool:
        """Whether Krylov spaces find these first: a pair that hardly turns hides among the real eigenvalues."""
        return self.which != "LI" or bool(np.min(np.abs(values.imag)) > _TURNS * self.size)

    def _images(self, columns: np.ndarray) -> np.ndarray:
        return np.stack([self.product(w) for w in columns.T], axis=1) if columns.size else columns

    def _size(self) -> float:
        """About the spectral radius of J, from a few steps of the power method; never 0."""
        w = self.random.normal(size=self.n)
        growth = 0.0
        for _ in range(12):
            w = self.product(w / np.linalg.norm(w))
            growth = max(growth, float(np.linalg.norm(w)))
            if not growth or not np.linalg.norm(w):
                break
        return growth or 1.0

    def _pass(self, basis: np.ndarray) -> tuple[np.ndarray, bool]:
        """Eigenvectors of J off the span of `basis`, and whether ARPACK converged."""
        from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

        filtered = self.which == "LR" and self.n > DENSE
        h = _SUBSTEP / self.size
        # What was found is moved to where nobody looks.
        away = 0.0 if filtered else {"LR": -2.0, "SR": 2.0}.get(self.which, 0.0) * self.size

        def apply(w: np.ndarray) -> np.ndarray:
            inside = basis @ (basis.T @ w)
            w = w - inside
            if filtered:
                self.applications += 4 * _SUBSTEPS
                moved = np.asarray(_flowed(self.field, self.x, jnp.asarray(w), h))
            else:
                moved = self.product(w)
            return moved - basis @ (basis.T @ moved) + away * inside

        operator = LinearOperator((self.n, self.n), matvec=lambda w: apply(np.ravel(w)), dtype=np.float64)
        count = self.k + 2
        krylov = min(self.n, max(4 * count, _KRYLOV))
        try:
            _, vectors = eigs(
                operator,
                count,
                which="LM" if filtered else self.which,
                ncv=krylov,
                tol=self.tolerance / 100,
                maxiter=self.restarts,
                v0=self.random.normal(size=self.n),
            )
            return vectors, True
        except ArpackNoConvergence as problem:
            return problem.eigenvectors, False

    def _extended(self, basis: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """The basis with the real and imaginary parts of more vectors, orthonormal."""
        new = np.hstack([vectors.real, vectors.imag])
        for _ in range(2):
            new = new - basis @ (basis.T @ new)
        left, sizes, _ = np.linalg.svd(new, full_matrices=False)
        kept = left[:, sizes > 1e-7]
        return np.hstack([basis, kept])

    def _pairs(self, basis: np.ndarray, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The eigenvalues of J on the span of the basis, in order, with their vectors in it."""
        values, coordinates = np.linalg.eig(basis.T @ image)
        values = values.astype(complex)
        rank = ORDERS[self.which](values)
        grid = 1e-9 * max(float(np.max(np.abs(values), initial=0.0)), np.finfo(float).tiny)
        order = np.lexsort((-values.imag, np.round(np.abs(values.imag) / grid), -np.round(rank / grid)))
        return values[order], coordinates[:, order]

    def _leading(self, basis: np.ndarray, image: np.ndarray) -> np.ndarray:
        return self._pairs(basis, image)[0][: self.k] if basis.shape[1] else np.zeros(0, complex)

    def _result(self, basis: np.ndarray, image: np.ndarray, complete: bool) -> LeadingSpectrum:
        values, coordinates = self._pairs(basis, image)
        count = min(self.k, len(values))
        values, coordinates = values[:count], coordinates[:, :count]
        size = max(float(np.linalg.norm(basis.T @ image, 2)), getattr(self, "size", 0.0), np.finfo(float).tiny)
        residuals = np.linalg.norm(image @ coordinates - basis @ coordinates * values, axis=0) / size
        converged = bool(complete and len(values) >= self.k and np.all(residuals <= self.tolerance))
        return LeadingSpectrum(values, residuals, basis @ coordinates, converged, self.applications)
