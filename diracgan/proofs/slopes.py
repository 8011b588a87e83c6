"""Fields v(x) = A(q)x with q = f'(θψ): shown to be of this form, and f' for floats and for intervals."""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.dynamics.compiling import answering
from diracgan.games.fields import VectorField
from diracgan.games.parameters import cast
from diracgan.tracing import boxes
from diracgan.tracing.boxes import Boxes, images
from diracgan.tracing.intervals import Interval, enclosure, image
from diracgan.tracing.polynomials import Polynomial, polynomials

LENGTH = 2048  # products in one call of the compiled program
_NARROW = 1e-9  # how near to an extreme its enclosure comes, where that does not take long
_EDGES = np.geomspace(1e-3, 1e7, 41)  # where an interval is cut at first


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
        self._boxes = [
            *(boxes.cell(Boxes(leaf)) for leaf in jax.tree.leaves(self.field)),
            boxes.cell(_boxed(self.alpha)),
        ]
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
        """The same, as narrow as cutting the interval where an extreme can be makes it."""
        return Interval(-self._highest(low, high, -1), self._highest(low, high, 1))

    def _bounds(self, pieces: Boxes, sign: int) -> tuple[np.ndarray, np.ndarray]:
        """Of sign·f' on many intervals, from below and from above."""
        found = images(self._program, *self._boxes, boxes.cell(pieces))[0].item()
        found = found if sign > 0 else -found
        return np.broadcast_to(found.low, pieces.shape), np.broadcast_to(found.high, pieces.shape)

    def _highest(self, low: float, high: float, sign: int) -> float:
        edges = np.concatenate([[low, high, 0.0], -_EDGES, _EDGES])
        edges = np.unique(edges[(low <= edges) & (edges <= high)])
        pieces = Boxes(edges[:-1], edges[1:]) if len(edges) > 1 else Boxes(edges)
        ends = edges[np.isfinite(edges)]
        best, settled = float(np.max(self._bounds(Boxes(ends), sign)[0], initial=-math.inf)), -math.inf
        while True:
            top = self._bounds(pieces, sign)[1]
            best = max(best, float(np.max(self._bounds(Boxes(_inside(pieces)), sign)[0])))
            # What cannot be higher by more than this is not cut again; not a number is.
            unsettled = ~(top <= best + _NARROW * max(1.0, abs(best)))
            settled = max(settled, float(np.max(top[~unsettled], initial=-math.inf)))
            wide = _inside(pieces) != pieces.low
            if (
                not unsettled.any()
                or unsettled.sum() > LENGTH
                or not (wide & (_inside(pieces) != pieces.high))[unsettled].all()
            ):
                left = float(np.max(top[unsettled], initial=-math.inf))
                return math.inf if math.isnan(left) else max(settled, left)
            pieces = _cut(pieces[unsettled])


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


def _inside(pieces: Boxes) -> np.ndarray:
    """A number between the ends of each, which may be infinite."""
    low, high = pieces.low, pieces.high
    with np.errstate(invalid="ignore"):
        middle = low / 2 + high / 2
    middle = np.where(np.isinf(high), np.maximum(2 * low, 1.0), middle)
    return np.where(np.isinf(low), np.where(np.isinf(high), 0.0, np.minimum(2 * high, -1.0)), middle)


def _cut(pieces: Boxes) -> Boxes:
    """Each in eight."""
    for _ in range(3):
        middle = _inside(pieces)
        pieces = Boxes(np.concatenate([pieces.low, middle]), np.concatenate([middle, pieces.high]))
    return pieces


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


def _boxed(value: Fraction) -> Boxes:
    around = enclosed(value)
    return Boxes(around.low, around.high)


def _cell(value: Interval) -> np.ndarray:
    box = np.empty((), object)
    box[()] = value
    return box
