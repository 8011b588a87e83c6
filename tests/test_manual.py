"""The manual and the README: what they tell a reader to type works, and what they link to is there.

A fenced block is run by its language: `python` as it stands, the blocks of a page one after the other; `pycon` as a
doctest; `bash` as command lines, of which those of `diracgan` are run with fewer points where they would take long.
`<!-- not run: … -->` before a block gives the reason why it is only parsed.
"""

import ast
import contextlib
import doctest
import html
import importlib.metadata
import io
import json
import os
import re
import shlex
import sys
import tomllib
from pathlib import Path
from urllib.parse import parse_qsl

import jax
import matplotlib.pyplot as plt
import numpy as np
import pytest

import diracgan as dg
from diracgan.algorithms import ALGORITHMS
from diracgan.command.main import build_parser, main

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))

from building import (  # noqa: E402
    checks,
    course,
    docstrings,
    errata,
    live,
    methods,
    performance,
    reference,
    stability,
    symbols,
    words,
)

PAGES = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").glob("*.md") if path.name != "errata.md"),
    *sorted((ROOT / "docs" / "howto").glob("*.md")),
]
_REASON = re.compile(r"<!-- not run: (.*) -->")


def _fences(text):
    """(remark before it, language, code) of every fenced block; a directive in braces is one as well."""
    remark, language, code = "", None, []
    for line in text.splitlines(keepends=True):
        if language is None and (opened := re.match(r" *(`{3,}|:{3,})(\S*)", line)):
            language, code, fence, indent = opened[2], [], opened[1], len(line) - len(line.lstrip())
        elif language is not None and line.strip() == fence:
            yield remark, language, "".join(code)
            remark, language = "", None
        elif language is not None:
            code.append(line[indent:] if line[:indent].isspace() else line)
        elif line.strip():
            remark = line.strip()


def blocks(path, *languages):
    """(code, why it is not run) of every fenced block in one of the languages."""
    for remark, language, code in _fences(path.read_text(encoding="utf-8")):
        if language in languages:
            reason = _REASON.match(remark)
            yield code, reason and reason[1]


def having(*languages):
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in PAGES if any(blocks(path, *languages))]


@pytest.fixture
def as_user(tmp_path, monkeypatch):
    """An empty folder to work in, JAX as it is without configuration, and no figure left behind."""
    monkeypatch.chdir(tmp_path)
    jax.config.update("jax_enable_x64", False)
    yield tmp_path
    jax.config.update("jax_enable_x64", True)
    plt.close("all")


@pytest.mark.parametrize("path", having("python"))
def test_python_runs(path, as_user):
    names = {"__name__": "page"}
    np.savez("shapes.npz", images=np.zeros((40, 8, 8)), labels=np.arange(40) % 4)
    for code, why in blocks(path, "python"):
        ast.parse(code)
        if why is None:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(code, path.name, "exec"), names)


@pytest.mark.parametrize("path", having("pycon"))
def test_sessions_say_what_is_printed(path, as_user):
    text = "\n".join(code for code, _ in blocks(path, "pycon"))
    test = doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
    assert runner.tries > 0


def lines():
    """Every command line of the pages, without the remark that follows it in a column of its own."""
    for path in PAGES:
        for code, why in blocks(path, "bash", "sh", ""):
            for line in code.replace("\\\n", " ").splitlines():
                command = re.split(r"\s{3,}", line.strip())[0]
                if command and not command.startswith("#"):
                    yield path, command, why


COMMANDS = [
    pytest.param(part.strip(), id=f"{path.name}: {part.strip()[:70]}")
    for path, command, _ in lines()
    for part in command.split("&&")
]
OWN = re.compile(r"^(?:srun )?(?:\.venv/bin/)?diracgan ")
# What the suite runs elsewhere, or what takes minutes by what it is for: its words are parsed here.
LONG = ("reproduce", "prove", "verify", "methods", "discrepancies", "article")


def quick(arguments):
    """The same command with three values on an axis, and without a window."""
    few = [re.sub(r"(=[^:]+:[^:]+:)\d+$", r"\g<1>3", argument) for argument in arguments]
    if few[0] == "explore":
        few += [] if "--no-open" in few else ["--no-open"]
        few += [] if "--out" in few else ["--out", "explorer.html"]
    if few[0] == "atlas":
        few += ["--n", "8"] if few[1] == "basin" and "--n" not in few else []
        few += ["--steps", "50"] if "--steps" not in few else []
    return few


@pytest.mark.parametrize("command", [one for one in COMMANDS if OWN.match(one.values[0])])
def test_commands_run(command, as_user, capsys):
    arguments = quick(shlex.split(OWN.sub("", command.replace("$SCRATCH", "scratch"), count=1)))
    options = build_parser().parse_args(arguments)
    together = getattr(options, "coordinator", None) or getattr(options, "distributed", False)
    if arguments[0] in LONG or together:
        return
    if getattr(options, "resume", False):
        assert main([word for word in arguments if word != "--resume"]) == 0
    assert main(arguments) == 0
    assert capsys.readouterr().err == ""
    if (out := getattr(options, "out", None)) is not None:
        assert (as_user / out).stat().st_size > 1000


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("command", [one for one in COMMANDS if not OWN.match(one.values[0])])
def test_other_commands_name_what_there_is(command):
    name, *rest = shlex.split(command)
    program = os.path.basename(name)
    assert program in ("python", "python3", "pytest", "ruff", "mypy", "git", "#!/bin/bash"), command
    if "install" in rest:
        for wanted in re.findall(r"([\w.]+)\[([\w,-]+)\]", command):
            known = (
                project()["optional-dependencies"]
                if wanted[0] == "."
                else importlib.metadata.metadata("jax").get_all("Provides-Extra")
            )
            assert set(wanted[1].split(",")) <= set(known), command
        assert all((ROOT / word).exists() for word in rest if word.endswith(".txt"))
    for word in rest:
        if word.endswith(".py"):
            assert (ROOT / word).exists(), command


def test_all_is_every_extra():
    extras = project()["optional-dependencies"]
    (together,) = extras["all"]
    assert set(re.search(r"\[(.*)\]", together)[1].split(",")) == set(extras) - {"all"}
    assert all(f"| `{name}` |" in (ROOT / "docs" / "install.md").read_text(encoding="utf-8") for name in extras)


def test_what_builds_the_manual_is_pinned():
    pins = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    wanted = [re.match(r"[\w.-]+", one)[0].lower() for one in project()["optional-dependencies"]["docs"]]
    assert set(wanted) - {"diracgan"} <= pins


# Links ------------------------------------------------------------------------------------------------------------


def generated(name):
    """Whether the build writes a page of this name."""
    folder, _, page = name.partition("/")
    known = {"methods": dg.methods(), "algorithms": tuple(ALGORITHMS), "api": tuple(reference.placed())}
    known["course"] = tuple(path.stem for path in course.chapters())
    return name == "errata" or page == "index" or page in known.get(folder, ())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        place = target.partition("#")[0]
        if "://" in target or not place:
            continue
        file = (path.parent / place).resolve()
        inside = (
            file.relative_to(ROOT / "docs").with_suffix("").as_posix() if file.is_relative_to(ROOT / "docs") else ""
        )
        assert file.exists() or generated(inside), f"{path.name}: {target}"


def views():
    """Every address of the explorer in the pages."""
    for path in PAGES:
        for source in re.findall(r'_static/explorer\.html(#[^"]+)"', path.read_text(encoding="utf-8")):
            yield pytest.param(html.unescape(source), id=f"{path.name}{source}")


@pytest.mark.parametrize("address", list(views()))
def test_addresses_of_the_explorer_are_its_own(address):
    given = dict(parse_qsl(address[1:]))
    given.pop("lecture", None)
    if set(given) == {"story"}:
        return
    values = {key.partition(".")[2]: float(value) for key, value in given.items() if key[:2] in ("p.", "q.")}
    start = tuple(map(float, given["x"].split(",")))
    several = {key: tuple(given[key].split(",")) if key in given else None for key in ("parts", "controls")}
    made = live.address(given["m"], given["a"], several["parts"], several["controls"], start, **values)
    known = dict(parse_qsl(made[1:]))
    assert {**known, **given, "x": ""} == {**known, "x": ""} or {key: known[key] for key in given if key != "x"}


def test_what_a_built_page_lacks_is_found(tmp_path):
    (tmp_path / "other.html").write_text('<h1 id="there">x</h1>')
    (tmp_path / "index.html").write_text(
        '<script src="https://cdn.example/x.js"></script><img src="no.png"><img src="data:image/png;base64,AA==">'
        '<a href="other.html#there">x</a><a href="other.html#gone">x</a><a href="https://example.org">x</a>'
    )
    assert checks.missing(tmp_path) == [
        "index.html loads https://cdn.example/x.js from elsewhere",
        "index.html: no.png is not there",
        "index.html: other.html#gone is not there",
    ]


# What is derived --------------------------------------------------------------------------------------------------


def test_every_public_name_is_documented():
    assert reference.gaps() == []


def test_a_gap_is_found(monkeypatch):
    def silent(unheard_of):
        pass

    monkeypatch.setitem(dg._PLACES, "silent", "atlas")
    monkeypatch.setattr(dg, "__all__", [*dg.__all__, "silent"])
    assert "dg.silent is on no page" in reference.gaps()
    found = reference._missing(reference.Name("dg.silent", silent))
    assert found == ["dg.silent has no summary", "dg.silent: nothing is said of unheard_of", "dg.silent has no example"]


def test_docstrings_become_markdown():
    doc = docstrings.read(dg.critical_step)
    assert doc.summary.startswith("The critical learning rate")
    text = docstrings.text(doc)
    assert "```text\n1 - det M,  det(M + I)" in text
    assert docstrings.examples(doc).count(">>>") == 2
    assert set(docstrings.read(dg.cycle).arguments) == {"field", "algorithm", "start", "period", "rounds"}
    assert words.plain("x* and |x*|, *cycle*, `a*b`") == "x\\* and \\|x\\*\\|, *cycle*, `a*b`"
    assert words.table(["a"], [["`x|y` \\| z"]]).splitlines()[2] == "| `x\\|y` \\| z |"


def test_the_gallery_shows_every_method_once():
    shown = [name for group in methods.GROUPS.values() for name in group.split()]
    assert sorted(shown) == sorted(dg.methods())


def test_errata_are_attached_to_methods_that_there_are():
    from diracgan.reproduction.errata.facts import _KNOWN

    assert set(errata.ABOUT) == set(_KNOWN)
    assert {name for names in errata.ABOUT.values() for name in names} <= set(dg.methods())


@pytest.mark.parametrize("name", ["gan", "r1", "sga", "lsgan-zero", "drift"])
def test_a_batch_of_linear_fields_is_judged_as_the_methods_are(name, monkeypatch):
    m = dg.method(name)
    row = {"jacobian": {"derived": np.asarray(dg.jacobian(m)).tolist()}}
    monkeypatch.setattr(stability, "rows", lambda: {name: row})
    for algorithm, made in {
        "altgd": dg.AltGD(0.2),
        "optimistic": dg.Optimistic(0.2),
        "heavy-ball": dg.HeavyBall(0.2),
    }.items():
        found = stability._under(algorithm)[name]
        alone, critical = dg.verdict(m, made), dg.critical_step(m, made)
        assert (found.kind, found.lost) == (alone.kind, str(critical.kind))
        np.testing.assert_allclose([found.number, found.limit], [alone.number, float(critical.h)], rtol=1e-7)
    assert stability._under("adam")[name].kind == "no multipliers"


def test_symbols_are_those_of_the_explorer_and_have_one_meaning():
    from diracgan.explorer.maths import SYMBOLS

    assert not set(symbols.OTHERS) & set(SYMBOLS)
    assert symbols.listed().count("\n") == len(SYMBOLS) + len(symbols.OTHERS) + 1


def test_the_page_of_speed_shows_what_was_measured():
    text = performance.listed()
    rows = [row for rows in performance.results()["single"].values() for row in rows]
    assert len(rows) > 10 and all(words.plain(row[0]) in text for row in rows)
    assert performance.results()["machine"]["cores"] >= 1


def test_a_live_cell_of_a_chapter_becomes_a_frame(tmp_path):
    view = {"fragment": "#m=r1&a=altgd&parts=plane,spectrum", "height": 520}
    cell = {"cell_type": "code", "metadata": {"diracgan": view}, "outputs": []}
    file = tmp_path / "05-penalties.ipynb"
    file.write_text(json.dumps({"cells": [cell], "metadata": {}}))
    (made,) = json.loads(course.notebook(file))["cells"][0]["outputs"]
    shown = made["data"]["text/html"][0]
    assert 'src="../_static/explorer.html#m=r1&amp;a=altgd&amp;parts=plane,spectrum"' in shown
    assert 'loading="lazy"' in shown and "--height: 580px" in shown


def test_a_view_has_the_room_that_its_parts_need():
    several = ("plane", "plane,spectrum", "plane,distance", "plane,series,distance")
    sizes = [live.height(f"#m=r1&parts={parts}") for parts in several]
    assert sizes == sorted(sizes) and len(set(sizes)) == 4
    assert live.height("#m=r1") > max(sizes)
