"""An answer compared with the truth, and with what the usual mistakes would give."""

from __future__ import annotations

import dataclasses
import html
from typing import Any

import numpy as np

from diracgan.course.answers import read
from diracgan.course.exercise import Exercise
from diracgan.course.general import general
from diracgan.course.questions import EXERCISES
from diracgan.games.inputs import as_choice, as_text
from diracgan.games.parameters import unknown

# What a right and a wrong answer, and an open question, look like: a sign and a colour that all eyes can tell apart.
_LOOKS = {"right": ("✓", "#0072B2"), "open": ("?", "#888888")}
_WRONG = ("✗", "#D55E00")


@dataclasses.dataclass(frozen=True)
class Answer:
    """What became of an answer: `kind` is "right", "open" (nothing answered yet), or the kind of the mistake.

    It is true when the answer is right; a notebook and a terminal show `words`.
    """

    name: str
    kind: str
    words: str

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.kind == "right"

    def __bool__(self) -> bool:
        return self.right

    @property
    def _look(self) -> tuple[str, str]:
        return _LOOKS.get(self.kind, _WRONG)

    @property
    def _heading(self) -> str:
        said = {"right": "right", "open": "not answered yet"}
        return f"{self.name}: {said.get(self.kind, f'not yet – {self.kind}')}"

    def __repr__(self) -> str:
        return f"{self._look[0]} {self._heading}. {self.words}"

    def _repr_html_(self) -> str:
        sign, colour = self._look
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 0.3em 0.8em"><strong>{sign} '
            f"{html.escape(self._heading)}.</strong> {html.escape(self.words)}</div>"
        )


def exercises(chapter: int | None = None) -> tuple[Exercise, ...]:
    """All exercises of the course, or those of one chapter, in the order of the chapters.

    Raises `ValueError` for a chapter that has none.

    >>> [one.name for one in dg.course.exercises(chapter=1)]
    ['half-life', 'critical-penalty']
    """
    if chapter is None:
        return EXERCISES
    chapter = as_choice(chapter, "chapter", tuple(dict.fromkeys(one.chapter for one in EXERCISES)))
    return tuple(one for one in EXERCISES if one.chapter == chapter)


def check(name: str, answer: Any = ...) -> Answer:
    """Compare an answer with theory or library, and say what kind of mistake was made.

    Args:
        name: of an exercise, see `exercises`.
        answer: a number, several (a list or an array, complex ones too), one of the words that the question offers, or,
            where the question asks for a function of hyper-parameters, a function of them, a number, or an expression
            as text such as "4*gamma", which needs SymPy. Without it, or with ..., the question is shown.

    A function is compared at six points that are always the same. Numbers agree within the relative tolerance of the
    exercise, three digits mostly. Returns an `Answer`, true when it is right. Raises `ValueError` for an unknown name,
    `TypeError` and `ValueError` for what cannot be compared: the wrong kind of thing, NaN, a function that fails.

    >>> dg.course.check("critical-penalty", 1.0)
    ✓ critical-penalty: right. γ = 2f'(0) = 1: below it the eigenvalues are complex, above it real.
    >>> dg.course.check("critical-penalty", 0.5).kind
    'factor ½ of the penalty'
    """
    exercise = _named(as_text(name, "name"))
    if answer is ...:
        return Answer(exercise.name, "open", f"{exercise.question} Answer with {exercise.label}.")
    given, values = read(exercise, answer), exercise.values(exercise.truth)
    if exercise.agree(given, values):
        return Answer(exercise.name, "right", exercise.remark)
    return Answer(exercise.name, *_mistake(exercise, given, values))


def _named(name: str) -> Exercise:
    for exercise in EXERCISES:
        if exercise.name == name:
            return exercise
    raise ValueError(unknown("exercise", name, [one.name for one in EXERCISES]))


def _mistake(exercise: Exercise, given: np.ndarray, values: np.ndarray) -> tuple[str, str]:
    """The kind of the mistake and the hint."""
    for mistake in exercise.mistakes:
        if exercise.agree(given, exercise.values(mistake.answer)):
            return mistake.kind, mistake.hint
    if exercise.choices:
        return "another word", "Think again: what would have to be true for it?"
    if given.shape != values.shape:
        return "how many numbers", f"The answer has shape {values.shape[1:]}; yours has {given.shape[1:]}."
    for mistake, wrong in general(exercise, values):
        if exercise.agree(given, wrong):
            return mistake.kind, mistake.hint
    loose = dataclasses.replace(exercise, tolerance=0.05)
    if loose.agree(given, values):
        return "almost", f"Close, within 5 %; the answer is wanted to {exercise.tolerance:g} of itself."
    where = _place(exercise, given, values)
    return "none of the usual ones", f"It is not the answer, nor one of the usual mistakes.{where}"


def _place(exercise: Exercise, given: np.ndarray, values: np.ndarray) -> str:
    """Where a function is wrong first, and whether it is right anywhere."""
    if not exercise.arguments:
        return ""
    alike = [exercise.agree(one[None], two[None]) for one, two in zip(given, values, strict=True)]
    point = exercise.points()[alike.index(False)]
    where = ", ".join(f"{name} = {value:.3g}" for name, value in zip(exercise.arguments, point, strict=True))
    some = f" It is right at {sum(alike)} of {len(alike)} points." if any(alike) else ""
    return f"{some} At {where}, for example, yours is {given[alike.index(False)]:.4g}." if given.ndim == 1 else some
