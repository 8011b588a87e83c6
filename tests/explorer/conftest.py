import os
import pathlib
import re

import pytest

from diracgan.explorer.page import cached_page


@pytest.fixture(scope="session")
def scripts():
    """What the page and its worker both run, taken out of the page."""
    racer = pytest.importorskip("py_mini_racer", reason="mini-racer runs the compiled JavaScript")
    engine = racer.MiniRacer()
    engine.eval("const performance = { now: () => Date.now() };")
    given = os.environ.get("DIRACGAN_PAGE")
    html = pathlib.Path(given).read_text(encoding="utf-8") if given else cached_page()
    for text in re.findall(r"<script data-shared>\n(.*?)\n</script>", html, re.DOTALL):
        engine.eval(text.replace('"use strict";', ""))
    return engine
