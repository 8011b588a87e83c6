"""What is compiled is bounded: how many programs a process keeps, and how few many lengths need."""

import ast
import pathlib

import jax
import jax.numpy as jnp
import pytest

import diracgan as dg
from diracgan.dynamics import compiling, trajectories

PACKAGE = pathlib.Path(dg.__file__).parent


@pytest.mark.parametrize("make", [compiling.answering, compiling.running])
def test_a_function_keeps_so_many_programs_and_no_more(make, monkeypatch):
    monkeypatch.setattr(compiling, "_KEPT", 4)
    program = make(lambda x: x + 1)
    sizes = []
    for n in range(1, 12):
        assert program(jnp.zeros(n)).shape == (n,)
        sizes.append(program._cache_size())
    assert max(sizes) == 4 and sizes[-1] < 4


def test_five_hundred_lengths_share_their_programs():
    jax.clear_caches()
    start, method, algorithm = jnp.ones(2), dg.method("r1"), dg.SimGD(0.2)
    lengths = range(1, 501)
    for steps in (*lengths[::7], *lengths[-8:]):
        assert len(dg.simulate(method, algorithm, start, steps)) == steps + 1
        assert len(dg.simulate(method, algorithm, start, 20 * steps, save_every=20)) == steps + 1
    shared = {trajectories.shared_length(steps) for steps in lengths}
    assert trajectories._simulate._cache_size() <= len(shared) == 21


def jitted(tree):
    """The calls and decorators in a file that compile something for as long as the process runs."""
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.Lambda))
        for part in (function.body if isinstance(function, ast.FunctionDef) else [function.body])
        for node in ast.walk(part)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "jax.jit" and id(node) not in inside:
            yield node.lineno


def test_whatever_is_compiled_at_the_top_of_a_file_is_bounded():
    # `inline=True`: a part of somebody else's program, and none of its own.
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for text in [path.read_text(encoding="utf-8")]
        for line in jitted(ast.parse(text))
        if "inline=True" not in text.splitlines()[line - 1]
    ]
    assert found == []


def test_no_cache_grows_for_ever():
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert "lru_cache(maxsize=None)" not in text, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and "functools.cache" in map(ast.unparse, node.decorator_list):
                assert not ast.unparse(node.args), f"{path}: {node.name} keeps a value for every argument"
