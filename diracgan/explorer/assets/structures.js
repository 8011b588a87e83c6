// The manifolds of saddles and the cycles in the view: asked for, drawn, and said.
"use strict";

const Structures = (() => {
  const { put, clear } = Models, known = new Map();
  const on = (s, layer) => s.layers.includes(layer);
  const plain = side => ({ ...side, p: { ...side.p }, q: { ...side.q } });
  const KINDS = {
    cycles: { layer: "cycles", job: (s, side, fates) => ({ side: plain(side), starts: structuredClone(s.starts), caught: fates?.caught ?? [] }),
      draw: (tag, found) => {
        const whole = found.cycles.filter(c => c.exact), dots = found.cycles.flatMap(c => c.flow ? [] : c.points.map(p => [...p, c.exact ? 9 : 2]));
        const ring = (c, k) => [...c.points, c.points[0]].map(p => p[k]);
        put("rings" + tag, { xs: whole.map(c => ring(c, 0)), ys: whole.map(c => ring(c, 1)) });
        put("rounds" + tag, { x: dots.map(p => p[0]), y: dots.map(p => p[1]), size: dots.map(p => p[2]) });
      },
      erase: tag => { clear("rings" + tag); clear("rounds" + tag); } },
    saddles: { layer: "saddles", job: (s, side) => ({ side: plain(side), box: [...s.box] }),
      draw: (tag, found) => { for (const kind of ["stable", "unstable"]) put(kind + tag, { xs: found[kind].map(l => l.map(x => x[0])), ys: found[kind].map(l => l.map(x => x[1])) }); },
      erase: tag => { clear("stable" + tag); clear("unstable" + tag); } },
  };

  // What is drawn stays while the view moves and starts come and go: it goes when the side changes.
  const draw = (tag, s, side) => {
    const name = JSON.stringify(plain(side)), all = {};
    for (const [kind, { layer, erase }] of Object.entries(KINDS)) {
      const old = known.get(kind + tag);
      if (old && (old.side !== name || !on(s, layer))) { erase(tag); known.delete(kind + tag); }
      all[kind] = known.get(kind + tag)?.found ?? null;
    }
    return all;
  };
  const ask = (tag, s, { side, fates }, done) => {
    for (const [kind, { layer, job, draw: picture }] of Object.entries(KINDS)) {
      if (!on(s, layer)) continue;
      const given = job(s, side, fates), name = JSON.stringify(given), cells = fates ? fates.n ** 2 : 0;
      if (known.get(kind + tag)?.name === name) continue;
      Work.ask(kind + tag, kind, given, found => {
        known.set(kind + tag, { name, side: JSON.stringify(given.side), found: { ...found, cells } });
        picture(tag, found);
        done(Object.fromEntries(Object.keys(KINDS).map(k => [k, known.get(k + tag)?.found ?? null])));
      });
    }
  };

  // ---- in words
  const number = v => show(v, 3);
  const multipliers = ({ multipliers: all, flow }) => {
    if (!all) return "";
    if (flow) return `, Floquet multiplier ${number(all[1][0])}`;
    const [a, b] = all;
    if (all.length === 2 && a[1]) return `, multipliers ${number(a[0])} ± ${number(Math.abs(a[1]))}i`;
    return `, multiplier${all.length > 1 ? "s" : ""} ${all.map(z => number(z[0]) + (z[1] ? ` ${z[1] < 0 ? "−" : "+"} ${number(Math.abs(z[1]))}i` : "")).join(", ")}`;
  };
  const cycleName = (cycle, count) => {
    const size = show(cycle.least, 3) === show(cycle.largest, 3) ? `radius ${number(cycle.mean)}` : `radii ${number(cycle.least)} to ${number(cycle.largest)}`;
    const many = count > 1 ? `${count} cycles` : `a ${cycle.kind === "chaotic" ? "set" : cycle.exact ? "cycle" : "closed curve"}`;
    const length = cycle.flow ? ` of period ${show(cycle.period, 5)}` : cycle.exact ? ` of ${cycle.period} rounds` : cycle.kind === "chaotic" ? " on which neighbours part (chaos)" : `, ${number(cycle.period)} rounds for one turn`;
    return `${many}${length}, ${size}${multipliers(cycle)}`;
  };
  // Mirror images are one kind of cycle.
  const grouped = cycles => {
    const groups = [];
    cycles.forEach((cycle, k) => {
      const own = groups.find(g => Math.abs(g.cycle.period - cycle.period) < 1e-6 * cycle.period && Math.abs(g.cycle.mean - cycle.mean) < 1e-6 * cycle.mean);
      if (own) own.members.push(k); else groups.push({ cycle, members: [k] });
    });
    return groups;
  };
  const words = ({ structures }) => {
    const found = structures?.cycles;
    if (!found?.cycles.length) return [];
    const lines = grouped(found.cycles).map(({ cycle, members }) => {
      const paths = found.starts.flatMap((k, i) => members.includes(k) ? [i + 1] : []), cells = found.caught.filter(k => members.includes(k)).length;
      const share = cells ? `${show(100 * cells / found.cells, 2)} % of this view` : "", path = paths.length ? `path${paths.length > 1 ? "s" : ""} ${paths.join(", ")}` : "";
      const who = [share, path].filter(Boolean).join(" and ") || "something", many = paths.length + (share ? 1 : 0) > 1;
      return `${who[0].toUpperCase()}${who.slice(1)} end${many ? "" : "s"} on ${cycleName(cycle, members.length)}.`;
    });
    return found.more ? [...lines, `There are more than ${found.cycles.length} different cycles here.`] : lines;
  };

  return { draw, ask, words };
})();
