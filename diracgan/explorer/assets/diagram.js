// What is left after a transient, over one parameter: the rounds that `dg.bifurcation` keeps.
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

  // The columns from the number `from` on, as many as there is time for.
  const part = (job, until = Infinity, slice = SLICE) => {
    const end = Math.min(until, performance.now() + slice), columns = [];
    for (let k = job.from; k < job.n && (k === job.from || performance.now() < end); k++) columns.push(column(job, value(job, k)));
    return columns;
  };

  return { part, value };
})();
