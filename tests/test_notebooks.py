"""Every chapter of the course runs from a clean kernel, and keeps what comes out; every exercise is solved in one."""

import copy
import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

import diracgan as dg

FOLDER = Path(__file__).parent.parent / "notebooks"
_SPEC = importlib.util.spec_from_file_location("build", FOLDER / "build.py")
build = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(build)
CHAPTERS = build.chapters()


def kept(text):
    return nbformat.read(text.with_suffix(".ipynb"), as_version=4)


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("text", CHAPTERS, ids=lambda text: text.stem)
@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn; a warning in a cell is one of the faults
def test_a_chapter_runs_and_keeps_what_comes_out(text):
    made = build.run(build.read(text))
    assert build.faults(made) == []
    assert build.stale(kept(text), made) == [], f"run python notebooks/build.py {text.name[:2]}"


@pytest.mark.parametrize("text", CHAPTERS, ids=lambda text: text.stem)
def test_a_chapter_has_its_parts(text):
    notebook = kept(text)
    words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for part in ("**The claim.**", "surprise", "<details>", "## Exercises", "## Further reading", "{cite}`"):
        assert part in words, part
    assert ":::{prf:theorem}" in words and ":::{prf:proof}" in words
    assert sum("assert " in source for source in code) >= 3
    assert tagged(notebook, "live")
    assert all(cell.metadata["diracgan"]["fragment"].startswith("#m=") for cell in tagged(notebook, "live"))


def test_nothing_else_stands_beside_the_chapters():
    names = {path.stem for path in FOLDER.glob("*.ipynb")}
    assert names == {text.stem for text in CHAPTERS}


def test_every_exercise_is_asked_and_solved_in_its_chapter():
    for text in CHAPTERS:
        notebook = kept(text)
        asked = re.findall(r":::\{exercise\}.*?:label: ex-([\w-]+)", "\n".join(c.source for c in notebook.cells), re.S)
        solved = [
            re.search(r'check\("([\w-]+)"', cell.source)[1]
            for cell in tagged(notebook, "solution")
            if cell.cell_type == "code"
        ]
        number = int(text.name[:2])
        assert asked == solved == [one.name for one in dg.course.exercises() if one.chapter == number]
        for cell in tagged(notebook, "solution"):
            if cell.cell_type == "code":
                assert ": right." in cell.outputs[-1].data["text/plain"]


def test_labels_are_unique_and_citations_are_known():
    words = "\n".join(text.read_text(encoding="utf-8") for text in CHAPTERS)
    labels = re.findall(r"^:label: (\S+)", words, re.MULTILINE)
    assert len(labels) == len(set(labels))
    keys = {key for group in re.findall(r"\{cite\}`([^`]+)`", words) for key in group.split(",")}
    bibliography = Path(dg.__file__).parent / "catalogue" / "references.bib"
    assert keys <= set(re.findall(r"^@\w+\{(\w+),", bibliography.read_text(encoding="utf-8"), re.MULTILINE))


def test_stale_outputs_are_refused():
    notebook = kept(CHAPTERS[0])
    assert build.stale(notebook, notebook) == []
    changed = copy.deepcopy(notebook)
    printed = next(cell for cell in changed.cells if cell.get("outputs") and "text" in cell.outputs[0])
    printed.outputs[0].text = printed.outputs[0].text.replace("5", "6")
    assert len(build.stale(notebook, changed)) == 1
    edited = copy.deepcopy(notebook)
    edited.cells[0].source += " and more"
    assert "and more" in build.stale(notebook, edited)[0]


def test_faults_are_found():
    notebook = kept(CHAPTERS[0])
    cell = next(cell for cell in notebook.cells if cell.get("outputs"))
    for output, words in (
        (nbformat.v4.new_output("stream", name="stderr", text="a warning"), "a warning"),
        (nbformat.v4.new_output("stream", name="stdout", text="<Axes at 0x7f001122>"), "address"),
        (nbformat.v4.new_output("stream", name="stdout", text="x" * 700_000), "600 kB"),
    ):
        cell.outputs = [output]
        assert words in build.faults(notebook)[0]
