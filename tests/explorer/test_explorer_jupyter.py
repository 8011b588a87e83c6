"""`dg.explore` in JupyterLab itself, and in the HTML that nbconvert makes of the notebook: the page is live in both."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest
from nbclient import NotebookClient

import diracgan as dg

pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: the extra `browser` has it")
pytestmark = pytest.mark.filterwarnings("default")  # the warnings of Jupyter's libraries are their own
OURS = "iframe[title^='diracgan explorer']"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """The folder of a notebook whose kept output is the page."""
    folder = tmp_path_factory.mktemp("jupyter")
    cells = [nbformat.v4.new_code_cell('import diracgan as dg\ndg.explore("r1", gamma=0.3)')]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    NotebookClient(made, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.write(made, folder / "explorer.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(notebook):
    """The address of a JupyterLab that serves the notebook's folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(notebook / "jupyter" / name) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    environment = os.environ | {f"JUPYTER_{name}": folder for name, folder in own.items()}
    environment["JUPYTERLAB_SETTINGS_DIR"] = environment["JUPYTERLAB_WORKSPACES_DIR"] = str(
        notebook / "jupyter" / "lab"
    )
    # JupyterLab shows the kept output of a notebook whose author is trusted; of others it drops every iframe.
    trusted = [sys.executable, "-m", "jupyter", "trust", str(notebook / "explorer.ipynb")]
    subprocess.run(trusted, env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    command += ["--ServerApp.password=", f"--ServerApp.root_dir={notebook}", "--LabApp.news_url=None"]
    said = notebook / "server.log"
    with said.open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 600
        while time.monotonic() < until:
            assert server.poll() is None, said.read_text()[-2000:]
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(f"{address}/api") as answer,
            ):
                if answer.status == 200:
                    break
            time.sleep(0.3)
        else:
            pytest.fail("JupyterLab did not answer:\n" + said.read_text()[-2000:])
        yield address
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextlib.contextmanager
def opened(browser, address):
    """A tab at an address, with what our frame complained about; the host's own messages are not ours."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    tab = context.new_page()
    problems = []

    def heard(message):
        if message.type == "error" and message.location.get("url", "").startswith("about:srcdoc"):
            problems.append(message.text)

    tab.on("console", heard)
    tab.on("pageerror", lambda e: problems.append(str(e)) if "about:srcdoc" in (e.stack or "") else None)
    tab.goto(address)
    yield tab
    context.close()
    assert problems == []


def spectral_radius(frame):
    """The number that the card shows."""
    found = re.search(r"spectral radius\D*(\d+(?:\.\d+)?)", frame.inner_text("#card"), re.IGNORECASE)
    assert found, frame.inner_text("#card")
    return float(found[1])


def wanted(gamma, h=0.2):
    return max(abs(z) for z in dg.multipliers(dg.method("r1", gamma=gamma), dg.AltGD(h=h)).tolist())


def is_live(tab):
    """The page inside of the frame shows what JAX says, and follows its slider."""
    host = tab.wait_for_selector(OURS, state="attached", timeout=300_000)
    host.scroll_into_view_if_needed()
    frame = host.content_frame()
    frame.wait_for_selector("body[data-ready=yes]", timeout=300_000)
    shown = frame.evaluate("explorer.state().A")
    assert (shown["m"], shown["a"], shown["p"]["gamma"], shown["q"]["h"]) == ("r1", "altgd", 0.3, 0.2)
    assert spectral_radius(frame) == pytest.approx(wanted(0.3), rel=1e-3)
    frame.focus("#s-p-gamma")
    for _ in range(5):
        frame.press("#s-p-gamma", "ArrowRight")
    frame.evaluate("async () => { await explorer.painted(); await explorer.painted(); }")
    gamma = frame.evaluate("explorer.state().A.p.gamma")
    assert gamma > 0.3
    assert spectral_radius(frame) == pytest.approx(wanted(gamma), rel=1e-3)
    assert spectral_radius(frame) != pytest.approx(wanted(0.3), rel=1e-3)


def test_it_is_live_in_jupyterlab(browser, lab):
    with opened(browser, f"{lab}/lab/tree/explorer.ipynb") as tab:
        is_live(tab)


def test_it_stays_live_when_the_notebook_becomes_html(browser, notebook):
    exporters = pytest.importorskip("nbconvert", reason="nbconvert is not installed: the extra `browser` has it")
    text, _ = exporters.HTMLExporter().from_filename(str(notebook / "explorer.ipynb"))
    target = notebook / "explorer.html"
    target.write_text(text, encoding="utf-8")
    with opened(browser, target.as_uri()) as tab:
        is_live(tab)
