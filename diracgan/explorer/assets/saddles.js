// The stable and the unstable manifold of a saddle, of the flow or of the update map.
"use strict";

const Saddles = (() => {
  const BEGIN = 1e-6, FINE = 150, POINTS = 3000, ROUNDS = 400, FIRST = 8, TIME = 60, DEEPEST = 24;
  const distance = (a, b) => Math.hypot(...a.map((v, i) => v - b[i]));

  // The unit vectors that a matrix stretches by a real number: the cross product of two rows of M - λ, in the plane.
  const eigenvector = (M, value) => {
    const n = M.length, A = M.map((row, i) => row.map((v, j) => v - (i === j ? value * (1 + 1e-10) : 0)));
    let v = A.map((_, i) => 1 / (1 + i));
    for (let k = 0; k < 4; k++) { v = Numerics.solve(A, v); const size = Math.hypot(...v); v = v.map(x => x / size); }
    return n && v.every(Number.isFinite) ? v : null;
  };

  // ---- of the flow
  const branchOfFlow = (F, x, value, vector, sign, box, until) => {
    const advance = Flow.sampler(F, value < 0), scale = Math.max(box[1] - box[0], box[3] - box[2]), line = [x];
    let s = x.map((v, i) => v + sign * BEGIN * vector[i]);
    const last = Math.log(1 / BEGIN) / Math.abs(value) + TIME;
    for (let t = 0; t < last && performance.now() < until; t += Flow.SAMPLE) {
      const next = advance(s);
      if (!next || !next.every(Number.isFinite)) break;
      if (distance(next, s) < 1e-12 && distance(next, x) > 1e-3) break;
      s = next; line.push(s);
      if (distance(s, x) > 2 * scale) break;
    }
    return line;
  };

  // ---- of the map: a fundamental domain x + ε v Λ^t, 0 ≤ t < 1, and its images or pre-images, filled up where they are
  // far apart. Where two neighbours stay apart however near they begin, the curve is torn, and ends.
  const trailed = (x, start, factor, move) => ({ t, near }) => {
    const trail = [start(t)];
    // Where the next one is expected: between its neighbours, or as much further on as at the saddle.
    const ahead = level => near?.(level) ?? trail[level - 1].map((v, i) => v + (level > 1 ? v - trail[level - 2][i] : v - x[i]) * (level > 1 ? factor : factor - 1));
    return { t, trail, next: level => {
      if (trail.length <= level) trail.push(trail[level - 1] && move(trail[level - 1], ahead(level)));
      return trail[level];
    } };
  };

  const branchOfMap = (move, x, factor, vector, sign, place, box, until) => {
    const side = Math.max(box[1] - box[0], box[3] - box[2]), wide = side / FINE, at = place(x), far = side;
    const begin = t => x.map((v, i) => v + sign * BEGIN * vector[i] * factor ** t), make = trailed(x, begin, factor, move);
    const beyond = p => !(distance(p, at) < far);
    const first = Math.max(1, Math.min(FIRST, Math.ceil(FIRST * Math.log(factor))));
    let row = Array.from({ length: first + 1 }, (_, k) => make({ t: k / first }));
    const line = [at];
    // Fills the gap between two neighbours at a level; false where it cannot be closed.
    const fill = (a, b, level, out, depth) => {
      const p = a.next(level), q = b.next(level);
      if (!p || !q) return false;
      const [u, v] = [place(p), place(q)];
      if (beyond(u) && beyond(v)) return false;
      if (distance(u, v) <= wide) { out.push(b); return true; }
      if (depth === DEEPEST) return false;
      const between = l => a.trail[l] && b.trail[l] ? a.trail[l].map((w, i) => (w + b.trail[l][i]) / 2) : null;
      const mid = make({ t: (a.t + b.t) / 2, near: between });
      for (let l = 1; l <= level; l++) if (!mid.next(l)) return false;
      return fill(a, mid, level, out, depth + 1) && fill(mid, b, level, out, depth + 1);
    };
    for (let level = 1; level < ROUNDS && line.length < POINTS && performance.now() < until; level++) {
      const filled = [row[0]];
      let whole = Boolean(row[0].next(level)), length = 0;
      for (let k = 0; whole && k + 1 < row.length; k++) whole = fill(row[k], row[k + 1], level, filled, 0);
      const points = filled.map(one => one.trail[level]).filter(Boolean).map(place);
      for (let k = 1; k < points.length; k++) length += distance(points[k], points[k - 1]);
      // Near the saddle all generations are one straight piece.
      if (length > wide / 4 || distance(points.at(-1) ?? at, at) > wide) line.push(...points.slice(line.length > 1 ? 1 : 0));
      if (!whole || points.length < 2 || (length < 1e-3 * wide && distance(points[0], at) > wide)) break;
      row = filled;
    }
    return line;
  };

  // The pre-image by Newton's method from a guess; null where there is none near it.
  const inverse = run => (y, guess) => {
    let z = guess ?? y;
    for (let k = 0; k < 30; k++) {
      const away = run.step(z).map((v, i) => v - y[i]), shift = Numerics.solve(run.slope(z), away);
      if (!shift.every(Number.isFinite)) return null;
      z = z.map((v, i) => v - shift[i]);
      if (Math.hypot(...shift) <= 1e-13 * (1 + Math.hypot(...z))) break;
    }
    return distance(run.step(z), y) <= 1e-9 * (1 + Math.hypot(...y)) ? z : null;
  };

  const ofMap = (run, x, box, until) => {
    const state = run.start(x), M = run.slope(state), eigen = Numerics.eigenvalues(M), lines = { stable: [], unstable: [] };
    for (const kind of ["stable", "unstable"]) {
      const own = eigen.filter(z => kind === "unstable" ? Numerics.modulus(z) > 1 : Numerics.modulus(z) < 1);
      // A manifold of more dimensions than one is no curve, and what has the factor 0 has no past.
      if (own.length !== 1 || own[0][1] || Math.abs(own[0][0]) < 1e-6) continue;
      const value = own[0][0], vector = eigenvector(M, value);
      if (!vector) continue;
      const back = inverse(run), way = kind === "unstable" ? run.step
        : (y, guess) => back(y, guess ?? state.map((v, i) => v + (y[i] - v) / value));
      // A negative factor changes the sides: every second round stays on its own.
      const twice = value < 0, move = twice ? (y, guess) => { const once = way(y, null); return once && way(once, guess); } : way;
      const factor = Math.abs(kind === "unstable" ? value : 1 / value) ** (twice ? 2 : 1);
      for (const sign of [1, -1]) lines[kind].push(branchOfMap(move, state, factor, vector, sign, run.place, box, until));
    }
    return lines;
  };
  const ofFlow = (F, x, box, until) => {
    const M = F.jacobian(x), lines = { stable: [], unstable: [] };
    for (const [value] of Numerics.eigenvalues(M)) {
      const vector = eigenvector(M, value);
      if (vector) for (const sign of [1, -1]) lines[value < 0 ? "stable" : "unstable"].push(branchOfFlow(F, x, value, vector, sign, box, until));
    }
    return lines;
  };

  // All branches of all saddles in a box; of the map where its multipliers are known, else none.
  const find = ({ side, box }, until = Infinity) => {
    const flow = side.a === "flow", out = { points: [], stable: [], unstable: [] };
    if (!flow && Engine.withoutMultipliers(side)) return out;
    const F = Engine.field(side), run = flow ? null : Closed.rule(side, F);
    for (const x of Numerics.fixedPoints(F, box).points) {
      if (Stability.pointType(side, F, x).shape !== "saddle") continue;
      const lines = flow ? ofFlow(F, x, box, until) : ofMap(run, x, box, until);
      out.points.push(x); out.stable.push(...lines.stable); out.unstable.push(...lines.unstable);
    }
    return out;
  };

  return { find };
})();
