// The plots of the document by name, and their colours in light and dark.
"use strict";

const Models = (() => {
  let doc = null;
  const models = new Map();
  const model = name => {
    if (!models.has(name)) models.set(name, doc.get_model_by_name(name));
    return models.get(name);
  };
  const put = (name, data) => { model(name).data = data; };
  const clear = name => put(name, Object.fromEntries(model(name).columns().map(column => [column, []])));
  // Shows every plot of the document in the place that is named after it.
  const embed = async () => {
    const hosts = Object.fromEntries(DOCUMENT.roots.map(root => [root.id, `plot-${root.attributes.name}`]));
    await Library.ready();
    Bokeh.set_log_level("error");
    const id = "diracgan-document";
    await Bokeh.embed.embed_items({ [id]: DOCUMENT }, [{ docid: id, roots: hosts, root_ids: Object.keys(hosts) }]);
    doc = Bokeh.documents.at(-1);
    // A finger scrolls the page: it cannot pan the plane as well.
    if (matchMedia("(pointer: coarse)").matches) for (const name of ["phase", "phaseB"]) {
      for (const tool of model(name).toolbar.tools) tool.active = false;
      model(name).toolbar.active_changed.emit();
    }
  };
  return { embed, model, put, clear };
})();

const Theme = (() => {
  const dark = () => document.documentElement.dataset.theme === "dark";
  const ink = () => dark() ? "#e8ebef" : "#16202c", paper = () => dark() ? "#181d24" : "#ffffff";
  const apply = () => {
    const px = size => `${Math.round(size * parseFloat(getComputedStyle(document.documentElement).fontSize))}px`;
    const soft = dark() ? "#a3adba" : "#4a5665", line = dark() ? "#3a434f" : "#c9d0d9";
    for (const name of ["phase", "phaseB", "spectrum", "line", "series", "distance", "plane", "strip"]) {
      const plot = Models.model(name);
      plot.setv({ background_fill_color: paper(), border_fill_color: paper(), outline_line_color: line });
      for (const axis of [...plot.below, ...plot.left]) axis.setv({ axis_label_text_color: soft, major_label_text_color: soft, axis_line_color: line, axis_label_text_font_size: px(0.82), major_label_text_font_size: px(0.75), major_tick_line_color: line });
      for (const grid of plot.center) if (grid.setv && "grid_line_color" in grid.attributes) grid.setv({ grid_line_color: soft, grid_line_alpha: 0.2 });
    }
  };
  return { dark, ink, paper, apply };
})();
