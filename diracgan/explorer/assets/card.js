// The verdict of one side, and what became of its paths: both are said, also where they differ.
"use strict";

const Card = (() => {
  const { make, algorithmTitle } = Controls;
  const TITLES = { stable: ["Converges locally", "good"], neutral: ["Linearisation cannot decide", "soft"], unstable: ["Unstable: small deviations grow", "bad"] };
  const list = numbers => numbers.length > 1 ? `paths ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}` : `path ${numbers[0]}`;

  // The paths whose fate is not what the linearisation says of small deviations.
  const against = ({ verdict, all }) => {
    const of = kind => all.flatMap((run, k) => run.fate?.kind === kind ? [k + 1] : []);
    const diverged = of("diverged"), converged = of("converged");
    if (verdict.kind === "unstable" || verdict.kind === "overflow") return converged.length ? `, yet ${list(converged)} converged` : "";
    return diverged.length ? `, but ${list(diverged)} diverged` : "";
  };

  const size = (v, flow) => {
    if (v.kind === "neutral") return `${flow ? "max Re μ = 0" : "spectral radius 1"} to rounding: the spectrum lies on the boundary; the nonlinear terms decide.`;
    const sign = v.kind === "stable" ? "<" : ">";
    if (flow) return `max Re μ = ${show(v.number)} ${sign} 0.`;
    return `spectral radius ${show(v.number) === "1" ? `1 ${sign === "<" ? "−" : "+"} ${show(Math.abs(1 - v.number), 2)}` : show(v.number)} ${sign} 1.`;
  };

  const linear = ({ verdict: v, side, spec, F, general, edges }) => {
    const flow = side.a === "flow", holds = { stable: "holds", unstable: "fails", neutral: "holds only with equality" }[v.kind];
    const lines = [make("p", {}, size(v, flow)), make("p", {}, `${flow ? "Routh–Hurwitz" : spec.M.length === 2 ? "Jury" : "Spectral radius"}: `, ...Maths.text(v.wanted), ` ${holds}: `, make("code", {}, v.numbers))];
    const theorem = Stability.theorem(side, F) ?? general;
    if (theorem) lines.push(make("p", { class: "theorem" }, ...Maths.text(theorem)));
    if (edges) lines.push(make("p", { class: "edges" }, edges));
    if (v.kind === "stable") {
      const half = flow ? Math.log(2) / -v.number : v.number > 0 ? Math.log(2) / -Math.log(v.number) : 0;
      lines.push(make("p", {}, `Half-life ${show(half, 3)} ${flow ? "units of time" : "steps"}. Local: says nothing of starts far out.`));
    }
    const pair = spec.values.map(z => z[1] ? `${show(z[0])} ${z[1] < 0 ? "−" : "+"} ${show(Math.abs(z[1]))}i` : show(z[0]));
    return [...lines, make("p", { class: "eig" }, flow ? "μ = " : "λ = ", make("code", { class: "eigenvalues" }, pair.join(",  ")))];
  };

  const paths = (s, shown) => {
    const said = shown.all.map((run, k) => [k + 1, Paths.words(shown.side, run, Clock.steps(s, shown.side))]).filter(([, text]) => text);
    return said.length ? [make("p", { class: "paths" }, `Paths: ${said.map(([k, text]) => `${k} ${text}`).join("; ")}.`)] : [];
  };

  // The verdict in one line, and its tone.
  const verdictLine = ({ verdict: v, observed, fates, all }) => {
    const but = against({ verdict: v, all }), lead = v.title ? (observed?.title ?? v.title).replace(/\.$/, "") : TITLES[v.kind][0];
    const tone = v.kind === "overflow" ? "bad" : v.title ? observed?.kind ?? "soft" : TITLES[v.kind][1];
    return { text: `${lead}${but}${Fates.headline(fates)}.`, tone: but ? "mixed" : tone };
  };

  const draw = (host, shown, s) => {
    const { verdict: v, side, observed } = shown, line = verdictLine(shown);
    const who = s.B ? `${INFO.methods[side.m].title}, ${algorithmTitle(side.a)}` : v.title && observed ? "What the run shows" : "Verdict at the equilibrium";
    host.className = `card verdict ${line.tone}`;
    const text = v.title ? [...(observed ? [make("p", {}, observed.text), make("p", {}, v.title)] : []), make("p", {}, v.text)] : linear(shown);
    const lines = [...Structures.words(shown).map(line => make("p", { class: "cycles" }, line)), ...paths(s, shown), ...text];
    host.replaceChildren(make("h2", {}, who), make("p", { class: "lead" }, line.text), ...lines);
    fit(host, lines);
  };

  // Lines for which there is no room are one click away.
  const rests = new Map();
  const rest = host => {
    if (!rests.has(host)) {
      const sheet = make("div", { class: "sheet" }), menu = make("details", { class: "menu more" }, make("summary", {}, "More"), sheet);
      menu.addEventListener("toggle", () => {
        if (!menu.open) return;
        const below = menu.getBoundingClientRect().bottom + 4;
        sheet.style.top = `${Math.max(6, Math.min(below, innerHeight - sheet.offsetHeight - 6))}px`;
      });
      rests.set(host, { menu, sheet });
    }
    return rests.get(host);
  };
  const fit = (host, lines) => {
    if (host.scrollHeight <= host.clientHeight + 1) return;
    const { menu, sheet } = rest(host);
    host.append(menu);
    const end = host.getBoundingClientRect().bottom - 10;
    const behind = lines.filter(line => line.getBoundingClientRect().bottom > end);
    sheet.replaceChildren(...behind);
  };
  // The same line beside the plane, where the card is out of sight.
  const headline = (host, shown) => {
    const lines = shown.map(verdictLine);
    host.className = lines[0].tone;
    host.textContent = lines.map(({ text }, k) => (lines.length > 1 ? `${"AB"[k]}: ` : "") + text).join(" ");
  };

  return { draw, headline };
})();
