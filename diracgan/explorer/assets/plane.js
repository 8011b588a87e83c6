// The plane of two parameters of A: the map, its boundaries and best point, and the point that is dragged.
"use strict";

const Plane = (() => {
  const { model, put } = Models, $ = id => document.getElementById(id), SHORT = 30, COARSE = 64;
  const TINY = 1e-5; // a double eigenvalue 0 is known to the root of rounding
  const NAMES = { "neimark-sacker": "Neimark–Sacker", flip: "flip", fold: "fold", hopf: "Hopf" };
  let known = null, found = null, refined = false;

  const candidates = s => Controls.sliders(s.A).filter(x => !x.d.whole);
  // The axes that are asked for where the method has them, else the regulariser's weight and the learning rate.
  const axes = s => {
    const all = candidates(s), pick = key => all.find(x => x.key === key), own = x => x.d.name !== "data";
    if (all.length < 2) return null;
    const x = pick(s.plane?.[0]) ?? all.find(z => z.group === "p" && own(z)) ?? all[0], rest = all.filter(z => z !== x);
    const y = rest.find(z => z.key === s.plane?.[1]) ?? rest.find(z => z.key === "a.h") ?? rest.find(own) ?? rest[0];
    return [x, y].map(({ key, d, group }) => {
      const value = s.A[group][d.name] ?? d.default, [low, high] = d.span, top = value > high ? 1.25 * value : high;
      return { key, d, group, value, low: Math.min(value, d.open && low === d.low ? low + 1e-4 * (high - low) : low), high: top };
    });
  };
  const jobOf = (s, [x, y]) => ({ side: { ...s.A, p: { ...s.A.p }, q: { ...s.A.q } }, axes: [x, y].map(({ key, low, high }) => ({ key, low, high })) });
  // What the map depends on: everything but the point.
  const nameOf = (job, pair) => {
    const side = structuredClone(job.side);
    for (const { group, d } of pair) side[group][d.name] = 0;
    return JSON.stringify([side, job.axes]);
  };

  const picture = (flow, { n, radius }, [x, y]) => {
    const { ndarray } = Bokeh.require("core/util/ndarray"), image = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) image[j * n + i] = radius[i * n + j];
    const size = flow ? radius.reduce((most, r) => Number.isFinite(r) ? Math.max(most, Math.abs(r)) : most, 1e-9) : 1, at = flow ? 0 : 1;
    model("planecolours").setv({ low: at - size, high: at + size });
    put("planemap", { image: [ndarray(image, { dtype: "float64", shape: [n, n] })], x: [x.low], y: [y.low], dw: [x.high - x.low], dh: [y.high - y.low] });
  };

  // The middle of the longest stretch of a line, where its name stands.
  const middle = ([px, py]) => {
    let best = [], run = [];
    px.forEach((u, k) => { if (Number.isNaN(u)) run = []; else { run.push([u, py[k]]); if (run.length > best.length) best = run; } });
    return best[Math.floor(best.length / 2)];
  };
  const place = (flow, pair) => {
    const labels = { x: [], y: [], text: [] }, none = { x: [], y: [] };
    for (const kind of Atlas.KINDS) {
      const line = found?.lines[kind];
      put("plane_" + kind, line ? { x: line[0], y: line[1] } : none);
      if (!line) continue;
      const [u, v] = middle(line);
      labels.x.push(u); labels.y.push(v); labels.text.push(NAMES[kind]);
    }
    put("planenames", labels);
    const best = found?.optimum;
    put("planebest", best ? { x: [best.at[0]], y: [best.at[1]] } : none);
    if (found) picture(flow, found, pair); else put("planemap", { image: [], x: [], y: [], dw: [], dh: [] });
  };

  const words = (flow, pair, verdict) => {
    const at = values => pair.map(({ d }, k) => `${State.symbol(d)} = ${show(values[k], 3)}`).join(", "), what = flow ? "max Re μ" : "spectral radius";
    if (!found) return "Computing the map …";
    const best = found.optimum ? `★ least ${what}: ${flow || found.optimum.value > TINY ? show(found.optimum.value, 3) : "0"} at ${at(found.optimum.at)}. ` : "";
    const here = Number.isFinite(verdict.number) ? `● here: ${show(verdict.number)}.` : "● here: grey, no linearisation.";
    return best + here;
  };

  // Draws what is known; a map that is missing is made coarsely at once where there is time, and left to `refine`.
  const draw = (s, verdict) => {
    const pair = axes(s), box = $("plane-box"), flow = s.A.a === "flow";
    box.hidden = !pair || (!flow && Boolean(Engine.withoutMultipliers(s.A)));
    if (box.hidden) { known = null; return null; }
    const job = jobOf(s, pair), name = nameOf(job, pair);
    if (name !== known) {
      known = name; refined = false;
      found = Atlas.map(job, performance.now() + SHORT, COARSE);
      place(flow, pair);
      const [x, y] = pair, plot = model("plane");
      plot.x_range.setv({ start: x.low, end: x.high }); plot.y_range.setv({ start: y.low, end: y.high });
      plot.below[0].axis_label = State.symbol(x.d); plot.left[0].axis_label = State.symbol(y.d);
      choices(s, pair);
    }
    put("planepoint", { x: [pair[0].value], y: [pair[1].value] });
    const text = words(flow, pair, verdict);
    $("plane-text").textContent = text;
    $("plot-plane").setAttribute("aria-label", `Map of the ${flow ? "largest real part" : "spectral radius"} over ${pair.map(p => State.symbol(p.d)).join(" and ")}. ${text}`);
    return refined ? null : { ...job, finest: finest() };
  };
  // No finer than the screen shows it.
  const finest = () => (Pictures.view("plane").frame?.bbox.width ?? 0) * devicePixelRatio > 320 ? 512 : 256;
  const refine = (s, answer, verdict) => {
    const pair = axes(s);
    if (!pair || !answer) return;
    found = answer; refined = true;
    place(s.A.a === "flow", pair);
    $("plane-text").textContent = words(s.A.a === "flow", pair, verdict);
  };

  const choices = (s, pair) => ["plane-x", "plane-y"].forEach((id, k) => {
    const options = candidates(s).filter(x => x.key !== pair[1 - k].key);
    $(id).replaceChildren(...options.map(x => Controls.make("option", { value: x.key, title: x.d.help, ...(x.key === pair[k].key ? { selected: "" } : {}) }, State.symbol(x.d))));
  });

  // Where a pointer is, in the units of the axes and within them.
  const position = (s, event) => {
    const view = Pictures.view("plane"), pair = axes(s), host = $("plot-plane").firstElementChild.getBoundingClientRect();
    const scales = [view.frame.x_scale, view.frame.y_scale], at = [event.clientX - host.left, event.clientY - host.top];
    return pair.map(({ key, low, high, d, group }, k) => {
      const v = Math.min(high, Math.max(low, +scales[k].invert(at[k]).toPrecision(4)));
      return { key, group, name: d.name, value: v };
    });
  };
  const listen = (get, hooks) => {
    const host = $("plot-plane");
    let dragging = false;
    const move = e => hooks.moved(position(get(), e));
    host.addEventListener("pointerdown", e => { dragging = true; host.setPointerCapture(e.pointerId); hooks.before(); move(e); e.preventDefault(); });
    host.addEventListener("pointermove", e => { if (dragging) move(e); });
    for (const end of ["pointerup", "pointercancel"]) host.addEventListener(end, () => { if (dragging) { dragging = false; hooks.ended(); } });
    for (const id of ["plane-x", "plane-y"]) $(id).onchange = () => hooks.chosen([$("plane-x").value, $("plane-y").value]);
  };

  return { draw, refine, listen };
})();
