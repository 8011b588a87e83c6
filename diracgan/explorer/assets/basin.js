// What becomes of every start in a box, and after how many rounds, by the compiled rules of `dg.basin`.
"use strict";

const Basin = (() => {
  const SLICE = 120, KINDS = Object.keys(FATES), CYCLE = KINDS.indexOf("cycle"); // no other question waits longer, in ms

  // The n × n cell centres from the cell number `from` on, as many as there is time for, rows along ψ: their codes, the
  // rounds that decided, -1 where none did, and the states of those that end on a cycle.
  const part = ({ side, box: [x0, x1, y0, y1], n, from, rounds = LIMITS.fates, slice: given = SLICE }, until = Infinity, slice = given) => {
    const F = Engine.field(side), { kernel, a } = Engine.algorithm(side), end = Math.min(until, performance.now() + slice);
    const out = { codes: [], rounds: [], caught: [] };
    for (let k = from; k < n * n && (k === from || performance.now() < end); k++) {
      const start = [x0 + (k % n + 0.5) * (x1 - x0) / n, y0 + (Math.floor(k / n) + 0.5) * (y1 - y0) / n];
      const [state, code, round] = kernel.decide(F, start, F.equilibrium, rounds, a);
      const cycles = !code && kernel.recurs(F, state, F.equilibrium, rounds, a);
      out.codes.push(cycles ? CYCLE : code); out.rounds.push(round);
      if (cycles) out.caught.push(state);
    }
    return out;
  };

  return { part, KINDS };
})();
