// Where a run goes in the long term, observed: for what has no linearisation.
"use strict";

const Attractor = (() => {
  const CHUNK = 4096, LONGEST = 1024, CLOSE = 1e-6, DRIFT = 0.02;

  const mean = v => v.reduce((sum, x) => sum + x, 0) / v.length;

  // The last chunk of a long run, and the mean distance to the equilibrium in the one before.
  const follow = (side, F, start, rounds, until) => {
    const alg = Engine.algorithm(side), advance = alg ? null : Flow.sampler(F, false);
    let s = alg ? alg.kernel.init(F, start, alg.a) : [start[0], Math.max(-F.bound, Math.min(F.bound, start[1]))], k = 0;
    const distance = x => Math.hypot(x[0] - F.equilibrium[0], x[1] - F.equilibrium[1]);
    let xs = [], ys = [], earlier = NaN;
    while (k < rounds && (k % 64 || performance.now() < until)) {
      if (k % CHUNK === 0) { if (xs.length) earlier = mean(xs.map((x, i) => distance([x, ys[i]]))); xs = []; ys = []; }
      s = alg ? alg.kernel.step(F, s, k, alg.a) : advance(s);
      k++;
      if (!s) return { end: "stuck", k, xs, ys };
      const x = alg ? alg.kernel.position(s) : s;
      if (!(distance(x) < 1e6)) return { end: "diverged", k, xs, ys };
      xs.push(x[0]); ys.push(x[1]);
    }
    return { end: null, k, xs, ys, earlier };
  };

  // The least period after which the last rounds repeat, twice over; 0 where none does.
  const period = ({ xs, ys }) => {
    const n = xs.length, spread = v => Math.max(...v) - Math.min(...v), size = Math.max(spread(xs), spread(ys), 1e-9);
    for (let p = 1; p <= LONGEST && 3 * p <= n; p++) {
      let same = true;
      for (let i = n - 1; same && i >= n - 2 * p; i--) same = Math.hypot(xs[i] - xs[i - p], ys[i] - ys[i - p]) <= CLOSE * size;
      if (same) return p;
    }
    return 0;
  };

  // What is observed: { title, text, kind }.
  const observe = ({ side, start, rounds }, until = Infinity) => {
    const F = Engine.field(side), run = follow(side, F, start, rounds, until), { xs, ys, k } = run, flow = side.a === "flow";
    const time = n => flow ? `time ${show(n * Engine.SAMPLE)}` : `${n} rounds`, from = `From (${start.map(v => show(v, 3)).join(", ")})`;
    const radii = xs.map((x, i) => Math.hypot(x - F.equilibrium[0], ys[i] - F.equilibrium[1]));
    const low = Math.min(...radii), high = Math.max(...radii), centre = [xs.at(-1), ys.at(-1)].map(v => show(v, 3)).join(", ");
    const band = show(low, 3) === show(high, 3) ? `at distance ${show(high, 3)} from` : `between the distances ${show(low, 3)} and ${show(high, 3)} from`;
    const said = (title, text, kind) => ({ title, text: `${from}, after ${time(k)}: ${text} Observed, not proved.`, kind });
    if (run.end === "diverged") return said("Observed: runs away.", "farther than 10⁶ from the equilibrium.", "bad");
    if (run.end === "stuck") return said("Observed: caught on a kink.", `the flow cannot be continued past (${centre}).`, "soft");
    if (high < 1e-9 * (1 + Math.hypot(...F.equilibrium))) return said("Observed: arrives at the equilibrium.", "within 10⁻⁹ of it.", "good");
    const p = flow ? 0 : period(run), spread = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    if (p === 1 || spread < 1e-12) return said("Observed: comes to rest.", `at (${centre}), ${show(high, 3)} away from the equilibrium.`, "soft");
    if (p) return said(`Observed: a cycle of period ${p}.`, `it repeats every ${p} rounds, ${band} the equilibrium.`, "soft");
    const trend = mean(radii) / run.earlier;
    if (trend < 1 - DRIFT) return said("Observed: still approaching.", `${band} the equilibrium, and coming closer.`, "soft");
    if (trend > 1 + DRIFT) return said("Observed: still moving away.", `${band} the equilibrium, and growing.`, "bad");
    return said(flow ? "Observed: keeps going round." : "Observed: wanders without a period.", `${band} the equilibrium${flow ? "" : `, without a period up to ${LONGEST} rounds`}.`, "soft");
  };

  return { observe, period };
})();
