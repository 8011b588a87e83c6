// The same in words, for those who do not see it.
"use strict";

const Describe = (() => {
  const seen = side => side.named.join("; ") || "no fixed point in view";
  const all = (s, shown) => {
    const [a, b] = shown, run = a.all[0], last = run ? `The first path ends at (${show(run.xs.at(-1), 3)}, ${show(run.ys.at(-1), 3)}) after ${run.xs.length - 1} steps.` : "";
    const label = (id, text) => document.getElementById(id).setAttribute("aria-label", text);
    label("plot-phase", `Phase plane of ${INFO.methods[s.A.m].title}. ${seen(a)}. ${last}`);
    if (b) label("plot-phaseB", `Phase plane of ${INFO.methods[s.B.m].title}. ${seen(b)}.`);
    const eig = a.spec ? a.spec.values.map(z => `${show(z[0])} ${z[1] < 0 ? "minus" : "plus"} ${show(Math.abs(z[1]))} i`).join(", ") : "none";
    label("plot-spectrum", `Eigenvalues in the complex plane: ${eig}`);
    label("plot-line", `Discriminator and the points of data and generator at step ${s.step}`);
    label("plot-series", `θ and ψ of the first path over the steps. ${last}`);
    label("plot-distance", "Distance to the equilibrium over the steps, logarithmic, with the predicted rate");
    document.getElementById("points").textContent = b ? `A: ${seen(a)}. B: ${seen(b)}.` : seen(a);
  };
  return { all };
})();
