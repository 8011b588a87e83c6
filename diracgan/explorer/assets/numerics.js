// Determinants of small matrices and fixed points: everything here works for any compiled field.
"use strict";

const Numerics = (() => {
  // By elimination with the largest pivot.
  const determinant = given => {
    const A = given.map(row => [...row]), n = A.length;
    let det = 1;
    for (let k = 0; k < n; k++) {
      let p = k;
      for (let i = k + 1; i < n; i++) if (Math.abs(A[i][k]) > Math.abs(A[p][k])) p = i;
      if (p !== k) { [A[p], A[k]] = [A[k], A[p]]; det = -det; }
      det *= A[k][k];
      if (!A[k][k]) return det;
      for (let i = k + 1; i < n; i++) {
        const f = A[i][k] / A[k][k];
        for (let j = k + 1; j < n; j++) A[i][j] -= f * A[k][j];
      }
    }
    return det;
  };
  // The solution of A x = b by elimination with the largest pivot; its entries are not finite where A is singular.
  const solve = (A, b) => {
    const rows = A.map((row, i) => [...row, b[i]]), n = b.length, x = new Array(n).fill(0);
    for (let k = 0; k < n; k++) {
      let p = k;
      for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[p][k])) p = i;
      [rows[p], rows[k]] = [rows[k], rows[p]];
      for (let i = k + 1; i < n; i++) {
        const f = rows[i][k] / rows[k][k];
        for (let j = k; j <= n; j++) rows[i][j] -= f * rows[k][j];
      }
    }
    for (let k = n - 1; k >= 0; k--) x[k] = rows[k].slice(k + 1, n).reduce((sum, a, j) => sum - a * x[k + 1 + j], rows[k][n]) / rows[k][k];
    return x;
  };
  const product = (A, B) => A.map(row => B[0].map((_, j) => row.reduce((sum, a, k) => sum + a * B[k][j], 0)));
  const identity = n => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));
  // Newton's step where A is regular, and the shortest one to a whole family of zeros where it is not: the term |b|²
  // vanishes at the solution.
  const damped = (A, b) => {
    const n = b.length, size = b.reduce((sum, v) => sum + v * v, 0), entry = (i, j) => A.reduce((sum, row) => sum + row[i] * row[j], 0);
    const normal = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => entry(i, j) + (i === j ? size : 0)));
    return solve(normal, Array.from({ length: n }, (_, i) => A.reduce((sum, row, k) => sum + row[i] * b[k], 0)));
  };
  const shifted = (A, by) => A.map((row, i) => row.map((v, j) => i === j ? v + by : v));
  // The second compound matrix, made of the 2×2 minors: its eigenvalues are the products of two of those of A.
  const compound = A => {
    const pairs = A.flatMap((_, i) => A.slice(i + 1).map((_, k) => [i, i + 1 + k]));
    return pairs.map(([i, j]) => pairs.map(([k, l]) => A[i][k] * A[j][l] - A[i][l] * A[j][k]));
  };

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

  return { eigenvalues: Spectra.eigenvalues, determinant, solve, product, identity, damped, shifted, compound, fixedPoints, modulus: z => Math.hypot(z[0], z[1]) };
})();
