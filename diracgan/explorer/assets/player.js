// The steps of the paths, one after the other.
"use strict";

const Player = (() => {
  const $ = id => document.getElementById(id), TICK = 40;
  let playing = null;

  const running = () => playing !== null;
  const stop = () => { clearInterval(playing); playing = null; $("play").textContent = "▶ Play"; };
  const longest = shown => Math.max(0, ...shown.flatMap(side => side.all.map(run => run.xs.length - 1)));

  // What became of the paths that ended before the last step.
  const ends = (side, steps) => side.all.map((run, k) => run.end && run.xs.length - 1 < steps
    ? `path ${k + 1} ${run.end === "stuck" ? "cannot be continued past a kink" : "diverged"} after step ${run.xs.length - 1}` : null).filter(Boolean);
  const text = (s, shown) => {
    const [first, ...more] = shown.flatMap((side, k) => ends(side, s.steps).map(e => (k ? "B: " : "") + e));
    $("scrub").value = s.step;
    $("stepno").textContent = `step ${s.step} of ${s.steps}`;
    $("ended").textContent = first ? `${first}${more.length ? `, and ${more.length} more` : ""}` : "";
  };

  const play = (get, goto) => {
    if (playing) return stop();
    const began = get();
    if (began.step >= Math.min(began.steps, longest(began.shown))) goto(0);
    $("play").textContent = "⏸ Pause";
    let due = 0;
    playing = setInterval(() => {
      const { step, steps, shown } = get(), end = Math.min(steps, longest(shown));
      due += Number($("speed").value) * TICK / 1000;
      const go = Math.floor(due);
      due -= go;
      if (go) goto(Math.min(end, step + go));
      if (step + go >= end) stop();
    }, TICK);
  };

  return { play, stop, running, text };
})();
