"""The exercises of the course, in the order of the chapters."""

from diracgan.course.exercise import Exercise
from diracgan.course.questions import flow, neighbours, penalties, published, steps

EXERCISES: tuple[Exercise, ...] = tuple(
    sorted(
        (*flow.EXERCISES, *steps.EXERCISES, *penalties.EXERCISES, *neighbours.EXERCISES, *published.EXERCISES),
        key=lambda one: one.chapter,
    )
)
