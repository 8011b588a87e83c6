// What is played and how it is trained: formulas, conventions, references.
"use strict";

const About = (() => {
  const { make } = Controls;

  // An objective is written at the default of what it does not name: where that has been changed, this is said.
  const named = (symbol, text) => new RegExp(`(?<![\\p{L}\\p{M}₀-₉])${symbol.replace(/[^\p{L}₀-₉_]/gu, ".")}(?![\\p{L}])`, "u").test(text);
  const written = side => {
    const info = INFO.methods[side.m];
    const others = info.parameters.filter(d => !named(State.symbol(d), info.objective) && (side.p[d.name] ?? d.default) !== d.default);
    return others.map(d => d.name === "data" ? `Written for x_data = 0, where D(real) = 0; here the data is at ${show(side.p.data)}.`
      : `Written for ${d.symbol} = ${show(d.default)}; here ${d.symbol} = ${show(side.p[d.name])}.`).join(" ");
  };
  const follow = (host, side) => {
    const p = host.querySelector(".written");
    p.textContent = written(side); p.hidden = !p.textContent;
  };

  const draw = (host, side) => {
    const info = INFO.methods[side.m], [objective, convention] = info.set, known = Object.entries(MATHS.methods[side.m] ?? {});
    const text = side.a === "flow" ? "dx/dt = v(x), the limit of small learning rates" : INFO.algorithms[side.a].help.replaceAll("`", "");
    host.replaceChildren(make("h2", {}, info.title), make("p", { class: "formula" }, ...Maths.set(objective)), make("p", { class: "formula soft written" }),
      ...known.map(([, mathml]) => make("p", { class: "formula" }, Maths.node(mathml))),
      ...(convention.length ? [make("p", { class: "formula soft" }, ...Maths.set(convention))] : []),
      ...info.references.map(({ title, link }) => make("p", { class: "note" }, link ? make("a", { href: link, target: "_blank", rel: "noopener" }, title) : title)),
      make("h2", { class: "sub" }, Controls.algorithmTitle(side.a)), make("p", { class: "formula" }, text));
    follow(host, side);
  };

  return { draw, follow };
})();
