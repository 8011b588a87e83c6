// Where stability changes along one parameter: every zero of the functions that vanish where an eigenvalue crosses.
"use strict";

const Edges = (() => {
  const SAMPLES = 49, DEEPEST = 7, TINY = 1e-13;

  const bisect = (low, high, left) => {
    for (let i = 0; i < 100 && high - low > 4 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high)); i++) {
      const mid = (low + high) / 2;
      if (left(mid)) low = mid; else high = mid;
    }
    return (low + high) / 2;
  };

  // The least |f| between two points, by golden sections.
  const least = (f, a, b) => {
    const g = (Math.sqrt(5) - 1) / 2, size = t => Math.abs(f(t));
    let x = b - g * (b - a), y = a + g * (b - a), fx = size(x), fy = size(y);
    for (let i = 0; i < 60 && b - a > 1e-12 * Math.max(1e-6, Math.abs(a) + Math.abs(b)); i++) {
      if (fx < fy) { b = y; y = x; fy = fx; x = b - g * (b - a); fx = size(x); } else { a = x; x = y; fx = fy; y = a + g * (b - a); fy = size(y); }
    }
    return fx < fy ? x : y;
  };

  // Zeros of a smooth f: changes of sign are bracketed; an interval is cut as long as f may turn round inside of it.
  const zeros = (f, ts) => {
    const out = [], values = ts.map(f), scale = Math.max(TINY, Math.min(1, ...values.map(Math.abs).filter(v => v > TINY)));
    const zero = v => !(Math.abs(v) > TINY * scale);
    const between = (a, fa, b, fb, depth) => {
      if (Number.isNaN(fa) || Number.isNaN(fb)) return;
      if (fa * fb < 0) { if (!zero(fa) && !zero(fb)) out.push(bisect(a, b, t => f(t) * fa > 0)); return; }
      if (zero(fa) || zero(fb) || depth === DEEPEST) return;
      const mid = (a + b) / 2, fm = f(mid);
      if (fm * fa <= 0) { between(a, fa, mid, fm, depth + 1); between(mid, fm, b, fb, depth + 1); if (zero(fm)) out.push(mid); return; }
      if (4 * Math.abs(fm - (fa + fb) / 2) < Math.min(Math.abs(fa), Math.abs(fb))) return; // nearly straight, and far from 0
      if (Math.abs(fm) < Math.min(Math.abs(fa), Math.abs(fb))) {
        const at = least(f, a, b), v = f(at);
        if (v * fa < 0) { out.push(bisect(a, at, t => f(t) * fa > 0), bisect(at, b, t => f(t) * fa < 0)); return; }
        if (Math.abs(v) <= 1e-9 * Math.min(Math.abs(fa), Math.abs(fb))) { out.push(at); return; }
      }
      between(a, fa, mid, fm, depth + 1); between(mid, fm, b, fb, depth + 1);
    };
    for (let k = 0; k + 1 < ts.length; k++) {
      between(ts[k], values[k], ts[k + 1], values[k + 1], 0);
      if (values[k] === 0) out.push(ts[k]);
    }
    return out;
  };

  // The spans of one kind on [low, high] and the single points between two spans of one kind.
  // `at(t)` is a spectrum's matrix at a value, null without one.
  const spans = (flow, at, low, high, landmarks = []) => {
    const matrix = memo(at), kindAt = memo(t => { const M = matrix(t); return M ? Verdict.kindOf(Verdict.margin(flow, M)) : "none"; });
    const crossing = memo(t => { const M = matrix(t); return M ? Verdict.crossings(flow, M) : {}; });
    const own = landmarks.filter(t => t > low && t < high);
    const ts = [...new Set([...Array.from({ length: SAMPLES }, (_, k) => low + (high - low) * k / (SAMPLES - 1)), ...own])].sort((a, b) => a - b);
    const names = new Set(ts.flatMap(t => Object.keys(crossing(t))));
    const cuts = [...names].flatMap(name => zeros(t => crossing(t)[name] ?? NaN, ts)).map(t => own.find(x => Math.abs(x - t) < 1e-6 * (high - low)) ?? t);
    const found = pieces(kindAt, low, high, [...cuts, ...own, ...jumps(kindAt, ts, cuts)]);
    const rest = t => { const M = matrix(t); return M ? Math.abs((flow ? 0 : 1) - Verdict.number(flow, M)) : 0; };
    return { ...found, spans: sharpened(found.spans, rest) };
  };
  const memo = f => { const known = new Map(); return t => { if (!known.has(t)) known.set(t, f(t)); return known.get(t); }; };

  // Where the kind changes between two samples though no function vanishes there: a kink, or an end of the linearisation.
  const jumps = (kindAt, ts, cuts) => {
    const out = [];
    for (let k = 0; k + 1 < ts.length; k++) {
      const [a, b] = [kindAt(ts[k]), kindAt(ts[k + 1])];
      if (a === b || cuts.some(t => t >= ts[k] && t <= ts[k + 1])) continue;
      out.push(bisect(ts[k], ts[k + 1], t => kindAt(t) === a));
    }
    return out;
  };

  const pieces = (kindAt, low, high, cuts) => {
    const sorted = [...new Set(cuts)].filter(t => t > low && t < high).sort((a, b) => a - b), ends = [low];
    for (const t of sorted) if (t - ends.at(-1) > 1e-9 * (high - low)) ends.push(t);
    if (high - ends.at(-1) <= 1e-9 * (high - low)) ends[ends.length - 1] = high; else ends.push(high);
    const out = [], points = [];
    for (let k = 0; k + 1 < ends.length; k++) {
      const [a, b] = [ends[k], ends[k + 1]], kind = inside(kindAt, a, b), last = out.at(-1);
      if (last?.kind !== kind) { out.push({ kind, low: a, high: b, from: kindAt(a) === kind }); continue; }
      if (kindAt(a) !== kind) points.push({ at: a, kind: kindAt(a) });
      last.high = b;
    }
    for (const piece of out) piece.to = kindAt(piece.high) === piece.kind;
    return { spans: out, points };
  };
  // A margin that starts like a power of the distance is 0 to the tolerance at first: that is no change of stability,
  // and it shows where what is left to the boundary is much more than rounding.
  const sharpened = (spans, rest) => {
    const out = [];
    spans.forEach((piece, k) => {
      const near = [[1, spans[k + 1]], [-1, spans[k - 1]]].find(([way, other]) => other && piece.kind === "neutral" && ["stable", "unstable"].includes(other.kind)
        && rest((way > 0 ? piece.high : piece.low) - 0.02 * way * (piece.high - piece.low)) > 3e-15);
      const kind = near ? near[1].kind : piece.kind, last = out.at(-1);
      if (last?.kind === kind) { last.high = piece.high; last.to = piece.to; } else out.push({ ...piece, kind });
    });
    return out;
  };

  // Near a double zero a margin is 0 to rounding for a while: what holds in most of the piece counts.
  const inside = (kindAt, a, b) => {
    const kinds = [0.618, 0.309, 0.866].map(s => kindAt(a + s * (b - a)));
    return kinds.find(k => k !== "neutral" && k !== "none") ?? kinds[0];
  };

  return { spans, bisect };
})();
