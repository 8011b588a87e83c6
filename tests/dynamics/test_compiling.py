"""What is compiled is bounded: how many programs a process keeps, and how few many lengths need."""

import ast
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.dynamics import compiling, trajectories
from diracgan.dynamics.system import system
from diracgan.games.measures import Minibatch

R1, POINTS = dg.method("r1"), np.array([[-1.0], [2.0], [0.5]])


def falling(k):
    return 0.2 / (1 + k / 100)


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


def test_five_hundred_lengths_share_two_programs():
    jax.clear_caches()
    start, method, algorithm = jnp.ones(2), dg.method("r1"), dg.SimGD(0.2)
    lengths = range(1, 501)
    for steps in (*lengths[::7], *lengths[-8:], 1000, 5000):
        assert len(dg.simulate(method, algorithm, start, steps)) == steps + 1
        assert len(dg.simulate(method, algorithm, start, 20 * steps, save_every=20)) == steps + 1
    assert trajectories._stretch._cache_size() == trajectories._simulate._cache_size() == 1


def test_many_starts_share_the_programs_of_few_lengths():
    jax.clear_caches()
    lengths = range(1, 501, 25)
    for steps in lengths:
        assert dg.simulate(dg.method("r1"), dg.SimGD(0.2), jnp.ones((3, 2)), steps).shape == (3, steps + 1, 2)
    assert trajectories._simulate._cache_size() <= len({trajectories.shared_length(steps) for steps in lengths}) == 14


@pytest.mark.parametrize("steps", [0, 1, 511, 512, 513, 1300])
@pytest.mark.parametrize("every", [1, 3])
def test_a_path_in_stretches_is_the_path_of_one_program(steps, every):
    # With a memory, a schedule, and minibatches: whatever a stretch hands to the next.
    generator = (lambda p, z: p[0] * z, [jnp.ones(1)])
    discriminator = (lambda p, x: p[0] @ x, [jnp.ones(1)])
    drawn = dg.GAN(
        dg.Minimax(), generator=generator, discriminator=discriminator, latent=[[1.0]], data=Minibatch(POINTS, 2)
    )
    cases = ((drawn, dg.SimGD(0.01)), (R1, dg.Optimistic(0.1)), (R1, dg.AltGD(falling)))
    for field, algorithm in cases:
        whole = trajectories._simulate(system(field, algorithm), jnp.ones(2), steps // every, every)
        path = dg.simulate(field, algorithm, (1.0, 1.0), steps, every)
        np.testing.assert_allclose(path, whole, rtol=1e-12)


def test_rounds_beyond_the_end_are_not_computed():
    # The first row is far, and every further round would double it: in float32 beyond the largest number.
    path = dg.simulate(lambda x: x, dg.SimGD(1.0), jnp.full(2, 2.0**120, jnp.float32), 17 * 3, save_every=3)
    doubling = system(lambda x: x, dg.SimGD(1.0))
    whole = trajectories._simulate(doubling, jnp.ones(2), trajectories.shared_length(17), 3, 17)
    assert path.shape == (18, 2)
    assert whole.shape == (21, 2) and float(whole[17, 0]) == float(whole[20, 0]) == 2.0**51


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
