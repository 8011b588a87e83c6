"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
import pkgutil

import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg

MODULES = sorted(m.name for m in pkgutil.walk_packages(dg.__path__, "diracgan.") if m.name != "diracgan.__main__")


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name):
    results = doctest.testmod(importlib.import_module(name), extraglobs={"dg": dg, "jnp": jnp, "np": np})
    assert results.failed == 0
