// A parameter that moves by itself over the span of its slider.
"use strict";

const Film = (() => {
  const SECONDS = 8;
  let playing = null;

  const stop = () => {
    if (!playing) return;
    cancelAnimationFrame(playing.frame);
    playing.button.textContent = "▶"; playing.button.setAttribute("aria-pressed", "false");
    playing = null;
  };
  // From where the slider stands to its end, or all of the span when it is there already.
  const start = (button, { low, high, whole, now, set }) => {
    stop();
    const from = now() < high - 0.01 * (high - low) && now() > low ? now() : low, began = performance.now(), span = 1000 * SECONDS * (high - from) / (high - low);
    button.textContent = "⏸"; button.setAttribute("aria-pressed", "true");
    const one = { button, frame: 0 };
    playing = one;
    const step = time => {
      if (playing !== one) return;
      if (!button.isConnected) return stop();
      const share = Math.min(1, Math.max(0, (time - began) / span)), value = from + (high - from) * share;
      set(whole ? Math.round(value) : +value.toPrecision(4));
      if (share < 1) one.frame = requestAnimationFrame(step); else stop();
    };
    one.frame = requestAnimationFrame(step);
  };
  const button = (name, slider) => {
    const own = Controls.make("button", { type: "button", class: "film", "aria-pressed": "false", "aria-label": `Play ${name} over its slider`, title: "Play over the slider",
      onclick: () => playing?.button === own ? stop() : start(own, slider) }, "▶");
    return own;
  };

  return { button, stop, running: () => playing !== null };
})();
