"""The page's scripts without a browser: its rules, its spectra and its edges against those of the package."""

import json
import re

import numpy as np
import pytest

import diracgan as dg
from diracgan import theory
from diracgan.atlas.boundaries import CURVES, crossings
from diracgan.dynamics.fates import KINDS
from diracgan.explorer import compiler
from diracgan.plotting import maps

pytest.importorskip("py_mini_racer", reason="mini-racer runs the compiled JavaScript")


def js(scripts, expression):
    """The value of an expression; numbers that JSON does not know come as null."""
    return json.loads(scripts.eval(f"JSON.stringify({expression})"))


def side(method, algorithm, q=None, **p):
    return json.dumps({"m": method, "a": algorithm, "p": p, "q": q or {}})


def matrices(rng, size, count):
    """Random ones, ones with multiple eigenvalues, and ones near the boundary of stability."""
    made = rng.normal(size=(count, size, size)) * 10.0 ** rng.uniform(-3, 3, (count, 1, 1))
    made[::5] = np.round(made[::5])
    made[1::7] = np.eye(size) + 1e-3 * made[1::7]
    return made


def test_spectra_and_crossings_are_those_of_numpy(scripts):
    rng = np.random.default_rng(3)
    for size in (2, 3, 4, 6):
        for M in matrices(rng, size, 60):
            got = np.array(js(scripts, f"Numerics.eigenvalues({M.tolist()})")) @ [1, 1j]
            norm = max(np.linalg.norm(M), 1e-3)
            # Together they are as they should be to rounding, also where each of them is known to its root only.
            coefficients = np.poly(got) - np.poly(M)
            assert np.max(np.abs(coefficients) / norm ** np.arange(size + 1)) < 1e-11
            given = js(scripts, f"Verdict.crossings(false, {M.tolist()})")
            scale = (1 + norm) ** (size * (size - 1))
            np.testing.assert_allclose([float(given[kind]) for kind in CURVES], crossings(M), atol=1e-12 * scale)


def test_the_verdict_is_that_of_the_package(scripts):
    """On the catalogue at drawn values, and on the boundary itself."""
    rng = np.random.default_rng(4)
    for name in ("gan", "r1", "consensus"):
        declared = [p for p in compiler.method_parameters(dg.entry(name)) if p.name != "data"]
        for algorithm in (None, dg.AltGD(1.7), dg.HeavyBall(0.2, beta=-0.3)):
            values = {p.name: float(rng.uniform(p.span[0] + 0.01, p.span[1])) for p in declared}
            wanted = dg.verdict(dg.method(name, **values), algorithm)
            kind = (
                "flow"
                if algorithm is None
                else next(k for k, v in dg.algorithms.ALGORITHMS.items() if v is type(algorithm))
            )
            q = {} if algorithm is None else {"h": algorithm.rate, **({"beta": -0.3} if kind == "heavy-ball" else {})}
            given = side(name, kind, {k: float(v) for k, v in q.items()}, **values)
            got = js(scripts, f"Verdict.judge({json.dumps(kind == 'flow')}, Engine.linearised({given}))")
            assert got["kind"] == wanted.kind, (name, kind, values)
            assert got["number"] == pytest.approx(wanted.number, rel=1e-7, abs=1e-12)
    assert js(scripts, f"Verdict.judge(false, Engine.linearised({side('gan', 'altgd', {'h': 4.0})})).kind") == "neutral"


def test_what_overflows_is_called_so_and_not_neutral(scripts):
    huge = side("r1", "altgd", {"h": 1e6, "n_d": 64}, gamma=1e3)
    assert js(scripts, f"Verdict.judge(false, Engine.linearised({huge})).kind") == "overflow"
    with pytest.raises(ValueError, match="more than the largest float"):
        dg.verdict(dg.method("r1", gamma=1e3), dg.AltGD(1e6, n_d=64))
    assert js(scripts, "Verdict.judge(false, [[1e200, 0], [0, 0.5]]).kind") == "unstable"
    point = "Stability.pointType(S, Engine.field(S), [0, 1e-6])"
    link = side("lsgan-zero", "altgd", {"h": 0.2, "n_g": 64, "n_d": 33}, a=-0.28, data=-1e6)
    assert js(scripts, f"(S => {point})({link}).kind") == "unstable"


def test_limits_and_outcomes_are_those_of_the_package(scripts):
    for g in (0.01, 0.5, 0.999, 1.0, 1.7, 30.0):
        for c in (0.5, 1.0, 0.03):
            J = ((0.0, -c), (c, -g))
            flat = json.dumps([entry for row in J for entry in row])
            assert js(scripts, f"RULES.simgd({flat})") == pytest.approx(theory.simgd_limit(J), rel=1e-13)
            assert js(scripts, f"RULES.altgd({flat})") == pytest.approx(theory.altgd_limit(J), rel=1e-13)
    for fragment, method, algorithm, start, steps in (
        (side("r1", "simgd", {"h": 3.9}, gamma=1.0), dg.method("r1", gamma=1.0), dg.SimGD(3.9), (0.1, 0.1), 160),
        (side("r1", "altgd", {"h": 0.2}), dg.method("r1"), dg.AltGD(0.2), (1.6, 1.2), 600),
        (side("gan", "altgd", {"h": 0.2}), dg.method("gan"), dg.AltGD(0.2), (1.6, 1.2), 200),
        (side("r1", "altgd", {"h": 0.2}, data=-3e5), dg.method("r1", data=-3e5), dg.AltGD(0.2), (-3e5, 1e-3), 800),
        (
            side("consensus", "altgd", {"h": 0.2, "n_d": 5}, gamma=1.0),
            dg.method("consensus"),
            dg.AltGD(0.2, n_d=5),
            (1.0, 1.0),
            300,
        ),
    ):
        job = f'{{"side": {fragment}, "starts": [{list(start)}], "steps": {steps}}}'
        got = js(scripts, f"Paths.all({job})[0].fate")
        wanted = dg.outcome(
            np.asarray(dg.simulate(method, algorithm, np.array(start, np.float64), steps), np.float64), method
        )
        assert (got["kind"], got["step"]) == (wanted.kind, wanted.step)


def spans(scripts, given, key, low, high):
    return js(
        scripts, f"Edges.spans(false, t => Engine.linearised({given}, {{ {json.dumps(key)}: t }}), {low}, {high}, [0])"
    )


def test_a_narrow_window_of_stability_is_found(scripts):
    found = spans(scripts, side("r1", "simgd", {"h": 3.9}), "p.gamma", 0, 3)
    assert [s["kind"] for s in found["spans"]] == ["unstable", "stable", "unstable"]
    # det M = 1 at γ = h/4, and a multiplier is -1 at γ = (4 + h²/4)/(2h).
    assert found["spans"][1]["low"] == pytest.approx(3.9 / 4, rel=1e-12)
    assert found["spans"][1]["high"] == pytest.approx((4 + 3.9**2 / 4) / 7.8, rel=1e-12)


def test_the_smallest_rate_at_which_stability_changes(scripts):
    """Against `dg.critical_step`; a margin that begins like a power of the rate is no neutral beginning."""
    for given, method, algorithm in (
        (side("gan", "heavy-ball", {"h": 0.5, "beta": -0.5, "alternating": 1}), dg.method("gan"), (-0.5, True)),
        (side("r1", "heavy-ball", {"h": 0.3}, gamma=1.3), dg.method("r1", gamma=1.3), (0.9, False)),
        (side("gan", "heavy-ball", {"h": 0.3}, data=0.5), dg.method("gan", data=0.5), (0.9, False)),
    ):
        found = js(scripts, f"Stability.firstChange({given})")
        wanted = dg.critical_step(method, dg.HeavyBall(0.3, beta=algorithm[0], alternating=algorithm[1])).h
        assert (found["from"], found["to"]) == ("stable", "unstable")
        assert found["at"] == pytest.approx(wanted, rel=1e-6)
    found = js(scripts, f"Stability.firstChange({side('gan', 'altgd', {'h': 0.3, 'n_d': 3})})")
    assert (found["from"], found["at"]) == ("neutral", pytest.approx(4 / 3**0.5, rel=1e-9))


CASES = [
    ("r1", "simgd", {"h": 3.9}, "gamma", dg.SimGD(3.9)),
    ("r1", "altgd", {"h": 0.9, "n_g": 3, "n_d": 2}, "gamma", dg.AltGD(0.9, n_g=3, n_d=2)),
    ("jare", "altgd", {"h": 1.1}, "gamma", dg.AltGD(1.1)),
    ("consensus", "extragradient", {"h": 1.3}, "gamma", dg.ExtraGradient(1.3)),
    ("gan", "altgd", {"h": 0.7}, "data", dg.AltGD(0.7)),
    (
        "gan",
        "heavy-ball",
        {"h": 0.5, "beta": -0.5, "alternating": 1},
        "beta",
        dg.HeavyBall(0.5, beta=-0.5, alternating=True),
    ),
    ("r1", "optimistic", {"h": 1.0}, "gamma", dg.Optimistic(1.0)),
    ("r1", "altgd", {"h": 0.4}, "h", dg.AltGD(0.4)),
    ("r1", "heavy-ball", {"h": 0.4, "beta": 0.9}, "h", dg.HeavyBall(0.4)),
    ("lsgan-zero", "altgd", {"h": 0.4}, "c", dg.AltGD(0.4)),
]


@pytest.mark.parametrize(
    ("method", "algorithm", "q", "axis", "same"), CASES, ids=[f"{c[0]}-{c[1]}-{c[3]}" for c in CASES]
)
def test_spans_are_those_of_a_stability_map(scripts, method, algorithm, q, axis, same):
    chosen = dg.method(method)
    key, declared = (f"p.{axis}", chosen.tunable[axis]) if axis in chosen.tunable else (f"a.{axis}", same.tunable[axis])
    low, high = declared.span[0] + 1e-6 * declared.open_low, declared.span[1]
    found = spans(scripts, side(method, algorithm, q), key, low, high)["spans"]
    assert found[0]["low"] == low and found[-1]["high"] == high
    ts = np.sort(np.random.default_rng(6).uniform(low, high, 400))
    ends = np.array([s["low"] for s in found] + [high])
    # Beside an edge a margin that vanishes like a square is 0 to rounding for a while.
    clear = np.min(np.abs(ts[:, None] - ends), axis=1) > 1e-3 * (high - low)
    try:
        wanted = dg.stability_map(chosen, same, **{axis: ts}).verdict
    except ValueError as problem:
        assert re.search("differentiable|equilibrium", str(problem))
        return
    got = np.array([next(s["kind"] for s in found if t <= s["high"]) for t in ts])
    rested = got != "none"
    np.testing.assert_array_equal(got[clear & rested], wanted[clear & rested])


def test_what_is_observed_is_what_the_package_finds(scripts):
    """The cycle of period 6 beside a stable equilibrium, an equilibrium that is reached, and a run that leaves."""
    start = [0.03263182, 1.19772335]
    ask = "Attractor.observe({{ side: {}, start: {}, rounds: 20480 }})"
    wanted = dg.cycle(dg.method("r1", gamma=0.1), dg.AltGD(2.2), start)
    said = js(scripts, ask.format(side("r1", "altgd", {"h": 2.2}, gamma=0.1), start))
    assert said["title"] == f"Observed: a cycle of period {wanted.period:g}."
    low, high = map(float, re.search(r"distances ([\d.]+) and ([\d.]+)", said["text"]).groups())
    assert (low, high) == pytest.approx((wanted.min_radius, wanted.max_radius), rel=5e-3)
    said = js(scripts, ask.format(side("r1", "altgd", {"h": 0.2}), [1, 1]))
    assert said["title"] == "Observed: arrives at the equilibrium."
    said = js(scripts, ask.format(side("gan", "simgd", {"h": 0.2}), [1, 1]))
    assert said["title"] in ("Observed: still moving away.", "Observed: runs away.")
    said = js(scripts, ask.format(side("r1", "adam", {"h": 0.05}, gamma=1.0), [1, 1]))
    assert said["title"].startswith("Observed: ")


def plane(scripts, given, finest=128):
    axes = '[{"key": "p.gamma", "low": 0, "high": 3}, {"key": "a.h", "low": 0.01, "high": 6}]'
    return js(scripts, f'Atlas.map({{"side": {given}, "axes": {axes}}}, Infinity, {finest})')


def test_the_plane_of_two_parameters_is_a_stability_map(scripts):
    """The radius at every point, the curves by their kind, and the best point, which is known for R1."""
    found = plane(scripts, side("r1", "altgd"), finest=64)
    n = found["n"]
    centres = (np.arange(n) + 0.5) / n
    gamma, h = 3 * centres, 0.01 + 5.99 * centres
    radius = np.array(list(found["radius"].values())).reshape(n, n)
    wanted = dg.stability_map(dg.method("r1"), dg.AltGD(0.2), gamma=gamma[::9], h=h[::9])
    np.testing.assert_allclose(radius[::9, ::9], wanted.radius, rtol=1e-9, atol=1e-7)
    assert list(found["lines"]) == ["flip"]
    x, y = (np.array([v for v in part if v is not None]) for part in found["lines"]["flip"])
    np.testing.assert_allclose(y, [theory.altgd_limit(((0.0, -0.5), (0.5, -g))) for g in x], rtol=3e-3)
    best = plane(scripts, side("r1", "altgd"))["optimum"]
    assert best["at"] == pytest.approx([0.5, 2.0], abs=1e-3)
    assert best["value"] < 1e-3
    both = plane(scripts, side("r1", "simgd"), finest=64)["lines"]
    assert {b.kind for b in dg.stability_map(dg.method("r1"), dg.SimGD(0.2), gamma=gamma, h=h).boundaries} == set(both)
    assert set(both) == {"neimark-sacker", "flip"}
    x, y = (np.array([v for v in part if v is not None]) for part in both["neimark-sacker"])
    np.testing.assert_allclose(y, 4 * x, rtol=1e-2)
    assert x.max() == pytest.approx(1, abs=0.05)


BASINS = [
    ("r1", "simgd", {"h": 1.2}, {"gamma": 1.0}, dg.SimGD(1.2), (-14, 14, -14, 14)),
    ("r1", "altgd", {"h": 2.2}, {"gamma": 0.1}, dg.AltGD(2.2), (-2, 2, -1.5, 2.5)),
    ("consensus", "altgd", {"h": 0.2, "n_d": 5}, {"gamma": 1.0}, dg.AltGD(0.2, n_d=5), (-3, 3, -3, 3)),
    ("wgan", "simgd", {"h": 0.2}, {"clip": 1.0}, dg.SimGD(0.2), (-2, 2, -2, 2)),
    ("gan", "altgd", {"h": 0.7}, {"data": 0.5}, dg.AltGD(0.7), (-2, 2, -2, 2)),
    ("nsgan", "extragradient", {"h": 0.3}, {}, dg.ExtraGradient(0.3), (-2, 2, -2, 2)),
    ("r1", "adam", {"h": 0.05}, {"gamma": 0.3}, dg.Adam(0.05), (-2, 2, -2, 2)),
    ("r1", "heavy-ball", {"h": 0.5, "beta": -0.3}, {}, dg.HeavyBall(0.5, beta=-0.3), (-9, 9, -9, 9)),
    ("r1", "lookahead", {"h": 0.3, "k": 3}, {}, dg.Lookahead(dg.SimGD(0.3), k=3), (-2, 2, -2, 2)),
]


@pytest.mark.parametrize(
    ("method", "algorithm", "q", "p", "same", "box"), BASINS, ids=[f"{b[0]}-{b[1]}" for b in BASINS]
)
def test_the_fate_of_every_start_is_that_of_a_basin(scripts, method, algorithm, q, p, same, box):
    """Cell by cell, also when the cells come in parts."""
    n, rounds = 12, js(scripts, "LIMITS.fates")
    given = f'{{ "side": {side(method, algorithm, q, **p)}, "box": {json.dumps(box)}, "n": {n}, "from": FROM }}'
    found = js(scripts, f"Basin.part({given.replace('FROM', '0')}, Infinity, Infinity)")
    codes = found["codes"]
    assert js(scripts, f"Basin.part({given.replace('FROM', str(n * n - 3))}, Infinity, Infinity).codes") == codes[-3:]
    assert js(scripts, f"Basin.part({given.replace('FROM', '5')}, 0).codes") == codes[5:6]
    wanted = dg.basin(dg.method(method, **p), same, box=box, n=n, steps=rounds)
    np.testing.assert_array_equal(np.reshape(codes, (n, n)), wanted.codes)
    np.testing.assert_array_equal(np.reshape(found["rounds"], (n, n)), wanted.step)
    assert len(found["caught"]) == wanted.counts["cycle"]


def test_the_fates_on_the_page_are_those_that_occur(scripts):
    """The cases above hold every fate, and the page names them in the order of the codes, with Python's colours."""
    kinds = set()
    for method, algorithm, q, p, _, box in BASINS:
        given = f'{{ "side": {side(method, algorithm, q, **p)}, "box": {json.dumps(box)}, "n": 4, "from": 0 }}'
        kinds |= set(js(scripts, f"Basin.part({given}, Infinity, Infinity).codes"))
    assert kinds == set(range(len(KINDS)))
    assert js(scripts, "Basin.KINDS") == list(KINDS)
    assert js(scripts, "FATES") == maps.FATES
