// From a state to what the plots show.
"use strict";

const Views = (() => {
  const { model, put, clear } = Models, { mixed, per } = Clock;
  const tags = s => s.B ? [["", s.A], ["B", s.B]] : [["", s.A]];
  const colourOf = k => COLOURS[k % COLOURS.length];

  const job = (s, side) => ({ side, starts: s.starts, steps: Clock.steps(s, side), backward: s.backward });
  // What is drawn until the paths are there.
  const unborn = (s, F) => s.starts.map(start => ({ xs: [start[0]], ys: [Math.max(-F.bound, Math.min(F.bound, start[1]))], end: "coming", fate: null }));

  const distances = (F, run) => run.xs.map((x, i) => Math.max(1e-300, Math.hypot(x - F.equilibrium[0], run.ys[i] - F.equilibrium[1])));
  const place = (tag, s, { side, F, all }) => {
    const count = per(s, side), gaps = all.map(run => distances(F, run)), first = all[0] ?? { xs: [], ys: [] };
    put("starts" + tag, { x: all.map(r => r.xs[0]), y: all.map(r => r.ys[0]), colour: all.map((_, k) => colourOf(k)) });
    put("gap" + tag, { xs: all.map(r => r.xs.map((_, i) => i * count)), ys: gaps, colour: all.map((_, k) => colourOf(k)) });
    put("track" + tag, { n: first.xs.map((_, i) => i * count), theta: first.xs, psi: first.ys });
    return gaps;
  };

  // The paths up to a step.
  const trail = (tag, side, all, step) => {
    const p = { xs: [], ys: [], colour: [] }, dots = { x: [], y: [], colour: [] };
    all.forEach((run, k) => {
      const colour = colourOf(k), end = Math.min(step + 1, run.xs.length);
      p.xs.push(run.xs.slice(0, end)); p.ys.push(run.ys.slice(0, end)); p.colour.push(colour);
      if (side.a !== "flow" && run.xs.length <= 601) for (let i = 1; i < end; i++) {
        dots.x.push(run.xs[i]); dots.y.push(run.ys[i]); dots.colour.push(colour);
      }
    });
    put("paths" + tag, p); put("dots" + tag, dots);
  };

  const rate = (tag, s, { side, gaps, verdict }) => {
    // The path that came closest: a start that escaped says nothing of the rate.
    const first = [...gaps].sort((a, b) => a.at(-1) - b.at(-1))[0];
    if (!first || verdict.kind !== "stable" && verdict.kind !== "unstable" || s.backward) return put("rate" + tag, { x: [], y: [] });
    const factor = side.a === "flow" ? Math.exp(verdict.number * Engine.SAMPLE) : verdict.number;
    // Anchored to the last point still above rounding, where the linear regime is.
    let end = first.length - 1;
    while (end > 0 && first[end] < 1e-13) end--;
    const at = verdict.kind === "stable" ? end : 0, x = [], y = [];
    for (let k = 0; k <= Clock.steps(s, side); k++) {
      const v = first[at] * factor ** (k - at);
      if (v > 1e-16 && v < 1e6) { x.push(k * per(s, side)); y.push(v); }
    }
    put("rate" + tag, { x, y });
  };

  const SHORT = 15, EMPTY = { x: [], y: [], t: [] };
  const NOTES = { kink: "At a kink there is no Jacobian, and so no eigenvalue.", none: "No eigenvalues: see the verdict.", overflow: "No eigenvalues: see the verdict." };
  // The window: all of the disc, or the part of it in which eigenvalues, their locus and the boundary beside them are.
  const frame = (flow, values, locus) => {
    const beside = flow ? [] : values.map(([x, y]) => { const r = Math.hypot(x, y); return r ? [x / r, y / r] : [1, 0]; });
    const points = [...values, ...beside, ...locus.x.map((x, k) => [x, locus.y[k]])], plot = model("spectrum");
    let half = Math.min(50, values.reduce((most, z) => Math.max(most, 1.15 * Math.abs(z[0]), 1.15 * Math.abs(z[1])), flow ? 0.6 : 1.25)), middle = [0, 0];
    const ends = [0, 1].map(k => [Math.min(...points.map(z => z[k])), Math.max(...points.map(z => z[k]))]);
    const room = Math.max(0.01, ...ends.map(([low, high]) => 0.62 * (high - low)));
    if (!flow && values.length && room < half) { half = room; middle = ends.map(([low, high]) => (low + high) / 2); }
    [plot.x_range, plot.y_range].forEach((range, k) => range.setv({ start: middle[k] - half, end: middle[k] + half }));
  };
  const eigenPlane = (s, shown, late) => {
    const flow = s.A.a === "flow", t = Array.from({ length: 721 }, (_, k) => k * Math.PI / 360);
    const spectra = shown.map(({ spec }, k) => k && mixed(s) ? [] : (spec?.values ?? []).filter(z => Number.isFinite(z[0])));
    put("disc", flow ? { x: [], y: [] } : { x: t.map(Math.cos), y: t.map(Math.sin) });
    model("half").visible = flow;
    spectra.forEach((values, k) => put(k ? "eigenB" : "eigen", { x: values.map(z => z[0]), y: values.map(z => z[1]) }));
    if (!s.B) clear("eigenB");
    const what = s.layers.includes("locus") && Controls.slider(s), locus = what ? Engine.locus(s.A, what.key, what.span, performance.now() + SHORT) : EMPTY;
    put("locus", locus ?? EMPTY);
    frame(flow, spectra.flat(), locus ?? EMPTY);
    if (!locus) late.locus({ side: s.A, key: what.key, span: what.span }, found => { put("locus", found); frame(flow, spectra.flat(), found); });
    const plot = model("spectrum"), note = document.getElementById("spectrum-note");
    plot.below[0].axis_label = flow ? "Re μ" : "Re λ"; plot.left[0].axis_label = flow ? "Im μ" : "Im λ";
    note.textContent = [NOTES[shown[0].verdict.kind], mixed(s) && shown[1].spec && `Only A: the ${flow ? "multipliers λ of B" : "eigenvalues μ of B's flow"} belong to another plane; its card names them.`].filter(Boolean).join(" ");
    note.hidden = !note.textContent;
  };

  // Everything that depends on the step; at step 0 whole paths are shown, unless they are being played.
  const cursor = (s, shown, playing = false) => {
    for (const name of ["series", "distance"]) for (const [tag, side] of [["", s.A], ["B", s.B]]) {
      model(`cursor_${name}${tag}`).visible = Boolean(side) && (!tag || mixed(s));
      if (side) model(`cursor_${name}${tag}`).location = Clock.index(s, side) * per(s, side);
    }
    tags(s).forEach(([tag, side], k) => {
      const step = Clock.index(s, side);
      trail(tag, side, shown[k].all, s.step || playing ? step : Clock.steps(s, side));
      const now = { x: [], y: [], colour: [] };
      shown[k].all.forEach((run, i) => {
        const j = Math.min(step, run.xs.length - 1);
        now.x.push(run.xs[j]); now.y.push(run.ys[j]); now.colour.push(colourOf(i));
      });
      put("now" + tag, now);
    });
    Score.draw(s, shown);
  };

  // The logarithmic axis covers two powers of ten at least, and only they have ticks: what is between would overlap.
  const decades = (low, high) => {
    let [a, b] = [Math.log10(low) - 0.15, Math.log10(high) + 0.15];
    if (Math.floor(b) <= Math.ceil(a)) [a, b] = [Math.floor(a), Math.ceil(b)];
    const from = Math.ceil(a), to = Math.floor(b), each = Math.ceil((to - from + 1) / 5);
    model("distance").y_range.setv({ start: 10 ** a, end: 10 ** b });
    model("distance").left[0].ticker.ticks = Array.from({ length: Math.floor((to - from) / each) + 1 }, (_, k) => 10 ** (from + k * each));
  };
  const ranges = (s, shown) => {
    for (const name of ["phase", "phaseB"]) { model(name).x_range.setv({ start: s.box[0], end: s.box[1] }); model(name).y_range.setv({ start: s.box[2], end: s.box[3] }); }
    let low = Infinity, high = 1e-16, top = 0.1;
    for (const { gaps, all } of shown) {
      for (const ys of gaps) for (const v of ys) { if (v > 1e-16) low = Math.min(low, v); high = Math.max(high, v); }
      if (all[0]) for (let i = 0; i < all[0].xs.length; i++) top = Math.max(top, Math.abs(all[0].xs[i]), Math.abs(all[0].ys[i]));
    }
    for (const name of ["series", "distance"]) model(name).x_range.setv({ start: 0, end: Math.max(...tags(s).map(([, side]) => Clock.steps(s, side) * per(s, side))) });
    decades(Math.max(1e-16, low), Math.min(high, 1e8));
    top = Math.min(top, 1e4) * 1.1;
    model("series").y_range.setv({ start: -top, end: top });
    const label = mixed(s) ? "time (of steps: step × h)" : s.A.a === "flow" ? "time" : "step";
    for (const name of ["series", "distance"]) model(name).below[0].axis_label = label;
  };

  const verdictOf = (side, F, spec) => {
    const obstacle = Engine.obstacle(side, F);
    return obstacle ? { kind: obstacle[0], title: obstacle[1], text: obstacle[2], number: NaN } : Verdict.judge(side.a === "flow", spec.M);
  };

  // Everything that depends on the state; returns what the cards and labels say. What takes longer than the eye notices
  // comes later: `late` is asked for it.
  const draw = (s, late) => {
    const shown = tags(s).map(([tag, side], k) => {
      const F = Engine.field(side), spec = Engine.spectrum(side), found = Paths.all(job(s, side), performance.now() + SHORT);
      const one = { side, F, spec, verdict: verdictOf(side, F, spec), named: Portrait.draw(tag, side, s, F), all: found ?? unborn(s, F), fates: Fates.draw(tag, s, side) };
      if (!found) late.paths(k, job(s, side));
      return one;
    });
    if (!s.B) for (const name of ["gapB", "trackB", "rateB"]) clear(name);
    follow(s, shown);
    eigenPlane(s, shown, late);
    return shown;
  };
  // What depends on the paths.
  const follow = (s, shown) => {
    tags(s).forEach(([tag], k) => { shown[k].gaps = place(tag, s, shown[k]); rate(tag, s, shown[k]); });
    ranges(s, shown);
    cursor(s, shown);
  };

  return { draw, follow, cursor, tags };
})();
