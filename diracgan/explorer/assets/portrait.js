// The phase plane of one side: field, nullclines, rest points, domain.
"use strict";

const Portrait = (() => {
  const { model, put } = Models;

  const arrows = (tag, s, F, on, side) => {
    const [x0, x1, y0, y1] = s.box, n = 20, a = { x0: [], y0: [], x1: [], y1: [], angle: [], alpha: [], size: [] };
    if (on) {
      const g = Engine.grid(s.layers.includes("update") ? Engine.displacement(side, F) : F, s.box, n, true), gap = (x1 - x0) / n;
      const speeds = g.u.map((u, k) => Math.hypot(u, g.v[k])), top = Math.max(1e-12, ...speeds.filter(Number.isFinite));
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
        const k = i * n + j, sp = speeds[k];
        if (!(sp > 1e-12) || !Number.isFinite(sp)) continue;
        const half = gap * 0.36 * (0.45 + 0.55 * Math.sqrt(sp / top)), dx = g.u[k] / sp * half, dy = g.v[k] / sp * half * ((y1 - y0) / (x1 - x0));
        a.x0.push(g.xs[i] - dx); a.y0.push(g.ys[j] - dy); a.x1.push(g.xs[i] + dx); a.y1.push(g.ys[j] + dy);
        a.angle.push(Math.atan2(g.v[k], g.u[k]) - Math.PI / 2);
        a.alpha.push(0.55 + 0.45 * Math.sqrt(sp / top)); a.size.push(5.5);
      }
    }
    put("arrows" + tag, a);
  };

  // Rest points with their types, and in words for the legend.
  const rest = (tag, side, s, F, on) => {
    const fixed = { x: [], y: [], marker: [], fill: [], line: [] }, ink = Theme.ink(), named = [];
    const add = (x, marker, fill, text) => { fixed.x.push(x[0]); fixed.y.push(x[1]); fixed.marker.push(marker); fixed.fill.push(fill); fixed.line.push(ink); named.push(text); };
    const at = x => `(${x.map(v => show(Math.abs(v) < 1e-9 ? 0 : v, 3)).join(", ")})`;
    const { points, line } = on ? Numerics.fixedPoints(F, s.box) : { points: [], line: [] };
    for (const x of points) {
      const t = Stability.pointType(side, F, x);
      add(x, t.kind === "unknown" ? "cross" : t.shape === "saddle" ? "x" : "circle", t.kind === "stable" ? ink : t.kind === "neutral" ? "#9aa3ad" : Theme.paper(), `${t.name} at ${at(x)}`);
    }
    if (line.length) named.push(`a line of rest points from ${at(line[0])} to ${at(line.at(-1))} and on`);
    put("restline" + tag, { x: line.map(x => x[0]), y: line.map(x => x[1]) });
    if (F.kinked(F.equilibrium)) add(F.equilibrium, "diamond_cross", Theme.paper(), "kink at the equilibrium");
    const [x0, x1, y0, y1] = s.box, e = F.equilibrium;
    if (e[0] < x0 || e[0] > x1 || e[1] < y0 || e[1] > y1) named.push(`the equilibrium ${at(e)} is outside this view`);
    put("fixed" + tag, fixed);
    return named;
  };

  const draw = (tag, side, s, F) => {
    const [x0, x1] = s.box, on = l => s.layers.includes(l);
    arrows(tag, s, F, on("arrows") || on("update"), side);
    const [sx, sy] = on("streams") ? Engine.streamlines(F, s.box) : [[], []];
    put("streams" + tag, { xs: sx, ys: sy });
    const nulls = on("nulls") ? Contours.nullclines(F, s.box) : [[[], []], [[], []]];
    ["theta", "psi"].forEach((which, k) => put(`null_${which}${tag}`, { x: nulls[k][0], y: nulls[k][1] }));
    const rings = { xs: [], ys: [] };
    if (on("energy")) for (let r = 1; r <= 6; r++) {
      const radius = r * (x1 - x0) / 12, t = Array.from({ length: 73 }, (_, k) => k * Math.PI / 36);
      rings.xs.push(t.map(v => F.equilibrium[0] + radius * Math.cos(v))); rings.ys.push(t.map(v => radius * Math.sin(v)));
    }
    put("energy" + tag, rings);
    for (const [end, edge, value] of [["above", "bottom", F.bound], ["below", "top", -F.bound]]) {
      const band = model(end + tag);
      band.visible = Number.isFinite(F.bound);
      if (Number.isFinite(F.bound)) band[edge] = value;
    }
    return rest(tag, side, s, F, on("fixed"));
  };

  return { draw };
})();
