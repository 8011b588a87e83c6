// Paths and what becomes of them; a long computation ends at a given moment and says so.
"use strict";

const Paths = (() => {
  const BEYOND = 1e9, LOOK = 32;

  // A path ends early where it leaves every scale, or where a flow cannot be continued.
  const run = (side, F, start, steps, backward = false, until = Infinity) => {
    const alg = Engine.algorithm(side), first = [start[0], Math.max(-F.bound, Math.min(F.bound, start[1]))];
    const xs = [first[0]], ys = [first[1]];
    let s = alg ? alg.kernel.init(F, start, alg.a) : first, k = 0;
    const advance = alg ? null : Flow.sampler(F, backward);
    for (; k < steps; k++) {
      if (k % LOOK === 0 && performance.now() > until) return { xs, ys, end: "late" };
      s = alg ? alg.kernel.step(F, s, k, alg.a) : advance(s);
      if (!s) return { xs, ys, end: "stuck" };
      const x = alg ? alg.kernel.position(s) : s;
      if (!(Math.abs(x[0]) < BEYOND && Math.abs(x[1]) < BEYOND)) return { xs, ys, end: "diverged" };
      xs.push(x[0]); ys.push(x[1]);
    }
    return { xs, ys, end: null };
  };

  // What became of a path, by the rule of dg.outcome: its kind and the first row of it.
  const fate = (F, { xs, ys, end }) => {
    const [e0, e1] = F.equilibrium, size = Math.hypot(e0, e1);
    let left = -1, outside = -1;
    for (let k = 0; k < xs.length; k++) [left, outside] = RULES.fate([left, outside, k, Math.hypot(xs[k] - e0, ys[k] - e1), size]);
    if (left >= 0) return { kind: "diverged", step: left };
    if (end === "diverged") return { kind: "diverged", step: xs.length };
    if (end) return { kind: end, step: xs.length - 1 };
    return outside < xs.length - 1 ? { kind: "converged", step: outside + 1 } : { kind: "bounded", step: null };
  };

  // All paths of a side. Those not done by `until` are kept as far as they came, or else there is no answer: null.
  const all = ({ side, starts, steps, backward }, until = Infinity, keep = false) => {
    const F = Engine.field(side), back = backward && side.a === "flow", runs = [];
    for (const start of starts) {
      const path = run(side, F, start, steps, back, until);
      if (path.end === "late" && !keep) return null;
      runs.push({ ...path, fate: back ? null : fate(F, path) });
    }
    return runs;
  };

  // The box that holds all paths of all sides, a tenth wider; null without any.
  const around = shown => {
    const points = shown.flatMap(({ all }) => all.flatMap(({ xs, ys }) => xs.map((x, k) => [x, ys[k]]))).filter(x => x.every(v => Math.abs(v) <= LIMITS.largest));
    if (!points.length) return null;
    const ends = [0, 1].map(k => points.reduce(([low, high], x) => [Math.min(low, x[k]), Math.max(high, x[k])], [Infinity, -Infinity]));
    const half = 0.55 * Math.max(1e-6, ...ends.map(([low, high]) => high - low));
    return ends.flatMap(([low, high]) => [(low + high) / 2 - half, (low + high) / 2 + half]);
  };

  // In words, for a path of a side: "diverged from step 12 on".
  const words = (side, path, steps) => {
    const at = k => side.a === "flow" ? `time ${show(k * Engine.SAMPLE)}` : `step ${k}`, { fate: f, end } = path;
    if (!f) return end === "stuck" ? `has no past before ${at(path.xs.length - 1)}` : end ? `left every scale at ${at(path.xs.length - 1)}` : "";
    return { converged: `converged from ${at(f.step)} on`, diverged: `diverged from ${at(f.step)} on`,
      bounded: `undecided after ${at(steps)}`, stuck: `stops on a kink at ${at(f.step)}`, late: `stopped at ${at(f.step)}: too long for this page` }[f.kind];
  };

  return { run, all, fate, words, around };
})();
