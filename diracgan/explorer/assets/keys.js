// The keys of the page, wherever nothing else takes them.
"use strict";

const Keys = (() => {
  const TAKEN = "input, select, textarea, summary, [contenteditable]";

  const listen = actions => document.addEventListener("keydown", e => {
    if (e.target.matches(TAKEN) || (e.key === " " && e.target.matches("button")) || e.ctrlKey || e.metaKey || e.altKey) return;
    const act = actions[e.key];
    if (act) { e.preventDefault(); act(); }
  });

  return { listen };
})();
