"""Run the chapters: each text `NN-name.md` becomes `NN-name.ipynb` with its outputs.

    python notebooks/build.py              all of them
    python notebooks/build.py 03 05        two of them
    python notebooks/build.py --check      write nothing; fail where what is kept is not what comes out

A text is edited, its notebook is written: in a text editor, or in JupyterLab with jupytext, which opens it as a
notebook. What a notebook keeps depends on the text and on the package alone: no counts, no versions, no machine. A cell
with the tag `live` ends with `dg.explore(...)`. Its page is too large to be kept: its place takes a line of words,
and the cell's metadata says which view it shows, `{"diracgan": {"fragment": "#m=…", "height": 520}}`, for those that
embed it; not so with the tag `own`, for a method that the page does not know elsewhere.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent
DPI = 150
WORDS = "A live figure. Run this cell to see it."
# Said to the kernel before anything else: the page itself, which takes a minute to compile, is left out of the figures.
_PAGELESS = 'import diracgan.explorer.page as _page\n_page.kept = lambda: ("", None)'
# What a live cell is asked after it has run.
_ASKED = 'print(__import__("json").dumps({"fragment": _.fragment, "height": _.height}))'


def chapters(*numbers: str) -> list[Path]:
    """The texts, or those whose names begin with one of the numbers."""
    texts = sorted(HERE.glob("[0-9][0-9]-*.md"))
    missing = [number for number in numbers if not any(text.name.startswith(number) for text in texts)]
    if missing:
        raise SystemExit(f"no chapter {', '.join(missing)}; the chapters are {', '.join(text.stem for text in texts)}")
    return [text for text in texts if not numbers or text.name.startswith(numbers)]


def read(text: Path) -> nbformat.NotebookNode:
    """A chapter as a notebook without outputs."""
    notebook = jupytext.read(text, fmt="md:myst")
    notebook.metadata = nbformat.from_dict(
        {
            "jupytext": {"formats": "ipynb,md:myst"},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
        }
    )
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place:02d}"
    return notebook


def run(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with its outputs, from a clean kernel; an error in a cell is an error here."""
    asked = nbformat.v4.new_notebook(metadata=notebook.metadata)
    asked.cells.append(nbformat.v4.new_code_cell(_PAGELESS, id="pageless"))
    for cell in notebook.cells:
        asked.cells.append(cell)
        if {"live", "own"} & set(cell.metadata.get("tags", [])):
            asked.cells.append(nbformat.v4.new_code_cell(_ASKED, id=f"{cell.id}-asked"))
    NotebookClient(asked, timeout=600, resources={"metadata": {"path": str(HERE)}}).execute()
    for before, cell in zip(asked.cells, asked.cells[1:], strict=False):
        if cell.id.endswith("-asked"):
            if "live" in before.metadata.tags:
                before.metadata["diracgan"] = json.loads(cell.outputs[0].text)
            before.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": WORDS})]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            _normalise(cell)
    return notebook


def _normalise(cell: nbformat.NotebookNode) -> None:
    """Leave what the text and the package decide: no counts, no times; neighbouring streams as one."""
    cell.execution_count = None
    cell.metadata.pop("execution", None)
    outputs: list[nbformat.NotebookNode] = []
    for output in cell.outputs:
        if output.output_type == "stream" and outputs and outputs[-1].get("name") == output.name:
            outputs[-1].text += output.text
            continue
        if output.output_type == "execute_result":
            output.execution_count = None
        for kind in ("image/png", "image/jpeg"):
            if kind in output.get("data", {}):
                output.data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", output.data["text/plain"])
        outputs.append(output)
    cell.outputs = outputs


def said(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Kind and source of every cell, and after it all that it says in words; pictures are left out."""
    lines = []
    for cell in notebook.cells:
        lines.append((cell.cell_type, cell.source))
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            words = output.get("text", "") or ("" if "image/png" in data else data.get("text/plain", ""))
            lines.append((output.output_type, words))
        lines.append(("metadata", json.dumps(cell.metadata, sort_keys=True)))
    return lines


def faults(notebook: nbformat.NotebookNode) -> list[str]:
    """What no chapter may keep: errors, warnings, addresses of objects, pictures that are too fine, pages."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = json.dumps({key: value for key, value in output.items() if key != "data"})
            words = output.get("data", {}).get("text/plain", "") + output.get("text", "")
            if output.output_type == "error" or output.get("name") == "stderr":
                found.append(f"{cell.id}: {text[:400]}")
            if re.search(r"0x[0-9a-f]{6,}", words):
                found.append(f"{cell.id}: the address of an object: {words[:80]}")
            if len(json.dumps(output)) > 600_000:
                found.append(f"{cell.id}: an output of more than 600 kB")
            if "image/png" in output.get("data", {}) and (dpi := _dpi(output.data["image/png"])) > DPI:
                found.append(f"{cell.id}: a picture of {dpi:.0f} dpi, more than {DPI}")
    return found


def _dpi(picture: str) -> float:
    import base64

    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        return float(image.info.get("dpi", (0, 0))[0]) - 0.5


def stale(kept: nbformat.NotebookNode, made: nbformat.NotebookNode) -> list[str]:
    """Where two notebooks say different things, in words."""
    before, after = said(kept), said(made)
    if len(before) != len(after):
        return [f"{len(before)} pieces are kept and {len(after)} come out"]
    pairs = zip(before, after, strict=True)
    return [f"{one[0]}: {_difference(one[1], two[1])}" for one, two in pairs if one != two]


def _difference(kept: str, made: str) -> str:
    """The two texts from a little before the place where they part."""
    place = next((i for i, (a, b) in enumerate(zip(kept, made, strict=False)) if a != b), min(len(kept), len(made)))
    return f"kept {kept[max(place - 60, 0) : place + 200]!r}, made {made[max(place - 60, 0) : place + 200]!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("numbers", nargs="*", help="such as 03; all chapters without any")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args()
    failed = False
    for text in chapters(*options.numbers):
        begun, kept = time.perf_counter(), text.with_suffix(".ipynb")
        made = run(read(text))
        problems = faults(made)
        if options.check:
            problems += stale(nbformat.read(kept, 4), made) if kept.exists() else [f"{kept.name} does not exist"]
        elif not problems:
            kept.write_text(nbformat.writes(made) + "\n", encoding="utf-8")
        print(f"{text.stem}: {len(made.cells)} cells, {time.perf_counter() - begun:.1f} s", *problems, sep="\n  ")
        failed = failed or bool(problems)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
