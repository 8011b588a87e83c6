// The plane of two parameters: the spectral radius, the curves on which stability ends, the best point.
"use strict";

const Atlas = (() => {
  const COARSE = 32, NOISE = 1e-12; // what vanishes everywhere vanishes on no line
  const KINDS = ["neimark-sacker", "flip", "fold", "hopf"];

  // The number that decides at every point of a grid, NaN where there is none, row by row of the second axis.
  const sample = ({ side, axes: [x, y] }, n, until) => {
    const at = Engine.family(side), flow = side.a === "flow", place = (axis, k) => axis.low + (axis.high - axis.low) * (k + 0.5) / n;
    const xs = Array.from({ length: n }, (_, k) => place(x, k)), ys = Array.from({ length: n }, (_, k) => place(y, k));
    const radius = new Float64Array(n * n), crossings = {};
    for (const kind of KINDS) crossings[kind] = new Float64Array(n * n).fill(NaN);
    for (let i = 0; i < n; i++) {
      if (performance.now() > until) return null;
      for (let j = 0; j < n; j++) {
        const M = at({ [x.key]: xs[i], [y.key]: ys[j] }), k = i * n + j;
        radius[k] = M ? Verdict.number(flow, M) : NaN;
        if (M) { const found = Verdict.crossings(flow, M); for (const kind in found) if (Math.abs(found[kind]) > NOISE) crossings[kind][k] = found[kind]; }
      }
    }
    return { n, xs, ys, radius, crossings };
  };

  // The parts of the zero lines on which no other eigenvalue is outside; gaps are NaN.
  const boundaries = ({ side, axes: [x, y] }, { xs, ys, crossings }) => {
    const at = Engine.family(side), flow = side.a === "flow", matrix = ([u, v]) => at({ [x.key]: u, [y.key]: v }), lines = {};
    for (const kind of KINDS) {
      if (!crossings[kind].some(Number.isFinite)) continue;
      const value = u => { const M = matrix(u); return M ? Verdict.crossings(flow, M)[kind] : NaN; };
      const [px, py] = Contours.levelSet(xs, ys, Array.from(crossings[kind], Math.asinh), u => Math.asinh(value(u)));
      px.forEach((u, k) => {
        const M = Number.isNaN(u) ? null : matrix([u, py[k]]), size = M ? Verdict.number(flow, M) : NaN;
        if (!(Math.abs(size - (flow ? 0 : 1)) < 1e-2)) { px[k] = NaN; py[k] = NaN; }
      });
      if (px.some(Number.isFinite)) lines[kind] = [px, py];
    }
    return lines;
  };

  // The place of the least f between two points, by golden sections.
  const section = (f, a, b, rounds = 44) => {
    const g = (Math.sqrt(5) - 1) / 2;
    let x = b - g * (b - a), y = a + g * (b - a), fx = f(x), fy = f(y);
    for (let i = 0; i < rounds; i++) {
      if (fx < fy) { b = y; y = x; fy = fx; x = b - g * (b - a); fx = f(x); } else { a = x; x = y; fx = fy; y = a + g * (b - a); fy = f(y); }
    }
    return fx < fy ? x : y;
  };

  // The least number: the best point of the grid, then along one axis the least along the other, which follows a valley
  // with a sharp bottom whatever its direction.
  const optimum = ({ side, axes: [x, y] }, { n, xs, ys, radius }, fine) => {
    const at = Engine.family(side), flow = side.a === "flow";
    const value = (u, v) => { const M = at({ [x.key]: u, [y.key]: v }), r = M ? Verdict.number(flow, M) : NaN; return Number.isNaN(r) ? Infinity : r; };
    const k = radius.reduce((best, r, i) => r < (radius[best] ?? Infinity) ? i : best, -1);
    if (k < 0) return null;
    let best = { at: [xs[Math.floor(k / n)], ys[k % n]], value: radius[k] };
    const around = (v, axis, cells) => [-1, 1].map(s => Math.min(axis.high, Math.max(axis.low, v + s * cells * (axis.high - axis.low) / n)));
    for (let pass = 0; fine && pass < 2; pass++) {
      const [u0, v0] = best.at, inner = u => section(v => value(u, v), ...around(v0, y, 6));
      const u = section(w => value(w, inner(w)), ...around(u0, x, 3)), v = inner(u), r = value(u, v);
      if (r < best.value) best = { at: [u, v], value: r };
    }
    return best;
  };

  // As fine as the time allows, at most `finest` points along each side; null when not even the coarsest is done.
  const map = (job, until = Infinity, finest = job.finest ?? 256) => {
    const first = sample(job, COARSE, until);
    if (!first) return null;
    // What it takes is measured once the code is warm.
    const began = performance.now(), second = (finest >= 2 * COARSE && sample(job, 2 * COARSE, until)) || first;
    const each = (performance.now() - began) / (2 * COARSE) ** 2, room = Math.min(until - performance.now(), 6000);
    const n = [512, 256, 128].find(m => m <= finest && 1.5 * each * m * m < room);
    const found = (n && sample(job, n, until)) || second;
    return { n: found.n, radius: found.radius, lines: boundaries(job, found), optimum: optimum(job, found, finest > 64) };
  };

  return { map, KINDS };
})();
