// The situations worth seeing as buttons and in the list, and the story of the one that is shown.
"use strict";

const Examples = (() => {
  const $ = id => document.getElementById(id), { make } = Controls;

  const tell = item => {
    $("story").textContent = item?.text ?? ""; $("story-title").textContent = item?.title ?? ""; $("story-box").hidden = !item;
    $("preset").value = item?.link ?? "";
  };
  const look = () => {
    const { top, bottom } = $("boxA").getBoundingClientRect();
    if (top < 0 || bottom > window.innerHeight + 80) $("story-box").scrollIntoView({ block: "start" });
  };
  const fill = chosen => {
    const all = PRESETS.flatMap(([, items]) => items);
    for (const [title, items] of PRESETS) {
      const chips = items.map(item => make("button", { type: "button", class: "chip", onclick: () => chosen(item) }, item.title));
      $("chips").append(...(title === PRESETS[0][0] ? chips : [make("details", {}, make("summary", {}, title), ...chips)]));
      $("preset").append(make("optgroup", { label: title }, ...items.map(item => make("option", { value: item.link }, item.title))));
    }
    $("preset").onchange = e => { const item = all.find(i => i.link === e.target.value); if (item) chosen(item); };
  };

  return { tell, look, fill };
})();
