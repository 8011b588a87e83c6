"""Converters of arguments: what they make of values, and what they say."""

import fractions
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.games import inputs


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (2, 2.0),
        (fractions.Fraction(1, 4), 0.25),
        (np.float32(0.5), 0.5),
        (10**30, 1e30),
        (-(10**400), -np.inf),
        ([1, 10**30], [1.0, 1e30]),
        (jnp.array([1, 2]), [1.0, 2.0]),
        (np.array([], float), []),
    ],
)
def test_real_numbers_of_any_kind(given, expected):
    array = inputs.reals(given)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(
    "given", ["1", b"1", True, None, 1j, [[1.0], [1.0, 2.0]], {"a": 1.0}, {1.0}, np.ma.masked, object(), int, ["1"]]
)
def test_what_is_no_real_number(given):
    assert inputs.reals(given) is None


@pytest.mark.parametrize(
    ("given", "edges"),
    [
        (2, (-2, 2, -2, 2)),
        ([0.5], (-0.5, 0.5, -0.5, 0.5)),
        ((0, 1), (0, 1, 0, 1)),
        (np.array([-1, 0, 2, 3]), (-1, 0, 2, 3)),
        (1e150, (-1e150, 1e150, -1e150, 1e150)),
    ],
)
def test_boxes(given, edges):
    assert inputs.as_box(given) == edges


@pytest.mark.parametrize("given", [0, -1.0, (1, 1), (2, 1), (0, 1, 2), (0, 1, 3, 2), [[0, 1], [0, 1]], 1e308, np.nan])
def test_boxes_that_are_none(given):
    with pytest.raises(ValueError, match=r"box must be a positive half-width, .* was given"):
        inputs.as_box(given)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ((1, 0), "low < high"),
        ((1.0, 1.0), "low < high"),
        ((0, 20), "within ±10"),
        ((1.0, 1.0 + 1e-12), "more than rounding"),
        ((0, 1, 2), r"shape \(3,\)"),
        (1.0, r"shape \(\)"),
        ((0, np.nan), "finite"),
    ],
)
def test_intervals(given, problem):
    assert inputs.as_interval([-1, 2], "span", 10.0) == (-1.0, 2.0)
    with pytest.raises(ValueError, match=problem):
        inputs.as_interval(given, "span", 10.0)


def test_an_axis_named_by_a_number_has_that_length():
    assert inputs.as_numbers([[1, 2]], "points", ("n", "2")).shape == (1, 2)
    with pytest.raises(ValueError, match=r"shape \(n, 2\) with n >= 1; shape \(1, 3\)"):
        inputs.as_numbers([[1, 2, 3]], "points", ("n", "2"))
    with pytest.raises(ValueError, match=r"shape \(2,\); shape \(3,\)"):
        inputs.as_numbers([1, 2, 3], "start", ("2",))


def test_what_was_given_is_told_in_one_short_line():
    class Silent:
        def __repr__(self):
            raise RuntimeError

    assert inputs.told("a\nb") == r"'a\nb'"
    assert inputs.told(np.zeros((2, 2))) == "[[0. 0.] [0. 0.]]"
    assert inputs.told(Silent()) == "<Silent>"
    assert inputs.told(10**5000) == "<int>"
    assert inputs.told("x" * 1000) == "'" + "x" * 99 + " … (1002 characters)"


def test_work_that_cannot_fit_is_refused_with_its_size():
    # 2³¹ - 1 rounds from 10⁵ starts are 2 · 2³¹ · 10⁵ · 16 bytes: 6.4 million GiB.
    with pytest.raises(ValueError, match=r"path of 2147483647 rounds .* would need 6,400,000\.0 GiB of memory"):
        dg.simulate(dg.method("r1"), dg.SimGD(0.1), np.ones((10**5, 2)), steps=2**31 - 1)
    inputs.fits(2**20, "a megabyte")


def test_a_path_may_be_made_inside_jit():
    path = jax.jit(lambda x: dg.simulate(dg.method("gan"), dg.SimGD(0.5), x, steps=1))(jnp.array([1.0, 0.0]))
    np.testing.assert_array_equal(path, [[1.0, 0.0], [1.0, 0.25]])


def test_paths_of_files():
    assert inputs.as_path("a/b.gif") == inputs.as_path(pathlib.Path("a/b.gif")) == pathlib.Path("a/b.gif")
    for bad in ("", "a\0b"):
        with pytest.raises(ValueError, match="file must be a path"):
            inputs.as_path(bad)
    with pytest.raises(TypeError, match="file must be a path"):
        inputs.as_path(3)


def test_words_numbers_and_none_of_a_list():
    assert inputs.as_choice(np.int64(1), "side", (None, 1, -1)) == 1
    assert inputs.as_choice(None, "side", (None, 1, -1)) is None
    for bad, kind in ((True, TypeError), (2, ValueError), ("1", ValueError), (np.array([1, 2]), TypeError)):
        with pytest.raises(kind, match=r"side must be one of None, 1, -1; .* was given"):
            inputs.as_choice(bad, "side", (None, 1, -1))


def test_functions_are_tried_before_they_are_compiled():
    with pytest.raises(TypeError, match="a link must be written with"):
        dg.Link(np.sin)
    with pytest.raises(TypeError, match="a link must map one real number to one"):
        dg.Link(lambda t: (t, t))
    with pytest.raises(TypeError, match=r"must be a function of one number that JAX can trace; .* raised TypeError"):
        dg.Link(lambda s, t: t)
    with pytest.raises(TypeError, match="the schedule h must be a function of one number that JAX can trace"):
        dg.SimGD(lambda k: "0.1")
    with pytest.raises(TypeError, match=r"fn must be a function of the axes \(gamma\)"):
        dg.sweep(lambda h: h, gamma=[0.1])
    with pytest.raises(TypeError, match="fn must be written with"):
        dg.sweep(lambda gamma: float(gamma), gamma=[0.1])


def test_a_batch_belongs_under_vmap():
    batch = dg.method("r1", gamma=np.array([0.1, 0.2]))
    for call in (dg.jacobian, dg.eigenvalues, dg.fixed_points):
        with pytest.raises(ValueError, match=r"gamma must be one number here; shape \(2,\) was given: use jax.vmap"):
            call(batch)
    # Re μ = -γ/2 of R1.
    found = jax.vmap(lambda method: dg.eigenvalues(method).real)(batch)
    np.testing.assert_allclose(found, [[-0.05, -0.05], [-0.1, -0.1]], rtol=1e-14)


def test_optimal_knows_the_names_of_its_spans():
    with pytest.raises(ValueError, match=r"unknown parameter 'gama' \(did you mean 'gamma'\?\)"):
        dg.optimal(dg.method("r1"), dg.SimGD(0.2), over="gamma", spans={"gama": (0.0, 1.0)})
