// Where stability changes along a hyper-parameter, and what is known in closed form.
"use strict";

const Stability = (() => {
  const { eigenvalues, modulus } = Numerics;

  // The margin of the linearisation at one value, NaN without one; and its kind, neutral on the boundary to rounding.
  const marginAt = (side, what) => {
    const flow = side.a === "flow";
    return value => {
      const s = Engine.spectrum(side, { [what]: value });
      return s ? Engine.judge(flow, s.M, s.values).margin : NaN;
    };
  };
  const toleranceOf = side => (Engine.spectrum(side)?.M.length ?? 2) === 2 ? 32 * Number.EPSILON : 1e-10;
  const kinds = tolerance => m => Number.isNaN(m) ? "none" : m > tolerance ? "stable" : m < -tolerance ? "unstable" : "neutral";

  const bisect = (low, high, left) => {
    for (let i = 0; i < 60; i++) { const mid = (low + high) / 2; if (left(mid)) low = mid; else high = mid; }
    return +((low + high) / 2).toPrecision(12);
  };

  // Between stable and unstable the edge is a zero of the margin itself, without a tolerance.
  const edge = (margin, kindOf, from, to, low, high) => {
    const decided = from.endsWith("stable") && to.endsWith("stable"), sign = from === "stable" ? 1 : -1;
    const at = bisect(low, high, decided ? t => sign * margin(t) > 0 : t => kindOf(margin(t)) === from);
    // A margin that is a high power of the distance from 0 is lost in rounding before it vanishes there.
    return Math.abs(at) < 0.01 * (high - low) && Math.abs(margin(0)) < 1e-7 ? 0 : at;
  };

  // A margin that starts like a power of the distance is 0 to rounding at first: that is no change of stability.
  const sharp = (margin, at, towards) => Math.abs(margin(at + 0.1 * (towards - at))) > 1e-9;

  // The spans of one kind between the samples `ts`; a single neutral sample is a point, not a span.
  const pieces = (margin, kindOf, ts) => {
    const found = ts.map(t => kindOf(margin(t))), points = [], out = [];
    found.forEach((kind, k) => {
      const last = out.at(-1), alone = kind !== found[k - 1] && kind !== found[k + 1];
      if (alone && (kind === "neutral" || kind === "none")) { if (kind === "neutral") points.push(ts[k]); return; }
      if (last?.kind === kind) { last.to = k; return; }
      out.push({ kind, from: k, to: k });
    });
    const bounded = [];
    for (const piece of out) {
      const last = bounded.at(-1), next = { kind: piece.kind, low: ts[piece.from], high: ts[piece.to] };
      if (!last) { bounded.push(next); continue; }
      const [a, b] = [last.high, next.low], pair = last.kind + " " + next.kind;
      const at = edge(margin, kindOf, last.kind, next.kind, a, b);
      const blurred = last.kind === "neutral" ? !sharp(margin, at, b) : next.kind === "neutral" && !sharp(margin, at, a);
      if (blurred && !pair.includes("none")) { if (last.kind === "neutral") last.kind = next.kind; last.high = next.high; continue; }
      last.high = at; next.low = at; bounded.push(next);
    }
    return { spans: bounded, points };
  };

  const along = (side, { key, span: [low, high], d }, count = 33) => {
    const first = d.open && low === d.low ? low + 1e-4 * (high - low) : low;
    const ts = Array.from({ length: count }, (_, k) => k ? low + (high - low) * k / (count - 1) : first);
    return pieces(marginAt(side, key), kinds(toleranceOf(side)), ts);
  };

  const WORDS = { stable: "Stable", neutral: "Neutral", unstable: "Unstable", none: "No linearisation" };
  // What the slider in hand does to stability, around its value.
  const neighbourhood = (side, slider) => {
    const { key, span, value, d } = slider, { spans, points } = along(side, slider), name = State.symbol(d);
    const kind = kinds(toleranceOf(side))(marginAt(side, key)(value)), near = 1e-9 * Math.max(1, Math.abs(value));
    const left = spans.findLast(p => p.low < value - near) ?? spans[0], right = spans.find(p => p.high > value + near) ?? spans.at(-1);
    if (!left) return null;
    if (kind === "neutral" && left.kind !== "neutral" && right.kind !== "neutral")
      return `Neutral only at ${name} = ${show(value)}: ${left.kind === right.kind ? `${left.kind} on both sides` : `${left.kind} below, ${right.kind} above`} (others fixed).`;
    const here = spans.find(p => p.kind === kind && p.low <= value + near && value <= p.high + near), spec = Engine.spectrum(side);
    // Within the verdict's own tolerance nothing is said that would contradict it.
    if (!here || kind === "none" || Engine.judge(side.a === "flow", spec.M, spec.values).kind !== kind) return null;
    if (here.high - here.low < 1e-9 * (span[1] - span[0])) return `${WORDS[kind]} at ${name} = ${show(value)}, and no linearisation beside it (others fixed).`;
    const [low, high] = [here === spans[0] ? span[0] : here.low, here === spans.at(-1) ? span[1] : here.high];
    const inner = points.filter(t => t > low && t < high).map(t => show(t));
    const but = inner.length ? ` except ${inner.join(", ")} (neutral)` : "";
    const sign = (end, limit) => end === limit && !points.includes(end) && !(d.open && end === d.low) ? "≤" : "<";
    return `${WORDS[kind]} for ${show(low)} ${sign(low, span[0])} ${name} ${sign(high, span[1])} ${show(high)}${but}; here ${name} = ${show(value)} (others fixed).`;
  };

  // A discriminator that is damped and a generator that is not, J = [[0, -c], [c, -γ]]: the conditions of the lemmas.
  const theorem = (side, F) => {
    if (F.kinked(F.equilibrium)) return null;
    const [[a, b], [c, d]] = F.jacobian(F.equilibrium), near = (x, y) => Math.abs(x - y) <= 1e-12;
    const g = -d, h = side.q.h, f = "f'(0)", sign = (x, y) => near(x, y) ? "=" : x < y ? "<" : ">";
    if (!near(a, 0) || !near(b, -c) || c <= 0 || g < -1e-12) return general(side, F);
    const own = side.p.gamma ?? INFO.methods[side.m].parameters.find(q => q.name === "gamma")?.default;
    const G = own !== undefined && near(own, g) ? "γ" : "γ_eff";
    const state = (value, limit, formula) => `h = ${show(value)} ${sign(value, limit)} ${formula} = ${show(limit)}`;
    if (side.a === "flow") return near(g, 0) ? `Undamped: μ = ±i${f}, neutral for the flow (${f} = ${show(c)}).`
      : `${G} = ${show(g)} ${sign(g, 2 * c)} 2${f} = ${show(2 * c)}: ${near(g, 2 * c) ? "critical, the fastest flow" : g < 2 * c ? "a focus" : "a node, slower again"}.`;
    if (side.a === "simgd" && h !== undefined) {
      if (near(g, 0)) return `Undamped, |λ|² = 1 + h²${f}² = ${show(1 + h * h * c * c)} > 1: SimGD converges for no h.`;
      return "Stable if and only if h is below the limit: " + (g <= 2 * c ? state(h, g / (c * c), `${G}/${f}²`)
        : state(h, 4 / (g + Math.sqrt(g * g - 4 * c * c)), `4/(${G} + √(${G}² − 4${f}²))`)) + ".";
    }
    if (side.a === "altgd" && h !== undefined && (side.q.n_g ?? 1) === 1 && (side.q.n_d ?? 1) === 1) {
      if (near(g, 0)) return `Undamped, ${h > 2 / c && !near(h, 2 / c) ? "unstable beyond the limit" : near(h, 2 / c) ? "at the limit, a double λ = −1" : "neutral below the limit"}: ${state(h, 2 / c, `2/${f}`)}.`;
      return `Stable if and only if h is below the limit: ${state(h, 4 / (g + Math.sqrt(g * g + 4 * c * c)), `4/(${G} + √(${G}² + 4${f}²))`)}.`;
    }
    return general(side, F);
  };

  // Learning rates as far apart as those of `dg.critical_step`, more coarsely; the first that is decided counts.
  const RATES = Array.from({ length: 321 }, (_, k) => 10 ** (-4 + k / 40));
  const known = new Map();
  const firstChange = side => {
    const key = JSON.stringify([side.m, side.p, side.a, { ...side.q, h: 0 }]);
    if (known.size > 20) known.clear();
    if (!known.has(key)) known.set(key, scan(marginAt(side, "a.h"), kinds(toleranceOf(side))));
    return known.get(key);
  };
  const scan = (margin, kindOf) => {
    let before = null, kind = "neutral";
    for (const rate of RATES) {
      const now = kindOf(margin(rate));
      if (now === "none") continue;
      if (before !== null && now !== kind && now !== "neutral") {
        const at = edge(margin, kindOf, kind, now, before, rate);
        if (kind !== "neutral" || sharp(margin, at, rate)) return { at, from: kind, to: now };
      }
      if (now !== "neutral" || kind === "neutral") { before = rate; kind = now; }
    }
    return before === null ? null : { at: Infinity, from: kind, to: kind };
  };

  // Other cases: the smallest learning rate at which stability changes, found on the multipliers themselves.
  const general = (side, F) => {
    const h = side.q.h;
    if (side.a === "flow" || h === undefined) return null;
    if (side.a === "simgd") {
      const limit = Math.min(...eigenvalues(F.jacobian(F.equilibrium)).map(z => -2 * z[0] / (z[0] ** 2 + z[1] ** 2)));
      return limit > 1e-12 ? `Stable if and only if h = ${show(h)} ${h < limit ? "<" : "≥"} min −2 Re μ/|μ|² = ${show(limit)}.` : null;
    }
    const first = firstChange(side);
    if (!first) return null;
    if (first.at === Infinity) return `${WORDS[first.from]} at every h tested from 10⁻⁴ to 10⁴.`;
    return `The smallest learning rate at which stability changes is h = ${show(first.at)} (from ${first.from} to ${first.to}); here h = ${show(h)}.`;
  };

  // The type of a fixed point, from the eigenvalues of the map itself; without multipliers, that of the flow.
  const pointType = (side, F, x) => {
    const map = side.a !== "flow" && !Engine.withoutMultipliers(side), J = F.jacobian(x);
    const M = map ? Engine.matrix(side, F, null, x) : J, eig = eigenvalues(M), kind = Engine.judge(!map, M, eig).kind;
    const out = eig.map(z => map ? modulus(z) - 1 : z[0]), lead = eig[out.indexOf(Math.max(...out))];
    const saddle = M.length === 2 ? out[0] * out[1] < 0 && !lead[1] && kind === "unstable" : kind === "unstable" && !lead[1] && lead[0] > 1;
    const shape = saddle ? "saddle" : lead[1] ? (kind === "neutral" ? "centre" : "focus") : "node";
    const name = saddle || shape === "centre" ? shape : `${kind} ${shape}`;
    return side.a === "flow" || map ? { kind, shape, name } : { kind: "neutral", shape, name: `${name} of the flow` };
  };

  return { along, neighbourhood, theorem, pointType, firstChange };
})();
