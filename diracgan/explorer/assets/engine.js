// A method and an algorithm with their hyper-parameters: field, linearisation, locus of the eigenvalues.
"use strict";

const Engine = (() => {
  const { eigenvalues } = Numerics;
  const SAMPLE = Flow.SAMPLE, REST = 1e-12; // the speed of what is at rest

  const setKey = (declared, given) => declared.map(s => `${s.name}=${given[s.name] ?? s.default}`).join(",");

  const TINY = 8 * Number.EPSILON;
  const valuesOf = (side, values) => {
    const p = { ...INFO.fixed };
    for (const q of INFO.methods[side.m].parameters) p[q.name] = values?.["p." + q.name] ?? side.p[q.name] ?? q.default;
    return p;
  };
  // A field whose hyper-parameters are the entries of `p`, whatever they are when it is asked.
  const bound = (f, p) => ({
    // The side of every kink that a state is on, as the digits of one number.
    branch: x => f.kinks(x, p).reduce((digits, k) => 2 * digits + (k >= 0), 0),
    velocity: x => f.velocity(x, p), derivative: (x, t) => f.derivative(x, t, p),
    second: (x, t, u) => f.second(x, t, u, p), jacobian: x => f.jacobian(x, p),
    slope: f.slope ? x => f.slope(x, p) : null,
    score: f.score ? (x, z) => f.score(x, [z], p) : null,
    kinked: x => f.kinks(x, p).some(k => Math.abs(k) <= TINY * Math.max(1, ...x.map(Math.abs))),
  });
  const kernelOf = side => KERNELS.methods[side.m][setKey(INFO.methods[side.m].settings, side.p)];
  const field = (side, values) => {
    const f = kernelOf(side), p = valuesOf(side, values), F = bound(f, p);
    F.bound = f.bound(p); F.equilibrium = f.equilibrium(p);
    F.smooth = !Number.isFinite(F.bound) && !f.kinks(F.equilibrium, p).length;
    return F;
  };

  const ratesOf = (side, values) => {
    const a = {};
    for (const q of INFO.algorithms[side.a].parameters) a[q.name] = values?.["a." + q.name] ?? side.q[q.name] ?? q.default;
    const h = values?.["a.h"] ?? side.q.h;
    if (h !== undefined) { a.h_g = h; a.h_d = h; }
    return a;
  };
  const algorithm = (side, values) => side.a === "flow" ? null
    : { kernel: KERNELS.algorithms[side.a][setKey(INFO.algorithms[side.a].settings, side.q)], a: ratesOf(side, values) };

  // What stands in the way of a linearisation, or null.
  const obstacle = (side, F, values) => {
    const at = "(" + F.equilibrium.map(v => +v.toFixed(4)).join(", ") + ")";
    if (F.kinked(F.equilibrium)) return ["kink", "No Jacobian here: a kink.",
      `The field is not differentiable at ${at}: no linearisation decides.`];
    const speed = Math.hypot(...F.velocity(F.equilibrium));
    if (!(speed <= REST)) return ["none", "No equilibrium.",
      `The field does not vanish where it should: |v${at}| = ${show(speed)} > 0. Training cannot come to rest there.`];
    const text = side.a === "flow" ? null : withoutMultipliers(side, values);
    return text && ["none", "No multipliers.", text];
  };
  const withoutMultipliers = (side, values) => {
    const { reason } = INFO.algorithms[side.a];
    if (reason) return `No linearisation: ${reason}.`;
    return side.a === "averaged" && !((values?.["a.average"] ?? side.q.average ?? 0) > 0)
      ? "The uniform mean weighs every round differently: the map depends on the round. Its limit is that of the mean of the path." : null;
  };

  const matrix = (side, F, values, at = F.equilibrium) => {
    if (side.a === "flow") return F.jacobian(at);
    const { kernel } = algorithm(side), a = ratesOf(side, values);
    return kernel.jacobian(F, kernel.init(F, at, a), 0, a);
  };

  // The matrix of the linearisation at the equilibrium as a function of some values, null where there is none; what
  // does not depend on them is looked up once, for maps of thousands of points.
  const family = side => {
    const f = kernelOf(side), p = valuesOf(side), F = bound(f, p), alg = algorithm(side), a = alg?.a;
    return values => {
      for (const key in values) {
        const name = key.slice(2), value = values[key];
        if (key[0] === "p") p[name] = value; else if (name === "h") { a.h_g = value; a.h_d = value; } else a[name] = value;
      }
      const e = f.equilibrium(p);
      F.bound = f.bound(p);
      if (F.kinked(e) || !(Math.hypot(...f.velocity(e, p)) <= REST) || (alg && withoutMultipliers(side, values))) return null;
      return alg ? alg.kernel.jacobian(F, alg.kernel.init(F, e, a), 0, a) : f.jacobian(e, p);
    };
  };
  const linearised = (side, values = {}) => family(side)(values);
  const spectrum = (side, values) => {
    const M = linearised(side, values);
    return M && { M, values: eigenvalues(M) };
  };

  // Eigenvalues over the span of one slider; null when they are not there by `until`.
  const locus = (side, what, span, until = Infinity, count = 41) => {
    const out = { x: [], y: [], t: [] };
    const at = family(side);
    for (let k = 0; k < count; k++) {
      if (performance.now() > until) return null;
      const t = k / (count - 1), M = at({ [what]: span[0] + (span[1] - span[0]) * t });
      if (M) for (const z of eigenvalues(M)) if (Number.isFinite(z[0])) { out.x.push(z[0]); out.y.push(z[1]); out.t.push(t); }
    }
    return out;
  };

  // What one round of the update, begun at rest, adds to the state, in place of the velocity; of the flow the velocity.
  const displacement = (side, F) => {
    if (side.a === "flow") return F;
    const { kernel, a } = algorithm(side);
    return { velocity: x => { const to = kernel.position(kernel.step(F, kernel.init(F, x, a), 0, a)); return [to[0] - x[0], to[1] - x[1]]; } };
  };

  const grid = (F, [x0, x1, y0, y1], n, inset = false) => {
    const xs = Float64Array.from({ length: n }, (_, i) => x0 + (x1 - x0) * (inset ? (i + 0.5) / n : i / (n - 1)));
    const ys = Float64Array.from({ length: n }, (_, i) => y0 + (y1 - y0) * (inset ? (i + 0.5) / n : i / (n - 1)));
    const u = new Float64Array(n * n), v = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) [u[i * n + j], v[i * n + j]] = F.velocity([xs[i], ys[j]]);
    return { xs, ys, u, v };
  };

  const streamlines = (F, box, n = 9) => {
    const lx = [], ly = [], [x0, x1, y0, y1] = box, step = Math.max(x1 - x0, y1 - y0) / 90;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
      let x = [x0 + (x1 - x0) * (i + 0.5) / n, y0 + (y1 - y0) * (j + 0.5) / n];
      const px = [x[0]], py = [x[1]];
      for (let k = 0; k < 14; k++) {
        const a = F.velocity(x), la = Math.hypot(...a) || 1;
        const b = F.velocity([x[0] + a[0] / la * step / 2, x[1] + a[1] / la * step / 2]), lb = Math.hypot(...b) || 1;
        x = [x[0] + b[0] / lb * step, x[1] + b[1] / lb * step];
        px.push(x[0]); py.push(x[1]);
      }
      lx.push(px); ly.push(py);
    }
    return [lx, ly];
  };

  return { field, algorithm, obstacle, withoutMultipliers, matrix, family, linearised, spectrum, locus, displacement, grid, streamlines, setKey, SAMPLE };
})();

function show(v, digits = 4) {
  if (!Number.isFinite(v)) return v > 0 ? "∞" : Number.isNaN(v) ? "–" : "−∞";
  if (v === 0) return "0";
  const size = Math.abs(v);
  const text = size < 1e-3 || size >= 1e5 ? v.toExponential(2) : String(+v.toPrecision(digits));
  return text.replaceAll("-", "−");
}
