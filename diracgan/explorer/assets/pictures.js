// The phase planes as one picture with its title: SVG, and PNG made from it.
"use strict";

const Pictures = (() => {
  const SCALE = 4, TITLE = 30, FONT = "600 14px sans-serif";
  const view = name => Bokeh.index.find_one_by_id ? Bokeh.index.find_one_by_id(Models.model(name).id) : Bokeh.index[Models.model(name).id];

  const heading = side => {
    const values = Controls.sliders(side).map(x => `${State.symbol(x.d)} = ${show(side[x.group][x.d.name] ?? x.d.default)}`);
    return `${INFO.methods[side.m].title}, ${Controls.algorithmTitle(side.a)}: ${values.join(", ")}`;
  };

  const measured = text => {
    const ctx = document.createElement("canvas").getContext("2d");
    ctx.font = FONT;
    return ctx.measureText(text).width;
  };

  // Both planes side by side, each below its title.
  const svg = s => {
    const spec = new XMLSerializer(), parts = [];
    let width = 0, height = 0;
    for (const [name, side] of [["phase", s.A], ...(s.B ? [["phaseB", s.B]] : [])]) {
      const { canvas: given, ctx } = view(name).export("svg", false), box = view(name).bbox ?? given;
      const node = new DOMParser().parseFromString(ctx.get_serialized_svg(true), "image/svg+xml").documentElement;
      const title = document.createElementNS("http://www.w3.org/2000/svg", "text"), room = box.width - 24;
      for (const [k, v] of Object.entries({ x: width + 12, y: 20, style: `font: ${FONT}`, fill: Theme.ink() })) title.setAttribute(k, v);
      title.textContent = heading(side);
      if (measured(heading(side)) > room) { title.setAttribute("textLength", room); title.setAttribute("lengthAdjust", "spacingAndGlyphs"); }
      node.setAttribute("x", width); node.setAttribute("y", TITLE);
      parts.push(spec.serializeToString(title), spec.serializeToString(node));
      width += box.width; height = Math.max(height, box.height + TITLE);
    }
    return { width, height, text: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="${Theme.paper()}"/>${parts.join("")}</svg>` };
  };

  const download = (name, blob) => {
    const a = Controls.make("a", { href: URL.createObjectURL(blob), download: name });
    a.click(); setTimeout(() => URL.revokeObjectURL(a.href), 4000);
  };
  const blob = text => new Blob([text], { type: "image/svg+xml" });

  const canvas = async (s, scale) => {
    const { text, width, height } = svg(s), image = new Image(), canvas = document.createElement("canvas");
    const url = URL.createObjectURL(blob(text));
    await new Promise((done, failed) => { image.onload = done; image.onerror = failed; image.src = url; });
    canvas.width = scale * width; canvas.height = scale * height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(url);
    return canvas;
  };
  const savePng = async s => (await canvas(s, SCALE)).toBlob(file => download("diracgan-phase.png", file));

  return { view, heading, canvas, download, savePng, saveSvg: s => download("diracgan-phase.svg", blob(svg(s).text)) };
})();
