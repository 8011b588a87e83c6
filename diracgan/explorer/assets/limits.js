// Limit cycles of the flow: the fixed points of the return map to a ray, with their period and Floquet multiplier.
"use strict";

const Limits = (() => {
  const LONGEST = 400, NEAR = 1e-4, PLAIN = 3, QUARTERS = 4, NUDGE = 1e-5, ROUGH = 1e-4;
  const divergence = (F, x) => { const [[a], [, d]] = F.jacobian(x); return a + d; };
  const angle = (a, b) => Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);

  // A span of time from x, with the turn around the equilibrium and, by Simpson's rule, the integrals of the divergence
  // and of the radius; null where the flow cannot be continued.
  const leg = (F, advance, x, span) => {
    const e = F.equilibrium, points = [x];
    let turn = 0;
    for (let k = 0; k < QUARTERS; k++) {
      const next = advance(points[k], span / QUARTERS);
      if (!next || !next.every(Number.isFinite)) return null;
      turn += angle(points[k].map((v, i) => v - e[i]), next.map((v, i) => v - e[i]));
      points.push(next);
    }
    const simpson = f => span / 12 * (f(points[0]) + 4 * f(points[1]) + 2 * f(points[2]) + 4 * f(points[3]) + f(points[4]));
    return { points, turn, end: points[QUARTERS], spread: F.smooth ? simpson(y => divergence(F, y)) : NaN, radius: simpson(y => Math.hypot(y[0] - e[0], y[1] - e[1])) };
  };

  // One revolution from the point of the ray at a radius.
  const turned = (F, ray, radius, until) => {
    const advance = Flow.sampler(F, false), e = F.equilibrium, points = [];
    let x = [e[0] + radius * ray[0], e[1] + radius * ray[1]], time = 0, turn = 0, spread = 0, along = 0;
    while (time < LONGEST) {
      if (performance.now() > until) return null;
      const one = leg(F, advance, x, Flow.SAMPLE);
      if (!one) return null;
      if (Math.abs(turn + one.turn) < 2 * Math.PI) {
        points.push(...one.points.slice(0, -1));
        x = one.end; time += Flow.SAMPLE; turn += one.turn; spread += one.spread; along += one.radius;
        continue;
      }
      let low = 0, high = Flow.SAMPLE, last = one;
      for (let k = 0; k < 45; k++) {
        const mid = (low + high) / 2;
        last = leg(F, advance, x, mid);
        if (!last) return null;
        if (Math.abs(turn + last.turn) < 2 * Math.PI) low = mid; else high = mid;
      }
      points.push(...last.points.slice(0, -1));
      const end = last.end, r = Math.hypot(end[0] - e[0], end[1] - e[1]), n = [-ray[1], ray[0]], across = y => { const v = F.velocity(y); return n[0] * v[0] + n[1] * v[1]; };
      const area = Math.exp(spread + last.spread);
      return { radius: r, time: time + high, points, area, mean: along + last.radius, slope: area * across([e[0] + radius * ray[0], e[1] + radius * ray[1]]) / across(end) };
    }
    return null;
  };
  // Across kinks the slope carries what happens there: it is a difference of revolutions. Where the two sides differ, as
  // on a face that only the outside is drawn to, it is that of the side which is drawn less.
  const returned = (F, ray, radius, until) => {
    const one = turned(F, ray, radius, until);
    if (!one || F.smooth) return one;
    const [a, b] = [-1, 1].map(way => turned(F, ray, radius * (1 + way * NUDGE), until));
    if (!a || !b) return null;
    const inner = (one.radius - a.radius) / (NUDGE * radius), outer = (b.radius - one.radius) / (NUDGE * radius);
    const differ = Math.abs(inner - outer) > 1e-2;
    return { ...one, slope: !differ ? (inner + outer) / 2 : Math.abs(inner) > Math.abs(outer) ? inner : outer };
  };

  // The closed orbit on which the flow from `start` ends, or null where it arrives, leaves or does not go round.
  const from = (F, start, until = Infinity) => {
    const e = F.equilibrium, offset = [start[0] - e[0], Math.max(-F.bound, Math.min(F.bound, start[1])) - e[1]];
    let radius = Math.hypot(...offset), low = 0, high = Infinity, found = null;
    const tolerance = F.smooth ? 1e-10 : 1e-8;
    if (!(radius > NEAR)) return null;
    // A point a little further on: on a kink or on the bound the section would meet another event.
    const v = F.velocity([e[0] + offset[0], e[1] + offset[1]]), way = Math.sign(offset[0] * v[1] - offset[1] * v[0]) || 1;
    const turn = Math.atan2(offset[1], offset[0]) + 0.4 * way, ray = [Math.cos(turn), Math.sin(turn)];
    for (let k = 0; k < 80; k++) {
      found = returned(F, ray, radius, until);
      if (!found || found.radius > 1e6) return null;
      const away = found.radius - radius;
      if (Math.abs(away) <= tolerance * radius || high - low <= 1e-13 * radius) return measured(F, found);
      if (k < PLAIN) { radius = found.radius; continue; }
      if (away > 0) low = Math.max(low, radius); else high = Math.min(high, radius);
      const step = found.slope < 1 ? Math.min(3 * radius, Math.max(radius / 3, radius + away / (1 - found.slope))) : found.radius;
      const bracketed = low > 0 && Number.isFinite(high);
      radius = bracketed && !(low < step && step < high) ? (low + high) / 2 : step;
      if (radius < NEAR) return null;
    }
    return null;
  };
  const measured = (F, { time, points, mean, area, slope }) => {
    const r = points.map(x => Math.hypot(x[0] - F.equilibrium[0], x[1] - F.equilibrium[1])), floquet = F.smooth ? area : slope;
    // A difference of revolutions is no better known than that.
    const size = !F.smooth && Math.abs(Math.abs(floquet) - 1) < ROUGH ? 1 : Math.abs(floquet);
    return { period: time, exact: true, flow: true, points, multipliers: [[1, 0], [floquet, 0]], kind: Closed.kindOf(size), mean: mean / time, least: Math.min(...r), largest: Math.max(...r) };
  };

  return { from };
})();
