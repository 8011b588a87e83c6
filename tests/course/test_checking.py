"""Exercises: right answers pass in every form, wrong ones are refused with the kind of the mistake."""

import itertools
import math

import numpy as np
import pytest

import diracgan as dg

EXERCISES = dg.course.exercises()
BY_NAME = {exercise.name: exercise for exercise in EXERCISES}


def answered(exercise, answer):
    """What a student would give who believes in `answer`: a function, or its value."""
    return answer if exercise.arguments else exercise.values(answer)[0].tolist()


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_the_truth_is_right_and_every_known_mistake_is_named(exercise):
    assert dg.course.check(exercise.name, answered(exercise, exercise.truth)).right
    assert len(exercise.mistakes) >= 2
    for mistake in exercise.mistakes:
        answer = dg.course.check(exercise.name, answered(exercise, mistake.answer))
        assert not answer
        assert (answer.kind, answer.words) == (mistake.kind, mistake.hint)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_no_two_mistakes_are_the_same_answer(exercise):
    assert len({mistake.kind for mistake in exercise.mistakes}) == len(exercise.mistakes)
    for one, two in itertools.combinations(exercise.mistakes, 2):
        assert not exercise.agree(exercise.values(one.answer), exercise.values(two.answer)), (one.kind, two.kind)


def test_names_questions_and_remarks_are_sentences():
    assert len(BY_NAME) == len(EXERCISES)
    for exercise in EXERCISES:
        assert exercise.name == exercise.name.lower() and " " not in exercise.name
        assert exercise.question[-1] in "?." and exercise.remark[-1] == "."
        assert all(mistake.hint[-1] in ".?" for mistake in exercise.mistakes)


def test_an_answer_in_every_form():
    right = lambda name, answer: dg.course.check(name, answer).right
    assert right("critical-penalty", 1) and right("critical-penalty", np.float32(1)) and right("critical-penalty", "1")
    assert right("critical-noise", "sqrt(2)") and right("critical-noise", 1.4142)
    assert right("simgd-limit-r1", "4*gamma") and right("simgd-limit-r1", "4γ".replace("4", "4*"))
    assert right("simgd-limit-r1", lambda g: 4 * g)
    assert right("altgd-limit-r1", "4*(sqrt(1 + gamma^2) - gamma)")
    assert right("gan-eigenvalues", [0.5j, -0.5j]) and right("gan-eigenvalues", np.array([-0.5j, 0.5j]))
    assert right("gan-eigenvalues", dg.eigenvalues(dg.method("gan")))


@pytest.mark.parametrize(
    ("name", "answer", "kind"),
    [
        ("critical-penalty", -1.0, "sign"),
        ("critical-noise", 1 / math.sqrt(2), "factor 1/2"),
        ("critical-penalty", 1.03, "almost"),
        ("critical-penalty", [1.0, 1.0], "how many numbers"),
        ("critical-penalty", 17.0, "none of the usual ones"),
        ("simgd-limit-r1", lambda gamma: 1 / (4 * gamma), "inverse"),
        ("simgd-limit-r1", lambda gamma: 16 * gamma, "factor 4"),
        ("gan-eigenvalues", [0.5, 0.5], "modulus"),
        ("gan-period", lambda r: 1.0, "none of the usual ones"),
    ],
)
def test_mistakes_that_can_be_made_anywhere(name, answer, kind):
    assert dg.course.check(name, answer).kind == kind


def test_a_function_that_is_right_in_places_is_told_where_it_is_not():
    exercise = BY_NAME["simgd-limit-r1"]
    middle = sorted(point[0] for point in exercise.points())[2]
    answer = dg.course.check("simgd-limit-r1", lambda gamma: 4 * gamma if gamma <= middle else 7.0)
    assert "right at 3 of 6 points" in answer.words and "yours is 7" in answer.words


def test_an_open_question_is_shown():
    answer = dg.course.check("half-life")
    assert answer.kind == "open" and not answer and BY_NAME["half-life"].question in repr(answer)


@pytest.mark.parametrize(
    ("name", "answer", "error", "words"),
    [
        ("half-lif", 1.0, ValueError, "did you mean 'half-life'"),
        ("half-life", {}, TypeError, "must be a number or several"),
        ("half-life", True, TypeError, "must be a number or several"),
        ("half-life", math.nan, ValueError, "finite"),
        ("half-life", [], ValueError, "finite"),
        ("half-life", "h*z", ValueError, "an expression of numbers alone"),
        ("half-life", "import os", ValueError, "an expression of numbers alone"),
        ("half-life", math.sin, TypeError, "must be a number"),
        ("gan-period", lambda r, s: r, TypeError, "a function of (r)"),
        ("gan-period", lambda r: 1 / 0, ValueError, "fails at r = "),
        ("gan-period", "z", ValueError, "an expression of r"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(name, answer, error, words):
    with pytest.raises(error) as caught:
        dg.course.check(name, answer)
    assert words in str(caught.value)


def test_it_shows_itself_in_a_notebook_and_in_a_terminal():
    right, wrong = dg.course.check("critical-penalty", 1.0), dg.course.check("critical-penalty", 0.5)
    assert repr(right).startswith("✓ critical-penalty: right.")
    assert repr(wrong).startswith("✗ critical-penalty: not yet – factor ½ of the penalty.")
    for answer in (right, wrong):
        page = answer._repr_html_()
        assert "<strong>" in page and answer.words.split(",")[0].split("'")[0] in page
        assert "<script" not in page


def test_exercises_of_a_chapter():
    assert {one.chapter for one in dg.course.exercises(5)} == {5}
    with pytest.raises(ValueError, match="chapter must be one of"):
        dg.course.exercises(99)


def test_the_points_of_comparison_never_change():
    exercise = BY_NAME["gan-period"]
    assert exercise.points() == exercise.points()
    assert all(0.5 <= r <= 2.5 for (r,) in exercise.points())


@pytest.mark.parametrize(
    "text", ["__import__('os').getcwd()", "print(1)", "(1).real", "sin.__class__", "[1]", "x := 2"]
)
def test_text_is_an_expression_and_is_not_run_as_code(text, capsys):
    with pytest.raises((TypeError, ValueError), match="expression"):
        dg.course.check("half-life", text)
    assert capsys.readouterr().out == ""
