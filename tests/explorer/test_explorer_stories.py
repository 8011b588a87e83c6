"""Every step of every story: what it says is what the page computes; all in one page."""

import re

import pytest

from diracgan.explorer.stories import STORIES

STEPS = [(name, k) for name, story in STORIES.items() for k in range(1, len(story.steps) + 1)]


@pytest.mark.parametrize(("name", "number"), STEPS)
def test_a_step_asks_first_and_says_what_the_page_computes(opened, name, number):
    step = STORIES[name].steps[number - 1]
    assert 2 <= len(step.answers) <= 4 and step.said and 0 <= step.right < len(step.answers)
    one = opened()
    one.turn(f"#story={name}.{number}")
    assert one.tab.inner_text("#story-box .question") == step.question
    # Nothing that answers the question is in sight, and the paths wait.
    for place in ("#card", "#spectrum-box", "#plane-box", ".stack", "#seen"):
        assert not one.tab.is_visible(place)
    assert one.state()["step"] == 1 and one.state()["layers"] == ["arrows"]
    assert one.tab.locator("#story-box .reveal").count() == 0
    wrong = (step.right + 1) % len(step.answers)
    one.tab.click(f"#story-box .answer >> nth={wrong}")
    one.settle()
    assert one.tab.inner_text("#story-box .answer.yes") == f"✓ {step.answers[step.right]}"
    assert one.tab.inner_text("#story-box .answer.no") == f"✗ {step.answers[wrong]}"
    assert one.tab.inner_text("#story-box .reveal") == step.reveal
    assert one.tab.is_visible("#card")
    for said in step.said:
        assert re.search(said, one.card()), (said, one.card())
    if step.fates:
        fates = one.tab.evaluate("explorer.shown()[0].all.map(run => run.fate.kind)")
        assert tuple(fates) == step.fates
    if step.holds:
        assert step.holds(one.paths())


def test_the_link_brings_the_step_back(opened):
    one = opened()
    one.turn("#story=circles.2")
    assert "story=circles.2&" in one.tab.evaluate("explorer.write() + '&'")
    one.tab.click("#story-box .answer >> nth=2")
    said = one.tab.evaluate("explorer.write()")
    one.turn(said)
    assert one.state()["story"] == {"name": "circles", "step": 2, "answer": 2}
    assert one.tab.is_visible("#story-box .reveal")
    for wrong in ("nothing.1", "circles.9", "circles.0", "circles.1.7", "circles"):
        assert one.tab.evaluate("f => explorer.read(f)[1]", f"#story={wrong}") == "the story is unknown"


def test_a_lecture_is_given_with_the_arrow_keys(opened):
    one = opened()
    one.tab.click("#stories summary")
    one.tab.click("#told >> text=Circles for ever")
    one.tab.click("#lecture")
    one.settle()
    large, size = one.tab.evaluate(
        "[...document.querySelectorAll('#story, h1')].map(n => getComputedStyle(n).fontSize)"
    )
    assert one.state()["lecture"] and float(size[:-2]) >= 17, large
    one.tab.evaluate("document.activeElement.blur()")
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        one.tab.keyboard.press(key)
        seen.append([one.state()["story"][part] for part in ("step", "answer")])
    assert seen == [[1, -1], [2, None], [2, -1], [1, None]]
    assert "lecture=1" in one.tab.evaluate("explorer.write()")
    assert one.tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
    one.tab.keyboard.press("Escape")
    assert not one.state()["lecture"] and one.state()["story"]
    one.tab.click("#story-leave")
    assert one.state()["story"] is None and one.tab.is_hidden("#story-box")
