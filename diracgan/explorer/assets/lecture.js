// Lecture mode: the whole screen, large type, and the arrow keys go through the story.
"use strict";

const Lecture = (() => {
  const $ = id => document.getElementById(id);
  const on = () => document.documentElement.classList.contains("lecture");

  // `resized` is called after the type has changed its size.
  const set = (wanted, resized) => {
    if (wanted === on()) return;
    document.documentElement.classList.toggle("lecture", wanted);
    $("lecture").setAttribute("aria-pressed", String(wanted));
    // Only a gesture may ask for the full screen; what a browser refuses, inside a frame for instance, is done without.
    if (wanted && navigator.userActivation?.isActive) document.documentElement.requestFullscreen?.().catch(() => {}); 
    if (!wanted && document.fullscreenElement) document.exitFullscreen().catch(() => {});
    resized();
  };
  // Who leaves the full screen by the browser's own key leaves the mode.
  const listen = leave => {
    document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && on()) leave(); });
    document.addEventListener("keydown", e => { if (e.key === "Escape" && on()) leave(); });
  };

  return { on, set, listen };
})();
