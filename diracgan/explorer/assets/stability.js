// What is known of stability around the values that are set, in words.
"use strict";

const Stability = (() => {
  const { eigenvalues, modulus } = Numerics;
  const WORDS = { stable: "Stable", neutral: "Neutral", unstable: "Unstable", none: "No linearisation" };

  // The spans of one kind along a slider.
  const along = (side, { key, span: [low, high], d, value }) => {
    const first = d.open && low === d.low ? low + 1e-9 * (high - low) : low;
    const at = Engine.family(side), found = Edges.spans(side.a === "flow", t => at({ [key]: t }), first, high, [0, value]);
    found.spans[0].low = low;
    return found;
  };

  // `low < γ < high`; a bound that is only where the slider ends is called so.
  const range = (piece, { span, d }) => {
    const name = State.symbol(d), ends = [];
    const closed = (at, within, limit, own) => {
      if (at === limit && at !== own) ends.push(show(at));
      return at === limit && within && !(d.open && at === d.low) ? "≤" : "<";
    };
    const text = `${show(piece.low, 5)} ${closed(piece.low, piece.from, span[0], d.low)} ${name} ${closed(piece.high, piece.to, span[1], d.high)} ${show(piece.high, 5)}`;
    return text + (ends.length ? ` (${ends.join(" and ")}: only the slider's end${ends.length > 1 ? "s" : ""})` : "");
  };

  // What the slider in hand does to stability, around its value; `spans` and `points` are those of `along`.
  const neighbourhood = (side, slider, { spans, points }) => {
    const { value, d, span: [low, high] } = slider, name = State.symbol(d), near = 1e-9 * (high - low);
    const M = Engine.linearised(side), kind = M ? Verdict.kindOf(Verdict.margin(side.a === "flow", M)) : "none";
    const point = points.find(p => Math.abs(p.at - value) <= near);
    const below = spans.findLast(p => p.low < value - near), above = spans.find(p => p.high > value + near);
    if (kind === "neutral" && (point || below !== above) && [below, above].every(p => p?.kind !== "neutral"))
      return `Neutral only at ${name} = ${show(value)}: ${!below || !above || below.kind === above.kind ? `${(below ?? above).kind} ${below && above ? "on both sides" : "beside it"}` : `${below.kind} below, ${above.kind} above`} (others fixed).`;
    const here = [above, below].find(p => p?.kind === kind);
    if (!here || kind === "none") return null;
    const inner = points.filter(p => p.at > here.low && p.at < here.high).map(p => `${show(p.at)} (${p.kind === "none" ? "no linearisation" : p.kind})`);
    const others = kind === "stable" ? [] : spans.filter(p => p.kind === "stable").map(p => range(p, slider));
    return `${WORDS[kind]} for ${range(here, slider)}${inner.length ? ` except ${inner.join(", ")}` : ""}; here ${name} = ${show(value)} (others fixed).`
      + (others.length ? ` Stable for ${others.join(" and for ")}.` : "");
  };

  // A discriminator that is damped and a generator that is not, J = [[0, -c], [c, -γ]]: the conditions of the lemmas.
  const damped = F => {
    const [[a, b], [c, d]] = F.jacobian(F.equilibrium), near = (x, y) => Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(x));
    return near(a, 0) && near(b, -c) && c > 0 && d <= 1e-12 ? { c, g: near(d, 0) ? 0 : -d } : null;
  };
  const near = (x, y) => Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(x));
  const sign = (x, y) => near(x, y) ? "=" : x < y ? "<" : ">";

  const theorem = (side, F) => {
    const known = F.kinked(F.equilibrium) ? null : damped(F);
    if (!known) return null;
    const { c, g } = known, h = side.q.h, f = "f'(0)";
    const own = side.p.gamma ?? INFO.methods[side.m].parameters.find(q => q.name === "gamma")?.default;
    const G = own !== undefined && near(own, g) ? "γ" : "γ_eff";
    const eff = G === "γ" ? "" : "_eff", limit = (value, formula) => `h = ${show(h)} ${sign(h, value)} {${formula}${eff}} = ${show(value)}`;
    const J = F.jacobian(F.equilibrium).flat(), critical = RULES.critical([c]);
    if (side.a === "flow") return !g ? `Undamped: ${f} = ${show(c)}, μ = ±i{pair} = ±${show(RULES.frequency([c]))}i, neutral for the flow.`
      : `${G} = ${show(g)} ${sign(g, critical)} {critical} = ${show(critical)}: ${near(g, critical) ? "critical, the fastest flow" : g < critical ? "a focus" : "a node, slower again"}.`;
    if (h === undefined) return null;
    if (side.a === "simgd") return !g ? `Undamped, |λ|² = {undamped} = ${show(RULES.undamped([h, c]))} > 1: SimGD converges for no h.`
      : `Stable if and only if h is below the limit: ${limit(RULES.simgd(J), g < critical ? "simgd" : "simgdnode")}.`;
    if (side.a !== "altgd" || (side.q.n_g ?? 1) !== 1 || (side.q.n_d ?? 1) !== 1) return null;
    const end = RULES.altgd(J);
    return !g ? `Undamped, ${near(h, end) ? "at the limit, a double λ = −1" : h > end ? "unstable beyond the limit" : "neutral below the limit"}: ${limit(end, "altgd0")}.`
      : `Stable if and only if h is below the limit: ${limit(end, "altgd")}.`;
  };

  // Other cases: the smallest learning rate at which stability changes, found on the multipliers themselves.
  const RATES = [-4, 4];
  const firstChange = side => {
    const at = Engine.family(side), { spans } = Edges.spans(false, u => at({ "a.h": 10 ** u }), ...RATES);
    const decided = spans.filter(p => p.kind !== "none"), [first, second] = decided;
    if (!first) return null;
    return second ? { at: 10 ** second.low, from: first.kind, to: second.kind } : { at: Infinity, from: first.kind, to: first.kind };
  };
  const general = (side, F) => {
    const h = side.q.h;
    if (side.a === "flow" || h === undefined || F.kinked(F.equilibrium) || theorem(side, F)) return null;
    if (side.a === "simgd") {
      const J = F.jacobian(F.equilibrium).flat(), limit = RULES.simgd(J);
      return RULES.flow(J) > 0 ? `Stable if and only if h = ${show(h)} ${h < limit ? "<" : "≥"} min −2 Re μ/|μ|² = ${show(limit)}.` : null;
    }
    const first = firstChange(side);
    if (!first) return null;
    if (first.at === Infinity) return `${WORDS[first.from]} at every h tested from 10⁻⁴ to 10⁴.`;
    return `The smallest learning rate at which stability changes is h = ${show(first.at)} (from ${first.from} to ${first.to}); here h = ${show(h)}.`;
  };

  // The type of a fixed point, from the eigenvalues of the map itself; without multipliers, that of the flow.
  const pointType = (side, F, x) => {
    const map = side.a !== "flow" && !Engine.withoutMultipliers(side), M = map ? Engine.matrix(side, F, null, x) : F.jacobian(x);
    const { kind } = Verdict.judge(!map, M);
    if (kind === "overflow") return { kind: "unstable", shape: "node", name: "unstable beyond every number" };
    const eig = eigenvalues(M), out = eig.map(z => map ? modulus(z) - 1 : z[0]), lead = eig[out.indexOf(Math.max(...out))] ?? eig[0];
    const saddle = M.length === 2 ? out[0] * out[1] < 0 && !lead[1] && kind === "unstable" : kind === "unstable" && !lead[1] && lead[0] > 1;
    const shape = saddle ? "saddle" : lead[1] ? (kind === "neutral" ? "centre" : "focus") : "node";
    const name = saddle || shape === "centre" ? shape : `${kind} ${shape}`;
    return side.a === "flow" || map ? { kind, shape, name } : { kind: "unknown", shape, name: `${name} of the flow` };
  };

  return { along, neighbourhood, theorem, general, firstChange, pointType };
})();
