// Wires state, controls and views together.
"use strict";

(async () => {
  const $ = id => document.getElementById(id), { make } = Controls, { say } = Notices, { painted, shown } = Showing, MOST = LIMITS.starts;
  let [s, problem] = State.read(location.hash), pending = false, writing = 0;

  Offer.make();
  // Before anything is drawn: what is not asked for is not even seen for a moment.
  document.body.classList.toggle("parts", Boolean(s.parts));
  try { await Models.embed(); } catch (failure) { return say(`This page cannot be shown: ${failure.message}.`, false, true); }

  // ---- what is shown follows the state
  const link = () => {
    clearTimeout(writing);
    writing = setTimeout(() => { try { window.history.replaceState(null, "", State.write(s)); } catch { /* a sandboxed frame has no address */ } }, 250);
  };
  const update = () => {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => { pending = false; Showing.compute(s); link(); });
  };
  const slideName = () => { const x = Controls.slider(s); return x ? `${State.symbol(x.d)} from ${show(x.span[0])} to ${show(x.span[1])}` : ""; };

  const remember = about => Undo.remember(s, about);
  const restore = state => {
    if (!state) return;
    s = state;
    Player.stop(); Film.stop(); tell(null); rebuild();
  };
  const undo = () => restore(Undo.back(s)), redo = () => restore(Undo.forth(s));
  const changed = key => { if (key.includes(".")) s.slide = key; $("slide").textContent = slideName(); About.follow($("aboutA"), s.A); if (s.B) About.follow($("aboutB"), s.B); update(); };
  const hooks = first => ({
    before: about => remember(about), refused: say, rebuilt: () => rebuild(), chosen: () => { tell(null); rebuild(); },
    changed: key => changed(first || !key.includes(".") ? key : "set"),
  });

  const titles = () => {
    $("title").textContent = s.B ? "A" : "Phase plane";
    $("spectrum-title").textContent = s.A.a === "flow" ? "Eigenvalues μ" : "Multipliers λ";
    $("slide").textContent = slideName();
  };
  const rebuild = () => {
    const focused = document.activeElement?.id;
    for (const id of ["sideB", "boxB", "aboutB"]) $(id).hidden = !s.B;
    for (const [side, tag, pick] of [[s.A, "", "pick"], ...(s.B ? [[s.B, "B", "pickB"]] : [])]) {
      const on = hooks(!tag), end = tag || "A";
      Controls.picks($(pick), side, tag, on);
      Controls.sidePanel($("side" + end), side, tag, s.B ? `Parameters of ${end}` : "Hyper-parameters", on);
      About.draw($("about" + end), side);
    }
    $("compare").setAttribute("aria-pressed", String(Boolean(s.B)));
    document.body.classList.toggle("comparing", Boolean(s.B));
    $("steps").value = s.steps; $("scrub").max = s.steps; $("scrub").value = s.step;
    $("direction").hidden = s.A.a !== "flow" && (!s.B || s.B.a !== "flow");
    $("backward").checked = s.backward;
    Undo.show();
    for (const box of document.querySelectorAll("#layers input")) box.checked = s.layers.includes(box.value);
    Stories.draw(s, visit, leave); Lecture.set(s.lecture, Theme.apply);
    Parts.arrange(s); titles(); listStarts(); Arrangement.fit(); update();
    if (focused && document.activeElement?.id !== focused) $(focused)?.focus({ preventScroll: true });
  };
  const listStarts = () => {
    $("starts").replaceChildren(...s.starts.map((p, k) => make("li", {}, make("span", { class: "swatch", style: `background:${COLOURS[k % COLOURS.length]}` }), `${k + 1}: (${show(p[0], 3)}, ${show(p[1], 3)})`)));
  };

  // ---- operations
  const launch = (x, y) => {
    if (s.starts.length >= MOST) return say(`${MOST} starts are the most: clear them, or undo the last.`);
    remember(); say("");
    s.starts.push([x, y]);
    listStarts(); update();
  };
  const add = () => {
    const [x, y] = ["x0", "y0"].map(name => $(name).value.trim() === "" ? NaN : Number($(name).value));
    if (Math.max(Math.abs(x), Math.abs(y)) <= LIMITS.largest) launch(x, y); else say(`A start needs two numbers of at most ${show(LIMITS.largest)}.`);
  };
  const clear = () => { if (s.starts.length) remember(); s.starts = []; listStarts(); update(); };
  const goto = k => {
    s.step = Math.max(0, Math.min(s.steps, k));
    Showing.step(); link();
  };
  const play = () => { Player.play(() => ({ step: s.step, steps: s.steps, shown: shown(), s }), goto); };
  let lastB = null;
  const compare = () => {
    remember();
    if (s.B) { lastB = s.B; s.B = null; } else s.B = lastB ?? { ...State.side(s.A.m === "gan" ? "r1" : "gan", s.A.a), q: s.A.a === "flow" ? {} : { h: s.A.q.h ?? s.A.q.h_g ?? 0.2 } };
    rebuild();
  };

  const { tell } = Examples;
  const preset = item => {
    remember(); Player.stop(); Film.stop();
    [s, problem] = State.read(item.link);
    tell(item); rebuild(); say(""); Menus.close();
  };

  // ---- the story that is told, and how large
  const visit = state => { remember(); Player.stop(); Film.stop(); s = { ...state, lecture: s.lecture }; tell(null); rebuild(); Menus.close(); };
  const leave = () => { s.story = null; s.step = 0; tell(null); rebuild(); };
  const teach = on => { s.lecture = on; Lecture.set(on, () => { Theme.apply(); Arrangement.fit(); }); link(); };
  const turn = (way, otherwise) => () => { if (!s.story || !s.lecture) return otherwise(); const to = Stories[way](s.story); if (to) visit(to); };

  // ---- events
  $("lecture").onclick = () => teach(!s.lecture);
  Lecture.listen(() => teach(false));
  $("compare").onclick = compare;
  $("theme").onclick = () => { document.documentElement.dataset.theme = Theme.dark() ? "light" : "dark"; $("theme").setAttribute("aria-pressed", String(Theme.dark())); Theme.apply(); update(); };
  $("python").onclick = () => Notices.python(Python.text(s, shown()));
  $("link").onclick = () => Notices.link(location.href.split("#")[0] + State.write(s));
  $("png").onclick = () => Pictures.savePng(s); $("svg").onclick = () => Pictures.saveSvg(s);
  $("webm").onclick = async () => {
    const before = s.step;
    try { await Recording.save(s, step => { goto(step); return painted(); }); say("The film is saved.", true); } catch (problem) { say(`No film: ${problem.message}.`); }
    goto(before);
  };
  $("add").onclick = add;
  for (const field of ["x0", "y0"]) $(field).onkeydown = e => { if (e.key === "Enter") add(); };
  $("undo").onclick = undo; $("redo").onclick = redo; $("clear").onclick = clear;
  $("steps").onchange = e => { remember(); const n = Math.round(Number(e.target.value)); s.steps = Math.max(1, Math.min(LIMITS.rounds, Number.isFinite(n) ? n : 160)); e.target.value = s.steps; $("scrub").max = s.steps; s.step = Math.min(s.step, s.steps); update(); };
  $("backward").onchange = e => { remember(); s.backward = e.target.checked; update(); };
  $("scrub").oninput = e => goto(Number(e.target.value));
  $("play").onclick = play; $("first").onclick = () => goto(0); $("back").onclick = () => goto(s.step - 1); $("forth").onclick = () => goto(s.step + 1); $("last").onclick = () => goto(s.steps);
  const look = box => { remember("view"); s.box = box; update(); };
  $("layers").onchange = () => { remember(); s.layers = [...document.querySelectorAll("#layers input:checked")].map(b => b.value); update(); };
  for (const [key, text] of Object.entries(State.LAYERS)) $("layers").append(make("label", { class: "check" }, make("input", { type: "checkbox", value: key }), " ", text));

  Plane.listen(() => s, {
    before: () => remember(), ended: () => rebuild(), chosen: keys => { remember(); s.plane = keys; update(); },
    moved: values => { for (const { group, name, value } of values) s.A[group][name] = value; Controls.follow("s", s.A); update(); },
  });

  Strip.listen(() => s, {
    before: () => remember(), chosen: what => { s.strip = what; update(); },
    set: ({ key, d, group }, value) => { s.A[group ?? (key[0] === "p" ? "p" : "q")][d.name] = value; Controls.follow("s", s.A); update(); },
  });

  Looking.listen(() => s, {
    look, launch, before: () => remember(), ended: () => listStarts(), moved: (k, at) => { s.starts[k] = at; update(); },
    removed: k => { s.starts.splice(k, 1); listStarts(); update(); },
  });
  Keys.listen({ " ": play, ArrowRight: turn("forth", () => goto(s.step + 1)), ArrowLeft: turn("back", () => goto(s.step - 1)), l: () => teach(!s.lecture), Home: () => goto(0), End: () => goto(s.steps), "+": () => Looking.zoom(1 / 1.5), "-": () => Looking.zoom(1.5), u: undo, r: redo, c: clear });
  // The address of the event: by the time it comes, that of the state before may have been written over it.
  window.addEventListener("hashchange", e => { remember(); Player.stop(); Film.stop(); [s, problem] = State.read(new URL(e.newURL).hash); tell(null); rebuild(); report(); });
  window.addEventListener("resize", () => { Theme.apply(); Arrangement.fit(); });
  const report = () => say(problem ? `This link could not be read (${problem}); the default view is shown instead.`
    : INFO.missing.length ? `This page is without ${INFO.missing.join(", ")}: no JavaScript could be compiled for them.` : "");

  if (!document.documentElement.dataset.theme) document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  $("theme").setAttribute("aria-pressed", String(Theme.dark()));
  Examples.fill(preset); Stories.fill(visit); Arrangement.tabs(); Arrangement.watch(); Parts.told(); Maths.listen(); Theme.apply(); rebuild(); report();

  window.explorer = {
    state: () => JSON.parse(JSON.stringify(s)), shown, read: State.read, write: () => State.write(s), python: () => Python.text(s, shown()), compute: () => Showing.compute(s), painted,
    settled: () => Showing.settled(() => pending),
    model: Models.model, frame: name => { const v = Pictures.view(name); return v.frame ? { width: v.frame.bbox.width, height: v.frame.bbox.height, left: v.frame.bbox.left, top: v.frame.bbox.top } : null; },
    view: Pictures.view,
  };
  document.body.dataset.ready = "yes";
})();
