"""Exercises that say what kind of mistake was made.

`check` compares an answer with theory or library, and with what the usual mistakes would give; `exercises` lists them.
"""

from diracgan.course.checking import Answer, check, exercises
from diracgan.course.exercise import Exercise, Mistake

__all__ = ["Answer", "Exercise", "Mistake", "check", "exercises"]
