"""What a student may answer: a number, several, a word, a function, or an expression as text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from diracgan.course.exercise import Exercise
from diracgan.dynamics.compiling import in_float64
from diracgan.games.inputs import as_choice, told

_GREEK = {"γ": "gamma", "θ": "theta", "ψ": "psi", "σ": "sigma", "κ": "kappa", "β": "beta", "α": "alpha", "τ": "tau"}


def read(exercise: Exercise, answer: Any) -> np.ndarray:
    """The answer at all points of an exercise, shape (points, …).

    Raises `TypeError` for what is no answer to this exercise at all, `ValueError` for numbers that are not finite, text
    that is no expression of the arguments, and functions that fail.
    """
    if exercise.choices:
        return np.asarray([as_choice(answer, f"the answer to {exercise.name!r}", exercise.choices)])
    if isinstance(answer, str):
        answer = _expression(exercise, answer)
    if not exercise.arguments:
        return _numbers(exercise, answer, answer)[None]
    if _constant(answer):
        # "It does not depend on any of them" is an answer as well.
        return np.asarray([_numbers(exercise, answer, answer)] * len(exercise.points()))
    _check_function(exercise, answer)
    values = [_numbers(exercise, _called(exercise, answer, point), answer) for point in exercise.points()]
    if len({value.shape for value in values}) > 1:
        raise ValueError(f"{_must(exercise)}, of one shape at all points; {told(answer)} was given")
    return np.asarray(values)


def _must(exercise: Exercise) -> str:
    return f"the answer to {exercise.name!r} must be {exercise.label}"


def _constant(answer: Any) -> bool:
    return not callable(answer)


def _check_function(exercise: Exercise, answer: Any) -> None:
    count = len(exercise.arguments)
    try:
        inspect.signature(answer).bind(*range(count))
    except (TypeError, ValueError):
        raise TypeError(f"{_must(exercise)}; {told(answer)} was given, which cannot be called with {count}") from None


def _called(exercise: Exercise, answer: Callable[..., Any], point: tuple[float, ...]) -> Any:
    where = ", ".join(f"{name} = {value:.3g}" for name, value in zip(exercise.arguments, point, strict=True))
    try:
        return in_float64(answer)(*point)
    except Exception as problem:
        told_as = f"{type(problem).__name__}: {told(str(problem))}"
        raise ValueError(f"{_must(exercise)}; the function that was given fails at {where} with {told_as}") from problem


def _numbers(exercise: Exercise, value: Any, given: Any) -> np.ndarray:
    """Real or complex numbers; booleans are none."""
    try:
        array = np.asarray(value)
        array = array if array.dtype.kind in "iufc" else array.astype(np.complex128) if _exact(array) else array
    except Exception:  # Ragged lists, and whatever an object's own conversion raises.
        array = np.asarray("")
    if array.dtype.kind not in "iufc" or np.ma.is_masked(value) or isinstance(value, bytearray | memoryview):
        raise TypeError(f"{_must(exercise)}; {told(given)} was given")
    if not array.size or not np.all(np.isfinite(array)):
        raise ValueError(f"{_must(exercise)}, finite; {told(given)} was given")
    return array


def _exact(array: np.ndarray) -> bool:
    """Fractions and SymPy's numbers, which NumPy holds as objects."""
    return array.dtype == object and array.size > 0 and all(map(_number, array.flat))


def _number(one: Any) -> bool:
    return (hasattr(one, "__complex__") or hasattr(one, "__float__")) and not isinstance(one, str | bool)


# What no expression needs: SymPy's parser evaluates its text as Python, attributes and imports among it.
_CODE = re.compile(r"__|[A-Za-z_)]\s*\.\s*[A-Za-z_]|[][{}'\"=:;@\\]")


_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def _mathematical(sp: Any, word: str) -> bool:
    """Whether a word is the name of a function or of a constant of SymPy."""
    known = isinstance(getattr(sp, word, None), (sp.FunctionClass, sp.Basic))
    return known or word in ("i", "abs", "sqrt", "cbrt")


def _expression(exercise: Exercise, text: str) -> Any:
    """A number or a function of the arguments from text such as "4*(sqrt(1 + gamma^2) - gamma)"."""
    try:
        import sympy as sp
        from sympy.parsing.sympy_parser import convert_xor, parse_expr, standard_transformations
    except ImportError:
        raise ImportError("an expression as text needs SymPy: pip install 'diracgan[latex]'") from None
    names = {name: sp.Symbol(name, real=True) for name in exercise.arguments}
    for letter, word in _GREEK.items():
        text = text.replace(letter, word)
    try:
        if _CODE.search(text) or not all(word in names or _mathematical(sp, word) for word in _WORD.findall(text)):
            raise ValueError("code, which SymPy's parser would run")
        parsed = parse_expr(text, {**names, "i": sp.I}, (*standard_transformations, convert_xor))
        strange = parsed.free_symbols - set(names.values())
    except Exception:  # Of many kinds, for what is no expression.
        parsed, strange = None, set()
    if not isinstance(parsed, sp.Expr) or strange:
        known = ", ".join(names) or "numbers alone"
        raise ValueError(f"{_must(exercise)}, as text an expression of {known}; {text!r} was given")
    return sp.lambdify(list(names.values()), parsed, "numpy") if names else complex(parsed)
