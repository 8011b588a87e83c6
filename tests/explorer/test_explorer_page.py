"""The page in a real browser: what is shown, how it is operated, what it asks the network for."""

import inspect
import json
import math
import os
import pathlib
import re
import struct

import numpy as np
import pytest

import diracgan as dg
from diracgan import theory
from diracgan.algorithms import ALGORITHMS
from diracgan.explorer.page import opened_at

# No test depends on how long something takes: this only ends what hangs.
PATIENCE = 300_000


def same(shown, wanted):
    wanted = sorted((complex(z) for z in wanted), key=lambda z: (round(z.real, 6), z.imag))
    np.testing.assert_allclose(sorted(shown, key=lambda z: (round(z.real, 6), z.imag)), wanted, rtol=2e-3, atol=2e-4)


def test_size_and_silence(opened, file):
    assert file.stat().st_size <= 2_000_000
    one = opened()
    assert [r for r in one.requests if not r.startswith(("data:", "blob:"))] == [file.as_uri()]


def test_every_method_and_every_algorithm_is_there_and_draws(opened):
    one = opened()
    values = "s => [...document.querySelectorAll(s + ' option')].map(o => o.value)"
    assert set(one.tab.evaluate(values, "#method")) == set(dg.methods())
    assert set(one.tab.evaluate(values, "#algorithm")) == {"flow", *ALGORITHMS}
    for name in dg.methods():
        one.tab.select_option("#method", name)
        one.tab.evaluate("explorer.painted()")
        assert one.state()["A"]["m"] == name
    for name in ("flow", *ALGORITHMS):
        one.tab.select_option("#algorithm", name)
        one.settle()
        assert one.tab.inner_text("#card .lead")


@pytest.mark.parametrize(
    ("fragment", "method", "algorithm"),
    [
        ("#m=r1&a=altgd&q.h=0.2&p.gamma=0.3", dg.method("r1", gamma=0.3), dg.AltGD(h=0.2)),
        ("#m=nsgan-r1&a=simgd&q.h=0.5&p.gamma=1.4", dg.method("nsgan-r1", gamma=1.4), dg.SimGD(h=0.5)),
        ("#m=instance-noise&a=flow&p.sigma=1.1", dg.method("instance-noise", sigma=1.1), None),
        ("#m=consensus&a=altgd&q.h=0.3&q.n_d=3", dg.method("consensus"), dg.AltGD(h=0.3, n_d=3)),
        ("#m=r1&a=implicit-euler&q.h=0.7", dg.method("r1"), dg.ImplicitEuler(h=0.7)),
        ("#m=gan&a=extragradient&q.h=0.5&p.data=0.5", dg.method("gan", data=0.5), dg.ExtraGradient(h=0.5)),
    ],
)
def test_the_eigenvalues_shown_are_those_of_jax(opened, fragment, method, algorithm):
    wanted = dg.eigenvalues(method) if algorithm is None else dg.multipliers(method, algorithm)
    same(opened(fragment).eigenvalues(), np.asarray(wanted))


def test_the_paths_are_those_of_simulate(opened):
    one = opened("#m=r1&a=heavy-ball&q.h=0.2&q.beta=-0.4&q.alternating=1&x=1,0.5&n=200")
    run = one.tab.evaluate("explorer.shown()[0].all[0]")
    wanted = dg.simulate(dg.method("r1"), dg.HeavyBall(h=0.2, beta=-0.4, alternating=True), (1.0, 0.5), 200)
    np.testing.assert_allclose(np.stack([run["xs"], run["ys"]], 1), wanted, atol=1e-12)


def test_the_flow_is_that_of_the_integrator(opened):
    """Kinks are crossed and bounds are followed where they are, not at the next multiple of a step."""
    one = opened()
    for fragment, method, start, atol in (
        ("#m=r1&a=flow&x=1,0.5&n=100", dg.method("r1"), (1.0, 0.5), 1e-8),
        ("#m=wgan-gp&a=flow&p.gamma=0.7&x=0.1,0.1&n=200", dg.method("wgan-gp", gamma=0.7), (0.1, 0.1), 1e-5),
        ("#m=wgan&a=flow&p.clip=0.5&x=1,0.1&n=200", dg.method("wgan", clip=0.5), (1.0, 0.1), 1e-4),
    ):
        one.turn(fragment)
        steps = one.state()["steps"]
        wanted = dg.flow(method, start, np.linspace(0, 0.1 * steps, steps + 1))
        np.testing.assert_allclose(one.paths()[0], wanted, atol=atol)


def test_limits_are_where_stability_changes(opened):
    """The smallest rate against `dg.critical_step`; tolerances and the ends of sliders are no limits."""
    one = opened("#m=r1&a=heavy-ball&q.h=0.3&p.gamma=1.3")
    for fragment, method in (
        ("#m=r1&a=heavy-ball&q.h=0.3&p.gamma=1.3", dg.method("r1", gamma=1.3)),
        ("#m=gan&a=heavy-ball&q.h=0.3&p.data=0.5", dg.method("gan", data=0.5)),
    ):
        one.turn(fragment)
        found = re.search(r"stability changes is h = ([\d.]+) \(from stable to unstable\)", one.card())
        assert found, one.card()
        assert float(found[1]) == pytest.approx(dg.critical_step(method, dg.HeavyBall(h=0.3)).h, rel=1e-3)
    said = {
        "#m=gan&a=flow&slide=p.data": "Neutral only at x_data = 0: stable on both sides",
        "#m=gan&a=heavy-ball&q.h=0.5&q.beta=-0.5&q.alternating=1&slide=a.beta": "< β < 0; here β = −0.5",
        "#m=gan&a=altgd&q.h=3.9&slide=a.h": "Neutral for 0.01 ≤ h < 4 (0.01: only the slider's end); here h = 3.9",
        "#m=gan&a=altgd&q.h=4.3&slide=a.h": "Unstable for 4 < h ≤ 6 (6: only the slider's end); here h = 4.3",
        "#m=gan&a=altgd&q.h=8&slide=a.h": "unstable beyond the limit: h = 8 > ",
    }
    for fragment, text in said.items():
        one.turn(fragment)
        assert text in one.card()


def test_rest_points_are_named_by_the_map(opened):
    one = opened("#m=r1&a=altgd&q.h=2.4&p.gamma=0.5")
    assert np.isreal(np.asarray(dg.multipliers(dg.method("r1", gamma=0.5), dg.AltGD(h=2.4)))).all()
    said = {
        "#m=r1&a=altgd&q.h=2.4&p.gamma=0.5": "stable node at (0, 0)",
        "#m=r1&a=adam&q.h=0.1": "stable focus of the flow at (0, 0)",
        "#m=lsgan-zero&a=flow": "a line of rest points",
        "#m=r1&a=altgd&p.data=5": "is outside this view",
        "#m=wgan-gp&a=flow": "kink at the equilibrium",
    }
    for fragment, text in said.items():
        one.turn(fragment)
        assert text in one.tab.inner_text("#points")
    assert "no Jacobian" in one.tab.inner_text("#spectrum-note")
    # Between its kinks the nullcline ψ̇ = 0 of WGAN-GP is θ = γ(ψ - sign ψ), and it reaches ψ = 0 from both sides.
    x, y = one.tab.evaluate(
        "['x', 'y'].map(k => Array.from(explorer.model('null_psi').data.get?.(k) "
        "?? explorer.model('null_psi').data[k]))"
    )
    x, y = np.array([x, y], float)
    gamma = dg.method("wgan-gp").values["gamma"]
    at = np.isfinite(x)
    np.testing.assert_allclose(x[at], gamma * (y[at] - np.sign(y[at])), atol=0.01)
    assert np.min(np.abs(y[at & (y > 0)])) < 1e-3 > np.min(np.abs(y[at & (y < 0)]))
    assert np.count_nonzero(~at) == 2


def test_a_flow_and_steps_are_compared_on_one_axis(opened):
    one = opened("#m=r1&a=flow&c.m=r1&c.a=altgd&c.q.h=0.3&x=1,1&n=100")
    data = (
        "([name, column]) => { const d = explorer.model(name).data; return Array.from(d.get?.(column) ?? d[column]); }"
    )
    assert one.tab.evaluate(data, ["eigenB", "x"]) == []
    assert "another plane" in one.tab.inner_text("#spectrum-note")
    # Both cover the same time, and the cursor of each stands at its last step up to that of A.
    assert one.tab.evaluate(data, ["track", "n"])[-1] == pytest.approx(10)
    assert one.tab.evaluate(data, ["trackB", "n"])[-1] == pytest.approx(10.2)
    one.tab.evaluate("for (let k = 0; k < 10; k++) document.getElementById('forth').click()")
    at = one.tab.evaluate("['', 'B'].map(tag => explorer.model('cursor_series' + tag).location)")
    assert at == pytest.approx([1.0, 0.9])
    assert "time 1" in one.tab.inner_text("#stepno")
    assert "time" in one.tab.evaluate("explorer.model('series').below[0].axis_label")
    one.tab.select_option("#algorithmB", "flow")
    one.settle()
    assert len(one.tab.evaluate(data, ["eigenB", "x"])) == 2
    assert one.tab.is_hidden("#spectrum-note")


def column(one, name, key):
    text = "([name, key]) => { const d = explorer.model(name).data; return Array.from(d.get?.(key) ?? d[key]); }"
    return one.tab.evaluate(text, [name, key])


def test_both_is_said_where_a_path_and_the_linearisation_differ(opened):
    one = opened("#m=r1&a=simgd&p.gamma=1&q.h=3.9&x=0.1,0.1")
    start = np.array([0.1, 0.1], np.float64)
    wanted = dg.outcome(np.asarray(dg.simulate(dg.method("r1", gamma=1.0), dg.SimGD(3.9), start, 160)))
    assert one.tab.inner_text("#card .lead") == "Converges locally, but path 1 diverged."
    assert one.tab.get_attribute("#card", "class") == "card verdict mixed"
    assert f"Paths: 1 diverged from step {wanted.step} on." in one.card()
    assert "Stable for 0.975 < γ < 1.0003; here γ = 1" in one.card()
    one.turn("#m=r1&a=simgd&p.gamma=0.5&q.h=3.9&x=0,0")
    assert one.tab.inner_text("#card .lead") == "Unstable: small deviations grow, yet path 1 converged."
    assert "Unstable for 0 ≤ γ < 0.975; here γ = 0.5 (others fixed). Stable for 0.975 < γ < 1.0003." in one.card()
    one.turn("#m=wgan&a=flow&p.clip=1&x=1.5,0.2&back=1&n=100")
    assert "path 1 has no past before time" in one.tab.inner_text("#ended")


def test_what_has_no_linearisation_is_observed(opened):
    one = opened()
    for fragment, kind in (
        ("#m=r1&a=adam&q.h=0.1&x=1,1", "cross"),
        ("#m=r1&a=rmsprop&q.h=0.1&x=1,1", "cross"),
        ("#m=r1&a=averaged&q.h=0.1&x=1,1", "cross"),
        ("#m=wgan-gp&a=simgd&q.h=0.1&x=1,1", "diamond_cross"),
    ):
        one.turn(fragment)
        assert one.tab.inner_text("#card .lead").startswith("Observed: "), fragment
        assert "Observed, not proved." in one.card()
        assert column(one, "fixed", "marker")[-1] == kind
    one.turn("#m=r1&a=altgd&p.gamma=1000&q.h=1000000&q.n_d=64")
    assert one.tab.inner_text("#card .lead") == "Unstable beyond every number."
    one.turn("#m=lsgan-zero&a=altgd&p.a=-0.28&p.data=-1000000&q.n_g=64&q.n_d=33&q.h=0.2")
    assert "No equilibrium" in one.card()


def test_the_discriminator_is_that_of_the_game(opened):
    one = opened("#m=spectral-cap&a=simgd&q.h=0.2&x=1,2&c.m=lipschitz&c.a=simgd&c.q.h=0.2")
    x = np.array(column(one, "score", "x"))
    np.testing.assert_allclose(column(one, "score", "y"), 1.0 * x)
    np.testing.assert_allclose(column(one, "scoreB", "y"), 2 / math.sqrt(5) * x)
    one.turn("#m=spectral-norm&a=simgd&q.h=0.2&x=1,-0.3")
    np.testing.assert_allclose(column(one, "score", "y"), -x)
    assert column(one, "scoreB", "x") == []


def test_a_formula_says_where_it_is_written_for_other_values(opened):
    one = opened("#m=lsgan-zero&a=flow&p.a=-0.28&p.data=0.8")
    one.menu("#aboutA")
    said = one.tab.inner_text("#aboutA .written")
    assert (
        said
        == "Written for a = −1; here a = −0.28. Written for x_data = 0, where D(real) = 0; here the data is at 0.8."
    )
    one.turn("#m=dragan&a=flow&p.target=0.5")
    # Set as a formula, in the symbol of the slider.
    said = one.tab.evaluate("[...document.querySelectorAll('#aboutA .formula')][0].innerHTML")
    assert "<mrow><mo>|</mo><mi>ψ</mi><mo>|</mo></mrow><mo>−</mo><msub><mi>g</mi><mn>0</mn></msub>" in said
    assert one.tab.is_hidden("#aboutA .written")


def test_the_point_in_the_plane_of_two_parameters_is_dragged(opened):
    one = opened("#m=r1&a=simgd&q.h=0.2&p.gamma=0.3&x=1,1")
    one.tab.evaluate("document.getElementById('plot-plane').scrollIntoView({ block: 'center' })")
    frame, host = one.tab.evaluate("explorer.frame('plane')"), one.tab.locator("#plot-plane > *").bounding_box()
    place = lambda across, up: (
        host["x"] + frame["left"] + across * frame["width"],
        host["y"] + frame["top"] + (1 - up) * frame["height"],
    )
    one.tab.mouse.move(*place(0.1, 0.1))
    one.tab.mouse.down()
    one.tab.mouse.move(*place(0.2, 0.3))
    one.tab.mouse.move(*place(0.5, 0.25))
    one.tab.mouse.up()
    one.settle()
    side = one.state()["A"]
    gamma, h = side["p"]["gamma"], side["q"]["h"]
    assert (gamma, h) == (pytest.approx(1.5, abs=0.03), pytest.approx(1.5, abs=0.06))
    same(one.eigenvalues(), np.asarray(dg.multipliers(dg.method("r1", gamma=gamma), dg.SimGD(h))))
    assert column(one, "planepoint", "x") == [gamma]
    assert one.tab.input_value("#s-p-gamma-exact") == str(gamma)
    assert column(one, "planenames", "text") == ["Neimark–Sacker", "flip"]
    assert column(one, "planebest", "x") == [pytest.approx(1.0, abs=1e-3)]
    one.tab.select_option("#plane-y", "p.data")
    one.settle()
    assert one.state()["plane"] == ["p.gamma", "p.data"]
    for _ in range(2):
        one.tab.click("#undo")
    assert one.state()["A"]["p"]["gamma"] == 0.3


def test_what_takes_long_is_done_beside_the_page(opened):
    """On a clock that is always too late nothing is computed on the page, and the same is shown in the end."""
    one = opened("#m=r1&a=altgd&q.h=0.2&x=1,1;0.5,0&n=300")
    shown, plane, locus = one.paths(), column(one, "planebest", "x"), column(one, "locus", "x")
    one.tab.evaluate("{ let late = 0; performance.now = () => (late += 1e6); }")
    begun = "(() => { explorer.compute(); return document.getElementById('ended').textContent; })()"
    for _ in range(2):  # what the first asked for and nobody wants any more is dropped
        assert one.tab.evaluate(begun) == "computing the paths …"
    one.settle()
    for late, wanted in zip(one.paths(), shown, strict=True):
        np.testing.assert_array_equal(late, wanted)
    assert column(one, "planebest", "x") == plane
    assert column(one, "locus", "x") == locus
    assert one.tab.inner_text("#ended") == ""


def test_a_state_that_the_page_cannot_show_is_said(opened, file, tmp_path):
    broken = tmp_path / "broken.html"
    broken.write_text(opened_at(file.read_text(encoding="utf-8"), "#m=r1&p.gamma=-1"), encoding="utf-8")
    one = opened(viewport={"width": 1280, "height": 720})  # a page of its own
    one.file = broken
    one.go("")
    assert "gamma is out of bounds" in one.tab.inner_text("#message")
    assert one.state()["A"]["m"] == "r1"


def test_dragging_a_slider_moves_the_eigenvalues(opened):
    one = opened("#m=r1&a=simgd&q.h=0.2&p.gamma=0.3")
    box = one.tab.locator("#s-p-gamma").bounding_box()
    one.tab.mouse.move(box["x"] + box["width"] * 0.12, box["y"] + box["height"] / 2)
    one.tab.mouse.down()
    for k in range(10):
        one.tab.mouse.move(box["x"] + box["width"] * (0.12 + 0.05 * k), box["y"] + box["height"] / 2)
    one.tab.mouse.up()
    one.settle()
    gamma = one.state()["A"]["p"]["gamma"]
    assert gamma > 1
    same(one.eigenvalues(), np.asarray(dg.multipliers(dg.method("r1", gamma=gamma), dg.SimGD(h=0.2))))


def test_a_click_launches_a_path_there(opened):
    one = opened()
    frame = one.tab.evaluate("explorer.frame('phase')")
    host = one.tab.locator("#plot-phase > *").bounding_box()
    before = len(one.state()["starts"])
    one.tab.mouse.click(
        host["x"] + frame["left"] + 0.75 * frame["width"], host["y"] + frame["top"] + 0.25 * frame["height"]
    )
    one.tab.wait_for_function(f"explorer.state().starts.length > {before}")
    np.testing.assert_allclose(one.state()["starts"][-1], (1.0, 1.0), atol=0.05)
    one.tab.keyboard.down("Control")
    one.tab.mouse.wheel(0, -300)
    one.tab.keyboard.up("Control")
    one.tab.wait_for_function("explorer.state().box[1] - explorer.state().box[0] < 3.9")
    assert one.tab.evaluate("explorer.model('phase').x_range.start") == one.state()["box"][0]
    one.tab.click("#undo")
    assert one.state()["box"][0] == -2 and len(one.state()["starts"]) == before + 1
    one.tab.click("#undo")
    assert len(one.state()["starts"]) == before


def test_undo_brings_back_what_was_there(opened):
    one = opened("#m=r1&a=simgd&q.h=0.7&p.gamma=0.45&x=1,1&n=123&box=-3,3,-3,3")
    tuned = one.state()
    for change in (
        "document.querySelector('.chip').click()",
        "document.getElementById('clear').click()",
        "document.getElementById('compare').click()",
    ):
        one.tab.evaluate(change)
        one.settle()
        assert one.state() != tuned
        one.tab.click("#undo")
        assert one.state() == tuned
    one.tab.select_option("#method", "nsgan-r1")
    assert one.state()["A"]["p"] == {"gamma": 0.45}
    one.tab.select_option("#algorithm", "flow")
    one.tab.select_option("#algorithm", "altgd")
    assert one.state()["A"]["q"] == {"h": 0.7}
    for _ in range(3):
        one.tab.click("#undo")
    assert one.state() == tuned
    assert one.tab.is_disabled("#undo")
    one.menu("#x0")
    for k in range(8):
        one.tab.fill("#x0", str(k / 10))
        one.tab.click("#add")
    assert [start[0] for start in one.state()["starts"]] == [1, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert "8 starts" in one.tab.inner_text("#message")


def test_what_is_refused_is_said_and_changes_nothing(opened):
    one = opened("#m=r1&a=altgd&q.h=0.2&p.gamma=0.3&x=1,1", permissions=[])
    for wrong in ("-1", "10000000", ""):
        one.tab.fill("#s-p-gamma-exact", wrong)
        one.tab.press("#s-p-gamma-exact", "Tab")
        assert one.tab.input_value("#s-p-gamma-exact") == "0.3"
        assert "stays 0.3" in one.tab.inner_text("#message")
    one.menu("#x0")
    one.tab.fill("#x0", "")
    one.tab.click("#add")
    assert "two numbers" in one.tab.inner_text("#message")
    assert one.state()["starts"] == [[1, 1]]
    one.tab.fill("#x0", "0.5")
    one.tab.click("#add")
    assert one.tab.is_hidden("#message")
    one.tab.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')); }")
    one.tab.click("#link")
    one.tab.wait_for_selector("#dialog[open]")
    assert "#m=r1" in one.tab.inner_text("#code")


def test_what_python_is_given_runs(opened):
    """Without a verdict where there is none, without starts, backwards, and with the box that is shown."""
    import matplotlib.pyplot as plt

    one = opened()
    for fragment in (
        "#m=r1&a=adam&q.h=0.1&x=1,1&n=20",
        "#m=r1&a=averaged&q.h=0.1&x=1,1&n=20&box=-3,1,-2,2",
        "#m=gan&a=flow&x=1,1;0.5,0&n=20&back=1",
        "#m=wgan-gp&a=simgd&q.h=0.1&x=&n=20",
        "#m=r1&a=altgd&q.h=2.2&p.gamma=0.1&x=0.03263182,1.19772335&n=20&c.m=consensus&c.a=flow&box=-3,3,-3,3",
    ):
        one.turn(fragment)
        namespace = {}
        exec(one.tab.evaluate("explorer.python()").replace("plt.show()", ""), namespace)
        for path, wanted in zip(namespace.get("paths", []), one.paths(), strict=True):
            np.testing.assert_allclose(path, wanted, atol=1e-6)
        x0, x1, *_ = one.state()["box"]
        assert namespace["ax"].get_xlim() == pytest.approx((x0, x1), abs=0.06 * (x1 - x0))
        # Every side in its own Axes, with its title, its nullclines and what the page has found.
        axes = namespace["axes"][0]
        assert len(axes) == (2 if "c.m" in fragment else 1)
        for ax in axes:
            assert " = " in ax.get_title()
            assert {"θ̇ = 0", "ψ̇ = 0"} <= {line.get_label() for line in ax.lines}
        plt.close("all")
    assert namespace["cycle"].period == 6 and len(namespace["branches"].stable) == 2


def test_the_fate_of_every_start_is_shown_and_said(opened):
    """What converges locally and not everywhere; the counts are those of `dg.basin`."""
    view = "#m=r1&a=simgd&q.h=1.2&p.gamma=1&box=-14,14,-14,14&x=1,1"
    one = opened(view + "&show=arrows,fates")
    wanted = dg.basin(dg.method("r1", gamma=1.0), dg.SimGD(1.2), box=(-14.0, 14.0), n=128, steps=2000)
    image = one.tab.evaluate("Array.from(explorer.model('fates').data.image[0])")
    np.testing.assert_array_equal(np.reshape(image, (128, 128)), wanted.codes)
    share = round(100 * wanted.counts["converged"] / 128**2)
    assert f"Converges locally; {share} % of this view converges" in one.card()
    said = one.tab.inner_text("#fates")
    assert said.startswith("Fates of 128 × 128 starts, in 2000 rounds:") and f"{share} % converges" in said
    assert "dg.basin(method, algorithm, box=(-14, 14, -14, 14), n=128, steps=2000)" in one.tab.evaluate(
        "explorer.python()"
    )
    # Off and on again by the box, and the link says so.
    one.menu("#layers")
    one.tab.uncheck("#layers input[value=fates]")
    one.settle()
    assert one.tab.evaluate("explorer.model('fates').data.image.length") == 0
    assert "of this view" not in one.card() and not one.tab.is_visible("#fates")
    assert "fates" not in one.tab.evaluate("explorer.write()")
    one.tab.check("#layers input[value=fates]")
    one.settle()
    assert "show=arrows,fates" in one.tab.evaluate("explorer.write()")
    assert f"{share} % of this view converges" in one.card()


def test_a_flow_has_no_fates_and_the_page_says_why(opened):
    one = opened("#m=r1&a=flow&show=fates&c.m=wgan&c.a=simgd&c.q.h=0.2&c.p.clip=1&x=1,1")
    said = one.tab.inner_text("#fates")
    assert "A: no fates, since a flow has no rounds to count: choose an algorithm." in said
    assert re.search(r"B: fates of 128 × 128 starts, in 2000 rounds: \s*\d+ % cycles", said)
    assert one.tab.evaluate("explorer.model('fates').data.image.length") == 0
    assert "of this view" not in one.card()
    assert re.search(r"\d+ % of this view cycles", one.card("cardB"))


def test_the_keyboard_does_it_all(opened):
    one = opened("#m=r1&a=altgd&q.h=0.2&p.gamma=0.3&x=1,1&n=50")
    one.tab.focus("#s-p-gamma")
    one.tab.keyboard.press("ArrowRight")
    assert one.state()["A"]["p"]["gamma"] == pytest.approx(0.33)
    one.menu("#x0")
    one.tab.fill("#x0", "0.5")
    one.tab.press("#x0", "Enter")
    assert one.state()["starts"][-1] == [0.5, 1]
    one.tab.evaluate("document.activeElement.blur()")
    one.tab.keyboard.press("ArrowRight")
    one.tab.keyboard.press("ArrowRight")
    assert one.state()["step"] == 2
    one.tab.keyboard.press("End")
    assert one.state()["step"] == 50
    reached = set()
    for _ in range(100):
        one.tab.keyboard.press("Tab")
        reached.add(one.tab.evaluate("document.activeElement.id"))
    assert {"method", "algorithm", "play", "scrub", "compare", "undo"} <= reached
    one.tab.focus("#method")
    one.tab.keyboard.press("ArrowDown")
    one.settle()
    assert one.state()["A"]["m"] == "r2"
    assert one.tab.evaluate("document.activeElement.id") == "method"


def test_a_link_brings_the_view_back(opened):
    one = opened("#m=wgan&a=simgd&q.h=0.3&p.clip=0.7&x=1,1;0.5,0&n=77&box=-1,1,-1,1&show=streams,nulls&k=5")
    said = one.tab.evaluate("explorer.write()")
    again = opened(said)
    assert again.state() == one.state()
    assert again.state()["A"] == {"m": "wgan", "p": {"clip": 0.7}, "a": "simgd", "q": {"h": 0.3}}


def test_a_broken_link_says_so(opened):
    one = opened()
    for broken in ("#m=nonsense", "#m=r1&p.gamma=-1", "#m=r1&a=altgd&q.n_d=1e9", "#m=r1&x=%3Cscript%3E"):
        one.go(broken)
        assert "could not be read" in one.tab.inner_text("#message")
        assert one.state()["A"]["m"] == "r1"


def test_ten_thousand_random_links_do_no_harm(opened):
    one = opened()
    done = one.tab.evaluate(
        """() => {
      let seed = 7; const rnd = n => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
      const words = ['m=', 'a=', 'p.gamma=', 'q.h=', 'x=', 'n=', 'box=', 'k=', 'show=', 'c.m=', 'p.__proto__=',
        'm=constructor', 'r1', 'wgan', 'simgd', 'flow', '1', '-1', '1e308', 'NaN', 'Infinity', ',', ';', '&', '&', '&',
        '%', '%00', '%E0%A4', '<script>', 'javascript:alert(1)', '"><img src=x onerror=fail()>', '\\u202e', '=', '#',
        '__proto__', 'toString', '0.3', 'm=r1&', 'a=altgd&'];
      window.fail = () => { throw new Error('a script ran'); };
      let broken = 0;
      for (let i = 0; i < 10000; i++) {
        let f = '#'; for (let k = rnd(14); k >= 0; k--) f += words[rnd(words.length)];
        const [s, problem] = explorer.read(f);
        if (problem) broken++;
        if (!s.A.m || s.steps > 5000 || !s.starts.flat().every(Number.isFinite)) throw new Error(f);
      }
      return broken; }"""
    )
    assert 1000 < done <= 10000


def test_the_unit_circle_is_round(opened):
    for size in ({"width": 1280, "height": 720}, {"width": 390, "height": 844}):
        one = opened("#m=r1&a=altgd&q.h=2.9", viewport=size)
        for name in ("spectrum", "phase"):
            frame = one.tab.evaluate("n => explorer.frame(n)", name)
            spans = one.tab.evaluate(
                "n => [explorer.model(n).x_range, explorer.model(n).y_range].map(r => r.end - r.start)",
                name,
            )
            assert frame["width"] / spans[0] == pytest.approx(frame["height"] / spans[1], rel=0.01)


def test_a_phone_scrolls_and_begins_with_what_matters(opened):
    one = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert one.tab.evaluate("document.documentElement.scrollWidth") <= 390
    tops = one.tab.evaluate(
        "['method', 'plot-phase', 'headline', 'sideA', 'card']"
        ".map(i => document.getElementById(i).getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)
    # The plane and the verdict stay in view while what is below them scrolls.
    one.tab.evaluate("document.getElementById('card').scrollIntoView({ block: 'end' })")
    for _, top, _, bottom, *_ in one.tab.evaluate(BOXES, ["plot-phase", "headline"]):
        assert top >= 0 and bottom <= 844 / 2 + 100
    assert one.tab.inner_text("#headline") == one.tab.inner_text("#card .lead")
    assert one.tab.evaluate("getComputedStyle(explorer.view('phase').canvas_view.events_el).touchAction") == "auto"


BOXES = """ids => ids.map(id => document.getElementById(id).getBoundingClientRect())
  .map(box => [box.left, box.top, box.right, box.bottom, box.width, box.height])"""


def test_everything_that_matters_is_on_one_screen(opened):
    one = opened("#m=r1&a=altgd&q.h=0.2&p.gamma=0.3&x=1,1")
    places = ["plot-phase", "plot-distance", "plot-plane", "card", "sideA", "plot-spectrum", "play"]
    for more in ([], ["plot-phaseB", "cardB"]):
        if more:
            one.tab.click("#compare")
            one.settle()
        size = one.tab.evaluate(
            "(({ scrollWidth, scrollHeight }) => [scrollWidth, scrollHeight])(document.documentElement)"
        )
        assert size == [1280, 720]
        for left, top, right, bottom, width, height in one.tab.evaluate(BOXES, places + more):
            assert left >= 0 and top >= 0 and right <= 1280 and bottom <= 720 and min(width, height) > 20
        for name in ["phase", "plane", "distance", *(["phaseB"] if more else [])]:
            frame = one.tab.evaluate("n => explorer.frame(n)", name)
            assert frame["width"] > 150 and frame["height"] > 60, name


def test_an_example_fits_the_screen(opened):
    one = opened("#m=gan&a=simgd&q.h=0.2")
    one.menu("#chips")
    one.tab.click("#chips >> text='AltGD at h = 4'")
    one.settle()
    assert one.state()["A"]["q"]["h"] == 3.9
    assert one.tab.evaluate("document.getElementById('play').getBoundingClientRect().bottom") <= 720
    one.tab.select_option("#algorithm", "flow")
    assert one.tab.is_hidden("#story-box")


def test_playing_draws_as_it_goes_and_says_where_paths_end(opened):
    one = opened("#m=r1&a=simgd&q.h=5&x=1,1&n=200")
    run = one.paths()[0]
    assert len(run) < 200
    left = np.argmax(np.linalg.norm(run, axis=1) > 1e3)
    assert f"path 1 diverged from step {left} on" in one.tab.inner_text("#ended")
    one.tab.select_option("#speed", "60")
    one.tab.click("#play")
    one.tab.wait_for_function("explorer.state().step > 2")
    one.tab.evaluate("location.hash = '#m=gan&a=flow&x=1,1&n=500'")
    one.tab.wait_for_function("explorer.state().A.m === 'gan'")
    assert one.state()["step"] == 0
    assert "Play" in one.tab.inner_text("#play")
    one.tab.keyboard.press("ArrowRight")
    one.tab.keyboard.press("ArrowRight")
    drawn = one.tab.evaluate("(d => (d.get?.('xs') ?? d.xs)[0].length)(explorer.model('paths').data)")
    assert drawn == one.state()["step"] + 1 == 3


def test_compare_play_dark_and_python(opened):
    one = opened("#m=gan&a=simgd&q.h=0.2&x=1,1&n=60", permissions=["clipboard-read", "clipboard-write"])
    one.tab.click("#compare")
    one.tab.select_option("#methodB", "wgan-gp")
    one.settle()
    assert "kink" in one.card("cardB").lower()
    one.tab.click("#play")
    one.tab.wait_for_function("explorer.state().step > 3")
    one.tab.click("#play")
    one.tab.click("#theme")
    assert one.tab.evaluate("document.documentElement.dataset.theme") in ("dark", "light")
    one.tab.click("#python")
    code = one.tab.inner_text("#code")
    namespace = {}
    exec(code.replace("plt.show()", ""), namespace)  # the page's own text, checked to run
    run = one.tab.evaluate("explorer.shown()[0].all[0]")
    np.testing.assert_allclose(namespace["paths"][0][:, 0], run["xs"], atol=1e-12)
    assert namespace["method_b"].name == "wgan-gp"


def test_every_preset_opens(opened):
    one = opened()
    chips = one.tab.evaluate("[...document.querySelectorAll('#chips .chip')].length")
    assert chips >= 27 + 12
    for k in range(chips):
        one.tab.evaluate("k => { document.querySelectorAll('#chips .chip')[k].click(); return explorer.painted(); }", k)
        assert one.tab.is_hidden("#message"), one.tab.inner_text("#message")
        assert len(re.findall(r"\.(?:\s|$)", one.tab.inner_text("#story"))) >= 2


def test_pictures_are_saved(opened, tmp_path):
    one = opened("#m=r1&a=altgd&c.m=gan&c.a=simgd&c.q.h=0.2&x=1,1", accept_downloads=True)
    for kind, head in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with one.tab.expect_download() as download:
            one.menu(f"#{kind}")
            one.tab.click(f"#{kind}")
        target = tmp_path / f"phase.{kind}"
        download.value.save_as(target)
        assert target.read_bytes().startswith(head)
    width, height = struct.unpack(">II", (tmp_path / "phase.png").read_bytes()[16:24])
    assert width > 2000 < 2 * height
    text = (tmp_path / "phase.svg").read_text(encoding="utf-8")
    assert "R1 gradient penalty, AltGD" in text
    assert "GAN (minimax), SimGD" in text


THEOREM = """side => {
  const F = Engine.field(side);
  return [Stability.theorem(side, F) ?? Stability.general(side, F), F.kinked(F.equilibrium)];
}"""


@pytest.mark.parametrize(("algorithm", "limit"), [("simgd", theory.simgd_limit), ("altgd", theory.altgd_limit)])
def test_the_limit_in_the_condition_is_that_of_the_theory(opened, algorithm, limit):
    """Every method with a Jacobian in closed form: the learning rate named on the card, against `diracgan.theory`."""
    one, compared = opened(f"#m=r1&a={algorithm}&q.h=0.2"), []
    for name in dg.methods():
        form = theory.CLOSED_FORMS[name]
        if form.jacobian is None:
            continue
        method = dg.method(name)
        known = {**method.values, **dict(method.settings)}
        wanted = limit(form.jacobian(**{k: known[k] for k in inspect.signature(form.jacobian).parameters}))
        shown, kink = one.tab.evaluate(THEOREM, {"m": name, "a": algorithm, "p": {}, "q": {"h": 0.2}})
        if shown is None or "for no h" in shown or "every h tested" in shown:
            assert wanted in (0, math.inf) or kink, name
            continue
        found = re.search(r"stability changes is h = ([\d.]+) ", shown) or re.search(r"[<≥=>] .* = ([\d.]+)\.$", shown)
        assert found, (name, shown)
        assert float(found[1]) == pytest.approx(wanted, rel=6e-4), (name, shown)
        compared.append(name)
    assert len(compared) >= {"simgd": 24, "altgd": 44}[algorithm]


def test_pictures_of_the_page_are_kept(opened, tmp_path):
    """For eyes: the folder is that of DIRACGAN_SCREENSHOTS, or the test's own."""
    folder = pathlib.Path(os.environ.get("DIRACGAN_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    view = "#m=r1&a=altgd&q.h=0.2&p.gamma=0.3&x=1,1&n=200"
    pictures = {
        "light": (view, {"color_scheme": "light"}),
        "dark": (view, {"color_scheme": "dark"}),
        "phone": (view, {"viewport": {"width": 390, "height": 844}}),
        "compare": (view + "&c.m=gan&c.a=simgd&c.q.h=0.2", {}),
    }
    taken = {}
    for name, (fragment, options) in pictures.items():
        one = opened(fragment, **options)
        assert one.tab.is_hidden("#message")
        taken[name] = one.tab.screenshot(path=folder / f"{name}.png", full_page=name != "light")
        assert taken[name].startswith(b"\x89PNG")
    assert len(set(taken.values())) == len(pictures)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(opened, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra `browser` is not installed")
    one = opened("#m=r1&a=altgd&c.m=gan&c.a=simgd&c.q.h=0.2&x=1,1", color_scheme=scheme)
    for view in (None, "#story=local.2", "#story=local.2.0&lecture=1"):
        if view:
            one.turn(view)
        found = axe.Axe().run(one.tab).response["violations"]
        serious = [
            (v["id"], [n["html"][:120] for n in v["nodes"][:3]])
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == [], view


MEASURE = """async () => {
  const median = a => a.sort((x, y) => x - y)[a.length >> 1], slider = document.getElementById('s-p-gamma');
  const full = [], empty = [], compute = [], waiting = new Set();
  const plots = ['phase', 'spectrum', 'line', 'series', 'distance'].map(explorer.view);
  for (const plot of plots) {
    const { request_paint, repaint } = plot;
    plot.request_paint = function (...a) { waiting.add(plot); return request_paint.apply(plot, a); };
    plot.repaint = function (...a) { const r = repaint.apply(plot, a); waiting.delete(plot); return r; };
  }
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const finished = async t => { do await frame(); while (waiting.size); return performance.now() - t; };
  for (let k = 0; k < 25; k++) {
    let t = performance.now();
    slider.value = 0.2 + 0.04 * k; slider.dispatchEvent(new Event('input'));
    await frame();
    full.push(await finished(t));
    await explorer.painted();
    t = performance.now();
    for (const plot of plots) plot.request_repaint();
    await frame();
    empty.push(await finished(t));
    await explorer.painted();
  }
  const side = { m: 'r1', p: { gamma: 0.3 }, a: 'altgd', q: { h: 0.2 } };
  for (let k = 0; k < 25; k++) {
    side.p.gamma = 0.2 + 0.04 * k;
    const t = performance.now(), F = Engine.field(side);
    Engine.grid(F, [-2, 2, -2, 2], 20); Paths.run(side, F, [1, 1], 500);
    Engine.spectrum(side); Engine.locus(side, 'p.gamma', [0, 3]);
    compute.push(performance.now() - t);
  }
  return { full: median(full), empty: median(empty), compute: median(compute) };
}"""


COUNT = """async ([moves, goal]) => {
  const slider = document.getElementById('s-p-gamma'), painted = [0, 0, 0], { all } = Paths;
  const plots = ['phase', 'spectrum', 'series'].map(explorer.view), { repaint } = plots[0];
  let paths = 0;
  Paths.all = (...a) => { paths++; return all(...a); };
  plots.forEach((plot, k) => { plot.repaint = function (...a) { painted[k]++; return repaint.apply(plot, a); }; });
  for (let k = 1; k <= moves; k++) {
    slider.value = 0.3 + (goal - 0.3) * k / moves;
    slider.dispatchEvent(new Event('input'));
  }
  while (!painted.every(count => count)) await explorer.painted();
  for (let k = 0; k < 10; k++) await explorer.painted();
  Paths.all = all;
  for (const plot of plots) delete plot.repaint;
  return { paths, painted };
}"""


def test_it_lives_inside_a_notebook_cell(browser, file, tmp_path, monkeypatch):
    """`dg.explore` is an iframe that holds the whole page: it is live in a notebook and in what it is converted to."""
    from diracgan.explorer import page

    monkeypatch.setattr(page, "kept", lambda: (file.read_text(encoding="utf-8"), file))
    shown = dg.explore("r1", "simgd", gamma=0.9, h=0.5)
    cell = tmp_path / "cell.html"
    cell.write_text(f"<!doctype html><title>notebook</title><body>{shown._repr_html_()}</body>", encoding="utf-8")
    tab = browser.new_page()
    tab.goto(cell.as_uri())
    frame = tab.frame_locator("iframe")
    frame.locator("body[data-ready=yes]").wait_for(timeout=PATIENCE)
    assert "0.9" in frame.locator("#s-p-gamma").input_value()
    text = frame.locator("#card .eigenvalues").inner_text()
    wanted = complex(dg.multipliers(dg.method("r1", gamma=0.9), dg.SimGD(h=0.5))[0])
    assert f"{wanted.real:.4g}" in text
    assert f"{abs(wanted.imag):.4g}" in text
    tab.close()


def test_one_saved_page_serves_many_views(browser, file, tmp_path, monkeypatch):
    """Three frames on one site, each with the view and the parts that its address says."""
    from diracgan.explorer import page

    monkeypatch.setattr(page, "kept", lambda: (file.read_text(encoding="utf-8"), file))
    views = [
        dg.explore("r1", "altgd", gamma=0.9, h=0.5, show=("verdict", "spectrum"), controls="gamma"),
        dg.explore("gan", "simgd", h=0.25, show=("plane", "verdict")),
        dg.explore("nsgan-r1", "flow", gamma=0.4),
    ]
    views[0].save(tmp_path / "explorer.html")
    frames = "<p>text</p>".join(view.embed("explorer.html") for view in views)
    site = tmp_path / "site.html"
    site.write_text(f"<!doctype html><html lang=en><title>site</title><main>{frames}</main>", encoding="utf-8")
    tab = browser.new_page()
    problems = []
    tab.on("pageerror", lambda e: problems.append(str(e)))
    tab.goto(site.as_uri())
    wanted = ({"gamma": 0.9}, {"h": 0.5}, "r1"), ({}, {"h": 0.25}, "gan"), ({"gamma": 0.4}, {}, "nsgan-r1")
    for k, (p, q, method) in enumerate(wanted):
        host = tab.locator(f"iframe >> nth={k}")
        host.scroll_into_view_if_needed()
        tab.frame_locator(f"iframe >> nth={k}").locator("body[data-ready=yes]").wait_for(timeout=PATIENCE)
        side = host.element_handle().content_frame().evaluate("explorer.state().A")
        assert (side["p"], side["q"], side["m"]) == (p, q, method)
    assert problems == []
    tab.close()


def test_explore_checks_what_it_is_given():
    with pytest.raises(ValueError, match="unknown method"):
        dg.explore("r17")
    with pytest.raises(ValueError, match="gamma must be"):
        dg.explore("r1", gamma=-1)
    with pytest.raises(ValueError, match="flow takes no h"):
        dg.explore("r1", "flow", h=0.1)


def test_the_page_opens_at_a_method_and_an_algorithm(file, tmp_path, monkeypatch, capsys):
    from diracgan.command.main import main
    from diracgan.explorer import commands, page

    kept = lambda: (file.read_text(encoding="utf-8"), file)
    monkeypatch.setattr(page, "kept", kept)
    monkeypatch.setattr(commands, "kept", kept)
    begins = lambda text: re.search(r'const START = "([^"]*)"', text)[1]
    shown = dg.explore(dg.method("r1", gamma=0.4), dg.AltGD(h_g=0.1, h_d=0.2, n_d=3), start=(1, 0.5), steps=40)
    saved = shown.save(tmp_path / "new" / "page.html").read_text(encoding="utf-8")
    assert begins(saved) == "#m=r1&a=altgd&p.gamma=0.4&q.h_g=0.1&q.h_d=0.2&q.n_g=1.0&q.n_d=3.0&x=1,0.5&n=40"
    assert "explorer.html" in repr(shown)
    nested = dg.Lookahead(dg.SimGD(0.3), k=4)
    assert begins(dg.explore("gan", nested).page) == "#m=gan&a=lookahead&q.h=0.3&q.k=4.0&q.alpha=0.5"
    target = tmp_path / "there.html"
    assert main(["explore", "nsgan", "--algorithm", "simgd", "--h", "0.3", "--no-open", "--out", str(target)]) == 0
    assert begins(target.read_text(encoding="utf-8")) == "#m=nsgan&a=simgd&q.h=0.3"
    assert main(["explore", "--h", "0.3", "--no-open"]) == 2
    assert "--h needs a METHOD" in capsys.readouterr().err
    for method, algorithm, values, said in (
        ("r1", dg.Lookahead(dg.AltGD(0.2)), {}, "is none of them"),
        ("r1", dg.SimGD(lambda k: 0.1), {}, "is none of them"),
        ("r1", "altgd", {"gama": 1}, r"unknown parameter 'gama' \(did you mean 'gamma'"),
    ):
        with pytest.raises(ValueError, match=said):
            dg.explore(method, algorithm, **values)


def test_the_command_writes_the_page(file, tmp_path, monkeypatch, capsys):
    from diracgan.command.main import main
    from diracgan.explorer import commands, page

    kept = lambda: (file.read_text(encoding="utf-8"), file)
    monkeypatch.setattr(page, "kept", kept)
    monkeypatch.setattr(commands, "kept", kept)
    target = tmp_path / "page.html"
    assert main(["explore", "--out", str(target), "--no-open"]) == 0
    assert target.read_bytes() == file.read_bytes()
    assert capsys.readouterr().out.strip() == str(target)
    assert main(["export-js", "r1", "--out", str(tmp_path / "r1.js")]) == 0
    assert "velocity(x, p)" in (tmp_path / "r1.js").read_text(encoding="utf-8")


def test_a_slider_redraws_once_a_frame(opened, record_property):
    """However often it moves between two frames; how long that takes is measured and recorded, and not judged."""
    one = opened("#m=r1&a=altgd&q.h=0.2&x=1,1&n=500")
    once, often = (one.tab.evaluate(COUNT, [moves, goal]) for moves, goal in ((1, 0.9), (20, 0.6)))
    assert once == often
    assert once["paths"] == 1 and all(0 < count <= 2 for count in once["painted"])
    assert one.state()["A"]["p"]["gamma"] == pytest.approx(0.6, abs=0.02)
    measured = one.tab.evaluate(MEASURE)
    record_property("milliseconds", json.dumps(measured))
    print("slider to redrawn, empty redraw, compute [ms]:", measured)
