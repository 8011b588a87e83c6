// Cycles of the update map, as `dg.cycle` finds them: a run until it recurs, Newton's method on the rounds of one period
// by the compiled kernel, and weighted means along a curve on which the rounds never repeat.
"use strict";

const Closed = (() => {
  const { solve, product, identity, damped, eigenvalues, modulus } = Numerics;
  const { chunk: CHUNK, longest: LONGEST, window: WINDOW, neutral: NEUTRAL } = CYCLES, FAR = 1e6, PATIENT = 8;
  const norm = v => Math.hypot(...v), gap = (a, b) => Math.hypot(...a.map((v, i) => v - b[i]));

  const kindOf = largest => largest < 1 - NEUTRAL ? "stable" : largest > 1 + NEUTRAL ? "unstable" : "neutral";

  // What a run needs: one round, the place of a state, the Jacobian of a round where the kernel has one.
  const rule = (side, F) => {
    const { kernel, a } = Engine.algorithm(side);
    return {
      F, step: s => kernel.step(F, s, 0, a), place: s => kernel.position(s), start: x => kernel.init(F, x, a),
      slope: kernel.jacobian && !Engine.withoutMultipliers(side) ? s => kernel.jacobian(F, s, 0, a) : null,
    };
  };

  // p rounds with their Jacobian.
  const rounds = (run, state, p) => {
    let s = state, M = identity(state.length);
    for (let k = 0; k < p; k++) { M = product(run.slope(s), M); s = run.step(s); }
    return [s, M];
  };

  // Newton's method from a state: the cycle within `reach` with its least period, or null.
  const close = (run, state, period, reach) => {
    let z = state, best = state, error = Infinity;
    for (let i = 0; i < 50; i++) {
      const [after, M] = rounds(run, z, period), away = after.map((v, k) => v - z[k]), size = norm(away);
      if (!(size < error)) break;
      best = z; error = size;
      const shift = damped(M.map((row, k) => row.map((v, j) => v - (k === j))), away);
      z = z.map((v, k) => v - shift[k]);
      if (!z.every(Number.isFinite)) break;
    }
    const scale = Math.max(1, ...best.map(Math.abs));
    if (!(error <= 1e-11 * scale) || gap(best, state) > reach) return null;
    for (let d = 1; d < period; d++) {
      if (period % d) continue;
      let s = best;
      for (let k = 0; k < d; k++) s = run.step(s);
      if (gap(s, best) <= 1e-9 * scale) return [best, d];
    }
    return [best, period];
  };

  const orbit = (run, state, p) => {
    const points = [];
    for (let k = 0, s = state; k < p; k++) { points.push(run.place(s)); s = run.step(s); }
    return points;
  };
  const radii = (run, points) => points.map(x => gap(x, run.F.equilibrium));
  const sizes = (r, mean) => ({ mean, least: Math.min(...r), largest: Math.max(...r) });

  const periodic = (run, state, period) => {
    const points = orbit(run, state, period), r = radii(run, points), multipliers = run.slope ? eigenvalues(rounds(run, state, period)[1]) : null;
    return { period, exact: true, points, multipliers, kind: multipliers && kindOf(Math.max(...multipliers.map(modulus))), ...sizes(r, r.reduce((sum, v) => sum + v, 0) / period) };
  };

  // The mean along a quasi-periodic orbit with the weight exp(-1/(t(1 - t))).
  const weighted = values => {
    let sum = 0, all = 0;
    values.forEach((v, k) => { const t = (k + 0.5) / values.length, w = Math.exp(-1 / (t * (1 - t))); sum += w * v; all += w; });
    return sum / all;
  };

  // A closed curve, or chaos: by the growth of a tangent vector, as the largest exponent of `dg.cycle`.
  const curve = (run, state, until) => {
    const [e0, e1] = run.F.equilibrium, points = [], turns = [], growth = [], areas = [], planar = state.length === 2;
    let s = state, before = run.place(s), u = s.map((_, k) => 1 / (1 + k));
    for (let k = 0; k < WINDOW && (k % 64 || performance.now() < until); k++) {
      if (run.slope) {
        const M = run.slope(s), v = M.map(row => row.reduce((sum, a, i) => sum + a * u[i], 0)), size = norm(v);
        growth.push(Math.log(Math.max(size, 1e-300))); u = v.map(w => w / size);
        if (planar) areas.push(Math.log(Math.max(Math.abs(M[0][0] * M[1][1] - M[0][1] * M[1][0]), 1e-300)));
      }
      s = run.step(s);
      const now = run.place(s), a = [before[0] - e0, before[1] - e1], b = [now[0] - e0, now[1] - e1];
      turns.push(Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]) / (2 * Math.PI));
      points.push(now); before = now;
    }
    const rotation = Math.abs(weighted(turns)), r = radii(run, points), largest = growth.length ? weighted(growth) : NaN;
    const chaotic = largest > 1e-2 * rotation, across = planar && growth.length ? Math.exp((weighted(areas) - largest) / rotation) : NaN;
    const kind = chaotic ? "chaotic" : Number.isNaN(across) ? null : across > 1 - 1e-4 ? "neutral" : "stable";
    return { period: 1 / rotation, exact: false, points: points.slice(0, 2000), multipliers: Number.isNaN(across) || chaotic ? null : [[1, 0], [across, 0]], kind, exponent: largest, ...sizes(r, weighted(r)) };
  };

  // The least period after which the states recur, and how well.
  const recurring = states => {
    const last = states.at(-1), recent = states.slice(-2 * LONGEST);
    const spread = last.map((_, i) => Math.max(...recent.map(s => s[i])) - Math.min(...recent.map(s => s[i])));
    const close = 1e-6 * Math.max(1e-9, ...spread);
    for (let p = 1; p <= LONGEST; p++) {
      const away = gap(states[states.length - 1 - p], last);
      if (away <= close) return [p, away];
    }
    return null;
  };

  // What a run in a given state ends on: a cycle, a closed curve, or null where it arrives, leaves or rests.
  const from = (run, state, until = Infinity) => {
    let s = state;
    for (let chunk = 0; chunk < PATIENT; chunk++) {
      const states = [];
      for (let k = 0; k < CHUNK; k++) {
        s = run.step(s);
        const r = gap(run.place(s), run.F.equilibrium);
        if (!(r <= FAR) || r < 1e-9) return null;
        states.push(s);
        if (k % 256 === 0 && performance.now() > until) return null;
      }
      const found = recurring(states);
      if (!found) { if (chunk) break; continue; }
      const [p, away] = found;
      if (!run.slope) return p > 1 ? periodic(run, s, p) : null;
      const closed = close(run, s, p, 1e3 * Math.max(away, 1e-12));
      if (closed) return closed[1] > 1 ? periodic(run, ...closed) : null;
    }
    return curve(run, s, until);
  };

  return { rule, from, close, periodic, kindOf };
})();
