// The cycles that starts end on, each once, and which of them each start ends on.
"use strict";

const Attractors = (() => {
  const MOST = 6, TRIES = 40, SAME = 1e-4, REST = 1e-5;
  const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  // The points of a curve are as far apart as its length allows.
  const reach = cycle => (cycle.exact && !cycle.flow ? SAME : 4 / cycle.points.length) * Math.max(cycle.largest, 1e-9);
  const on = (cycle, x) => { const near = reach(cycle); return cycle.points.some(p => distance(p, x) <= near); };
  const alike = (a, b) => Math.abs(a.period - b.period) <= SAME * a.period && Math.abs(a.mean - b.mean) <= SAME * a.mean && on(a, b.points[0]);

  // The cycles that `follow` finds from the states, and for every state the number of its own (-1: none, or not known in
  // time). `place` is where a state is, which spares those already on a cycle the search; `more` says that there are
  // more cycles than are kept.
  const collect = (states, follow, place, until) => {
    const cycles = [], of = [];
    let tries = 0, more = false;
    for (const state of states) {
      let k = place ? cycles.findIndex(cycle => on(cycle, place(state))) : -1;
      if (k < 0 && !more && tries++ < TRIES && performance.now() < until) {
        const found = follow(state);
        k = found ? cycles.findIndex(cycle => alike(cycle, found)) : -1;
        if (found && k < 0) { if (cycles.length < MOST) k = cycles.push(found) - 1; else more = true; }
      }
      of.push(k);
    }
    return { cycles, of, more };
  };

  // What the starts end on that are shown, and the cells of the map of fates that end on a cycle; `caught` are the states
  // of those cells. In the answer both are the numbers of their cycles.
  const find = ({ side, starts, caught }, until = Infinity) => {
    const F = Engine.field(side);
    if (side.a === "flow") {
      const follow = x => distance(x, F.equilibrium) > REST ? Limits.from(F, x, until) : null, { of, ...all } = collect(starts, follow, null, until);
      return { ...all, starts: of, caught: [] };
    }
    const run = Closed.rule(side, F), { kernel, a } = Engine.algorithm(side);
    const ends = starts.map(start => {
      const [state, code] = kernel.decide(F, start, F.equilibrium, LIMITS.fates, a);
      return !code && kernel.recurs(F, state, F.equilibrium, LIMITS.fates, a) ? state : null;
    });
    const { of, ...all } = collect([...ends.filter(Boolean), ...caught], state => Closed.from(run, state, until), run.place, until);
    return { ...all, starts: ends.map(state => state ? of.shift() : -1), caught: of };
  };

  return { find };
})();
