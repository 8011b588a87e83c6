// Long work beside the page: the same scripts in a worker, one question of each kind at a time, the latest counts.
"use strict";

const Jobs = {
  paths: (job, until) => Paths.all(job, until, true),
  locus: ({ side, key, span }) => Engine.locus(side, key, span),
  spans: ({ side, slider }) => Stability.along(side, slider),
  general: ({ side }) => Stability.general(side, Engine.field(side)),
  plane: (job, until) => Atlas.map(job, until),
  fates: (job, until) => Basin.part(job, until),
  cycles: (job, until) => Attractors.find(job, until),
  strip: (job, until) => Diagram.part(job, until),
  saddles: (job, until) => Saddles.find(job, until),
  observe: (job, until) => Attractor.observe(job, until),
};

const Work = (() => {
  const LONGEST = 20_000, asked = new Map(), waiting = new Set();
  let worker = null, count = 0;

  const source = () => [...document.querySelectorAll("script[data-shared]")].map(s => s.textContent).join("\n")
    + `\nonmessage = ({ data: { id, kind, job } }) => {
      let answer = null, problem = null;
      try { answer = Jobs[kind](job, performance.now() + ${LONGEST}); } catch (error) { problem = String(error); }
      postMessage({ id, answer, problem });
    };`;
  const start = () => {
    const url = URL.createObjectURL(new Blob([source()], { type: "text/javascript" }));
    worker = new Worker(url);
    worker.onmessage = ({ data }) => receive(data);
    URL.revokeObjectURL(url);
  };
  const receive = ({ id, answer, problem }) => {
    stale.delete(id);
    const now = [...asked].find(([, q]) => q.id === id);
    if (now) { asked.delete(now[0]); settle(); }
    if (problem) throw new Error(problem);
    if (now) now[1].done(answer);
  };
  const settle = () => { if (!asked.size) { for (const done of waiting) done(); waiting.clear(); } };

  // A question in a slot replaces the one that is still open there. An answer that nobody waits for any more is given
  // some time; then the worker is left behind and the others are asked again.
  const PATIENCE = 300;
  const stale = new Set();
  const ask = (slot, kind, job, done) => {
    drop(slot);
    if (!worker) start();
    const question = { id: ++count, kind, job, done };
    asked.set(slot, question);
    worker.postMessage({ id: question.id, kind, job });
  };
  const drop = slot => {
    const old = asked.get(slot);
    if (!old) return;
    asked.delete(slot); stale.add(old.id);
    setTimeout(() => { if (stale.has(old.id)) restart(); }, PATIENCE);
    settle();
  };
  const restart = () => {
    worker.terminate(); worker = null; stale.clear();
    if (asked.size) start();
    for (const { id, kind, job } of asked.values()) worker.postMessage({ id, kind, job });
  };
  // When no question is open.
  const settled = () => new Promise(done => asked.size ? waiting.add(done) : done());

  return { ask, drop, settled, busy: () => asked.size > 0 };
})();
