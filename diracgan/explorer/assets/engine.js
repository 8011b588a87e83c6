// A method and an algorithm with their hyper-parameters: field, linearisation, locus of the eigenvalues.
"use strict";

const Engine = (() => {
  const { eigenvalues } = Numerics;
  const SAMPLE = Flow.SAMPLE;

  const setKey = (declared, given) => declared.map(s => `${s.name}=${given[s.name] ?? s.default}`).join(",");

  const field = (side, values) => {
    const info = INFO.methods[side.m], f = KERNELS.methods[side.m][setKey(info.settings, side.p)];
    const p = { ...INFO.fixed };
    for (const q of info.parameters) p[q.name] = values?.["p." + q.name] ?? side.p[q.name] ?? q.default;
    const bound = f.bound(p), equilibrium = f.equilibrium(p);
    return {
      bound, equilibrium, smooth: !Number.isFinite(bound) && !f.kinks(equilibrium, p).length,
      // The side of every kink that a state is on, as the digits of one number.
      branch: x => f.kinks(x, p).reduce((digits, k) => 2 * digits + (k >= 0), 0),
      kinks: x => f.kinks(x, p),
      velocity: x => f.velocity(x, p), derivative: (x, t) => f.derivative(x, t, p),
      second: (x, t, u) => f.second(x, t, u, p), jacobian: x => f.jacobian(x, p),
      score: f.score ? (x, z) => f.score(x, [z], p) : null,
      kinked: x => f.kinks(x, p).some(k => Math.abs(k) <= 8 * Number.EPSILON * Math.max(1, ...x.map(Math.abs))),
    };
  };

  const algorithm = (side, values) => {
    if (side.a === "flow") return null;
    const info = INFO.algorithms[side.a], a = {};
    for (const q of info.parameters) a[q.name] = values?.["a." + q.name] ?? side.q[q.name] ?? q.default;
    if (side.q.h !== undefined) { a.h_g = side.q.h; a.h_d = side.q.h; }
    if (values?.["a.h"] !== undefined) { a.h_g = values["a.h"]; a.h_d = values["a.h"]; }
    return { kernel: KERNELS.algorithms[side.a][setKey(info.settings, side.q)], a, info };
  };

  // What stands in the way of a linearisation, or null.
  const obstacle = (side, F, values) => {
    const at = "(" + F.equilibrium.map(v => +v.toFixed(4)).join(", ") + ")";
    if (F.kinked(F.equilibrium)) return ["kink", "No Jacobian here: a kink.",
      `The field is not differentiable at ${at}: no linearisation decides.`];
    const speed = Math.hypot(...F.velocity(F.equilibrium));
    if (!(speed <= 1e-12)) return ["none", "No equilibrium.",
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
    const alg = algorithm(side, values);
    return alg.kernel.jacobian(F, alg.kernel.init(F, at, alg.a), 0, alg.a);
  };

  // The matrix of the linearisation at the equilibrium, null where there is none.
  const linearised = (side, values) => {
    const F = field(side, values);
    return obstacle(side, F, values) ? null : matrix(side, F, values);
  };
  const spectrum = (side, values) => {
    const M = linearised(side, values);
    return M && { M, values: eigenvalues(M) };
  };

  // Eigenvalues over the span of one slider.
  const locus = (side, what, span, count = 41) => {
    const out = { x: [], y: [], t: [] };
    for (let k = 0; k < count; k++) {
      const t = k / (count - 1), s = spectrum(side, { [what]: span[0] + (span[1] - span[0]) * t });
      if (s) for (const z of s.values) if (Number.isFinite(z[0])) { out.x.push(z[0]); out.y.push(z[1]); out.t.push(t); }
    }
    return out;
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

  return { field, algorithm, obstacle, withoutMultipliers, matrix, linearised, spectrum, locus, grid, streamlines, setKey, SAMPLE };
})();

function show(v, digits = 4) {
  if (!Number.isFinite(v)) return v > 0 ? "∞" : Number.isNaN(v) ? "–" : "−∞";
  if (v === 0) return "0";
  const size = Math.abs(v);
  const text = size < 1e-3 || size >= 1e5 ? v.toExponential(2) : String(+v.toPrecision(digits));
  return text.replaceAll("-", "−");
}
