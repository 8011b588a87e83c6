"""What the explorer's page costs in a headless Chromium: loading, a drag, the maps, and what its worker computes.

    python benchmarks/explorer.py [page.html]

A drag is measured from the move of the pointer to the next painted frame, with everything redrawn, beside a redraw of
the same plots in which nothing has changed; both in turn. Of what the worker computes the least of three times counts,
which other work on the machine disturbs least.
Exits with status 1 when a target is missed.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MEGABYTE = 1e6
VIEW = "#m=r1&a=altgd&p.gamma=0.5&q.h=1.5&x=1,1&n=160"
MOVES = 60
LEAST = 3

DRAG = """async moves => {
  const host = document.getElementById("plot-plane"), box = host.getBoundingClientRect();
  const times = { drag: [], empty: [] };
  const plots = ["phase", "spectrum", "line", "series", "distance", "plane"].map(name => explorer.view(name));
  const event = (kind, x, y) => host.dispatchEvent(
    new PointerEvent(kind, { clientX: x, clientY: y, pointerId: 1, bubbles: true, isPrimary: true }));
  host.setPointerCapture = () => {};
  event("pointerdown", box.left + 0.3 * box.width, box.top + 0.6 * box.height);
  await explorer.painted();
  for (let k = 0; k < moves; k++) {
    let began = performance.now();
    const angle = 2 * Math.PI * k / moves;
    event("pointermove", box.left + (0.35 + 0.1 * Math.cos(angle)) * box.width,
      box.top + (0.6 + 0.1 * Math.sin(angle)) * box.height);
    // The change is computed in the next frame, and Bokeh paints in the one after it.
    await explorer.painted();
    await explorer.painted();
    times.drag.push(performance.now() - began);
    began = performance.now();
    requestAnimationFrame(() => { for (const plot of plots) { plot.request_repaint?.(); plot.request_paint?.(); } });
    await explorer.painted();
    await explorer.painted();
    times.empty.push(performance.now() - began);
  }
  event("pointerup", box.left, box.top);
  return times;
}"""

COARSE = """() => {
  const axes = [{ key: "p.gamma", low: 0, high: 3 }, { key: "a.h", low: 0.01, high: 6 }], times = [];
  for (let k = 0; k < 12; k++) {
    const began = performance.now();
    Atlas.map({ side: explorer.state().A, axes }, Infinity, 64);
    times.push(performance.now() - began);
  }
  return times;
}"""

WORKER = """([kind, job]) => new Promise(done => {
  const began = performance.now();
  Work.ask("benchmark", kind, job, answer => done([performance.now() - began, answer.n ?? answer.codes?.length]));
})"""


def page() -> Path:
    """The page that is given, or one that is made."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1]).resolve()
    from diracgan.explorer.page import cached_page

    file = Path(tempfile.mkdtemp()) / "explorer.html"
    file.write_text(cached_page(), encoding="utf-8")
    return file


def measured(tab: Any, file: Path) -> list[tuple[str, float, str, float]]:
    """Rows of what is measured, its value, unit and target."""
    began = time.perf_counter()
    tab.goto(file.as_uri() + VIEW)
    tab.wait_for_selector("body[data-ready=yes]")
    loaded = time.perf_counter() - began
    tab.evaluate("explorer.settled()")
    times = tab.evaluate(DRAG, MOVES)
    tab.evaluate("explorer.settled()")
    drag, empty = (statistics.median(times[name]) for name in ("drag", "empty"))
    coarse = statistics.median(tab.evaluate(COARSE))
    side = {"m": "r1", "a": "altgd", "p": {"gamma": 0.5}, "q": {"h": 1.5}}
    axes = [{"key": "p.gamma", "low": 0, "high": 3}, {"key": "a.h", "low": 0.01, "high": 6}]
    job = {"side": side, "axes": axes, "finest": 512}
    fine, size = min(tab.evaluate(WORKER, ["plane", job]) for _ in range(LEAST))
    assert size == 512, size
    cells = {"side": {**side, "q": {"h": 0.2}}, "box": [-2, 2, -2, 2], "n": 128, "from": 0}
    cells |= {"rounds": 500, "slice": 60_000}
    basin, count = min(tab.evaluate(WORKER, ["fates", cells]) for _ in range(LEAST))
    assert count == 128**2, count
    return [
        ("page", file.stat().st_size / MEGABYTE, "MB", 3.0),
        ("loading until it can be used", loaded, "s", 3.0),
        ("drag in the parameter plane, all redrawn", drag, "ms", 60.0),
        ("that over a redraw of nothing new", drag / empty, "×", 1.5),
        ("coarse map, 64 × 64", coarse, "ms", 60.0),
        ("fine map, 512 × 512, in the worker", fine / 1000, "s", 2.0),
        ("fates, 128 × 128 starts, 500 rounds, in the worker", basin / 1000, "s", 1.0),
    ]


def main() -> int:
    """Print the table."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu"]
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        rows = measured(chromium.new_page(viewport={"width": 1280, "height": 720}), page())
        chromium.close()
    print("| measured | value | target | met |\n| --- | --- | --- | --- |")
    for name, value, unit, target in rows:
        print(f"| {name} | {value:.3g} {unit} | ≤ {target:g} {unit} | {'yes' if value <= target else 'no'} |")
    return int(any(value > target for _, value, _, target in rows))


if __name__ == "__main__":
    sys.exit(main())
