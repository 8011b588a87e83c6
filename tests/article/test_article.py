"""The long read: its numbers, its figures, and the page itself."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.special import i0

from diracgan import article as room
from diracgan.article import figures, numbers, page
from diracgan.command.main import main
from diracgan.explorer import stories

FOLDER = Path(room.__file__).parent
SECTIONS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((FOLDER / "sections").glob("*.html"))}


@pytest.fixture(scope="module")
def stated():
    """The numbers of the article, read back."""
    return numbers.numbers()


@pytest.fixture(scope="module")
def text():
    return page.article()


def value(said):
    return float(re.sub("[\u202f ]", "", said).replace("−", "-"))


def test_numbers_are_those_of_closed_forms(stated):
    gamma, h, omega = 0.7, 0.2, np.sqrt(1 - 0.7**2 / 4)
    growth = np.sqrt(1 + h**2 / 4)
    known = {
        "lap": 4 * np.pi,
        "lap_one": 2 * np.pi * (1 + i0(0.5)),
        "lap_far": 2 * np.pi * (1 + i0(4.5)),
        "growth": growth,
        "doubling": np.log(2) / np.log(growth),
        "drift": h / 8,
        "turns_limit": 4.0,
        "im": np.sqrt(0.25 - 0.15**2),
        "two": -1 + np.sqrt(0.75),
        "sim_strong": 4 / (2 + np.sqrt(3)),
        "alt_usual": 4 / (0.3 + np.sqrt(1.09)),
        "alt_strong": 4 / (2 + np.sqrt(5)),
        "gp_period": 2 * np.pi / omega,
        "gp_multiplier": np.exp(-np.pi * gamma / omega),
        "noise_gamma": 0.7**2 / 2,
        "ball_limit": 2.0,
        "co_limit": 4 / (0.1 + np.sqrt(1.01)),
    }
    for name, expected in known.items():
        said = value(stated[name])
        assert said == pytest.approx(expected, rel=1e-3 if name != "doubling" else 1e-2), name


def test_what_the_words_say_of_the_numbers_holds(stated):
    n = {name: value(said) for name, said in stated.items() if name != "saddle"}
    assert 1.4 < n["drift_start"] < 1.5 and n["drift_end"] > 2 and n["drift_rounds"] == 200_000
    assert n["far_inside"] == 100 and n["far_beyond"] < 10
    assert 88 < n["co_share"] < 97 and 60 < n["co_more"] < 70 and n["co_period"] == 6
    assert n["consensus_share"] < 30 and n["coded_share"] == 100 and n["true_share"] < 90
    assert n["longer"] == 100


def test_no_number_is_typed():
    assert len(SECTIONS) == 12
    for name, section in SECTIONS.items():
        plain = re.sub(r"\{\{.*?\}\}|\\\(.*?\\\)|\\\[.*?\\\]|<[^>]*>", " ", section, flags=re.DOTALL)
        # Small whole numbers are words; years and the places of starts stand in the questions.
        assert re.findall(r"\d+\.\d+|\b\d{2,3}\b", plain) == [], name


def test_every_figure_is_used_once_and_is_a_view_of_a_story_that_is_checked():
    used = re.findall(r'figure\("([a-z]+)"\)', "".join(SECTIONS.values()))
    assert sorted(used) == sorted(figures.FIGURES) and len(used) == len(set(used)) >= 10
    views = [step.view for story in stories.STORIES.values() for step in story.steps]
    for one in figures.FIGURES.values():
        assert one.step.view in views


def test_every_number_is_used(stated):
    told = "".join(SECTIONS.values())
    assert {name for name in stated if not re.search(rf"\bn\.{name}\b", told)} == set()


def test_tables_are_those_of_the_library(text):
    row = re.search(r"<td>extragradient</td><td>([\d.]+)</td><td>([\d.]+)</td>", text)
    assert float(row[1]) == pytest.approx(abs(1 + 0.2 * (0.5j + 0.2 * 0.5j**2)), abs=1e-4)
    assert '<tr><td>GAN (minimax)</td><td class="neutral">neutral</td><td class="unstable">unstable</td>' in text


def test_formulas_are_set_and_nothing_is_left_of_their_source(text):
    assert text.count("<math") > 60
    written = text.partition("<script")[0]
    assert "\\(" not in written and "{{" not in written
    assert page.with_formulas(r"\[x &lt; y\]").count('display="block"') == 1


def test_the_page_is_live_and_asks_first(browser, tmp_path, text):
    file = tmp_path / "article.html"
    file.write_text(text, encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab, problems, requests = context.new_page(), [], []
    tab.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda e: problems.append(str(e)))
    tab.on("request", lambda r: requests.append(r.url))
    tab.goto(file.as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    figure = tab.locator("#figure-circles")
    figure.scroll_into_view_if_needed()
    inside = figure.locator("iframe").content_frame
    inside.locator("body[data-ready=yes]").wait_for()
    assert not figure.locator(".reveal").is_visible() and not inside.locator("#plot-distance").is_visible()
    figure.locator(".answers button >> nth=0").click()
    inside.locator("#plot-distance").wait_for()
    assert figure.locator(".reveal").is_visible()
    assert figure.locator("button.yes").inner_text() == "✓ It circles for ever"
    assert figure.locator("button.no").inner_text() == "✗ It arrives"
    # The frame is as high as what is in it.
    tab.wait_for_function(
        "parseInt(document.querySelector('#figure-circles').style.getPropertyValue('--height')) > 600"
    )
    assert tab.locator(".score").inner_text().startswith("You foresaw 0 of the 1")
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    assert problems == []
    assert [r for r in requests if not r.startswith(("file:", "data:", "blob:"))] == []
    context.close()


def test_the_command_says_what_is_wrong_before_it_computes(tmp_path, capsys):
    assert main(["article", "--out", str(tmp_path), "--no-open"]) == 2
    assert "is a directory" in capsys.readouterr().err


@pytest.mark.parametrize("given", ["", 3, "explorer.html#m=r1"])
def test_an_address_is_checked_before_anything_is_computed(given):
    with pytest.raises((TypeError, ValueError), match="explorer must be"):
        page.article(given)
