// Integral curves of a field, by the compiled Runge-Kutta rule of order 4 at fixed steps.
"use strict";

const Flow = (() => {
  const SAMPLE = 0.1, SUBSTEPS = 4, SHORTEST = 1e-10;
  const rule = () => KERNELS.algorithms["runge-kutta"]["order=4"];

  // The projected flow, which notes when a stage of a step meets another branch of the field than the step began on.
  const watched = (F, way) => {
    const field = { bound: F.bound, branch: null, crossed: false };
    field.at = x => {
      const inside = [x[0], Math.max(-F.bound, Math.min(F.bound, x[1]))], v = F.velocity(inside);
      const held = Math.abs(x[1]) >= F.bound && Math.sign(way * v[1]) === Math.sign(x[1]);
      return { v: held ? [v[0], 0] : v, held, branch: 2 * F.branch(inside) + held };
    };
    field.velocity = x => {
      const { v, branch } = field.at(x);
      if (branch !== field.branch) field.crossed = true;
      return v;
    };
    return field;
  };

  // A span of time further, by default one sample: a step that meets a kink or the bound is halved until the crossing is
  // located.
  const across = (F, way) => {
    const field = watched(F, way), rk = rule(), longest = SAMPLE / SUBSTEPS / 2;
    return (start, span = SAMPLE) => {
      let s = start, left = span, h = longest, tiny = 0;
      while (left > 1e-14) {
        // On the bound the past is not unique, and orbits that leave it have none at all: it ends here.
        if (way < 0 && field.at(s).held) return null;
        const step = Math.min(h, left), signed = way * step;
        field.branch = field.at(s).branch; field.crossed = false;
        const next = rk.step(field, s, 0, { h_g: signed, h_d: signed });
        if ((field.crossed || field.at(next).branch !== field.branch) && step > SHORTEST) { h = step / 2; continue; }
        if (step <= SHORTEST && ++tiny > 200) return null; // caught on a kink that attracts from both sides
        s = next; left -= step; h = Math.min(longest, 2 * h);
      }
      return s;
    };
  };

  const sampler = (F, backward) => {
    const way = backward ? -1 : 1;
    if (!F.smooth) return across(F, way);
    const rk = rule();
    return (start, span = SAMPLE) => {
      const n = Math.max(1, Math.ceil(span * SUBSTEPS / SAMPLE - 1e-9)), h = way * span / n, rates = { h_g: h, h_d: h };
      let s = start;
      for (let i = 0; i < n; i++) s = rk.step(F, s, 0, rates);
      return s;
    };
  };

  return { SAMPLE, sampler };
})();
