"""Every notebook runs from a clean kernel, and carries its outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn; the notebook's code is under its own filter
def test_notebook_runs(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum(bool(cell.outputs) for cell in code) > len(code) / 2
    assert not any(output.output_type == "error" for cell in code for output in cell.outputs)
    assert any("assert " in cell.source for cell in code)
    kept = [words(cell) for cell in code]
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert kept == [words(cell) for cell in code], "the outputs are stale: run the notebook and save it"


def words(cell):
    """What a cell says in letters: what it prints, and values that are no pictures."""
    said = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            said.append(output.text)
        if output.output_type == "execute_result" and "image/png" not in output.data:
            said.append(output.data["text/plain"])
    return "".join(said)


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 2
