// The attractor over the slider in hand: coarse first, then finer; a click sets the slider.
"use strict";

const Strip = (() => {
  const { model, put, clear } = Models, $ = id => document.getElementById(id);
  const LEVELS = [41, 161], TRANSIENT = 2000, KEEP = 64, NAMES = { radius: "distance to the equilibrium", theta: "θ", psi: "ψ" };
  // Of a flow: so many samples of its time.
  const LATE = 2000, SPAN = 600, TAB = "tab-3";
  let known = null, open = false;

  const reason = s => Controls.slider(s) ? "" : "There is no slider to vary.";
  const kept = side => side.a === "flow" ? { transient: LATE, keep: SPAN } : { transient: TRANSIENT, keep: KEEP };
  const words = side => side.a === "flow" ? `Extremes between the times ${show(LATE * Flow.SAMPLE)} and ${show((LATE + SPAN) * Flow.SAMPLE)}` : `Rounds ${TRANSIENT + 1} to ${TRANSIENT + KEEP}`;
  const jobOf = s => {
    const { key, span: [low, high], d } = Controls.slider(s), side = { ...s.A, p: { ...s.A.p }, q: { ...s.A.q } };
    // The value itself is what varies: its place is not part of the question.
    delete side[key[0] === "p" ? "p" : "q"][d.name];
    if (d.name === "h") side.q.h = 0.2;
    const first = d.open && low === d.low ? low + 1e-3 * (high - low) : low;
    return { side, key, low: first, high, start: s.starts[0] ?? [1, 1], ...kept(s.A) };
  };

  const picture = (what, job, n, columns) => {
    const x = [], y = [];
    columns.forEach((column, k) => column[what].forEach(v => { if (!Number.isNaN(v)) { x.push(Diagram.value({ ...job, n }, k)); y.push(v); } }));
    put("stripdots", { x, y });
    const low = y.reduce((a, v) => Math.min(a, v), Infinity), high = y.reduce((a, v) => Math.max(a, v), -Infinity), room = 0.05 * (high - low) || 0.1;
    if (y.length) model("strip").y_range.setv({ start: low - room, end: high + room });
  };

  // Draws what is known; returns whether there is more to ask.
  const draw = s => {
    const on = Boolean(s.strip), why = on ? reason(s) : "";
    $("strip").value = s.strip ?? "";
    if (on && !open) $(TAB)?.click();
    open = on; $("plot-strip").hidden = !on || Boolean(why);
    $("strip-text").textContent = why;
    if (!on || why) { known = null; clear("stripdots"); return; }
    const job = jobOf(s), name = JSON.stringify(job), slider = Controls.slider(s), plot = model("strip");
    if (known?.name !== name) { known = { name, job, level: 0, columns: [], found: null }; clear("stripdots"); }
    plot.x_range.setv({ start: job.low, end: job.high });
    plot.below[0].axis_label = State.symbol(slider.d); plot.left[0].axis_label = { radius: "r", theta: "θ", psi: "ψ" }[s.strip];
    model("strip_now").location = slider.value;
    if (known.found && known.what !== s.strip) { known.what = s.strip; picture(s.strip, job, known.found.length, known.found); }
    const text = `${words(s.A)} from (${job.start.map(v => show(v, 3)).join(", ")}), for every ${State.symbol(slider.d)}. Click to set it.`;
    $("strip-text").textContent = text;
    $("plot-strip").setAttribute("aria-label", `Bifurcation diagram: ${NAMES[s.strip]} over ${State.symbol(slider.d)}. ${text}`);
  };
  const ask = s => {
    const one = known, n = one && LEVELS[one.level];
    if (!n) return;
    Work.ask("strip", "strip", { ...one.job, n, from: one.columns.length }, columns => {
      one.columns.push(...columns);
      if (one !== known) return;
      if (one.columns.length === n) {
        one.found = one.columns; one.what = s.strip; one.columns = []; one.level++;
        picture(s.strip, one.job, n, one.found);
      }
      ask(s);
    });
  };

  // `hooks.before` precedes a change, `hooks.chosen(what)` is asked for another quantity, `hooks.set(slider, value)` by a click.
  const listen = (get, hooks) => {
    $("strip").onchange = e => { hooks.before(); hooks.chosen(e.target.value || null); };
    model("strip").on_event("tap", e => {
      const slider = Controls.slider(get());
      if (!slider || !known) return;
      hooks.before();
      hooks.set(slider, Math.min(known.job.high, Math.max(known.job.low, +e.x.toPrecision(4))));
    });
  };

  return { draw, ask, listen };
})();
