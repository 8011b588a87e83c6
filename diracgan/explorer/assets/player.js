// The steps of the paths, one after the other.
"use strict";

const Player = (() => {
  const $ = id => document.getElementById(id), TICK = 40;
  let playing = null;

  const running = () => playing !== null;
  const stop = () => { clearInterval(playing); playing = null; $("play").textContent = "▶ Play"; };
  // The last step of A at which something still moves.
  const longest = ({ shown, s }) => Math.max(0, ...shown.flatMap(({ all, side }) => all.map(run => Math.ceil((run.xs.length - 1) * Clock.per(s, side) / Clock.per(s, s.A)))));

  // What became of the paths that did not simply go on.
  const ends = (s, { all, side }) => all.map((run, k) => run.end && run.end !== "coming" || run.fate?.kind === "diverged"
    ? `path ${k + 1} ${Paths.words(side, run, Clock.steps(s, side))}` : null).filter(Boolean);
  const text = (s, shown) => {
    const [first, ...more] = shown.flatMap((side, k) => ends(s, side).map(e => (k ? "B: " : "") + e));
    const time = Clock.mixed(s) || s.A.a === "flow" ? `, time ${show(s.step * Clock.per(s, s.A), 3)}` : "";
    $("scrub").value = s.step;
    $("stepno").textContent = `step ${s.step} of ${s.steps}${time}`;
    $("ended").textContent = shown.some(side => side.all.some(run => run.end === "coming")) ? "computing the paths …"
      : first ? `${first}${more.length ? `, and ${more.length} more` : ""}` : "";
  };

  const play = (get, goto) => {
    if (playing) return stop();
    const began = get();
    if (began.step >= Math.min(began.steps, longest(began))) goto(0);
    $("play").textContent = "⏸ Pause";
    let due = 0;
    playing = setInterval(() => {
      const now = get(), end = Math.min(now.steps, longest(now));
      due += Number($("speed").value) * TICK / 1000;
      const go = Math.floor(due);
      due -= go;
      if (go) goto(Math.min(end, now.step + go));
      if (now.step + go >= end) stop();
    }, TICK);
  };

  return { play, stop, running, text };
})();
