// The view as a Python program that draws the same.
"use strict";

const Python = (() => {
  const flag = (d, v) => d.switch ? (v ? "True" : "False") : String(v);

  const made = (x, tag) => {
    const known = State.declarations(x);
    const p = Object.entries(x.p).filter(([k, v]) => known.p[k] && v !== known.p[k].default).map(([k, v]) => `, ${k}=${flag(known.p[k], v)}`);
    const lines = [`method${tag} = dg.method("${x.m}"${p.join("")})`];
    if (x.a === "flow") return lines;
    const info = INFO.algorithms[x.a], rates = x.q.h !== undefined ? [`h=${x.q.h}`] : [`h_g=${x.q.h_g ?? 0.2}`, `h_d=${x.q.h_d ?? 0.2}`];
    const rest = Object.entries(x.q).filter(([k]) => !["h", "h_g", "h_d"].includes(k)).map(([k, v]) => `${k}=${flag(known.q[k], v)}`);
    const given = info.wrapper ? [`dg.SimGD(${rates.join(", ")})`, ...rest] : [...rates, ...rest];
    return [...lines, `algorithm${tag} = dg.${info.title}(${given.join(", ")})`];
  };

  const box = s => `(${s.box.map(v => +v.toPrecision(12)).join(", ")})`;
  const layer = (s, name) => s.layers.includes(name);

  const portrait = (s, x, tag) => {
    const plain = x.a === "flow" || Engine.withoutMultipliers(x), style = layer(s, "streams") ? ', style="streamlines"' : "";
    return `dg.phase_portrait(method${tag}${plain ? "" : `, algorithm=algorithm${tag}`}, start=None, box=${box(s)}, ax=ax, nullclines=${layer(s, "nulls") ? "True" : "False"}${style})`;
  };
  const fates = (s, x, tag) => x.a === "flow" || !(layer(s, "fates") || layer(s, "times")) ? []
    : [`fates${tag} = dg.basin(method${tag}, algorithm${tag}, box=${box(s)}, n=128, steps=${LIMITS.fates})`, `print(fates${tag}.counts)`, `plotting.basin(fates${tag}, ax)`];
  const paths = (s, x, tag) => {
    if (!s.starts.length) return [];
    const flow = x.a === "flow", steps = Clock.steps(s, x), end = Engine.SAMPLE * steps * (s.backward && flow ? -1 : 1);
    return [flow ? `paths${tag} = dg.flow(method${tag}, starts, np.linspace(0, ${+end.toFixed(6)}, ${steps + 1}))`
      : `paths${tag} = dg.simulate(method${tag}, algorithm${tag}, starts, steps=${steps})`,
    `for path in paths${tag}:`, `    ax.plot(*path.T${flow ? "" : ', ".-"'})`];
  };
  // What the page has found, computed again: the saddles of a flow, and a cycle for each of those that paths end on.
  const structures = (s, { side, structures: found }, tag) => {
    const lines = [], flow = side.a === "flow", given = flow ? "" : `, algorithm${tag}`;
    if (flow && found?.saddles?.points.length) for (const x of found.saddles.points)
      lines.push(`branches = dg.manifolds(method${tag}, (${x.join(", ")}))`, `for line in (*branches.stable, *branches.unstable):`, `    ax.plot(*line.T, color="tab:blue" if any(line is one for one in branches.stable) else "tab:red", scalex=False, scaley=False)`);
    const cycles = found?.cycles;
    if (cycles && (flow || !Engine.withoutMultipliers(side))) cycles.cycles.forEach((cycle, k) => {
      const start = s.starts[cycles.starts.indexOf(k)];
      if (start && cycle.kind !== "chaotic") lines.push(`cycle = dg.cycle(method${tag}${given || ", None"}, (${start.join(", ")}))`, `print(cycle, cycle.multipliers)`, `ax.plot(*cycle.points.T, "${flow ? "-" : "s"}", color="tab:pink")`);
    });
    return lines;
  };

  const drawn = (s, one, k, tag) => {
    const { side } = one, [x0, x1, y0, y1] = s.box.map(v => +v.toPrecision(12)), lines = made(side, tag);
    if (side.a === "flow" || !Engine.withoutMultipliers(side)) lines.push(`print(dg.verdict(method${tag}${side.a === "flow" ? "" : `, algorithm${tag}`}))`);
    return [...lines, `ax = axes[0, ${k}]`, portrait(s, side, tag), ...fates(s, side, tag), ...paths(s, side, tag), ...structures(s, one, tag),
      `ax.set(xlim=(${x0}, ${x1}), ylim=(${y0}, ${y1}))`, `ax.set_title(${JSON.stringify(Pictures.heading(side))}, wrap=True)`];
  };

  const text = (s, shown) => {
    const lines = ["import jax", "import matplotlib.pyplot as plt", "import numpy as np", "import diracgan as dg", "from diracgan import plotting", "", 'jax.config.update("jax_enable_x64", True)'];
    if (s.starts.length) lines.push(`starts = np.array([${s.starts.map(v => `[${v.join(", ")}]`).join(", ")}])`);
    lines.push(`figure, axes = plt.subplots(1, ${shown.length}, figsize=(${6.4 * shown.length}, 6.4), squeeze=False)`);
    shown.forEach((one, k) => lines.push("", ...drawn(s, one, k, k ? "_b" : "")));
    return lines.concat("plt.show()", "").join("\n");
  };

  return { text };
})();
