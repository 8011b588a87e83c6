// The discriminators as functions of x, over the data and the generated points.
"use strict";

const Score = (() => {
  const { model, put, clear } = Models, POINTS = 121;

  const draw = (s, shown) => {
    const sides = [["", s.A], ["B", s.B]].slice(0, shown.length), diracs = { x: [], y0: [], y1: [], colour: [], label: [] };
    const span = Math.max(Math.abs(s.box[0]), Math.abs(s.box[1]), ...shown.map(({ F }) => 1.25 * Math.abs(F.equilibrium[0])));
    let top = 1.6, drawn = 0;
    if (shown.length < 2) clear("scoreB");
    const xs = Array.from({ length: POINTS }, (_, k) => span * (2 * k / (POINTS - 1) - 1)), marks = [];
    sides.forEach(([tag, side], k) => {
      const { F, all } = shown[k], run = all[0], data = Theme.dark() ? "#2fbf95" : "#007a58", fake = Theme.dark() ? "#56B4E9" : COLOURS[0];
      if (!run || !F.score) return clear("score" + tag);
      const j = Math.min(Clock.index(s, side), run.xs.length - 1), state = [run.xs[j], run.ys[j]], name = k ? " B" : sides.length > 1 ? " A" : "";
      const ys = xs.map(x => F.score(state, x));
      put("score" + tag, { x: xs, y: ys });
      top = Math.max(top, ...ys.map(Math.abs).filter(Number.isFinite)); drawn++;
      if (!k || F.equilibrium[0] !== shown[0].F.equilibrium[0]) marks.push([F.equilibrium[0], 1, data, "data" + (k ? name : "")]);
      marks.push([state[0], k ? 0.35 : 0.75, fake, "G" + name]);
    });
    top = Math.min(top, 1e6);
    for (const [x, part, colour, label] of marks) { diracs.x.push(x); diracs.y0.push(0); diracs.y1.push(part * top); diracs.colour.push(colour); diracs.label.push(label); }
    put("diracs", diracs);
    const plot = model("line"), title = document.getElementById("line-title");
    plot.x_range.setv({ start: -span, end: span }); plot.y_range.setv({ start: -1.1 * top, end: 1.4 * top });
    title.textContent = drawn ? `Discriminator at step ${s.step}${sides.length > 1 ? " of A; B dashed" : ""}`
      : shown[0].F.score ? "Discriminator: add a start" : "This field declares no discriminator";
  };

  return { draw };
})();
