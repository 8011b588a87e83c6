"""What the page cannot show is refused before it is written, with the reason; what it can show survives the address."""

import dataclasses
import json
import pathlib
import re

import pytest

import diracgan as dg
from diracgan.command.main import main
from diracgan.explorer import commands, kernels, links, page

REFUSED = {
    "--unroll": (["unrolled", "--unroll", "3"], "unroll = 1 or 5; 3 was given"),
    "--bias": (["r1", "--bias", "yes"], "a bias makes the state three entries long"),
    "--nodes": (["instance-noise", "--nodes", "32"], "nodes = 64; 32 was given"),
    "--legacy": (["wgan-gp", "--legacy", "yes"], "no data that the page could move"),
    "--moving": (["lecam", "--moving", "yes"], "moving anchors make the state four entries long"),
    "--n-d": (["r1", "--n-d", "100"], "at most 64 inner updates; n_d = 100 was given"),
    "--gamma": (["r1", "--gamma", "2e6"], r"values of at most 1e\+06; gamma = 2e\+06 was given"),
}


@pytest.mark.parametrize("flag", REFUSED)
def test_a_command_writes_no_page_that_it_cannot_show(flag, monkeypatch, capsys, tmp_path):
    arguments, reason = REFUSED[flag]
    monkeypatch.setattr(commands, "kept", lambda: pytest.fail("the page was made"))
    assert main(["explore", *arguments, "--no-open", "--out", str(tmp_path / "page.html")]) == 2
    assert re.search(reason, capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("method", "algorithm", "given", "reason"),
    [
        ("r1", "altgd", {"bias": True}, "three entries long"),
        ("uniform-data", "altgd", {"data": -1.0}, "built from a DiracGAN; this one is not"),
        ("r1", "altgd", {"steps": 6000}, "steps must be an integer and >= 1 and <= 5000"),
        ("r1", "altgd", {"steps": 0}, "steps must be an integer and >= 1"),
        ("r1", "altgd", {"start": (2e6, 0)}, r"entries of at most 1e\+06"),
        ("r1", "altgd", {"gamma": 1e7}, r"at most 1e\+06"),
        ("r1", "altgd", {"data": -2e6}, r"at most 1e\+06"),
        ("r1", "altgd", {"n_d": 100}, "at most 64 inner updates"),
        ("r1", dg.Lookahead(dg.SimGD(0.1), k=100), {}, "at most 64 inner updates; k = 100"),
        ("instance-noise", "altgd", {"nodes": 50}, "nodes = 64; 50 was given"),
        ("lecam", "altgd", {"anchor_rate": 0.3}, "four entries long"),
        ("r1", "simgd", {"h": lambda k: 0.1}, "constant rates"),
    ],
)
def test_python_refuses_what_the_page_cannot_show(method, algorithm, given, reason, monkeypatch):
    monkeypatch.setattr(page, "kept", lambda: pytest.fail("the page was made"))
    with pytest.raises(ValueError, match=reason):
        dg.explore(method, algorithm, **given)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"show": "planes"}, "each of show must be one of 'plane', 'parameters'"),
        ({"show": ()}, "show must name at least one part"),
        ({"show": ("plane", 3)}, "each of show must be one of"),
        ({"show": 3}, "show must be a name or a tuple of names"),
        ({"show": "plane", "controls": "sigma"}, "unknown parameter 'sigma'"),
        ({"show": "plane", "controls": ("h", 2)}, "each of controls must be a text"),
        ({"controls": "h"}, "give show="),
        ({"show": "plane", "height": 10}, "height must be"),
    ],
)
def test_python_refuses_parts_that_there_are_not(given, reason, monkeypatch):
    monkeypatch.setattr(page, "kept", lambda: pytest.fail("the page was made"))
    with pytest.raises((ValueError, TypeError), match=reason):
        dg.explore("r1", "altgd", **given)


def test_parts_are_part_of_the_address(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(page, "kept", lambda: (f'{page._MARK}"";', None))
    made = dg.explore("r1", "altgd", gamma=0.3, show=("plane", "attractor"), controls=("gamma", "h"))
    assert made.page.endswith('#m=r1&a=altgd&p.gamma=0.3&strip=radius&parts=plane,attractor&controls=gamma,h";')
    assert made.height == 520 and dg.explore("r1").height == 1000
    monkeypatch.setattr(commands, "kept", page.kept)
    target = tmp_path / "page.html"
    command = ["explore", "r1", "--parts", "plane,spectrum", "--controls", "gamma", "--no-open", "--out", str(target)]
    assert main(command) == 0
    assert target.read_text(encoding="utf-8").endswith('&parts=plane,spectrum&controls=gamma";')
    for wrong in (["--parts", "plane"], ["r1", "--parts", "p"], ["r1", "--controls", "h"]):
        assert main(["explore", *wrong, "--no-open", "--out", str(target)]) == 2
    capsys.readouterr()


def test_a_view_refers_to_a_page_that_is_saved_elsewhere(monkeypatch):
    monkeypatch.setattr(page, "kept", lambda: (f'{page._MARK}"";', None))
    made = dg.explore("r1", "altgd", gamma=0.3, height=640)
    assert made.fragment == "#m=r1&a=altgd&p.gamma=0.3"
    said = made.embed("a&b/explorer.html?x")
    assert 'src="a&amp;b/explorer.html?x#m=r1&amp;a=altgd&amp;p.gamma=0.3" loading="lazy"' in said
    assert 'title="diracgan explorer: r1, altgd, gamma = 0.3"' in said and "height: 640px" in said
    assert 'src="https://example.org/e.html#m=r1' in made.embed("https://example.org/e.html")
    assert 'src="up/e.html#m=r1' in made.embed(pathlib.PurePosixPath("up", "e.html"))
    for wrong, reason in (
        ("", "src must be a path"),
        (3, "src must be a path"),
        ("e.html#m=gan", "without a fragment"),
    ):
        with pytest.raises((ValueError, TypeError), match=reason):
            made.embed(wrong)


def test_what_the_page_shows_only_at_its_default_may_be_given_as_that():
    assert links.fragment_of("r1", "altgd", {"gamma": 0.3}) == "#m=r1&a=altgd&p.gamma=0.3"
    unrolled = dg.method("unrolled", unroll=1)
    given = {**unrolled.values, **dict(unrolled.settings)}
    assert "p.unroll=1.0" in links.fragment_of("unrolled", "flow", given)


def test_a_start_keeps_all_its_digits():
    start = (0.1234567890123456, -1 / 3)
    said = links.fragment_of("gan", "flow", {}, start)
    assert tuple(map(float, re.search("x=(.*)", said)[1].split(","))) == start


def test_a_title_is_text_whatever_it_is_made_of(monkeypatch):
    """Neither an end of the script element nor a comment in a title ends anything."""
    evil = "</SCRIPT><script>fail()</script><!-- <script>"
    monkeypatch.setitem(kernels.described.__globals__, "entry", lambda n: dataclasses.replace(dg.entry(n), title=evil))
    data = page.data(kernels.described(["gan"], ["simgd"]))
    assert not re.search("<(/?script|!--)", data, re.IGNORECASE)
    assert json.loads(data)["methods"]["gan"]["title"] == evil
    for text in ("'</SCRIPT>'", "'</script>'", "'<!--'"):
        assert not re.search("<(/script|!--)", page.script(text)[len("<script>") : -len("</script>")], re.IGNORECASE)
