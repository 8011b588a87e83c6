import gc
import importlib.metadata
import os

# Compiling dominates the suite; these options trade the speed of the compiled code for that of the compiler.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
    "--xla_cpu_parallel_codegen_split_count=1"
    # XLA ends the process at an option that it does not know, and its newest releases no longer know this one.
    + (" --xla_cpu_use_fusion_emitters=false" if int(importlib.metadata.version("jaxlib").split(".")[1]) < 11 else ""),
)

# What the suite compiles is no concern of the user's cache folder.
os.environ.setdefault("DIRACGAN_COMPILATION_CACHE", "off")

import hypothesis
import jax
import pytest

from diracgan.catalogue.registry import _ENTRIES

jax.config.update("jax_enable_x64", True)
# How long an example takes says more about the machine than about the code; in CI a failure must come again.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")
# Nobody reads where in the source an operation of a test's program came from.
jax.config.update("jax_traceback_in_locations_limit", 0)
jax.config.update("jax_traceback_filtering", "off")
# Tracing makes millions of small objects that live on; looking through them for cycles took a tenth of the suite.
gc.set_threshold(200_000, 20, 50)


@pytest.fixture(autouse=True)
def _registry():
    """What a test or an example registers is not there for the next one."""
    before = dict(_ENTRIES)
    yield
    _ENTRIES.clear()
    _ENTRIES.update(before)


@pytest.fixture(scope="session")
def browser():
    """Chromium: one for all files, since Playwright runs once in a process."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
    path = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if os.path.exists(p)), None)
    if path is None:
        pytest.skip("no Chromium at /usr/bin/chromium: install it to test the page")
    with sync_api.sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()
