"""Declarations, conversions and the states that are accepted."""

import copy
import math
import pickle

import hypothesis.extra.numpy as hnp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import diracgan as dg
from diracgan.games.fields import as_field
from diracgan.games.parameters import GAMMA, NODES, RATE, cast, plain, unknown
from diracgan.games.states import as_state, finite_state

SIM = dg.SimGD(0.2)
WEIGHT = dg.Parameter("weight", "w", "a weight", 0.5, bounds=(-1.0, 2.0))
numbers = st.floats(-1.0, 2.0)


@given(numbers)
def test_admissible_numbers_are_stored_strongly_typed(value):
    for given_as in (value, np.float64(value), np.asarray(value), jnp.asarray(value)):
        stored = WEIGHT.convert(given_as)
        assert isinstance(stored, np.ndarray)
        assert stored.dtype == np.float64
        assert stored.shape == ()
        assert float(stored) == value


@given(st.floats())
def test_exactly_the_inadmissible_numbers_are_refused(value):
    if -1 <= value <= 2:
        assert float(WEIGHT.convert(value)) == value
    else:
        with pytest.raises(ValueError, match="weight must be finite and >= -1 and <= 2; ") as raised:
            WEIGHT.convert(value)
        assert str(value) in str(raised.value)


@given(hnp.arrays(np.float64, st.integers(1, 5), elements=numbers))
def test_batches_are_checked_entry_by_entry(values):
    np.testing.assert_array_equal(WEIGHT.convert(values), values)
    spoiled = values.copy()
    spoiled[-1] = 2.5
    with pytest.raises(ValueError, match="weight must be"):
        WEIGHT.convert(spoiled)


@given(st.one_of(st.text(), st.booleans(), st.none(), st.complex_numbers(), st.binary(), st.lists(st.text())))
def test_what_is_no_real_number_is_a_type_error(value):
    for one in (value, [value]):
        with pytest.raises(TypeError, match="weight must be a number, finite and >= -1"):
            WEIGHT.convert(one)


@pytest.mark.parametrize("value", [np.True_, [], [[1.0], [1.0, 2.0]], {}, object(), np.array(["1"]), jnp.array(True)])
def test_other_objects_are_a_type_error(value):
    with pytest.raises(TypeError, match="weight must be"):
        WEIGHT.convert(value)


@given(st.integers(1, 256))
def test_integers_stay_integers(value):
    for given_as in (value, float(value), np.int32(value), jnp.asarray(value)):
        stored = NODES.convert(given_as)
        assert type(stored) is int
        assert stored == value


@pytest.mark.parametrize("value", [0, 257, 2.5, -1, math.nan, math.inf, [3], np.ones(2)])
def test_other_node_counts_are_refused(value):
    with pytest.raises(ValueError, match="nodes must be an integer and >= 1 and <= 256; "):
        NODES.convert(value)


def test_open_bounds_exclude_the_end():
    assert RATE.requirement == "h must be finite and > 0"
    assert float(RATE.convert(5e-324)) > 0
    with pytest.raises(ValueError, match=r"h must be finite and > 0; 0\.0 was given"):
        RATE.convert(0.0)
    assert float(GAMMA.convert(0.0)) == 0.0


def test_traced_values_pass():
    seen = []
    jax.jit(lambda value: seen.append(WEIGHT.convert(value)) or value)(99.0)
    assert isinstance(seen[0], jax.core.Tracer)


def test_a_method_has_its_own_default_and_span():
    own = GAMMA(20.0, span=(0.0, 25.0), help="other words")
    assert (own.default, own.span, own.help, own.name) == (20.0, (0.0, 25.0), "other words", "gamma")
    assert (GAMMA.default, GAMMA.span) == (1.0, (0.0, 3.0))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_plain_text_reads_back(value):
    assert float(plain(value)) == value
    assert plain(np.asarray(value)) == plain(value)


def test_plain_text_is_short():
    assert [plain(v) for v in (0.3, 1.0, 20.0, 1e-8, 0.1 + 0.2)] == ["0.3", "1", "20", "1e-08", "0.30000000000000004"]
    assert plain(np.ones((2, 3))) == "<2x3 values>"


@pytest.mark.parametrize(
    "text",
    [
        "R1(gamma=0.3)",
        "GaussianNoise(sigma=0.7, nodes=64)",
        "Domain(bound=0.3)",
        "Domain()",
        "SimGD(h=0.2)",
        "SimGD(h_g=0.1, h_d=0.2)",
        "AltGD(h=0.2, n_g=1, n_d=5)",
        "DRAGAN(gamma=20, target=1, spread=GaussianNoise(sigma=1, nodes=4))",
        "DiracGAN(loss=Minimax(), penalties=(R1(gamma=0.3),), noise=GaussianNoise(sigma=0.7, nodes=64))",
        "DiracGAN(loss=Wasserstein(), clip=0.3)",
        "Consensus(field=DiracGAN(loss=NonSaturating()), gamma=1)",
    ],
)
def test_objects_print_the_call_that_makes_them(text):
    assert repr(eval(text, {name: getattr(dg, name) for name in dg.__all__})) == text


def test_unknown_names_are_answered_with_the_known_ones():
    assert (
        unknown("method", "gam", ("r1", "gan"))
        == "unknown method 'gam' (did you mean 'gan'?); the methods are: r1, gan"
    )
    assert unknown("flag", "zzz", ()) == "unknown flag 'zzz'; the flags are: none"


def test_cast_gives_every_leaf_the_dtype_of_the_state():
    method = dg.method("wgan-gp", gamma=0.3)
    assert [leaf.dtype for leaf in jax.tree.leaves(cast(method, jnp.float32))] == [jnp.float32] * 2
    assert [leaf.dtype for leaf in jax.tree.leaves(method)] == [np.float64] * 2


reals = st.one_of(st.floats(), st.integers(-(2**31), 2**31))


@given(st.tuples(reals, reals), st.sampled_from([tuple, list, np.array, jnp.array]))
def test_two_numbers_of_any_kind_are_a_state(values, kind):
    state = as_state(kind(values), 2)
    assert state.dtype == jnp.float64
    np.testing.assert_array_equal(state, np.array(values, dtype=float))


@given(hnp.arrays(st.sampled_from([np.float32, np.float64, np.int32]), hnp.array_shapes(min_dims=0, max_dims=3)))
def test_the_shape_decides(array):
    fits = array.ndim in (1, 2) and array.shape[-1] == 2
    if fits:
        state = as_state(array, 2)
        assert state.shape == array.shape
        assert state.dtype == (array.dtype if array.dtype.kind == "f" else np.float64)
    else:
        with pytest.raises(ValueError, match=r"the state must have shape \(2,\) or \(n, 2\); shape ") as raised:
            as_state(array, 2)
        assert str(array.shape) in str(raised.value)
    if array.ndim == 2:
        with pytest.raises(ValueError, match=r"use jax.vmap for many"):
            as_state(array, 2, batch=False)


@pytest.mark.parametrize("value", ["ab", None, (1, "x"), (1j, 2), (True, False), ((1, 2), (3,)), object()])
def test_what_is_no_state(value):
    with pytest.raises(ValueError, match="the state must be 2 real numbers"):
        as_state(value, 2)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_starts_are_finite(value):
    with pytest.raises(ValueError, match="start must be finite; "):
        finite_state((1.0, value), 2)
    assert finite_state((1.0, 2.0), 2).shape == (2,)


def test_what_is_a_field():
    method = dg.method("gan")
    assert as_field(method) is method
    assert isinstance(as_field(lambda x: -x), dg.FunctionField)
    with pytest.raises(TypeError, match=r"write dg.method\('gan'\)"):
        as_field("gan")
    with pytest.raises(TypeError, match="3 was given"):
        as_field(3)


def test_a_batch_of_settings_is_not_evaluated_as_one():
    with pytest.raises(ValueError, match=r"shape \(2,\): use jax.vmap over the method"):
        dg.method("r1", gamma=np.array([0.1, 0.2]))((1.0, 1.0))


def test_a_batch_is_not_taken_for_one_setting():
    with pytest.raises(ValueError, match="vmap"):
        dg.method("consensus", gamma=np.array([0.1, 5.0]))((1.0, 1.0))
    with pytest.raises(ValueError, match=r"clip must be one number here; shape \(2,\) was given"):
        dg.simulate(dg.method("wgan", clip=np.array([0.1, 0.2])), dg.SimGD(0.2))
    for algorithm in (dg.AltGD(np.array([0.1, 0.5])), dg.HeavyBall(0.2, np.array([0.1, 0.5]))):
        with pytest.raises(ValueError, match=r"must be one number here; shape \(2,\) was given"):
            dg.simulate(dg.method("r1"), algorithm)


def test_a_game_is_checked_when_it_is_made():
    link = dg.Minimax()
    for parts, said in (
        ((dg.Minimax,), r"loss must be a Loss.* write Minimax"),
        ((link, (dg.R1,)), r"a penalty must be a Penalty.* write R1"),
        ((link, lambda D, real, fake: 0.0), r"a penalty must be a Penalty"),
        ((link, (), 0.5), r"noise must be a GaussianNoise.* 0\.5 was given"),
    ):
        with pytest.raises(TypeError, match=said):
            dg.DiracGAN(*parts)
    assert dg.DiracGAN(link, dg.R1(0.3)).penalties == (dg.R1(0.3),)


def test_a_field_of_ones_own_is_written_with_jax_numpy():
    with pytest.raises(TypeError, match="must be written with"):
        dg.simulate(lambda x: np.sin(x), dg.SimGD(0.2))
    with pytest.raises(TypeError, match="must be written with"):
        dg.simulate(lambda x: x if x[0] > 0 else -x, dg.SimGD(0.2))
    with pytest.raises(ValueError, match=r"\(3,\) came out"):
        dg.simulate(lambda x: jnp.ones(3), dg.SimGD(0.2))


def test_registering_says_what_is_wrong():
    gamma = dg.Parameter("gamma", "γ", "weight", 0.3)
    game = lambda gamma: dg.DiracGAN(dg.Minimax(), (dg.R1(gamma),))
    for build, parameters, said in (
        (game, (), r"build must work as build\(\)"),
        (lambda weight: game(weight), gamma, r"build must work as build\(gamma\)"),
        (lambda gamma: 3, (gamma,), "build must return a vector field"),
        (game, {"gamma": 0.3}, "parameters must be a tuple of them"),
    ):
        with pytest.raises(TypeError, match=said):
            dg.register("own-wrong", build, parameters)
    assert "own-wrong" not in dg.methods()
    with pytest.raises(TypeError, match=r"gets a name by dg\.register"):
        dg.cite(game(0.3))


def test_a_method_can_be_pickled_and_copied():
    given = dg.method("lecam", gamma=0.2, moving=True, data=0.5)
    for again in (pickle.loads(pickle.dumps(given)), copy.deepcopy(given)):
        assert repr(again) == repr(given)
        np.testing.assert_array_equal(again(again.equilibrium), given(given.equilibrium))


def test_a_module_is_no_number():
    for make in (
        lambda: dg.method("r1", gamma=dg.R1(0.3)),
        lambda: dg.AltGD(0.1, n_d=dg.SimGD(0.2)),
        lambda: dg.HeavyBall(0.1, alternating=dg.SimGD(0.2)),
    ):
        with pytest.raises(TypeError, match=r"must be .*; .* was given"):
            make()
    with pytest.raises(TypeError, match=r"an algorithm such as SimGD.* is needed; 0 was given"):
        dg.Lookahead(0)
    with pytest.raises(TypeError, match=r"the class itself was given: write SimGD\(\.\.\.\)"):
        dg.Lookahead(dg.SimGD)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": None}, "the name of a parameter must be a text"),
        ({"name": "two words"}, "'two words' cannot be one"),
        ({"symbol": 3}, "the symbol of weight must be a text"),
        ({"help": []}, "the help of weight must be a text"),
        ({"default": "x"}, "weight must be a number"),
        ({"default": 3.0}, "weight must be finite and >= -1 and <= 2; 3.0 was given"),
        ({"bounds": (1.0, 1.0)}, "the bounds of weight must be"),
        ({"span": "01"}, "the span of weight must be"),
        ({"kind": str}, "the kind of weight must be one of float, int, bool"),
    ],
)
def test_a_declaration_is_checked(changed, said):
    declared = {"name": "weight", "symbol": "w", "help": "a weight", "default": 0.5, "bounds": (-1.0, 2.0)}
    assert dg.Parameter(**declared) == WEIGHT
    with pytest.raises((TypeError, ValueError), match=said):
        dg.Parameter(**declared | changed)


def test_what_fixes_a_shape_is_not_traced():
    with pytest.raises(TypeError, match="n_d fixes a shape or a branch"):
        jax.jit(lambda n: dg.AltGD(0.1, n_d=n).rate)(3)


@pytest.mark.parametrize("count", [999_999_999_999, 1e300, 10**400])
def test_counts_have_upper_bounds(count):
    for make in (
        lambda: dg.AltGD(0.1, n_d=count),
        lambda: dg.AltGD(0.1, n_g=count),
        lambda: dg.Lookahead(SIM, k=count),
    ):
        with pytest.raises(ValueError, match=r"must be an integer and >= 1 and <= 1e\+06"):
            make()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, jnp.bfloat16])
def test_a_state_keeps_its_float_type(dtype):
    for state in (np.ones(2, dtype), jnp.ones(2, dtype), [np.ones((), dtype)] * 2):
        assert as_state(state, 2).dtype == dtype


def test_integers_of_any_size_are_numbers_of_a_state():
    np.testing.assert_array_equal(as_state((10**30, -1), 2), [1e30, -1.0])
    with pytest.raises(ValueError, match="the state must be 2 real numbers"):
        dg.method("gan")((10**400, 1))
