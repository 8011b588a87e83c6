// What is shown of a state: drawn at once, and said when it is known where it takes longer than a frame.
"use strict";

const Showing = (() => {
  const $ = id => document.getElementById(id), REST = 60;
  const SLOTS = ["spans", "plane", "locus", "strip", ...["paths", "general", "observe"].flatMap(name => [name + 0, name + 1]), ...["fates", "cycles", "saddles"].flatMap(name => [name, name + "B"])];
  let s = null, shown = [], slow = null, map = null, drawing = false;

  const cards = () => {
    shown.forEach((side, k) => Card.draw($(k ? "cardB" : "card"), side, s));
    Card.headline($("headline"), shown); Fates.legend(s, shown);
  };
  const texts = () => { Player.text(s, shown); Describe.all(s, shown); };
  const arrived = (k, what) => answer => { shown[k][what] = answer; cards(); };
  const late = {
    paths: (k, job) => Work.ask(`paths${k}`, "paths", job, all => {
      shown[k].all = all;
      drawing = true; Views.follow(s, shown); drawing = false;
      cards(); texts();
    }),
    locus: (job, done) => Work.ask("locus", "locus", job, done),
  };
  const structures = k => Structures.ask(k ? "B" : "", s, shown[k], arrived(k, "structures"));

  // Asked for when the change has come to rest.
  const askMore = () => {
    slow = null;
    const slider = Controls.slider(s);
    if (slider) Work.ask("spans", "spans", { side: s.A, slider }, found => arrived(0, "edges")(Stability.neighbourhood(s.A, slider, found)));
    if (map) Work.ask("plane", "plane", map, answer => Plane.refine(s, answer, shown[0].verdict));
    Strip.ask(s);
    shown.forEach(({ side, verdict }, k) => {
      if (!verdict.title) Work.ask(`general${k}`, "general", { side }, arrived(k, "general"));
      else if (verdict.kind !== "overflow") Work.ask(`observe${k}`, "observe", { side, start: s.starts[0] ?? [0.1, 0.1], rounds: 20_480 }, arrived(k, "observed"));
      Fates.ask(k ? "B" : "", s, side, answer => { arrived(k, "fates")(answer); structures(k); });
      structures(k);
    });
  };
  const compute = state => {
    s = state;
    SLOTS.forEach(Work.drop);
    clearTimeout(slow);
    drawing = true; shown = Views.draw(s, late); drawing = false;
    $("cardB").hidden = !s.B;
    shown.forEach((one, k) => { one.structures = Structures.draw(k ? "B" : "", s, one.side); });
    Strip.draw(s);
    cards();
    map = Parts.has(s, "parameters") ? Plane.draw(s, shown[0].verdict) : null;
    slow = setTimeout(askMore, REST);
    texts();
  };
  // The step that is shown.
  const step = () => { Player.text(s, shown); if (shown.length) Views.cursor(s, shown, Player.running()); };

  const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
  // When everything that has been asked for is drawn and said; `pending` says whether a change is still to be drawn.
  const settled = async pending => {
    do {
      await painted(); await painted(); await Work.settled();
      if (slow !== null) await new Promise(done => setTimeout(done, REST));
    } while (pending() || slow !== null || Work.busy());
  };

  return { compute, step, painted, settled, shown: () => shown, drawing: () => drawing };
})();
