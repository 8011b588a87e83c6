// The window on the phase planes: what zooms and moves it, by buttons and by Bokeh's own tools.
"use strict";

const Looking = (() => {
  const $ = id => document.getElementById(id), PLANES = ["phase", "phaseB"], HOME = [-2, 2, -2, 2];
  let hooks = null, get = null, moved = 0;

  const zoom = f => {
    const [a, b, c, d] = get().box, x = (a + b) / 2, y = (c + d) / 2, w = (b - a) / 2 * f;
    hooks.look([x - w, x + w, y - w, y + w]);
  };
  const fit = () => { const box = Paths.around(Showing.shown()); if (box) hooks.look(box); };

  // Some of Bokeh's tools change the ranges after their event: the ranges are what is listened to.
  const ranged = ({ x_range: x, y_range: y }) => () => {
    const box = [x.start, x.end, y.start, y.end];
    if (Showing.drawing() || box.every((v, i) => v === get().box[i]) || !(box[1] - box[0] > 1e-9) || !(box[3] - box[2] > 1e-9)) return;
    clearTimeout(moved);
    moved = setTimeout(() => hooks.look([x.start, x.end, y.start, y.end]), 60);
  };

  // `on.look(box)` shows another window, `on.launch(x, y)` is a click on a place; the others are those of `Handles`.
  const listen = (state, on) => {
    hooks = on; get = state;
    $("in").onclick = () => zoom(1 / 1.5); $("out").onclick = () => zoom(1.5);
    $("home").onclick = () => hooks.look(HOME); $("fit").onclick = fit;
    for (const name of PLANES) {
      const plot = Models.model(name), follow = ranged(plot);
      plot.on_event("tap", e => hooks.launch(+e.x.toPrecision(5), +e.y.toPrecision(5))); // a finger is no more precise
      Handles.listen(name, () => ({ s: get(), shown: Showing.shown() }), hooks);
      for (const range of [plot.x_range, plot.y_range]) for (const end of ["start", "end"]) range.properties[end].change.connect(follow);
    }
  };

  return { listen, zoom };
})();
