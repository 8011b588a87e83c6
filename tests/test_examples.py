"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
import pkgutil

import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.catalogue import registry

MODULES = sorted(m.name for m in pkgutil.walk_packages(dg.__path__, "diracgan.") if m.name != "diracgan.__main__")


@pytest.fixture
def own_catalogue(monkeypatch):
    """A catalogue that forgets what an example registers."""
    monkeypatch.setattr(registry, "_ENTRIES", dict(registry._ENTRIES))


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.usefixtures("own_catalogue")
def test_docstring_examples(name):
    results = doctest.testmod(importlib.import_module(name), extraglobs={"dg": dg, "jnp": jnp, "np": np})
    assert results.failed == 0
