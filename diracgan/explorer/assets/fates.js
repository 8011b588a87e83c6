// The fate of every start in the view: coarse first, and finer as long as nothing else is asked.
"use strict";

const Fates = (() => {
  const { put, clear } = Models, { KINDS } = Basin, LEVELS = [16, 32, 64, 128], known = new Map();
  const WORDS = { converged: "converges", cycle: "cycles", diverged: "diverges", unresolved: "is undecided" };
  const NO_ROUNDS = "a flow has no rounds to count: choose an algorithm";

  const wanted = s => s.layers.includes("fates") || s.layers.includes("times");
  const rest = (s, side) => ({ side: { ...side, p: { ...side.p }, q: { ...side.q } }, box: [...s.box] });
  const percent = (count, all) => {
    const p = Math.round(100 * count / all);
    return `${p === 100 && count < all ? "more than 99" : p === 0 && count ? "less than 1" : p} %`;
  };
  const share = (found, kind) => percent(found.counts[KINDS.indexOf(kind)], found.n ** 2);

  // The picture stays where it is true while the view moves, and goes when the side changes.
  const image = (name, n, values, [x0, x1, y0, y1]) => {
    const { ndarray } = Bokeh.require("core/util/ndarray");
    put(name, { image: [ndarray(Float64Array.from(values), { dtype: "float64", shape: [n, n] })], x: [x0], y: [y0], dw: [x1 - x0], dh: [y1 - y0] });
  };
  const picture = (tag, { n, codes, rounds, box }, on) => {
    if (on("fates")) image("fates" + tag, n, codes, box); else clear("fates" + tag);
    const times = codes.map((code, k) => KINDS[code] === "converged" ? Math.max(1, rounds[k]) : NaN);
    if (on("times")) { Times.fit(tag, times); image("times" + tag, n, times, box); } else clear("times" + tag);
  };
  const erase = tag => { clear("fates" + tag); clear("times" + tag); Times.fit(tag, []); };
  const begin = (tag, job) => {
    const name = JSON.stringify(job), old = known.get(tag);
    if (old?.name === name) return old;
    if (!old || old.side !== JSON.stringify(job.side)) erase(tag);
    const one = { name, side: JSON.stringify(job.side), level: 0, codes: [], rounds: [], caught: [], found: null };
    known.set(tag, one);
    return one;
  };

  // What is known of the fates in the view, or null; the other question is left to `ask`.
  const draw = (tag, s, side) => {
    if (!wanted(s) || side.a === "flow") { erase(tag); known.delete(tag); return null; }
    const { found } = begin(tag, rest(s, side));
    if (found) picture(tag, found, layer => s.layers.includes(layer));
    return found;
  };
  const ask = (tag, s, side, done) => {
    if (!wanted(s) || side.a === "flow") return;
    const job = rest(s, side), one = begin(tag, job), n = LEVELS[one.level];
    if (!n) return;
    Work.ask(`fates${tag}`, "fates", { ...job, n, from: one.codes.length }, answer => {
      for (const part of ["codes", "rounds", "caught"]) one[part].push(...answer[part]);
      if (one.codes.length === n * n) {
        const { codes, rounds, caught } = one;
        one.found = { n, codes, rounds, caught, box: job.box, counts: KINDS.map((_, k) => one.codes.reduce((sum, code) => sum + (code === k), 0)), last: n === LEVELS.at(-1) };
        picture(tag, one.found, layer => s.layers.includes(layer));
        one.codes = []; one.rounds = []; one.caught = []; one.level++;
        done(one.found);
      }
      ask(tag, s, side, done);
    });
  };

  // The end of the headline: the share that converges, or else the fate of most.
  const headline = found => {
    if (!found) return "";
    const most = found.counts[KINDS.indexOf("converged")] ? "converged" : KINDS[found.counts.indexOf(Math.max(...found.counts))];
    return `; ${share(found, most)} of this view ${WORDS[most]}`;
  };

  // What the colours say, one line for each side.
  const legend = (s, shown) => {
    const { make } = Controls, host = document.getElementById("fates");
    host.hidden = !wanted(s);
    if (host.hidden) return;
    const line = ({ side, fates }, k) => {
      const begin = shown.length > 1 ? (a, b) => `${"AB"[k]}: ${a.toLowerCase()}${b}` : (a, b) => a + b;
      if (side.a === "flow") return [begin("No fates", `, since ${NO_ROUNDS}.`)];
      if (!fates) return [begin("Computing", " the fates of the starts …")];
      const kinds = Object.keys(WORDS).filter(kind => fates.counts[KINDS.indexOf(kind)]);
      return [begin("Fates", ` of ${fates.n} × ${fates.n} starts, in ${LIMITS.fates} rounds${fates.last ? "" : ", still refining"}: `),
        ...kinds.flatMap((kind, i) => [i ? ", " : "", make("span", { class: "patch", style: `background: ${FATES[kind]}66` }), ` ${share(fates, kind)} ${WORDS[kind]}`]), "."];
    };
    const bar = s.layers.includes("times") && shown.some(one => one.fates) ? Times.bar() : [];
    host.replaceChildren(...bar, ...shown.flatMap((one, k) => [...(k ? [make("br", {})] : []), ...line(one, k)]));
  };

  return { draw, ask, headline, legend };
})();
