"""Fields v(x) = A(q)x with q = f'(θψ): shown to be of this form, and f' for floats and for intervals."""

from __future__ import annotations

import functools
import heapq
import math
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.games.fields import VectorField
from diracgan.games.parameters import cast
from diracgan.tracing.intervals import Interval, enclosure, image
from diracgan.tracing.polynomials import Polynomial, polynomials

LENGTH = 2048  # products in one call of the compiled program


class Slopes:
    """A field v = (αθ - ψf'(θψ), θf'(θψ) + δψ): the constants `alpha` and `delta`, and f'.

    Raises `ValueError` for a field that is not of this form. Programs are traced and compiled with the hyper-parameters
    as arguments, so that other values need neither.
    """

    def __init__(self, field: VectorField) -> None:
        self.field = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), field)
        self.alpha, self.delta = _constants(self.field)
        moves = bool(self.alpha)
        with jax.enable_x64(True):
            self._program = _slope.trace(self.field, np.zeros(()), np.zeros(()), moves).jaxpr
        self._known = [*map(enclosure, jax.tree.leaves(self.field)), _cell(enclosed(self.alpha))]
        # `lru_cache` on the instance: the same products are asked for again and again.
        self.image = functools.lru_cache(maxsize=1 << 16)(self._image)

    def __call__(self, products: np.ndarray) -> np.ndarray:
        """f' at products, `LENGTH` of them at most, in floats."""
        filled = np.zeros(LENGTH)
        filled[: len(products)] = products
        with jax.enable_x64(True):
            made = _slopes(self.field, float(self.alpha), filled, bool(self.alpha))
        return np.asarray(made)[: len(products)]

    def _image(self, low: float, high: float) -> Interval:
        """An interval that contains f' between two products."""
        return image(self._program, *self._known, _cell(Interval(low, high)))[0].item()

    def range(self, low: float, high: float) -> Interval:
        """The same, as narrow as halving the interval where an extreme can be makes it."""
        return Interval(-self._highest(low, high, -1), self._highest(low, high, 1))

    def _highest(self, low: float, high: float, sign: int) -> float:
        def bound(a: float, b: float) -> float:
            part = self.image(a, b)
            return part.high if sign > 0 else -part.low

        def reached(at: float) -> float:
            part = self.image(at, at)
            return part.low if sign > 0 else -part.high

        pieces = [(-bound(low, high), low, high)]
        best = max((reached(end) for end in (low, high) if math.isfinite(end)), default=-math.inf)
        for _ in range(400):
            top, a, b = pieces[0]
            if -top - best <= 1e-11 * max(1.0, abs(best)):
                break
            middle = _between(a, b)
            if not a < middle < b:
                break
            best = max(best, reached(middle))
            heapq.heapreplace(pieces, (-bound(a, middle), a, middle))
            heapq.heappush(pieces, (-bound(middle, b), middle, b))
        return -pieces[0][0]


def _of_product(field: VectorField, alpha: Any, product: jax.Array, moves: bool) -> jax.Array:
    # v_θ = αθ - ψ f'(θψ) at ψ = 1.
    along = -cast(field, np.float64).velocity(jnp.stack([product, jnp.ones_like(product)]))[0]
    return along + alpha * product if moves else along


_slope = answering(_of_product, static=("moves",))


@functools.partial(answering, static=("moves",), loops=True)
def _slopes(field: VectorField, alpha: Any, products: jax.Array, moves: bool) -> jax.Array:
    return jax.vmap(lambda product: _of_product(field, alpha, product, moves))(products)


@answering
def _velocity(field: VectorField, x: jax.Array) -> jax.Array:
    return cast(field, np.float64).velocity(x)


def _between(low: float, high: float) -> float:
    """A number between two ends, which may be infinite."""
    if math.isinf(low) and math.isinf(high):
        return 0.0
    if math.isinf(high):
        return max(2 * low, 1.0)
    if math.isinf(low):
        return min(2 * high, -1.0)
    return low / 2 + high / 2


def _constants(field: VectorField) -> tuple[Fraction, Fraction]:
    """α and δ, shown on the traced program; `ValueError` for a field of another form."""
    refusal = f"a certificate needs a zero-sum game with a quadratic penalty; {field!r} is none"
    if field.dimension != 2 or field.domain.bound is not None:
        raise ValueError(refusal)
    try:
        with jax.enable_x64(True):
            program = _velocity.trace(field, np.zeros(2)).jaxpr
        along, across = (part.graded() for part in polynomials(program, *jax.tree.leaves(field)))
    except NotImplementedError as problem:
        raise ValueError(f"{refusal}: {problem}") from None
    theta, psi = (Polynomial.of({frozenset({(entry, 1)}): Fraction(1)}) for entry in (0, 1))
    zero = Polynomial.of({})
    # v_θ = αθ + ψ(-f'), v_ψ = θf' + δψ: the parts with ψ and with θ are the same f' up to the sign.
    same = along.get(-1, zero) * theta + across.get(1, zero) * psi == zero
    alpha, delta = (_factor(part, entry) for part, entry in ((along.get(1, zero), 0), (across.get(-1, zero), 1)))
    if not same or alpha is None or delta is None or (set(along) | set(across)) - {1, -1}:
        raise ValueError(refusal)
    return alpha, delta


def _factor(part: Polynomial, entry: int) -> Fraction | None:
    """c when the polynomial is c times an entry of the state."""
    terms = dict(part.terms)
    factor = terms.pop(frozenset({(entry, 1)}), Fraction(0))
    return None if terms else factor


def enclosed(value: Fraction) -> Interval:
    """The smallest interval of floats that is known to contain a fraction."""
    nearest = float(value)
    if Fraction(nearest) == value:
        return Interval(nearest, nearest)
    return Interval(math.nextafter(nearest, -math.inf), math.nextafter(nearest, math.inf))


def _cell(value: Interval) -> np.ndarray:
    box = np.empty((), object)
    box[()] = value
    return box
