// Eigenvalues of small matrices, fixed points, level sets: everything here works for any compiled field.
"use strict";

const Numerics = (() => {
  const eigen2 = ([[a, b], [c, d]]) => {
    const mean = (a + d) / 2, disc = ((a - d) / 2) ** 2 + b * c;
    const root = Math.sqrt(Math.abs(disc));
    return disc >= 0 ? [[mean + root, 0], [mean - root, 0]] : [[mean, root], [mean, -root]];
  };

  // The characteristic polynomial (Faddeev and LeVerrier), and its roots all at once (Aberth and Ehrlich).
  const characteristic = A => {
    const n = A.length, c = [1];
    let M = A.map(row => row.map(() => 0));
    for (let k = 1; k <= n; k++) {
      M = A.map((row, i) => row.map((_, j) => {
        let s = i === j ? c[k - 1] * 0 : 0;
        for (let l = 0; l < n; l++) s += A[i][l] * (M[l][j] + (l === j ? c[k - 1] : 0));
        return s;
      }));
      let trace = 0;
      for (let i = 0; i < n; i++) trace += M[i][i];
      c.push(-trace / k);
    }
    return c;
  };
  const mul = (x, y) => [x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0]];
  const div = (x, y) => {
    const m = y[0] * y[0] + y[1] * y[1];
    return [(x[0] * y[0] + x[1] * y[1]) / m, (x[1] * y[0] - x[0] * y[1]) / m];
  };
  const roots = c => {
    const n = c.length - 1, radius = 1 + Math.max(...c.slice(1).map(Math.abs));
    const z = Array.from({ length: n }, (_, k) => {
      const t = (2 * Math.PI * k) / n + 0.4;
      return [0.5 * radius * Math.cos(t), 0.5 * radius * Math.sin(t)];
    });
    for (let sweep = 0; sweep < 200; sweep++) {
      let moved = 0;
      for (let k = 0; k < n; k++) {
        let p = [c[0], 0], q = [0, 0];
        for (let i = 1; i <= n; i++) {
          q = mul(q, z[k]); q = [q[0] + p[0], q[1] + p[1]];
          p = mul(p, z[k]); p = [p[0] + c[i], p[1]];
        }
        if (p[0] === 0 && p[1] === 0) continue;
        let sum = div(q, p);
        for (let j = 0; j < n; j++) if (j !== k) {
          const gap = [z[k][0] - z[j][0], z[k][1] - z[j][1]];
          if (gap[0] || gap[1]) { const r = div([1, 0], gap); sum = [sum[0] - r[0], sum[1] - r[1]]; }
        }
        if (!(sum[0] || sum[1])) continue;
        const step = div([1, 0], sum);
        z[k] = [z[k][0] - step[0], z[k][1] - step[1]];
        moved = Math.max(moved, Math.hypot(...step));
      }
      if (!(moved > 1e-15 * radius)) break;
    }
    return z.map(([re, im]) => Math.abs(im) < 1e-9 * radius ? [re, 0] : [re, im]);
  };
  const eigenvalues = A => !A.flat().every(Number.isFinite) ? A.map(() => [NaN, NaN])
    : A.length === 2 ? eigen2(A) : roots(characteristic(A));

  // Zeros of the velocity in a box, by Newton's method from a grid of seeds.
  const fixedPoints = (field, [x0, x1, y0, y1], seeds = 7) => {
    const found = [];
    for (let i = 0; i < seeds; i++) for (let j = 0; j < seeds; j++) {
      let x = [x0 + (x1 - x0) * (i + 0.5) / seeds, y0 + (y1 - y0) * (j + 0.5) / seeds], size = 1;
      for (let k = 0; k < 14 && size > 1e-13; k++) {
        const v = field.velocity(x), [[a, b], [c, d]] = field.jacobian(x), det = a * d - b * c;
        const dx = (d * v[0] - b * v[1]) / det, dy = (a * v[1] - c * v[0]) / det;
        if (!Number.isFinite(dx) || !Number.isFinite(dy)) { size = NaN; break; }
        x = [x[0] - dx, x[1] - dy];
        size = Math.hypot(dx, dy);
      }
      if (size < 1e-9 && x[0] >= x0 && x[0] <= x1 && x[1] >= y0 && x[1] <= y1 && Math.abs(x[1]) <= field.bound
        && Math.hypot(...field.velocity(x)) < 1e-9 && !field.kinked(x)
        && !found.some(p => Math.hypot(p[0] - x[0], p[1] - x[1]) < 1e-5)) found.push(x);
      if (found.length > 12) return found;
    }
    return found;
  };

  // The zero set of one component on a grid of values: segments, joined into one broken line.
  const levelSet = (xs, ys, values, at) => {
    const px = [], py = [], n = xs.length, m = ys.length;
    const cut = (a, b, va, vb) => a + (b - a) * va / (va - vb);
    for (let i = 0; i + 1 < n; i++) for (let j = 0; j + 1 < m; j++) {
      const a = values[i * m + j], b = values[(i + 1) * m + j], c = values[(i + 1) * m + j + 1], d = values[i * m + j + 1];
      const hits = [];
      if ((a > 0) !== (b > 0)) hits.push([cut(xs[i], xs[i + 1], a, b), ys[j]]);
      if ((b > 0) !== (c > 0)) hits.push([xs[i + 1], cut(ys[j], ys[j + 1], b, c)]);
      if ((d > 0) !== (c > 0)) hits.push([cut(xs[i], xs[i + 1], d, c), ys[j + 1]]);
      if ((a > 0) !== (d > 0)) hits.push([xs[i], cut(ys[j], ys[j + 1], a, d)]);
      // At a jump the sign changes without a zero: there the component does not become small on the way.
      const most = Math.max(Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
      for (let k = 0; k + 1 < hits.length; k += 2) {
        if (Math.min(...[hits[k], hits[k + 1]].map(p => Math.abs(at(p)))) > 0.06 * most) continue;
        px.push(hits[k][0], hits[k + 1][0], NaN); py.push(hits[k][1], hits[k + 1][1], NaN);
      }
    }
    return [px, py];
  };

  return { eigenvalues, fixedPoints, levelSet, modulus: z => Math.hypot(z[0], z[1]) };
})();
