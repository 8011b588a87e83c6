"""What no argument means, and whether what comes of it is a right answer or an error of the package's own."""

import decimal
import fractions
import functools
import inspect
import math
import pathlib
import traceback

import jax
import numpy as np
from matplotlib import pyplot

import diracgan as dg
from diracgan.catalogue import registry
from diracgan.games.inputs import told

PACKAGE = pathlib.Path(dg.__file__).parent


class Hostile:
    """Nothing that is asked of it works."""

    def __repr__(self):
        raise RuntimeError("no words")

    def __array__(self, *_, **__):
        raise RuntimeError("no numbers")

    def __len__(self):
        raise RuntimeError("no length")


def raises(*_, **__):
    raise KeyError("inside")


# What no argument means; those of the second table are what some do.
NEVER = {
    "NaN": math.nan,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "an integer beyond float": 10**400,
    "an integer beyond words": 10**5000,
    "complex": 1 + 2j,
    "bytes": b"r1",
    "a byte array": bytearray(b"ab"),
    "a memory view": memoryview(b"12345678"),
    "ragged": [[1.0], [1.0, 2.0]],
    "a list of words": ["1", "2"],
    "a list with None": [None, 1.0],
    "a list with NaN": [math.nan, 1.0],
    "a list of huge integers": [10**400, 1],
    "a complex array": np.array([1j, 1.0]),
    "an array of words": np.array(["1", "2"]),
    "an array of objects": np.array([object(), object()]),
    "an array of times": np.array(["2018-01-01"], "datetime64[D]"),
    "an array of structures": np.zeros(2, [("x", float)]),
    "a masked number": np.ma.masked,
    "no rows": np.zeros((0, 2)),
    "a dictionary": {"a": 3.0},
    "a set": {1.0, 2.0},
    "a generator": functools.partial(iter, "ab"),
    "an object": object(),
    "hostile": Hostile(),
    "a type": int,
    "a class": dg.SimGD,
    "a module": math,
    "a dtype": np.dtype("f8"),
    "a scalar type": np.float32,
    "the ellipsis": ...,
    "a slice": slice(2),
    "an exception": ValueError("r1"),
    "a decimal": decimal.Decimal("0.3"),
    "a shape": jax.ShapeDtypeStruct((2,), float),
    "no arguments": lambda: 0.0,
    "five arguments": lambda a, b, c, d, e: a,
    "a function that raises": raises,
    "a function of numpy": np.linalg.norm,
    "a penalty": dg.R1(0.3),
    "a loss": dg.Minimax(),
    "a batch of methods": dg.method("r1", gamma=np.array([0.1, 0.2])),
    "a batch of algorithms": dg.SimGD(np.array([0.1, 0.2])),
}
SOMETIMES = {
    "None": None,
    "True": True,
    "zero": 0,
    "minus one": -1,
    "tiny": 5e-324,
    "huge": 1e300,
    "a fraction": fractions.Fraction(1, 3),
    "an integer beyond int64": 10**30,
    "no text": "",
    "a null character": "\0",
    "text": "ab",
    "nothing": [],
    "one number": [1.0],
    "five axes": np.ones((1, 1, 1, 1, 2)),
    "three numbers": np.array([1, 2, 3]),
    "an algorithm": dg.SimGD(0.1),
    "a method": dg.method("r1", gamma=0.5),
}
VALUES = NEVER | SOMETIMES


def family(value):
    """What a value could be taken for."""
    if value is None or isinstance(value, bool):
        return str(type(value))
    if isinstance(value, (str, pathlib.Path)):
        return "text"
    if isinstance(value, dg.VectorField):
        return "field"
    if isinstance(value, dg.Algorithm):
        return "algorithm"
    if isinstance(value, (int, float, fractions.Fraction, list, tuple, np.ndarray)):
        return "numbers"
    return "object"


def called(function, call):
    given = {name: value() if isinstance(value, functools.partial) else value for name, value in call.items()}
    entries = dict(registry._ENTRIES)
    try:
        return function(**given)
    finally:
        registry._ENTRIES.clear()
        registry._ENTRIES.update(entries)
        pyplot.close("all")


def meant(function, argument, example, label, more):
    """Whether this value is one that the argument could mean; `more` are the labels of some that it means besides."""
    if label in more:
        return True
    if label in NEVER:
        return False
    value, declared = VALUES[label], inspect.signature(function).parameters.get(argument)
    default = example if declared is None or declared.default is declared.empty else declared.default
    switched = isinstance(example, bool) and label == "zero"
    return switched or family(value) in (family(example), family(default))


def complaint(problem, could):
    """What is wrong with a refusal; None when nothing is."""
    last = traceback.extract_tb(problem.__traceback__)[-1]
    words = f"{type(problem).__name__}: {told(str(problem))}"
    if not isinstance(problem, (ValueError, TypeError)):
        return words
    if PACKAGE not in pathlib.Path(last.filename).parents or not (last.line or "").startswith("raise"):
        return f"raised by {last.filename}:{last.lineno}: {words}"
    # What is admissible may end in another way: an orbit that diverges has no cycle.
    telling = len(str(problem)) > 20 and (could or "given" in str(problem) or "unknown" in str(problem))
    return None if telling else f"says too little: {words}"


def refusals(name, function, several, more, theirs):
    """All that is wrong with what comes out when one argument of a call that works is replaced by each of the values.

    `more` and `theirs` map (name, argument) to labels of values that are meant besides, and to those of functions that
    raise errors of their own.
    """
    wrong = []
    for call in several:
        usual = called(function, call) if call else None
        for argument, example in call.items():
            besides, own = (table.get((name, argument), "").split(", ") for table in (more, theirs))
            for label, value in VALUES.items():
                could = meant(function, argument, example, label, besides)
                try:
                    result = called(function, {**call, argument: value})
                except Exception as problem:
                    said = None if label in own else complaint(problem, could)
                else:
                    said = None if could else f"accepted: {told(result)}"
                    each = result if label.startswith("a batch") and isinstance(result, list) else [result]
                    if could and not all(isinstance(one, type(usual)) for one in each):
                        said = f"{told(result)} came out"
                if said:
                    wrong.append(f"{argument} = {label}: {said}")
    return wrong
