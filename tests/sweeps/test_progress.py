"""How far a sweep has come, told to an object such as those of tqdm."""

from typing import ClassVar

import numpy as np
import pytest

import diracgan as dg


class Bar:
    """What tqdm's class looks like from outside."""

    made: ClassVar[list] = []

    def __init__(self, total, desc):
        self.total, self.desc, self.seen, self.closed = total, desc, [], 0
        Bar.made.append(self)

    def update(self, n):
        assert not self.closed
        self.seen.append(n)

    def close(self):
        self.closed += 1


@pytest.fixture(autouse=True)
def _none_made():
    Bar.made = []


def test_a_sweep_tells_a_bar_every_point_once(capsys):
    dg.sweep(lambda a, b: a * b, portion=4, progress=Bar, a=np.arange(5.0), b=np.arange(2.0))
    (bar,) = Bar.made
    assert (bar.total, bar.desc, bar.seen, bar.closed) == (10, "sweep", [4, 4, 2], 1)
    assert capsys.readouterr().err == ""


def test_a_store_tells_a_bar_what_was_missing(tmp_path):
    given = dg.method("r1"), dg.SimGD(0.2), {"gamma": np.linspace(0.1, 1, 8)}, tmp_path / "store"
    dg.sweep_to_store(*given, chunk=2, process=(0, 2), progress=Bar)
    dg.sweep_to_store(*given, chunk=2, resume=True, progress=Bar)
    first, rest = Bar.made
    assert (first.total, sum(first.seen), first.closed) == (4, 4, 1)
    assert (rest.total, sum(rest.seen), rest.closed) == (4, 4, 1)


def test_a_bar_is_closed_where_the_work_fails():
    class Full(Bar):
        def update(self, n):
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        dg.sweep(lambda a: a, progress=Full, a=[1.0, 2.0])
    assert Bar.made[0].closed == 1


@pytest.mark.parametrize("wrong", [3, "bar", lambda: None, Bar(1, "made already")])
def test_what_makes_no_bar_is_refused(wrong):
    with pytest.raises(TypeError, match=r"progress must be a function of total= and desc="):
        dg.sweep(lambda a: a, progress=wrong, a=[1.0])
