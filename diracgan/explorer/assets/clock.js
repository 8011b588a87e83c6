// What one step counts on the axis: time for flows, 1 for algorithms, h where both are shown on one axis of time.
"use strict";

const Clock = (() => {
  const mixed = s => Boolean(s.B) && (s.A.a === "flow") !== (s.B.a === "flow");
  const per = (s, side) => side.a === "flow" ? Engine.SAMPLE : mixed(s) ? side.q.h ?? side.q.h_g ?? 0.2 : 1;
  // The steps of a side that cover what A does, and the one that is reached when A is at a step.
  const whole = x => Math.abs(x - Math.round(x)) < 1e-9 ? Math.round(x) : x;
  const steps = (s, side) => mixed(s) && side === s.B
    ? Math.max(1, Math.min(LIMITS.rounds, Math.ceil(whole(s.steps * per(s, s.A) / per(s, side))))) : s.steps;
  const index = (s, side, step = s.step) => mixed(s) && side === s.B
    ? Math.min(steps(s, side), Math.floor(whole(step * per(s, s.A) / per(s, side)))) : step;
  return { mixed, per, steps, index };
})();
