// The zero set of one component of a field, as polylines that stop where the component jumps.
"use strict";

const Contours = (() => {
  // Where the component vanishes on an edge of the grid; at a jump its sign changes without a zero, and there is none.
  const zero = (p, q, vp, vq, at) => {
    const scale = Math.max(Math.abs(vp), Math.abs(vq));
    let [low, high] = [p, q], [a, b] = [vp, vq], x = p;
    for (let k = 0; k < 40; k++) {
      // Regula falsi, with a bisection every third time for the side that would otherwise never move.
      const t = k % 3 === 2 ? 0.5 : a / (a - b);
      x = [low[0] + (high[0] - low[0]) * t, low[1] + (high[1] - low[1]) * t];
      const v = at(x);
      if (Math.abs(v) <= 1e-3 * scale) return x;
      if ((v > 0) === (a > 0)) { low = x; a = v; } else { high = x; b = v; }
    }
    return null;
  };

  // The edges of the grid by number: from a point to its neighbour in x, and to that in y.
  const across = (m, i, j) => 2 * (i * m + j), upwards = (m, i, j) => 2 * (i * m + j) + 1;

  const crossings = (xs, ys, values, at) => {
    const m = ys.length, found = new Map();
    // A zero on the grid counts as negative, unless the component touches it from below.
    const below = (k, step) => values[k - step] < 0 && values[k + step] < 0;
    const positive = values.map((v, k) => v > 0 || (v === 0 && (below(k, 1) || below(k, m))));
    const probe = (key, i, j, k, l) => {
      const a = values[i * m + j], b = values[k * m + l];
      if (positive[i * m + j] === positive[k * m + l] || Number.isNaN(a + b)) return;
      const x = a === 0 ? [xs[i], ys[j]] : b === 0 ? [xs[k], ys[l]] : zero([xs[i], ys[j]], [xs[k], ys[l]], a, b, at);
      found.set(key, x);
    };
    for (let i = 0; i < xs.length; i++) for (let j = 0; j < m; j++) {
      if (i + 1 < xs.length) probe(across(m, i, j), i, j, i + 1, j);
      if (j + 1 < m) probe(upwards(m, i, j), i, j, i, j + 1);
    }
    return found;
  };

  // The pairs of edges that the zero set joins within a cell; a jump inside the cell leaves its edge without a partner.
  const segments = (xs, ys, found) => {
    const out = [], m = ys.length;
    for (let i = 0; i + 1 < xs.length; i++) for (let j = 0; j + 1 < m; j++) {
      const hit = [];
      for (const key of [across(m, i, j), upwards(m, i + 1, j), across(m, i, j + 1), upwards(m, i, j)]) if (found.has(key)) hit.push(key);
      for (let k = 0; k + 1 < hit.length; k += 2) if (found.get(hit[k]) && found.get(hit[k + 1])) out.push([hit[k], hit[k + 1]]);
    }
    return out;
  };

  const join = pairs => {
    const next = new Map();
    for (const [a, b] of pairs) for (const [p, q] of [[a, b], [b, a]]) next.set(p, [...(next.get(p) ?? []), q]);
    const lines = [], used = new Set();
    const follow = start => {
      const line = [start];
      used.add(start);
      for (let at = start; ;) {
        const on = next.get(at).find(key => !used.has(key));
        if (on === undefined) break;
        used.add(on); line.push(on); at = on;
      }
      if (line.length > 2 && next.get(start).includes(line.at(-1))) line.push(start);
      if (line.length > 1) lines.push(line);
    };
    for (const [key, to] of next) if (to.length === 1 && !used.has(key)) follow(key);
    for (const key of next.keys()) if (!used.has(key)) follow(key);
    return lines;
  };

  // Grid lines on both sides of a kink that is parallel to an axis, so that curves reach it and none crosses it.
  const split = (side, low, high, n) => {
    const ts = Array.from({ length: n }, (_, k) => low + (high - low) * k / (n - 1)), eps = 1e-9 * (high - low);
    const branch = ts.map(side), cuts = [];
    for (let k = 0; k + 1 < n; k++) if (branch[k] !== branch[k + 1]) {
      let [a, b] = [ts[k], ts[k + 1]];
      for (let i = 0; i < 50; i++) { const mid = (a + b) / 2; if (side(mid) === branch[k]) a = mid; else b = mid; }
      cuts.push(b);
    }
    const kept = ts.filter(t => cuts.every(c => Math.abs(t - c) > 2 * eps));
    return [...kept, ...cuts.flatMap(c => [c - eps, c + eps])].sort((a, b) => a - b);
  };

  // Both nullclines of a field in a box: [θ̇ = 0, ψ̇ = 0], each as coordinates with gaps.
  const nullclines = (F, [x0, x1, y0, y1], n = 49) => {
    const xs = split(x => F.branch([x, y0 + 0.37 * (y1 - y0)]), x0, x1, n), ys = split(y => F.branch([x0 + 0.37 * (x1 - x0), y]), y0, y1, n);
    const values = [[], []];
    for (const x of xs) for (const y of ys) F.velocity([x, y]).forEach((v, k) => values[k].push(v));
    return values.map((grid, k) => levelSet(xs, ys, grid, x => F.velocity(x)[k]));
  };

  const levelSet = (xs, ys, values, at) => {
    const found = crossings(xs, ys, values, at), px = [], py = [];
    for (const line of join(segments(xs, ys, found))) {
      for (const key of line) { const x = found.get(key); px.push(x[0]); py.push(x[1]); }
      px.push(NaN); py.push(NaN);
    }
    return [px, py];
  };

  return { nullclines, levelSet };
})();
