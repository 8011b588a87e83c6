"""`scan` and `while` as JavaScript loops."""

from __future__ import annotations

from typing import Any

import numpy as np

from diracgan.explorer.arrays import Cells, Unsupported
from diracgan.explorer.graph import Loop, Node
from diracgan.explorer.rules import Run, rule
from diracgan.symbolic import scan_sizes


@rule("scan")
def _scan(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> list[Cells]:
    fixed, carried = scan_sizes(params)
    consts, carry = inputs[:fixed], inputs[fixed:]
    if len(carry) != carried or len(params["jaxpr"].jaxpr.outvars) != carried:
        raise Unsupported("a scan over arrays, or one that stacks its results")
    count = run.counts.get(params["length"], run.graph.constant(params["length"]))
    body = params["jaxpr"]
    return _looped(run, count, None, lambda state: run.run(body.jaxpr, body.consts, [*consts, *state]), carry)


@rule("while")
def _while(run: Run, inputs: list[Cells], shapes: Any, out: Any, params: Any) -> list[Cells]:
    n, m = params["cond_nconsts"], params["body_nconsts"]
    test, body = params["cond_jaxpr"], params["body_jaxpr"]
    return _looped(
        run,
        None,
        lambda state: run.run(test.jaxpr, test.consts, [*inputs[:n], *state])[0],
        lambda state: run.run(body.jaxpr, body.consts, [*inputs[n : n + m], *state]),
        inputs[n + m :],
    )


def _looped(run: Run, count: Node | None, test: Any, body: Any, carry: list[Cells]) -> list[Cells]:
    """A JavaScript loop whose carried variables are the entries of `carry`."""
    graph, outer = run.graph, run.loop
    loop = Loop(outer, count)
    state = []
    for cells in carry:
        variables: Cells = np.empty(cells.shape, dtype=object)
        for place in np.ndindex(cells.shape):
            variables[place] = graph.new("input", (), "carried", loop)
            loop.carried.append(variables[place])
            loop.starts.append(cells[place])
        state.append(variables)
    run.loop = loop
    loop.condition = None if test is None else test(state)[()]
    after = body(state)
    loop.nexts = [node for cells in after for node in cells.reshape(-1)]
    run.loop = outer
    level = max(
        [n.level for n in [*loop.starts, *loop.nexts, *([loop.condition] if loop.condition else [])]], default=0
    )
    results, k = [], 0
    for cells in carry:
        ended: Cells = np.empty(cells.shape, dtype=object)
        for place in np.ndindex(cells.shape):
            ended[place] = graph.new("out", (), (loop, k), outer)
            ended[place].level = level
            k += 1
        results.append(ended)
    return results
