"""The outputs of one notebook share one text of the page."""

import itertools

import pytest

import diracgan as dg
from diracgan.explorer import notebooks, page

# No test depends on how long something takes: this only ends what hangs.
PATIENCE = 300_000


@pytest.fixture
def outputs(file, monkeypatch):
    """The HTML of views that are shown by a JupyterLab of our own: one cell and one run for each."""
    monkeypatch.setattr(page, "kept", lambda: (file.read_text(encoding="utf-8"), file))
    monkeypatch.setattr(notebooks, "_SHOWN", notebooks.Shown())
    runs = itertools.count()

    def of(cell, view):
        said = {"header": {"session": "s", "msg_id": str(next(runs))}, "metadata": {"cellId": cell}}
        monkeypatch.setattr(notebooks, "request", lambda: said)
        return view._repr_html_()

    return of


VIEWS = [("r1", "altgd", {"gamma": 0.9}), ("gan", "simgd", {"h": 0.25}), ("nsgan-r1", "flow", {"gamma": 0.4})]


def shown(browser, tmp_path, text):
    document = tmp_path / "notebook.html"
    document.write_text(f"<!doctype html><title>notebook</title><body>{text}", encoding="utf-8")
    tab = browser.new_page()
    tab.goto(document.as_uri())
    return tab


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0)], ids=["carried first", "carried last"])
def test_the_first_output_carries_the_page_for_the_others(browser, outputs, tmp_path, order):
    texts = [outputs(f"cell-{k}", dg.explore(m, a, **values)) for k, (m, a, values) in enumerate(VIEWS)]
    assert len(texts[0]) > 1e6 and all(len(text) < 4000 for text in texts[1:])
    tab = shown(browser, tmp_path, "".join(texts[k] for k in order))
    for at, k in enumerate(order):
        method, algorithm, values = VIEWS[k]
        tab.frame_locator(f"iframe >> nth={at}").locator("body[data-ready=yes]").wait_for(timeout=PATIENCE)
        side = tab.locator(f"iframe >> nth={at}").element_handle().content_frame().evaluate("explorer.state().A")
        assert (side["m"], side["a"]) == (method, algorithm)
        assert values.items() <= {**side["p"], **side["q"]}.items()
    tab.close()


def test_an_output_without_its_page_says_what_to_do(browser, outputs, tmp_path):
    view = dg.explore("r1")
    outputs("a", view)
    alone = outputs("b", view)
    tab = shown(browser, tmp_path, alone)
    frame = tab.frame_locator("iframe")
    frame.get_by_text("run this cell again, which then carries the page itself").wait_for(timeout=PATIENCE)
    tab.close()
    # That is what happens then; so it is where nobody says which cell is run, or not as JupyterLab does.
    assert len(outputs("b", view)) > 1e6
    assert len(outputs("vscode-notebook-cell:/n.ipynb#W0", view)) > 1e6
    assert len(outputs(None, view)) > 1e6
    assert notebooks.Shown().carries("page", None)
