"""The formulas of a method as SymPy expressions, derived: its objectives and its velocity are traced and read.

SymPy is needed only when a formula is asked for.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan.catalogue import entry, method
from diracgan.catalogue.methods import OPTIONS, located
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.spectrum import at_kink
from diracgan.games.dirac import DiracGAN, Game, TwoNumbers
from diracgan.games.fields import VectorField
from diracgan.games.measures import Measure
from diracgan.games.module import Module, replace
from diracgan.games.noise import GaussianNoise
from diracgan.games.parameters import Parameter, cast
from diracgan.games.uniform import UniformGAN
from diracgan.tracing import evaluate

if TYPE_CHECKING:
    from sympy import Expr, Matrix


@dataclasses.dataclass(frozen=True)
class Derivation:
    """The formulas of one method as SymPy objects.

    `state` are the symbols of the state, `parameters` those of the hyper-parameters that were left open, `normals`
    the standard normal variables of instance noise, or the uniform ones of uniform data: `objectives` and `field`
    then are integrands, whose expectation is meant. `jacobians` and `eigenvalues` are those at the equilibrium, under
    the key 0; at a kink there are two, under +1 and -1, for the sides where ψ is positive and negative. Eigenvalues
    without a closed form are None.
    """

    name: str
    state: tuple[Expr, ...]
    parameters: Mapping[str, Expr]
    normals: tuple[Expr, ...]
    objectives: Mapping[str, Expr]
    field: Matrix
    equilibrium: tuple[Expr, ...]
    jacobians: Mapping[int, Matrix]
    eigenvalues: Mapping[int, list[Expr]]


def sympy() -> tuple[ModuleType, ModuleType]:
    """SymPy and the room that builds on it; `ImportError` that names the extra without it."""
    try:
        return importlib.import_module("sympy"), importlib.import_module("diracgan.tracing.expressions")
    except ImportError:
        raise ImportError("formulas need SymPy: pip install 'diracgan[latex]'") from None


class _Draw(Module):
    """Noise as one random draw: the distribution is the point plus σ times a symbol."""

    sigma: Any
    normal: Any

    def smear(self, measure: Measure) -> Measure:
        """The shifted point."""
        return Measure(measure.points + self.sigma * self.normal)


class _Drawn(DiracGAN):
    """A Dirac-GAN whose instance noise is one draw on either side: its objectives are the integrands."""

    normals: Any = None

    def play(self, x: jax.Array) -> Any:
        """With the real and the generated point moved by independent draws."""
        D, real, fake = DiracGAN.play(replace(self, noise=None), x)
        sigma = self.noise.sigma if self.noise is not None else 0.0
        moved = [_Draw(sigma, z).smear(m) for z, m in zip(self.normals, (real, fake), strict=True)]
        return D, *moved


class _DrawnUniform(UniformGAN):
    """The game of uniform data with one draw on either side: its objectives are the integrands."""

    draws: Any = None

    def play(self, x: jax.Array) -> Any:
        """With a real and a generated point of independent draws."""
        D, _, _ = super().play(x)
        return D, Measure(self.draws[0]), Measure(x[0] * self.draws[1])


def _is_noise(node: object) -> bool:
    return node is None or isinstance(node, GaussianNoise)


def _drawn(field: VectorField, normals: jax.Array) -> VectorField:
    """The field with every quadrature replaced by a draw: an integrand in place of an expectation."""

    def draw(node: object) -> Any:
        if isinstance(node, GaussianNoise):
            return _Draw(node.sigma, normals[2])
        if isinstance(node, DiracGAN):
            given = {name: getattr(node, name) for name in node.__dataclass_fields__}
            given["penalties"] = jax.tree.map(draw, given["penalties"], is_leaf=_is_noise_or_game)
            return DiracGAN(**given) if node.noise is None else _Drawn(**given, normals=normals[:2])
        if isinstance(node, UniformGAN):
            return _DrawnUniform(node.loss, node.penalties, node.nodes, draws=normals[3:])
        return node

    return jax.tree.map(draw, field, is_leaf=_is_noise_or_game)


def _is_noise_or_game(node: object) -> bool:
    return isinstance(node, (GaussianNoise, TwoNumbers))


def _game(field: VectorField) -> Game | None:
    """The game that a field is, or is made from."""
    for part in (field, getattr(field, "field", None), getattr(field, "game", None)):
        if isinstance(part, Game):
            return part
    return None


_NAMES = ("theta", "psi", "b")
_LETTERS = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "κ": "kappa"}
_LETTERS |= {"λ": "lambda", "μ": "mu", "ρ": "rho", "σ": "sigma", "τ": "tau"}


def _symbol(sp: ModuleType, parameter: Parameter) -> Expr:
    name = parameter.symbol.replace("₀", "_0").replace("₁", "_1").replace("₂", "_2")
    name = "".join(_LETTERS.get(letter, letter) for letter in name)
    assumed = {"positive": True} if parameter.bounds[0] >= 0 else {"real": True}
    return sp.Symbol(name, **assumed)


@in_float64
def derive(name: str, **hyper_parameters: Any) -> Derivation:
    """The formulas of a method of the catalogue; hyper-parameters that are given are numbers, the others symbols.

    Errors are those of `latex`.

    >>> derive("wgan").field.T
    Matrix([[-psi, theta]])
    """
    sp, expressions = sympy()
    return _derive(sp, expressions, name, hyper_parameters)


def _derive(sp: ModuleType, expressions: ModuleType, name: str, given: Mapping[str, Any]) -> Derivation:
    chosen = method(name, **given)
    declared = {parameter.name: parameter for parameter in (*entry(name).parameters, *OPTIONS)}
    parameters = {key: _symbol(sp, declared[key]) for key in chosen.values if key not in given}
    values = {
        key: parameters[key] if key in parameters else expressions.constant(float(chosen.values[key]))
        for key in chosen.values
    }
    n = chosen.dimension
    bias = dict(chosen.settings).get("bias", False)
    names = [*_NAMES[: 3 if bias else 2], *(f"x_{i}" for i in range(4 if bias else 3, n + 1))]
    state = tuple(sp.Symbol(letter, real=True) for letter in names)
    normals = sp.symbols("Z' Z Z_delta U' U", real=True)

    def built(values: Any, x: jax.Array, normals: jax.Array) -> VectorField:
        settings = {**values, **dict(chosen.settings)}
        place = {key: settings.pop(key) for key in ("data", "bias") if key in settings}
        return cast(_drawn(located(chosen.entry.build(**settings), **place), normals), x.dtype)

    def read(function: Any) -> np.ndarray:
        numbers = {key: jnp.asarray(0.5) for key in values}
        program = jax.make_jaxpr(function)(numbers, jnp.zeros(n), jnp.zeros(len(normals)))
        inputs = [expressions_box(values[key]) for key in sorted(values)]
        return evaluate(program, expressions.SYMPY, *inputs, _column(state), _column(normals))[0]

    def expressions_box(value: object) -> np.ndarray:
        return _column([value]).reshape(())

    field = sp.Matrix(read(lambda v, x, z: built(v, x, z).velocity(x)))
    objectives = {}
    if _game(chosen.field) is not None:
        for label, part in (("L_D", "discriminator_objective"), ("L_G", "generator_objective")):
            traced = read(functools.partial(_objective, built, part))
            objectives[label] = traced.item()
    present = tuple(z for z in normals if field.has(z) or any(sp.sympify(part).has(z) for part in objectives.values()))
    if present and not isinstance(chosen.field, TwoNumbers):
        raise ValueError(
            f"{name!r} transforms the field of a game with noise; a formula is available for the game, whose velocity "
            "is one expectation: this one is not linear in it"
        )
    place = tuple(expressions.constant(float(value)) for value in np.asarray(chosen.equilibrium))
    place = (values["data"], *place[1:]) if "data" in values else place
    sides = (1, -1) if at_kink(chosen, jnp.asarray(chosen.equilibrium)) else (0,)
    jacobians = {side: _jacobian(sp, expressions, field, state, place, side, present) for side in sides}
    eigenvalues = {}
    for side, matrix in jacobians.items():
        try:
            eigenvalues[side] = expressions.spectrum(matrix)
        except (ValueError, NotImplementedError):
            eigenvalues[side] = None
    return Derivation(name, state, parameters, present, objectives, field, place, jacobians, eigenvalues)


def _objective(built: Any, part: str, values: jax.Array, x: jax.Array, normals: jax.Array) -> Any:
    field = built(values, x, normals)
    game = _game(field)
    # What a game is wrapped in may add entries to the state (moving averages): they are no part of its objectives.
    return getattr(game, part)(x[: game.dimension]) if game is not None else None


def _column(values: Sequence[Expr]) -> np.ndarray:
    column = np.empty(len(values), object)
    column[:] = list(values)
    return column


def _jacobian(
    sp: ModuleType,
    expressions: ModuleType,
    field: Matrix,
    state: Sequence[Expr],
    place: Sequence[Expr],
    side: int,
    normals: Sequence[Expr],
) -> Matrix:
    """The Jacobian at the equilibrium, with `side` for the limit from ψ > 0 or ψ < 0."""
    if side:
        # |ψ| and sign(ψ) of a symbol that is known to be positive are evaluated by SymPy itself.
        distance = sp.Symbol("distance", positive=True)
        field = field.subs(state[1], side * distance)
        state = (state[0], distance, *state[2:])
    matrix = field.jacobian(state).subs(dict(zip(state, place, strict=True)))
    if side:
        matrix[:, 1] = side * matrix[:, 1]
    return matrix.applyfunc(lambda part: sp.simplify(expressions.mean(part, normals)))
