"""The page in a browser, for every file of this room."""

import os
import pathlib
import re

import numpy as np
import pytest

from diracgan.explorer.page import cached_page


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    given = os.environ.get("DIRACGAN_PAGE")
    if given:
        return pathlib.Path(given)
    target = tmp_path_factory.mktemp("page") / "explorer.html"
    target.write_text(cached_page(), encoding="utf-8")
    return target


# What a browser has beside the language, as far as links need it.
PARAMS = """
class URLSearchParams {
  constructor(text = "") {
    const plain = word => decodeURIComponent(word.replaceAll("+", " "));
    this.all = text.split("&").filter(Boolean).map(part => {
      const [key, ...rest] = part.split("=");
      return [plain(key), plain(rest.join("="))];
    });
  }
  get(name) { const found = this.all.find(([key]) => key === name); return found ? found[1] : null; }
  has(name) { return this.all.some(([key]) => key === name); }
  [Symbol.iterator]() { return this.all[Symbol.iterator](); }
}
"""


@pytest.fixture(scope="session")
def scripts(file):
    """What the page and its worker both run, taken out of the page, without a browser."""
    racer = pytest.importorskip("py_mini_racer", reason="mini-racer runs the compiled JavaScript")
    engine = racer.MiniRacer()
    engine.eval("const performance = { now: () => Date.now() };" + PARAMS)
    for text in re.findall(r"<script data-shared>\n(.*?)\n</script>", file.read_text(encoding="utf-8"), re.DOTALL):
        engine.eval(text.replace('"use strict";', ""))
    return engine


# No test depends on how long something takes: this only ends what hangs.
PATIENCE = 300_000
TURN = """fragment => new Promise(turned => {
  const before = location.href;
  addEventListener("hashchange", turned, { once: true });
  location.hash = fragment;
  if (location.href === before) turned();
})"""


class Opened:
    """A page with everything it complained about and asked for."""

    def __init__(self, browser, file, fragment="", **options):
        options = {"viewport": {"width": 1280, "height": 720}, **options}
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE)
        self.tab = self.context.new_page()
        self.problems, self.requests, self.file = [], [], file
        self.tab.on("console", lambda m: self.problems.append(m.text) if m.type in ("error", "warning") else None)
        self.tab.on("pageerror", lambda e: self.problems.append(str(e)))
        self.tab.on("request", lambda r: self.requests.append(r.url))
        self.go(fragment)

    def go(self, fragment):
        self.tab.goto("about:blank")
        self.requests.clear()
        self.tab.goto(self.file.as_uri() + fragment)
        self.tab.wait_for_selector("body[data-ready=yes]")
        self.settle()

    def settle(self):
        self.tab.evaluate("explorer.settled()")

    def turn(self, fragment):
        """Another view in the same page, by its address."""
        self.tab.evaluate(TURN, fragment)
        self.settle()

    def menu(self, selector):
        """Opens the menu that something is in."""
        self.tab.evaluate("s => { document.querySelector(s).closest('details.menu').open = true; }", selector)

    def card(self, name="card"):
        """All that a card says, also what is one click away for want of room."""
        text = (
            "n => [document.getElementById(n).innerText, document.querySelector(`#${n} .sheet`)?.textContent].join(' ')"
        )
        return self.tab.evaluate(text, name)

    def state(self):
        return self.tab.evaluate("explorer.state()")

    def paths(self):
        runs = self.tab.evaluate("explorer.shown()[0].all")
        return [np.stack([run["xs"], run["ys"]], 1) for run in runs]

    def eigenvalues(self):
        text = self.tab.text_content("#card .eigenvalues").replace("−", "-").replace(" ", "")
        return sorted((complex(part.replace("i", "j")) for part in text.split(",")), key=lambda z: (z.real, z.imag))


def checked(one):
    """Nothing was complained about since the last time, and nothing asked for from the network."""
    problems, requests = one.problems[:], one.requests[:]
    one.problems.clear()
    one.requests.clear()
    assert problems == []
    assert [r for r in requests if not r.startswith(("file:", "data:", "blob:"))] == []


@pytest.fixture(scope="module")
def shared(browser, file):
    """One page for all tests of a file that ask for nothing special."""
    kept = []

    def at(fragment):
        if kept:
            kept[0].go(fragment)
        else:
            kept.append(Opened(browser, file, fragment))
        return kept[0]

    yield at
    for one in kept:
        one.context.close()


@pytest.fixture
def opened(browser, file, shared):
    """A function that opens the page: loaded anew in the page that is shared, or in one of its own with options."""
    own, used = [], []

    def open_at(fragment="", **options):
        if not options:
            used[:] = [shared(fragment)]
            return used[0]
        own.append(Opened(browser, file, fragment, **options))
        return own[-1]

    yield open_at
    for one in own:
        one.context.close()
    for one in own + used:
        checked(one)
