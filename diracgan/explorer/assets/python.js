// The view as a Python program.
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

  const shown = (s, x, tag) => {
    const flow = x.a === "flow", lines = made(x, tag), box = `(${s.box.map(v => +v.toPrecision(12)).join(", ")})`, algorithm = flow ? "" : `, algorithm${tag}`;
    if (flow || !Engine.withoutMultipliers(x)) lines.push(`print(dg.verdict(method${tag}${algorithm}))`);
    lines.push(`ax = dg.phase_portrait(method${tag}${flow || Engine.withoutMultipliers(x) ? "" : `, algorithm=algorithm${tag}`}, start=None, box=${box})`);
    if (!flow && s.layers.includes("fates")) lines.push(`print(dg.basin(method${tag}, algorithm${tag}, box=${box}, n=128, steps=${LIMITS.fates}).counts)`);
    if (!s.starts.length) return lines;
    const steps = Clock.steps(s, x), end = Engine.SAMPLE * steps * (s.backward && flow ? -1 : 1);
    return [...lines, flow ? `paths${tag} = dg.flow(method${tag}, starts, np.linspace(0, ${+end.toFixed(6)}, ${steps + 1}))`
      : `paths${tag} = dg.simulate(method${tag}, algorithm${tag}, starts, steps=${steps})`,
    `for path in paths${tag}:`, `    ax.plot(*path.T${flow ? "" : ', ".-"'})`];
  };

  const text = s => {
    const lines = ["import jax", "import matplotlib.pyplot as plt", "import numpy as np", "import diracgan as dg", "", 'jax.config.update("jax_enable_x64", True)'];
    if (s.starts.length) lines.push(`starts = np.array([${s.starts.map(v => `[${v.join(", ")}]`).join(", ")}])`);
    for (const [x, tag] of [[s.A, ""], ...(s.B ? [[s.B, "_b"]] : [])]) lines.push(...shown(s, x, tag));
    return lines.concat("plt.show()", "").join("\n");
  };

  return { text };
})();
