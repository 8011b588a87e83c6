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

  const newton = (field, x) => {
    let size = 1, singular = false;
    for (let k = 0; k < 14 && size > 1e-13; k++) {
      const v = field.velocity(x), [[a, b], [c, d]] = field.jacobian(x), det = a * d - b * c;
      if (!(Math.hypot(v[0], v[1]) > 1e-15)) return { x, singular: !(Math.abs(det) > 1e-9 * Math.max(a * a, b * b, c * c, d * d)) };
      const dx = (d * v[0] - b * v[1]) / det, dy = (a * v[1] - c * v[0]) / det;
      if (!Number.isFinite(dx) || !Number.isFinite(dy)) return null;
      x = [x[0] - dx, x[1] - dy];
      size = Math.hypot(dx, dy);
      singular = Math.abs(det) <= 1e-9 * Math.max(a * a, b * b, c * c, d * d);
    }
    return size < 1e-9 && Math.hypot(...field.velocity(x)) < 1e-9 ? { x, singular } : null;
  };

  // Singular zeros in order, if there are more of them in between: a line of rest points.
  const connected = (field, zeros) => {
    if (zeros.length < 2) return [];
    const spread = k => Math.max(...zeros.map(x => x[k])) - Math.min(...zeros.map(x => x[k])), along = spread(0) > spread(1) ? 0 : 1;
    const [a, b, ...rest] = zeros.sort((p, q) => p[along] - q[along]), gap = Math.hypot(a[0] - b[0], a[1] - b[1]);
    const mid = newton(field, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
    return mid && Math.hypot(mid.x[0] - (a[0] + b[0]) / 2, mid.x[1] - (a[1] + b[1]) / 2) < 0.4 * gap ? [a, b, ...rest] : [];
  };

  // Zeros of the velocity in a box, by Newton's method from a grid of seeds; singular ones between which there are more are a line.
  const fixedPoints = (field, [x0, x1, y0, y1], seeds = 7) => {
    const found = [];
    for (let i = 0; i < seeds; i++) for (let j = 0; j < seeds; j++) {
      const hit = newton(field, [x0 + (x1 - x0) * (i + 0.5) / seeds, y0 + (y1 - y0) * (j + 0.5) / seeds]);
      if (!hit) continue;
      const x = hit.x;
      if (x[0] >= x0 && x[0] <= x1 && x[1] >= y0 && x[1] <= y1 && Math.abs(x[1]) <= field.bound && !field.kinked(x)
        && !found.some(p => Math.hypot(p.x[0] - x[0], p.x[1] - x[1]) < 1e-5)) found.push(hit);
    }
    const line = connected(field, found.filter(p => p.singular).map(p => p.x));
    return { points: found.filter(p => !line.length || !p.singular).map(p => p.x), line };
  };

  return { eigenvalues, fixedPoints, modulus: z => Math.hypot(z[0], z[1]) };
})();
