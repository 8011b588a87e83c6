"""What is operated by hand: starts, views, undo and redo, films, the strip; all in one page."""

import numpy as np
import pytest

import diracgan as dg

AT = "([name, x, y]) => { const f = explorer.view(name).frame; return [f.x_scale.compute(x), f.y_scale.compute(y)]; }"


def pixel(one, x, y, name="phase"):
    host = one.tab.locator(f"#plot-{name} > *").first.bounding_box()
    dx, dy = one.tab.evaluate(AT, [name, x, y])
    return host["x"] + dx, host["y"] + dy


def drag(one, *points):
    one.tab.mouse.move(*points[0])
    one.tab.mouse.down()
    for point in points[1:]:
        one.tab.mouse.move(*point, steps=4)
    one.tab.mouse.up()
    one.settle()


def top(one):
    one.tab.evaluate("scrollTo(0, 0)")


def test_a_start_is_moved_and_clicked_away(opened):
    one = opened("#m=r1&a=altgd&q.h=0.2&p.gamma=0.3&x=1,1;-1,0.5&n=50")
    top(one)
    drag(one, pixel(one, 1, 1), pixel(one, 0.2, 1.4), pixel(one, 0.5, -0.5))
    (x, y), second = one.state()["starts"]
    assert (x, y) == pytest.approx((0.5, -0.5), abs=0.02) and second == [-1, 0.5]
    wanted = dg.simulate(dg.method("r1", gamma=0.3), dg.AltGD(0.2), np.array([x, y], np.float64), 50)
    np.testing.assert_allclose(one.paths()[0], wanted, atol=1e-12)
    drag(one, pixel(one, -1, 0.5))
    assert one.state()["starts"] == [[x, y]]
    drag(one, pixel(one, 1.2, -1.2))
    assert np.array(one.state()["starts"][1]) == pytest.approx([1.2, -1.2], abs=0.02)
    for _ in range(3):
        one.tab.click("#undo")
    assert one.state()["starts"] == [[1, 1], [-1, 0.5]] and one.tab.is_disabled("#undo")
    one.tab.click("#redo")
    assert one.state()["starts"] == [[x, y], [-1, 0.5]]
    one.tab.evaluate("document.getElementById('clear').click()")
    assert one.tab.is_disabled("#redo")


def test_the_pointer_reads_the_field(opened):
    one = opened("#m=gan&a=flow&x=1,1")
    top(one)
    one.tab.mouse.move(*pixel(one, 0.8, -0.6))
    said = one.tab.inner_text("#plot-phase .readout").replace("−", "-")
    at = dict(part.split(" = ") for part in said.split("   "))
    x = np.array([float(at["θ"]), float(at["ψ"])])
    assert x == pytest.approx([0.8, -0.6], abs=0.02)
    assert float(at["f'(θψ)"]) == pytest.approx(1 / (1 + np.exp(x[0] * x[1])), rel=5e-3)
    assert float(at["|v|"]) == pytest.approx(np.linalg.norm(dg.method("gan")(x)), rel=5e-3)
    one.tab.mouse.move(5, 5)
    assert one.tab.is_hidden("#plot-phase .readout")


def test_undo_and_redo_cover_views_layers_and_settings(opened):
    one = opened("#m=r1&a=altgd&q.h=0.2&p.gamma=0.3&x=3,1&n=60")
    states = [one.state()]
    for change in (
        "document.getElementById('fit').click()",
        "document.querySelector('#layers input[value=streams]').click()",
        "Object.assign(document.getElementById('steps'), { value: 33 }).dispatchEvent(new Event('change'))",
        "Object.assign(document.getElementById('strip'), { value: 'radius' }).dispatchEvent(new Event('change'))",
    ):
        one.tab.evaluate(change)
        one.settle()
        states.append(one.state())
    path = one.paths()[0]
    box = states[1]["box"]
    assert box[0] < path[:, 0].min() and path[:, 0].max() < box[1] and box[2] < path[:, 1].min()
    assert box[1] - box[0] == pytest.approx(box[3] - box[2])
    for state in states[-2::-1]:
        one.tab.click("#undo")
        assert one.state() == state
    for state in states[1:]:
        one.tab.click("#redo")
        assert one.state() == state
    assert one.tab.is_disabled("#redo")


def test_a_click_in_the_strip_sets_the_slider(opened):
    one = opened("#m=r1&a=altgd&q.h=0.2&p.gamma=0.5&x=0.3,0.2&slide=a.h&strip=radius")
    dots = "([k]) => Array.from(explorer.model('stripdots').data.get?.(k) ?? explorer.model('stripdots').data[k])"
    x, r = (np.array(one.tab.evaluate(dots, [k])) for k in "xy")
    # Stable below h = 4/(γ + √(γ² + 1)) = 2.47: there the rounds have arrived.
    assert np.max(r[(x > 0.3) & (x < 2.3)]) < 1e-6 < np.min(r[(x > 2.55) & (x < 2.7)])
    one.tab.evaluate("document.getElementById('tab-3').click()")
    drag(one, pixel(one, 2.6, 0.5, "strip"))
    assert one.state()["A"]["q"]["h"] == pytest.approx(2.6, abs=0.03)
    assert one.tab.evaluate("explorer.model('strip_now').location") == one.state()["A"]["q"]["h"]
    assert one.state()["strip"] == "radius" and "strip=radius" in one.tab.evaluate("explorer.write()")
    one.turn("#m=r1&a=flow&strip=radius")
    assert "Extremes between the times 200 and 260" in one.tab.inner_text("#strip-text")
    assert len(one.tab.evaluate(dots, ["x"])) > 161


def test_a_parameter_plays_and_the_steps_become_a_film(opened):
    one = opened("#m=r1&a=altgd&q.h=0.2&p.gamma=2.8&x=1,1&n=4&show=nulls")
    one.tab.click("#s-p-gamma ~ .film")
    one.tab.wait_for_function("explorer.state().A.p.gamma > 2.85")
    one.tab.wait_for_function("document.querySelector('.film').getAttribute('aria-pressed') === 'false'")
    assert one.state()["A"]["p"]["gamma"] == 3
    one.tab.click("#undo")
    assert one.state()["A"]["p"]["gamma"] == 2.8
    with one.tab.expect_download() as started:
        one.tab.evaluate("document.getElementById('webm').click()")
    assert started.value.path().read_bytes()[:4] == b"\x1a\x45\xdf\xa3"  # EBML, of which WebM is made


def test_cycles_and_manifolds_are_drawn_and_said(opened):
    one = opened("#m=r1&a=altgd&q.h=2.2&p.gamma=0.1&x=0.03263182,1.19772335&n=100&show=cycles")
    assert "Path 1 ends on a cycle of 6 rounds, radii 1.2 to 1.83, multipliers 0.375 ± 0.38i." in one.card()
    count = "name => (d => (d.get?.('xs') ?? d.xs ?? []).length)(explorer.model(name).data)"
    assert one.tab.evaluate(count, "rings") == 1
    one.turn("#m=consensus&a=altgd&q.h=0.2&q.n_d=5&p.gamma=1&x=1,1&box=-3,3,-3,3&show=saddles,update")
    assert one.tab.evaluate(count, "stable") == one.tab.evaluate(count, "unstable") == 4
    assert one.tab.evaluate(count, "rings") == 0
    one.turn("#m=r1&a=simgd&q.h=1.2&p.gamma=1&x=0.5,0.5&box=-14,14,-14,14&show=times")
    image = "(d => Array.from((d.get?.('image') ?? d.image)[0]))(explorer.model('times').data)"
    found = np.array(one.tab.evaluate(image), float).reshape(128, 128)
    wanted = dg.basin(dg.method("r1", gamma=1.0), dg.SimGD(1.2), box=(-14, 14, -14, 14), n=128, steps=2000)
    np.testing.assert_array_equal(np.where(np.isnan(found), -1, found), np.where(wanted.codes == 1, wanted.step, -1))
    assert one.tab.inner_text(".scale .ticks").split()[0] == f"{wanted.step[wanted.codes == 1].min()}"


def test_a_page_of_parts_shows_these_and_no_more(opened):
    one = opened("#m=r1&a=altgd&p.gamma=0.3&parts=spectrum,verdict,series&controls=gamma")
    visible = ["plot-spectrum", "card", "plot-series", "s-p-gamma"]
    hidden = ["plot-phase", "plot-plane", "plot-distance", "plot-line", "plot-strip", "play", "s-a-h", "compare"]
    assert [name for name in visible + hidden if one.tab.is_visible(f"#{name}")] == visible
    before = one.eigenvalues()
    one.tab.fill("#s-p-gamma-exact", "0.7")
    one.tab.press("#s-p-gamma-exact", "Enter")
    one.settle()
    assert one.state()["A"]["p"]["gamma"] == 0.7 and one.eigenvalues() != before
    assert "parts=spectrum,verdict,series&controls=gamma" in one.tab.evaluate("explorer.write()")
    one.turn("#m=r1&a=altgd&parts=everything")
    assert "a part is unknown" in one.tab.inner_text("#message")
    assert one.tab.is_visible("#plot-plane")
