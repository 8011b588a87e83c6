// Menus: one is open at a time, and goes when something else is done.
"use strict";

const Menus = (() => {
  const open = () => [...document.querySelectorAll("details.menu[open]")];
  const close = (except = null) => { for (const menu of open()) if (menu !== except) menu.open = false; };

  document.addEventListener("pointerdown", e => close(e.target.closest?.("details.menu")));
  document.addEventListener("focusin", e => close(e.target.closest?.("details.menu")));
  document.addEventListener("keydown", e => {
    const [menu] = open();
    if (e.key === "Escape" && menu) { close(); menu.querySelector("summary").focus(); e.stopImmediatePropagation(); }
  });

  return { close };
})();
