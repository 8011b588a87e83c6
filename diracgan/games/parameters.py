"""Hyper-parameters, each declared once: symbol, default, bounds, slider span and help text."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from diracgan.games.inputs import as_choice, as_flag, as_text, reals, told
from diracgan.games.module import Module, attribute


@dataclasses.dataclass(frozen=True)
class Parameter:
    """The declaration of one hyper-parameter, read by constructors, flags, sliders, tables and tests.

    `name` is the keyword it is given by, `symbol` what formulas and pictures call it, `help` what it means in a few
    words, `default` its value where none is given (NaN: one has to be). `bounds` are the admissible values (the lower
    one is excluded when `open_low`), `span` the range worth exploring with a slider. `kind` is `float` for values that
    are differentiated and swept, `int` for those that fix the shape of a computation (node counts, inner steps), and
    `bool` for switches.
    """

    name: str
    symbol: str
    help: str
    default: float = math.nan
    bounds: tuple[float, float] = (0.0, math.inf)
    span: tuple[float, float] = (0.0, 1.0)
    open_low: bool = False
    kind: type = float

    def __call__(self, default: float, span: tuple[float, float] | None = None, help: str | None = None) -> Parameter:
        """The same declaration with the default (and span, help) of one method."""
        return dataclasses.replace(
            self, default=default, span=self.span if span is None else span, help=self.help if help is None else help
        )

    def __post_init__(self) -> None:
        as_text(self.name, "the name of a parameter")
        if not self.name.isidentifier():
            raise ValueError(f"the name of a parameter is the keyword it is given by; {self.name!r} cannot be one")
        as_text(self.symbol, f"the symbol of {self.name}")
        as_text(self.help, f"the help of {self.name}")
        as_choice(self.kind, f"the kind of {self.name}", (float, int, bool))
        as_flag(self.open_low, f"open_low of {self.name}")
        for what in ("bounds", "span"):
            pair = reals(getattr(self, what))
            if pair is None or pair.shape != (2,) or not pair[0] < pair[1]:
                given = told(getattr(self, what))
                raise (TypeError if pair is None else ValueError)(
                    f"the {what} of {self.name} must be (low, high) with low < high; {given} was given"
                )
        if not (isinstance(self.default, float) and math.isnan(self.default)):
            self.convert(self.default)

    @property
    def requirement(self) -> str:
        """The admissible values in words: `gamma >= 0`."""
        low, high = self.bounds
        number = "an integer" if self.kind is int else "finite"
        lower = f"{'>' if self.open_low else '>='} {low:g}" if math.isfinite(low) else ""
        upper = f"<= {high:g}" if math.isfinite(high) else ""
        return f"{self.name} must be {number}" + "".join(f" and {part}" for part in (lower, upper) if part)

    def convert(self, value: object) -> Any:
        """Check a concrete value and store it strongly typed; traced values pass through unchecked.

        Raises `TypeError` for what is not a real number and `ValueError` outside the bounds.
        """
        if isinstance(value, jax.core.Tracer):
            if self.kind is not float:
                raise TypeError(f"{self.name} fixes a shape or a branch: it must be plain; a traced value was given")
            return value
        if self.kind is bool:
            return as_flag(value, self.name)
        low, high = self.bounds
        if self.kind is int and type(value) is int and not self.open_low and low <= value <= high:
            # What is said below of every number, at a tenth of the cost: a short run is called often.
            return value
        array = reals(value)
        if array is None or not array.size:
            wanted = self.requirement.replace("must be finite", "must be a number, finite")
            raise TypeError(f"{wanted}; {told(value)} was given")
        below = array <= low if self.open_low else array < low
        if not np.all(np.isfinite(array)) or np.any(below) or np.any(array > high):
            raise ValueError(f"{self.requirement}; {told(value)} was given")
        if self.kind is int:
            if array.ndim or array != int(array):
                raise ValueError(f"{self.requirement}; {told(value)} was given")
            return int(array)
        return array

    def optional(self, value: object) -> Any:
        """`convert`, and None for None."""
        return None if value is None else self.convert(value)

    def number(self, value: object) -> float:
        """`convert` for an argument that is one number and never traced."""
        if isinstance(value, jax.core.Tracer):
            raise TypeError(f"{self.name} must be a number that is known when the function is called; it is traced")
        array = self.convert(value)
        if np.ndim(array):
            raise ValueError(f"{self.name} must be one number; shape {array.shape} was given")
        return float(array)

    def field(self, default: object = dataclasses.MISSING) -> Any:
        """An attribute that holds this parameter: an array leaf, or static when `kind` is not `float`."""
        options: dict[str, Any] = {"converter": self.convert, "static": self.kind is not float}
        if default is not dataclasses.MISSING:
            options["default"] = default
        return attribute(**options)


MANY = 10**6  # updates inside one round, which then takes some milliseconds

GAMMA = Parameter("gamma", "γ", "weight of the regulariser", 1.0, span=(0.0, 3.0))
SIGMA = Parameter("sigma", "σ", "standard deviation of the instance noise", 0.7, span=(0.0, 2.0))
CLIP = Parameter("clip", "c", "bound on |ψ| enforced after every update", 1.0, span=(0.05, 2.0), open_low=True)
TARGET = Parameter("target", "g₀", "gradient norm that the penalty asks for", 1.0, span=(0.0, 2.0))
NODES = Parameter("nodes", "n", "nodes of the Gauss-Hermite quadrature", 64, (1, 256), (8, 128), kind=int)
RATE = Parameter("h", "h", "learning rate", 0.2, span=(0.01, 4.0), open_low=True)
RATE_G = Parameter("h_g", "h_g", "learning rate of the generator", 0.2, span=(0.01, 4.0), open_low=True)
RATE_D = Parameter("h_d", "h_d", "learning rate of the discriminator", 0.2, span=(0.01, 4.0), open_low=True)
N_G = Parameter("n_g", "n_g", "generator updates in one round", 1, (1, MANY), (1, 10), kind=int)
N_D = Parameter("n_d", "n_d", "discriminator updates in one round", 1, (1, MANY), (1, 10), kind=int)
LAMBDA = Parameter("gamma", "λ", "weight of the regulariser", 1.0, span=(0.0, 3.0))
ETA = Parameter("eta", "η", "learning rate that the players look ahead with", 0.2, span=(0.0, 2.0))
LABEL_A = Parameter("a", "a", "label of generated points", -1.0, (-math.inf, math.inf), (-2.0, 2.0))
LABEL_B = Parameter("b", "b", "label of real points", 1.0, (-math.inf, math.inf), (-2.0, 2.0))
LABEL_C = Parameter("c", "c", "label that the generator wants", 1.0, (-math.inf, math.inf), (-2.0, 2.0))
ANCHOR_REAL = Parameter("anchor_real", "α_R", "anchor from real scores", 0.0, (-math.inf, math.inf), (-1.0, 1.0))
ANCHOR_FAKE = Parameter("anchor_fake", "α_F", "anchor from generated scores", 0.0, (-math.inf, math.inf), (-1.0, 1.0))
ANCHOR_RATE = Parameter("anchor_rate", "κ", "rate at which moving anchors follow", 0.05, span=(0.0, 1.0), open_low=True)
DATA = Parameter("data", "a", "location of the data", 0.0, (-math.inf, math.inf), (-2.0, 2.0))
UNROLL = Parameter("unroll", "k", "discriminator steps that the generator looks ahead", 5, (0, 64), (0, 10), kind=int)
BIAS = Parameter("bias", "b", "whether the discriminator has a bias, D(x) = ψx + b", False, (0, 1), (0, 1), kind=bool)
MOVING = Parameter("moving", "EMA", "whether the anchors are moving averages", False, (0, 1), (0, 1), kind=bool)
ONE_SIDED = Parameter("one_sided", "( )₊", "penalise one side only, as published", False, (0, 1), (0, 1), kind=bool)
ALIGNED = Parameter("aligned", "±", "the sign of λ follows the alignment criterion", False, (0, 1), (0, 1), kind=bool)
THROUGH = Parameter("through", "∂", "differentiate through the inner steps", True, (0, 1), (0, 1), kind=bool)
SATURATING = Parameter("saturating", "sat", "the zero-sum generator", True, (0, 1), (0, 1), kind=bool)
ALTERNATING = Parameter("alternating", "alt", "the players move in turn", False, (0, 1), (0, 1), kind=bool)
LEGACY = Parameter("legacy", "legacy", "repeat the published code's mistake", False, (0, 1), (0, 1), kind=bool)
ORDER = Parameter("order", "p", "order of the Runge-Kutta rule", 4, (2, 4), (2, 4), kind=int)
BETA = Parameter("beta", "β", "momentum", 0.9, (-1.0, 1.0), (-0.9, 0.9))
BETA1 = Parameter("beta1", "β₁", "decay of the first moment", 0.9, (0.0, 1.0), (0.0, 0.99))
BETA2 = Parameter("beta2", "β₂", "decay of the second moment", 0.999, (0.0, 1.0), (0.9, 0.9999))
DECAY = Parameter("decay", "α", "decay of the squared gradient", 0.99, (0.0, 1.0), (0.8, 0.999))
EPSILON = Parameter("epsilon", "ε", "added to the root of the second moment", 1e-8, (0.0, 1.0), (0.0, 1e-2))
ALPHA = Parameter("alpha", "α", "how far the slow iterate follows", 0.5, (0.0, 1.0), (0.05, 1.0), open_low=True)
AVERAGE = Parameter("average", "β", "decay of the moving average; 0 is the uniform mean", 0.0, (0.0, 1.0), (0.0, 0.999))
INNER = Parameter("k", "k", "inner rounds", 5, (1, MANY), (1, 20), kind=int)


T = TypeVar("T")


def cast(tree: T, dtype: DTypeLike) -> T:
    """Every number of `tree` in the dtype of the state, so that float32 states stay float32 under x64."""
    made: T = jax.tree.map(lambda leaf: leaf if _is_key(leaf) else jnp.asarray(leaf, dtype), tree)
    return made


def _is_key(leaf: object) -> bool:
    """Whether a leaf is a key of `jax.random`, which is no number."""
    return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def unknown(what: str, given: object, known: Iterable[str], of: str = "") -> str:
    """The error text for a name that is not among the known ones."""
    names = {name.lower(): name for name in known}
    close = [names[name] for name in difflib.get_close_matches(str(given).lower(), list(names), n=1, cutoff=0.5)]
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"unknown {what} {told(given)}{hint}; the {what}s {of}are: {', '.join(known) or 'none'}"


def plain(value: object) -> str:
    """A parameter value as a person would type it: `0.3`, or the shape of a batch."""
    if isinstance(value, (np.ndarray, jax.Array)) and not isinstance(value, jax.core.Tracer):
        return plain(float(value)) if value.ndim == 0 else f"<{'x'.join(map(str, value.shape))} values>"
    if isinstance(value, float):
        return short if float(short := f"{value:g}") == value else repr(float(value))
    return getattr(value, "__name__", str(value))


def described(module: Module) -> str:
    """An object as a person would construct it: `R1(gamma=0.3)`; what is absent by default and absent is left out."""
    values = {field.name: (getattr(module, field.name), field.default) for field in dataclasses.fields(module)}
    given = [
        f"{name}={plain(value)}"
        for name, (value, default) in values.items()
        if not any(default is absent and value is absent for absent in (None, (), False))
    ]
    return f"{type(module).__name__}({', '.join(given)})"
