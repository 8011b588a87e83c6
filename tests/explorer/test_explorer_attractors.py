"""Cycles and manifolds of the page against those of the package."""

import json

import jax
import numpy as np
import pytest

import diracgan as dg


def js(scripts, expression):
    """The value of an expression; numbers that JSON does not know come as null."""
    return json.loads(scripts.eval(f"JSON.stringify({expression})"))


def side(method, algorithm, q=None, **p):
    return json.dumps({"m": method, "a": algorithm, "p": p, "q": q or {}})


def cycles(scripts, given, *starts):
    return js(scripts, f'Attractors.find({{"side": {given}, "starts": {json.dumps(starts)}, "caught": []}})')


def multipliers(found):
    return np.array(found["multipliers"]) @ [1, 1j]


MAPS = [
    ("r1", "altgd", {"h": 2.2}, {"gamma": 0.1}, dg.AltGD(2.2), (0.03263182, 1.19772335)),
    ("r1", "simgd", {"h": 1.25}, {"gamma": 0.3}, dg.SimGD(1.25), (0.2, 0.2)),
    ("r1", "altgd", {"h": 2.6}, {"gamma": 0.1}, dg.AltGD(2.6), (0.24, 1.06)),
    ("nsgan-r1", "simgd", {"h": 1.6}, {"gamma": 0.3}, dg.SimGD(1.6), (0.5, 0.5)),
    ("wgan-gp", "simgd", {"h": 0.3}, {"gamma": 0.7}, dg.SimGD(0.3), (1.0, 1.0)),
]


@pytest.mark.parametrize(("method", "algorithm", "q", "p", "same", "start"), MAPS, ids=[f"{c[0]}-{c[2]}" for c in MAPS])
def test_cycles_of_the_map_are_those_of_the_package(scripts, method, algorithm, q, p, same, start):
    answer = cycles(scripts, side(method, algorithm, q, **p), start)
    wanted = dg.cycle(dg.method(method, **p), same, start)
    assert len(answer["cycles"]) == 1 and answer["starts"] == [0]
    found = answer["cycles"][0]
    assert found["exact"] is wanted.exact
    # What is measured along a curve is a mean over a window of rounds.
    accuracy = 1e-9 if wanted.exact else 1e-6
    for name, value in (
        ("period", wanted.period),
        ("mean", wanted.mean_radius),
        *((("least", wanted.min_radius), ("largest", wanted.max_radius)) if wanted.exact else ()),
    ):
        assert found[name] == pytest.approx(value, rel=accuracy), name
    assert found["kind"] == wanted.kind
    if wanted.exact:
        np.testing.assert_allclose(sorted(np.abs(multipliers(found))), sorted(np.abs(wanted.multipliers)), atol=1e-8)
    else:
        np.testing.assert_allclose(multipliers(found), wanted.multipliers, atol=1e-3)


FLOWS = [("wgan-gp", {"gamma": 0.7}, (0.1, 0.1)), ("gan", {}, (1.0, 1.0)), ("wgan", {"clip": 0.5}, (1.0, 0.1))]


@pytest.mark.parametrize(("method", "p", "start"), FLOWS, ids=[c[0] for c in FLOWS])
def test_cycles_of_the_flow_are_those_of_the_package(scripts, method, p, start):
    found = cycles(scripts, side(method, "flow", **p), start)["cycles"][0]
    wanted = dg.cycle(dg.method(method, **p), None, start)
    assert found["period"] == pytest.approx(wanted.period, rel=1e-8)
    assert found["mean"] == pytest.approx(wanted.mean_radius, rel=1e-7)
    np.testing.assert_allclose(multipliers(found), wanted.multipliers, atol=1e-5)
    assert found["kind"] == wanted.kind


def test_what_ends_on_no_cycle_has_none(scripts):
    for given, start in (
        (side("nsgan", "flow"), (1.0, 1.0)),
        (side("r1", "altgd", {"h": 0.2}), (1.0, 1.0)),
        (side("gan", "simgd", {"h": 0.2}), (1.0, 1.0)),
        (side("r1", "flow"), (0.0, 0.0)),
    ):
        assert cycles(scripts, given, start)["cycles"] == []


def test_two_cycles_and_what_ends_on_which(scripts):
    """A cycle and its mirror image; the cells of the map of fates say to which of them they belong."""
    given, start = side("r1", "altgd", {"h": 2.2}, gamma=0.1), (0.03263182, 1.19772335)
    assert cycles(scripts, given, start, (-start[0], -start[1]), (0.05, 0.05))["starts"] == [0, 0, -1]
    basin = f'Basin.part({{"side": {given}, "box": [-2, 2, -2, 2], "n": 10, "from": 0}}, Infinity, Infinity)'
    found = js(scripts, f'Attractors.find({{"side": {given}, "starts": [], "caught": {basin}.caught }})')
    periods = {
        int(dg.cycle(dg.method("r1", gamma=0.1), dg.AltGD(2.2), one["points"][0]).period) for one in found["cycles"]
    }
    assert {round(one["period"]) for one in found["cycles"]} == periods
    assert min(found["caught"]) >= 0 and set(found["caught"]) == set(range(len(found["cycles"])))


def apart(points, line):
    """The largest distance of points from a polyline."""
    ends, steps = line[:-1], np.diff(line, axis=0)
    lengths = np.maximum(np.sum(steps**2, axis=1), 1e-300)
    share = np.clip(np.einsum("mni,ni->mn", points[:, None] - ends, steps) / lengths, 0, 1)
    return np.max(np.min(np.linalg.norm(ends + share[..., None] * steps - points[:, None], axis=2), axis=1))


BOX = [-3, 3, -3, 3]


def manifolds(scripts, given):
    return js(scripts, f'Saddles.find({{"side": {given}, "box": {BOX}}})')


def test_manifolds_of_the_flow_are_those_of_the_package(scripts):
    field = dg.method("consensus", gamma=1.0)
    found = manifolds(scripts, side("consensus", "flow", gamma=1.0))
    points = dg.fixed_points(field, BOX)
    saddles = points.x[np.array(points.kind) == "saddle"]
    np.testing.assert_allclose(sorted(found["points"]), saddles, atol=1e-9)
    wanted = dg.manifolds(field, saddles[0], time=30.0, reach=8.0, rows=3000)
    for kind in ("stable", "unstable"):
        lines = [np.array(line) for line in found[kind]]
        own = [line for line in lines if np.linalg.norm(line[0] - saddles[0]) < 1e-6]
        assert len(lines) == 4 and len(own) == 2
        # The page follows the unstable one for 30 units of time more.
        for line in [line[:-310] for line in own] if kind == "unstable" else own:
            inside = line[np.linalg.norm(line - line[0], axis=1) < 6]
            assert min(apart(inside, branch) for branch in getattr(wanted, kind)) < 2e-3


@pytest.mark.parametrize("h", [0.2, 0.5])
def test_manifolds_of_the_map_are_invariant(scripts, h):
    """Under the package's own rounds the stable one comes to the saddle, and the unstable one maps to itself."""
    field, algorithm = dg.method("consensus", gamma=1.0), dg.AltGD(h)
    found = manifolds(scripts, side("consensus", "altgd", {"h": h}, gamma=1.0))
    assert len(found["stable"]) == len(found["unstable"]) == 4
    for line in map(np.array, found["stable"]):
        rounds = np.asarray(dg.simulate(field, algorithm, line, 300))
        assert np.max(np.min(np.linalg.norm(rounds - line[0], axis=2), axis=1)) < 1e-5
    for line in map(np.array, found["unstable"]):
        after = np.asarray(dg.simulate(field, algorithm, line, 1))[:, 1]
        assert apart(after[np.linalg.norm(after - line[0], axis=1) < 3], line) < 2e-3
        assert np.max(np.linalg.norm(np.diff(line, axis=0), axis=1)) < 6 / 100


def test_a_method_without_saddles_has_no_manifolds(scripts):
    assert manifolds(scripts, side("r1", "altgd", {"h": 0.2})) == {"points": [], "stable": [], "unstable": []}
    assert manifolds(scripts, side("consensus", "adam", {"h": 0.1}))["points"] == []


@pytest.mark.parametrize(
    ("given", "method", "algorithm", "over", "low", "high"),
    [
        (side("r1", "altgd", {"h": 0.2}, gamma=0.5), dg.method("r1", gamma=0.5), dg.AltGD(0.2), "h", 0.1, 3.1),
        (side("wgan", "simgd", {"h": 0.3}), dg.method("wgan"), dg.SimGD(0.3), "clip", 0.2, 2.0),
    ],
)
def test_the_strip_is_a_bifurcation_diagram(scripts, given, method, algorithm, over, low, high):
    key, n = ("a.h" if over == "h" else f"p.{over}"), 7
    job = {"side": json.loads(given), "key": key, "low": low, "high": high, "n": n, "start": [0.3, 0.2]}
    job |= {"transient": 300, "keep": 24, "from": 0}
    columns = js(scripts, f"Diagram.part({json.dumps(job)}, Infinity, Infinity).map(c => [...c.radius])")
    values = np.linspace(low, high, n)
    wanted = dg.bifurcation(method, algorithm, over, values, (0.3, 0.2), transient=300, keep=24)
    np.testing.assert_allclose(np.array(columns, float), wanted.radius, rtol=1e-6, atol=1e-9)
    job |= {"from": 5}
    assert len(js(scripts, f"Diagram.part({json.dumps(job)}, 0)")) == 1


def test_the_strip_of_a_flow_shows_its_extremes(scripts):
    """Of WGAN, whose orbits are circles that a bound cuts down to its own size, and of R1, whose orbits arrive."""
    start, n = (0.3, 0.2), 5
    job = {"low": 0.1, "high": 0.9, "n": n, "start": start, "transient": 800, "keep": 300, "from": 0}
    wgan = job | {"side": json.loads(side("wgan", "flow")), "key": "p.clip"}
    for clip, column in zip(
        np.linspace(0.1, 0.9, n), js(scripts, f"Diagram.part({json.dumps(wgan)}, Infinity, Infinity)"), strict=True
    ):
        size = min(clip, np.hypot(*start))
        for name in ("theta", "psi"):
            assert min(column[name]) == pytest.approx(-size, rel=1e-4), (clip, name)
            assert max(column[name]) == pytest.approx(size, rel=1e-4), (clip, name)
        np.testing.assert_allclose(column["radius"], size, rtol=1e-4)
    r1 = job | {"side": json.loads(side("r1", "flow")), "key": "p.gamma", "transient": 2000}
    for column in js(scripts, f"Diagram.part({json.dumps(r1)}, Infinity, Infinity)")[1:]:
        assert max(column["radius"]) < 1e-6


def test_the_pull_of_the_loss_is_its_derivative(scripts):
    x = [1.3, -0.4]
    for name, p in (("gan", {}), ("nsgan-r1", {"gamma": 0.3}), ("wgan", {})):
        field = f"Engine.field({side(name, 'flow', **p)})"
        found = js(scripts, f"{field}.slope({x})")
        link = dg.Wasserstein() if name == "wgan" else dg.Minimax()
        assert found == pytest.approx(float(jax.grad(link.link)(x[0] * x[1])), rel=1e-12)
    assert js(scripts, f"Engine.field({side('hinge', 'flow')}).slope") is None
