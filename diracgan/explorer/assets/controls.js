// Native inputs with labels, made from the declarations of methods and algorithms.
"use strict";

const Controls = (() => {
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes)) k === "class" ? (node.className = v) : k.startsWith("on") ? node.addEventListener(k.slice(2), v) : v !== null && node.setAttribute(k, v);
    node.append(...children);
    return node;
  };

  const GROUPS = [
    ["Mescheder et al. 2018", ["gan", "nsgan", "wgan", "wgan-gp", "instance-noise", "r1", "r2", "nsgan-r1", "consensus", "dragan", "dragan-ns"]],
    ["Steps to DRAGAN", ["dragan-zero-centred", "dragan-dead-zone"]],
    ["Penalties and noise", ["r1-r2", "nsgan-r2", "wgan-r1", "nsgan-instance-noise", "roth", "nsgan-roth", "zero-gp", "wgan-lp", "lecam", "clc", "spectral-norm", "spectral-cap", "lipschitz", "distortion"]],
    ["Absolutely continuous data", ["uniform-data", "gaussian-data"]],
    ["Field transforms", ["nsgan-consensus", "wgan-consensus", "jare", "ode-gan", "sga", "lola", "unrolled", "drift"]],
  ];
  const methodOptions = chosen => {
    const listed = new Set(GROUPS.flatMap(g => g[1]));
    const others = own => Object.keys(INFO.methods).filter(m => !listed.has(m) && INFO.methods[m].own === own);
    const groups = [...GROUPS, ["Other losses", others(false)], ["Your own", others(true)]].filter(g => g[1].length);
    return groups.map(([title, names]) => make("optgroup", { label: title }, ...names.filter(m => INFO.methods[m]).map(m =>
      make("option", { value: m, ...(m === chosen ? { selected: "" } : {}) }, INFO.methods[m].title))));
  };
  const algorithmTitle = a => a === "flow" ? "Continuous flow" : INFO.algorithms[a].title.replace(/([a-z])([A-Z][a-z])/g, "$1 $2");

  // Every slider of one side: the key used by loci, the declaration, and where its value lives.
  const sliders = side => {
    const p = INFO.methods[side.m].parameters.map(d => ({ key: "p." + d.name, d, group: "p" }));
    if (side.a === "flow") return p;
    const split = side.q.h === undefined;
    const q = INFO.algorithms[side.a].parameters.filter(d => split || !["h_g", "h_d"].includes(d.name)).map(d => ({ key: "a." + d.name, d, group: "q" }));
    return [...p, ...(split ? [] : [{ key: "a.h", d: State.RATE, group: "q" }]), ...q];
  };
  const slider = s => {
    const all = sliders(s.A), found = all.find(x => x.key === s.slide) ?? all.find(x => x.d.name !== "data" && !x.d.whole) ?? all[0];
    if (!found) return null;
    const value = s.A[found.group][found.d.name] ?? found.d.default, [low, high] = found.d.span;
    return { key: found.key, span: found.d.whole ? null : [Math.min(low, value), value > high ? 1.25 * value : high], d: found.d, value };
  };
  const usable = s => { const x = slider(s); return x && x.span ? x : null; };

  // `on` says what a change does: `before` it, after it (`changed`, `rebuilt`), and when a value is refused (`refused`).
  const row = (side, tag, x, on) => {
    const { d, group } = x, id = `${tag}-${x.key}`.replace(/\./g, "-"), value = side[group][d.name] ?? d.default;
    const [low, high] = d.span, now = () => side[group][d.name] ?? d.default;
    const set = v => { on.before(tag + x.key); side[group][d.name] = v; range.value = v; exact.value = +v.toPrecision(6); on.changed(x.key); };
    const range = make("input", { type: "range", id, min: low, max: high, step: d.whole ? 1 : "any", value, "aria-describedby": id + "-help",
      oninput: e => { const v = Number(e.target.value); set(d.whole ? Math.round(v) : Math.max(d.open && d.low !== null ? d.low + 1e-6 : -Infinity, +v.toPrecision(4))); },
      onkeydown: e => {
        const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[e.key];
        if (!way || d.whole) return;
        e.preventDefault();
        const v = Math.min(high, Math.max(low, Number(e.target.value) + way * (high - low) / 100));
        set(+v.toPrecision(4));
      } });
    const exact = make("input", { type: "number", class: "exact", id: id + "-exact", "aria-label": `${d.help}, exact value`, step: "any", value: +Number(value).toPrecision(6),
      onchange: e => {
        try { set(State.check(d, e.target.value.trim() === "" ? NaN : Number(e.target.value))); } catch (problem) {
          if (!(problem instanceof State.Broken)) throw problem;
          e.target.value = +Number(now()).toPrecision(6);
          on.refused(`${problem.message}: ${State.symbol(d)} stays ${show(now())}.`);
        } } });
    return make("div", { class: "row" }, make("label", { for: id }, make("b", { "data-tip": d.help }, State.symbol(d)), " ", make("span", { id: id + "-help" }, d.help)), range, exact, Film.button(State.symbol(d), { low, high, whole: d.whole, now, set }));
  };

  // The inputs of one side after its values have changed elsewhere.
  const follow = (tag, side) => {
    for (const { key, d, group } of sliders(side)) {
      const id = `${tag}-${key}`.replace(/\./g, "-"), value = side[group][d.name] ?? d.default;
      document.getElementById(id).value = value;
      document.getElementById(id + "-exact").value = +Number(value).toPrecision(6);
    }
  };

  const setting = (side, group, tag, d, on) => {
    const id = `${tag}-set-${d.name}`, value = side[group][d.name] ?? d.default;
    const set = v => { on.before(); side[group][d.name] = v; on.rebuilt(); };
    if (d.choices.length < 2) return null;
    if (d.switch) return make("label", { class: "check" }, make("input", { type: "checkbox", id, ...(value ? { checked: "" } : {}), onchange: e => set(e.target.checked ? 1 : 0) }), " ", d.help);
    return make("label", { class: "setting", for: id }, `${d.symbol}  ${d.help} `, make("select", { id, onchange: e => set(Number(e.target.value)) },
      ...d.choices.map(c => make("option", { value: c, ...(c === value ? { selected: "" } : {}) }, String(c)))));
  };

  // What has been set stays set where another method or algorithm declares it too; rates survive the flow.
  const rates = {};
  const choose = (side, tag, what, name, on) => {
    on.before();
    if (what === "a" && side.a !== "flow") rates[tag] = side.q;
    side[what] = name;
    const known = State.declarations(side), kept = (values, table) => Object.fromEntries(Object.entries(values).filter(([k, v]) => State.allowed(table, k, v)));
    side.p = kept(side.p, known.p);
    side.q = what === "a" && name !== "flow" ? { h: 0.2, ...kept(rates[tag] ?? {}, known.q) } : kept(side.q, known.q);
    if (side.q.h_g !== undefined) delete side.q.h;
    on.chosen();
  };
  const splitRates = (side, split) => {
    const { h, h_g, h_d, ...rest } = side.q;
    side.q = split ? { h_g: h, h_d: h, ...rest } : { h: h_g ?? 0.2, ...rest };
  };

  // What is chosen for one side: method and algorithm.
  const picks = (host, side, tag, on) => {
    const name = tag === "B" ? " to compare with" : "";
    const method = make("select", { id: "method" + tag, "aria-label": "Method" + name, onchange: e => choose(side, tag, "m", e.target.value, on) }, ...methodOptions(side.m));
    const algorithm = make("select", { id: "algorithm" + tag, "aria-label": "Algorithm" + name, onchange: e => choose(side, tag, "a", e.target.value, on) },
      ...["flow", ...Object.keys(INFO.algorithms)].map(a => make("option", { value: a, ...(a === side.a ? { selected: "" } : {}) }, algorithmTitle(a))));
    host.replaceChildren(method, "under", algorithm);
  };

  // Its hyper-parameters.
  const sidePanel = (host, side, tag, title, on) => {
    const rows = sliders(side), settings = (declared, group) => declared.map(d => setting(side, group, "s" + tag, d, on)).filter(Boolean);
    const split = side.a === "flow" ? [] : [make("label", { class: "check end", title: "a rate for each player" }, make("input", { type: "checkbox", id: `s${tag}-split`, ...(side.q.h === undefined ? { checked: "" } : {}),
      onchange: e => { on.before(); splitRates(side, e.target.checked); on.rebuilt(); } }), " two rates")];
    host.replaceChildren(make("div", { class: "head" }, make("h2", {}, title), ...split), ...rows.map(x => row(side, "s" + tag, x, on)), ...settings(INFO.methods[side.m].settings, "p"),
      ...(side.a === "flow" ? [] : settings(INFO.algorithms[side.a].settings, "q")));
  };

  return { make, picks, sidePanel, follow, sliders, slider: usable, algorithmTitle };
})();
