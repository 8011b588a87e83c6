// The sizes of the square plots, by the room that their places have; the others fill theirs.
"use strict";

const Arrangement = (() => {
  const $ = id => document.getElementById(id);
  const AXES = [76, 56], LEAST = 90; // what labels and ticks take at 16 pixels to the rem, across and upwards

  const fit = () => {
    const scale = Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);
    for (const name of ["phase", "phaseB", "spectrum"]) {
      const { clientWidth: wide, clientHeight: high } = $(`plot-${name}`);
      if (!wide || !high) continue;
      const side = Math.max(LEAST, Math.floor(Math.min(wide - scale * AXES[0], high - scale * AXES[1])));
      const plot = Models.model(name);
      plot.setv({ frame_width: side, frame_height: side });
      for (const axis of [plot.below[0], plot.left[0]]) axis.ticker.desired_num_ticks = Math.max(3, Math.min(8, Math.round(side / scale / 45)));
    }
    sparse(scale);
  };
  // Upwards no more numbers than there is room for.
  const sparse = scale => {
    for (const name of ["strip", "line", "series"]) {
      const high = $(`plot-${name}`).clientHeight - scale * AXES[1];
      if (high > 0) Models.model(name).left[0].ticker.desired_num_ticks = Math.max(2, Math.min(6, Math.round(high / scale / 22)));
    }
  };
  const watch = () => {
    const watcher = new ResizeObserver(() => requestAnimationFrame(fit));
    for (const name of ["phase", "phaseB", "spectrum", "strip", "line", "series"]) watcher.observe($(`plot-${name}`));
  };

  // One curve at a time where there is no room for all.
  const key = name => Controls.make("span", { class: `key solid ${name}` });
  const tabs = () => {
    const curves = [...document.querySelectorAll(".curve")], names = [["Distance"], [key("rose"), " θ ", key("psi"), " ψ"], ["D(x)"], ["Attractor"]];
    const buttons = names.map((name, k) => Controls.make("button", { type: "button", id: `tab-${k}`, "aria-pressed": "false", onclick: () => { choose(k); if (k === 3) ask(); } }, ...name));
    const choose = at => curves.forEach((curve, k) => { curve.classList.toggle("behind", k !== at); buttons[k].setAttribute("aria-pressed", String(k === at)); });
    const ask = () => { const strip = $("strip"); if (!strip.value) { strip.value = "radius"; strip.dispatchEvent(new Event("change")); } };
    $("tabs").append(...buttons);
    choose(0);
  };

  return { fit, watch, tabs };
})();
