// What is shown, as one plain object: its defaults, its checks, and its form in the address bar.
"use strict";

const State = (() => {
  const LAYERS = { arrows: "arrows", update: "arrows of the update", streams: "streamlines", nulls: "nullclines", fixed: "fixed points", energy: "energy", locus: "eigenvalue locus", saddles: "manifolds of saddles", cycles: "cycles", fates: "fate of every start", times: "time to converge" };
  const SHOWN = ["arrows", "nulls", "fixed", "saddles", "cycles", "locus"];

  const STRIPS = ["radius", "theta", "psi"];

  const side = (m = "r1", a = "altgd") => ({ m, p: {}, a, q: a === "flow" ? {} : { h: 0.2 } });
  const initial = () => ({ A: side(), B: null, starts: [[1.6, 1.2], [-1.7, 0.3]], steps: 160, box: [-2, 2, -2, 2],
    layers: [...SHOWN], slide: "p.gamma", plane: null, strip: null, parts: null, controls: [], step: 0, story: null, lecture: false, backward: false });

  class Broken extends Error {}
  const fail = text => { throw new Broken(text); };
  const finite = (text, what) => {
    const v = text === null || text.trim() === "" ? NaN : Number(text);
    if (!Number.isFinite(v)) fail(`${what} is not a number`);
    if (Math.abs(v) > LIMITS.largest) fail(`${what} is beyond ${show(LIMITS.largest)}`);
    return v;
  };
  const own = (table, name) => Object.prototype.hasOwnProperty.call(table, name);

  const check = (declared, value) => {
    const { low, high, open, whole, choices, name } = declared;
    if (choices && !choices.includes(value)) fail(`${name} must be one of ${choices.join(", ")}`);
    if (!(Math.abs(value) <= LIMITS.largest)) fail(`${name} must be a number of at most ${show(LIMITS.largest)}`);
    if (whole && !Number.isInteger(value)) fail(`${name} must be a whole number`);
    if (whole && !choices && value > LIMITS.updates) fail(`${name} must be at most ${LIMITS.updates}`);
    if ((low !== null && (open ? value <= low : value < low)) || (high !== null && value > high)) fail(`${name} is out of bounds`);
    return value;
  };
  const RATE = { name: "h", symbol: "h", help: "learning rate of both players", default: 0.2, low: 0, high: null, open: true, span: [0.01, 6] };
  // The data has a name of its own, since the losses call their labels a.
  const symbol = d => d.name === "data" ? "x_data" : d.symbol;
  const declarations = s => ({
    p: Object.fromEntries([...INFO.methods[s.m].parameters, ...INFO.methods[s.m].settings].map(d => [d.name, d])),
    q: s.a === "flow" ? {} : Object.fromEntries([RATE, ...INFO.algorithms[s.a].parameters, ...INFO.algorithms[s.a].settings].map(d => [d.name, d])),
  });

  const allowed = (table, name, value) => {
    if (!own(table, name)) return false;
    try { check(table[name], value); return true; } catch { return false; }
  };

  const readSide = (params, prefix) => {
    const m = params.get(prefix + "m") ?? "r1", a = params.get(prefix + "a") ?? "altgd";
    for (const name of [m, a]) if (INFO.missing.includes(name)) fail(`${name} could not be compiled for this page`);
    if (!own(INFO.methods, m)) fail("the method is unknown");
    if (a !== "flow" && !own(INFO.algorithms, a)) fail("the algorithm is unknown");
    const s = { m, p: {}, a, q: {} }, known = declarations(s);
    for (const [key, text] of params) {
      if (!key.startsWith(prefix)) continue;
      const [group, name] = [key.slice(prefix.length, prefix.length + 2), key.slice(prefix.length + 2)];
      if (group !== "p." && group !== "q.") continue;
      const table = known[group[0]];
      if (!own(table, name)) fail("a hyper-parameter is unknown");
      s[group[0]][name] = check(table[name], finite(text, name));
    }
    if (a !== "flow" && s.q.h === undefined && s.q.h_g === undefined) s.q.h = 0.2;
    return s;
  };

  // `circles.2` is the second question of a story, `circles.2.1` that with the second answer given, −1 for none.
  const readStory = text => {
    const [, name, step, answer] = /^([a-z-]+)\.(\d+)(?:\.(-1|\d+))?$/.exec(text) ?? [], one = name !== undefined && own(STORIES, name) && STORIES[name].steps[step - 1];
    if (!one || !(answer === undefined || Number(answer) < one.answers.length)) fail("the story is unknown");
    return { name, step: Number(step), answer: answer === undefined ? null : Number(answer) };
  };
  // A link that names a story and nothing else opens the view of its step.
  const told = params => {
    if (!params.has("story") || params.has("m")) return params;
    const { name, step, answer } = readStory(params.get("story")), one = STORIES[name].steps[step - 1];
    return new URLSearchParams([...new URLSearchParams((answer === null ? one.view : one.then).slice(1)), ...params]);
  };

  // The state that a fragment says; throws `Broken` with a reason that holds nothing of the fragment itself.
  const parse = fragment => {
    if (fragment.length > 4000) fail("the link is too long");
    const params = told(new URLSearchParams(fragment.replace(/^#/, ""))), s = initial();
    s.A = readSide(params, "");
    s.B = params.has("c.m") ? readSide(params, "c.") : null;
    if (params.has("x")) {
      s.starts = params.get("x").split(";").filter(Boolean).map(pair => {
        const xy = pair.split(",");
        if (xy.length !== 2) fail("a start is not a pair");
        return xy.map(v => finite(v, "a start"));
      });
      if (s.starts.length > LIMITS.starts) fail(`there are more than ${LIMITS.starts} starts`);
    }
    if (params.has("n")) s.steps = finite(params.get("n"), "the number of steps");
    if (!Number.isInteger(s.steps) || s.steps < 1 || s.steps > LIMITS.rounds) fail(`the number of steps must be 1 … ${LIMITS.rounds}`);
    if (params.has("box")) s.box = params.get("box").split(",").map(v => finite(v, "the box"));
    if (s.box.length !== 4 || !(s.box[1] - s.box[0] > 1e-9) || !(s.box[3] - s.box[2] > 1e-9)) fail("the box is empty");
    if (params.has("show")) s.layers = params.get("show").split(",").filter(Boolean);
    if (!s.layers.every(l => own(LAYERS, l))) fail("a layer is unknown");
    if (params.has("slide")) s.slide = params.get("slide");
    if (params.has("plane")) s.plane = params.get("plane").split(",");
    if (s.plane && !(s.plane.length === 2 && s.plane.every(key => /^[pa]\.[a-z_0-9]+$/.test(key)))) fail("the plane is unknown");
    if (params.has("strip")) s.strip = params.get("strip");
    if (s.strip !== null && !STRIPS.includes(s.strip)) fail("the strip is unknown");
    if (params.has("parts")) s.parts = params.get("parts").split(",").filter(Boolean);
    if (s.parts && !(s.parts.length && s.parts.every(name => PARTS.includes(name)))) fail("a part is unknown");
    if (params.has("controls")) s.controls = params.get("controls").split(",").filter(Boolean);
    if (!s.controls.every(name => /^[a-z_0-9]{1,40}$/.test(name))) fail("a control is unknown");
    if (params.has("story")) s.story = readStory(params.get("story"));
    s.lecture = params.get("lecture") === "1";
    if (params.has("k")) s.step = finite(params.get("k"), "the step");
    if (!Number.isInteger(s.step) || s.step < 0 || s.step > s.steps) fail("the step is out of range");
    s.backward = params.get("back") === "1";
    return s;
  };

  const write = s => {
    const out = new URLSearchParams();
    const put = (x, prefix) => {
      out.set(prefix + "m", x.m); out.set(prefix + "a", x.a);
      for (const g of ["p", "q"]) for (const [k, v] of Object.entries(x[g])) out.set(`${prefix}${g}.${k}`, v);
    };
    put(s.A, "");
    if (s.B) put(s.B, "c.");
    out.set("x", s.starts.map(p => p.join(",")).join(";"));
    out.set("n", s.steps); out.set("box", s.box.map(v => +v.toPrecision(12)).join(","));
    out.set("show", s.layers.join(",")); out.set("slide", s.slide);
    if (s.plane) out.set("plane", s.plane.join(","));
    if (s.strip) out.set("strip", s.strip);
    if (s.parts) out.set("parts", s.parts.join(","));
    if (s.controls.length) out.set("controls", s.controls.join(","));
    if (s.story) out.set("story", [s.story.name, s.story.step, ...(s.story.answer === null ? [] : [s.story.answer])].join("."));
    if (s.lecture) out.set("lecture", "1");
    if (s.step) out.set("k", s.step);
    if (s.backward) out.set("back", "1");
    return "#" + out.toString().replaceAll("%2C", ",").replaceAll("%3B", ";");
  };

  // A fragment read without fail: the state, and what was wrong with it.
  const read = fragment => {
    if (!fragment || fragment === "#") return START && START !== fragment ? read(START) : [initial(), null];
    try { return [parse(fragment), null]; } catch (problem) {
      if (!(problem instanceof Broken)) return [initial(), "it cannot be read"];
      return [initial(), problem.message];
    }
  };

  return { LAYERS, RATE, symbol, side, initial, parse, read, write, declarations, check, allowed, Broken };
})();
