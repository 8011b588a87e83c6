// Wires state, controls and views together.
"use strict";

(async () => {
  const $ = id => document.getElementById(id), { make } = Controls;
  let [s, problem] = State.read(location.hash), shown = [], pending = false, playing = null, writing = 0;
  const history = [];

  const say = text => { $("message").textContent = text; $("message").hidden = !text; };
  const roots = Object.fromEntries(DOCUMENT.roots.map(r => [r.attributes.name, $("plot-" + r.attributes.name)]));
  Bokeh.set_log_level("error");
  const id = "diracgan-document", item = { docid: id, roots: Object.fromEntries(DOCUMENT.roots.map(r => [r.id, roots[r.attributes.name].id])), root_ids: DOCUMENT.roots.map(r => r.id) };
  await Bokeh.embed.embed_items({ [id]: DOCUMENT }, [item]);
  Models.open(Bokeh.documents[Bokeh.documents.length - 1]);

  const edgeText = () => {
    const x = Controls.slider(s);
    return x && Stability.neighbourhood(s.A, x);
  };

  const speak = () => {
    const [a] = shown, run = a.all[0], name = INFO.methods[s.A.m].title, last = run ? `The first path ends at (${show(run.xs.at(-1), 3)}, ${show(run.ys.at(-1), 3)}) after ${run.xs.length - 1} steps.` : "";
    $("plot-phase").setAttribute("aria-label", `Phase plane of ${name}. ${a.named.join("; ") || "No fixed point in view"}. ${last}`);
    if (shown[1]) $("plot-phaseB").setAttribute("aria-label", `Phase plane of ${INFO.methods[s.B.m].title}. ${shown[1].named.join("; ") || "No fixed point in view"}.`);
    const eig = a.spec ? a.spec.values.map(z => `${show(z[0])} ${z[1] < 0 ? "minus" : "plus"} ${show(Math.abs(z[1]))} i`).join(", ") : "none";
    $("plot-spectrum").setAttribute("aria-label", `Eigenvalues in the complex plane: ${eig}`);
    $("plot-line").setAttribute("aria-label", `Discriminator line and the two Diracs at step ${s.step}`);
    $("plot-series").setAttribute("aria-label", `θ and ψ of the first path over the steps. ${last}`);
    $("plot-distance").setAttribute("aria-label", `Distance to the equilibrium over the steps, logarithmic, with the predicted rate`);
    const counts = a.named.length ? a.named.join("; ") : "no fixed point in view";
    $("points").textContent = counts;
  };

  const link = () => {
    clearTimeout(writing);
    writing = setTimeout(() => { try { window.history.replaceState(null, "", State.write(s)); } catch { /* a sandboxed frame has no address */ } }, 250);
  };

  let slow = 0;
  const compute = () => {
    shown = Views.draw(s);
    $("cardB").hidden = !s.B;
    Controls.card($("card"), shown[0], s, null);
    if (s.B) Controls.card($("cardB"), shown[1], s, null);
    clearTimeout(slow);
    slow = setTimeout(() => { const text = edgeText(); if (text && !shown[0].verdict.title) Controls.card($("card"), shown[0], s, text); }, 60);
    stepText();
    speak();
  };
  const update = () => {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => { pending = false; compute(); link(); });
  };
  const changed = key => { if (key.includes(".")) s.slide = key; $("slide").textContent = slideName(); update(); };
  const slideName = () => { const x = Controls.slider(s); return x ? `over ${State.symbol(x.d)} from ${show(x.span[0])} to ${show(x.span[1])}` : ""; };

  const rebuild = () => {
    Controls.sidePanel($("sideA"), s.A, "", changed, rebuild);
    $("sideB").hidden = !s.B; $("boxB").hidden = !s.B;
    if (s.B) Controls.sidePanel($("sideB"), s.B, "B", key => changed(key.includes(".") ? "set" : key), rebuild);
    $("compare").setAttribute("aria-pressed", String(Boolean(s.B)));
    document.body.classList.toggle("comparing", Boolean(s.B));
    $("steps").value = s.steps; $("scrub").max = s.steps; $("scrub").value = s.step;
    $("direction").hidden = s.A.a !== "flow" && (!s.B || s.B.a !== "flow");
    $("backward").checked = s.backward;
    $("title").textContent = `${INFO.methods[s.A.m].title}, ${Controls.algorithmTitle(s.A.a)}`;
    if (s.B) $("titleB").textContent = `${INFO.methods[s.B.m].title}, ${Controls.algorithmTitle(s.B.a)}`;
    $("spectrum-title").textContent = s.A.a === "flow" ? "Eigenvalues of the flow" : "Eigenvalues of the update";
    $("slide").textContent = slideName();
    for (const box of document.querySelectorAll("#layers input")) box.checked = s.layers.includes(box.value);
    listStarts(); resize(); update();
  };
  const listStarts = () => {
    $("starts").replaceChildren(...s.starts.map((p, k) => make("li", {}, make("span", { class: "swatch", style: `background:${COLOURS[k % COLOURS.length]}` }), `(${show(p[0], 3)}, ${show(p[1], 3)})`)));
  };

  const launch = (x, y) => {
    if (s.starts.length >= 8) s.starts.shift();
    s.starts.push([+x.toPrecision(5), +y.toPrecision(5)]);
    listStarts(); update();
  };
  const stepText = () => { $("scrub").value = s.step; $("stepno").textContent = `step ${s.step} of ${s.steps}`; };
  const goto = k => {
    s.step = Math.max(0, Math.min(s.steps, k));
    stepText(); if (shown.length) Views.cursor(s, shown); link();
  };
  const stop = () => { clearInterval(playing); playing = null; $("play").textContent = "▶ Play"; };
  const play = () => {
    if (playing) return stop();
    if (s.step >= s.steps) goto(0);
    $("play").textContent = "⏸ Pause";
    playing = setInterval(() => { if (s.step >= s.steps) stop(); else goto(s.step + 1); }, 60);
  };

  const resize = () => {
    const wide = $("boxA").clientWidth - 104, both = s.B ? wide : Math.min(wide, Math.max(300, window.innerHeight - 220));
    const side = Math.max(180, Math.floor(both));
    for (const name of ["phase", "phaseB"]) Models.model(name).setv({ frame_width: side, frame_height: side });
    const small = Math.max(150, Math.min(240, $("plot-spectrum").clientWidth - 70));
    Models.model("spectrum").setv({ frame_width: small, frame_height: small });
  };

  const preset = item => { history.push(State.write(s)); [s, problem] = State.read(item.link); $("story").textContent = item.text; $("story-title").textContent = item.title; $("story-box").hidden = false; stop(); rebuild(); };
  const fillPresets = () => {
    const chips = (host, items) => host.append(...items.map(item => make("button", { type: "button", class: "chip", onclick: () => preset(item) }, item.title)));
    chips($("chips"), PRESETS[0][1]);
    for (const [title, items] of PRESETS.slice(1)) { const box = make("details", {}, make("summary", {}, title)); chips(box, items); $("chips").append(box); }
  };

  const download = (name, blob) => {
    const a = make("a", { href: URL.createObjectURL(blob), download: name });
    a.click(); setTimeout(() => URL.revokeObjectURL(a.href), 4000);
  };
  const view = name => Object.values(Bokeh.index).length !== undefined && Bokeh.index.find_one_by_id ? Bokeh.index.find_one_by_id(Models.model(name).id) : Bokeh.index[Models.model(name).id];
  const png = async () => { const c = view("phase").export("png", true); c.canvas.toBlob(b => download("diracgan-phase.png", b)); };
  const svg = async () => { const c = view("phase").export("svg", true); download("diracgan-phase.svg", new Blob([c.ctx.get_serialized_svg(true)], { type: "image/svg+xml" })); };
  const copy = async (text, done) => {
    try { await navigator.clipboard.writeText(text); say(done); } catch { /* no permission: the text is shown instead */ say(""); }
  };

  // ---- events
  $("compare").onclick = () => { s.B = s.B ? null : State.side(s.A.m === "gan" ? "r1" : "gan", s.A.a); if (s.B && s.A.q.h) s.B.q = s.A.a === "flow" ? {} : { h: s.A.q.h }; rebuild(); };
  $("theme").onclick = () => { document.documentElement.dataset.theme = Theme.dark() ? "light" : "dark"; $("theme").setAttribute("aria-pressed", String(Theme.dark())); Theme.apply(); update(); };
  $("python").onclick = () => { const text = State.python(s); $("code").textContent = text; $("dialog").showModal(); copy(text, "Python code copied."); };
  $("close").onclick = () => $("dialog").close();
  $("link").onclick = () => { const to = location.href.split("#")[0] + State.write(s); copy(to, "Link copied."); };
  $("png").onclick = png; $("svg").onclick = svg;
  $("add").onclick = () => { const x = Number($("x0").value), y = Number($("y0").value); if (Number.isFinite(x) && Number.isFinite(y) && Math.max(Math.abs(x), Math.abs(y)) <= 1e6) launch(x, y); else say("A start needs two numbers."); };
  for (const field of ["x0", "y0"]) $(field).onkeydown = e => { if (e.key === "Enter") $("add").click(); };
  $("undo").onclick = () => { s.starts.pop(); listStarts(); update(); };
  $("clear").onclick = () => { s.starts = []; listStarts(); update(); };
  $("steps").onchange = e => { const n = Math.round(Number(e.target.value)); s.steps = Math.max(1, Math.min(5000, Number.isFinite(n) ? n : 160)); e.target.value = s.steps; $("scrub").max = s.steps; s.step = Math.min(s.step, s.steps); update(); };
  $("backward").onchange = e => { s.backward = e.target.checked; update(); };
  $("scrub").oninput = e => goto(Number(e.target.value));
  $("play").onclick = play; $("first").onclick = () => goto(0); $("back").onclick = () => goto(s.step - 1); $("forth").onclick = () => goto(s.step + 1); $("last").onclick = () => goto(s.steps);
  const zoom = f => { const [a, b, c, d] = s.box, x = (a + b) / 2, y = (c + d) / 2, w = (b - a) / 2 * f; s.box = [x - w, x + w, y - w, y + w]; update(); };
  $("in").onclick = () => zoom(1 / 1.5); $("out").onclick = () => zoom(1.5); $("home").onclick = () => { s.box = [-2, 2, -2, 2]; update(); };
  $("layers").onchange = () => { s.layers = [...document.querySelectorAll("#layers input:checked")].map(b => b.value); update(); };
  for (const [key, text] of Object.entries(State.LAYERS)) $("layers").append(make("label", { class: "check" }, make("input", { type: "checkbox", value: key }), " ", text));
  for (const name of ["phase", "phaseB"]) {
    Models.model(name).on_event("tap", e => launch(e.x, e.y));
    for (const kind of ["panend", "pinchend", "mousewheel"]) Models.model(name).on_event(kind, () => {
      const { x_range: x, y_range: y } = Models.model(name), box = [x.start, x.end, y.start, y.end];
      if (box.every((v, i) => v === s.box[i]) || !(box[1] - box[0] > 1e-9)) return;
      s.box = box; update();
    });
  }
  document.addEventListener("keydown", e => {
    if (e.target.matches("input, select, textarea, button, summary, [contenteditable]") || e.ctrlKey || e.metaKey || e.altKey) return;
    const act = { " ": play, ArrowRight: () => goto(s.step + 1), ArrowLeft: () => goto(s.step - 1), Home: () => goto(0), End: () => goto(s.steps), "+": () => zoom(1 / 1.5), "-": () => zoom(1.5), u: () => $("undo").click(), c: () => $("clear").click() }[e.key];
    if (act) { e.preventDefault(); act(); }
  });
  window.addEventListener("hashchange", () => { [s, problem] = State.read(location.hash); rebuild(); report(); });
  window.addEventListener("resize", () => { resize(); });
  const report = () => say(problem ? `This link could not be read (${problem}); the default view is shown instead.` : "");

  if (!document.documentElement.dataset.theme) document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  $("theme").setAttribute("aria-pressed", String(Theme.dark()));
  fillPresets(); Theme.apply(); rebuild(); report();

  const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
  window.explorer = {
    state: () => JSON.parse(JSON.stringify(s)), shown: () => shown, read: State.read, write: () => State.write(s), python: () => State.python(s), compute, painted,
    model: Models.model, frame: name => { const v = view(name); return v.frame ? { width: v.frame.bbox.width, height: v.frame.bbox.height, left: v.frame.bbox.left, top: v.frame.bbox.top } : null; },
    view,
  };
  document.body.dataset.ready = "yes";
})();
