// From a state to what the plots show.
"use strict";

const Views = (() => {
  let doc = null;
  const models = new Map();
  const model = name => {
    if (!models.has(name)) models.set(name, doc.get_model_by_name(name));
    return models.get(name);
  };
  const put = (name, data) => { model(name).data = data; };
  const tags = s => s.B ? [["", s.A], ["B", s.B]] : [["", s.A]];

  // Time for flows, steps as soon as an algorithm is shown.
  const unit = s => tags(s).every(([, side]) => side.a === "flow") ? Engine.SAMPLE : 1;

  const plane = (tag, side, s, F) => {
    const [x0, x1, y0, y1] = s.box, on = l => s.layers.includes(l), n = 20;
    const g = Engine.grid(F, s.box, n, true), gap = (x1 - x0) / n;
    if (on("arrows")) {
      const a = { x0: [], y0: [], x1: [], y1: [], angle: [], alpha: [], size: [] };
      const speeds = g.u.map((u, k) => Math.hypot(u, g.v[k])), top = Math.max(1e-12, ...speeds.filter(Number.isFinite));
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
        const k = i * n + j, sp = speeds[k];
        if (!(sp > 1e-12) || !Number.isFinite(sp)) continue;
        const half = gap * 0.36 * (0.45 + 0.55 * Math.sqrt(sp / top)), dx = g.u[k] / sp * half, dy = g.v[k] / sp * half * ((y1 - y0) / (x1 - x0));
        a.x0.push(g.xs[i] - dx); a.y0.push(g.ys[j] - dy); a.x1.push(g.xs[i] + dx); a.y1.push(g.ys[j] + dy);
        a.angle.push(Math.atan2(g.v[k], g.u[k]) - Math.PI / 2);
        a.alpha.push(0.3 + 0.7 * Math.sqrt(sp / top)); a.size.push(5.5);
      }
      put("arrows" + tag, a);
    } else put("arrows" + tag, { x0: [], y0: [], x1: [], y1: [], angle: [], alpha: [], size: [] });
    const [sx, sy] = on("streams") ? Engine.streamlines(F, s.box) : [[], []];
    put("streams" + tag, { xs: sx, ys: sy });
    const fine = on("nulls") ? Engine.grid(F, s.box, 49) : null;
    for (const [which, key] of [["theta", "u"], ["psi", "v"]]) {
      const [x, y] = fine ? Numerics.levelSet(fine.xs, fine.ys, fine[key], p => F.velocity(p)[key === "u" ? 0 : 1]) : [[], []];
      put(`null_${which}${tag}`, { x, y });
    }
    const rings = { xs: [], ys: [] };
    if (on("energy")) for (let r = 1; r <= 6; r++) {
      const radius = r * (x1 - x0) / 12, t = Array.from({ length: 73 }, (_, k) => k * Math.PI / 36);
      rings.xs.push(t.map(v => F.equilibrium[0] + radius * Math.cos(v))); rings.ys.push(t.map(v => radius * Math.sin(v)));
    }
    put("energy" + tag, rings);
    const fixed = { x: [], y: [], marker: [], fill: [], line: [] }, ink = Theme.ink();
    const named = [];
    if (on("fixed")) for (const x of Numerics.fixedPoints(F, s.box)) {
      const t = Engine.pointType(side, F, x);
      fixed.x.push(x[0]); fixed.y.push(x[1]);
      fixed.marker.push(t.shape === "saddle" ? "x" : "circle");
      fixed.fill.push(t.kind === "stable" ? ink : t.kind === "neutral" ? "#9aa3ad" : Theme.paper()); fixed.line.push(ink);
      named.push(`${t.name} at (${x.map(v => show(Math.abs(v) < 1e-9 ? 0 : v, 3)).join(", ")})`);
    }
    if (F.kinked(F.equilibrium)) {
      fixed.x.push(F.equilibrium[0]); fixed.y.push(0); fixed.marker.push("diamond_cross"); fixed.fill.push(Theme.paper()); fixed.line.push(ink);
      named.push("kink at the equilibrium");
    }
    put("fixed" + tag, fixed);
    for (const [end, edge, value] of [["above", "bottom", F.bound], ["below", "top", -F.bound]]) {
      const band = model(end + tag);
      band.visible = Number.isFinite(F.bound);
      if (Number.isFinite(F.bound)) band[edge] = value;
    }
    return named;
  };

  const paths = (tag, side, s, F) => {
    const p = { xs: [], ys: [], colour: [] }, dots = { x: [], y: [], colour: [] }, starts = { x: [], y: [], colour: [] };
    const d = { xs: [], ys: [], colour: [] }, all = [];
    s.starts.forEach((start, k) => {
      const run = Engine.path(side, F, start, s.steps, s.backward && side.a === "flow"), colour = COLOURS[k % COLOURS.length];
      all.push(run);
      p.xs.push(run.xs); p.ys.push(run.ys); p.colour.push(colour);
      starts.x.push(run.xs[0]); starts.y.push(run.ys[0]); starts.colour.push(colour);
      if (side.a !== "flow" && run.xs.length <= 601) for (let i = 1; i < run.xs.length; i++) {
        dots.x.push(run.xs[i]); dots.y.push(run.ys[i]); dots.colour.push(colour);
      }
      d.xs.push(run.xs.map((_, i) => i * unit(s)));
      d.ys.push(run.xs.map((x, i) => Math.max(1e-300, Math.hypot(x - F.equilibrium[0], run.ys[i] - F.equilibrium[1]))));
      d.colour.push(colour);
    });
    put("paths" + tag, p); put("dots" + tag, dots); put("starts" + tag, starts); put("gap" + tag, d);
    const first = all[0] ?? { xs: [], ys: [] };
    put("track" + tag, { n: first.xs.map((_, i) => i * unit(s)), theta: first.xs, psi: first.ys });
    return { all, d };
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
      if (v > 1e-16 && v < 1e6) { x.push(k * unit(s)); y.push(v); }
    }
    put("rate" + tag, { x, y });
  };

  const eigenPlane = (s, spectra) => {
    const flow = s.A.a === "flow", t = Array.from({ length: 121 }, (_, k) => k * Math.PI / 60);
    put("disc", flow ? { x: [], y: [] } : { x: t.map(Math.cos), y: t.map(Math.sin) });
    model("half").visible = flow;
    spectra.forEach((spec, k) => put(k ? "eigenB" : "eigen", { x: (spec?.values ?? []).map(z => z[0]), y: (spec?.values ?? []).map(z => z[1]) }));
    if (!s.B) put("eigenB", { x: [], y: [] });
    const what = Controls.slider(s), locus = what && s.layers.includes("locus") ? Engine.locus(s.A, what.key, what.span) : { x: [], y: [], t: [] };
    put("locus", locus);
    let size = flow ? 0.6 : 1.25;
    for (const spec of spectra) for (const z of spec?.values ?? []) if (Number.isFinite(z[0])) size = Math.max(size, 1.15 * Math.abs(z[0]), 1.15 * Math.abs(z[1]));
    size = Math.min(size, 50);
    const plot = model("spectrum");
    plot.x_range.setv({ start: -size, end: size }); plot.y_range.setv({ start: -size, end: size });
    plot.below[0].axis_label = flow ? "Re μ" : "Re λ"; plot.left[0].axis_label = flow ? "Im μ" : "Im λ";
  };

  const cursor = (s, shown) => {
    for (const name of ["series", "distance"]) model("cursor_" + name).location = s.step * unit(s);
    tags(s).forEach(([tag], k) => {
      const now = { x: [], y: [], colour: [] };
      shown[k].all.forEach((run, i) => {
        const j = Math.min(s.step, run.xs.length - 1);
        now.x.push(run.xs[j]); now.y.push(run.ys[j]); now.colour.push(COLOURS[i % COLOURS.length]);
      });
      put("now" + tag, now);
    });
    const run = shown[0].all[0], F = shown[0].F, span = Math.max(Math.abs(s.box[0]), Math.abs(s.box[1]));
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
    for (const name of ["series", "distance"]) model(name).x_range.setv({ start: 0, end: s.steps * unit(s) });
    model("distance").y_range.setv({ start: low / 1.5, end: Math.min(high, 1e8) * 1.6 });
    top = Math.min(top, 1e4) * 1.1;
    model("series").y_range.setv({ start: -top, end: top });
    const label = unit(s) === 1 ? "step" : "time";
    for (const name of ["series", "distance"]) model(name).below[0].axis_label = label;
  };

  const verdictOf = (side, F, spec) => {
    const obstacle = Engine.obstacle(side, F);
    if (obstacle) return { kind: obstacle[0], title: obstacle[1], text: obstacle[2], number: NaN };
    return Engine.judge(side.a === "flow", spec.M, spec.values);
  };

  // Everything that depends on the state; returns what the cards and labels say.
  const draw = s => {
    const sides = tags(s), spectra = [], shown = [];
    for (const [tag, side] of sides) {
      const F = Engine.field(side), spec = Engine.spectrum(side), verdict = verdictOf(side, F, spec);
      const named = plane(tag, side, s, F), { all, d } = paths(tag, side, s, F);
      rate(tag, side, s, d, verdict);
      spectra.push(spec); shown.push({ F, spec, verdict, named, all, d, side });
    }
    if (!s.B) for (const name of ["gapB", "trackB", "rateB"]) put(name, Object.fromEntries(Object.keys(model(name).data instanceof Map ? Object.fromEntries(model(name).data) : model(name).data).map(k => [k, []])));
    ranges(s, shown);
    eigenPlane(s, spectra);
    cursor(s, shown);
    return shown;
  };

  return { open: d => { doc = d; }, model, draw, cursor };
})();

const Theme = (() => {
  const dark = () => document.documentElement.dataset.theme === "dark";
  const ink = () => dark() ? "#e8ebef" : "#16202c", paper = () => dark() ? "#181d24" : "#ffffff";
  const apply = () => {
    const soft = dark() ? "#a3adba" : "#4a5665", line = dark() ? "#3a434f" : "#c9d0d9";
    for (const name of ["phase", "phaseB", "spectrum", "line", "series", "distance"]) {
      const plot = Views.model(name);
      plot.setv({ background_fill_color: paper(), border_fill_color: paper(), outline_line_color: line });
      for (const axis of [...plot.below, ...plot.left]) axis.setv({ axis_label_text_color: soft, major_label_text_color: soft, axis_line_color: line, major_tick_line_color: line });
      for (const grid of plot.center) if (grid.setv && "grid_line_color" in grid.attributes) grid.setv({ grid_line_color: soft, grid_line_alpha: 0.2 });
    }
  };
  return { dark, ink, paper, apply };
})();
