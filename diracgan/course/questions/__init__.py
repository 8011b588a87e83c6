"""The exercises of the course, in the order of the chapters."""

from diracgan.course.exercise import Exercise
from diracgan.course.questions import (
    consensus,
    flow,
    globally,
    neighbours,
    optimisers,
    own,
    penalties,
    published,
    steps,
)

_FILES = (flow, steps, penalties, consensus, optimisers, globally, neighbours, published, own)
EXERCISES: tuple[Exercise, ...] = tuple(
    sorted((exercise for file in _FILES for exercise in file.EXERCISES), key=lambda exercise: exercise.chapter)
)
