// What is left after a transient, over one parameter: the rounds that `dg.bifurcation` keeps, and of a flow its extremes.
"use strict";

const Diagram = (() => {
  const SLICE = 120, FAR = 1e6;

  const value = ({ low, high, n }, k) => low + (high - low) * k / (n - 1);
  // The rounds that are kept at one value, as places and distances to the equilibrium; NaN from where the orbit is lost.
  const column = ({ side, key, start, transient, keep }, at) => {
    const values = { [key]: at }, F = Engine.field(side, values), { kernel, a } = Engine.algorithm(side, values), [e0, e1] = F.equilibrium;
    const theta = new Float64Array(keep).fill(NaN), psi = new Float64Array(keep).fill(NaN), radius = new Float64Array(keep).fill(NaN);
    let s = kernel.init(F, start, a);
    for (let k = 0; k < transient + keep; k++) {
      s = kernel.step(F, s, k, a);
      const x = kernel.position(s), r = Math.hypot(x[0] - e0, x[1] - e1);
      if (k < transient) { if (!Number.isFinite(r)) break; continue; }
      if (r < FAR) { theta[k - transient] = x[0]; psi[k - transient] = x[1]; radius[k - transient] = r; }
    }
    return { theta, psi, radius };
  };

  // The extremes of a sampled curve, each at the vertex of the parabola through three samples; where there is none, it
  // rests or creeps, and its end stands for it.
  const extremes = v => {
    const found = [];
    for (let k = 1; k + 1 < v.length; k++) {
      const [before, after] = [v[k] - v[k - 1], v[k + 1] - v[k]];
      if (before * after < 0) found.push(v[k] - (before + after) ** 2 / (8 * (after - before)));
    }
    return found.length ? found : v.slice(-1);
  };
  // The same of a flow, between two times in samples; nothing where the orbit leaves every scale or ends.
  const flowing = ({ side, key, start, transient, keep }, at) => {
    const F = Engine.field(side, { [key]: at }), advance = Flow.sampler(F, false), [e0, e1] = F.equilibrium, theta = [], psi = [], radius = [];
    let x = [start[0], Math.max(-F.bound, Math.min(F.bound, start[1]))];
    for (let k = 0; k < transient + keep; k++) {
      x = advance(x);
      const r = x ? Math.hypot(x[0] - e0, x[1] - e1) : NaN;
      if (!(r < FAR)) return { theta: [], psi: [], radius: [] };
      if (k >= transient) { theta.push(x[0]); psi.push(x[1]); radius.push(r); }
    }
    return { theta: extremes(theta), psi: extremes(psi), radius: extremes(radius) };
  };

  // The columns from the number `from` on, as many as there is time for.
  const part = (job, until = Infinity, slice = SLICE) => {
    const end = Math.min(until, performance.now() + slice), columns = [];
    for (let k = job.from; k < job.n && (k === job.from || performance.now() < end); k++) columns.push((job.side.a === "flow" ? flowing : column)(job, value(job, k)));
    return columns;
  };

  return { part, value };
})();
