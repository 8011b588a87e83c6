// The sizes of the plots, by the room that there is.
"use strict";

const Arrangement = (() => {
  const $ = id => document.getElementById(id);

  const fit = s => {
    const plot = $("plot-phase"), wide = $("boxA").clientWidth - 0.5 * 16 - 106, top = plot.getBoundingClientRect().top + window.scrollY;
    const high = window.innerHeight - top - $("player").offsetHeight - 96;
    const side = Math.max(180, Math.floor(Math.min(wide, Math.max(s.B ? 240 : 300, high))));
    for (const name of ["phase", "phaseB"]) Models.model(name).setv({ frame_width: side, frame_height: side });
    const small = Math.max(150, Math.min(s.B ? 300 : 240, $("plot-spectrum").clientWidth - 80));
    Models.model("spectrum").setv({ frame_width: small, frame_height: small });
  };

  return { fit };
})();
