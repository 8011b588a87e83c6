// A page of chosen parts: what is not asked for is hidden, and not computed where that costs time.
"use strict";

const Parts = (() => {
  // The part of the page that each name stands for.
  const PLACES = { plane: "boxA", parameters: "plane-box", spectrum: "spectrum-box", verdict: "card", distance: "plot-distance", series: "plot-series", discriminator: "plot-line", attractor: "strip-box", steps: "player" };
  const CURVES = ["distance", "series", "discriminator", "attractor"];
  const place = name => { const node = document.getElementById(PLACES[name]); return CURVES.includes(name) ? node.closest("section") : node; };
  const has = (s, name) => !s.parts || s.parts.includes(name);

  // Rows of sliders that stand in `controls`; the others, and all settings, are hidden.
  const rows = s => {
    for (const host of document.querySelectorAll("#sideA, #sideB")) for (const node of host.children) {
      const range = node.querySelector?.("input[type=range]"), name = range?.id.split("-").slice(2).join("-").replace(/-/g, "_");
      node.toggleAttribute("data-unasked", !(name && s.controls.includes(name)));
    }
  };

  // Once the panels of the sides are made.
  const arrange = s => {
    document.body.classList.toggle("parts", Boolean(s.parts));
    if (!s.parts) return document.querySelectorAll("[data-unasked]").forEach(node => node.removeAttribute("data-unasked"));
    for (const name of Object.keys(PLACES)) place(name).toggleAttribute("data-unasked", !has(s, name));
    document.querySelector(".controls").toggleAttribute("data-unasked", !s.controls.length);
    document.querySelector(".curves").toggleAttribute("data-unasked", !["steps", ...CURVES].some(name => has(s, name)));
    document.querySelector(".planes").toggleAttribute("data-unasked", !has(s, "plane"));
    rows(s);
  };

  // A page around this one may make its frame as high as the parts are: they say how high that is.
  const told = () => {
    if (window.parent === window) return;
    const main = document.querySelector("main");
    const tell = () => { if (document.body.classList.contains("parts")) window.parent.postMessage({ diracgan: { height: Math.ceil(main.getBoundingClientRect().bottom + window.scrollY) + 8 } }, "*"); };
    new ResizeObserver(tell).observe(main);
  };

  return { NAMES: Object.keys(PLACES), has, arrange, told };
})();
