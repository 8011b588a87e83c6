// The scale of the map of the rounds that starts take to converge: one for both sides, from the fewest to the most.
"use strict";

const Times = (() => {
  const spans = new Map();
  const span = () => {
    const all = [...spans.values()];
    if (!all.length) return null;
    const low = Math.min(...all.map(s => s[0])), high = Math.max(...all.map(s => s[1]));
    return [low, Math.max(high, low + 1)];
  };

  const fit = (tag, rounds) => {
    let low = Infinity, high = 0;
    for (const v of rounds) if (v > 0) { low = Math.min(low, v); high = Math.max(high, v); }
    if (high) spans.set(tag, [low, high]); else spans.delete(tag);
    const both = span();
    if (both) for (const name of ["", "B"]) Models.model("timescolours" + name).setv({ low: both[0], high: both[1] });
  };

  const bar = () => {
    const both = span();
    if (!both) return [];
    const { make } = Controls, [low, high] = both, share = v => 100 * Math.log(v / low) / Math.log(high / low);
    const between = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter(v => share(v) > 15 && share(v) < 85).filter((v, k, all) => !k || share(v) - share(all[0]) > 12 * k);
    const tick = v => make("span", { class: "tick", style: `left: ${share(v)}%` }, show(v));
    return [make("span", { class: "scale", role: "img", "aria-label": `Rounds to converge, from ${low} (pale) to ${high} (dark), logarithmic` },
      make("span", { class: "scale-name" }, "Rounds to converge"), make("span", { class: "scale-bar", style: `background: linear-gradient(90deg, ${TIMES.join(", ")})` }),
      make("span", { class: "ticks" }, ...[low, ...between, high].map(tick)))];
  };

  return { fit, bar };
})();
