"""The page at random settings, links and command lines: a few of each, or as many as an environment variable says.

    DIRACGAN_DRAWS=200 python -m pytest tests/explorer/test_explorer_random.py -k settings
    DIRACGAN_DRAWS=2000 python -m pytest tests/explorer/test_explorer_random.py -k command
    DIRACGAN_DRAWS=10000 python -m pytest tests/explorer/test_explorer_random.py -k links -s

A draw is a function of its number alone, so that one that fails can be looked at by itself, DIRACGAN_DRAWS=417:418, and
many can be drawn in several goes, such as DIRACGAN_DRAWS=2000:4000.
"""

import contextlib
import io
import json
import os
import re

import numpy as np
import pytest

import diracgan as dg
from diracgan.algorithms import ALGORITHMS, Wrapper
from diracgan.command.main import main
from diracgan.explorer import commands, page
from diracgan.explorer.compiler import method_parameters
from diracgan.explorer.kernels import WITHOUT
from diracgan.explorer.updates import COUNTS, algorithm_parameters

DRAWS = os.environ.get("DIRACGAN_DRAWS", "")


def numbers(few):
    """The numbers that are drawn: so many from 0, or those from:to."""
    return range(*map(int, DRAWS.split(":"))) if DRAWS else range(few)


def js(scripts, expression):
    """The value of an expression; numbers that JSON does not know come as null."""
    return json.loads(scripts.eval(f"JSON.stringify({expression})"))


# ---- settings


def drawn(number):
    """A method, an algorithm and the same as a side of the page."""
    rng = np.random.default_rng([11, number])
    name, kind = str(rng.choice(dg.methods())), str(rng.choice(list(ALGORITHMS)))
    p = {
        q.name: float(rng.uniform(q.span[0] + 0.02 * (q.span[1] - q.span[0]), q.span[1]))
        for q in method_parameters(dg.entry(name))
        if q.name not in WITHOUT and q.name != "data"
    }
    h = float(rng.uniform(0.05, 1.2))
    given = {q.name: int(rng.integers(1, 4)) for q in algorithm_parameters(kind) if q.name in COUNTS}
    made = (
        ALGORITHMS[kind](dg.SimGD(h), **given)
        if issubclass(ALGORITHMS[kind], Wrapper)
        else ALGORITHMS[kind](h, **given)
    )
    # What is not drawn stands at the defaults of the package, which are those of the page.
    return dg.method(name, **p), made, json.dumps({"m": name, "a": kind, "p": p, "q": {"h": h, **given}})


def spectra(scripts, method, algorithm, side):
    found = js(scripts, f"(s => s && s.values)(Engine.spectrum({side}))")
    try:
        wanted = np.asarray(dg.multipliers(method, algorithm))
    except ValueError:
        assert found is None or js(scripts, f"Engine.obstacle({side}, Engine.field({side}))") is not None
        return False
    if found is None:
        assert not dg.verdict(method, algorithm)
        return False
    found = np.array(found, float) @ [1, 1j]
    # Together they are exact to rounding, also where each of several that coincide is known to its root only.
    size = max(1.0, np.max(np.abs(wanted)))
    np.testing.assert_allclose(np.poly(found), np.poly(wanted), rtol=0, atol=1e-9 * size ** len(wanted))
    return True


def edges(scripts, method, algorithm, side):
    """The verdict over the learning rate, also close to both sides of every edge that the page has found."""
    low, high = 0.02, 2.5
    at = f"t => Engine.linearised({side}, {{ 'a.h': t }})"
    found = js(scripts, f"Edges.spans(false, {at}, {low}, {high}, [])")["spans"]
    ends = np.array([span["low"] for span in found[1:]])
    drawn = np.random.default_rng(14).uniform(low, high, 40)
    h = np.sort(np.concatenate([drawn, ends - 1e-4, ends + 1e-4]).clip(low, high))
    wanted = dg.stability_map(method, algorithm, h=h)
    got = np.array([next(span["kind"] for span in found if t <= span["high"]) for t in h])
    # Where the radius is 1 to rounding, rounding decides.
    clear = (np.abs(wanted.radius - 1) > 1e-7) & (got != "none")
    np.testing.assert_array_equal(got[clear], wanted.verdict[clear])


def fates(scripts, method, algorithm, side):
    n, box = 5, [-1.9, 2.1, -2.05, 1.95]
    found = js(scripts, f"Basin.part({{ side: {side}, box: {box}, n: {n}, from: 0, rounds: 400 }}, Infinity, Infinity)")
    try:
        wanted, beside = (dg.basin(method, algorithm, box=np.add(box, d), n=n, steps=400) for d in (0.0, 1e-11))
    except ValueError as problem:
        assert "quadrature" in str(problem)
        return []
    # A start on a boundary, or in chaos, has the fate that rounding gives it.
    firm = (wanted.codes == beside.codes) & (wanted.step == beside.step)
    # Chaos makes a run "cycle" or "unresolved" like a coin, which falls twice on the same side every other time.
    undecided = wanted.step < 0
    chaotic = bool(np.any(undecided & ~firm))
    firm &= ~undecided | (not chaotic)
    np.testing.assert_array_equal(np.reshape(found["codes"], (n, n))[firm], wanted.codes[firm])
    np.testing.assert_array_equal(np.reshape(found["rounds"], (n, n))[firm], wanted.step[firm])
    assert chaotic or np.mean(firm) > 0.5
    theta, psi = np.meshgrid(wanted.theta, wanted.psi)
    return np.stack([theta, psi], -1)[(wanted.codes == 3) & firm][:1]


def cycles(scripts, method, algorithm, side, start):
    job = f"{{ side: {side}, starts: {json.dumps([list(map(float, start))])}, caught: [] }}"
    found = js(scripts, f"Attractors.find({job}).cycles")
    try:
        wanted = dg.cycle(method, algorithm, start)
    except ValueError:
        return
    if found and found[0]["multipliers"] and wanted.exact and found[0]["exact"]:
        assert found[0]["period"] == wanted.period
        assert found[0]["mean"] == pytest.approx(wanted.mean_radius, rel=1e-8)
        size = np.abs(np.array(found[0]["multipliers"]) @ [1, 1j])
        np.testing.assert_allclose(np.max(size), np.max(np.abs(wanted.multipliers)), rtol=1e-5, atol=1e-7)
    elif found and wanted.exact and not found[0]["exact"]:
        raise AssertionError(f"a closed curve on the page, a cycle of {wanted.period} rounds in Python")


@pytest.mark.parametrize("number", numbers(6))
def test_random_settings_are_those_of_the_package(scripts, number):
    """Spectra to 1e-9, edges to 1e-4, fates to the cell and the round, cycles to what Newton's method leaves."""
    method, algorithm, side = drawn(number)
    if spectra(scripts, method, algorithm, side):
        edges(scripts, method, algorithm, side)
    for start in fates(scripts, method, algorithm, side):
        cycles(scripts, method, algorithm, side, start)


# ---- command lines

WORDS = ("0.3", "1", "-1", "0", "nan", "inf", "1e9", "1e400", "2.5", "yes", "no", "", "ψ", "--", "plane", "h", "gamma")
PARTS = ("plane", "spectrum", "plane,verdict", "plane,,", "everything", "", "plane, spectrum")


def command_line(number):
    rng = np.random.default_rng([12, number])
    pick = lambda words: str(rng.choice(list(words)))
    method = pick([*dg.methods(), "nonsense", "R1"])
    line = [method] if rng.random() < 0.95 else []
    if rng.random() < 0.7:
        line += ["--algorithm", pick(["flow", *ALGORITHMS, "nonsense"])]
    declared = [p.name for p in dg.entry(method).parameters] if method in dg.methods() else []
    names = [*declared, *declared, "h", "h", "gamma", "n_d", "beta", "data", "unroll", "bias", "nodes", "h_g", "rho"]
    for _ in range(int(rng.integers(0, 4))):
        name = pick(names).replace("_", "-")
        line += [f"--{name}", pick(WORDS) if rng.random() < 0.5 else repr(float(rng.uniform(0.01, 2)))]
    if rng.random() < 0.3:
        line += ["--parts", pick(PARTS)]
    if rng.random() < 0.2:
        line += ["--controls", pick(["gamma", "h", "gamma,h", "q", ""])]
    return line


def test_random_command_lines_write_a_page_that_works_or_exit_with_2(scripts, tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "kept", lambda: (f'{page._MARK}"";', None))
    written = 0
    for number in numbers(80):
        target, said = tmp_path / f"{number}.html", io.StringIO()
        line = ["explore", *command_line(number), "--no-open", "--out", str(target)]
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            try:
                code = main(line)
            except SystemExit as end:
                code = end.code
        assert code in (0, 2), line
        if code == 2:
            assert said.getvalue().strip() and "Traceback" not in said.getvalue(), line
            assert not target.exists(), line
            continue
        written += 1
        fragment = json.loads(re.search(f"{re.escape(page._MARK)}(.*);", target.read_text(encoding="utf-8"))[1])
        state, problem = js(scripts, f"State.read({json.dumps(fragment)})")
        assert problem is None, (line, problem)
        values = js(scripts, f"Engine.field({json.dumps(state['A'])}).velocity([0.3, 0.2])")
        assert len(values) == 2, line
        target.unlink()
    assert written > 0.1 * len(numbers(80))


# ---- links


def link(number):
    """A link of the page's own form, in which about half of the time something is wrong."""
    rng = np.random.default_rng([13, number])
    pick = lambda words: words[int(rng.integers(len(words)))]
    odd = lambda: pick(["", "x", "-1", "1e308", "NaN", "1e7", "0", "%00", "%E0%A4", "1,2", "__proto__", "a.b", "<b>"])
    value = lambda low, high: odd() if rng.random() < 0.06 else repr(round(float(rng.uniform(low, high)), 3))
    parts = [f"m={pick([*dg.methods()])}", f"a={pick(['flow', *ALGORITHMS])}"]
    if rng.random() < 0.6:
        parts.append(f"p.{pick(['gamma', 'data', 'sigma', 'clip', 'target'])}={value(0, 2)}")
    if rng.random() < 0.6:
        parts.append(f"q.{pick(['h', 'h', 'n_d', 'beta'])}={value(0.01, 3)}")
    if rng.random() < 0.7:
        parts.append("x=" + ";".join(f"{value(-3, 3)},{value(-3, 3)}" for _ in range(int(rng.integers(0, 4)))))
    if rng.random() < 0.6:
        parts.append(f"n={pick(['1', '60', '300', odd()])}")
    if rng.random() < 0.4:
        parts.append(f"box={value(-3, -1)},{value(1, 3)},{value(-3, -1)},{value(1, 3)}")
    if rng.random() < 0.6:
        layers = [
            "arrows",
            "update",
            "streams",
            "nulls",
            "fixed",
            "energy",
            "saddles",
            "cycles",
            "locus",
            "fates",
            "times",
        ]
        parts.append("show=" + ",".join(one for one in [*layers, odd()] if rng.random() < 0.4))
    for key, words in (
        ("slide", ["p.gamma", "a.h", "a.beta", odd()]),
        ("plane", ["p.gamma,a.h", "a.h,p.gamma", "p.gamma,p.gamma", odd()]),
        ("strip", ["radius", "theta", "psi", odd()]),
        ("parts", ["plane,spectrum", "verdict", "parameters,attractor,steps", odd()]),
        ("controls", ["gamma,h", "h", odd()]),
        ("back", ["1", "0", odd()]),
        ("k", ["0", "1", "40", odd()]),
        ("c.m", [*dg.methods(), odd()]),
        ("c.a", ["flow", "simgd", "altgd", odd()]),
    ):
        if rng.random() < 0.2:
            parts.append(f"{key}={pick(words)}")
    return "#" + "&".join(parts)


# One view after the other by its address, in one page; every eighth is painted.
TURNED = """async fragments => {
  const names = ["phase", "phaseB", "spectrum", "line", "series", "distance", "plane", "strip"];
  const dead = [], plots = names.map(explorer.view);
  for (const [k, fragment] of fragments.entries()) {
    for (const plot of plots) if (k % 8) plot.repaint = () => {}; else delete plot.repaint;
    const before = location.href, turned = new Promise(done => addEventListener("hashchange", done, { once: true }));
    location.hash = fragment;
    if (location.href !== before) await turned;
    await explorer.painted();
    const lead = document.querySelector("#card .lead")?.textContent, [state, problem] = explorer.read(fragment);
    const same = explorer.state().A.m === state.A.m && explorer.shown().length === (state.B ? 2 : 1);
    const said = !problem || document.getElementById("message").textContent.includes("could not be read");
    if (!lead || !same || !said) dead.push([fragment, lead ?? null, same, said]);
  }
  location.hash = "#m=r1";  // what the last one asks for may take minutes
  await explorer.painted();
  await explorer.settled();
  return dead;
}"""
AT_ONCE, FRESH = 24, 480


def test_random_links_never_leave_a_dead_page(opened):
    # A small page is drawn sooner.
    one = opened("#m=r1", viewport={"width": 1024, "height": 480})
    drawn, found = numbers(AT_ONCE), []
    for first in range(drawn.start, drawn.stop, AT_ONCE):
        part = [link(number) for number in range(first, min(first + AT_ONCE, drawn.stop))]
        try:
            found += one.tab.evaluate(TURNED, part)
        except Exception as failure:
            found.append([first, str(failure)[:500]])
            one.go("#m=r1")
        found += [[first, text] for text in one.problems]
        one.problems.clear()
        if DRAWS:
            print(first, found[-3:], flush=True)
        if first % FRESH == 0:
            one.go("#m=r1")
    assert found == []
    good = sum(one.tab.evaluate("f => !explorer.read(f)[1]", link(number)) for number in drawn[:AT_ONCE])
    assert 2 < good < AT_ONCE or DRAWS
