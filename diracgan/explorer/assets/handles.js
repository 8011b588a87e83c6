// The starts as handles: a click takes one away, a drag moves it, a click beside them adds one; and what is under the pointer.
"use strict";

const Handles = (() => {
  const REACH = 11, STILL = 4; // pixels
  const host = name => document.getElementById(`plot-${name}`);

  const scales = name => { const { frame } = Pictures.view(name); return [frame.x_scale, frame.y_scale]; };
  const offset = (name, e) => { const box = host(name).firstElementChild.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
  // A finger is no more precise.
  const place = (name, e) => scales(name).map((scale, k) => +scale.invert(offset(name, e)[k]).toPrecision(5));
  const inside = (name, e) => { const { bbox } = Pictures.view(name).frame, [x, y] = offset(name, e); return x >= bbox.left && x <= bbox.right && y >= bbox.top && y <= bbox.bottom; };
  const under = (name, s, e) => {
    const [x, y] = offset(name, e), [sx, sy] = scales(name), away = s.starts.map(p => Math.hypot(sx.compute(p[0]) - x, sy.compute(p[1]) - y));
    const k = away.indexOf(Math.min(...away));
    return k >= 0 && away[k] <= REACH ? k : -1;
  };

  // ---- the read-out
  const words = (shown, x) => {
    const { F } = shown, v = F.velocity(x), pull = F.slope?.(x);
    return [`θ = ${show(x[0], 3)}`, `ψ = ${show(x[1], 3)}`, ...(pull === undefined || pull === null ? [] : [`f'(${F.equilibrium[0] ? "D(θ)" : "θψ"}) = ${show(pull, 3)}`]), `|v| = ${show(Math.hypot(...v), 3)}`].join("   ");
  };
  const readout = name => {
    const known = host(name).querySelector(":scope > .readout");
    if (known) return known;
    const box = Controls.make("div", { class: "readout", "aria-hidden": "true" });
    host(name).append(box);
    return box;
  };

  // `hooks.before` precedes a change, `hooks.moved(k, x)` and `hooks.removed(k)` are the changes.
  const listen = (name, get, hooks) => {
    let held = null;
    // Before Bokeh's own tools see it, which would pan the plane or add a start.
    const taken = e => { e.stopPropagation(); e.preventDefault(); };
    const on = (kind, act) => host(name).addEventListener(kind, act, { capture: true });
    on("pointerdown", e => {
      const k = e.button ? -1 : under(name, get().s, e);
      if (k < 0) return;
      taken(e);
      held = { k, from: offset(name, e), moving: false };
      host(name).setPointerCapture(e.pointerId);
    });
    on("pointermove", e => {
      if (!held) return look(e);
      taken(e);
      const [x, y] = offset(name, e);
      if (!held.moving && Math.hypot(x - held.from[0], y - held.from[1]) < STILL) return;
      if (!held.moving) hooks.before();
      held.moving = true;
      const at = place(name, e);
      if (at.every(v => Math.abs(v) <= LIMITS.largest)) hooks.moved(held.k, at);
    });
    on("pointerup", e => {
      if (!held) return;
      taken(e);
      const { k, moving } = held;
      held = null;
      if (!moving) { hooks.before(); hooks.removed(k); } else hooks.ended();
    });
    on("pointercancel", () => { held = null; });
    const look = e => {
      const { s, shown } = get(), side = shown[name === "phase" ? 0 : 1], box = readout(name), seen = side && inside(name, e);
      box.hidden = !seen;
      if (!seen) return;
      box.textContent = words(side, place(name, e));
      host(name).style.cursor = under(name, s, e) >= 0 ? "grab" : "";
    };
    host(name).addEventListener("pointerleave", () => { readout(name).hidden = true; });
  };

  return { listen, words };
})();
