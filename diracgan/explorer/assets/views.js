// From a state to what the plots show.
"use strict";

const Views = (() => {
  const { model, put, clear } = Models;
  const tags = s => s.B ? [["", s.A], ["B", s.B]] : [["", s.A]];

  // What one step counts on the axis: time for flows, 1 for algorithms, h where both are shown on one axis of time.
  const mixed = s => Boolean(s.B) && (s.A.a === "flow") !== (s.B.a === "flow");
  const clock = (s, side) => side.a === "flow" ? Engine.SAMPLE : mixed(s) ? side.q.h ?? side.q.h_g ?? 0.2 : 1;

  const paths = (tag, side, s, F) => {
    const starts = { x: [], y: [], colour: [] }, d = { xs: [], ys: [], colour: [] }, per = clock(s, side);
    const all = s.starts.map((start, k) => {
      const run = Engine.path(side, F, start, s.steps, s.backward && side.a === "flow"), colour = COLOURS[k % COLOURS.length];
      starts.x.push(run.xs[0]); starts.y.push(run.ys[0]); starts.colour.push(colour);
      d.xs.push(run.xs.map((_, i) => i * per));
      d.ys.push(run.xs.map((x, i) => Math.max(1e-300, Math.hypot(x - F.equilibrium[0], run.ys[i] - F.equilibrium[1]))));
      d.colour.push(colour);
      return run;
    });
    put("starts" + tag, starts); put("gap" + tag, d);
    const first = all[0] ?? { xs: [], ys: [] };
    put("track" + tag, { n: first.xs.map((_, i) => i * per), theta: first.xs, psi: first.ys });
    return { all, d };
  };

  // The paths up to a step.
  const trail = (tag, side, all, step) => {
    const p = { xs: [], ys: [], colour: [] }, dots = { x: [], y: [], colour: [] };
    all.forEach((run, k) => {
      const colour = COLOURS[k % COLOURS.length], end = Math.min(step + 1, run.xs.length);
      p.xs.push(run.xs.slice(0, end)); p.ys.push(run.ys.slice(0, end)); p.colour.push(colour);
      if (side.a !== "flow" && run.xs.length <= 601) for (let i = 1; i < end; i++) {
        dots.x.push(run.xs[i]); dots.y.push(run.ys[i]); dots.colour.push(colour);
      }
    });
    put("paths" + tag, p); put("dots" + tag, dots);
  };

  const rate = (tag, side, s, d, verdict) => {
    // The path that came closest: a start that escaped says nothing of the rate.
    const first = [...d.ys].sort((a, b) => a.at(-1) - b.at(-1))[0];
    if (!first || verdict.kind !== "stable" && verdict.kind !== "unstable" || s.backward) return put("rate" + tag, { x: [], y: [] });
    const per = side.a === "flow" ? Math.exp(verdict.number * Engine.SAMPLE) : verdict.number;
    // Anchored to the last point still above rounding, where the linear regime is.
    let end = first.length - 1;
    while (end > 0 && first[end] < 1e-13) end--;
    const at = verdict.kind === "stable" ? end : 0, x = [], y = [];
    for (let k = 0; k <= s.steps; k++) {
      const v = first[at] * per ** (k - at);
      if (v > 1e-16 && v < 1e6) { x.push(k * clock(s, side)); y.push(v); }
    }
    put("rate" + tag, { x, y });
  };

  const NOTES = { kink: "At a kink there is no Jacobian, and so no eigenvalue.", none: "No eigenvalues: see the verdict." };
  const eigenPlane = (s, shown) => {
    const flow = s.A.a === "flow", t = Array.from({ length: 121 }, (_, k) => k * Math.PI / 60);
    const spectra = shown.map(({ spec }, k) => k && mixed(s) ? [] : spec?.values ?? []);
    put("disc", flow ? { x: [], y: [] } : { x: t.map(Math.cos), y: t.map(Math.sin) });
    model("half").visible = flow;
    spectra.forEach((values, k) => put(k ? "eigenB" : "eigen", { x: values.map(z => z[0]), y: values.map(z => z[1]) }));
    if (!s.B) clear("eigenB");
    const what = Controls.slider(s), locus = what && s.layers.includes("locus") ? Engine.locus(s.A, what.key, what.span) : { x: [], y: [], t: [] };
    put("locus", locus);
    let size = flow ? 0.6 : 1.25;
    for (const z of spectra.flat()) if (Number.isFinite(z[0])) size = Math.max(size, 1.15 * Math.abs(z[0]), 1.15 * Math.abs(z[1]));
    size = Math.min(size, 50);
    const plot = model("spectrum"), note = document.getElementById("spectrum-note");
    plot.x_range.setv({ start: -size, end: size }); plot.y_range.setv({ start: -size, end: size });
    plot.below[0].axis_label = flow ? "Re μ" : "Re λ"; plot.left[0].axis_label = flow ? "Im μ" : "Im λ";
    note.textContent = [NOTES[shown[0].verdict.kind], mixed(s) && shown[1].spec && `Only A: the ${flow ? "multipliers λ of B" : "eigenvalues μ of B's flow"} belong to another plane; its card names them.`].filter(Boolean).join(" ");
    note.hidden = !note.textContent;
  };

  // Everything that depends on the step; at step 0 whole paths are shown, unless they are being played.
  const cursor = (s, shown, playing = false) => {
    for (const name of ["series", "distance"]) model("cursor_" + name).location = s.step * clock(s, s.A);
    tags(s).forEach(([tag, side], k) => {
      trail(tag, side, shown[k].all, s.step || playing ? s.step : s.steps);
      const now = { x: [], y: [], colour: [] };
      shown[k].all.forEach((run, i) => {
        const j = Math.min(s.step, run.xs.length - 1);
        now.x.push(run.xs[j]); now.y.push(run.ys[j]); now.colour.push(COLOURS[i % COLOURS.length]);
      });
      put("now" + tag, now);
    });
    const run = shown[0].all[0], F = shown[0].F, span = Math.max(Math.abs(s.box[0]), Math.abs(s.box[1]), 1.25 * Math.abs(F.equilibrium[0]));
    if (!run) { put("score", { x: [], y: [] }); put("diracs", { x: [], y0: [], y1: [], colour: [], label: [] }); return; }
    const j = Math.min(s.step, run.xs.length - 1), theta = run.xs[j], psi = run.ys[j];
    const height = 1.6;
    put("score", { x: [-span, span], y: [-span * psi, span * psi] });
    put("diracs", { x: [F.equilibrium[0], theta], y0: [0, 0], y1: [height, 0.75 * height], colour: [Theme.dark() ? "#2fbf95" : "#007a58", Theme.dark() ? "#56B4E9" : COLOURS[0]], label: ["data", "G"] });
    const plot = model("line");
    plot.x_range.setv({ start: -span, end: span }); plot.y_range.setv({ start: -2.2, end: 2.4 });
    document.getElementById("line-title").textContent = `Discriminator at step ${s.step}`;
  };

  const ranges = (s, shown) => {
    model("phase").x_range.setv({ start: s.box[0], end: s.box[1] }); model("phase").y_range.setv({ start: s.box[2], end: s.box[3] });
    model("phaseB").x_range.setv({ start: s.box[0], end: s.box[1] }); model("phaseB").y_range.setv({ start: s.box[2], end: s.box[3] });
    let low = Infinity, high = 1e-16, top = 0.1;
    for (const { d, all } of shown) {
      for (const ys of d.ys) for (const v of ys) { if (v > 1e-16) low = Math.min(low, v); high = Math.max(high, v); }
      if (all[0]) for (let i = 0; i < all[0].xs.length; i++) top = Math.max(top, Math.abs(all[0].xs[i]), Math.abs(all[0].ys[i]));
    }
    low = Math.max(1e-16, Math.min(low, high / 10));
    for (const name of ["series", "distance"]) model(name).x_range.setv({ start: 0, end: s.steps * Math.max(...tags(s).map(([, side]) => clock(s, side))) });
    model("distance").y_range.setv({ start: low / 1.5, end: Math.min(high, 1e8) * 1.6 });
    top = Math.min(top, 1e4) * 1.1;
    model("series").y_range.setv({ start: -top, end: top });
    const label = mixed(s) ? "time (of steps: step × h)" : s.A.a === "flow" ? "time" : "step";
    for (const name of ["series", "distance"]) model(name).below[0].axis_label = label;
  };

  const verdictOf = (side, F, spec) => {
    const obstacle = Engine.obstacle(side, F);
    if (obstacle) return { kind: obstacle[0], title: obstacle[1], text: obstacle[2], number: NaN };
    return Engine.judge(side.a === "flow", spec.M, spec.values);
  };

  // Everything that depends on the state; returns what the cards and labels say.
  const draw = s => {
    const sides = tags(s), shown = [];
    for (const [tag, side] of sides) {
      const F = Engine.field(side), spec = Engine.spectrum(side), verdict = verdictOf(side, F, spec);
      const named = Portrait.draw(tag, side, s, F), { all, d } = paths(tag, side, s, F);
      rate(tag, side, s, d, verdict);
      shown.push({ F, spec, verdict, named, all, d, side });
    }
    if (!s.B) for (const name of ["gapB", "trackB", "rateB"]) clear(name);
    ranges(s, shown);
    eigenPlane(s, shown);
    cursor(s, shown);
    return shown;
  };

  // The same in words, for those who do not see it.
  const seen = side => side.named.join("; ") || "no fixed point in view";
  const describe = (s, shown) => {
    const [a, b] = shown, run = a.all[0], last = run ? `The first path ends at (${show(run.xs.at(-1), 3)}, ${show(run.ys.at(-1), 3)}) after ${run.xs.length - 1} steps.` : "";
    const label = (id, text) => document.getElementById(id).setAttribute("aria-label", text);
    label("plot-phase", `Phase plane of ${INFO.methods[s.A.m].title}. ${seen(a)}. ${last}`);
    if (b) label("plot-phaseB", `Phase plane of ${INFO.methods[s.B.m].title}. ${seen(b)}.`);
    const eig = a.spec ? a.spec.values.map(z => `${show(z[0])} ${z[1] < 0 ? "minus" : "plus"} ${show(Math.abs(z[1]))} i`).join(", ") : "none";
    label("plot-spectrum", `Eigenvalues in the complex plane: ${eig}`);
    label("plot-line", `Discriminator line and the two Diracs at step ${s.step}`);
    label("plot-series", `θ and ψ of the first path over the steps. ${last}`);
    label("plot-distance", "Distance to the equilibrium over the steps, logarithmic, with the predicted rate");
    document.getElementById("points").textContent = b ? `A: ${seen(a)}. B: ${seen(b)}.` : seen(a);
  };

  return { draw, cursor, describe };
})();
