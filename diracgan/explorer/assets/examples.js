// The situations worth seeing as buttons, and the story of the one that is shown.
"use strict";

const Examples = (() => {
  const $ = id => document.getElementById(id), { make } = Controls;

  const tell = item => {
    $("story-box").hidden = !item;
    $("story-box").replaceChildren(make("h2", { id: "story-title" }, item?.title ?? ""), make("p", { id: "story" }, item?.text ?? ""));
  };
  const fill = chosen => {
    for (const [title, items] of PRESETS) {
      const chips = items.map(item => make("button", { type: "button", class: "chip", onclick: () => chosen(item) }, item.title));
      $("chips").append(...(title === PRESETS[0][0] ? chips : [make("details", {}, make("summary", {}, title), ...chips)]));
    }
  };

  return { tell, fill };
})();
