// The eigenvalues of a real matrix: in closed form for two, else by the QR algorithm with complex shifts.
"use strict";

const Spectra = (() => {
  const two = ([[a, b], [c, d]]) => {
    const mean = (a + d) / 2, disc = ((a - d) / 2) ** 2 + b * c, root = Math.sqrt(Math.abs(disc));
    if (disc < 0) return [[mean, root], [mean, -root]];
    // The smaller of two real roots by their product: nothing cancels.
    const large = mean < 0 ? mean - root : mean + root, small = large ? (a * d - b * c) / large : 0;
    return mean < 0 ? [[small, 0], [large, 0]] : [[large, 0], [small, 0]];
  };

  // The largest real part or modulus of the two, for maps of thousands of points.
  const largest = (real, [[a, b], [c, d]]) => {
    const mean = (a + d) / 2, disc = ((a - d) / 2) ** 2 + b * c, root = Math.sqrt(Math.abs(disc));
    if (disc < 0) return real ? mean : Math.hypot(mean, root);
    if (!real) return Math.abs(mean) + root;
    return mean < 0 ? (a * d - b * c) / (mean - root) : mean + root;
  };

  // A similar matrix with zeros below the first subdiagonal, by elimination with the largest pivot.
  const hessenberg = given => {
    const A = given.map(row => [...row]), n = A.length;
    for (let m = 1; m < n - 1; m++) {
      let p = m;
      for (let i = m; i < n; i++) if (Math.abs(A[i][m - 1]) > Math.abs(A[p][m - 1])) p = i;
      if (!A[p][m - 1]) continue;
      [A[p], A[m]] = [A[m], A[p]];
      for (const row of A) [row[p], row[m]] = [row[m], row[p]];
      for (let i = m + 1; i < n; i++) {
        const f = A[i][m - 1] / A[m][m - 1];
        if (!f) continue;
        for (let j = m - 1; j < n; j++) A[i][j] -= f * A[m][j];
        for (let j = 0; j < n; j++) A[j][m] += f * A[j][i];
      }
    }
    return A;
  };

  // The eigenvalue of the last two rows that is nearer to the last entry.
  const shift = (R, I, n) => {
    const P = R[n - 2], Pi = I[n - 2], Q = R[n - 1], Qi = I[n - 1];
    const a = [P[n - 2], Pi[n - 2]], b = [P[n - 1], Pi[n - 1]], c = [Q[n - 2], Qi[n - 2]], d = [Q[n - 1], Qi[n - 1]];
    const half = [(a[0] - d[0]) / 2, (a[1] - d[1]) / 2], bc = [b[0] * c[0] - b[1] * c[1], b[0] * c[1] + b[1] * c[0]];
    const x = half[0] ** 2 - half[1] ** 2 + bc[0], y = 2 * half[0] * half[1] + bc[1], r = Math.hypot(x, y);
    const root = [Math.sqrt((r + x) / 2 > 0 ? (r + x) / 2 : 0), (y < 0 ? -1 : 1) * Math.sqrt((r - x) / 2 > 0 ? (r - x) / 2 : 0)];
    const sign = half[0] * root[0] + half[1] * root[1] > 0 ? -1 : 1;
    return [d[0] + half[0] + sign * root[0], d[1] + half[1] + sign * root[1]];
  };

  // One step on the rows and columns from l to n: H - σ = QR, then RQ + σ.
  const step = (R, I, l, n, [s0, s1]) => {
    const turns = [];
    for (let k = l; k < n; k++) { R[k][k] -= s0; I[k][k] -= s1; }
    for (let k = l; k < n - 1; k++) {
      const P = R[k], Pi = I[k], Q = R[k + 1], Qi = I[k + 1];
      const size = Math.sqrt(P[k] * P[k] + Pi[k] * Pi[k] + Q[k] * Q[k] + Qi[k] * Qi[k]) || 1;
      const c = P[k] / size, ci = Pi[k] / size, s = Q[k] / size, si = Qi[k] / size;
      turns.push(c, ci, s, si);
      for (let j = k; j < n; j++) {
        const x = P[j], xi = Pi[j], y = Q[j], yi = Qi[j];
        P[j] = c * x + ci * xi + s * y + si * yi; Pi[j] = c * xi - ci * x + s * yi - si * y;
        Q[j] = c * y - ci * yi - s * x + si * xi; Qi[j] = c * yi + ci * y - s * xi - si * x;
      }
    }
    for (let k = l, m = 0; k < n - 1; k++, m += 4) {
      const c = turns[m], ci = turns[m + 1], s = turns[m + 2], si = turns[m + 3];
      for (let i = l; i < Math.min(k + 2, n); i++) {
        const P = R[i], Pi = I[i], x = P[k], xi = Pi[k], y = P[k + 1], yi = Pi[k + 1];
        P[k] = x * c - xi * ci + y * s - yi * si; Pi[k] = x * ci + xi * c + y * si + yi * s;
        P[k + 1] = y * c + yi * ci - x * s - xi * si; Pi[k + 1] = yi * c - y * ci - xi * s + x * si;
      }
    }
    for (let k = l; k < n; k++) { R[k][k] += s0; I[k][k] += s1; }
  };

  const many = A => {
    const R = hessenberg(A), I = R.map(row => row.map(() => 0)), out = [];
    const norm = Math.max(1e-300, ...A.flat().map(Math.abs)), size = (i, j) => Math.abs(R[i][j]) + Math.abs(I[i][j]);
    const small = k => size(k, k - 1) <= Number.EPSILON * Math.max(size(k - 1, k - 1) + size(k, k), 1e-3 * norm);
    let n = A.length, tries = 0;
    while (n > 0) {
      if (n === 1 || small(n - 1)) { out.push([R[n - 1][n - 1], I[n - 1][n - 1]]); n--; tries = 0; continue; }
      if (++tries > 100) return A.map(() => [NaN, NaN]);
      let l = n - 1;
      while (l > 0 && !small(l)) l--;
      step(R, I, l, n, tries % 10 ? shift(R, I, n) : [R[n - 1][n - 1] + size(n - 1, n - 2), I[n - 1][n - 1]]);
    }
    return out.map(([re, im]) => Math.abs(im) < 1e-9 * norm ? [re, 0] : [re, im]);
  };

  const eigenvalues = A => !A.flat().every(Number.isFinite) ? A.map(() => [NaN, NaN]) : A.length === 2 ? two(A) : many(A);
  return { largest, eigenvalues };
})();
