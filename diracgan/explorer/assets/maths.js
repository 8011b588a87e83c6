// Formulas as the browser sets them, and what their symbols mean.
"use strict";

const Maths = (() => {
  const { make } = Controls;

  const node = mathml => {
    const host = make("span", {});
    host.innerHTML = `<math tabindex="0" displaystyle="true"><mrow>${mathml}</mrow></math>`;
    return host.firstElementChild;
  };

  // Runs of words and of formulas.
  const set = runs => runs.map(([kind, given]) => kind === "math" ? node(given) : given);

  // Text with `{name}` for formulas; a formula that this page does not have is left out with its sign of equality.
  const text = given => {
    const parts = [];
    let last = 0;
    for (const found of given.matchAll(/\{(\w+)\}( = )?/g)) {
      const known = MATHS.limits[found[1]] ?? MATHS.conditions[found[1]];
      parts.push(given.slice(last, found.index), ...(known ? [node(known), found[2] ?? ""] : []));
      last = found.index + found[0].length;
    }
    return [...parts, given.slice(last)];
  };

  // ---- what is under the pointer, or in the formula that has the focus
  const tip = () => document.getElementById("tip");
  const meaning = symbol => SYMBOLS[symbol] && `${symbol}: ${SYMBOLS[symbol]}`;
  const said = target => {
    const own = target.closest?.("[data-tip]");
    if (own) return own.dataset.tip;
    return target.matches?.("mi") ? meaning(target.textContent) : null;
  };
  const show = (at, words) => {
    tip().hidden = !words;
    if (!words) return;
    tip().textContent = words;
    const { left, bottom, top } = at.getBoundingClientRect(), { width, height } = tip().getBoundingClientRect();
    tip().style.left = `${Math.max(6, Math.min(left, innerWidth - width - 6))}px`;
    tip().style.top = `${bottom + 6 + height > innerHeight ? top - height - 6 : bottom + 6}px`;
  };
  const symbols = math => [...new Set([...math.querySelectorAll("mi")].map(mi => mi.textContent))].map(meaning).filter(Boolean).join("; ");
  const listen = () => {
    document.addEventListener("pointerover", e => { const words = said(e.target); if (words || !tip().hidden) show(e.target, words); });
    document.addEventListener("focusin", e => {
      const math = e.target.closest?.("math"), label = e.target.id && document.querySelector(`label[for="${CSS.escape(e.target.id)}"] [data-tip]`);
      if (math) show(math, symbols(math)); else if (label) show(label, label.dataset.tip);
    });
    document.addEventListener("focusout", () => show(document.body, null));
  };

  return { node, set, text, listen };
})();
